//! The mended world holds added lines at the top of a key file. What is found there is put back onto the lines of
//! the file as it is.

use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::{Evidence, Finding};
use sshwhy_world::Mend;

/// The line of the real file that an added line mends, as evidence quoted it.
#[derive(Clone)]
struct Mended {
    number: u64,
    quoted: Option<Evidence>,
}

/// Lines that stand at the top of one mended file: each with what it mends, where it mends a line.
struct Top {
    file: Vec<u8>,
    mended: Vec<Option<Mended>>,
}

/// The added lines of all files.
#[derive(Default)]
pub(crate) struct Lines(Vec<Top>);

impl Top {
    fn at(&self, line: u64) -> Option<&Option<Mended>> {
        self.mended.get(usize::try_from(line.checked_sub(1)?).ok()?)
    }

    /// The number in the real file.
    fn real(&self, line: u64) -> u64 {
        match self.at(line) {
            Some(Some(mended)) => mended.number,
            Some(None) => line,
            None => line.saturating_sub(self.mended.len() as u64),
        }
    }
}

impl Lines {
    /// Takes note of the lines that the mending of a finding adds.
    pub(crate) fn note(&mut self, finding: &Finding) {
        let Some(file) = finding.args.get("file") else {
            return;
        };
        for mend in &finding.mend {
            let Mend::KeyLine { line, .. } = mend else {
                continue;
            };
            let count = line.split(|&b| b == b'\n').count();
            let quotes =
                |e: &&Evidence, number| e.line == Some(number) && e.path.as_deref() == Some(file);
            let mended = number(finding, "line").map(|number| Mended {
                number,
                quoted: finding.evidence.iter().find(|e| quotes(e, number)).cloned(),
            });
            let added = core::iter::repeat_n(mended, count);
            match self.0.iter_mut().find(|top| top.file == file) {
                Some(top) => drop(top.mended.splice(0..0, added)),
                None => self.0.push(Top {
                    file: file.to_vec(),
                    mended: added.collect(),
                }),
            }
        }
    }

    /// Makes a finding in the mended world name the lines of the file as it is.
    pub(crate) fn put_back(&self, finding: &mut Finding) {
        for top in &self.0 {
            for e in &mut finding.evidence {
                if e.path.as_deref() != Some(&top.file) {
                    continue;
                }
                let mended = e.line.and_then(|n| top.at(n)?.as_ref());
                match mended.and_then(|m| within(e, m.quoted.as_ref()?)) {
                    Some(real) => *e = real,
                    None => e.line = e.line.map(|n| top.real(n)),
                }
            }
            if finding.args.get("file") != Some(&top.file) {
                continue;
            }
            for name in ["line", "last_line"] {
                if let Some(n) = number(finding, name) {
                    finding.args.set(name, top.real(n).to_string());
                }
            }
        }
    }
}

/// The evidence as it shows in the quoted real line, where the same words stand there.
fn within(found: &Evidence, real: &Evidence) -> Option<Evidence> {
    let offset =
        |column: Option<u64>| usize::try_from(column?.checked_sub(found.text_column)?).ok();
    let from = offset(found.column)?;
    let words = found.text.as_ref()?.get(from..offset(found.end_column)?)?;
    let text = real.text.as_ref()?;
    let starts = |&i: &usize| text.get(i..).is_some_and(|rest| rest.starts_with(words));
    let at = (0..text.len()).find(starts)?;
    let column = real.text_column.checked_add(at as u64)?;
    Some(Evidence {
        column: Some(column),
        end_column: Some(column.checked_add(words.len() as u64)?),
        ..real.clone()
    })
}

fn number(finding: &Finding, name: &str) -> Option<u64> {
    let text = core::str::from_utf8(finding.args.get(name)?).ok()?;
    text.parse().ok()
}
