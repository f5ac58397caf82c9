//! PuTTY's plink, of three generations, against a real sshd: which words it has for which refusal.
//!
//! The pages of the causes quote these words; people search for them.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sshwhy_lab::setup::SUITES;
use sshwhy_lab::{Lab, LabConfig, Predictor, RootSource, Step, Truth};
use sshwhy_scenario::{Change, Content, Scene, Spec};

const REFUSED: &str = "Server refused our key";
const SIGNATURE: &str = "Server refused public-key signature despite accepting key!";
const PORT: u16 = 2222;

/// Suites and the generation of their plink.
const PLINKS: [(&str, &str); 3] = [
    ("bullseye", "0.74"),
    ("bookworm", "0.78"),
    ("trixie", "0.83"),
];

/// What a plink needs besides itself.
const LIBRARIES: [&str; 5] = [
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "libm.so.6",
];

/// Says that something is not tested. Where everything has to be, that is a failure.
fn skipped(what: &str) {
    // Written past the test harness, which would keep it to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
    assert!(std::env::var_os("CI").is_none(), "SKIPPED: {what}");
}

/// A plink, with its puttygen, unpacked and not installed.
struct Putty {
    version: &'static str,
    root: PathBuf,
}

impl Putty {
    fn all() -> Vec<Putty> {
        let of = |(suite, version)| {
            let suite = SUITES.iter().find(|s| s.name == suite)?;
            let root = suite.root().filter(|r| r.join("usr/bin/plink").is_file());
            if root.is_none() {
                skipped(&format!(
                    "plink {version}: no suite {} (cargo xtask lab setup)",
                    suite.name
                ));
            }
            Some(Putty {
                version,
                root: root?,
            })
        };
        PLINKS.into_iter().filter_map(of).collect()
    }

    fn library(&self, name: &str) -> PathBuf {
        self.root.join("usr/lib/x86_64-linux-gnu").join(name)
    }

    /// Below which it lies in a world.
    fn place(&self) -> String {
        format!("/opt/putty-{}", self.version)
    }

    /// Its program and libraries, as files of a world.
    fn files(&self) -> Vec<Change> {
        let mut names: Vec<(PathBuf, &str)> = vec![(self.root.join("usr/bin/plink"), "plink")];
        names.extend(LIBRARIES.map(|l| (self.library(l), l)));
        let file = |(from, name): (PathBuf, &str)| {
            Some(world_file(
                &format!("{}/{name}", self.place()),
                fs::read(from).ok()?,
            ))
        };
        names.into_iter().filter_map(file).collect()
    }

    /// A private key in its own format, made by its own puttygen.
    fn ppk(&self, key: &Path, format: u32) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("key.ppk");
        let mut command = Command::new(self.library(LIBRARIES[0]));
        command
            .arg("--library-path")
            .arg(self.root.join("usr/lib/x86_64-linux-gnu"))
            .arg(self.root.join("usr/bin/puttygen"))
            .arg(key)
            .args(["-O", "private", "--new-passphrase", "/dev/null", "-o"])
            .arg(&out)
            .stdin(Stdio::null());
        if self.version != "0.74" {
            command.args(["--ppk-param", &format!("version={format}")]);
        }
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let key = fs::read(&out).unwrap_or_default();
        let head = format!("PuTTY-User-Key-File-{format}: ");
        assert!(key.starts_with(head.as_bytes()), "puttygen: {said}");
        key
    }
}

fn world_file(path: &str, content: Vec<u8>) -> Change {
    Change::File {
        path: path.into(),
        mode: 0o755,
        owner: b"root:root".to_vec(),
        content: Content::Raw(content),
    }
}

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../vectors/lab")
        .join(name)
}

/// One login with plink.
struct Try {
    plink: String,
    user: &'static str,
    key: String,
}

/// What came of it.
#[derive(Debug)]
struct Saw {
    code: Option<i32>,
    said: String,
    log: String,
}

impl Saw {
    fn accepted(&self) -> bool {
        self.log.contains("Accepted publickey for ")
    }
}

/// Logs in with plink while the world stands.
struct Driver<'t>(&'t [Try]);

impl Predictor for Driver<'_> {
    type Output = Vec<Result<Saw, String>>;
    fn predict(&self, _: &Spec, _: &Scene) -> Self::Output {
        self.0.iter().map(login).collect()
    }
}

