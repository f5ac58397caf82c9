//! A plan as something to run elsewhere: a shell script, a line for a console, Ansible tasks.
//!
//! Paths and contents are bytes of any kind. What is written is what [`crate::change`] says; where
//! a form cannot say it exactly, there is no text but the reason.

use crate::change::{Change, What};

/// Why a plan cannot be written in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotSay {
    /// The path of the change.
    pub path: Vec<u8>,
    /// Why, in one sentence without a full stop.
    pub why: &'static str,
}

/// What a change puts in the place of what, with the bytes that both share left out.
pub(crate) struct Splice<'c> {
    /// Bytes kept at the beginning.
    pub(crate) head: usize,
    /// New bytes.
    pub(crate) middle: &'c [u8],
    /// Bytes kept at the end.
    pub(crate) tail: usize,
}

impl<'c> Splice<'c> {
    pub(crate) fn of(before: &[u8], after: &'c [u8]) -> Splice<'c> {
        let most = before.len().min(after.len());
        let same = |(a, b): &(&u8, &u8)| a == b;
        let head = before.iter().zip(after).take_while(same).count();
        let tail = before
            .iter()
            .rev()
            .zip(after.iter().rev())
            .take(most - head)
            .take_while(same)
            .count();
        Splice {
            head,
            middle: after.get(head..after.len() - tail).unwrap_or_default(),
            tail,
        }
    }
}

/// Values of `environment=` are nobody's to print.
pub(crate) fn holds_secret(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"environment=";
    bytes
        .windows(NAME.len())
        .any(|w| w.eq_ignore_ascii_case(NAME))
}

/// The bytes that a form has to carry are free of secrets.
pub(crate) fn sayable(change: &Change, bytes: &[u8]) -> Result<(), CannotSay> {
    if holds_secret(bytes) {
        return Err(CannotSay {
            path: change.path.clone(),
            why: "the new text holds environment= values, which are never printed; let `sshwhy \
                  fix` make this change",
        });
    }
    Ok(())
}

/// The change in a few words, for comments: no bytes from outside.
pub(crate) fn title(change: &Change) -> &'static str {
    match change.what {
        What::Mode { .. } => "mode",
        What::Owner { .. } => "owner",
        What::Acl { .. } => "ACL",
        What::Label { .. } => "label",
        What::Write { before: None, .. } => "new file",
        What::Write { .. } => "text",
        What::MakeDir(_) => "new directory",
        What::Replace { .. } => "fresh file",
        What::Remove { .. } => "removal",
    }
}

#[cfg(test)]
mod tests {
    use super::Splice;

    #[test]
    fn a_splice_and_what_it_keeps_make_the_new_bytes() {
        for (before, after) in [
            (&b"abc"[..], &b"abxc"[..]),
            (b"aa", b"aaa"),
            (b"", b"x"),
            (b"x", b""),
            (b"same", b"same"),
            (b"abab", b"ab"),
        ] {
            let s = Splice::of(before, after);
            let made = [
                &before[..s.head],
                s.middle,
                &before[before.len() - s.tail..],
            ]
            .concat();
            assert_eq!(made, after);
        }
    }
}
