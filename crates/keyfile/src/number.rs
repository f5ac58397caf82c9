//! Arithmetic on the numbers of keys, as far as checking them needs it.

use alloc::vec::Vec;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{ConcatenatingMul, NonZero, Odd, U1024, U2048, U4096, U8192, Uint};
use rsa::BoxedUint;
use sshwhy_keys::wire::{bit_len, trim_zeros};
use zeroize::Zeroizing;

/// Longest number taken, in bits: that of sshd.
const MAX_BITS: u32 = 16384;

/// A number that is wiped on drop.
pub(crate) type Number = Zeroizing<BoxedUint>;

/// From a big endian magnitude. None above 16384 bits.
pub(crate) fn number(bytes: &[u8]) -> Option<Number> {
    (bit_len(bytes) <= MAX_BITS)
        .then(|| Zeroizing::new(BoxedUint::from_be_slice_vartime(trim_zeros(bytes))))
}

/// The big endian magnitude without leading zeros.
pub(crate) fn bytes(n: &BoxedUint) -> Zeroizing<Vec<u8>> {
    let all = Zeroizing::new(n.to_be_bytes().into_vec());
    Zeroizing::new(trim_zeros(&all).to_vec())
}

/// The product, with room for all of it.
pub(crate) fn product(a: &BoxedUint, b: &BoxedUint) -> Number {
    Zeroizing::new(a.concatenating_mul(b))
}

/// `a mod m`; None for zero.
pub(crate) fn modulo(a: &BoxedUint, m: &BoxedUint) -> Option<Number> {
    let m = Zeroizing::new(NonZero::new(m.clone()).into_option()?);
    let (quotient, rest) = a.div_rem(&*m);
    drop(Zeroizing::new(quotient));
    Some(Zeroizing::new(rest))
}

/// `n - 1` of an odd number; None of an even one.
pub(crate) fn less_one(n: &[u8]) -> Option<Number> {
    let mut n = Zeroizing::new(n.to_vec());
    let last = n.last_mut().filter(|b| **b & 1 == 1)?;
    *last &= 0xfe;
    number(&n)
}

/// Whether `a * b = 1 mod m`.
pub(crate) fn are_inverse(a: &BoxedUint, b: &BoxedUint, m: &BoxedUint) -> bool {
    modulo(&product(a, b), m).is_some_and(|r| bytes(&r).as_slice() == [1])
}

/// `base ^ exponent mod m` for an odd `m`.
pub(crate) fn power(base: &BoxedUint, exponent: &BoxedUint, m: &BoxedUint) -> Option<Number> {
    let odd = Odd::new(m.clone()).into_option()?;
    let base = modulo(base, m)?;
    let params = BoxedMontyParams::new(odd);
    let form = BoxedMontyForm::new(BoxedUint::clone(&base), &params);
    Some(Zeroizing::new(form.pow(exponent).retrieve()))
}

/// `a^-1 mod m` for an odd `m` of at most 8192 bits, which is a prime of the longest RSA key.
pub(crate) fn inverse(a: &[u8], m: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let m = number(m)?;
    let a = modulo(&*number(a)?, &m)?;
    // Of a fixed size: computing with numbers on the heap frees copies of both unwiped.
    match m.bits() {
        0..=1024 => fixed_inverse::<{ U1024::LIMBS }>(&a, &m),
        1025..=2048 => fixed_inverse::<{ U2048::LIMBS }>(&a, &m),
        2049..=4096 => fixed_inverse::<{ U4096::LIMBS }>(&a, &m),
        _ => fixed_inverse::<{ U8192::LIMBS }>(&a, &m),
    }
}

fn fixed_inverse<const LIMBS: usize>(a: &BoxedUint, m: &BoxedUint) -> Option<Zeroizing<Vec<u8>>> {
    let a = fixed::<LIMBS>(a)?;
    let m = Zeroizing::new(Odd::new(*fixed::<LIMBS>(m)?).into_option()?);
    let inverse = Zeroizing::new(a.invert_odd_mod(&m).into_option()?);
    let words = Zeroizing::new(inverse.to_words());
    let mut all = Zeroizing::new(Vec::with_capacity(size_of_val(&*words)));
    words
        .iter()
        .rev()
        .for_each(|word| all.extend_from_slice(&word.to_be_bytes()));
    Some(Zeroizing::new(trim_zeros(&all).to_vec()))
}

/// The number in this many limbs; None where it does not fit.
fn fixed<const LIMBS: usize>(n: &BoxedUint) -> Option<Zeroizing<Uint<LIMBS>>> {
    let mut words = Zeroizing::new([0; LIMBS]);
    for (at, word) in n.as_words().iter().enumerate() {
        match words.get_mut(at) {
            Some(to) => *to = *word,
            None if *word == 0 => {}
            None => return None,
        }
    }
    Some(Zeroizing::new(Uint::from_words(*words)))
}

/// Whether one magnitude is below the other; neither has leading zeros.
pub(crate) fn is_less(a: &[u8], b: &[u8]) -> bool {
    (a.len(), a) < (b.len(), b)
}
