#!/usr/bin/env bash
# dockerd.sh up|down : a private Docker engine under $QD_DOCKER_ROOT, beside any other on the machine.
# Own data, socket, bridge and addresses; nothing listens on a network.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/common.sh"

root=${QD_DOCKER_ROOT:?}
socket=$root/docker.sock
pidfile=$root/dockerd.pid
sum=$(printf %s "$root" | cksum | cut -d' ' -f1)
bridge=qdbr$((sum % 10000))
net=10.$((200 + sum % 50))
export DOCKER_HOST=unix://$socket

answers() { curl -fsS --max-time 2 --unix-socket "$socket" http://engine/_ping; }

make_bridge() {
  ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" type bridge
  ip addr show dev "$bridge" | grep -q " $net.0.1/" || ip addr add "$net.0.1/24" dev "$bridge"
  ip link set "$bridge" up
}

# The engine leaves its packet filter rules behind; those that name our bridge are ours.
drop_rules() {
  local table rule
  for table in nat filter; do
    { iptables -w -t "$table" -S 2>/dev/null || true; } \
      | { grep -E -- "-[io] $bridge( |\$)" || true; } | sed 's/^-A/-D/' \
      | while read -r rule; do
          # shellcheck disable=SC2086  # the rule is a list of words
          iptables -w -t "$table" $rule || true
        done
  done
}

up() {
  is_ours "$pidfile" "$socket" && answers >/dev/null && return 0
  mkdir -p "$root/data" "$root/exec"
  rm -f "$socket"
  make_bridge
  setsid dockerd --host "unix://$socket" --data-root "$root/data" --exec-root "$root/exec" \
    --pidfile "$pidfile" --storage-driver "${QD_DOCKER_DRIVER:-overlay2}" --bridge "$bridge" \
    --fixed-cidr "$net.0.0/24" --default-address-pool "base=$net.128.0/17,size=24" \
    >"$root/dockerd.log" 2>&1 </dev/null &
  wait_until 1200 answers || { tail -n 20 "$root/dockerd.log" >&2; return 1; }
}

down() {
  if is_ours "$pidfile" "$socket"; then
    docker swarm leave --force >/dev/null 2>&1 || true
    docker ps --all --quiet | xargs -r docker rm --force --volumes >/dev/null || true
    docker network rm docker_gwbridge >/dev/null 2>&1 || true # a swarm leaves it behind
    docker network prune --force >/dev/null 2>&1 || true
  fi
  end_ours "$pidfile" "$socket"
  drop_rules
  ip link del "$bridge" 2>/dev/null || true
  { grep -o " $root/[^ ]*" /proc/mounts || true; } | sort -r | xargs -r umount --lazy
  rm -rf "$root"
}

"${1:?up or down}"
