//! A contact's name finds the contact's conversations: also calls, and messages that tell no name, and also where the
//! name comes later.

use crate::people::{chat, desk, merge, with};
use crate::world::*;
use frontdesk::model::{Channel, Command, ConversationId, Party};
use std::collections::BTreeSet;

const HANNAH: &str = "+15550009999";

/// The conversations that a search finds.
async fn found(world: &World, text: &str) -> BTreeSet<ConversationId> {
    let hits = world.search(text).await;
    hits.iter().map(|hit| hit.conversation.id).collect()
}

async fn named(world: &World, n: i64, channel: Channel, name: &str, address: &str) {
    let mut message = chat(n, channel, address, true);
    message.from = Party::named(address, name);
    world.mail(message).await;
}

#[tokio::test]
async fn a_call_is_found_by_the_name_that_another_channel_knows() {
    let world = desk().await;
    // The call comes first; the same number then writes by WhatsApp, with a name, and both providers vouch for it.
    world.mail(chat(1, Channel::Voice, HANNAH, true)).await;
    assert!(found(&world, "hannah").await.is_empty());
    named(&world, 2, Channel::Whatsapp, "Hannah Weiss", HANNAH).await;
    let call = with(&world, Channel::Voice, HANNAH).await;
    let written = with(&world, Channel::Whatsapp, HANNAH).await;
    assert_eq!(world.conversation(call).await.contact_name, "Hannah Weiss");
    assert_eq!(found(&world, "channel:voice hannah").await, [call].into());
    assert_eq!(found(&world, "weiss").await, [call, written].into());
    // By what it said and by the number as before, together with the name.
    assert_eq!(found(&world, "hannah \"message 1\"").await, [call].into());
    assert_eq!(found(&world, "15550009999").await, [call, written].into());
    // What comes after the name is found at once.
    world.mail(chat(3, Channel::Voice, HANNAH, true)).await;
    assert_eq!(found(&world, "hannah \"message 3\"").await, [call].into());
}

#[tokio::test]
async fn a_name_that_is_told_later_finds_what_was_sent_without_one() {
    let world = desk().await;
    world.mail(chat(1, Channel::Sms, HANNAH, false)).await;
    named(&world, 2, Channel::Sms, "Hannah", HANNAH).await;
    assert_eq!(world.search("hannah").await.len(), 2);
    // Who is called otherwise later is found by each name in what was sent under it, and by the last one in the rest.
    named(&world, 3, Channel::Sms, "Johanna", HANNAH).await;
    assert_eq!(world.search("hannah").await.len(), 1);
    assert_eq!(world.search("johanna").await.len(), 2);
}

#[tokio::test]
async fn a_merge_lends_the_name_and_a_split_takes_it_back() {
    let world = desk().await;
    named(&world, 1, Channel::Email, "Ana Duarte", "ana@far.example").await;
    named(&world, 2, Channel::Telegram, "annie", "4711").await;
    world.mail(chat(3, Channel::Voice, HANNAH, false)).await;
    let mail = with(&world, Channel::Email, "ana@far.example").await;
    let chatted = with(&world, Channel::Telegram, "4711").await;
    let call = with(&world, Channel::Voice, HANNAH).await;
    assert_eq!(found(&world, "duarte").await, [mail].into());
    merge(&world, mail, chatted).await;
    let outcome = merge(&world, mail, call).await;
    assert_eq!(found(&world, "duarte").await, [mail, chatted, call].into());
    assert_eq!(found(&world, "annie").await, [chatted].into());
    world
        .ok(Command::Undo {
            id: outcome.journal,
        })
        .await;
    assert_eq!(found(&world, "duarte").await, [mail, chatted].into());
}

#[tokio::test]
async fn a_conversation_that_we_begin_is_found_by_whom_it_is_with() {
    let world = World::new().await;
    world
        .mail(mail(1, "Ana Duarte <ana@far.example>", "Hello", "hi"))
        .await;
    let id = world.list(frontdesk::model::query::View::All).await.rows[0]
        .1
        .id;
    world.reply(id, "we are on it").await;
    let hits = world.search("\"on it\" ana").await;
    assert_eq!(hits.len(), 1, "{hits:?}");
}
