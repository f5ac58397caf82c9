//! Lines of key files: repaired with every option they have, or added for the key that was named.

use crate::change::{Made, Touch, What};
use crate::plan::{Draft, Here, Left, left, not_done};
use crate::plan_paths::at_home;
use sshwhy_authfile::{Line, Options};
use sshwhy_causes::{Finding, Safety};
use sshwhy_world::resolve::{base_name, is_below, join, parent, resolve};
use sshwhy_world::{Kind, Mend, Node};

type Done = Result<Vec<Draft>, Left>;

/// A line of a file, put right.
pub(crate) fn line(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let (real, node, text) = file(here, finding)?;
    let number = number(finding, "line").ok_or_else(|| left(finding))?;
    let last = self::number(finding, "last_line").unwrap_or(number);
    let raw = nth(&text, number).unwrap_or_default();
    match finding.cause.id {
        "key-marked-cert-authority" => {
            // The line of the CA stays; the key itself gets one with all other options.
            let line = finding.mend.iter().find_map(|m| match m {
                Mend::KeyLine { line, .. } => Some(line.clone()),
                _ => None,
            });
            let line = line.ok_or_else(|| left(finding))?;
            return may_add(here, finding)
                .and_then(|()| write(here, finding, &real, &node, &text, appended(&text, &line)));
        }
        "from-space-after-comma" => {
            let fixed = list_without_blanks(here, raw).ok_or_else(|| left(finding))?;
            return write(
                here,
                finding,
                &real,
                &node,
                &text,
                replaced(&text, number, number, &fixed),
            );
        }
        "key-line-certificate" => {
            may_add(here, finding)?;
            let line = added_line(here, finding);
            return write(here, finding, &real, &node, &text, appended(&text, &line));
        }
        _ => {}
    }
    if let Some(repaired) = finding.args.get("repaired") {
        if finding.certainty != sshwhy_causes::Certainty::Certain {
            // The text alone does not prove it: the key named has to.
            may_add(here, finding)?;
        }
        let new = replaced(&text, number, last, repaired);
        return write(here, finding, &real, &node, &text, new);
    }
    // What stands before a key that ran into another line may be its options.
    if !begins_with_the_key(raw) || finding.cause.id == "key-lines-glued" {
        return Err(not_done(
            finding,
            "what stands before the key on that line cannot be restored without guessing, and a \
             line without it would let the key do more",
        ));
    }
    may_add(here, finding)?;
    let line = added_line(here, finding);
    write(here, finding, &real, &node, &text, appended(&text, &line))
}

/// Whether a damaged line shows no options: it begins with a key type or with the key.
fn begins_with_the_key(raw: &[u8]) -> bool {
    let text = raw.trim_ascii_start();
    [
        &b"ssh-"[..],
        b"ecdsa-",
        b"sk-",
        b"AAAA",
        b"-----BEGIN",
        b"---- BEGIN",
    ]
    .iter()
    .any(|p| text.starts_with(p))
}

/// The whole file, put into the form that sshd reads.
pub(crate) fn whole(here: &Here<'_, '_>, finding: &Finding) -> Done {
    let (real, node, text) = file(here, finding)?;
    let new = if finding.cause.id == "keys-file-utf16" {
        let wanted = finding.args.get("repaired");
        let holds = |text: &Vec<u8>| {
            wanted.is_none_or(|w| text.split(|&b| b == b'\n').any(|l| l.trim_ascii_end() == w))
        };
        let big_first = text.starts_with(&[0xfe, 0xff]);
        [from_utf16(&text, big_first), from_utf16(&text, !big_first)]
            .into_iter()
            .flatten()
            .find(holds)
            .ok_or_else(|| not_done(finding, "the file is not UTF-16 from end to end"))?
    } else {
        let mut new = Vec::with_capacity(text.len());
        for (i, &b) in text.iter().enumerate() {
            match b {
                b'\r' if text.get(i + 1) == Some(&b'\n') => new.push(b),
                b'\r' => new.push(b'\n'),
                _ => new.push(b),
            }
        }
        new
    };
    write(here, finding, &real, &node, &text, new)
}

