//! Sentences of the draft that nothing supports.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    match input.unsupported {
        [] => result(
            "unsupported",
            VERSION,
            Verdict::Pass,
            "Every sentence has its evidence.",
        ),
        [one] => result(
            "unsupported",
            VERSION,
            Verdict::Warn,
            format!("Nothing supports \"{one}\"; check it."),
        ),
        [one, rest @ ..] => result(
            "unsupported",
            VERSION,
            Verdict::Warn,
            format!(
                "Nothing supports \"{one}\" and {} more; check them.",
                rest.len()
            ),
        ),
    }
}
