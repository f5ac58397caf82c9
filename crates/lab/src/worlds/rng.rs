//! Numbers that a seed decides.

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// The numbers of world `number` of a seed: any world can be made without those before it.
    pub(super) fn of(seed: u64, number: u64, attempt: u64) -> Rng {
        let mut rng = Rng(seed ^ 0x5eed_0f3a_11d5_1ab5);
        for part in [number, attempt] {
            rng.0 = rng.next() ^ part;
        }
        rng.next();
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.next()) * (end as u128);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// The number of one of them, by weight.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = usize> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (i, weight) in weights.enumerate() {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return i,
            }
        }
        0
    }

    /// True `percent` times of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_gives_others() {
        let list = |mut r: Rng| (0..8).map(|_| r.below(1000)).collect::<Vec<_>>();
        assert_eq!(list(Rng::of(1, 2, 0)), list(Rng::of(1, 2, 0)));
        assert_ne!(list(Rng::of(1, 2, 0)), list(Rng::of(1, 3, 0)));
        assert_ne!(list(Rng::of(1, 2, 0)), list(Rng::of(2, 2, 0)));
    }
}
