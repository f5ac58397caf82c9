//! A stack of a PAM service, as libpam reads it (`pam_handlers.c`, with Debian's
//! `@include`) and walks it (`pam_dispatch.c`).

use super::code::{self, Action, Code, Control};
use crate::found;
use alloc::vec;
use alloc::vec::Vec;
use sshwhy_causes::Evidence;
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Errno, Fact, Gap, Reader, World, read_whole};

/// PAM_SUBSTACK_MAX_LEVEL
const MAX_LEVEL: u32 = 16;
/// Most lines of a stack: more are not to be expected of a file that anybody wrote.
const MAX_ENTRIES: usize = 1_000;
/// Most bytes that are read of one configuration file.
pub(super) const FILE_LIMIT: usize = 16 << 20;

/// A line of a file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: Vec<u8>,
    pub(super) line: u64,
    pub(super) raw: Vec<u8>,
}

impl Place {
    /// The line, from its first word to its last.
    pub(super) fn evidence(&self) -> Evidence {
        let start = self.raw.len() - self.raw.trim_ascii_start().len();
        found::text(
            &self.file,
            self.line,
            &self.raw,
            start..self.raw.trim_ascii_end().len(),
        )
    }
}

/// What stands in one place of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Module {
        path: Vec<u8>,
        args: Vec<Vec<u8>>,
    },
    /// A line that libpam does not understand: it fails when its turn comes.
    MustFail,
    /// The head of a substack.
    Substack,
}

/// One handler.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) level: u32,
    pub(super) kind: Kind,
    pub(super) control: Control,
    pub(super) place: Place,
}

impl Entry {
    /// `pam_unix`
    pub(super) fn module(&self) -> &[u8] {
        let Kind::Module { path, .. } = &self.kind else {
            return b"";
        };
        let name = path.rsplit(|&b| b == b'/').next().unwrap_or(path);
        match name.iter().rposition(|&b| b == b'.') {
            Some(dot) => name.get(..dot).unwrap_or(name),
            None => name,
        }
    }
}

/// The stack of a service.
pub(crate) struct Stack {
    pub(super) entries: Vec<Entry>,
    /// They come from the catch-all `other`.
    pub(super) other: bool,
    /// The service has no file.
    pub(super) missing: bool,
}

/// Why there is no stack.
pub(super) enum Trouble {
    Gap(Gap),
    /// libpam gives up on the configuration (PAM_ABORT): sshd's "PAM: initialisation failed".
    Abort {
        place: Option<Place>,
        missing: bool,
    },
}

impl From<Gap> for Trouble {
    fn from(gap: Gap) -> Self {
        Trouble::Gap(gap)
    }
}

/// Reads a file as root, through links. `None`: it cannot be opened.
pub(super) fn read_file(world: &dyn World, path: &[u8]) -> Result<Result<Vec<u8>, Errno>, Gap> {
    let real = match resolve(world, path, None)? {
        Ok(r) if r.node.is_dir() => return Ok(Ok(Vec::new())),
        Ok(r) => r.real,
        Err(stop) => return Ok(Err(stop.errno)),
    };
    match read_whole(world, &real, Reader::Root, FILE_LIMIT) {
        Fact::Known(Ok(text)) => Ok(Ok(text)),
        Fact::Known(Err(errno)) => Ok(Err(errno)),
        Fact::Unknown(gap) => Err(gap),
    }
}

