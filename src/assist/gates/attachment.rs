//! The drafter brings no files and reads none, but for what a machine heard in them.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 2;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    if input.attachments > 0 {
        return result(
            "attachment",
            VERSION,
            Verdict::Block,
            "The draft brings a file, which only a person may add.",
        );
    }
    if input.unread_files > 0 {
        return result(
            "attachment",
            VERSION,
            Verdict::Warn,
            "The customer sent files that the drafter did not read; look at them first.",
        );
    }
    if input.heard {
        return result(
            "attachment",
            VERSION,
            Verdict::Warn,
            "A machine wrote down what the customer said (transcript); listen to it before you answer.",
        );
    }
    result("attachment", VERSION, Verdict::Pass, "No files.")
}
