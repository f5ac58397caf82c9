//! The options before a key, as `sshauthopt_parse` reads them.

mod error;
mod name;
mod parse;
mod value;

pub use error::{OptionError, OptionErrorKind};
pub use name::{OptionName, OptionSet};
pub use value::{CivilTime, EnvVar, Expiry, Permit, Port, Secret, Tunnel, Value};

use crate::Span;
use alloc::vec::Vec;

/// One option as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which option.
    pub name: OptionName,
    /// True for the `no-` form.
    pub negated: bool,
    /// The whole option, value and quotes included.
    pub span: Span,
    /// The value between its quotes.
    pub value: Option<Span>,
}

/// The name of the option that a place on a line belongs to: what the place begins with, or the word before the
/// value that it is.
pub fn option_name(line: &[u8], place: Span) -> &[u8] {
    let before = line.get(..place.start).unwrap_or(&[]);
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let Some(before) = before.strip_suffix(b"=") else {
        let text = place.of(line);
        return text.split(|&b| b == b'=').next().unwrap_or(text);
    };
    let from = before
        .iter()
        .rposition(|b| !b.is_ascii_alphanumeric() && *b != b'-')
        .map_or(0, |i| i + 1);
    before.get(from..).unwrap_or(&[])
}

/// The options of one line. Spans count from the start of the line.
///
/// The flags hold what is in force at the end of the list: later options override earlier ones, as in sshd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Every option in the order written.
    pub items: Vec<Item>,
    /// `restrict` was given.
    pub restricted: bool,
    /// `cert-authority` was given.
    pub cert_authority: bool,
    /// Port forwarding is permitted.
    pub port_forwarding: bool,
    /// Agent forwarding is permitted.
    pub agent_forwarding: bool,
    /// X11 forwarding is permitted.
    pub x11_forwarding: bool,
    /// A terminal is permitted.
    pub pty: bool,
    /// `~/.ssh/rc` is run.
    pub user_rc: bool,
    /// A FIDO signature must show the user's presence (`no-touch-required` turns it off).
    pub touch_required: bool,
    /// A FIDO signature must show the user was verified.
    pub verify_required: bool,
    /// `command=`: runs instead of what the client asks for.
    pub command: Option<Secret>,
    /// `principals=`: only on a CA line.
    pub principals: Option<Value>,
    /// `from=`: a pattern-list.
    pub from: Option<Value>,
    /// Each `expiry-time=`; the earliest is in force.
    pub expiry: Vec<Expiry>,
    /// `environment=`: the first of each name.
    pub environment: Vec<EnvVar>,
    /// `permitopen=`.
    pub permitopen: Vec<Permit>,
    /// `permitlisten=`; a bare port stands for every host.
    pub permitlisten: Vec<Permit>,
    /// `tunnel=`: the last one.
    pub tunnel: Option<Tunnel>,
}

impl Default for Options {
    /// What a line without options permits (`sshauthopt_new_with_keys_defaults`).
    fn default() -> Self {
        Self {
            items: Vec::new(),
            restricted: false,
            cert_authority: false,
            port_forwarding: true,
            agent_forwarding: true,
            x11_forwarding: true,
            pty: true,
            user_rc: true,
            touch_required: true,
            verify_required: false,
            command: None,
            principals: None,
            from: None,
            expiry: Vec::new(),
            environment: Vec::new(),
            permitopen: Vec::new(),
            permitlisten: Vec::new(),
            tunnel: None,
        }
    }
}
