//! Reading a configuration: `parse_server_config_depth` and what it calls, all files in the order sshd reads
//! them.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{Block, BlockId, CommandLineOption, Config, FileText, Files, Line, Refusal};
use crate::criteria::{self, Criterion};
use crate::dialect::{Dialect, Tokenizer};
use crate::keyword::{Kw, Meaning, Scope};
use crate::lex::{self, Delim, Strdelim, Word, offset};
use crate::problem::{Place, Problem, ProblemKind, Severity, vis};
use crate::value::{self, Fail, Value};

/// `SERVCONF_MAX_DEPTH`.
pub const MAX_DEPTH: usize = 16;
/// This reader gives up after so many files: sshd has no limit but the depth.
const MAX_FILES: usize = 4096;
/// And after so many bytes of all files together.
const MAX_BYTES: usize = 64 << 20;

impl Config {
    /// Reads `path` and everything it includes. Never fails: what is wrong is in [`Config::problems`].
    #[must_use]
    pub fn parse(
        files: &dyn Files,
        path: &[u8],
        dialect: &Dialect,
        options: &[CommandLineOption],
    ) -> Config {
        let mut reader = Reader {
            files,
            config: Config {
                dialect: dialect.clone(),
                lines: Vec::new(),
                blocks: Vec::new(),
                problems: Vec::new(),
                refusal: None,
                global: alloc::vec![Vec::new(); Kw::ALL.len()],
                conditional: alloc::vec![Vec::new(); Kw::ALL.len()],
                files: Vec::new(),
                ports_from_command_line: false,
            },
            stack: Vec::new(),
            methods_set: false,
            subsystems: Vec::new(),
            stop: false,
            bytes: 0,
        };
        reader.command_line(options);
        reader.file(path, State::TOP);
        reader.index();
        reader.check_whole();
        reader.config
    }
}

/// Beginnings of messages that 8.6 and older print in the same words.
const OLD_TEXTS: [&str; 8] = [
    "unsupported option",
    "missing file name.",
    "missing time value.",
    "invalid time value.",
    "missing port number.",
    "Badly formatted port number.",
    "Bad key types",
    "unsupported log ",
];

#[derive(Clone, Copy)]
struct State {
    depth: usize,
    /// Block of the current line.
    block: Option<BlockId>,
    /// Block in which this file was included.
    enclosing: Option<BlockId>,
    /// `activep` while the globals are read.
    static_active: bool,
    /// The same when this file was entered.
    static_enclosing: bool,
}

impl State {
    const TOP: State = State {
        depth: 0,
        block: None,
        enclosing: None,
        static_active: true,
        static_enclosing: true,
    };
}

struct Reader<'f> {
    files: &'f dyn Files,
    config: Config,
    stack: Vec<Arc<[u8]>>,
    methods_set: bool,
    subsystems: Vec<Vec<u8>>,
    /// sshd has exited for good: nothing after could ever be read.
    stop: bool,
    bytes: usize,
}

/// The line being read.
struct Here<'h> {
    file: &'h Arc<[u8]>,
    line: &'h lex::Line<'h>,
    text: &'h [u8],
}

impl Here<'_> {
    fn place(&self, start: u32, end: u32) -> Place {
        let base = self.line.indent.saturating_add(1);
        Place {
            file: self.file.clone(),
            line: self.line.number,
            column: base.saturating_add(start),
            end_column: base.saturating_add(end),
        }
    }

    fn whole(&self) -> Place {
        self.place(0, offset(self.text.len()))
    }

    fn message(&self, text: &str) -> String {
        format!("{} line {}: {text}", vis(self.file), self.line.sshd_number)
    }
}

