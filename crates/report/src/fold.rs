//! Alike results as one.

use crate::Entry;
use sshwhy_causes::Finding;

/// Folds the results of one user (from the same address to the same port) that differ in nothing
/// but the key: same verdict, same causes, same effects on the session. With `all`, nothing is
/// folded.
#[must_use]
pub fn fold(entries: Vec<Entry>, all: bool) -> Vec<Entry> {
    if all {
        return entries;
    }
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        // Results come user by user, so that only the last few can be alike.
        let user = entry.subject.user.clone();
        let same = out
            .iter_mut()
            .rev()
            .take_while(|o| o.subject.user == user)
            .find(|o| alike(o, &entry));
        match same {
            Some(first) => first.count += entry.count,
            None => out.push(entry),
        }
    }
    out
}

fn alike(a: &Entry, b: &Entry) -> bool {
    let (x, y) = (&a.judgement, &b.judgement);
    let place = |e: &Entry| (e.subject.from, e.subject.from_host.clone(), e.subject.to);
    a.subject.key.is_some()
        && b.subject.key.is_some()
        && place(a) == place(b)
        && a.observed == b.observed
        && x.verdict == y.verdict
        && x.gaps == y.gaps
        && list_alike(&x.causes, &y.causes)
        && list_alike(&x.after_login, &y.after_login)
        && list_alike(&x.notes, &y.notes)
}

fn list_alike(a: &[Finding], b: &[Finding]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| finding_alike(a, b))
}

/// Same cause for the same reasons; what only says which key it is about may differ.
fn finding_alike(a: &Finding, b: &Finding) -> bool {
    const OF_THE_KEY: [&str; 8] = [
        "fingerprint",
        "keytype",
        "comment",
        "line",
        "column",
        "line_to_add",
        "other_fingerprint",
        "blob",
    ];
    let facts = |f: &Finding| -> Vec<(&'static str, Vec<u8>)> {
        f.args
            .iter()
            .filter(|(k, _)| !OF_THE_KEY.contains(k))
            .map(|(k, v)| (k, v.to_vec()))
            .collect()
    };
    let places = |f: &Finding| -> Vec<_> {
        f.evidence
            .iter()
            .map(|e| (e.kind, e.path.clone(), e.mode, e.origin.clone()))
            .collect()
    };
    a.cause.id == b.cause.id
        && a.certainty == b.certainty
        && facts(a) == facts(b)
        && places(a) == places(b)
}
