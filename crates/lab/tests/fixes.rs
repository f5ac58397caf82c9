//! Every scenario, mended on disk: then the real server lets the real client in, a second plan
//! finds nothing to do, and taking back brings back every byte, mode, owner, ACL and time.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::Path;

use sshwhy_lab::fixes::Fixer;
use sshwhy_lab::scenarios::{Found, walk};
use sshwhy_lab::targets::Target;
use sshwhy_lab::{Engine, Lab, LabConfig, Truth, setup};
use sshwhy_world::Software;

/// Says so past the test harness, which would keep it to itself. On CI nothing may be missing.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("CI").is_none(), "skipped on CI: {why}");
}

#[derive(Default)]
struct Count {
    mended: usize,
    left: usize,
    fine: usize,
    wrong: Vec<String>,
}

fn on_one(all: &[Found], target: &Target, count: &mut Count) {
    let build = &target.build;
    let lab = match Lab::new(target.config.clone()) {
        Ok(lab) => lab,
        Err(why) => return skipped(&format!("{}: {why}", target.name)),
    };
    let fit: Vec<&Found> = all.iter().filter(|f| f.runs_on(build).is_ok()).collect();
    let words = ["/usr/sbin/sshd", "-t", "-f", "/etc/ssh/sshd_config"];
    let fixer = Fixer {
        engine: Engine {
            build: build.clone(),
        },
        test: (build.software == Software::OpenSsh)
            .then(|| words.iter().map(|w| w.as_bytes().to_vec()).collect()),
    };
    let specs: Vec<_> = fit.iter().map(|f| f.case.spec.clone()).collect();
    for (found, judged) in fit.iter().zip(lab.run_with(specs, &fixer)) {
        let place = format!(
            "on {}: {}: {}",
            target.name,
            found.place(),
            found.case.title
        );
        let (outcome, mended) = match (judged.outcome, judged.prediction) {
            (Ok(outcome), Some(mended)) => (outcome, mended),
            (outcome, _) => {
                count
                    .wrong
                    .push(format!("{place}: not run: {:?}", outcome.err()));
                continue;
            }
        };
        let refused = matches!(outcome.truth, Truth::Refused(_));
        for wrong in &mended.wrong {
            count
                .wrong
                .push(format!("{place}: {wrong}\n    {:?}", mended.changes));
        }
        if mended.mended {
            count.mended += 1;
            if refused {
                count.wrong.push(format!(
                    "{place}: mended, and the server says {}\n    {:?}\n    {}",
                    outcome.truth,
                    mended.changes,
                    outcome.log.join("\n    ")
                ));
            }
        } else if refused {
            count.left += 1;
        } else {
            count.fine += 1;
        }
    }
}

#[test]
fn what_is_mended_is_let_in_and_can_be_taken_back() {
    let base = LabConfig::default();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let all = walk(&dir, std::env::var("SSHWHY_SCENARIO").ok().as_deref()).unwrap();
    let host = match Target::host(&base) {
        Ok(host) => host,
        Err(why) => return skipped(&why),
    };
    let mut targets = vec![host];
    // A Dropbear of another suite; what cannot be had is said by the scenarios' own run.
    if base.sshd.is_none() && setup::is_whole() {
        let others = Target::all(&base).0.into_iter();
        targets.extend(others.filter(|t| t.name == "bookworm-dropbear"));
    }
    let mut count = Count::default();
    for target in &targets {
        on_one(&all, target, &mut count);
    }
    let _ = writeln!(
        std::io::stderr(),
        "{} mended and let in, {} left, {} accepted as they were",
        count.mended,
        count.left,
        count.fine
    );
    assert!(
        count.wrong.is_empty(),
        "{} wrong:\n{}",
        count.wrong.len(),
        count.wrong.join("\n")
    );
    if std::env::var_os("SSHWHY_SCENARIO").is_none() {
        assert!(count.mended > 100, "only {} mended", count.mended);
    }
}
