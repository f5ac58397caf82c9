//! A message that is no finding of a login: what is wrong with a file, or worth knowing of it.

use crate::safe::shown;
use crate::text::{BAD, LABEL, OPEN, STRONG, evidence, fact};
use sshwhy_causes::Evidence;
use std::io::{self, Write};

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Something is broken.
    Bad,
    /// Something may be broken.
    Open,
    /// Worth knowing.
    Note,
}

/// One message, in rustc's manner. Its words are escaped when they are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How grave.
    pub grade: Grade,
    /// The first word: `damaged`, `note`.
    pub word: &'static str,
    /// What it is about, as an id.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub title: String,
    /// What shows it, and where.
    pub evidence: Vec<Evidence>,
    /// What else is to be said: the name of a line (`note`, `help`) and its text.
    pub facts: Vec<(&'static str, String)>,
}

impl Message {
    /// Prints it. Colours are written as escape sequences.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        let style = match self.grade {
            Grade::Bad => BAD,
            Grade::Open => OPEN,
            Grade::Note => LABEL,
        };
        writeln!(
            out,
            "{style}{}[{}]{style:#}: {STRONG}{}{STRONG:#}",
            self.word,
            self.id,
            shown(self.title.as_bytes())
        )?;
        let width = self
            .evidence
            .iter()
            .filter_map(|e| e.line)
            .max()
            .map_or(2, |n| n.to_string().len().max(2));
        for (n, e) in self.evidence.iter().enumerate() {
            evidence(None, e, n == 0, width, false, out)?;
        }
        for (name, text) in &self.facts {
            fact(out, name, &shown(text.as_bytes()))?;
        }
        Ok(())
    }
}
