//! Answers outside the desk's hours, as configured.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    if input.desk_open {
        return result("hours", VERSION, Verdict::Pass, "Somebody is at the desk.");
    }
    result(
        "hours",
        VERSION,
        input.settings.out_of_hours,
        "It is outside the desk's hours.",
    )
}
