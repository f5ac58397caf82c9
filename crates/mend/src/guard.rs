//! The lock-out guard: what a change would do to every other login, and whether it may.

use crate::logins::{Changes, Difference, Means};
use sshwhy_world::{Attempt, Peer};

/// The logins that a change is made for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Each with its key.
    pub logins: &'a [Attempt],
    /// From wherever they come: a repair of files lets the same key in from every address that its
    /// line allows. Without it, only from the addresses asked for.
    pub from_anywhere: bool,
}

/// Who runs this, as far as that is known.
#[derive(Clone, Debug, Default)]
pub struct Runner {
    /// The account of the session.
    pub user: Option<Vec<u8>>,
    /// Its peer (SSH_CONNECTION).
    pub peer: Option<Peer>,
}

/// The answer of the guard.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Logins that would be lost: no leave lifts that. Those of whoever runs this come first.
    pub lost: Vec<Difference>,
    /// Logins that would be gained and that nobody asked for.
    pub gained: Vec<Difference>,
    /// Some of the lost logins are those of whoever runs this.
    pub own: bool,
    /// Leave to weaken was given: it lifts what is gained.
    pub allow_weakening: bool,
}

impl Answer {
    /// The change may be made.
    #[must_use]
    pub fn allows(&self) -> bool {
        self.lost.is_empty() && (self.gained.is_empty() || self.allow_weakening)
    }
}

/// Whether a changed world is let through.
#[must_use]
pub fn guard(
    changes: &Changes,
    asked: Asked<'_>,
    runner: &Runner,
    allow_weakening: bool,
) -> Answer {
    let own = |d: &Difference| {
        runner.user.as_ref().is_some_and(|u| *u == d.user)
            && runner.peer.as_ref().is_none_or(|p| p.addr == d.peer.addr)
    };
    let mut lost = changes.lost.clone();
    lost.sort_by_key(|d| !own(d));
    let gained = changes
        .gained
        .iter()
        .filter(|d| !is_asked(d, asked))
        .cloned()
        .collect();
    Answer {
        own: lost.first().is_some_and(own),
        lost,
        gained,
        allow_weakening,
    }
}

fn is_asked(d: &Difference, asked: Asked<'_>) -> bool {
    asked.logins.iter().any(|login| {
        let Some(key) = &login.key else { return false };
        let same_key = match &d.means {
            Means::Key { blob, .. } => {
                let plain = key.key.as_ref().ok().map(|k| k.plain_blob());
                blob == &key.blob || plain == Some(blob)
            }
            Means::Certificate { .. } | Means::Password => false,
        };
        login.user == d.user && same_key && (asked.from_anywhere || login.from.addr == d.peer.addr)
    })
}
