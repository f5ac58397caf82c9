//! Minimal edits of sshd_config, in the file and place that wins.

use crate::change::{Made, Touch, What};
use crate::plan::{Draft, Here, Left, left, not_done};
use crate::plan_lines;
use sshwhy_causes::{EvidenceKind, Finding, Safety};
use sshwhy_config::{Kw, Line};
use sshwhy_world::resolve::{join, parent};
use sshwhy_world::{Mend, Software, World};

type Done = Result<Vec<Draft>, Left>;

/// A line that says something else than was meant.
pub(crate) fn setting(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let line = deciding_line(here, finding).ok_or_else(|| left(finding))?;
    let raw = line.raw.clone();
    let new = match finding.cause.id {
        "keys-file-tilde" => words(&raw, |w| match w.strip_prefix(b"~/") {
            Some(rest) => [b"%h/", rest].concat(),
            None => w.to_vec(),
        }),
        "keys-file-dollar-home" => {
            let braces = replace(&raw, b"${HOME}", b"%h");
            replace(&braces, b"$HOME", b"%h")
        }
        "keys-file-comma" => replace(&raw, b",", b" "),
        "keys-command-trailing-comment" => match raw.iter().position(|&b| b == b'#') {
            Some(at) => raw.get(..at).unwrap_or_default().trim_ascii_end().to_vec(),
            None => raw.clone(),
        },
        _ => return Err(left(finding)),
    };
    if new == raw {
        return Err(left(finding));
    }
    edit(here, finding, line, &new, Safety::Neutral)
}

/// Somebody's decision, undone with leave: for this account alone wherever that can be said.
pub(crate) fn undo_decision(here: &Here<'_, '_>, finding: &Finding) -> Done {
    match finding.cause.id {
        "key-line-commented-out" => return weaker(commented_out(here, finding)),
        "from-mismatch" => return weaker(one_more_address(here, finding)),
        _ => {}
    }
    if here.world.build().software != Software::OpenSsh {
        return Err(left(finding));
    }
    let user = plain_name(&here.attempt.user).ok_or_else(|| left(finding))?;
    match finding.cause.id {
        "user-denied" => {
            let line = line_with_word(here, Kw::DenyUsers, user).ok_or_else(|| {
                not_done(
                    finding,
                    "the pattern that denies fits others too, so only its author can narrow it",
                )
            })?;
            let kept = without_word(line, user);
            edit(here, finding, line, &kept, Safety::Weakens)
        }
        "user-not-allowed" | "user-not-allowed-from-host" => {
            let line = deciding_line(here, finding).ok_or_else(|| left(finding))?;
            let mut new = line.raw.trim_ascii_end().to_vec();
            new.push(b' ');
            new.extend_from_slice(user);
            if finding.cause.id == "user-not-allowed-from-host" {
                new.push(b'@');
                new.extend_from_slice(here.attempt.from.addr.to_string().as_bytes());
            }
            edit(here, finding, line, &new, Safety::Weakens)
        }
        _ => {
            let value = finding.mend.iter().find_map(|m| match m {
                Mend::Config { keyword, value } => Some((keyword, value)),
                _ => None,
            });
            let (keyword, value) = value.ok_or_else(|| left(finding))?;
            for_user(here, finding, user, keyword, value)
        }
    }
}

fn weaker(done: Done) -> Done {
    done.map(|drafts| {
        drafts
            .into_iter()
            .map(|d| Draft {
                safety: Safety::Weakens,
                ..d
            })
            .collect()
    })
}

/// A line that was taken out by a `#` counts again.
fn commented_out(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let (Some(file), Some(repaired), Some(n)) = (
        finding.args.get("file"),
        finding.args.get("repaired"),
        plan_lines::number(finding, "line"),
    ) else {
        return Err(left(finding));
    };
    let (real, node) = here.real(file).ok_or_else(|| left(finding))?;
    let text = here.read(&real).ok_or_else(|| left(finding))?;
    let new = plan_lines::replaced(&text, n, n, repaired);
    plan_lines::write(here, finding, &real, &node, &text, new)
}

