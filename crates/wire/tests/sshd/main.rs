//! The client against the real sshd, in a private mount and network namespace.
//! Skipped loudly where there is no root or no sshd.

mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use server::Server;
use sshwhy_wire::{
    AfterSuccess, Attempt, ChannelRequest, End, KeySigner, LoginPlan, LoginReport, SignError,
    Signer, SkSigner, Step, StepOutcome, kex,
};

/// `return`s from the test where no sshd can be run.
macro_rules! server {
    () => {
        match Server::new() {
            Ok(server) => server,
            Err(reason) => {
                eprintln!("SKIPPED: {reason}");
                return;
            }
        }
    };
}

fn plan(steps: Vec<Step>) -> LoginPlan {
    LoginPlan::new(b"root", steps)
}

fn exec(command: &[u8], steps: Vec<Step>) -> LoginPlan {
    LoginPlan {
        exec: Some(ChannelRequest::Exec(command.to_vec())),
        ..plan(steps)
    }
}

fn outcomes(report: &LoginReport) -> Vec<&'static str> {
    report
        .steps
        .iter()
        .map(|step| match &step.outcome {
            StepOutcome::PkOk {
                echoes_request: true,
                ..
            } => "pk-ok",
            StepOutcome::PkOk { .. } => "pk-ok for something else",
            StepOutcome::Failure { partial: true, .. } => "partial",
            StepOutcome::Failure { .. } => "failure",
            StepOutcome::Success => "success",
            StepOutcome::Ended(End::Disconnected(_)) => "disconnected",
            StepOutcome::Ended(_) => "ended",
            StepOutcome::NotSigned(_) => "not signed",
            _ => "other",
        })
        .collect()
}

#[test]
fn every_key_type_is_queried_accepted_and_runs_a_command() {
    let mut server = server!();
    for (kind, bits, algorithms) in [
        ("ed25519", "256", &["ssh-ed25519"][..]),
        ("ecdsa", "256", &["ecdsa-sha2-nistp256"]),
        ("ecdsa", "384", &["ecdsa-sha2-nistp384"]),
        ("ecdsa", "521", &["ecdsa-sha2-nistp521"]),
        ("rsa", "2048", &["rsa-sha2-256", "rsa-sha2-512"]),
    ] {
        let key = server.key(kind, bits);
        server.authorize(&[&key.line]);
        for algorithm in algorithms {
            let algorithm = algorithm.as_bytes();
            let report = server.login(&exec(
                b"echo out; echo err >&2; cat; exit 3",
                vec![
                    Step::None,
                    Step::Query {
                        algorithm: algorithm.to_vec(),
                        blob: key.blob.clone(),
                    },
                    Step::Sign(Attempt::new(algorithm, &key.blob, key.signer.clone())),
                ],
            ));
            assert_eq!(
                outcomes(&report),
                ["failure", "pk-ok", "success"],
                "{report:?}"
            );
            assert_eq!(report.after_success, Some(AfterSuccess::Alive));
            let out = report.exec.as_ref().unwrap();
            assert_eq!(out.stdout, b"out\n");
            assert_eq!(out.stderr, b"err\n");
            assert_eq!(out.exit_status, Some(3));
            assert!(
                report
                    .identification()
                    .unwrap()
                    .starts_with(b"SSH-2.0-OpenSSH")
            );
            assert!(report.server_sig_algs().is_some());
            assert!(report.host_key().unwrap().verified);
            assert_eq!(
                report.host_key().unwrap().fingerprint(),
                server.host_fingerprint()
            );
            assert!(server.log().contains("Accepted publickey for root"));
        }
    }
}

#[test]
fn an_unlisted_key_and_a_sha1_algorithm_are_refused_at_the_query() {
    let mut server = server!();
    let listed = server.key("rsa", "2048");
    let other = server.key("ed25519", "256");
    server.authorize(&[&listed.line]);
    let report = server.login(&plan(vec![
        Step::None,
        Step::Query {
            algorithm: b"ssh-ed25519".to_vec(),
            blob: other.blob.clone(),
        },
        Step::Query {
            algorithm: b"ssh-rsa".to_vec(),
            blob: listed.blob.clone(),
        },
        Step::Query {
            algorithm: b"rsa-sha2-512".to_vec(),
            blob: listed.blob.clone(),
        },
    ]));
    assert_eq!(
        outcomes(&report),
        ["failure", "failure", "failure", "pk-ok"],
        "{report:?}"
    );
    let StepOutcome::Failure { methods, .. } = &report.steps[0].outcome else {
        panic!()
    };
    assert!(methods.starts_with(b"publickey"));
}

