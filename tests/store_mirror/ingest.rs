//! What comes in: once, cleaned, in its place, whatever the order.

use crate::world::*;
use frontdesk::model::event::{
    BounceInfo, BouncedRecipient, DeliveryUpdate, Event, Flags, RemoteId, Watermark,
};
use frontdesk::model::message::ThreadedBy;
use frontdesk::model::query::View;
use frontdesk::model::time::{DAY, HOUR};
use frontdesk::model::{
    Author, Batch, Channel, Command, Content, Coverage, DeliveryState, Direction, MessageKind,
    NewAttachment, NewMessage, Party, Status, Timestamp,
};
use proptest::prelude::*;

#[tokio::test]
async fn a_mail_is_kept_once_and_cleaned() {
    let world = World::new().await;
    let mut message = mail(
        1,
        "Ana@Cust.Example",
        "Where\r\nBcc: x@y is it",
        "hello\u{202e}evil\u{1b}[31m",
    );
    message.attachments.push(NewAttachment {
        name: "../../.ssh/keys".to_owned(),
        mime: "text/plain".to_owned(),
        size: 3,
        data: Some(b"abc".to_vec()),
        ..NewAttachment::default()
    });
    let done = world.mail(message.clone()).await;
    assert_eq!((done.new, done.duplicates, done.arrivals.len()), (1, 0, 1));
    assert!(done.arrivals[0].new_conversation);
    // The same by another way, and again by the same.
    let mut other = message.clone();
    other.remote.scope = "All".to_owned();
    for again in [other, message] {
        let done = world.mail(again).await;
        assert_eq!((done.new, done.duplicates, done.arrivals.len()), (0, 1, 0));
    }
    let page = world.list(View::Inbox).await;
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.total, Some(1));
    let conversation = &page.rows[0].1;
    assert_eq!(conversation.contact_address, "Ana@cust.example");
    assert_eq!(conversation.contact_name, "Ana");
    assert_eq!(conversation.unread, 1);
    assert!(conversation.waiting_since.is_some());
    assert!(!conversation.subject.contains(['\r', '\n']));
    let messages = world.messages(conversation.id).await;
    assert!(!messages[0].body.contains('\u{1b}') && !messages[0].body.contains('\u{202e}'));
    assert_eq!(messages[0].hidden, 2);
    let file = &messages[0].attachments[0];
    assert!(!file.name.contains('/') && file.stored);
    let (_, path) = world.store.attachment(file.id).await.unwrap().unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"abc");
    assert_eq!(world.number("SELECT count(*) FROM remote"), 2);
}

#[tokio::test]
async fn batch_cursor_and_coverage_go_together() {
    let world = World::new().await;
    assert_eq!(world.store.cursor(&world.account).await.unwrap(), None);
    let batch = Batch {
        events: vec![event(mail(1, "a@b.example", "s", "t"))],
        cursor: Some(cursor("uid=7")),
        coverage: vec![Coverage {
            feed: "INBOX".to_owned(),
            generation: 1,
            low: 5,
            high: 7,
            floor: 1,
        }],
        ..Batch::default()
    };
    world.store.ingest(&world.account, batch).await.unwrap();
    assert_eq!(
        world.store.cursor(&world.account).await.unwrap(),
        Some(cursor("uid=7"))
    );
    assert_eq!(
        world.store.backfill_cursor(&world.account).await.unwrap(),
        None
    );
    let ledger = world.store.ledger(Some(&world.account)).await.unwrap();
    assert_eq!(ledger[0].proven, [(5, 7)]);
    assert_eq!(ledger[0].gaps, [(1, 4)]);
    // A new generation voids the old ranges.
    let batch = Batch {
        coverage: vec![Coverage {
            feed: "INBOX".to_owned(),
            generation: 2,
            low: 1,
            high: 2,
            floor: 1,
        }],
        ..Batch::default()
    };
    world.store.ingest(&world.account, batch).await.unwrap();
    let ledger = world.store.ledger(None).await.unwrap();
    assert_eq!((ledger[0].generation, ledger[0].gaps.len()), (2, 0));
    let keys = vec!["1:1".to_owned(), "1:2".to_owned()];
    let missing = world
        .store
        .compare(&world.account, "INBOX", keys)
        .await
        .unwrap();
    assert_eq!(missing, ["1:2"]);
}

