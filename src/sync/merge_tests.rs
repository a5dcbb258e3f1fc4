use super::*;
use crate::model::event::BouncedRecipient;
use proptest::prelude::*;

const T: Timestamp = Timestamp(1_700_000_000_000);

fn told(state: DeliveryState, at: i64, detail: Option<&str>) -> Delivery {
    Delivery {
        state,
        at: Timestamp(at),
        detail: detail.map(str::to_owned),
    }
}

const STATES: [DeliveryState; 6] = [
    DeliveryState::Pending,
    DeliveryState::Unknown,
    DeliveryState::Sent,
    DeliveryState::Delivered,
    DeliveryState::Read,
    DeliveryState::Failed,
];

#[test]
fn a_rank_never_goes_down() {
    for known in STATES {
        for report in STATES {
            let after = delivery(Some(&told(known, 5, None)), told(report, 9, Some("x")));
            assert_eq!(after.state, known.max(report));
        }
    }
    let same = delivery(
        Some(&told(DeliveryState::Sent, 5, None)),
        told(DeliveryState::Sent, 3, Some("ok")),
    );
    assert_eq!(same, told(DeliveryState::Sent, 3, Some("ok")));
}

fn fullness(readable: u8, raw: bool, attachments: usize, text: usize) -> Fullness {
    Fullness {
        readable,
        raw,
        attachments,
        fetched: 0,
        text,
    }
}

#[test]
fn the_fuller_report_is_kept() {
    let push = fullness(2, false, 0, 40);
    let poll = fullness(2, true, 1, 40);
    for (stored, edited, report, want) in [
        (push, false, poll, Second::Replace),
        (poll, false, push, Second::Keep),
        (poll, false, poll, Second::Keep),
        (push, true, poll, Second::Keep),
        (fullness(0, true, 9, 900), false, push, Second::Replace),
    ] {
        assert_eq!(second_report(stored, edited, report), want);
    }
    assert!(edit_wins(None, (T, "a")));
    assert!(edit_wins(Some((T, "a")), (T + 1, "a")));
    assert!(!edit_wins(Some((T + 1, "a")), (T, "b")));
    assert!(!edit_wins(Some((T, "a")), (T, "a")));
}

#[test]
fn clocks_are_believed_within_reason() {
    use Direction::{Inbound, Outbound};
    let zero = Timestamp(0);
    for (direction, sent, received, want) in [
        (Inbound, T - DAY, T, T),
        (Inbound, T + DAY, T, T),
        (Inbound, T - 5, zero, T - 5),
        (Inbound, T + 300 * DAY, zero, T),
        (Inbound, T, T + 300 * DAY, T),
        (Inbound, zero, zero, T),
        (Outbound, T - 9, T, T - 9),
        (Outbound, T - 9, zero, T - 9),
        (Outbound, T - 9, T - DAY, T - DAY),
        (Outbound, zero, T - 1, T - 1),
    ] {
        assert_eq!(
            order_key(direction, sent, received, T),
            want,
            "{sent:?} {received:?}"
        );
    }
}

fn candidate(id: i64, found: FoundBy, same_sender: bool, age: i64) -> Candidate {
    Candidate {
        conversation: ConversationId(id),
        found,
        same_sender,
        last_at: T - age,
    }
}

fn hints(in_reply_to: &[&str], references: &[&str]) -> ThreadHints {
    let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    ThreadHints {
        in_reply_to: own(in_reply_to),
        references: own(references),
        ..ThreadHints::default()
    }
}

/// Name, hints, base subject, candidates, the conversation wanted, and by what.
type Row = (
    &'static str,
    ThreadHints,
    &'static str,
    Vec<Candidate>,
    Option<i64>,
    &'static str,
);

