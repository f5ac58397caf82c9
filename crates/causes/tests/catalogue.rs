//! What holds for every cause: its words, its fixes, its page.
//!
//! Each test gathers all faults before it fails, so that one run shows the whole list.

use sshwhy_causes::template::{Piece, pieces};
use sshwhy_causes::{Args, Cause, PAGE_HEADINGS, Safety, Stage, all, by_id, logline};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const IDS: &str = include_str!("ids.txt");

/// The facts that each finding of an attempt carries.
const ALWAYS: [&str; 9] = [
    "user",
    "uid",
    "home",
    "shell",
    "keytype",
    "fingerprint",
    "from",
    "build",
    "unit",
];

fn ids() -> BTreeSet<&'static str> {
    IDS.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect()
}

fn none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// The templates of a cause that people read as sentences.
fn sentences(cause: &'static Cause) -> Vec<&'static str> {
    let mut out = vec![cause.title, cause.rule, cause.note];
    out.extend(cause.fixes.iter().map(|f| f.text));
    out
}

fn facts(template: &'static str) -> Vec<&'static str> {
    pieces(template)
        .filter_map(|p| match p {
            Piece::Fact(name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

/// The prose of a page: without fenced blocks and without `code`, where other programs speak.
fn prose(page: &str) -> String {
    let outside_fences: String = page.split("```").step_by(2).collect();
    outside_fences
        .split('`')
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Where "PuTTY says" and the like quote somebody, the quotation is theirs.
fn without_quotations(text: &str) -> String {
    text.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

fn banned_word(text: &str) -> Option<&'static str> {
    const BANNED: [&str; 6] = [
        "just",
        "simply",
        "obviously",
        "please",
        "illegal",
        "invalid",
    ];
    let lower = text.to_lowercase();
    if lower.contains("an error occurred") {
        return Some("an error occurred");
    }
    let words: BTreeSet<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    BANNED.into_iter().find(|word| {
        let excused = *word == "invalid" && lower.contains("expected") && lower.contains("found");
        words.contains(word) && !excused
    })
}

#[test]
fn every_promised_id_is_a_cause_and_every_cause_is_promised() {
    let promised = ids();
    let there: BTreeSet<&str> = all().map(|c| c.id).collect();
    let missing: Vec<_> = promised.difference(&there).collect();
    let unpromised: Vec<_> = there.difference(&promised).collect();
    assert!(
        missing.is_empty() && unpromised.is_empty(),
        "missing {missing:?}, new {unpromised:?}"
    );
    assert_eq!(all().count(), there.len(), "an id stands twice");
    for id in there {
        assert_eq!(by_id(id).map(|c| c.id), Some(id));
    }
}

#[test]
fn a_cause_lies_in_the_file_of_its_name_and_the_folder_of_its_stage() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    let mut files = BTreeSet::new();
    for folder in fs::read_dir(&src)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
    {
        for file in fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()) {
            let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
            if stem != "mod" {
                let folder = folder.file_name().unwrap().to_str().unwrap().to_owned();
                files.insert((folder, stem.replace('_', "-")));
            }
        }
    }
    for cause in all() {
        // Reaching a server and the key exchange share a folder.
        let folder = match cause.stage {
            Stage::Transport => "connect",
            stage => stage.word(),
        };
        if !files.remove(&(folder.to_owned(), cause.id.to_owned())) {
            faults.push(format!("{}: no file in src/{folder}", cause.id));
        }
    }
    faults.extend(
        files
            .iter()
            .map(|(folder, id)| format!("src/{folder}: {id} is in no list")),
    );
    none(&faults);
}

#[test]
fn a_headline_is_one_sentence_without_a_full_stop() {
    let mut faults = Vec::new();
    for cause in all() {
        if cause.title.is_empty() {
            faults.push(format!("{}: no title", cause.id));
        }
        for text in sentences(cause) {
            if text.ends_with('.') || text.trim() != text || text.contains('\n') {
                faults.push(format!("{}: {text:?}", cause.id));
            }
        }
    }
    none(&faults);
}

#[test]
fn a_page_has_its_headings_in_order_and_something_under_each() {
    let mut faults = Vec::new();
    for cause in all() {
        let mut rest = cause.page;
        let mut first = true;
        for heading in PAGE_HEADINGS {
            let Some((before, after)) = rest.split_once(&format!("\n{heading}\n")) else {
                faults.push(format!(
                    "{}: {heading} is missing or out of order",
                    cause.id
                ));
                break;
            };
            if before.trim().is_empty() || (first && before.trim().lines().count() != 1) {
                faults.push(format!("{}: before {heading}", cause.id));
            }
            first = false;
            rest = after;
        }
        if rest.trim().is_empty() || rest.contains("\n## ") || cause.page.starts_with('#') {
            faults.push(format!("{}: the page's ends", cause.id));
        }
        if cause.page.lines().filter(|l| l.starts_with("```")).count() % 2 != 0 {
            faults.push(format!("{}: a code block is left open", cause.id));
        }
        let lines = cause.page.lines().count();
        if !(15..=60).contains(&lines) {
            faults.push(format!("{}: {lines} lines", cause.id));
        }
    }
    none(&faults);
}

#[test]
fn no_banned_word_is_ours() {
    let mut faults = Vec::new();
    for cause in all() {
        let mut texts: Vec<String> = sentences(cause).into_iter().map(str::to_owned).collect();
        texts.extend(prose(cause.page).lines().map(str::to_owned));
        for text in texts {
            if let Some(word) = banned_word(&without_quotations(&text)) {
                faults.push(format!("{}: {word}: {text}", cause.id));
            }
        }
    }
    none(&faults);
}

#[test]
fn facts_have_plain_names_and_braces_are_pairs() {
    let mut faults = Vec::new();
    for cause in all() {
        let mut templates = sentences(cause);
        templates.extend(cause.fixes.iter().flat_map(|f| f.commands.iter().copied()));
        templates.extend(cause.log.iter().map(|l| l.text));
        for template in templates {
            for piece in pieces(template) {
                let good = match piece {
                    Piece::Fact(name) => {
                        !name.is_empty()
                            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                    }
                    Piece::Text(text) => {
                        !text.contains(['{', '}'])
                            || template.contains("{{")
                            || template.contains("}}")
                    }
                };
                if !good {
                    faults.push(format!("{}: {piece:?} in {template:?}", cause.id));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn a_log_template_reads_back_what_it_writes() {
    let mut faults = Vec::new();
    for cause in all() {
        for line in cause.log {
            let names = facts(line.text);
            let mut args = Args::new();
            for (i, name) in names.iter().enumerate() {
                args.set(name, format!("fact{i}"));
            }
            let written = sshwhy_causes::template::sentence(line.text, &args).unwrap();
            let distinct: BTreeSet<_> = names.iter().collect();
            let read = logline::matches(line.text, &written);
            if distinct.len() != names.len() || read.as_ref() != Some(&args) {
                faults.push(format!("{}: {:?}", cause.id, line.text));
            }
        }
    }
    none(&faults);
}

#[test]
fn a_weakening_fix_is_never_first_and_never_alone() {
    let mut faults = Vec::new();
    for cause in all() {
        if cause
            .fixes
            .first()
            .is_some_and(|f| f.safety == Safety::Weakens)
        {
            faults.push(format!("{}: {:?}", cause.id, cause.fixes[0].text));
        }
        // Nor may it stay alone when a finding carries no more than the facts that are always
        // there, and those that the headline names.
        let title = facts(cause.title);
        let there = |name: &&str| ALWAYS.contains(name) || title.contains(name);
        let always = |f: &&sshwhy_causes::Fix| {
            facts(f.text).iter().all(there) && f.commands.iter().all(|c| facts(c).iter().all(there))
        };
        let staying: Vec<_> = cause.fixes.iter().filter(always).collect();
        if !staying.is_empty() && staying.iter().all(|f| f.safety == Safety::Weakens) {
            faults.push(format!("{}: alone: {:?}", cause.id, staying[0].text));
        }
        for fix in cause.fixes {
            if fix.text.is_empty() {
                faults.push(format!("{}: a fix without words", cause.id));
            }
        }
    }
    none(&faults);
}

#[test]
fn commands_that_take_a_path_guard_it() {
    const TAKES_PATHS: [&str; 12] = [
        "chmod",
        "chown",
        "chgrp",
        "rm",
        "mv",
        "cp",
        "mkdir",
        "rmdir",
        "ln",
        "touch",
        "setfacl",
        "restorecon",
    ];
    let mut faults = Vec::new();
    for cause in all() {
        for command in cause.fixes.iter().flat_map(|f| f.commands) {
            let program = command.split(' ').next().unwrap_or("");
            if TAKES_PATHS.contains(&program) && !command.contains(" -- ") {
                faults.push(format!("{}: {command}", cause.id));
            }
            if command.contains('\n') || command.trim() != *command || command.is_empty() {
                faults.push(format!("{}: {command:?}", cause.id));
            }
        }
    }
    none(&faults);
}
