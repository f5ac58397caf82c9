//! What a file is, and everything that is wrong with it.

use super::problem::Problem;
use super::{public_file, structure, text};
use sshwhy_keyfile::{KeyFile, PrivateKey, UnlockError};
use sshwhy_keys::{Block, Encoding, Format, LoadedPublic, Sniffed, load_public, sniff};
use zeroize::Zeroizing;

/// A file looked through.
pub(super) struct Diagnosis {
    /// What the first key in it is.
    pub(super) format: Option<Format>,
    pub(super) encoding: Encoding,
    /// The private key file, where it is one that can be taken apart.
    pub(super) file: Option<KeyFile>,
    /// The public half, from wherever it stands.
    pub(super) public: Option<LoadedPublic>,
    /// What came of the private half.
    pub(super) private: Private,
    /// What is wrong, gravest first.
    pub(super) problems: Vec<Problem>,
}

/// What came of the private half.
pub(super) enum Private {
    /// There is none in the file.
    None,
    /// It is encrypted, and no passphrase was given.
    Locked,
    /// It is there and whole, and the public half is its own.
    Open(Box<PrivateKey>),
    /// The passphrase does not open it.
    WrongPassphrase,
    /// It is damaged, or of another key than the public half.
    Damaged,
    /// This program cannot look into it.
    NotLooked,
}

impl Diagnosis {
    /// Whether anything is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.problems.iter().any(Problem::is_damage)
    }

    /// Whether the file holds a private key, whole or not.
    pub(super) fn is_private(&self) -> bool {
        self.format.as_ref().is_some_and(Format::is_private)
    }
}

/// The data with LF for CR, where lines end in CR alone; places stay what they were.
pub(super) fn with_lf(data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    text::is_cr_only(data).then(|| {
        Zeroizing::new(
            data.iter()
                .map(|&b| if b == b'\r' { b'\n' } else { b })
                .collect(),
        )
    })
}

/// Looks a file through. A passphrase that is not needed is not looked at.
pub(super) fn diagnose(data: &[u8], name: &[u8], passphrase: Option<&[u8]>) -> Diagnosis {
    let with_lf = with_lf(data);
    let plain = with_lf.as_deref().map_or(data, Vec::as_slice);
    let sniffed = sniff(plain);
    // A private key behind public ones was pasted into their file.
    let listed = sniffed
        .blocks
        .first()
        .is_some_and(|b| matches!(b.format, Format::PublicLine | Format::OptionsLine));
    let block = sniffed
        .blocks
        .iter()
        .find(|b| b.format.is_private() && !listed)
        .or(sniffed.blocks.first());
    let mut out = Diagnosis {
        format: block.map(|b| b.format.clone()),
        encoding: sniffed.encoding,
        file: None,
        public: load_public(plain).ok(),
        private: Private::None,
        problems: Vec::new(),
    };
    match block {
        Some(block) if block.format.is_private() => {
            private(&mut out, plain, data, &sniffed, block, passphrase);
        }
        _ => public_file::diagnose(&mut out, data, name),
    }
    collapse(&mut out.problems);
    // Stable: what stands further up in the file stays first among its like.
    out.problems.sort_by_key(|p| !p.is_damage());
    out
}

/// Of the same thing on many lines of one key, the first is told and the others are counted.
fn collapse(problems: &mut Vec<Problem>) {
    for id in ["ppk-blanks", "ppk-line-length"] {
        let all = problems.iter().filter(|p| p.id == id).count();
        if let Some(first) = problems.iter_mut().find(|p| p.id == id)
            && all > 1
        {
            let more = text::count(all.saturating_sub(1), "more line");
            first.notes.insert(0, format!("the same on {more}"));
        }
        let mut seen = false;
        problems.retain(|p| p.id != id || !std::mem::replace(&mut seen, true));
    }
    if problems.iter().any(|p| p.id == "key-file-indented") {
        problems.retain(|p| p.id != "ppk-blanks" && p.id != "ppk-line-length");
    }
}

fn private(
    out: &mut Diagnosis,
    plain: &[u8],
    data: &[u8],
    sniffed: &Sniffed,
    block: &Block,
    passphrase: Option<&[u8]>,
) {
    out.problems = text::around(data, sniffed.encoding, block);
    let more = sniffed
        .blocks
        .iter()
        .filter(|b| b.format.is_private())
        .count()
        .saturating_sub(1);
    if more > 0 {
        out.problems.push(
            Problem::note(
                "key-file-more-keys",
                format!(
                    "{} more in the file: programs read the first one alone",
                    text::count(more, "private key")
                ),
            )
            .at_line(block.line),
        );
    }
    let file = match sshwhy_keyfile::read(data) {
        Ok(file) => file,
        Err(error) => {
            out.private = Private::Damaged;
            out.problems.push(structure::of_file(&error, plain, block));
            return;
        }
    };
    out.problems.extend(
        file.problems
            .iter()
            .filter(|p| !structure::is_about_lines(p))
            .map(|p| structure::of_problem(p, &file.format, plain, block)),
    );
    // A file that is taken apart although its end mark is missing lacks the mark alone.
    if block.unterminated && !out.problems.iter().any(|p| p.id == "key-file-truncated") {
        out.problems.push(structure::unterminated(plain, block));
    }
    out.private = match file.unlock(passphrase) {
        Ok(key) => Private::Open(Box::new(key)),
        Err(UnlockError::PassphraseNeeded) => Private::Locked,
        Err(error) => {
            let state = match error {
                UnlockError::WrongPassphrase | UnlockError::WrongOrDamaged { .. } => {
                    Private::WrongPassphrase
                }
                UnlockError::Unsupported(_) => Private::NotLooked,
                _ => Private::Damaged,
            };
            // What is told already explains why the MAC does not fit.
            let told = out
                .problems
                .iter()
                .any(|p| p.is_damage() && p.id.starts_with("ppk-"));
            let problem = structure::of_unlock(&error, &file, plain, block);
            if !(told && problem.id == "ppk-mac-mismatch") {
                out.problems.push(problem);
            }
            state
        }
    };
    out.file = Some(file);
}
