//! The hostile corpus against who is who: addresses that pretend, numbers that only look like one, claims, races. Each
//! row goes through the mirror's real ingest beside a contact that an agent has put together.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;

use corpus::{Row, claim};
use frontdesk::model::event::{Batch, NewMessage, RemoteId};
use frontdesk::model::query::{ConversationDetail, From, ListQuery, Sort, View};
use frontdesk::model::time::ManualClock;
use frontdesk::model::{
    AccountId, Actor, Answer, Channel, Command, ContactId, ConversationId, Direction, Event,
    Message, Party, Query, Timestamp,
};
use frontdesk::store::{AccountInfo, Options, Store};
use serde_json::Value;
use std::sync::Arc;

const START: i64 = 1_790_000_000_000;

struct World {
    store: Store,
    account: AccountId,
    at: i64,
    _dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options {
            dir: dir.path().to_owned(),
            clock: Arc::new(ManualClock::at(Timestamp(START))),
            read_only: false,
        })
        .unwrap();
        let account = AccountId::new("care");
        let info = AccountInfo {
            provider: "email".to_owned(),
            channels: Channel::ALL.to_vec(),
            own_addresses: vec![Party::named("support@shop.example", "Shop")],
            default_hold_ms: 8_000,
            reply_window_ms: None,
            sla_ms: None,
        };
        store.ensure_account(&account, info).await.unwrap();
        Self {
            store,
            account,
            at: 0,
            _dir: dir,
        }
    }

    /// A message from somebody; on chats the provider keeps a thread for each sender.
    fn message(&mut self, channel: Channel, from: Party) -> NewMessage {
        self.at += 1;
        let remote = RemoteId {
            scope: "INBOX".to_owned(),
            key: self.at.to_string(),
        };
        let at = Timestamp(START - 1_000_000 + self.at * 1_000);
        let mut new = NewMessage::inbound(remote, channel, from.clone(), at);
        new.text = "hello".to_owned();
        if channel == Channel::Email {
            new.thread.message_id = Some(format!("{}@cust.example", self.at));
            new.subject = format!("Matter {}", self.at);
            new.to = vec![Party::new("support@shop.example")];
        } else {
            new.thread.thread = Some(from.address);
            new.thread.thread_decides = true;
        }
        new
    }

    async fn take(&self, new: NewMessage) -> Message {
        let batch = Batch {
            events: vec![Event::Message(Box::new(new))],
            ..Batch::default()
        };
        self.store.ingest(&self.account, batch).await.unwrap();
        let all = self.store.export(None, 1_000).await.unwrap();
        all.into_iter()
            .map(|(_, message)| message)
            .max_by_key(|one| one.id)
            .unwrap()
    }

    async fn detail(&self, id: ConversationId) -> ConversationDetail {
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

    async fn apply(
        &self,
        by: &str,
        command: Command,
    ) -> Result<Option<frontdesk::model::JournalId>, String> {
        let actor = Actor::Agent(by.to_owned());
        let done = self.store.apply(&actor, command).await;
        done.map(|done| done.journal)
            .map_err(|error| error.to_string())
    }

    /// Vic, known by mail that is vouched for and by a number of whichever channel, put together by an agent. Gives the
    /// contact and the conversation by mail.
    async fn vic(&mut self, number_on: Channel) -> (ContactId, ConversationId) {
        let mut mail = self.message(Channel::Email, Party::named("vic@bank.example", "Vic"));
        mail.from_verified = true;
        let mailed = self.take(mail).await.conversation;
        let call = self.message(number_on, Party::new("+15550009999"));
        let called = self.take(call).await.conversation;
        let (a, b) = (
            self.detail(mailed).await.contact.id,
            self.detail(called).await.contact.id,
        );
        let seen = Vec::new();
        self.apply("mia", Command::MergeContacts { a, b, seen })
            .await
            .unwrap();
        let vic = self.detail(mailed).await.contact;
        assert_eq!(vic.identities.len(), 2);
        (vic.id, mailed)
    }
}

/// What a row says came in.
fn arrived(world: &mut World, spec: &Value) -> NewMessage {
    let word = |name: &str| spec[name].as_str().unwrap_or_default().to_owned();
    let channel = match word("ch").as_str() {
        "mail" => Channel::Email,
        "sms" => Channel::Sms,
        "whatsapp" => Channel::Whatsapp,
        other => panic!("which channel is {other}?"),
    };
    let from = match channel {
        // As the provider writes it.
        Channel::Whatsapp => Party::named(format!("+{}", word("wa_id")), word("profile")),
        _ => Party::named(word("from"), "Vic"),
    };
    let mut new = world.message(channel, from);
    new.from_verified = channel == Channel::Whatsapp;
    if !word("text").is_empty() {
        new.text = word("text");
    }
    let copies = spec["cc"].as_array().into_iter().flatten();
    new.cc = copies.filter_map(Value::as_str).map(Party::new).collect();
    if word("in_reply_to") == "known" {
        new.thread.references = vec!["1@cust.example".to_owned()];
    }
    new
}

