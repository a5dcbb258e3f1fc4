//! One customer, many channels: what is merged, what is only suggested, and that nothing is lost when it is taken apart.

use crate::world::*;
use frontdesk::model::event::{NewMessage, RemoteId};
use frontdesk::model::{
    Answer, Channel, Command, Contact, ConversationId, Event, IdentityId, Party, Query, Strength,
    Timestamp,
};
use std::collections::BTreeMap;

/// A message on any channel; the provider vouches for its sender, or not.
pub fn chat(n: i64, channel: Channel, from: &str, verified: bool) -> NewMessage {
    let remote = RemoteId {
        scope: channel.name().to_owned(),
        key: n.to_string(),
    };
    let at = Timestamp(START + n * 1_000);
    let mut message = NewMessage::inbound(remote, channel, Party::new(from), at);
    message.text = format!("message {n}");
    message.from_verified = verified;
    message.thread.thread = Some(format!("{}-{from}", channel.name()));
    message.thread.thread_decides = true;
    message
}

pub async fn desk() -> World {
    let channels = Channel::ALL.to_vec();
    World::with(frontdesk::store::AccountInfo { channels, ..info() }).await
}

/// The conversation with an address.
pub async fn with(world: &World, channel: Channel, address: &str) -> ConversationId {
    let page = world.list(frontdesk::model::query::View::All).await;
    let found = page
        .rows
        .iter()
        .find(|(_, c)| c.channel == channel && c.contact_address == address);
    found.unwrap_or_else(|| panic!("nobody at {address}")).1.id
}

async fn contact(world: &World, id: ConversationId) -> Contact {
    world.detail(id).await.contact
}

fn seen(a: &Contact, b: &Contact) -> Vec<IdentityId> {
    a.identities
        .iter()
        .chain(&b.identities)
        .map(|one| one.id)
        .collect()
}

pub async fn merge(
    world: &World,
    a: ConversationId,
    b: ConversationId,
) -> frontdesk::model::Outcome {
    let (a, b) = (contact(world, a).await, contact(world, b).await);
    let seen = seen(&a, &b);
    let command = Command::MergeContacts {
        a: a.id,
        b: b.id,
        seen,
    };
    world.ok(command).await
}

/// Everything about people that anybody can see: per conversation its person, name and addresses.
async fn people(world: &World) -> BTreeMap<ConversationId, (i64, String, Vec<String>, bool)> {
    let mut out = BTreeMap::new();
    for (_, c) in world.list(frontdesk::model::query::View::All).await.rows {
        let contact = contact(world, c.id).await;
        assert_eq!((contact.id, &contact.name), (c.contact, &c.contact_name));
        let addresses = contact.identities.iter();
        let addresses = addresses
            .map(|one| format!("{} {} {}", one.channel, one.address, one.opted_out))
            .collect();
        out.insert(c.id, (c.contact.0, c.contact_name, addresses, c.opted_out));
    }
    out
}

#[tokio::test]
async fn a_merge_shows_all_channels_and_taking_it_back_leaves_what_was() {
    let world = desk().await;
    world
        .mail(mail(1, "Vic@bank.example", "Card", "hello"))
        .await;
    let chat_message = chat(2, Channel::Whatsapp, "+15550009999", true);
    world.mail(chat_message).await;
    let mailed = with(&world, Channel::Email, "Vic@bank.example").await;
    let chatted = with(&world, Channel::Whatsapp, "+15550009999").await;
    let before = people(&world).await;
    let outcome = merge(&world, mailed, chatted).await;
    assert!(outcome.undoable && outcome.says.contains("one contact"));
    let both = contact(&world, chatted).await;
    assert_eq!(both.identities.len(), 2);
    assert_eq!(both.merges.len(), 1);
    assert_eq!(both, contact(&world, mailed).await);
    assert_eq!(world.detail(mailed).await.others.len(), 1);
    // A new message, a new conversation and a newer name come in, and something else is done meanwhile.
    world
        .mail(mail(3, "Vic@bank.example", "Another", "x"))
        .await;
    world
        .ok(Command::Note {
            conversation: mailed,
            body: "called".to_owned(),
        })
        .await;
    world
        .ok(Command::Undo {
            id: outcome.journal,
        })
        .await;
    let mut after = people(&world).await;
    let another = after.keys().max().copied().unwrap();
    assert_eq!(after.remove(&another).unwrap().0, before[&mailed].0);
    assert_eq!(after, before);
    assert!(
        world
            .store
            .journal_verify()
            .await
            .unwrap()
            .broken_at
            .is_none()
    );
}

