//! A mirror in a temporary folder with one or two accounts, and short ways to talk to it.

use frontdesk::model::command::{QueueDraft, Refusal};
use frontdesk::model::event::{Batch, Cursor, Event, NewMessage, RemoteId};
use frontdesk::model::outgoing::{Recipients, content_hash};
use frontdesk::model::query::{
    ConversationDetail, Counts, Hit, ListPage, ListQuery, OutboxRow, Query, View,
};
use frontdesk::model::time::{HOUR, ManualClock, SECOND};
use frontdesk::model::{
    AccountId, Actor, Answer, Channel, Command, Conversation, ConversationId, Draft, DraftKind,
    Message, MessageId, Outcome, Party, Timestamp,
};
use frontdesk::store::{AccountInfo, ApplyError, Ingested, Options, Store};
use std::path::Path;
use std::sync::Arc;

/// When the tests begin.
pub const START: i64 = 1_790_000_000_000;

pub struct World {
    pub store: Store,
    pub clock: ManualClock,
    pub account: AccountId,
    pub me: Actor,
    pub dir: tempfile::TempDir,
}

pub fn info() -> AccountInfo {
    AccountInfo {
        provider: "email".to_owned(),
        channels: vec![Channel::Email],
        own_addresses: vec![Party::named("care@desk.example", "Care")],
        default_hold_ms: 8_000,
        reply_window_ms: None,
        sla_ms: None,
    }
}

pub fn open(dir: &Path, clock: &ManualClock) -> Store {
    Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(clock.clone()),
        read_only: false,
    })
    .unwrap()
}

impl World {
    pub async fn new() -> Self {
        Self::with(info()).await
    }

