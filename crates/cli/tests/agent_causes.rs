//! `sshwhy agent` at agents of others: real ssh-agent, gpg-agent and Pageant where they are, and
//! agents that lie.
#![allow(missing_docs)]

use rand_core::UnwrapErr;
use sshwhy_agent::protocol::{Request, Response};
use sshwhy_keyfile::{PrivateKey, sign};
use sshwhy_keys::SigAlg;
use sshwhy_keys::wire::{Reader, put_string};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const SSHWHY: &str = env!("CARGO_BIN_EXE_sshwhy");

fn run_env(program: &str, sock: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    Command::new(program)
        .args(args)
        .env("SSH_AUTH_SOCK", sock)
        .env_remove("XDG_RUNTIME_DIR")
        .env_remove("SSH_AGENT_PID")
        .env_remove("SSH_CONNECTION")
        .env_remove("DISPLAY")
        .env("HOME", "/nonexistent")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn run(sock: &Path, args: &[&str]) -> Output {
    run_env(SSHWHY, sock, args, &[])
}

fn text(out: &Output) -> String {
    let mut all = String::from_utf8_lossy(&out.stdout).into_owned();
    all.push_str(&String::from_utf8_lossy(&out.stderr));
    all
}

/// The ids of the causes, of `agent … --format json`.
fn ids(sock: &Path, args: &[&str]) -> Vec<String> {
    let out = run(sock, &[args, &["--format", "json"]].concat());
    let doc: serde_json::Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {out:?}"));
    let causes = doc["causes"].as_array().unwrap();
    causes
        .iter()
        .map(|c| c["id"].as_str().unwrap().to_owned())
        .collect()
}

fn wait_for(mut what: impl FnMut() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn key(dir: &Path, kind: &str, name: &str) -> String {
    let path = dir.join(name);
    let bits = if kind == "rsa" { "2048" } else { "256" };
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-b", bits, "-C", name, "-N", "", "-f"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    path.to_str().unwrap().to_owned()
}

/// ssh-agent as `eval "$(ssh-agent)"` starts it: the process that made the socket has ended.
struct Theirs {
    dir: tempfile::TempDir,
    sock: PathBuf,
    pid: String,
}

impl Theirs {
    fn start() -> Theirs {
        let dir = tempfile::tempdir().unwrap();
        let sock = dir.path().join("theirs");
        let out = Command::new("ssh-agent")
            .arg("-a")
            .arg(&sock)
            .output()
            .unwrap();
        let said = text(&out);
        let pid = said.split("SSH_AGENT_PID=").nth(1).unwrap();
        let pid = pid.split(';').next().unwrap().to_owned();
        Theirs { dir, sock, pid }
    }

    fn runs(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        status.is_ok_and(|s| !s.contains("State:\tZ"))
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        if self.runs() {
            let _ = Command::new("kill").arg(&self.pid).status();
        }
    }
}

#[test]
fn a_real_ssh_agent_is_ended_though_its_first_process_is_gone() {
    let theirs = Theirs::start();
    assert!(theirs.runs());
    let out = run_env(
        SSHWHY,
        &theirs.sock,
        &["agent", "stop", "--shell", "sh"],
        &[("SSH_AGENT_PID", &theirs.pid)],
    );
    assert!(out.status.success(), "{out:?}");
    assert!(text(&out).contains(&format!("Agent pid {} killed", theirs.pid)));
    wait_for(|| !theirs.runs());
}

#[test]
fn our_agent_is_ended_whatever_its_binary_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("helper");
    std::fs::copy(SSHWHY, &other).unwrap();
    let sock = dir.path().join("a/sock");
    let started = Command::new(&other)
        .args(["agent", "start", "--socket"])
        .arg(&sock)
        .output()
        .unwrap();
    assert!(started.status.success(), "{started:?}");
    // An agent of some other kind under the same roof is not taken for it.
    let out = run(&sock, &["agent", "stop"]);
    assert!(out.status.success(), "{out:?}");
    wait_for(|| !sock.exists());
}

#[test]
fn what_is_no_agent_to_end_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let sock = dir.path().join("sock");
    let listener = UnixListener::bind(&sock).unwrap();
    let answering = std::thread::spawn(move || serve(&listener, 2, |_| Response::Failure));
    let out = run(&sock, &["agent", "stop"]);
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(text(&out).contains("not ended here"), "{out:?}");
    drop(std::os::unix::net::UnixStream::connect(&sock));
    let _ = answering.join();
}

