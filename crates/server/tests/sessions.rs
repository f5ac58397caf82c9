//! Behind the login: channels, windows and new keys, with real clients and with such as mean no good.
#![allow(missing_docs)]

mod common;

use common::stall::{Inside, Place, alone, key, memory, request, walk};
use common::{Stage, have, tell, wide};
use sshwhy_server::What;
use sshwhy_wire::auth;
use sshwhy_wire::data::{Reader, msg, put_bool, put_string, put_u32};
use std::fs;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn on(number: u8, channel: u32) -> Vec<u8> {
    let mut out = vec![number];
    put_u32(&mut out, channel);
    out
}

fn open(window: u32) -> Vec<u8> {
    let mut out = vec![msg::CHANNEL_OPEN];
    put_string(&mut out, b"session");
    for n in [0, window, 32768] {
        put_u32(&mut out, n);
    }
    out
}

fn ask(name: &str, body: &[u8]) -> Vec<u8> {
    let mut out = on(msg::CHANNEL_REQUEST, 0);
    put_string(&mut out, name.as_bytes());
    put_bool(&mut out, true);
    out.extend_from_slice(body);
    out
}

fn exec(command: &str) -> Vec<u8> {
    let mut body = Vec::new();
    put_string(&mut body, command.as_bytes());
    ask("exec", &body)
}

fn data(channel: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = on(msg::CHANNEL_DATA, channel);
    put_string(&mut out, bytes);
    out
}

/// A stage with a client on a channel.
fn inside(stage: &Stage, window: u32) -> Inside {
    let mut client = Inside::new(stage, &key(stage));
    assert!(client.send(&open(window)));
    assert_eq!(client.next().unwrap()[0], msg::CHANNEL_OPEN_CONFIRMATION);
    client
}

/// Everything the program says, and its exit status.
fn output(client: &mut Inside) -> (Vec<u8>, Option<u32>) {
    let (mut said, mut status) = (Vec::new(), None);
    loop {
        let message = client.next().unwrap();
        let mut r = Reader::new(&message[5..]);
        match message[0] {
            msg::CHANNEL_DATA => said.extend_from_slice(r.string().unwrap()),
            msg::CHANNEL_REQUEST => {
                assert_eq!(r.string(), Some(&b"exit-status"[..]));
                assert_eq!(r.boolean(), Some(false));
                status = r.u32();
            }
            msg::CHANNEL_CLOSE => return (said, status),
            _ => {}
        }
    }
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_be_bytes());
    }
    out.truncate(bytes);
    out
}

/// Both ways at once through `cat`.
fn through(mut command: Command, sent: &[u8]) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let out = std::thread::scope(|scope| {
        // Where that is cut off, less comes back.
        scope.spawn(move || input.write_all(sent));
        child.wait_with_output().unwrap()
    });
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{words}");
    assert_eq!(out.stdout.len(), sent.len(), "{words}");
    assert!(out.stdout == sent, "{words}");
}

#[test]
fn keys_are_renewed_while_bytes_flow_both_ways() {
    let _alone = alone();
    if !have(&["ssh", "plink", "puttygen", "ssh-keygen"]) {
        return;
    }
    let sent = noise(24 << 20);
    let ssh = |stage: &Stage, more: &[&str]| {
        let mut command = Command::new("ssh");
        command
            .args(stage.options("listed"))
            .args(more)
            .args([&format!("{}@127.0.0.1", stage.user), "cat"]);
        command
    };
    let often = Stage::with(true, "", wide(), |c| c.rekey_after = 1 << 20);
    // Ours alone, the client's alone, and both at once.
    through(ssh(&often, &[]), &sent);
    through(ssh(&often, &["-o", "RekeyLimit=700K"]), &sent);
    let seldom = Stage::new(true, "", wide());
    through(ssh(&seldom, &["-o", "RekeyLimit=1M"]), &sent);
    for stage in [&often, &seldom] {
        let ppk = stage.path("listed.ppk");
        let made = Command::new("puttygen")
            .arg(stage.path("listed"))
            .args(["-O", "private", "-o"])
            .arg(&ppk)
            .status();
        assert!(made.unwrap().success());
        let mut plink = Command::new("plink");
        plink
            .args(["-batch", "-noagent", "-hostkey", &stage.host_key, "-P"])
            .arg(stage.port().to_string())
            .arg("-i")
            .arg(&ppk)
            .args(["-l", &stage.user, "127.0.0.1", "cat"])
            .env("HOME", stage.dir.path());
        through(plink, &sent);
    }
    let said = Command::new("ssh")
        .args(often.options("listed"))
        .args(["-v", &format!("{}@127.0.0.1", often.user)])
        .arg("head -c 5000000 /dev/zero")
        .output()
        .unwrap();
    assert_eq!(said.stdout.len(), 5_000_000);
    let times = String::from_utf8_lossy(&said.stderr)
        .matches("SSH2_MSG_NEWKEYS received")
        .count();
    assert!(times > 3, "{times} exchanges of keys");
}

