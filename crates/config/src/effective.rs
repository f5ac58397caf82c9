//! The configuration as it stands for one connection: globals, then matching Match blocks over them
//! (`parse_server_match_config`, `copy_set_server_options`).

use alloc::string::String;
use alloc::vec::Vec;

use crate::algorithms;
use crate::config::{Block, Config, Line};
use crate::criteria::{Connection, Subject, Tri};
use crate::dialect::{Dialect, Policy};
use crate::keyword::Kw;
use crate::problem::Place;
use crate::value::Value;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin<'c> {
    /// Nothing sets it.
    Default {
        /// The build whose default it is: `OpenSSH 9.2p1 Debian`.
        build: &'c str,
    },
    /// A line of a file.
    File {
        /// The line; columns span keyword and arguments.
        place: &'c Place,
        /// The Match block it stands in.
        match_block: Option<MatchOrigin<'c>>,
        /// The keyword as written (an alias, maybe).
        keyword: &'c [u8],
        /// The arguments as written.
        raw: &'c [u8],
    },
    /// sshd's command line.
    CommandLine {
        /// The keyword as written.
        keyword: &'c [u8],
        /// The arguments as written.
        raw: &'c [u8],
    },
}

/// A Match block a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchOrigin<'c> {
    /// The Match line.
    pub place: &'c Place,
    /// Its criteria as written.
    pub text: &'c [u8],
}

/// A value with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<'c, T> {
    /// The value. Where `undetermined_by` is not empty, the value as if none of those blocks matched.
    pub value: T,
    /// The line it comes from (of lists that append, the first one).
    pub origin: Origin<'c>,
    /// For lists that append: every line after the first that adds to it.
    pub more: Vec<Origin<'c>>,
    /// Other lines that set the keyword for this connection and lost.
    pub shadowed: Vec<Origin<'c>>,
    /// Match lines of which nobody knows whether they match, and which would change the value.
    pub undetermined_by: Vec<&'c Place>,
}

impl<'c, T> Setting<'c, T> {
    fn map<U>(self, convert: impl FnOnce(T) -> U) -> Setting<'c, U> {
        Setting {
            value: convert(self.value),
            origin: self.origin,
            more: self.more,
            shadowed: self.shadowed,
            undetermined_by: self.undetermined_by,
        }
    }

    /// Is the value certain?
    #[must_use]
    pub fn is_determined(&self) -> bool {
        self.undetermined_by.is_empty()
    }
}

/// PermitRootLogin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PermitRootLogin {
    /// `yes`.
    Yes,
    /// `no`.
    No,
    /// `prohibit-password`, `without-password`.
    ProhibitPassword,
    /// `forced-commands-only`.
    ForcedCommandsOnly,
}

/// A configuration seen by one connection.
#[derive(Debug)]
pub struct Effective<'c> {
    config: &'c Config,
    blocks: Vec<Tri>,
}

/// The lines behind a keyword's value.
struct Picked<'c> {
    winners: Vec<&'c Line>,
    shadowed: Vec<&'c Line>,
    undetermined: Vec<&'c Place>,
    /// A winner stands in a Match block that counts for this connection.
    conditional: bool,
}

impl Config {
    /// The configuration for one connection. Costs one look at each Match block; values are picked when asked for.
    #[must_use]
    pub fn evaluate<'c>(&'c self, connection: &Connection<'_>) -> Effective<'c> {
        let subject = Subject::new(connection);
        let mut blocks: Vec<Tri> = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let mut holds = match block.parent {
                None => Tri::True,
                Some(parent) => blocks.get(parent).copied().unwrap_or(Tri::False),
            };
            for criterion in &block.criteria {
                if holds == Tri::False {
                    break;
                }
                holds = holds.and(criterion.holds(&subject));
            }
            blocks.push(holds);
        }
        Effective {
            config: self,
            blocks,
        }
    }

    /// The configuration while the daemon reads its globals: no Match block but `Match all` counts.
    #[must_use]
    pub fn global(&self) -> Effective<'_> {
        Effective {
            config: self,
            blocks: self.blocks.iter().map(|_| Tri::False).collect(),
        }
    }

    fn origin<'c>(&'c self, line: &'c Line) -> Origin<'c> {
        if line.command_line {
            return Origin::CommandLine {
                keyword: &line.keyword,
                raw: &line.raw,
            };
        }
        let block = line.block.and_then(|id| self.blocks.get(id));
        Origin::File {
            place: &line.place,
            match_block: block.map(|Block { place, text, .. }| MatchOrigin { place, text }),
            keyword: &line.keyword,
            raw: &line.raw,
        }
    }

    fn select<'c>(
        &'c self,
        table: &'c [Vec<u32>],
        kw: Kw,
    ) -> impl DoubleEndedIterator<Item = &'c Line> {
        let list = table
            .get(kw as usize)
            .map(Vec::as_slice)
            .unwrap_or_default();
        list.iter()
            .filter_map(|&index| self.lines.get(index as usize))
    }
}

