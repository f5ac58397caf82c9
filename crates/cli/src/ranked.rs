//! What a client's view leaves as possible, as findings: ranked, and never certain.

use sshwhy_causes::{Args, Certainty, Finding, by_id};
use sshwhy_rank::{Signs, advice, rank};
use sshwhy_world::Gap;

/// Causes below this are not told.
const LEAST: f64 = 0.005;

/// From here on a cause is called likely.
const LIKELY: f64 = 0.3;

/// The causes that are left, the likeliest first. `proven` are those that were found for certain:
/// they are not repeated.
pub(crate) fn findings(signs: &Signs, facts: &Args, proven: &[&str]) -> Vec<Finding> {
    let user = String::from_utf8_lossy(&signs.user).into_owned();
    let user = if !user.is_empty()
        && user
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        user
    } else {
        "USER".into()
    };
    let left = rank(signs).into_iter();
    left.filter(|c| c.probability >= LEAST && !proven.contains(&c.id))
        .filter_map(|c| {
            let mut finding = Finding::new(by_id(c.id)?);
            finding.probability = Some(c.probability);
            finding.certainty = if c.probability >= LIKELY {
                Certainty::Likely
            } else {
                Certainty::Possible
            };
            finding.args = facts.clone();
            let advice = advice(c.group);
            finding.gap = Some(Gap::could_not(
                "whether it is this",
                "the client cannot see it",
                format!("{}: {}", advice.whom, advice.test.replace("USER", &user)),
            ));
            Some(finding)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sshwhy_rank::Place;

    #[test]
    fn what_is_ranked_is_never_certain_and_sums_to_less_than_one() {
        for place in Place::ALL {
            let found = findings(&Signs::at(place), &Args::new(), &[]);
            assert!(found.iter().all(|f| f.certainty < Certainty::Certain));
            let sum: f64 = found.iter().filter_map(|f| f.probability).sum();
            assert!(sum < 1.0, "{place:?}");
        }
    }

    #[test]
    fn each_ranked_cause_is_in_the_catalogue_and_each_of_it_is_ranked() {
        // These explain, warn, or stand beside a cause.
        let beside = [
            "keyword-shadowed",
            "weak-key",
            "key-compromised-p521-putty",
            "agent-forwarding-gone",
            "key-line-shadowed",
        ];
        for cause in sshwhy_causes::all() {
            let ranked = sshwhy_rank::cases(cause.id).is_some();
            assert_eq!(ranked, !beside.contains(&cause.id), "{}", cause.id);
        }
        for place in Place::ALL {
            for ranked in rank(&Signs::at(place)) {
                assert!(by_id(ranked.id).is_some(), "{}", ranked.id);
            }
        }
    }
}