#[test]
fn a_locked_ssh_agent_is_not_called_empty_and_an_empty_one_not_locked() {
    let theirs = Theirs::start();
    let key = key(theirs.dir.path(), "ed25519", "id");
    let pass = theirs.dir.path().join("pass");
    std::fs::write(&pass, "p\n").unwrap();
    let pass = pass.to_str().unwrap();
    for args in [["agent", "list"].as_slice(), &["agent", "test"]] {
        assert_eq!(ids(&theirs.sock, args), ["key-not-in-agent"], "{args:?}");
    }
    run(&theirs.sock, &["agent", "add", &key]);
    let out = run(&theirs.sock, &["agent", "lock", "--passphrase-file", pass]);
    assert!(out.status.success(), "{out:?}");
    for args in [
        ["agent", "list"].as_slice(),
        &["agent", "list", &key],
        &["agent", "test"],
        &["agent", "test", &key],
        &["agent", "remove", &key],
        &["agent", "remove", "--all"],
    ] {
        assert_eq!(ids(&theirs.sock, args), ["agent-locked"], "{args:?}");
    }
    let added = text(&run(&theirs.sock, &["agent", "add", &key]));
    assert!(
        added.contains("it is locked: sshwhy agent unlock"),
        "{added}"
    );
    let again = text(&run(
        &theirs.sock,
        &["agent", "lock", "--passphrase-file", pass],
    ));
    assert!(again.contains("locked already"), "{again}");
    let out = run(
        &theirs.sock,
        &["agent", "unlock", "--passphrase-file", pass],
    );
    assert!(out.status.success(), "{out:?}");
    assert!(ids(&theirs.sock, &["agent", "test"]).is_empty());
}

#[test]
fn ssh_add_locks_and_unlocks_our_agent() {
    let dir = tempfile::tempdir().unwrap();
    let sock = dir.path().join("a/sock");
    let mut agent = Command::new(SSHWHY)
        .args(["agent", "start", "--foreground", "--socket"])
        .arg(&sock)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(|| sock.exists());
    let key = key(dir.path(), "ed25519", "id");
    let ask = dir.path().join("ask");
    std::fs::write(&ask, "#!/bin/sh\necho \"$ANSWER\"\n").unwrap();
    std::fs::set_permissions(&ask, std::fs::Permissions::from_mode(0o755)).unwrap();
    let ask = ask.to_str().unwrap();
    let with = |answer: &str, args: &[&str]| {
        let env = [
            ("SSH_ASKPASS", ask),
            ("SSH_ASKPASS_REQUIRE", "force"),
            ("DISPLAY", ":0"),
            ("ANSWER", answer),
        ];
        run_env("ssh-add", &sock, args, &env)
    };
    assert!(with("", &["-q", &key]).status.success());
    let locked = with("secret", &["-x"]);
    assert!(text(&locked).contains("Agent locked"), "{locked:?}");
    assert!(text(&with("", &["-l"])).contains("no identities"));
    assert_eq!(ids(&sock, &["agent", "list"]), ["agent-locked"]);
    assert!(!with("", &["-q", &key]).status.success());
    assert!(!with("", &["-D"]).status.success());
    // A wrong passphrase is asked for again and again: the answer stays the same.
    let mut wrong = Command::new("timeout");
    let wrong = wrong
        .args(["3", "ssh-add", "-X"])
        .env("SSH_AUTH_SOCK", &sock)
        .env("SSH_ASKPASS", ask)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env("DISPLAY", ":0")
        .env("ANSWER", "other")
        .output()
        .unwrap();
    assert!(!wrong.status.success(), "{wrong:?}");
    assert!(text(&with("", &["-l"])).contains("no identities"));
    let open = with("secret", &["-X"]);
    assert!(text(&open).contains("Agent unlocked"), "{open:?}");
    assert!(text(&with("", &["-l"])).contains("ED25519"));
    let _ = agent.kill();
    let _ = agent.wait();
}

#[test]
fn exec_takes_its_command_with_and_without_two_hyphens() {
    for args in [
        ["--exec", "sh", "-c", "exit 5"].as_slice(),
        &["--exec", "--", "sh", "-c", "exit 5"],
        &["--", "sh", "-c", "exit 5"],
        &["--lifetime", "60", "--exec", "--", "sh", "-c", "exit 5"],
    ] {
        let out = Command::new(SSHWHY)
            .args(["agent", "start"])
            .args(args)
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(5), "{args:?} {out:?}");
    }
    let out = Command::new(SSHWHY)
        .args(["agent", "start", "--exec"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2), "{out:?}");
}

