#!/bin/sh
# Private key files of every format and encryption, made by the programs that make them for people:
# ssh-keygen, puttygen, openssl. One key of each type, in every file that names the type; its public
# half is TYPE.pub. Every encrypted file opens with the line in `passphrase`.
#
# Made with OpenSSH 9.2p1, PuTTY 0.78, OpenSSL 3.0 (with its legacy provider for PBES1 and DES).
set -eu
cd "$(dirname "$0")"
pass='a fixture, not a secret'
rm -f openssh-* pem-* pkcs8-* sshcom-* ./*.pub passphrase
printf '%s\n' "$pass" > passphrase
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
legacy='-provider default -provider legacy'

# openssh-TYPE and TYPE.pub
make() {
    type=$1; shift
    ssh-keygen -q "$@" -N '' -C "fixture $type" -f "openssh-$type"
    mv "openssh-$type.pub" "$type.pub"
}
make ed25519 -t ed25519
make rsa -t rsa -b 2048
make dsa -t dsa
for bits in 256 384 521; do make ecdsa$bits -t ecdsa -b $bits; done

# Every cipher of OpenSSH's own format, and a number of rounds that is not the default.
for cipher in aes128-cbc aes192-cbc aes256-cbc aes128-ctr aes192-ctr aes256-ctr \
    aes128-gcm@openssh.com aes256-gcm@openssh.com chacha20-poly1305@openssh.com 3des-cbc; do
    cp openssh-ed25519 "$scratch/k"
    ssh-keygen -q -p -P '' -N "$pass" -Z $cipher -a 2 -f "$scratch/k" > /dev/null
    mv "$scratch/k" "openssh-ed25519-${cipher%@*}"
done
for type in rsa ecdsa521 dsa; do
    cp openssh-$type "$scratch/k"
    ssh-keygen -q -p -P '' -N "$pass" -a 3 -f "$scratch/k" > /dev/null
    mv "$scratch/k" openssh-$type-aes256-ctr
done

# Traditional PEM and PKCS#8, plain and as ssh-keygen encrypts them.
for type in rsa dsa ecdsa256 ecdsa384 ecdsa521; do
    for format in PEM PKCS8; do
        name=$(printf %s $format | tr A-Z a-z)-$type
        cp openssh-$type "$scratch/k"
        ssh-keygen -q -p -P '' -N '' -m $format -f "$scratch/k" > /dev/null
        mv "$scratch/k" "$name"
        cp openssh-$type "$scratch/k"
        ssh-keygen -q -p -P '' -N "$pass" -m $format -f "$scratch/k" > /dev/null
        mv "$scratch/k" "$name-ssh-keygen"
    done
done

# The other ciphers of traditional PEM.
for cipher in aes192 aes256 des3 des; do
    openssl rsa -in pem-rsa -traditional $legacy -$cipher -passout "pass:$pass" -out pem-rsa-$cipher 2> /dev/null
done
openssl ec -in pem-ecdsa256 -aes256 -passout "pass:$pass" -out pem-ecdsa256-aes256 2> /dev/null
# An EC key without its public half.
openssl ec -in pem-ecdsa256 -no_public -out pem-ecdsa256-no-public 2> /dev/null

# PBES2 with every function and cipher, scrypt, PBES1, PKCS#12.
seal() {
    out=$1; shift
    openssl pkcs8 -topk8 -in pem-rsa $legacy -passout "pass:$pass" -out "pkcs8-rsa-$out" "$@"
}
for prf in SHA1 SHA224 SHA256 SHA384 SHA512; do
    seal pbkdf2-$(printf %s $prf | tr A-Z a-z) -v2 aes-256-cbc -v2prf hmacWith$prf -iter 1000
done
for cipher in aes-128-cbc aes-192-cbc des3 des; do seal pbkdf2-$cipher -v2 $cipher; done
seal scrypt -v2 aes-256-cbc -scrypt -scrypt_N 1024 -scrypt_r 8 -scrypt_p 1
for scheme in PBE-MD5-DES PBE-SHA1-DES PBE-SHA1-3DES PBE-SHA1-2DES; do
    seal $(printf %s $scheme | tr A-Z a-z) -v1 $scheme
done

# Ed25519 and Ed448, which ssh-keygen 9.2 does not write so.
for type in ed25519 ed448; do
    openssl genpkey -algorithm $type -out pkcs8-$type-openssl
    openssl pkcs8 -topk8 -in pkcs8-$type-openssl -passout "pass:$pass" -out pkcs8-$type-openssl-aes256
done
python3 - <<'PYTHON'
import base64, subprocess
def put(*parts): return b"".join(len(p).to_bytes(4, "big") + p for p in parts)
for kind, length in (("ed25519", 32), ("ed448", 57)):
    der = subprocess.run(["openssl", "pkey", "-in", f"pkcs8-{kind}-openssl", "-pubout", "-outform", "DER"],
                         check=True, capture_output=True).stdout
    name = f"ssh-{kind}"
    text = base64.b64encode(put(name.encode(), der[-length:])).decode()
    open(f"{kind}-openssl.pub", "w").write(f"{name} {text} \n")
PYTHON

# ssh.com, and the other programs' OpenSSH files.
printf '%s' "$pass" > "$scratch/pass"
: > "$scratch/none"
for type in rsa dsa; do
    puttygen openssh-$type -O private-sshcom -o sshcom-$type --new-passphrase "$scratch/none"
    puttygen openssh-$type -O private-sshcom -o sshcom-$type-3des-cbc --new-passphrase "$scratch/pass"
done
for type in ed25519 rsa ecdsa256; do
    puttygen openssh-$type -o "$scratch/k.ppk" --new-passphrase "$scratch/none"
    puttygen "$scratch/k.ppk" -O private-openssh-new -o openssh-$type-puttygen --new-passphrase "$scratch/pass"
done
puttygen -q -t ed448 -C 'fixture ed448' -o "$scratch/ed448.ppk" --new-passphrase "$scratch/none"
puttygen "$scratch/ed448.ppk" -O private-openssh-new -o openssh-ed448 --new-passphrase "$scratch/none"
puttygen "$scratch/ed448.ppk" -L > ed448.pub
puttygen openssh-rsa -O public -o rsa.rfc4716

# FIDO keys, as ssh-keygen -t ed25519-sk writes them; no authenticator is needed to hold the file.
python3 - <<'PYTHON'
import base64
def put(*parts): return b"".join(len(p).to_bytes(4, "big") + p for p in parts)
def fields(name):
    blob, out = base64.b64decode(open(name).read().split()[1]), []
    while blob:
        n = int.from_bytes(blob[:4], "big")
        out.append(blob[4:4 + n]); blob = blob[4 + n:]
    return out
for short, name, like in (("sk-ed25519", b"sk-ssh-ed25519@openssh.com", "ed25519.pub"),
                          ("sk-ecdsa256", b"sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa256.pub")):
    public = put(name, *fields(like)[1:], b"ssh:")
    private = b"\x01\x02\x03\x04" * 2 + public + b"\x05" + put(b"a key handle of a fixture" * 3, b"")
    private += put(f"fixture {short}".encode())
    private += bytes(range(1, 1 + -len(private) % 8))
    content = b"openssh-key-v1\0" + put(b"none", b"none", b"") + (1).to_bytes(4, "big") + put(public, private)
    text = base64.b64encode(content).decode()
    lines = [text[n:n + 70] for n in range(0, len(text), 70)]
    open("openssh-" + short, "w").write("\n".join(
        ["-----BEGIN OPENSSH PRIVATE KEY-----", *lines, "-----END OPENSSH PRIVATE KEY-----", ""]))
    open(short + ".pub", "w").write(f"{name.decode()} {base64.b64encode(public).decode()} fixture {short}\n")
PYTHON
chmod 600 openssh-* pem-* pkcs8-* sshcom-*
