//! A mirror with one hostile customer, and the screen on it.

use crate::corpus::Row;
use frontdesk::model::approval::{Base, Evidence};
use frontdesk::model::command::Refusal;
use frontdesk::model::event::{Batch, Event, NewMessage, RemoteId};
use frontdesk::model::query::{From, ListQuery, Sort, View};
use frontdesk::model::time::{HOUR, ManualClock};
use frontdesk::model::{
    AccountHealth, AccountId, AccountState, Actor, Answer, Channel, Command, Confidence,
    ConversationId, NewAttachment, Outcome, Party, Proposal, ProposalId, ProposalState, Query,
    Timestamp,
};
use frontdesk::providers::email::imap::Role;
use frontdesk::providers::email::map::{Arrived, Ours, message};
use frontdesk::store::{AccountInfo, ApplyError, Options, Store};
use frontdesk::testing::Desk;
use frontdesk::testing::world::NOW;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;

/// The account of [`frontdesk::testing::cards`].
pub fn account() -> AccountId {
    AccountId::new("support")
}

/// A message whose every field is the row's.
pub fn everywhere(n: usize, text: &str, raw: &[u8]) -> NewMessage {
    let remote = RemoteId {
        scope: text.chars().take(200).collect(),
        key: n.to_string(),
    };
    let from = Party::named(format!("{n}@b.example"), text);
    let at = Timestamp(NOW.0 - HOUR + i64::try_from(n).unwrap() * 1_000);
    let mut message = NewMessage::inbound(remote, Channel::Email, from, at);
    message.subject = text.to_owned();
    message.text = text.to_owned();
    message.to = vec![Party::named("care@desk.example", text)];
    message.cc = vec![Party::named("c@far.example", text)];
    message.thread.thread = Some(format!("t{n}"));
    message.thread.thread_decides = true;
    message.thread.message_id = Some(format!("{n}@far.example"));
    message.attachments = vec![NewAttachment {
        name: text.to_owned(),
        mime: text.to_owned(),
        ..NewAttachment::default()
    }];
    message.raw = raw.to_vec();
    message
}

/// A whole mail, read as one that the server gave.
pub fn mail(n: usize, raw: &[u8]) -> NewMessage {
    let raw = raw.to_vec();
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let arrived = Arrived {
                remote: RemoteId {
                    scope: "INBOX".into(),
                    key: format!("1:{n}"),
                },
                role: Role::Inbox,
                flags: frontdesk::model::event::Flags::default(),
                received: NOW,
                gmail_thread: None,
                gmail_sent: false,
                raw,
            };
            let ours = Ours {
                addresses: vec!["desk@shop.example".into()],
                authserv: Some("mx.shop.example".into()),
            };
            message(arrived, &ours)
        })
        .unwrap()
        .join()
        .unwrap()
}

/// The row as a customer's message: a mail where it is one, its words in every field where it is a text.
pub fn customer(file: &str, n: usize, row: &Row) -> NewMessage {
    match file {
        "03_mime" | "04_attachments" => mail(n, &row.payload),
        "13_html_links" => {
            let head = "From: Eve <eve@far.example>\r\nSubject: page\r\nMessage-ID: <p@far.example>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
            mail(n, &[head.as_bytes(), &row.payload].concat())
        }
        "11_csv_export" => everywhere(n, &row.fields()["cell"], &row.payload),
        "10_outbound" => everywhere(n, &row.fields()["value"], &row.payload),
        _ => everywhere(n, &row.text(), &row.payload),
    }
}

/// The mirror in the store's place.
pub struct Mirror {
    pub store: Store,
    runtime: Arc<Runtime>,
}

