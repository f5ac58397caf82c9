//! DER (X.690), read with the place of each fault, and written.
//!
//! Own code: a fault must name its byte in the file, and files that ssh-keygen takes are not all
//! strict DER (lengths longer than needed), which the published readers refuse.

use crate::armour::{Fault, expected};
use alloc::vec::Vec;
use zeroize::Zeroizing;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// A cursor over DER that knows its offset in the content.
#[derive(Clone)]
pub(crate) struct Der<'a> {
    pub(crate) rest: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Der<'a> {
    pub(crate) fn new(rest: &'a [u8], at: usize) -> Self {
        Der { rest, at }
    }

    /// The tag of the next element, if there is one.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn next(&mut self, tag: u8, what: &'static str) -> Result<Der<'a>, Fault> {
        let fault = || expected(self.at, what);
        let (&[found, first], mut body) = self.rest.split_first_chunk::<2>().ok_or_else(fault)?;
        let mut head = 2usize;
        let len = if first < 0x80 {
            usize::from(first)
        } else {
            let n = usize::from(first & 0x7f);
            let (bytes, rest) = body
                .split_at_checked(n)
                .filter(|_| (1..=4).contains(&n))
                .ok_or_else(fault)?;
            body = rest;
            head = head.saturating_add(n);
            bytes.iter().fold(0usize, |v, &b| (v << 8) | usize::from(b))
        };
        let (content, rest) = body
            .split_at_checked(len)
            .filter(|_| found == tag)
            .ok_or_else(fault)?;
        let inner = Der::new(content, self.at.saturating_add(head));
        self.at = inner.at.saturating_add(len);
        self.rest = rest;
        Ok(inner)
    }

    /// As [`Der::next`], where the element may be absent.
    pub(crate) fn optional(
        &mut self,
        tag: u8,
        what: &'static str,
    ) -> Result<Option<Der<'a>>, Fault> {
        if self.peek() == Some(tag) {
            self.next(tag, what).map(Some)
        } else {
            Ok(None)
        }
    }

    pub(crate) fn sequence(&mut self, what: &'static str) -> Result<Der<'a>, Fault> {
        self.next(SEQUENCE, what)
    }

    /// A non-negative INTEGER without its leading zeros.
    pub(crate) fn integer(&mut self, what: &'static str) -> Result<&'a [u8], Fault> {
        let at = self.at;
        let n = self.next(INTEGER, what)?.rest;
        if n.is_empty() || n.first().is_some_and(|b| b & 0x80 != 0) {
            return Err(expected(at, what));
        }
        Ok(sshwhy_keys::wire::trim_zeros(n))
    }

    /// A non-negative INTEGER of at most 64 bits.
    pub(crate) fn small(&mut self, what: &'static str) -> Result<u64, Fault> {
        let at = self.at;
        let n = self.integer(what)?;
        if n.len() > 8 {
            return Err(expected(at, what));
        }
        Ok(n.iter().fold(0, |v, &b| (v << 8) | u64::from(b)))
    }

    /// A BIT STRING of whole bytes.
    pub(crate) fn bits(&mut self, what: &'static str) -> Result<Der<'a>, Fault> {
        let inner = self.next(BIT_STRING, what)?;
        match inner.rest.split_first() {
            Some((0, rest)) => Ok(Der::new(rest, inner.at.saturating_add(1))),
            _ => Err(expected(inner.at, what)),
        }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self, what: &'static str) -> Result<(), Fault> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(expected(self.at, what))
        }
    }
}

/// One element; built inside out, each part wiped on drop.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let len = parts.iter().fold(0usize, |n, p| n.saturating_add(p.len()));
    let mut out = Zeroizing::new(Vec::with_capacity(len.saturating_add(8)));
    out.push(tag);
    match u8::try_from(len) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
            let used = sshwhy_keys::wire::trim_zeros(&bytes);
            out.push(0x80 | u8::try_from(used.len()).unwrap_or(4));
            out.extend_from_slice(used);
        }
    }
    parts.iter().for_each(|p| out.extend_from_slice(p));
    out
}

/// INTEGER from a magnitude.
pub(crate) fn integer(magnitude: &[u8]) -> Zeroizing<Vec<u8>> {
    let m = sshwhy_keys::wire::trim_zeros(magnitude);
    let pad: &[u8] = match m.first() {
        Some(b) if b & 0x80 == 0 => &[],
        _ => &[0],
    };
    element(INTEGER, &[pad, m])
}

/// SEQUENCE of these elements.
pub(crate) fn sequence(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    element(SEQUENCE, parts)
}
