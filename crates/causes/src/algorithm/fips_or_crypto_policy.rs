//! `fips-or-crypto-policy`

use crate::prelude::*;

/// The cause `fips-or-crypto-policy`.
pub static CAUSE: Cause = Cause {
    id: "fips-or-crypto-policy",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the system's crypto policy leaves {algorithm} out of what sshd accepts",
    rule: "PubkeyAcceptedAlgorithms comes from {origin}, which the policy writes",
    note: "the sshd_config that people edit does not name the list; the policy of the whole system does",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use a key that the policy accepts: ECDSA on P-256, or RSA of 3072 bits and more, where FIPS mode rules out Ed25519",
            commands: &["ssh-keygen -t ecdsa -b 256"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {algorithm} in a drop-in of sshd_config.d that is read before the policy's own, then reload sshd: ask the administrator, the policy is a decision for the whole machine",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms" },
        LogLine { level: Level::Info, text: "key type {algorithm} not in PubkeyAcceptedAlgorithms" },
    ],
    page: "The operating system's crypto policy or FIPS mode takes this key's algorithm away from sshd.

## What it means
RHEL, Fedora and their kin write sshd's algorithm lists from one policy for the whole system. The
key's algorithm is not in it, though nobody set it in sshd_config.

## Why sshd refuses
The policy's file sets PubkeyAcceptedAlgorithms, and on newer releases RequiredRSASize. FIPS mode
leaves out Ed25519; policies since RHEL 9 leave out SHA-1; RHEL 9 wants RSA of 2048 bits.

## How to see it
```
update-crypto-policies --show
cat /etc/crypto-policies/back-ends/opensshserver.config
fips-mode-setup --check
```
sshd logs what is missing:
```
userauth_pubkey: signature algorithm ssh-ed25519 not in PubkeyAcceptedAlgorithms [preauth]
refusing RSA key: Invalid key length [preauth]
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Use a key that the policy accepts: ECDSA P-256, or RSA of 3072 bits with a client that signs
  SHA-2.
- If one algorithm has to come back, a small policy module is narrower than a change of the whole
  policy. Ask the administrator.

## Pitfalls
- `update-crypto-policies --set LEGACY` opens TLS and everything else too.
- A list of your own in sshd_config comes after the included policy file and loses against it.
- Where SHA-1 is banned in the crypto library, a signature can fail although the list has its
  name: PuTTY then says `Server refused public-key signature despite accepting key!`
- The client's side has such a policy too.
",
};
