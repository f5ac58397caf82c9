//! What came of a command: files written, or why not.

use super::problem::{Problem, ProblemDoc};
use super::show::{KeyDoc, key_doc};
use crate::args::{Common, Format as Shape};
use crate::failure::Failure;
use crate::output;
use serde::Serialize;
use sshwhy_keys::{PublicKey, VEIL_LONG, veiled_text};
use sshwhy_report::{json, safe};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file that was written.
pub(super) struct Written {
    pub(super) path: PathBuf,
    /// `private key`, `public key`, `certificate`.
    pub(super) what: &'static str,
    pub(super) mode: u32,
    pub(super) backup: Option<PathBuf>,
}

/// What came of a command.
pub(super) struct Outcome {
    /// `key convert`
    command: &'static str,
    /// The file that was read; empty where none was.
    file: Vec<u8>,
    key: Option<(PublicKey, Vec<u8>)>,
    written: Vec<Written>,
    problems: Vec<Problem>,
    notes: Vec<String>,
    done: bool,
}

impl Outcome {
    pub(super) fn new(command: &'static str, file: &[u8]) -> Outcome {
        Outcome {
            command,
            file: file.to_vec(),
            key: None,
            written: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            done: true,
        }
    }

    /// The answer is no, for these reasons.
    pub(super) fn no(mut self, problems: Vec<Problem>) -> Outcome {
        self.done = false;
        self.problems = problems;
        self
    }

    pub(super) fn key(mut self, key: &PublicKey, comment: &[u8]) -> Outcome {
        self.key = Some((key.clone(), comment.to_vec()));
        self
    }

    pub(super) fn wrote(&mut self, written: Written) {
        self.written.push(written);
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Prints it and gives the exit code.
    pub(super) fn print(&self, common: &Common) -> Result<u8, Failure> {
        let code = u8::from(!self.done);
        output::print(common, code, |out| match common.format {
            Shape::Json => json::write(&self.document(), out),
            Shape::Text => self.text(out),
        })
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for w in &self.written {
            writeln!(out, "{}: {}, mode {:04o}", shown(&w.path), w.what, w.mode)?;
            if let Some(backup) = &w.backup {
                writeln!(out, "  the old file is kept as {}", shown(backup))?;
            }
        }
        if let (Some((key, comment)), true) = (&self.key, self.done) {
            writeln!(
                out,
                "  {} {} {}",
                key.key_type(),
                key.fingerprint(),
                safe::shown(&veiled_text(comment, VEIL_LONG))
            )?;
        }
        for note in &self.notes {
            writeln!(out, "  note: {}", safe::shown(note.as_bytes()))?;
        }
        for (n, p) in self.problems.iter().enumerate() {
            if n > 0 {
                writeln!(out)?;
            }
            p.message(&self.file).render(out)?;
        }
        Ok(())
    }

    fn document(&self) -> Doc {
        Doc {
            schema: "sshwhy/1",
            command: self.command,
            results: [],
            key_files: [ResultDoc {
                file: safe::json(&self.file),
                done: self.done,
                key: self
                    .key
                    .as_ref()
                    .map(|(key, comment)| key_doc(key, comment, &self.file)),
                written: self
                    .written
                    .iter()
                    .map(|w| WrittenDoc {
                        path: safe::json(w.path.as_os_str().as_bytes()),
                        what: w.what,
                        mode: format!("{:04o}", w.mode),
                        backup: w
                            .backup
                            .as_ref()
                            .map(|b| safe::json(b.as_os_str().as_bytes())),
                    })
                    .collect(),
                causes: self
                    .problems
                    .iter()
                    .map(|p| p.document(&self.file))
                    .collect(),
                remarks: self.notes.clone(),
            }],
        }
    }
}

fn shown(path: &Path) -> String {
    safe::shown(path.as_os_str().as_bytes())
}

#[derive(Serialize)]
struct Doc {
    schema: &'static str,
    command: &'static str,
    results: [(); 0],
    key_files: [ResultDoc; 1],
}

#[derive(Serialize)]
struct ResultDoc {
    file: String,
    done: bool,
    key: Option<KeyDoc>,
    written: Vec<WrittenDoc>,
    causes: Vec<ProblemDoc>,
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct WrittenDoc {
    path: String,
    what: &'static str,
    mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<String>,
}
