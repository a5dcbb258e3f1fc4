//! Lists, counts and search: windows in order, numbers that are always right.

use crate::world::*;
use frontdesk::model::query::{From, ListQuery, Sort, View};
use frontdesk::model::time::{DAY, HOUR};
use frontdesk::model::{
    AccountId, Answer, Channel, Command, ConversationId, Direction, Priority, Query, Status,
    Timestamp,
};
use frontdesk::store::SendResult;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn query(view: View, sort: Sort, from: From, limit: u32) -> ListQuery {
    ListQuery {
        view,
        sort,
        from,
        limit,
        me: "mia".to_owned(),
        filter: String::new(),
    }
}

/// Many conversations over channels, states and clocks.
async fn many() -> World {
    let mut info = info();
    info.sla_ms = Some(4 * HOUR);
    let world = World::with(info).await;
    let mut events = Vec::new();
    for n in 1..=60 {
        let mut message = mail(
            n * 3 % 61,
            &format!("{n}@b.example"),
            &format!("Matter {n} of lamps"),
            "text",
        );
        message.remote.key = format!("1:{n}");
        message.dedupe = n.to_string();
        if n % 4 == 0 {
            message.channel = Channel::Whatsapp;
            message.from.address = format!("+4917{n:04}");
            message.window_ms = Some(DAY);
        }
        events.push(event(message));
    }
    world.ingest(events).await;
    let ids: Vec<ConversationId> = world
        .list(View::All)
        .await
        .rows
        .iter()
        .map(|(_, c)| c.id)
        .collect();
    let some = |rest: i64| {
        ids.iter()
            .copied()
            .filter(|id| id.0 % 7 == rest)
            .collect::<Vec<_>>()
    };
    world.ok(Command::Resolve { ids: some(0) }).await;
    world
        .ok(Command::Snooze {
            ids: some(1),
            until: Some(Timestamp(START + DAY)),
            wake_on_reply: false,
        })
        .await;
    world
        .ok(Command::Spam {
            ids: some(2),
            on: true,
        })
        .await;
    world
        .ok(Command::Assign {
            ids: some(3),
            to: Some("mia".to_owned()),
        })
        .await;
    world
        .ok(Command::SetPriority {
            ids: some(4),
            priority: Priority::High,
        })
        .await;
    let add = vec!["billing".to_owned()];
    world
        .ok(Command::Label {
            ids: some(4),
            add,
            remove: vec![],
        })
        .await;
    world
}

#[tokio::test]
async fn windows_fit_together_in_every_view_and_order() {
    let world = many().await;
    world
        .ok(Command::SaveView {
            name: "wa".to_owned(),
            query: "channel:whatsapp".to_owned(),
        })
        .await;
    let views = [
        View::Inbox,
        View::Mine,
        View::Unassigned,
        View::Waiting,
        View::Snoozed,
        View::Resolved,
        View::Spam,
        View::All,
        View::Channel(Channel::Whatsapp),
        View::Account(AccountId::new("care")),
        View::Label("billing".to_owned()),
        View::Saved("wa".to_owned()),
    ];
    for view in views {
        for sort in Sort::ALL {
            let all = world
                .page(query(view.clone(), sort, From::Top, 1_000))
                .await;
            assert!(
                !all.rows.is_empty() && !all.before && !all.after,
                "{view:?}"
            );
            if let Some(total) = all.total {
                assert_eq!(total, all.rows.len() as u64, "{view:?}");
            }
            let whole: Vec<ConversationId> = all.rows.iter().map(|(_, c)| c.id).collect();
            let mut down = Vec::new();
            let mut from = From::Top;
            loop {
                let page = world.page(query(view.clone(), sort, from, 4)).await;
                down.extend(page.rows.iter().map(|(_, c)| c.id));
                assert_eq!(page.before, from != From::Top);
                if !page.after {
                    break;
                }
                from = From::After(page.rows.last().unwrap().0);
            }
            assert_eq!(down, whole, "{view:?} {sort:?}");
            let mut up = Vec::new();
            let mut from = From::Bottom;
            loop {
                let page = world.page(query(view.clone(), sort, from, 5)).await;
                up.splice(0..0, page.rows.iter().map(|(_, c)| c.id));
                assert_eq!(page.after, from != From::Bottom);
                if !page.before {
                    break;
                }
                from = From::Before(page.rows[0].0);
            }
            assert_eq!(up, whole, "{view:?} {sort:?}");
            let middle = all.rows[whole.len() / 2].0;
            let at = world
                .page(query(view.clone(), sort, From::At(middle), 2))
                .await;
            assert_eq!(at.rows[0].1.id, whole[whole.len() / 2]);
            assert_eq!(at.before, whole.len() > 1);
        }
    }
}