fn login(attempt: &Try) -> Result<Saw, String> {
    let io = |e: std::io::Error| e.to_string();
    let log = Path::new("/run/plink.log");
    let to_log = File::create(log).map_err(io)?;
    // It serves one connection, and no longer than this whatever becomes of the test.
    let mut server = Command::new("/usr/bin/timeout")
        .args(["-k", "1", "30", "/usr/sbin/sshd", "-d", "-e", "-p"])
        .arg(PORT.to_string())
        .args(["-o", "ListenAddress=127.0.0.1"])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(to_log)
        .spawn()
        .map_err(io)?;
    let done = ready(log, &mut server).and_then(|()| plink(attempt).map_err(io));
    let ended = wait(&mut server);
    let log = fs::read(log).map_err(io)?;
    let log = String::from_utf8_lossy(&log).into_owned();
    ended.map_err(io)?;
    let (code, said) = done.map_err(|e| format!("{e}\n{log}"))?;
    Ok(Saw { code, said, log })
}

fn ready(log: &Path, server: &mut Child) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        if text.contains("Server listening on ") {
            return Ok(());
        }
        let dead = server.try_wait().is_ok_and(|s| s.is_some());
        if dead || began.elapsed() > Duration::from_secs(10) {
            return Err(format!("sshd does not listen: {text}"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn wait(server: &mut Child) -> std::io::Result<()> {
    let began = Instant::now();
    while server.try_wait()?.is_none() {
        if began.elapsed() > Duration::from_secs(5) {
            server.kill()?;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn plink(attempt: &Try) -> std::io::Result<(Option<i32>, String)> {
    let host_key = fs::read_to_string("/etc/ssh/ssh_host_ed25519_key.pub").unwrap_or_default();
    let host_key = host_key.split(' ').nth(1).unwrap_or_default().trim();
    let dir = &attempt.plink;
    let done = Command::new("/usr/bin/timeout")
        .args(["-k", "1", "20"])
        .arg(format!("{dir}/{}", LIBRARIES[0]))
        .args(["--library-path", dir, &format!("{dir}/plink")])
        .args(["-v", "-batch", "-ssh", "-noagent", "-hostkey", host_key])
        .args(["-P", &PORT.to_string(), "-i", &attempt.key])
        .args(["-l", attempt.user, "127.0.0.1", "true"])
        .env_clear()
        .env("HOME", "/tmp")
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .output()?;
    let mut said = String::from_utf8_lossy(&done.stderr).into_owned();
    said.push_str(&String::from_utf8_lossy(&done.stdout));
    Ok((done.status.code(), said))
}

/// A lab with the sshd of Debian 12, whatever is installed.
fn lab() -> Option<Lab> {
    let root = SUITES
        .iter()
        .find(|s| s.name == "bookworm")
        .and_then(|s| s.root());
    let Some(root) = root else {
        skipped("plink: no suite bookworm (cargo xtask lab setup)");
        return None;
    };
    let config = LabConfig {
        root: RootSource::Dir(root),
        sshd: None,
        workers: 1,
        ..LabConfig::default()
    };
    match Lab::new(config) {
        Ok(lab) => Some(lab),
        Err(why) => {
            skipped(&format!("plink: {why}"));
            None
        }
    }
}

/// Runs the tries in one world; also how its own client fared there.
fn run(lab: &Lab, mut spec: Spec, putties: &[Putty], tries: &[Try]) -> (Truth, Vec<Saw>) {
    let mut changes: Vec<Change> = putties.iter().flat_map(Putty::files).collect();
    let host_key = fs::read(vector("host-ed25519.pub")).unwrap();
    changes.push(world_file("/etc/ssh/ssh_host_ed25519_key.pub", host_key));
    spec.changes.extend(changes.into_iter().map(|c| (0, c)));
    let judged = lab.run_with([spec], &Driver(tries)).remove(0);
    let outcome = judged.outcome.unwrap();
    let saw = judged.prediction.unwrap_or_default();
    let saw = saw.into_iter().collect::<Result<Vec<Saw>, String>>();
    (outcome.truth, saw.unwrap())
}

/// The tries of one key with each plink, and the key files as changes to a world.
fn tries(putties: &[Putty], key: &str, user: &'static str) -> (Vec<Try>, Vec<(u32, Change)>) {
    let mut tries = Vec::new();
    let mut files = Vec::new();
    for putty in putties {
        let formats: &[u32] = if putty.version == "0.74" {
            &[2]
        } else {
            &[2, 3]
        };
        for &format in formats {
            let path = format!("{}/{key}.v{format}.ppk", putty.place());
            let content = putty.ppk(&vector(key), format);
            files.push((0, world_file(&path, content)));
            tries.push(Try {
                plink: putty.place(),
                user,
                key: path,
            });
        }
    }
    (tries, files)
}

fn line(key: &str) -> Content {
    Content::Raw(fs::read(vector(&format!("{key}.pub"))).unwrap())
}

#[test]
fn a_listed_key_is_accepted_in_each_format_and_an_unlisted_one_refused() {
    let (Some(lab), putties) = (lab(), Putty::all()) else {
        return;
    };
    let (tries, files) = tries(&putties, "ed25519", "alice");
    let mut spec = Spec::new("listed");
    spec.changes.extend(files.clone());
    let (truth, saw) = run(&lab, spec, &putties, &tries);
    assert_eq!(truth, Truth::Accepted);
    for (t, s) in tries.iter().zip(&saw) {
        assert!(s.accepted() && s.code == Some(0), "{}: {s:?}", t.key);
        assert!(!s.said.contains("refused"), "{}: {s:?}", t.key);
    }

    let mut spec = Spec::new("not listed");
    spec.changes.extend(files);
    spec.changes.push((0, Change::Keys(line("ed25519-b"))));
    let (truth, saw) = run(&lab, spec, &putties, &tries);
    assert_eq!(truth, Truth::Refused(Step::Query));
    for (t, s) in tries.iter().zip(&saw) {
        assert!(!s.accepted() && s.code != Some(0), "{}: {s:?}", t.key);
        assert!(s.said.lines().any(|l| l == REFUSED), "{}: {s:?}", t.key);
        assert!(!s.said.contains(SIGNATURE), "{}: {s:?}", t.key);
    }
    let page = |id| sshwhy_causes::by_id(id).unwrap().page;
    assert!(page("key-not-listed").contains(REFUSED));
    report(&tries, 2);
}

#[test]
fn an_rsa_key_is_refused_to_the_plink_that_signs_with_sha1_alone() {
    let (Some(lab), putties) = (lab(), Putty::all()) else {
        return;
    };
    let (tries, files) = tries(&putties, "rsa2048", "alice");
    let mut spec = Spec::new("rsa");
    spec.changes.extend(files);
    spec.changes.push((0, Change::Keys(line("rsa2048"))));
    let (_, saw) = run(&lab, spec, &putties, &tries);
    for (t, s) in tries.iter().zip(&saw) {
        if t.plink.ends_with("0.74") {
            assert!(!s.accepted(), "{}: {s:?}", t.key);
            assert!(s.said.lines().any(|l| l == REFUSED), "{}: {s:?}", t.key);
            let why = "signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms";
            assert!(s.log.contains(why), "{}: {s:?}", t.key);
        } else {
            assert!(s.accepted() && s.code == Some(0), "{}: {s:?}", t.key);
        }
    }
    let page = sshwhy_causes::by_id("rsa-sha1-only-client").unwrap().page;
    assert!(page.contains(REFUSED));
    report(&tries, 1);
}

#[test]
fn root_s_key_is_accepted_and_its_signature_refused() {
    let (Some(lab), putties) = (lab(), Putty::all()) else {
        return;
    };
    let (tries, files) = tries(&putties, "ed25519", "root");
    let mut spec = Spec::new("root");
    spec.changes.extend(files);
    spec.changes.extend(
        [
            Change::Dir {
                path: b"/root/.ssh".to_vec(),
                mode: 0o700,
                owner: b"root:root".to_vec(),
            },
            Change::File {
                path: b"/root/.ssh/authorized_keys".to_vec(),
                mode: 0o600,
                owner: b"root:root".to_vec(),
                content: line("ed25519"),
            },
            Change::Config(Content::Raw(b"PermitRootLogin no\n".to_vec())),
        ]
        .map(|c| (0, c)),
    );
    spec.attempt.user = b"root".to_vec();
    let (truth, saw) = run(&lab, spec, &putties, &tries);
    assert_eq!(truth, Truth::Refused(Step::Signature));
    for (t, s) in tries.iter().zip(&saw) {
        assert!(!s.accepted(), "{}: {s:?}", t.key);
        assert!(s.said.lines().any(|l| l == SIGNATURE), "{}: {s:?}", t.key);
        assert!(!s.said.lines().any(|l| l == REFUSED), "{}: {s:?}", t.key);
        assert!(
            s.log.contains("ROOT LOGIN REFUSED FROM 127.0.0.1"),
            "{}: {s:?}",
            t.key
        );
    }
    let page = sshwhy_causes::by_id("root-login-off").unwrap().page;
    assert!(page.contains(SIGNATURE));
    report(&tries, 1);
}

/// Counts what ran.
fn report(tries: &[Try], worlds: usize) {
    let missing = PLINKS.len()
        - PLINKS
            .iter()
            .filter(|(_, v)| tries.iter().any(|t| t.plink.ends_with(v)))
            .count();
    let _ = writeln!(
        std::io::stderr(),
        "plink: {} logins, {missing} of {} generations skipped",
        tries.len() * worlds,
        PLINKS.len()
    );
}
