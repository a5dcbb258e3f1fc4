//! Templates: what was seen is what leaves, and nothing else does where the window is closed.

use crate::world::{START, World, hash, queue};
use frontdesk::model::command::Refusal;
use frontdesk::model::event::{NewMessage, RemoteId};
use frontdesk::model::time::{DAY, HOUR};
use frontdesk::model::{
    Answer, Channel, Command, ConversationId, Draft, OutboxState, Party, Place, Query, Template,
    TemplateDraft, TemplateList, TemplateStatus, Timestamp,
};
use frontdesk::store::AccountInfo;

fn template(name: &str, body: &str) -> Template {
    Template {
        id: name.to_owned(),
        name: name.to_owned(),
        language: "en_US".to_owned(),
        channel: Channel::Whatsapp,
        category: "UTILITY".to_owned(),
        status: TemplateStatus::Approved,
        body: body.to_owned(),
        places: vec![Place {
            name: "1".to_owned(),
            example: None,
        }],
    }
}

/// A customer who wrote on WhatsApp two days ago, and three templates.
pub async fn world() -> (World, ConversationId) {
    let world = World::with(AccountInfo {
        channels: vec![Channel::Whatsapp],
        reply_window_ms: Some(DAY),
        ..crate::world::info()
    })
    .await;
    let remote = RemoteId {
        scope: "messages".to_owned(),
        key: "wamid.1".to_owned(),
    };
    let from = Party::named("+15551234567", "Ana Ramos");
    let at = Timestamp(START - 2 * DAY);
    let mut message = NewMessage::inbound(remote, Channel::Whatsapp, from, at);
    message.text = "Is it ready?".to_owned();
    world.mail(message).await;
    let mut waiting = template("waiting", "Wait {{1}}");
    waiting.status = TemplateStatus::Other("PENDING".to_owned());
    let all = vec![
        waiting,
        template("ready", "Hi {{1}}, it is ready."),
        template("bad\u{1b}[2J", "x"),
    ];
    world
        .store
        .put_templates(&world.account, Ok(all))
        .await
        .unwrap();
    let id = world.list(frontdesk::model::query::View::All).await.rows[0]
        .1
        .id;
    (world, id)
}

async fn list(world: &World) -> TemplateList {
    let query = Query::Templates {
        account: world.account.clone(),
        channel: Channel::Whatsapp,
    };
    match world.store.answer(query).await.unwrap() {
        Answer::Templates(list) => list,
        other => panic!("{other:?}"),
    }
}

pub async fn filled(world: &World, id: ConversationId, name: &str) -> Draft {
    let all = list(world).await.templates;
    let template = all.into_iter().find(|one| one.name == name).unwrap();
    let mut used = TemplateDraft::new(template, None, "mia");
    "Ana".clone_into(&mut used.values[0].1);
    let mut draft = world.draft(id, &used.text()).await;
    draft.template = Some(Box::new(used));
    draft
}

pub fn queued(draft: Draft) -> Command {
    let mut queue = queue(draft);
    queue.hash = queue.draft.content_hash();
    Command::Queue(Box::new(queue))
}

#[tokio::test]
async fn a_closed_window_takes_a_template_and_no_free_text() {
    let (world, id) = world().await;
    let known = list(&world).await;
    let names: Vec<&str> = known
        .templates
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["ready", "waiting"],
        "what cannot be named is left out"
    );
    assert_eq!((known.read_at, known.error), (Some(Timestamp(START)), None));
    let free = world.draft(id, "It is ready").await;
    let refused = world.refused(Command::Queue(Box::new(queue(free)))).await;
    assert!(matches!(
        refused,
        Refusal::WindowClosed { template: true, .. }
    ));
    assert!(refused.to_string().contains("pick one with t"), "{refused}");

    let draft = filled(&world, id, "ready").await;
    assert_ne!(
        draft.content_hash(),
        hash(&draft),
        "the template is part of what was seen"
    );
    let outcome = world.ok(queued(draft.clone())).await;
    world.clock.advance(8_001);
    let now = Timestamp(START + 8_001);
    let claimed = world.store.outbox_claim(now, None).await.unwrap().unwrap();
    assert_eq!(Some(claimed.row.out.id), outcome.outbox);
    assert_eq!(
        claimed.row.out.template,
        draft.template.map(|used| used.filled())
    );
    assert_eq!(claimed.row.out.body, "Hi Ana, it is ready.");
    let said = world.messages(id).await.pop().unwrap();
    assert_eq!(said.body, "Hi Ana, it is ready.");
}

