//! Whom it asks, through what, with which keys.

use crate::*;

/// What `ssh -v` lists as `Will attempt key`, in its order: fingerprints.
fn ssh_order(more: &[&str]) -> Vec<String> {
    let out = Command::new("ssh")
        .args([
            "-v",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-p",
            "2222",
        ])
        .args(more)
        .args(["nobody@127.0.0.1", "true"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    text(&out)
        .lines()
        .filter_map(|l| l.split("Will attempt key: ").nth(1))
        .filter_map(|l| l.split(' ').find(|w| w.starts_with("SHA256:")))
        .map(str::to_owned)
        .collect()
}

fn our_order(more: &[&str]) -> Vec<String> {
    let mut words = vec!["nobody@127.0.0.1:2222", "--dry-run"];
    words.extend(more);
    let out = run(PROGRAM, &words);
    let doc = document(&out);
    doc["probe_plan"]["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|k| k["fingerprint"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn keys_are_offered_in_the_order_of_the_real_client() {
    machine(
        "ways::keys_are_offered_in_the_order_of_the_real_client",
        || {
            sshd("");
            sh(
            "cd /root/.ssh; for t in rsa ecdsa ed25519; do ssh-keygen -q -t $t -N '' -f id_$t; done
            ssh-keygen -q -s /mnt/other -I me -n nobody id_ecdsa.pub
            cp /mnt/good good; cp /mnt/good.pub good.pub",
        );
            let agent = text(&sh(
                "ssh-agent -s -a /mnt/agent >/dev/null; export SSH_AUTH_SOCK=/mnt/agent
            ssh-add -q /mnt/bad /root/.ssh/id_ed25519 /root/.ssh/id_rsa /mnt/good 2>&1",
            ));
            assert_eq!(agent, "");
            let with_config = |text: &str| fs::write("/mnt/config", text).unwrap();
            for socket in [None, Some("/mnt/agent")] {
                match socket {
                    None => with_config("Host *\n IdentityAgent none\n"),
                    Some(path) => with_config(&format!("Host *\n IdentityAgent {path}\n")),
                }
                let base = fs::read_to_string("/mnt/config").unwrap();
                for (extra, words) in [
                    ("", vec![]),
                    ("", vec!["-i", "/root/.ssh/good"]),
                    (" IdentitiesOnly yes\n", vec![]),
                    (" IdentitiesOnly yes\n", vec!["-i", "/root/.ssh/good"]),
                    (
                        " IdentityFile ~/.ssh/id_rsa\n IdentityFile ~/.ssh/good\n",
                        vec![],
                    ),
                    (" CertificateFile ~/.ssh/id_ecdsa-cert.pub\n", vec![]),
                ] {
                    with_config(&format!("{base}{extra}"));
                    let mut more = vec!["-F", "/mnt/config"];
                    more.extend(words);
                    let (theirs, ours) = (ssh_order(&more), our_order(&more));
                    assert!(!theirs.is_empty(), "{extra} {more:?}");
                    assert_eq!(ours, theirs, "{socket:?} {extra:?} {more:?}");
                }
            }
        },
    );
}

#[test]
fn proxies_of_ssh_config_carry_the_connection() {
    machine("ways::proxies_of_ssh_config_carry_the_connection", || {
        sshd("");
        let host = fs::read_to_string("/etc/ssh/ssh_host_ed25519_key.pub").unwrap();
        fs::write("/mnt/known", format!("* {host}")).unwrap();
        fs::write(
            "/mnt/config",
            "Host direct\n ProxyCommand ssh -F /mnt/config -W %h:%p hop\n HostName 127.0.0.1\n Port 2222\n User alice\n\
             Host hop\n HostName 127.0.0.1\n Port 2222\n User alice\n IdentityFile /mnt/good\n\
             Host inner\n ProxyJump hop\n HostName 127.0.0.1\n Port 2222\n User alice\n\
             Host broken\n ProxyCommand exit 3\n HostName 127.0.0.1\n\
             Host *\n UserKnownHostsFile /mnt/known\n IdentityAgent none\n",
        )
        .unwrap();
        let with = |host: &'static str, key: &'static str| {
            let words = ["-F", "/mnt/config", host, "-i", key];
            check(&words)
        };
        let (code, _, place, _) = with("inner", "/mnt/good");
        assert_eq!((code, place.as_str()), (0, "accepted"));
        let (code, _, place, _) = with("inner", "/mnt/bad");
        assert_eq!((code, place.as_str()), (1, "query"));
        let (code, _, place, _) = with("direct", "/mnt/good");
        assert_eq!((code, place.as_str()), (0, "accepted"));
        let (code, _, place, _) = with("broken", "/mnt/good");
        assert_eq!((code, place.as_str()), (3, "identification"));
    });
}

#[test]
fn putty_is_followed_by_its_files_and_its_registry() {
    machine(
        "ways::putty_is_followed_by_its_files_and_its_registry",
        || {
            sshd("");
            let made = Command::new("puttygen")
                .args(["/mnt/good", "-O", "private", "-o", "/mnt/good.ppk"])
                .stdin(Stdio::null())
                .status();
            if !made.is_ok_and(|s| s.success()) {
                return skipped("puttygen is not installed");
            }
            fs::create_dir_all("/root/.putty/sessions").unwrap();
            fs::write(
            "/root/.putty/sessions/my%20web",
            "HostName=127.0.0.1\nPortNumber=2222\nUserName=alice\nPublicKeyFile=/mnt/good.ppk\n",
        )
        .unwrap();
            is(&["--putty-session", "my web"], 0, "accept", "accepted", &[]);
            is(
                &[
                    "alice@127.0.0.1:2222",
                    "-i",
                    "/mnt/good.ppk",
                    "--as",
                    "openssh",
                ],
                1,
                "refuse",
                "not-offered",
                &["ppk-given-to-openssh"],
            );
            is(
                &["alice@127.0.0.1:2222", "-i", "/mnt/good", "--as", "putty"],
                1,
                "refuse",
                "not-offered",
                &["openssh-key-given-to-putty"],
            );
            let text = "Windows Registry Editor Version 5.00\r\n\r\n\
            [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\reg%20web]\r\n\
            \"HostName\"=\"127.0.0.1\"\r\n\"PortNumber\"=dword:000008ae\r\n\
            \"UserName\"=\"alice\"\r\n\"PublicKeyFile\"=\"/mnt/good.ppk\"\r\n";
            let mut reg = vec![0xff, 0xfe];
            reg.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            fs::write("/mnt/putty.reg", reg).unwrap();
            let words = [
                "--putty-reg",
                "/mnt/putty.reg",
                "--putty-session",
                "reg web",
            ];
            is(&words, 0, "accept", "accepted", &[]);
            let out = Command::new(PROGRAM)
                .args(["check", "--putty-session", "my web", "-i", "/mnt/bad.ppk"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert!(crate::text(&out).contains("Auth"), "{}", crate::text(&out));
            fs::write(
                "/root/.putty/sessions/proxied",
                "HostName=127.0.0.1\nProxyMethod=2\nProxyHost=proxy\n",
            )
            .unwrap();
            let out = Command::new(PROGRAM)
                .args(["check", "--putty-session", "proxied"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(out.status.code(), Some(2));
            assert!(
                crate::text(&out).contains("SOCKS 5"),
                "{}",
                crate::text(&out)
            );
        },
    );
}

#[test]
fn a_session_tells_what_ends_it_and_a_plan_costs_nothing() {
    machine(
        "ways::a_session_tells_what_ends_it_and_a_plan_costs_nothing",
        || {
            sshd("");
            let alice = "alice@127.0.0.1:2222";
            sh(
                "sed -i 's,^alice:.*,alice:x:4001:4001::/home/alice:/usr/sbin/nologin,' /etc/passwd",
            );
            is(&[alice, "-i", "/mnt/good"], 0, "accept", "accepted", &[]);
            is(
                &[alice, "-i", "/mnt/good", "--session"],
                0,
                "accept",
                "accepted",
                &["shell-nologin"],
            );
            // A session that ends without a word is not proven to end by anything: it is ranked.
            sshd("ChrootDirectory /no/such\n");
            let out = run(PROGRAM, &[alice, "-i", "/mnt/good", "--session"]);
            let after = document(&out)["results"][0]["after_login"].clone();
            let after = after.as_array().unwrap().clone();
            let of = |id: &str| after.iter().find(|c| c["id"] == id);
            assert!(of("chroot-missing").is_some(), "{}", text(&out));
            let guess = |c: &Value| c["certainty"] != "certain" && c["probability"].is_number();
            assert!(after.iter().all(guess), "{}", text(&out));
            fs::write("/mnt/log", "").unwrap();
            let out = run(PROGRAM, &[alice, "-i", "/mnt/good", "--dry-run"]);
            assert_eq!(out.status.code(), Some(0));
            assert_eq!(document(&out)["probe_plan"]["keys"][0]["offered"], true);
            assert_eq!(fs::read("/mnt/log").unwrap(), b"", "no connection was made");
            // Three failures in a row would add up to a penalty: the third waits, or says so.
            for _ in 0..2 {
                sh(
                    "mkdir -p /mnt/state/sshwhy; printf '%s 127.0.0.1:2222\n' $(date +%s) >> /mnt/state/sshwhy/checks",
                );
            }
            let out = run(PROGRAM, &[alice, "-i", "/mnt/bad"]);
            assert_eq!(out.status.code(), Some(3), "{}", text(&out));
            assert!(document(&out)["probe_plan"]["wait_seconds"].as_u64() > Some(0));
            assert_eq!(fs::read("/mnt/log").unwrap(), b"", "no connection was made");
        },
    );
}

#[test]
fn another_key_of_the_users_is_asked_about_and_never_signed_with() {
    machine(
        "ways::another_key_of_the_users_is_asked_about_and_never_signed_with",
        || {
            sshd("");
            let alice = "alice@127.0.0.1:2222";
            sh("mkdir -m 0700 /mnt/keys; cp /mnt/bad /mnt/good /mnt/good.pub /mnt/keys/");
            let asked = |words: &[&str]| {
                fs::write("/mnt/log", "").unwrap();
                let out = run(PROGRAM, words);
                assert_eq!(out.status.code(), Some(1), "{}", text(&out));
                let doc = document(&out);
                assert_eq!(doc["wire"]["place"], "query");
                let first = doc["results"][0]["causes"][0].clone();
                let others = doc["wire"]["other_keys"].as_array().cloned();
                let log = fs::read_to_string("/mnt/log").unwrap();
                // sshd's log shows neither a login nor a key.
                assert!(!log.contains("publickey"), "{log}");
                (first, others.unwrap_or_default())
            };
            let bad = [alice, "-i", "/mnt/keys/bad"];
            let (first, others) = asked(&bad);
            assert_eq!(others.len(), 1);
            assert_eq!(others[0]["source"], "/mnt/keys/good.pub");
            assert_eq!(others[0]["welcome"], true);
            assert_eq!(first["id"], "client-wrong-identity");
            // The refused key's own line may still be what is wrong.
            assert_eq!(first["certainty"], "likely");
            let commands = first["fixes"].to_string();
            assert!(commands.contains("-i /mnt/keys/good "), "{commands}");
            let (first, others) = asked(&[&bad[..], &["--no-other-keys"]].concat());
            assert!(others.is_empty());
            assert_ne!(first["id"], "client-wrong-identity");
            // What stops the account stops every key of it.
            sh("chmod 777 /home/alice");
            let (first, others) = asked(&bad);
            assert_eq!(others[0]["welcome"], false);
            assert_ne!(first["id"], "client-wrong-identity");
            // However many there are, a server that hears few keys does not find them too many.
            sshd("MaxAuthTries 4\n");
            sh("for k in 1 2 3 4 5 6; do ssh-keygen -q -t ed25519 -N '' -f /mnt/keys/k$k; done");
            let (_, others) = asked(&bad);
            assert_eq!(others.len(), 2);
            let log = fs::read_to_string("/mnt/log").unwrap();
            assert!(!log.contains("maximum authentication attempts"), "{log}");
            let plan = run(PROGRAM, &[&bad[..], &["--dry-run"]].concat());
            let plan = document(&plan)["probe_plan"]["other_keys"].clone();
            assert_eq!(plan.as_array().unwrap().len(), 7);
        },
    );
}

#[test]
fn a_key_that_is_for_another_name_is_told_and_never_signed_with() {
    machine(
        "ways::a_key_that_is_for_another_name_is_told_and_never_signed_with",
        || {
            sshd("");
            sh("cp /mnt/good /mnt/key; ssh-keygen -q -c -C alice@laptop -f /mnt/key");
            fs::write("/mnt/config", "Host 127.0.0.1\n  User alice\n").unwrap();
            let asked = |words: &[&str]| {
                fs::write("/mnt/log", "").unwrap();
                let out = run(PROGRAM, words);
                assert_eq!(out.status.code(), Some(1), "{}", text(&out));
                let log = fs::read_to_string("/mnt/log").unwrap();
                assert!(!log.contains("publickey"), "{log}");
                let doc = document(&out);
                let first = doc["results"][0]["causes"][0].clone();
                (first, doc["wire"]["other_name"].clone())
            };
            let typed = ["nobody@127.0.0.1:2222", "-i"];
            for words in [
                &[&typed[..], &["/mnt/key"]].concat()[..],
                &[&typed[..], &["/mnt/good", "-F", "/mnt/config"]].concat(),
            ] {
                let (first, other) = asked(words);
                assert_eq!(other["user"], "alice", "{words:?}");
                assert_eq!(other["welcome"], true);
                assert_eq!(first["id"], "client-wrong-user");
                assert_eq!(first["certainty"], "likely");
                let fixes = first["fixes"].to_string();
                assert!(fixes.contains("ssh alice@127.0.0.1"), "{fixes}");
                let (first, other) = asked(&[words, &["--no-other-name"]].concat());
                assert!(other.is_null());
                assert_ne!(first["id"], "client-wrong-user");
            }
            // The other name does not know the key either.
            let bad = sh("cp /mnt/bad /mnt/key; ssh-keygen -q -c -C alice@laptop -f /mnt/key");
            assert!(bad.status.success(), "{}", text(&bad));
            let (first, other) = asked(&[&typed[..], &["/mnt/key"]].concat());
            assert_eq!(other["welcome"], false);
            assert_ne!(first["id"], "client-wrong-user");
        },
    );
}
