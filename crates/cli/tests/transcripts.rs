//! `explain` on transcripts that real clients write: `ssh -v` of each generation there is, and
//! plink's event log, against a real sshd that refuses in each way.
//!
//! Needs root, for name spaces; skipped loudly without, and on CI not at all.
#![allow(missing_docs)]

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const INSIDE: &str = "SSHWHY_TEST_INSIDE";
const PORT: &str = "2222";
const DIR: &str = "/run/t";

fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
    assert!(
        std::env::var_os("CI").is_none(),
        "nothing may be skipped on CI"
    );
}

fn sh(command: &str) {
    let done = Command::new("sh").args(["-ec", command]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command}: {said}");
}

/// A client's program, unpacked beside its libraries or installed.
struct Program {
    name: String,
    command: Vec<String>,
}

/// The installed one and those of the lab's cache.
fn programs(file: &str) -> Vec<Program> {
    let mut out = Vec::new();
    if Path::new("/usr/bin").join(file).exists() {
        out.push(Program {
            name: format!("installed {file}"),
            command: vec![format!("/usr/bin/{file}")],
        });
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
        .unwrap_or_default();
    for suite in ["bullseye", "trixie", "sid"] {
        let root = cache.join("sshwhy/lab").join(suite).join("root");
        let program = root.join("usr/bin").join(file);
        let libraries = root.join("usr/lib/x86_64-linux-gnu");
        if program.exists() {
            let text = |p: PathBuf| p.to_string_lossy().into_owned();
            out.push(Program {
                name: format!("{file} of {suite}"),
                command: vec![
                    text(libraries.join("ld-linux-x86-64.so.2")),
                    "--library-path".into(),
                    text(libraries.clone()),
                    text(program),
                ],
            });
        }
    }
    out
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An sshd with these lines in its configuration.
fn server(lines: &str) -> Server {
    let config = format!(
        "{lines}\nPort {PORT}\nListenAddress 127.0.0.1\nHostKey {DIR}/host\nUsePAM no\nPidFile none\n\
         AuthorizedKeysFile {DIR}/listed\nStrictModes no\nKbdInteractiveAuthentication no\n\
         PasswordAuthentication no\n"
    );
    fs::write(format!("{DIR}/config"), config).unwrap();
    let child = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f", &format!("{DIR}/config")])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server(child);
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", 2222)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(10), "{lines}");
        std::thread::sleep(Duration::from_millis(10));
    }
    server
}

/// What a client says of a login.
fn client(program: &Program, options: &[&str]) -> String {
    let first = &program.command[0];
    let done = Command::new("/usr/bin/timeout")
        .args(["-k", "1", "20", first])
        .args(&program.command[1..])
        .args(options)
        .env_clear()
        .env("HOME", DIR)
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr)
}

/// What `explain` makes of it: the verdict, the causes with their certainty, the last step.
fn explain(text: &str) -> (String, Vec<(String, String)>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sshwhy"))
        .args(["explain", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let done = child.wait_with_output().unwrap();
    let doc: Value = serde_json::from_slice(&done.stdout).unwrap();
    let results = doc["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{text}\n{doc:#}");
    let word = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let result = &results[0];
    let mut causes = Vec::new();
    for list in ["causes", "after_login"] {
        for cause in result[list].as_array().unwrap() {
            causes.push((word(&cause["id"]), word(&cause["certainty"])));
        }
    }
    let step = result["trace"]
        .as_array()
        .unwrap()
        .last()
        .map(|s| word(&s["gate"]));
    (word(&result["verdict"]), causes, step.unwrap_or_default())
}

/// One case: what the server has, what the client is told, and what must come out: the verdict,
/// the certain cause or none, the step.
struct Case {
    name: &'static str,
    server: Option<&'static str>,
    user: &'static str,
    options: &'static [&'static str],
    verdict: &'static str,
    certain: Option<&'static str>,
    step: &'static str,
}

const fn case(
    name: &'static str,
    server: &'static str,
    options: &'static [&'static str],
    verdict: &'static str,
    certain: Option<&'static str>,
    step: &'static str,
) -> Case {
    Case {
        name,
        server: Some(server),
        user: "alice",
        options,
        verdict,
        certain,
        step,
    }
}

