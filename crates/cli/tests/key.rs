//! `sshwhy key`: files made here, read by ssh-keygen and puttygen, and theirs read here.
#![allow(missing_docs)]

#[path = "../../report/tests/report/validator.rs"]
mod validator;

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/damaged/whole");

struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Dir {
        let dir = Dir(tempfile::tempdir().unwrap());
        dir.file("pass", b"a pass phrase\nsecond line\n");
        dir.file("other", b"another\r\n");
        dir.file("none", b"");
        dir
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str, data: &[u8]) {
        let path = self.path().join(name);
        fs::write(&path, data).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A whole file of the corpus.
    fn whole(&self, name: &str) {
        self.file(name, &fs::read(Path::new(VECTORS).join(name)).unwrap());
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program)
            .args(args)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn key(&self, args: &[&str]) -> Output {
        let mut all = vec!["key"];
        all.extend(args);
        self.run(env!("CARGO_BIN_EXE_sshwhy"), &all)
    }

    /// Runs it, wants success, gives standard output.
    fn ok(&self, args: &[&str]) -> String {
        let out = self.key(args);
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{args:?}\n{text}{said}");
        text
    }

    fn json(&self, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        let out = self.key(&all);
        let value: Value = serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
        let problems = validator::problems(&schema(), &value);
        assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
        assert_eq!(value["results"], serde_json::json!([]));
        value["key_files"][0].clone()
    }

    fn mode(&self, name: &str) -> u32 {
        let meta = fs::metadata(self.path().join(name)).unwrap();
        meta.permissions().mode() & 0o7777
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The public line as ssh-keygen computes it from a private file.
    fn ssh_public(&self, name: &str, passphrase: &str) -> String {
        let out = self.run("ssh-keygen", &["-y", "-P", passphrase, "-f", name]);
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8(out.stdout).unwrap()
    }
}

fn schema() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/schema/sshwhy-1.schema.json"
    );
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Whether a program is there; a test without it says so.
fn there(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .status()
        .is_ok();
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

fn blob(line: &str) -> &str {
    line.split(' ').nth(1).unwrap().trim()
}

#[test]
fn new_keys_are_keys_to_ssh_keygen_and_their_files_are_closed() {
    if !there("ssh-keygen") {
        return;
    }
    let d = Dir::new();
    for (kind, bits, to) in [
        ("ed25519", None, "openssh"),
        ("ecdsa", Some("256"), "pem"),
        ("ecdsa", Some("384"), "openssh"),
        ("ecdsa", Some("521"), "pkcs8"),
        ("rsa", Some("2048"), "pem"),
    ] {
        let name = format!("{kind}{}{to}", bits.unwrap_or_default());
        let mut args = vec!["generate", "--type", kind, "--to", to, "--output", &name];
        args.extend(["--comment", "a comment", "--new-passphrase-file", "pass"]);
        args.extend(["--rounds", "2"]);
        if let Some(bits) = bits {
            args.extend(["--bits", bits]);
        }
        d.ok(&args);
        assert_eq!(d.mode(&name), 0o600);
        assert_eq!(d.mode(&format!("{name}.pub")), 0o644);
        let public = d.read(&format!("{name}.pub"));
        assert!(public.ends_with(" a comment\n"), "{public}");
        assert_eq!(blob(&d.ssh_public(&name, "a pass phrase")), blob(&public));
        let shown = d.json(&["show", &name, "--passphrase-file", "pass"]);
        assert_eq!(shown["state"], "whole");
        assert_eq!(shown["private"]["state"], "open");
        assert_eq!(shown["beside"][0]["same_key"], true);
    }
}

#[test]
fn one_key_through_every_format_and_back_stays_the_same() {
    if !there("ssh-keygen") || !there("puttygen") {
        return;
    }
    let d = Dir::new();
    d.whole("rsa.pem");
    let public = d.ssh_public("rsa.pem", "");
    let mut from = "rsa.pem".to_owned();
    let mut secret = "none";
    for to in ["ppk", "openssh", "ppk2", "pkcs8", "pem", "openssh", "ppk"] {
        let next = if secret == "none" { "pass" } else { "none" };
        let name = format!("{from}.{to}");
        d.ok(&[
            "convert",
            &from,
            "--to",
            to,
            "--output",
            &name,
            "--passphrase-file",
            secret,
            "--new-passphrase-file",
            next,
            "--rounds",
            "2",
            "--comment",
            "a comment",
        ]);
        assert_eq!(d.mode(&name), 0o600);
        if to.starts_with("ppk") {
            let out = d.run("puttygen", &[&name, "-L", "-o", "line"]);
            assert!(
                out.status.success(),
                "{}",
                String::from_utf8_lossy(&out.stderr)
            );
            assert_eq!(blob(&d.read("line")), blob(&public));
            fs::write(d.path().join("word"), "a pass phrase\n").unwrap();
            let out = d.run(
                "puttygen",
                &[
                    &name,
                    "-O",
                    "private-openssh",
                    "-o",
                    "by-putty",
                    "--old-passphrase",
                    "word",
                    "--new-passphrase",
                    "none",
                ],
            );
            assert!(
                out.status.success(),
                "{}",
                String::from_utf8_lossy(&out.stderr)
            );
            fs::set_permissions(d.path().join("by-putty"), fs::Permissions::from_mode(0o600))
                .unwrap();
            assert_eq!(blob(&d.ssh_public("by-putty", "")), blob(&public));
        } else {
            let word = if next == "pass" { "a pass phrase" } else { "" };
            assert_eq!(blob(&d.ssh_public(&name, word)), blob(&public));
        }
        (from, secret) = (name, next);
    }
}

#[test]
fn an_existing_file_is_replaced_with_force_alone_and_kept() {
    let d = Dir::new();
    d.whole("ed");
    let old = d.read("ed");
    let change = [
        "passphrase",
        "ed",
        "--new-passphrase-file",
        "pass",
        "--rounds",
        "1",
    ];
    let out = d.key(&change);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("--force"));
    assert_eq!(d.read("ed"), old);
    let done = d.json(&[&change[..], &["--force"]].concat());
    assert_eq!(done["written"][0]["backup"], "ed.bak");
    assert_eq!(d.read("ed.bak"), old);
    assert_ne!(d.read("ed"), old);
    assert_eq!(d.mode("ed"), 0o600);
    let shown = d.json(&["show", "ed", "--passphrase-file", "pass"]);
    assert_eq!(shown["private"]["protection"]["kdf"], "bcrypt, 1 rounds");
    assert_eq!(shown["private"]["state"], "open");
    let wrong = d.json(&["show", "ed", "--passphrase-file", "other"]);
    assert_eq!(wrong["causes"][0]["id"], "client-passphrase-wrong");
}

