//! The facts of one login attempt.
//!
//! A *world* is everything one sshd would look at while it decides about one login: the file
//! tree, the accounts, the clock, the daemon. The engine asks it questions through [`World`];
//! who answers (this machine, a mounted disk, a written scenario, a mended copy) is not its
//! business.
//!
//! **Invariant:** this crate neither collects nor judges. A fact that was not looked at is a
//! [`Fact::Unknown`], never `false` and never an empty list.
#![no_std]
extern crate alloc;

pub mod access;
pub mod account;
pub mod attempt;
pub mod build;
pub mod fact;
pub mod fs;
pub mod mem;
pub mod overlay;
pub mod resolve;
pub mod runtime;

pub use access::Cred;
pub use account::{Account, Group, Shadow};
pub use attempt::{Attempt, Local, OfferedKey, Peer};
pub use build::{Build, Feature, Software, Vendor, Version};
pub use fact::{Fact, Gap};
pub use fs::{Acl, AclEntry, AclTag, Errno, Kind, Node};
pub use mem::MemWorld;
pub use overlay::{Mend, Overlay};
pub use runtime::{CommandOutcome, CommandRequest, Daemon, MacDenial, MacMode, Sandbox};

use alloc::vec::Vec;

/// Who reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// sshd's privileged monitor: uid 0.
    Root,
    /// sshd after `temporarily_use_uid()`: the account's uid, gid and groups.
    User(&'a Cred),
}

/// Some lines of a key file, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLines {
    /// Each with its number, from 1, and without its newline.
    pub lines: Vec<(u64, Vec<u8>)>,
    /// How many lines the file has.
    pub total: u64,
}

/// The questions the engine asks. Paths are absolute, without `.` or `..`, and their parents are
/// real directories: following links is the engine's work (see [`resolve`]).
pub trait World {
    /// The sshd that decides.
    fn build(&self) -> &Build;
    /// The server's clock, in seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64;
    /// The instant that a civil time without a zone means on this server (mktime(3)).
    fn local_time(&self, civil: Civil) -> Fact<i64>;

    /// What lies at `path` itself (lstat(2)).
    fn lstat(&self, path: &[u8]) -> Fact<Result<Node, Errno>>;
    /// The names in the directory at `path`, unsorted, without `.` and `..`.
    fn list(&self, path: &[u8]) -> Fact<Result<Vec<Vec<u8>>, Errno>>;
    /// Reads the regular file at `path` with `reader`'s rights, handing on chunk after chunk until
    /// the end or until `sink` answers `false`. The real open(2) may be refused where the modes
    /// would allow it (MAC, FUSE, a network file system): that answer is the one that counts.
    fn read(
        &self,
        path: &[u8],
        reader: Reader<'_>,
        sink: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Fact<Result<(), Errno>>;

    /// The lines of the regular file at `path` that may hold the key or CA `blob`, where they are
    /// known without reading all of it. `None`: it is to be read, whatever the reason.
    fn key_lines(&self, _path: &[u8], _reader: Reader<'_>, _blob: &[u8]) -> Option<KeyLines> {
        None
    }

    /// getpwnam(3).
    fn account(&self, name: &[u8]) -> Fact<Option<Account>>;
    /// getpwent(3) until the end: the accounts that enumeration shows.
    fn accounts(&self) -> Fact<Vec<Account>>;
    /// getgrgid(3).
    fn group(&self, gid: u32) -> Fact<Option<Group>>;
    /// getgrouplist(3): primary and supplementary groups of an account.
    fn groups_of(&self, account: &Account) -> Fact<Vec<u32>>;
    /// getspnam(3).
    fn shadow(&self, name: &[u8]) -> Fact<Option<Shadow>>;

    /// The name that a reverse look-up, confirmed forwards, gives for a peer (UseDNS yes).
    fn reverse(&self, addr: core::net::IpAddr) -> Fact<Option<Vec<u8>>>;
    /// The addresses that a host name has, as the server's resolver gives them: none if it has none.
    fn forward(&self, name: &[u8]) -> Fact<Vec<core::net::IpAddr>>;
    /// Runs AuthorizedKeysCommand or AuthorizedPrincipalsCommand.
    fn run(&self, request: &CommandRequest) -> Fact<CommandOutcome>;
    /// The listener as it runs now. [`Fact::Known`]`(None)`: this world has no run-time (a mounted
    /// disk, another configuration file), so that no gate asks.
    fn daemon(&self) -> Fact<Option<Daemon>>;
    /// What mandatory access control says about sshd reading `path`.
    fn mac(&self, path: &[u8]) -> Fact<Option<MacDenial>>;
    /// What the daemon's service unit hides from it at `path` (ProtectHome= and the like).
    fn sandbox(&self, path: &[u8]) -> Fact<Option<Sandbox>>;
    /// Checks that a mended world counts as passed. Only [`Overlay`] answers with any.
    fn waived(&self, _cause: &str) -> bool {
        false
    }
    /// Configuration lines that a mended world puts before all others.
    fn config_overrides(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &[]
    }
}

/// A civil date and time without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year, 1 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 60.
    pub second: u8,
}

