//! Weak and known-bad keys, told from the public half alone.

use alloc::vec::Vec;
use core::fmt;
use sshwhy_keys::wire::bit_len;
use sshwhy_keys::{Curve, KeyType, Material, PublicKey};

/// What is weak about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// DSA: off by default since OpenSSH 7.0, gone since 10.0.
    Dsa,
    /// An RSA modulus that is short.
    RsaShort {
        /// Its length.
        bits: u32,
        /// What is asked for: 2048 bits at least (below: can be broken or will soon be), or the
        /// 3072 that ssh-keygen makes by default.
        wanted: u32,
    },
    /// An RSA exponent of 1, or an even one: no key at all.
    RsaExponentBroken,
    /// An odd RSA exponent below 65537.
    RsaExponentSmall(u32),
    /// An RSA exponent of more than 32 bits, which many programs refuse.
    RsaExponentHuge {
        /// Its length.
        bits: u32,
    },
    /// An RSA modulus that this small prime divides: damaged, or made to be broken.
    RsaFactor(u32),
    /// Made by a chip of Infineon with the flaw of CVE-2017-15361 ("ROCA"): can be factored.
    Roca,
    /// P-521: if it was ever used with PuTTY or Pageant 0.68 to 0.80, or a program that contains
    /// them, the private half can be computed from its signatures (CVE-2024-31497).
    PuttyP521,
}

/// What could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotChecked {
    /// Whether it is one of the keys that Debian's OpenSSL made in 2006 to 2008 (CVE-2008-0166):
    /// the lists of them are no longer packaged.
    Debian2008,
}

/// The outcome of [`weaknesses`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weaknesses {
    /// What is weak, the worst first.
    pub found: Vec<Weakness>,
    /// What was not looked at, for keys that it may concern.
    pub not_checked: Vec<NotChecked>,
}

impl Weakness {
    /// Whether the key must not be used any longer, for certain.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        match self {
            Weakness::Roca | Weakness::RsaExponentBroken | Weakness::RsaFactor(_) => true,
            Weakness::RsaShort { bits, .. } => *bits < 1024,
            _ => false,
        }
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Weakness::Dsa => f.write_str(
                "DSA, which OpenSSH has off by default since 7.0 and not at all since 10.0",
            ),
            Weakness::RsaShort { bits, wanted } => {
                write!(f, "RSA of {bits} bits, where {wanted} are asked for")
            }
            Weakness::RsaExponentBroken => {
                f.write_str("an RSA exponent of 1 or an even one, which protects nothing")
            }
            Weakness::RsaExponentSmall(e) => write!(f, "a small RSA exponent: {e}"),
            Weakness::RsaExponentHuge { bits } => write!(
                f,
                "an RSA exponent of {bits} bits, which many programs refuse"
            ),
            Weakness::RsaFactor(p) => write!(f, "an RSA modulus that {p} divides"),
            Weakness::Roca => f.write_str(
                "an RSA key of the flawed Infineon chips (CVE-2017-15361, \"ROCA\"), which can be factored",
            ),
            Weakness::PuttyP521 => f.write_str(
                "P-521: if it was ever used with PuTTY or Pageant 0.68 to 0.80, its private half is known to whoever saw about 60 signatures (CVE-2024-31497)",
            ),
        }
    }
}

impl fmt::Display for NotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotChecked::Debian2008 => f.write_str(
                "not checked: the keys that Debian's OpenSSL made in 2006 to 2008 (CVE-2008-0166), whose lists are no longer packaged",
            ),
        }
    }
}

/// The odd primes up to 167: their product with 2 divides the modulus that the flawed chips used
/// for keys of every length (Nemec and others, "The Return of Coppersmith's Attack", 2017, §2).
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// What is weak about a key, as far as its public half tells.
#[must_use]
pub fn weaknesses(key: &PublicKey) -> Weaknesses {
    let mut all = Weaknesses::default();
    match key.material() {
        Material::Dsa { .. } => {
            all.found.push(Weakness::Dsa);
            all.not_checked.push(NotChecked::Debian2008);
        }
        Material::Rsa { e, n } => {
            rsa(e, n, &mut all.found);
            all.not_checked.push(NotChecked::Debian2008);
        }
        Material::Ecdsa {
            curve: Curve::P521, ..
        } if key.key_type().plain() == KeyType::EcdsaP521 => all.found.push(Weakness::PuttyP521),
        _ => {}
    }
    all
}

fn rsa(e: &[u8], n: &[u8], found: &mut Vec<Weakness>) {
    let is_even = |n: &[u8]| n.last().is_none_or(|b| b & 1 == 0);
    if is_roca(n) {
        found.push(Weakness::Roca);
    }
    if is_even(e) || e == [1] {
        found.push(Weakness::RsaExponentBroken);
    }
    if is_even(n) {
        found.push(Weakness::RsaFactor(2));
    } else if let Some(p) = PRIMES.into_iter().find(|&p| remainder(n, p) == 0) {
        found.push(Weakness::RsaFactor(p));
    }
    let bits = bit_len(n);
    for wanted in [2048, 3072] {
        if bits < wanted {
            found.push(Weakness::RsaShort { bits, wanted });
            break;
        }
    }
    let small = e
        .iter()
        .try_fold(0u32, |v, &b| v.checked_mul(256)?.checked_add(u32::from(b)));
    match small {
        Some(e) if e > 1 && e % 2 == 1 && e < 65537 => found.push(Weakness::RsaExponentSmall(e)),
        Some(_) => {}
        None => found.push(Weakness::RsaExponentHuge { bits: bit_len(e) }),
    }
}

/// `n mod p` for a small `p`.
fn remainder(n: &[u8], p: u32) -> u32 {
    n.iter().fold(0u32, |r, &b| {
        r.wrapping_mul(256).wrapping_add(u32::from(b)) % p
    })
}

/// Whether the modulus is a power of 65537 modulo every small prime, with one exponent for all:
/// the fingerprint of the flawed chips. By chance one modulus in 2^154 has it: of 2^216 residues
/// 2^61 are powers of 65537.
fn is_roca(n: &[u8]) -> bool {
    let mut known: Vec<(u32, u32)> = Vec::with_capacity(PRIMES.len());
    PRIMES.into_iter().all(|p| {
        let Some((exponent, order)) = logarithm(remainder(n, p), p) else {
            return false;
        };
        let fits = known.iter().all(|&(other, its)| {
            let common = gcd(order, its);
            exponent % common == other % common
        });
        known.push((exponent, order));
        fits
    })
}

/// The exponent of 65537 that gives `value` modulo `p`, and the order of 65537 there.
fn logarithm(value: u32, p: u32) -> Option<(u32, u32)> {
    let mut power = 1u32;
    let mut exponent = None;
    for n in 0..p {
        if power == value && exponent.is_none() {
            exponent = Some(n);
        }
        power = power.wrapping_mul(65537 % p) % p;
        if power == 1 {
            return Some((exponent?, n.saturating_add(1)));
        }
    }
    None
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