#[tokio::test]
async fn merges_and_splits_in_any_order_end_where_the_edges_say() {
    for seed in 0..10 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (one, two) = (desk().await, desk().await);
        for world in [&one, &two] {
            for n in 0..6 {
                let from = format!("p{n}@b{n}.example");
                world
                    .mail(mail(n + 1, &from, &format!("Matter {n}"), "x"))
                    .await;
            }
        }
        let ids: Vec<ConversationId> = people(&one).await.into_keys().collect();
        let mut undoable = Vec::new();
        // The second world does only what stays in the first.
        let mut kept = Vec::new();
        for _ in 0..12 {
            let (a, b) = (*rng.choice(&ids).unwrap(), *rng.choice(&ids).unwrap());
            let (here, there) = (contact(&one, a).await, contact(&one, b).await);
            if here.id == there.id {
                continue;
            }
            let outcome = merge(&one, a, b).await;
            undoable.push((outcome.journal, (here.id, there.id), rng.bool()));
        }
        rng.shuffle(&mut undoable);
        for (journal, pair, stays) in undoable {
            if stays {
                kept.push(pair);
            } else {
                one.ok(Command::Undo { id: journal }).await;
            }
        }
        for (a, b) in kept {
            let command = Command::MergeContacts {
                a,
                b,
                seen: Vec::new(),
            };
            // An edge within what other edges connect already changes nothing.
            let _ = two.store.apply(&two.me, command).await;
        }
        assert_eq!(people(&one).await, people(&two).await, "seed {seed}");
    }
}

#[tokio::test]
async fn only_what_two_providers_vouch_for_merges_by_itself_and_not_again_once_undone() {
    let world = desk().await;
    world
        .mail(chat(1, Channel::Whatsapp, "+15550009999", true))
        .await;
    world
        .mail(chat(2, Channel::Sms, "+15550009999", false))
        .await;
    let (wa, sms) = (
        with(&world, Channel::Whatsapp, "+15550009999").await,
        with(&world, Channel::Sms, "+15550009999").await,
    );
    let claimed = contact(&world, wa).await;
    assert_eq!(claimed.identities.len(), 1);
    assert_eq!(claimed.suggestions.len(), 1);
    assert_eq!(claimed.suggestions[0].strength, Strength::Strong);
    assert!(claimed.suggestions[0].reasons[0].contains("only claimed on sms"));
    // The provider vouches for it after all.
    world
        .mail(chat(3, Channel::Sms, "+15550009999", true))
        .await;
    let merged = contact(&world, wa).await;
    assert_eq!(merged.identities.len(), 2);
    assert!(merged.merges[0].by_itself && merged.suggestions.is_empty());
    let merge = merged.merges[0].id;
    world.ok(Command::SplitContact { merge }).await;
    let again = world.refused(Command::SplitContact { merge }).await;
    assert!(again.to_string().contains("already"), "{again}");
    // Neither more messages nor a third channel that both are verified with join them again.
    world
        .mail(chat(4, Channel::Sms, "+15550009999", true))
        .await;
    world
        .mail(chat(5, Channel::Voice, "+15550009999", true))
        .await;
    let (wa_now, sms_now) = (contact(&world, wa).await, contact(&world, sms).await);
    assert_ne!(wa_now.id, sms_now.id);
    // Undoing the split is a person's word again.
    world.undo().await;
    assert_eq!(contact(&world, wa).await.id, contact(&world, sms).await.id);
}

