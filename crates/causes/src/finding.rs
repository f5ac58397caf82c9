//! A cause that was found, with its evidence.

use crate::Cause;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use sshwhy_world::{Gap, Mend};

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// A fact is missing; it may be so.
    Possible,
    /// The facts point to it, and do not prove it.
    Likely,
    /// Proven by the facts.
    Certain,
}

impl Certainty {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Certainty::Possible => "possible",
            Certainty::Likely => "likely",
            Certainty::Certain => "certain",
        }
    }
}

/// What a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceKind {
    /// A path with its mode and owner.
    Path,
    /// A place in a text file.
    Text,
    /// A configuration setting and its origin.
    Config,
    /// An account, group or shadow entry.
    Account,
    /// Something seen on the wire.
    Wire,
    /// A log line.
    Log,
    /// A key or certificate.
    Key,
}

impl EvidenceKind {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EvidenceKind::Path => "path",
            EvidenceKind::Text => "text",
            EvidenceKind::Config => "config",
            EvidenceKind::Account => "account",
            EvidenceKind::Wire => "wire",
            EvidenceKind::Log => "log",
            EvidenceKind::Key => "key",
        }
    }
}

/// One fact that shows a cause. Text is as it was found: whoever prints it escapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// File or directory.
    pub path: Option<Vec<u8>>,
    /// Line, from 1.
    pub line: Option<u64>,
    /// First column that matters, in bytes from 1.
    pub column: Option<u64>,
    /// The column after the last one that matters.
    pub end_column: Option<u64>,
    /// The source line (never one that holds a secret), at most a few hundred bytes around the
    /// span; `text_column` says at which column of the line it starts.
    pub text: Option<Vec<u8>>,
    /// Column of the first byte of `text`, from 1.
    pub text_column: u64,
    /// `drwxrwx---` is made of the node's kind and this.
    pub mode: Option<u32>,
    /// The node is a directory.
    pub is_dir: bool,
    /// Owner's name, or number where there is no name.
    pub owner: Option<Vec<u8>>,
    /// Group's name, or number.
    pub group: Option<Vec<u8>>,
    /// sshd_config keyword.
    pub keyword: Option<String>,
    /// Its value, or a field's.
    pub value: Option<Vec<u8>>,
    /// Where the value comes from: `/etc/ssh/sshd_config:12`, `the default of OpenSSH 9.2p1 (debian)`.
    pub origin: Option<Vec<u8>>,
    /// A few more words.
    pub detail: Option<Vec<u8>>,
}

impl Evidence {
    /// Evidence of a kind, with nothing in it yet.
    #[must_use]
    pub fn new(kind: EvidenceKind) -> Self {
        Evidence {
            kind,
            path: None,
            line: None,
            column: None,
            end_column: None,
            text: None,
            text_column: 1,
            mode: None,
            is_dir: false,
            owner: None,
            group: None,
            keyword: None,
            value: None,
            origin: None,
            detail: None,
        }
    }
}

/// The facts that templates name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(BTreeMap<&'static str, Vec<u8>>);

impl Args {
    /// No facts.
    #[must_use]
    pub fn new() -> Self {
        Args::default()
    }

    /// Names a fact.
    pub fn set(&mut self, name: &'static str, value: impl Into<Vec<u8>>) -> &mut Self {
        self.0.insert(name, value.into());
        self
    }

    /// A fact by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// All facts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.0.iter().map(|(k, v)| (*k, v.as_slice()))
    }

    /// Takes over the facts of another set that are not named here.
    pub fn fill(&mut self, other: &Args) {
        for (k, v) in &other.0 {
            self.0.entry(k).or_insert_with(|| v.clone());
        }
    }
}

/// A cause that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which.
    pub cause: &'static Cause,
    /// How sure.
    pub certainty: Certainty,
    /// How likely, from 0 to 1, where causes are ranked; they sum to at most 1.
    pub probability: Option<f64>,
    /// The facts its words name.
    pub args: Args,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// The fact that is missing, where one is.
    pub gap: Option<Gap>,
    /// The changes that would take it away, for judging the mended world. Empty: none is known.
    pub mend: Vec<Mend>,
}

impl Finding {
    /// A certain finding without evidence yet.
    #[must_use]
    pub fn new(cause: &'static Cause) -> Self {
        Finding {
            cause,
            certainty: Certainty::Certain,
            probability: None,
            args: Args::new(),
            evidence: Vec::new(),
            gap: None,
            mend: Vec::new(),
        }
    }

    /// Names a fact.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.args.set(name, value);
        self
    }

    /// Adds evidence.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Adds a change that helps to take it away.
    #[must_use]
    pub fn mend(mut self, mend: Mend) -> Self {
        self.mend.push(mend);
        self
    }
}

impl PartialEq for Finding {
    fn eq(&self, other: &Self) -> bool {
        self.cause.id == other.cause.id
            && self.certainty == other.certainty
            && self.probability == other.probability
            && self.args == other.args
            && self.evidence == other.evidence
    }
}
