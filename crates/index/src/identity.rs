//! Whether a file is still the one that was indexed.

use rustix::fs::{Stat, fstat};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How old the last change of a file must be for its times to tell that there was no later one:
/// file systems count in steps of up to two seconds (FAT), and clocks of servers differ from ours.
pub(crate) const SETTLED: Duration = Duration::from_secs(2);

/// What changes whenever a file's content or its owner and modes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Device.
    pub dev: u64,
    /// Inode.
    pub ino: u64,
    /// Bytes.
    pub size: u64,
    /// Last change of the content: seconds and nanoseconds since the epoch.
    pub mtime: (i64, i64),
    /// Last change of anything.
    pub ctime: (i64, i64),
}

impl Identity {
    /// That of an open file.
    ///
    /// # Errors
    /// fstat(2) fails.
    pub fn of(file: impl AsFd) -> io::Result<Identity> {
        Ok(Identity::from_stat(&fstat(file)?))
    }

    fn from_stat(st: &Stat) -> Identity {
        // The types of these differ between platforms.
        #[allow(clippy::unnecessary_cast, clippy::cast_lossless)]
        Identity {
            dev: st.st_dev as u64,
            ino: st.st_ino as u64,
            size: u64::try_from(st.st_size).unwrap_or(0),
            mtime: (st.st_mtime as i64, st.st_mtime_nsec as i64),
            ctime: (st.st_ctime as i64, st.st_ctime_nsec as i64),
        }
    }

    /// How long until a change would be sure to show in the times. Zero: it would now.
    #[must_use]
    pub fn settles_in(&self, now: SystemTime) -> Duration {
        let last = self.ctime.max(self.mtime);
        let Ok(now) = now.duration_since(UNIX_EPOCH) else {
            return SETTLED;
        };
        let seconds = u64::try_from(last.0).unwrap_or(0);
        let nanos = u32::try_from(last.1).unwrap_or(0);
        let changed = Duration::from_secs(seconds) + Duration::from_nanos(u64::from(nanos));
        (changed + SETTLED).saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_just_written_is_not_settled() {
        let file = tempfile::tempfile().unwrap();
        let identity = Identity::of(&file).unwrap();
        let now = SystemTime::now();
        assert!(identity.settles_in(now) > Duration::from_millis(500));
        assert_eq!(
            identity.settles_in(now + Duration::from_secs(3)),
            Duration::ZERO
        );
    }

    #[test]
    fn a_time_in_the_future_is_not_settled() {
        let file = tempfile::tempfile().unwrap();
        let mut identity = Identity::of(&file).unwrap();
        identity.mtime.0 += 3600;
        assert!(identity.settles_in(SystemTime::now()) > Duration::from_secs(3000));
    }
}