/// Default and complete list of an algorithm keyword that takes key algorithms.
fn key_lists(kw: Kw, dialect: &Dialect) -> (&[&'static str], Vec<&'static str>) {
    if kw == Kw::CASignatureAlgorithms {
        // sshkey_alg_list(certs_only = 0, plain_only = 1, …)
        let plain = dialect
            .all_key_algorithms
            .iter()
            .copied()
            .filter(|name| !name.contains("-cert"))
            .collect();
        (&dialect.default_ca_algorithms, plain)
    } else {
        (
            &dialect.default_key_algorithms,
            dialect.all_key_algorithms.clone(),
        )
    }
}

pub(crate) fn assemble_once(kw: Kw, list: &[u8], dialect: &Dialect) -> Result<Vec<String>, ()> {
    let (default, all) = key_lists(kw, dialect);
    algorithms::assemble(list, default, &all, dialect)
}

impl<'c> Effective<'c> {
    /// The configuration behind it.
    #[must_use]
    pub fn config(&self) -> &'c Config {
        self.config
    }

    /// Does each Match block count for this connection? In the order of [`Config::blocks`].
    #[must_use]
    pub fn blocks(&self) -> &[Tri] {
        &self.blocks
    }

    fn state(&self, line: &Line) -> Tri {
        line.block.map_or(Tri::True, |id| {
            self.blocks.get(id).copied().unwrap_or(Tri::False)
        })
    }

    /// The Match line a conditional line hangs on.
    fn hinge(&self, line: &Line) -> Option<&'c Place> {
        let mut id = line.block;
        let mut found = None;
        while let Some(at) = id {
            let block = self.config.blocks.get(at)?;
            if self.blocks.get(at) == Some(&Tri::Unknown) {
                found = Some(&block.place);
            }
            id = block.parent;
        }
        found
    }

    fn pick(&self, kw: Kw) -> Picked<'c> {
        let config = self.config;
        let policy = config.dialect.policy(kw);
        let mut picked = Picked {
            winners: Vec::new(),
            shadowed: Vec::new(),
            undetermined: Vec::new(),
            conditional: false,
        };
        let mut maybe: Vec<&'c Line> = Vec::new();
        if config.dialect.matchable(kw) {
            for line in config.select(&config.conditional, kw) {
                match self.state(line) {
                    Tri::False => {}
                    Tri::Unknown => maybe.push(line),
                    Tri::True if policy == Policy::Append || picked.winners.is_empty() => {
                        picked.winners.push(line)
                    }
                    Tri::True if policy == Policy::Last => {
                        picked.shadowed.append(&mut picked.winners);
                        picked.winners.push(line);
                        // What is unknown and stands before a later certain line cannot win.
                        maybe.clear();
                    }
                    Tri::True => picked.shadowed.push(line),
                }
                if policy == Policy::First && !picked.winners.is_empty() && maybe.is_empty() {
                    // Later unknown lines cannot win any more; later certain ones are only shadowed.
                    continue;
                }
            }
        }
        picked.conditional = !picked.winners.is_empty();
        let first_certain = picked.winners.first().copied();
        for line in config.select(&config.global, kw) {
            if picked
                .winners
                .iter()
                .any(|winner| core::ptr::eq(*winner, line))
                || picked
                    .shadowed
                    .iter()
                    .any(|loser| core::ptr::eq(*loser, line))
            {
                continue;
            }
            match policy {
                _ if picked.conditional => picked.shadowed.push(line),
                Policy::Append => picked.winners.push(line),
                Policy::First if picked.winners.is_empty() => picked.winners.push(line),
                Policy::First => picked.shadowed.push(line),
                Policy::Last => {
                    picked.shadowed.append(&mut picked.winners);
                    picked.winners.push(line);
                }
            }
        }
        for line in maybe {
            // A certain line of an earlier Match block beats it.
            let beaten = policy == Policy::First
                && first_certain
                    .is_some_and(|winner| core::ptr::from_ref(winner) < core::ptr::from_ref(line));
            let same = policy != Policy::Append
                && picked
                    .winners
                    .first()
                    .is_some_and(|winner| winner.value == line.value);
            if !beaten
                && !same
                && let Some(place) = self.hinge(line)
                && !picked.undetermined.contains(&place)
            {
                picked.undetermined.push(place);
            }
        }
        picked
    }

    fn setting<T>(&self, picked: &Picked<'c>, value: T) -> Setting<'c, T> {
        let config = self.config;
        Setting {
            value,
            origin: picked.winners.first().map_or(
                Origin::Default {
                    build: &config.dialect.build,
                },
                |line| config.origin(line),
            ),
            more: picked
                .winners
                .iter()
                .skip(1)
                .map(|line| config.origin(line))
                .collect(),
            shadowed: picked
                .shadowed
                .iter()
                .map(|line| config.origin(line))
                .collect(),
            undetermined_by: picked.undetermined.clone(),
        }
    }

    /// The parsed value of the line that counts; `None`: the default.
    #[must_use]
    pub fn value(&self, kw: Kw) -> Setting<'c, Option<&'c Value>> {
        let picked = self.pick_special(kw);
        let value = picked.winners.first().map(|line| &line.value);
        self.setting(&picked, value)
    }

    /// The line that counts.
    pub(crate) fn line(&self, kw: Kw) -> Option<&'c Line> {
        self.pick_special(kw).winners.first().copied()
    }

    /// AuthorizedPrincipalsCommand up to 9.3 asks whether AuthorizedKeysCommand is set, and UnusedConnectionTimeout
    /// `none` replaces what was set before.
    fn pick_special(&self, kw: Kw) -> Picked<'c> {
        let mut picked = self.pick(kw);
        if kw == Kw::AuthorizedPrincipalsCommand
            && self.config.dialect.quirks.principals_command_confused
        {
            self.confuse(&mut picked);
        }
        picked
    }

    fn confuse(&self, picked: &mut Picked<'c>) {
        let config = self.config;
        // In each pass: the last line before the first AuthorizedKeysCommand of that pass.
        let pass = |table: &'c [Vec<u32>], filter: bool| -> Option<&'c Line> {
            let counts = |line: &&Line| !filter || self.state(line) == Tri::True;
            let blocker = config.select(table, Kw::AuthorizedKeysCommand).find(counts);
            config
                .select(table, Kw::AuthorizedPrincipalsCommand)
                .filter(counts)
                .rfind(|line| {
                    blocker.is_none_or(|b| core::ptr::from_ref(*line) < core::ptr::from_ref(b))
                })
        };
        let winner = pass(&config.conditional, true).or_else(|| pass(&config.global, false));
        let mut all: Vec<&'c Line> = picked
            .winners
            .drain(..)
            .chain(picked.shadowed.drain(..))
            .collect();
        all.retain(|line| winner.is_none_or(|w| !core::ptr::eq(w, *line)));
        picked.shadowed = all;
        picked.winners.extend(winner);
    }

    /// A yes/no keyword. Other words of a wider keyword count as yes.
    #[must_use]
    pub fn flag(&self, kw: Kw) -> Setting<'c, bool> {
        self.choice(kw).map(|choice| choice != "no")
    }

    /// A keyword with fixed words, in sshd's spelling (`yes`, `clientspecified`, `INFO`…).
    #[must_use]
    pub fn choice(&self, kw: Kw) -> Setting<'c, &'c str> {
        let default = self.config.dialect.default_text(kw).unwrap_or("no");
        self.value(kw).map(|value| match value {
            Some(Value::Choice(choice)) => choice,
            Some(Value::Text(_)) => "yes",
            _ => default,
        })
    }

    /// A number; times in seconds.
    #[must_use]
    pub fn int(&self, kw: Kw) -> Setting<'c, i64> {
        let text = self.config.dialect.default_text(kw).unwrap_or("0");
        let default = match (kw, text) {
            (Kw::StreamLocalBindMask, _) => i64::from_str_radix(text, 8).unwrap_or(0),
            (_, "none") => i64::from(i32::MAX),
            _ => text.parse().unwrap_or(0),
        };
        if kw == Kw::UnusedConnectionTimeout {
            return self.unused_timeout(default);
        }
        self.value(kw).map(|value| match value {
            Some(Value::Int(n)) => *n,
            _ => default,
        })
    }

    /// `none` replaces an earlier time, a time does not replace an earlier value.
    fn unused_timeout(&self, default: i64) -> Setting<'c, i64> {
        let setting = self.value(Kw::UnusedConnectionTimeout);
        let config = self.config;
        let kw = Kw::UnusedConnectionTimeout;
        let off = |line: &&Line| {
            line.value == Value::Int(0) && line.words.first().is_some_and(|w| w.bytes != b"0")
        };
        let conditional: Vec<&Line> = config
            .select(&config.conditional, kw)
            .filter(|line| self.state(line) == Tri::True)
            .collect();
        let cleared = if conditional.is_empty() {
            config.select(&config.global, kw).any(|line| off(&line))
        } else {
            conditional.iter().any(off)
        };
        setting.map(|value| match value {
            _ if cleared => 0,
            Some(Value::Int(n)) => *n,
            _ => default,
        })
    }

    /// A keyword of one string. `None`: not set, or `none` where that clears it.
    ///
    /// sshd clears `none` when it fills in its defaults, which is before it looks at Match blocks: in a Match block
    /// `TrustedUserCAKeys none`, `AuthorizedPrincipalsFile none` and `Banner none` name a file `none`.
    #[must_use]
    pub fn text(&self, kw: Kw) -> Setting<'c, Option<&'c [u8]>> {
        let default = self.config.dialect.default_text(kw).map(str::as_bytes);
        let picked = self.pick_special(kw);
        let clears = match kw {
            Kw::AuthorizedKeysCommandUser | Kw::AuthorizedPrincipalsCommandUser => false,
            Kw::AuthorizedPrincipalsFile if self.config.dialect.quirks.principals_none_in_match => {
                true
            }
            Kw::TrustedUserCAKeys | Kw::AuthorizedPrincipalsFile | Kw::Banner => {
                !picked.conditional
            }
            _ => true,
        };
        let value = match picked.winners.first().map(|line| &line.value) {
            Some(Value::Text(text)) if clears && text.eq_ignore_ascii_case(b"none") => None,
            Some(Value::Text(text)) => Some(text.as_slice()),
            _ => default,
        };
        self.setting(&picked, value)
    }

    /// A keyword of several words: lists that append are put together. Empty: not set, `none`, or
    /// `any` alone of AuthenticationMethods.
    ///
    /// `RevokedKeys none` in a Match block is not cleared: it names a file `none`, and a list that cannot be read
    /// refuses every key.
    #[must_use]
    pub fn words(&self, kw: Kw) -> Setting<'c, Vec<&'c [u8]>> {
        let picked = self.pick_special(kw);
        let mut words: Vec<&'c [u8]> = Vec::new();
        for line in &picked.winners {
            if let Value::Words(list) = &line.value {
                words.extend(list.iter().map(Vec::as_slice));
            }
        }
        if picked.winners.is_empty()
            && let Some(text) = self.config.dialect.default_text(kw)
        {
            words.extend(text.split(' ').map(str::as_bytes));
        }
        let cleared_by: &[u8] = match kw {
            Kw::AuthenticationMethods => b"any",
            Kw::RevokedKeys if picked.conditional => b"",
            Kw::AuthorizedKeysFile | Kw::RevokedKeys | Kw::ChannelTimeout | Kw::LogVerbose => {
                b"none"
            }
            _ => b"",
        };
        if matches!(words.as_slice(), [only] if !cleared_by.is_empty() && only.eq_ignore_ascii_case(cleared_by))
        {
            words.clear();
        }
        self.setting(&picked, words)
    }

    /// An algorithm list as sshd resolves it for this connection, in its order.
    ///
    /// sshd puts the lists together once when it starts and again for each connection: a global `-*` is empty after
    /// the first time, and so becomes the full default the second time.
    #[must_use]
    pub fn algorithms(&self, kw: Kw) -> Setting<'c, Vec<String>> {
        let dialect = &self.config.dialect;
        let picked = self.pick_special(kw);
        let named = matches!(
            kw,
            Kw::Ciphers | Kw::Macs | Kw::KexAlgorithms | Kw::GSSAPIKexAlgorithms
        );
        let named_default: Vec<&str> = match dialect.default_text(kw) {
            Some(text) if named => text.split(',').collect(),
            _ => Vec::new(),
        };
        let once = |list: &[u8]| {
            if named {
                // Names need no expanding: each is known exactly.
                let mut all = named_default.clone();
                let own = algorithms::split_sign(list, dialect).1;
                all.extend(
                    own.split(|&b| b == b',')
                        .filter_map(|name| core::str::from_utf8(name).ok()),
                );
                algorithms::assemble(list, &named_default, &all, dialect)
            } else {
                assemble_once(kw, list, dialect)
            }
        };
        let list: &[u8] = match picked.winners.first().map(|line| &line.value) {
            Some(Value::Text(list)) => list,
            _ => b"",
        };
        let mut resolved = once(list).unwrap_or_default();
        if resolved.is_empty() && !picked.conditional {
            resolved = once(b"").unwrap_or_default();
        }
        self.setting(&picked, resolved)
    }

    /// PermitRootLogin.
    #[must_use]
    pub fn permit_root_login(&self) -> Setting<'c, PermitRootLogin> {
        self.choice(Kw::PermitRootLogin).map(|choice| match choice {
            "yes" => PermitRootLogin::Yes,
            "no" => PermitRootLogin::No,
            "forced-commands-only" => PermitRootLogin::ForcedCommandsOnly,
            _ => PermitRootLogin::ProhibitPassword,
        })
    }

    /// Subsystems: name and command, in sshd's order. A Match block replaces the command of a global one (9.5).
    #[must_use]
    pub fn subsystems(&self) -> Vec<(&'c [u8], &'c [u8], Origin<'c>)> {
        let config = self.config;
        let mut out: Vec<(&'c [u8], &'c [u8], Origin<'c>)> = Vec::new();
        for line in config.select(&config.global, Kw::Subsystem) {
            if let Value::Subsystem { name, command } = &line.value
                && !out.iter().any(|(have, _, _)| have == name)
            {
                out.push((name, command, config.origin(line)));
            }
        }
        if config.dialect.matchable(Kw::Subsystem) {
            let mut seen: Vec<&[u8]> = Vec::new();
            for line in config.select(&config.conditional, Kw::Subsystem) {
                let Value::Subsystem { name, command } = &line.value else {
                    continue;
                };
                if self.state(line) != Tri::True || seen.contains(&name.as_slice()) {
                    continue;
                }
                seen.push(name);
                match out.iter_mut().find(|(have, _, _)| have == name) {
                    Some(slot) => *slot = (name, command, config.origin(line)),
                    None => out.push((name, command, config.origin(line))),
                }
            }
        }
        out
    }
}

