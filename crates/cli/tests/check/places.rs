//! Where a login stopped, and what proves it.

use crate::*;

#[test]
fn each_refusal_is_placed_at_its_step() {
    machine("places::each_refusal_is_placed_at_its_step", || {
        let alice = "alice@127.0.0.1:2222";
        sshd("");
        is(&[alice, "-i", "/mnt/good"], 0, "accept", "accepted", &[]);
        is(&[alice, "-i", "/mnt/bad"], 1, "refuse", "query", &[]);
        is(
            &["nobody-there@127.0.0.1:2222", "-i", "/mnt/good"],
            1,
            "refuse",
            "query",
            &[],
        );
        is(
            &[alice, "-i", "/mnt/none"],
            1,
            "refuse",
            "not-offered",
            &["client-key-missing"],
        );
        is(&[alice], 1, "refuse", "not-offered", &["agent-not-running"]);
        is(
            &[alice, "-i", "/mnt/locked"],
            1,
            "refuse",
            "unsigned",
            &["client-batchmode-passphrase"],
        );
        is(
            &[alice, "-i", "/mnt/locked", "--passphrase-file", "/mnt/word"],
            0,
            "accept",
            "accepted",
            &[],
        );
        is(
            &[
                alice,
                "-i",
                "/mnt/locked",
                "--passphrase-file",
                "/mnt/good.pub",
            ],
            1,
            "refuse",
            "unsigned",
            &["client-passphrase-wrong"],
        );
        is(
            &["alice@127.0.0.1:1", "-i", "/mnt/good"],
            1,
            "refuse",
            "reach",
            &["net-unreachable"],
        );
        fs::copy("/mnt/good.pub", "/mnt/half.pub").unwrap();
        is(
            &[alice, "-i", "/mnt/half.pub"],
            3,
            "undetermined",
            "unsigned",
            &[],
        );
        sshd("PermitRootLogin no\n");
        is(
            &["root@127.0.0.1:2222", "-i", "/mnt/root"],
            1,
            "refuse",
            "signature",
            &["root-login-off"],
        );
        sshd("PermitRootLogin forced-commands-only\n");
        is(
            &["root@127.0.0.1:2222", "-i", "/mnt/root"],
            0,
            "accept",
            "session",
            &["root-login-forced-commands-only"],
        );
        sshd("PubkeyAuthentication no\nPasswordAuthentication yes\n");
        is(
            &[alice, "-i", "/mnt/good"],
            1,
            "refuse",
            "method",
            &["publickey-not-offered"],
        );
        sshd("PasswordAuthentication yes\nAuthenticationMethods publickey,password\n");
        is(
            &[alice, "-i", "/mnt/good"],
            1,
            "refuse",
            "partial",
            &["authentication-methods-need-more"],
        );
        sshd("MaxAuthTries 2\n");
        is(
            &[
                alice,
                "-i",
                "/mnt/bad",
                "-i",
                "/mnt/other",
                "-i",
                "/mnt/good",
            ],
            1,
            "refuse",
            "disconnected",
            &["client-too-many-keys"],
        );
        sshd("Ciphers aes128-cbc\nMACs hmac-sha1\nKexAlgorithms diffie-hellman-group1-sha1\n");
        let (code, _, place, _) = check(&[alice, "-i", "/mnt/good"]);
        assert!(
            matches!(
                (code, place.as_str()),
                (1, "key-exchange") | (0, "accepted")
            ),
            "{code} {place}"
        );
    });
}

