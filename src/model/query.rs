//! What the screen and the command line ask of the mirror, and what they get: windows, never whole tables.

use super::approval::Proposal;
use super::journal::Entry;
use super::message::Attachment;
use super::{
    AccountHealth, AccountId, AttachmentId, Channel, Contact, Conversation, ConversationId, Draft,
    Escalation, Message, MessageId, OutboxId, OutboxState, Outgoing, ProposalId, Timestamp,
};
use serde::{Deserialize, Serialize};

/// A list of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "view", content = "of", rename_all = "snake_case")]
pub enum View {
    /// Open ones.
    Inbox,
    /// Open and mine.
    Mine,
    /// Open and nobody's.
    Unassigned,
    /// Open, the customer waits for us.
    Waiting,
    /// Snoozed ones.
    Snoozed,
    /// Resolved ones.
    Resolved,
    /// Spam.
    Spam,
    /// All but spam.
    All,
    /// Open ones of a channel.
    Channel(Channel),
    /// Open ones of an account.
    Account(AccountId),
    /// Open ones with a label.
    Label(String),
    /// A saved search, by name.
    Saved(String),
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// What closes or falls due soonest first; then who waits longest; then the newest.
    #[default]
    ClosingSoonest,
    /// Newest message first.
    Newest,
    /// Oldest message first.
    Oldest,
    /// Highest priority first, newest within.
    Priority,
}

impl Sort {
    /// All, in the order in which `S` goes through them.
    pub const ALL: [Self; 4] = [
        Self::ClosingSoonest,
        Self::Newest,
        Self::Oldest,
        Self::Priority,
    ];

    /// The words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosingSoonest => "closing soonest",
            Self::Newest => "newest first",
            Self::Oldest => "oldest first",
            Self::Priority => "priority",
        }
    }
}

/// A place in a sorted list: the sort key and the id of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Keyset {
    /// The row's sort key under the list's sort.
    pub key: i64,
    /// The row's id, breaking ties.
    pub id: i64,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(tag = "from", content = "at", rename_all = "snake_case")]
pub enum From {
    /// Its beginning.
    #[default]
    Top,
    /// Its end.
    Bottom,
    /// After this row.
    After(Keyset),
    /// Before this row.
    Before(Keyset),
    /// Beginning with this row (to refresh a window in place).
    At(Keyset),
}

/// A window on a list of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ListQuery {
    /// Which list.
    pub view: View,
    /// In which order.
    pub sort: Sort,
    /// Which part.
    pub from: From,
    /// At most so many rows.
    pub limit: u32,
    /// Who asks: [`View::Mine`] depends on it.
    pub me: String,
    /// The search language of `text::query`, narrowing the list (`\`); empty for none.
    pub filter: String,
}

