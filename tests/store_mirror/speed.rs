//! How fast the mirror takes a backlog and answers from a large one. Run by hand:
//! `cargo test --release --test store_mirror -- --ignored --nocapture speed`.

use crate::world::*;
use frontdesk::model::query::{From, ListQuery, Sort, View};
use frontdesk::model::{Answer, Batch, Command, ConversationId, Query};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Messages of the backlog; set `FRONTDESK_SPEED` for more.
fn size() -> i64 {
    std::env::var("FRONTDESK_SPEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000)
}

fn words(seed: i64) -> String {
    let list = [
        "order", "invoice", "lamp", "delivery", "refund", "account", "please", "broken", "window",
        "tomorrow", "agent", "number", "address", "thanks", "still", "waiting", "parcel",
        "charged", "twice", "question", "colour", "size",
    ];
    let mut state = seed.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = String::new();
    while out.len() < 800 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.push_str(list[(state % 22) as usize]);
        out.push(if state.is_multiple_of(9) { '\n' } else { ' ' });
        if state.is_multiple_of(5) {
            let _ = write!(out, "w{} ", state % 50_000);
        }
    }
    out
}

async fn timed<F: Future>(name: &str, times: u32, mut work: impl FnMut() -> F) {
    let mut all: Vec<Duration> = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        work().await;
        all.push(began.elapsed());
    }
    all.sort();
    let p99 = all[all.len() * 99 / 100];
    eprintln!(
        "{name:40} p50 {:>10.2?}  p99 {p99:>10.2?}",
        all[all.len() / 2]
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; run it by hand"]
async fn speed() {
    let world = World::new().await;
    let total = size();
    let began = Instant::now();
    // Newest first, five messages to a conversation, as a first read of a mailbox brings them.
    let mut all: Vec<i64> = (1..=total).rev().collect();
    while !all.is_empty() {
        let batch = all.drain(..500.min(all.len())).map(|n| {
            let thread = n / 5;
            let to = if n % 5 == 0 { vec![] } else { vec![thread * 5] };
            let mut message = answer(
                n,
                &format!("c{}@b.example", thread % 20_000),
                &format!("Matter {thread}"),
                &to,
            );
            message.received_at = frontdesk::model::Timestamp(START - (total - n) * 60_000);
            message.sent_at = message.received_at;
            message.text = words(n);
            message.raw = message.text.clone().into_bytes();
            event(message)
        });
        let batch = Batch {
            events: batch.collect(),
            cursor: Some(cursor("x")),
            ..Batch::default()
        };
        world.store.ingest(&world.account, batch).await.unwrap();
    }
    let took = began.elapsed();
    eprintln!(
        "{total} messages in {took:.1?}: {:.0} per second",
        total as f64 / took.as_secs_f64()
    );
    let bytes = std::fs::metadata(world.dir.path().join("mirror.db"))
        .unwrap()
        .len();
    eprintln!("file: {} MB", bytes / 1_000_000);
    let store = &world.store;
    for view in [View::Inbox, View::Waiting, View::All] {
        for sort in [Sort::ClosingSoonest, Sort::Newest] {
            let query = ListQuery {
                view: view.clone(),
                sort,
                from: From::Top,
                limit: 50,
                me: "mia".to_owned(),
                filter: String::new(),
            };
            timed(&format!("list {view:?} {sort:?}"), 200, || {
                store.answer(Query::List(query.clone()))
            })
            .await;
        }
    }
    timed("counts", 200, || {
        store.answer(Query::Counts {
            me: "mia".to_owned(),
        })
    })
    .await;
    let inbox = Query::Ids(ListQuery {
        view: View::Inbox,
        sort: Sort::Newest,
        from: From::Top,
        limit: 5_000,
        me: "mia".to_owned(),
        filter: String::new(),
    });
    timed("ids of a whole list", 20, || store.answer(inbox.clone())).await;
    let Answer::Ids { ids, .. } = store.answer(inbox).await.unwrap() else {
        panic!("no ids");
    };
    let began = Instant::now();
    let count = ids.len();
    world.ok(Command::Resolve { ids }).await;
    eprintln!("{count} resolved at once in {:.1?}", began.elapsed());
    let began = Instant::now();
    world.undo().await;
    eprintln!("and taken back in {:.1?}", began.elapsed());
    let conversation = ConversationId(total / 10);
    timed("conversation", 200, || {
        store.answer(Query::Conversation {
            id: conversation,
            me: "mia".to_owned(),
        })
    })
    .await;
    timed("messages", 200, || {
        store.answer(Query::Messages {
            conversation,
            before: None,
            limit: 50,
            all_channels: false,
        })
    })
    .await;
    for text in [
        "refund",
        "re",
        "w123",
        "\"broken window\"",
        "refund label:none",
        "from:c77 lamp",
    ] {
        timed(&format!("search {text}"), 50, || {
            store.answer(Query::Search {
                text: text.to_owned(),
                me: "mia".to_owned(),
                typing: true,
                before: None,
                limit: 50,
            })
        })
        .await;
    }
    for filter in ["refund", "w123", "is:flagged"] {
        let query = ListQuery {
            view: View::All,
            sort: Sort::Newest,
            from: From::Top,
            limit: 50,
            me: "mia".to_owned(),
            filter: filter.to_owned(),
        };
        timed(&format!("list filter {filter}"), 20, || {
            store.answer(Query::List(query.clone()))
        })
        .await;
    }
    let mut n = 0;
    timed("resolve", 100, || {
        n += 1;
        world.ok(Command::Resolve {
            ids: vec![ConversationId(n)],
        })
    })
    .await;
    timed("one new mail", 100, || {
        n += 1;
        world.mail(mail(
            total + n,
            "x@b.example",
            &format!("New {n}"),
            "hello there",
        ))
    })
    .await;
}
