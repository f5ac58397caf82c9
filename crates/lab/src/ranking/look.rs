//! Worlds as their clients see them, on a real server.

use super::Seen;
use crate::client;
use crate::lab::{Lab, Predictor};
use crate::outcome::{Answer, Outcome, Step, Truth};
use crate::own_side::FAULTS;
use crate::predict::{Engine, Said};
use crate::scenarios::Found;
use crate::targets::Target;
use sshwhy_causes::Seen as View;
use sshwhy_rank::{Place, Question};
use sshwhy_scenario::{Scene, Spec, Verdict as Expected};
use std::collections::HashMap;

/// Every refused or ended login of the scenarios on one server, as its client saw it.
#[must_use]
pub fn look(all: &[Found], target: &Target, lab: &Lab) -> Vec<Seen> {
    let build = &target.build;
    let let_in = |f: &Found| {
        let expected = f.case.spec.expectation(build);
        expected.is_some_and(|e| e.verdict == Expected::Accept && !e.names_an_end())
    };
    let fit: Vec<&Found> = all
        .iter()
        .filter(|f| f.runs_on(build).is_ok() && !let_in(f))
        .collect();
    let engine = InMemory(Engine {
        build: build.clone(),
    });
    let specs: Vec<_> = fit.iter().map(|f| f.case.spec.clone()).collect();
    let judged = lab.run_with(specs, &engine);
    let mut out = Vec::new();
    for (found, judged) in fit.iter().zip(judged) {
        let (Ok(outcome), Some(said)) = (judged.outcome, judged.prediction) else {
            continue;
        };
        let refused = matches!(outcome.truth, Truth::Refused(_));
        // What the lab's agreement holds already: the engine knows what is true here.
        let truth = if refused {
            said.first()
        } else {
            said.after_login.first().copied()
        };
        let Ok(scene) = judged.spec.scene(&sshwhy_scenario::Embedded) else {
            continue;
        };
        let ends = refused || matches!(outcome.truth, Truth::Ended(_)) || !outcome.wire.own_session;
        let (Some(truth), true) = (truth, ends) else {
            continue;
        };
        let signs = client::signs(&judged.spec, &scene, &outcome);
        let log = judged.checked.as_ref().map(|c| c.log.as_slice());
        let answers = Question::ALL
            .into_iter()
            .filter_map(|q| Some((q, client::answer(q, &judged.spec, &scene, log)?)))
            .collect();
        out.push(Seen {
            name: found.place(),
            on: target.name.clone(),
            truth: truth.to_owned(),
            place: true_place(truth, &outcome, signs.place),
            signs,
            checked: judged.checked,
            answers,
            own_side: false,
            fits: false,
        });
    }
    out.extend(own_side(target, lab));
    out
}

/// The same with our own server in the installed sshd's place, up to the session: what is true, and
/// where a login stops, is what the real sshd did (`sshd`, as [`look`] saw it). Before authentication
/// the server's own algorithms and addresses count, and it starts where sshd does not.
#[must_use]
pub fn look_own(all: &[Found], target: &Target, lab: &Lab, sshd: &[Seen]) -> Vec<Seen> {
    let within = Place::Method..Place::Session;
    let decides = |s: &&Seen| !s.own_side && within.contains(&s.place);
    let as_sshd: HashMap<&str, &Seen> = sshd
        .iter()
        .filter(decides)
        .map(|s| (s.name.as_str(), s))
        .collect();
    let places: Vec<String> = all.iter().map(Found::place).collect();
    let found = all.iter().zip(&places);
    let known: Vec<(&Found, &Seen)> = found
        .filter_map(|(f, place)| Some((f, *as_sshd.get(place.as_str())?)))
        .collect();
    let specs: Vec<_> = known.iter().map(|(f, _)| f.case.spec.clone()).collect();
    let mut out = Vec::new();
    for ((_, real), judged) in known.iter().zip(lab.run_with(specs, &())) {
        let scene = judged.spec.scene(&sshwhy_scenario::Embedded);
        let (Ok(outcome), Ok(scene)) = (judged.outcome, scene) else {
            skipped(&format!("{} on {}", real.name, target.name));
            continue;
        };
        out.push(Seen {
            on: target.name.clone(),
            signs: client::signs(&judged.spec, &scene, &outcome),
            checked: judged.checked,
            fits: false,
            ..(*real).clone()
        });
    }
    out.extend(own_side(target, lab));
    out
}

