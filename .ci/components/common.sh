# Shared by the component scripts: messages, timing, ending our own processes. Sourced, not run.

say() { printf '%s\n' "$*" >&2; }

# timed LABEL COMMAND... : run quietly, say how long it took; on failure show the end of its output.
timed() {
  local label=$1 start log
  shift
  log=$(mktemp)
  start=$(date +%s%N)
  if ! "$@" >"$log" 2>&1; then
    say "FAILED: $label"
    tail -n 30 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  say "$(printf '%6d ms  %s' $((($(date +%s%N) - start) / 1000000)) "$label")"
}

# is_ours PIDFILE WORD : the recorded process lives and its command line still holds WORD.
is_ours() {
  [ -s "$1" ] && tr '\0' ' ' <"/proc/$(cat "$1")/cmdline" 2>/dev/null | grep -qF -- "$2"
}

# A process that has ended may stay a zombie until PID 1 reaps it, so `kill -0` would wait for
# nothing; an empty command line is the sign.
is_gone() { ! grep -q . "/proc/$1/cmdline" 2>/dev/null; }

# wait_gone PID TENTHS
wait_gone() {
  local turn
  for ((turn = 0; turn < $2; turn++)); do
    is_gone "$1" && return 0
    sleep 0.1
  done
  return 1
}

# end_ours PIDFILE WORD [SIGNAL] : end the recorded process, if it is still ours.
end_ours() {
  local pid
  if is_ours "$1" "$2"; then
    pid=$(cat "$1")
    kill -s "${3:-TERM}" "$pid" 2>/dev/null || true
    wait_gone "$pid" 150 || { kill -KILL "$pid" 2>/dev/null || true; wait_gone "$pid" 20 || true; }
  fi
  rm -f "$1"
}

# wait_until TENTHS COMMAND... : run it until it ends well.
wait_until() {
  local turn turns=$1
  shift
  for ((turn = 0; turn < turns; turn++)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  return 1
}
