//! Arithmetic on the numbers of keys, as far as checking them needs it.

use alloc::vec::Vec;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{ConcatenatingMul, NonZero, Odd};
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
    let m = Zeroizing::new(NonZero::new(m.clone()).into_option()?.get());
    let m = NonZero::new(BoxedUint::clone(&m)).into_option()?;
    Some(Zeroizing::new(a.rem(&m)))
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

/// `a^-1 mod m` for an odd `m`.
pub(crate) fn inverse(a: &[u8], m: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let m = number(m)?;
    let a = modulo(&*number(a)?, &m)?;
    let odd = Odd::new(BoxedUint::clone(&m)).into_option()?;
    let inverse = Zeroizing::new(a.invert_odd_mod(&odd).into_option()?);
    Some(bytes(&inverse))
}

/// Whether one magnitude is below the other; neither has leading zeros.
pub(crate) fn is_less(a: &[u8], b: &[u8]) -> bool {
    (a.len(), a) < (b.len(), b)
}
