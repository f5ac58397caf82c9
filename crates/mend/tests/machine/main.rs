//! Changes made and taken back on real file systems, in a mount name space of this test's own:
//! killed and refused by the kernel at every call that changes something, raced. With
//! `SSHWHY_EVERY_CALL` set: at every system call at all, which takes minutes.
//!
//! One process with one thread, so that a child's system calls can be counted; hence no harness.
//! What cannot run here is skipped, loudly, and counted; where CI says so, that is a failure.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test says how it went"
)]
#![allow(missing_docs, reason = "a test")]

mod cases;
mod child;
mod confirm;
mod faults;
mod race;
mod trace;
mod tree;

use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

/// A file system in memory of this test alone.
pub(crate) const PLACE: &str = "/mnt";

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    (
        "undo_restores_the_whole_tree_and_can_be_undone",
        cases::there_and_back,
    ),
    ("what_is_not_as_expected_is_refused", cases::expectations),
    (
        "what_somebody_changed_since_is_not_overwritten",
        cases::conflicts,
    ),
    (
        "links_and_foreign_directories_are_not_entered",
        cases::ways_in,
    ),
    ("labels_are_set_as_restorecon_would", cases::labels),
    (
        "sshd_tests_its_configuration_and_a_refusal_takes_all_back",
        cases::sshd_test,
    ),
    ("one_run_at_a_time", cases::locked),
    (
        "killed_at_every_call_that_changes_something_of_an_apply",
        faults::killed_applying,
    ),
    (
        "killed_at_every_call_that_changes_something_of_an_undo",
        faults::killed_undoing,
    ),
    (
        "an_error_at_every_call_that_changes_something_changes_nothing",
        faults::errors,
    ),
    (
        "a_file_system_that_cannot_exchange_names",
        faults::without_exchange,
    ),
    ("a_full_disk_changes_nothing", faults::full),
    ("a_read_only_file_system_changes_nothing", faults::read_only),
    ("an_immutable_file_changes_nothing", faults::immutable),
    (
        "a_link_swapped_in_ten_thousand_times_leads_nowhere",
        race::swapped,
    ),
    (
        "a_change_goes_back_by_itself_unless_a_login_proves_it",
        confirm::real_sshd,
    ),
];

fn room() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("not root".into());
    }
    #[allow(
        unsafe_code,
        reason = "unshare(2) is unsafe where it parts file descriptors"
    )]
    // SAFETY: the table of file descriptors stays shared.
    let apart = unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNS) };
    apart.map_err(|e| format!("no mount name space of its own: {e}"))?;
    use rustix::mount::{MountPropagationFlags, mount_change};
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .map_err(|e| format!("mounts stay shared: {e}"))?;
    tmpfs(Path::new(PLACE), "size=64m")
}

/// Mounts a tmpfs.
pub(crate) fn tmpfs(at: &Path, options: &str) -> Result<(), String> {
    let options = CString::new(format!("mode=0755,{options}")).unwrap();
    // Looking leaves no trace: what is compared is what was done.
    let flags = rustix::mount::MountFlags::NOATIME;
    rustix::mount::mount("tmpfs", at, "tmpfs", flags, options.as_c_str())
        .map_err(|e| format!("no tmpfs: {e}"))
}

/// Says why something is not run.
pub(crate) fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
    assert!(
        std::env::var_os("CI").is_none(),
        "nothing may be skipped on CI"
    );
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).map(String::as_str) == Some("child") {
        return child::main(&words[2..]);
    }
    if words.get(1).map(String::as_str) == Some("confirm-child") {
        return confirm::child(&words[2..]);
    }
    if words.get(1).map(String::as_str) == Some("undo") {
        return confirm::watcher(&words[2..]);
    }
    if words.iter().any(|w| w == "--list") {
        for (name, _) in CASES {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    if let Err(why) = room() {
        eprintln!(
            "SKIPPED: {} tests of mend on real file systems: {why}",
            CASES.len()
        );
        return ExitCode::from(u8::from(std::env::var_os("CI").is_some()));
    }
    let filter = words.iter().skip(1).find(|w| !w.starts_with('-'));
    let mut failed = 0;
    for (name, case) in CASES {
        if filter.is_some_and(|f| !name.contains(f.as_str())) {
            continue;
        }
        let begun = std::time::Instant::now();
        let ok = catch_unwind(AssertUnwindSafe(case)).is_ok();
        failed += u32::from(!ok);
        let word = if ok { "ok" } else { "FAILED" };
        println!(
            "test {name} ... {word} ({:.1} s)",
            begun.elapsed().as_secs_f64()
        );
    }
    println!("test result: {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}
