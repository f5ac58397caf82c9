//! What is wrong with a key file: the message and its place.

use super::shell;
use serde::Serialize;
use sshwhy_causes::{Evidence, EvidenceKind, by_id};
use sshwhy_report::{Grade, Message, safe};

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// What it is: an id that never changes its meaning.
    pub(super) id: &'static str,
    pub(super) grade: Grade,
    /// One sentence.
    pub(super) title: String,
    pub(super) place: Place,
    pub(super) notes: Vec<String>,
    pub(super) help: Vec<Help>,
    /// What PuTTY, ssh or sshd say about such a file, in their own words.
    pub(super) says: Vec<(&'static str, &'static str)>,
}

/// Where in the file it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Line, from 1. Without one it is about the whole file.
    pub(super) line: Option<u64>,
    /// First byte that matters, from 1.
    pub(super) column: Option<u64>,
    /// After the last one.
    pub(super) end: Option<u64>,
    /// The line, never one of a private part.
    pub(super) text: Option<Vec<u8>>,
    /// What stands there.
    pub(super) detail: Option<String>,
    /// Another file than the one that is shown.
    pub(super) path: Option<Vec<u8>>,
}

/// What helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Help {
    pub(super) text: String,
    pub(super) commands: Vec<String>,
}

impl Problem {
    pub(super) fn new(id: &'static str, grade: Grade, title: impl Into<String>) -> Problem {
        Problem {
            id,
            grade,
            title: title.into(),
            place: Place::default(),
            notes: Vec::new(),
            help: Vec::new(),
            says: Vec::new(),
        }
    }

    pub(super) fn bad(id: &'static str, title: impl Into<String>) -> Problem {
        Problem::new(id, Grade::Bad, title)
    }

    pub(super) fn note(id: &'static str, title: impl Into<String>) -> Problem {
        Problem::new(id, Grade::Note, title)
    }

    pub(super) fn at(mut self, place: Place) -> Problem {
        self.place = place;
        self
    }

    pub(super) fn at_line(mut self, line: usize) -> Problem {
        self.place.line = u64::try_from(line).ok();
        self
    }

    pub(super) fn noting(mut self, note: impl Into<String>) -> Problem {
        self.notes.push(note.into());
        self
    }

    pub(super) fn helped(mut self, text: impl Into<String>) -> Problem {
        self.help.push(Help {
            text: text.into(),
            commands: Vec::new(),
        });
        self
    }

    pub(super) fn helped_by(mut self, text: impl Into<String>, command: Option<String>) -> Problem {
        self.help.push(Help {
            text: text.into(),
            commands: command.into_iter().collect(),
        });
        self
    }

    pub(super) fn says(mut self, who: &'static str, what: &'static str) -> Problem {
        self.says.push((who, what));
        self
    }

    /// Whether the file, or what was asked of it, is or may be worse for it.
    pub(super) fn is_damage(&self) -> bool {
        self.grade != Grade::Note
    }

    /// Whether it says that the file itself is damaged, not that something else stands in the way.
    pub(super) fn is_of_the_file(&self) -> bool {
        self.is_damage() && self.word() == "damaged"
    }

