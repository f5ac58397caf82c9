//! Short ways to make evidence.

use crate::conf::Said;
use crate::pass::{Granted, Pass};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use sshwhy_causes::{Evidence, EvidenceKind, Finding};
use sshwhy_world::{Fact, Node, World};

/// Most bytes of a source line that evidence quotes.
const QUOTE: usize = 200;

/// A path with what lies there.
pub(crate) fn path(world: &dyn World, path: &[u8], node: &Node) -> Evidence {
    Evidence {
        path: Some(path.to_vec()),
        mode: Some(node.mode),
        is_dir: node.is_dir(),
        owner: Some(user_name(world, node.uid)),
        group: Some(group_name(world, node.gid)),
        ..Evidence::new(EvidenceKind::Path)
    }
}

/// A path where nothing lies.
pub(crate) fn absent(path: &[u8]) -> Evidence {
    Evidence {
        path: Some(path.to_vec()),
        detail: Some(b"does not exist".to_vec()),
        ..Evidence::new(EvidenceKind::Path)
    }
}

/// A place in a text file. `span` is the byte range that matters; of a long line only what
/// surrounds it is quoted.
pub(crate) fn text(file: &[u8], line: u64, raw: &[u8], span: core::ops::Range<usize>) -> Evidence {
    let start = span.start.min(raw.len());
    let end = span.end.clamp(start, raw.len());
    let from = if raw.len() <= QUOTE {
        0
    } else {
        start.saturating_sub(QUOTE / 4)
    };
    let to = raw.len().min(from + QUOTE);
    Evidence {
        path: Some(file.to_vec()),
        line: Some(line),
        column: Some(start as u64 + 1),
        end_column: Some(end as u64 + 1),
        text: Some(without_values(raw)[from..to].to_vec()),
        text_column: from as u64 + 1,
        ..Evidence::new(EvidenceKind::Text)
    }
}

/// The line with every `environment="NAME=value"` blotted out, byte for byte: such values are
/// secrets now and then, and the places of all else stay as they are.
fn without_values(raw: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"environment=\"";
    let mut out = raw.to_vec();
    let mut at = 0;
    while let Some(found) = out[at..]
        .windows(NAME.len())
        .position(|w| w.eq_ignore_ascii_case(NAME))
    {
        at += found + NAME.len();
        while let Some(&b) = out.get(at) {
            if b == b'"' {
                break;
            }
            let escaped = b == b'\\' && out.get(at + 1) == Some(&b'"');
            out[at] = b'*';
            if escaped {
                out[at + 1] = b'*';
                at += 1;
            }
            at += 1;
        }
    }
    out
}

/// A configuration setting and where it comes from.
pub(crate) fn setting<T>(said: &Said<T>) -> Evidence {
    Evidence {
        path: said.file.clone(),
        line: said.line,
        column: said.line.map(|_| said.column),
        end_column: said.line.map(|_| said.end_column),
        text: said.text.clone(),
        keyword: Some(said.keyword.to_string()),
        value: Some(said.raw.clone()),
        origin: Some(said.origin.clone()),
        detail: said.match_line.clone(),
        ..Evidence::new(EvidenceKind::Config)
    }
}

/// Something about an account.
pub(crate) fn account(
    file: &str,
    value: impl Into<Vec<u8>>,
    detail: impl Into<Vec<u8>>,
) -> Evidence {
    Evidence {
        path: Some(file.as_bytes().to_vec()),
        value: Some(value.into()),
        detail: Some(detail.into()),
        ..Evidence::new(EvidenceKind::Account)
    }
}

/// Something about a key.
pub(crate) fn key(value: impl Into<Vec<u8>>, detail: impl Into<Vec<u8>>) -> Evidence {
    Evidence {
        value: Some(value.into()),
        detail: Some(detail.into()),
        ..Evidence::new(EvidenceKind::Key)
    }
}

/// Names a setting in a finding: keyword, value, origin, and the Match line it stands in.
pub(crate) fn with_setting<T>(finding: Finding, said: &Said<T>) -> Finding {
    let mut finding = finding
        .arg("keyword", said.keyword)
        .arg("value", said.raw.as_slice())
        .arg("origin", said.origin.as_slice())
        .evidence(setting(said));
    if let Some(line) = &said.match_line {
        finding.args.set("match", line.as_slice());
    }
    finding
}

/// Shows the line that let the key in, where one did. That of a plain key is named as the place
/// for options too; a certificate's options stand in the certificate.
pub(crate) fn granted(finding: Finding, pass: &Pass<'_>, granted: &Granted) -> Finding {
    if granted.line == 0 {
        return finding;
    }
    let evidence = Evidence {
        path: Some(granted.file.clone()),
        line: Some(granted.line),
        detail: Some(b"the line that lets the key in".to_vec()),
        ..Evidence::new(EvidenceKind::Text)
    };
    let finding = finding.evidence(evidence);
    if pass
        .attempt
        .key
        .as_ref()
        .is_some_and(|k| k.key_type().is_cert())
    {
        return finding;
    }
    finding
        .arg("file", granted.file.as_slice())
        .arg("line", granted.line.to_string())
}

/// A user's name, or the number where there is none.
pub(crate) fn user_name(world: &dyn World, uid: u32) -> Vec<u8> {
    if uid == 0 {
        return b"root".to_vec();
    }
    match world.accounts() {
        Fact::Known(all) => match all.into_iter().find(|a| a.uid == uid) {
            Some(a) => a.name,
            None => uid.to_string().into_bytes(),
        },
        Fact::Unknown(_) => uid.to_string().into_bytes(),
    }
}

/// A group's name, or the number.
pub(crate) fn group_name(world: &dyn World, gid: u32) -> Vec<u8> {
    match world.group(gid) {
        Fact::Known(Some(g)) => g.name,
        _ => gid.to_string().into_bytes(),
    }
}

/// `0775`
pub(crate) fn octal(mode: u32) -> String {
    format!("{mode:04o}")
}

/// `a, b and c`, at most six by name.
pub(crate) fn list(names: &[Vec<u8>]) -> Vec<u8> {
    const MOST: usize = 6;
    let mut out = Vec::new();
    for (i, name) in names.iter().take(MOST).enumerate() {
        if i > 0 {
            out.extend_from_slice(if i + 1 == names.len() {
                b" and "
            } else {
                b", "
            });
        }
        out.extend_from_slice(name);
    }
    if names.len() > MOST {
        out.extend_from_slice(format!(" and {} more", names.len() - MOST).as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_values;

    #[test]
    fn environment_values_are_blotted_out_in_place() {
        let line = br#"pty,Environment="A=se\"cret",command="x" ssh-ed25519 AAAA c"#;
        let out = without_values(line);
        assert_eq!(out.len(), line.len());
        assert_eq!(
            out,
            br#"pty,Environment="**********",command="x" ssh-ed25519 AAAA c"#
        );
        assert_eq!(
            without_values(br#"environment="open"#),
            br#"environment="****"#
        );
    }
}
