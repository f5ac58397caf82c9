//! A private key that lies in a key file is named and never quoted.

use sshwhy_causes::Finding;
use sshwhy_scenario::{Embedded, KeyMaterial, Scenario};
use sshwhy_verdict::{Server, judge};

fn findings(keys: &str) -> Vec<Finding> {
    let mut text = String::from("# a: b\n\nc\n\n## refused: d\n```world\nkeys\n");
    for line in keys.lines() {
        text.push_str("| ");
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(
        "expect refuse key-not-listed\n```\n\n## accepted: e\n```world\nexpect accept\n```\n",
    );
    let scenario = Scenario::parse(text.as_bytes()).expect("a scenario");
    let scene = scenario.cases[0].spec.scene(&Embedded).expect("a scene");
    let world = scene.world();
    let server = Server::read(&world, b"/etc/ssh/sshd_config");
    let j = judge(&server, &world, &scene.attempt);
    [j.causes, j.after_login, j.notes].concat()
}

fn quotes(finding: &Finding, secret: &[u8]) -> bool {
    let holds = |text: &[u8]| text.windows(secret.len()).any(|w| w == secret);
    let said = finding.args.iter().any(|(name, text)| {
        // The public key, which some private files hold in the same words.
        !matches!(name, "repaired" | "line_to_add") && holds(text)
    });
    said || finding.evidence.iter().any(|e| {
        let texts = [&e.text, &e.value, &e.detail];
        texts.into_iter().flatten().any(|t| holds(t))
    })
}

/// The lines of a private file that hold its secret.
fn secret_lines(name: &str) -> Vec<String> {
    let file = Embedded.file(name).expect("a file of vectors/lab");
    let text = String::from_utf8(file.to_vec()).unwrap();
    let from = match text.find("Private-Lines:") {
        Some(at) => &text[at..],
        None => &text,
    };
    let word = |l: &&str| !l.contains([' ', '-', ':']) && l.len() >= 24;
    let lines: Vec<String> = from.lines().filter(word).map(str::to_owned).collect();
    assert!(!lines.is_empty(), "{name}");
    lines
}

#[test]
fn no_line_of_a_private_key_is_quoted() {
    for name in [
        "ed25519",
        "rsa2048",
        "rsa2048.pem",
        "ed25519.ppk",
        "ed25519.v2.ppk",
    ] {
        let file = String::from_utf8(Embedded.file(name).unwrap().to_vec()).unwrap();
        let (_, headless) = file.split_once('\n').unwrap();
        let endless = file
            .rsplit_once("-----END")
            .map_or(file.as_str(), |(a, _)| a);
        for text in [file.as_str(), headless, endless] {
            for finding in findings(text) {
                for secret in secret_lines(name) {
                    assert!(
                        !quotes(&finding, secret.as_bytes()),
                        "{name}: {} quotes {secret}: {finding:?}",
                        finding.cause.id
                    );
                }
            }
        }
    }
}