/// Answers `count` connections, one after the other.
fn serve(listener: &UnixListener, count: usize, answer: impl Fn(Request) -> Response) {
    for stream in listener.incoming().take(count) {
        let mut stream = stream.unwrap();
        let mut size = [0u8; 4];
        while stream.read_exact(&mut size).is_ok() {
            let mut message = vec![0; usize::try_from(u32::from_be_bytes(size)).unwrap()];
            stream.read_exact(&mut message).unwrap();
            let reply = match Request::parse(&message) {
                Ok(request) => answer(request).write(),
                Err(_) => Response::Failure.write(),
            };
            let length = u32::try_from(reply.len()).unwrap().to_be_bytes();
            if stream.write_all(&[&length, &reply[..]].concat()).is_err() {
                break;
            }
        }
    }
}

/// An agent that holds an RSA key and signs with SHA-1 whatever is asked for. `disguised`: under the
/// name that was asked for.
fn sha1_agent(dir: &Path, disguised: bool) -> PathBuf {
    let sock = dir.join(format!("sha1-{disguised}"));
    let listener = UnixListener::bind(&sock).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/keyfile/openssh-rsa");
    let file = sshwhy_keyfile::read(&std::fs::read(file).unwrap()).unwrap();
    let key: PrivateKey = file.unlock(None).unwrap();
    std::thread::spawn(move || {
        serve(&listener, usize::MAX, |request| match request {
            Request::Identities => {
                Response::Identities(vec![(key.public().blob().to_vec(), b"old card".to_vec())])
            }
            Request::Sign { data, flags, .. } => {
                let mut rng = UnwrapErr(getrandom::SysRng);
                let made = sign(&key, &SigAlg::RsaSha1, &data, &mut rng).unwrap();
                if !disguised {
                    return Response::Signature(made);
                }
                let mut r = Reader::new(&made);
                let _name = r.string("name").unwrap();
                let body = r.string("signature").unwrap();
                let name = if flags == 4 {
                    "rsa-sha2-512"
                } else {
                    "rsa-sha2-256"
                };
                let mut out = Vec::new();
                put_string(&mut out, name.as_bytes());
                put_string(&mut out, body);
                Response::Signature(out)
            }
            _ => Response::Failure,
        });
    });
    sock
}

#[test]
fn an_agent_that_signs_with_sha_1_is_found_whatever_name_it_gives() {
    let dir = tempfile::tempdir().unwrap();
    for disguised in [false, true] {
        let sock = sha1_agent(dir.path(), disguised);
        assert_eq!(ids(&sock, &["agent", "test"]), ["agent-sha1-signature"]);
        let said = text(&run(&sock, &["agent", "test"]));
        assert!(said.contains("rsa-sha2-512 sha1: ssh-rsa"), "{said}");
        assert_eq!(said.contains("under the name"), disguised, "{said}");
    }
}

#[test]
fn a_key_for_other_destinations_is_named_by_list_and_test_at_both_agents() {
    let theirs = Theirs::start();
    let dir = theirs.dir.path().to_owned();
    let ours = dir.join("ours/sock");
    let mut agent: Child = Command::new(SSHWHY)
        .args(["agent", "start", "--foreground", "--socket"])
        .arg(&ours)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(|| ours.exists());
    let (bound, free) = (key(&dir, "ed25519", "bound"), key(&dir, "ed25519", "free"));
    let host = key(&dir, "ed25519", "host");
    let public = std::fs::read_to_string(format!("{host}.pub")).unwrap();
    // Of two hosts one is known by its key, the other by an authority.
    let known = format!("server {public}@cert-authority *.example {public}");
    std::fs::write(dir.join("known"), known).unwrap();
    let known = dir.join("known");
    let known = known.to_str().unwrap();
    for sock in [&ours, &theirs.sock] {
        for to in ["server", "web.example"] {
            let out = run(
                sock,
                &["agent", "add", "-h", to, "--known-hosts", known, &bound],
            );
            if text(&out).contains("ssh-agent from 8.9 on") {
                eprintln!("SKIPPED: this ssh-agent knows no destinations");
                continue;
            }
            assert!(out.status.success(), "{out:?}");
            assert!(run(sock, &["agent", "add", &free]).status.success());
            for command in ["list", "test"] {
                let found = ids(sock, &["agent", command, &bound]);
                assert_eq!(found, ["client-agent-constraint"], "{command} {sock:?}");
                assert!(
                    ids(sock, &["agent", command, &free]).is_empty(),
                    "{command}"
                );
                assert!(ids(sock, &["agent", command]).is_empty(), "{command}");
            }
            let said = text(&run(sock, &["agent", "list"]));
            let want = if sock == &ours {
                to
            } else {
                "only for certain hosts"
            };
            assert!(said.contains(want), "{said}");
            run(sock, &["agent", "remove", "--all"]);
        }
    }
    let _ = agent.kill();
    let _ = agent.wait();
}

