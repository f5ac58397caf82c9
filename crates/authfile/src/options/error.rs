//! Why an option list is refused, in sshd's own words.

use super::OptionName;
use crate::Span;

/// What sshd found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionErrorKind {
    /// Not an option of this build. `newer` names the option when other builds know it.
    Unknown {
        /// The option, when only this build does not know it.
        newer: Option<OptionName>,
    },
    /// A value does not begin with a double quote.
    MissingStartQuote,
    /// A value's quote is not closed before the end of the line.
    MissingEndQuote,
    /// `command`, `principals` or `from` twice.
    Multiple(OptionName),
    /// `expiry-time` is no time.
    InvalidExpiresTime,
    /// `environment` is not `NAME=value` with a name of letters and digits.
    InvalidEnvironment,
    /// More `environment` than sshd keeps (1024).
    TooManyEnvironment,
    /// `permitopen` or `permitlisten` has no readable host.
    InvalidPermissionHostname,
    /// `permitopen` or `permitlisten` has no port, or one that is none.
    InvalidPermissionPort,
    /// More `permitopen` or `permitlisten` than sshd keeps (4096).
    TooManyPermissions,
    /// `tunnel` is neither `any` nor a number.
    InvalidTunDevice,
    /// The text ends after a comma.
    UnexpectedEnd,
}

/// An error of the option list: the line it stands on is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OptionError {
    /// What is wrong.
    pub kind: OptionErrorKind,
    /// Where, counted from the start of the line: the smallest span that shows it.
    pub span: Span,
}

impl OptionError {
    /// The words sshd puts after `bad key options: `.
    pub const fn sshd_text(&self) -> &'static str {
        match self.kind {
            OptionErrorKind::Unknown { .. } => "unknown key option",
            OptionErrorKind::MissingStartQuote => "missing start quote",
            OptionErrorKind::MissingEndQuote => "missing end quote",
            OptionErrorKind::Multiple(OptionName::Principals) => "multiple \"principals\" clauses",
            OptionErrorKind::Multiple(OptionName::From) => "multiple \"from\" clauses",
            OptionErrorKind::Multiple(_) => "multiple \"command\" clauses",
            OptionErrorKind::InvalidExpiresTime => "invalid expires time",
            OptionErrorKind::InvalidEnvironment => "invalid environment string",
            OptionErrorKind::TooManyEnvironment => "too many environment strings",
            OptionErrorKind::InvalidPermissionHostname => "invalid permission hostname",
            OptionErrorKind::InvalidPermissionPort => "invalid permission port",
            OptionErrorKind::TooManyPermissions => "too many permission directives",
            OptionErrorKind::InvalidTunDevice => "invalid tun device",
            OptionErrorKind::UnexpectedEnd => "unexpected end-of-options",
        }
    }
}
