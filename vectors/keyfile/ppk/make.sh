#!/bin/sh
# Makes the PPK vectors anew. Needs puttygen 0.78 or later, ssh-keygen, openssl, python3.
# Every private key made here is for tests only; the passphrase is "testing".
#
# NAME.ppk is the file; NAME.pub is what `puttygen -L` says of it.
set -eu
cd "$(dirname "$0")"
rm -f ./*.ppk ./*.pub
printf testing >pass
: >none
pub() { puttygen "$1.ppk" -L -o "$1.pub"; }

for t in ed25519: ed448: ecdsa:256 ecdsa:384 ecdsa:521 rsa:2048 dsa:1024; do
    type=${t%%:*} bits=${t##*:}
    n=$type$bits
    puttygen -q -t "$type" ${bits:+-b "$bits"} -C "a key of $n" --new-passphrase none \
        --ppk-param version=3 -o "$n.v3.ppk"
    for v in 2 3; do
        puttygen -q "$n.v3.ppk" -P --new-passphrase pass -o "$n.v$v.enc.ppk" \
            --ppk-param "version=$v,memory=64,passes=2"
    done
    puttygen -q "$n.v3.ppk" -o "$n.v2.ppk" --ppk-param version=2 -C "a key of $n"
    for f in "$n.v2" "$n.v3" "$n.v2.enc" "$n.v3.enc"; do pub "$f"; done
done
for kdf in argon2d argon2i; do
    f=ed25519.v3.$kdf
    puttygen -q ed25519.v3.ppk -P --new-passphrase pass -o "$f.ppk" \
        --ppk-param "version=3,kdf=$kdf,memory=100,passes=3,parallelism=4"
    pub "$f"
done
puttygen -q ed25519.v3.ppk -C "" -o nocomment.ppk
puttygen -q ed25519.v3.ppk -C "  blanks and Latin-1: $(printf '\344\366') " -o odd-comment.ppk
pub nocomment
pub odd-comment

# A certificate in the file (0.78 and later).
puttygen -q ed25519.v3.ppk -O private-openssh -o ca
ssh-keygen -q -s ca -I "for the test" -n alice ed25519.v3.pub
puttygen -q ed25519.v3.ppk --certificate ed25519.v3-cert.pub -o cert.ppk
puttygen -q cert.ppk -P --new-passphrase pass --ppk-param memory=64,passes=2 -o cert.enc.ppk
pub cert
pub cert.enc
rm ca ed25519.v3-cert.pub

# Version 1, which no release wrote: from version 2, by the words of sshpubk.c.
python3 - <<'PY'
import base64, hashlib, hmac, subprocess
def lines(b):
    t = base64.b64encode(b).decode()
    rows = [t[i:i+64] for i in range(0, len(t), 64)]
    return f'{len(rows)}\n' + ''.join(r + '\n' for r in rows)
def parts(path):
    rows = open(path, encoding='latin-1').read().split('\n')
    def block(name):
        i = next(n for n, r in enumerate(rows) if r.startswith(name + ': '))
        return base64.b64decode(''.join(rows[i+1:i+1+int(rows[i].split(': ')[1])]))
    return rows[0].split(': ')[1], rows[2].split(': ', 1)[1], block('Public-Lines'), block('Private-Lines')
sha1 = lambda b: hashlib.sha1(b).digest()
for name in ('ed25519', 'rsa2048', 'ecdsa256'):
    alg, comment, public, private = parts(f'{name}.v2.ppk')
    for kind, pp in (('', b''), ('.enc', b'testing')):
        data = private
        if pp:
            data += sha1(private)[:-len(private) % 16]
        mac = hmac.new(sha1(b'putty-private-key-file-mac-key' + pp), data, 'sha1').hexdigest()
        if pp:
            key = (sha1(b'\0\0\0\0' + pp) + sha1(b'\0\0\0\1' + pp))[:32]
            data = subprocess.run(['openssl', 'enc', '-aes-256-cbc', '-nopad', '-K', key.hex(), '-iv', '0'*32],
                                  input=data, capture_output=True, check=True).stdout
        head = (f'PuTTY-User-Key-File-1: {alg}\nEncryption: {"aes256-cbc" if pp else "none"}\n'
                f'Comment: {comment}\nPublic-Lines: {lines(public)}Private-Lines: {lines(data)}')
        open(f'{name}.v1{kind}.ppk', 'w').write(f'{head}Private-MAC: {mac}\n')
        if not pp:
            open(f'{name}.v1.hash.ppk', 'w').write(f'{head}Private-Hash: {sha1(data).hex()}\n')
PY
for f in ./*.v1*.ppk; do pub "${f%.ppk}"; done
rm pass none
