//! A machine of files in a scratch folder, for an account `demo` of whoever runs this.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// The account's number where root runs this: files are given to it.
const NOBODY_IN_PARTICULAR: u32 = 54_321;

/// The scratch folder; it goes when this is dropped.
pub(super) struct Machine {
    folder: PathBuf,
    /// This program.
    program: PathBuf,
    /// The account's number.
    uid: u32,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Machine {
    /// Makes the folder, two keys, and a whole machine.
    pub(super) fn new() -> io::Result<Machine> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let name = format!("sshwhy-demo-{:016x}", u64::from_le_bytes(random));
        let folder = std::env::temp_dir().join(name);
        fs::DirBuilder::new().create(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        let me = rustix::process::geteuid().as_raw();
        let machine = Machine {
            folder,
            program: std::env::current_exe()?,
            uid: if me == 0 { NOBODY_IN_PARTICULAR } else { me },
        };
        machine.key("id_demo", "demo@laptop")?;
        machine.key("id_other", "somebody@else")?;
        machine.reset()?;
        Ok(machine)
    }

    fn key(&self, name: &str, comment: &str) -> io::Result<()> {
        let path = self.client(name);
        let made = Command::new(&self.program)
            .args(["key", "generate", "--type", "ed25519", "--comment", comment])
            .arg("--output")
            .arg(&path)
            .args(["--new-passphrase-file", "/dev/null"])
            .output()?;
        if made.status.success() {
            return Ok(());
        }
        Err(io::Error::other(
            String::from_utf8_lossy(&made.stderr).into_owned(),
        ))
    }

    /// A file of the client's.
    pub(super) fn client(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The machine's own root.
    pub(super) fn root(&self) -> PathBuf {
        self.folder.join("server")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    /// The machine as it should be: the key is listed, and everything is in order.
    pub(super) fn reset(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.root()) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let uid = self.uid;
        self.write(
            "/etc/passwd",
            &format!(
                "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n\
                 demo:x:{uid}:{uid}::/home/demo:/bin/sh\n"
            ),
        )?;
        self.write("/etc/group", &format!("root:x:0:\ndemo:x:{uid}:\n"))?;
        self.write(
            "/etc/shadow",
            "root:*:20000:0:99999:7:::\ndemo:*:20000:0:99999:7:::\n",
        )?;
        self.write("/etc/ssh/sshd_config", "UsePAM no\n")?;
        self.write("/bin/sh", "")?;
        self.mode("/bin/sh", 0o755)?;
        fs::create_dir_all(self.at("/run/sshd"))?;
        fs::create_dir_all(self.at("/home/demo/.ssh"))?;
        let line = self.public()?;
        self.write("/home/demo/.ssh/authorized_keys", &line)?;
        for (path, mode) in [
            ("/home/demo", 0o755),
            ("/home/demo/.ssh", 0o700),
            ("/home/demo/.ssh/authorized_keys", 0o600),
        ] {
            self.mode(path, mode)?;
            self.give(path)?;
        }
        Ok(())
    }

    /// The public line of the demo's key, with its newline.
    pub(super) fn public(&self) -> io::Result<String> {
        fs::read_to_string(self.client("id_demo.pub"))
    }

    /// Gives a file to the account, where that needs doing.
    fn give(&self, path: &str) -> io::Result<()> {
        if rustix::process::geteuid().is_root() {
            chown(self.at(path), Some(self.uid), Some(self.uid))?;
        }
        Ok(())
    }

    /// Writes a file of the machine.
    pub(super) fn write(&self, path: &str, content: &str) -> io::Result<()> {
        self.write_bytes(path, content.as_bytes())
    }

    pub(super) fn write_bytes(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let at = self.at(path);
        if let Some(parent) = at.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(at, content)
    }

    pub(super) fn mode(&self, path: &str, mode: u32) -> io::Result<()> {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode))
    }

    pub(super) fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.at(path))
    }

    /// Puts lines before the configuration.
    pub(super) fn configure(&self, lines: &str) -> io::Result<()> {
        self.write("/etc/ssh/sshd_config", &format!("{lines}\nUsePAM no\n"))
    }

    /// Writes a private key of the client's.
    pub(super) fn secret(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.client(name);
        fs::write(&path, content)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
    }

    /// Sets the mode of a file of the client's.
    pub(super) fn client_mode(&self, name: &str, mode: u32) -> io::Result<()> {
        fs::set_permissions(self.client(name), fs::Permissions::from_mode(mode))
    }

    /// The account's key file.
    pub(super) fn keys(&self, content: &[u8]) -> io::Result<()> {
        self.write_bytes("/home/demo/.ssh/authorized_keys", content)
    }

    /// Days since 1970.
    pub(super) fn today() -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |d| d.as_secs() / 86_400)
    }

    /// This program with words, in the client's folder, with nothing of the user's own settings.
    pub(super) fn run(&self, words: &[String]) -> io::Result<std::process::Output> {
        Command::new(&self.program)
            .args(words)
            .current_dir(&self.folder)
            .env_remove("SSH_AUTH_SOCK")
            .env("XDG_STATE_HOME", self.folder.join("state"))
            .stdin(std::process::Stdio::null())
            .output()
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}
