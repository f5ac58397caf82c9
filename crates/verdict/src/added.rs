//! The mended world holds added lines at the top of a key file. What is found there is put back onto the lines of
//! the file as it is.

use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::Finding;
use sshwhy_world::Mend;

/// Lines that stand at the top of one mended file: each with the line that it mends, where it mends one.
struct Top {
    file: Vec<u8>,
    mended: Vec<Option<u64>>,
}

/// The added lines of all files.
#[derive(Default)]
pub(crate) struct Lines(Vec<Top>);

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
            let at = self.0.iter().position(|t| t.file == file);
            let at = at.unwrap_or_else(|| {
                self.0.push(Top {
                    file: file.to_vec(),
                    mended: Vec::new(),
                });
                self.0.len() - 1
            });
            let mended = number(finding, "line");
            self.0[at]
                .mended
                .extend(core::iter::repeat_n(mended, count));
        }
    }

    /// Makes a finding in the mended world name the lines of the file as it is.
    pub(crate) fn put_back(&self, finding: &mut Finding) {
        for top in &self.0 {
            let line = |n: u64| -> u64 {
                let index = usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
                match top.mended.get(index) {
                    Some(mended) => mended.unwrap_or(n),
                    None => n - top.mended.len() as u64,
                }
            };
            for e in &mut finding.evidence {
                if e.path.as_deref() == Some(&top.file) {
                    e.line = e.line.map(line);
                }
            }
            if finding.args.get("file") != Some(&top.file) {
                continue;
            }
            for name in ["line", "last_line"] {
                if let Some(n) = number(finding, name) {
                    finding.args.set(name, line(n).to_string());
                }
            }
        }
    }
}

fn number(finding: &Finding, name: &str) -> Option<u64> {
    let text = core::str::from_utf8(finding.args.get(name)?).ok()?;
    text.parse().ok()
}
