//! Chance that belongs to a place: the same seed and place throw the same dice, whatever was thrown before.

/// Dice of one place.
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The dice of `what` at `one`, `two`.
    pub fn new(seed: u64, what: u64, one: u64, two: u64) -> Self {
        let mut mixed = seed ^ 0x9e37_79b9_7f4a_7c15;
        for part in [what, one, two] {
            mixed = mixed.wrapping_add(part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^= mixed >> 29;
        }
        Self(fastrand::Rng::with_seed(mixed))
    }

    /// True in `percent` of a hundred throws.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.0.u64(0..100) < percent
    }

    /// From 0 to before `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.usize(0..end.max(1))
    }

    /// From `low` to before `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..high.max(low + 1))
    }

    /// One of them; the first far more often than the last, as words are.
    pub fn often<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> Option<&'a T> {
        let one = self.0.f64();
        let place = one * one * of.len() as f64;
        of.get(place as usize).copied()
    }

    /// Any of them.
    pub fn any<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> Option<&'a T> {
        of.get(self.below(of.len())).copied()
    }

    /// Mostly near 1, now and then up to `most`.
    pub fn long_tail(&mut self, most: f64) -> f64 {
        // Division only: other operations may differ in the last bit between machines.
        1.0 / (self.0.f64() + 1.0 / most)
    }
}