impl Civil {
    /// The instant if the civil time is UTC, in seconds since the epoch. Days past the end of a
    /// month run on into the next one, as timegm(3) does.
    #[must_use]
    pub fn utc(self) -> i64 {
        // Days from civil, after Howard Hinnant's public-domain algorithm.
        let y = i64::from(self.year) - i64::from(self.month <= 2);
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let m = i64::from(self.month);
        let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i64::from(self.day) - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let days = era * 146_097 + doe - 719_468;
        days * 86_400
            + i64::from(self.hour) * 3_600
            + i64::from(self.minute) * 60
            + i64::from(self.second)
    }
}

/// Reads a whole file, up to `limit` bytes. The flag says whether there was more.
pub fn read_all(
    world: &dyn World,
    path: &[u8],
    reader: Reader<'_>,
    limit: usize,
) -> Fact<Result<(Vec<u8>, bool), Errno>> {
    let mut out = Vec::new();
    let mut more = false;
    let answer = world.read(path, reader, &mut |chunk| {
        let room = limit - out.len();
        if chunk.len() > room {
            out.extend_from_slice(&chunk[..room]);
            more = true;
            return false;
        }
        out.extend_from_slice(chunk);
        true
    });
    answer.map(|r| r.map(|()| (out, more)))
}

/// Reads a whole file of at most `limit` bytes. Of a longer one what comes behind is not known: a
/// verdict by its beginning would be a guess.
pub fn read_whole(
    world: &dyn World,
    path: &[u8],
    reader: Reader<'_>,
    limit: usize,
) -> Fact<Result<Vec<u8>, Errno>> {
    match read_all(world, path, reader, limit) {
        Fact::Known(Ok((_, true))) => Fact::Unknown(Gap::not_looked(
            alloc::format!(
                "what {} holds past its first {} MiB",
                path.escape_ascii(),
                limit >> 20
            ),
            "no more of such a file is read",
            "shorten the file: no server needs one of that length",
        )),
        answer => answer.map(|r| r.map(|(text, _)| text)),
    }
}

#[cfg(test)]
mod tests {
    use super::Civil;

    #[test]
    fn civil_time_counts_from_the_epoch() {
        let t = |year, month, day| {
            Civil {
                year,
                month,
                day,
                hour: 0,
                minute: 0,
                second: 0,
            }
            .utc()
        };
        assert_eq!(t(1970, 1, 1), 0);
        assert_eq!(t(2000, 3, 1), 951_868_800);
        assert_eq!(t(2026, 11, 22), 1_795_305_600);
        assert_eq!(t(2023, 2, 31), t(2023, 3, 3));
    }
}
