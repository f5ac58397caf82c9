//! Match lines: reading them and holding them against a connection (`match_cfg_line`).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::dialect::{Dialect, MatchGrammar};
use crate::lex::{Delim, Strdelim, Word};
use crate::pattern::{
    AddrMatch, AddrText, ListMatch, addr_match_list, match_hostname, match_pattern_list,
    match_usergroup_pattern_list,
};
use crate::problem::{ProblemKind, Severity, vis};
use crate::scan::a2port;
use crate::value::Fail;

/// Yes, no, or it hangs on a fact nobody looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tri {
    /// Certainly.
    True,
    /// Certainly not.
    False,
    /// Not known.
    Unknown,
}

impl Tri {
    /// Both.
    #[must_use]
    pub fn and(self, other: Tri) -> Tri {
        match (self, other) {
            (Tri::False, _) | (_, Tri::False) => Tri::False,
            (Tri::True, Tri::True) => Tri::True,
            _ => Tri::Unknown,
        }
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Tri::True } else { Tri::False }
    }
}

/// A fact about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// Looked up.
    Known(T),
    /// Not looked up.
    Unknown,
}

/// What a Match line can ask about.
#[derive(Clone, Debug)]
pub struct Connection<'c> {
    /// The user name as the client sent it (a `:style` suffix cut off).
    pub user: &'c [u8],
    /// Is it no account, or one sshd treats as none? (`Match Invalid-User`, 9.9 and newer.)
    pub user_invalid: Tri,
    /// Names of the account's groups; an account that does not exist has none.
    pub groups: Fact<&'c [Vec<u8>]>,
    /// The host name sshd uses: with `UseDNS no` the address's text ([`Host::Address`]).
    pub host: Host<'c>,
    /// The client's address.
    pub addr: IpAddr,
    /// The address it connected to.
    pub laddr: Fact<IpAddr>,
    /// The port it connected to.
    pub lport: Fact<u16>,
    /// The routing domain; empty where there is none (always on Linux unless a VRF is used).
    pub rdomain: Fact<&'c [u8]>,
}

/// The name `auth_get_canonical_hostname` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'c> {
    /// The textual address: `UseDNS no`, or no confirmed name.
    Address,
    /// A confirmed name (`UseDNS yes`).
    Name(&'c [u8]),
    /// `UseDNS yes`, and nobody asked the resolver.
    Unknown,
}

/// One criterion of a Match line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// `All`.
    All,
    /// `Invalid-User`.
    InvalidUser,
    /// `User` with its pattern list.
    User(Vec<u8>),
    /// `Group`.
    Group(Vec<u8>),
    /// `Host`.
    Host(Vec<u8>),
    /// `Address`.
    Address(Vec<u8>),
    /// `LocalAddress`.
    LocalAddress(Vec<u8>),
    /// `LocalPort`.
    LocalPort(u16),
    /// `RDomain`.
    RDomain(Vec<u8>),
    /// `Version`, and whether this build matches.
    Version(Vec<u8>, bool),
    /// A line sshd does not accept: what it would match is unknown.
    Broken,
}

/// The connection with what every block needs computed once.
pub(crate) struct Subject<'c> {
    pub(crate) connection: &'c Connection<'c>,
    pub(crate) addr: AddrText,
    laddr: Option<AddrText>,
}

impl<'c> Subject<'c> {
    pub(crate) fn new(connection: &'c Connection<'c>) -> Self {
        let laddr = match connection.laddr {
            Fact::Known(address) => Some(AddrText::new(address)),
            Fact::Unknown => None,
        };
        Subject {
            connection,
            addr: AddrText::new(connection.addr),
            laddr,
        }
    }
}

