//! The document of the contract as JSON, schema `sshwhy/1`.

use crate::document::{Document, Entry};
use crate::quote::{COLUMNS, span_of};
use crate::safe::{hidden, json as text};
use crate::secret::{self, masked};
use crate::words::{Words, level_word};
use serde::Serialize;
use sshwhy_causes::{Cause, Evidence, Finding, Level};
use sshwhy_world::Gap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Doc<'a> {
    schema: &'static str,
    command: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<Server>,
    results: Vec<ResultDoc>,
}

#[derive(Serialize)]
struct Server {
    software: String,
    build: String,
    config: String,
}

#[derive(Serialize)]
struct ResultDoc {
    subject: SubjectDoc,
    verdict: &'static str,
    causes: Vec<CauseDoc>,
    after_login: Vec<CauseDoc>,
    notes: Vec<CauseDoc>,
    missing: Vec<Missing>,
    count: usize,
    trace: Vec<StepDoc>,
}

#[derive(Serialize)]
struct SubjectDoc {
    user: Option<String>,
    key: Option<KeyDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

#[derive(Serialize)]
struct KeyDoc {
    #[serde(rename = "type")]
    key_type: String,
    fingerprint: String,
    source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
}

#[derive(Serialize)]
struct CauseDoc {
    id: &'static str,
    certainty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    stage: &'static str,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    evidence: Vec<EvidenceDoc>,
    sshd_log: Vec<String>,
    sshd_log_levels: Vec<LogDoc>,
    fixes: Vec<FixDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Missing>,
}

#[derive(Serialize)]
struct LogDoc {
    level: &'static str,
    line: String,
}

#[derive(Serialize)]
struct EvidenceDoc {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyword: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Serialize)]
struct FixDoc {
    #[serde(rename = "where")]
    at: &'static str,
    #[serde(rename = "as")]
    by: String,
    text: String,
    commands: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_hand: bool,
    safety: &'static str,
}

#[derive(Serialize)]
struct Missing {
    what: String,
    why: String,
    get: String,
}

#[derive(Serialize)]
struct StepDoc {
    gate: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

/// Writes the document, indented, with a newline at its end. Characters that a terminal would act
/// upon are written as `\uNNNN`.
///
/// # Errors
/// Those of `out`.
pub fn render(doc: &Document, out: &mut dyn Write) -> io::Result<()> {
    let document = Doc {
        schema: "sshwhy/1",
        command: doc.command,
        server: doc.server.as_ref().map(|s| Server {
            software: s.software.clone(),
            build: s.build.clone(),
            config: text(&s.config),
        }),
        results: doc.results.iter().map(result).collect(),
    };
    write(&document, out)
}

/// One result, for a document of another command.
#[must_use]
pub fn entry(entry: &Entry) -> impl Serialize {
    result(entry)
}

/// Writes a document of another command in the same manner as [`render`].
///
/// # Errors
/// Those of `out`.
pub fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    formatted(document, serde_json::ser::PrettyFormatter::new(), out)
}

/// Writes a document on one line, for a log that is read line by line.
///
/// # Errors
/// Those of `out`.
pub fn line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    formatted(document, serde_json::ser::CompactFormatter, out)
}

fn formatted(
    document: &impl Serialize,
    format: impl serde_json::ser::Formatter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let format = Visible(format);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, format);
    document
        .serialize(&mut serializer)
        .map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn result(entry: &Entry) -> ResultDoc {
    let s = &entry.subject;
    let j = &entry.judgement;
    ResultDoc {
        subject: SubjectDoc {
            user: s.user.as_deref().map(text),
            key: s.key.as_ref().map(|k| KeyDoc {
                key_type: text(&k.key_type),
                fingerprint: k.fingerprint.clone(),
                source: text(&k.source),
                comment: text(&masked(&k.comment)),
            }),
            from: s.shown_from(),
            from_host: s.from_host.as_deref().map(text),
            to: s.shown_to(),
        },
        verdict: j.verdict.word(),
        causes: j.causes.iter().map(cause).collect(),
        after_login: j.after_login.iter().map(cause).collect(),
        notes: j.notes.iter().map(cause).collect(),
        missing: j.gaps.iter().map(missing).collect(),
        count: entry.count,
        trace: j
            .trace
            .iter()
            .map(|s| StepDoc {
                gate: s.gate,
                outcome: s.outcome.word(),
                detail: text(&masked(&s.detail)),
            })
            .collect(),
    }
}