#[tokio::test]
async fn orders_mean_what_they_say() {
    let world = many().await;
    let rows = |sort| {
        let world = &world;
        async move {
            world
                .page(query(View::Inbox, sort, From::Top, 1_000))
                .await
                .rows
        }
    };
    let newest = rows(Sort::Newest).await;
    assert!(newest.is_sorted_by_key(|(_, c)| std::cmp::Reverse(c.last_at)));
    let closing = rows(Sort::ClosingSoonest).await;
    let clock = |c: &frontdesk::model::Conversation| match (c.window_closes_at, c.due_at) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b).unwrap_or(Timestamp(i64::MAX)),
    };
    let waiting: Vec<Timestamp> = closing
        .iter()
        .filter(|(_, c)| c.waiting_since.is_some())
        .map(|(_, c)| clock(c))
        .collect();
    assert!(waiting.is_sorted() && !waiting.is_empty());
    let first_idle = closing.iter().position(|(_, c)| c.waiting_since.is_none());
    assert!(
        first_idle.is_none_or(|at| closing[at..].iter().all(|(_, c)| c.waiting_since.is_none()))
    );
    let priority = rows(Sort::Priority).await;
    assert!(priority.is_sorted_by_key(|(_, c)| std::cmp::Reverse((c.priority, c.last_at))));
    assert_eq!(priority[0].1.priority, Priority::High);
}

#[tokio::test]
async fn filters_narrow_a_list() {
    let world = many().await;
    let count = |filter: &str| {
        let mut asked = query(View::All, Sort::Newest, From::Top, 1_000);
        asked.filter = filter.to_owned();
        let world = &world;
        async move { world.page(asked).await.rows.len() }
    };
    let all = count("").await;
    assert_eq!(
        count("channel:whatsapp").await + count("-channel:whatsapp").await,
        all
    );
    assert_eq!(count("label:billing").await, count("priority:high").await);
    assert_eq!(count("assignee:me").await, count("is:mine").await);
    assert_eq!(count("lamps").await, all);
    assert_eq!(count("\"Matter 12\"").await, 1);
    assert_eq!(count("from:12@b").await, 0);
    assert_eq!(count("from:13@b").await, 1);
    assert_eq!(count("-lamps").await, 0);
    assert_eq!(count("is:resolved is:open").await, 0);
    assert_eq!(count("' OR 1=1 -- \" AND NOT * ( ^ { lamps").await, 0);
}