#[test]
fn threading_goes_by_the_strongest_proof() {
    let by = |by: &str, id: &str| format!("{by}:{id}");
    let show = |threaded: &ThreadedBy| match threaded {
        ThreadedBy::OwnReference { id } => by("own", id),
        ThreadedBy::References { id } => by("ref", id),
        ThreadedBy::Provider { id } => by("provider", id),
        ThreadedBy::Subject { base } => by("subject", base),
        ThreadedBy::First => "first".to_owned(),
        ThreadedBy::Agent => "agent".to_owned(),
    };
    let own = |id: &str| FoundBy::OwnReference(id.to_owned());
    let reference = |id: &str| FoundBy::Reference(id.to_owned());
    let provider = |id: &str| FoundBy::Provider(id.to_owned());
    let subject = |base: &str| FoundBy::Subject(base.to_owned());
    let chat = ThreadHints {
        thread: Some("c1".to_owned()),
        thread_decides: true,
        ..hints(&["a"], &[])
    };
    let gmail = ThreadHints {
        thread: Some("t9".to_owned()),
        ..ThreadHints::default()
    };
    let topic = "AC not cooling";
    let rows: Vec<Row> = vec![
        ("nothing", hints(&[], &[]), topic, vec![], None, "first"),
        (
            "own beats a nearer reference",
            hints(&[], &["mine", "theirs"]),
            topic,
            vec![
                candidate(1, reference("theirs"), true, 0),
                candidate(2, own("mine"), true, 9),
            ],
            Some(2),
            "own:mine",
        ),
        (
            "nearest reference first",
            hints(&[], &["far", "near"]),
            topic,
            vec![
                candidate(1, reference("far"), true, 0),
                candidate(2, reference("near"), true, 9),
            ],
            Some(2),
            "ref:near",
        ),
        (
            "in-reply-to is nearest",
            hints(&["parent"], &["far", "near"]),
            topic,
            vec![
                candidate(1, reference("near"), true, 0),
                candidate(2, reference("parent"), false, 9),
            ],
            Some(2),
            "ref:parent",
        ),
        (
            "a chat decides alone",
            chat.clone(),
            "",
            vec![
                candidate(1, own("a"), true, 0),
                candidate(2, provider("c1"), true, 400 * DAY),
            ],
            Some(2),
            "provider:c1",
        ),
        (
            "a new chat",
            chat,
            topic,
            vec![candidate(1, subject(topic), true, 0)],
            None,
            "first",
        ),
        (
            "a mail provider's thread is a hint",
            gmail.clone(),
            "",
            vec![candidate(1, provider("t9"), true, 0)],
            Some(1),
            "provider:t9",
        ),
        (
            "but not across people",
            gmail,
            topic,
            vec![candidate(1, provider("t9"), false, 0)],
            None,
            "first",
        ),
        (
            "subject, same sender, recent",
            hints(&[], &[]),
            topic,
            vec![
                candidate(1, subject(topic), true, DAY),
                candidate(2, subject(topic), true, 2 * DAY),
            ],
            Some(1),
            "subject:AC not cooling",
        ),
        (
            "other sender",
            hints(&[], &[]),
            topic,
            vec![candidate(1, subject(topic), false, DAY)],
            None,
            "first",
        ),
        (
            "too old",
            hints(&[], &[]),
            topic,
            vec![candidate(1, subject(topic), true, 30 * DAY)],
            None,
            "first",
        ),
        (
            "unknown references forbid a join by subject",
            hints(&[], &["lost"]),
            topic,
            vec![candidate(1, subject(topic), true, DAY)],
            None,
            "first",
        ),
        (
            "generic",
            hints(&[], &[]),
            "Help",
            vec![candidate(1, subject("Help"), true, 0)],
            None,
            "first",
        ),
        (
            "empty",
            hints(&[], &[]),
            "",
            vec![candidate(1, subject(""), true, 0)],
            None,
            "first",
        ),
    ];
    for (name, hints, base, mut candidates, want, why) in rows {
        for _ in 0..2 {
            let (conversation, threaded) = decide_thread(&hints, base, T, &candidates);
            assert_eq!(conversation, want.map(ConversationId), "{name}");
            assert_eq!(show(&threaded), why, "{name}");
            candidates.reverse();
        }
    }
}

#[test]
fn endless_references_are_cut() {
    let ids: Vec<String> = (0..10_000).map(|n| format!("id{n}")).collect();
    let hints = ThreadHints {
        references: ids,
        in_reply_to: vec!["id9999".to_owned(), String::new()],
        ..ThreadHints::default()
    };
    let near = nearest_first(&hints);
    assert_eq!(near.len(), MAX_REFERENCES);
    assert_eq!((near[0], near[1]), ("id9999", "id9998"));
    assert_eq!(near.last(), Some(&"id0"));
}

#[test]
fn who_comes_back() {
    use ComesBack::{Reopens, Stays, Wakes};
    use MessageKind::{AutoReply, Bounce, Bulk, Normal, ReadReceipt};
    for (status, muted, wake, kind, want) in [
        (Status::Resolved, false, false, Normal, Reopens),
        (Status::Resolved, true, false, Normal, Stays),
        (Status::Resolved, false, true, AutoReply, Stays),
        (Status::Resolved, false, true, Bounce, Stays),
        (Status::Resolved, false, true, Bulk, Stays),
        (Status::Resolved, false, true, ReadReceipt, Stays),
        (Status::Snoozed, false, true, Normal, Wakes),
        (Status::Snoozed, false, false, Normal, Stays),
        (Status::Snoozed, true, true, Normal, Stays),
        (Status::Spam, false, true, Normal, Stays),
        (Status::Open, false, true, Normal, Stays),
    ] {
        let standing = Standing {
            status,
            muted,
            wake_on_reply: wake,
        };
        assert_eq!(comes_back(standing, kind), want, "{standing:?} {kind:?}");
    }
}

