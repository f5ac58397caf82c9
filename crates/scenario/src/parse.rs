//! World lines into a [`Spec`].

use crate::content::Content;
use crate::expect::{BuildMatch, Expectation, Verdict};
use crate::spec::{
    AccountFields, AclWord, Change, DaemonFields, Session, ShadowFields, Sign, Spec,
};
use crate::words;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;
use sshwhy_keys::SigAlg;
use sshwhy_world::{Build, MacMode};

/// What is wrong with a scenario, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file, from 1; 0 where there is none.
    pub line: u32,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.text)
    }
}

impl core::error::Error for Problem {}

/// The content lines that follow a world line, joined.
struct Block {
    text: Vec<u8>,
    given: bool,
}

const EXPECTS_NOTHING: &str = "the case expects nothing";

/// Reads the world lines of a block; `first_line` is the number of its first line.
pub(crate) fn world(name: &str, block: &[u8], first_line: u32) -> (Spec, Vec<Problem>) {
    let mut spec = Spec::new(name);
    let mut problems = Vec::new();
    let mut lines = block.split(|&b| b == b'\n').zip(first_line..).peekable();
    while let Some((line, number)) = lines.next() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        if line.starts_with(b"|") {
            let text = "content, but the line before takes none".into();
            problems.push(Problem { line: number, text });
            continue;
        }
        let mut content = Block {
            text: Vec::new(),
            given: false,
        };
        while let Some((next, _)) = lines.peek() {
            let Some(text) = next.trim_ascii_start().strip_prefix(b"|") else {
                break;
            };
            content.given = true;
            if let Some(last) = text.strip_prefix(b"-") {
                content
                    .text
                    .extend_from_slice(last.strip_prefix(b" ").unwrap_or(last));
            } else {
                content
                    .text
                    .extend_from_slice(text.strip_prefix(b" ").unwrap_or(text));
                content.text.push(b'\n');
            }
            lines.next();
        }
        let takes = content.given;
        match one(&mut spec, line, number, content) {
            Ok(used) if used || !takes => {}
            Ok(_) => problems.push(Problem {
                line: number,
                text: format!("'{}' takes no content", words::text(words::first(line).0)),
            }),
            Err(text) => problems.push(Problem { line: number, text }),
        }
    }
    if spec.memory_only.is_none()
        && let Some((line, _)) = spec.changes.iter().find(|(_, c)| c.memory_only())
    {
        let text = "no real server can be put into this world: add 'memory-only: REASON'".into();
        problems.push(Problem { line: *line, text });
    }
    if spec.expect.is_none() {
        problems.push(Problem {
            line: first_line,
            text: EXPECTS_NOTHING.into(),
        });
    }
    (spec, problems)
}

impl Spec {
    /// Reads world lines, which need not say what they expect. [`Spec::to_text`] is the way back.
    ///
    /// # Errors
    /// Every problem, with its line.
    pub fn from_text(name: &str, text: &[u8]) -> Result<Spec, Vec<Problem>> {
        let (spec, mut problems) = world(name, text, 1);
        problems.retain(|p| p.text != EXPECTS_NOTHING);
        if problems.is_empty() {
            Ok(spec)
        } else {
            Err(problems)
        }
    }
}

fn path(word: &[u8]) -> Result<Vec<u8>, String> {
    let fine = word.starts_with(b"/")
        && (word == b"/" || !word.ends_with(b"/"))
        && !word.split(|&b| b == b'/').any(|c| c == b"." || c == b"..");
    if fine {
        Ok(word.to_vec())
    } else {
        Err(format!(
            "'{}' is no absolute path without '.' and '..'",
            words::text(word)
        ))
    }
}

fn mode(word: &[u8]) -> Result<u32, String> {
    words::mode(word).ok_or_else(|| format!("'{}' is no octal mode", words::text(word)))
}

fn addr(word: &[u8]) -> Result<IpAddr, String> {
    words::number(word).ok_or_else(|| format!("'{}' is no address", words::text(word)))
}

fn builds(word: &[u8]) -> Result<Vec<BuildMatch>, String> {
    word.split(|&b| b == b',')
        .map(|w| {
            let w = words::text(w);
            BuildMatch::parse(&w).ok_or_else(|| format!("'{w}' names no build"))
        })
        .collect()
}

