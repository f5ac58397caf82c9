//! The numbers of a model, from worlds; and the halves that worlds are dealt out to.

use super::score::Score;
use super::{SEED, Seen};
use sshwhy_rank::Model;
use std::collections::{BTreeMap, BTreeSet};

/// What the floor may cost in log-loss, in nats.
const MOST_LOST: f64 = 0.05;

/// What was counted of worlds: where each cause was seen, and how each question was answered.
fn counted(seen: &[&Seen]) -> Model {
    let mut model = Model::unfitted();
    for s in seen {
        model.saw(&s.truth, &s.signs, 1.0);
        model.met(&s.truth, s.signs.server, 1.0);
        for (question, choice) in &s.answers {
            model.heard(&s.truth, *question, *choice, 1.0);
        }
    }
    model
}

/// Fits a model on worlds: where each cause was seen, then how far to trust counts and answers.
/// What is chosen is chosen by worlds that were not counted: one half of these is measured by what
/// was counted on the other, and the other way.
#[must_use]
pub(super) fn fit(seen: &[&Seen]) -> Model {
    let mut parted: Vec<Seen> = seen.iter().map(|s| (*s).clone()).collect();
    split(&mut parted, SEED.rotate_left(7));
    let (one, other): (Vec<&Seen>, Vec<&Seen>) = parted.iter().partition(|s| s.fits);
    let folds = [(counted(&one), &other), (counted(&other), &one)];
    let measured = |change: &dyn Fn(&mut Model), ask: bool| {
        let (mut loss, mut listed) = (0.0, 0.0);
        for (model, seen) in &folds {
            let mut model = model.clone();
            change(&mut model);
            let score = Score::of(&model, seen, ask);
            loss += score.log_loss / 2.0;
            listed += score.listed.0 / 2.0;
        }
        (loss, listed)
    };
    let trusts = [0.0, 0.05, 0.1, 0.2].map(|spread| [0.85, 0.93, 0.97].map(|a| (spread, a)));
    let losses: Vec<(f64, (f64, f64))> = std::thread::scope(|scope| {
        let tried = trusts.map(|row| {
            scope.spawn(move || {
                row.map(|(spread, answer)| {
                    let change = |m: &mut Model| (m.spread, m.answer) = (spread, answer);
                    let loss = measured(&change, false).0 + measured(&change, true).0;
                    (loss, (spread, answer))
                })
            })
        });
        tried
            .into_iter()
            .flat_map(|t| t.join().into_iter().flatten())
            .collect()
    });
    let mut model = counted(seen);
    if let Some((_, (spread, answer))) = losses.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)) {
        (model.spread, model.answer) = (spread, answer);
    }
    let (spread, answer) = (model.spread, model.answer);
    // The more is lifted to where it is listed the better, as long as it costs the probabilities
    // little. Without questions, where it costs most; questions do not go by it.
    let with = |room: f64, least: f64| {
        measured(
            &|m: &mut Model| {
                (m.spread, m.answer, m.room, m.least) = (spread, answer, room, least);
            },
            false,
        )
    };
    let (before, mut best) = (with(0.0, 1.0), (0.0, 1.0));
    let mut most = before.1;
    for room in [0.2, 0.4, 0.6, 0.8] {
        for least in [0.002, 0.004, 0.008] {
            let (loss, listed) = with(room, least);
            if loss - before.0 <= MOST_LOST && listed > most {
                most = listed;
                best = (room, least);
            }
        }
    }
    (model.room, model.least) = best;
    model
}

/// The file `crates/rank/data/fitted.txt` for a model.
#[must_use]
pub(super) fn fitted(model: &Model) -> String {
    let mut out = String::from(
        "# Fitted on one half of the scenarios by `sshwhy-lab --check --fit`: how far counts are\n\
         # spread over all causes, how often an answer is what the table says, where each cause was\n\
         # seen, how often on Dropbear and on OpenSSH, and what was answered of it.\n",
    );
    out.push_str(&model.fitted());
    out
}

/// Parts the worlds in two halves, within each cause by its scenarios: those of one scenario stay
/// together, whatever server they are on. Where a cause has one scenario alone, its servers are
/// parted.
pub(super) fn split(seen: &mut [Seen], seed: u64) {
    let hash = |text: &str| {
        let start = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut h = text.bytes().fold(start, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        h ^= h >> 31;
        h.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 7
    };
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for s in seen.iter() {
        names
            .entry(s.truth.clone())
            .or_default()
            .insert(s.name.clone());
    }
    let alone = |s: &Seen| names.get(&s.truth).is_some_and(|n| n.len() == 1);
    let unit = |s: &Seen| {
        if alone(s) {
            format!("{} on {}", s.name, s.on)
        } else {
            s.name.clone()
        }
    };
    let mut units: BTreeMap<String, BTreeSet<(u64, String)>> = BTreeMap::new();
    for s in seen.iter() {
        let unit = unit(s);
        units
            .entry(s.truth.clone())
            .or_default()
            .insert((hash(&unit), unit));
    }
    for s in seen.iter_mut() {
        let unit = unit(s);
        let order = units.get(&s.truth).into_iter().flatten();
        let at = order.map(|(_, u)| u).position(|u| *u == unit).unwrap_or(0);
        // Of an odd number now this half has one more, now that.
        s.fits = (at as u64).wrapping_add(hash(&s.truth)) & 1 == 0;
    }
}
