//! Deciding with facts that are missing: the same steps are taken again and again, each time with
//! other assumptions, until every combination was tried.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use sshwhy_world::Gap;

/// Most combinations that are tried.
const MOST: usize = 4_096;

/// Most questions that all tries together may ask: a file of a million rules that nobody can
/// answer is not read thousands of times.
const MOST_ASKED: usize = 1 << 18;

/// Most gaps that one try remembers.
const MOST_GAPS: usize = 256;

/// The assumptions of one try.
#[derive(Default)]
pub(crate) struct Choices {
    script: Vec<(usize, usize)>,
    at: usize,
    tries: usize,
    gaps: Vec<Gap>,
    /// What this try assumes about facts that stay what they are, by what is missing.
    facts: BTreeMap<String, usize>,
    /// Questions asked in all tries.
    asked: usize,
}

impl Choices {
    /// Assumes one of `n` values of a fact that `gap` leaves open: asked again in the same try, it
    /// is the same.
    pub(crate) fn fact(&mut self, n: usize, gap: &Gap) -> usize {
        self.asked += 1;
        if let Some(chosen) = self.facts.get(&gap.what) {
            return *chosen;
        }
        let chosen = self.pick(n, gap);
        self.facts.insert(gap.what.clone(), chosen);
        chosen
    }

    /// Assumes one of `n` answers to a question that `gap` leaves open.
    pub(crate) fn pick(&mut self, n: usize, gap: &Gap) -> usize {
        self.asked += 1;
        if self.gaps.len() < MOST_GAPS && !self.gaps.contains(gap) {
            self.gaps.push(gap.clone());
        }
        if self.at == self.script.len() {
            self.script.push((0, n));
        }
        let chosen = self.script.get(self.at).map_or(0, |(c, _)| *c);
        self.at += 1;
        chosen
    }

    /// The gaps that this try came across.
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// How many assumptions this try made so far.
    pub(crate) fn used(&self) -> usize {
        self.at
    }

    /// Takes the same try from the start.
    pub(crate) fn rewind(&mut self) {
        self.at = 0;
        self.gaps.clear();
        self.facts.clear();
    }

    /// Goes on to the next combination. `false`: all were tried, or too many.
    pub(crate) fn next(&mut self) -> bool {
        self.script.truncate(self.at);
        self.rewind();
        self.tries += 1;
        while let Some((chosen, n)) = self.script.pop() {
            if chosen + 1 < n && !self.exhausted() {
                self.script.push((chosen + 1, n));
                return true;
            }
        }
        false
    }

    /// Whether the tries ran out before the combinations did.
    pub(crate) fn exhausted(&self) -> bool {
        self.tries >= MOST || self.asked >= MOST_ASKED
    }
}
