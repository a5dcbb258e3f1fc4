//! The desktop's service, in a program that was built without it: never works, so that the next way
//! is tried.

use std::time::Duration;

use super::Shown;

/// Nothing.
#[derive(Default)]
pub(super) struct Desktop {}

impl Desktop {
    #[expect(clippy::unused_async, reason = "the same form as where it is built in")]
    pub(super) async fn show(&self, _: &Shown, _: Duration) -> bool {
        false
    }
}
