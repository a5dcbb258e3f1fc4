//! What the last line says: one sentence for a while.

use super::app::App;
use super::key::{self, Key};
use super::msg::NoticeKind;
use crate::model::Timestamp;
use crate::model::time::SECOND;

/// So long a notice stays, in milliseconds.
const NOTICE_STAYS: i64 = 10 * SECOND;

/// A sentence in the status line.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub text: String,
    pub kind: NoticeKind,
    pub until: Timestamp,
    pub undoable: bool,
}

impl App {
    /// Says something in the status line.
    pub(super) fn say(&mut self, kind: NoticeKind, text: impl Into<String>) {
        let stays = if kind == NoticeKind::Info {
            NOTICE_STAYS
        } else {
            2 * NOTICE_STAYS
        };
        self.notices += 1;
        self.notice = Some(Notice {
            text: text.into(),
            kind,
            until: self.now + stays,
            undoable: false,
        });
    }

    /// Says that a key means nothing here, and what does.
    pub(super) fn no_such_key(&mut self, keys: &[Key], hint: &str) {
        let what = key::show(keys);
        self.say(
            NoticeKind::Info,
            format!("{what} does nothing here; {hint}"),
        );
    }
}
