//! Every key file of every scenario: an index leads to the lines that decide, for every key.
#![allow(missing_docs)]

use sshwhy_authfile::scan::Scanner;
use sshwhy_authfile::{Answer, Found, OfferedKey, Rules};
use sshwhy_index::{Builder, Identity, Index, fingerprint};
use sshwhy_keys::base64;
use sshwhy_scenario::{Embedded, KeyMaterial, Scenario};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn blobs() -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    for name in Embedded::names().filter(|n| n.ends_with(".pub")) {
        let line = Embedded.file(name).unwrap();
        let word = line.split(|b| *b == b' ').nth(1).unwrap_or_default();
        let Ok(blob) = base64::decode(word.trim_ascii()) else {
            continue;
        };
        if fingerprint(&blob).is_some() && OfferedKey::plain(&blob).is_some() {
            out.push(blob);
        }
    }
    out
}

fn files() -> BTreeSet<Vec<u8>> {
    let mut out = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    for stage in fs::read_dir(root).unwrap().flatten() {
        for file in fs::read_dir(stage.path()).into_iter().flatten().flatten() {
            let Ok(scenario) = Scenario::parse(&fs::read(file.path()).unwrap()) else {
                continue;
            };
            for case in scenario.cases {
                let Ok(scene) = case.spec.scene(&Embedded) else {
                    continue;
                };
                out.extend(
                    scene
                        .tree
                        .into_values()
                        .map(|e| e.content)
                        .filter(|c| !c.is_empty() && c.len() < 1 << 16),
                );
            }
        }
    }
    out
}

fn deciding(f: Found<'_>, out: &mut Vec<(u64, Answer)>) {
    if !matches!(f.answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. }) {
        out.push((f.number, f.answer));
    }
}

#[test]
fn an_index_leads_to_every_line_that_decides() {
    let identity = Identity {
        dev: 0,
        ino: 0,
        size: 0,
        mtime: (0, 0),
        ctime: (0, 0),
    };
    let (files, blobs) = (files(), blobs());
    assert!(files.len() > 300 && blobs.len() > 15);
    let mut found = 0;
    for text in &files {
        let mut builder = Builder::default();
        for chunk in text.chunks(97) {
            builder.push(chunk).unwrap();
        }
        let index: Index = builder.finish(identity).unwrap();
        for (major, minor) in [(7, 4), (9, 2)] {
            let rules = Rules::openssh(major, minor);
            for blob in &blobs {
                for wanted in [
                    OfferedKey::plain(blob).unwrap(),
                    OfferedKey::certificate(blob),
                ] {
                    let mut scanned = Vec::new();
                    let mut scanner = Scanner::new(&rules, wanted);
                    scanner.push(text, |f| deciding(f, &mut scanned));
                    scanner.finish(|f| deciding(f, &mut scanned));
                    let mut indexed = Vec::new();
                    let scanner = Scanner::new(&rules, wanted);
                    for place in index.places(&fingerprint(blob).unwrap()) {
                        let from = usize::try_from(place.offset).unwrap();
                        let line = text[from..].split(|b| *b == b'\n').next().unwrap();
                        scanner.line(place.line, line, |f| deciding(f, &mut indexed));
                    }
                    assert_eq!(indexed, scanned, "{}", String::from_utf8_lossy(text));
                    found += scanned.len();
                }
            }
        }
    }
    assert!(found > 500, "{found}");
}
