//! Real ssh-add, ssh-keygen and gpg-agent; real ssh-agent under our client.

use crate::harness::{blob_of, run_with, start, start_with, text};
use sshwhy_agent::{Client, Constraint, Settings};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const KINDS: [(&str, &str); 5] = [
    ("ed25519", "256"),
    ("ecdsa", "256"),
    ("ecdsa", "384"),
    ("ecdsa", "521"),
    ("rsa", "2048"),
];

#[test]
fn ssh_add_adds_lists_tests_and_removes_keys_of_every_type() {
    let agent = start();
    let mut lines = String::new();
    for (kind, bits) in KINDS {
        let path = agent.key(kind, bits, "");
        agent.add(&path);
        let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
        lines.push_str(&public);
        // -T makes the agent sign, and verifies it.
        let tested = agent.run("ssh-add", &["-T".into(), path.with_extension("pub")]);
        assert!(tested.status.success(), "{kind} {bits}: {tested:?}");
    }
    assert_eq!(text(&agent.run("ssh-add", &["-L"])), lines);
    let list = text(&agent.run("ssh-add", &["-l"]));
    assert_eq!(list.lines().count(), 5, "{list}");
    assert!(list.contains("ecdsa-521 (ECDSA)"), "{list}");
    let path = agent.key("ed25519", "256", "x");
    let public = agent.dir.path().join("id_ecdsa_384_0.pub");
    assert!(
        agent
            .run("ssh-add", &["-d".into(), public])
            .status
            .success()
    );
    assert!(!agent.run("ssh-add", &["-d".into(), path]).status.success());
    assert_eq!(text(&agent.run("ssh-add", &["-L"])).lines().count(), 4);
    assert!(agent.run("ssh-add", &["-D"]).status.success());
    let empty = agent.run("ssh-add", &["-l"]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(text(&empty).contains("The agent has no identities."));
}

#[test]
fn a_certificate_is_added_beside_its_key_and_signs() {
    let agent = start();
    let ca = agent.key("ed25519", "256", "");
    for (kind, bits) in [("rsa", "2048"), ("ecdsa", "256")] {
        let key = agent.key(kind, bits, "");
        let signed = Command::new("ssh-keygen")
            .args(["-q", "-s"])
            .arg(&ca)
            .args(["-I", "id", "-n", "alice"])
            .arg(key.with_extension("pub"))
            .status()
            .unwrap();
        assert!(signed.success());
        agent.add(&key);
    }
    let keys = agent.client().identities().unwrap();
    assert_eq!(keys.len(), 4);
    // ssh-keygen signs a file by the agent alone, with the certificate's key.
    let file = agent.dir.path().join("file");
    std::fs::write(&file, "data").unwrap();
    std::fs::remove_file(agent.dir.path().join("id_rsa_2048_0")).unwrap();
    let public = agent.dir.path().join("id_rsa_2048_0.pub");
    let args = [
        "-Y".into(),
        "sign".into(),
        "-n".into(),
        "t".into(),
        "-f".into(),
        public,
        file,
    ];
    let signed = agent.run("ssh-keygen", &args);
    assert!(signed.status.success(), "{signed:?}");
}

#[test]
fn lock_hides_the_keys_and_a_wrong_passphrase_waits_longer_each_time() {
    let agent = start();
    let key = agent.key("ed25519", "256", "");
    agent.add(&key);
    let mut client = agent.client();
    client.lock(Zeroizing::new(b"secret".to_vec())).unwrap();
    assert_eq!(client.identities().unwrap(), []);
    assert!(client.sign(&blob_of(&key), b"data", 0).is_err());
    assert!(client.lock(Zeroizing::new(b"other".to_vec())).is_err());
    assert!(!agent.run("ssh-add", &[&key]).status.success());
    let mut waits = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        assert!(client.unlock(Zeroizing::new(b"wrong".to_vec())).is_err());
        waits.push(start.elapsed());
        // Others are not kept waiting.
        let start = Instant::now();
        assert_eq!(agent.client().identities().unwrap(), []);
        assert!(start.elapsed() < Duration::from_millis(100));
    }
    assert!(waits[2] >= Duration::from_millis(200), "{waits:?}");
    client.unlock(Zeroizing::new(b"secret".to_vec())).unwrap();
    assert_eq!(client.identities().unwrap().len(), 1);
    client.sign(&blob_of(&key), b"data", 0).unwrap();
    assert!(client.unlock(Zeroizing::new(b"secret".to_vec())).is_err());
}

