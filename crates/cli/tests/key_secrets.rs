//! What `sshwhy key` tells the system, call by call: no secret is in it but in the file asked for.
//!
//! strace writes every string of every system call. A secret may come in by `read`, its kin and
//! `getrandom`; it may go out by `write` alone, and only a private key without a passphrase, to its
//! own file.
#![allow(missing_docs)]

use sshwhy_keyfile::{Secret, read};
use sshwhy_keys::base64;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FIRST: &str = "Zq7-first-marker-pass-phrase";
const SECOND: &str = "Wn3~zweite~Losung~4711~im~Test";

/// One system call: its name, the path of its first descriptor, its strings.
struct Call {
    line: String,
    name: String,
    fd: Vec<u8>,
    strings: Vec<Vec<u8>>,
}

impl Call {
    fn takes_in(&self) -> bool {
        ["read", "readv", "pread64", "preadv", "preadv2", "getrandom"].contains(&self.name.as_str())
    }

    fn is_write(&self) -> bool {
        ["write", "writev", "pwrite64", "pwritev", "pwritev2"].contains(&self.name.as_str())
    }
}

/// `\x41\x42` (strace -xx) as bytes.
fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .filter_map(|two| u8::from_str_radix(two.get(..2)?, 16).ok())
        .collect()
}

fn calls(trace: &str) -> Vec<Call> {
    let mut out = Vec::new();
    for line in trace.lines() {
        // PID name(FD<path>, "string", …) = result
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let Some((name, rest)) = call.split_once('(') else {
            continue;
        };
        let path = rest
            .split_once('<')
            .filter(|(fd, _)| fd.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|(_, after)| Some(after.split_once('>')?.0))
            .unwrap_or_default();
        let fd = if path.contains("\\x") {
            unhex(path)
        } else {
            path.as_bytes().to_vec()
        };
        out.push(Call {
            line: line.chars().take(160).collect(),
            name: name.to_owned(),
            fd,
            strings: rest.split('"').skip(1).step_by(2).map(unhex).collect(),
        });
    }
    out
}

/// Whether strace works here; says loudly that the test is skipped where it does not.
fn can_trace() -> bool {
    let works = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output()
        .is_ok_and(|o| o.status.success());
    if !works {
        assert!(
            std::env::var_os("CI").is_none(),
            "strace is wanted on CI, and is not installed or may not trace"
        );
        eprintln!("SKIPPED: strace is not installed, or may not trace");
    }
    works
}

struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Dir {
        let dir = Dir(tempfile::tempdir().unwrap());
        for (name, text) in [("first", FIRST), ("second", SECOND), ("none", "")] {
            fs::write(dir.at(name), format!("{text}\n")).unwrap();
            fs::set_permissions(dir.at(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        dir
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// All system calls of a program and its children, and its exit code. `input` is its standard
    /// input.
    fn trace(&self, program: &str, args: &[&str], input: Option<&str>) -> (Vec<Call>, Option<i32>) {
        let log = tempfile::NamedTempFile::new().unwrap();
        let stdin = match input {
            Some(name) => Stdio::from(fs::File::open(self.at(name)).unwrap()),
            None => Stdio::null(),
        };
        let out = Command::new("strace")
            .args(["-f", "-y", "-xx", "-v", "-s", "10000000", "-o"])
            .arg(log.path())
            .arg(program)
            .args(args)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("TMPDIR", self.0.path())
            .stdin(stdin)
            .output()
            .unwrap();
        let calls = calls(&fs::read_to_string(log.path()).unwrap());
        assert!(calls.len() > 20, "no trace of {program} {args:?}");
        (calls, out.status.code())
    }

    fn key(&self, args: &[&str], input: Option<&str>) -> (Vec<Call>, Option<i32>) {
        let mut all = vec!["key"];
        all.extend(args);
        self.trace(env!("CARGO_BIN_EXE_sshwhy"), &all, input)
    }

    /// Traces a command that must succeed. `plain`: the file that may hold the private key as it
    /// is. Secrets are those of the key in `made`, opened with `passphrase`.
    fn keeps(&self, args: &[&str], input: Option<&str>, made: &str, passphrase: &str, plain: bool) {
        let (calls, code) = self.key(args, input);
        assert_eq!(code, Some(0), "{args:?}");
        let secrets = secrets(&self.at(made), passphrase);
        nothing_leaves(&calls, &needles(&[FIRST, SECOND], &[]), None, args);
        let output = plain.then(|| self.at(made));
        nothing_leaves(&calls, &needles(&[], &secrets), output.as_deref(), args);
        held_before_read(&calls, args);
    }

    /// Files of the folder that hold one of these.
    fn holding(&self, needles: &[Vec<u8>]) -> Vec<String> {
        let mut found: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap())
            .filter(|e| {
                let data = fs::read(e.path()).unwrap();
                needles.iter().any(|n| has(&data, n))
            })
            .map(|e| e.file_name().into_string().unwrap())
            .collect();
        found.sort();
        found
    }
}

fn has(data: &[u8], needle: &[u8]) -> bool {
    data.windows(needle.len()).any(|w| w == needle)
}

/// The private numbers of a key file.
fn secrets(file: &Path, passphrase: &str) -> Vec<Vec<u8>> {
    let file = read(&fs::read(file).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let key = file
        .unlock(Some(passphrase.as_bytes()))
        .unwrap_or_else(|e| panic!("{e}"));
    match key.secret() {
        Secret::Ed25519 { seed } => vec![seed.to_vec()],
        Secret::Ecdsa { scalar, .. } => vec![scalar.to_vec()],
        Secret::Rsa { d, p, q, iqmp } => [d, p, q, iqmp].map(|n| n.to_vec()).into(),
        _ => panic!("no key of this kind is made here"),
    }
}

/// Texts as they are and as base64; of numbers, twelve bytes anywhere in their first part, which a
/// line of base64 holds whole in one of its alignments.
fn needles(texts: &[&str], numbers: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = texts.iter().map(|t| t.as_bytes().to_vec()).collect();
    let parts = texts
        .iter()
        .map(|t| t.as_bytes())
        .chain(numbers.iter().map(Vec::as_slice));
    for bytes in parts {
        for part in bytes.windows(12).take(16) {
            out.push(part.to_vec());
            out.push(base64::encode(part).into_bytes());
        }
    }
    out
}

/// The leaks of a trace: a secret in any string that does not come in, or spread over the writes to
/// one descriptor. `output`: where the private key may be written, its temporary file beside it too.
fn leaks(calls: &[Call], needles: &[Vec<u8>], output: Option<&Path>) -> Vec<String> {
    let folder = output.and_then(Path::parent);
    let allowed = |c: &Call| {
        let path = Path::new(std::str::from_utf8(&c.fd).unwrap_or_default());
        let public = path.extension().is_some_and(|e| e == "pub");
        c.is_write() && folder.is_some() && path.parent() == folder && !public
    };
    let mut found = Vec::new();
    let mut written: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for call in calls.iter().filter(|c| !c.takes_in() && !allowed(c)) {
        let spread = call.strings.concat();
        if needles.iter().any(|n| has(&spread, n)) {
            found.push(call.line.clone());
        }
        if call.is_write() {
            match written.iter_mut().find(|(fd, _)| *fd == call.fd) {
                Some((_, all)) => all.extend_from_slice(&spread),
                None => written.push((&call.fd, spread)),
            }
        }
    }
    for (fd, all) in written {
        if needles.iter().any(|n| has(&all, n)) {
            found.push(format!("writes to {}", fd.escape_ascii()));
        }
    }
    found
}

fn nothing_leaves(calls: &[Call], needles: &[Vec<u8>], output: Option<&Path>, args: &[&str]) {
    let found = leaks(calls, needles, output);
    assert!(found.is_empty(), "{args:?}\n{}", found.join("\n"));
}

/// Core dumps are off, and the memory closed to others and to swap, before a passphrase is read.
fn held_before_read(calls: &[Call], args: &[&str]) {
    let at = |what: &dyn Fn(&Call) -> bool| calls.iter().position(what);
    let first = at(&|c| c.takes_in() && (c.fd.ends_with(b"first") || c.fd.ends_with(b"second")));
    let Some(first) = first else { return };
    let dumpable = at(&|c| c.name == "prctl" && c.line.contains("PR_SET_DUMPABLE"));
    let core = at(&|c| c.name == "prlimit64" && c.line.contains("RLIMIT_CORE"));
    let lock = at(&|c| c.name == "mlockall");
    for (what, when) in [
        ("prctl", dumpable),
        ("RLIMIT_CORE", core),
        ("mlockall", lock),
    ] {
        assert!(
            when.is_some_and(|n| n < first),
            "{what} comes late: {args:?}"
        );
    }
}

#[test]
fn the_trace_shows_a_secret_in_arguments_and_in_files() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    let needles = needles(&[FIRST], &[]);
    let script = "IFS= read -r p < first; printf %s \"$p\" > copy";
    let (calls, _) = dir.trace("sh", &["-c", script], None);
    assert!(!leaks(&calls, &needles, None).is_empty());
    assert_eq!(dir.holding(&needles), ["copy", "first"]);
    // Byte by byte, no single call holds it.
    let (calls, _) = dir.trace("dd", &["if=first", "of=copy2", "bs=1"], None);
    assert!(!leaks(&calls, &needles, None).is_empty());
    let (calls, _) = dir.trace(
        "ssh-keygen",
        &["-q", "-t", "ed25519", "-N", FIRST, "-f", "theirs"],
        None,
    );
    let found = leaks(&calls, &needles, None);
    assert!(found.iter().any(|l| l.contains("execve")), "{found:?}");
    // A private key as it is, in another place than its own.
    dir.key(
        &["generate", "--output", "k", "--new-passphrase-file", "none"],
        None,
    );
    let secrets = secrets(&dir.at("k"), "");
    let (calls, _) = dir.trace("cp", &["--reflink=never", "k", "copy3"], None);
    let (calls2, _) = dir.trace("dd", &["if=k", "of=copy4"], None);
    let all = [calls, calls2].into_iter().flatten().collect::<Vec<_>>();
    assert!(!leaks(&all, &self::needles(&[], &secrets), None).is_empty());
}

#[test]
fn generate_tells_the_system_no_secret() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    for (kind, to) in [
        ("ed25519", "openssh"),
        ("ed25519", "ppk"),
        ("ecdsa", "pkcs8"),
        ("rsa", "pem"),
    ] {
        let locked = format!("{kind}-{to}");
        let args = ["generate", "--type", kind, "--to", to, "--output", &locked];
        let with = |more: &[&'static str]| [args.as_slice(), more].concat();
        dir.keeps(
            &with(&["--new-passphrase-file", "first"]),
            None,
            &locked,
            FIRST,
            false,
        );
        let open = format!("{kind}-{to}-open");
        let args = ["generate", "--type", kind, "--to", to, "--output", &open];
        let with = |more: &[&'static str]| [args.as_slice(), more].concat();
        dir.keeps(
            &with(&["--new-passphrase-file", "none"]),
            None,
            &open,
            "",
            true,
        );
        let numbers = secrets(&dir.at(&locked), FIRST);
        assert_eq!(dir.holding(&needles(&[], &numbers)), [""; 0]);
        let numbers = secrets(&dir.at(&open), "");
        assert_eq!(dir.holding(&needles(&[], &numbers)), [open.as_str()]);
    }
    assert_eq!(
        dir.holding(&needles(&[FIRST, SECOND], &[])),
        ["first", "second"]
    );
}

#[test]
fn convert_and_passphrase_tell_the_system_no_secret() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    let (_, code) = dir.key(
        &[
            "generate",
            "--output",
            "k",
            "--new-passphrase-file",
            "first",
        ],
        None,
    );
    assert_eq!(code, Some(0));
    let plain = secrets(&dir.at("k"), FIRST);
    // Passphrases from a file, from standard input, from a descriptor.
    for (n, source, input) in [
        (0, "first", None),
        (1, "-", Some("first")),
        (2, "/dev/fd/0", Some("first")),
    ] {
        let from = [
            "--passphrase-file",
            source,
            "--new-passphrase-file",
            "second",
        ];
        let out = format!("c{n}.ppk");
        let args = ["convert", "k", "--to", "ppk", "--output", &out];
        dir.keeps(
            &[args.as_slice(), &from].concat(),
            input,
            &out,
            SECOND,
            false,
        );
        let out = format!("p{n}");
        let args = ["passphrase", "k", "--output", &out];
        dir.keeps(
            &[args.as_slice(), &from].concat(),
            input,
            &out,
            SECOND,
            false,
        );
    }
    let open = [
        "--passphrase-file",
        "first",
        "--new-passphrase-file",
        "none",
    ];
    let args = ["convert", "k", "--to", "pkcs8", "--output", "open"];
    dir.keeps(&[args.as_slice(), &open].concat(), None, "open", "", true);
    // With everything said that can be, and where the answer is no.
    for more in [["--format", "json"].as_slice(), &["-v"]] {
        for (file, want) in [("first", 0), ("second", 1)] {
            let args = [["show", "k", "--passphrase-file", file].as_slice(), more].concat();
            let (calls, code) = dir.key(&args, None);
            assert_eq!(code, Some(want), "{args:?}");
            nothing_leaves(&calls, &needles(&[FIRST, SECOND], &plain), None, &args);
            held_before_read(&calls, &args);
        }
    }
    // The file itself replaced: its backup is the old, encrypted one.
    let args = ["passphrase", "k", "--force", "--passphrase-file", "first"];
    let new = ["--new-passphrase-file", "second"];
    dir.keeps(&[args.as_slice(), &new].concat(), None, "k", SECOND, false);
    assert_eq!(dir.holding(&needles(&[], &plain)), ["open"]);
    assert_eq!(
        dir.holding(&needles(&[FIRST, SECOND], &[])),
        ["first", "second"]
    );
}