#[tokio::test]
async fn a_refused_suggestion_stays_refused() {
    let world = desk().await;
    world.mail(mail(1, "vic@bank.example", "Card", "x")).await;
    world
        .mail(mail(2, "vic+shop@bank.example", "Order", "x"))
        .await;
    let (a, b) = (
        with(&world, Channel::Email, "vic@bank.example").await,
        with(&world, Channel::Email, "vic+shop@bank.example").await,
    );
    let (one, other) = (contact(&world, a).await, contact(&world, b).await);
    assert_eq!(one.suggestions[0].contact, other.id);
    assert_eq!(other.suggestions[0].strength, Strength::Weak);
    let refuse = Command::RefuseMerge {
        a: one.id,
        b: other.id,
    };
    world.ok(refuse.clone()).await;
    assert!(contact(&world, a).await.suggestions.is_empty());
    // Another reason for the same two brings it not back.
    let mut written = mail(
        3,
        "vic@bank.example",
        "Third",
        "My other one: vic+shop@bank.example",
    );
    written.from.name = Some("Vic Moss".to_owned());
    world.mail(written).await;
    assert!(contact(&world, a).await.suggestions.is_empty());
    assert!(contact(&world, b).await.suggestions.is_empty());
    assert!(world.refused(refuse).await.to_string().contains("already"));
    world.undo().await;
    assert_eq!(contact(&world, a).await.suggestions.len(), 1);
}

#[tokio::test]
async fn what_somebody_writes_is_a_weak_claim_in_either_order() {
    let world = desk().await;
    let first = mail(
        1,
        "vic@bank.example",
        "Card",
        "Hi\n-- \nVic\n+1 555 000-9999",
    );
    world.mail(first).await;
    world
        .mail(chat(2, Channel::Whatsapp, "+15550009999", true))
        .await;
    let last = mail(
        3,
        "mallory@evil.example",
        "Mine",
        "--\nVic\n+1 555 000 9999",
    );
    world.mail(last).await;
    let chatted = with(&world, Channel::Whatsapp, "+15550009999").await;
    let found = contact(&world, chatted).await;
    assert_eq!(found.identities.len(), 1);
    assert_eq!(found.suggestions.len(), 2);
    for one in &found.suggestions {
        assert_eq!(one.strength, Strength::Weak);
        assert!(one.reasons[0].contains("anybody can write that"));
    }
}

#[tokio::test]
async fn of_two_agents_one_wins_and_the_other_is_told() {
    let world = desk().await;
    for (n, from) in ["a@x.example", "b@y.example", "c@z.example"]
        .iter()
        .enumerate()
    {
        world
            .mail(mail(n as i64 + 1, from, &format!("M{n}"), "x"))
            .await;
    }
    let (a, b, c) = (
        with(&world, Channel::Email, "a@x.example").await,
        with(&world, Channel::Email, "b@y.example").await,
        with(&world, Channel::Email, "c@z.example").await,
    );
    let (one, two, three) = (
        contact(&world, a).await,
        contact(&world, b).await,
        contact(&world, c).await,
    );
    merge(&world, a, b).await;
    let late = Command::MergeContacts {
        a: two.id,
        b: three.id,
        seen: seen(&two, &three),
    };
    let told = world.refused(late).await.to_string();
    assert!(
        told.contains("mia merged it") && told.contains("look at both"),
        "{told}"
    );
    let twice = Command::MergeContacts {
        a: one.id,
        b: two.id,
        seen: Vec::new(),
    };
    assert!(world.refused(twice).await.to_string().contains("already"));
    world.undo().await;
    assert_eq!(contact(&world, b).await, two);
}

