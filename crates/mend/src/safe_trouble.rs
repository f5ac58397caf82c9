//! What keeps a change from being made, in three parts: what, why, what helps.

use rustix::io::Errno;

/// The result of something that touches the machine.
pub type Result<T> = core::result::Result<T, Trouble>;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The path that it is about; may be empty.
    pub path: Vec<u8>,
    /// What was to be done: `write`, a verb phrase without its object.
    pub doing: &'static str,
    /// Why it was not.
    pub why: Why,
    /// Paths that are neither as they were nor as they were to be: taking back failed too.
    pub left: Vec<Vec<u8>>,
}

/// The reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// The kernel said no.
    Os(Errno),
    /// Something else lies there than what the change was made for.
    Changed(String),
    /// A link on the way, or a path that is not plain.
    Link,
    /// A directory or file of somebody else.
    Foreign(u32),
    /// A kind of node that is not handled.
    Kind,
    /// Larger than what is kept in a journal, in bytes.
    Large(u64),
    /// Another run is at work.
    Busy,
    /// A run waits to be confirmed: its id.
    Awaits(String),
    /// The server's own test of the configuration failed: what it printed, and whether it had
    /// failed before the change too.
    Refused {
        /// Its words.
        said: Vec<u8>,
        /// It failed before the change, too.
        before: bool,
    },
    /// The journal cannot be read or made.
    Journal(String),
    /// No such run.
    NoRun(String),
}

impl Trouble {
    pub(crate) fn new(path: &[u8], doing: &'static str, why: Why) -> Trouble {
        Trouble {
            path: path.to_vec(),
            doing,
            why,
            left: Vec::new(),
        }
    }

    pub(crate) fn os(path: &[u8], doing: &'static str, e: Errno) -> Trouble {
        Trouble::new(path, doing, Why::Os(e))
    }

    pub(crate) fn link(path: &[u8]) -> Trouble {
        Trouble::new(path, "go", Why::Link)
    }

    pub(crate) fn foreign(path: &[u8], uid: u32) -> Trouble {
        Trouble::new(path, "go into", Why::Foreign(uid))
    }

    pub(crate) fn changed(path: &[u8], how: impl Into<String>) -> Trouble {
        Trouble::new(path, "change", Why::Changed(how.into()))
    }

    /// What could not be done.
    #[must_use]
    pub fn what(&self) -> String {
        if self.path.is_empty() {
            return format!("cannot {}", self.doing);
        }
        let path = String::from_utf8_lossy(&self.path);
        format!("cannot {} {path}", self.doing)
    }

    /// Why.
    #[must_use]
    pub fn why(&self) -> String {
        let mut why = match &self.why {
            Why::Os(Errno::NOSPC) => "no space is left on the device".to_owned(),
            Why::Os(Errno::DQUOT) => "the disk quota is used up".to_owned(),
            Why::Os(Errno::ROFS) => "the file system is mounted read-only".to_owned(),
            Why::Os(Errno::IO) => "the disk does not answer (input/output error)".to_owned(),
            Why::Os(Errno::PERM) => {
                "not permitted: the file or its directory may be immutable or append-only \
                 (lsattr shows it), or this user is not its owner"
                    .to_owned()
            }
            Why::Os(e) => e.to_string(),
            Why::Changed(how) => how.clone(),
            Why::Link => {
                "a symbolic link lies on the way, or the path is not a plain one; it could \
                          lead elsewhere by the time that it is used"
                    .to_owned()
            }
            Why::Foreign(uid) => format!(
                "it belongs to uid {uid}, which is neither root nor the account: who owns a \
                 directory decides what lies in it"
            ),
            Why::Kind => "it is neither a file, a directory, a link nor a device".to_owned(),
            Why::Large(size) => format!("{size} bytes are more than a journal keeps"),
            Why::Busy => "another sshwhy is changing this machine".to_owned(),
            Why::Awaits(id) => format!("run {id} waits to be confirmed"),
            Why::Refused { said, before } => {
                let said = String::from_utf8_lossy(said);
                let too = if *before {
                    " (and it failed before the change, too)"
                } else {
                    ""
                };
                format!(
                    "sshd's own test refuses the configuration{too}: {}",
                    said.trim()
                )
            }
            Why::Journal(why) => why.clone(),
            Why::NoRun(id) => format!("there is no run {id}"),
        };
        if !self.left.is_empty() {
            why.push_str("; taking back failed for");
            for path in &self.left {
                why.push(' ');
                why.push_str(&String::from_utf8_lossy(path));
            }
        }
        why
    }

    /// What helps.
    #[must_use]
    pub fn help(&self) -> String {
        if !self.left.is_empty() {
            return "once the cause is gone, run: sshwhy undo".to_owned();
        }
        let rest = match &self.why {
            Why::Os(Errno::NOSPC | Errno::DQUOT) => "make room and try again",
            Why::Os(Errno::ROFS) => "mount it read-write and try again",
            Why::Os(Errno::IO) => "look at the kernel's log (dmesg); the disk may be failing",
            Why::Os(Errno::PERM) => "chattr -i takes the flag away, if nobody needs it",
            Why::Os(Errno::ACCESS) => "run it as root",
            Why::Os(_) | Why::Kind => "see what lies at that path",
            Why::Changed(_) => "see who changed it, and run the command again",
            Why::Link => "name the real place, or replace the link by what it leads to",
            Why::Foreign(_) => "give the directory to its account first",
            Why::Large(_) => "change it by hand",
            Why::Busy => "wait for it to end",
            Why::Awaits(id) => {
                return format!(
                    "from a new login: sshwhy undo --keep {id}; or take it back: sshwhy undo {id}"
                );
            }
            Why::Refused { .. } => "see the line that it names",
            Why::Journal(_) => "see the directory of journals",
            Why::NoRun(_) => "sshwhy undo --list shows the runs",
        };
        rest.to_owned()
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what(), self.why())
    }
}

impl std::error::Error for Trouble {}
