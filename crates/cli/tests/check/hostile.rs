//! Servers that mean harm.

use crate::*;

/// A server that reads what comes and answers with `act`.
fn hostile(act: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || act(stream));
        }
    });
    port
}

/// Largest resident set of the children so far, in KiB, from time(1)'s own words.
fn peak(words: &[&str]) -> (Output, u64, Duration) {
    let start = Instant::now();
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(BUILT)
        .arg("check")
        .args(words)
        .args(["--timeout", "2", "--no-wait"])
        .env("XDG_STATE_HOME", dir.path())
        .env_remove("SSH_AUTH_SOCK")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = line.and_then(|l| l.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(kib.unwrap_or(0));
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it hangs: {words:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    (child.wait_with_output().unwrap(), most, start.elapsed())
}

fn key_file() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&path)
        .status();
    assert!(made.is_ok_and(|s| s.success()));
    (dir, path)
}

#[test]
fn a_hostile_server_neither_hangs_nor_fills_nor_writes_on_the_terminal() {
    let (_dir, key) = key_file();
    type Act = fn(TcpStream);
    let servers: [(&str, Act); 7] = [
        ("says nothing", |mut s| {
            let _ = s.read_to_end(&mut Vec::new());
        }),
        ("an endless banner", |mut s| {
            let line = b"\x1b]0;owned\x07 hello\r\n".repeat(512);
            while s.write_all(&line).is_ok() {}
        }),
        ("a line without an end", |mut s| {
            while s.write_all(&[b'a'; 65536]).is_ok() {}
        }),
        ("a giant packet", |mut s| {
            let _ = s.write_all(b"SSH-2.0-OpenSSH_9.9\r\n");
            let _ = s.write_all(&[0x7f, 0xff, 0xff, 0xff, 4]);
            while s.write_all(&[0; 65536]).is_ok() {}
        }),
        ("control characters in its name", |mut s| {
            let _ = s.write_all(b"SSH-2.0-\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\r\n");
            let _ = s.read_to_end(&mut Vec::new());
        }),
        ("drips", |mut s| {
            while s.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }),
        ("zeros", |mut s| {
            let _ = s.write_all(b"SSH-2.0-x\r\n");
            while s.write_all(&[0; 65536]).is_ok() {}
        }),
    ];
    for (what, act) in servers {
        let port = hostile(act);
        let target = format!("alice@127.0.0.1:{port}");
        let (out, kib, took) = peak(&[&target, "-i", key.to_str().unwrap(), "-F", "none"]);
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
        assert!(kib < 64 * 1024, "{what}: {kib} KiB");
        assert!(
            matches!(out.status.code(), Some(1 | 3)),
            "{what}: {}",
            text(&out)
        );
        for bytes in [&out.stdout, &out.stderr] {
            let bad = bytes
                .iter()
                .any(|b| (*b < 0x20 && *b != b'\n') || *b == 0x7f);
            assert!(!bad, "{what}: {}", text(&out));
        }
    }
}

#[test]
fn a_server_that_falls_silent_anywhere_is_left_in_time() {
    machine(
        "hostile::a_server_that_falls_silent_anywhere_is_left_in_time",
        || {
            sshd("PerSourceMaxStartups 100\nMaxStartups 100\n");
            // Lets so many bytes of the server's through, and then none.
            for bytes in [
                0, 10, 45, 400, 1200, 1700, 2200, 2400, 2450, 2500, 2600, 2700,
            ] {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let port = listener.local_addr().unwrap().port();
                let relay = std::thread::spawn(move || {
                    let (mut client, _) = listener.accept().unwrap();
                    let mut server = TcpStream::connect("127.0.0.1:2222").unwrap();
                    let (mut up, mut to) =
                        (client.try_clone().unwrap(), server.try_clone().unwrap());
                    let up = std::thread::spawn(move || std::io::copy(&mut up, &mut to));
                    let _ = std::io::copy(&mut (&mut server).take(bytes), &mut client);
                    // The client leaves.
                    let _ = up.join();
                });
                let start = Instant::now();
                let target = format!("alice@127.0.0.1:{port}");
                let out = run(
                    PROGRAM,
                    &[&target, "-i", "/mnt/bad", "--timeout", "1", "-F", "none"],
                );
                let took = start.elapsed();
                let doc = document(&out);
                assert!(took < Duration::from_secs(8), "{bytes}: {took:?}");
                let place = doc["wire"]["place"].as_str().unwrap();
                if bytes < 10 {
                    assert_eq!(place, "identification", "{bytes}");
                }
                if bytes < 2000 {
                    assert_eq!(out.status.code(), Some(3), "{bytes}: {doc:#}");
                }
                let _ = relay.join();
            }
        },
    );
}

#[test]
fn a_banner_is_escaped_and_cut() {
    machine("hostile::a_banner_is_escaped_and_cut", || {
        let mut banner = b"\x1b]0;owned\x07 \x9b31m\r\n\xe2\x80\xaeevil\n".to_vec();
        banner.extend(b"\x1b[2J".repeat(40_000));
        fs::write("/mnt/banner", banner).unwrap();
        sshd("Banner /mnt/banner\n");
        for format in ["text", "json"] {
            let out = Command::new(PROGRAM)
                .args(["check", "alice@127.0.0.1:2222", "-i", "/mnt/bad"])
                .args(["--format", format, "--no-wait"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(out.status.code(), Some(1), "{}", text(&out));
            let said = text(&out);
            assert!(said.contains("owned"), "the banner is shown: {said}");
            let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!said.chars().any(bad), "{said:?}");
            assert!(out.stdout.len() < 64 * 1024, "{}", out.stdout.len());
        }
    });
}
