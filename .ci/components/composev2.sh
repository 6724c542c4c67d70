#!/usr/bin/env bash
# composev2.sh up|down : Compose v2 from the next Debian release, unpacked into $QD_COMPOSE_ROOT.
# Nothing is installed; use it with DOCKER_CONFIG=$QD_COMPOSE_ROOT/dockercfg.
set -euo pipefail
root=${QD_COMPOSE_ROOT:?}
plugin=$root/usr/libexec/docker/cli-plugins/docker-compose

# The archive that this machine installs from serves the next release as well.
archive_of_this_machine() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | awk '
    /^#/ { next }
    { for (i = 1; i <= NF; i++) if ($i ~ /^https?:.*\/debian\/?$/) { print $i; exit } }'
}

up() {
  [ -x "$plugin" ] && return 0
  local archive options deb
  archive=$(archive_of_this_machine)
  [ -n "$archive" ] || { echo "no Debian archive configured in /etc/apt" >&2; return 1; }
  mkdir -p "$root"/.apt/lists/partial "$root"/.apt/cache/archives/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive trixie main" \
    >"$root/.apt/sources.list"
  options=(-qq -o "Dir::Etc::sourcelist=$root/.apt/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$root/.apt/lists" -o "Dir::Cache=$root/.apt/cache"
    -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  cd "$root/.apt"
  apt-get "${options[@]}" download docker-compose
  for deb in ./*.deb; do dpkg-deb --extract "$deb" "$root"; done
  cd /
  rm -rf "$root/.apt"
  mkdir -p "$root/dockercfg/cli-plugins"
  ln -sf "$plugin" "$root/dockercfg/cli-plugins/docker-compose"
}

down() { rm -rf "$root"; }

"${1:?up or down}"