#[test]
fn a_passphrase_comes_from_the_first_line_of_a_file_or_descriptor() {
    let d = Dir::new();
    d.whole("ed-enc");
    let shell = |script: &str| {
        Command::new("sh")
            .arg("-c")
            .arg(script)
            .env("SSHWHY", env!("CARGO_BIN_EXE_sshwhy"))
            .current_dir(d.path())
            .output()
            .unwrap()
    };
    for script in [
        "printf 'correct horse\\r\\nmore' | \"$SSHWHY\" key show ed-enc --passphrase-file -",
        "printf 'correct horse' >w; exec 3<w; \"$SSHWHY\" key show ed-enc --passphrase-file /dev/fd/3",
        "printf 'correct horse\\nnew one\\n' | \"$SSHWHY\" key convert ed-enc --to openssh --output n \
         --rounds 1 --passphrase-file - --new-passphrase-file -",
    ] {
        let out = shell(script);
        assert_eq!(out.status.code(), Some(0), "{script}: {out:?}");
    }
    d.file("new", b"new one");
    assert_eq!(
        d.json(&["show", "n", "--passphrase-file", "new"])["private"]["state"],
        "open"
    );
    // Without a terminal there is nobody to ask.
    let out = shell("setsid \"$SSHWHY\" key convert ed-enc --to ppk --output x </dev/null");
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("--passphrase-file"));
    assert!(!d.path().join("x").exists());
}

