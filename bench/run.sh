#!/usr/bin/env bash
# The benchmarks, each side by side with its peer in the same run: medians and ratios.
# Needs root for the first (sshd -T wants host keys); makes everything in a scratch folder.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sshwhy/target}
export CARGO_TARGET_DIR=$target
cargo build --release --quiet --locked --package sshwhy
cargo build --release --quiet --locked --package sshwhy-verdict --example verdicts
cargo build --release --quiet --locked --package sshwhy-authfile --example throughput
sshwhy=$target/release/sshwhy
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ms WORD…: wall milliseconds of one run, output thrown away.
ms() {
  local start=$EPOCHREALTIME end
  "$@" >/dev/null 2>&1 || true
  end=$EPOCHREALTIME
  awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f\n", (b - a) * 1000 }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# pair NAME RUNS PEER_COMMAND -- OUR_COMMAND: alternating runs, medians and the ratio ours/peer.
pair() {
  local name=$1 runs=$2; shift 2
  local peer=() ; while [ "$1" != -- ]; do peer+=("$1"); shift; done; shift
  : >"$scratch/peer"; : >"$scratch/ours"
  ms "${peer[@]}" >/dev/null; ms "$@" >/dev/null
  for _ in $(seq "$runs"); do ms "${peer[@]}" >>"$scratch/peer"; ms "$@" >>"$scratch/ours"; done
  local p o; p=$(median <"$scratch/peer"); o=$(median <"$scratch/ours")
  awk -v n="$name" -v p="$p" -v o="$o" 'BEGIN { printf "%s: peer %.2f ms, ours %.2f ms, ours/peer %.2f\n", n, p, o, o / p }'
}

echo "== 1. one audit, cold process, against sshd -T -C"
ssh-keygen -q -t ed25519 -N '' -C probe -f "$scratch/probe"
cp /etc/ssh/sshd_config "$scratch/sshd_config"
ssh-keygen -q -t ed25519 -N '' -f "$scratch/hostkey"
sed -i "1i HostKey $scratch/hostkey" "$scratch/sshd_config"
user=$(id -un)
pair "audit of $user" 41 \
  "$(command -v sshd || echo /usr/sbin/sshd)" -T -f "$scratch/sshd_config" -C "user=$user,host=203.0.113.5,addr=203.0.113.5,laddr=192.0.2.1,lport=22" -- \
  "$sshwhy" audit --user "$user" --key "$scratch/probe.pub" --from 203.0.113.5 --sshd-config "$scratch/sshd_config"

echo "== 2. a key file of 1,000,000 lines, the key on the last one"
root=$scratch/root
mkdir -p "$root"/{etc/ssh,etc/pam.d,home/alice/.ssh,bin,run,usr/sbin}
printf 'root:x:0:0::/root:/bin/sh\nalice:x:2001:2001::/home/alice:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nalice:x:2001:\n' >"$root/etc/group"
printf 'root:*:19000:0:99999:7:::\nalice:*:19000:0:99999:7:::\n' >"$root/etc/shadow"
printf 'UsePAM no\n' >"$root/etc/ssh/sshd_config"
printf '#!\n' >"$root/bin/sh"; chmod 755 "$root/bin/sh"
keys=$root/home/alice/.ssh/authorized_keys
awk 'BEGIN {
  srand(7); c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (i = 0; i < 999999; i++) {
    s = ""; for (j = 0; j < 43; j++) s = s substr(c, int(rand() * 64) + 1, 1);
    print "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" s " user-" i "@host-" i ".example";
  }
}' >"$keys"
cat "$scratch/probe.pub" >>"$keys"
chown -R 2001:2001 "$root/home/alice" 2>/dev/null || true
chmod 700 "$root/home/alice/.ssh"; chmod 600 "$keys"
blob=$(cut -d' ' -f2 "$scratch/probe.pub")
ls -l "$keys" | awk '{ printf "file: %d bytes\n", $5 }'
audit=("$sshwhy" audit --root "$root" --build debian-12 --user alice --key "$scratch/probe.pub" --from 203.0.113.5)
"${audit[@]}" >/dev/null
pair "last line of a million" 15 grep -c -F "$blob" "$keys" -- "${audit[@]}"
if [ -x /usr/bin/time ]; then
  /usr/bin/time -f 'peak memory: %M KiB for a million lines' "${audit[@]}" >/dev/null
  head -n 1000 "$keys" >"$scratch/small"; cat "$scratch/probe.pub" >>"$scratch/small"
  cp "$keys" "$scratch/large"; cat "$scratch/small" >"$keys"
  /usr/bin/time -f 'peak memory: %M KiB for a thousand lines' "${audit[@]}" >/dev/null
  cat "$scratch/large" >"$keys"
else
  echo "peak memory not measured: /usr/bin/time is missing (package time)"
fi

echo "== 3. the same file with every line diagnosed, against ssh-keygen -lf"
pair "a million lines" 3 ssh-keygen -lf "$keys" -- "$target/release/examples/throughput" "$keys" diagnose

echo "== 4. verdicts in process"
"$target/release/examples/verdicts"
