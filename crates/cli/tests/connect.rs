//! `connect` against the real sshd, on a machine of this test's own (name spaces for mounts,
//! network and processes).
//!
//! Needs root; skipped loudly without, and on CI not at all.
#![allow(missing_docs)]

mod machine;

use machine::{BUILT, sh, text};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

const PROGRAM: &str = "/mnt/sshwhy";
const TO: &str = "root@127.0.0.1:2222";

/// Runs `case` on a machine of this test's own.
fn machine(name: &str, case: fn()) {
    machine::own(name, furnish, case);
}

/// The machine: root may log in with /root/.ssh/id_ed25519, and the host key is known.
fn furnish() {
    sh(&format!(
        "mount -t tmpfs none /mnt && cp '{BUILT}' {PROGRAM} && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc \
        && for d in /home /run /root; do mount -t tmpfs -o mode=0755 none $d; done \
        && mkdir -m 0755 /run/sshd && ip link set lo up \
        && rm -rf /etc/ssh/sshd_config.d /etc/ssh/ssh_config /etc/ssh/ssh_config.d /etc/ssh/ssh_host_* \
        && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key \
        && mkdir -m 0700 /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519 \
        && cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys \
        && echo \"[127.0.0.1]:2222 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)\" > /root/.ssh/known_hosts"
    ));
    // The account is open, whatever this machine's root is.
    sh(
        "sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow; sed -i 's|^\\(root:.*:\\)[^:]*$|\\1/bin/sh|' /etc/passwd",
    );
    fs::write(
        "/etc/ssh/sshd_config",
        "Port 2222\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
         KbdInteractiveAuthentication no\nAcceptEnv LANG\nSubsystem echo /bin/cat\n",
    )
    .unwrap();
    sshd("/etc/ssh/sshd_config", 2222);
}