#[test]
fn who_waits() {
    use MessageKind::{AutoReply, Normal};
    let in_ = waiting_after_inbound;
    assert_eq!(in_(None, Normal, T, None), Some(T));
    assert_eq!(in_(Some(T), Normal, T + 5, None), Some(T));
    assert_eq!(in_(Some(T), Normal, T - 5, None), Some(T - 5));
    assert_eq!(in_(None, AutoReply, T, None), None);
    assert_eq!(in_(None, Normal, T, Some(T)), None);
    assert_eq!(in_(None, Normal, T + 1, Some(T)), Some(T + 1));
    assert_eq!(waiting_after_outbound(Some(T), T + 9, None), None);
    assert_eq!(
        waiting_after_outbound(Some(T), T + 9, Some(T + 20)),
        Some(T + 20)
    );
    assert_eq!(waiting_after_outbound(Some(T), T - 9, None), Some(T));
    assert_eq!(waiting_after_outbound(None, T, None), None);
}

#[test]
fn bounces_are_about_people_we_wrote_to() {
    let recipient = |address: &str, action: &str| BouncedRecipient {
        address: address.to_owned(),
        action: action.to_owned(),
        status: "5.1.1".to_owned(),
        diagnostic: "smtp; 550 no such user".to_owned(),
    };
    let info = |recipients: Vec<BouncedRecipient>| BounceInfo {
        original_message_id: Some("own@desk".to_owned()),
        recipients,
    };
    let to = ["ana@example.org"];
    let failed = bounce(&info(vec![recipient("Ana@Example.org", "failed")]), &to, T).unwrap();
    assert_eq!(failed.delivery.state, DeliveryState::Failed);
    assert_eq!(
        failed.delivery.detail.as_deref(),
        Some("Ana@Example.org: 5.1.1 smtp; 550 no such user")
    );
    assert!(failed.reopens);
    let late = bounce(&info(vec![recipient("ana@example.org", "delayed")]), &to, T).unwrap();
    assert_eq!(
        (late.delivery.state, late.reopens),
        (DeliveryState::Sent, false)
    );
    let there = bounce(
        &info(vec![recipient("ana@example.org", "delivered")]),
        &to,
        T,
    )
    .unwrap();
    assert_eq!(there.delivery.state, DeliveryState::Delivered);
    assert_eq!(
        bounce(&info(vec![recipient("eve@example.org", "failed")]), &to, T),
        None
    );
    assert_eq!(
        bounce(&info(vec![recipient("ana@example.org", "relayed")]), &to, T),
        None
    );
    assert_eq!(bounce(&info(vec![]), &to, T), None);
}

proptest! {
    #[test]
    fn delivery_reports_commute(
        reports in proptest::collection::vec((0..STATES.len(), 0i64..50, proptest::option::of("[a-c]{1,3}")), 1..12),
        seed in any::<prop::sample::Index>(),
    ) {
        let apply = |reports: &[(usize, i64, Option<String>)]| {
            reports.iter().fold(None, |known: Option<Delivery>, (state, at, detail)| {
                Some(delivery(known.as_ref(), told(STATES[*state], *at, detail.as_deref())))
            })
        };
        let mut turned = reports.clone();
        turned.rotate_left(seed.index(reports.len()));
        let mut back = reports.clone();
        back.reverse();
        let twice: Vec<_> = reports.iter().chain(&reports).cloned().collect();
        prop_assert_eq!(apply(&reports), apply(&turned));
        prop_assert_eq!(apply(&reports), apply(&back));
        prop_assert_eq!(apply(&reports), apply(&twice));
    }

    /// Waiting, told message by message in any order, equals the definition over the whole set.
    #[test]
    fn waiting_does_not_depend_on_order(messages in proptest::collection::vec((any::<bool>(), 1i64..40), 1..14)) {
        let mut seen: Vec<(bool, i64)> = Vec::new();
        let mut waiting = None;
        for (inbound, at) in messages {
            seen.push((inbound, at));
            let last_out = seen.iter().filter(|m| !m.0).map(|m| m.1).max();
            if inbound {
                waiting = waiting_after_inbound(waiting, MessageKind::Normal, Timestamp(at), last_out.map(Timestamp));
            } else {
                let next = seen.iter().filter(|m| m.0 && m.1 > at && Some(m.1) > last_out).map(|m| m.1).min();
                waiting = waiting_after_outbound(waiting, Timestamp(at), next.map(Timestamp));
            }
            let defined = seen.iter().filter(|m| m.0 && last_out.is_none_or(|out| m.1 > out)).map(|m| Timestamp(m.1)).min();
            prop_assert_eq!(waiting, defined);
        }
    }
}

#[test]
fn a_place_is_the_number_at_the_end_of_an_id() {
    for (key, place) in [
        ("chat:17", 17),
        ("1:42", 42),
        ("42", 42),
        ("", 0),
        ("chat:", 0),
        ("SM0a12", 0),
        ("wamid.HBg7", 0),
        ("x:99999999999999999999999", 0),
        ("café7", 0),
        ("a-7", 7),
    ] {
        let remote = crate::model::event::RemoteId {
            scope: String::new(),
            key: key.to_owned(),
        };
        assert_eq!(place_of(&remote), place, "{key}");
    }
}
