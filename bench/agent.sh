#!/usr/bin/env bash
# 100 clients that sign at once with one Ed25519 key: our agent and ssh-agent in turn, signatures a
# second and resident memory before and after. `bench/agent.sh [SECONDS] [CLIENTS]`
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60} clients=${2:-100}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sshwhy/target}
if [ -z "${SSHWHY:-}" ]; then
  cargo build --release --quiet --locked --package sshwhy
  cargo build --release --quiet --locked --package sshwhy-agent --example load
  SSHWHY=$CARGO_TARGET_DIR/release/sshwhy LOAD=$CARGO_TARGET_DIR/release/examples/load
fi
scratch=$(mktemp -d); chmod 700 "$scratch"
pids=()
trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; rm -rf "$scratch"' EXIT
ssh-keygen -q -t ed25519 -N '' -f "$scratch/key"

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
one() { # NAME SOCKET PID
  export SSH_AUTH_SOCK=$2
  for _ in $(seq 100); do [ -S "$2" ] && break; sleep 0.05; done
  ssh-add -q "$scratch/key"
  "$LOAD" "$clients" 1 >/dev/null
  local before; before=$(rss "$3")
  printf '%s: %s; resident %s KiB before, %s KiB after\n' \
    "$1" "$("$LOAD" "$clients" "$seconds")" "$before" "$(rss "$3")"
}
"$SSHWHY" agent start --foreground --socket "$scratch/ours/sock" >/dev/null & ours=$!; pids+=("$ours")
ssh-agent -D -a "$scratch/theirs" >/dev/null & theirs=$!; pids+=("$theirs")
one "sshwhy agent" "$scratch/ours/sock" "$ours"
one "ssh-agent" "$scratch/theirs" "$theirs"