#[test]
fn the_terminal_is_asked_without_echo_and_set_right_again() {
    if !there("python3") {
        return;
    }
    let d = Dir::new();
    d.whole("ed-enc");
    // A terminal of its own; what it shows is compared, and its modes before and after.
    let script = r#"
import os, pty, sys, termios, time, select
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], 'key', 'convert', 'ed-enc', '--to', 'openssh', '--rounds', '1', '--output', 'out'])
seen = b''
def until(text):
    global seen
    end = time.time() + 20
    while text not in seen and time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            seen += os.read(fd, 4096)
    assert text in seen, seen
until(b'Passphrase for ed-enc')
quiet = termios.tcgetattr(fd)[3]
assert not quiet & termios.ECHO
os.write(fd, b'wrong\r')
until(b'Passphrase for ed-enc: \r\nThat passphrase does not open it. Passphrase for ed-enc')
os.write(fd, b'xx\x15correct horsX\x7fe\r')
until(b'New passphrase')
os.write(fd, b'new one\r')
until(b'The same again')
os.write(fd, b'new two\r')
until(b'not alike')
os.write(fd, b'new one\r')
time.sleep(0.3)
os.write(fd, b'new one\r')
until(b'mode 0600')
assert termios.tcgetattr(fd)[3] & termios.ECHO
_, status = os.waitpid(pid, 0)
for word in (b'horse', b'new one', b'new two', b'wrong'):
    assert word not in seen, seen
sys.exit(os.waitstatus_to_exitcode(status))
"#;
    let out = d.run("python3", &["-c", script, env!("CARGO_BIN_EXE_sshwhy")]);
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    d.file("new", b"new one");
    assert_eq!(
        d.json(&["show", "out", "--passphrase-file", "new"])["private"]["state"],
        "open"
    );
}

#[test]
fn a_broken_off_question_and_a_signal_leave_the_terminal_as_it_was() {
    if !there("python3") {
        return;
    }
    let d = Dir::new();
    let script = r#"
import os, pty, sys, termios, time, select, signal
for how in ('^C', 'TERM'):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], 'key', 'generate', '--output', 'k'])
    seen = b''
    while b'New passphrase' not in seen:
        seen += os.read(fd, 4096)
    if how == '^C':
        os.write(fd, b'\x03')
    else:
        os.kill(pid, signal.SIGTERM)
    end = time.time() + 10
    while not termios.tcgetattr(fd)[3] & termios.ECHO and time.time() < end:
        time.sleep(0.05)
    assert termios.tcgetattr(fd)[3] & termios.ECHO, how
    try:
        while select.select([fd], [], [], 1)[0] and os.read(fd, 4096):
            pass
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    if how == '^C':
        assert os.waitstatus_to_exitcode(status) == 2, status
    else:
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM, status
    assert not os.path.exists('k')
"#;
    let out = d.run("python3", &["-c", script, env!("CARGO_BIN_EXE_sshwhy")]);
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

#[test]
fn a_process_that_holds_secrets_leaves_no_core_and_shows_its_memory_to_nobody() {
    let d = Dir::new();
    d.whole("ed-enc");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sshwhy"))
        .args(["key", "show", "ed-enc", "--passphrase-file", "-"])
        .current_dir(d.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let mut core = String::new();
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let text = fs::read_to_string(&limits).unwrap_or_default();
        core = text
            .lines()
            .find(|l| l.starts_with("Max core file size"))
            .unwrap_or_default()
            .to_owned();
        if core.split_whitespace().rev().nth(1) == Some("0") {
            break;
        }
    }
    assert_eq!(core.split_whitespace().rev().nth(1), Some("0"), "{core}");
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(!arguments.windows(7).any(|w| w == b"correct"));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"correct horse\n")
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_command_for_the_server_adds_the_line_once_and_ends_an_open_one() {
    let d = Dir::new();
    d.file("k.pub", b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fp it's \"me\" $HOME\n");
    let line = d.ok(&["line", "k.pub"]);
    assert_eq!(line, d.read("k.pub"));
    let command = d.ok(&["line", "k.pub", "--command"]);
    assert_eq!(command.lines().count(), 1);
    let home = d.path().join("home");
    for round in 0..3 {
        if round == 1 {
            // Another key whose line was left open.
            let file = home.join(".ssh/authorized_keys");
            let mut text = fs::read(&file).unwrap();
            text.extend_from_slice(b"ssh-rsa AAAA open");
            fs::write(&file, text).unwrap();
        }
        fs::create_dir_all(&home).unwrap();
        let out = Command::new("sh")
            .arg("-c")
            .arg(&command)
            .env("HOME", &home)
            .output()
            .unwrap();
        assert!(out.status.success(), "{out:?}");
    }
    let text = fs::read_to_string(home.join(".ssh/authorized_keys")).unwrap();
    assert_eq!(text, format!("{line}ssh-rsa AAAA open\n"));
    let mode = |p: &str| fs::metadata(home.join(p)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(".ssh"), mode(".ssh/authorized_keys")), (0o700, 0o600));
    let document = d.json(&["line", "k.pub"]);
    assert_eq!(document["server_command"], command.trim());
}