/// Brings a row in beside Vic, and gives what came of it.
async fn beside_vic(
    row: &Row,
    number_on: Channel,
) -> (World, ContactId, Message, ConversationDetail) {
    let spec: Value = serde_json::from_slice(&row.payload).unwrap();
    let mut world = World::new().await;
    let (vic, _) = world.vic(number_on).await;
    let new = arrived(&mut world, &spec["in"]);
    let message = world.take(new).await;
    let detail = world.detail(message.conversation).await;
    (world, vic, message, detail)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn no_merge(row: &Row) {
    let id = &row.id;
    let number = id.starts_with("id-phone");
    // The number is known by a call, or by the very channel where it is only written otherwise: that one alone is Vic.
    for number_on in [Channel::Voice, Channel::Sms] {
        let (world, vic, message, detail) = beside_vic(row, number_on).await;
        let spec: Value = serde_json::from_slice(&row.payload).unwrap();
        let from = spec["in"]["from"].as_str().unwrap_or_default();
        let same_mailbox = ["vic@bank.example", "vic@bank.example."].contains(&from);
        let same_number = id == "id-phone-00" && number_on == Channel::Sms;
        if same_mailbox || same_number {
            // The same identity, in one form; nobody else became part of it.
            let known = world.detail(message.conversation).await.contact;
            assert_eq!((known.id, known.identities.len()), (vic, 2), "{id}");
        } else {
            assert_ne!(detail.contact.id, vic, "{id} on {number_on}");
            assert_eq!(detail.contact.identities.len(), 1, "{id}");
            assert!(detail.contact.merges.is_empty(), "{id}");
        }
        if number && id != "id-phone-00" {
            // Not even suggested: it is no number.
            assert!(detail.contact.suggestions.is_empty(), "{id}");
        }
    }
    let (_, vic, _, detail) = beside_vic(row, Channel::Voice).await;
    let suggested = |detail: &ConversationDetail| {
        detail
            .contact
            .suggestions
            .iter()
            .any(|one| one.contact == vic)
    };
    match id.as_str() {
        "id-plus-alias" | "id-case" | "id-claims-phone-in-sig" | "id-phone-00" => {
            assert!(suggested(&detail), "{id}");
            assert!(!detail.contact.suggestions[0].reasons.is_empty());
        }
        "id-quoted-local" => {
            assert!(
                detail
                    .conversation
                    .contact_address
                    .ends_with("@evil.example"),
                "{id}"
            );
        }
        "id-route-addr" => assert_eq!(detail.conversation.contact_address, "mallory@evil.example"),
        "id-wa-name-spoof" => assert!(!suggested(&detail), "a profile name matches nobody"),
        _ => {}
    }
}

async fn unverified_badge(row: &Row) {
    let (_, vic, message, detail) = beside_vic(row, Channel::Voice).await;
    assert_eq!(detail.contact.id, vic, "it claims to be Vic");
    assert!(message.unvouched, "{}", row.id);
    let mut screen =
        frontdesk::ui::panes::conversation::OpenConversation::new(message.conversation);
    screen.detail = Some(detail);
    let page = frontdesk::model::query::MessagePage {
        messages: vec![message],
        older: false,
    };
    screen.take(page, false);
    let theme = frontdesk::ui::theme::Theme::default();
    let look = frontdesk::ui::panes::conversation::Look {
        theme: &theme,
        now: Timestamp(START),
        tz: &jiff::tz::TimeZone::UTC,
        me: "mia",
        plain: false,
        focused: true,
    };
    screen.lay_out(80, 24, &look);
    let area = ratatui::layout::Rect::new(0, 0, 80, 24);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    screen.draw(&look, area, &mut buffer);
    let text: String = buffer
        .content()
        .iter()
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert!(text.contains("sender not verified"), "{text}");
}

async fn homograph_warn(row: &Row) {
    let (_, _, message, detail) = beside_vic(row, Channel::Voice).await;
    let mine = detail
        .contact
        .identities
        .iter()
        .find(|one| one.channel == Channel::Email);
    let own = mine.unwrap();
    // The address is shown in ASCII, and the warning in letters.
    assert!(own.address.contains("@xn--"), "{}", own.address);
    let warning = own.warning.as_deref().unwrap();
    assert!(warning.contains("looks like"), "{warning}");
    assert_eq!(message.conversation, detail.conversation.id);
}

/// A stranger in copy of mail that nobody vouches for is seen, and gets no answer unless somebody writes them in.
async fn recipient_visible(row: &Row) {
    let (world, _, message, detail) = beside_vic(row, Channel::Voice).await;
    assert_eq!(message.cc[0].address, "mallory@evil.example");
    let all = world
        .store
        .reply_target(detail.conversation.id, true)
        .await
        .unwrap();
    let written: Vec<&str> = all
        .recipients
        .all()
        .map(|one| one.address.as_str())
        .collect();
    assert!(!written.contains(&"mallory@evil.example"), "{written:?}");
    assert!(all.warning.unwrap().contains("left out"));
}

/// Two agents merge different pairs at once: one wins, the other is told, and it can be taken back.
async fn reversible(row: &Row) {
    let mut world = World::new().await;
    let (vic, mailed) = world.vic(Channel::Voice).await;
    let mut others = Vec::new();
    for from in ["other@a.example", "third@b.example"] {
        let new = world.message(Channel::Email, Party::new(from));
        let at = world.take(new).await.conversation;
        others.push(world.detail(at).await.contact);
    }
    let before = world.detail(mailed).await.contact;
    let pair = |other: &frontdesk::model::Contact| {
        let all = before.identities.iter().chain(&other.identities);
        Command::MergeContacts {
            a: vic,
            b: other.id,
            seen: all.map(|one| one.id).collect(),
        }
    };
    let (first, second) = tokio::join!(
        world.apply("mia", pair(&others[0])),
        world.apply("tom", pair(&others[1]))
    );
    let won = first.unwrap();
    let told = second.unwrap_err();
    assert!(told.contains("mia merged it"), "{}: {told}", row.id);
    world.apply("mia", Command::Undo { id: won }).await.unwrap();
    assert_eq!(world.detail(mailed).await.contact, before);
}

/// What claims to be from ourselves is inbound: neither our answer nor a note.
async fn own_side_protected(row: &Row) {
    let spec: Value = serde_json::from_slice(&row.payload).unwrap();
    let mut world = World::new().await;
    let new = arrived(&mut world, &spec["in"]);
    let message = world.take(new).await;
    assert_eq!(message.direction, Direction::Inbound);
    assert!(matches!(
        message.author,
        frontdesk::model::Author::Customer { .. }
    ));
    assert!(message.unvouched);
    let waits = world.detail(message.conversation).await.conversation;
    assert!(
        waits.waiting_since.is_some(),
        "somebody waits for an answer"
    );
}

/// Mail by which somebody could confirm an account in our name goes to nobody by itself, and is shown to nobody else.
async fn no_send(row: &Row) {
    let spec: Value = serde_json::from_slice(&row.payload).unwrap();
    let mut world = World::new().await;
    let (_, mailed) = world.vic(Channel::Voice).await;
    let new = arrived(&mut world, &spec["in"]);
    let message = world.take(new).await;
    assert_ne!(message.conversation, mailed, "{}", row.id);
    let counts = Query::Outbox { limit: 10 };
    let Answer::Outbox(rows) = world.store.answer(counts).await.unwrap() else {
        panic!("not the outbox");
    };
    assert!(rows.is_empty());
    // Nothing that another customer is answered with holds it.
    let all = ListQuery {
        view: View::All,
        sort: Sort::Newest,
        from: From::Top,
        limit: 10,
        me: "mia".to_owned(),
        filter: "verify".to_owned(),
    };
    let Answer::List(page) = world.store.answer(Query::List(all)).await.unwrap() else {
        panic!("not a list");
    };
    assert_eq!(page.rows.len(), 1);
    let jobs = world.store.wanting_draft(10).await.unwrap();
    for job in jobs
        .iter()
        .filter(|job| job.conversation.id != message.conversation)
    {
        assert!(
            job.messages
                .iter()
                .all(|one| !one.body.contains("saas.example"))
        );
    }
}

#[test]
fn who_is_who() {
    let runtime = runtime();
    claim("12_identity", &[], |row, check| {
        runtime.block_on(async {
            match check {
                "no_merge" => no_merge(row).await,
                "unverified_badge" => unverified_badge(row).await,
                "homograph_warn" => homograph_warn(row).await,
                "recipient_visible" => recipient_visible(row).await,
                "reversible" => reversible(row).await,
                "own_side_protected" => own_side_protected(row).await,
                "no_send" => no_send(row).await,
                _ => return false,
            }
            true
        })
    });
}
