//! What a run prints, and writes into docs/ranking.md.

use super::SEED;
use super::Seen;
use super::fit::{fit, fitted, split};
use super::score::{Score, bound, in_the_list};
use sshwhy_rank::{Model, Place};
use std::fmt::Write as _;

/// All that one run measured.
#[derive(Debug)]
pub struct Report {
    seen: Vec<Seen>,
    /// Fitted on the half for fitting.
    model: Model,
    /// Fitted on the other, where this run fits.
    turned: Option<Model>,
}

fn line(out: &mut String, name: &str, ask: bool, s: &Score) {
    let asked = if ask {
        "three questions"
    } else {
        "no question"
    };
    let _ = writeln!(
        out,
        "{name}, {asked}: {} worlds, placed {}, proven {} of {}, wrongly certain {}; by how often: \
         first three {:.1} %, at 2 % or more {:.1} %, log-loss {:.2}; each world alike: first three \
         {:.1} %, at 2 % or more {:.1} %",
        s.worlds,
        s.placed,
        s.provable.1,
        s.provable.0,
        s.wrongly_certain,
        100.0 * s.first_three.0,
        100.0 * s.listed.0,
        s.log_loss,
        100.0 * s.first_three.1,
        100.0 * s.listed.1,
    );
}

impl Report {
    /// Of these worlds; with `fits` by a model fitted on one half, otherwise by the built-in one.
    #[must_use]
    pub fn of(seen: Vec<Seen>, fits: bool) -> Report {
        let mut seen = seen;
        split(&mut seen, SEED);
        let (half, other): (Vec<&Seen>, Vec<&Seen>) = seen.iter().partition(|s| s.fits);
        let (model, turned) = if fits {
            (fit(&half), Some(fit(&other)))
        } else {
            (Model::built_in().clone(), None)
        };
        Report {
            seen,
            model,
            turned,
        }
    }

    /// The half that nothing was fitted on.
    fn reported(&self) -> Vec<&Seen> {
        self.seen.iter().filter(|s| !s.fits).collect()
    }

    /// The figures of the half for reporting, without questions and with three; where this run fits, of
    /// each half by what was fitted on the other.
    #[must_use]
    pub fn scores(&self) -> (Score, Score) {
        (self.score(false), self.score(true))
    }

    fn score(&self, ask: bool) -> Score {
        let score = Score::of(&self.model, &self.reported(), ask);
        match &self.turned {
            None => score,
            Some(model) => {
                let half: Vec<&Seen> = self.seen.iter().filter(|s| s.fits).collect();
                score.with(&Score::of(model, &half, ask))
            }
        }
    }

    /// The model as a file.
    #[must_use]
    pub fn fitted(&self) -> String {
        fitted(&self.model)
    }

    /// Worlds that are placed wrong, or of which something wrong is called certain, or nothing is
    /// that could be; with `all` each world with its likeliest causes.
    #[must_use]
    pub fn faults(&self, all: bool) -> String {
        let mut out = String::new();
        for s in &self.seen {
            let certain = s.certain();
            let mut why = Vec::new();
            if s.signs.place != s.place {
                why.push(format!(
                    "placed at {}, not {}",
                    s.signs.place.word(),
                    s.place.word()
                ));
            }
            for id in s.wrongly_certain() {
                why.push(format!("{id} is called certain"));
            }
            if let Some(checked) = &s.checked {
                let same = match checked.place {
                    // Whether a session is as it was asked for hangs on what was asked.
                    Place::Accepted | Place::Session => {
                        matches!(s.place, Place::Accepted | Place::Session)
                    }
                    place => place == s.place,
                };
                if !same {
                    why.push(format!(
                        "check places it at {}, not {}",
                        checked.place.word(),
                        s.place.word()
                    ));
                }
                for id in s.not_so(checked.certain.clone()) {
                    why.push(format!("check calls {id} certain"));
                }
                if s.provable() && s.place != Place::Session && checked.certain.is_empty() {
                    why.push("check calls nothing certain, and could".into());
                }
            }
            if s.provable() && certain.is_empty() {
                why.push("nothing is certain, and could be".into());
            }
            if !why.is_empty() {
                let _ = writeln!(
                    out,
                    "FAULT    {} on {}: {} ({})",
                    s.name,
                    s.on,
                    why.join("; "),
                    s.truth
                );
            } else if all {
                let list = s.list(&self.model, true);
                let at = list.iter().position(|c| c.id == s.truth);
                let top: Vec<_> = list
                    .iter()
                    .take(3)
                    .map(|c| format!("{} {:.2}", c.id, c.probability))
                    .collect();
                let answers: Vec<_> = s
                    .answers
                    .iter()
                    .filter_map(|(q, c)| Some(q.choices().get(c.0)?.word))
                    .collect();
                let log: &[String] = s.checked.as_ref().map_or(&[], |c| &c.log);
                let _ = writeln!(
                    out,
                    "{} at {at:?} of {}: {} | {} | {log:?}",
                    s.name,
                    s.truth,
                    top.join(", "),
                    answers.join(" ")
                );
            }
        }
        out
    }