#[tokio::test]
async fn no_way_of_sending_gets_around_an_opt_out_after_a_merge_or_a_split() {
    let world = desk().await;
    world
        .mail(chat(1, Channel::Sms, "+15550009999", false))
        .await;
    world
        .mail(chat(2, Channel::Whatsapp, "+15550009999", true))
        .await;
    let (sms, wa) = (
        with(&world, Channel::Sms, "+15550009999").await,
        with(&world, Channel::Whatsapp, "+15550009999").await,
    );
    // Queued, then scheduled, before the customer leaves.
    let held = world.reply(sms, "we are on it").await.outbox.unwrap();
    let scheduled = {
        let mut later = queue(world.draft(sms, "and later").await);
        later.not_before = Some(Timestamp(START + 3_600_000));
        world
            .ok(Command::Queue(Box::new(later)))
            .await
            .outbox
            .unwrap()
    };
    let mut stop = chat(3, Channel::Sms, "+15550009999", false);
    stop.text = "STOP".to_owned();
    world.mail(stop).await;
    for step in 0..3 {
        match step {
            1 => drop(merge(&world, sms, wa).await),
            2 => drop(world.undo().await),
            _ => {}
        }
        assert!(world.conversation(sms).await.opted_out, "{step}");
        // The other channel of the same person is free.
        assert!(!world.conversation(wa).await.opted_out, "{step}");
        // A reply and a macro queue; so does a one-line verb.
        let draft = world.draft(sms, "hello").await;
        let said = world.refused(Command::Queue(Box::new(queue(draft)))).await;
        assert!(said.to_string().contains("opted out"), "{step}: {said}");
        // From the other conversation, by writing the number there.
        let mut aside = world.draft(wa, "hello").await;
        aside.channel = Channel::Sms;
        aside.conversation = None;
        let queued = Command::Queue(Box::new(queue(aside)));
        let said = world.refused(queued).await.to_string();
        assert!(said.contains("opted out"), "{step}: {said}");
        // What was held or scheduled stops when it is sent by hand, tried again, or claimed.
        for id in [held, scheduled] {
            for command in [Command::SendNow { id }, Command::RetrySend { id }] {
                let _ = world.store.apply(&world.me, command).await;
                let now = Timestamp(START + 60_000);
                let claimed = world.store.outbox_claim(now, None).await.unwrap();
                assert!(claimed.is_none(), "{step}: {claimed:?}");
            }
        }
    }
    for row in world.outbox().await {
        assert_eq!(row.state, frontdesk::model::OutboxState::Attention);
        assert!(row.reason.unwrap().contains("opted out"));
    }
    // On the other channel it leaves.
    world.reply(wa, "here you are").await;
}

#[tokio::test]
async fn mail_in_another_case_is_another_identity_but_an_opt_out_holds_for_both() {
    let world = desk().await;
    world.mail(mail(1, "vic@bank.example", "Card", "x")).await;
    world.mail(mail(2, "VIC@BANK.EXAMPLE", "Order", "x")).await;
    let small = with(&world, Channel::Email, "vic@bank.example").await;
    let large = with(&world, Channel::Email, "VIC@bank.example").await;
    assert_ne!(
        contact(&world, small).await.id,
        contact(&world, large).await.id
    );
    world
        .ingest(vec![Event::Consent {
            address: "Vic@Bank.Example.".to_owned(),
            channel: Channel::Email,
            opted_out: true,
            at: Timestamp(START + 9_000),
        }])
        .await;
    for id in [small, large] {
        assert!(world.conversation(id).await.opted_out);
        let draft = world.draft(id, "hello").await;
        world.refused(Command::Queue(Box::new(queue(draft)))).await;
    }
}

#[tokio::test]
async fn the_timeline_interleaves_all_conversations_page_by_page() {
    let world = desk().await;
    for n in 1..=40 {
        let channel = if n % 3 == 0 {
            Channel::Sms
        } else {
            Channel::Whatsapp
        };
        let mut message = chat(n, channel, "+15550009999", channel == Channel::Whatsapp);
        // Some at the same moment.
        message.received_at = Timestamp(START + (n / 4) * 1_000);
        message.sent_at = message.received_at;
        world.mail(message).await;
    }
    let (wa, sms) = (
        with(&world, Channel::Whatsapp, "+15550009999").await,
        with(&world, Channel::Sms, "+15550009999").await,
    );
    merge(&world, wa, sms).await;
    let page = |before, limit| Query::Messages {
        conversation: wa,
        before,
        limit,
        all_channels: true,
    };
    let messages = |answer| match answer {
        Answer::Messages(page) => page,
        other => panic!("{other:?}"),
    };
    let whole = messages(world.store.answer(page(None, 100)).await.unwrap());
    assert_eq!((whole.messages.len(), whole.older), (40, false));
    assert!(whole.messages.windows(2).all(|two| two[0].at <= two[1].at));
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = messages(world.store.answer(page(before, 7)).await.unwrap());
        before = page.messages.first().map(|message| message.id);
        let mut messages = page.messages;
        messages.append(&mut all);
        all = messages;
        if !page.older {
            break;
        }
    }
    assert_eq!(all, whole.messages);
}

