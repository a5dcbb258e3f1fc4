//! The checks.

use crate::mirror::Mirror;
use crate::support::mail::unique;
use crate::support::wait::PATIENCE;
use frontdesk::model::outgoing::{OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Clock, Cursor, DeliveryState, Direction, Event, NewMessage, OutboxId, OutboxState,
    Outgoing, Party, RemoteId, SystemClock, Timestamp,
};
use frontdesk::providers::{Provider, ProviderError, Reconciled, RemoteChange};
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Something that reached the customer.
#[derive(Debug, Clone)]
pub struct Received {
    pub text: String,
    /// Addresses that it names as its recipients.
    pub to: Vec<String>,
}

/// The customer of a provider, and the provider as one would open it.
pub trait OtherSide: Send + Sync {
    /// The account, as a program that was just started has it. Each call gives another one on the same account.
    fn open(&self) -> Arc<dyn Provider>;

    /// Who writes and gets answers.
    fn customer(&self) -> Party;

    /// The customer writes to the account.
    fn customer_writes(&self, text: &str);

    /// Everything with the marker in its text that reached the customer.
    fn customer_has(&self, marker: &str) -> Vec<Received>;

    /// News must be in the mirror so soon after the customer's side let go of it.
    fn soon(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// A word that no other test uses, in letters that survive every encoding.
fn marker() -> String {
    format!("mark{}", unique())
}

async fn pull_all(
    provider: &dyn Provider,
    from: Option<Cursor>,
) -> (BTreeMap<RemoteId, NewMessage>, Cursor) {
    let (mut found, mut cursor) = (BTreeMap::new(), from.clone());
    for _ in 0..1_000 {
        let batch = provider.pull(cursor.clone()).await.unwrap();
        for event in batch.events {
            if let Event::Message(message) = event {
                found.insert(message.remote.clone(), *message);
            }
        }
        if from.is_none() {
            assert!(
                batch.cursor.is_some(),
                "the first read says after every batch where to go on"
            );
        }
        cursor = batch.cursor.or(cursor);
        if !batch.more {
            return (found, cursor.unwrap());
        }
    }
    panic!("the first read never ends");
}

/// The customer writes, and it has come as far as the provider's feed.
async fn written(side: &dyn OtherSide, from: Option<Cursor>) -> (String, NewMessage) {
    let mark = marker();
    side.customer_writes(&format!("Hello {mark} there"));
    let provider = side.open();
    let end = Instant::now() + PATIENCE;
    loop {
        let (found, _) = pull_all(provider.as_ref(), from.clone()).await;
        if let Some(message) = found.into_values().find(|one| one.text.contains(&mark)) {
            return (mark, message);
        }
        assert!(Instant::now() < end, "what the customer wrote never came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn outgoing(provider: &dyn Provider, to: Party, body: &str) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("conformance"),
        channel: provider.capabilities().channels[0],
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![to],
            ..Recipients::default()
        },
        subject: if provider.capabilities().subject {
            "Re: A question".to_owned()
        } else {
            String::new()
        },
        body: body.to_owned(),
        attachments: Vec::new(),
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: provider.new_reference(),
        queued_at: SystemClock.now(),
        author: "nina".to_owned(),
        template: None,
        proposal: None,
    }
}

pub async fn what_it_can_do_makes_sense(side: &dyn OtherSide) {
    let provider = side.open();
    let can = provider.capabilities();
    assert_eq!(
        can,
        side.open().capabilities(),
        "it does not depend on when it is asked"
    );
    assert!(
        !provider.name().is_empty()
            && provider
                .name()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-')
    );
    assert!(!can.channels.is_empty());
    let unique: BTreeSet<_> = can.channels.iter().map(|channel| channel.name()).collect();
    assert_eq!(unique.len(), can.channels.len(), "{:?}", can.channels);
    assert_ne!(can.text_limit, Some(0));
    assert_ne!(can.reply_window, Some(Duration::ZERO));
    assert_ne!(can.idempotent_for, Some(Duration::ZERO));
    assert!(can.hold <= Duration::from_hours(1), "{:?}", can.hold);
    assert!(!can.read || can.delivered, "what is read was delivered");
    assert!(!can.copies || can.subject, "only letters have copies");
    let own: Vec<String> = provider
        .own_addresses()
        .into_iter()
        .map(|party| party.address)
        .collect();
    assert!(!own.is_empty());
    let customer = side.customer();
    assert!(!own.contains(&customer.address));
    let (sender, why) = provider.sender_for(&[customer]).expect("somebody sends");
    assert!(
        own.contains(&sender.address),
        "{sender:?} is not among {own:?}"
    );
    assert!(!why.is_empty());
    assert_eq!(provider.subscribe(None).is_some(), can.push);
}

pub async fn the_first_read_ends_and_a_second_brings_nothing(side: &dyn OtherSide) {
    let mut marks = Vec::new();
    for _ in 0..3 {
        marks.push(written(side, None).await.0);
    }
    let provider = side.open();
    let (found, cursor) = pull_all(provider.as_ref(), None).await;
    for mark in &marks {
        let here: Vec<_> = found
            .values()
            .filter(|one| one.text.contains(mark))
            .collect();
        assert_eq!(here.len(), 1, "{mark}");
        assert_eq!(here[0].direction, Direction::Inbound);
        assert!(
            here[0]
                .from
                .address
                .eq_ignore_ascii_case(&side.customer().address)
        );
        assert!(!here[0].raw.is_empty(), "the bytes of the wire are kept");
        assert!(here[0].received_at > Timestamp(0));
    }
    for provider in [provider, side.open()] {
        let (again, _) = pull_all(provider.as_ref(), Some(cursor.clone())).await;
        let new: Vec<_> = again
            .keys()
            .filter(|remote| !found.contains_key(remote))
            .collect();
        assert!(new.is_empty(), "{new:?}");
    }
}

pub async fn reading_from_one_place_twice_gives_the_same(side: &dyn OtherSide) {
    written(side, None).await;
    let ids = |found: BTreeMap<RemoteId, NewMessage>| -> BTreeMap<RemoteId, String> {
        found
            .into_iter()
            .map(|(remote, message)| (remote, message.dedupe))
            .collect()
    };
    let provider = side.open();
    let (first, cursor) = pull_all(provider.as_ref(), None).await;
    let (second, _) = pull_all(side.open().as_ref(), None).await;
    assert_eq!(ids(first), ids(second));
    // What was read and lost before it was stored comes again.
    let (mark, message) = written(side, Some(cursor.clone())).await;
    let (once, _) = pull_all(provider.as_ref(), Some(cursor.clone())).await;
    let (twice, _) = pull_all(side.open().as_ref(), Some(cursor)).await;
    assert!(
        once.get(&message.remote)
            .is_some_and(|one| one.text.contains(&mark))
    );
    assert_eq!(ids(once), ids(twice));
}

pub async fn everything_that_is_there_is_in_the_mirror(side: &dyn OtherSide) {
    written(side, None).await;
    let provider = side.open();
    let mirror = Mirror::new(provider.as_ref()).await;
    assert!(mirror.catch_up(provider.as_ref()).await > 0);
    written(side, None).await;
    mirror.catch_up(provider.as_ref()).await;
    let mut there = 0;
    for feed in provider.inventory().await.unwrap() {
        there += feed.keys.len();
        let missing = mirror
            .store
            .compare(&mirror.account, &feed.scope, feed.keys)
            .await
            .unwrap();
        assert!(missing.is_empty(), "{}: {missing:?}", feed.scope);
    }
    assert!(there >= 2, "an inventory tells of everything");
    let ledger = mirror.store.ledger(Some(&mirror.account)).await.unwrap();
    assert!(!ledger.is_empty());
    for row in ledger {
        assert!(row.gaps.is_empty(), "{row:?}");
    }
}

pub async fn news_comes_by_itself_and_is_one_row(side: &dyn OtherSide) {
    let provider = side.open();
    let mirror = Mirror::new(provider.as_ref()).await;
    mirror.catch_up(provider.as_ref()).await;
    let cursor = mirror.store.cursor(&mirror.account).await.unwrap();
    if let Some(mut stream) = provider.subscribe(cursor) {
        // The first one may be what the stream begins with; the later ones it must tell of.
        for _ in 0..3 {
            let mark = marker();
            side.customer_writes(&format!("Anybody? {mark}"));
            let wrote = Instant::now();
            while mirror.with(&mark).await.is_empty() {
                let left = side.soon().saturating_sub(wrote.elapsed());
                let item = tokio::time::timeout(left, stream.next()).await;
                let batch = item
                    .expect("news comes soon")
                    .expect("the stream goes on")
                    .unwrap();
                if batch.events.is_empty() && batch.cursor.is_none() {
                    mirror.catch_up(provider.as_ref()).await;
                } else {
                    mirror.take(batch).await;
                }
            }
            assert_eq!(mirror.read_all_again(side.open().as_ref()).await, 0);
            assert_eq!(
                mirror.with(&mark).await.len(),
                1,
                "seen both ways it is one row"
            );
        }
    }
    let mark = marker();
    side.customer_writes(&format!("Still there? {mark}"));
    let wrote = Instant::now();
    while mirror.with(&mark).await.is_empty() {
        assert!(wrote.elapsed() < side.soon(), "a pull brings what is there");
        mirror.catch_up(provider.as_ref()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(mirror.with(&mark).await.len(), 1);
}

pub async fn an_answer_arrives_once_and_is_one_row(side: &dyn OtherSide) {
    let (mark, _) = written(side, None).await;
    let provider = side.open();
    let mirror = Mirror::new(provider.as_ref()).await;
    mirror.catch_up(provider.as_ref()).await;
    let conversation = mirror.with(&mark).await[0].conversation;
    let answer = marker();
    let body = format!("Yes, {answer}: tomorrow at 10.");
    let id = mirror.answer(provider.as_ref(), conversation, &body).await;
    let row = mirror.send_due(&provider, id).await;
    assert_eq!(row.state, OutboxState::Sent, "{row:?}");
    let end = Instant::now() + PATIENCE;
    while side.customer_has(&answer).is_empty() {
        assert!(Instant::now() < end, "it never arrived");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Whatever the provider tells of it, by news or to one who reads all again, it stays the row of the outbox.
    mirror.catch_up(provider.as_ref()).await;
    mirror.read_all_again(side.open().as_ref()).await;
    let rows = mirror.with(&answer).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(
        (rows[0].direction, rows[0].outbox),
        (Direction::Outbound, Some(id))
    );
    assert_eq!(rows[0].conversation, conversation);
    let delivery = rows[0].delivery.clone().unwrap();
    assert!(
        (DeliveryState::Sent..=DeliveryState::Read).contains(&delivery.state),
        "{delivery:?}"
    );
    // What is due next is nothing, and nothing leaves a second time.
    mirror.send_due(&side.open(), id).await;
    let got = side.customer_has(&answer);
    assert_eq!(got.len(), 1, "{got:?}");
    assert!(got[0].text.contains(&body), "{:?}", got[0].text);
    assert_eq!(got[0].to, [side.customer().address]);
}

pub async fn what_was_sent_is_never_called_absent(side: &dyn OtherSide) {
    let provider = side.open();
    let look_up = provider.capabilities().look_up;
    let mark = marker();
    let sent = outgoing(
        provider.as_ref(),
        side.customer(),
        &format!("It is on its way, {mark}."),
    );
    provider.send(&sent).await.unwrap();
    let never = outgoing(provider.as_ref(), side.customer(), "This never leaves.");
    for provider in [provider, side.open()] {
        let found = provider.reconcile(&sent).await.unwrap();
        match found {
            Reconciled::Found(_) => {}
            Reconciled::CannotTell => assert!(!look_up, "it said that it can look it up"),
            Reconciled::Absent | Reconciled::Unlisted { .. } => panic!("it was sent"),
        }
        let found = provider.reconcile(&never).await.unwrap();
        assert!(!matches!(found, Reconciled::Found(_)), "{found:?}");
    }
}

pub async fn flags_can_be_told_or_it_says_that_they_cannot(side: &dyn OtherSide) {
    let (_, message) = written(side, None).await;
    let change = |remote: &RemoteId, on| RemoteChange::Flags {
        remote: remote.clone(),
        seen: Some(on),
        answered: None,
        flagged: Some(on),
        junk: None,
    };
    let provider = side.open();
    for on in [true, true, false] {
        let told = provider.push(&change(&message.remote, on)).await;
        assert!(
            matches!(told, Ok(()) | Err(ProviderError::Unsupported(_))),
            "{told:?}"
        );
    }
    // A place that is no place any more must not hold up the other changes.
    let nowhere = RemoteId {
        scope: message.remote.scope.clone(),
        key: "nowhere".to_owned(),
    };
    let told = provider.push(&change(&nowhere, true)).await;
    let fits = matches!(
        told,
        Ok(())
            | Err(ProviderError::Unsupported(_)
                | ProviderError::Rejected {
                    permanent: true,
                    ..
                })
    );
    assert!(fits, "{told:?}");
}

pub async fn reading_back_ends_and_brings_nothing_twice(side: &dyn OtherSide) {
    written(side, None).await;
    let provider = side.open();
    let mirror = Mirror::new(provider.as_ref()).await;
    mirror.catch_up(provider.as_ref()).await;
    let until = SystemClock.now() - 30 * frontdesk::model::time::DAY;
    let mut cursor = None;
    for _ in 0..1_000 {
        let batch = provider.backfill(until, cursor).await.unwrap();
        let more = batch.more;
        cursor = batch.cursor.clone();
        let done = mirror
            .store
            .ingest_backfill(&mirror.account, batch)
            .await
            .unwrap();
        assert_eq!(done.new, 0);
        if !more {
            return;
        }
        assert!(
            cursor.is_some(),
            "a batch that is not the last says where to go on"
        );
    }
    panic!("there is always more");
}

pub async fn a_probe_of_what_works_says_so(side: &dyn OtherSide) {
    let health = side.open().probe().await.unwrap();
    assert!(health.ok(), "{health:?}");
    assert!(!health.checks.is_empty());
    for check in health.checks {
        assert!(
            !check.name.is_empty() && !check.says.is_empty(),
            "{check:?}"
        );
    }
}

pub async fn references_are_unique(side: &dyn OtherSide) {
    let providers = [side.open(), side.open()];
    let mut seen = BTreeSet::new();
    for round in 0..5_000 {
        let reference = providers[round % 2].new_reference();
        let plain = reference
            .chars()
            .all(|c| c.is_ascii_graphic() && c != '<' && c != '>');
        assert!(plain && reference.len() >= 16, "{reference}");
        assert!(seen.insert(reference));
    }
}
