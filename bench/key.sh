#!/usr/bin/env bash
# The speed of `sshwhy key`, each figure beside its peer in the same run, in turns. `bench/key.sh`
# wants the packages openssh-client and putty-tools. SSHWHY and PPK_OPEN may name built programs.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sshwhy/target}
if [ -z "${SSHWHY:-}" ]; then
  cargo build --release --quiet --locked --package sshwhy
  cargo build --release --quiet --locked --package sshwhy-keyfile --example ppk_open
  SSHWHY=$CARGO_TARGET_DIR/release/sshwhy PPK_OPEN=$CARGO_TARGET_DIR/release/examples/ppk_open
fi
sshwhy=$SSHWHY
scratch=$(mktemp -d); chmod 700 "$scratch"
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
: >none
load() { cut -d' ' -f1-3 /proc/loadavg; }

# timed FILE WORD…: appends wall and processor milliseconds of one run, which must succeed, to FILE.
timed() {
  local to=$1 wall; shift
  rm -f new new.pub
  local TIMEFORMAT='%R %U %S'
  wall=$( { time "$@" >/dev/null 2>err; } 2>&1 ) || { cat err >&2; echo "failed: $*" >&2; exit 1; }
  awk '{ printf "%.0f %.0f\n", $1 * 1000, ($2 + $3) * 1000 }' <<<"$wall" >>"$to"
}
# fine FILE WORD…: the same, wall microseconds alone.
fine() {
  local to=$1 start end; shift
  rm -f new new.pub
  start=${EPOCHREALTIME/./}
  "$@" >/dev/null 2>err || { cat err >&2; echo "failed: $*" >&2; exit 1; }
  end=${EPOCHREALTIME/./}
  echo $((end - start)) >>"$to"
}
# at FILE PERCENT [COLUMN]
at() { awk -v c="${3:-1}" '{ print $c }' "$1" | sort -n | awk -v p="$2" '{ v[NR] = $1 } END { n = int((NR - 1) * p / 100) + 1; print v[n] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

echo "== 1. opening a PPK of version 3, and its Argon2 alone (load $(load))"
"$PPK_OPEN" 101

echo "== 2. RSA-4096, 30 each, in turns (load $(load))"
for _ in $(seq 30); do
  timed rsa-theirs ssh-keygen -q -t rsa -b 4096 -N '' -f new
  timed rsa-ours "$sshwhy" key generate --type rsa --bits 4096 --output new --new-passphrase-file none
done
for column in 1 2; do
  what=wall; [ $column = 2 ] && what=processor
  t=$(at rsa-theirs 50 $column) o=$(at rsa-ours 50 $column)
  echo "$what, median: ssh-keygen $t ms, ours $o ms, ours/theirs $(ratio "$o" "$t")"
done

# cold WHERE: in the current folder.
cold() {
  echo "== 3. Ed25519, cold processes, 200 each, in turns, files on $1 (load $(load))"
  rm -f ./*-theirs ./*-ours key key.pub key.ppk; : >none
  ssh-keygen -q -t ed25519 -N '' -C bench -f key
  for _ in $(seq 200); do
    fine gen-theirs ssh-keygen -q -t ed25519 -N '' -f new
    fine gen-ours "$sshwhy" key generate --output new --new-passphrase-file none
    fine conv-theirs puttygen key -O private -o new --new-passphrase /dev/null
    fine conv-ours "$sshwhy" key convert key --to ppk --output new --new-passphrase-file none
    fine show-theirs ssh-keygen -lf key
    fine show-ours "$sshwhy" key show key
  done
  local what name word peer
  for what in "gen generate ssh-keygen" "conv convert puttygen" "show show ssh-keygen"; do
    read -r name word peer <<<"$what"
    awk -v w="$word" -v p="$peer" -v tm="$(at "$name-theirs" 50)" -v om="$(at "$name-ours" 50)" -v o95="$(at "$name-ours" 95)" \
      'BEGIN { printf "%s, median: %s %.2f ms, ours %.2f ms (95 %% within %.2f ms)\n", w, p, tm / 1000, om / 1000, o95 / 1000 }'
  done
}
# Ours waits until its files are on the disk, the others do not: where there is no disk, that is
# left out.
cold "$(stat -f -c %T .)"
if memory=$(mktemp -d -p /dev/shm 2>/dev/null); then
  trap 'rm -rf "$scratch" "$memory"' EXIT
  cd "$memory"; cold "$(stat -f -c %T .)"; cd "$scratch"
fi

echo "== 4. key show of 100,000 public keys, 15 each, in turns (load $(load))"
awk 'BEGIN {
  srand(7); c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (i = 0; i < 100000; i++) {
    # The first of these digits carries the last bits of the length before the key.
    s = substr(c, int(rand() * 16) + 1, 1); for (j = 0; j < 42; j++) s = s substr(c, int(rand() * 64) + 1, 1);
    print "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" s " user-" i "@host-" i ".example";
  }
}' >many
ssh-keygen -lf many | awk '{ print $2 }' >theirs
"$sshwhy" key show many | grep -o 'SHA256:[A-Za-z0-9+/]*' >ours
[ "$(wc -l <theirs)" = 100000 ] && cmp theirs ours && echo "100,000 fingerprints, the same as ssh-keygen's"
for _ in $(seq 15); do
  timed many-theirs ssh-keygen -lf many
  timed many-ours "$sshwhy" key show many
done
for column in 1 2; do
  what=wall; [ $column = 2 ] && what=processor
  t=$(at many-theirs 50 $column) o=$(at many-ours 50 $column)
  echo "$what, median: ssh-keygen $t ms, ours $o ms, $(ratio "$t" "$o") times as fast"
done
