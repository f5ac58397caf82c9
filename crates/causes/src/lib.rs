//! The catalogue of causes.
//!
//! Each cause of a refusal is one file, `src/<stage>/<cause_id>.rs`, with everything about it
//! inside: its page, its words, its fixes and the lines that sshd logs. Whoever finds a cause
//! makes a [`Finding`] of it and names the facts; the words are put together late, from here.
//!
//! **Invariant:** words for people stand in a cause's file and nowhere else.
#![no_std]
extern crate alloc;

mod catalogue;
mod finding;
pub mod logline;
pub mod template;

pub mod account;
pub mod after_auth;
pub mod algorithm;
pub mod authorized_keys;
pub mod certificate;
pub mod connect;
pub mod method;
pub mod offer;
pub mod private_key;
pub mod revocation;
pub mod signature;

pub use catalogue::{all, by_id};
pub use finding::{Args, Certainty, Evidence, EvidenceKind, Finding};

/// What a cause's file needs to say what it has to say.
pub(crate) mod prelude {
    #[allow(unused_imports, reason = "not every cause has fixes or log lines")]
    pub(crate) use crate::{Actor, Cause, Fix, Level, LogLine, Safety, Seen, Stage, Where};
}

/// Where in a login a cause stops it, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reaching a server at all.
    Connect,
    /// Identification strings and key exchange.
    Transport,
    /// The account.
    Account,
    /// The authentication method.
    Method,
    /// What the client offers.
    Offer,
    /// The private key file on the client.
    PrivateKey,
    /// Key types and signature algorithms.
    Algorithm,
    /// Finding the key in authorized_keys.
    AuthorizedKeys,
    /// A certificate.
    Certificate,
    /// Revocation.
    Revocation,
    /// After PK_OK: the signature, root's policy, PAM's account phase.
    Signature,
    /// The key was accepted, and the session ends all the same.
    AfterAuth,
}

impl Stage {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Transport => "transport",
            Stage::Account => "account",
            Stage::Method => "method",
            Stage::Offer => "offer",
            Stage::PrivateKey => "private_key",
            Stage::Algorithm => "algorithm",
            Stage::AuthorizedKeys => "authorized_keys",
            Stage::Certificate => "certificate",
            Stage::Revocation => "revocation",
            Stage::Signature => "signature",
            Stage::AfterAuth => "after_auth",
        }
    }
}

/// What the client sees, from the connection's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// No connection, or closed instead of the identification string.
    NoConnection,
    /// Closed or disconnected before an answer about the key.
    Disconnected,
    /// The server does not offer publickey.
    MethodMissing,
    /// FAILURE in answer to the query: "Server refused our key".
    QueryRefused,
    /// PK_OK, then FAILURE in answer to the signature.
    SignatureRefused,
    /// PK_OK, then the connection is closed after the signature.
    ClosedAfterSignature,
    /// FAILURE with partial success.
    PartialSuccess,
    /// SUCCESS, then the session ends.
    SessionEnds,
    /// Nothing: the client never offered or never signed.
    NotOnTheWire,
    /// Nothing is refused: a warning.
    Nothing,
}

/// Where a fix is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// On the machine of sshd.
    Server,
    /// On the machine of the client.
    Client,
}

/// Who carries a fix out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// root
    Root,
    /// The account that wants to log in.
    Account,
    /// Whoever sits at the client.
    Person,
    /// Whoever holds the certificate authority's key.
    Authority,
}

/// What a fix does to the server's safety.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Takes rights from someone.
    Tightens,
    /// Lets in nobody but the login asked for, and lets nobody else read or write anything new.
    Neutral,
    /// All else.
    Weakens,
}

impl Safety {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Safety::Tightens => "tightens",
            Safety::Neutral => "neutral",
            Safety::Weakens => "weakens",
        }
    }
}

/// One way to take a cause away. `text` and `commands` are templates (see [`template`]); a fix
/// that names a fact which the finding does not carry is left out.
#[derive(Debug)]
pub struct Fix {
    /// Where.
    pub at: Where,
    /// Who.
    pub by: Actor,
    /// What to do, as a short imperative clause without a full stop.
    pub text: &'static str,
    /// The exact POSIX-sh commands, in order; facts are quoted as they are put in. Empty where it
    /// is an edit by hand.
    pub commands: &'static [&'static str],
    /// Its safety. A weakening fix is never first and never alone.
    pub safety: Safety,
}

/// One cause of a refused login.
#[derive(Debug)]
pub struct Cause {
    /// Its id: words that state the bad thing. A promise to users.
    pub id: &'static str,
    /// Where it stops a login.
    pub stage: Stage,
    /// What the client sees.
    pub seen: Seen,
    /// The headline, a template: one sentence, what is wrong, without a full stop and without the
    /// fix.
    pub title: &'static str,
    /// The rule that makes it a refusal, a template; empty where there is none to name.
    pub rule: &'static str,
    /// One more thing worth knowing at that moment, a template; may be empty.
    pub note: &'static str,
    /// How to take it away, best first.
    pub fixes: &'static [Fix],
    /// The lines sshd logs for it, templates that are patterns too (see [`logline`]). At the
    /// default LogLevel INFO first.
    pub log: &'static [LogLine],
    /// The page that `sshwhy explain ID` prints: Markdown with the headings of
    /// [`PAGE_HEADINGS`], in that order.
    pub page: &'static str,
}

/// A line in sshd's log.
#[derive(Debug)]
pub struct LogLine {
    /// The level at which it is logged.
    pub level: Level,
    /// The text, with facts as `{name}`.
    pub text: &'static str,
}

/// sshd's LogLevel from which a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shown at the default LogLevel INFO (fatal, error and info lines).
    Info,
    /// Needs VERBOSE.
    Verbose,
    /// Needs DEBUG1.
    Debug1,
    /// Needs DEBUG2.
    Debug2,
    /// Needs DEBUG3.
    Debug3,
    /// Not sshd's own: a PAM module, libwrap, the kernel.
    Other,
}

/// The headings of a cause's page, in order.
pub const PAGE_HEADINGS: [&str; 5] = [
    "## What it means",
    "## Why sshd refuses",
    "## How to see it",
    "## Mend",
    "## Pitfalls",
];
