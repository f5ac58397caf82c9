//! Running a program on behalf of sshd, bounded in time and output.
#![allow(
    unsafe_code,
    reason = "std sets no supplementary groups in a child; pre_exec runs three system calls there"
)]

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use sshwhy_world::{CommandOutcome, Cred};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Output that is kept.
pub(crate) const LIMIT: usize = 1 << 20;
/// The time a command has.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Identity and environment of the command: sshd's `subprocess()` sets nothing else.
pub(crate) struct As<'a> {
    pub(crate) cred: &'a Cred,
    pub(crate) name: &'a [u8],
    pub(crate) home: &'a [u8],
}

/// Runs `argv` and waits for its end. With `who`, as that user.
///
/// # Errors
/// The program could not be started.
pub(crate) fn run(
    argv: &[Vec<u8>],
    who: Option<&As<'_>>,
    patience: Duration,
    limit: usize,
) -> io::Result<CommandOutcome> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut command = Command::new(OsStr::from_bytes(program));
    command
        .args(arguments.iter().map(|a| OsStr::from_bytes(a)))
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    if let Some(lang) = std::env::var_os("LANG") {
        command.env("LANG", lang);
    }
    if let Some(who) = who {
        let name = OsStr::from_bytes(who.name);
        command
            .env("USER", name)
            .env("LOGNAME", name)
            .env("HOME", OsStr::from_bytes(who.home));
        if rustix::process::geteuid().is_root() {
            let groups: Vec<Gid> = who.cred.groups.iter().map(|&g| Gid::from_raw(g)).collect();
            let (uid, gid) = (Uid::from_raw(who.cred.uid), Gid::from_raw(who.cred.gid));
            // SAFETY: between fork and exec only async-signal-safe system calls are made, and
            // nothing is allocated. The child has one thread, so a thread's identity is its own.
            unsafe {
                command.pre_exec(move || {
                    set_thread_groups(&groups)?;
                    set_thread_res_gid(gid, gid, gid)?;
                    set_thread_res_uid(uid, uid, uid)?;
                    Ok(())
                });
            }
        }
    }
    let start = Instant::now();
    let mut child = command.spawn()?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (mut output, mut cut, mut timed_out) = (Vec::new(), false, false);
    if let Some(stdout) = child.stdout.take() {
        let _ = fcntl_setfl(&stdout, OFlags::NONBLOCK);
        let mut chunk = [0u8; 16384];
        loop {
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                timed_out = true;
                break;
            }
            let wait = Timespec::try_from(left).ok();
            let _ = poll(&mut [PollFd::new(&stdout, PollFlags::IN)], wait.as_ref());
            match rustix::io::read(&stdout, &mut chunk) {
                Ok(0) => break,
                Ok(n) => {
                    let room = limit.saturating_sub(output.len()).min(n);
                    output.extend_from_slice(chunk.get(..room).unwrap_or_default());
                    if room < n {
                        cut = true;
                        break;
                    }
                }
                Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
                Err(_) => break,
            }
        }
    }
    // The child is looked at without being reaped, so that its group's id stays its own.
    if let Some(pid) = group {
        let how = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let mut pause = Duration::from_micros(200);
        while !cut && !timed_out && matches!(waitid(WaitId::Pid(pid), how), Ok(None)) {
            timed_out = start.elapsed() >= patience;
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let status = child.wait()?;
    Ok(CommandOutcome {
        output,
        cut,
        status: status.code(),
        signal: status.signal(),
        timed_out,
        millis: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, patience: Duration) -> CommandOutcome {
        let argv = [&b"/bin/sh"[..], b"-c", script.as_bytes()].map(<[u8]>::to_vec);
        run(&argv, None, patience, 1000).unwrap()
    }

    #[test]
    fn output_and_status_come_back() {
        let out = shell("echo key; echo noise >&2; exit 3", PATIENCE);
        assert_eq!(
            (out.output.as_slice(), out.status, out.cut),
            (&b"key\n"[..], Some(3), false)
        );
        assert_eq!(shell("kill -9 $$", PATIENCE).signal, Some(9));
        assert!(run(&[b"/nonexistent".to_vec()], None, PATIENCE, 10).is_err());
    }

    #[test]
    fn endless_output_and_endless_time_are_cut() {
        let out = shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyy; done", PATIENCE);
        assert!(out.cut && out.output.len() == 1000 && !out.timed_out);
        let out = shell("sleep 60 & sleep 60", Duration::from_millis(200));
        assert!(out.timed_out && out.millis < 5000);
        let out = shell("exec >&-; sleep 60", Duration::from_millis(200));
        assert!(out.timed_out && out.millis < 5000);
    }

    #[test]
    fn a_command_has_its_users_identity_and_little_else() {
        if !rustix::process::geteuid().is_root() {
            #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("SKIPPED: running as another user: not root");
            }
            return;
        }
        let cred = Cred {
            uid: 65534,
            gid: 65533,
            groups: vec![65533, 4242],
        };
        let who = As {
            cred: &cred,
            name: b"nobody",
            home: b"/h",
        };
        let script = b"/usr/bin/id -u; /usr/bin/id -G; /usr/bin/env | /usr/bin/sort; pwd";
        let argv = [&b"/bin/sh"[..], b"-c", script].map(<[u8]>::to_vec);
        let out = run(&argv, Some(&who), PATIENCE, LIMIT).unwrap();
        let text = String::from_utf8(out.output).unwrap();
        assert!(text.starts_with("65534\n65533 4242\n"), "{text}");
        assert!(
            text.contains("HOME=/h\n") && text.contains("LOGNAME=nobody\n"),
            "{text}"
        );
        assert!(!text.contains("CARGO"), "{text}");
    }
}