/// Reads one line. `true`: the content was used.
fn one(spec: &mut Spec, line: &[u8], number: u32, content: Block) -> Result<bool, String> {
    let (verb, rest) = words::first(line);
    let arguments = words::split(rest);
    let given = content.given;
    let text = Content::Text(content.text);
    let usage = |form: &str| Err(format!("expected: {form}"));
    let change = match (verb, arguments.as_slice()) {
        (b"build", [name]) => {
            let name = words::text(name);
            if Build::profile(&name).is_none() {
                return Err(format!("there is no build '{name}'"));
            }
            spec.build = name;
            return Ok(false);
        }
        (b"attempt", _) => return attempt(spec, rest).map(|()| false),
        (b"session", [kind, ..]) => {
            let words = words::first(rest).1.to_vec();
            spec.session = match *kind {
                b"exec" if !words.is_empty() => Session::Exec(words),
                b"shell" => Session::Shell,
                b"subsystem" if !words.is_empty() => Session::Subsystem(words),
                _ => return usage("session exec COMMAND | shell | subsystem NAME"),
            };
            return Ok(false);
        }
        (b"expect", _) => {
            if spec.expect.is_some() {
                return Err("a second 'expect' in one case".into());
            }
            spec.expect = Some(expectation(&arguments)?);
            return Ok(false);
        }
        (b"expect-on", [on, rest @ ..]) => {
            spec.expect_on.push((builds(on)?, expectation(rest)?));
            return Ok(false);
        }
        (b"note", [id]) => {
            let Some(expect) = &mut spec.expect else {
                return Err("'note' stands after 'expect'".into());
            };
            expect.notes.push(words::text(id));
            return Ok(false);
        }
        (b"log", [_, ..]) => {
            spec.log.push((Vec::new(), words::text(rest)));
            return Ok(false);
        }
        (b"log-on", [on, _, ..]) => {
            spec.log
                .push((builds(on)?, words::text(words::first(rest).1)));
            return Ok(false);
        }
        (b"memory-only:", [_, ..]) => {
            spec.memory_only = Some(words::text(rest));
            return Ok(false);
        }
        (b"dropbear:", _) => {
            spec.dropbear = Some(rest.to_vec());
            return Ok(false);
        }
        (b"file", [p, m, o]) => Change::File {
            path: path(p)?,
            mode: mode(m)?,
            owner: o.to_vec(),
            content: text,
        },
        (b"raw-hex", [p, m, o]) => {
            let Content::Text(text) = text else {
                return Ok(false);
            };
            let bytes = words::hex(&text).ok_or("the content is not hexadecimal")?;
            Change::File {
                path: path(p)?,
                mode: mode(m)?,
                owner: o.to_vec(),
                content: Content::Raw(bytes),
            }
        }
        (b"dir", [p, m, o]) => Change::Dir {
            path: path(p)?,
            mode: mode(m)?,
            owner: o.to_vec(),
        },
        (b"link", [p, b"->", target]) => Change::Link {
            path: path(p)?,
            target: target.to_vec(),
        },
        (b"fifo", [p, m, o]) => Change::Fifo {
            path: path(p)?,
            mode: mode(m)?,
            owner: o.to_vec(),
        },
        (b"device-null", [p]) => Change::NullDevice { path: path(p)? },
        (b"mode", [p, m]) => Change::Mode {
            path: path(p)?,
            mode: mode(m)?,
        },
        (b"owner", [p, o]) => Change::Owner {
            path: path(p)?,
            owner: o.to_vec(),
        },
        (b"acl", [p, w]) => Change::Acl {
            path: path(p)?,
            words: acl(w)?,
        },
        (b"label", [p, l]) => Change::Label {
            path: path(p)?,
            label: l.to_vec(),
        },
        (b"remove", [p]) => Change::Remove { path: path(p)? },
        (b"keys", []) => Change::Keys(text),
        (b"config", []) => Change::Config(text),
        (b"config-first", []) => Change::ConfigFirst(text),
        (b"config-is", []) => Change::ConfigIs(text),
        (b"account", [name, fields @ ..]) => Change::Account {
            name: name.to_vec(),
            fields: account(fields)?,
        },
        (b"no-account", [name]) => Change::NoAccount {
            name: name.to_vec(),
        },
        (b"shadow", [name, fields @ ..]) => Change::Shadow {
            name: name.to_vec(),
            fields: shadow(fields)?,
        },
        (b"no-shadow", [name]) => Change::NoShadow {
            name: name.to_vec(),
        },
        (b"group", [name, fields @ ..]) => group(name, fields)?,
        (b"no-group", [name]) => Change::NoGroup {
            name: name.to_vec(),
        },
        (b"pam", [service]) => Change::Pam {
            service: service.to_vec(),
            content: text,
        },
        (b"name", [a, host]) => Change::Name {
            addr: addr(a)?,
            host: host.to_vec(),
        },
        (b"command", [p, options @ ..]) => {
            let mut status = 0;
            for option in options {
                match words::pair(option) {
                    Some((b"status", s)) => {
                        status = words::number(s).ok_or("status=N is a number")?;
                    }
                    _ if *option == b"output" => {}
                    _ => return usage("command PATH [status=N] [output]"),
                }
            }
            Change::Command {
                path: path(p)?,
                status,
                output: text,
            }
        }
        (b"daemon", options) => Change::Daemon(daemon(options)?),
        (b"mac", [p, b"apparmor", profile]) => Change::Mac {
            path: path(p)?,
            mode: MacMode::AppArmor,
            have: profile.to_vec(),
            want: None,
        },
        (b"mac", [p, b"selinux", have, want @ ..]) if want.len() < 2 => Change::Mac {
            path: path(p)?,
            mode: MacMode::SeLinux,
            have: have.to_vec(),
            want: want.first().map(|w| w.to_vec()),
        },
        (b"sandbox", [p, setting]) => Change::Sandbox {
            path: path(p)?,
            setting: setting.to_vec(),
        },
        (b"gap", [what]) => Change::Gap {
            what: what.to_vec(),
        },
        _ => return Err(format!("'{}' is not understood", words::text(line))),
    };
    let used = matches!(
        change,
        Change::File { .. }
            | Change::Keys(_)
            | Change::Config(_)
            | Change::ConfigFirst(_)
            | Change::ConfigIs(_)
            | Change::Pam { .. }
            | Change::Command { .. }
    );
    if used
        && !given
        && !matches!(
            change,
            Change::File { .. } | Change::Keys(_) | Change::Command { .. }
        )
    {
        return Err(format!(
            "'{}' needs content: lines that start with '| '",
            words::text(verb)
        ));
    }
    spec.changes.push((number, change));
    Ok(used)
}

