#!/bin/sh
# Makes the key vectors anew. Needs ssh-keygen, puttygen, openssl.
# Every private key made here is for tests only.
set -eu
cd "$(dirname "$0")"
rm -rf plain cert foreign krl
mkdir plain cert foreign krl
q="-q -C test@example"

fp() { # fingerprints as ssh-keygen prints them
    { ssh-keygen -l -f "$1"; ssh-keygen -l -E md5 -f "$1"; } >"$1.fp"
}
pub64() { # FILE PUBFILE: the blob that FILE must yield
    cut -d' ' -f2 "$2" >"$1.pub64"
}

# Every plain type ssh-keygen can make without a token.
for t in ed25519: rsa:1024 rsa:2048 rsa:3072 rsa:4096 ecdsa:256 ecdsa:384 ecdsa:521 dsa:; do
    type=${t%%:*} bits=${t##*:}
    f=plain/$type$bits
    ssh-keygen $q -t "$type" ${bits:+-b "$bits"} -N "" -f "$f" || continue
    fp "$f.pub"
    pub64 "$f" "$f.pub"
    ssh-keygen $q -t "$type" ${bits:+-b "$bits"} -N testing -f "$f.enc"
    fp "$f.enc.pub"
    pub64 "$f.enc" "$f.enc.pub"
done

# Token keys cannot be made without a token: the point and the key are those
# of ordinary keys, put into the blob of PROTOCOL.u2f.
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
    open(f'plain/{name}.pub', 'w').write(f'{t.decode()} {base64.b64encode(blob).decode()} test@example\n')
e = fields('plain/ed25519.pub')[1]
write('sk-ed25519', b'sk-ssh-ed25519@openssh.com', [e, b'ssh:'])
c = fields('plain/ecdsa256.pub')
write('sk-ecdsa', b'sk-ecdsa-sha2-nistp256@openssh.com', [c[1], c[2], b'ssh:work'])
PY
fp plain/sk-ed25519.pub
fp plain/sk-ecdsa.pub

# Certificates: NAME SUBJECT CA OPTIONS
cert() {
    name=$1 subject=$2 ca=$3
    shift 3
    cp "plain/$subject.pub" "cert/$name.pub"
    ssh-keygen -q -s "plain/$ca" "$@" "cert/$name.pub"
    rm "cert/$name.pub"
    fp "cert/$name-cert.pub"
}
for ca in ed25519 rsa2048 rsa1024 rsa3072 ecdsa256 ecdsa384 ecdsa521; do
    cert "by-$ca" ed25519 $ca -I "by $ca" -n alice,bob -z 7
done
cert by-rsa-sha256 ed25519 rsa2048 -t rsa-sha2-256 -I sha256 -n alice
cert by-rsa-sha1 ed25519 rsa2048 -t ssh-rsa -I sha1 -n alice
for subject in rsa2048 ecdsa256 ecdsa384 ecdsa521 sk-ed25519 sk-ecdsa; do
    cert "of-$subject" $subject ed25519 -I "of $subject" -n alice -z 18446744073709551615
done
cert host ed25519 ed25519 -h -I host -n host.example
cert expired ed25519 ed25519 -I expired -n alice -V 20010101:20010102
cert not-yet ed25519 ed25519 -I later -n alice -V 20990101:20990102
cert no-principals ed25519 ed25519 -I none
cert options ed25519 ed25519 -I options -n alice -z 42 -O clear \
    -O force-command="echo hi" -O source-address=10.0.0.0/8,192.0.2.1 -O verify-required \
    -O no-touch-required -O permit-pty -O critical:unknown@example=x -O extension:other@example=y

# Certificates signed by token keys: the signature of PROTOCOL.u2f made with
# openssl. ssh-keygen checks it when it prints the fingerprint.
openssl genpkey -algorithm ed25519 -out sk-ca-ed.tmp
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out sk-ca-ec.tmp
python3 - <<'PY'
import base64, hashlib, struct, subprocess
def s(b): return struct.pack('>I', len(b)) + b
def mp(b):
    b = b.lstrip(b'\0')
    return s(b'\0' + b if b[0] & 0x80 else b)
def run(*a): return subprocess.run(['openssl', *a], check=True, stdout=subprocess.PIPE).stdout
def der_ints(d):
    out, d = [], d[2:]
    while d:
        out.append(d[2:2 + d[1]]); d = d[2 + d[1]:]
    return out
pk = base64.b64decode(open('plain/ed25519.pub').read().split()[1])[19:]
def cert(name, key, ktype, ca):
    body = s(b'ssh-ed25519-cert-v01@openssh.com') + s(b'n' * 32) + s(pk) + struct.pack('>QI', 5, 1)
    body += s(name.encode()) + s(s(b'alice')) + struct.pack('>QQ', 0, 2**64 - 1) + s(b'') + s(b'') + s(b'') + s(ca)
    tail = b'\x05' + struct.pack('>I', 9)
    data = hashlib.sha256(b'ssh:').digest() + tail + hashlib.sha256(body).digest()
    open('data.tmp', 'wb').write(data)
    if ktype.startswith(b'sk-ssh'):
        sig = run('pkeyutl', '-sign', '-rawin', '-inkey', key, '-in', 'data.tmp')
    else:
        r, z = der_ints(run('dgst', '-sha256', '-sign', key, 'data.tmp'))
        sig = mp(r) + mp(z)
    blob = body + s(s(ktype) + s(sig) + tail)
    line = b'ssh-ed25519-cert-v01@openssh.com ' + base64.b64encode(blob) + b' test@example\n'
    open(f'cert/{name}-cert.pub', 'wb').write(line)
ed = run('pkey', '-in', 'sk-ca-ed.tmp', '-pubout', '-outform', 'DER')[-32:]
t = b'sk-ssh-ed25519@openssh.com'
cert('by-sk-ed25519', 'sk-ca-ed.tmp', t, s(t) + s(ed) + s(b'ssh:'))
ec = run('pkey', '-in', 'sk-ca-ec.tmp', '-pubout', '-outform', 'DER')[-65:]
t = b'sk-ecdsa-sha2-nistp256@openssh.com'
cert('by-sk-ecdsa', 'sk-ca-ec.tmp', t, s(t) + s(b'nistp256') + s(ec) + s(b'ssh:'))
PY
fp cert/by-sk-ed25519-cert.pub
fp cert/by-sk-ecdsa-cert.pub
rm -f ./*.tmp

# Foreign shapes of the same keys.
for f in ed25519 rsa2048 ecdsa256 ecdsa384 ecdsa521 dsa; do
    [ -f "plain/$f" ] || continue
    ssh-keygen -e -m RFC4716 -f "plain/$f.pub" >"foreign/$f.rfc4716"
    pub64 "foreign/$f.rfc4716" "plain/$f.pub"
    for v in 2 3; do
        puttygen "plain/$f" -O private --ppk-param version=$v -o "foreign/$f.v$v.ppk"
        pub64 "foreign/$f.v$v.ppk" "plain/$f.pub"
        echo testing >pass.tmp
        puttygen "plain/$f" -O private --new-passphrase pass.tmp \
            --ppk-param version=$v$([ $v = 3 ] && echo ,memory=64,passes=1) -o "foreign/$f.v$v.enc.ppk"
        pub64 "foreign/$f.v$v.enc.ppk" "plain/$f.pub"
    done
    puttygen "plain/$f" -O private-sshcom -o "foreign/$f.sshcom" 2>/dev/null && pub64 "foreign/$f.sshcom" "plain/$f.pub" || rm -f "foreign/$f.sshcom"
    sed 's/$/\r/' "plain/$f" >"foreign/$f.crlf"
    pub64 "foreign/$f.crlf" "plain/$f.pub"
    iconv -t UTF-16 "plain/$f.pub" >"foreign/$f.utf16"
    pub64 "foreign/$f.utf16" "plain/$f.pub"
    iconv -t UTF-16LE "plain/$f.pub" >"foreign/$f.utf16le-nobom"
    pub64 "foreign/$f.utf16le-nobom" "plain/$f.pub"
    iconv -t UTF-16BE "foreign/$f.v2.ppk" >"foreign/$f.ppk-utf16be-nobom"
    pub64 "foreign/$f.ppk-utf16be-nobom" "plain/$f.pub"
    { printf '\357\273\277'; cat "plain/$f.pub"; } >"foreign/$f.bom"
    pub64 "foreign/$f.bom" "plain/$f.pub"
    sed 's/^/> /' "plain/$f.pub" >"foreign/$f.quoted"
    pub64 "foreign/$f.quoted" "plain/$f.pub"
    [ $f = ed25519 ] && continue
    cp "plain/$f" "foreign/$f.pem" && chmod 600 "foreign/$f.pem"
    ssh-keygen -q -p -P "" -N "" -m PEM -f "foreign/$f.pem"
    pub64 "foreign/$f.pem" "plain/$f.pub"
    cp "foreign/$f.pem" "foreign/$f.enc.pem" && chmod 600 "foreign/$f.enc.pem"
    ssh-keygen -q -p -P "" -N testing -m PEM -f "foreign/$f.enc.pem"
    openssl pkcs8 -topk8 -nocrypt -in "foreign/$f.pem" -out "foreign/$f.pkcs8"
    # OpenSSL writes no public number into a DSA key's PKCS#8.
    [ $f = dsa ] || pub64 "foreign/$f.pkcs8" "plain/$f.pub"
    openssl pkcs8 -topk8 -passout pass:testing -in "foreign/$f.pem" -out "foreign/$f.enc.pkcs8"
    ssh-keygen -e -m PKCS8 -f "plain/$f.pub" >"foreign/$f.spki"
    pub64 "foreign/$f.spki" "plain/$f.pub"
done
ssh-keygen -e -m PEM -f plain/rsa2048.pub >foreign/rsa2048.pkcs1pub
pub64 foreign/rsa2048.pkcs1pub plain/rsa2048.pub
openssl genpkey -algorithm ed25519 -out foreign/own-ed25519.pkcs8
openssl pkey -in foreign/own-ed25519.pkcs8 -pubout -outform DER | tail -c 32 | python3 -c '
import sys,base64,struct
s=lambda b: struct.pack(">I",len(b))+b
print(base64.b64encode(s(b"ssh-ed25519")+s(sys.stdin.buffer.read())).decode())' >foreign/own-ed25519.pkcs8.pub64
puttygen -q -t ed448 -C test@example -o foreign/ed448.v3.ppk --new-passphrase /dev/null
puttygen -L foreign/ed448.v3.ppk | cut -d' ' -f2 >foreign/ed448.v3.ppk.pub64
rm -f pass.tmp

# KRLs: one of each section kind; ssh-keygen -Q says who is revoked.
ask() {
    : >"krl/$1.expect"
    for k in plain/*.pub cert/*-cert.pub; do
        if ssh-keygen -Q -f "krl/$1.krl" "$k" >/dev/null 2>&1; then echo "ok $k"; else echo "revoked $k"; fi
    done >>"krl/$1.expect"
}
make() { # NAME SPEC [CA]
    printf '%b' "$2" >spec.tmp
    ssh-keygen -q -k -f "krl/$1.krl" ${3:+-s "$3"} -z 3 spec.tmp
    ask "$1"
}
ssh-keygen -q -k -f krl/keys.krl plain/rsa2048.pub plain/ecdsa384.pub
ask keys
make serial 'serial: 7\n' plain/ed25519.pub
make range 'serial: 1-100\nserial: 18446744073709551600-18446744073709551615\n' plain/ed25519.pub
make bitmap 'serial: 1\nserial: 3\nserial: 7\nserial: 9\nserial: 12\nserial: 42\n' plain/ed25519.pub
make id 'id: options\nid: by ecdsa256\n' plain/ed25519.pub
make id-other-ca 'id: by ecdsa256\nserial: 7\n' plain/ecdsa256.pub
make any-ca 'id: by ecdsa256\nserial: 42\n' none
make sha1 "sha1: $(cat plain/ed25519.pub)\n"
make sha256 "sha256: $(cat plain/ecdsa256.pub)\n"
make hash "hash: $(ssh-keygen -lf plain/rsa3072.pub | cut -d' ' -f2)\n"
ssh-keygen -q -k -f krl/cert.krl -s plain/ed25519.pub cert/options-cert.pub
ask cert
ssh-keygen -q -k -f krl/empty.krl -s plain/ed25519.pub /dev/null
ask empty
rm -f spec.tmp

# Base64: judged by the function sshd calls.
python3 - >base64.txt <<'PY'
import ctypes, random
lib = ctypes.CDLL('libresolv.so.2')
fn = getattr(lib, '__b64_pton', None) or getattr(lib, 'b64_pton')
random.seed(5)
fixed = [b'', b'A', b'AA', b'AAA', b'AAAA', b'AA==', b'AA= =', b'AA=', b'AA=\t=\r\n', b'AAA=', b'AAA==',
         b'AAA=A', b'AA==A', b'AB==', b'AAB=', b'====', b'A===', b'=AAA', b'AAAA=', b'AAAA====', b' A A A A ',
         b'A\x0bA\x0cA\rA', b'AA-_', b'AA\xa0A', b'AAAAAA==AAAA', b'AAAAA', b'AAAA\nAA==\n']
alphabet = b'ABCDwxyz0189+/=== \t\n\r-'
for _ in range(600):
    fixed.append(bytes(random.choice(alphabet) for _ in range(random.randrange(1, 14))))
for text in fixed:
    out = ctypes.create_string_buffer(len(text) + 4)
    n = fn(text, out, max(len(text), 1))
    print('bad' if n < 0 else 'ok ' + out.raw[:n].hex(), text.hex(), sep='\t')
PY
