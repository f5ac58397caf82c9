//! The text of a journal: one item a line, its words parted by blanks, bytes outside of a safe
//! set as `%XX`. The bytes of files lie beside it.

use crate::journal::{Act, Confirm, Run, Step, Times};
use crate::safe_state::{Body, Full, State};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::rc::Rc;

/// The first line.
const MARK: &str = "sshwhy-journal 1";

/// A word of the text; an empty one is `%`.
pub(crate) fn word(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &b in bytes {
        if b.is_ascii_alphanumeric() || b"_./:,+@=-".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02x}");
        }
    }
    if out.is_empty() {
        out.push('%');
    }
    out
}

/// The bytes of a word.
pub(crate) fn bytes(word: &str) -> Option<Vec<u8>> {
    if word == "%" {
        return Some(Vec::new());
    }
    let raw = word.as_bytes();
    let (mut out, mut i) = (Vec::new(), 0);
    while let Some(&b) = raw.get(i) {
        if b == b'%' {
            out.push(u8::from_str_radix(word.get(i + 1..i + 3)?, 16).ok()?);
            i += 3;
        } else {
            out.push(b);
            i += 1;
        }
    }
    Some(out)
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// The text of a run, and the bytes that go beside it.
pub(crate) fn encode(run: &Run) -> (Vec<u8>, Vec<Rc<Vec<u8>>>) {
    let mut blobs: Vec<Rc<Vec<u8>>> = Vec::new();
    let mut body = String::new();
    for step in &run.steps {
        let act = match &step.act {
            Act::Put => "put".to_owned(),
            Act::Remove => "remove".to_owned(),
            Act::MakeDir => "mkdir".to_owned(),
            Act::Mode => "mode".to_owned(),
            Act::Owner => "owner".to_owned(),
            Act::Label => "label".to_owned(),
            Act::Attribute(name) => format!("attribute:{}", word(name)),
        };
        let _ = writeln!(body, "step {} {} {act}", word(&step.path), word(&step.temp));
        for (name, state) in [("before", &step.before), ("after", &step.after)] {
            put_state(&mut body, name, state, &mut blobs);
        }
    }
    let mut out = format!("{MARK}\nid {}\nmade {}\n", run.id, run.made);
    if let Some(of) = &run.of {
        let _ = writeln!(out, "of {}", word(of.as_bytes()));
    }
    for uid in &run.accounts {
        let _ = writeln!(out, "account {uid}");
    }
    for d in &run.dirs {
        let _ = write!(out, "dir {} {} {}", word(&d.path), d.before.0, d.before.1);
        if let Some(want) = d.want {
            let _ = write!(out, " {} {}", want.0, want.1);
        }
        out.push('\n');
    }
    for command in &run.reload {
        let words: Vec<String> = command.iter().map(|w| word(w)).collect();
        let _ = writeln!(out, "reload {}", words.join(" "));
    }
    if let Some(c) = &run.confirm {
        let (pid, start) = c.session.unwrap_or((0, 0));
        let _ = writeln!(
            out,
            "confirm {} {} {pid} {start} {}",
            c.deadline,
            word(&c.boot),
            c.ticks
        );
    }
    for blob in &blobs {
        let _ = writeln!(out, "bytes {} {}", blob.len(), hash(blob));
    }
    out.push_str(&body);
    out.push_str("end\n");
    (out.into_bytes(), blobs)
}

fn put_state(out: &mut String, name: &str, state: &State, blobs: &mut Vec<Rc<Vec<u8>>>) {
    let State::There(full) = state else {
        let _ = writeln!(out, "{name} absent");
        return;
    };
    let kind = match &full.body {
        Body::File(content) => {
            let at = blobs.iter().position(|b| b == content).unwrap_or_else(|| {
                blobs.push(Rc::clone(content));
                blobs.len() - 1
            });
            format!("file {at} 0")
        }
        Body::Dir => "dir 0 0".to_owned(),
        Body::Link(target) => format!("link {} 0", word(target)),
        Body::Special(kind, device) => format!("special {kind} {device}"),
    };
    let _ = writeln!(
        out,
        "{name} {kind} {:o} {} {} {} {} {} {} {}",
        full.mode,
        full.uid,
        full.gid,
        full.links,
        full.atime.0,
        full.atime.1,
        full.mtime.0,
        full.mtime.1
    );
    for (name, value) in &full.xattrs {
        let _ = writeln!(out, "xattr {} {}", word(name), word(value));
    }
}

/// Reads a text; `blob` reads what lies beside it.
///
/// # Errors
/// What is wrong with it, in a sentence without a full stop.
pub(crate) fn decode(raw: &[u8], blob: impl Fn(usize) -> Option<Vec<u8>>) -> Result<Run, String> {
    let text = std::str::from_utf8(raw).map_err(|_| "the journal is no text".to_owned())?;
    let mut lines = text.lines();
    if lines.next() != Some(MARK) {
        return Err("the journal is of another version".to_owned());
    }
    let mut run = Run {
        id: String::new(),
        made: 0,
        of: None,
        accounts: Vec::new(),
        steps: Vec::new(),
        dirs: Vec::new(),
        reload: Vec::new(),
        confirm: None,
    };
    let mut blobs = Vec::new();
    let mut side = Side::Neither;
    let mut ended = false;
    for (at, line) in lines.enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let done = item(&words, &mut run, &mut blobs, &mut side, &blob);
        ended = words == ["end"];
        if done.is_none() && !ended {
            return Err(format!("line {} of the journal is damaged", at + 2));
        }
    }
    if ended {
        Ok(run)
    } else {
        Err("the journal is cut off".to_owned())
    }
}