#[tokio::test]
async fn search_finds_newest_first_whatever_the_order_of_arrival() {
    let world = World::new().await;
    // A first read brings the newest first.
    for n in (1..=30).rev() {
        let subject = format!("Matter {n}");
        world
            .mail(mail(
                n,
                &format!("{n}@b.example"),
                &subject,
                "the café wants a Refund für 返金してください",
            ))
            .await;
    }
    let hits = world.search("refund").await;
    assert_eq!(hits.len(), 30);
    assert!(hits.is_sorted_by_key(|hit| std::cmp::Reverse(hit.at)));
    let (start, end) = hits[0].marks[0];
    assert_eq!(&hits[0].snippet[start..end], "Refund");
    for (text, found) in [
        ("ref", 30),
        ("cafe", 30),
        ("返金", 30),
        ("してくだ", 30),
        ("金返", 0),
        ("\"wants a\"", 30),
        ("\"a wants\"", 0),
        ("from:7@b refund", 3),
        ("17@b", 1),
        ("Ana", 30),
        ("is:unread", 30),
        ("refund -wants", 0),
        ("before:2000-01-01", 0),
    ] {
        assert_eq!(world.search(text).await.len(), found, "{text}");
    }
    let page = Query::Search {
        text: "refund".to_owned(),
        me: "mia".to_owned(),
        typing: false,
        before: Some(hits[9].message),
        limit: 5,
    };
    match world.store.answer(page).await.unwrap() {
        Answer::Search {
            hits: older, more, ..
        } => {
            let want: Vec<_> = hits[10..15].iter().map(|hit| hit.message).collect();
            assert_eq!(
                older.iter().map(|hit| hit.message).collect::<Vec<_>>(),
                want
            );
            assert!(more);
        }
        other => panic!("{other:?}"),
    }
    // What is mine is mine to whoever asks.
    assert_eq!(world.search("is:mine").await.len(), 0);
    world
        .ok(Command::Assign {
            ids: vec![hits[3].conversation.id],
            to: Some("mia".to_owned()),
        })
        .await;
    for text in ["is:mine", "refund is:mine", "assignee:me café"] {
        let mine = world.search(text).await;
        assert_eq!(mine.len(), 1, "{text}");
        assert_eq!(mine[0].conversation.id, hits[3].conversation.id);
    }
    // Notes are found, and gone when taken back.
    let id = hits[0].conversation.id;
    world
        .ok(Command::Note {
            conversation: id,
            body: "zebra crossing".to_owned(),
        })
        .await;
    assert_eq!(world.search("zebra").await.len(), 1);
    assert_eq!(world.search("has:note").await.len(), 1);
    world.undo().await;
    assert_eq!(world.search("zebra").await.len(), 0);
}

#[tokio::test]
async fn messages_come_in_windows() {
    let world = World::new().await;
    for n in 1..=25 {
        let to: Vec<i64> = (1..n).collect();
        world
            .mail(answer(n, "a@b.example", "Lamp broke", &to))
            .await;
    }
    let id = world.list(View::All).await.rows[0].1.id;
    let ask = |before, limit| Query::Messages {
        conversation: id,
        before,
        limit,
        all_channels: false,
    };
    let mut before = None;
    let mut seen = 0;
    loop {
        let Answer::Messages(page) = world.store.answer(ask(before, 10)).await.unwrap() else {
            panic!("no messages")
        };
        assert!(page.messages.is_sorted_by_key(|m| m.at));
        seen += page.messages.len();
        before = page.messages.first().map(|m| m.id);
        if !page.older {
            break;
        }
    }
    assert_eq!(seen, 25);
    // The other conversations of the person come between.
    let mut other = mail(12, "a@b.example", "Another matter", "x");
    other.remote.key = "1:99".to_owned();
    other.dedupe = "99".to_owned();
    other.thread.message_id = Some("99@x".to_owned());
    world.mail(other).await;
    let all = Query::Messages {
        conversation: id,
        before: None,
        limit: 100,
        all_channels: true,
    };
    match world.store.answer(all).await.unwrap() {
        Answer::Messages(page) => {
            assert_eq!(page.messages.len(), 26);
            assert!(page.messages.is_sorted_by_key(|m| m.at));
        }
        other => panic!("{other:?}"),
    }
    let exported = world.store.export(Some(20), 100).await.unwrap();
    assert_eq!(exported.len(), 6);
}

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Arrives(u8, bool),
    Answers(u8),
    Do(u8, u8),
    Reply(u8, bool),
    Sends(u8),
    Undo,
    Clock(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (any::<u8>(), any::<bool>()).prop_map(|(n, junk)| Step::Arrives(n, junk)),
        any::<u8>().prop_map(Step::Answers),
        (0..9u8, any::<u8>()).prop_map(|(verb, at)| Step::Do(verb, at)),
        (any::<u8>(), any::<bool>()).prop_map(|(at, resolve)| Step::Reply(at, resolve)),
        (0..4u8).prop_map(Step::Sends),
        Just(Step::Undo),
        any::<u8>().prop_map(Step::Clock),
    ]
}