impl Stack {
    /// `_pam_init_handlers`
    pub(super) fn read(world: &dyn World, service: &[u8], kind: Type) -> Result<Stack, Trouble> {
        let is_dir = |path: &[u8]| -> Result<bool, Gap> {
            Ok(resolve(world, path, None)?.is_ok_and(|r| r.node.is_dir()))
        };
        let mut conf = Reading::new(world, kind);
        let mut other = Reading::new(world, kind);
        let mut missing = false;
        if is_dir(b"/etc/pam.d")? || is_dir(b"/usr/lib/pam.d")? {
            let mut any = false;
            match open(world, service)? {
                Some((file, text)) => {
                    conf.file(&file, &text, None, 0, 0)?;
                    any = true;
                }
                None => missing = true,
            }
            if let Some((file, text)) = open(world, b"other")? {
                other.file(&file, &text, None, 0, 0)?;
                any = true;
            }
            if !any {
                return Err(Trouble::Abort {
                    place: None,
                    missing: true,
                });
            }
        } else {
            let file = b"/etc/pam.conf";
            let Ok(text) = read_file(world, file)? else {
                return Err(Trouble::Abort {
                    place: None,
                    missing: true,
                });
            };
            conf.lines(file, &text, Some(service), None, 0, 0)?;
            other.lines(file, &text, Some(b"other"), None, 0, 0)?;
            missing = conf.entries.is_empty();
        }
        if conf.entries.is_empty() {
            return Ok(Stack {
                entries: other.entries,
                other: true,
                missing,
            });
        }
        Ok(Stack {
            entries: conf.entries,
            other: false,
            missing,
        })
    }
}

/// A configuration file: its path and its text.
type Opened = (Vec<u8>, Vec<u8>);