const SSH: &[Case] = &[
    case(
        "accepted",
        "",
        &["-i", "/run/t/good"],
        "accept",
        None,
        "key_verify",
    ),
    case(
        "not listed",
        "",
        &["-i", "/run/t/other"],
        "undetermined",
        None,
        "user_key_allowed",
    ),
    Case {
        user: "nobody-here",
        ..case(
            "no such user",
            "",
            &["-i", "/run/t/good"],
            "undetermined",
            None,
            "user_key_allowed",
        )
    },
    Case {
        user: "root",
        ..case(
            "root may not",
            "PermitRootLogin no",
            &["-i", "/run/t/good"],
            "undetermined",
            None,
            "key_verify",
        )
    },
    case(
        "no publickey",
        "PubkeyAuthentication no\nKbdInteractiveAuthentication yes\nPasswordAuthentication yes",
        &["-i", "/run/t/good"],
        "refuse",
        Some("publickey-not-offered"),
        "authmethod_lookup",
    ),
    case(
        "more is asked for",
        "PasswordAuthentication yes\nAuthenticationMethods publickey,password",
        &["-i", "/run/t/good"],
        "refuse",
        Some("authentication-methods-need-more"),
        "key_verify",
    ),
    case(
        "open mode",
        "",
        &["-i", "/run/t/open"],
        "refuse",
        Some("client-key-perms"),
        "key_verify",
    ),
    case(
        "no such file",
        "",
        &["-i", "/run/t/nothing"],
        "refuse",
        Some("client-key-missing"),
        "user_key_allowed",
    ),
    case(
        "broken file",
        "",
        &["-i", "/run/t/broken"],
        "refuse",
        Some("client-key-format"),
        "key_verify",
    ),
    case(
        "too many keys",
        "",
        &[
            "-i",
            "/run/t/k1",
            "-i",
            "/run/t/k2",
            "-i",
            "/run/t/k3",
            "-i",
            "/run/t/k4",
            "-i",
            "/run/t/k5",
            "-i",
            "/run/t/k6",
            "-i",
            "/run/t/good",
        ],
        "refuse",
        Some("client-too-many-keys"),
        "key_verify",
    ),
    case(
        "no key exchange in common",
        "KexAlgorithms curve25519-sha256",
        &[
            "-o",
            "KexAlgorithms=ecdh-sha2-nistp256",
            "-i",
            "/run/t/good",
        ],
        "refuse",
        Some("kex-no-common"),
        "kex_choose_conf",
    ),
    case(
        "another host key",
        "",
        &["-o", "UserKnownHostsFile=/run/t/known", "-i", "/run/t/good"],
        "refuse",
        Some("host-key-changed"),
        "kex_choose_conf",
    ),
    Case {
        server: None,
        ..case(
            "nothing listens",
            "",
            &["-i", "/run/t/good"],
            "refuse",
            Some("net-unreachable"),
            "server_listen",
        )
    },
];

#[test]
fn transcripts_of_real_clients_are_placed_and_nothing_is_certain_that_is_not_proven() {
    if std::env::var_os(INSIDE).is_none() {
        return outside();
    }
    furnish();
    let clients = programs("ssh");
    let mut read = 0;
    for case in SSH {
        let server = case.server.map(server);
        for client_of in &clients {
            let host = format!("{}@127.0.0.1", case.user);
            for level in ["-v", "-vvv"] {
                let mut options = vec![level, "-F", "none", "-p", PORT, "-o", "BatchMode=yes"];
                options.extend(["-o", "IdentitiesOnly=yes"]);
                options.extend(case.options);
                if !case.options.iter().any(|o| o.starts_with("UserKnown")) {
                    options.extend(["-o", "UserKnownHostsFile=/dev/null"]);
                    options.extend(["-o", "StrictHostKeyChecking=no"]);
                }
                options.extend([host.as_str(), "true"]);
                let text = client(client_of, &options);
                check(case, &client_of.name, &text);
                read += 1;
            }
        }
        drop(server);
    }
    let _ = writeln!(
        std::io::stderr(),
        "{read} transcripts of {} builds of ssh",
        clients.len()
    );
    plink();
}

fn check(case: &Case, client: &str, text: &str) {
    let (verdict, causes, step) = explain(text);
    let context = format!("{}, {client}: {causes:?}\n{text}", case.name);
    assert_eq!(verdict, case.verdict, "{context}");
    assert_eq!(step, case.step, "{context}");
    let certain: Vec<&str> = causes
        .iter()
        .filter(|(_, c)| c == "certain")
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(certain, case.certain.as_slice(), "{context}");
}