#[tokio::test]
async fn threads() {
    let world = World::new().await;
    world
        .mail(mail(1, "a@b.example", "Broken lamp", "it broke"))
        .await;
    let first = world.list(View::All).await.rows[0].1.id;
    // By references, whatever the subject; by subject within a month from the same sender; not for others.
    world
        .mail(answer(2, "a@b.example", "something else", &[1]))
        .await;
    world
        .mail(mail(3, "a@b.example", "Re: broken LAMP", "any news?"))
        .await;
    world
        .mail(mail(4, "z@b.example", "Re: broken lamp", "mine too"))
        .await;
    world
        .mail(mail(31 * 24 + 10, "a@b.example", "Broken lamp", "again"))
        .await;
    world.mail(mail(5, "a@b.example", "Hello", "x")).await;
    world.mail(mail(6, "a@b.example", "Hello", "y")).await;
    let messages = world.messages(first).await;
    let why: Vec<&ThreadedBy> = messages.iter().map(|m| &m.threaded_by).collect();
    assert_eq!(why.len(), 3, "{why:?}");
    assert_eq!(*why[0], ThreadedBy::First);
    assert_eq!(*why[1], ThreadedBy::References { id: id(1) });
    assert!(matches!(why[2], ThreadedBy::Subject { .. }));
    assert_eq!(world.list(View::All).await.rows.len(), 5);
    // An answer to what we sent is found by our own reference.
    let outcome = world.reply(first, "we look into it").await;
    let reference = world.outbox().await[0].out.reference.clone();
    assert!(outcome.held_until.is_some());
    let mut back = mail(900, "other@b.example", "AW: x", "thanks");
    back.thread.in_reply_to = vec![reference.clone()];
    world.mail(back).await;
    let messages = world.messages(first).await;
    let last = messages.iter().find(|m| m.body == "thanks").unwrap();
    assert_eq!(last.threaded_by, ThreadedBy::OwnReference { id: reference });
}

#[tokio::test]
async fn a_chat_is_one_conversation() {
    let world = World::new().await;
    for n in 1..4 {
        let mut message = mail(n, "+49 170 1", "", "hi");
        message.channel = Channel::Whatsapp;
        message.thread.message_id = None;
        message.thread.thread = Some("chat-1".to_owned());
        message.thread.thread_decides = true;
        message.window_ms = Some(DAY);
        world.mail(message).await;
    }
    let page = world.list(View::Channel(Channel::Whatsapp)).await;
    assert_eq!(page.rows.len(), 1);
    let conversation = &page.rows[0].1;
    assert_eq!(conversation.unread, 3);
    assert_eq!(
        conversation.window_closes_at,
        Some(conversation.last_at + DAY)
    );
}

#[tokio::test]
async fn a_reply_reopens_unless_muted_or_spam() {
    for (mute, spam, want) in [
        (false, false, Status::Open),
        (true, false, Status::Resolved),
        (false, true, Status::Spam),
    ] {
        let world = World::new().await;
        world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
        let id = world.list(View::All).await.rows[0].1.id;
        let ids = vec![id];
        if mute {
            world
                .ok(Command::Mute {
                    ids: ids.clone(),
                    on: true,
                })
                .await;
        }
        if spam {
            world.ok(Command::Spam { ids, on: true }).await;
        } else {
            world.ok(Command::Resolve { ids }).await;
        }
        assert_eq!(world.conversation(id).await.waiting_since, None);
        world.clock.advance(HOUR);
        let mut vacation = answer(1_001, "a@b.example", "Re: Lamp broke", &[1]);
        vacation.kind = MessageKind::AutoReply;
        world.mail(vacation).await;
        assert_ne!(world.conversation(id).await.status, Status::Open);
        world
            .mail(answer(1_002, "a@b.example", "Re: Lamp broke", &[1]))
            .await;
        let conversation = world.conversation(id).await;
        assert_eq!(conversation.status, want);
        assert_eq!(conversation.waiting_since.is_some(), want != Status::Spam);
    }
}