#[test]
fn a_lifetime_ends_also_under_lock_and_with_no_client_asking() {
    let agent = start();
    let short = agent.key("ed25519", "256", "");
    let long = agent.key("ecdsa", "256", "");
    let added = agent.run("ssh-add", &["-t".as_ref(), "2".as_ref(), short.as_os_str()]);
    assert!(
        text(&added).contains("Lifetime set to 2 seconds"),
        "{added:?}"
    );
    agent.add(&long);
    let mut client = agent.client();
    assert_eq!(client.identities().unwrap().len(), 2);
    client.lock(Zeroizing::new(b"x".to_vec())).unwrap();
    std::thread::sleep(Duration::from_millis(2200));
    client.unlock(Zeroizing::new(b"x".to_vec())).unwrap();
    let left = client.identities().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].blob, blob_of(&long));
}

#[test]
fn the_lifetime_of_the_agent_is_that_of_keys_without_one() {
    let settings = Settings {
        lifetime: Some(Duration::from_secs(1)),
        reencrypt: None,
    };
    let agent = start_with(settings, 1024);
    agent.add(&agent.key("ed25519", "256", ""));
    assert_eq!(agent.client().identities().unwrap().len(), 1);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(agent.client().identities().unwrap().len(), 0);
}

#[test]
fn a_key_added_with_confirm_asks_each_time_and_says_who_asks() {
    let agent = start();
    let key = agent.key("ed25519", "256", "");
    let added = agent.run("ssh-add", &["-c".as_ref(), key.as_os_str()]);
    assert!(added.status.success());
    let mut client = agent.client();
    assert!(client.sign(&blob_of(&key), b"data", 0).is_err());
    agent.ask.yes.store(true, Ordering::SeqCst);
    client.sign(&blob_of(&key), b"data", 0).unwrap();
    assert_eq!(agent.ask.confirms.load(Ordering::SeqCst), 2);
    let last = agent.ask.last.lock().unwrap().clone().unwrap();
    assert_eq!(
        last.client.pid,
        Some(rustix::process::getpid().as_raw_nonzero().get())
    );
    assert!(!last.client.name.is_empty());
    assert_eq!(last.comment, b"ed25519-256");
}

#[test]
fn an_encrypted_file_asks_at_its_first_use_and_can_be_forgotten_again() {
    let agent = start();
    let key = agent.key("ed25519", "256", "secret");
    let blob = blob_of(&key);
    let file = std::fs::read(&key).unwrap();
    let mut client = agent.client();
    client
        .add_encrypted(&file, &[Constraint::Lifetime(600)])
        .unwrap();
    let listed = client.list_extended().unwrap().unwrap();
    assert!(listed[0].is_encrypted && listed[0].has_encrypted_file);
    let limits = client.list_constraints().unwrap().unwrap();
    assert!(limits[0].lifetime.is_some_and(|s| s > 590), "{limits:?}");
    // Nobody answers; then three wrong passphrases.
    assert!(client.sign(&blob, b"data", 0).is_err());
    *agent.ask.passphrase.lock().unwrap() = Some(b"wrong".to_vec());
    assert!(client.sign(&blob, b"data", 0).is_err());
    assert_eq!(agent.ask.passphrases.load(Ordering::SeqCst), 4);
    *agent.ask.passphrase.lock().unwrap() = Some(b"secret".to_vec());
    client.sign(&blob, b"data", 0).unwrap();
    client.sign(&blob, b"more", 0).unwrap();
    assert_eq!(agent.ask.passphrases.load(Ordering::SeqCst), 5);
    assert!(!client.list_extended().unwrap().unwrap()[0].is_encrypted);
    let forget = sshwhy_agent::extension::string_request(sshwhy_agent::extension::REENCRYPT, &blob);
    client.request(&forget).unwrap();
    assert!(client.list_extended().unwrap().unwrap()[0].is_encrypted);
    client.sign(&blob, b"data", 0).unwrap();
    assert_eq!(agent.ask.passphrases.load(Ordering::SeqCst), 6);
}

#[test]
fn a_key_not_used_for_so_long_is_encrypted_again() {
    let settings = Settings {
        lifetime: None,
        reencrypt: Some(Duration::from_secs(1)),
    };
    let agent = start_with(settings, 1024);
    let key = agent.key("ed25519", "256", "secret");
    *agent.ask.passphrase.lock().unwrap() = Some(b"secret".to_vec());
    let mut client = agent.client();
    client
        .add_encrypted(&std::fs::read(&key).unwrap(), &[])
        .unwrap();
    client.sign(&blob_of(&key), b"data", 0).unwrap();
    assert!(!client.list_extended().unwrap().unwrap()[0].is_encrypted);
    std::thread::sleep(Duration::from_millis(1300));
    assert!(client.list_extended().unwrap().unwrap()[0].is_encrypted);
}

