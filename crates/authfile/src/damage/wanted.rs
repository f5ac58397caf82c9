//! The key that is looked for.

use crate::blob;
use crate::label::{Kind, Label};
use crate::line::{Answer, Line, OfferedKey};
use crate::rules::Rules;
use alloc::vec::Vec;
use sshwhy_keys::base64;

/// The key a damaged line may once have held.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub(crate) blob: &'a [u8],
    pub(crate) comment: Option<&'a [u8]>,
    pub(crate) base64: Vec<u8>,
    pub(crate) label: &'static Label,
    /// Characters of the base64 that every key of the type shares.
    pub(crate) header: usize,
}

impl<'a> Wanted<'a> {
    /// The key of this blob, with the comment it was created with. `None` for a blob of no plain key type.
    pub fn new(blob: &'a [u8], comment: Option<&'a [u8]>) -> Option<Self> {
        let label = blob::inner_label(blob).filter(|l| !l.cert)?;
        let name = 4 + label.name.len();
        let shared = match label.kind {
            // Type, curve, length and form of the point.
            Kind::Ecdsa | Kind::EcdsaSk => name + 4 + 8 + 4 + 1,
            // Type, exponent, length and first zero of the modulus.
            Kind::Rsa => name + 4 + 3 + 4 + 1,
            _ => name + 4,
        };
        let base64 = base64::encode(blob).into_bytes();
        let header = (shared * 4).div_ceil(3).min(base64.len());
        Some(Self {
            blob,
            comment,
            base64,
            label,
            header,
        })
    }

    /// The parts that stand for the key itself, without type, lengths and padding: for finding it in other formats.
    pub(crate) fn essence(&self) -> &'a [u8] {
        let skip = match self.label.kind {
            Kind::Ecdsa => 4 + self.label.name.len() + 4 + 8 + 4,
            Kind::Rsa => 4 + self.label.name.len() + 4 + 3 + 4,
            Kind::Dsa => 4 + self.label.name.len() + 4,
            _ => 4 + self.label.name.len() + 4,
        };
        let rest = self.blob.get(skip..).unwrap_or(&[]);
        // Enough of it to be this key alone: of DSA and the FIDO kinds only the first number.
        let len = match self.label.kind {
            Kind::Dsa => rest.len().min(128),
            Kind::Ed25519Sk | Kind::Ed25519 => rest.len().min(32),
            _ => rest.len(),
        };
        rest.get(..len).unwrap_or(rest)
    }

    pub(crate) fn offered(&self) -> OfferedKey<'a> {
        OfferedKey::plain(self.blob).unwrap_or(OfferedKey::certificate(self.blob))
    }

    /// `[options ]TYPE BASE64[ comment]`
    pub(crate) fn line(&self, options: &[u8], comment: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(options.len() + self.base64.len() + comment.len() + 40);
        out.extend_from_slice(options);
        if !options.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(self.label.name.as_bytes());
        out.push(b' ');
        out.extend_from_slice(&self.base64);
        let comment = comment.trim_ascii();
        if !comment.is_empty() {
            out.push(b' ');
            out.extend_from_slice(comment);
        }
        out
    }

    /// True when sshd finds the wanted key on this line (its options readable, not marked as a CA).
    pub(crate) fn is_on(&self, line: &[u8], rules: &Rules) -> bool {
        matches!(
            Line::read(line, rules).candidate_for(&self.offered()),
            Answer::Match(_)
        )
    }
}