#[test]
fn many_sessions_share_a_connection_and_do_not_wait_for_each_other() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let far = format!("{}@127.0.0.1", stage.user);
    let socket = format!("ControlPath={}", stage.path("mux").display());
    let ssh = |words: &[&str]| {
        let mut command = Command::new("ssh");
        command
            .args(stage.options("listed"))
            .args(["-o", &socket, "-o", "ControlMaster=no"])
            .args(words);
        command
    };
    let mut master = Command::new("ssh");
    master
        .args(stage.options("listed"))
        .args(["-o", &socket, "-N", "-M", "-f", &far]);
    assert!(master.status().unwrap().success());
    // One that never reads its input, and one whose output nobody reads, hold up no other.
    let mut deaf = ssh(&[&far, "sleep 30"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut into_deaf = deaf.stdin.take().unwrap();
    let flood = std::thread::spawn(move || {
        let _ = into_deaf.write_all(&vec![0; 16 << 20]);
    });
    let mut unheard = ssh(&[&far, "cat /dev/zero"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let sent = noise(4 << 20);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| through(ssh(&[&far, "cat"]), &sent));
        }
    });
    for child in [&mut deaf, &mut unheard] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    flood.join().unwrap();
    let ended = ssh(&["-O", "exit", &far]).stderr(Stdio::null()).status();
    assert!(ended.unwrap().success());
}

