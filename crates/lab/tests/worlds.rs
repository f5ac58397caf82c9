//! Generated worlds: the engine and a real sshd agree about all of them.

#![cfg(target_os = "linux")]

use std::io::Write as _;

use sshwhy_lab::targets::Target;
use sshwhy_lab::worlds::{Plan, run};
use sshwhy_lab::{Lab, LabConfig};

/// How many worlds, and of which seed.
const COUNT: u64 = 300;
const SEED: u64 = 20_261_122;

fn skipped(why: &str) {
    // Written past the test harness, which would keep it to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

#[test]
fn the_engine_and_the_installed_sshd_agree_about_generated_worlds() {
    let target = match Target::host(&LabConfig::default()) {
        Ok(target) => target,
        Err(why) => return skipped(&why),
    };
    let lab = match Lab::new(target.config.clone()) {
        Ok(lab) => lab,
        Err(why) => return skipped(&why.to_string()),
    };
    let plan = Plan {
        seed: SEED,
        first: 0,
        count: COUNT,
        out: None,
        shrink: 3,
    };
    let (tally, reports) = run(&lab, &target.build, &plan);
    let texts: Vec<_> = reports.iter().map(|r| r.scenario.as_str()).collect();
    assert!(reports.is_empty(), "{}\n{}", tally.line(), texts.join("\n"));
    let total = tally.agreements;
    assert_eq!(total as u64, COUNT);
    // Neither answer is rare, so that neither can be right by chance.
    let fair = total / 3;
    assert!(
        tally.accepted > fair && tally.refused > fair,
        "{}",
        tally.line()
    );
}