/// UTF-16 as UTF-8, without its mark. `None`: a unit stands alone or a byte is left over.
fn from_utf16(text: &[u8], big_endian: bool) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let units = text.chunks_exact(2).map(|p| match p {
        [a, b] if big_endian => u16::from_be_bytes([*a, *b]),
        [a, b] => u16::from_le_bytes([*a, *b]),
        _ => 0,
    });
    let mut out = String::new();
    for c in char::decode_utf16(units) {
        let c = c.ok()?;
        if c != '\u{feff}' {
            out.push(c);
        }
    }
    Some(out.into_bytes())
}

/// The key that was named, on a line of its own.
pub(crate) fn add_key(here: &Here<'_, '_>, finding: &Finding) -> Done {
    may_add(here, finding)?;
    let account = here.account.as_ref().ok_or_else(|| left(finding))?;
    let path = finding
        .args
        .get("file")
        .or_else(|| finding.args.get("path"));
    let path = path.ok_or_else(|| left(finding))?;
    let line = match other_line(here, finding) {
        Some(line) => line,
        None => added_line(here, finding),
    };
    // The target may be below links; missing directories come first.
    let (mut at, missing) = locate(here, path).ok_or_else(|| left(finding))?;
    let at_home = at_home(here, &at);
    if is_below(path, &account.home) && here.real(&account.home).is_none() {
        return Err(not_done(
            finding,
            "the home is missing, and it is never made here: it may only be unmounted",
        ));
    }
    let (uid, gid, file_mode, dir_mode) = if at_home {
        (account.uid, account.gid, 0o600, 0o700)
    } else {
        (0, 0, 0o644, 0o755)
    };
    let mut out = Vec::new();
    let Some((name, dirs)) = missing.split_last() else {
        // It is there.
        let (real, node) = (at.clone(), here.node(&at).ok_or_else(|| left(finding))?);
        let text = here.read(&real).ok_or_else(|| left(finding))?;
        let new = appended(&text, &line);
        return write(here, finding, &real, &node, &text, new);
    };
    for dir in dirs {
        at = join(&at, dir);
        if here.node(&at).is_some() {
            return Err(not_done(finding, "a link on the way leads nowhere"));
        }
        out.push(Draft {
            path: at.clone(),
            what: What::MakeDir(Made {
                uid,
                gid,
                mode: dir_mode,
            }),
            safety: Safety::Neutral,
            touches: Vec::new(),
        });
    }
    at = join(&at, name);
    let made = Made {
        uid,
        gid,
        mode: file_mode,
    };
    let after = appended(b"", &line);
    let what = match here.node(&at) {
        None => What::Write {
            before: None,
            after,
            made,
        },
        Some(Node {
            kind: Kind::Link(_),
            ..
        }) if at_home => What::Replace {
            before: None,
            after,
            made,
        },
        Some(_) => return Err(left(finding)),
    };
    out.push(Draft {
        path: at,
        what,
        safety: Safety::Neutral,
        touches: Vec::new(),
    });
    Ok(out)
}

/// The line with the key in a file that sshd does not read, options and all.
fn other_line(here: &Here<'_, '_>, finding: &Finding) -> Option<Vec<u8>> {
    if finding.cause.id == "key-in-other-home" {
        // Options of another account's line were meant for that account.
        return None;
    }
    let other = finding.args.get("other_file")?;
    let blob = here.attempt.key.as_ref()?.key.as_ref().ok()?.plain_blob();
    let text = here.read_as_account(other)?;
    text.split(|&b| b == b'\n').find_map(|raw| {
        let line = Line::read(raw, &here.server.rules);
        let hit = line.candidate().is_some_and(|c| c.blob == blob);
        hit.then(|| raw.trim_ascii().to_vec())
    })
}

/// Where a path leads as far as it exists, and the names that are missing behind that.
fn locate(here: &Here<'_, '_>, path: &[u8]) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let mut missing: Vec<Vec<u8>> = Vec::new();
    let mut up = path;
    loop {
        if let Ok(found) = resolve(here.world, up, None).ok()? {
            if !missing.is_empty() && !found.node.is_dir() {
                return None;
            }
            missing.reverse();
            return Some((found.real, missing));
        }
        if up == b"/" {
            return None;
        }
        missing.push(base_name(up).to_vec());
        up = parent(up);
    }
}