#[tokio::test]
async fn an_older_mirror_goes_up_without_loss() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mirror.db");
    let sql = rusqlite::Connection::open(&path).unwrap();
    for schema in [
        include_str!("../../src/store/schema/001_begin.sql"),
        include_str!("../../src/store/schema/002_follow.sql"),
        include_str!("../../src/store/schema/003_heard_and_facts.sql"),
        include_str!("../../src/store/schema/004_order_and_goes_to.sql"),
        include_str!("../../src/store/schema/005_templates.sql"),
        include_str!("../../src/store/schema/006_heard_waiting.sql"),
    ] {
        sql.execute_batch(schema).unwrap();
    }
    sql.execute_batch(
        "INSERT INTO contact(id, name, since) VALUES (1, 'Ana', 1), (2, 'Vic', 1), (3, 'Vic', 1), (4, '+15550009999', 1);
         INSERT INTO identity(contact, channel, address, name, opted_out) VALUES
           (1, 'email', 'ana@b\u{fc}cher.example', 'Ana', 1), (2, 'email', 'vic@bank.example', 'Vic', 0),
           (3, 'email', 'vic@bank.example.', 'Vic', 1), (4, 'sms', '+15550009999', NULL, 0);
         PRAGMA application_id = 0x6664736b; PRAGMA user_version = 6; PRAGMA journal_mode = wal;",
    )
    .unwrap();
    drop(sql);
    let clock = frontdesk::model::time::ManualClock::at(Timestamp(START));
    drop(open(dir.path(), &clock));
    let sql = rusqlite::Connection::open(&path).unwrap();
    let rows: Vec<(String, i64, bool, Option<String>)> = sql
        .prepare("SELECT address, home, opted_out, likeness FROM identity ORDER BY id")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let like = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows,
        [
            (
                "ana@xn--bcher-kva.example".to_owned(),
                1,
                true,
                like("ana@xn--bcher-kva.example")
            ),
            // The opt-out of its other spelling holds.
            (
                "vic@bank.example".to_owned(),
                2,
                true,
                like("vic@bank.example")
            ),
            (
                "vic@bank.example.".to_owned(),
                3,
                true,
                like("vic@bank.example")
            ),
            ("+15550009999".to_owned(), 4, false, like("+15550009999")),
        ]
    );
}

#[tokio::test]
async fn a_new_address_is_compared_by_index() {
    let world = desk().await;
    let sql = world.sql();
    for query in [
        "SELECT home FROM identity i WHERE i.likeness = 'x' AND i.home <> 1 ORDER BY i.home LIMIT 8",
        "SELECT home FROM identity i WHERE i.kin = 'x' AND i.home <> 1 ORDER BY i.home LIMIT 8",
        "SELECT home FROM mention WHERE likeness = 'x' AND home <> 1",
        "SELECT b FROM clue WHERE a = 1 UNION ALL SELECT a FROM clue WHERE b = 1",
        "SELECT b FROM contact_merge WHERE a = 1 AND undone_at IS NULL",
        "SELECT a FROM contact_merge WHERE b = 1 AND undone_at IS NULL",
        "SELECT 1 FROM identity WHERE channel = 'sms' AND address = 'x' COLLATE NOCASE AND opted_out = 1",
    ] {
        let plan: Vec<String> = sql
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap()
            .query_map([], |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(
            plan.iter().all(|step| !step.starts_with("SCAN")),
            "{query}: {plan:?}"
        );
    }
}
