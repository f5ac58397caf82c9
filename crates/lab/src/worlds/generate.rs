//! One world from a seed and a number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sshwhy_keys::SigAlg;
use sshwhy_scenario::{AttemptSpec, Embedded, Sign, Spec};

use super::grammar::{Bindings, Grammar, Mood};
use super::rng::Rng;

/// How often of a hundred worlds one operator that mostly refuses is among them.
const HARSH: usize = 37;

/// How many operators a world gets, by weight: one to four.
const COUNTS: [usize; 4] = [35, 30, 20, 15];

/// The server's addresses.
const SERVER4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const SERVER6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

/// Tries to find operators that fit together (one may remove what another needs).
const TRIES: u64 = 100;

/// World `number` of a seed, with the names of its operators in its name. It depends on nothing
/// else.
#[must_use]
pub fn world(seed: u64, number: u64) -> Spec {
    for attempt in 0..TRIES {
        if let Some(spec) = draft(seed, number, attempt) {
            return spec;
        }
    }
    Spec::new(&format!("{seed}:{number}"))
}

fn draft(seed: u64, number: u64, attempt: u64) -> Option<Spec> {
    let grammar = Grammar::get();
    let mut rng = Rng::of(seed, number, attempt);
    let mut bound = Bindings::new();
    let mut names = Vec::new();
    let mut text = String::new();
    let mut take = |moods: &[Mood], rng: &mut Rng, bound: &mut Bindings| {
        let fits =
            |mood: Mood, name: &str| moods.contains(&mood) && !names.contains(&name.to_string());
        let weights = grammar
            .operators
            .iter()
            .map(|o| if fits(o.mood, o.name) { o.weight } else { 0 });
        let Some(op) = grammar.operators.get(rng.weighted(weights)) else {
            return;
        };
        names.push(op.name.to_string());
        text.push_str(&grammar.apply(op, bound, rng));
    };
    bound.insert("from", from_address(&mut rng));
    take(&[Mood::Context], &mut rng, &mut bound);
    let count = 1 + rng.weighted(COUNTS.into_iter());
    let mut harsh = rng.chance(HARSH).then(|| rng.below(count));
    for i in 0..count {
        let moods: &[Mood] = match harsh {
            Some(at) if at == i => &[Mood::Harsh],
            Some(_) => &[Mood::Calm, Mood::Either],
            None if i == 0 => &[Mood::Calm, Mood::Either],
            None => &[Mood::Calm],
        };
        take(moods, &mut rng, &mut bound);
    }
    harsh.take();
    let from = bound.get("from")?;
    if from != "192.0.2.9" && !text.contains(" from=") {
        text.push_str(&format!("attempt from={from}\n"));
    }
    let name = format!("{seed}:{number} {}", names.join(" "));
    let mut spec = Spec::from_text(&name, text.as_bytes()).ok()?;
    for (line, _) in &mut spec.changes {
        *line = 0;
    }
    possible(&mut spec.attempt);
    spec.scene(&Embedded).ok()?;
    Some(spec)
}

/// No client makes the attempts that are changed here, or nobody can foresee them.
pub(super) fn possible(attempt: &mut AttemptSpec) {
    let key = attempt.key.as_deref().unwrap_or_default();
    // Only RSA keys have a choice of algorithms; for certificates a client names theirs.
    let rsa = key.starts_with("rsa") && !key.ends_with("-cert");
    if !rsa {
        attempt.algorithms.clear();
        if attempt.sign == Sign::Sha1 {
            attempt.sign = Sign::Good;
        }
    }
    // SHA-1 in disguise; under its own name it would be a good signature.
    if attempt.sign == Sign::Sha1 {
        attempt.algorithms.retain(|a| *a != SigAlg::RsaSha1);
    }
    // Whether a token will ask for a PIN is not known unless it is said.
    if key.starts_with("sk-") || key == "verify-required-cert" {
        attempt.verified.get_or_insert(true);
    }
    // Both ends are of one family.
    match (attempt.from, attempt.to) {
        (IpAddr::V6(_), IpAddr::V4(_)) => attempt.to = IpAddr::V6(SERVER6),
        (IpAddr::V4(_), IpAddr::V6(_)) => attempt.to = IpAddr::V4(SERVER4),
        _ => {}
    }
}

/// Mostly the usual one.
fn from_address(rng: &mut Rng) -> String {
    let others = ["198.51.100.7", "10.1.2.3", "2001:db8::9"];
    if rng.chance(80) {
        return "192.0.2.9".into();
    }
    (*rng.pick(&others).unwrap_or(&"192.0.2.9")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worlds::as_scenario;
    use sshwhy_scenario::{KeyMaterial, Scenario};
    use std::collections::BTreeSet;

    #[test]
    fn a_world_is_decided_by_its_seed_and_number() {
        assert_eq!(world(7, 12), world(7, 12));
        assert_ne!(world(7, 12), world(7, 13));
        assert_ne!(world(7, 12), world(8, 12));
    }

    #[test]
    fn every_operator_is_used_and_leaves_no_hole_unfilled() {
        let mut seen = BTreeSet::new();
        for number in 0..8000 {
            let spec = world(1, number);
            seen.extend(spec.name.split(' ').skip(1).map(str::to_string));
        }
        let all = Grammar::get().operators.iter();
        let never: Vec<_> = all.map(|o| o.name).filter(|n| !seen.contains(*n)).collect();
        assert!(never.is_empty(), "{never:?}");
    }

    #[test]
    fn a_world_printed_as_a_scenario_is_the_same_world() {
        let keys: &dyn KeyMaterial = &Embedded;
        for number in 0..1500 {
            let spec = world(3, number);
            let text = as_scenario(&spec, "generated", "it was generated");
            let read = Scenario::parse(text.as_bytes());
            let case = read
                .unwrap_or_else(|p| panic!("{p:?}\n{text}"))
                .cases
                .remove(0);
            let (a, b) = (spec.scene(keys).unwrap(), case.spec.scene(keys).unwrap());
            assert!(a.tree == b.tree, "{text}");
            assert_eq!(
                format!("{:?}", a.attempt),
                format!("{:?}", b.attempt),
                "{text}"
            );
            assert_eq!(
                (a.accounts, a.groups, a.shadow),
                (b.accounts, b.groups, b.shadow)
            );
            assert_eq!(spec.session, case.spec.session);
        }
    }
}
