#!/bin/sh
# `sshwhy connect` beside `ssh`: bytes from standard input through `cat` at the other end to standard
# output, intact, in one run, each in turn. Wants root: the server runs in name spaces of its own.
#
#   bench/connect.sh PROGRAM [MIB] [ROUNDS]
set -eu
if [ -z "${INSIDE:-}" ]; then
    program=$(readlink -f -- "$1")
    exec env INSIDE=1 HOME=/root unshare -m -n -p --fork --kill-child --mount-proc sh "$0" "$program" "${2:-1024}" "${3:-3}"
fi
program=$1 mib=$2 rounds=$3
mount -t tmpfs -o size=4g none /mnt
cp -- "$program" /mnt/sshwhy
cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc
for d in /run /root; do mount -t tmpfs -o mode=0700 none $d; done
chmod 0755 /run && mkdir -m 0755 /run/sshd && mkdir -m 0700 /root/.ssh && ip link set lo up
rm -rf /etc/ssh/*
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
echo "[127.0.0.1]:2222 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" > /root/.ssh/known_hosts
sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
printf 'Port 2222\nUsePAM no\nPermitRootLogin yes\n' > /etc/ssh/sshd_config
/usr/sbin/sshd -E /mnt/log
sleep 1
head -c "${mib}M" /dev/urandom > /mnt/bytes
sum=$(sha256sum < /mnt/bytes)
now() { date +%s%N; }
one() { # name, command…
    name=$1; shift
    before=$(now)
    "$@" < /mnt/bytes > /mnt/back
    after=$(now)
    [ "$(sha256sum < /mnt/back)" = "$sum" ] || { echo "$name: the bytes are not the same" >&2; exit 1; }
    echo "$name $((mib * 1000000000 / (after - before))) MiB/s"
}
for round in $(seq "$rounds"); do
    one ssh ssh -p 2222 root@127.0.0.1 cat
    one ssh-gcm ssh -c aes128-gcm@openssh.com -p 2222 root@127.0.0.1 cat
    one connect /mnt/sshwhy connect root@127.0.0.1:2222 cat
    one connect-chacha /mnt/sshwhy connect -o Ciphers=chacha20-poly1305@openssh.com root@127.0.0.1:2222 cat
done