/// The line for the key that was named: keytype, key and comment.
fn added_line(here: &Here<'_, '_>, finding: &Finding) -> Vec<u8> {
    let mut line = match (finding.args.get("line_to_add"), &here.attempt.key) {
        (Some(line), _) => line.to_vec(),
        (None, Some(key)) => {
            let plain = key.key.as_ref().ok().map(|k| k.plain_blob().to_vec());
            let blob = plain.unwrap_or_else(|| key.blob.clone());
            let key = sshwhy_world::OfferedKey::new(blob, Vec::new());
            let mut line = key.type_name().to_vec();
            line.push(b' ');
            line.extend_from_slice(sshwhy_keys::base64::encode(&key.blob).as_bytes());
            line
        }
        (None, None) => return Vec::new(),
    };
    let comment = here.attempt.key.as_ref().map(|k| k.comment.trim_ascii());
    if let Some(comment) = comment
        && !comment.is_empty()
        && !comment.iter().any(u8::is_ascii_control)
    {
        line.push(b' ');
        line.extend_from_slice(comment);
    }
    line
}

/// A key is added where the person named it, and nowhere else.
fn may_add(here: &Here<'_, '_>, finding: &Finding) -> Result<(), Left> {
    let key = here.attempt.key.as_ref().and_then(|k| k.key.as_ref().ok());
    if key.is_some_and(sshwhy_keys::PublicKey::is_certificate) {
        // A line with the plain key would not let the certificate in.
        return Err(left(finding));
    }
    if here.may_add() && !added_line(here, finding).is_empty() {
        return Ok(());
    }
    Err(not_done(
        finding,
        "a key is added only where it is named: give it with --key",
    ))
}

fn file(here: &Here<'_, '_>, finding: &Finding) -> Result<(Vec<u8>, Node, Vec<u8>), Left> {
    let path = finding.args.get("file").ok_or_else(|| left(finding))?;
    let (real, node) = here.real(path).ok_or_else(|| left(finding))?;
    if !node.is_file() {
        return Err(left(finding));
    }
    let text = here.read(&real).ok_or_else(|| left(finding))?;
    Ok((real, node, text))
}

/// New bytes for a file: in its place, or as a fresh copy where the file is someone else's too.
pub(crate) fn write(
    here: &Here<'_, '_>,
    finding: &Finding,
    real: &[u8],
    node: &Node,
    before: &[u8],
    after: Vec<u8>,
) -> Done {
    if before == after {
        return Err(left(finding));
    }
    let account = here.account.as_ref().ok_or_else(|| left(finding))?;
    let at_home = at_home(here, real);
    let foreign = node.uid != 0 && node.uid != account.uid;
    let (uid, gid) = if at_home {
        (account.uid, account.gid)
    } else {
        (0, 0)
    };
    let mut touches = Vec::new();
    if node.links > 1 {
        touches.push(Touch::Names { count: node.links });
    }
    let made = Made {
        uid,
        gid,
        mode: node.mode & 0o755 & !0o022,
    };
    if foreign && !only_keys(&after) {
        return Err(not_done(finding, NOT_ITS_TO_READ));
    }
    let what = if foreign || node.links > 1 {
        What::Replace {
            before: Some(before.to_vec()),
            after,
            made,
        }
    } else {
        What::Write {
            before: Some(before.to_vec()),
            after,
            made,
        }
    };
    Ok(vec![Draft {
        path: real.to_vec(),
        what,
        safety: Safety::Neutral,
        touches,
    }])
}

/// The text with one more line at its end, off an unfinished last one.
pub(crate) fn appended(text: &[u8], line: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    out.extend_from_slice(line);
    out.push(b'\n');
    out
}

/// The text with the lines `from` to `to` replaced by others. The last line's end stays as it is.
pub(crate) fn replaced(text: &[u8], from: u64, to: u64, new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + new.len());
    let mut done = false;
    for (i, raw) in text.split_inclusive(|&b| b == b'\n').enumerate() {
        let n = i as u64 + 1;
        if n < from || n > to {
            out.extend_from_slice(raw);
            continue;
        }
        if !done {
            out.extend_from_slice(new);
            done = true;
        }
        if n == to && raw.ends_with(b"\n") {
            out.push(b'\n');
        }
    }
    out
}

