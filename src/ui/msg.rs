//! What the screen is told.

use super::effect::ReqId;
use crate::desk::off_roster::OffRoster;
use crate::model::command::Refusal;
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{Answer, ConversationId, Outcome, Timestamp};
use crossterm::event::{KeyEvent, MouseEvent};

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key.
    Key(KeyEvent),
    /// Pasted text; a newline in it never sends.
    Paste(String),
    /// The mouse, when it is listened to.
    Mouse(MouseEvent),
    /// The terminal has this size now: columns, rows.
    Resize(u16, u16),
    /// The terminal gained or lost the focus.
    Focus(bool),
    /// The answer to [`super::Effect::Ask`].
    Answer {
        /// Of which request.
        id: ReqId,
        /// The answer, or what is wrong in words.
        answer: Result<Answer, String>,
    },
    /// The result of [`super::Effect::Do`].
    Done {
        /// Of which request.
        id: ReqId,
        /// What it did, or why not.
        result: Result<Outcome, Refusal>,
    },
    /// The mirror changed.
    Changed(Change),
    /// The time.
    Clock(Timestamp),
    /// The editor came back: the text, none when it was left as it was, or what went wrong.
    Edited {
        /// Of which request.
        id: ReqId,
        /// The new text.
        text: Result<Option<String>, String>,
    },
    /// A file was taken into the mirror for sending.
    Attached {
        /// Of which request.
        id: ReqId,
        /// The file, or what is wrong in words.
        result: Result<OutgoingAttachment, String>,
    },
    /// Who can be paged beside the roster.
    People {
        /// Of which request.
        id: ReqId,
        /// They.
        people: Vec<OffRoster>,
        /// Accounts whose people cannot be listed, in words.
        problems: Vec<String>,
    },
    /// Something to say in the status line.
    Notice {
        /// The sentence.
        text: String,
        /// How it is meant.
        kind: NoticeKind,
    },
    /// Who holds the engine.
    Engine(EngineState),
    /// How setting up or testing an account goes on.
    SettingUp {
        /// The number of the try.
        run: u64,
        /// What is new.
        news: super::SetupNews,
    },
    /// How the vault is.
    Vault(super::VaultNews),
    /// The configuration was changed.
    Renewed(Box<super::Renewed>),
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// For your information.
    Info,
    /// Something was not done.
    Warning,
    /// Something is wrong.
    Error,
}

/// What of the mirror changed, for reloading what is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Lists and counts.
    pub lists: bool,
    /// The outbox.
    pub outbox: bool,
    /// Health of accounts.
    pub health: bool,
    /// These conversations; empty with `lists` or `outbox` set means "any".
    pub conversations: Vec<ConversationId>,
}

/// Who holds the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineState {
    /// Not known yet.
    #[default]
    Starting,
    /// This process.
    Holder,
    /// Another process of this id; we are attached to the same mirror.
    Attached(Option<u32>),
    /// The mirror can only be read.
    ReadOnly,
}