#[test]
fn a_bad_signature_and_sha1_in_disguise_are_refused_after_pk_ok() {
    let mut server = server!();
    let key = server.key("rsa", "2048");
    server.authorize(&[&key.line]);
    let honest = Attempt::new(b"rsa-sha2-512", &key.blob, key.signer.clone());
    let sha1 = Some(b"ssh-rsa".to_vec());
    let report = server.login(&plan(vec![
        Step::Query {
            algorithm: b"rsa-sha2-512".to_vec(),
            blob: key.blob.clone(),
        },
        Step::Sign(Attempt {
            corrupt: true,
            ..honest.clone()
        }),
        Step::Sign(Attempt {
            sign_as: sha1.clone(),
            ..honest.clone()
        }),
        Step::Sign(Attempt {
            sign_as: sha1,
            label: Some(b"rsa-sha2-512".to_vec()),
            ..honest.clone()
        }),
        Step::Sign(honest),
    ]));
    assert_eq!(
        outcomes(&report),
        ["pk-ok", "failure", "failure", "failure", "success"]
    );
    assert_eq!(report.after_success, Some(AfterSuccess::Alive));
}

#[test]
fn two_keys_in_a_row_are_a_partial_success_first() {
    let mut server = server!();
    server.config("AuthenticationMethods publickey,publickey\n");
    let (one, two) = (server.key("ed25519", "256"), server.key("ecdsa", "256"));
    server.authorize(&[&one.line, &two.line]);
    let report = server.login(&plan(vec![
        Step::Sign(Attempt::new(b"ssh-ed25519", &one.blob, one.signer.clone())),
        Step::Sign(Attempt::new(b"ssh-ed25519", &one.blob, one.signer.clone())),
        Step::Sign(Attempt::new(
            b"ecdsa-sha2-nistp256",
            &two.blob,
            two.signer.clone(),
        )),
    ]));
    assert_eq!(outcomes(&report), ["partial", "failure", "success"]);
}

#[test]
fn the_reason_of_an_earlier_refusal_comes_as_debug_message_after_success() {
    let mut server = server!();
    let (bad, good) = (server.key("ed25519", "256"), server.key("ecdsa", "256"));
    let expired = format!("expiry-time=\"20200101\" {}", bad.line);
    server.authorize(&[&expired, &good.line]);
    let report = server.login(&plan(vec![
        Step::Query {
            algorithm: b"ssh-ed25519".to_vec(),
            blob: bad.blob.clone(),
        },
        Step::Sign(Attempt::new(
            b"ecdsa-sha2-nistp256",
            &good.blob,
            good.signer.clone(),
        )),
    ]));
    assert_eq!(outcomes(&report), ["failure", "success"]);
    let texts: Vec<String> = report
        .debug_messages()
        .map(|m| String::from_utf8_lossy(&m.text).into_owned())
        .collect();
    assert!(texts.iter().any(|t| t.contains("expired")), "{texts:?}");
}

#[test]
fn a_security_key_must_show_touch_and_verification() {
    let server = server!();
    let secret = zeroize::Zeroizing::new([7u8; 32]);
    let name = b"sk-ssh-ed25519@openssh.com";
    for (options, flags, expected) in [
        ("", 1, "success"),
        ("", 0, "failure"),
        ("no-touch-required ", 0, "success"),
        ("verify-required ", 1, "failure"),
        ("verify-required ", 5, "success"),
    ] {
        let signer = Arc::new(SkSigner::new(&secret, b"ssh:", flags, 9));
        let blob = sshwhy_wire::Signer::public_blob(&*signer);
        let line = server::line("sk-ssh-ed25519@openssh.com", &blob);
        server.authorize(&[&format!("{options}{line}")]);
        let report = server.login(&plan(vec![
            Step::Query {
                algorithm: name.to_vec(),
                blob: blob.clone(),
            },
            Step::Sign(Attempt::new(name, &blob, signer)),
        ]));
        assert_eq!(
            outcomes(&report),
            ["pk-ok", expected],
            "{options:?} {flags}"
        );
    }
}

#[test]
fn a_certificate_logs_in_without_a_line_of_its_own() {
    let mut server = server!();
    for (kind, bits, algorithm) in [
        ("ed25519", "256", "ssh-ed25519-cert-v01@openssh.com"),
        ("rsa", "2048", "rsa-sha2-512-cert-v01@openssh.com"),
    ] {
        let (ca, key) = (server.key("ed25519", "256"), server.key(kind, bits));
        let cert = server.certify(&ca, &key, "root");
        server.config(&format!("TrustedUserCAKeys {}\n", ca.public_path.display()));
        server.authorize(&[]);
        let algorithm = algorithm.as_bytes();
        let report = server.login(&plan(vec![
            Step::Query {
                algorithm: algorithm.to_vec(),
                blob: cert.clone(),
            },
            Step::Sign(Attempt::new(algorithm, &cert, key.signer.clone())),
        ]));
        assert_eq!(outcomes(&report), ["pk-ok", "success"], "{}", server.log());
    }
}