fn missing(gap: &Gap) -> Missing {
    Missing {
        what: gap.what.clone(),
        why: gap.why.clone(),
        get: gap.get.clone(),
    }
}

fn cause(f: &Finding) -> CauseDoc {
    let words = Words::of(f);
    CauseDoc {
        id: f.cause.id,
        certainty: f.certainty.word(),
        probability: f.probability.map(|p| (p * 1000.0).floor() / 1000.0),
        stage: f.cause.stage.word(),
        title: text(&words.title),
        rule: words.rule.as_deref().map(text),
        note: words.note.as_deref().map(text),
        evidence: f.evidence.iter().map(evidence).collect(),
        sshd_log: words
            .log
            .iter()
            .filter(|(level, _)| *level == Level::Info)
            .map(|(_, line)| text(line))
            .collect(),
        sshd_log_levels: words
            .log
            .iter()
            .map(|(level, line)| LogDoc {
                level: level_word(*level),
                line: text(line),
            })
            .collect(),
        fixes: words
            .fixes
            .iter()
            .map(|m| FixDoc {
                at: m.at,
                by: text(&m.by),
                text: text(&m.text),
                commands: m.commands.iter().map(|c| text(c)).collect(),
                by_hand: m.by_hand,
                safety: m.safety.word(),
            })
            .collect(),
        missing: f.gap.as_ref().map(missing),
    }
}

fn evidence(e: &Evidence) -> EvidenceDoc {
    let clean = |b: &Vec<u8>| text(&masked(b));
    EvidenceDoc {
        kind: e.kind.word(),
        path: e.path.as_deref().map(text),
        line: e.line,
        column: e.column,
        end_column: e.end_column,
        text: e.text.as_ref().map(|t| text(&excerpt(e, t))),
        mode: e.mode.map(|m| format!("{m:04o}")),
        owner: e.owner.as_deref().map(text),
        group: e.group.as_deref().map(text),
        keyword: e.keyword.clone(),
        value: e.value.as_ref().map(clean),
        origin: e.origin.as_deref().map(text),
        detail: e.detail.as_ref().map(clean),
    }
}

/// At most [`COLUMNS`] bytes of a line, around its span, without secrets.
fn excerpt(e: &Evidence, line: &[u8]) -> Vec<u8> {
    let start = span_of(e, line.len()).map_or(0, |s| s.start);
    let from = match (e.text_column > 1, line.len() > COLUMNS) {
        // What comes before may be the rest of a secret.
        (true, _) => start,
        (false, true) => start.saturating_sub(COLUMNS / 4),
        (false, false) => 0,
    };
    let to = line.len().min(from.saturating_add(COLUMNS));
    let mut out = Vec::with_capacity(to - from);
    let mut at = from;
    for secret in secret::ranges(line) {
        if secret.end <= at || secret.start >= to {
            continue;
        }
        out.extend_from_slice(line.get(at..secret.start).unwrap_or_default());
        out.extend_from_slice(secret::MASK);
        at = secret.end;
    }
    out.extend_from_slice(line.get(at..to).unwrap_or_default());
    out
}

/// Writes hidden characters as escapes, so that looking at the file is as safe as parsing it.
struct Visible<F>(F);

impl<F: serde_json::ser::Formatter> serde_json::ser::Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| hidden(*c)) {
            out.write_all(rest.get(..at).unwrap_or_default().as_bytes())?;
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = rest.get(at + c.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_array(w)
    }

    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array(w)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array_value(w)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object(w)
    }

    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object(w)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object_value(w)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object_value(w)
    }
}

/// Writes the page of a cause as a document without results.
///
/// # Errors
/// Those of `out`.
pub fn render_page(cause: &Cause, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct PageDoc {
        id: &'static str,
        stage: &'static str,
        text: String,
    }
    #[derive(Serialize)]
    struct Doc {
        schema: &'static str,
        command: &'static str,
        results: [(); 0],
        page: PageDoc,
    }
    let page = PageDoc {
        id: cause.id,
        stage: cause.stage.word(),
        text: crate::page::page(cause),
    };
    let document = Doc {
        schema: "sshwhy/1",
        command: "explain",
        results: [],
        page,
    };
    write(&document, out)
}
