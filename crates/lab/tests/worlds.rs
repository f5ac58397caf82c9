//! Generated worlds: the engine and the real sshds of three Debian releases agree about all of them.

#![cfg(target_os = "linux")]

use std::io::Write as _;

use sshwhy_lab::compare::Tally;
use sshwhy_lab::targets::Target;
use sshwhy_lab::worlds::{Plan, run};
use sshwhy_lab::{Lab, LabConfig, setup};

/// How many worlds, and of which seed.
const COUNT: u64 = 510;
const SEED: u64 = 20_261_122;

/// The builds that every change has to agree with.
const BUILDS: [&str; 3] = ["debian-11", "debian-12", "debian-13"];

/// Says so past the test harness, which would keep it to itself. On CI nothing may be missing.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("CI").is_none(), "skipped on CI: {why}");
}

#[test]
fn the_engine_and_real_sshds_agree_about_generated_worlds() {
    let base = LabConfig::default();
    let fetched = if base.sshd.is_some() {
        Ok(())
    } else {
        let said = |text: &str| {
            let _ = writeln!(std::io::stderr(), "{text}");
        };
        setup::run(false, false, &said)
    };
    if let Err(why) = fetched {
        skipped(&why);
    }
    let mut targets = Target::deciding(Target::all(&base).0);
    targets.retain(|t| BUILDS.contains(&t.build.name.as_str()));
    for build in BUILDS {
        if !targets.iter().any(|t| t.build.name == build) {
            skipped(&format!("no generated worlds on {build}: it is not here"));
        }
    }
    let plan = Plan {
        seed: SEED,
        first: 0,
        step: 1,
        count: COUNT,
        out: None,
        shrink: 3,
    };
    let mut all = Tally::default();
    let mut differing = Vec::new();
    for (target, plan) in targets.iter().zip(plan.spread(targets.len())) {
        let lab = match Lab::new(target.config.clone()) {
            Ok(lab) => lab,
            Err(why) => {
                skipped(&format!("{}: {why}", target.name));
                continue;
            }
        };
        let (tally, reports) = run(&lab, &target.build, &plan);
        assert_eq!(tally.agreements + tally.disagreements, plan.count as usize);
        let texts = reports.into_iter().map(|r| (target.name.clone(), r));
        differing
            .extend(texts.map(|(on, r)| format!("on {on}, world {}\n{}", r.number, r.scenario)));
        all.add(tally);
    }
    assert!(
        differing.is_empty(),
        "{}\n{}",
        all.line(),
        differing.join("\n")
    );
    // Neither answer is rare, so that neither can be right by chance.
    let fair = all.agreements / 3;
    assert!(
        all.agreements == 0 || (all.accepted > fair && all.refused > fair),
        "{}",
        all.line()
    );
}