#[test]
fn every_kex_cipher_mac_and_host_key_we_offer_is_understood() {
    let mut server = server!();
    server.config("Ciphers +aes192-ctr\nMACs +hmac-sha1\n");
    let key = server.key("ed25519", "256");
    server.authorize(&[&key.line]);
    let all = kex::default_offer();
    let names =
        |list: &[u8]| -> Vec<Vec<u8>> { list.split(|b| *b == b',').map(<[u8]>::to_vec).collect() };
    let marker = |n: &Vec<u8>| !n.starts_with(b"ext-info") && !n.starts_with(b"kex-strict");
    let mut offers = Vec::new();
    // mlkem768x25519-sha256 came with 9.9.
    let known = std::process::Command::new("ssh")
        .args(["-Q", "kex"])
        .output();
    let known = String::from_utf8(known.unwrap().stdout).unwrap();
    let spoken = |name: &Vec<u8>| known.lines().any(|k| k.as_bytes() == name.as_slice());
    let exchanges = names(&all.kex).into_iter().filter(marker).filter(spoken);
    for kex in exchanges {
        offers.push(kex::KexInit { kex, ..all.clone() });
    }
    for cipher in names(&all.cipher_in) {
        let (cipher_in, cipher_out) = (cipher.clone(), cipher);
        offers.push(kex::KexInit {
            cipher_in,
            cipher_out,
            ..all.clone()
        });
    }
    for mac in names(&all.mac_in) {
        let (mac_in, mac_out) = (mac.clone(), mac);
        let cipher = b"aes128-ctr".to_vec();
        let (cipher_in, cipher_out) = (cipher.clone(), cipher);
        offers.push(kex::KexInit {
            mac_in,
            mac_out,
            cipher_in,
            cipher_out,
            ..all.clone()
        });
    }
    for host_key in names(&all.host_key) {
        if !host_key.ends_with(b"384") && !host_key.ends_with(b"521") {
            offers.push(kex::KexInit {
                host_key,
                ..all.clone()
            });
        }
    }
    for offer in offers {
        let mut plan = exec(
            b"head -c 100000 /dev/zero",
            vec![Step::Sign(Attempt::new(
                b"ssh-ed25519",
                &key.blob,
                key.signer.clone(),
            ))],
        );
        plan.transport.offer = offer.clone();
        let report = server.login(&plan);
        assert_eq!(
            outcomes(&report),
            ["success"],
            "{offer:?} {:?} {}",
            report.end,
            server.log()
        );
        assert_eq!(report.exec.unwrap().stdout.len(), 100_000);
    }
}

#[test]
fn nothing_in_common_is_reported_with_the_servers_lists() {
    let server = server!();
    let mut plan = plan(vec![]);
    plan.transport.offer.cipher_in = b"none-such".to_vec();
    let report = server.login(&plan);
    let error = sshwhy_wire::TransportError::NoCommon(kex::KexList::CipherIn);
    assert_eq!(report.end, Some(End::Transport(error)));
    assert!(!report.server_kexinit().unwrap().cipher_in.is_empty());
}

#[test]
fn the_server_renews_keys_in_the_middle_of_output() {
    let mut server = server!();
    server.config("RekeyLimit 64K\n");
    let key = server.key("ed25519", "256");
    server.authorize(&[&key.line]);
    let mut plan = exec(
        b"head -c 600000 /dev/zero",
        vec![Step::Sign(Attempt::new(
            b"ssh-ed25519",
            &key.blob,
            key.signer.clone(),
        ))],
    );
    plan.stdin = vec![b'x'; 50_000];
    let report = server.login(&plan);
    assert_eq!(
        report.exec.unwrap().stdout.len(),
        600_000,
        "{:?}",
        report.end
    );
    let renewed = sshwhy_wire::Event::NewKeys { first: false };
    assert!(report.events.iter().filter(|e| e.event == renewed).count() > 3);
}