#[tokio::test]
async fn what_is_not_as_it_was_seen_is_refused_in_words() {
    let (world, id) = world().await;
    let good = filled(&world, id, "ready").await;
    let says = async |change: &dyn Fn(&mut Draft)| {
        let mut draft = good.clone();
        change(&mut draft);
        if let Some(used) = &draft.template
            && draft.body == good.body
        {
            draft.body = used.text();
        }
        world.refused(queued(draft)).await.to_string()
    };
    let used = |draft: &mut Draft, change: &dyn Fn(&mut TemplateDraft)| {
        change(draft.template.as_mut().unwrap());
    };
    let empty = says(&|draft| used(draft, &|used| used.values[0].1.clear())).await;
    assert!(empty.contains("1 has no value"), "{empty}");
    let other = says(&|draft| "Hi Ana, it is NOT ready.".clone_into(&mut draft.body)).await;
    assert!(other.contains("not what you saw"), "{other}");
    let gone = says(&|draft| used(draft, &|used| "gone".clone_into(&mut used.template.id))).await;
    assert!(gone.contains("no template"), "{gone}");
    let forged = says(&|draft| {
        used(draft, &|used| {
            "Pay {{1}}".clone_into(&mut used.template.body);
        });
    })
    .await;
    assert!(forged.contains("was changed"), "{forged}");
    let pending = filled(&world, id, "waiting").await;
    let pending = world.refused(queued(pending)).await.to_string();
    assert!(pending.contains("it is pending"), "{pending}");
    // The hash that was seen is of other values.
    let mut swapped = queue(good.clone());
    swapped.hash = hash(&good);
    let swapped = world.refused(Command::Queue(Box::new(swapped))).await;
    assert_eq!(swapped, Refusal::HashMismatch);
}

#[tokio::test]
async fn a_template_that_changes_while_it_waits_does_not_leave() {
    for withdrawn in [false, true] {
        let (world, id) = world().await;
        let draft = filled(&world, id, "ready").await;
        world.ok(queued(draft)).await;
        let mut other = template("ready", "Hi {{1}}, it is lost.");
        if withdrawn {
            "Hi {{1}}, it is ready.".clone_into(&mut other.body);
            other.status = TemplateStatus::Other("PAUSED".to_owned());
        }
        world
            .store
            .put_templates(&world.account, Ok(vec![other]))
            .await
            .unwrap();
        world.clock.advance(HOUR);
        let claimed = world
            .store
            .outbox_claim(Timestamp(START + HOUR), None)
            .await;
        assert!(claimed.unwrap().is_none());
        let row = world.outbox().await.remove(0);
        assert_eq!(row.state, OutboxState::Attention);
        let reason = row.reason.unwrap();
        let wanted = if withdrawn { "paused" } else { "was changed" };
        assert!(reason.contains(wanted), "{reason}");
    }
}

#[tokio::test]
async fn a_failed_reading_keeps_what_is_known_and_says_so() {
    let (world, _) = world().await;
    world.clock.advance(HOUR);
    let failed = Err("not reachable\u{1b}[2J".to_owned());
    world
        .store
        .put_templates(&world.account, failed)
        .await
        .unwrap();
    let known = list(&world).await;
    assert_eq!(known.templates.len(), 2);
    assert_eq!(known.read_at, Some(Timestamp(START)));
    let error = known.error.unwrap();
    assert!(
        error.starts_with("not reachable") && !error.contains('\u{1b}'),
        "{error}"
    );
    let asked = world.store.templates_asked(&world.account).await.unwrap();
    assert_eq!(asked, Some((Timestamp(START + HOUR), false)));
}

#[tokio::test]
async fn the_first_message_on_whatsapp_is_a_template() {
    let (world, id) = world().await;
    let mut new = filled(&world, id, "ready").await;
    new.kind = frontdesk::model::DraftKind::New;
    new.conversation = None;
    (new.base, new.answers) = (None, None);
    new.recipients.to = vec![Party::new("+15557654321")];
    let free = Draft {
        template: None,
        ..new.clone()
    };
    let refused = world.refused(queued(free)).await.to_string();
    assert!(
        refused.contains("has not written on whatsapp yet"),
        "{refused}"
    );
    assert!(world.ok(queued(new)).await.outbox.is_some());
}