#[test]
fn a_terminal_has_the_size_and_the_modes_that_were_asked_for() {
    let _alone = alone();
    if !have(&["ssh-keygen", "stty"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let mut client = inside(&stage, 1 << 20);
    let mut body = Vec::new();
    put_string(&mut body, b"vt220");
    for n in [101, 43, 0, 0] {
        put_u32(&mut body, n);
    }
    // VINTR is ^E, no VQUIT, no ECHO, and then an opcode that nobody knows.
    let modes = [
        [1, 0, 0, 0, 5],
        [2, 0, 0, 0, 255],
        [53, 0, 0, 0, 0],
        [159, 1, 2, 3, 4],
    ];
    let mut encoded = modes.concat();
    encoded.push(0);
    put_string(&mut body, &encoded);
    assert!(client.send(&ask("pty-req", &body)));
    assert_eq!(client.next().unwrap()[0], msg::CHANNEL_SUCCESS);
    let mut size = Vec::new();
    for n in [90, 30, 0, 0] {
        put_u32(&mut size, n);
    }
    assert!(client.send(&exec("echo $TERM; stty size; stty -a; read x; stty size")));
    assert_eq!(client.next().unwrap()[0], msg::CHANNEL_SUCCESS);
    let mut said = Vec::new();
    while !said.windows(4).any(|w| w == b"echo") {
        let message = client.next().unwrap();
        assert_eq!(message[0], msg::CHANNEL_DATA);
        said.extend_from_slice(Reader::new(&message[5..]).string().unwrap());
    }
    assert!(client.send(&ask("window-change", &size)));
    assert!(client.send(&data(0, b"\n")));
    let (rest, status) = output(&mut client);
    said.extend(rest);
    let said = String::from_utf8(said).unwrap();
    assert_eq!(status, Some(0));
    for word in [
        "vt220\r\n43 101\r\n",
        "intr = ^E",
        "quit = <undef>",
        " -echo ",
        "\r\n30 90\r\n",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn who_breaks_the_connection_protocol_is_told_so_and_put_out() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let mut beyond = Vec::new();
    for _ in 0..65 {
        beyond.push(data(0, &[0; 32768]));
    }
    let mut overflow = on(msg::CHANNEL_WINDOW_ADJUST, 0);
    put_u32(&mut overflow, u32::MAX);
    let breaches: [(&str, Vec<Vec<u8>>); 8] = [
        ("data for no channel", vec![data(7, b"x")]),
        ("data beyond the window", beyond),
        ("a window that is too large", vec![overflow]),
        ("a message that is cut", vec![vec![msg::CHANNEL_OPEN, 0, 0]]),
        ("a request that is cut", vec![ask("exec", &[0, 0, 0, 9])]),
        (
            "data behind its end",
            vec![on(msg::CHANNEL_EOF, 0), data(0, b"x")],
        ),
        ("keys without an exchange", vec![vec![msg::NEWKEYS]]),
        (
            "a share without an exchange",
            vec![vec![msg::KEX_ECDH_INIT, 0, 0, 0, 0]],
        ),
    ];
    for (what, messages) in breaches {
        let mut client = inside(&stage, 1000);
        for message in &messages {
            // It may hang up before all are sent.
            client.send(message);
        }
        loop {
            match client.next() {
                Ok(_) => {}
                Err(why) => {
                    let known = ["not allowed", "does not parse", "more than it was given"];
                    assert!(known.iter().any(|k| why.contains(k)), "{what}: {why}");
                    break;
                }
            }
        }
    }
    // What is no breach: a second login, numbers nobody knows, forwardings.
    let mut client = inside(&stage, 1000);
    assert!(client.send(&[msg::USERAUTH_REQUEST, 1, 2, 3]));
    for unknown in [83, 89, 101, 127, 200] {
        assert!(client.send(&[unknown]));
    }
    let mut forward = vec![msg::CHANNEL_OPEN];
    put_string(&mut forward, b"direct-tcpip");
    forward.extend([0; 12]);
    assert!(client.send(&forward));
    assert_eq!(client.next().unwrap()[0], msg::CHANNEL_OPEN_FAILURE);
    assert!(client.send(&exec("echo served")));
    assert_eq!(client.next().unwrap()[0], msg::CHANNEL_SUCCESS);
    assert_eq!(output(&mut client), (b"served\n".to_vec(), Some(0)));
}

/// Sends until nobody takes any more, and gives back how many times.
fn flood(client: &mut Inside, payload: &[u8]) -> usize {
    client
        .stream
        .set_write_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let mut times = 0;
    loop {
        client.client.send(payload).unwrap();
        match client.stream.write_all(&client.client.take_output()) {
            Ok(()) => times += 1,
            Err(e) => {
                assert!(
                    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
                    "{e}"
                );
                return times;
            }
        }
        assert!(times < 10_000_000);
    }
}

#[test]
fn a_client_that_reads_nothing_costs_what_its_answers_may_wait_and_no_more() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let before = memory();
    // All the output there is, with a window without end.
    let mut floods = inside(&stage, u32::MAX);
    assert!(floods.send(&exec("exec cat /dev/zero")));
    // Questions without end, whose answers it never takes.
    let mut asks = inside(&stage, 1000);
    let times = flood(
        &mut asks,
        &ask("env", &[0, 0, 0, 1, b'x', 0, 0, 0, 1, b'y']),
    );
    std::thread::sleep(Duration::from_secs(1));
    let grown = memory().saturating_sub(before);
    tell(&format!("{times} questions; {grown} KiB"));
    assert!(times > 1000);
    assert!(grown < 24 * 1024, "{grown} KiB");
    let out = stage.ssh("listed", &stage.user, &["echo", "served"]);
    assert_eq!(out.stdout, b"served\n");
    drop((floods, asks));
    let running = stage.running.as_ref().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while running.connections() > 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(running.connections(), 0);
}

/// `ssh` with so many keys that are not listed.
fn crowd(stage: &Stage, keys: usize) -> String {
    let mut command = Command::new("ssh");
    command.args(stage.options("fresh"));
    for n in 0..keys {
        let path = stage.path(&format!("extra{n}"));
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        command.arg("-i").arg(&path);
    }
    let out = command
        .args(["-o", "PreferredAuthentications=publickey"])
        .args([&format!("{}@127.0.0.1", stage.user), "id"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// Why the last connection ended, once it has.
fn ended(stage: &Stage) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let events = stage.events.lock().unwrap().clone();
        let last = events.iter().rev().find_map(|e| match &e.what {
            What::Ended(why) => Some(why.clone().unwrap_or_default()),
            _ => None,
        });
        if let Some(why) = last {
            return why;
        }
        assert!(Instant::now() < until, "it did not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn more_keys_than_are_heard_are_told_of_at_both_ends() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    for (session, told) in [
        (true, "Too many authentication failures"),
        (false, "more was refused than is heard"),
    ] {
        let stage = Stage::new(session, "", wide());
        let words = crowd(&stage, 8);
        assert!(words.contains(told), "{words}");
        let why = ended(&stage);
        assert!(why.contains("as many requests were refused"), "{why}");
        let attempt = |e: &&sshwhy_server::Event| matches!(e.what, What::Attempt(_));
        let asked = stage.events.lock().unwrap().iter().filter(attempt).count();
        assert!((6..=8).contains(&asked), "{asked} attempts");
    }
}

#[test]
fn a_request_that_came_with_the_login_is_passed_over() {
    let _alone = alone();
    if !have(&["ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let key = key(&stage);
    let (mut stream, mut client) = walk(&stage, Place::None, &key);
    let login = request(&stage.user, &key, client.session_id());
    for payload in [&login, &login] {
        client.send(payload).unwrap();
    }
    stream.write_all(&client.take_output()).unwrap();
    let mut inside = Inside { stream, client };
    assert_eq!(inside.next().unwrap()[0], msg::USERAUTH_FAILURE);
    assert_eq!(inside.next().unwrap(), [msg::USERAUTH_SUCCESS]);
    assert!(inside.send(&open(1000)));
    let answer = inside.next().unwrap();
    assert_eq!(answer[0], msg::CHANNEL_OPEN_CONFIRMATION);
}

#[test]
fn nobody_logs_in_without_asking_for_the_protocol() {
    let _alone = alone();
    if !have(&["ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let key = key(&stage);
    let (mut stream, mut client) = walk(&stage, Place::NewKeys, &key);
    let login = request(&stage.user, &key, client.session_id());
    client.send(&login).unwrap();
    stream.write_all(&client.take_output()).unwrap();
    let words = Inside { stream, client }.next().unwrap_err();
    assert!(words.contains("not allowed"), "{words}");
}

#[test]
fn the_name_of_a_connection_stays() {
    let _alone = alone();
    if !have(&["ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "", wide());
    let (mut stream, mut client) = walk(&stage, Place::Query, &key(&stage));
    client.send(&auth::none(b"somebody-else")).unwrap();
    stream.write_all(&client.take_output()).unwrap();
    let mut inside = Inside { stream, client };
    assert_eq!(inside.next().unwrap()[0], msg::USERAUTH_60);
    let words = inside.next().unwrap_err();
    assert!(words.contains("Change of username"), "{words}");
}

#[test]
fn a_certificate_permits_a_terminal_or_does_not() {
    let _alone = alone();
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let stage = Stage::new(true, "cert-authority ", wide());
    for (permits, rule) in [(true, "permit-pty"), (false, "no-pty")] {
        let public = stage.path("fresh.pub");
        let signed = Command::new("ssh-keygen")
            .arg("-q")
            .arg("-s")
            .arg(stage.path("listed"))
            .args(["-I", "somebody", "-n", &stage.user, "-O", rule])
            .arg(&public)
            .status();
        assert!(signed.unwrap().success());
        let out = stage.ssh("fresh", &stage.user, &["-tt", "tty"]);
        let (said, words) = (
            String::from_utf8_lossy(&out.stdout).into_owned(),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        );
        assert_eq!(said.contains("/dev/pts/"), permits, "{said} {words}");
        assert_eq!(
            words.contains("PTY allocation request failed"),
            !permits,
            "{words}"
        );
        fs::remove_file(stage.path("fresh-cert.pub")).unwrap();
    }
}