fn acl(word: &[u8]) -> Result<Vec<AclWord>, String> {
    word.split(|&b| b == b',')
        .map(|entry| {
            let mut parts = entry.split(|&b| b == b':');
            let (kind, name, perm) = (parts.next(), parts.next(), parts.next());
            let (Some(kind), Some(name), Some(bits), None) = (kind, name, perm, parts.next())
            else {
                return None;
            };
            let mut perm = 0;
            for b in bits {
                perm |= match b {
                    b'r' => 4,
                    b'w' => 2,
                    b'x' => 1,
                    b'-' => 0,
                    _ => return None,
                };
            }
            let group = match kind {
                b"u" | b"user" => false,
                b"g" | b"group" => true,
                _ => return None,
            };
            (!name.is_empty()).then(|| AclWord {
                group,
                name: name.to_vec(),
                perm,
            })
        })
        .collect::<Option<_>>()
        .ok_or_else(|| format!("'{}' is not like u:bob:rw,g:devs:r", words::text(word)))
}

fn account(words_: &[&[u8]]) -> Result<AccountFields, String> {
    let mut fields = AccountFields::default();
    for word in words_ {
        let wrong = || format!("'{}' is no field of an account", words::text(word));
        match words::pair(word).ok_or_else(wrong)? {
            (b"uid", v) => fields.uid = Some(words::number(v).ok_or_else(wrong)?),
            (b"gid", v) => fields.gid = Some(words::number(v).ok_or_else(wrong)?),
            (b"home", v) => fields.home = Some(v.to_vec()),
            (b"shell", v) => fields.shell = Some(v.to_vec()),
            (b"password", v) => fields.password = Some(v.to_vec()),
            _ => return Err(wrong()),
        }
    }
    Ok(fields)
}

fn shadow(words_: &[&[u8]]) -> Result<ShadowFields, String> {
    let mut fields = ShadowFields::default();
    for word in words_ {
        let wrong = || format!("'{}' is no field of a shadow entry", words::text(word));
        let (name, value) = words::pair(word).ok_or_else(wrong)?;
        let days = || words::number(value).ok_or_else(wrong);
        match name {
            b"password" => {
                fields.password = Some(if value == b"empty" {
                    Vec::new()
                } else {
                    value.to_vec()
                });
            }
            b"last" => fields.last = Some(days()?),
            b"min" => fields.min = Some(days()?),
            b"max" => fields.max = Some(days()?),
            b"warn" => fields.warn = Some(days()?),
            b"inactive" => fields.inactive = Some(days()?),
            b"expire" => fields.expire = Some(days()?),
            _ => return Err(wrong()),
        }
    }
    Ok(fields)
}

