//! ssh_config as OpenSSH's client reads it: what a plain `ssh host` would use, each value with its
//! place.
//!
//! [`ClientConfig::read`] walks the command line, the user's file and the system's file, as
//! `process_config_files` of ssh.c does, and keeps the first value of a keyword (all values of
//! those that add up). Nothing is run: a `Match exec` is asked of [`ClientFacts`], and where that
//! does not know, the block is left out and named in [`ClientConfig::undecided`].

mod expand;
mod keyword;
mod matching;
mod read;
mod values;

use crate::config::Files;
use crate::problem::{Place, Problem};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use expand::{ExpandError, Tokens};
pub use values::Jump;

/// What is asked for: the command line of ssh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The host as it was typed.
    pub host: Vec<u8>,
    /// `-l` or what stands before the `@`.
    pub user: Option<Vec<u8>>,
    /// `-p`.
    pub port: Option<u16>,
    /// `-o`, each `Keyword=value`.
    pub options: Vec<Vec<u8>>,
    /// `-F`: this file in place of the user's and the system's; `none` for no file at all.
    pub file: Option<Vec<u8>>,
}

/// Who asks, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// The account's name.
    pub user: Vec<u8>,
    /// The account's number.
    pub uid: u32,
    /// Its home, from passwd (not from HOME).
    pub home: Vec<u8>,
    /// The name of this machine, `gethostname(2)`.
    pub hostname: Vec<u8>,
    /// The release of OpenSSH whose habits count: `(9, 2)`.
    pub release: (u16, u16),
}

/// Facts of this machine that a configuration may ask for.
pub trait ClientFacts {
    /// An environment variable.
    fn env(&self, name: &[u8]) -> Option<Vec<u8>>;
    /// The home of another account, for `~name/`.
    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>>;
    /// Whether a command of `Match exec` exits with 0; `None`: it was not run.
    fn exec(&self, command: &[u8]) -> Option<bool>;
    /// Whether an address of this machine lies in a list of networks (`Match localnetwork`).
    fn local_network(&self, list: &[u8]) -> Option<bool>;
    /// Whether a file belongs to root or the asking user and nobody else may write it.
    fn trusted(&self, path: &[u8]) -> bool;
}

/// One value as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The arguments, quotes removed; for commands one word, the rest of the line.
    pub words: Vec<Vec<u8>>,
    /// Where it stands.
    pub place: Place,
    /// Whether it stands in the user's own file or on the command line.
    pub by_user: bool,
}

/// What `ssh host` would use.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub(crate) given: BTreeMap<&'static str, Vec<Given>>,
    pub(crate) asked: Asked,
    pub(crate) local: Local,
    problems: Vec<Problem>,
    fatal: bool,
    undecided: Vec<Place>,
}

impl ClientConfig {
    /// Reads all that `ssh` would read for `asked`. Never fails: see [`ClientConfig::problems`].
    #[must_use]
    pub fn read(
        files: &dyn Files,
        facts: &dyn ClientFacts,
        asked: &Asked,
        local: &Local,
    ) -> ClientConfig {
        read::read(files, facts, asked, local)
    }

    /// What is wrong, in the order ssh meets it.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether ssh would end here, before it connects.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.fatal
    }

    /// `Match` lines that hang on something nobody asked: their blocks are left out.
    #[must_use]
    pub fn undecided(&self) -> &[Place] {
        &self.undecided
    }
}