/// The client's address joins the from= list of the line.
fn one_more_address(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let (Some(file), Some(n)) = (
        finding.args.get("file"),
        plan_lines::number(finding, "line"),
    ) else {
        return Err(left(finding));
    };
    let (real, node) = here.real(file).ok_or_else(|| left(finding))?;
    let text = here.read(&real).ok_or_else(|| left(finding))?;
    let raw = plan_lines::nth(&text, n).unwrap_or_default();
    let address = here.attempt.from.addr.to_string();
    let new = plan_lines::with_from(here, raw, |value| {
        [value, b",", address.as_bytes()].concat()
    });
    let new = new.ok_or_else(|| left(finding))?;
    let new = plan_lines::replaced(&text, n, n, &new);
    plan_lines::write(here, finding, &real, &node, &text, new)
}

/// A user name that is no pattern of its own.
fn plain_name(user: &[u8]) -> Option<&[u8]> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_.-+$".contains(b);
    (!user.is_empty() && user.iter().all(plain)).then_some(user)
}

/// The line that the finding says is in force.
fn deciding_line<'h>(here: &'h Here<'_, '_>, finding: &Finding) -> Option<&'h Line> {
    let keyword = finding.args.get("keyword");
    let place = finding.evidence.iter().find(|e| {
        e.kind == EvidenceKind::Config
            && e.line.is_some()
            && keyword.is_none_or(|k| e.keyword.as_deref().is_some_and(|w| w.as_bytes() == k))
    });
    let place = place?;
    here.server.config.lines().iter().find(|l| {
        Some(u64::from(l.place.line)) == place.line
            && Some(&*l.place.file) == place.path.as_deref()
            && !l.command_line
    })
}

fn line_with_word<'h>(here: &'h Here<'_, '_>, kw: Kw, word: &[u8]) -> Option<&'h Line> {
    here.server
        .config
        .lines()
        .iter()
        .find(|l| l.kw == kw && !l.command_line && l.words.iter().any(|w| w.bytes == word))
}

/// The arguments without one word.
fn without_word(line: &Line, word: &[u8]) -> Vec<u8> {
    let kept: Vec<Vec<u8>> = line
        .raw
        .split(|b| b.is_ascii_whitespace())
        .filter(|w| !w.is_empty() && w.trim_ascii() != word)
        .map(<[u8]>::to_vec)
        .collect();
    kept.join(&b" "[..])
}

fn words(raw: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, word) in raw.split(|&b| b == b' ').enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend(change(word));
    }
    out
}

fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(old.len()).position(|w| w == old) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        out.extend_from_slice(new);
        rest = rest.get(at + old.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// Puts other arguments on a line; without any left the line goes.
fn edit(
    here: &Here<'_, '_>,
    finding: &Finding,
    line: &Line,
    arguments: &[u8],
    safety: Safety,
) -> Done {
    let (real, node) = here.real(&line.place.file).ok_or_else(|| left(finding))?;
    let text = here.read(&real).ok_or_else(|| left(finding))?;
    let number = u64::from(line.place.line);
    let old = plan_lines::nth(&text, number).ok_or_else(|| left(finding))?;
    let new = if arguments.is_empty() {
        None
    } else {
        // What stands before the arguments stays as it is written.
        let args = line.raw.trim_ascii();
        let at = old
            .windows(args.len().max(1))
            .rposition(|w| w == args)
            .ok_or_else(|| left(finding))?;
        let mut new = old.get(..at).unwrap_or_default().to_vec();
        new.extend_from_slice(arguments.trim_ascii());
        new.extend_from_slice(old.get(at + args.len()..).unwrap_or_default());
        Some(new)
    };
    let after = match new {
        Some(new) => plan_lines::replaced(&text, number, number, &new),
        None => without_line(&text, number),
    };
    let touches = if line.block.is_none() {
        vec![Touch::Everyone]
    } else {
        Vec::new()
    };
    written(real, &node, text, after, safety, touches)
}

fn without_line(text: &[u8], number: u64) -> Vec<u8> {
    text.split_inclusive(|&b| b == b'\n')
        .enumerate()
        .filter(|(i, _)| *i as u64 + 1 != number)
        .flat_map(|(_, raw)| raw.iter().copied())
        .collect()
}

fn written(
    real: Vec<u8>,
    node: &sshwhy_world::Node,
    before: Vec<u8>,
    after: Vec<u8>,
    safety: Safety,
    touches: Vec<Touch>,
) -> Done {
    let made = Made {
        uid: 0,
        gid: 0,
        mode: node.mode & 0o755,
    };
    let what = if node.links > 1 || node.uid != 0 {
        What::Replace {
            before: Some(before),
            after,
            made,
        }
    } else {
        What::Write {
            before: Some(before),
            after,
            made,
        }
    };
    Ok(vec![Draft {
        path: real,
        what,
        safety,
        touches,
    }])
}

/// A value for one account alone, in a Match block before all others: in a drop-in of its own
/// where the configuration includes a directory of them first, otherwise in the main file.
fn for_user(
    here: &Here<'_, '_>,
    finding: &Finding,
    user: &[u8],
    keyword: &[u8],
    value: &[u8],
) -> Done {
    let name = Kw::ALL
        .iter()
        .map(|k| k.name())
        .find(|n| n.as_bytes().eq_ignore_ascii_case(keyword));
    let name = name.ok_or_else(|| left(finding))?;
    let block = [
        b"Match User ".as_slice(),
        user,
        b"\n    ",
        name.as_bytes(),
        b" ",
        value,
        b"\n",
    ]
    .concat();
    let (main, node) = here.real(here.ask.config).ok_or_else(|| left(finding))?;
    let text = here.read(&main).ok_or_else(|| left(finding))?;
    if let Some(dir) = drop_in_dir(here, &text) {
        let file = [b"00-sshwhy-", user, b".conf"].concat();
        let path = join(&dir, &file);
        return match here.node(&path) {
            None => {
                let made = Made {
                    uid: 0,
                    gid: 0,
                    mode: 0o644,
                };
                Ok(vec![Draft {
                    path,
                    what: What::Write {
                        before: None,
                        after: block,
                        made,
                    },
                    safety: Safety::Weakens,
                    touches: Vec::new(),
                }])
            }
            Some(node) if node.is_file() => {
                let old = here.read(&path).ok_or_else(|| left(finding))?;
                let mut new = old.clone();
                if !new.ends_with(b"\n") && !new.is_empty() {
                    new.push(b'\n');
                }
                new.extend_from_slice(&block);
                written(path, &node, old, new, Safety::Weakens, Vec::new())
            }
            Some(_) => Err(left(finding)),
        };
    }
    let at = first_match(&text);
    let mut new = text.get(..at).unwrap_or_default().to_vec();
    if !new.is_empty() && !new.ends_with(b"\n") {
        new.push(b'\n');
    }
    new.extend_from_slice(&block);
    new.extend_from_slice(text.get(at..).unwrap_or_default());
    written(main, &node, text, new, Safety::Weakens, Vec::new())
}

/// The first word of a line, in lower case, and what follows it.
fn keyword_of(raw: &[u8]) -> (Vec<u8>, &[u8]) {
    let text = raw.trim_ascii();
    let end = text
        .iter()
        .position(|b| b.is_ascii_whitespace() || *b == b'=')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    (word.to_ascii_lowercase(), rest.trim_ascii())
}

/// Where the first Match line begins, or the end of the text.
fn first_match(text: &[u8]) -> usize {
    let mut at = 0;
    for raw in text.split_inclusive(|&b| b == b'\n') {
        if keyword_of(raw).0 == b"match" {
            return at;
        }
        at += raw.len();
    }
    text.len()
}

/// The directory of drop-ins that the main file includes before any Match line.
fn drop_in_dir(here: &Here<'_, '_>, text: &[u8]) -> Option<Vec<u8>> {
    let head = text.get(..first_match(text))?;
    let pattern = head.split(|&b| b == b'\n').find_map(|raw| {
        let (word, rest) = keyword_of(raw);
        (word == b"include" && rest.starts_with(b"/") && rest.ends_with(b"/*.conf")).then_some(rest)
    })?;
    let (dir, node) = here.real(parent(pattern))?;
    (node.is_dir() && node.uid == 0 && node.mode & 0o022 == 0).then_some(dir)
}

#[cfg(test)]
mod tests {
    use super::{first_match, replace, words};

    #[test]
    fn the_first_match_line_is_found_under_comments_and_indents() {
        let text = b"# Match x\nPort 22\n  match User a\n";
        assert_eq!(first_match(text), 18);
        assert_eq!(first_match(b"Port 22\n"), 8);
    }

    #[test]
    fn words_change_and_blanks_stay() {
        let up = |w: &[u8]| w.to_ascii_uppercase();
        assert_eq!(words(b"a  b", up), b"A  B");
        assert_eq!(replace(b"a,b,c", b",", b" "), b"a b c");
    }
}