#[test]
fn root_policies_show_only_after_the_signature() {
    let mut server = server!();
    let key = server.key("ed25519", "256");
    server.authorize(&[&key.line]);
    let steps = vec![
        Step::Query {
            algorithm: b"ssh-ed25519".to_vec(),
            blob: key.blob.clone(),
        },
        Step::Sign(Attempt {
            hostbound: true,
            ..Attempt::new(b"ssh-ed25519", &key.blob, key.signer.clone())
        }),
    ];
    server.config("PermitRootLogin no\n");
    let report = server.login(&plan(steps.clone()));
    assert_eq!(outcomes(&report), ["pk-ok", "failure"]);
    server.config("PermitRootLogin forced-commands-only\n");
    let report = server.login(&plan(steps.clone()));
    assert_eq!(outcomes(&report), ["pk-ok", "success"]);
    assert!(
        matches!(report.after_success, Some(AfterSuccess::Ended(_))),
        "{report:?}"
    );
    server.config("PermitRootLogin yes\n");
    let report = server.login(&plan(steps));
    assert_eq!(outcomes(&report), ["pk-ok", "success"]);
    assert_eq!(report.after_success, Some(AfterSuccess::Alive));
}

#[test]
fn banner_and_too_many_failures_are_told() {
    let mut server = server!();
    let banner = server.file("banner", "keep out\n");
    server.config(&format!("Banner {}\nMaxAuthTries 2\n", banner.display()));
    let key = server.key("ed25519", "256");
    server.authorize(&[]);
    let query = Step::Query {
        algorithm: b"ssh-ed25519".to_vec(),
        blob: key.blob.clone(),
    };
    let password = Step::Password(zeroize::Zeroizing::new(b"wrong".to_vec()));
    let report = server.login(&plan(vec![Step::None, query, password]));
    assert_eq!(outcomes(&report), ["failure", "failure", "disconnected"]);
    assert_eq!(report.banners().collect::<Vec<_>>(), [b"keep out\n"]);
    assert_eq!(report.disconnect().unwrap().code, 2);
    assert!(
        report
            .disconnect()
            .unwrap()
            .text
            .starts_with(b"Too many authentication")
    );
}

#[test]
fn output_past_the_limit_is_cut_and_a_long_command_is_left() {
    let mut server = server!();
    let key = server.key("ed25519", "256");
    server.authorize(&[&key.line]);
    let steps = vec![Step::Sign(Attempt::new(
        b"ssh-ed25519",
        &key.blob,
        key.signer.clone(),
    ))];
    let report = server.login(&LoginPlan {
        max_output: 5000,
        ..exec(b"yes", steps.clone())
    });
    let out = report.exec.unwrap();
    assert!(out.truncated && out.stdout.len() == 5000);
    let began = Instant::now();
    let total_timeout = Duration::from_secs(1);
    let report = server.login(&LoginPlan {
        total_timeout,
        ..exec(b"sleep 3", steps)
    });
    assert_eq!(report.end, Some(End::TimedOut));
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[test]
fn another_host_key_than_the_pinned_one_gets_no_request() {
    let server = server!();
    let mut plan = plan(vec![Step::None]);
    plan.transport.host_keys = Some(vec![b"another".to_vec()]);
    let report = server.login(&plan);
    let error = sshwhy_wire::TransportError::HostKeyNotExpected;
    assert_eq!(report.end, Some(End::Transport(error)));
    assert!(report.host_key().unwrap().verified && report.steps.is_empty());
}

#[test]
fn dropbear_is_understood_too() {
    let mut server = server!();
    let (key, other) = (server.key("ed25519", "256"), server.key("ecdsa", "256"));
    server.authorize(&[&key.line]);
    let report = match server.dropbear(&exec(
        b"echo out",
        vec![
            Step::None,
            Step::Query {
                algorithm: b"ecdsa-sha2-nistp256".to_vec(),
                blob: other.blob.clone(),
            },
            Step::Query {
                algorithm: b"ssh-ed25519".to_vec(),
                blob: key.blob.clone(),
            },
            Step::Sign(Attempt::new(b"ssh-ed25519", &key.blob, key.signer.clone())),
        ],
    )) {
        Ok(report) => report,
        Err(reason) => {
            eprintln!("SKIPPED: {reason}");
            return;
        }
    };
    assert_eq!(
        outcomes(&report),
        ["failure", "failure", "pk-ok", "success"],
        "{}",
        server.log()
    );
    assert_eq!(report.exec.unwrap().stdout, b"out\n");
}

#[test]
fn an_encrypted_key_signs_with_its_passphrase_only() {
    let mut server = server!();
    let key = server.key("ed25519", "256");
    let text = server.encrypt(&key, "secret");
    let read = |passphrase| KeySigner::from_openssh(&text, passphrase).map(|k| k.public_blob());
    assert_eq!(read(None), Err(SignError::Passphrase));
    assert_eq!(read(Some(b"wrong")), Err(SignError::Passphrase));
    assert_eq!(read(Some(b"secret")), Ok(key.blob));
}
