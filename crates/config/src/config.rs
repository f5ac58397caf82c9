//! A configuration once read: its lines, blocks and problems, and how it asks for files.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::criteria::Criterion;
use crate::dialect::Dialect;
use crate::keyword::Kw;
use crate::lex::Word;
use crate::problem::{Place, Problem, ProblemKind};
use crate::value::Value;

/// Text of a file, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileText {
    /// Its bytes.
    Text(Arc<[u8]>),
    /// There is no such file.
    Missing,
    /// It cannot be read.
    Unreadable(i32),
    /// Nobody looked.
    NotLooked,
}

/// The files of the machine examined, as seen by root.
pub trait Files {
    /// The text of a file.
    fn read(&self, path: &[u8]) -> FileText;
    /// `glob(3)` without flags: existing paths that match, sorted by `strcoll` in the C locale.
    fn glob(&self, pattern: &[u8]) -> Vec<Vec<u8>>;
}

/// An option of sshd's own command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLineOption {
    /// `-o Keyword=value`.
    Set(Vec<u8>),
    /// `-p`: every Port of the files is ignored then.
    Port(u16),
    /// `-h FILE`.
    HostKey(Vec<u8>),
}

/// Index of a Match block.
pub type BlockId = usize;

/// A Match block.
#[derive(Clone, Debug)]
pub struct Block {
    /// The Match line.
    pub place: Place,
    /// What stands after `Match`, as written.
    pub text: Vec<u8>,
    /// All must hold.
    pub criteria: Vec<Criterion>,
    /// Place of each criterion's argument.
    pub places: Vec<Place>,
    /// The block in which an Include of this file stands.
    pub parent: Option<BlockId>,
    /// It holds, with its parents, while the daemon reads its globals (`Match all`).
    pub holds_statically: bool,
}

/// A line that sets something.
#[derive(Clone, Debug)]
pub struct Line {
    /// The keyword, aliases resolved.
    pub kw: Kw,
    /// As written.
    pub keyword: Vec<u8>,
    /// Where: the whole of keyword and arguments.
    pub place: Place,
    /// Its Match block.
    pub block: Option<BlockId>,
    /// From the command line.
    pub command_line: bool,
    /// The arguments with their columns.
    pub words: Vec<Word>,
    /// Everything after the keyword, as written.
    pub raw: Vec<u8>,
    /// The value.
    pub value: Value,
}

impl Line {
    /// Where a word of this line stands.
    #[must_use]
    pub fn word_place(&self, word: &Word) -> Place {
        Place {
            file: self.place.file.clone(),
            line: self.place.line,
            column: self.place.column.saturating_add(word.start),
            end_column: self.place.column.saturating_add(word.end),
        }
    }
}

/// What an address pattern was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressUse {
    /// `Match Address`.
    Address,
    /// `Match Host`.
    Host,
    /// `Match LocalAddress`.
    LocalAddress,
    /// `Match LocalPort`.
    LocalPort,
    /// `AllowUsers …@HOST`.
    AllowUsers,
    /// `DenyUsers …@HOST`.
    DenyUsers,
}

/// A pattern that tells clients apart by where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressClass {
    /// What for.
    pub used_by: AddressUse,
    /// One entry of the list, its `!` removed.
    pub pattern: Vec<u8>,
    /// It stood behind `!`.
    pub negated: bool,
    /// Where.
    pub place: Place,
}

/// A configuration, read to its end whatever is wrong with it.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) dialect: Dialect,
    pub(crate) lines: Vec<Line>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) refusal: Option<Refusal>,
    /// By keyword: lines that count while the daemon reads its globals, and lines of Match blocks.
    pub(crate) global: Vec<Vec<u32>>,
    pub(crate) conditional: Vec<Vec<u32>>,
    pub(crate) files: Vec<Arc<[u8]>>,
    pub(crate) ports_from_command_line: bool,
}

/// Why this sshd would not start with this configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Index in [`Config::problems`] of the first problem that refuses.
    pub problem: usize,
    /// The last line sshd prints, where known.
    pub sshd_message: Option<String>,
}

impl Config {
    /// Everything that is wrong, in the order sshd meets it.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Would this sshd refuse to start? The problem that stops it.
    #[must_use]
    pub fn fatal(&self) -> Option<&Problem> {
        self.refusal
            .as_ref()
            .and_then(|refusal| self.problems.get(refusal.problem))
    }

    /// The same with the line sshd prints last.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Is any part of the configuration unknown because a file was not looked at?
    #[must_use]
    pub fn incomplete(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| matches!(problem.kind, ProblemKind::NotLooked))
    }

    /// The build it was read for.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Every line that sets something, in sshd's order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Every Match block, in sshd's order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Every file read, in order, repeats included.
    #[must_use]
    pub fn files(&self) -> &[Arc<[u8]>] {
        &self.files
    }

    /// Every pattern that tells clients apart by address, name or local end.
    #[must_use]
    pub fn address_classes(&self) -> Vec<AddressClass> {
        let mut out = Vec::new();
        let mut add = |used_by, list: &[u8], place: &Place| {
            for entry in list.split(|&b| b == b',').filter(|entry| !entry.is_empty()) {
                let (negated, pattern) = match entry {
                    [b'!', rest @ ..] => (true, rest),
                    _ => (false, entry),
                };
                out.push(AddressClass {
                    used_by,
                    pattern: pattern.to_vec(),
                    negated,
                    place: place.clone(),
                });
            }
        };
        for block in &self.blocks {
            for (criterion, place) in block.criteria.iter().zip(&block.places) {
                match criterion {
                    Criterion::Address(list) => add(AddressUse::Address, list, place),
                    Criterion::Host(list) => add(AddressUse::Host, list, place),
                    Criterion::LocalAddress(list) => add(AddressUse::LocalAddress, list, place),
                    Criterion::LocalPort(port) => {
                        add(AddressUse::LocalPort, format!("{port}").as_bytes(), place);
                    }
                    _ => {}
                }
            }
        }
        for line in &self.lines {
            let used_by = match line.kw {
                Kw::AllowUsers => AddressUse::AllowUsers,
                Kw::DenyUsers => AddressUse::DenyUsers,
                _ => continue,
            };
            for word in &line.words {
                let (_, hosts) = crate::pattern::split_user_pattern(
                    &word.bytes,
                    self.dialect.quirks.user_at_last,
                );
                if let Some(hosts) = hosts {
                    add(used_by, hosts, &line.word_place(word));
                }
            }
        }
        out
    }
}

impl Config {
    /// Lines of a keyword that count while the daemon reads its globals.
    pub(crate) fn static_lines(&self, kw: Kw) -> impl Iterator<Item = &Line> {
        let list = self
            .global
            .get(kw as usize)
            .map(Vec::as_slice)
            .unwrap_or_default();
        list.iter()
            .filter_map(|&index| self.lines.get(index as usize))
    }

    /// Does the line count while the daemon reads its globals?
    pub(crate) fn is_static(&self, line: &Line) -> bool {
        line.block.is_none_or(|id| {
            self.blocks
                .get(id)
                .is_some_and(|block| block.holds_statically)
        })
    }
}
