//! What is wrong with a configuration, as data with a place.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A span on one line of one file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Path as sshd opened it.
    pub file: Arc<[u8]>,
    /// Line of the file, from 1; 0 for the command line.
    pub line: u32,
    /// First column in bytes, from 1; 0 when the whole line is meant.
    pub column: u32,
    /// One past the last column.
    pub end_column: u32,
}

impl core::fmt::Debug for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{}:{}:{}-{}",
            vis(&self.file),
            self.line,
            self.column,
            self.end_column
        )
    }
}

/// What a problem does to sshd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// sshd exits at this line.
    Fatal,
    /// sshd counts it, reads the file to its end and exits there:
    /// `FILE: terminating, N bad configuration options`.
    Error,
    /// sshd goes on.
    Warning,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// `Bad configuration option`: this build does not know the keyword.
    BadKeyword {
        /// As written.
        keyword: Vec<u8>,
    },
    /// No argument, or an empty one where none may be empty.
    MissingArgument,
    /// The argument is not of the keyword's kind.
    BadValue {
        /// As sshd read it, quotes removed.
        value: Vec<u8>,
    },
    /// Something stands after the last argument.
    ExtraArguments {
        /// The first argument too many.
        value: Vec<u8>,
    },
    /// A quote is not closed.
    UnbalancedQuotes,
    /// A keyword for the global section inside a Match block.
    NotAllowedInMatch,
    /// A Match line sshd does not accept.
    BadMatch {
        /// The criterion or argument at fault.
        text: Vec<u8>,
    },
    /// More than 16 files deep.
    IncludeTooDeep,
    /// A file includes itself, directly or through others.
    IncludeLoop,
    /// More files or bytes than this reader takes on.
    TooManyIncludes,
    /// A file could not be read; sshd exits.
    Unreadable {
        /// `errno`, 0 if unknown.
        errno: i32,
    },
    /// A file was not looked at, so nothing is known of its contents.
    NotLooked,
    /// An algorithm list with a name this build does not know, or nothing left.
    BadAlgorithmList {
        /// The list as written.
        list: Vec<u8>,
    },
    /// The keyword does nothing any more.
    Deprecated,
    /// The keyword belongs to a feature that is not compiled in.
    Unsupported,
    /// Two keywords that do not go together (AuthorizedKeysCommand without a user…).
    Inconsistent,
    /// Something repeated that may be given once.
    Duplicate,
    /// A line longer than this version takes.
    LineTooLong,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it does to sshd.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What.
    pub kind: ProblemKind,
    /// The line sshd prints, where known, in its own escaping.
    pub sshd_message: Option<String>,
}

/// Text as sshd's logger prints it: `strnvis(VIS_SAFE|VIS_OCTAL)`.
#[must_use]
pub fn vis(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &b in bytes {
        match b {
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e | b'\t' | b'\n' | 0x08 | 0x07 | b'\r' => out.push(char::from(b)),
            _ => {
                out.push('\\');
                for shift in [6, 3, 0] {
                    out.push(char::from(b'0' + ((b >> shift) & 7)));
                }
            }
        }
    }
    out
}
