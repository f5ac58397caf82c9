//! A child whose system calls are counted, and one of which is its last, or fails.
#![allow(unsafe_code, reason = "ptrace(2) has no safe form")]

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

/// What happens to the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing.
    Spared,
    /// It is killed when it enters its n-th system call.
    Killed(u64),
    /// Its n-th system call is not made and answers with an error.
    Refused(u64, i32),
    /// Every call of this number with a third argument of the fifth that is not zero (the flags of
    /// renameat2) answers with an error.
    Without(u64, i32),
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct End {
    /// Its exit status; `None`: it was killed.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard error.
    pub(crate) said: String,
    /// System calls that were counted.
    pub(crate) calls: u64,
    /// The number of the call that was refused.
    pub(crate) call: Option<u64>,
    /// The counted calls that change a file system, by their place among all.
    pub(crate) changing: Vec<u64>,
}

/// Whether a call changes a file system: between two of these, what is on the disk is the same.
fn changes(regs: &libc::user_regs_struct) -> bool {
    let flags = match i64::try_from(regs.orig_rax).unwrap_or(-1) {
        libc::SYS_open => regs.rsi,
        libc::SYS_openat => regs.rdx,
        libc::SYS_write
        | libc::SYS_writev
        | libc::SYS_pwrite64
        | libc::SYS_fsync
        | libc::SYS_fdatasync
        | libc::SYS_ftruncate
        | libc::SYS_rename
        | libc::SYS_renameat
        | libc::SYS_renameat2
        | libc::SYS_unlink
        | libc::SYS_unlinkat
        | libc::SYS_rmdir
        | libc::SYS_link
        | libc::SYS_linkat
        | libc::SYS_symlinkat
        | libc::SYS_mkdir
        | libc::SYS_mkdirat
        | libc::SYS_mknodat
        | libc::SYS_chmod
        | libc::SYS_fchmod
        | libc::SYS_fchmodat
        | libc::SYS_fchmodat2
        | libc::SYS_chown
        | libc::SYS_fchown
        | libc::SYS_fchownat
        | libc::SYS_setxattr
        | libc::SYS_fsetxattr
        | libc::SYS_removexattr
        | libc::SYS_fremovexattr
        | libc::SYS_utimensat => return true,
        _ => return false,
    };
    flags & (libc::O_CREAT | libc::O_TRUNC) as u64 != 0
}

const MARK: u64 = libc::SYS_getppid as u64;

#[cfg(target_arch = "x86_64")]
pub(crate) fn run(words: &[&str], fate: Fate) -> End {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("child")
        .args(words)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    // SAFETY: one system call between fork and exec.
    unsafe {
        command.pre_exec(|| {
            if libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) == 0 {
                Ok(())
            } else {
                Err(std::io::Error::last_os_error())
            }
        });
    }
    #[allow(clippy::zombie_processes, reason = "waitpid(2) below takes it")]
    let mut child = command.spawn().unwrap();
    let pid = libc::pid_t::try_from(child.id()).unwrap();
    let wait = || {
        let mut status = 0;
        // SAFETY: the pointer is to a local variable; the child is ours.
        assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
        status
    };
    let mut status = wait();
    assert!(libc::WIFSTOPPED(status));
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL;
    // SAFETY: the child is stopped and traced by us.
    unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, options) };
    let (mut entering, mut counting, mut calls, mut refused) = (true, false, 0u64, None);
    let mut changing = Vec::new();
    let mut answer: Option<i32> = None;
    let mut signal = 0;
    while libc::WIFSTOPPED(status) {
        // SAFETY: the child is stopped and traced by us.
        unsafe { libc::ptrace(libc::PTRACE_SYSCALL, pid, 0, signal) };
        signal = 0;
        status = wait();
        if !libc::WIFSTOPPED(status) {
            break;
        }
        if libc::WSTOPSIG(status) != libc::SIGTRAP | 0x80 {
            signal = libc::WSTOPSIG(status);
            continue;
        }
        // SAFETY: the child is stopped and traced by us; the structure is plain data.
        let mut regs: libc::user_regs_struct = unsafe {
            let mut regs = std::mem::zeroed();
            libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &raw mut regs);
            regs
        };
        if entering {
            if counting {
                calls += 1;
                if changes(&regs) {
                    changing.push(calls);
                }
                let fails = match fate {
                    Fate::Killed(n) if n == calls => {
                        // SAFETY: the child is ours and not yet waited for.
                        unsafe { libc::kill(pid, libc::SIGKILL) };
                        None
                    }
                    Fate::Refused(n, errno) if n == calls => Some(errno),
                    Fate::Without(call, errno) if call == regs.orig_rax && regs.r8 != 0 => {
                        Some(errno)
                    }
                    _ => None,
                };
                if let Some(errno) = fails {
                    refused = Some(regs.orig_rax);
                    answer = Some(errno);
                    regs.orig_rax = u64::MAX;
                    // SAFETY: as above.
                    unsafe { libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &raw const regs) };
                }
            }
            counting |= regs.orig_rax == MARK;
        } else if let Some(errno) = answer.take() {
            regs.rax = i64::from(-errno).cast_unsigned();
            // SAFETY: as above.
            unsafe { libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &raw const regs) };
        }
        entering = !entering;
    }
    let mut said = String::new();
    let _ = child.stderr.take().unwrap().read_to_string(&mut said);
    let status = std::process::ExitStatus::from_raw(status);
    End {
        code: status.code(),
        said,
        calls,
        call: refused,
        changing,
    }
}