async fn take(world: &World, n: i64, step: &Step) {
    let page = world.list(View::All).await;
    let pick = |at: u8| {
        page.rows
            .get(usize::from(at) % page.rows.len().max(1))
            .map(|(_, c)| c.clone())
    };
    let apply = |command| async move {
        // A refusal is an answer too; only the mirror must not fail.
        let done = world.store.apply(&world.me, command).await;
        assert!(
            !matches!(done, Err(frontdesk::store::ApplyError::Store(_))),
            "{done:?}"
        );
    };
    match *step {
        Step::Arrives(who, junk) => {
            let mut message = mail(
                n,
                &format!("{}@b.example", who % 5),
                &format!("Matter {}", who % 3),
                "x",
            );
            message.flags.junk = junk && who % 4 == 0;
            message.flags.seen = junk && who % 4 == 1;
            if who % 4 == 2 {
                message.channel = Channel::Sms;
            }
            world.mail(message).await;
        }
        Step::Answers(at) => {
            if let Some(c) = pick(at) {
                let Some(found) = world
                    .messages(c.id)
                    .await
                    .into_iter()
                    .find(|m| m.direction == Direction::Inbound)
                else {
                    return;
                };
                let number = found.at.since(Timestamp(START - 1_000 * HOUR)) / HOUR;
                world
                    .mail(answer(n, &c.contact_address, "Re: x", &[number]))
                    .await;
            }
        }
        Step::Do(verb, at) => {
            let Some(c) = pick(at) else { return };
            let ids = vec![c.id];
            apply(match verb {
                0 => Command::Resolve { ids },
                1 => Command::Reopen { ids },
                2 => Command::Snooze {
                    ids,
                    until: Some(Timestamp(START + 900 * DAY)),
                    wake_on_reply: at % 2 == 0,
                },
                3 => Command::Assign {
                    ids,
                    to: (at % 2 == 0).then(|| format!("agent{}", at % 3)),
                },
                4 => Command::Label {
                    ids,
                    add: vec![format!("l{}", at % 3)],
                    remove: vec![format!("l{}", at % 2)],
                },
                5 => Command::Spam {
                    ids,
                    on: at % 3 != 0,
                },
                6 => Command::MarkRead {
                    ids,
                    read: at % 2 == 0,
                },
                7 => Command::Escalate {
                    conversation: c.id,
                    to: "ken".to_owned(),
                    reason: String::new(),
                },
                _ => Command::SaveDraft(Box::new(world.draft(c.id, "typing").await)),
            })
            .await;
        }
        Step::Reply(at, resolve) => {
            let Some(c) = pick(at) else { return };
            let mut queued = queue(world.draft(c.id, "hello").await);
            queued.resolve = resolve;
            apply(Command::Queue(Box::new(queued))).await;
        }
        Step::Sends(how) => {
            let Some(claimed) = world
                .store
                .outbox_claim(Timestamp(i64::MAX), None)
                .await
                .unwrap()
            else {
                return;
            };
            let reason = "x".to_owned();
            let result = match how {
                0 => SendResult::Retry {
                    at: Timestamp(START),
                    reason,
                },
                1 => SendResult::Failed { reason },
                2 => SendResult::Unknown { reason },
                _ => SendResult::Sent(frontdesk::model::Receipt {
                    provider_id: None,
                    at: Timestamp(START),
                    detail: None,
                    refused: vec![],
                }),
            };
            world
                .store
                .outbox_finish(claimed.row.out.id, claimed.fence, result)
                .await
                .unwrap();
        }
        Step::Undo => apply(Command::Undo { id: None }).await,
        Step::Clock(minutes) => {
            world.clock.advance(i64::from(minutes) * 60_000);
        }
    }
}

