#!/usr/bin/env bash
# Logins a second, memory of an idle connection, and bytes through a session: `sshwhy serve --session` and the
# installed sshd, in one run, in name spaces of their own, as one plain user with one key.
# `bench/serve.sh [SECONDS] [CLIENTS] [IDLE]`   Needs root, for the name spaces alone.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10} clients=${2:-4} idle=${3:-30}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sshwhy/target}
if [ -z "${SSHWHY:-}" ]; then
  cargo build --release --quiet --locked --package sshwhy
  cargo build --release --quiet --locked --package sshwhy-server --example logins
  SSHWHY=$CARGO_TARGET_DIR/release/sshwhy LOGINS=$CARGO_TARGET_DIR/release/examples/logins
fi
if [ -z "${INSIDE:-}" ]; then
  scratch=$(mktemp -d); chmod 755 "$scratch"
  trap 'rm -rf "$scratch"' EXIT
  cp "$SSHWHY" "$scratch/sshwhy"
  INSIDE=$scratch SSHWHY=$SSHWHY LOGINS=$LOGINS unshare -mn --propagation private bash "$0" "$@"
  exit
fi
cd "$INSIDE"
ip link set lo up
cp /etc/passwd passwd; cp /etc/group group; cp /etc/shadow shadow
echo "bench:x:4242:4242::$INSIDE/home:/bin/sh" >>passwd
echo "bench:x:4242:" >>group; echo "bench:*:20000:0:99999:7:::" >>shadow
for f in passwd group shadow; do mount --bind $f /etc/$f; done
mkdir -p home/keys home/.ssh run; mount --bind run /run
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f key; ssh-keygen -q -t ed25519 -N '' -f host
cp key.pub home/keys/authorized_keys; cp key.pub home/.ssh/authorized_keys
chmod 700 home/.ssh; chmod 600 home/.ssh/authorized_keys; chown -R 4242:4242 home; chown 4242 key; chmod 600 key
printf '%s\n' 'Port 2201' 'ListenAddress 127.0.0.1' "HostKey $INSIDE/host" 'UsePAM no' 'PidFile none' \
  'StrictModes no' 'MaxStartups 1000' 'LogLevel QUIET' >sshd_config
grep -q . <<<"$(/usr/sbin/sshd -T -f sshd_config 2>/dev/null | grep -i persourcepenalties || true)" &&
  echo 'PerSourcePenalties no' >>sshd_config
pids=(); trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done' EXIT
/usr/sbin/sshd -D -f "$INSIDE/sshd_config" & theirs=$!; pids+=("$theirs")
setpriv --reuid 4242 --regid 4242 --clear-groups env HOME="$INSIDE/home" USER=bench \
  ./sshwhy serve --session --classical --keys home/keys --listen 127.0.0.1:2202 --penalty 0 --per-source 4096 \
  --connections 4096 --format json >/dev/null & ours=$!; pids+=("$ours")
sleep 1
options=(-F none -i "$INSIDE/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
  -o LogLevel=ERROR -o IdentitiesOnly=yes -o IdentityAgent=none -o KexAlgorithms=curve25519-sha256)

cpu() { # PID -> hundredths of a second, with waited-for children
  awk '{ print $14 + $15 + $16 + $17 }' "/proc/$1/stat"
}
descendants() { local p; for p in $(pgrep -P "$1" || true); do echo "$p"; descendants "$p"; done; }
logins() { # NAME PORT PID
  local before after n
  before=$(cpu "$3")
  n=$("$LOGINS" "127.0.0.1:$2" bench "$INSIDE/key" "$seconds" "$clients")
  sleep 1; after=$(cpu "$3")
  awk -v name="$1" -v n="$n" -v s="$seconds" -v c=$((after - before)) 'BEGIN {
    printf "%s: %.1f logins a second; %.2f ms of the server'"'"'s CPU each\n", name, n / s, c * 10 / n }'
}
pss() { local sum=0 p v; for p in "$1" $(descendants "$1"); do
    v=$(awk '/^Pss:/ { print $2 }' "/proc/$p/smaps_rollup" 2>/dev/null || echo 0); sum=$((sum + v)); done; echo $sum; }
memory() { # NAME PORT PID
  local before after open=()
  before=$(pss "$3")
  for _ in $(seq "$idle"); do ssh -N "${options[@]}" -p "$2" bench@127.0.0.1 </dev/null & open+=($!); done
  sleep 5
  after=$(pss "$3")
  kill "${open[@]}" 2>/dev/null || true; wait "${open[@]}" 2>/dev/null || true
  echo "$1: $(((after - before) / idle)) KiB (proportional) for each of $idle idle connections"
}
bulk() { # NAME PORT
  local cipher mib=1024 t0 t1
  for cipher in chacha20-poly1305@openssh.com aes128-gcm@openssh.com; do
    t0=$(date +%s%N)
    head -c ${mib}M /dev/zero | ssh -c "$cipher" "${options[@]}" -p "$2" bench@127.0.0.1 'cat >/dev/null'
    t1=$(date +%s%N)
    ssh -c "$cipher" "${options[@]}" -p "$2" bench@127.0.0.1 "head -c ${mib}M /dev/zero" >/dev/null
    awk -v name="$1, $cipher" -v m="$mib" -v up=$((t1 - t0)) -v down=$(($(date +%s%N) - t1)) 'BEGIN {
      printf "%s: up %.0f, down %.0f MiB a second\n", name, m / up * 1e9, m / down * 1e9 }'
  done
}
for round in 1 2; do
  logins sshd 2201 "$theirs"
  logins "sshwhy serve" 2202 "$ours"
done
memory sshd 2201 "$theirs"
memory "sshwhy serve" 2202 "$ours"
for round in 1 2; do
  bulk sshd 2201
  bulk "sshwhy serve" 2202
done
