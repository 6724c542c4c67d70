#!/usr/bin/env bash
# images.sh : make qd/busybox, qd/redis:7 and qd/python:3.11 from files of this machine. No registry.
set -euo pipefail
: "${DOCKER_HOST:?}"
export DOCKER_BUILDKIT=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

is_there() { docker image inspect "$1" >/dev/null 2>&1; }
libraries_of() { ldd "$@" 2>/dev/null | grep -o '/[^ )]*\.so[^ )]*' | sort -u || true; }

# copy_in ROOT FILE... : with the shared libraries they need, links followed.
copy_in() {
  local root=$1 file
  shift
  # shellcheck disable=SC2046  # paths of libraries hold no spaces
  for file in "$@" $(libraries_of "$@"); do
    mkdir -p "$root$(dirname "$file")"
    [ -e "$root$file" ] || cp -L "$file" "$root$file"
  done
}

busybox_root() {
  local applet
  mkdir -p "$1"/{bin,etc,tmp,proc,sys,dev,root,run,var/run,usr/bin,usr/lib}
  chmod 1777 "$1/tmp"
  cp /bin/busybox "$1/bin/busybox"
  for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -sf busybox "$1/bin/$applet"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
  echo 'root:x:0:' >"$1/etc/group"
}

import() { tar -C "$1" -c . | docker import "${@:3}" - "$2" >/dev/null; }

if ! is_there qd/busybox:latest; then
  busybox_root "$work/busybox"
  import "$work/busybox" qd/busybox:latest -c 'CMD ["/bin/sh"]'
fi
if ! is_there qd/redis:7; then
  busybox_root "$work/redis"
  copy_in "$work/redis" /usr/bin/redis-server /usr/bin/redis-cli
  mkdir -p "$work/redis/data"
  import "$work/redis" qd/redis:7 -c 'WORKDIR /data' \
    -c 'CMD ["/usr/bin/redis-server", "--save", "", "--protected-mode", "no"]'
fi
if ! is_there qd/python:3.11 && [ -x /usr/bin/python3.11 ]; then
  root=$work/python
  busybox_root "$root"
  copy_in "$root" /usr/bin/python3.11
  ln -s python3.11 "$root/usr/bin/python3"
  tar -C /usr/lib -c --exclude=__pycache__ --exclude=test --exclude=idlelib --exclude=lib2to3 \
    python3.11 | tar -C "$root/usr/lib" -x
  for module in /usr/lib/python3.11/lib-dynload/*.so; do
    for library in $(libraries_of "$module"); do copy_in "$root" "$library"; done
  done
  import "$root" qd/python:3.11 -c 'ENV PATH=/bin:/usr/bin PYTHONUNBUFFERED=1' \
    -c 'CMD ["/usr/bin/python3"]'
fi
