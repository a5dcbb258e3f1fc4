//! The drafter brings no files and reads none.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

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
    result("attachment", VERSION, Verdict::Pass, "No files.")
}