/// The worlds whose fault is on the client's own side, on one server. One that cannot be made is
/// said, and left out.
fn own_side(target: &Target, lab: &Lab) -> Vec<Seen> {
    let faults = FAULTS.iter().filter(|f| f.runs_on(&target.build));
    let faults: Vec<_> = faults.collect();
    let looked = match lab.own_side(&faults) {
        Ok(looked) => looked,
        Err(why) => {
            skipped(&format!("the client's own side on {}: {why}", target.name));
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for (fault, spec, checked) in looked {
        let (checked, scene) = match (checked, spec.scene(&sshwhy_scenario::Embedded)) {
            (Ok(checked), Ok(scene)) => (checked, scene),
            (Err(why), _) => {
                skipped(&format!("{} on {}: {why}", fault.name(), target.name));
                continue;
            }
            _ => continue,
        };
        let answers = Question::ALL
            .into_iter()
            .filter_map(|q| Some((q, client::answer(q, &spec, &scene, Some(&checked.log))?)))
            .collect();
        out.push(Seen {
            name: fault.name(),
            on: target.name.clone(),
            truth: fault.cause.to_owned(),
            place: fault.place,
            signs: checked.signs.clone(),
            answers,
            checked: Some(checked),
            own_side: true,
            fits: false,
        });
    }
    out
}

fn skipped(what: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "SKIPPED: {what}");
}

/// The engine's answer from memory alone: what is true is held elsewhere.
struct InMemory(Engine);

impl Predictor for InMemory {
    type Output = Said;
    fn predict(&self, _: &Spec, scene: &Scene) -> Said {
        Said::from(&self.0.in_memory(scene))
    }
}

/// Where a login really stopped: as the catalogue has it of its cause, or, where a cause has other
/// looks in some worlds, as far as the server's log says that it came.
fn true_place(id: &str, outcome: &Outcome, seen: Place) -> Place {
    let Some(expected) = catalogued(id, outcome) else {
        return seen;
    };
    let wire = &outcome.wire;
    if wire
        .identification
        .as_ref()
        .is_some_and(|i| i.contains("dropbear"))
    {
        // The catalogue speaks of sshd; of Dropbear the lab's own word stands.
        let same = match outcome.truth {
            Truth::Refused(Step::Query) => matches!(seen, Place::Query | Place::Disconnected),
            Truth::Refused(Step::Signature) => {
                matches!(seen, Place::Signature | Place::Closed | Place::Unsigned)
            }
            Truth::Refused(Step::Method) => matches!(seen, Place::Method | Place::Disconnected),
            _ => seen == expected,
        };
        return if same { seen } else { expected };
    }
    let logged = |words: &str| outcome.log.iter().any(|l| l.contains(words));
    let came = if logged("Accepted publickey for ") || logged("Partial publickey for ") {
        4
    } else if logged("Postponed publickey for ") {
        3
    } else if logged("method publickey") {
        2
    } else if logged("userauth-request for user ") {
        1
    } else {
        0
    };
    let step = |place| match place {
        Place::Session | Place::Accepted | Place::Partial => 4,
        Place::Signature | Place::Closed | Place::Unsigned => 3,
        Place::Query => 2,
        // Where PAM cannot start, sshd 9.8 and later end while the query is under way.
        Place::Disconnected if matches!(wire.query.last(), Some((_, Answer::Ended(_)))) => 2,
        Place::Method | Place::Disconnected => 1,
        _ => 0,
    };
    // A server that ends may not have read the query that was under way.
    let early = seen == Place::Disconnected && came <= 1 && wire.keys_agreed;
    if seen != expected && (step(seen) == came || early) {
        seen
    } else {
        expected
    }
}

/// Where the catalogue has a cause stop a login. `None`: at one of several places.
fn catalogued(id: &str, outcome: &Outcome) -> Option<Place> {
    let cause = sshwhy_causes::by_id(id)?;
    Some(match cause.seen {
        View::NoConnection => Place::Identification,
        View::Disconnected if outcome.wire.keys_agreed => Place::Disconnected,
        View::Disconnected => Place::KeyExchange,
        View::MethodMissing => Place::Method,
        View::QueryRefused => Place::Query,
        View::SignatureRefused => Place::Signature,
        View::ClosedAfterSignature => Place::Closed,
        View::PartialSuccess => Place::Partial,
        View::SessionEnds => Place::Session,
        View::NotOnTheWire | View::Nothing => return None,
    })
}
