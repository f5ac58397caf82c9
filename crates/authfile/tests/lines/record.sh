#!/bin/bash
# Ask the real sshd about each line of cases.txt and write the verdicts to recorded.txt.
# Only public halves are at hand: a query is enough, since sshd logs "Accepted key" when it answers PK_OK.
# Needs root, openssh-server, openssh-client. Runs in private mount and network namespaces; sshd in inetd mode only.
#
# cases.txt:    NAME KEY LINE...   (printf %b escapes; @NAME@ is key material, the base64 of keys/NAME.pub; KEY is the offered key)
# recorded.txt: accept|refuse NAME and sshd's own words for a refused option list
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" != inside ]; then exec unshare -mn "$0" inside; fi
mount -t tmpfs -o mode=755 tmpfs /mnt || exit 2
ip link set lo up 2>/dev/null
mkdir -p /run/sshd /mnt/root
cp "$here"/keys/* /mnt/root/ && chmod 600 /mnt/root/*
ssh-keygen -q -t ed25519 -N '' -f /mnt/root/host
cat > /mnt/root/cfg <<C
HostKey /mnt/root/host
PermitRootLogin yes
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAcceptedAlgorithms +ssh-rsa,ssh-dss
AuthorizedKeysFile /mnt/root/ak
LogLevel DEBUG2
C
out=$here/recorded.txt
: > "$out"
while IFS=$'\t' read -r name key line; do
  case $name in ''|'#'*) continue ;; esac
  for v in "$here"/keys/*.pub; do
    n=$(basename "$v" .pub)
    b=$(cut -d' ' -f2 < "$v")
    line=${line//@$n@/$b}
  done
  printf '%b' "$line" > /mnt/root/ak
  chmod 644 /mnt/root/ak
  cert=
  if [ "$key" = a-cert ]; then key=a; cert="-o CertificateFile=/mnt/root/a-cert.pub"; fi
  ssh -F none -n -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o IdentitiesOnly=yes -o IdentityAgent=none -i "/mnt/root/$key.pub" -o LogLevel=ERROR $cert \
    -o PubkeyAcceptedAlgorithms=+ssh-dss,ssh-rsa \
    -o ProxyCommand="/usr/sbin/sshd -i -e -f /mnt/root/cfg 2>/mnt/root/log" root@x true >/dev/null 2>&1
  if grep -q "^Accepted \(key\|certificate\) " /mnt/root/log; then verdict=accept; else verdict=refuse; fi
  # The first offer's words: a query and an attempt may both log them.
  why=$(grep -o -m1 -e 'bad key options: .*' -e 'invalid key option string' -e 'principals on non-CA key' \
    -e 'Authentication tried for' -e 'entry expired at' -e 'invalid from criteria' /mnt/root/log | tr -d '\r' | head -1)
  printf '%s\t%s\t%s\n' "$verdict" "$name" "$why" >> "$out"
done < "$here/cases.txt"
