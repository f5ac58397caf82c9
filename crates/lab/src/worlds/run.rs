//! Many generated worlds on a real server.

use std::path::PathBuf;
use std::sync::Mutex;

use sshwhy_scenario::{Expectation, Spec, Verdict};
use sshwhy_world::Build;

use crate::compare::{Tally, both_sides};
use crate::lab::{Judged, Lab};
use crate::outcome::{Outcome, Truth};
use crate::predict::{Engine, Prediction};

use super::agree::{Difference, differences};
use super::{as_scenario, generate, shrink};

/// Which worlds to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// The first world's number.
    pub first: u64,
    /// From one world's number to the next one's: 1, or more where others take those between.
    pub step: u64,
    /// How many.
    pub count: u64,
    /// Where worlds that differ are written. `None`: they are only reported.
    pub out: Option<PathBuf>,
    /// How many of them are made smaller; the others are reported as they are.
    pub shrink: usize,
}

impl Plan {
    /// The same worlds dealt out to several servers.
    #[must_use]
    pub fn spread(&self, over: usize) -> Vec<Plan> {
        let n = over as u64;
        let deal = |i: u64| Plan {
            first: self.first + i * self.step,
            step: self.step * n,
            count: (self.count + n - 1 - i) / n,
            ..self.clone()
        };
        (0..n).map(deal).collect()
    }

    fn number(&self, i: u64) -> u64 {
        self.first + i * self.step
    }
}

/// One world in which the judges differ, as small as it could be made.
#[derive(Debug)]
pub struct Report {
    /// Its number.
    pub number: u64,
    /// The text of a scenario.
    pub scenario: String,
    /// What both sides saw.
    pub sides: String,
}

/// Most rounds of shrinking one world.
const MAX_ROUNDS: usize = 60;

/// Runs them all. Differences come in the order of their worlds.
pub fn run(lab: &Lab, build: &Build, plan: &Plan) -> (Tally, Vec<Report>) {
    let engine = Engine {
        build: build.clone(),
    };
    let found = Mutex::new((Tally::default(), Vec::new()));
    let specs = (0..plan.count).map(|i| generate::world(plan.seed, plan.number(i)));
    lab.each(specs, &engine, |i, judged| {
        if let Ok(mut found) = found.lock() {
            let (tally, differing) = &mut *found;
            let mut all = Vec::new();
            let wrong = tally.count(&judged, build, |prediction, outcome| {
                all = differences(prediction, outcome);
                all.iter().map(|d| d.text().to_string()).collect()
            });
            if !wrong.is_empty() {
                differing.push((plan.number(i as u64), judged, all.into_iter().next(), wrong));
            }
        }
    });
    let (tally, mut differing) = found.into_inner().unwrap_or_default();
    differing.sort_by_key(|(number, ..)| *number);
    let mut reports = Vec::new();
    for (i, (number, judged, difference, wrong)) in differing.into_iter().enumerate() {
        let smallest = match difference {
            Some(difference) if i < plan.shrink => smallest(lab, &engine, judged, &difference),
            _ => judged,
        };
        reports.push(report(number, &smallest, &wrong));
    }
    if let Some(out) = &plan.out {
        for report in &mut reports {
            let path = out.join(format!("{}-{}.md", plan.seed, report.number));
            let written =
                std::fs::create_dir_all(out).and_then(|()| std::fs::write(&path, &report.scenario));
            if let Err(e) = written {
                report
                    .sides
                    .push_str(&format!("  not written: {}: {e}\n", path.display()));
            }
        }
    }
    (tally, reports)
}

/// Makes a world smaller while it differs in the same way.
fn smallest(
    lab: &Lab,
    engine: &Engine,
    mut best: Judged<Prediction>,
    difference: &Difference,
) -> Judged<Prediction> {
    for _ in 0..MAX_ROUNDS {
        let mut still: Vec<_> = lab
            .run_with(shrink::smaller(&best.spec), engine)
            .into_iter()
            .filter(|judged| match (&judged.prediction, &judged.outcome) {
                (Some(p), Ok(o)) => differences(p, o).iter().any(|d| d.same_kind(difference)),
                _ => false,
            })
            .collect();
        if still.is_empty() {
            break;
        }
        best = still.remove(0);
    }
    best
}

fn report(number: u64, judged: &Judged<Prediction>, wrong: &[String]) -> Report {
    let (mut spec, mut prose) = (judged.spec.clone(), wrong.join("\n"));
    let mut sides = String::new();
    if let (Some(prediction), Ok(outcome)) = (&judged.prediction, &judged.outcome) {
        expect(&mut spec, prediction, outcome);
        let now = differences(prediction, outcome);
        prose = now.iter().map(|d| format!("- {}\n", d.text())).collect();
        sides = both_sides(Some(prediction), outcome, false);
    }
    let scenario = as_scenario(&spec, "generated", prose.trim_end());
    Report {
        number,
        scenario,
        sides,
    }
}

/// What really happened, as an expectation; the cause is the engine's, where it has one.
fn expect(spec: &mut Spec, prediction: &Prediction, outcome: &Outcome) {
    let verdict = match outcome.truth {
        Truth::Refused(_) => Verdict::Refuse,
        _ => Verdict::Accept,
    };
    let mut expect = Expectation::new(verdict);
    let said = &prediction.memory;
    match outcome.truth {
        Truth::Refused(_) => expect.causes.extend(said.first().map(str::to_string)),
        Truth::Ended(_) => {
            expect
                .after_login
                .extend(said.after_login.first().map(ToString::to_string));
        }
        Truth::Accepted => {}
    }
    spec.expect = Some(expect);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_worlds_are_the_same_worlds_each_on_one_server() {
        let plan = Plan {
            seed: 1,
            first: 7,
            step: 1,
            count: 10,
            out: None,
            shrink: 0,
        };
        let dealt = plan.spread(4);
        let of = |p: &Plan| (0..p.count).map(|i| p.number(i)).collect::<Vec<_>>();
        let mut all: Vec<u64> = dealt.iter().flat_map(of).collect();
        all.sort_unstable();
        assert_eq!(all, (7..17).collect::<Vec<_>>());
        assert_eq!(dealt.iter().map(|p| p.count).max(), Some(3));
        assert!(plan.spread(0).is_empty());
    }
}
