//! Keeping secrets out of core dumps, other processes and swap, as far as the system allows.

use crate::args::Common;
use crate::output;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};

/// Memory may be swapped again: what follows holds public keys alone, and many.
pub(super) fn let_go() {
    // Where this is refused, nothing was locked.
    let _ = rustix::mm::munlockall();
}

/// Called once, before the first secret is read. What the system refuses is said with `-v`.
pub(crate) fn hold_secrets(common: &Common) {
    crate::wipe::begin();
    let refused = |what: &str, error: rustix::io::Errno| {
        output::progress(common, || format!("{what}: {error}"));
    };
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(e) = setrlimit(Resource::Core, none) {
        refused("core dumps cannot be switched off", e);
    }
    // Neither a core dump nor another process of the same user may read this one's memory.
    if let Err(e) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        refused("other processes of this user may read this one's memory", e);
    }
    // With a limit, pages asked for later could be refused to the key derivation, which needs much
    // memory: then only what is there now is locked.
    let mut flags = MlockAllFlags::CURRENT | MlockAllFlags::ONFAULT;
    if getrlimit(Resource::Memlock).current.is_none() {
        flags |= MlockAllFlags::FUTURE;
    }
    if let Err(e) = mlockall(flags) {
        refused("memory cannot be kept out of swap", e);
    }
}
