//! Our reader held to what the real sshd (OpenSSH 9.2p1) said of each line; see `lines/record.sh`.

use sshwhy_authfile::{Answer, Line, OfferedKey, Rules};
use std::{collections::HashMap, fs, path::PathBuf};

fn dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lines")
}

/// The escapes of `printf %b`.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut it = text.iter().copied();
    while let Some(b) = it.next() {
        if b != b'\\' {
            out.push(b);
            continue;
        }
        match it.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'v') => out.push(0x0b),
            Some(b'f') => out.push(0x0c),
            Some(b'x') => {
                let hex: Vec<u8> = [it.next(), it.next()].into_iter().flatten().collect();
                out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            Some(b @ (b'"' | b'\\')) => out.push(b),
            Some(b) => out.extend([b'\\', b]),
            None => out.push(b'\\'),
        }
    }
    out
}

struct Keys(HashMap<String, Vec<u8>>);

impl Keys {
    fn load() -> Self {
        let mut keys = HashMap::new();
        for entry in fs::read_dir(dir().join("keys")).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let b64 = text.split(' ').nth(1).unwrap().as_bytes().to_vec();
            keys.insert(
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                b64,
            );
        }
        Self(keys)
    }

    fn blob(&self, name: &str) -> Vec<u8> {
        sshwhy_keys::base64::decode(&self.0[name]).unwrap()
    }
}

#[test]
fn every_line_gets_the_verdict_of_the_real_sshd() {
    let keys = Keys::load();
    let rules = Rules::openssh(9, 2);
    let recorded = fs::read_to_string(dir().join("recorded.txt")).unwrap();
    let verdicts: HashMap<&str, (&str, &str)> = recorded
        .lines()
        .map(|l| {
            let mut f = l.split('\t');
            let (verdict, name) = (f.next().unwrap(), f.next().unwrap());
            (name, (verdict, f.next().unwrap_or("")))
        })
        .collect();
    let cases = fs::read_to_string(dir().join("cases.txt")).unwrap();
    let (mut n, mut wrong) = (0, Vec::new());
    for case in cases.lines().filter(|l| !l.starts_with('#')) {
        let mut f = case.splitn(3, '\t');
        let (name, key, line) = (f.next().unwrap(), f.next().unwrap(), f.next().unwrap());
        let mut line = line.to_owned();
        for (k, b64) in &keys.0 {
            line = line.replace(&format!("@{k}@"), std::str::from_utf8(b64).unwrap());
        }
        let text = unescape(line.as_bytes());
        let offered_blob = keys.blob(if key == "a-cert" { "b" } else { key });
        let offered = if key == "a-cert" {
            OfferedKey::certificate(&offered_blob)
        } else {
            OfferedKey::plain(&offered_blob).unwrap()
        };
        let Some(&(verdict, words)) = verdicts.get(name) else {
            wrong.push(format!("{name}: not recorded"));
            continue;
        };
        n += 1;
        // Expiry, principals and from= are the engine's; the recorded words tell when they decided.
        let later = [
            "principals on",
            "entry expired",
            "Authentication tried",
            "invalid from criteria",
        ];
        let reaches_options = later.iter().any(|w| words.starts_with(w));
        let mut matched = false;
        let mut said = Vec::new();
        for raw in text.split_inclusive(|&b| b == b'\n') {
            let line = Line::read(raw, &rules);
            match line.candidate_for(&offered) {
                Answer::Match(_) => matched = true,
                Answer::BadOptions(e)
                | Answer::OtherKey {
                    options_error: Some(e),
                } => {
                    said.push(format!("bad key options: {}", e.sshd_text()));
                }
                Answer::NoKeyHere(Some(why)) => said.extend(why.sshd_text().map(str::to_owned)),
                _ => {}
            }
        }
        let want = verdict == "accept" || reaches_options;
        let words_agree = reaches_options || said.first().map_or("", String::as_str) == words;
        if matched != want || (!matched && !words_agree) {
            wrong.push(format!(
                "{name}: sshd {verdict} {words:?}, ours {matched} {said:?}: {}",
                text[..text.len().min(120)].escape_ascii()
            ));
        }
    }
    assert!(n >= 120, "only {n} cases");
    assert!(
        wrong.is_empty(),
        "{} of {n} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
