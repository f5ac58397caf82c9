#!/bin/sh
# Makes the scenarios' keys anew. Needs ssh-keygen, puttygen, python3.
# Every private key made here is for tests only.
set -eu
cd "$(dirname "$0")"
find . -type f ! -name make.sh ! -name README.md -delete

pair() { # NAME TYPE BITS COMMENT
    ssh-keygen -q -t "$2" ${3:+-b "$3"} -N "" -C "$4" -f "$1"
}
me=alice@laptop
pair ed25519 ed25519 "" $me
pair ed25519-b ed25519 "" alice@desktop
pair ed25519-bob ed25519 "" bob@laptop
pair rsa1024 rsa 1024 $me
pair rsa2048 rsa 2048 $me
pair rsa3072 rsa 3072 $me
pair rsa4096 rsa 4096 $me
pair ecdsa256 ecdsa 256 $me
pair ecdsa384 ecdsa 384 $me
pair ecdsa521 ecdsa 521 $me
pair dsa dsa "" $me
pair sk-ed25519 ed25519 "" $me
pair ca-ed25519 ed25519 "" ca@example
pair ca-rsa rsa 2048 ca@example
pair ca-ecdsa ecdsa 256 ca@example
pair ca-other ed25519 "" other-ca@example
pair host-ed25519 ed25519 "" root@server
pair host-rsa rsa 2048 root@server
pair host-ecdsa ecdsa 256 root@server

# A token key cannot be made without a token: an ordinary key in the blob of PROTOCOL.u2f.
python3 - <<'PY'
import base64, struct
def s(b): return struct.pack('>I', len(b)) + b
def fields(p):
    b = base64.b64decode(open(p).read().split()[1]); out = []
    while b:
        n = struct.unpack('>I', b[:4])[0]; out.append(b[4:4+n]); b = b[4+n:]
    return out
def write(name, t, parts):
    blob = s(t) + b''.join(s(x) for x in parts)
    open(f'{name}.pub', 'w').write(f'{t.decode()} {base64.b64encode(blob).decode()} alice@laptop\n')
write('sk-ed25519', b'sk-ssh-ed25519@openssh.com', [fields('sk-ed25519.pub')[1], b'ssh:'])
c = fields('ecdsa256.pub')
write('sk-ecdsa', b'sk-ecdsa-sha2-nistp256@openssh.com', [c[1], c[2], b'ssh:'])
PY

# Public keys that ssh-keygen does not make: a type that sshd never had, an RSA key too short to
# read, rsa2048 with needless zeros, a certificate of the old form without a signature.
openssl genrsa 768 2>/dev/null | openssl rsa -noout -modulus 2>/dev/null >rsa768.tmp
python3 - <<'PY'
import base64, os, struct
def s(b): return struct.pack('>I', len(b)) + b
def fields(p):
    b = base64.b64decode(open(p).read().split()[1]); out = []
    while b:
        n = struct.unpack('>I', b[:4])[0]; out.append(b[4:4+n]); b = b[4+n:]
    return out
def write(name, t, parts):
    blob = s(t) + b''.join(s(x) for x in parts)
    open(f'{name}.pub', 'w').write(f'{t.decode()} {base64.b64encode(blob).decode()} alice@laptop\n')
write('ed448', b'ssh-ed448', [os.urandom(57)])
n = bytes.fromhex(open('rsa768.tmp').read().strip().split('=')[1])
write('rsa768', b'ssh-rsa', [b'\x01\x00\x01', b'\0' + n])
_, e, n = fields('rsa2048.pub')
write('rsa2048-padded', b'ssh-rsa', [b'\0\0' + e, b'\0\0' + n])
write('old-v00-cert', b'ssh-rsa-cert-v00@openssh.com', [e, n, struct.pack('>I', 1), b'old', b'', b'', b'', b'', b'', b''])
PY
rm rsa768.tmp

