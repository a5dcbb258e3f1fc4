//! Parts of the store that are being built.

use super::{
    AccountInfo, ApplyError, Claimed, DraftJob, FoundPassage, Ingested, LedgerRow, Passage,
    PassageKind, ReplyTarget, SendResult, Store, StoreError,
};
use crate::model::event::RemoteChange;
use crate::model::message::Attachment;
use crate::model::{
    AccountHealth, AccountId, Actor, Answer, AttachmentId, Batch, Command, Conversation,
    ConversationId, Cursor, Message, MessageId, OutboxId, Outcome, Party, Proposal, ProposalId,
    Query, Timestamp,
};
use std::path::PathBuf;

type Result<T> = std::result::Result<T, StoreError>;

/// A file of the mirror, named by the hash of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// SHA-256 of the bytes in hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Where they are.
    pub path: PathBuf,
}

/// Somebody who can be paged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// Roster name.
    pub name: String,
    /// Mail address for pages.
    pub mail: Option<Party>,
    /// The account by which pages by mail leave.
    pub account: Option<AccountId>,
    /// Program and arguments of a page by command.
    pub command: Option<Vec<String>>,
}

/// What a check of the journal's chain found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalReport {
    /// Entries looked at.
    pub entries: u64,
    /// The first entry whose hash does not fit, if any.
    pub broken_at: Option<i64>,
    /// The newest hash: written down elsewhere, it proves that nothing before was changed.
    pub head: String,
}

fn unbuilt<T>() -> Result<T> {
    Err(StoreError::Damaged("this part is being built".to_owned()))
}

