//! A change to the machine, as data.

use sshwhy_causes::Safety;
use sshwhy_world::{Acl, Gap, Node};

/// One change at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path: absolute, without `.`, `..` or links on the way, so that the last component is
    /// the node itself.
    pub path: Vec<u8>,
    /// What is done there.
    pub what: What,
    /// What lies there (lstat(2)) when its turn comes, with the earlier changes of the plan made;
    /// `None`: nothing does. Whoever applies the change refuses where kind, mode, owner, group,
    /// number of links or ACL are others by then. Size and times are not compared; of a file the
    /// bytes are, where [`What`] names them.
    pub before: Option<Node>,
    /// The causes that it takes away, each an id of the catalogue; never empty.
    pub reasons: Vec<&'static str>,
    /// What it does to the server's safety.
    pub safety: Safety,
    /// Who and what else it bears on.
    pub touches: Vec<Touch>,
    /// The name by which the server comes to `path`, where a link of the account lies on that way.
    /// Whoever applies the change refuses where it leads elsewhere by then, or through a link that
    /// somebody else can change.
    pub by: Option<Vec<u8>>,
}

/// What is done at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// chmod(2). Where the node has an ACL, the group bits are its mask.
    Mode {
        /// The new low twelve bits.
        to: u32,
    },
    /// chown(2). Set-id bits that the kernel would clear on the way are put back.
    Owner {
        /// The new owner.
        uid: u32,
        /// The new group. `None`: it stays.
        gid: Option<u32>,
    },
    /// The access ACL. `None`: all entries beyond the mode bits go.
    Acl {
        /// The new ACL.
        to: Option<Acl>,
    },
    /// The label that the system's own policy wants there, set by restorecon(8).
    Label {
        /// The label expected afterwards, where it is known.
        to: Option<Vec<u8>>,
    },
    /// New bytes in a regular file of one link, in place of the old ones, by rename(2). Mode,
    /// owner, ACL and extended attributes stay. A missing file is made.
    Write {
        /// The bytes that are there now; `None`: there is no file.
        before: Option<Vec<u8>>,
        /// The bytes afterwards.
        after: Vec<u8>,
        /// How it is made where it is missing.
        made: Made,
    },
    /// A directory is made.
    MakeDir(Made),
    /// A fresh regular file of these bytes takes the place of what lies there: a file of several
    /// links, of a foreign owner, or something that is no regular file and no directory. What lay
    /// there is unlinked and otherwise not touched.
    Replace {
        /// The bytes that are read there now; `None`: what lies there has none.
        before: Option<Vec<u8>>,
        /// The bytes of the new file.
        after: Vec<u8>,
        /// Its owner and mode.
        made: Made,
    },
    /// A file, link or other node that is no directory goes.
    Remove {
        /// The bytes that are there now, of a regular file.
        before: Option<Vec<u8>>,
    },
}

/// Owner and mode of something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
}

/// Who or what else a change bears on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touch {
    /// An account that loses a right: write access by group or ACL, say.
    Loses {
        /// Whoever: `bob`, `group devs`, `everyone`.
        who: Vec<u8>,
        /// What: `write`.
        right: &'static str,
    },
    /// Accounts whose logins are decided by the same file.
    Logins {
        /// Their names.
        users: Vec<Vec<u8>>,
    },
    /// The file is reached under another name too.
    Names {
        /// Other names or links of the same file, as far as they are known; `count` counts all.
        count: u64,
    },
    /// Every login of the machine: a global setting of the configuration.
    Everyone,
}

/// A decision of somebody that stands in the way, and that no plan undoes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The cause.
    pub cause: &'static str,
    /// What was decided, in one sentence without a full stop.
    pub what: Vec<u8>,
    /// Whom to ask, and what: a sentence without a full stop.
    pub ask: Vec<u8>,
    /// Where it stands: `/etc/ssh/sshd_config:12`.
    pub origin: Option<Vec<u8>>,
    /// Commands that would undo it, POSIX-sh words, for a person to run. Not part of the plan's
    /// changes.
    pub commands: Vec<Vec<u8>>,
}

/// Something that would help and that is not done here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDone {
    /// The cause that stays.
    pub cause: &'static str,
    /// Why it is not done, in one sentence without a full stop.
    pub why: Vec<u8>,
    /// Who does what instead, in one sentence without a full stop; may be empty.
    pub instead: Vec<u8>,
    /// Commands for that, POSIX-sh words.
    pub commands: Vec<Vec<u8>>,
}

/// The running daemon has to hear of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reload {
    /// Why: the configuration files that change.
    pub files: Vec<Vec<u8>>,
    /// Ports or addresses to listen at change: a socket unit needs a new one too.
    pub listener: bool,
    /// Reloading does not suffice: the daemon reads this only at its start.
    pub restart: bool,
}

/// What has to be done, and what is left to people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in the order in which they take one cause away after another.
    pub changes: Vec<Change>,
    /// Decisions that only people can undo.
    pub ask: Vec<Decision>,
    /// What else stays to be done elsewhere or by hand.
    pub not_done: Vec<NotDone>,
    /// The facts that are missing, where a login is undetermined for want of them.
    pub gaps: Vec<Gap>,
    /// What the daemon needs afterwards.
    pub reload: Option<Reload>,
    /// With all changes made, the engine says accept.
    pub accepts: bool,
}

impl Change {
    /// The configuration files of the daemon are read once: whether this change is to one of them
    /// is what `files` of [`Reload`] says.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(
            self.what,
            What::Write { .. } | What::Replace { .. } | What::Remove { .. }
        )
    }

    /// The bytes that a file holds before and after, where the change is one of bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<(&[u8], &[u8])> {
        match &self.what {
            What::Write { before, after, .. } | What::Replace { before, after, .. } => {
                Some((before.as_deref().unwrap_or_default(), after))
            }
            What::Remove { before } => Some((before.as_deref().unwrap_or_default(), &[])),
            _ => None,
        }
    }
}

impl Plan {
    /// Nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The worst safety of all changes.
    #[must_use]
    pub fn safety(&self) -> Safety {
        let mut worst = Safety::Tightens;
        for c in &self.changes {
            worst = match (worst, c.safety) {
                (Safety::Weakens, _) | (_, Safety::Weakens) => Safety::Weakens,
                (Safety::Neutral, _) | (_, Safety::Neutral) => Safety::Neutral,
                _ => Safety::Tightens,
            };
        }
        worst
    }
}