#[test]
fn a_forwarded_agent_that_is_gone_is_named_by_list_and_test() {
    let home = tempfile::tempdir().unwrap();
    let new = home.path().join(".ssh/agent/s.abc.sshd.def");
    std::fs::create_dir_all(new.parent().unwrap()).unwrap();
    let old = Path::new("/tmp/ssh-sshwhyTest0/agent.1");
    for (sock, env) in [
        (old, vec![("SSH_CONNECTION", "10.0.0.1 5 10.0.0.2 22")]),
        (&new, vec![]),
    ] {
        for command in ["list", "test"] {
            let out = run_env(SSHWHY, sock, &["agent", command], &env);
            assert_eq!(out.status.code(), Some(1), "{out:?}");
            assert!(text(&out).contains("[agent-forwarding-gone]"), "{out:?}");
        }
    }
    // The same path without a login: an agent that never ran, or has ended.
    let out = run(old, &["agent", "test"]);
    assert!(text(&out).contains("[agent-not-running]"), "{out:?}");
    // A login that was cut leaves its socket behind.
    drop(UnixListener::bind(&new).unwrap());
    let out = run(&new, &["agent", "test"]);
    assert!(text(&out).contains("[agent-forwarding-gone]"), "{out:?}");
}

#[test]
fn advice_names_the_file_that_is_there() {
    let theirs = Theirs::start();
    let dir = theirs.dir.path();
    let path = key(dir, "ed25519", "my key");
    let said = text(&run(
        &theirs.sock,
        &["agent", "test", &format!("{path}.pub")],
    ));
    assert!(said.contains(&format!("'{path}'")), "{said}");
    assert!(!said.contains(&format!("'{path}.pub'")), "{said}");
    std::fs::remove_file(&path).unwrap();
    let said = text(&run(
        &theirs.sock,
        &["agent", "test", &format!("{path}.pub")],
    ));
    assert!(said.contains("[key-not-in-agent]"), "{said}");
    assert!(!said.contains(&format!("agent add -- '{path}'")), "{said}");
    let bad = dir.join("bad");
    std::fs::write(&bad, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n").unwrap();
    let said = text(&run(&theirs.sock, &["agent", "add", bad.to_str().unwrap()]));
    assert!(
        said.contains(&format!("sshwhy key show -- {}", bad.display())),
        "{said}"
    );
}

#[test]
fn why_gpg_agent_takes_no_key_without_a_terminal_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("g");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let sock = home.join("S.gpg-agent.ssh");
    let started = Command::new("gpg-agent")
        .args(["--daemon", "--enable-ssh-support", "--homedir"])
        .arg(&home)
        .env_remove("GPG_TTY")
        .env_remove("DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !started.is_ok_and(|s| s.success()) || !sock.exists() {
        eprintln!("SKIPPED: no gpg-agent");
        return;
    }
    let key = key(dir.path(), "ed25519", "id");
    assert_eq!(ids(&sock, &["agent", "list"]), ["key-not-in-agent"]);
    let said = text(&run(&sock, &["agent", "add", &key]));
    assert!(
        said.contains("gpg-connect-agent updatestartuptty /bye"),
        "{said}"
    );
    let _ = Command::new("gpgconf")
        .arg("--homedir")
        .arg(&home)
        .args(["--kill", "gpg-agent"])
        .status();
}

/// Pageant for Unix and its libraries: installed, or in the lab (`SSHWHY_PAGEANT` names a program).
fn pageant() -> Option<String> {
    let named = std::env::var("SSHWHY_PAGEANT").ok();
    let program = named.unwrap_or_else(|| "pageant".into());
    let works = Command::new(&program).arg("--version").output();
    if works.is_ok_and(|o| o.status.success()) {
        return Some(program);
    }
    eprintln!("SKIPPED: no pageant (package putty)");
    None
}

