//! `coverage/refusal-points.toml` against the catalogue, both ways.

use sshwhy_causes::template::{Piece, pieces, sentence};
use sshwhy_causes::{Args, Cause, Level, all, by_id, logline};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

const LEVELS: [(&str, Level); 6] = [
    ("info", Level::Info),
    ("verbose", Level::Verbose),
    ("debug1", Level::Debug1),
    ("debug2", Level::Debug2),
    ("debug3", Level::Debug3),
    ("other", Level::Other),
];

/// One table of the file.
#[derive(Default)]
struct Row {
    table: String,
    line: usize,
    values: BTreeMap<String, Vec<&'static str>>,
}

impl Row {
    fn all(&self, key: &str) -> &[&'static str] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    fn one(&self, key: &str) -> Option<&'static str> {
        self.all(key).first().copied()
    }

    fn texts(&self) -> impl Iterator<Item = (Level, &'static str)> {
        LEVELS
            .iter()
            .flat_map(|(key, level)| self.all(key).iter().map(|text| (*level, *text)))
    }

    fn place(&self) -> String {
        let id = self.one("id").or(self.one("cause")).unwrap_or("?");
        format!("refusal-points.toml:{}: {id}", self.line)
    }
}

/// The strings of `"a"`, `["a", "b"]` or `true`: the part of TOML that the file uses.
fn strings(text: &str) -> Option<Vec<&'static str>> {
    let text = text.trim();
    if text == "true" {
        return Some(vec!["true"]);
    }
    let list = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let mut rest = list.unwrap_or(text).trim_start();
    let mut out = Vec::new();
    while let Some(tail) = rest.strip_prefix('"') {
        let mut value = String::new();
        let mut chars = tail.char_indices();
        let end = loop {
            match chars.next()? {
                (i, '"') => break i,
                (_, '\\') => match chars.next()?.1 {
                    c @ ('"' | '\\') => value.push(c),
                    _ => return None,
                },
                (_, c) => value.push(c),
            }
        };
        out.push(&*value.leak());
        rest = tail[end + 1..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    let whole = rest.is_empty() && (list.is_some() || out.len() == 1);
    whole.then_some(out)
}

fn rows() -> Vec<Row> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../coverage/refusal-points.toml");
    let text = fs::read_to_string(path).unwrap();
    let mut rows: Vec<Row> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for (n, line) in text.lines().enumerate() {
        let at = format!("refusal-points.toml:{}: {line}", n + 1);
        if let Some((_, value)) = &mut open {
            value.push_str(line);
        } else if let Some(table) = line.strip_prefix("[[").and_then(|l| l.strip_suffix("]]")) {
            rows.push(Row {
                table: table.into(),
                line: n + 1,
                ..Row::default()
            });
        } else if !line.is_empty() && !line.starts_with('#') {
            let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{at}"));
            open = Some((key.into(), value.into()));
        }
        let complete = |v: &String| !v.starts_with('[') || v.ends_with(']');
        if let Some((key, value)) = open.take_if(|(_, v)| complete(v)) {
            let values = strings(&value).unwrap_or_else(|| panic!("{at}"));
            let row = rows.last_mut().unwrap_or_else(|| panic!("{at}"));
            let twice = row.values.insert(key, values);
            assert!(twice.is_none(), "{at}: twice");
        }
    }
    assert!(open.is_none(), "a list is left open");
    rows
}

fn points() -> Vec<Row> {
    let mut rows = rows();
    rows.retain(|r| r.table != "elsewhere");
    rows
}

fn none(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// A line as the server would write it.
fn written(template: &'static str) -> Vec<u8> {
    let mut args = Args::new();
    for piece in pieces(template) {
        if let Piece::Fact(name) = piece {
            args.set(name, "x");
        }
    }
    sentence(template, &args).unwrap()
}

#[test]
fn each_row_is_whole_and_has_an_id_of_its_own() {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    let points = points();
    assert!(points.len() >= 200, "only {} rows", points.len());
    for row in &points {
        let place = row.place();
        let mut wrong = |what: &str| faults.push(format!("{place}: {what}"));
        if !["openssh", "dropbear", "around"].contains(&row.table.as_str()) {
            wrong("a table of no server");
        }
        for key in ["id", "file", "function"] {
            if row.all(key).len() != 1 {
                wrong(&format!("has no {key}"));
            }
        }
        if !ids.insert(row.one("id").unwrap_or_default()) {
            wrong("its id stands twice");
        }
        if row.all("causes").is_empty() == row.all("reason").is_empty() {
            wrong("has to have causes or a reason, and not both");
        }
        if (row.texts().count() == 0) == row.all("silent").is_empty() {
            wrong("has to have a text or be silent, and not both");
        }
        for version in row.all("since").iter().chain(row.all("until")) {
            let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
            if !(version.split('.').count() == 2 && version.split('.').all(number)) {
                wrong("a version of another form than 9.2");
            }
        }
        for old in row.all("old") {
            let text = old.split_once(": ").map_or("", |(_, text)| text);
            if !row.texts().any(|(_, t)| t == text) {
                wrong(&format!("an old text that is none of its own: {old}"));
            }
        }
        const KEYS: [&str; 9] = [
            "id", "file", "function", "since", "until", "old", "silent", "causes", "reason",
        ];
        for key in row.values.keys() {
            let level = LEVELS.iter().any(|(l, _)| l == key);
            if !level && key != "note" && !KEYS.contains(&key.as_str()) {
                wrong(&format!("an unknown key {key}"));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_named_cause_is_in_the_catalogue() {
    let mut faults = Vec::new();
    for row in rows() {
        let mut seen = BTreeSet::new();
        for id in row.all("causes").iter().chain(row.all("cause")) {
            if by_id(id).is_none() {
                faults.push(format!("{}: no cause {id}", row.place()));
            }
            if !seen.insert(id) {
                faults.push(format!("{}: {id} stands twice", row.place()));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_cause_of_the_catalogue_has_a_place_where_a_server_refuses_or_a_reason() {
    let rows = rows();
    let elsewhere: Vec<&Row> = rows.iter().filter(|r| r.table == "elsewhere").collect();
    let mut faults = Vec::new();
    for row in &elsewhere {
        if row.all("reason").len() != 1 || row.values.len() != 2 {
            faults.push(format!("{}: a cause or a stage, and a reason", row.place()));
        }
    }
    for cause in all() {
        let refused = rows.iter().any(|r| r.all("causes").contains(&cause.id));
        let named = elsewhere.iter().any(|r| r.one("cause") == Some(cause.id));
        let stage = elsewhere
            .iter()
            .any(|r| r.one("stage") == Some(cause.stage.word()));
        if !refused && !named && !stage {
            faults.push(format!("{} stands in no row", cause.id));
        }
        if refused && named {
            faults.push(format!("{} stands in a row and [[elsewhere]]", cause.id));
        }
    }
    none(&faults);
}

#[test]
fn each_log_line_of_a_cause_is_a_text_of_a_row_that_names_it() {
    let points = points();
    let mut faults = Vec::new();
    for cause in all() {
        for line in cause.log {
            let sample = written(line.text);
            let there = points
                .iter()
                .filter(|r| r.all("causes").contains(&cause.id))
                .flat_map(Row::texts)
                .any(|(level, text)| {
                    level == line.level && logline::matches(text, &sample).is_some()
                });
            if !there {
                faults.push(format!("{} ({:?}): {}", cause.id, line.level, line.text));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_text_of_a_row_with_causes_is_recognised_as_one_of_them() {
    let knows = |cause: &Cause, level: Level, text: &'static str| {
        let sample = written(text);
        cause.log.iter().any(|l| {
            // A row may leave open what a cause says outright.
            let wider = logline::matches(text, &written(l.text)).is_some();
            l.level == level && (wider || logline::matches(l.text, &sample).is_some())
        })
    };
    let mut faults = Vec::new();
    for row in points().iter().filter(|r| !r.all("causes").is_empty()) {
        let causes: Vec<&Cause> = row
            .all("causes")
            .iter()
            .filter_map(|id| by_id(id))
            .collect();
        for (level, text) in row.texts() {
            if !causes.iter().any(|c| knows(c, level, text)) {
                faults.push(format!("{} ({level:?}): {text}", row.place()));
            }
        }
    }
    none(&faults);
}