#[tokio::test]
async fn an_old_message_does_not_reopen() {
    let world = World::new().await;
    world.mail(mail(10, "a@b.example", "Lamp broke", "x")).await;
    let id = world.list(View::All).await.rows[0].1.id;
    world.ok(Command::Resolve { ids: vec![id] }).await;
    world
        .mail(answer(5, "a@b.example", "Re: Lamp broke", &[10]))
        .await;
    let conversation = world.conversation(id).await;
    assert_eq!(conversation.status, Status::Resolved);
    assert_eq!(conversation.subject, "Re: Lamp broke");
}

#[tokio::test]
async fn snoozed_wakes_as_chosen() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let id = world.list(View::All).await.rows[0].1.id;
    let until = Some(Timestamp(START + DAY));
    let snooze = |wake_on_reply| Command::Snooze {
        ids: vec![id],
        until,
        wake_on_reply,
    };
    world.ok(snooze(false)).await;
    world
        .mail(answer(1_001, "a@b.example", "Re: Lamp", &[1]))
        .await;
    assert_eq!(world.conversation(id).await.status, Status::Snoozed);
    world.ok(snooze(true)).await;
    world
        .mail(answer(1_002, "a@b.example", "Re: Lamp", &[1]))
        .await;
    assert_eq!(world.conversation(id).await.status, Status::Open);
    // By the clock.
    world.ok(snooze(true)).await;
    assert_eq!(
        world
            .store
            .due_housekeeping(Timestamp(START))
            .await
            .unwrap(),
        until
    );
    assert_eq!(world.conversation(id).await.status, Status::Snoozed);
    world.clock.advance(DAY);
    assert_eq!(
        world
            .store
            .due_housekeeping(Timestamp(START + DAY))
            .await
            .unwrap(),
        None
    );
    assert_eq!(world.conversation(id).await.status, Status::Open);
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_shown() {
    let world = World::new().await;
    for n in 1..3 {
        let mut bad = mail(n, "", "", "");
        bad.from = Party::default();
        bad.content = Content::Unreadable {
            reason: "no header".to_owned(),
        };
        bad.raw = vec![b'x'; 300_000];
        let done = world.mail(bad).await;
        assert_eq!(done.unreadable, 1);
    }
    let page = world.list(View::Inbox).await;
    assert_eq!(page.rows.len(), 1);
    let messages = world.messages(page.rows[0].1.id).await;
    assert!(matches!(messages[0].content, Content::Unreadable { .. }));
    let raw = frontdesk::model::Query::Raw {
        message: messages[0].id,
    };
    match world.store.answer(raw).await.unwrap() {
        frontdesk::model::Answer::Raw(Some(bytes)) => assert_eq!(bytes.len(), 300_000),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn html_only_becomes_text() {
    let world = World::new().await;
    let mut message = mail(1, "a@b.example", "s", "");
    message.html = Some("<p>Hello <b>there</b></p>".to_owned());
    world.mail(message).await;
    let id = world.list(View::All).await.rows[0].1.id;
    let kept = &world.messages(id).await[0];
    assert_eq!(kept.body, "Hello there");
    assert_eq!(kept.content, Content::Html);
}

#[tokio::test]
async fn flags_places_and_resets() {
    let world = World::new().await;
    let message = mail(1, "a@b.example", "Lamp broke", "x");
    let remote = message.remote.clone();
    world.mail(message.clone()).await;
    let id = world.list(View::All).await.rows[0].1.id;
    let seen = Flags {
        seen: true,
        flagged: true,
        ..Flags::default()
    };
    let flags = Event::Flags {
        remote: remote.clone(),
        flags: seen,
    };
    world.ingest(vec![flags]).await;
    let conversation = world.conversation(id).await;
    assert_eq!((conversation.unread, conversation.flagged), (0, true));
    world
        .ingest(vec![Event::Gone {
            remote: remote.clone(),
        }])
        .await;
    assert!(world.messages(id).await[0].gone);
    // Moved to another folder: the same message, here again.
    let mut moved = message.clone();
    moved.remote = RemoteId {
        scope: "Archive".to_owned(),
        key: "9:1".to_owned(),
    };
    world.mail(moved).await;
    assert!(!world.messages(id).await[0].gone);
    let scope = "Archive".to_owned();
    world
        .ingest(vec![Event::ScopeReset { scope }, event(message)])
        .await;
    assert_eq!(world.messages(id).await.len(), 1);
    assert_eq!(world.number("SELECT count(*) FROM remote"), 1);
    let answered = Flags {
        answered: true,
        ..Flags::default()
    };
    world
        .ingest(vec![Event::Flags {
            remote,
            flags: answered,
        }])
        .await;
    assert_eq!(world.conversation(id).await.waiting_since, None);
}

#[tokio::test]
async fn a_bounce_marks_what_it_is_about() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let id = world.list(View::All).await.rows[0].1.id;
    world.reply(id, "a new one is on its way").await;
    world.clock.advance(10_000);
    let claimed = world
        .store
        .outbox_claim(Timestamp(START + 10_000), None)
        .await
        .unwrap()
        .unwrap();
    let receipt = frontdesk::model::Receipt {
        provider_id: None,
        at: Timestamp(START + 10_000),
        detail: None,
        refused: Vec::new(),
    };
    let sent = frontdesk::store::SendResult::Sent(receipt);
    world
        .store
        .outbox_finish(claimed.row.out.id, claimed.fence, sent)
        .await
        .unwrap();
    world.ok(Command::Resolve { ids: vec![id] }).await;
    world.clock.advance(HOUR);
    let bounce = |n: i64, about: &str, address: &str| {
        let mut bounce = mail(n, "mailer-daemon@b.example", "Undelivered", "failed");
        bounce.kind = MessageKind::Bounce;
        bounce.bounce = Some(BounceInfo {
            original_message_id: Some(about.to_owned()),
            recipients: vec![BouncedRecipient {
                address: address.to_owned(),
                action: "failed".to_owned(),
                status: "5.1.1".to_owned(),
                diagnostic: "no such user\u{1b}[0m".to_owned(),
            }],
        });
        bounce
    };
    // One that names nothing of ours, and one that names people whom we did not write to, change nothing.
    world.mail(bounce(1_001, "guess@x", "a@b.example")).await;
    let reference = claimed.row.out.reference.clone();
    world
        .mail(bounce(1_002, &reference, "other@b.example"))
        .await;
    assert_eq!(world.conversation(id).await.status, Status::Resolved);
    world.mail(bounce(1_003, &reference, "a@b.example")).await;
    let conversation = world.conversation(id).await;
    assert_eq!(conversation.status, Status::Open);
    assert!(
        conversation.waiting_since.is_none(),
        "resolving has settled what came before"
    );
    let messages = world.messages(id).await;
    let ours = messages
        .iter()
        .find(|m| m.direction == Direction::Outbound)
        .unwrap();
    let delivery = ours.delivery.as_ref().unwrap();
    assert_eq!(delivery.state, DeliveryState::Failed);
    let detail = delivery.detail.as_deref().unwrap();
    assert!(detail.contains("5.1.1") && !detail.contains('\u{1b}'));
}

#[tokio::test]
async fn a_delivery_state_never_goes_down() {
    let world = World::new().await;
    let mut ours = mail(1, "care@desk.example", "Offer", "see below");
    ours.direction = Direction::Outbound;
    ours.to = vec![Party::named("a@b.example", "Ana")];
    ours.own_reference = Some("ref-1".to_owned());
    let tell = |state, at| {
        Event::Delivery(DeliveryUpdate {
            reference: "ref-1".to_owned(),
            state,
            at: Timestamp(START + at),
            detail: None,
        })
    };
    // Read is told before delivered, and both before the message itself is here.
    world.ingest(vec![tell(DeliveryState::Read, 5)]).await;
    world.ingest(vec![event(ours)]).await;
    world
        .ingest(vec![
            tell(DeliveryState::Delivered, 3),
            tell(DeliveryState::Sent, 1),
        ])
        .await;
    let page = world.list(View::All).await;
    assert_eq!(page.rows[0].1.contact_address, "a@b.example");
    let messages = world.messages(page.rows[0].1.id).await;
    assert_eq!(
        messages[0].delivery.as_ref().unwrap().state,
        DeliveryState::Read
    );
    assert_eq!(world.number("SELECT count(*) FROM early"), 0);
}

#[tokio::test]
async fn everything_sent_until_a_time_was_read_in_that_chat_only() {
    let world = World::new().await;
    let sent = |n: i64, chat: &str| {
        let mut ours = mail(n, "page", "", "see below");
        ours.direction = Direction::Outbound;
        ours.to = vec![Party::new(chat)];
        ours.thread.thread = Some(chat.to_owned());
        ours.thread.thread_decides = true;
        event(ours)
    };
    world
        .ingest(vec![sent(1, "ana"), sent(2, "ana"), sent(3, "bob")])
        .await;
    let until = world.number("SELECT min(at) FROM message");
    world
        .ingest(vec![Event::DeliveredUntil(Watermark {
            thread: "ana".to_owned(),
            state: DeliveryState::Read,
            until: Timestamp(until),
            at: Timestamp(until + 5),
        })])
        .await;
    let read = "SELECT count(*) FROM message WHERE delivery = 'read'";
    assert_eq!(world.number(read), 1);
    assert_eq!(world.number("SELECT count(*) FROM message"), 3);
}

#[tokio::test]
async fn a_listing_brings_the_name_that_a_push_did_not_have() {
    let world = World::new().await;
    let mut pushed = mail(1, "4711", "", "Is it there?");
    pushed.from = Party::new("4711");
    let mut listed = pushed.clone();
    listed.from = Party::named("4711", "Ana Ramos");
    for message in [pushed, listed] {
        world.mail(message).await;
    }
    let page = world.list(View::All).await;
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].1.contact_name, "Ana Ramos");
    let messages = world.messages(page.rows[0].1.id).await;
    let Author::Customer { name, .. } = &messages[0].author else {
        panic!("not by a customer");
    };
    assert_eq!((messages.len(), name.as_str()), (1, "Ana Ramos"));
}

