//! What the client's view of the installed sshd is worth: every refusal at its step, nothing certain
//! that is not so, and probabilities that hold.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;

use sshwhy_lab::ranking::{Report, look, look_own};
use sshwhy_lab::scenarios::walk;
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Lab, LabConfig};

#[test]
fn refusals_are_placed_and_only_what_is_proven_is_called_certain() {
    let config = LabConfig {
        check: true,
        ..LabConfig::default()
    };
    let lab = Lab::new(config.clone()).map_err(|e| e.to_string());
    let (lab, target) = match (lab, Target::host(&config)) {
        (Ok(lab), Ok(target)) => (lab, target),
        (Err(why), _) | (_, Err(why)) => {
            // Written past the test harness, which would keep it to itself.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
            return;
        }
    };
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let all = walk(&scenarios, None).unwrap();
    let seen = look(&all, &target, &lab);
    assert!(seen.len() > 200, "{} worlds", seen.len());
    let own = target.own();
    let served = look_own(&all, &own, &Lab::new(own.config.clone()).unwrap(), &seen);
    assert!(served.len() > 400, "{} worlds", served.len());
    let served = Report::of(served, false);
    assert!(served.holds(), "our own server: {}", served.faults(false));
    let report = Report::of(seen, false);
    assert!(report.holds(), "{}", report.faults(false));
    let (bare, asked) = report.scores();
    let summary = report.summary();
    // What was fitted on these worlds holds on those of the other half, with room for a build that
    // refuses some of them elsewhere.
    assert!(asked.first_three.0 > 0.75, "{summary}");
    assert!(asked.listed.0 > 0.9, "{summary}");
    assert!(asked.first_three.0 > bare.first_three.0, "{summary}");
    assert!(asked.log_loss < bare.log_loss, "{summary}");
    // One server has few worlds in a tenth: a cause more or less is worth some percent there.
    for bin in asked.curve.iter().filter(|b| b.0 > 20.0) {
        assert!((bin.1 - bin.2).abs() < 0.3, "{:?}", asked.curve);
    }
}
