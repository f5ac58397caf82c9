//! How many verdicts a second one core gives, in process, on an ordinary world: a Debian
//! configuration with an Include and three Match blocks, and a key file of five lines.
//!
//! `cargo run --release -p sshwhy-verdict --example verdicts [N]`
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use sshwhy_scenario::{Embedded, KeyMaterial, Spec};
use sshwhy_verdict::{Server, Verdict, judge, verdict_only};
use std::hint::black_box;
use std::time::{Duration, Instant};

const CONFIG: &[u8] =
    b"Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nPermitRootLogin prohibit-password\n\
KbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\nPrintMotd no\nAcceptEnv LANG LC_*\n\
Subsystem sftp /usr/lib/openssh/sftp-server\nAllowGroups alice devs sudo\n\
Match Address 10.0.0.0/8\n PasswordAuthentication yes\nMatch User backup\n ForceCommand /bin/true\n\
Match Group sftponly\n ChrootDirectory %h\n ForceCommand internal-sftp\n";

fn main() {
    let spec = Spec::new("bench");
    let scene = spec.scene(&Embedded).expect("the base world");
    let mut world = scene.world();
    world.file("/etc/ssh/sshd_config", 0o644, 0, 0, CONFIG);
    world.file(
        "/etc/ssh/sshd_config.d/50-cloud.conf",
        0o644,
        0,
        0,
        b"PasswordAuthentication no\n",
    );
    let mut keys = Vec::new();
    for name in [
        "rsa3072.pub",
        "ecdsa256.pub",
        "ed25519-b.pub",
        "rsa2048.pub",
        "ed25519.pub",
    ] {
        keys.extend_from_slice(Embedded.file(name).expect("a key of vectors/lab"));
    }
    world.file("/home/alice/.ssh/authorized_keys", 0o600, 2001, 2001, &keys);
    let server = Server::read(&world, b"/etc/ssh/sshd_config");
    assert_eq!(
        judge(&server, &world, &scene.attempt).verdict,
        Verdict::Accept
    );
    // A fixed number of verdicts, for counting instructions.
    if let Some(n) = std::env::args().nth(1).and_then(|n| n.parse::<u64>().ok()) {
        for _ in 0..n {
            black_box(verdict_only(&server, &world, black_box(&scene.attempt)).0);
        }
        return;
    }
    for (what, full) in [
        ("verdict and first cause", false),
        ("full judgement with notes", true),
    ] {
        let mut rates = Vec::new();
        for _ in 0..7 {
            let start = Instant::now();
            let mut n = 0u64;
            while start.elapsed() < Duration::from_millis(500) {
                for _ in 0..256 {
                    if full {
                        black_box(judge(&server, &world, black_box(&scene.attempt)).verdict);
                    } else {
                        black_box(verdict_only(&server, &world, black_box(&scene.attempt)).0);
                    }
                }
                n += 256;
            }
            rates.push(n as f64 / start.elapsed().as_secs_f64());
        }
        rates.sort_by(f64::total_cmp);
        println!(
            "{what}: median {:.0} a second (min {:.0}, max {:.0})",
            rates[3], rates[0], rates[6]
        );
    }
}