/// `_pam_open_config_file`
fn open(world: &dyn World, name: &[u8]) -> Result<Option<Opened>, Gap> {
    if name.first() == Some(&b'/') {
        return Ok(read_file(world, name)?
            .ok()
            .map(|text| (name.to_vec(), text)));
    }
    for dir in [&b"/etc/pam.d/"[..], b"/usr/lib/pam.d/"] {
        let path = [dir, name].concat();
        if let Ok(text) = read_file(world, &path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// The four types of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Auth,
    Account,
    Session,
    Password,
}

const TYPES: [(&[u8], Type); 4] = [
    (b"auth", Type::Auth),
    (b"account", Type::Account),
    (b"session", Type::Session),
    (b"password", Type::Password),
];

struct Reading<'a> {
    world: &'a dyn World,
    /// The type whose lines are kept.
    kind: Type,
    entries: Vec<Entry>,
}

impl<'a> Reading<'a> {
    fn new(world: &'a dyn World, kind: Type) -> Self {
        Reading {
            world,
            kind,
            entries: Vec::new(),
        }
    }

    fn file(
        &mut self,
        file: &[u8],
        text: &[u8],
        wanted: Option<Type>,
        depth: u32,
        level: u32,
    ) -> Result<(), Trouble> {
        self.lines(file, text, None, wanted, depth, level)
    }

    /// `_pam_parse_conf_file`. With `service`, each line starts with a service name.
    fn lines(
        &mut self,
        file: &[u8],
        text: &[u8],
        service: Option<&[u8]>,
        wanted: Option<Type>,
        depth: u32,
        level: u32,
    ) -> Result<(), Trouble> {
        let mut lines = Lines { text, number: 0 };
        while let Some((number, raw, line)) = lines.next() {
            let place = Place {
                file: file.to_vec(),
                line: number,
                raw,
            };
            let Some(line) = line else {
                // The file ends in the middle of a continued line.
                return Err(Trouble::Abort {
                    place: Some(place),
                    missing: false,
                });
            };
            let mut words = Words(Some(&line));
            if let Some(service) = service
                && !words
                    .next()
                    .is_some_and(|w| w.eq_ignore_ascii_case(service))
            {
                continue;
            }
            self.line(&mut words, place, wanted, depth, level)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        words: &mut Words<'_>,
        place: Place,
        wanted: Option<Type>,
        depth: u32,
        level: u32,
    ) -> Result<(), Trouble> {
        let word = words.next();
        let word = word.as_deref().map(|w| w.strip_prefix(b"-").unwrap_or(w));
        let mut broken = false;
        let mut include = false;
        let known = word.and_then(|w| TYPES.iter().find(|(t, _)| w.eq_ignore_ascii_case(t)));
        let kind = match (word, known) {
            (_, Some((_, kind))) => *kind,
            (Some(w), None) if w.eq_ignore_ascii_case(b"@include") => {
                include = true;
                wanted.unwrap_or(self.kind)
            }
            _ => {
                // An unknown type counts as the one that is asked for, or else as `auth`.
                broken = true;
                wanted.unwrap_or(Type::Auth)
            }
        };
        if kind != self.kind {
            return Ok(());
        }
        let mut substack = false;
        let mut control = Control::bad();
        if !include {
            match words.next() {
                None => broken = true,
                Some(w) if w.eq_ignore_ascii_case(b"include") => include = true,
                Some(w) if w.eq_ignore_ascii_case(b"substack") => {
                    include = true;
                    substack = true;
                }
                Some(w) => control = Control::parse(&w),
            }
            if include {
                return self.include(words, place, (Some(self.kind), substack), depth, level);
            }
        } else {
            return self.include(words, place, (wanted, false), depth, level);
        }
        let kind = match words.next() {
            Some(path) if !broken => Kind::Module {
                path,
                args: words.collect(),
            },
            _ => Kind::MustFail,
        };
        self.push(Entry {
            level,
            kind,
            control,
            place,
        })
    }

    fn include(
        &mut self,
        words: &mut Words<'_>,
        place: Place,
        (wanted, substack): (Option<Type>, bool),
        depth: u32,
        level: u32,
    ) -> Result<(), Trouble> {
        let fail = Entry {
            level,
            kind: Kind::MustFail,
            control: Control::bad(),
            place: place.clone(),
        };
        if substack {
            self.push(Entry {
                kind: Kind::Substack,
                ..fail.clone()
            })?;
        }
        let below = level + u32::from(substack);
        let opened = match words.next() {
            Some(name) if depth + 1 < MAX_LEVEL && below < MAX_LEVEL => open(self.world, &name)?,
            _ => None,
        };
        let read = match opened {
            Some((file, text)) => self.file(&file, &text, wanted, depth + 1, below),
            None => Err(Trouble::Abort {
                place: None,
                missing: true,
            }),
        };
        match read {
            // A line that failed for a type is put in its place; without a type libpam gives up.
            Err(Trouble::Abort { .. }) if wanted.is_some() => self.push(fail),
            Err(Trouble::Abort {
                place: inner,
                missing,
            }) => Err(Trouble::Abort {
                place: inner.or(Some(place)),
                missing,
            }),
            other => other,
        }
    }

    fn push(&mut self, entry: Entry) -> Result<(), Trouble> {
        if self.entries.len() >= MAX_ENTRIES {
            return Err(Trouble::Abort {
                place: Some(entry.place),
                missing: false,
            });
        }
        self.entries.push(entry);
        Ok(())
    }
}

/// `_pam_assemble_line`: lines without comments and blank ones, continued by a backslash.
struct Lines<'a> {
    text: &'a [u8],
    number: u64,
}

impl Lines<'_> {
    fn physical(&mut self) -> Option<&[u8]> {
        if self.text.is_empty() {
            return None;
        }
        let end = self
            .text
            .iter()
            .position(|&b| b == b'\n')
            .unwrap_or(self.text.len());
        let (line, rest) = self.text.split_at(end);
        self.text = rest.get(1..).unwrap_or(b"");
        self.number += 1;
        Some(line)
    }

    /// Number and text of the first physical line, and the whole logical one.
    fn next(&mut self) -> Option<(u64, Vec<u8>, Option<Vec<u8>>)> {
        let mut first: Option<(u64, Vec<u8>)> = None;
        let mut whole = Vec::new();
        loop {
            let Some(raw) = self.physical() else {
                return first.map(|(number, raw)| (number, raw, None));
            };
            let raw = raw.to_vec();
            let line = blanks_off(&raw);
            if line.is_empty() || line.first() == Some(&b'#') {
                continue;
            }
            let (number, shown) = first.take().unwrap_or((self.number, raw.clone()));
            if let Some(hash) = line.iter().position(|&b| b == b'#') {
                whole.extend_from_slice(line.get(..hash).unwrap_or(b""));
                return Some((number, shown, Some(whole)));
            }
            let end = line
                .iter()
                .rposition(|b| !matches!(b, b' ' | b'\t'))
                .map_or(0, |i| i + 1);
            let kept = line.get(..end).unwrap_or(b"");
            match kept.strip_suffix(b"\\") {
                Some(kept) => {
                    whole.extend_from_slice(kept);
                    whole.push(b' ');
                    first = Some((number, shown));
                }
                None => {
                    whole.extend_from_slice(line);
                    return Some((number, shown, Some(whole)));
                }
            }
        }
    }
}

