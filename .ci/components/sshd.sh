#!/usr/bin/env bash
# sshd.sh up|down : an sshd on loopback under $QD_SSH_ROOT, with its own keys. Then:
# ssh -F $QD_SSH_ROOT/ssh_config ops
set -euo pipefail
. "$(dirname "$(realpath "$0")")/common.sh"

root=${QD_SSH_ROOT:?}
port=${QD_SSH_PORT:-}
pidfile=$root/sshd.pid

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

write_config() {
  cat >"$root/sshd_config" <<X
Port $port
ListenAddress 127.0.0.1
HostKey $root/host
PidFile $pidfile
AuthorizedKeysFile $root/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
AcceptEnv LANG COLORTERM QD_*
MaxSessions 50
MaxStartups 50:30:100
Subsystem sftp internal-sftp
X
  cat >"$root/ssh_config" <<X
Host ops
  HostName 127.0.0.1
  Port $port
  User $(id -un)
  IdentityFile $root/user
  IdentitiesOnly yes
  UserKnownHostsFile $root/known_hosts
  StrictHostKeyChecking yes
  LogLevel ERROR
X
  printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$root/host.pub")" >"$root/known_hosts"
}

up() {
  local key
  is_ours "$pidfile" "$root" && return 0
  mkdir -p -m 700 "$root"
  if [ "$(id -u)" = 0 ] && [ ! -d /run/sshd ]; then # its privilege separation needs the folder
    mkdir -p -m 755 /run/sshd
    touch "$root/made-run-sshd"
  fi
  port=${port:-$(free_port)}
  for key in host user; do
    [ -f "$root/$key" ] || ssh-keygen -q -t ed25519 -N '' -C "qd-$key" -f "$root/$key"
  done
  cp "$root/user.pub" "$root/authorized_keys"
  write_config
  /usr/sbin/sshd -f "$root/sshd_config" -E "$root/sshd.log"
  wait_until 600 is_ours "$pidfile" "$root"
  wait_until 600 ssh -F "$root/ssh_config" ops true || { cat "$root/sshd.log" >&2; return 1; }
}

down() {
  end_ours "$pidfile" "$root"
  [ ! -e "$root/made-run-sshd" ] || rmdir /run/sshd 2>/dev/null || true
  rm -rf "$root"
}

"${1:?up or down}"