#[allow(clippy::zombie_processes, reason = "its name space ends with the test")]
fn sshd(config: &str, port: u16) {
    Command::new("/usr/sbin/sshd")
        .args(["-D", "-f", config, "-E", "/mnt/log"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    listens(port);
}

fn listens(port: u16) {
    within(10, "a server listens", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
}

fn within(seconds: u64, what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(
            begun.elapsed() < Duration::from_secs(seconds),
            "not in time: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn connect(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("connect").args(args).stdin(Stdio::null());
    command
}

fn done(args: &[&str]) -> (Option<i32>, String, String) {
    let out = connect(args).output().unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

/// `bytes` through `cat` at the other end.
fn through(args: &[&str], bytes: &[u8]) -> Vec<u8> {
    let mut child = connect(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut back = Vec::new();
    std::thread::scope(|s| {
        s.spawn(move || stdin.write_all(bytes).unwrap());
        stdout.read_to_end(&mut back).unwrap();
    });
    assert!(child.wait().unwrap().success());
    back
}

fn noise(length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    File::open("/dev/urandom")
        .unwrap()
        .read_exact(&mut out)
        .unwrap();
    out
}

#[test]
fn bytes_status_and_streams_are_those_of_the_command() {
    machine("bytes_status_and_streams_are_those_of_the_command", || {
        let bytes = noise(48 << 20);
        assert!(through(&[TO, "cat"], &bytes) == bytes, "48 MiB through cat");
        assert!(through(&["-s", TO, "echo"], &bytes[..1000]) == bytes[..1000]);
        let (code, out, err) = done(&[TO, "echo out; echo err >&2; exit 7"]);
        assert_eq!(
            (code, out.as_str(), err.as_str()),
            (Some(7), "out\n", "err\n")
        );
        assert_eq!(done(&[TO, "true"]).0, Some(0));
        let (code, _, err) = done(&[TO, "kill -TERM $$"]);
        assert!(code == Some(255) && err.contains("SIGTERM"), "{err}");
        let (code, out, _) = done(&[TO, "-n", "cat; echo end"]);
        assert_eq!((code, out.as_str()), (Some(0), "end\n"));
        let (_, out, _) = done(&["-o", "SetEnv=LANG=of-here", TO, "echo $LANG"]);
        assert_eq!(out, "of-here\n");
        // Nobody reads any more: the end, and no error.
        let mut child = connect(&[TO, "yes"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn a_host_key_is_never_passed_over() {
    machine("a_host_key_is_never_passed_over", || {
        let known = "/root/.ssh/known_hosts";
        let right = fs::read_to_string(known).unwrap();
        fs::write(known, "").unwrap();
        let (code, _, err) = done(&[TO, "true"]);
        assert!(code == Some(255) && err.contains("is not known"), "{err}");
        assert_eq!(fs::read(known).unwrap(), b"");
        let print = sh("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2");
        let print = String::from_utf8(print.stdout).unwrap();
        assert_eq!(done(&["--host-key", print.trim(), TO, "exit 3"]).0, Some(3));
        let other = format!("SHA256:{}", "A".repeat(43));
        let (code, _, err) = done(&["--host-key", &other, TO, "true"]);
        assert!(code == Some(255) && err.contains(&other), "{err}");
        // Written as ssh itself would, and ssh takes it.
        let hashed = [
            "-o",
            "StrictHostKeyChecking=accept-new",
            "-o",
            "HashKnownHosts=yes",
        ];
        assert_eq!(done(&[&hashed[..], &[TO, "true"]].concat()).0, Some(0));
        assert!(fs::read_to_string(known).unwrap().starts_with("|1|"));
        sh("ssh -o StrictHostKeyChecking=yes -p 2222 root@127.0.0.1 true");
        assert_eq!(done(&[TO, "true"]).0, Some(0));
        // Another key of the type in its place.
        sh("ssh-keygen -q -t ed25519 -N '' -f /mnt/other");
        let public = fs::read_to_string("/mnt/other.pub").unwrap();
        fs::write(known, format!("[127.0.0.1]:2222 {public}")).unwrap();
        for strict in ["yes", "no", "accept-new"] {
            let option = format!("StrictHostKeyChecking={strict}");
            let (code, _, err) = done(&["-o", &option, TO, "true"]);
            assert!(
                code == Some(255) && err.contains("has changed"),
                "{strict}: {err}"
            );
        }
        fs::write(
            known,
            format!("{right}@revoked * {}", right.split_once(' ').unwrap().1),
        )
        .unwrap();
        let (code, _, err) = done(&[TO, "true"]);
        assert!(code == Some(255) && err.contains("revoked"), "{err}");
        // A host's certificate, by an authority that known_hosts has.
        sh(
            "ssh-keygen -q -t ed25519 -N '' -f /mnt/ca && ssh-keygen -q -s /mnt/ca -I host -h -n 127.0.0.1 \
            /etc/ssh/ssh_host_ed25519_key.pub && cp /etc/ssh/sshd_config /mnt/certified && \
            sed -i 's/2222/2223/' /mnt/certified && printf 'PidFile none\\nHostCertificate \
            /etc/ssh/ssh_host_ed25519_key-cert.pub\\n' >> /mnt/certified",
        );
        sshd("/mnt/certified", 2223);
        let ca = fs::read_to_string("/mnt/ca.pub").unwrap();
        fs::write(known, format!("@cert-authority [127.0.0.1]:2223 {ca}")).unwrap();
        assert_eq!(done(&["root@127.0.0.1:2223", "exit 4"]).0, Some(4));
        fs::write(known, format!("@cert-authority [127.0.0.1]:2223 {public}")).unwrap();
        assert_eq!(done(&["root@127.0.0.1:2223", "exit 4"]).0, Some(255));
    });
}

#[test]
fn keys_of_every_format_and_what_more_is_asked() {
    machine("keys_of_every_format_and_what_more_is_asked", || {
        sh(
            "cd /mnt; ssh-keygen -q -t rsa -b 2048 -N secret -f rsa; ssh-keygen -q -t ecdsa -b 521 -N '' -m PEM -f ec \
            && echo secret > word && cat rsa.pub ec.pub >> /root/.ssh/authorized_keys && mv /root/.ssh/id_ed25519 own",
        );
        let key = |args: &[&str]| {
            let args = [args, &["-o", "BatchMode=yes", TO, "exit 9"]].concat();
            let (code, _, err) = done(&args);
            assert_eq!(code, Some(9), "{args:?}: {err}");
        };
        key(&["-i", "/mnt/ec"]);
        key(&["-i", "/mnt/rsa", "--passphrase-file", "/mnt/word"]);
        for (name, to) in [("ppk", "ppk"), ("ppk2", "ppk2"), ("p8", "pkcs8")] {
            let out = format!("/mnt/own.{name}");
            let made = Command::new(PROGRAM)
                .args([
                    "key",
                    "convert",
                    "/mnt/own",
                    "--to",
                    to,
                    "--output",
                    &out,
                    "--new-passphrase-file",
                    "/dev/null",
                ])
                .output()
                .unwrap();
            assert!(made.status.success(), "{}", text(&made));
            key(&["-i", &out]);
        }
        // A saved session of PuTTY names the host, the user, the port and the key.
        let print = text(&sh(
            "mkdir -p /root/.putty/sessions; printf 'HostName=127.0.0.1\nPortNumber=2222\nUserName=root\n\
             Protocol=ssh\nPublicKeyFile=/mnt/own.ppk\n' > /root/.putty/sessions/work; \
             ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2",
        ));
        let saved = ["--putty-session", "work", "--host-key", print.trim(), ""];
        let (code, _, err) = done(&[&saved[..], &["exit 9"]].concat());
        assert_eq!(code, Some(9), "{err}");
        // A certificate, where the plain key is not listed.
        sh(
            "cd /mnt; ssh-keygen -q -t ed25519 -N '' -f ca; ssh-keygen -q -t rsa -b 2048 -N '' -f user; \
            ssh-keygen -q -s ca -I user -n root user.pub; \
            echo \"cert-authority $(cat ca.pub)\" >> /root/.ssh/authorized_keys",
        );
        key(&["-i", "/mnt/user"]);
        // From an agent.
        let agent = sh(
            "cd /mnt; ssh-agent -a /mnt/agent >/dev/null; SSH_AUTH_SOCK=/mnt/agent ssh-add -q own; \
            SSH_AUTH_SOCK=/mnt/agent /mnt/sshwhy connect root@127.0.0.1:2222 'echo $SSH_AUTH_SOCK'; \
            SSH_AUTH_SOCK=/mnt/agent /mnt/sshwhy connect -A root@127.0.0.1:2222 'ssh-add -L'",
        );
        let agent = text(&agent);
        let own = fs::read_to_string("/root/.ssh/id_ed25519.pub").unwrap();
        let shown = own.split(' ').nth(1).unwrap();
        assert!(agent.starts_with('\n') && agent.contains(shown), "{agent}");
        // Two keys are asked for.
        sh(
            "cp /etc/ssh/sshd_config /mnt/two; sed -i 's/2222/2224/' /mnt/two; \
            printf 'PidFile none\\nAuthenticationMethods publickey,publickey\\n' >> /mnt/two; \
            sed 's/2222/2224/' /root/.ssh/known_hosts >> /root/.ssh/known_hosts",
        );
        sshd("/mnt/two", 2224);
        let two = "root@127.0.0.1:2224";
        let (code, _, err) = done(&["-i", "/mnt/own", "-i", "/mnt/ec", two, "exit 5"]);
        assert_eq!(code, Some(5), "{err}");
        let (code, _, err) = done(&["-i", "/mnt/own", two, "exit 5"]);
        assert!(
            code == Some(255) && err.contains("taken, and more is asked for"),
            "{err}"
        );
        // The step is named.
        fs::write("/root/.ssh/authorized_keys", "").unwrap();
        let (code, _, err) = done(&["-i", "/mnt/own", TO, "true"]);
        assert!(
            code == Some(255) && err.contains("refused at the query"),
            "{err}"
        );
        assert!(
            err.contains("sshwhy check -i /mnt/own -p 2222 root@127.0.0.1"),
            "{err}"
        );
        // And its causes are, with what to do next.
        for words in [
            "key-not-listed: ",
            "to send to the administrator:",
            "methods: publickey",
        ] {
            assert!(err.contains(words), "{words}: {err}");
        }
    });
}

#[test]
fn a_way_over_other_hosts() {
    machine("a_way_over_other_hosts", || {
        let (code, out, err) = done(&[
            "-J",
            "root@127.0.0.1:2222,root@127.0.0.1:2222",
            TO,
            "exit 6",
        ]);
        assert_eq!((code, out.as_str()), (Some(6), ""), "{err}");
        fs::write(
            "/root/.ssh/config",
            "Host inner\n HostName 127.0.0.1\n Port 2222\n HostKeyAlias [127.0.0.1]:2222\n ProxyJump outer\n\
             Host outer\n HostName 127.0.0.1\n Port 2222\n User root\n\
             Host piped\n HostName nowhere.invalid\n HostKeyAlias [127.0.0.1]:2222\n ProxyCommand nc 127.0.0.1 2222\n",
        )
        .unwrap();
        let bytes = noise(3 << 20);
        assert!(through(&["inner", "cat"], &bytes) == bytes);
        if Path::new("/usr/bin/nc").exists() {
            assert_eq!(done(&["piped", "exit 8"]).0, Some(8));
        } else {
            eprintln!("SKIPPED: ProxyCommand: no nc");
        }
        let (code, _, err) = done(&["-J", "nobody@127.0.0.1:2222", TO, "true"]);
        assert!(code == Some(255) && err.contains("the jump host"), "{err}");
    });
}

/// A terminal, and a program in it.
struct Terminal {
    master: File,
    slave: OwnedFd,
    child: Child,
    seen: Vec<u8>,
}

impl Terminal {
    fn start(args: &[&str]) -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave: OwnedFd = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(name)
            .unwrap()
            .into();
        size(&slave, 99, 33);
        let io = || Stdio::from(slave.try_clone().unwrap());
        let child = Command::new("setsid")
            .args(["-c", "-w", PROGRAM, "connect"])
            .args(args)
            .stdin(io())
            .stdout(io())
            .stderr(io())
            .spawn()
            .unwrap();
        let master = File::from(master);
        rustix::io::ioctl_fionbio(&master, true).unwrap();
        Terminal {
            master,
            slave,
            child,
            seen: Vec::new(),
        }
    }

    fn raw(&self) -> bool {
        !tcgetattr(&self.slave)
            .unwrap()
            .local_modes
            .contains(LocalModes::ICANON)
    }

    fn type_in(&mut self, keys: &[u8]) {
        self.master.write_all(keys).unwrap();
    }

    /// Waits for words on the screen, and takes them off.
    fn wait_for(&mut self, words: &str) {
        let begun = Instant::now();
        loop {
            let mut room = [0; 4096];
            if let Ok(n) = self.master.read(&mut room) {
                self.seen.extend_from_slice(&room[..n]);
            }
            let at = self
                .seen
                .windows(words.len())
                .position(|w| w == words.as_bytes());
            if let Some(at) = at {
                self.seen.drain(..at + words.len());
                return;
            }
            let late = begun.elapsed() > Duration::from_secs(15);
            let screen = String::from_utf8_lossy(&self.seen);
            assert!(!late, "{words:?} does not come: {screen:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The exit code, once the terminal is what it was.
    fn end(mut self) -> Option<i32> {
        within(15, "the end", || self.child.try_wait().unwrap().is_some());
        assert!(!self.raw(), "the terminal is left raw");
        let status = self.child.wait().unwrap();
        status.code().or(status.signal().map(|s| -s))
    }
}

fn size(of: &OwnedFd, columns: u16, rows: u16) {
    let size = Winsize {
        ws_col: columns,
        ws_row: rows,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(of, size).unwrap();
}

#[test]
fn a_terminal_is_there_follows_this_one_and_is_given_back() {
    machine(
        "a_terminal_is_there_follows_this_one_and_is_given_back",
        || {
            let mut shell = Terminal::start(&[TO]);
            shell.type_in(b"PS1=; stty size; echo te''rm=$TERM\r");
            shell.wait_for("33 99");
            shell.wait_for("term=vt100");
            assert!(shell.raw());
            size(&shell.slave, 120, 44);
            // The change goes its own way: asked until it is there.
            shell.type_in(
                b"until stty size | grep -q '44 120'; do sleep 0.1; done; echo chan''ged\r",
            );
            shell.wait_for("changed");
            shell.type_in(b"exit 42\r");
            assert_eq!(shell.end(), Some(42));

            let mut shell = Terminal::start(&[TO]);
            shell.type_in(b"echo re''ady\r");
            shell.wait_for("ready");
            shell.type_in(b"\r~.");
            assert_eq!(shell.end(), Some(255));

            // A signal to the program itself.
            let mut shell = Terminal::start(&["-t", TO, "echo ready; exec sleep 60"]);
            shell.wait_for("ready");
            // This name space has no other process of that name.
            sh("pkill -TERM -x sshwhy");
            assert_eq!(shell.end(), Some(128 + 15));

            // The connection ends under it.
            let mut shell = Terminal::start(&[TO]);
            shell.type_in(b"echo re''ady; kill -9 $PPID\r");
            shell.wait_for("connection was lost");
            assert_eq!(shell.end(), Some(255));

            // ^C is the command's.
            let mut shell = Terminal::start(&[
                "-t",
                TO,
                "trap 'exit 21' INT; echo ready; while :; do sleep 0.1; done",
            ]);
            shell.wait_for("ready");
            shell.type_in(b"\x03");
            assert_eq!(shell.end(), Some(21));

            // Without a terminal here there is none there, unless asked for twice.
            assert_eq!(done(&["-t", TO, "tty"]).1, "not a tty\n");
            assert!(done(&["-tt", TO, "tty"]).1.starts_with("/dev/pts/"));

            // An unknown host is asked about; yes is kept.
            fs::remove_file("/root/.ssh/known_hosts").unwrap();
            let mut asked = Terminal::start(&[TO, "exit 11"]);
            asked.wait_for("Is it the right host?");
            asked.type_in(b"no\r");
            assert_eq!(asked.end(), Some(255));
            let mut asked = Terminal::start(&[TO, "exit 11"]);
            asked.wait_for("Is it the right host?");
            asked.type_in(b"yes\r");
            assert_eq!(asked.end(), Some(11));
            assert_eq!(done(&[TO, "exit 12"]).0, Some(12));
        },
    );
}

#[test]
fn a_password_is_typed_where_the_server_asks() {
    machine("a_password_is_typed_where_the_server_asks", || {
        sh(
            "echo root:open-sesame | chpasswd && cp /etc/ssh/sshd_config /mnt/words && \
            sed -i 's/2222/2225/; s/PasswordAuthentication no/PasswordAuthentication yes/' /mnt/words && \
            echo 'PidFile none' >> /mnt/words && sed 's/2222/2225/' /root/.ssh/known_hosts >> /root/.ssh/known_hosts \
            && rm /root/.ssh/id_ed25519",
        );
        sshd("/mnt/words", 2225);
        let mut asked = Terminal::start(&["root@127.0.0.1:2225", "exit 13"]);
        asked.wait_for("password: ");
        asked.type_in(b"wrong\r");
        asked.wait_for("Not taken");
        asked.wait_for("password: ");
        asked.type_in(b"open-sesame\r");
        assert_eq!(asked.end(), Some(13));
    });
}

#[test]
fn dropbear_is_a_server_too() {
    machine("dropbear_is_a_server_too", || {
        if !Path::new("/usr/sbin/dropbear").exists() {
            eprintln!("SKIPPED: dropbear_is_a_server_too: no dropbear");
            return;
        }
        sh("dropbearkey -t ed25519 -f /mnt/bear >/dev/null 2>&1");
        // Its name space ends with the test.
        std::mem::forget(
            Command::new("dropbear")
                .args(["-F", "-r", "/mnt/bear", "-p", "127.0.0.1:2226"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn(),
        );
        listens(2226);
        let new = [
            "-o",
            "StrictHostKeyChecking=accept-new",
            "root@127.0.0.1:2226",
        ];
        let bytes = noise(5 << 20);
        assert!(through(&[&new[..], &["cat"]].concat(), &bytes) == bytes);
        assert_eq!(done(&[&new[..], &["exit 14"]].concat()).0, Some(14));
    });
}