#[test]
fn a_ppk_is_added_as_pageants_tools_add_it() {
    let agent = start();
    let ppk = agent.dir.path().join("key.ppk");
    let made = Command::new("puttygen")
        .args([
            "-q",
            "-t",
            "ed25519",
            "-C",
            "a ppk",
            "--new-passphrase",
            "/dev/stdin",
            "-o",
        ])
        .arg(&ppk)
        .stdin(Stdio::from(pipe_with("secret\n")))
        .status();
    let Ok(made) = made else {
        eprintln!("SKIPPED: no puttygen");
        return;
    };
    assert!(made.success());
    let request = sshwhy_agent::extension::string_request(
        sshwhy_agent::extension::ADD_PPK,
        &std::fs::read(&ppk).unwrap(),
    );
    let mut client = agent.client();
    assert_eq!(
        client.request(&request).unwrap(),
        sshwhy_agent::Response::Success
    );
    let keys = client.list_extended().unwrap().unwrap();
    assert_eq!(keys[0].comment, b"a ppk");
    *agent.ask.passphrase.lock().unwrap() = Some(b"secret".to_vec());
    client.sign(&keys[0].blob, b"data", 0).unwrap();
}

fn pipe_with(text: &str) -> std::fs::File {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn our_client_lists_adds_signs_locks_and_removes_at_a_real_ssh_agent() {
    let ours = start();
    let sock = ours.dir.path().join("theirs");
    let mut agent = Command::new("ssh-agent")
        .args(["-D", "-a"])
        .arg(&sock)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..100 {
        if sock.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut client = Client::new(UnixStream::connect(&sock).unwrap());
    for (n, (kind, bits)) in KINDS.into_iter().enumerate() {
        let path = ours.key(kind, bits, "");
        let key = sshwhy_keyfile::read(&std::fs::read(&path).unwrap()).unwrap();
        client
            .add(key.unlock(None).unwrap(), vec![Constraint::Lifetime(60)])
            .unwrap();
        assert_eq!(client.identities().unwrap().len(), n + 1);
        let public = sshwhy_keys::PublicKey::from_blob(&blob_of(&path)).unwrap();
        let flags = if kind == "rsa" { 4 } else { 0 };
        let signature = client.sign(public.blob(), b"data", flags).unwrap();
        sshwhy_keys::verify(&public, &signature, b"data").unwrap();
    }
    let listed = run_with(&sock, "ssh-add", &["-l"], "");
    assert_eq!(text(&listed).lines().count(), 5, "{listed:?}");
    client.lock(Zeroizing::new(b"x".to_vec())).unwrap();
    assert_eq!(client.identities().unwrap(), []);
    client.unlock(Zeroizing::new(b"x".to_vec())).unwrap();
    client
        .remove(&blob_of(&ours.dir.path().join("id_rsa_2048_0")))
        .unwrap();
    assert_eq!(client.identities().unwrap().len(), 4);
    client.remove_all().unwrap();
    assert_eq!(client.identities().unwrap(), []);
    agent.kill().unwrap();
    agent.wait().unwrap();
}

#[test]
fn every_generation_of_ssh_add_that_is_here_uses_the_agent() {
    let agent = start();
    agent.add(&agent.key("ed25519", "256", ""));
    let cache = std::env::var_os("HOME")
        .map(std::path::PathBuf::from)
        .unwrap();
    let mut tried = 0;
    for suite in ["bullseye", "bookworm", "trixie", "sid"] {
        let root = cache.join(".cache/sshwhy/lab").join(suite).join("root");
        let loader = root.join("lib64/ld-linux-x86-64.so.2");
        let program = root.join("usr/bin/ssh-add");
        if !loader.exists() || !program.exists() {
            continue;
        }
        let libs = format!(
            "{0}/lib/x86_64-linux-gnu:{0}/usr/lib/x86_64-linux-gnu",
            root.display()
        );
        let out = agent.run(
            loader.to_str().unwrap(),
            &["--library-path", &libs, program.to_str().unwrap(), "-L"],
        );
        assert!(out.status.success(), "{suite}: {out:?}");
        assert!(text(&out).contains("ed25519-256"), "{suite}: {out:?}");
        tried += 1;
    }
    eprintln!("{tried} generations of ssh-add");
}
