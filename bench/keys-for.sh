#!/usr/bin/env bash
# One login by a key on the last line of a file of N keys, beside the login with a file of one key:
# `sshwhy serve --like-sshd` on its own, and the installed sshd with `AuthorizedKeysFile none` and
# `sshwhy keys-for`; and what the installed sshd needs for the same file without it.
# `bench/keys-for.sh [KEYS] [RUNS]`   Needs root, for name spaces alone, and python3.
set -euo pipefail
cd "$(dirname "$0")/.."
keys=${1:-1000000} runs=${2:-31}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/sshwhy/target}
if [ -z "${SSHWHY:-}" ]; then
  cargo build --release --quiet --locked --package sshwhy
  SSHWHY=$CARGO_TARGET_DIR/release/sshwhy
fi
if [ -z "${INSIDE:-}" ]; then
  INSIDE=1 SSHWHY=$SSHWHY unshare -mnp --fork --kill-child --mount-proc --propagation private bash "$0" "$@"
  exit
fi
mount -t tmpfs -o mode=0755,size=1g none /mnt
cp "$SSHWHY" /mnt/sshwhy; cd /mnt; ip link set lo up
cp /etc/passwd passwd; cp /etc/group group; cp /etc/shadow shadow
# `serve --session` runs as the account itself, which has to see that it is not locked.
chmod 644 shadow
for n in bench:4242 asker:4243; do
  echo "${n%:*}:x:${n#*:}:${n#*:}::/mnt/home:/bin/sh" >>passwd; echo "${n%:*}:x:${n#*:}:" >>group
  echo "${n%:*}:*:20000:0:99999:7:::" >>shadow
done
for f in passwd group shadow; do mount --bind $f /etc/$f; done
mkdir -p home run keys-one keys-many; mount --bind run /run; mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f key; ssh-keygen -q -t ed25519 -N '' -f host; chown bench home
cp key.pub keys-one/bench
python3 - "$keys" <<'P'
import base64, hashlib, sys
head = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
with open("keys-many/bench", "wb") as out:
    for n in range(int(sys.argv[1]) - 1):
        blob = head + hashlib.sha256(str(n).encode()).digest()
        out.write(b"ssh-ed25519 " + base64.b64encode(blob) + b" user%d@host\n" % n)
    out.write(open("key.pub", "rb").read())
P
for d in keys-one keys-many; do ./sshwhy keys-for --file /mnt/$d/%u bench --write-index; done
ls -l keys-many
common="ListenAddress 127.0.0.1
HostKey /mnt/host
UsePAM no
PidFile none
MaxStartups 1000
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel QUIET"
pids=(); trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done' EXIT
port=2200; declare -A at
server() { # NAME, configuration on standard input
  port=$((port + 1)); at[$1]=$port
  { echo "Port $port"; echo "$common"; cat; } >"config-$1"
  case $1 in
    serve-*) setpriv --reuid 4242 --regid 4242 --clear-groups env HOME=/mnt/home USER=bench \
        ./sshwhy serve --session --classical --like-sshd --sshd-config "config-$1" --listen "127.0.0.1:$port" --penalty 0 \
        --per-source 4096 --format json >/dev/null & pids+=($!);;
    *) /usr/sbin/sshd -D -f "/mnt/config-$1" & pids+=($!);;
  esac
}
for n in one many; do
  server "file-$n" <<<"AuthorizedKeysFile /mnt/keys-$n/%u"
  server "command-$n" <<<"AuthorizedKeysFile none
AuthorizedKeysCommandUser asker
AuthorizedKeysCommand /mnt/sshwhy keys-for --file /mnt/keys-$n/%%u %u %f"
  server "serve-$n" <<<"AuthorizedKeysFile /mnt/keys-$n/%u"
done
sleep 2
login() { # NAME -> milliseconds
  local from to
  from=$(date +%s%N)
  ssh -F none -p "${at[$1]}" -i key -o BatchMode=yes -o IdentitiesOnly=yes \
    -o IdentityAgent=none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=QUIET \
    -o KexAlgorithms=curve25519-sha256 bench@127.0.0.1 true </dev/null >/dev/null
  to=$(date +%s%N); echo $(((to - from) / 1000))
}
declare -A all
for name in file-one command-one serve-one command-many serve-many; do
  # The first login of `serve-many` makes its index.
  printf 'the first login, %-13s %8.2f ms\n' "$name" "$(awk -v us="$(login "$name")" 'BEGIN { print us / 1000 }')"
done
for _ in $(seq "$runs"); do
  for name in file-one command-one command-many serve-one serve-many; do all[$name]+="$(login "$name") "; done
done
for _ in 1 2 3; do all[file-many]+="$(login file-many) "; done
median() { tr ' ' '\n' <<<"$1" | grep . | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1000 }'; }
for name in file-one file-many command-one command-many serve-one serve-many; do
  printf '%-13s %10.2f ms\n' "$name" "$(median "${all[$name]}")"
done
ratio() { awk -v a="$(median "${all[$1]}")" -v b="$(median "${all[$2]}")" -v n="$1 / $2" 'BEGIN { printf "%s: %.3f\n", n, a / b }'; }
ratio file-many file-one; ratio command-many file-one; ratio command-many command-one; ratio serve-many serve-one
