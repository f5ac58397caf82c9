//! A scratch folder, keys made by ssh-keygen, and one sshd for each connection.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sshwhy_wire::{KeySigner, LoginPlan, LoginReport, Signer, login};

const SSHD: &str = "/usr/sbin/sshd";
const DROPBEAR: &str = "/usr/sbin/dropbear";

static NEXT: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Key {
    pub(crate) blob: Vec<u8>,
    pub(crate) line: String,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) public_path: PathBuf,
    path: PathBuf,
}

pub(crate) struct Server {
    dir: PathBuf,
    extra: String,
    keys: u32,
}

fn run(command: &mut Command) -> Result<(), String> {
    let out = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{command:?}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    Err(format!(
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr).trim()
    ))
}

fn generate(path: &Path, kind: &str, bits: &str) -> Result<(), String> {
    run(Command::new("ssh-keygen")
        .args(["-q", "-N", "", "-t", kind, "-b", bits, "-f"])
        .arg(path))
}

/// An authorized_keys line of a blob.
pub(crate) fn line(name: &str, blob: &[u8]) -> String {
    let text = ssh_key::PublicKey::from_bytes(blob)
        .unwrap()
        .to_openssh()
        .unwrap();
    assert!(text.starts_with(name));
    text
}

impl Server {
    pub(crate) fn new() -> Result<Self, String> {
        if !Path::new(SSHD).exists() {
            return Err(format!("no {SSHD}"));
        }
        run(Command::new("unshare").args(["-mn", "true"]))?;
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sshd-{}-{n}", std::process::id()));
        fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        for (kind, bits) in [("ed25519", "256"), ("ecdsa", "256"), ("rsa", "2048")] {
            generate(&dir.join(format!("host_{kind}")), kind, bits)?;
        }
        Ok(Self {
            dir,
            extra: String::new(),
            keys: 0,
        })
    }

    /// Lines that go before the stock ones.
    pub(crate) fn config(&mut self, text: &str) {
        self.extra = text.to_owned();
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn authorize(&self, lines: &[&str]) {
        let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
        self.file("authorized_keys", &text);
    }

    pub(crate) fn key(&mut self, kind: &str, bits: &str) -> Key {
        self.keys += 1;
        let path = self.dir.join(format!("key{}", self.keys));
        generate(&path, kind, bits).unwrap();
        let signer = KeySigner::from_openssh(&fs::read(&path).unwrap(), None).unwrap();
        let public_path = path.with_extension("pub");
        let line = fs::read_to_string(&public_path).unwrap().trim().to_owned();
        Key {
            blob: signer.public_blob(),
            line,
            signer: Arc::new(signer),
            public_path,
            path,
        }
    }

    /// The certificate blob of `key`, signed by `ca` for one principal.
    pub(crate) fn certify(&self, ca: &Key, key: &Key, principal: &str) -> Vec<u8> {
        let mut command = Command::new("ssh-keygen");
        command
            .args(["-q", "-I", "id", "-n", principal, "-s"])
            .arg(&ca.path);
        run(command.arg(&key.public_path)).unwrap();
        let mut path = key.path.clone().into_os_string();
        path.push("-cert.pub");
        let text = fs::read_to_string(path).unwrap();
        ssh_key::Certificate::from_openssh(&text)
            .unwrap()
            .to_bytes()
            .unwrap()
    }

    /// Puts a passphrase on the key's file and gives its text.
    pub(crate) fn encrypt(&self, key: &Key, passphrase: &str) -> Vec<u8> {
        let mut command = Command::new("ssh-keygen");
        run(command
            .args(["-q", "-p", "-P", "", "-N", passphrase, "-f"])
            .arg(&key.path))
        .unwrap();
        fs::read(&key.path).unwrap()
    }

    pub(crate) fn host_fingerprint(&self) -> String {
        let text = fs::read_to_string(self.dir.join("host_ed25519.pub")).unwrap();
        let key = ssh_key::PublicKey::from_openssh(&text).unwrap();
        key.fingerprint(ssh_key::HashAlg::Sha256).to_string()
    }

    /// What the last sshd logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// One login, with an empty home: what the shell of this machine's root reads there, and says, is
    /// none of the test's. (At DEBUG, `-e` lets sshd's own lines into the command's stderr.)
    pub(crate) fn login(&self, plan: &LoginPlan) -> LoginReport {
        let dir = self.dir.display();
        let config = self.file(
            "sshd_config",
            &format!(
                "{}\nHostKey {dir}/host_ed25519\nHostKey {dir}/host_ecdsa\nHostKey {dir}/host_rsa\n\
                 AuthorizedKeysFile {dir}/authorized_keys\nStrictModes no\nPermitRootLogin yes\n\
                 UsePAM no\nMaxAuthTries 20\nLogLevel VERBOSE\nPidFile none\n\
                 SetEnv HOME={dir}\n",
                self.extra
            ),
        );
        let script = "mount -t tmpfs none /run && mkdir /run/sshd && exec \"$0\" -i -e -f \"$1\"";
        self.serve(plan, &[script, SSHD, &config.display().to_string()])
    }

    /// One login at Dropbear, which reads /root/.ssh: another /root is laid over it.
    pub(crate) fn dropbear(&self, plan: &LoginPlan) -> Result<LoginReport, String> {
        if !Path::new(DROPBEAR).exists() {
            return Err(format!("no {DROPBEAR}"));
        }
        // The scratch folder may lie below /root: take from it before that is hidden.
        let script = "mount -t tmpfs none /run && cp \"$1/authorized_keys\" /run/keys && cd / && \
                      mount -t tmpfs -o mode=700 none /root && mkdir -m 700 /root/.ssh && \
                      install -m 600 /run/keys /root/.ssh/authorized_keys && \
                      dropbearkey -t ed25519 -f /run/host >/dev/null && \
                      exec \"$0\" -i -r /run/host";
        Ok(self.serve(plan, &[script, DROPBEAR, &self.dir.display().to_string()]))
    }

    /// Runs a shell script with one end of a TCP pair, and the plan on the other.
    fn serve(&self, plan: &LoginPlan, script: &[&str]) -> LoginReport {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (theirs, _) = listener.accept().unwrap();
        ours.set_nodelay(true).unwrap();
        theirs.set_nodelay(true).unwrap();
        let theirs = OwnedFd::from(theirs);
        let mut child = Command::new("unshare")
            .args(["-mn", "--propagation", "private", "sh", "-c"])
            .args(script)
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs)
            .stderr(File::create(self.dir.join("log")).unwrap())
            .spawn()
            .unwrap();
        let report = login(&mut ours, plan);
        drop(ours);
        child.wait().unwrap();
        report
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}