/// Everything that can be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Query {
    /// The numbers of the sidebar and status line.
    Counts {
        /// Who asks.
        me: String,
    },
    /// A window of conversations.
    List(ListQuery),
    /// Which conversations a list holds, for an action on all of them: [`ListQuery::limit`] and its order are kept, where
    /// it begins is not asked.
    Ids(ListQuery),
    /// Everything about one conversation but its messages.
    Conversation {
        /// Which.
        id: ConversationId,
        /// Who asks; decides whose draft is returned.
        me: String,
    },
    /// Messages of one conversation, newest window first.
    Messages {
        /// Which.
        conversation: ConversationId,
        /// Older than this message; none for the newest.
        before: Option<MessageId>,
        /// At most so many.
        limit: u32,
        /// Interleave the contact's other conversations.
        all_channels: bool,
    },
    /// Search over subjects, bodies, contacts and notes.
    Search {
        /// In the language of `text::query`.
        text: String,
        /// Who asks: `is:mine` and `assignee:me` depend on it.
        me: String,
        /// The last word is still being typed.
        typing: bool,
        /// Older than this message; none for the newest.
        before: Option<MessageId>,
        /// At most so many.
        limit: u32,
    },
    /// Rows of the outbox that are not done, then the newest done ones.
    Outbox {
        /// At most so many.
        limit: u32,
    },
    /// Proposals that await a decision, in the order of the contract's rule 8.
    Approvals {
        /// At most so many.
        limit: u32,
    },
    /// One proposal, in whatever state, with the one before it.
    Proposal {
        /// Which.
        id: ProposalId,
    },
    /// Pages, open ones first.
    Pages {
        /// At most so many.
        limit: u32,
    },
    /// Unsent texts of an agent.
    Drafts {
        /// Whose.
        me: String,
        /// At most so many.
        limit: u32,
    },
    /// How the accounts are.
    Health,
    /// The journal of a conversation or of everything, newest first.
    Journal {
        /// Which conversation.
        conversation: Option<ConversationId>,
        /// At most so many.
        limit: u32,
    },
    /// The raw bytes of a message.
    Raw {
        /// Which.
        message: MessageId,
    },
    /// A message's source, as people read it.
    Source {
        /// Which.
        message: MessageId,
        /// In which form.
        form: SourceForm,
    },
    /// What an attachment says, as far as it can be shown as text.
    Preview {
        /// Which.
        attachment: AttachmentId,
    },
    /// Known labels with how many open conversations carry them.
    Labels,
    /// Canned replies and templates whose name or text matches.
    Canned {
        /// What was typed; empty for all.
        text: String,
    },
    /// The templates of an account that are for a channel.
    Templates {
        /// Which account.
        account: AccountId,
        /// For which channel.
        channel: Channel,
    },
}

/// In which form the source of a message is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceForm {
    /// The bytes of the wire.
    Raw,
    /// The HTML of a mail, where it has any.
    Html,
}

/// The source of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Clean text.
    pub text: String,
    /// There is more than is told.
    pub cut: bool,
}

/// A look at an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The attachment.
    pub attachment: Attachment,
    /// Clean text of it; none when it is no text or not here.
    pub text: Option<String>,
    /// There is more than is told.
    pub cut: bool,
    /// What the text is, or why there is none, in a few words.
    pub says: String,
}

/// Numbers that are kept, not counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Per fixed view: inbox, mine, unassigned, waiting, snoozed.
    pub inbox: u64,
    /// Open and mine.
    pub mine: u64,
    /// Open and nobody's.
    pub unassigned: u64,
    /// Open and the customer waits.
    pub waiting: u64,
    /// Snoozed.
    pub snoozed: u64,
    /// Inbox conversations with something unread.
    pub unread: u64,
    /// Proposals pending.
    pub approvals: u64,
    /// Pages open.
    pub pages: u64,
    /// Unsent texts of the asker.
    pub drafts: u64,
    /// Held rows of the outbox.
    pub held: u64,
    /// Queued, sending and retrying rows.
    pub queued: u64,
    /// Failed rows and those that need attention.
    pub failed: u64,
    /// Rows of unknown outcome.
    pub unknown: u64,
    /// Open ones per channel, only channels with any conversation.
    pub channels: Vec<(Channel, u64)>,
    /// Open ones per label.
    pub labels: Vec<(String, u64)>,
    /// Saved views: name and query.
    pub saved: Vec<(String, String)>,
    /// When the next held row leaves.
    pub next_release: Option<Timestamp>,
}

/// A window of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListPage {
    /// The rows, in the asked order.
    pub rows: Vec<(Keyset, Conversation)>,
    /// There are rows before the first.
    pub before: bool,
    /// There are rows after the last.
    pub after: bool,
    /// How many in all, where that number is kept.
    pub total: Option<u64>,
}