fn group(name: &[u8], words_: &[&[u8]]) -> Result<Change, String> {
    let (mut gid, mut members) = (None, None);
    for word in words_ {
        let wrong = || format!("'{}' is no field of a group", words::text(word));
        match words::pair(word).ok_or_else(wrong)? {
            (b"gid", v) => gid = Some(words::number(v).ok_or_else(wrong)?),
            (b"members", v) => {
                let names = v.split(|&b| b == b',').filter(|n| !n.is_empty());
                members = Some(names.map(<[u8]>::to_vec).collect());
            }
            _ => return Err(wrong()),
        }
    }
    Ok(Change::Group {
        name: name.to_vec(),
        gid,
        members,
    })
}

fn daemon(words_: &[&[u8]]) -> Result<DaemonFields, String> {
    let mut fields = DaemonFields {
        listening: true,
        ..DaemonFields::default()
    };
    for word in words_ {
        let wrong = || format!("'{}' is nothing of a daemon", words::text(word));
        match words::pair(word).ok_or_else(wrong)? {
            (b"listening", v) => fields.listening = words::yes_no(v).ok_or_else(wrong)?,
            (b"config-read", v) => fields.config_read = Some(words::instant(v).ok_or_else(wrong)?),
            (b"replaced", v) => fields.replaced = words::yes_no(v).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        }
    }
    Ok(fields)
}

fn attempt(spec: &mut Spec, rest: &[u8]) -> Result<(), String> {
    let attempt = &mut spec.attempt;
    for word in words::split(rest) {
        let wrong = || format!("'{}' is nothing of an attempt", words::text(word));
        let (name, value) = words::pair(word).ok_or_else(wrong)?;
        match name {
            b"user" => attempt.user = value.to_vec(),
            b"key" if value == b"none" => attempt.key = None,
            b"key" => attempt.key = Some(words::text(value)),
            b"from" => {
                let mut parts = value.splitn(2, |&b| b == b',');
                attempt.from = addr(parts.next().unwrap_or_default())?;
                attempt.host = parts.next().map(<[u8]>::to_vec);
            }
            b"to" => match words::number::<core::net::SocketAddr>(value) {
                Some(socket) => (attempt.to, attempt.port) = (socket.ip(), socket.port()),
                None => attempt.to = addr(value)?,
            },
            b"alg" => {
                let names = value.split(|&b| b == b',');
                attempt.algorithms = names.map(SigAlg::from_name).collect();
            }
            b"sign" => {
                attempt.sign = match value {
                    b"good" => Sign::Good,
                    b"bad" => Sign::Bad,
                    b"sha1" => Sign::Sha1,
                    _ => return Err(wrong()),
                };
            }
            b"touch" => attempt.touch = words::yes_no(value).ok_or_else(wrong)?,
            b"verified" => attempt.verified = Some(words::yes_no(value).ok_or_else(wrong)?),
            b"method" if value == b"publickey" => {}
            _ => return Err(wrong()),
        }
    }
    Ok(())
}

fn expectation(words_: &[&[u8]]) -> Result<Expectation, String> {
    let ids = |words_: &[&[u8]]| -> Result<Vec<String>, String> {
        words_
            .iter()
            .filter(|w| **w != b"then")
            .map(|w| {
                let fine = w
                    .iter()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
                let id = words::text(w);
                if fine {
                    Ok(id)
                } else {
                    Err(format!("'{id}' is no id of a cause"))
                }
            })
            .collect()
    };
    let form = "expected: refuse ID [then ID…] | accept [after-login ID…] | undetermined [ID…]";
    let mut out;
    match words_ {
        [b"refuse", rest @ ..] if !rest.is_empty() => {
            out = Expectation::new(Verdict::Refuse);
            out.causes = ids(rest)?;
        }
        [b"undetermined", rest @ ..] => {
            out = Expectation::new(Verdict::Undetermined);
            out.causes = ids(rest)?;
        }
        [b"accept"] => out = Expectation::new(Verdict::Accept),
        [b"accept", b"after-login", rest @ ..] if !rest.is_empty() => {
            out = Expectation::new(Verdict::Accept);
            out.after_login = ids(rest)?;
        }
        _ => return Err(form.into()),
    }
    Ok(out)
}
