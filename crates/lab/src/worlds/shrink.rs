//! Worlds made smaller.

use super::generate::possible;
use sshwhy_scenario::{AttemptSpec, Change, Content, Session, Spec};

/// All worlds that are one step smaller, the boldest steps first.
#[must_use]
pub fn smaller(spec: &Spec) -> Vec<Spec> {
    let mut out = Vec::new();
    let n = spec.changes.len();
    if n > 3 {
        let (front, back) = spec.changes.split_at(n / 2);
        for half in [front, back] {
            let mut less = spec.clone();
            less.changes = half.to_vec();
            out.push(less);
        }
    }
    for i in (0..n).rev() {
        let mut less = spec.clone();
        less.changes.remove(i);
        out.push(less);
    }
    attempts(spec, &mut out);
    for (i, (_, change)) in spec.changes.iter().enumerate() {
        for simpler in simpler_changes(change) {
            let mut less = spec.clone();
            if let Some(slot) = less.changes.get_mut(i) {
                slot.1 = simpler;
            }
            out.push(less);
        }
    }
    out
}

/// The attempt, a field nearer to the usual one.
fn attempts(spec: &Spec, out: &mut Vec<Spec>) {
    let usual = AttemptSpec::default();
    let fields: [fn(&mut AttemptSpec, &AttemptSpec); 9] = [
        |a, b| a.user.clone_from(&b.user),
        |a, b| a.key.clone_from(&b.key),
        |a, b| a.from = b.from,
        |a, b| a.host.clone_from(&b.host),
        |a, b| (a.to, a.port) = (b.to, b.port),
        |a, b| a.algorithms.clone_from(&b.algorithms),
        |a, b| a.sign = b.sign,
        |a, b| a.touch = b.touch,
        |a, b| a.verified = b.verified,
    ];
    for set in fields {
        let mut less = spec.clone();
        set(&mut less.attempt, &usual);
        possible(&mut less.attempt);
        if less.attempt != spec.attempt {
            out.push(less);
        }
    }
    let plain = Session::Exec(b"true".to_vec());
    if spec.session != plain {
        let mut less = spec.clone();
        less.session = plain;
        out.push(less);
    }
}

/// A change with less text, or with one field less.
fn simpler_changes(change: &Change) -> Vec<Change> {
    let mut out = Vec::new();
    let mut texts = |content: &Content, make: &dyn Fn(Content) -> Change| {
        let (Content::Text(text) | Content::Raw(text)) = content;
        let lines: Vec<&[u8]> = text.split_inclusive(|&b| b == b'\n').collect();
        if lines.len() > 1 {
            for i in 0..lines.len() {
                let mut less = lines.clone();
                less.remove(i);
                out.push(make(match content {
                    Content::Text(_) => Content::Text(less.concat()),
                    Content::Raw(_) => Content::Raw(less.concat()),
                }));
            }
        }
    };
    match change {
        Change::Keys(c) => texts(c, &Change::Keys),
        Change::Config(c) => {
            texts(c, &Change::Config);
        }
        Change::ConfigFirst(c) => texts(c, &Change::ConfigFirst),
        Change::ConfigIs(c) => texts(c, &Change::ConfigIs),
        Change::Pam { service, content } => texts(content, &|content| Change::Pam {
            service: service.clone(),
            content,
        }),
        Change::File {
            path,
            mode,
            owner,
            content,
        } => texts(content, &|content| Change::File {
            path: path.clone(),
            mode: *mode,
            owner: owner.clone(),
            content,
        }),
        Change::Command {
            path,
            status,
            output,
        } => texts(output, &|output| Change::Command {
            path: path.clone(),
            status: *status,
            output,
        }),
        Change::Shadow { name, fields } => {
            let mut less = [(); 7].map(|()| fields.clone());
            let [a, b, c, d, e, f, g] = &mut less;
            a.password = None;
            b.last = None;
            c.min = None;
            d.max = None;
            e.warn = None;
            f.inactive = None;
            g.expire = None;
            let name = name.clone();
            let made = less.into_iter().filter(|l| l != fields);
            out.extend(made.map(|fields| Change::Shadow {
                name: name.clone(),
                fields,
            }));
        }
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worlds::world;

    #[test]
    fn every_step_makes_a_world_smaller_so_that_shrinking_ends() {
        let size = |s: &Spec| s.to_text().len();
        for number in 0..200 {
            let spec = world(5, number);
            for less in smaller(&spec) {
                assert!(
                    less != spec && size(&less) <= size(&spec) + 40,
                    "{}",
                    spec.to_text()
                );
            }
        }
    }

    #[test]
    fn what_matters_is_all_that_is_left() {
        // A world "disagrees" while it has a line that says no-pty.
        let number = (0..)
            .find(|&n| world(5, n).to_text().contains("no-pty") && world(5, n).changes.len() > 3);
        let mut spec = world(5, number.unwrap());
        while let Some(less) = smaller(&spec)
            .into_iter()
            .find(|s| s.to_text().contains("no-pty"))
        {
            spec = less;
        }
        assert_eq!(spec.changes.len(), 1, "{}", spec.to_text());
        assert_eq!(spec.attempt, AttemptSpec::default());
    }
}