const PLINK: &[Case] = &[
    case(
        "accepted",
        "",
        &["-i", "/run/t/good.ppk"],
        "accept",
        None,
        "key_verify",
    ),
    case(
        "not listed",
        "",
        &["-i", "/run/t/other.ppk"],
        "undetermined",
        None,
        "user_key_allowed",
    ),
    Case {
        user: "root",
        ..case(
            "root may not",
            "PermitRootLogin no",
            &["-i", "/run/t/good.ppk"],
            "undetermined",
            None,
            "key_verify",
        )
    },
    case(
        "nothing is offered",
        "PubkeyAuthentication no",
        &["-i", "/run/t/good.ppk"],
        "refuse",
        Some("publickey-not-offered"),
        "authmethod_lookup",
    ),
    case(
        "damaged",
        "",
        &["-i", "/run/t/damaged.ppk"],
        "refuse",
        Some("ppk-mac-mismatch"),
        "key_verify",
    ),
    case(
        "OpenSSH's format",
        "",
        &["-i", "/run/t/good"],
        "refuse",
        Some("openssh-key-given-to-putty"),
        "user_key_allowed",
    ),
    case(
        "a public key alone",
        "",
        &["-i", "/run/t/good.pub"],
        "refuse",
        Some("putty-public-key-only"),
        "user_key_allowed",
    ),
];

fn plink() {
    let clients = programs("plink");
    let made = Command::new("puttygen")
        .args(["/run/t/good", "-O", "private", "--ppk-param", "version=2"])
        .args(["-o", "/run/t/good.ppk"])
        .output();
    if clients.is_empty() || !made.is_ok_and(|o| o.status.success()) {
        return skipped("plink: no putty-tools");
    }
    sh("puttygen /run/t/other -O private --ppk-param version=2 -o /run/t/other.ppk");
    let good = fs::read_to_string("/run/t/good.ppk").unwrap();
    let damaged = good.replace("Comment: ", "Comment: x");
    fs::write("/run/t/damaged.ppk", damaged).unwrap();
    let host_key = fs::read_to_string("/run/t/host.blob").unwrap();
    let mut read = 0;
    for case in PLINK {
        let _server = case.server.map(server);
        for client_of in &clients {
            let mut options = vec!["-v", "-batch", "-ssh", "-noagent", "-hostkey"];
            options.extend([host_key.trim(), "-P", PORT, "-l", case.user]);
            options.extend(case.options);
            options.extend(["127.0.0.1", "true"]);
            let text = client(client_of, &options);
            check(case, &client_of.name, &text);
            read += 1;
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "{read} event logs of {} builds of plink",
        clients.len()
    );
}

fn outside() {
    let apart = ["-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc"];
    let can = fs::metadata("/proc/self").unwrap().uid() == 0
        && Path::new("/usr/sbin/sshd").exists()
        && Path::new("/usr/bin/ssh").exists()
        && Command::new("unshare")
            .args(apart)
            .args(["mount", "-t", "tmpfs", "none", "/mnt"])
            .output()
            .is_ok_and(|o| o.status.success());
    if !can {
        return skipped("transcripts: no root, no OpenSSH, or no name spaces");
    }
    let done = Command::new("unshare")
        .args(apart)
        .arg(std::env::current_exe().unwrap())
        .args(["--nocapture", "--exact"])
        .arg("transcripts_of_real_clients_are_placed_and_nothing_is_certain_that_is_not_proven")
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(done.success());
}

fn furnish() {
    sh(
        "mount --make-rprivate /; mount -t tmpfs -o mode=755 none /run; mkdir -p /run/sshd /run/t; \
        ip link set lo up 2>/dev/null || ifconfig lo up",
    );
    sh(
        "printf 'root:x:0:0::/run/t:/bin/sh\\nsshd:x:109:65534::/run/sshd:/usr/sbin/nologin\\n\
        nobody:x:65534:65534::/:/usr/sbin/nologin\\nalice:x:4001:4001::/run/t:/bin/sh\\n' \
        > /run/passwd; printf 'root:*:1::::::\\nsshd:*:1::::::\\nnobody:*:1::::::\\n\
        alice:*:1::::::\\n' > /run/shadow; mount --bind /run/passwd /etc/passwd; \
        mount --bind /run/shadow /etc/shadow",
    );
    for key in [
        "host", "good", "other", "open", "broken", "k1", "k2", "k3", "k4", "k5", "k6",
    ] {
        sh(&format!(
            "ssh-keygen -q -t ed25519 -N '' -C {key} -f {DIR}/{key}"
        ));
    }
    sh(
        "cat /run/t/good.pub /run/t/open.pub /run/t/broken.pub > /run/t/listed; \
        chmod 644 /run/t/listed; echo broken > /run/t/broken; chmod 600 /run/t/broken; \
        cut -d' ' -f2 /run/t/host.pub > /run/t/host.blob; \
        printf '[127.0.0.1]:2222 %s\\n' \"$(cut -d' ' -f1,2 /run/t/k1.pub)\" > /run/t/known",
    );
    let open = format!("{DIR}/open");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    chown(&open, Some(0), Some(0)).unwrap();
}