#[test]
fn a_stale_pub_beside_the_key_is_named_and_ssh_would_offer_it() {
    let d = Dir::new();
    d.whole("ed");
    d.whole("other.pub");
    fs::rename(d.path().join("other.pub"), d.path().join("ed.pub")).unwrap();
    let out = d.key(&["show", "ed"]);
    assert_eq!(out.status.code(), Some(1));
    let shown = d.json(&["show", "ed"]);
    assert_eq!(shown["causes"][0]["id"], "client-stale-pub");
    assert_eq!(shown["causes"][0]["evidence"][0]["path"], "ed.pub");
    // The command that is given mends it.
    let command = shown["causes"][0]["fixes"][0]["commands"][0]
        .as_str()
        .unwrap();
    let args: Vec<&str> = command.split(' ').skip(2).collect();
    d.ok(&args);
    assert_eq!(d.json(&["show", "ed"])["state"], "whole");
}

#[test]
fn a_comment_with_a_control_character_makes_no_key() {
    let d = Dir::new();
    for comment in ["a\u{1b}[31mb", "a\nssh-rsa AAAA", "\u{7f}"] {
        let base = ["generate", "--output", "g", "--new-passphrase-file", "none"];
        let out = d.key(&[&base[..], &["--comment", comment]].concat());
        assert_eq!(out.status.code(), Some(2), "{comment:?}");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(said.contains("--comment has a control character"), "{said}");
        assert!(!d.path().join("g").exists() && !d.path().join("g.pub").exists());
        d.whole("ed");
        let base = ["convert", "ed", "--to", "ppk", "--output", "g"];
        let more = ["--new-passphrase-file", "none", "--comment", comment];
        let out = d.key(&[&base[..], &more].concat());
        assert_eq!(out.status.code(), Some(2), "{comment:?}");
        assert!(!d.path().join("g").exists());
    }
}

#[test]
fn a_ppk_that_asks_for_endless_passes_is_said_to_and_not_opened() {
    let d = Dir::new();
    let whole = fs::read(Path::new(VECTORS).join("ed-enc.ppk")).unwrap();
    let whole = String::from_utf8(whole).unwrap();
    let at = whole.find("Argon2-Passes: ").unwrap() + 15;
    let end = at + whole[at..].find(['\r', '\n']).unwrap();
    let endless = format!("{}4294967295{}", &whole[..at], &whole[end..]);
    d.file("endless.ppk", endless.as_bytes());
    let shown = d.ok(&["show", "endless.ppk"]);
    assert!(
        shown.contains("nobody could wait for so many passes"),
        "{shown}"
    );
    let out = d.key(&["show", "endless.ppk", "--passphrase-file", "pass"]);
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(said.contains("[key-file-unsupported]"), "{said}");
    assert!(said.contains("Argon2 passes that take longer"), "{said}");
}

#[test]
fn open_rights_matter_to_ssh_and_not_to_putty() {
    let d = Dir::new();
    for (file, noted) in [("ed", true), ("ed.ppk", false)] {
        d.whole(file);
        fs::set_permissions(d.path().join(file), fs::Permissions::from_mode(0o644)).unwrap();
        let shown = d.json(&["show", file]);
        let notes = shown["notes"].as_array().unwrap();
        assert_eq!(
            notes.iter().any(|n| n["id"] == "client-key-perms"),
            noted,
            "{file}"
        );
        assert_eq!(shown["state"], "whole");
        assert_eq!(shown["permissions"]["mode"], "0644");
    }
}