#[tokio::test]
async fn consent_is_kept() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let id = world.list(View::All).await.rows[0].1.id;
    let consent = |opted_out, at| Event::Consent {
        address: "A@b.example".to_owned(),
        channel: Channel::Email,
        opted_out,
        at: Timestamp(START + at),
    };
    world
        .ingest(vec![consent(true, 5), consent(false, 3)])
        .await;
    assert!(world.conversation(id).await.opted_out);
    let draft = world.draft(id, "hello").await;
    let refusal = world.refused(Command::Queue(Box::new(queue(draft)))).await;
    assert!(refusal.to_string().contains("opted out"), "{refusal}");
}

/// A small history with every relation: parents and children, a missing parent, an edit, flags, delivery, reactions.
fn history() -> Vec<Event> {
    let mut ours = mail(4, "care@desk.example", "Re: Lamp broke", "on its way");
    ours.direction = Direction::Outbound;
    ours.to = vec![Party::named("a@b.example", "Ana")];
    ours.own_reference = Some("own-4".to_owned());
    ours.thread.references = vec![id(1)];
    let place = |n: i64| mail(n, "x", "", "").remote;
    vec![
        event(mail(1, "a@b.example", "Lamp broke", "first")),
        event(answer(2, "a@b.example", "Re: Lamp broke", &[1])),
        event(answer(3, "a@b.example", "Re: no common subject", &[1, 2])),
        event(ours),
        // Two answers to a message that never comes.
        event(answer(5, "b@b.example", "Re: gone", &[99])),
        event(answer(6, "b@b.example", "Re: gone", &[99])),
        event(mail(7, "c@b.example", "Order 12 is late", "x")),
        event(mail(8, "c@b.example", "Re: Order 12 is late", "y")),
        Event::Flags {
            remote: place(2),
            flags: Flags {
                seen: true,
                flagged: true,
                ..Flags::default()
            },
        },
        Event::Edited {
            remote: place(1),
            text: "second thoughts".to_owned(),
            at: Timestamp(START),
        },
        Event::Edited {
            remote: place(1),
            text: "first thoughts".to_owned(),
            at: Timestamp(START - 5),
        },
        Event::Reaction {
            remote: place(3),
            by: Party::named("a@b.example", "Ana"),
            emoji: "👍".to_owned(),
        },
        Event::Delivery(DeliveryUpdate {
            reference: "own-4".to_owned(),
            state: DeliveryState::Read,
            at: Timestamp(START),
            detail: None,
        }),
        Event::Delivery(DeliveryUpdate {
            reference: "own-4".to_owned(),
            state: DeliveryState::Delivered,
            at: Timestamp(START - 1),
            detail: None,
        }),
    ]
}

