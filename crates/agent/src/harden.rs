//! What keeps other processes out of a process that holds keys.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, PTracer, Resource, Rlimit, getrlimit, set_dumpable_behavior, set_ptracer,
    setrlimit,
};

/// What could be had; nothing here is a condition for running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hardened {
    /// No core image, and no other process of the user may trace this one or read its memory.
    pub not_dumpable: bool,
    /// No page goes to swap.
    pub locked: bool,
}

/// Below this limit of locked memory, locking all pages to come would make allocations fail.
const ENOUGH_TO_LOCK: u64 = 1 << 30;

/// Keeps memory out of core images, of other processes and, where the limits allow it, of swap.
pub fn harden() -> Hardened {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let no_core = setrlimit(Resource::Core, none).is_ok();
    let not_dumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok();
    // Yama's exceptions, where it is in use.
    let _ = set_ptracer(PTracer::None);
    let limit = getrlimit(Resource::Memlock).current;
    let enough = limit.is_none_or(|bytes| bytes >= ENOUGH_TO_LOCK);
    // The limit does not count for those who hold CAP_IPC_LOCK, as root does.
    let privileged = rustix::process::geteuid().is_root();
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let locked = (enough || privileged) && mlockall(flags).is_ok();
    Hardened {
        not_dumpable: not_dumpable && no_core,
        locked,
    }
}

/// Raises the limit of open files as far as it goes: how many may be open.
pub fn raise_open_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, raised);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