#[test]
fn a_list_of_keys_is_that_of_ssh_keygen_and_names_the_lines_it_skips() {
    if !there("ssh-keygen") {
        return;
    }
    let d = Dir::new();
    let mut text = Vec::new();
    for name in ["ed.pub", "rsa.pem.pub", "other.pub"] {
        text.extend(fs::read(Path::new(VECTORS).join(name)).unwrap());
        text.extend_from_slice(b"# a comment\n\n");
    }
    // Long enough to be read in pieces, with one broken line far down.
    let mut long = text.repeat(3000);
    long.extend_from_slice(
        b"sh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fp x\n",
    );
    long.extend(&text);
    for (name, data) in [("short", &text), ("long", &long)] {
        d.file(name, data);
        let out = d.key(&["show", name]);
        let theirs = d.run("ssh-keygen", &["-l", "-f", name]);
        let text = String::from_utf8(out.stdout).unwrap();
        let ours: Vec<&str> = text
            .lines()
            .filter_map(|l| {
                l.trim_start()
                    .split_once("  ")
                    .map(|(_, row)| row.trim_start())
            })
            .filter(|l| l.contains(" SHA256:"))
            .collect();
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        assert_eq!(ours, theirs.lines().collect::<Vec<_>>(), "{name}");
        assert_eq!(out.status.code(), Some(i32::from(name == "long")));
    }
    let shown = d.json(&["show", "long"]);
    assert_eq!(shown["keys"].as_array().unwrap().len(), 9003);
    assert_eq!(shown["causes"][0]["id"], "key-type-damaged");
    assert_eq!(shown["causes"][0]["evidence"][0]["line"], 27_001);
    assert_eq!(shown["keys"][9002]["line"], 27_008);
}

#[test]
fn a_certificate_is_told_in_words() {
    let lab = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/lab");
    let d = Dir::new();
    for name in [
        "ed25519",
        "ed25519.pub",
        "alice-cert.pub",
        "expired-cert.pub",
    ] {
        d.file(name, &fs::read(Path::new(lab).join(name)).unwrap());
    }
    let shown = d.json(&["show", "alice-cert.pub"]);
    assert_eq!(shown["certificate"]["type"], "user");
    assert_eq!(shown["certificate"]["signature"], "good");
    assert_eq!(shown["certificate"]["principals"][0], "alice");
    assert_eq!(shown["state"], "whole");
    let shown = d.json(&["show", "expired-cert.pub"]);
    assert!(
        shown["notes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|n| n["id"] == "cert-expired")
    );
    assert_eq!(d.key(&["line", "alice-cert.pub"]).status.code(), Some(1));
}

#[test]
fn what_a_format_cannot_hold_is_an_answer_and_nothing_is_written() {
    let d = Dir::new();
    d.whole("ed");
    d.whole("ed.ppk");
    let all = d.json(&[
        "convert",
        "ed",
        "--to",
        "pem",
        "--output",
        "x",
        "--new-passphrase-file",
        "none",
    ]);
    assert_eq!(all["done"], false);
    assert_eq!(all["causes"][0]["id"], "key-format-without-type");
    // A damaged PPK's public half is offered to nobody.
    let broken = d.read("ed.ppk").replace("alice@example", "bob@example");
    d.file("broken.ppk", broken.as_bytes());
    for to in ["line", "openssh", "rfc4716"] {
        let out = d.key(&[
            "convert",
            "broken.ppk",
            "--to",
            to,
            "--output",
            "x",
            "--new-passphrase-file",
            "none",
        ]);
        assert_eq!(out.status.code(), Some(1), "{to}");
    }
    assert_eq!(d.key(&["line", "broken.ppk"]).status.code(), Some(1));
    assert!(!d.path().join("x").exists());
    let out = d.key(&[
        "convert",
        "ed",
        "--to",
        "ppk",
        "--output",
        "/dev/stdout",
        "--force",
    ]);
    assert_eq!(out.status.code(), Some(2));
}