impl Store {
    /// Carries out a command of `actor` in one transaction.
    pub async fn apply(
        &self,
        _actor: &Actor,
        _command: Command,
    ) -> std::result::Result<Outcome, ApplyError> {
        Ok(unbuilt()?)
    }
    /// Answers a question from one snapshot.
    pub async fn answer(&self, _query: Query) -> Result<Answer> {
        unbuilt()
    }
    /// Makes the account known, or changes what is known of it.
    pub async fn ensure_account(&self, _account: &AccountId, _info: AccountInfo) -> Result<()> {
        unbuilt()
    }
    /// Stores a batch: its events, cursor and coverage in one transaction.
    pub async fn ingest(&self, _account: &AccountId, _batch: Batch) -> Result<Ingested> {
        unbuilt()
    }
    /// Stores a batch of a backfill: like [`Store::ingest`], with the cursor called `backfill`.
    pub async fn ingest_backfill(&self, _account: &AccountId, _batch: Batch) -> Result<Ingested> {
        unbuilt()
    }
    /// Where the account's feed was read up to.
    pub async fn cursor(&self, _account: &AccountId) -> Result<Option<Cursor>> {
        unbuilt()
    }
    /// Where the account's backfill was read down to.
    pub async fn backfill_cursor(&self, _account: &AccountId) -> Result<Option<Cursor>> {
        unbuilt()
    }
    /// Sets or forgets where the account's backfill was read down to.
    pub async fn set_backfill_cursor(
        &self,
        _account: &AccountId,
        _cursor: Option<Cursor>,
    ) -> Result<()> {
        unbuilt()
    }
    /// What is proven of each feed.
    pub async fn ledger(&self, _account: Option<&AccountId>) -> Result<Vec<LedgerRow>> {
        unbuilt()
    }
    /// Which of `keys` at the server the mirror does not have.
    pub async fn compare(
        &self,
        _account: &AccountId,
        _scope: &str,
        _keys: Vec<String>,
    ) -> Result<Vec<String>> {
        unbuilt()
    }
    /// Keeps how an account is; unchanged health writes nothing.
    pub async fn set_health(&self, _health: AccountHealth) -> Result<()> {
        unbuilt()
    }
    /// When the next row of the outbox is due.
    pub async fn outbox_next_due(&self) -> Result<Option<Timestamp>> {
        unbuilt()
    }
    /// When the next row of an account's outbox is due.
    pub async fn outbox_next_due_of(&self, _account: &AccountId) -> Result<Option<Timestamp>> {
        unbuilt()
    }
    /// Moves the next due row to `sending` and gives it, once all that it was based on is checked again.
    pub async fn outbox_claim(
        &self,
        _now: Timestamp,
        _account: Option<&AccountId>,
    ) -> Result<Option<Claimed>> {
        unbuilt()
    }
    /// Records how a try ended.
    pub async fn outbox_finish(
        &self,
        _id: OutboxId,
        _fence: i64,
        _result: SendResult,
    ) -> Result<()> {
        unbuilt()
    }
    /// Rows found in `sending` when the engine is taken over.
    pub async fn outbox_stranded(&self) -> Result<Vec<Claimed>> {
        unbuilt()
    }
    /// Puts a row back that surely was not sent.
    pub async fn outbox_requeue(&self, _id: OutboxId, _fence: i64) -> Result<()> {
        unbuilt()
    }
    /// Changes by agents that the provider should be told of, oldest first.
    pub async fn remote_changes(
        &self,
        _account: &AccountId,
        _limit: u32,
    ) -> Result<Vec<(i64, RemoteChange)>> {
        unbuilt()
    }
    /// The provider was told, or refused for good.
    pub async fn remote_change_done(&self, _id: i64, _failed: Option<String>) -> Result<()> {
        unbuilt()
    }
    /// Conversations that want a draft.
    pub async fn wanting_draft(&self, _limit: u32) -> Result<Vec<DraftJob>> {
        unbuilt()
    }
    /// Keeps a proposal, blocked or pending by its gates; none if the conversation moved meanwhile.
    pub async fn propose(&self, _proposal: Proposal) -> Result<Option<ProposalId>> {
        unbuilt()
    }
    /// Remembers that the drafter had nothing to say to this head.
    pub async fn no_proposal(
        &self,
        _conversation: ConversationId,
        _head: MessageId,
        _because: String,
    ) -> Result<()> {
        unbuilt()
    }
    /// Replaces all passages of a source.
    pub async fn put_passages(
        &self,
        _source: String,
        _kind: PassageKind,
        _passages: Vec<Passage>,
    ) -> Result<()> {
        unbuilt()
    }
    /// Passages that fit the words best, past answers among them.
    pub async fn find_passages(&self, _words: &str, _limit: u32) -> Result<Vec<FoundPassage>> {
        unbuilt()
    }
    /// Where an answer to this conversation goes; with `all`, to everybody on it.
    pub async fn reply_target(
        &self,
        _conversation: ConversationId,
        _all: bool,
    ) -> Result<ReplyTarget> {
        unbuilt()
    }
    /// Keeps bytes as a file named by their hash.
    pub async fn put_file(&self, _bytes: Vec<u8>) -> Result<StoredFile> {
        unbuilt()
    }
    /// An attachment and where its bytes are, if they are here.
    pub async fn attachment(&self, _id: AttachmentId) -> Result<Option<(Attachment, PathBuf)>> {
        unbuilt()
    }
    /// Wakes what is snoozed, expires what is too late, ends silences; gives the time when something is due next.
    pub async fn due_housekeeping(&self, _now: Timestamp) -> Result<Option<Timestamp>> {
        unbuilt()
    }
    /// Checks the journal's chain of hashes.
    pub async fn journal_verify(&self) -> Result<JournalReport> {
        unbuilt()
    }
    /// Messages after `since` in the order of the mirror, with their conversations.
    pub async fn export(
        &self,
        _since: Option<i64>,
        _limit: u32,
    ) -> Result<Vec<(Conversation, Message)>> {
        unbuilt()
    }
    /// Pages somebody: assigns the conversation and queues the page by mail and by command.
    pub async fn escalate(
        &self,
        _actor: &Actor,
        _conversation: ConversationId,
        _person: RosterPerson,
        _reason: String,
    ) -> std::result::Result<Outcome, ApplyError> {
        Ok(unbuilt()?)
    }
}