/// A line of a text, without its end.
pub(crate) fn nth(text: &[u8], number: u64) -> Option<&[u8]> {
    let n = usize::try_from(number.checked_sub(1)?).ok()?;
    text.split(|&b| b == b'\n').nth(n)
}

pub(crate) fn number(finding: &Finding, name: &str) -> Option<u64> {
    std::str::from_utf8(finding.args.get(name)?)
        .ok()?
        .parse()
        .ok()
}

/// The line with the value of one option changed. `None`: it cannot be read, or nothing changes.
pub(crate) fn with_from(
    here: &Here<'_, '_>,
    raw: &[u8],
    change: impl Fn(&[u8]) -> Vec<u8>,
) -> Option<Vec<u8>> {
    let line = Line::read(raw, &here.server.rules);
    let (options, read): (Options, _) = line.options();
    read.ok()?;
    let mut out = raw.to_vec();
    let from = options.items.iter().rev().filter(|item| {
        let name = item.span.of(raw).split(|&b| b == b'=').next();
        name.is_some_and(|n| n.eq_ignore_ascii_case(b"from"))
    });
    for item in from {
        let value = item.value?;
        let new = change(value.of(raw));
        out.splice(value.start..value.end, new);
    }
    (out != raw).then_some(out)
}

/// The from= list without blanks: entries are separated by commas alone.
fn list_without_blanks(here: &Here<'_, '_>, raw: &[u8]) -> Option<Vec<u8>> {
    with_from(here, raw, |value| {
        let entries: Vec<&[u8]> = value
            .split(|&b| b == b',')
            .map(<[u8]>::trim_ascii)
            .filter(|e| !e.is_empty())
            .collect();
        entries.join(&b","[..])
    })
}

/// Why a file of somebody else is not copied.
pub(crate) const NOT_ITS_TO_READ: &str = "somebody else owns the file, and it holds more than \
     keys: a copy would let the account read what it may not";

/// Whether every line is a key, a comment or blank: what an account may be given a copy of.
pub(crate) fn only_keys(text: &[u8]) -> bool {
    let rules = sshwhy_authfile::Rules::openssh(10, 6);
    text.split_inclusive(|b| *b == b'\n').all(|raw| {
        !matches!(
            sshwhy_authfile::Line::read(raw, &rules).kind,
            sshwhy_authfile::LineKind::Dead(_)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::only_keys;
    use super::{appended, from_utf16, replaced};

    #[test]
    fn a_line_is_added_off_an_unfinished_last_one() {
        assert_eq!(appended(b"a", b"b"), b"a\nb\n");
        assert_eq!(appended(b"a\n", b"b"), b"a\nb\n");
        assert_eq!(appended(b"", b"b"), b"b\n");
    }

    #[test]
    fn replaced_lines_leave_all_others_byte_for_byte() {
        let text = b"one\r\ntwo\nthree\nfour";
        assert_eq!(replaced(text, 2, 3, b"x"), b"one\r\nx\nfour");
        assert_eq!(replaced(text, 4, 4, b"x"), b"one\r\ntwo\nthree\nx");
        assert_eq!(replaced(text, 1, 1, b"x\ny"), b"x\ny\ntwo\nthree\nfour");
    }

    #[test]
    fn utf16_loses_its_mark_and_nothing_else() {
        let text = [0xff, 0xfe, b'a', 0, b'\n', 0];
        assert_eq!(from_utf16(&text, false).as_deref(), Some(&b"a\n"[..]));
        assert_eq!(from_utf16(&text[..5], false), None);
        assert_eq!(from_utf16(&[0x00, 0xd8], false), None);
    }

    #[test]
    fn a_file_of_secrets_is_no_list_of_keys() {
        let key =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAG5SVgv7jXV4jt0Ih5qDx/9VNZECHdCwplfCUXzIJJr";
        let list = format!("# team\n\nno-pty {key} alice\n{key}\n");
        assert!(only_keys(list.as_bytes()));
        assert!(only_keys(b""));
        assert!(!only_keys(b"root:$y$j9T$abc:19000:0:99999:7:::\n"));
        assert!(!only_keys(format!("{list}password=secret\n").as_bytes()));
    }
}
