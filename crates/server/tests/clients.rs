//! Real clients, against the server in this process.
#![allow(missing_docs)]

mod common;

use common::{Stage, have, wide};
use sshwhy_server::What;
use sshwhy_server::told::Told;
use std::fs;
use std::process::Command;
use std::time::Duration;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_holder_of_a_key_reads_what_became_of_it() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(false, "expiry-time=\"20200101\" ", wide());
    let user = stage.user.clone();
    let heard = |key: &str, user: &str| text(&stage.ssh(key, user, &["id"]).stderr);
    let own = heard("listed", &user);
    assert!(own.contains(Told::Expired.sentence()), "{own}");
    // Nobody is let in, and the rest is one text: a key that is not there, a name that is not.
    for (key, user) in [("fresh", user.as_str()), ("listed", "nobody-there")] {
        let other = heard(key, user);
        assert!(other.contains(Told::NotAccepted.sentence()), "{other}");
        assert!(!other.contains("authorized_keys"), "{other}");
    }
    let events = stage.events.lock().unwrap();
    let causes: Vec<&str> = events
        .iter()
        .filter_map(|e| match &e.what {
            What::Attempt(seen) => seen.judgement.first().map(|f| f.cause.id),
            _ => None,
        })
        .collect();
    assert_eq!(causes, ["key-expired", "key-not-listed", "user-unknown"]);
}

#[test]
fn a_session_runs_commands_and_tells_how_they_ended() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let user = stage.user.clone();
    let out = stage.ssh("listed", &user, &["id -un; echo err >&2; exit 7"]);
    assert_eq!(out.status.code(), Some(7), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout).trim(), user);
    assert!(text(&out.stderr).contains("err"));
    let refused = stage.ssh("fresh", &user, &["id"]);
    assert_eq!(refused.status.code(), Some(255));
    assert!(text(&refused.stderr).contains("Permission denied (publickey)"));
}

#[test]
fn a_forced_command_goes_before_what_the_client_asks_for() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let options = "restrict,command=\"echo forced: $SSH_ORIGINAL_COMMAND\" ";
    let stage = Stage::new(true, options, wide());
    let out = stage.ssh("listed", &stage.user, &["rm -rf /nowhere"]);
    assert_eq!(text(&out.stdout).trim(), "forced: rm -rf /nowhere");
    let terminal = stage.ssh("listed", &stage.user, &["-tt"]);
    let words = text(&terminal.stderr);
    assert!(words.contains("PTY allocation request failed"), "{words}");
}

/// Whether a process was started with these words.
fn runs(words: &[&str]) -> bool {
    let wanted = words.join("\0") + "\0";
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.into_iter()
        .filter_map(|p| fs::read(p.path().join("cmdline")).ok())
        .any(|line| line == wanted.as_bytes())
}

fn until(what: &str, done: impl Fn() -> bool) {
    let last = std::time::Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(std::time::Instant::now() < last, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_terminal_hangs_up_when_its_client_is_gone() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    // A number of seconds that nobody else sleeps.
    let seconds = (100_000 + std::process::id()).to_string();
    let words = ["sleep", seconds.as_str()];
    let mut client = Command::new("ssh")
        .arg("-tt")
        .args(stage.options("listed"))
        .arg(format!("{}@127.0.0.1", stage.user))
        .arg(format!("{}; true", words.join(" ")))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("the command did not start", || runs(&words));
    client.kill().unwrap();
    client.wait().unwrap();
    until("the command outlived its terminal", || !runs(&words));
    let running = stage.running.as_ref().unwrap();
    until("the connection is still counted", || {
        running.connections() == 0
    });
}

#[test]
fn the_accounts_own_rc_runs_before_commands_unless_the_line_forbids_it() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    for (options, expected) in [
        ("", "from rc\nfrom command"),
        ("no-user-rc ", "from command"),
    ] {
        let stage = Stage::new(true, options, wide());
        fs::create_dir(stage.path("home/.ssh")).unwrap();
        fs::write(stage.path("home/.ssh/rc"), "cat; echo from rc\n").unwrap();
        let out = stage.ssh("listed", &stage.user, &["echo from command"]);
        assert_eq!(text(&out.stdout).trim(), expected, "{}", text(&out.stderr));
    }
}

#[test]
fn a_client_sets_the_variables_that_are_accepted_and_no_others() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let out = Command::new("ssh")
        .args(stage.options("listed"))
        .args(["-o", "SetEnv=LC_FROM_CLIENT=seen LD_PRELOAD=/nowhere.so"])
        .arg(format!("{}@127.0.0.1", stage.user))
        .arg("echo $LC_FROM_CLIENT,$LD_PRELOAD,$USER,$SSH_CONNECTION")
        .output()
        .unwrap();
    let said = text(&out.stdout);
    let start = format!("seen,,{},127.0.0.1 ", stage.user);
    assert!(said.starts_with(&start), "{said}");
}

#[test]
fn a_client_that_is_asked_nothing_reads_it_in_a_banner() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(false, "expiry-time=\"20200101\" ", wide());
    let out = Command::new("ssh")
        .args(stage.options("listed"))
        .args(["-o", "BatchMode=yes"])
        .args([&format!("{}@127.0.0.1", stage.user), "id"])
        .output()
        .unwrap();
    let words = text(&out.stderr);
    assert!(words.contains(Told::Expired.sentence()), "{words}");
    assert!(words.contains("Permission denied"), "{words}");
}

#[test]
fn plink_logs_in_and_is_told_the_same() {
    if !have(&["plink", "puttygen", "ssh-keygen"]) {
        return;
    }
    let plink = |stage: &Stage, key: &str| {
        let (ppk, plain) = (stage.path(&format!("{key}.ppk")), stage.path(key));
        let done = Command::new("puttygen")
            .arg(&plain)
            .args(["-O", "private", "-o"])
            .arg(&ppk)
            .status()
            .unwrap();
        assert!(done.success());
        Command::new("plink")
            .args(["-batch", "-noagent", "-hostkey", &stage.host_key, "-P"])
            .arg(stage.port().to_string())
            .arg("-i")
            .arg(&ppk)
            .args(["-l", &stage.user, "127.0.0.1", "id -un; exit 5"])
            .env("HOME", stage.dir.path())
            .output()
            .unwrap()
    };
    let stage = Stage::new(true, "", wide());
    let out = plink(&stage, "listed");
    assert_eq!(out.status.code(), Some(5), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout).trim(), stage.user);
    let stage = Stage::new(false, "", wide());
    let heard = text(&plink(&stage, "fresh").stderr);
    assert!(heard.contains(Told::NotAccepted.sentence()), "{heard}");
}

#[test]
fn a_server_that_is_told_to_stop_stops() {
    let mut stage = Stage::new(false, "", wide());
    let port = stage.port();
    let idle = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    if let Some(running) = stage.running.take() {
        running.stop(Duration::from_millis(200));
    }
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    drop(idle);
}