fn blanks_off(line: &[u8]) -> &[u8] {
    let n = line
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    line.get(n..).unwrap_or(b"")
}

/// `_pam_StrTok`: words between blanks; `[...]` is one, and `\]` in it a bracket.
struct Words<'a>(Option<&'a [u8]>);

impl Iterator for Words<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let rest = self.0.take()?;
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n');
        let skipped = rest.iter().take_while(|b| blank(b)).count();
        let rest = rest.get(skipped..).unwrap_or(b"");
        let mut word = Vec::new();
        let mut used;
        if rest.first() == Some(&b'[') {
            used = 1;
            while let Some(&b) = rest.get(used) {
                if b == b']' {
                    break;
                }
                if b == b'\\' && rest.get(used + 1) == Some(&b']') {
                    used += 1;
                    word.push(b']');
                } else {
                    word.push(b);
                }
                used += 1;
            }
        } else if rest.is_empty() {
            return None;
        } else {
            used = rest.iter().take_while(|b| !blank(b)).count();
            word.extend_from_slice(rest.get(..used).unwrap_or(b""));
        }
        // The byte that ended the word is gone too.
        self.0 = rest.get(used + 1..).filter(|r| !r.is_empty());
        Some(word)
    }
}

/// How a walk through the stack ended.
pub(super) struct End {
    pub(super) code: Code,
    /// The entry whose answer it is.
    pub(super) decider: Option<usize>,
    /// The entries that were asked, with their answers.
    pub(super) asked: Vec<(usize, Code)>,
}

/// `_pam_dispatch_aux`
pub(super) fn walk(entries: &[Entry], mut ask: impl FnMut(usize, &Entry) -> Code) -> End {
    #[derive(Clone, Copy, PartialEq)]
    enum Impression {
        None,
        Positive,
        Negative,
    }
    let fail = code::PERM_DENIED;
    let mut state = (Impression::None, fail, None);
    let mut saved = vec![state; MAX_LEVEL as usize + 1];
    let mut asked = Vec::new();
    let mut last_level = 0;
    let mut i = 0;
    while let Some(entry) = entries.get(i) {
        let level = entry.level;
        if last_level < level
            && let Some(slot) = saved.get_mut(level as usize)
        {
            *slot = state;
        }
        last_level = level;
        let answer = match entry.kind {
            Kind::Substack => {
                i += 1;
                continue;
            }
            Kind::MustFail => fail,
            Kind::Module { .. } => ask(i, entry),
        };
        asked.push((i, answer));
        let mut decided = false;
        match entry.control.of(answer) {
            Action::Ignore => {}
            Action::Reset => {
                state = saved.get(level as usize).copied().unwrap_or(state);
            }
            action @ (Action::Ok | Action::Done) => {
                if state.0 == Impression::None
                    || state.0 == Impression::Positive && state.1 == code::SUCCESS
                {
                    state = (Impression::Positive, answer, Some(i));
                }
                decided = state.0 == Impression::Positive && action == Action::Done;
            }
            action @ (Action::Bad | Action::Die | Action::Undefined) => {
                if state.0 != Impression::Negative {
                    let status = if answer == code::IGNORE { fail } else { answer };
                    state = (Impression::Negative, status, Some(i));
                }
                decided = action == Action::Die;
            }
            Action::Jump(mut n) => {
                let here = |at: usize| entries.get(at + 1).is_some_and(|e| e.level >= level);
                let deeper = |at: usize| entries.get(at + 1).is_some_and(|e| e.level > level);
                let from = i;
                while n > 0 && here(i) {
                    i += 1;
                    while deeper(i) {
                        i += 1;
                    }
                    n -= 1;
                }
                if n > 0 {
                    state = (Impression::Negative, fail, Some(from));
                }
            }
        }
        if decided {
            while entries.get(i + 1).is_some_and(|e| e.level >= level) {
                i += 1;
            }
        }
        i += 1;
    }
    let (impression, mut status, decider) = state;
    if status == code::SUCCESS && impression != Impression::Positive {
        status = fail;
    }
    End {
        code: status,
        decider,
        asked,
    }
}