#[derive(Clone, Copy)]
enum Side {
    Neither,
    Before,
    After,
}

fn item(
    words: &[&str],
    run: &mut Run,
    blobs: &mut Vec<Rc<Vec<u8>>>,
    side: &mut Side,
    blob: &impl Fn(usize) -> Option<Vec<u8>>,
) -> Option<()> {
    let number = |i: usize| words.get(i)?.parse::<i64>().ok();
    let raw = |i: usize| bytes(words.get(i)?);
    match *words.first()? {
        "id" => run.id = (*words.get(1)?).to_owned(),
        "made" => run.made = number(1)?,
        "of" => run.of = Some(String::from_utf8(raw(1)?).ok()?),
        "account" => run.accounts.push(words.get(1)?.parse().ok()?),
        "dir" => run.dirs.push(Times {
            path: raw(1)?,
            before: (number(2)?, number(3)?),
            want: number(4).zip(number(5)),
        }),
        "reload" => {
            let command = words.get(1..)?.iter().map(|w| bytes(w));
            run.reload.push(command.collect::<Option<_>>()?);
        }
        "confirm" => {
            let (pid, start) = (words.get(3)?.parse().ok()?, words.get(4)?.parse().ok()?);
            run.confirm = Some(Confirm {
                deadline: number(1)?,
                boot: raw(2)?,
                session: (pid != 0).then_some((pid, start)),
                ticks: words.get(5)?.parse().ok()?,
            });
        }
        "bytes" => {
            let content = blob(blobs.len())?;
            if content.len().to_string() != *words.get(1)? || hash(&content) != *words.get(2)? {
                return None;
            }
            blobs.push(Rc::new(content));
        }
        "step" => {
            let act = match *words.get(3)? {
                "put" => Act::Put,
                "remove" => Act::Remove,
                "mkdir" => Act::MakeDir,
                "mode" => Act::Mode,
                "owner" => Act::Owner,
                "label" => Act::Label,
                other => Act::Attribute(bytes(other.strip_prefix("attribute:")?)?),
            };
            run.steps.push(Step {
                path: raw(1)?,
                act,
                before: State::Absent,
                after: State::Absent,
                temp: raw(2)?,
            });
        }
        which @ ("before" | "after") => {
            let state = state(words, blobs)?;
            let step = run.steps.last_mut()?;
            if which == "before" {
                *side = Side::Before;
                step.before = state;
            } else {
                *side = Side::After;
                step.after = state;
            }
        }
        "xattr" => {
            let step = run.steps.last_mut()?;
            let state = match side {
                Side::Before => &mut step.before,
                Side::After => &mut step.after,
                Side::Neither => return None,
            };
            let State::There(full) = state else {
                return None;
            };
            full.xattrs.push((raw(1)?, raw(2)?));
        }
        _ => return None,
    }
    Some(())
}

