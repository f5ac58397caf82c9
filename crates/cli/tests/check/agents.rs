//! What an agent has to do with it, and ssh_config files that are no plain files.

use crate::*;

/// The causes of a check with these variables, each with its certainty.
fn causes(env: &[(&str, &str)], words: &[&str]) -> Vec<(String, String)> {
    let out = Command::new(PROGRAM)
        .arg("check")
        .args(words)
        .args(["--format", "json", "--no-wait"])
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let doc = document(&out);
    let of = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let all = doc["results"][0]["causes"].as_array().unwrap();
    all.iter()
        .map(|c| (of(&c["id"]), of(&c["certainty"])))
        .collect()
}

const ALICE: &str = "alice@127.0.0.1:2222";

#[test]
fn a_key_that_the_agent_lacks_keeps_for_others_or_took_with_it_is_named() {
    machine(
        "agents::a_key_that_the_agent_lacks_keeps_for_others_or_took_with_it_is_named",
        || {
            sshd("");
            sh("ssh-agent -a /mnt/agent >/dev/null; SSH_AUTH_SOCK=/mnt/agent ssh-add -q /mnt/other
                mkdir /mnt/half; cp /mnt/good.pub /mnt/half/key.pub
                printf 'Host *\\n IdentitiesOnly yes\\n IdentityFile /mnt/half/key.pub\\n' > /mnt/config");
            let certain = |id: &str| vec![(id.to_owned(), "certain".to_owned())];
            let agent = [("SSH_AUTH_SOCK", "/mnt/agent")];
            let half = ["-F", "/mnt/config", ALICE];
            assert_eq!(causes(&agent, &half), certain("key-not-in-agent"));
            sh("SSH_AUTH_SOCK=/mnt/agent ssh-add -q /mnt/good");
            assert_eq!(causes(&agent, &half), []);
            // Ours tells the destinations, and OpenSSH's does not.
            sh("SSH_AUTH_SOCK=/mnt/agent ssh-add -q -D
                k=$(cut -d' ' -f1,2 /mnt/root.pub); echo \"elsewhere $k\" > /mnt/known; echo \"127.0.0.1 $k\" >> /mnt/known
                SSH_AUTH_SOCK=/mnt/agent ssh-add -q -H /mnt/known -h elsewhere /mnt/good");
            let found = causes(&agent, &half);
            let first = found.first().map(|(id, c)| (id.as_str(), c.as_str()));
            assert_eq!(first, Some(("client-agent-constraint", "likely")));
            let mut ours = Command::new(PROGRAM)
                .args([
                    "agent",
                    "start",
                    "--foreground",
                    "--socket",
                    "/mnt/ours/sock",
                ])
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            until(|| Path::new("/mnt/ours/sock").exists());
            let agent = [("SSH_AUTH_SOCK", "/mnt/ours/sock")];
            let add = |to: &str| {
                text(&sh(&format!(
                    "export SSH_AUTH_SOCK=/mnt/ours/sock; {PROGRAM} agent remove --all
                     {PROGRAM} agent add --known-hosts /mnt/known -h {to} /mnt/good --format json"
                )))
            };
            let said = add("elsewhere");
            assert!(
                said.contains("\"messages\": [") && said.contains("good"),
                "{said}"
            );
            assert_eq!(causes(&agent, &half), certain("client-agent-constraint"));
            add("127.0.0.1");
            let found = causes(&agent, &half);
            assert!(
                found
                    .iter()
                    .all(|(id, c)| id != "client-agent-constraint" || c != "certain"),
                "{found:?}"
            );
            let _ = ours.kill();
            let _ = ours.wait();
            let gone = [
                ("SSH_AUTH_SOCK", "/tmp/ssh-sshwhyTest0/agent.1"),
                ("SSH_CONNECTION", "10.0.0.1 5 10.0.0.2 22"),
            ];
            assert_eq!(causes(&gone, &half), certain("agent-forwarding-gone"));
            assert_eq!(causes(&gone, &[ALICE]), certain("agent-forwarding-gone"));
            assert_eq!(causes(&gone[..1], &[ALICE]), certain("agent-not-running"));
        },
    );
}

#[test]
fn the_null_device_is_an_empty_ssh_config_and_a_fifo_is_none() {
    machine(
        "agents::the_null_device_is_an_empty_ssh_config_and_a_fifo_is_none",
        || {
            sshd("");
            let with = |config| [ALICE, "-i", "/mnt/good", "-F", config];
            is(&with("/dev/null"), 0, "accept", "accepted", &[]);
            sh("mkfifo /mnt/fifo; mknod -m 666 /mnt/zero c 1 5");
            for odd in ["/mnt/fifo", "/mnt/zero"] {
                let begun = Instant::now();
                let out = run(PROGRAM, &with(odd));
                assert_eq!(out.status.code(), Some(2), "{}", text(&out));
                assert!(begun.elapsed() < Duration::from_secs(5), "{odd}");
            }
        },
    );
}
