//! A real mirror with one account, filled the way the engine fills it.

use frontdesk::model::command::QueueDraft;
use frontdesk::model::outgoing::content_hash;
use frontdesk::model::query::{From, ListQuery, OutboxRow, Sort, View};
use frontdesk::model::{
    AccountId, Actor, Answer, Batch, Clock, Command, ConversationId, Draft, DraftKind, Message,
    OutboxId, Query, SystemClock,
};
use frontdesk::outbox::worker::OutboxTask;
use frontdesk::providers::Provider;
use frontdesk::store::{AccountInfo, Options, Store};
use std::sync::Arc;

/// A mirror in a folder of its own.
pub struct Mirror {
    pub store: Store,
    pub account: AccountId,
    _dir: tempfile::TempDir,
}

impl Mirror {
    pub async fn new(provider: &dyn Provider) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            dir: dir.path().to_owned(),
            clock: Arc::new(SystemClock),
            read_only: false,
        };
        let store = tokio::task::block_in_place(|| Store::open(options)).unwrap();
        let account = AccountId::new("conformance");
        let can = provider.capabilities();
        let info = AccountInfo {
            provider: provider.name().to_owned(),
            channels: can.channels,
            own_addresses: provider.own_addresses(),
            default_hold_ms: 0,
            reply_window_ms: can
                .reply_window
                .map(|window| i64::try_from(window.as_millis()).unwrap()),
            sla_ms: None,
        };
        store.ensure_account(&account, info).await.unwrap();
        Self {
            store,
            account,
            _dir: dir,
        }
    }

    /// Pulls from where the mirror stands until there is no more. Gives the number of new messages.
    pub async fn catch_up(&self, provider: &dyn Provider) -> usize {
        let mut new = 0;
        for _ in 0..1_000 {
            let cursor = self.store.cursor(&self.account).await.unwrap();
            let batch = provider.pull(cursor).await.unwrap();
            let more = batch.more;
            new += self.take(batch).await;
            if !more {
                return new;
            }
        }
        panic!("there is always more");
    }

    /// Reads everything from the beginning by another provider, as if the cursor were lost. Gives the number of new
    /// messages.
    pub async fn read_all_again(&self, provider: &dyn Provider) -> usize {
        let (mut new, mut cursor) = (0, None);
        for _ in 0..1_000 {
            let batch = provider.pull(cursor.clone()).await.unwrap();
            let more = batch.more;
            cursor = batch.cursor.clone().or(cursor);
            new += self.take(batch).await;
            if !more {
                return new;
            }
        }
        panic!("there is always more");
    }

    pub async fn take(&self, batch: Batch) -> usize {
        self.store.ingest(&self.account, batch).await.unwrap().new
    }

    /// Every message whose text holds the marker.
    pub async fn with(&self, marker: &str) -> Vec<Message> {
        let query = ListQuery {
            view: View::All,
            sort: Sort::Newest,
            from: From::Top,
            limit: 500,
            me: "nina".to_owned(),
            filter: String::new(),
        };
        let Answer::List(page) = self.store.answer(Query::List(query)).await.unwrap() else {
            panic!("not a list");
        };
        let mut found = Vec::new();
        for (_, conversation) in page.rows {
            let query = Query::Messages {
                conversation: conversation.id,
                before: None,
                limit: 500,
                all_channels: false,
            };
            let Answer::Messages(page) = self.store.answer(query).await.unwrap() else {
                panic!("not messages");
            };
            found.extend(
                page.messages
                    .into_iter()
                    .filter(|message| message.body.contains(marker)),
            );
        }
        found
    }

    /// Queues an answer to a conversation, without a hold.
    pub async fn answer(
        &self,
        provider: &dyn Provider,
        id: ConversationId,
        body: &str,
    ) -> OutboxId {
        let target = self.store.reply_target(id, false).await.unwrap();
        let recipients: Vec<_> = target.recipients.all().cloned().collect();
        let draft = Draft {
            id: None,
            conversation: Some(id),
            kind: DraftKind::Reply,
            account: self.account.clone(),
            channel: provider.capabilities().channels[0],
            from: provider.sender_for(&recipients).map(|(from, _)| from),
            recipients: target.recipients,
            subject: target.subject,
            body: body.to_owned(),
            attachments: Vec::new(),
            base: target.head,
            answers: target.answers,
            template: None,
            proposal: None,
            author: "nina".to_owned(),
            updated_at: SystemClock.now(),
        };
        let hash = content_hash(
            draft.account.as_str(),
            draft.channel,
            &draft.recipients,
            &draft.subject,
            &draft.body,
            std::iter::empty(),
        );
        let queue = QueueDraft {
            draft,
            hash,
            hold_ms: 0,
            not_before: None,
            unless_reply: false,
            resolve: false,
            seen_head: None,
            reference: provider.new_reference(),
        };
        let actor = Actor::Agent("nina".to_owned());
        let done = self
            .store
            .apply(&actor, Command::Queue(Box::new(queue)))
            .await
            .unwrap();
        done.outbox.unwrap()
    }

    /// Sends what is due, and gives the row.
    pub async fn send_due(&self, provider: &Arc<dyn Provider>, id: OutboxId) -> OutboxRow {
        let (trouble, _told) = tokio::sync::mpsc::channel(8);
        let task = OutboxTask {
            account: self.account.clone(),
            provider: provider.clone(),
            store: self.store.clone(),
            clock: Arc::new(SystemClock),
            fresh: None,
            trouble,
        };
        task.send_due().await.unwrap();
        let answer = self
            .store
            .answer(Query::Outbox { limit: 100 })
            .await
            .unwrap();
        answer.outbox_row(id).unwrap().clone()
    }
}