impl<'c> Effective<'c> {
    /// The line at which the process of this connection exits when it reads the whole configuration again for its
    /// Match blocks: an algorithm list of a Match block that comes out empty, until 9.6 a second
    /// AuthenticationMethods with `any`, and from 10.0 to 10.4 a Subsystem where the global section has none.
    #[must_use]
    pub fn aborts(&self) -> Option<&'c Place> {
        let first = self.methods_abort().or_else(|| self.subsystem_abort());
        first.or_else(|| {
            [
                Kw::HostbasedAcceptedAlgorithms,
                Kw::PubkeyAcceptedAlgorithms,
                Kw::CASignatureAlgorithms,
            ]
            .into_iter()
            .find_map(|kw| {
                let picked = self.pick(kw);
                let line = picked.winners.first().filter(|_| picked.conditional)?;
                let Value::Text(list) = &line.value else {
                    return None;
                };
                assemble_once(kw, list, &self.config.dialect)
                    .is_err()
                    .then_some(&line.place)
            })
        })
    }

    /// As seen with 10.0p1: sshd-auth ends without a word when it takes over a list of subsystems that only a
    /// Match block has begun.
    fn subsystem_abort(&self) -> Option<&'c Place> {
        let config = self.config;
        if !config.dialect.quirks.subsystem_match_alone_fatal {
            return None;
        }
        if config
            .select(&config.global, Kw::Subsystem)
            .next()
            .is_some()
        {
            return None;
        }
        config
            .select(&config.conditional, Kw::Subsystem)
            .find(|line| self.state(line) == Tri::True)
            .map(|line| &line.place)
    }

    fn methods_abort(&self) -> Option<&'c Place> {
        if !self.config.dialect.quirks.any_looks_back {
            return None;
        }
        let mut set = false;
        for line in self
            .config
            .lines
            .iter()
            .filter(|line| line.kw == Kw::AuthenticationMethods)
        {
            let any = matches!(&line.value, Value::Words(words) if words.iter().any(|word| word == b"any"));
            if any && set {
                return Some(&line.place);
            }
            // The second reading starts inactive: only lines of matching blocks fill the list.
            set |= line.block.is_some() && self.state(line) == Tri::True;
        }
        None
    }
}
