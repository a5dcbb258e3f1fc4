//! Important contacts get their first answer from a person.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    match (input.vip, input.answered_before) {
        (true, false) => result(
            "vip",
            VERSION,
            Verdict::Block,
            "This contact is a VIP; a person must write the first answer.",
        ),
        (true, true) => result("vip", VERSION, Verdict::Warn, "This contact is a VIP."),
        (false, _) => result("vip", VERSION, Verdict::Pass, "No VIP."),
    }
}
