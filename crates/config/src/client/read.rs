//! Reading ssh_config: `process_config_files`, `read_config_file_depth`,
//! `process_config_line_depth` of OpenSSH's client.

use super::keyword::{Row, Takes, row_of};
use super::matching::{self, Outcome};
use super::{Asked, ClientConfig, ClientFacts, Given, Local};
use crate::config::{FileText, Files};
use crate::lex::{Delim, Strdelim, Word, argv_split, offset, trim_end};
use crate::pattern::{ListMatch, match_hostname};
use crate::problem::{Place, Problem, ProblemKind, Severity};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// `READCONF_MAX_DEPTH`.
const MAX_DEPTH: usize = 16;
/// `SSH_MAX_IDENTITY_FILES`, `SSH_MAX_CERTIFICATE_FILES`.
const MAX_EACH: usize = 100;
/// This reader gives up after so many files: ssh has no limit but the depth.
const MAX_FILES: usize = 4096;
/// And after so many bytes of all of them.
const MAX_BYTES: usize = 64 << 20;

pub(super) struct Reader<'r> {
    pub(super) files: &'r dyn Files,
    pub(super) facts: &'r dyn ClientFacts,
    pub(super) asked: &'r Asked,
    pub(super) local: &'r Local,
    given: BTreeMap<&'static str, Vec<Given>>,
    problems: Vec<Problem>,
    fatal: bool,
    undecided: Vec<Place>,
    pub(super) final_pass: bool,
    pub(super) want_final: bool,
    /// HostName as it stands before the second pass.
    settled_host: Vec<u8>,
    read: usize,
    bytes: usize,
}

/// What a line is read with.
#[derive(Clone, Copy)]
struct Mode {
    depth: usize,
    by_user: bool,
    command_line: bool,
    /// Included from a block that does not count: lines are checked and not kept.
    never: bool,
    /// Owner and mode are checked.
    check: bool,
}

pub(super) fn read(
    files: &dyn Files,
    facts: &dyn ClientFacts,
    asked: &Asked,
    local: &Local,
) -> ClientConfig {
    let mut reader = Reader {
        files,
        facts,
        asked,
        local,
        given: BTreeMap::new(),
        problems: Vec::new(),
        fatal: false,
        undecided: Vec::new(),
        final_pass: false,
        want_final: false,
        settled_host: Vec::new(),
        read: 0,
        bytes: 0,
    };
    reader.command_line();
    reader.all_files();
    let wants = reader.want_final || reader.canonicalizes();
    if wants && !reader.fatal {
        reader.settled_host = reader.match_host();
        // From here on the name is settled: a HostName that only the second pass meets is too late.
        let place = Place {
            file: Arc::from(&b"command-line"[..]),
            line: 0,
            column: 0,
            end_column: 0,
        };
        let settled = Given {
            words: alloc::vec![reader.settled_host.clone()],
            place,
            by_user: true,
        };
        reader
            .given
            .entry("hostname")
            .or_insert_with(|| alloc::vec![settled]);
        reader.final_pass = true;
        reader.all_files();
    }
    ClientConfig {
        given: reader.given,
        asked: asked.clone(),
        local: local.clone(),
        problems: reader.problems,
        fatal: reader.fatal,
        undecided: reader.undecided,
    }
}

