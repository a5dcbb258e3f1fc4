//! What an agent is told of at once, told by the mirror.

use crate::world::*;
use frontdesk::model::event::{Batch, Event, NewMessage};
use frontdesk::model::time::HOUR;
use frontdesk::model::{
    AccountHealth, AccountId, AccountState, Actor, Channel, Clock as _, Command, ConversationId,
    MessageKind, Timestamp,
};
use frontdesk::store::{News, NewsMark, RosterPerson, SendResult};

/// Mia's view of what happens, beginning now.
struct Watcher(NewsMark);

impl Watcher {
    async fn begin(world: &World) -> Self {
        Self(world.store.news_mark().await.unwrap())
    }

    async fn sees(&mut self, world: &World) -> Vec<News> {
        // The messages of these tests are older than their clock.
        let since = Timestamp(START - 1_000 * HOUR);
        let told = world.store.news(self.0.clone(), "mia".to_owned(), since);
        let (news, next) = told.await.unwrap();
        self.0 = next;
        news
    }
}

fn from(number: i64, who: &str) -> NewMessage {
    mail(number, who, "Hello", "is anybody there")
}

async fn of(world: &World, who: &str) -> ConversationId {
    let rows = world.list(frontdesk::model::query::View::Inbox).await.rows;
    let found = rows.iter().find(|(_, row)| row.contact_address == who);
    found.unwrap().1.id
}

#[tokio::test]
async fn messages_that_are_mine_or_nobodys_are_told_once() {
    let world = World::new().await;
    world.mail(from(1, "early@cust.example")).await;
    let mut mia = Watcher::begin(&world).await;
    assert_eq!(mia.sees(&world).await, []);
    world.mail(from(2, "ana@cust.example")).await;
    world.mail(from(2, "ana@cust.example")).await;
    let news = mia.sees(&world).await;
    let News::Message {
        mine: false,
        who,
        text,
    } = &news[0]
    else {
        panic!("{news:?}");
    };
    assert_eq!((who.as_str(), text.as_str()), ("Ana", "is anybody there"));
    assert_eq!(news.len(), 1);
    assert_eq!(mia.sees(&world).await, []);

    for (number, who, assignee) in [(3, "a@cust.example", "mia"), (4, "b@cust.example", "bo")] {
        world.mail(from(number, who)).await;
        let ids = vec![of(&world, who).await];
        let to = Some(assignee.to_owned());
        world.ok(Command::Assign { ids, to }).await;
    }
    mia.sees(&world).await;
    world
        .mail(answer(5, "a@cust.example", "Re: Hello", &[3]))
        .await;
    world
        .mail(answer(6, "b@cust.example", "Re: Hello", &[4]))
        .await;
    let news = mia.sees(&world).await;
    assert!(
        matches!(&news[..], [News::Message { mine: true, .. }]),
        "{news:?}"
    );
}

#[tokio::test]
async fn what_no_person_wrote_now_is_no_news() {
    let world = World::new().await;
    let mut mia = Watcher::begin(&world).await;
    let mut old = from(1, "old@cust.example");
    old.received_at = Timestamp(START - 1_030 * HOUR);
    old.sent_at = old.received_at;
    world.mail(old).await;
    let mut away = from(2, "away@cust.example");
    away.kind = MessageKind::AutoReply;
    world.mail(away).await;
    assert_eq!(mia.sees(&world).await, []);
}

#[tokio::test]
async fn mentions_pages_and_sends_that_went_wrong() {
    let world = World::new().await;
    world.mail(from(1, "ana@cust.example")).await;
    let id = of(&world, "ana@cust.example").await;
    let mut mia = Watcher::begin(&world).await;
    let bo = Actor::Agent("bo".to_owned());
    let note = |body: &str| Command::Note {
        conversation: id,
        body: body.to_owned(),
    };
    world
        .store
        .apply(&bo, note("nothing for anybody"))
        .await
        .unwrap();
    world
        .store
        .apply(&bo, note("@Mia knows the lamp"))
        .await
        .unwrap();
    world.ok(note("@mia, to myself")).await;
    let page = |who: &str| {
        world
            .store
            .escalate(&bo, id, RosterPerson::named(who), "it burns".to_owned())
    };
    page("cy").await.unwrap();
    page("mia").await.unwrap();
    world.reply(id, "on our way").await;
    world.clock.advance(HOUR);
    let claimed = world
        .store
        .outbox_claim(world.clock.now(), None)
        .await
        .unwrap()
        .unwrap();
    let reason = "no such mailbox".to_owned();
    let (row, fence) = (claimed.row.out.id, claimed.fence);
    world
        .store
        .outbox_finish(row, fence, SendResult::Failed { reason })
        .await
        .unwrap();
    let news = mia.sees(&world).await;
    let who = || "bo".to_owned();
    assert_eq!(
        news,
        [
            News::Mention {
                who: who(),
                text: "@Mia knows the lamp".to_owned()
            },
            News::Page {
                who: who(),
                text: "it burns".to_owned()
            },
            News::Send {
                unknown: false,
                who: "Ana".to_owned(),
                text: "no such mailbox".to_owned()
            },
        ]
    );
}

#[tokio::test]
async fn a_broken_account_is_told_until_it_works_and_again() {
    let world = World::new().await;
    let health = |state| AccountHealth {
        state,
        account: world.account.clone(),
        provider: "email".to_owned(),
        channels: vec![Channel::Email],
        last_proof: None,
        last_event: None,
        retry_at: None,
        error: Some("the login was refused".to_owned()),
        remedy: Some("check the password".to_owned()),
        behind: 0,
        gaps: Vec::new(),
        lag_ms: None,
        past: None,
        budgets: Vec::new(),
    };
    let mut mia = Watcher::begin(&world).await;
    for (state, told) in [
        (AccountState::Broken, 1),
        (AccountState::Broken, 0),
        (AccountState::Ok, 0),
        (AccountState::Broken, 1),
    ] {
        world.store.set_health(health(state)).await.unwrap();
        assert_eq!(mia.sees(&world).await.len(), told, "{state:?}");
    }
}

/// As a screen beside a headless engine: the other process's commits are told, too.
#[tokio::test]
async fn what_another_process_brings_is_told() {
    let world = World::new().await;
    let mut mia = Watcher::begin(&world).await;
    let mut changes = world.store.changes();
    let other = open(world.dir.path(), &world.clock);
    let batch = Batch {
        events: vec![Event::Message(Box::new(from(1, "ana@cust.example")))],
        ..Batch::default()
    };
    other.ingest(&AccountId::new("care"), batch).await.unwrap();
    while !changes.recv().await.unwrap().foreign {}
    assert_eq!(mia.sees(&world).await.len(), 1);
}