/// Everything that can be seen, without the numbers of rows.
async fn seen(world: &World) -> Vec<String> {
    let mut out = Vec::new();
    for (_, conversation) in world.list(View::All).await.rows {
        let mut lines = Vec::new();
        for m in world.messages(conversation.id).await {
            let delivery = m.delivery.map(|d| (d.state, d.at));
            lines.push(format!(
                "  {:?} {} {:?} {:?} {:?} {} {:?} {}",
                m.direction, m.at.0, m.subject, m.body, delivery, m.seen, m.reactions, m.edited
            ));
        }
        out.push(format!(
            "{} {:?} {:?} {} {:?} {:?} {} {} {:?}\n{}",
            conversation.contact_address,
            conversation.contact_name,
            conversation.subject,
            conversation.unread,
            conversation.waiting_since,
            conversation.status,
            conversation.flagged,
            conversation.last_at.0,
            conversation.snippet,
            lines.join("\n")
        ));
    }
    out.sort();
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_order_gives_the_same_mirror(
        order in Just((0..14usize).collect::<Vec<_>>()).prop_shuffle(),
        cuts in prop::collection::vec(1..5usize, 14),
        twice in prop::collection::vec(any::<bool>(), 14),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let plain = World::new().await;
            plain.ingest(history()).await;
            let shuffled = World::new().await;
            let mut rest: Vec<Event> = Vec::new();
            for at in order {
                rest.push(history()[at].clone());
                // Flags are whatever was told last: only there the order is the meaning.
                if twice[at] && at != 1 {
                    rest.push(history()[at].clone());
                }
            }
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let next = rest.drain(..(*cut).min(rest.len())).collect();
                shuffled.ingest(next).await;
            }
            prop_assert_eq!(seen(&shuffled).await, seen(&plain).await);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_late_link_joins_what_agents_worked_on() {
    let world = World::new().await;
    world.mail(answer(5, "a@b.example", "Re: one", &[90])).await;
    world.mail(answer(6, "a@b.example", "Re: two", &[91])).await;
    let page = world.list(View::All).await;
    let (two, one) = (page.rows[0].1.id, page.rows[1].1.id);
    assert!(one < two);
    let add = vec!["billing".to_owned()];
    world
        .ok(Command::Label {
            ids: vec![two],
            add,
            remove: vec![],
        })
        .await;
    world
        .ok(Command::Note {
            conversation: two,
            body: "of two".to_owned(),
        })
        .await;
    for id in [one, two] {
        let draft = world.draft(id, &format!("draft on {id}")).await;
        world.ok(Command::SaveDraft(Box::new(draft))).await;
    }
    world.ok(Command::Resolve { ids: vec![one] }).await;
    world
        .mail(answer(7, "a@b.example", "Re: both", &[5, 6]))
        .await;
    let page = world.list(View::All).await;
    assert_eq!(page.rows.len(), 1);
    // The older number stays, and the other leads there.
    assert_eq!(page.rows[0].1.id, one);
    let detail = world.detail(two).await;
    assert_eq!(detail.conversation.id, one);
    assert_eq!(detail.conversation.labels, ["billing"]);
    assert_eq!(detail.conversation.status, Status::Open);
    assert_eq!(world.messages(two).await.len(), 4);
    assert!(detail.actions.iter().any(|entry| entry.verb == "note"));
    assert_eq!(world.counts().await.drafts, 2, "no draft is lost");
    assert_eq!(world.counts().await.inbox, 1);
    // Another's conversation is not joined by what a stranger's mail refers to.
    world
        .mail(mail(20, "z@b.example", "Chair broke", "x"))
        .await;
    world
        .mail(answer(21, "a@b.example", "Re: x", &[7, 20]))
        .await;
    assert_eq!(world.list(View::All).await.rows.len(), 2);
}

#[tokio::test]
async fn an_answer_proves_that_ours_left() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let id = world.list(View::All).await.rows[0].1.id;
    world.reply(id, "hello").await;
    world.clock.advance(HOUR);
    let claimed = world
        .store
        .outbox_claim(Timestamp(i64::MAX), None)
        .await
        .unwrap()
        .unwrap();
    let unknown = frontdesk::store::SendResult::Unknown {
        reason: "lost".to_owned(),
    };
    let row = claimed.row.out.id;
    world
        .store
        .outbox_finish(row, claimed.fence, unknown)
        .await
        .unwrap();
    assert_eq!(world.conversation(id).await.failures, 1);
    world.clock.advance(HOUR);
    let mut back = mail(1_002, "a@b.example", "Re: Lamp broke", "thank you");
    back.thread.in_reply_to = vec![claimed.row.out.reference.clone()];
    world.mail(back).await;
    let conversation = world.conversation(id).await;
    assert_eq!(conversation.failures, 0);
    assert!(conversation.waiting_since.is_some());
}

