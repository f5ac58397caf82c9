//! A private key file taken apart, without its passphrase.

use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::secret::PrivateKey;
use crate::{openssh, pem, pkcs8, ppk, sshcom};
use alloc::vec::Vec;
use core::ops::Range;
use sshwhy_keys::{Block, BlockText, Encoding, Format, PublicKey, base64, sniff};
use zeroize::Zeroizing;

/// How the private half is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// By nothing.
    None,
    /// By a passphrase.
    Passphrase {
        /// The cipher as the file names it: `aes256-cbc`, `AES-128-CBC`, `DES-EDE3-CBC`.
        cipher: Vec<u8>,
        /// How the key is made from the passphrase.
        kdf: Kdf,
    },
}

/// How an encryption key is made from a passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kdf {
    /// PPK version 3 (RFC 9106).
    Argon2 {
        /// Which of the three.
        flavour: Argon2Flavour,
        /// Memory in KiB.
        memory: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        parallelism: u32,
        /// Length of the salt in bytes.
        salt: usize,
    },
    /// PPK versions 1 and 2: SHA-1 of a counter and the passphrase, once and unsalted.
    PpkSha1,
    /// OpenSSH's own format.
    Bcrypt {
        /// Rounds; ssh-keygen's default is 16 in 9.2, 24 in 10.0, 32 in 10.6.
        rounds: u32,
        /// Length of the salt in bytes.
        salt: usize,
    },
    /// `Proc-Type: 4,ENCRYPTED`: OpenSSL's EVP_BytesToKey with one round of MD5.
    PemMd5,
    /// PKCS#5 v2 (RFC 8018 §5.2).
    Pbkdf2 {
        /// The pseudorandom function: `hmac-sha256`.
        prf: &'static str,
        /// Iterations.
        iterations: u32,
    },
    /// RFC 7914.
    Scrypt {
        /// CPU and memory cost N.
        n: u64,
        /// Block size r.
        r: u32,
        /// Parallelism p.
        p: u32,
    },
    /// PKCS#5 v1.5 or PKCS#12, dead.
    Pbes1 {
        /// Iterations.
        iterations: u32,
    },
    /// ssh.com: MD5 of the passphrase.
    SshComMd5,
}

/// The variants of Argon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argon2Flavour {
    /// Argon2d
    D,
    /// Argon2i
    I,
    /// Argon2id
    Id,
}

/// Something odd about a file that can be read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What was found.
    pub kind: FileErrorKind,
}

/// A private key file taken apart, without its passphrase. What is secret in it is wiped on drop.
pub struct KeyFile {
    /// The shape of the file.
    pub format: Format,
    /// How its text is encoded.
    pub encoding: Encoding,
    /// The line at which the key begins, from 1.
    pub line: usize,
    /// The public half, where it can be told without the passphrase; a certificate where the file
    /// carries one.
    pub public: Option<PublicKey>,
    /// The comment, where it can be told without the passphrase.
    pub comment: Option<Vec<u8>>,
    /// How the private half is protected.
    pub protection: Protection,
    /// What is odd about it.
    pub problems: Vec<Problem>,
    pub(crate) body: Body,
}

/// What each format keeps for unlocking.
pub(crate) enum Body {
    Ppk(ppk::Body),
    Openssh(openssh::Body),
    Pem(pem::Body),
    Pkcs8(pkcs8::Body),
    SshCom(sshcom::Body),
}

impl KeyFile {
    /// Decrypts the private half and checks it against everything the file has to check it by.
    /// A passphrase that is not needed is not looked at.
    ///
    /// # Errors
    /// Says whether the passphrase or the file is at fault, wherever that can be told.
    pub fn unlock(&self, passphrase: Option<&[u8]>) -> Result<PrivateKey, UnlockError> {
        let passphrase = match self.protection {
            Protection::None => None,
            Protection::Passphrase { .. } => Some(passphrase.ok_or(UnlockError::PassphraseNeeded)?),
        };
        match &self.body {
            Body::Ppk(body) => ppk::unlock(self, body, passphrase),
            Body::Openssh(body) => openssh::unlock(self, body, passphrase),
            Body::Pem(body) => pem::unlock(self, body, passphrase),
            Body::Pkcs8(body) => pkcs8::unlock(self, body, passphrase),
            Body::SshCom(body) => sshcom::unlock(self, body, passphrase),
        }
    }
}

/// A block of a private key, found in some data. It may be private: no `Debug`.
pub(crate) struct Found<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) block: &'a Block,
    pub(crate) text: BlockText,
}

