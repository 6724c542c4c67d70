#!/bin/sh
# install.sh run|dev - make .venv and install the locked requirements with hashes, then the project.
set -eu
cd "$(dirname "$0")/.."
what=$1

pick_python() {
  for name in python3.11 python3.12 python3.13 python3; do
    path=$(command -v "$name" 2>/dev/null) || continue
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$path"
      return
    fi
  done
  echo "Quarterdeck needs Python 3.11 or newer on PATH; none was found." >&2
  exit 1
}

say() { printf '%s\n' "$*" >&2; }

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
  python=$(pick_python)
  rm -rf .venv
  say "Making .venv with $python"
  if command -v uv >/dev/null 2>&1; then
    uv venv -q -p "$python" .venv
  elif "$python" -c 'import ensurepip' 2>/dev/null; then
    "$python" -m venv .venv
  elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --without-pip .venv
  else
    say "This Python can neither make virtual environments nor run pip (on Debian: install python3-venv)."
    exit 1
  fi
fi

say "Installing the $what requirements (locked, with hashes)"
if command -v uv >/dev/null 2>&1; then
  install() { VIRTUAL_ENV="$PWD/.venv" uv pip install -q "$@"; }
elif .venv/bin/python -m pip --version >/dev/null 2>&1; then
  install() { .venv/bin/python -m pip install -q --disable-pip-version-check "$@"; }
else
  install() { "$(pick_python)" -m pip --python .venv/bin/python install -q --disable-pip-version-check "$@"; }
fi
install --require-hashes -r "requirements/$what.txt"
install --no-deps --no-build-isolation -e .
# Compiled once here instead of at every first import over a slow disk.
.venv/bin/python -m compileall -q -j 0 .venv/lib cli tui screens widgets config core demo >/dev/null 2>&1 || true
