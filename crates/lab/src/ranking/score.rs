//! How good a model is on worlds: what was listed, how soon, and whether its numbers hold.

use super::Seen;
use sshwhy_rank::{Model, Place};
use std::collections::BTreeMap;

/// How the numbers came out, over some worlds, each weighted by how often its cause happens.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Worlds.
    pub worlds: usize,
    /// How often their causes happen, in all.
    pub often: f64,
    /// Placed at the right step.
    pub placed: usize,
    /// Of a cause that the wire proves, and how many of these came first and certain.
    pub provable: (usize, usize),
    /// Worlds where something else was called certain.
    pub wrongly_certain: usize,
    /// The true cause was listed with 2 % or more: share of the weight, and of the worlds.
    pub listed: (f64, f64),
    /// The true cause was among the first three: share of the weight, and of the worlds.
    pub first_three: (f64, f64),
    /// Mean of -ln of the true cause's probability.
    pub log_loss: f64,
    /// By tenths of the probability given: the weight of what was said, its mean, and of what was
    /// true.
    pub curve: [(f64, f64, f64); 10],
    /// By cause: worlds, in the first three, mean probability.
    pub causes: BTreeMap<String, (usize, usize, f64)>,
}

impl Score {
    /// Measures.
    #[must_use]
    pub fn of(model: &Model, seen: &[&Seen], ask: bool) -> Score {
        let mut out = Score::default();
        let mut all = 0.0;
        for (s, weight) in weighted(model, seen) {
            let list = s.list(model, ask);
            let certain = s.certain();
            out.worlds += 1;
            out.placed += usize::from(s.signs.place == s.place);
            out.wrongly_certain += usize::from(!s.wrongly_certain().is_empty());
            if s.provable() {
                out.provable.0 += 1;
                out.provable.1 +=
                    usize::from(!certain.is_empty() && s.wrongly_certain().is_empty());
            }
            let at = list.iter().position(|c| c.id == s.truth);
            let p = at.and_then(|n| list.get(n)).map_or(0.0, |c| c.probability);
            let three = at.is_some_and(|n| n < 3);
            all += weight;
            if p >= 0.02 {
                out.listed.0 += weight;
                out.listed.1 += 1.0;
            }
            if three {
                out.first_three.0 += weight;
                out.first_three.1 += 1.0;
            }
            out.log_loss -= weight * p.max(0.0002).ln();
            // What stands behind a proven one is no probability of this kind, and who is let in is
            // shown none.
            let shown = s.signs.place != Place::Accepted;
            let guesses = list.iter().filter(|_| certain.is_empty() && shown);
            for c in guesses {
                let tenth = ((c.probability * 10.0) as usize).min(9);
                if let Some(bin) = out.curve.get_mut(tenth) {
                    bin.0 += weight;
                    bin.1 += weight * c.probability;
                    bin.2 += if c.id == s.truth { weight } else { 0.0 };
                }
            }
            let row = out.causes.entry(s.truth.clone()).or_default();
            row.0 += 1;
            row.1 += usize::from(three);
            row.2 += p;
        }
        out.often = all;
        let n = out.worlds.max(1) as f64;
        for share in [&mut out.listed, &mut out.first_three] {
            share.0 /= all.max(f64::MIN_POSITIVE);
            share.1 /= n;
        }
        out.log_loss /= all.max(f64::MIN_POSITIVE);
        for bin in &mut out.curve {
            if bin.0 > 0.0 {
                bin.1 /= bin.0;
                bin.2 /= bin.0;
            }
        }
        for row in out.causes.values_mut() {
            row.2 /= row.0.max(1) as f64;
        }
        out
    }

