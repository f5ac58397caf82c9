//! Doing something with another user's rights, as sshd's `temporarily_use_uid()` does.

use rustix::io::Errno;
use rustix::thread::{Gid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use sshwhy_world::Cred;
use std::io::Error;
use std::thread;

/// Runs `f` with the effective uid and gid and with the groups of `cred`, on a thread of its own:
/// on Linux credentials belong to a thread, so nothing else is touched and nothing has to be
/// restored. Real and saved uid stay as they are, as in sshd: a FUSE file system sees that.
///
/// # Errors
/// The kernel refused to change the identity: not root, or an id without a mapping here.
pub(crate) fn with<T: Send>(cred: &Cred, f: impl FnOnce() -> T + Send) -> Result<T, Errno> {
    let failed = |e: Error| Errno::from_io_error(&e).unwrap_or(Errno::AGAIN);
    thread::scope(|scope| {
        let job = move || {
            let groups: Vec<Gid> = cred.groups.iter().map(|&g| Gid::from_raw(g)).collect();
            set_thread_groups(&groups)?;
            set_thread_res_gid(None, Gid::from_raw(cred.gid), None)?;
            set_thread_res_uid(None, Uid::from_raw(cred.uid), None)?;
            Ok(f())
        };
        let thread = thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn_scoped(scope, job)
            .map_err(failed)?;
        thread.join().unwrap_or(Err(Errno::FAULT))
    })
}