#[test]
fn our_client_adds_lists_tests_and_removes_at_pageant() {
    let Some(pageant) = pageant() else { return };
    let dir = tempfile::tempdir().unwrap();
    let rsa = key(dir.path(), "rsa", "r");
    let ed = key(dir.path(), "ed25519", "e");
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/damaged/whole");
    let locked = dir.path().join("locked.ppk");
    std::fs::copy(vectors.join("ed-enc.ppk"), &locked).unwrap();
    let locked = locked.to_str().unwrap();
    let script = format!(
        "exec 2>&1; s={SSHWHY}; $s agent list; $s agent add {rsa} {ed}; $s agent add --encrypted \
         {locked}; $s agent list; $s agent test; $s agent remove {rsa}; $s agent add -t 60 {rsa}; \
         $s agent lock --passphrase-file {rsa}; $s agent stop; echo end; $s agent list"
    );
    let out = Command::new(pageant)
        .args(["--exec", "sh", "-c", &script])
        .env_remove("DISPLAY")
        .env("HOME", dir.path())
        .env_remove("XDG_RUNTIME_DIR")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    for want in [
        "[key-not-in-agent]",
        "added SHA256:",
        "locked.ppk, encrypted",
        "[encrypted]",
        "rsa-sha2-512 good",
        "rsa-sha2-256 good",
        "ssh-ed25519 good",
        "removed SHA256:",
        "Pageant has no lifetimes",
        "it has no lock",
        "not ended here",
    ] {
        assert!(said.contains(want), "{want}\n{said}");
    }
    assert!(!said.contains("[agent-locked]"), "{said}");
    assert!(!said.contains("no keys, or locked"), "{said}");
    let (_, last) = said.rsplit_once("end\n").unwrap();
    assert!(
        last.contains("ssh-ed25519") && !last.contains("ssh-rsa"),
        "{said}"
    );
}

#[test]
fn pageants_own_tool_uses_our_agent() {
    let Some(pageant) = pageant() else { return };
    let dir = tempfile::tempdir().unwrap();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/damaged/whole");
    for name in ["rsa.ppk", "ed-enc.ppk"] {
        std::fs::copy(vectors.join(name), dir.path().join(name)).unwrap();
    }
    let script = format!(
        "p={pageant}; cd {}; $p -a rsa.ppk; $p -a --encrypted ed-enc.ppk; $p -l; $p -L; \
         $p -d \"$($p -l | grep -o 'SHA256:[^ ]*' | head -n 1)\"; echo then; $p -l; $p -D && echo gone; \
         ssh-add -l",
        dir.path().display()
    );
    let out = Command::new(SSHWHY)
        .args(["agent", "start", "--exec", "sh", "-c", &script])
        .env_remove("DISPLAY")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = text(&out);
    let (before, after) = said
        .split_once("then\n")
        .unwrap_or_else(|| panic!("{said}"));
    assert!(
        before.contains("ssh-rsa") && before.contains("(encrypted)"),
        "{said}"
    );
    assert_eq!(after.matches("SHA256:").count(), 1, "{said}");
    assert!(after.contains("gone"), "{said}");
    assert!(text(&out).contains("no identities"), "{said}");
}

#[test]
fn an_agent_that_never_answers_or_drips_keeps_no_command_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (ed, word) = (key(dir.path(), "ed25519", "e"), dir.path().join("word"));
    std::fs::write(&word, "secret\n").unwrap();
    let word = word.to_str().unwrap();
    let mut commands = Vec::new();
    for drips in [false, true] {
        let sock = dir.path().join(if drips { "drips" } else { "silent" });
        let listener = UnixListener::bind(&sock).unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || {
                    // A length of 256, and then a byte now and then.
                    if drips && stream.write_all(&[0, 0, 1, 0]).is_ok() {
                        while stream.write_all(b"x").is_ok() {
                            std::thread::sleep(Duration::from_millis(500));
                        }
                    }
                    let _ = stream.read(&mut [0; 1]);
                    std::thread::sleep(Duration::from_secs(120));
                });
            }
        });
        for args in [
            vec!["list"],
            vec!["test"],
            vec!["add", ed.as_str()],
            vec!["remove", "--all"],
            vec!["lock", "--passphrase-file", word],
            vec!["unlock", "--passphrase-file", word],
        ] {
            let (sock, args) = (sock.clone(), args.iter().map(|a| (*a).to_owned()));
            let args: Vec<String> = args.collect();
            commands.push(std::thread::spawn(move || {
                let begun = Instant::now();
                let words: Vec<&str> = ["agent"]
                    .into_iter()
                    .chain(args.iter().map(String::as_str))
                    .collect();
                let out = run(&sock, &words);
                let said = text(&out);
                assert_eq!(out.status.code(), Some(1), "{args:?}: {said}");
                assert!(
                    said.contains("the agent did not answer in time"),
                    "{args:?}: {said}"
                );
                // Ten seconds, and room for a machine that is busy.
                assert!(begun.elapsed() < Duration::from_secs(45), "{args:?}");
            }));
        }
    }
    for command in commands {
        command.join().unwrap();
    }
}