    /// The first word of its message.
    fn word(&self) -> &'static str {
        match (self.grade, self.id) {
            (Grade::Note, _) => "note",
            (_, "key-file-unsupported" | "ppk-version-too-new") => "not read",
            (_, "ppk-damaged-or-wrong-passphrase" | "key-damaged-or-wrong-passphrase") => {
                "not opened"
            }
            (Grade::Open, _) => "may be damaged",
            (Grade::Bad, "weak-key" | "dsa-key") => "broken",
            (Grade::Bad, "client-passphrase-wrong") => "not opened",
            (Grade::Bad, "client-stale-pub" | "key-pair-mismatch") if self.place.path.is_some() => {
                "does not fit"
            }
            (
                Grade::Bad,
                "key-file-public-given"
                | "key-file-several"
                | "key-format-read-only"
                | "key-format-without-type"
                | "key-line-certificate",
            ) => "not done",
            (Grade::Bad, id) if id.starts_with("cert-") => "refused",
            (Grade::Bad, _) => "damaged",
        }
    }

    /// For people.
    pub(super) fn message(&self, path: &[u8]) -> Message {
        let mut e = Evidence::new(EvidenceKind::Text);
        e.path = Some(self.place.path.clone().unwrap_or_else(|| path.to_vec()));
        e.line = self.place.line;
        e.column = self.place.column;
        e.end_column = self.place.end;
        e.text.clone_from(&self.place.text);
        e.detail = self.place.detail.clone().map(String::into_bytes);
        let mut facts = Vec::new();
        for note in &self.notes {
            facts.push(("note", note.clone()));
        }
        for help in &self.help {
            match help.commands.as_slice() {
                [] => facts.push(("help", shell::naming(&help.text, path))),
                [command] => facts.push(("help", format!("{}:  {command}", help.text))),
                many => facts.push(("help", format!("{}:  {}", help.text, many.join("; ")))),
            }
        }
        for (who, what) in &self.says {
            let what = what.replace("\"FILE\"", &format!("\"{}\"", safe::shown(path)));
            facts.push(("says", format!("{who}: {what}")));
        }
        if by_id(self.id).is_some() || super::pages::has(self.id) {
            facts.push(("more", format!("sshwhy explain {}", self.id)));
        }
        Message {
            grade: self.grade,
            word: self.word(),
            id: self.id,
            title: self.title.clone(),
            evidence: vec![e],
            facts,
        }
    }

    /// For programs.
    pub(super) fn document(&self, path: &[u8]) -> ProblemDoc {
        let place = &self.place;
        ProblemDoc {
            id: self.id,
            certainty: match self.grade {
                Grade::Bad | Grade::Note => "certain",
                Grade::Open => "possible",
            },
            stage: stage(self.id),
            title: self.title.clone(),
            note: (!self.notes.is_empty()).then(|| self.notes.join("; ")),
            evidence: vec![EvidenceDoc {
                kind: "text",
                path: safe::json(place.path.as_deref().unwrap_or(path)),
                line: place.line,
                column: place.column,
                end_column: place.end,
                text: place.text.as_deref().map(|t| safe::json(cut(t))),
                detail: place.detail.clone(),
            }],
            sshd_log: [],
            fixes: self
                .help
                .iter()
                .map(|h| FixDoc {
                    at: "client",
                    by: "you",
                    text: shell::naming(&h.text, path),
                    commands: h.commands.clone(),
                    safety: "neutral",
                })
                .collect(),
            says: self
                .says
                .iter()
                .map(|&(program, text)| SaysDoc { program, text })
                .collect(),
        }
    }
}

fn cut(text: &[u8]) -> &[u8] {
    text.get(..200).unwrap_or(text)
}

/// The stage of a login at which it matters.
fn stage(id: &str) -> &'static str {
    if id.starts_with("key-line-")
        || id.starts_with("key-lines-")
        || id.starts_with("key-type-")
        || id.starts_with("key-option-")
        || id.starts_with("keys-file-")
        || id == "key-marked-cert-authority"
    {
        "authorized_keys"
    } else if id.starts_with("cert-") {
        "certificate"
    } else if matches!(
        id,
        "dsa-key" | "rsa-key-below-1024" | "key-type-unsupported-by-version"
    ) {
        "algorithm"
    } else {
        "private_key"
    }
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ProblemDoc {
    id: &'static str,
    certainty: &'static str,
    stage: &'static str,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    evidence: Vec<EvidenceDoc>,
    sshd_log: [(); 0],
    fixes: Vec<FixDoc>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    says: Vec<SaysDoc>,
}

#[derive(Clone, Debug, Serialize)]
struct EvidenceDoc {
    kind: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct FixDoc {
    #[serde(rename = "where")]
    at: &'static str,
    #[serde(rename = "as")]
    by: &'static str,
    text: String,
    commands: Vec<String>,
    safety: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct SaysDoc {
    program: &'static str,
    text: &'static str,
}