impl Criterion {
    pub(crate) fn holds(&self, subject: &Subject<'_>) -> Tri {
        let connection = subject.connection;
        match self {
            Criterion::All => Tri::True,
            Criterion::Broken => Tri::Unknown,
            Criterion::Version(_, holds) => (*holds).into(),
            Criterion::InvalidUser => connection.user_invalid,
            Criterion::User(list) => {
                (match_usergroup_pattern_list(connection.user, list) == ListMatch::Match).into()
            }
            Criterion::Group(list) => match connection.groups {
                Fact::Unknown => Tri::Unknown,
                Fact::Known(groups) => groups_match(groups, list).into(),
            },
            Criterion::Host(list) => match connection.host {
                Host::Unknown if list_is_catch_all(list) => Tri::True,
                Host::Unknown => Tri::Unknown,
                Host::Address => {
                    (match_hostname(subject.addr.text(), list) == ListMatch::Match).into()
                }
                Host::Name(name) => (match_hostname(name, list) == ListMatch::Match).into(),
            },
            Criterion::Address(list) => {
                (addr_match_list(Some(&subject.addr), list) == AddrMatch::Match).into()
            }
            Criterion::LocalAddress(list) => match &subject.laddr {
                None => Tri::Unknown,
                Some(laddr) => (addr_match_list(Some(laddr), list) == AddrMatch::Match).into(),
            },
            Criterion::LocalPort(port) => match connection.lport {
                Fact::Unknown => Tri::Unknown,
                Fact::Known(lport) => (lport == *port).into(),
            },
            Criterion::RDomain(list) => match connection.rdomain {
                Fact::Unknown => Tri::Unknown,
                Fact::Known(rdomain) => {
                    (match_pattern_list(rdomain, list) == ListMatch::Match).into()
                }
            },
        }
    }

    /// Does it hold while the daemon reads its global options (there is no connection yet)?
    pub(crate) fn holds_statically(&self, dialect: &Dialect) -> bool {
        match self {
            Criterion::All => true,
            Criterion::Version(_, holds) => *holds,
            Criterion::InvalidUser => dialect.quirks.match_invalid_user_static,
            _ => false,
        }
    }
}

fn list_is_catch_all(list: &[u8]) -> bool {
    list == b"*"
}

/// `ga_match_pattern_list`: one group with a negated hit spoils it.
pub(crate) fn groups_match(groups: &[Vec<u8>], list: &[u8]) -> bool {
    let mut found = false;
    for group in groups {
        match match_usergroup_pattern_list(group, list) {
            ListMatch::Negated => return false,
            ListMatch::Match => found = true,
            ListMatch::NoMatch => {}
        }
    }
    found
}

/// The criteria of a line, with the span of each argument.
pub(crate) struct Parsed {
    pub(crate) criteria: Vec<Criterion>,
    pub(crate) spans: Vec<(u32, u32)>,
    /// Something is left on the line (`extra arguments at end of line`).
    pub(crate) leftover: bool,
}

enum Source<'t> {
    Delim(Strdelim<'t>),
    Words { words: &'t [Word], at: usize },
}

impl Source<'_> {
    fn next(&mut self) -> Option<Word> {
        match self {
            Source::Delim(reader) => match reader.next() {
                Delim::Word(word) => Some(word),
                Delim::End | Delim::Unclosed => None,
            },
            Source::Words { words, at } => {
                let word = words.get(*at)?;
                *at += 1;
                Some(word.clone())
            }
        }
    }
}