    /// Both as one.
    #[must_use]
    pub fn with(&self, other: &Score) -> Score {
        let share = |a: f64, b: f64, of: (f64, f64)| {
            (a * of.0 + b * of.1) / (of.0 + of.1).max(f64::MIN_POSITIVE)
        };
        let often = (self.often, other.often);
        let worlds = (self.worlds as f64, other.worlds as f64);
        let mut out = self.clone();
        out.worlds += other.worlds;
        out.often += other.often;
        out.placed += other.placed;
        out.provable.0 += other.provable.0;
        out.provable.1 += other.provable.1;
        out.wrongly_certain += other.wrongly_certain;
        for (a, b) in [
            (&mut out.listed, other.listed),
            (&mut out.first_three, other.first_three),
        ] {
            *a = (share(a.0, b.0, often), share(a.1, b.1, worlds));
        }
        out.log_loss = share(out.log_loss, other.log_loss, often);
        for (a, b) in out.curve.iter_mut().zip(&other.curve) {
            let of = (a.0, b.0);
            *a = (a.0 + b.0, share(a.1, b.1, of), share(a.2, b.2, of));
        }
        for (id, b) in &other.causes {
            let a = out.causes.entry(id.clone()).or_default();
            let of = (a.0 as f64, b.0 as f64);
            *a = (a.0 + b.0, a.1 + b.1, share(a.2, b.2, of));
        }
        out
    }
}

/// Each world with its weight: how often its cause happens, shared among the worlds of that cause.
fn weighted<'a>(model: &Model, seen: &[&'a Seen]) -> Vec<(&'a Seen, f64)> {
    let mut count: BTreeMap<&str, f64> = BTreeMap::new();
    for s in seen {
        *count.entry(&s.truth).or_default() += 1.0;
    }
    let weight = |s: &Seen| {
        let often = model.cases(&s.truth).unwrap_or(0.0);
        often / count.get(s.truth.as_str()).copied().unwrap_or(1.0)
    };
    seen.iter().map(|s| (*s, weight(s))).collect()
}

/// The most that a list of 49 causes, each with 2 %, holds without a question, if each cause happens as
/// often as it was counted and looks as the model has it: the mean of what its 49 likeliest add up to.
#[must_use]
pub(super) fn in_the_list(model: &Model, seen: &[&Seen]) -> f64 {
    let mut unlifted = model.clone();
    unlifted.room = 0.0;
    let (mut all, mut held) = (0.0, 0.0);
    for (s, weight) in weighted(model, seen) {
        let list = s.list(&unlifted, false);
        let sum: f64 = list.iter().take(49).map(|c| c.probability).sum();
        all += weight;
        held += weight * sum.min(1.0);
    }
    held / all.max(f64::MIN_POSITIVE)
}

/// The most that any ranking could reach without a question: worlds that look alike to the client
/// have one list, and of that 49 causes at most can have 2 % or more. Share of the weight that is
/// among the first three, and that is listed. Worlds that differ by chance alone count as told
/// apart, so that what can be reached is less.
#[must_use]
pub(super) fn bound(model: &Model, seen: &[&Seen]) -> (f64, f64) {
    let mut alike: BTreeMap<String, BTreeMap<&str, f64>> = BTreeMap::new();
    for (s, weight) in weighted(model, seen) {
        let g = &s.signs;
        let said = s.checked.iter().filter(|_| s.own_side);
        let said: Vec<_> = said.map(|c| (&c.certain, &c.likely)).collect();
        let looks = format!(
            "{:?}",
            (
                (g.place, g.server, g.debian, g.user == b"root", g.key),
                (g.certificate, g.listed, g.sha1_only, s.certain(), said),
            )
        );
        *alike.entry(looks).or_default().entry(&s.truth).or_default() += weight;
    }
    let (mut all, mut three, mut listed) = (0.0, 0.0, 0.0);
    for causes in alike.values() {
        let mut weights: Vec<f64> = causes.values().copied().collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        all += weights.iter().sum::<f64>();
        three += weights.iter().take(3).sum::<f64>();
        listed += weights.iter().take(49).sum::<f64>();
    }
    let all = all.max(f64::MIN_POSITIVE);
    (three / all, listed / all)
}
