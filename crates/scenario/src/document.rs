//! The Markdown around the worlds.

use crate::parse::{self, Problem};
use crate::spec::Spec;
use crate::words;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The cause it is about.
    pub id: String,
    /// The title: one sentence.
    pub title: String,
    /// What happened, in prose.
    pub prose: String,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// One section of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// How its heading says that it ends.
    pub ending: Ending,
    /// The rest of the heading.
    pub title: String,
    /// Prose of the section.
    pub prose: String,
    /// Line of the heading, from 1.
    pub line: u32,
    /// The world and the expectation.
    pub spec: Spec,
}

/// How a login ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The key is refused.
    Refused,
    /// It is accepted, and the session runs.
    Accepted,
    /// It is accepted, and the session ends at once or is not the one that was asked for.
    Ended,
    /// Too little is known to say.
    Undetermined,
}

impl Ending {
    /// The word of the heading.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Ending::Refused => "refused",
            Ending::Accepted => "accepted",
            Ending::Ended => "ended",
            Ending::Undetermined => "undetermined",
        }
    }
}

const ENDINGS: [Ending; 4] = [
    Ending::Refused,
    Ending::Accepted,
    Ending::Ended,
    Ending::Undetermined,
];

impl Scenario {
    /// Reads a file.
    ///
    /// # Errors
    /// Every problem, with its line.
    pub fn parse(file: &[u8]) -> Result<Scenario, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut out = Scenario {
            id: String::new(),
            title: String::new(),
            prose: String::new(),
            cases: Vec::new(),
        };
        let mut lines = file.split(|&b| b == b'\n').zip(1u32..);
        while let Some((raw, number)) = lines.next() {
            let line = raw.trim_ascii_end();
            if let Some(heading) = line.strip_prefix(b"## ") {
                match case(heading, number, &out) {
                    Ok(case) => out.cases.push(case),
                    Err(text) => problems.push(Problem { line: number, text }),
                }
            } else if let Some(title) = line.strip_prefix(b"# ").filter(|_| out.id.is_empty()) {
                let title = words::text(title);
                match title.split_once(": ") {
                    Some((id, sentence)) => {
                        (out.id, out.title) = (id.to_string(), sentence.to_string());
                    }
                    None => problems.push(Problem {
                        line: number,
                        text: "the title is '# CAUSE-ID: one sentence'".into(),
                    }),
                }
            } else if line.starts_with(b"```") {
                let mut block = Vec::new();
                let mut closed = false;
                for (inner, _) in lines.by_ref() {
                    if inner.trim_ascii_end() == b"```" {
                        closed = true;
                        break;
                    }
                    block.extend_from_slice(inner);
                    block.push(b'\n');
                }
                if !closed {
                    problems.push(Problem {
                        line: number,
                        text: "a fence that is never closed".into(),
                    });
                }
                if line != b"```world" {
                    continue;
                }
                match out.cases.last_mut() {
                    Some(case) if case.spec.expect.is_none() => {
                        let (spec, bad) =
                            parse::world(&case.spec.name, &block, number.saturating_add(1));
                        case.spec = spec;
                        problems.extend(bad);
                        if let Some(text) = contradiction(case) {
                            problems.push(Problem {
                                line: case.line,
                                text,
                            });
                        }
                    }
                    Some(_) => problems.push(Problem {
                        line: number,
                        text: "a second world in one case".into(),
                    }),
                    None => problems.push(Problem {
                        line: number,
                        text: "a world before the first '## ' heading".into(),
                    }),
                }
            } else {
                let prose = match out.cases.last_mut() {
                    Some(case) => &mut case.prose,
                    None => &mut out.prose,
                };
                if !(prose.is_empty() && line.is_empty()) {
                    prose.push_str(&words::text(line));
                    prose.push('\n');
                }
            }
        }
        if out.id.is_empty() {
            problems.push(Problem {
                line: 1,
                text: "no title '# CAUSE-ID: one sentence'".into(),
            });
        }
        if out.cases.is_empty() {
            problems.push(Problem {
                line: 1,
                text: "no case: '## refused: …'".into(),
            });
        }
        for case in &mut out.cases {
            case.prose.truncate(case.prose.trim_end().len());
            if case.spec.expect.is_none() && !problems.iter().any(|p| p.line >= case.line) {
                problems.push(Problem {
                    line: case.line,
                    text: "a case without a world".into(),
                });
            }
        }
        out.prose.truncate(out.prose.trim_end().len());
        if problems.is_empty() {
            Ok(out)
        } else {
            Err(problems)
        }
    }
}

fn case(heading: &[u8], line: u32, scenario: &Scenario) -> Result<Case, String> {
    let heading = words::text(heading);
    let form = "a case is '## refused: …', '## accepted: …', '## ended: …' or '## undetermined: …'";
    let (word, title) = heading.split_once(": ").ok_or(form)?;
    let ending = ENDINGS.into_iter().find(|e| e.word() == word).ok_or(form)?;
    Ok(Case {
        ending,
        title: title.into(),
        prose: String::new(),
        line,
        spec: Spec::new(&format!("{}: {heading}", scenario.id)),
    })
}

/// A heading that says one thing while the expectation says another.
fn contradiction(case: &Case) -> Option<String> {
    use crate::expect::Verdict;
    let expect = case.spec.expect.as_ref()?;
    let fits = match case.ending {
        Ending::Refused => expect.verdict == Verdict::Refuse,
        Ending::Accepted => expect.verdict == Verdict::Accept && expect.after_login.is_empty(),
        Ending::Ended => expect.verdict == Verdict::Accept && expect.names_an_end(),
        Ending::Undetermined => expect.verdict == Verdict::Undetermined,
    };
    (!fits).then(|| {
        format!(
            "the heading says '{}', and 'expect' does not",
            case.ending.word()
        )
    })
}
