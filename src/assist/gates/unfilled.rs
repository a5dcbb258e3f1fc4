//! A draft is finished text: no variable left open, no character that is not text.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};
use crate::text::sanitize_block;

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    if input.draft.contains("{{") || input.draft.contains("}}") {
        return result(
            "unfilled",
            VERSION,
            Verdict::Block,
            "The draft holds a variable that was not filled in.",
        );
    }
    if sanitize_block(input.draft).text != input.draft {
        return result(
            "unfilled",
            VERSION,
            Verdict::Block,
            "The draft holds characters that are no text.",
        );
    }
    result(
        "unfilled",
        VERSION,
        Verdict::Pass,
        "The draft is finished text.",
    )
}