    /// Every refusal is at its step, what is certain is true, and what can be certain is.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults(false).is_empty()
    }

    /// The figures, in a few lines.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        let checked = self.seen.iter().filter(|s| s.checked.is_some()).count();
        let _ = writeln!(out, "{checked} worlds were seen by check's own probe, too");
        let whole: Vec<&Seen> = self.seen.iter().collect();
        for (name, seen) in [
            ("all worlds", &whole),
            ("the half for reporting", &self.reported()),
        ] {
            let (three, listed) = bound(&self.model, seen);
            let _ = writeln!(
                out,
                "{name}, at most without a question: first three {:.1} %, at 2 % or more {:.1} %",
                100.0 * three,
                100.0 * listed
            );
            let _ = writeln!(
                out,
                "{name}, what 49 causes hold by the counts alone, without a question: {:.1} %",
                100.0 * in_the_list(&self.model, seen)
            );
            for ask in [false, true] {
                line(&mut out, name, ask, &Score::of(&self.model, seen, ask));
            }
        }
        if self.turned.is_some() {
            for ask in [false, true] {
                let name = "each half by what was fitted on the other";
                line(&mut out, name, ask, &self.score(ask));
            }
        }
        out
    }

    /// docs/ranking.md: what stands before the mark stays.
    #[must_use]
    pub fn page(&self, old: &str) -> String {
        const MARK: &str = "<!-- measured -->";
        let head = old.split(MARK).next().unwrap_or_default();
        let mut out = format!("{head}{MARK}\n");
        let (bare, asked) = self.scores();
        let _ = writeln!(out, "\n```\n{}```\n", self.summary());
        out.push_str("## Calibration\n\n| given | without a question: mean | true | with three: mean | true |\n|---|---|---|---|---|\n");
        for (n, (a, b)) in bare.curve.iter().zip(&asked.curve).enumerate() {
            let cell = |bin: &(f64, f64, f64)| {
                if bin.0 > 0.0 {
                    format!("{:.1} % | {:.1} %", bin.1 * 100.0, bin.2 * 100.0)
                } else {
                    "- | -".into()
                }
            };
            let _ = writeln!(
                out,
                "| {} to {} % | {} | {} |",
                n * 10,
                n * 10 + 10,
                cell(a),
                cell(b)
            );
        }
        out.push_str("\n## By cause\n\n| cause | cases | worlds | first three | mean probability | with three questions: first three | mean probability |\n|---|---|---|---|---|---|---|\n");
        for (id, row) in &bare.causes {
            let with = asked.causes.get(id).copied().unwrap_or_default();
            let cases = self.model.cases(id).unwrap_or(0.0);
            let _ = writeln!(
                out,
                "| {id} | {cases} | {} | {} | {:.3} | {} | {:.3} |",
                row.0, row.1, row.2, with.1, with.2
            );
        }
        out
    }
}
