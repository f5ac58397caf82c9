//! What a child does whose system calls are counted.

use crate::tree::{ALICE, Machine, changes};
use sshwhy_mend::apply::{Setting, apply};
use sshwhy_mend::undo;
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) fn setting(m: &Machine) -> Setting {
    let mut setting = Setting::new(&m.root, &[ALICE]);
    setting.store.clone_from(&m.store);
    setting
}

/// `apply ROOT STORE` or `undo ROOT STORE`; 0 done, 3 refused with words on standard error.
pub(crate) fn main(words: &[String]) -> ExitCode {
    let [what, root, store] = words else {
        return ExitCode::from(9);
    };
    let m = Machine {
        root: PathBuf::from(root),
        store: PathBuf::from(store),
    };
    let changes = changes();
    // From here on system calls are counted.
    let _ = rustix::process::getppid();
    let done = match what.as_str() {
        "apply" => apply(&changes, &setting(&m)).map(|_| ()),
        _ => undo::look(&m.store, &m.root, None).and_then(|u| u.carry_out(false).map(|_| ())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(t) => {
            eprintln!("{}|{}|{}|{}", t.what(), t.why(), t.help(), t.left.len());
            ExitCode::from(3)
        }
    }
}
