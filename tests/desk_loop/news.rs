//! What others do on the same mirror while the screen is open.

use crate::settings::Home;
use frontdesk::config::Paths;
use frontdesk::model::event::{Batch, Event, NewMessage, RemoteId};
use frontdesk::model::query::{ListQuery, Sort, View};
use frontdesk::model::{AccountId, Actor, Answer, Channel, Clock as _, Party, Query, SystemClock};
use frontdesk::store::{AccountInfo, Options, RosterPerson, Store};
use std::sync::Arc;

/// As with a headless engine, or a colleague's command on the same machine.
#[tokio::test]
async fn a_page_by_another_process_is_on_the_screen() {
    let home = Home::new("me = 'nina'\n");
    let robot = home.sit();
    let store = Store::open(Options {
        dir: Paths::below(home.dir.path()).mirror_dir(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })
    .unwrap();
    let account = AccountId::new("care");
    let info = AccountInfo {
        provider: "email".to_owned(),
        channels: vec![Channel::Sms],
        own_addresses: Vec::new(),
        default_hold_ms: 0,
        reply_window_ms: None,
        sla_ms: None,
    };
    store.ensure_account(&account, info).await.unwrap();
    let remote = RemoteId {
        scope: "sms".to_owned(),
        key: "1".to_owned(),
    };
    let from = Party::named("+15550100", "Ana");
    let mut message = NewMessage::inbound(remote, Channel::Sms, from, SystemClock.now());
    message.text = "it burns".to_owned();
    let batch = Batch {
        events: vec![Event::Message(Box::new(message))],
        ..Batch::default()
    };
    store.ingest(&account, batch).await.unwrap();
    robot.sees("Ana");
    let query = ListQuery {
        view: View::Inbox,
        sort: Sort::Newest,
        from: frontdesk::model::query::From::Top,
        limit: 1,
        me: "bo".to_owned(),
        filter: String::new(),
    };
    let Answer::List(page) = store.answer(Query::List(query)).await.unwrap() else {
        panic!("no list");
    };
    let bo = Actor::Agent("bo".to_owned());
    let nina = RosterPerson::named("nina");
    let why = "customer in danger".to_owned();
    let conversation = page.rows[0].1.id;
    store.escalate(&bo, conversation, nina, why).await.unwrap();
    robot.sees("bo pages you: customer in danger");
    robot.press("gp");
    assert!(
        robot.screen().contains("customer in danger"),
        "{}",
        robot.screen()
    );
}