impl Mirror {
    /// A new one: a copy of one that is made once, because making it takes as long as what most cases do with it.
    pub fn open(dir: &Path) -> Self {
        static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let dir = tempfile::tempdir().unwrap();
            let mirror = Self::at(dir.path());
            let info = AccountInfo {
                provider: "email".to_owned(),
                channels: vec![Channel::Email],
                own_addresses: vec![Party::new("care@desk.example")],
                default_hold_ms: 600_000,
                reply_window_ms: None,
                sla_ms: None,
            };
            mirror
                .run(mirror.store.ensure_account(&account(), info))
                .unwrap();
            drop(mirror);
            dir
        });
        std::fs::create_dir_all(dir).unwrap();
        for file in std::fs::read_dir(made.path()).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                std::fs::copy(file.path(), dir.join(file.file_name())).unwrap();
            }
        }
        Self::at(dir)
    }

    fn at(dir: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let store = Store::open(Options {
            dir: dir.to_owned(),
            clock: Arc::new(ManualClock::at(NOW)),
            read_only: false,
        })
        .unwrap();
        Self {
            store,
            runtime: Arc::new(runtime.unwrap()),
        }
    }

    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Takes messages in.
    pub fn take(&self, messages: Vec<NewMessage>) {
        let events = messages
            .into_iter()
            .map(|one| Event::Message(Box::new(one)));
        let batch = Batch {
            events: events.collect(),
            ..Batch::default()
        };
        self.run(self.store.ingest(&account(), batch)).unwrap();
    }

    /// Everything that is not spam.
    pub fn conversations(&self) -> Vec<ConversationId> {
        let query = ListQuery {
            view: View::All,
            sort: Sort::Oldest,
            from: From::Top,
            limit: 1_000,
            me: "nina".to_owned(),
            filter: String::new(),
        };
        match self.run(self.store.answer(Query::List(query))).unwrap() {
            Answer::List(page) => page.rows.iter().map(|row| row.1.id).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// What servers, colleagues and the assistant say is the row's, too.
    pub fn said_by_all(&self, text: &str) {
        let told: Option<String> = Some(text.to_owned());
        let health = AccountHealth {
            account: account(),
            provider: "email".to_owned(),
            channels: vec![Channel::Email],
            state: AccountState::Retrying,
            last_proof: None,
            last_event: None,
            retry_at: None,
            error: told.clone(),
            remedy: told,
            behind: 3,
            gaps: vec![text.to_owned()],
            lag_ms: None,
            past: None,
            budgets: Vec::new(),
        };
        self.run(self.store.set_health(health)).unwrap();
        if let Some(job) = self.run(self.store.wanting_draft(1)).unwrap().pop() {
            let head = job.messages.last().unwrap();
            let proposal = Proposal {
                id: ProposalId(0),
                conversation: job.conversation.id,
                account: account(),
                channel: Channel::Email,
                proposer: text.to_owned(),
                created_at: NOW,
                base: Base {
                    head: head.id,
                    head_hash: hash(&head.body),
                    last_inbound: job.reply.answers.unwrap(),
                    status: job.conversation.status,
                    assignee: job.conversation.assignee.clone(),
                },
                from: None,
                recipients: job.reply.recipients.clone(),
                subject: job.reply.subject.clone(),
                body: format!("draft {text}"),
                attachments: Vec::new(),
                confidence: Confidence::Standard,
                score: 0.5,
                score_because: text.to_owned(),
                topic: text.to_owned(),
                language: text.chars().take(20).collect(),
                evidence: vec![Evidence {
                    claim: text.to_owned(),
                    source: text.to_owned(),
                    quote: text.to_owned(),
                    address: text.to_owned(),
                    as_of: None,
                }],
                unsupported: vec![text.to_owned()],
                promises: vec![text.to_owned()],
                gates: Vec::new(),
                policy_version: 1,
                expires_at: None,
                due_at: None,
                window_closes_at: None,
                state: ProposalState::Proposed,
                decision: None,
                outbox: None,
                earlier: None,
            };
            self.run(self.store.propose(proposal)).unwrap();
        }
        for id in self.conversations() {
            let words = || text.chars().take(2_000).collect::<String>();
            let orders = [
                Command::Note {
                    conversation: id,
                    body: words(),
                },
                Command::Label {
                    ids: vec![id],
                    add: vec![words()],
                    remove: Vec::new(),
                },
                Command::Assign {
                    ids: vec![id],
                    to: Some(words()),
                },
                Command::Escalate {
                    conversation: id,
                    to: words(),
                    reason: words(),
                },
            ];
            for order in orders {
                // A label of controls alone is refused; that is as good.
                let _ = self.run(self.store.apply(&Actor::Agent(words()), order));
            }
        }
    }
}

fn hash(text: &str) -> String {
    use sha2::Digest;
    frontdesk::model::outgoing::hex(&sha2::Sha256::digest(text.as_bytes()))
}

impl Desk for Mirror {
    fn ask(&mut self, query: &Query) -> Result<Answer, String> {
        self.run(self.store.answer(query.clone()))
            .map_err(|e| e.to_string())
    }

    fn act(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let me = Actor::Agent("nina".to_owned());
        match self.run(self.store.apply(&me, command.clone())) {
            Ok(outcome) => Ok(outcome),
            Err(ApplyError::Refused(refusal)) => Err(refusal),
            Err(error) => Err(Refusal::Invalid(error.to_string())),
        }
    }
}