/// A message of a chat whose provider counts seconds and numbers messages.
fn chat(number: i64, at: Timestamp) -> NewMessage {
    let mut message = mail(number, "+15550100", "", &format!("line {number}"));
    message.channel = Channel::Sms;
    message.remote.key = format!("chat:{number}");
    message.thread = frontdesk::model::event::ThreadHints {
        thread: Some("chat".to_owned()),
        thread_decides: true,
        ..Default::default()
    };
    (message.sent_at, message.received_at) = (at, at);
    message
}

#[tokio::test]
async fn messages_of_one_second_keep_the_providers_order_however_they_are_read() {
    for turn in [[9, 10, 11, 12], [12, 11, 10, 9], [11, 9, 12, 10]] {
        let world = World::new().await;
        for number in turn {
            world.mail(chat(number, Timestamp(START))).await;
        }
        let row = world.list(View::Inbox).await.rows[0].1.clone();
        let bodies: Vec<String> = world
            .messages(row.id)
            .await
            .into_iter()
            .map(|message| message.body)
            .collect();
        assert_eq!(
            bodies,
            ["line 9", "line 10", "line 11", "line 12"],
            "{turn:?}"
        );
        assert_eq!(row.snippet, "line 12");
    }
}

#[tokio::test]
async fn who_writes_in_the_second_of_our_answer_waits() {
    let world = World::new().await;
    world.mail(chat(1, Timestamp(START))).await;
    let id = world.list(View::Inbox).await.rows[0].1.id;
    world.clock.advance(1_400);
    world.reply(id, "hello").await;
    assert_eq!(world.conversation(id).await.waiting_since, None);
    world.mail(chat(2, Timestamp(START + 1_000))).await;
    let conversation = world.conversation(id).await;
    assert_eq!(conversation.snippet, "line 2");
    assert!(conversation.waiting_since.is_some());
}
