//! What became of a key that a file should hold.

use crate::found;
use crate::keyfile;
use crate::pass::Pass;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_authfile::damage::{self, Damage, DamageKind};
use sshwhy_authfile::option_name;
use sshwhy_causes::{Certainty, Finding, authorized_keys as ak, by_id};
use sshwhy_world::resolve::resolve;
use sshwhy_world::{Fact, Mend, Reader, read_all};

/// What a file that does not list the key tells about it.
pub(crate) enum Nearest {
    /// The key has been there.
    Damage(Finding),
    /// Another key stands there under the same comment.
    SameComment(Finding),
}

/// Looks through the file at `path`, with the user's rights, for what became of the offered key.
pub(crate) fn look(pass: &Pass<'_>, path: &[u8]) -> Option<Nearest> {
    let key = pass.attempt.key.as_ref()?;
    let cred = pass.cred.as_ref()?;
    let comment = (!key.comment.is_empty()).then_some(key.comment.as_slice());
    let plain = key.key.as_ref().ok()?.plain_blob().to_vec();
    let wanted = damage::Wanted::new(&plain, comment)?;
    let resolved = resolve(pass.world, path, Some(cred)).ok()?.ok()?;
    let read = read_all(
        pass.world,
        &resolved.real,
        Reader::User(cred),
        crate::KEY_FILE_LIMIT,
    );
    let Fact::Known(Ok((text, _))) = read else {
        return None;
    };
    let found = damage::find(&text, &wanted, &pass.server.rules);
    if let Some(damage) = found.damage.first() {
        return Some(Nearest::Damage(finding(
            pass,
            path,
            &resolved.real,
            &text,
            damage,
        )?));
    }
    let number = *found.same_comment.first()?;
    let raw = line(&text, number);
    let mut f = Finding::new(&ak::key_not_listed::CAUSE)
        .arg("file", path)
        .arg("path", path)
        .evidence(found::text(path, number, raw, 0..raw.len()));
    // Of several keys under one comment none is the other one.
    if let [_] = found.same_comment.as_slice()
        && let Some(other) = crate::lines::listed(raw, &pass.server.rules).first()
    {
        f.args.set("line", number.to_string());
        f.args.set(
            "other_fingerprint",
            sshwhy_keys::fingerprint::sha256(&other.blob),
        );
    }
    Some(Nearest::SameComment(keyfile::with_new_line(
        pass,
        f,
        &resolved.real,
    )))
}

fn line(text: &[u8], number: u64) -> &[u8] {
    let n = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    text.split(|&b| b == b'\n').nth(n).unwrap_or(b"")
}

fn finding(
    pass: &Pass<'_>,
    path: &[u8],
    real: &[u8],
    text: &[u8],
    damage: &Damage,
) -> Option<Finding> {
    let raw = line(text, damage.line);
    let mut f = describe(path, damage.line, raw, damage)?;
    if let Some(key) = &pass.attempt.key {
        f.args.set("expected", key.type_name());
    }
    if damage.repaired.is_some() {
        return Some(match (f.args.get("repaired"), pass.account.as_ref()) {
            (Some(repaired), Some(account)) => {
                let mend = Mend::KeyLine {
                    path: real.to_vec(),
                    line: repaired.to_vec(),
                    uid: account.uid,
                    gid: account.gid,
                };
                f.mend(mend)
            }
            _ => f,
        });
    }
    Some(keyfile::with_new_line(pass, f, real))
}

/// A line of base64 alone that does not begin as a public key does: it may be of a private one.
fn bare(raw: &[u8]) -> bool {
    let text = raw.trim_ascii();
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    text.len() >= 16 && text.iter().all(base64) && !damage::begins_as_public_key(text)
}

/// What is wrong with line `number` of a file, in words and evidence.
pub(crate) fn describe(path: &[u8], number: u64, raw: &[u8], damage: &Damage) -> Option<Finding> {
    const NO_KEY: &str = "no key is found behind the options";
    let cause = by_id(damage.kind.id())?;
    let private = matches!(damage.kind, DamageKind::PrivateKey | DamageKind::Ppk) || bare(raw);
    let mut evidence = found::text(path, number, raw, damage.span.start..damage.span.end);
    if private || damage.kind == DamageKind::Utf16 {
        // A private key is never quoted, and UTF-16 is not text to a terminal.
        evidence.text = None;
    }
    let more = damage.last_line.saturating_sub(damage.line);
    let mut f = Finding::new(cause)
        .arg("file", path)
        .arg("path", path)
        .arg("line", number.to_string())
        .arg("last_line", number.saturating_add(more).to_string())
        .arg("column", damage.column.to_string())
        .arg("reason", damage.reason.unwrap_or(NO_KEY))
        .evidence(evidence);
    f.certainty = if damage.proven {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    if !private {
        let span = damage.span.of(raw);
        f.args.set("found", &span[..span.len().min(80)]);
        f.args.set("option", option_name(raw, damage.span));
    }
    if let Some(name) = damage.expected {
        f.args.set("expected", name);
    }
    if let Some(print) = damage.other_fingerprint() {
        f.args.set("other_fingerprint", print);
    }
    if !damage.positions.is_empty() {
        f.args.set("count", damage.positions.len().to_string());
        let places: Vec<Vec<u8>> = damage
            .positions
            .iter()
            .take(8)
            .map(|p| (p + 1).to_string().into_bytes())
            .collect();
        f.args.set("positions", found::list(&places));
    }
    if let Some(repaired) = &damage.repaired {
        f.args.set("repaired", repaired.as_slice());
    }
    Some(f)
}