impl Reader<'_> {
    fn problem(
        &mut self,
        severity: Severity,
        place: Place,
        kind: ProblemKind,
        message: Option<String>,
    ) {
        if severity == Severity::Fatal && self.config.refusal.is_none() {
            self.config.refusal = Some(Refusal {
                problem: self.config.problems.len(),
                sshd_message: message.clone(),
            });
        }
        self.config.problems.push(Problem {
            severity,
            place,
            kind,
            sshd_message: message,
        });
    }

    fn command_line(&mut self, options: &[CommandLineOption]) {
        let file: Arc<[u8]> = Arc::from(&b"command-line"[..]);
        for (index, option) in options.iter().enumerate() {
            let text = match option {
                CommandLineOption::Set(text) => text.clone(),
                CommandLineOption::Port(port) => {
                    let text = format!("Port {port}").into_bytes();
                    self.one_command_line(&file, index, &text);
                    self.config.ports_from_command_line = true;
                    continue;
                }
                CommandLineOption::HostKey(path) => {
                    let mut text = b"HostKey ".to_vec();
                    text.extend_from_slice(path);
                    text
                }
            };
            self.one_command_line(&file, index, &text);
        }
    }

    fn one_command_line(&mut self, file: &Arc<[u8]>, index: usize, text: &[u8]) {
        let end = text.iter().position(|&b| b == 0).unwrap_or(text.len());
        let line = lex::Line {
            text: alloc::borrow::Cow::Borrowed(text.get(..end).unwrap_or_default()),
            number: 0,
            sshd_number: 0,
            indent: offset(index),
            raw_length: text.len(),
        };
        let mut state = State::TOP;
        if !self.line(file, &line, &mut state, true) && self.config.refusal.is_none() {
            let problem = self.config.problems.len().saturating_sub(1);
            self.config.refusal = Some(Refusal {
                problem,
                sshd_message: None,
            });
        }
    }

    fn file(&mut self, path: &[u8], mut state: State) {
        let name: Arc<[u8]> = Arc::from(path);
        let place = Place {
            file: name.clone(),
            line: 0,
            column: 0,
            end_column: 0,
        };
        let text = match self.files.read(path) {
            FileText::Text(text) => text,
            FileText::Missing => {
                let message = format!("{}: No such file or directory", vis(path));
                self.problem(
                    Severity::Fatal,
                    place,
                    ProblemKind::Unreadable { errno: 2 },
                    Some(message),
                );
                return;
            }
            FileText::Unreadable(errno) => {
                let message = (errno == 13).then(|| format!("{}: Permission denied", vis(path)));
                self.problem(
                    Severity::Fatal,
                    place,
                    ProblemKind::Unreadable { errno },
                    message,
                );
                return;
            }
            FileText::NotLooked => {
                self.problem(Severity::Warning, place, ProblemKind::NotLooked, None);
                return;
            }
        };
        self.config.files.push(name.clone());
        self.bytes = self.bytes.saturating_add(text.len());
        if self.config.files.len() > MAX_FILES || self.bytes > MAX_BYTES {
            self.problem(Severity::Fatal, place, ProblemKind::TooManyIncludes, None);
            self.stop = true;
            return;
        }
        self.stack.push(name.clone());
        let mut bad = 0u32;
        let mut first_bad = None;
        let comments_cut = self.config.dialect.quirks.tokenizer == Tokenizer::Strdelim;
        for line in &lex::lines(&text, comments_cut) {
            if let Some(limit) = self.config.dialect.quirks.line_limit
                && line.raw_length >= limit
            {
                let here = Here {
                    file: &name,
                    line,
                    text: &line.text,
                };
                let message = format!("{} line {} too long", vis(path), line.sshd_number);
                self.problem(
                    Severity::Fatal,
                    here.whole(),
                    ProblemKind::LineTooLong,
                    Some(message),
                );
                continue;
            }
            let before = self.config.problems.len();
            if !self.line(&name, line, &mut state, false) {
                bad += 1;
                first_bad.get_or_insert(before);
            }
            if self.stop {
                break;
            }
        }
        self.stack.pop();
        if let (Some(problem), None) = (first_bad, &self.config.refusal) {
            // A warning may precede the error of the same line.
            let problem = (problem..self.config.problems.len())
                .find(|&i| {
                    self.config
                        .problems
                        .get(i)
                        .is_some_and(|p| p.severity == Severity::Error)
                })
                .unwrap_or(problem);
            let message = format!(
                "{}: terminating, {bad} bad configuration options",
                vis(path)
            );
            self.config.refusal = Some(Refusal {
                problem,
                sshd_message: Some(message),
            });
        }
    }

    /// `process_server_config_line_depth`. `false`: counted as a bad option.
    fn line(
        &mut self,
        file: &Arc<[u8]>,
        line: &lex::Line<'_>,
        state: &mut State,
        command_line: bool,
    ) -> bool {
        let text = lex::trim_end(&line.text);
        if text.is_empty() {
            return true;
        }
        let here = Here { file, line, text };
        let argv = self.config.dialect.quirks.tokenizer == Tokenizer::ArgvSplit;
        let mut reader = Strdelim::new(text, 0, true);
        let mut keyword = match reader.next() {
            Delim::Word(word) => word,
            Delim::End | Delim::Unclosed => return true,
        };
        if keyword.bytes.is_empty() {
            keyword = match reader.next() {
                Delim::Word(word) => word,
                Delim::End | Delim::Unclosed => return true,
            };
        }
        if keyword.bytes.is_empty() || keyword.bytes.first() == Some(&b'#') {
            return true;
        }
        let shown = vis(&keyword.bytes);
        let keyword_place = here.place(keyword.start, keyword.end);
        if argv && reader.exhausted() {
            let message = here.message(&format!("no argument after keyword \"{shown}\""));
            self.problem(
                Severity::Error,
                keyword_place,
                ProblemKind::MissingArgument,
                Some(message),
            );
            return false;
        }
        let row = self.config.dialect.row(&keyword.bytes).copied();
        let mut good = true;
        if row.is_none() {
            let message = format!(
                "{}: line {}: Bad configuration option: {shown}",
                vis(file),
                line.sshd_number
            );
            let kind = ProblemKind::BadKeyword {
                keyword: keyword.bytes.clone(),
            };
            self.problem(Severity::Error, keyword_place.clone(), kind, Some(message));
            good = false;
        }
        let meaning = row.map(|row| self.config.dialect.meaning(&row));
        let at = reader.rest();
        let words = if argv {
            match lex::argv_split(text, at.unwrap_or(text.len())) {
                Ok(words) => words,
                Err(quote) => {
                    let place = here.place(offset(quote), offset(text.len()));
                    let message = here.message("invalid quotes");
                    self.problem(
                        Severity::Error,
                        place,
                        ProblemKind::UnbalancedQuotes,
                        Some(message),
                    );
                    return false;
                }
            }
        } else {
            let split_equals = meaning != Some(Meaning::Sets(Kw::SetEnv));
            lex::strdelim_all(text, at, split_equals).0
        };
        let scope = row.map(|row| row.scope);
        if !state.static_active && scope != Some(Scope::All) {
            let message = here.message(&format!(
                "Directive '{shown}' is not allowed within a Match block"
            ));
            self.problem(
                Severity::Fatal,
                keyword_place,
                ProblemKind::NotAllowedInMatch,
                Some(message),
            );
            return true;
        }
        match meaning {
            None => good,
            Some(Meaning::Sets(Kw::Include)) => {
                if command_line {
                    let message =
                        String::from("Include directive not supported as a command-line option");
                    self.problem(
                        Severity::Fatal,
                        keyword_place,
                        ProblemKind::NotAllowedInMatch,
                        Some(message),
                    );
                    return true;
                }
                self.include(&here, &keyword, &words, *state)
            }
            Some(Meaning::Sets(Kw::Match)) => {
                if command_line {
                    let message =
                        String::from("Match directive not supported as a command-line option");
                    self.problem(
                        Severity::Fatal,
                        keyword_place,
                        ProblemKind::NotAllowedInMatch,
                        Some(message),
                    );
                    return true;
                }
                self.match_line(&here, &keyword, at, &words, state)
            }
            Some(Meaning::Sets(kw)) => {
                self.setting(&here, kw, &keyword, at, words, *state, command_line)
            }
            Some(dead) => {
                let (kind, word) = match dead {
                    Meaning::Unsupported => (ProblemKind::Unsupported, "Unsupported"),
                    _ => (ProblemKind::Deprecated, "Deprecated"),
                };
                let message = here.message(&format!("{word} option {shown}"));
                let message = (dead != Meaning::Ignored).then_some(message);
                self.problem(Severity::Warning, keyword_place, kind, message);
                true
            }
        }
    }

    fn fail(&mut self, here: &Here<'_>, words: &[Word], fail: Fail) -> bool {
        let place = match fail.word.and_then(|index| words.get(index)) {
            Some(word) => here.place(word.start, word.end),
            None => here.whole(),
        };
        // 8.7 rewrote most of these texts; of the older ones only some are known to be the same.
        let known = |text: &String| {
            self.config.dialect.quirks.tokenizer == Tokenizer::ArgvSplit
                || OLD_TEXTS.iter().any(|old| text.starts_with(old))
        };
        let message = fail.message.filter(known).map(|text| here.message(&text));
        let fatal = fail.severity == Severity::Fatal;
        self.problem(fail.severity, place, fail.kind, message);
        fatal
    }

    #[allow(clippy::too_many_arguments)]
    fn setting(
        &mut self,
        here: &Here<'_>,
        kw: Kw,
        keyword: &Word,
        at: Option<usize>,
        words: Vec<Word>,
        state: State,
        command_line: bool,
    ) -> bool {
        if kw == Kw::Port && self.config.ports_from_command_line && !command_line {
            return true;
        }
        let rest = at.and_then(|at| here.text.get(at..));
        let active = state.static_active;
        let parsed = value::parse(&value::Input {
            kw,
            keyword: &keyword.bytes,
            words: &words,
            rest,
            dialect: &self.config.dialect,
            methods_set: self.methods_set,
            active,
        });
        let (value, taken) = match parsed {
            Ok(parsed) => parsed,
            Err(fail) => return self.fail(here, &words, fail),
        };
        if let Some(extra) = taken.and_then(|taken| words.get(taken)) {
            let place = here.place(extra.start, extra.end);
            let kind = ProblemKind::ExtraArguments {
                value: extra.bytes.clone(),
            };
            if self.config.dialect.quirks.tokenizer == Tokenizer::ArgvSplit {
                let text = format!(
                    "keyword {} extra arguments at end of line",
                    vis(&keyword.bytes)
                );
                let message = here.message(&text);
                self.problem(Severity::Error, place, kind, Some(message));
                return false;
            }
            if !extra.bytes.is_empty() {
                let message = here.message(&format!(
                    "garbage at end of line; \"{}\".",
                    vis(&extra.bytes)
                ));
                self.problem(Severity::Fatal, place, kind, Some(message));
                return true;
            }
        }
        let Some(value) = value else { return true };
        if active && kw == Kw::AuthenticationMethods {
            self.methods_set = true;
        }
        if kw == Kw::Subsystem
            && let Value::Subsystem { name, .. } = &value
            && active
        {
            if self.subsystems.contains(name) {
                if self.config.dialect.quirks.subsystem_twice_fatal {
                    let message =
                        here.message(&format!("Subsystem '{}' already defined.", vis(name)));
                    self.problem(
                        Severity::Fatal,
                        here.whole(),
                        ProblemKind::Duplicate,
                        Some(message),
                    );
                    return true;
                }
            } else {
                self.subsystems.push(name.clone());
            }
        }
        let text_place = here.place(0, offset(here.text.len()));
        self.config.lines.push(Line {
            kw,
            keyword: keyword.bytes.clone(),
            place: text_place,
            block: state.block,
            command_line,
            raw: rest.unwrap_or_default().to_vec(),
            words,
            value,
        });
        true
    }

    fn match_line(
        &mut self,
        here: &Here<'_>,
        keyword: &Word,
        at: Option<usize>,
        words: &[Word],
        state: &mut State,
    ) -> bool {
        let number = here.line.sshd_number;
        let parsed = match criteria::parse(here.text, at, words, number, &self.config.dialect) {
            Ok(parsed) => parsed,
            Err(fails) => {
                for fail in fails {
                    let message = here.message("Bad Match condition");
                    let exits_at_once = fail
                        .message
                        .as_ref()
                        .is_some_and(|text| text.starts_with("Invalid Match "));
                    let message = if exits_at_once {
                        fail.message
                    } else {
                        Some(message)
                    };
                    self.problem(Severity::Fatal, here.whole(), fail.kind, message);
                }
                // What follows is still a block, whose condition nobody knows.
                state.block = Some(self.config.blocks.len());
                state.static_active = false;
                self.config.blocks.push(Block {
                    place: here.whole(),
                    text: at
                        .and_then(|at| here.text.get(at..))
                        .unwrap_or_default()
                        .to_vec(),
                    places: Vec::from([here.whole()]),
                    criteria: Vec::from([Criterion::Broken]),
                    parent: state.enclosing,
                    holds_statically: false,
                });
                return true;
            }
        };
        let dialect = &self.config.dialect;
        let holds_statically = state.static_enclosing
            && parsed
                .criteria
                .iter()
                .all(|criterion| criterion.holds_statically(dialect));
        let id = self.config.blocks.len();
        self.config.blocks.push(Block {
            place: here.whole(),
            text: at
                .and_then(|at| here.text.get(at..))
                .unwrap_or_default()
                .to_vec(),
            places: parsed
                .spans
                .iter()
                .map(|&(start, end)| here.place(start, end))
                .collect(),
            criteria: parsed.criteria,
            parent: state.enclosing,
            holds_statically,
        });
        state.block = Some(id);
        state.static_active = holds_statically;
        if parsed.leftover {
            let text = format!(
                "keyword {} extra arguments at end of line",
                vis(&keyword.bytes)
            );
            let message = here.message(&text);
            let kind = ProblemKind::ExtraArguments { value: Vec::new() };
            self.problem(Severity::Error, here.whole(), kind, Some(message));
            return false;
        }
        true
    }

    fn include(&mut self, here: &Here<'_>, keyword: &Word, words: &[Word], state: State) -> bool {
        let mut count = 0u32;
        for word in words {
            if word.bytes.is_empty() {
                if self.config.dialect.quirks.tokenizer == Tokenizer::Strdelim {
                    break;
                }
                let message =
                    here.message(&format!("keyword {} empty argument", vis(&keyword.bytes)));
                let place = here.place(word.start, word.end);
                self.problem(
                    Severity::Error,
                    place,
                    ProblemKind::MissingArgument,
                    Some(message),
                );
                return false;
            }
            count += 1;
            let mut pattern = Vec::new();
            if !matches!(word.bytes.first(), Some(b'/' | b'~')) {
                pattern.extend_from_slice(&self.config.dialect.ssh_directory);
                pattern.push(b'/');
            }
            pattern.extend_from_slice(&word.bytes);
            for path in self.files.glob(&pattern) {
                if state.depth >= MAX_DEPTH {
                    let place = here.place(word.start, word.end);
                    let looped = self.stack.iter().any(|open| **open == *path);
                    let kind = if looped {
                        ProblemKind::IncludeLoop
                    } else {
                        ProblemKind::IncludeTooDeep
                    };
                    let message = String::from("Too many recursive configuration includes");
                    self.problem(Severity::Fatal, place, kind, Some(message));
                    self.stop = true;
                    return true;
                }
                self.file(
                    &path,
                    State {
                        depth: state.depth + 1,
                        block: state.block,
                        enclosing: state.block,
                        static_active: state.static_active,
                        static_enclosing: state.static_active,
                    },
                );
                if self.stop {
                    return true;
                }
            }
        }
        if count == 0 {
            let message = here.message(&format!(
                "{} missing filename argument",
                vis(&keyword.bytes)
            ));
            self.problem(
                Severity::Fatal,
                here.whole(),
                ProblemKind::MissingArgument,
                Some(message),
            );
        }
        true
    }

    /// What `main` checks once everything is read.
    fn check_whole(&mut self) {
        let mut found: Vec<(Place, String)> = Vec::new();
        {
            let config = &self.config;
            let first = |kw: Kw| config.static_lines(kw).next();
            let global = config.global();
            for (command, user) in [
                (Kw::AuthorizedKeysCommand, Kw::AuthorizedKeysCommandUser),
                (
                    Kw::AuthorizedPrincipalsCommand,
                    Kw::AuthorizedPrincipalsCommandUser,
                ),
            ] {
                let command_line = global.line(command);
                if let (Some(line), None) = (command_line, first(user))
                    && !matches!(&line.value, Value::Text(text) if text.eq_ignore_ascii_case(b"none"))
                {
                    found.push((
                        line.place.clone(),
                        format!("{} set without {}", command.name(), user.name()),
                    ));
                }
            }
            if let Some(line) = first(Kw::AuthenticationMethods)
                && let Value::Words(lists) = &line.value
                && !matches!(lists.as_slice(), [only] if only.eq_ignore_ascii_case(b"any"))
            {
                let on = |kw: Kw, default: bool| {
                    first(kw).map_or(default, |line| line.value != Value::Choice("no"))
                };
                let default = |kw: Kw| config.dialect.default_text(kw) == Some("yes");
                let enabled = |method: &[u8]| match crate::forms::method_name(method) {
                    b"publickey" => on(Kw::PubkeyAuthentication, true),
                    b"password" => on(Kw::PasswordAuthentication, true),
                    b"keyboard-interactive" => {
                        on(
                            Kw::KbdInteractiveAuthentication,
                            default(Kw::KbdInteractiveAuthentication),
                        ) || config.dialect.knows(Kw::ChallengeResponseAuthentication)
                            && on(Kw::ChallengeResponseAuthentication, true)
                    }
                    b"hostbased" => on(Kw::HostbasedAuthentication, false),
                    b"gssapi-with-mic" => on(Kw::GSSAPIAuthentication, false),
                    b"gssapi-keyex" => on(Kw::GSSAPIKeyExchange, false),
                    // It is on until it was tried once.
                    b"none" => true,
                    _ => false,
                };
                if !lists
                    .iter()
                    .any(|list| list.split(|&b| b == b',').all(enabled))
                {
                    let text = "AuthenticationMethods cannot be satisfied by enabled authentication methods";
                    found.push((line.place.clone(), String::from(text)));
                }
            }
        }
        let bad_hosts: Vec<(Place, Vec<u8>)> = self
            .config
            .lines
            .iter()
            .filter_map(|line| match &line.value {
                Value::Listen { host, .. } if !value::may_resolve(host) => {
                    Some((line.place.clone(), host.clone()))
                }
                _ => None,
            })
            .collect();
        for (place, host) in bad_hosts {
            let message = format!(
                "bad addr or host: {} (Name or service not known)",
                vis(&host)
            );
            self.problem(
                Severity::Fatal,
                place,
                ProblemKind::BadValue { value: host },
                Some(message),
            );
        }
        // Lists that cannot be put together are found when the defaults are filled in, before the rest.
        let bad_lists: Vec<(Place, Vec<u8>, Kw)> = [
            Kw::HostKeyAlgorithms,
            Kw::HostbasedAcceptedAlgorithms,
            Kw::PubkeyAcceptedAlgorithms,
            Kw::CASignatureAlgorithms,
        ]
        .into_iter()
        .filter_map(|kw| {
            let line = self
                .config
                .lines
                .iter()
                .find(|line| line.kw == kw && self.config.is_static(line))?;
            let Value::Text(list) = &line.value else {
                return None;
            };
            let dialect = &self.config.dialect;
            crate::effective::assemble_once(kw, list, dialect)
                .is_err()
                .then(|| (line.place.clone(), list.clone(), kw))
        })
        .collect();
        for (place, list, kw) in bad_lists {
            let option = match kw {
                Kw::HostKeyAlgorithms => "hostkeyalgorithms",
                Kw::HostbasedAcceptedAlgorithms => "hostbased_accepted_algos",
                Kw::PubkeyAcceptedAlgorithms => "pubkey_accepted_algos",
                _ => "ca_sign_algorithms",
            };
            let message = format!("assemble_algorithms: {option}: invalid argument");
            self.problem(
                Severity::Fatal,
                place,
                ProblemKind::BadAlgorithmList { list },
                Some(message),
            );
        }
        for (place, message) in found {
            self.problem(
                Severity::Fatal,
                place,
                ProblemKind::Inconsistent,
                Some(message),
            );
        }
    }

    fn index(&mut self) {
        let (mut global, mut conditional) = (
            alloc::vec![Vec::new(); Kw::ALL.len()],
            alloc::vec![Vec::new(); Kw::ALL.len()],
        );
        for (index, line) in self.config.lines.iter().enumerate() {
            let slot = line.kw as usize;
            if self.config.is_static(line)
                && let Some(list) = global.get_mut(slot)
            {
                list.push(offset(index));
            }
            if line.block.is_some()
                && let Some(list) = conditional.get_mut(slot)
            {
                list.push(offset(index));
            }
        }
        self.config.global = global;
        self.config.conditional = conditional;
    }
}
