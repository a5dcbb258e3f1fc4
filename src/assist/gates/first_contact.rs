//! The first answer to somebody, as configured.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    if input.answered_before {
        return result(
            "first-contact",
            VERSION,
            Verdict::Pass,
            "We have answered this person before.",
        );
    }
    result(
        "first-contact",
        VERSION,
        input.settings.first_contact,
        "This would be our first answer to this person.",
    )
}
