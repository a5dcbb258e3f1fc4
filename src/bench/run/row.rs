//! A figure against its limit.

use serde::Serialize;
use std::time::Duration;

/// A figure against a limit or a peer.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub figure: String,
    /// How much, in `unit`; none where it was left out.
    pub value: Option<f64>,
    /// The unit of value and limit.
    pub unit: &'static str,
    /// What it is held against.
    pub against: String,
    /// How much that is.
    pub limit: Option<f64>,
    /// Value over limit.
    pub ratio: Option<f64>,
    /// Whether it holds; none where it was left out, or where there is nothing to hold to.
    pub pass: Option<bool>,
    /// What else must be known to read it.
    pub note: String,
}

impl Row {
    /// A figure that must be below `limit`.
    pub fn below(figure: &str, value: f64, limit: f64, unit: &'static str) -> Self {
        Self::of(figure, value, limit, unit, value < limit, "at most")
    }

    /// A figure that must be at least `limit`.
    pub fn at_least(figure: &str, value: f64, limit: f64, unit: &'static str) -> Self {
        Self::of(figure, value, limit, unit, value >= limit, "at least")
    }

    fn of(
        figure: &str,
        value: f64,
        limit: f64,
        unit: &'static str,
        pass: bool,
        against: &str,
    ) -> Self {
        Self {
            figure: figure.to_owned(),
            value: Some(value),
            unit,
            against: against.to_owned(),
            limit: Some(limit),
            ratio: (limit > 0.0).then(|| value / limit),
            pass: Some(pass),
            note: String::new(),
        }
    }

    /// A row that could not be measured here, with the reason.
    pub fn left_out(figure: &str, why: impl Into<String>) -> Self {
        Self {
            figure: figure.to_owned(),
            value: None,
            unit: "",
            against: String::new(),
            limit: None,
            ratio: None,
            pass: None,
            note: format!("left out: {}", why.into()),
        }
    }

    /// The same, held against something by name.
    #[must_use]
    pub fn against(mut self, what: impl Into<String>) -> Self {
        self.against = what.into();
        self
    }

    /// The same with a remark.
    #[must_use]
    pub fn note(mut self, words: impl Into<String>) -> Self {
        self.note = words.into();
        self
    }
}

/// Measured times or sizes.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds one.
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds a time in milliseconds.
    pub fn time(&mut self, value: Duration) {
        self.add(value.as_secs_f64() * 1_000.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value below which that part of them lies; 0 where there are none.
    pub fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (part * sorted.len() as f64).ceil() as usize;
        let at = at.clamp(1, sorted.len().max(1)) - 1;
        sorted.get(at).copied().unwrap_or_default()
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut samples = Samples::default();
        assert!(samples.median() < 0.1);
        for value in 1..=100 {
            samples.add(f64::from(value));
        }
        for (part, value) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)] {
            assert!((samples.quantile(part) - value).abs() < f64::EPSILON);
        }
    }
}
