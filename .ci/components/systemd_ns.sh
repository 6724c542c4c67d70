#!/usr/bin/env bash
# systemd_ns.sh up|down : a real systemd as PID 1 of its own namespaces over this root file system,
# under $QD_SYSTEMD_ROOT. Only the units in $QD_SYSTEMD_ROOT/units exist for it: no unit of the
# machine starts, nothing cleans /tmp, no kernel setting is touched.
set -euo pipefail
here=$(realpath "$0")
. "$(dirname "$here")/common.sh"

root=${QD_SYSTEMD_ROOT:?}
group=qd-$(printf %s "$root" | cksum | cut -d' ' -f1)
shipped=/usr/lib/systemd/system

first_pid() { cat "$root/pid1" 2>/dev/null; }
is_up() { [ -n "$(first_pid)" ] && grep -qz "^QD_SYSTEMD_GROUP=$group\$" "/proc/$(first_pid)/environ" 2>/dev/null; }
is_running() { [ "$("$root/bin/systemctl" is-system-running 2>/dev/null || true)" = running ]; }

mount_cgroups_v1() {
  local controller
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    grep -q "^$controller[[:space:]]" /proc/cgroups || continue
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null \
      || rmdir "/sys/fs/cgroup/$controller"
  done
  mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
  mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
}

make_dev() {
  local device
  mount -t tmpfs -o mode=755 tmpfs /mnt
  mkdir /mnt/pts /mnt/shm
  for device in null zero full random urandom tty; do cp -a "/dev/$device" "/mnt/$device"; done
  ln -s /proc/self/fd /mnt/fd
  ln -s fd/0 /mnt/stdin
  ln -s fd/1 /mnt/stdout
  ln -s fd/2 /mnt/stderr
  ln -s pts/ptmx /mnt/ptmx
  ln -s null /mnt/console
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /mnt/pts
  mount -t tmpfs tmpfs /mnt/shm
  mount --move /mnt /dev
}

# Runs as PID 1 inside the namespaces and becomes systemd.
inner() {
  mount --make-rprivate /
  # A machine with only cgroup v2 shows its own subtree through the cgroup namespace.
  if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  else
    mount_cgroups_v1
  fi
  make_dev
  mount --bind "$root/journal" /var/log/journal
  mount --bind "$root/run" /run
  mount --bind "$root/etc" /etc/systemd
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 container=qd \
    QD_SYSTEMD_GROUP="$group" SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/systemd/transient \
    /usr/lib/systemd/systemd --system --unit=qd.target --log-target=console --show-status=no
}

write_units() {
  local name
  ln -s etc/system "$root/units"
  printf '[Manager]\nDefaultCPUAccounting=yes\nDefaultTimeoutStopSec=5s\n' >"$root/etc/system.conf"
  for name in sysinit basic sockets timers paths local-fs network network-online multi-user \
    shutdown umount final poweroff halt exit; do
    ln -s "$shipped/$name.target" "$root/units/"
  done
  for name in systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket \
    dbus.service dbus.socket systemd-exit.service; do
    ln -s "$shipped/$name" "$root/units/"
  done
  printf '%s\n' '[Unit]' 'Description=test boot' 'Requires=basic.target' \
    'Wants=dbus.socket systemd-journald.service' 'After=basic.target dbus.socket' \
    'AllowIsolate=yes' >"$root/units/qd.target"
}

# All must be forked into the pid namespace (-p): else PID 1 sees no peer of systemctl and drops it
# about half the time, and "journalctl -f" has no /proc/self, hence no inotify, and sees nothing new.
# Whoever ends a "journalctl -f" has to end its process group, or the forked child stays behind.
write_wrappers() {
  local tool
  for tool in systemctl busctl systemd-run systemd-analyze journalctl; do
    printf '#!/bin/sh\nexec /usr/bin/nsenter -t "$(/bin/cat %s/pid1)" -m -u -i -p -C -- /usr/bin/%s "$@"\n' \
      "$root" "$tool" >"$root/bin/$tool"
    chmod +x "$root/bin/$tool"
  done
}

start() {
  # Every hierarchy gets a subgroup, which the cgroup namespace then shows as its root.
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid bash -c '
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
      [ -w "$hierarchy/cgroup.procs" ] || continue
      mkdir -p "$hierarchy/$1" && echo $$ >"$hierarchy/$1/cgroup.procs"
    done 2>/dev/null
    exec unshare --cgroup --mount --uts --ipc --pid --fork --kill-child=KILL \
      --propagation private --mount-proc "$2" inner' starter "$group" "$here" \
    >"$root/boot.log" 2>&1 </dev/null &
  echo $! >"$root/unshare.pid"
}

# The only child of `unshare` is PID 1; before that, the starter's own children come and go.
record_first_pid() {
  local parent child
  parent=$(cat "$root/unshare.pid")
  [ "$(cat "/proc/$parent/comm" 2>/dev/null)" = unshare ] || return 1
  child=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null)
  [ -n "$child" ] && echo "${child%% *}" >"$root/pid1"
}

up() {
  is_up && return 0
  rm -rf "$root"
  mkdir -p "$root"/{etc/system,run,journal,bin}
  [ -d /var/log/journal ] || { mkdir -p /var/log/journal; touch "$root/made-journal"; }
  write_units
  write_wrappers
  export QD_SYSTEMD_ROOT=$root
  start
  wait_until 600 record_first_pid && wait_until 1200 is_running \
    || { cat "$root/boot.log" >&2; return 1; }
}

down() {
  local pid hierarchy
  if is_up; then
    pid=$(first_pid)
    kill -s RTMIN+14 "$pid" 2>/dev/null || true # systemd: exit at once
    wait_gone "$pid" 30 || kill -KILL "$pid" 2>/dev/null || true
    wait_gone "$pid" 20 || true
  fi
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ -d "$hierarchy/$group" ] || continue
    find "$hierarchy/$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  [ ! -e "$root/made-journal" ] || rmdir /var/log/journal 2>/dev/null || true
  rm -rf "$root"
}

"${1:?up or down}"
