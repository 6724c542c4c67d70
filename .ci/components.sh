#!/usr/bin/env bash
# components.sh install|up|env|down [docker] [images] [systemd] [sshd] [compose]
#
# The real components that the tests run against, on Debian 12 as root. Without names: all of them.
#   install  installs the packages (nothing is started by it)
#   up       starts what is named and prints the same `export …` lines as env
#   env      prints what a shell needs to use them: eval "$(.ci/components.sh env)"
#   down     ends what `up` started, by recorded process, and leaves nothing but the packages
# State is kept in $QD_COMPONENTS_ROOT (default /tmp/qd-components).
set -euo pipefail
parts=$(dirname "$(realpath "$0")")/components
. "$parts/common.sh"

root=${QD_COMPONENTS_ROOT:-/tmp/qd-components}
export DEBIAN_FRONTEND=noninteractive
export QD_DOCKER_ROOT=$root/docker QD_SYSTEMD_ROOT=$root/systemd
export QD_SSH_ROOT=$root/ssh QD_COMPOSE_ROOT=$root/compose
engine=unix://$QD_DOCKER_ROOT/docker.sock

verb=${1:?install, up, env or down}
shift
wanted=" ${*:-docker images systemd sshd compose} "
is_wanted() { [[ $wanted == *" $1 "* ]]; }

install() {
  local packages=(ca-certificates curl git iproute2 iptables openssl procps python3 redis-server strace tmux)
  is_wanted docker && packages+=(docker.io busybox-static)
  is_wanted systemd && packages+=(systemd dbus)
  is_wanted sshd && packages+=(openssh-server openssh-client)
  if [ ! -e /usr/sbin/policy-rc.d ]; then # packages must not start their daemons
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    mkdir -p "$root"
    touch "$root/made-policy"
  fi
  timed "apt-get update" apt-get -q -o DPkg::Lock::Timeout=300 update
  timed "apt-get install ${packages[*]}" apt-get -q -o DPkg::Lock::Timeout=300 install --yes \
    --no-install-recommends "${packages[@]}"
}

print_env() {
  if is_wanted docker; then echo "export DOCKER_HOST=$engine"; fi
  if is_wanted systemd; then
    echo "export PATH=$QD_SYSTEMD_ROOT/bin:\$PATH"
    echo "export QD_TEST_UNITS=$QD_SYSTEMD_ROOT/units"
    echo "export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$QD_SYSTEMD_ROOT/run/dbus/system_bus_socket"
  fi
  if is_wanted sshd; then echo "export QD_TEST_SSH_CONFIG=$QD_SSH_ROOT/ssh_config"; fi
  if is_wanted compose; then echo "export DOCKER_CONFIG=$QD_COMPOSE_ROOT/dockercfg"; fi
}

up() {
  mkdir -p "$root"
  chmod 711 "$root"
  if is_wanted docker; then timed dockerd "$parts/dockerd.sh" up; fi
  if is_wanted images; then DOCKER_HOST=$engine timed images "$parts/images.sh"; fi
  if is_wanted systemd; then timed systemd "$parts/systemd_ns.sh" up; fi
  if is_wanted sshd; then timed sshd "$parts/sshd.sh" up; fi
  if is_wanted compose; then timed "compose v2" "$parts/composev2.sh" up; fi
  print_env
}

down() {
  local part
  for part in compose:composev2 sshd:sshd systemd:systemd_ns docker:dockerd; do
    if is_wanted "${part%:*}"; then timed "end ${part%:*}" "$parts/${part#*:}.sh" down || true; fi
  done
  if [ -e "$root/made-policy" ] && is_wanted docker; then
    rm -f /usr/sbin/policy-rc.d "$root/made-policy"
  fi
  rmdir "$root" 2>/dev/null || true
}

case $verb in
install | up | down) "$verb" ;;
env) print_env ;;
*) say "install, up, env or down?"; exit 2 ;;
esac