/// Every kept number, counted again.
fn recounted(world: &World) -> BTreeMap<(String, String), i64> {
    let sql = world.sql();
    let mut out = BTreeMap::new();
    for query in [
        "SELECT 'status', status, count(*) FROM conversation GROUP BY 2",
        "SELECT 'assignee', coalesce(assignee, ''), count(*) FROM conversation WHERE status = 'open' GROUP BY 2",
        "SELECT 'channel', channel, sum(status = 'open') FROM conversation GROUP BY 2",
        "SELECT 'account', account, sum(status = 'open') FROM conversation GROUP BY 2",
        "SELECT 'waiting', '', count(*) FROM conversation WHERE status = 'open' AND waiting_since IS NOT NULL",
        "SELECT 'unread', '', count(*) FROM conversation WHERE status = 'open' AND unread > 0",
        "SELECT 'label', value, sum(status = 'open') FROM conversation, json_each(labels) GROUP BY 2",
        "SELECT 'outbox', state, count(*) FROM outbox GROUP BY 2",
        "SELECT 'draft', author, count(*) FROM draft GROUP BY 2",
        "SELECT 'page', state, count(*) FROM escalation GROUP BY 2",
        "SELECT 'proposal', state, count(*) FROM proposal GROUP BY 2",
    ] {
        let mut statement = sql.prepare(query).unwrap();
        let rows = statement
            .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
            .unwrap();
        out.extend(rows.map(Result::unwrap));
    }
    out.retain(|_, n| *n != 0);
    out
}

fn kept(world: &World) -> BTreeMap<(String, String), i64> {
    let sql = world.sql();
    let mut statement = sql
        .prepare("SELECT kind, key, n FROM tally WHERE n <> 0")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// Facts of conversations that follow from other tables, where they do not.
fn astray(world: &World) -> i64 {
    world.number(
        "SELECT count(*) FROM conversation c WHERE
           c.unread <> (SELECT count(*) FROM message WHERE conversation = c.id AND seen = 0 AND direction = 'inbound')
           OR c.unsent <> (SELECT count(*) FROM outbox WHERE conversation = c.id AND state IN ('held','queued','sending','retry'))
           OR c.failures <> (SELECT count(*) FROM outbox WHERE conversation = c.id AND state IN ('failed','unknown','attention'))
           OR c.has_draft <> EXISTS (SELECT 1 FROM draft WHERE conversation = c.id AND kind <> 'note')
           OR c.paged <> EXISTS (SELECT 1 FROM escalation WHERE conversation = c.id AND state IN ('open','silenced'))
           OR c.labels <> (SELECT json_group_array(label) FROM (SELECT label FROM conversation_label WHERE conversation = c.id ORDER BY label))
           OR EXISTS (SELECT 1 FROM conversation_label l WHERE l.conversation = c.id
                AND (l.open, l.k_closing, l.last_at, l.k_priority) IS NOT (c.status = 'open', c.k_closing, c.last_at, c.k_priority))
           OR c.head IS NOT (SELECT id FROM message WHERE conversation = c.id AND direction <> 'note' ORDER BY at DESC, id DESC LIMIT 1)",
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn kept_numbers_are_counted_numbers(steps in prop::collection::vec(step(), 5..40)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            for (n, step) in steps.iter().enumerate() {
                take(&world, n as i64 + 1, step).await;
            }
            prop_assert_eq!(kept(&world), recounted(&world));
            prop_assert_eq!(astray(&world), 0);
            let report = world.store.journal_verify().await.unwrap();
            prop_assert_eq!(report.broken_at, None);
            let check: String = world.sql().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            prop_assert_eq!(check, "ok");
            let fts = "INSERT INTO message_fts(message_fts) VALUES ('integrity-check')";
            world.sql().execute_batch(fts).unwrap();
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn closed_conversations_are_in_their_views() {
    let world = many().await;
    for (view, status) in [
        (View::Snoozed, Status::Snoozed),
        (View::Resolved, Status::Resolved),
        (View::Spam, Status::Spam),
    ] {
        let page = world.list(view).await;
        assert!(page.rows.iter().all(|(_, c)| c.status == status));
    }
}