impl Reader<'_> {
    pub(super) fn first(&self, keyword: &str) -> Option<&[u8]> {
        self.given
            .get(keyword)?
            .first()?
            .words
            .first()
            .map(Vec::as_slice)
    }

    /// The host that `Match host` compares with.
    pub(super) fn match_host(&self) -> Vec<u8> {
        if self.final_pass {
            return self.settled_host.clone();
        }
        ClientConfig {
            given: self
                .given
                .get_key_value("hostname")
                .map(|(k, v)| BTreeMap::from([(*k, v.clone())]))
                .unwrap_or_default(),
            asked: self.asked.clone(),
            local: self.local.clone(),
            problems: Vec::new(),
            fatal: false,
            undecided: Vec::new(),
        }
        .hostname()
    }

    fn canonicalizes(&self) -> bool {
        self.first("canonicalizehostname")
            .is_some_and(|v| !v.eq_ignore_ascii_case(b"no") && !v.eq_ignore_ascii_case(b"false"))
    }

    fn command_line(&mut self) {
        let place = Place {
            file: Arc::from(&b"command-line"[..]),
            line: 0,
            column: 0,
            end_column: 0,
        };
        let mut put = |keyword: &'static str, value: Vec<u8>| {
            self.given.insert(
                keyword,
                alloc::vec![Given {
                    words: alloc::vec![value],
                    place: place.clone(),
                    by_user: true,
                }],
            );
        };
        if let Some(user) = &self.asked.user {
            put("user", user.clone());
        }
        if let Some(port) = self.asked.port {
            put("port", alloc::format!("{port}").into_bytes());
        }
        let mode = Mode {
            depth: 0,
            by_user: true,
            command_line: true,
            never: false,
            check: false,
        };
        for option in &self.asked.options {
            let mut active = true;
            if !self.line(&place.file, 0, option, mode, &mut active) {
                // ssh ends at the first bad option of its command line.
                self.fatal = true;
                return;
            }
        }
    }

    fn all_files(&mut self) {
        let user = Mode {
            depth: 0,
            by_user: true,
            command_line: false,
            never: false,
            check: true,
        };
        match &self.asked.file {
            Some(name) if name.eq_ignore_ascii_case(b"none") => {}
            Some(name) => {
                let mode = Mode {
                    check: false,
                    ..user
                };
                if !self.file(name, mode, &mut true) {
                    let place = Place {
                        file: Arc::from(name.as_slice()),
                        line: 0,
                        column: 0,
                        end_column: 0,
                    };
                    self.problem(place, ProblemKind::Unreadable { errno: 0 }, true);
                    self.fatal = true;
                }
            }
            None => {
                let mut own = self.local.home.clone();
                own.extend_from_slice(b"/.ssh/config");
                self.file(&own, user, &mut true);
                let system = Mode {
                    by_user: false,
                    check: false,
                    ..user
                };
                if !self.fatal {
                    self.file(b"/etc/ssh/ssh_config", system, &mut true);
                }
            }
        }
    }

    fn problem(&mut self, place: Place, kind: ProblemKind, fatal: bool) {
        let problem = Problem {
            severity: if fatal {
                Severity::Fatal
            } else {
                Severity::Error
            },
            place,
            kind,
            sshd_message: None,
        };
        // The second pass meets the same faults again.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Whether the file was there and was read.
    fn file(&mut self, path: &[u8], mode: Mode, active: &mut bool) -> bool {
        let name: Arc<[u8]> = Arc::from(path);
        let whole = Place {
            file: name.clone(),
            line: 0,
            column: 0,
            end_column: 0,
        };
        let text = match self.files.read(path) {
            FileText::Text(text) => text,
            FileText::Missing => return false,
            FileText::Unreadable(errno) => {
                self.problem(whole, ProblemKind::Unreadable { errno }, false);
                return false;
            }
            FileText::NotLooked => {
                self.undecided.push(whole);
                return true;
            }
        };
        if mode.depth > MAX_DEPTH {
            self.problem(whole, ProblemKind::IncludeTooDeep, true);
            self.fatal = true;
            return true;
        }
        self.read = self.read.saturating_add(1);
        self.bytes = self.bytes.saturating_add(text.len());
        if self.read > MAX_FILES || self.bytes > MAX_BYTES {
            self.problem(whole, ProblemKind::TooManyIncludes, true);
            self.fatal = true;
            return true;
        }
        if mode.check && !self.facts.trusted(path) {
            self.problem(
                whole,
                ProblemKind::BadValue {
                    value: b"owner or mode".to_vec(),
                },
                true,
            );
            self.fatal = true;
            return true;
        }
        let mut bad = false;
        for (index, line) in text.split(|b| *b == b'\n').enumerate() {
            let line = line.split(|b| *b == 0).next().unwrap_or_default();
            let number = offset(index).saturating_add(1);
            bad |= !self.line(&name, number, line, mode, active);
            if self.fatal {
                return true;
            }
        }
        if bad {
            self.fatal = true;
        }
        true
    }

    /// False for a line that ssh counts as a bad option.
    fn line(
        &mut self,
        file: &Arc<[u8]>,
        number: u32,
        line: &[u8],
        mode: Mode,
        active: &mut bool,
    ) -> bool {
        let line = trim_end(line);
        let place = |start: u32, end: u32| Place {
            file: file.clone(),
            line: number,
            column: start.saturating_add(1),
            end_column: end.saturating_add(1),
        };
        let mut cutter = Strdelim::new(line, 0, true);
        let keyword = match cutter.next() {
            Delim::Word(word) if word.bytes.is_empty() => match cutter.next() {
                Delim::Word(word) => word,
                Delim::End => return true,
                Delim::Unclosed => return true,
            },
            Delim::Word(word) => word,
            Delim::End | Delim::Unclosed => return true,
        };
        if keyword.bytes.is_empty() || keyword.bytes.first() == Some(&b'#') {
            return true;
        }
        let here = place(keyword.start, keyword.end);
        let rest = cutter
            .rest()
            .filter(|at| line.get(*at..).is_some_and(|r| !r.is_empty()));
        let Some(at) = rest else {
            self.problem(here, ProblemKind::MissingArgument, false);
            return false;
        };
        let Some(row) = row_of(&keyword.bytes, self.local.release) else {
            let ignored = self
                .first("ignoreunknown")
                .is_some_and(|list| match_hostname(&keyword.bytes, list) == ListMatch::Match);
            if !ignored {
                let kind = ProblemKind::BadKeyword {
                    keyword: keyword.bytes,
                };
                self.problem(here, kind, false);
            }
            return ignored;
        };
        let Ok(words) = argv_split(line, at) else {
            self.problem(here, ProblemKind::UnbalancedQuotes, false);
            return false;
        };
        let whole = place(keyword.start, offset(line.len()));
        match row.takes {
            Takes::Ignored => true,
            Takes::Host => {
                if mode.command_line {
                    return false;
                }
                if words.iter().any(|w| w.bytes.is_empty()) {
                    self.problem(here, ProblemKind::MissingArgument, false);
                    return false;
                }
                // The second pass compares with the name that the first one settled.
                let host = if self.final_pass {
                    &self.settled_host
                } else {
                    &self.asked.host
                };
                *active = !mode.never && matching::host(&words, host);
                true
            }
            Takes::Match => {
                if mode.command_line {
                    return false;
                }
                match matching::line(self, line, at, mode.never) {
                    Outcome::Settled(yes) => *active = yes && !mode.never,
                    Outcome::Undecided => {
                        *active = false;
                        if !mode.never && !self.undecided.contains(&whole) {
                            self.undecided.push(whole);
                        }
                    }
                    Outcome::Bad(text) => {
                        self.problem(whole, ProblemKind::BadMatch { text }, false);
                        return false;
                    }
                }
                true
            }
            Takes::Include => self.include(&here, &words, mode, active),
            _ => self.value(row, &here, line, at, &words, mode, *active && !mode.never),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one line, taken apart once")]
    fn value(
        &mut self,
        row: &'static Row,
        here: &Place,
        line: &[u8],
        at: usize,
        words: &[Word],
        mode: Mode,
        active: bool,
    ) -> bool {
        let rest = line.get(at..).unwrap_or_default();
        let words: Vec<Vec<u8>> = if row.takes == Takes::Rest {
            let skip = rest
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'='))
                .count();
            alloc::vec![rest.get(skip..).unwrap_or_default().to_vec()]
        } else {
            words.iter().map(|w| w.bytes.clone()).collect()
        };
        let Some(first) = words.first().filter(|w| !w.is_empty()) else {
            self.problem(here.clone(), ProblemKind::MissingArgument, false);
            return false;
        };
        let single = matches!(
            row.takes,
            Takes::One | Takes::Choice(_) | Takes::Port | Takes::Each
        );
        let good = match row.takes {
            Takes::Choice(list) => list
                .iter()
                .any(|w| first.eq_ignore_ascii_case(w.as_bytes())),
            Takes::Port => core::str::from_utf8(first)
                .ok()
                .and_then(|p| p.parse::<u16>().ok())
                .is_some_and(|p| p != 0),
            _ => true,
        };
        if !good {
            let kind = ProblemKind::BadValue {
                value: first.clone(),
            };
            self.problem(here.clone(), kind, false);
            return false;
        }
        if row.kept == "proxyjump"
            && !first.eq_ignore_ascii_case(b"none")
            && !super::values::jumps_are_good(first)
        {
            let kind = ProblemKind::BadValue {
                value: first.clone(),
            };
            self.problem(here.clone(), kind, false);
            return false;
        }
        let extra = words.get(1).cloned();
        if active {
            self.keep(row, here, words, mode);
        }
        if single && let Some(value) = extra {
            self.problem(here.clone(), ProblemKind::ExtraArguments { value }, false);
            return false;
        }
        true
    }

    fn keep(&mut self, row: &'static Row, here: &Place, words: Vec<Vec<u8>>, mode: Mode) {
        // ProxyCommand and ProxyJump: whichever comes first.
        let other = match row.kept {
            "proxycommand" => "proxyjump",
            "proxyjump" => "proxycommand",
            _ => "",
        };
        let none = |v: &[u8]| other == "proxyjump" && v.eq_ignore_ascii_case(b"none");
        if self.first(other).is_some_and(|v| !none(v)) {
            return;
        }
        let values = self.given.entry(row.kept).or_default();
        let adds = matches!(row.takes, Takes::Each | Takes::EachMany);
        let twice = row.takes == Takes::Each
            && values
                .iter()
                .any(|g| g.words.first() == words.first() && g.by_user == mode.by_user);
        if values.is_empty() || adds && !twice && values.len() < MAX_EACH {
            values.push(Given {
                words,
                place: here.clone(),
                by_user: mode.by_user,
            });
        }
    }

    fn include(&mut self, here: &Place, words: &[Word], mode: Mode, active: &mut bool) -> bool {
        if mode.command_line {
            return false;
        }
        let mut good = true;
        for word in words {
            let name = &word.bytes;
            if name.is_empty() || name.first() == Some(&b'~') && !mode.by_user {
                self.problem(here.clone(), ProblemKind::MissingArgument, false);
                return false;
            }
            let mut pattern = Vec::new();
            if name.first() == Some(&b'~') {
                match super::expand::tilde(name, &self.local.home, self.facts) {
                    Ok(path) => pattern = path,
                    // glob(3) leaves a name it does not know as it is, and finds nothing.
                    Err(_) => continue,
                }
            } else {
                if name.first() != Some(&b'/') {
                    if mode.by_user {
                        pattern.extend_from_slice(&self.local.home);
                        pattern.extend_from_slice(b"/.ssh/");
                    } else {
                        pattern.extend_from_slice(b"/etc/ssh/");
                    }
                }
                pattern.extend_from_slice(name);
            }
            let before = *active;
            for path in self.files.glob(&pattern) {
                let inner = Mode {
                    depth: mode.depth.saturating_add(1),
                    check: true,
                    never: mode.never || !before,
                    ..mode
                };
                let fatal_before = self.fatal;
                self.file(&path, inner, active);
                *active = before;
                if self.fatal && !fatal_before {
                    good = false;
                    break;
                }
            }
        }
        good
    }
}
