//! Who looks: root, an ordinary account, and one that becomes root by the machine's own sudo.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use sshwhy_check::via;
use sshwhy_scenario::Scene;
use sshwhy_world::World as _;

/// As Debian's package has it, without its comments.
const SUDOERS: &str = "\
Defaults env_reset
Defaults mail_badpass
Defaults secure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"
Defaults use_pty
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
";
const SUDOERS_FILE: &str = "/etc/sudoers";
/// Where the pseudo-terminals of `use_pty` come from.
const TERMINALS: &str = "/dev/pts";
const OPENS_TERMINALS: &str = "/dev/ptmx";
/// Ordinary accounts of the base world.
const ACCOUNTS: [&[u8]; 2] = [b"bob", b"alice"];

/// The rights of an ordinary account.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl Ids {
    /// Somebody whom no world knows.
    pub(super) const NOBODY: Ids = Ids {
        uid: 65_534,
        gid: 65_534,
        groups: Vec::new(),
    };

    /// Those of an account. `None`: there is no such account, or it is root's.
    pub(super) fn of(scene: &Scene, name: &[u8]) -> Option<Ids> {
        let world = scene.world();
        let account = world.account(name).ok().flatten()?;
        let groups = world.groups_of(&account).ok().unwrap_or_default();
        (account.uid != 0).then_some(Ids {
            uid: account.uid,
            gid: account.gid,
            groups,
        })
    }

    /// A program with these rights, as after a login.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={}", self.uid));
        command.arg(format!("--regid={}", self.gid));
        let groups: Vec<String> = self.groups.iter().map(u32::to_string).collect();
        if groups.is_empty() {
            command.arg("--clear-groups");
        } else {
            command.arg(format!("--groups={}", groups.join(",")));
        }
        command.args(["--", program]);
        command
    }
}

/// Who runs a script.
pub(super) enum Who {
    Root,
    User(Ids),
    /// Root, by sudo.
    Sudo(Ids),
}

impl Who {
    /// A program, found where a login's are.
    fn command(&self, program: &str) -> Command {
        let mut command = match self {
            Who::Root => Command::new(program),
            Who::User(ids) | Who::Sudo(ids) => ids.command(program),
        };
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command
    }

    /// What the shell prints for a script on its standard input.
    pub(super) fn run(&self, script: &str) -> Result<Output, String> {
        let io = |e: io::Error| format!("/bin/sh: {e}");
        let mut command = self.command("/bin/sh");
        if matches!(self, Who::Sudo(_)) {
            // As sshd runs a command: by the account's shell.
            command.args(["-c", via::SHELL_BY_SUDO]);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(io)?;
        let stdin = child.stdin.take();
        let text = script.as_bytes().to_vec();
        // The shell reads as it runs, and prints meanwhile.
        let writer = std::thread::spawn(move || stdin.map(|mut s| s.write_all(&text)));
        let out = child.wait_with_output().map_err(io)?;
        let _ = writer.join();
        Ok(out)
    }

    /// Whether a program comes to a good end.
    pub(super) fn can(&self, program: &str, words: &[&str]) -> bool {
        let done = self
            .command(program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|s| s.success())
    }
}

/// A world's root in which an ordinary account becomes root by sudo without a password. Dropped, all
/// is as it was.
pub(super) struct Sudo {
    ids: Ids,
    was: Option<(Vec<u8>, Permissions)>,
}

impl Sudo {
    /// Lets an ordinary account of the world in that is not the refused one. `Err` within: sudo does
    /// not let it, with the reason.
    pub(super) fn grant(scene: &Scene) -> io::Result<Result<Sudo, String>> {
        let mut others = ACCOUNTS.iter().filter(|a| **a != scene.attempt.user);
        let Some(ids) = others.find_map(|name| Ids::of(scene, name)) else {
            return Ok(Err("there is no other ordinary account".into()));
        };
        let file = Path::new(SUDOERS_FILE);
        let was = match fs::metadata(file) {
            Ok(meta) => Some((fs::read(file)?, meta.permissions())),
            Err(_) => None,
        };
        let rule = format!("#{} ALL=(root) NOPASSWD: ALL\n", ids.uid);
        let sudo = Sudo { ids, was };
        fs::write(file, [SUDOERS, &rule].concat())?;
        fs::set_permissions(file, Permissions::from_mode(0o440))?;
        fs::create_dir_all(TERMINALS)?;
        let options = c"newinstance,mode=0620,ptmxmode=0666";
        mount("devpts", TERMINALS, "devpts", MountFlags::empty(), options)?;
        symlink("pts/ptmx", OPENS_TERMINALS)?;
        let asked = sudo.who().run(via::AM_I_ROOT).map_err(io::Error::other)?;
        if via::is_root(&asked.stdout) {
            return Ok(Ok(sudo));
        }
        let said = String::from_utf8_lossy(&asked.stderr);
        // Before it stand complaints that stop nothing: of a name that does not resolve, for one.
        let last = said.lines().last().unwrap_or("nothing is said");
        Ok(Err(last.to_owned()))
    }

    pub(super) fn who(&self) -> Who {
        Who::Sudo(self.ids.clone())
    }
}

impl Drop for Sudo {
    fn drop(&mut self) {
        let _ = fs::remove_file(OPENS_TERMINALS);
        let _ = unmount(TERMINALS, UnmountFlags::DETACH);
        let _ = fs::remove_dir(TERMINALS);
        let _ = match &self.was {
            Some((text, permissions)) => fs::write(SUDOERS_FILE, text)
                .and_then(|()| fs::set_permissions(SUDOERS_FILE, permissions.clone())),
            None => fs::remove_file(SUDOERS_FILE),
        };
    }
}
