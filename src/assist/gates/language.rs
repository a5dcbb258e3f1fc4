//! The draft should be in the customer's language.

use super::{GateInput, result};
use crate::assist::language::OTHER;
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    match input.question_language {
        Some(asked) if asked != input.draft_language => result(
            "language",
            VERSION,
            Verdict::Warn,
            if asked == OTHER {
                format!(
                    "The customer writes another language than the draft's {}.",
                    input.draft_language
                )
            } else {
                format!(
                    "The customer writes {asked} and the draft is {}.",
                    input.draft_language
                )
            },
        ),
        _ => result(
            "language",
            VERSION,
            Verdict::Pass,
            "The draft is in the customer's language.",
        ),
    }
}