    pub async fn with(info: AccountInfo) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp(START));
        let store = open(dir.path(), &clock);
        let account = AccountId::new("care");
        store.ensure_account(&account, info).await.unwrap();
        Self {
            store,
            clock,
            account,
            me: Actor::Agent("mia".to_owned()),
            dir,
        }
    }

    pub async fn ingest(&self, events: Vec<Event>) -> Ingested {
        let batch = Batch {
            events,
            ..Batch::default()
        };
        self.store.ingest(&self.account, batch).await.unwrap()
    }

    pub async fn mail(&self, message: NewMessage) -> Ingested {
        self.ingest(vec![Event::Message(Box::new(message))]).await
    }

    pub async fn ok(&self, command: Command) -> Outcome {
        self.store.apply(&self.me, command).await.unwrap()
    }

    pub async fn refused(&self, command: Command) -> Refusal {
        match self.store.apply(&self.me, command).await {
            Err(ApplyError::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub async fn undo(&self) -> Outcome {
        self.ok(Command::Undo { id: None }).await
    }

    pub async fn list(&self, view: View) -> ListPage {
        let query = ListQuery {
            view,
            sort: frontdesk::model::query::Sort::Newest,
            from: frontdesk::model::query::From::Top,
            limit: 100,
            me: "mia".to_owned(),
            filter: String::new(),
        };
        self.page(query).await
    }

    pub async fn page(&self, query: ListQuery) -> ListPage {
        match self.store.answer(Query::List(query)).await.unwrap() {
            Answer::List(page) => page,
            other => panic!("{other:?}"),
        }
    }

    pub async fn counts(&self) -> Counts {
        let me = "mia".to_owned();
        match self.store.answer(Query::Counts { me }).await.unwrap() {
            Answer::Counts(counts) => counts,
            other => panic!("{other:?}"),
        }
    }

    pub async fn detail(&self, id: ConversationId) -> ConversationDetail {
        let me = "mia".to_owned();
        match self
            .store
            .answer(Query::Conversation { id, me })
            .await
            .unwrap()
        {
            Answer::Conversation(detail) => *detail,
            other => panic!("{other:?}"),
        }
    }

    pub async fn conversation(&self, id: ConversationId) -> Conversation {
        self.detail(id).await.conversation
    }

    pub async fn messages(&self, id: ConversationId) -> Vec<Message> {
        let query = Query::Messages {
            conversation: id,
            before: None,
            limit: 100,
            all_channels: false,
        };
        match self.store.answer(query).await.unwrap() {
            Answer::Messages(page) => page.messages,
            other => panic!("{other:?}"),
        }
    }

    pub async fn outbox(&self) -> Vec<OutboxRow> {
        match self
            .store
            .answer(Query::Outbox { limit: 100 })
            .await
            .unwrap()
        {
            Answer::Outbox(rows) => rows,
            other => panic!("{other:?}"),
        }
    }

    pub async fn search(&self, text: &str) -> Vec<Hit> {
        let query = Query::Search {
            text: text.to_owned(),
            me: "mia".to_owned(),
            typing: true,
            before: None,
            limit: 50,
        };
        match self.store.answer(query).await.unwrap() {
            Answer::Search { hits, .. } => hits,
            other => panic!("{other:?}"),
        }
    }

    /// A reply by mia to a conversation, based on its newest message.
    pub async fn draft(&self, id: ConversationId, body: &str) -> Draft {
        let conversation = self.conversation(id).await;
        let target = self.store.reply_target(id, false).await.unwrap();
        Draft {
            id: None,
            conversation: Some(id),
            kind: DraftKind::Reply,
            account: self.account.clone(),
            channel: conversation.channel,
            from: None,
            recipients: target.recipients,
            subject: target.subject,
            body: body.to_owned(),
            attachments: Vec::new(),
            base: conversation.head,
            answers: target.answers,
            template: None,
            proposal: None,
            author: "mia".to_owned(),
            updated_at: Timestamp(0),
        }
    }

    /// Queues a reply with a hold of eight seconds.
    pub async fn reply(&self, id: ConversationId, body: &str) -> Outcome {
        let draft = self.draft(id, body).await;
        self.ok(Command::Queue(Box::new(queue(draft)))).await
    }

    /// A connection of its own to look at tables.
    pub fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.dir.path().join("mirror.db")).unwrap()
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.sql().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

pub fn queue(draft: Draft) -> QueueDraft {
    QueueDraft {
        hash: hash(&draft),
        draft,
        hold_ms: 8 * SECOND,
        not_before: None,
        unless_reply: false,
        resolve: false,
        seen_head: None,
        reference: format!(
            "{}@desk.example",
            ulid::Ulid::new().to_string().to_lowercase()
        ),
    }
}

pub fn hash(draft: &Draft) -> String {
    content_hash(
        draft.account.as_str(),
        draft.channel,
        &draft.recipients,
        &draft.subject,
        &draft.body,
        draft.attachments.iter().map(|a| a.sha256.as_str()),
    )
}

/// A mail `n` hours after the start, with the id `n@cust.example`.
pub fn mail(n: i64, from: &str, subject: &str, body: &str) -> NewMessage {
    let remote = RemoteId {
        scope: "INBOX".to_owned(),
        key: format!("1:{n}"),
    };
    let at = Timestamp(START - 1_000 * HOUR + n * HOUR);
    let mut message = NewMessage::inbound(remote, Channel::Email, Party::named(from, "Ana"), at);
    message.dedupe = format!("id:{n}");
    message.to = vec![Party::new("care@desk.example")];
    message.thread.message_id = Some(id(n));
    message.subject = subject.to_owned();
    message.text = body.to_owned();
    message.raw = format!("Subject: {subject}\r\n\r\n{body}").into_bytes();
    message
}

/// The Message-ID of [`mail`] `n`.
pub fn id(n: i64) -> String {
    format!("{n}@cust.example")
}

/// [`mail`] that answers others.
pub fn answer(n: i64, from: &str, subject: &str, to: &[i64]) -> NewMessage {
    let mut message = mail(n, from, subject, &format!("answer {n}"));
    message.thread.references = to.iter().map(|n| id(*n)).collect();
    message.thread.in_reply_to = to.last().map(|n| id(*n)).into_iter().collect();
    message
}

pub fn event(message: NewMessage) -> Event {
    Event::Message(Box::new(message))
}

pub fn recipients(address: &str) -> Recipients {
    Recipients {
        to: vec![Party::new(address)],
        ..Recipients::default()
    }
}

pub fn cursor(text: &str) -> Cursor {
    Cursor(text.to_owned())
}

/// The head of a conversation that has one.
pub fn head(conversation: &Conversation) -> MessageId {
    conversation.head.unwrap()
}
