#!/usr/bin/env bash
# Time to the verdict and peak memory of `sshwhy check`, and of `ssh -v` to the same refusal, in turns,
# in name spaces of their own. `bench/check.sh [RUNS]`   Needs root, for the name spaces alone.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-31}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sshwhy/target}
if [ -z "${SSHWHY:-}" ]; then
  cargo build --release --quiet --locked --package sshwhy
  SSHWHY=$CARGO_TARGET_DIR/release/sshwhy
fi
if [ -z "${INSIDE:-}" ]; then
  scratch=$(mktemp -d); chmod 755 "$scratch"
  trap 'rm -rf "$scratch"' EXIT
  cp "$SSHWHY" "$scratch/sshwhy"
  INSIDE=$scratch SSHWHY=$SSHWHY unshare -mn --propagation private bash "$0" "$@"
  exit
fi
cd "$INSIDE"
ip link set lo up
mkdir run state; mount --bind run /run; mkdir /run/sshd
cp /etc/passwd passwd; echo "bench:x:4242:4242::$INSIDE:/bin/sh" >>passwd; mount --bind passwd /etc/passwd
ssh-keygen -q -t ed25519 -N '' -f key; ssh-keygen -q -t ed25519 -N '' -f host
printf '%s\n' 'Port 2201' 'ListenAddress 127.0.0.1' "HostKey $INSIDE/host" 'UsePAM no' 'PidFile none' \
  'PasswordAuthentication no' 'KbdInteractiveAuthentication no' 'LogLevel QUIET' >sshd_config
echo "[127.0.0.1]:2201 $(cat host.pub)" >known
printf '%s\n' 'Host *' ' BatchMode yes' ' IdentitiesOnly yes' ' IdentityAgent none' " UserKnownHostsFile $INSIDE/known" >config
/usr/sbin/sshd -D -f "$INSIDE/sshd_config" & server=$!
trap 'kill $server' EXIT
sleep 1
export XDG_STATE_HOME=$INSIDE/state
once() { # NAME: appends milliseconds and KiB to NAME.log; 255 of ssh and 1 of ours are the refusal
  rm -rf state/sshwhy
  local words
  case $1 in
    theirs) words=(ssh -v -F config -i key -p 2201 bench@127.0.0.1 true) ;;
    ours) words=(./sshwhy check -F config -i key -p 2201 bench@127.0.0.1) ;;
  esac
  local before after
  before=$(date +%s%N)
  "${TIME:-/usr/bin/time}" -f '%M' -o "$1.kib" "${words[@]}" >"$1.out" 2>&1 </dev/null || true
  after=$(date +%s%N)
  echo "$(((after - before) / 1000)) $(tail -n 1 "$1.kib")" >>"$1.log"
}
for _ in $(seq "$runs"); do once theirs; once ours; done
grep -q 'Permission denied (publickey)' theirs.out
grep -q 'refused' ours.out
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
for what in 'time to the verdict, µs:1' 'peak memory, KiB:2'; do
  a=$(cut -d ' ' -f "${what##*:}" theirs.log | median); b=$(cut -d ' ' -f "${what##*:}" ours.log | median)
  awk -v w="${what%:*}" -v a="$a" -v b="$b" 'BEGIN { printf "%s: ssh -v %d, sshwhy check %d, ratio %.2f\n", w, a, b, b / a }'
done