cert() { # NAME SUBJECT CA OPTIONS: the certificate is valid from 2020 to 2099 unless -V follows
    name=$1 subject=$2 ca=$3
    shift 3
    cp "$subject.pub" tmp.pub
    ssh-keygen -q -s "$ca" -V 20200101000000Z:20990101000000Z "$@" tmp.pub
    mv tmp-cert.pub "$name-cert.pub"
    rm tmp.pub
}
cert alice ed25519 ca-ed25519 -I alice -n alice -z 1
cert bob ed25519 ca-ed25519 -I bob -n bob -z 2
cert serial7 ed25519 ca-ed25519 -I serial7 -n alice -z 7
cert staff ed25519 ca-ed25519 -I staff -n staff -z 3
cert no-principals ed25519 ca-ed25519 -I nobody
cert expired ed25519 ca-ed25519 -I expired -n alice -V 20010101000000Z:20010102000000Z
cert not-yet ed25519 ca-ed25519 -I later -n alice -V 20980101000000Z:20990101000000Z
cert host ed25519 ca-ed25519 -h -I host -n alice
cert by-rsa-sha1 ed25519 ca-rsa -t ssh-rsa -I sha1 -n alice
cert by-rsa-sha256 ed25519 ca-rsa -t rsa-sha2-256 -I sha256 -n alice
cert by-rsa-sha512 ed25519 ca-rsa -t rsa-sha2-512 -I sha512 -n alice
cert by-ecdsa ed25519 ca-ecdsa -I ecdsa -n alice
cert by-other ed25519 ca-other -I other -n alice
cert by-dsa ed25519 dsa -I dsa -n alice
cert rsa2048 rsa2048 ca-ed25519 -I rsa2048 -n alice
cert rsa1024 rsa1024 ca-ed25519 -I rsa1024 -n alice
cert ecdsa256 ecdsa256 ca-ed25519 -I ecdsa256 -n alice
cert sk-ed25519 sk-ed25519 ca-ed25519 -I sk -n alice
cert sk-no-touch sk-ed25519 ca-ed25519 -I sk -n alice -O no-touch-required
cert source-10 ed25519 ca-ed25519 -I source -n alice -O source-address=10.0.0.0/8
cert source-192 ed25519 ca-ed25519 -I source -n alice -O source-address=192.0.2.0/24
cert force-command ed25519 ca-ed25519 -I force -n alice -O force-command="echo forced"
cert verify-required sk-ed25519 ca-ed25519 -I verify -n alice -O verify-required
cert critical-unknown ed25519 ca-ed25519 -I critical -n alice -O critical:unknown@example=x
cert no-extensions ed25519 ca-ed25519 -I bare -n alice -O clear
cert root ed25519 ca-ed25519 -I root -n root

# The last byte of the signature flipped.
python3 - <<'PY'
import base64
t, b, c = open('alice-cert.pub').read().split(None, 2)
raw = bytearray(base64.b64decode(b)); raw[-40] ^= 1
open('bad-signature-cert.pub', 'w').write(f'{t} {base64.b64encode(raw).decode()} {c}')
PY

krl() { # NAME SPEC
    printf '%b' "$2" >spec.tmp
    ssh-keygen -q -k -f "$1.krl" -s ca-ed25519.pub spec.tmp
    rm spec.tmp
}
ssh-keygen -q -k -f key.krl ed25519.pub
ssh-keygen -q -k -f key-b.krl ed25519-b.pub
ssh-keygen -q -k -f ca.krl ca-ed25519.pub
krl serial7 'serial: 7\n'
krl id 'id: alice\n'
ssh-keygen -q -k -f empty.krl /dev/null
head -c 60 key.krl >damaged.krl

ssh-keygen -e -m RFC4716 -f ed25519.pub >ed25519.rfc4716
ssh-keygen -e -m PKCS8 -f rsa2048.pub >rsa2048.spki
puttygen ed25519 -O private --ppk-param version=3 -o ed25519.ppk
puttygen ed25519 -O private --ppk-param version=2 -o ed25519.v2.ppk
cp rsa2048 rsa2048.pem
chmod 600 rsa2048.pem
ssh-keygen -q -p -P "" -N "" -m PEM -f rsa2048.pem
chmod 644 ./*
chmod 755 make.sh