/// Everything about one conversation but its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationDetail {
    /// The conversation.
    pub conversation: Conversation,
    /// The person.
    pub contact: Contact,
    /// The person's other conversations, newest first, a few.
    pub others: Vec<Conversation>,
    /// The asker's unsent texts here.
    pub drafts: Vec<Draft>,
    /// The pending proposal.
    pub proposal: Option<Proposal>,
    /// Open pages.
    pub pages: Vec<Escalation>,
    /// Actions as thin lines among the messages, oldest first, the newest few.
    pub actions: Vec<Entry>,
    /// Outbox rows here that are not done.
    pub unsent: Vec<OutboxRow>,
    /// What the account can do.
    pub account: AccountId,
}

/// A window of messages, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// There are older ones.
    pub older: bool,
}

/// One search result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The message found.
    pub message: MessageId,
    /// Its time.
    pub at: Timestamp,
    /// The conversation.
    pub conversation: Conversation,
    /// A cleaned line around the first match.
    pub snippet: String,
    /// Byte ranges of the matches within `snippet`.
    pub marks: Vec<(usize, usize)>,
}

/// One row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// What leaves.
    pub out: Outgoing,
    /// Where it stands.
    pub state: OutboxState,
    /// Since when.
    pub since: Timestamp,
    /// When something happens next by itself.
    pub due_at: Option<Timestamp>,
    /// Tries so far.
    pub attempts: u32,
    /// Last error or reason, cleaned.
    pub reason: Option<String>,
    /// Only if the customer has not written by then.
    pub unless_reply: bool,
}

/// A canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canned {
    /// Its name.
    pub name: String,
    /// Its text, with `{{variables}}`.
    pub body: String,
    /// Language, ISO 639-1, if said.
    pub language: Option<String>,
}

/// The answer to a [`Query`], variant by variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "data", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Query::Counts`].
    Counts(Counts),
    /// To [`Query::List`].
    List(ListPage),
    /// To [`Query::Ids`].
    Ids {
        /// In the asked order.
        ids: Vec<ConversationId>,
        /// There are more than the answer may hold.
        more: bool,
    },
    /// To [`Query::Conversation`].
    Conversation(Box<ConversationDetail>),
    /// To [`Query::Messages`].
    Messages(MessagePage),
    /// To [`Query::Search`].
    Search {
        /// Newest first.
        hits: Vec<Hit>,
        /// There are older ones.
        more: bool,
        /// What was not understood of the query, in words.
        remarks: Vec<String>,
    },
    /// To [`Query::Outbox`].
    Outbox(Vec<OutboxRow>),
    /// To [`Query::Approvals`].
    Approvals(Vec<(Proposal, Conversation)>),
    /// To [`Query::Proposal`].
    Proposal {
        /// The proposal.
        proposal: Box<Proposal>,
        /// The one that it replaces, or that came before it in its conversation and was not sent as it was.
        before: Option<Box<Proposal>>,
    },
    /// To [`Query::Pages`].
    Pages(Vec<Escalation>),
    /// To [`Query::Drafts`].
    Drafts(Vec<(Draft, Option<Conversation>)>),
    /// To [`Query::Health`].
    Health(Vec<AccountHealth>),
    /// To [`Query::Journal`].
    Journal(Vec<Entry>),
    /// To [`Query::Raw`]; none when no raw form is kept.
    Raw(Option<Vec<u8>>),
    /// To [`Query::Source`]; none when there is no such form of the message.
    Source(Option<Source>),
    /// To [`Query::Preview`].
    Preview(Box<Preview>),
    /// To [`Query::Labels`].
    Labels(Vec<(String, u64)>),
    /// To [`Query::Canned`].
    Canned(Vec<Canned>),
    /// To [`Query::Templates`].
    Templates(super::TemplateList),
    /// There is no such thing (any more).
    NotFound,
}

impl Answer {
    /// The id of an outbox row, for callers that look one up.
    pub fn outbox_row(&self, id: OutboxId) -> Option<&OutboxRow> {
        match self {
            Self::Outbox(rows) => rows.iter().find(|row| row.out.id == id),
            _ => None,
        }
    }
}