#[test]
fn a_changed_host_key_is_asked_nothing() {
    machine("places::a_changed_host_key_is_asked_nothing", || {
        sshd("");
        let host = fs::read_to_string("/etc/ssh/ssh_host_ed25519_key.pub").unwrap();
        let other = fs::read_to_string("/mnt/other.pub").unwrap();
        fs::write("/mnt/config", "Host *\n UserKnownHostsFile /mnt/known\n").unwrap();
        let words = [
            "-F",
            "/mnt/config",
            "alice@127.0.0.1:2222",
            "-i",
            "/mnt/good",
        ];
        fs::write("/mnt/known", format!("[127.0.0.1]:2222 {host}")).unwrap();
        sh("ssh-keygen -q -H -f /mnt/known >/dev/null 2>&1");
        is(&words, 0, "accept", "accepted", &[]);
        let known = fs::read("/mnt/known").unwrap();
        fs::write("/mnt/known", format!("[127.0.0.1]:2222 {other}")).unwrap();
        fs::write("/mnt/log", "").unwrap();
        let carol = [
            "-F",
            "/mnt/config",
            "carol@127.0.0.1:2222",
            "-i",
            "/mnt/good",
        ];
        is(&carol, 1, "refuse", "host-key", &["host-key-changed"]);
        let log = fs::read_to_string("/mnt/log").unwrap();
        assert!(!log.contains("carol"), "no name was sent: {log}");
        fs::write("/mnt/known", "").unwrap();
        is(&words, 0, "accept", "accepted", &[]);
        assert_eq!(
            fs::read("/mnt/known").unwrap(),
            b"",
            "nothing is written to known_hosts"
        );
        assert!(!known.is_empty());
        let wrong = [
            "alice@127.0.0.1:2222",
            "-i",
            "/mnt/good",
            "--host-key",
            "SHA256:AAAA",
        ];
        is(&wrong, 1, "refuse", "host-key", &["host-key-changed"]);
    });
}

#[test]
fn the_agent_causes_are_named() {
    machine("places::the_agent_causes_are_named", || {
        sshd("");
        let with_agent = |path: &str| {
            fs::write("/mnt/config", format!("Host *\n IdentityAgent {path}\n")).unwrap()
        };
        let words = ["-F", "/mnt/config", "alice@127.0.0.1:2222"];
        with_agent("/mnt/nowhere");
        is(&words, 1, "refuse", "not-offered", &["agent-not-running"]);
        sh(
            "ssh-agent -s -a /mnt/gone > /mnt/env; . /mnt/env >/dev/null; kill -9 $SSH_AGENT_PID; sleep 0.2",
        );
        with_agent("/mnt/gone");
        is(&words, 1, "refuse", "not-offered", &["agent-socket-stale"]);
        sh("ssh-agent -s -a /mnt/agent >/dev/null; export SSH_AUTH_SOCK=/mnt/agent
            for k in 1 2 3 4 5 6; do ssh-keygen -q -t ed25519 -N '' -f /mnt/k$k; ssh-add -q /mnt/k$k 2>/dev/null; done
            ssh-add -q /mnt/good 2>/dev/null");
        with_agent("/mnt/agent");
        // Five wrong keys are as many as one connection hears; the right one comes with the second.
        is(&words, 0, "accept", "accepted", &[]);
        is(
            &[
                "-F",
                "/mnt/config",
                "alice@127.0.0.1:2222",
                "-i",
                "/mnt/good",
            ],
            0,
            "accept",
            "accepted",
            &[],
        );
    });
}

#[test]
fn dropbear_is_asked_as_well() {
    machine("places::dropbear_is_asked_as_well", || {
        if !Path::new("/usr/sbin/dropbear").exists() {
            return skipped("dropbear is not installed");
        }
        sh(
            "mkdir -p /etc/dropbear; dropbearkey -t ed25519 -f /etc/dropbear/key >/dev/null 2>&1
            dropbear -r /etc/dropbear/key -p 127.0.0.1:2222 -E >/dev/null 2>/mnt/log",
        );
        until(|| TcpStream::connect("127.0.0.1:2222").is_ok());
        is(
            &["alice@127.0.0.1:2222", "-i", "/mnt/good"],
            0,
            "accept",
            "accepted",
            &[],
        );
        is(
            &["alice@127.0.0.1:2222", "-i", "/mnt/bad"],
            1,
            "refuse",
            "query",
            &[],
        );
    });
}