impl Found<'_> {
    /// An error in the line at this index of the block.
    pub(crate) fn fail(&self, index: usize, kind: FileErrorKind) -> FileError {
        self.fail_at(index, 0, kind)
    }

    /// An error at a byte of the line at this index of the block. An index behind the last line
    /// is the end of the block.
    pub(crate) fn fail_at(&self, index: usize, column: usize, kind: FileErrorKind) -> FileError {
        let last = self.text.len().saturating_sub(1);
        let line = self.text.get(index.min(last));
        let offset = if index <= last {
            self.text.offset(index, column)
        } else {
            self.block.span.end.min(self.data.len())
        };
        FileError {
            line: line.map_or(self.block.line, |l| l.number),
            offset,
            format: Some(self.block.format.clone()),
            kind,
        }
    }

    /// The base64 of these lines (indices in the block), decoded.
    pub(crate) fn base64(&self, lines: Range<usize>) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let all = || {
            lines
                .clone()
                .map_while(|n| Some((n, self.text.get(n)?.text)))
        };
        let size = all().fold(0usize, |sum, (_, t)| sum.saturating_add(t.len()));
        let mut joined = Zeroizing::new(Vec::with_capacity(size));
        all().for_each(|(_, text)| joined.extend_from_slice(text));
        // With its full room from the start, the buffer never moves and leaves no copy.
        let mut out = Zeroizing::new(Vec::with_capacity(size.saturating_add(3)));
        match base64::decode_into(&joined, &mut out) {
            Ok(()) => Ok(out),
            Err(e) => {
                let mut left = e.offset;
                let mut place = (lines.start, 0);
                for (n, text) in all() {
                    place = (n, left.min(text.len()));
                    if left < text.len() {
                        break;
                    }
                    left = left.saturating_sub(text.len());
                }
                Err(self.fail_at(place.0, place.1, FileErrorKind::Base64(e)))
            }
        }
    }

    /// The parts of a file that has no problems so far.
    pub(crate) fn key_file(
        &self,
        public: Option<PublicKey>,
        comment: Option<Vec<u8>>,
        protection: Protection,
        body: Body,
    ) -> KeyFile {
        KeyFile {
            format: self.block.format.clone(),
            encoding: self.text.encoding(),
            line: self.block.line,
            public,
            comment,
            protection,
            problems: Vec::new(),
            body,
        }
    }
}

/// Takes the first private key of `data` apart, whatever its format.
///
/// # Errors
/// Names the place and the part that is damaged, or what the file is instead of a private key.
pub fn read(data: &[u8]) -> Result<KeyFile, FileError> {
    let fail = |line, offset, format, kind| FileError {
        line,
        offset,
        format,
        kind,
    };
    if data.iter().all(u8::is_ascii_whitespace) {
        return Err(fail(1, 0, None, FileErrorKind::Empty));
    }
    // PuTTY takes a lone CR for the end of a line; places stay what they were.
    let with_lf: Zeroizing<Vec<u8>>;
    let data = if data.contains(&b'\r') && !data.contains(&b'\n') {
        with_lf = Zeroizing::new(
            data.iter()
                .map(|&b| if b == b'\r' { b'\n' } else { b })
                .collect(),
        );
        with_lf.as_slice()
    } else {
        data
    };
    let sniffed = sniff(data);
    let Some(block) = sniffed.blocks.iter().find(|b| b.format.is_private()) else {
        let first = sniffed.blocks.first();
        return Err(fail(
            first.map_or(1, |b| b.line),
            first.map_or(0, |b| b.span.start),
            None,
            FileErrorKind::NotPrivate(first.map(|b| b.format.clone())),
        ));
    };
    let found = Found {
        data,
        block,
        text: BlockText::new(data, block),
    };
    match &block.format {
        Format::Ppk { .. } => ppk::read(&found),
        Format::OpensshPrivate => openssh::read(&found),
        Format::SshCom => sshcom::read(&found),
        Format::Pem { label, .. } if label.ends_with(b" PRIVATE KEY") => match label.as_slice() {
            b"ENCRYPTED PRIVATE KEY" => pkcs8::read(&found),
            _ => pem::read(&found),
        },
        Format::Pem { .. } => pkcs8::read(&found),
        _ => Err(found.fail(
            0,
            FileErrorKind::Unsupported(b"a key of SSH protocol 1".to_vec()),
        )),
    }
}
