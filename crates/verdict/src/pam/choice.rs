//! Deciding with facts that are missing: the same steps are taken again and again, each time with
//! other assumptions, until every combination was tried.

use alloc::vec::Vec;
use sshwhy_world::Gap;

/// Most combinations that are tried.
const MOST: usize = 4_096;

/// The assumptions of one try.
#[derive(Default)]
pub(crate) struct Choices {
    script: Vec<(usize, usize)>,
    at: usize,
    tries: usize,
    gaps: Vec<Gap>,
}

impl Choices {
    /// Assumes one of `n` answers to a question that `gap` leaves open.
    pub(crate) fn pick(&mut self, n: usize, gap: &Gap) -> usize {
        if !self.gaps.contains(gap) {
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
    }

    /// Goes on to the next combination. `false`: all were tried, or too many.
    pub(crate) fn next(&mut self) -> bool {
        self.script.truncate(self.at);
        self.rewind();
        self.tries += 1;
        while let Some((chosen, n)) = self.script.pop() {
            if chosen + 1 < n && self.tries < MOST {
                self.script.push((chosen + 1, n));
                return true;
            }
        }
        false
    }

    /// Whether the tries ran out before the combinations did.
    pub(crate) fn exhausted(&self) -> bool {
        self.tries >= MOST
    }
}