fn state(words: &[&str], blobs: &[Rc<Vec<u8>>]) -> Option<State> {
    let word = |i: usize| words.get(i).copied();
    let number = |i: usize| word(i)?.parse::<i64>().ok();
    let body = match word(1)? {
        "absent" => return Some(State::Absent),
        "file" => Body::File(Rc::clone(blobs.get(word(2)?.parse::<usize>().ok()?)?)),
        "dir" => Body::Dir,
        "link" => Body::Link(bytes(word(2)?)?),
        "special" => Body::Special(word(2)?.parse().ok()?, word(3)?.parse().ok()?),
        _ => return None,
    };
    Some(State::There(Box::new(Full {
        body,
        mode: u32::from_str_radix(word(4)?, 8).ok()?,
        uid: word(5)?.parse().ok()?,
        gid: word(6)?.parse().ok()?,
        links: word(7)?.parse().ok()?,
        atime: (number(8)?, number(9)?),
        mtime: (number(10)?, number(11)?),
        xattrs: Vec::new(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Run {
        let full = |body| {
            State::There(Box::new(Full {
                body,
                mode: 0o4640,
                uid: 1000,
                gid: 0,
                links: 2,
                atime: (-1, 5),
                mtime: (1_700_000_000, 999_999_999),
                xattrs: vec![(b"user.a b".to_vec(), b"\0%\n\xff".to_vec())],
            }))
        };
        let step = |act, before, after| Step {
            path: b"/home/\xff \n%x/.ssh".to_vec(),
            act,
            before,
            after,
            temp: Vec::new(),
        };
        let bytes = Rc::new(b"ssh-ed25519 AAAA\n\0\xfe".to_vec());
        Run {
            id: "20261122-201530-123456-9f3a1c000000".to_owned(),
            made: 5,
            of: Some("other".to_owned()),
            accounts: vec![1000, 1001],
            steps: vec![
                step(Act::Put, State::Absent, full(Body::File(Rc::clone(&bytes)))),
                step(
                    Act::Attribute(b"system.posix_acl_access".to_vec()),
                    full(Body::File(bytes)),
                    full(Body::File(Rc::default())),
                ),
                step(
                    Act::Remove,
                    full(Body::Link(b"../x y".to_vec())),
                    State::Absent,
                ),
                step(
                    Act::MakeDir,
                    full(Body::Special(0o010_000, 7)),
                    full(Body::Dir),
                ),
            ],
            dirs: vec![Times {
                path: b"/".to_vec(),
                before: (1, 2),
                want: Some((3, 4)),
            }],
            reload: vec![vec![
                b"/bin/systemctl".to_vec(),
                b"re load".to_vec(),
                Vec::new(),
            ]],
            confirm: Some(Confirm {
                deadline: 9,
                boot: b"b".to_vec(),
                session: Some((4, 5)),
                ticks: 77,
            }),
        }
    }

    #[test]
    fn a_run_comes_back_as_it_was_written() {
        let run = example();
        let (text, blobs) = encode(&run);
        assert_eq!(blobs.len(), 2, "equal bytes lie there once");
        let back = decode(&text, |n| blobs.get(n).map(|b| b.to_vec())).unwrap();
        assert_eq!(back, run);
    }

    #[test]
    fn a_journal_cut_anywhere_or_with_other_bytes_is_refused() {
        let (text, blobs) = encode(&example());
        for end in 0..text.len() - 1 {
            let cut = decode(&text[..end], |n| blobs.get(n).map(|b| b.to_vec()));
            assert!(cut.is_err(), "{end}");
        }
        assert!(decode(&text, |_| Some(b"other".to_vec())).is_err());
        assert!(decode(&text, |_| None).is_err());
    }
}