/// `match_cfg_line` with no connection: syntax only.
pub(crate) fn parse(
    text: &[u8],
    at: Option<usize>,
    words: &[Word],
    number: u32,
    dialect: &Dialect,
) -> Result<Parsed, Vec<Fail>> {
    let grammar = dialect.quirks.match_grammar;
    let comments = dialect.quirks.match_comment;
    let is_comment = |word: &Word| comments && word.bytes.first() == Some(&b'#');
    let mut source = match (grammar, at) {
        (MatchGrammar::Strdelim, Some(at)) => Source::Delim(Strdelim::new(text, at, true)),
        (MatchGrammar::Strdelim, None) => Source::Words { words: &[], at: 0 },
        _ => Source::Words { words, at: 0 },
    };
    let mut parsed = Parsed {
        criteria: Vec::new(),
        spans: Vec::new(),
        leftover: false,
    };
    let mut ended_by_comment = false;
    while let Some(attribute) = source.next() {
        if attribute.bytes.is_empty() && grammar == MatchGrammar::Strdelim {
            break;
        }
        if is_comment(&attribute) {
            ended_by_comment = true;
            break;
        }
        let name = attribute.bytes.as_slice();
        if name.eq_ignore_ascii_case(b"all") {
            let next = source.next();
            let alone = parsed.criteria.is_empty()
                && next
                    .as_ref()
                    .is_none_or(|word| word.bytes.is_empty() || is_comment(word));
            if !alone {
                return Err(bad(
                    &attribute,
                    String::from("'all' cannot be combined with other Match attributes"),
                ));
            }
            ended_by_comment = next.as_ref().is_some_and(is_comment);
            parsed.criteria.push(Criterion::All);
            parsed.spans.push((attribute.start, attribute.end));
            break;
        }
        if dialect.quirks.match_invalid_user && name.eq_ignore_ascii_case(b"invalid-user") {
            parsed.criteria.push(Criterion::InvalidUser);
            parsed.spans.push((attribute.start, attribute.end));
            continue;
        }
        let (name, argument) = match split_equals(&attribute, dialect) {
            Some((name, argument)) => (name, Some(argument)),
            None => (name, source.next()),
        };
        let argument = match argument {
            Some(word) if !word.bytes.is_empty() && !is_comment(&word) => word,
            _ => {
                return Err(bad(
                    &attribute,
                    format!("Missing Match criteria for {}", vis(name)),
                ));
            }
        };
        parsed.spans.push((argument.start, argument.end));
        let list = argument.bytes.clone();
        let criterion = if name.eq_ignore_ascii_case(b"user") {
            Criterion::User(list)
        } else if name.eq_ignore_ascii_case(b"group") {
            Criterion::Group(list)
        } else if name.eq_ignore_ascii_case(b"host") {
            Criterion::Host(list)
        } else if name.eq_ignore_ascii_case(b"address") {
            check_addresses(&argument, "address", number, dialect)?;
            Criterion::Address(list)
        } else if name.eq_ignore_ascii_case(b"localaddress") {
            check_addresses(&argument, "localaddress", number, dialect)?;
            Criterion::LocalAddress(list)
        } else if name.eq_ignore_ascii_case(b"localport") {
            match a2port(&list, dialect.services.as_ref()) {
                Some(port) => Criterion::LocalPort(port),
                None => {
                    return Err(bad(
                        &argument,
                        format!("Invalid LocalPort '{}' on Match line", vis(&list)),
                    ));
                }
            }
        } else if dialect.quirks.match_rdomain && name.eq_ignore_ascii_case(b"rdomain") {
            Criterion::RDomain(list)
        } else if dialect.quirks.match_version && name.eq_ignore_ascii_case(b"version") {
            let holds = match_pattern_list(dialect.release.as_bytes(), &list) == ListMatch::Match;
            Criterion::Version(list, holds)
        } else {
            return Err(bad(
                &attribute,
                format!("Unsupported Match attribute {}", vis(&attribute.bytes)),
            ));
        };
        parsed.criteria.push(criterion);
    }
    if parsed.criteria.is_empty() {
        return Err(Vec::from([Fail {
            severity: Severity::Fatal,
            kind: ProblemKind::BadMatch { text: Vec::new() },
            word: None,
            message: Some(String::from("One or more attributes required for Match")),
        }]));
    }
    parsed.leftover = !ended_by_comment
        && match &source {
            Source::Delim(reader) => !reader.exhausted(),
            Source::Words { words, at } => *at < words.len(),
        };
    Ok(parsed)
}

fn split_equals<'w>(attribute: &'w Word, dialect: &Dialect) -> Option<(&'w [u8], Word)> {
    const NAMES: [&[u8]; 8] = [
        b"user",
        b"group",
        b"host",
        b"address",
        b"localaddress",
        b"localport",
        b"rdomain",
        b"version",
    ];
    if dialect.quirks.match_grammar != MatchGrammar::ArgvEquals {
        return None;
    }
    let at = attribute.bytes.iter().position(|&b| b == b'=')?;
    let name = attribute.bytes.get(..at)?;
    let known = NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
        && (dialect.quirks.match_version || !name.eq_ignore_ascii_case(b"version"));
    known.then(|| {
        let bytes = attribute.bytes.get(at + 1..).unwrap_or_default().to_vec();
        (
            name,
            Word {
                bytes,
                start: attribute.start,
                end: attribute.end,
            },
        )
    })
}

fn bad(word: &Word, message: String) -> Vec<Fail> {
    Vec::from([Fail {
        severity: Severity::Fatal,
        kind: ProblemKind::BadMatch {
            text: word.bytes.clone(),
        },
        word: None,
        message: Some(message),
    }])
}

fn check_addresses(
    word: &Word,
    what: &str,
    number: u32,
    dialect: &Dialect,
) -> Result<(), Vec<Fail>> {
    if !dialect.quirks.match_address_checked
        || addr_match_list(None, &word.bytes) != AddrMatch::Invalid
    {
        return Ok(());
    }
    Err(bad(
        word,
        format!(
            "Invalid Match {what} argument '{}' at line {number}",
            vis(&word.bytes)
        ),
    ))
}
