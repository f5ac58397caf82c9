//! What differs between builds, as data the caller fills in.

use crate::label::LabelSet;
use crate::options::OptionSet;
use alloc::vec::Vec;

/// Which server's line grammar is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// OpenSSH: `auth_check_authkey_line` (7.7 and later) or `check_authkeys_file` (before).
    OpenSsh,
    /// Dropbear: `checkpubkey_line`: one space between type and key, no leading blanks, few options.
    Dropbear,
}

/// The rules of one build for reading authorized_keys lines. Plain data: the table of builds fills it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whose grammar.
    pub flavour: Flavour,
    /// TAB ends the key type and the base64 (OpenSSH 7.7 and later); before, only SPACE does, and exactly one
    /// SPACE must stand between them.
    pub tab_separates: bool,
    /// Longest line in bytes, its newline not counted, that is still read; longer ones are skipped.
    /// OpenSSH up to 7.7: 16 382 (8 190 before 7.2); Dropbear: 4200 (3000 from 2026.9x). `None`: no limit.
    pub max_line: Option<usize>,
    /// Lines past this count are not read (Dropbear 2026.9x: 300). `None`: no limit.
    pub max_lines: Option<usize>,
    /// Option names this build knows.
    pub options: OptionSet,
    /// `expiry-time` takes a trailing `Z` or `UTC` (OpenSSH 9.1 and later).
    pub expiry_utc: bool,
    /// Options are parsed before the key is compared (OpenSSH 7.7 and later): a bad option on another key's
    /// line is logged too.
    pub options_before_key: bool,
    /// An unterminated quote before the key is an error of its own, `invalid key option string` (7.7 and later).
    pub unterminated_quote_is_error: bool,
    /// `environment=` names may hold `_` (OpenSSH 7.8 and later).
    pub environment_underscore: bool,
    /// Key types compiled into this build.
    pub labels: LabelSet,
    /// Smallest RSA modulus in bits a key may have to be read at all (`SSH_RSA_MINIMUM_MODULUS_SIZE`: 1024 from
    /// 7.6, 768 before).
    pub rsa_min_bits: u32,
    /// TCP services that a port may be named by, from the server's services(5). `None`: it was not looked at, and
    /// the common ones are taken to be there.
    pub services: Option<Vec<Vec<u8>>>,
}

impl Rules {
    /// OpenSSH `major.minor` as upstream builds it, from 7.0 on. Vendor patches do not touch the line grammar.
    pub fn openssh(major: u16, minor: u16) -> Self {
        let v = (major, minor);
        Self {
            flavour: Flavour::OpenSsh,
            tab_separates: v >= (7, 7),
            max_line: if v < (7, 2) {
                Some(8_190)
            } else if v <= (7, 7) {
                Some(16_382)
            } else {
                None
            },
            max_lines: None,
            options: OptionSet::openssh(major, minor),
            expiry_utc: v >= (9, 1),
            options_before_key: v >= (7, 7),
            unterminated_quote_is_error: v >= (7, 7),
            environment_underscore: v >= (7, 8),
            labels: LabelSet::openssh(major, minor),
            rsa_min_bits: if v >= (7, 6) { 1024 } else { 768 },
            services: None,
        }
    }

    /// Dropbear of that release (`2022, 83`).
    pub fn dropbear(year: u16, release: u16) -> Self {
        let v = (year, release);
        Self {
            flavour: Flavour::Dropbear,
            tab_separates: false,
            max_line: Some(if v >= (2026, 91) { 3000 } else { 4200 }),
            max_lines: if v >= (2026, 91) { Some(300) } else { None },
            options: OptionSet::dropbear(year, release),
            expiry_utc: false,
            options_before_key: false,
            unterminated_quote_is_error: false,
            environment_underscore: false,
            labels: LabelSet::dropbear(),
            rsa_min_bits: 1024,
            services: None,
        }
    }
}

impl Default for Rules {
    /// OpenSSH 9.2, the build every recorded verdict of the tests comes from.
    fn default() -> Self {
        Self::openssh(9, 2)
    }
}
