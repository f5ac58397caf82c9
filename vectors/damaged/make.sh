#!/bin/sh
# Makes the damaged key files anew (cases/), from whole ones (whole/), and records what puttygen and
# ssh-keygen say about each (said.tsv). Needs python3, puttygen 0.78, ssh-keygen 9.2.
# Every private key here was made for these tests. The whole ones are kept: `rm -r whole` makes new ones.
set -eu
cd "$(dirname "$0")"
if ! [ -d whole ]; then
    mkdir whole
    printf 'correct horse\n' >pass
    : >none
    ssh-keygen -q -t ed25519 -N '' -C alice@example -f whole/ed
    ssh-keygen -q -t ed25519 -N '' -C bob@example -f whole/other
    ssh-keygen -q -t ed25519 -N 'correct horse' -a 1 -C alice@example -f whole/ed-enc
    ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -C alice@example -f whole/rsa.pem
    ssh-keygen -q -t rsa -b 2048 -m PEM -N 'correct horse' -C alice@example -f whole/rsa-enc.pem
    ssh-keygen -q -t ecdsa -N '' -C alice@example -f whole/ec
    fast=version=3,memory=64,passes=1
    puttygen whole/ed -O private -o whole/ed.ppk --new-passphrase none
    puttygen whole/ed -O private --ppk-param version=2 -o whole/ed2.ppk --new-passphrase none
    puttygen whole/ed -O private --ppk-param $fast -o whole/ed-enc.ppk --new-passphrase pass
    puttygen whole/ed -O private --ppk-param version=2 -o whole/ed2-enc.ppk --new-passphrase pass
    puttygen whole/rsa.pem -O private -C alice@example -o whole/rsa.ppk --new-passphrase none
    puttygen whole/rsa.pem -O private-sshcom -o whole/rsa.sshcom --new-passphrase none
    puttygen whole/other -O private -o whole/other.ppk --new-passphrase none
    puttygen whole/rsa.ppk -O public -o whole/rsa.rfc4716
    rm pass none
fi
rm -rf cases
mkdir cases
python3 make.py
python3 record.py >said.tsv
