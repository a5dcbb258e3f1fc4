//! What the screen wants done; the runtime does it and answers with a [`super::Msg`].

use super::hidden::Hidden;
use super::setting_up::Filled;
use crate::model::{AccountId, AttachmentId, Command, ConversationId, MessageId, Query};

/// The number of a request. Answers carry it; late ones for something no longer shown are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ReqId(pub u64);

/// One wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the mirror.
    Ask {
        /// The request.
        id: ReqId,
        /// The question.
        query: Query,
    },
    /// Change the mirror. Commands keep their order.
    Do {
        /// The request.
        id: ReqId,
        /// The verb.
        command: Command,
    },
    /// Page somebody of the roster, or of whom the accounts know.
    Escalate {
        /// The request.
        id: ReqId,
        /// About what.
        conversation: ConversationId,
        /// The name on the roster, or as told by [`super::Msg::People`].
        to: String,
        /// Why.
        reason: String,
    },
    /// List whom the accounts know beside the roster; told by [`super::Msg::People`].
    People {
        /// The request.
        id: ReqId,
    },
    /// Let the agent edit a text in their editor.
    Edit {
        /// The request.
        id: ReqId,
        /// The text so far.
        text: String,
        /// Ending of the file's name, such as `.md`.
        suffix: &'static str,
    },
    /// Put text on the clipboard.
    Copy(String),
    /// Open a checked web or mail address.
    Open(String),
    /// Save an attachment.
    SaveAttachment {
        /// The request.
        id: ReqId,
        /// Which.
        attachment: AttachmentId,
        /// Directory or file; empty for the configured directory.
        to: String,
    },
    /// Open an attachment with the configured program.
    OpenAttachment(AttachmentId),
    /// Play a voice note or recording with the configured program.
    PlayAttachment(AttachmentId),
    /// Have a voice note or recording written down.
    Transcribe(AttachmentId),
    /// Take a file into the mirror for sending.
    Attach {
        /// The request.
        id: ReqId,
        /// Its path as typed.
        path: String,
    },
    /// Give a message's text to a program.
    Pipe {
        /// The request.
        id: ReqId,
        /// Which message.
        message: MessageId,
        /// The program and its arguments as typed; no shell.
        command: String,
    },
    /// Try a new account, without saving anything; told by [`super::Msg::SettingUp`], as all that follows.
    TryAccount {
        /// The number of the try.
        run: u64,
        /// The form.
        filled: Filled,
    },
    /// Save a new account.
    SaveAccount {
        /// The number of the try.
        run: u64,
        /// The form.
        filled: Filled,
    },
    /// Test an account that there is.
    TestAccount {
        /// The number of the try.
        run: u64,
        /// Which.
        account: AccountId,
    },
    /// The address at which a browser elsewhere ended.
    PasteToSetup {
        /// The number of the try.
        run: u64,
        /// What was pasted.
        text: Hidden,
    },
    /// Nobody waits for this try any more.
    StopSetup {
        /// Its number.
        run: u64,
    },
    /// Take an account out of the configuration.
    RemoveAccount(AccountId),
    /// Put something that may not be seen on the clipboard.
    CopyHidden(Hidden),
    /// Open the vault with this passphrase.
    Unlock(Hidden),
    /// Make the vault with this passphrase.
    MakeVault(Hidden),
    /// Forget the vault's key.
    Lock,
    /// Show the customer that somebody writes here.
    Typing(ConversationId),
    /// Read all accounts' feeds now.
    SyncNow,
    /// Stop as Ctrl-Z does.
    Suspend,
    /// Paint everything again.
    Redraw,
    /// End the program.
    Quit,
}
