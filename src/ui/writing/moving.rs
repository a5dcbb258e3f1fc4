//! Moving a reply to another channel of the same person.

use super::super::app::{App, Focus, Place, Waiting};
use super::super::msg::NoticeKind;
use super::super::overlays::{Choice, Overlay, Picked, Picker};
use super::super::panes::composer::{Composer, show_parties};
use super::super::panes::urgency::coarse;
use super::save;
use crate::desk::channels::{Allows, Carrier, Way, ways};
use crate::model::command::MovedBack;
use crate::model::{Command, Draft, DraftKind, Recipients, Timestamp};
use crate::text::subject::reply_subject;

/// Shows by which ways the person can be written to.
pub fn choose_way(app: &mut App) {
    let Some(composer) = &app.composer else {
        return;
    };
    if !matches!(
        composer.draft.kind,
        DraftKind::Reply | DraftKind::New | DraftKind::Approval
    ) {
        app.say(
            NoticeKind::Info,
            "only a reply to the customer can go by another channel",
        );
        return;
    }
    let detail = app.open.as_ref().and_then(|open| open.detail.as_ref());
    let here = |detail: &&crate::model::query::ConversationDetail| {
        composer
            .conversation
            .as_ref()
            .is_none_or(|c| c.contact == detail.conversation.contact)
    };
    let Some(detail) = detail.filter(here) else {
        app.say(
            NoticeKind::Info,
            "the customer's other channels are still being read",
        );
        return;
    };
    let carriers: Vec<Carrier> = app
        .setup
        .accounts
        .iter()
        .map(|card| Carrier {
            account: card.account.clone(),
            channel: card.channel,
        })
        .collect();
    let mut conversations = vec![&detail.conversation];
    conversations.extend(&detail.others);
    let all = ways(&detail.contact, &conversations, &carriers, app.now);
    let items: Vec<Choice> = all
        .into_iter()
        .filter(|way| !is_here(&composer.draft, way))
        .map(|way| {
            let (name, more) = words(&way, app.now);
            (name, more, Picked::Way(Box::new(way)))
        })
        .collect();
    if items.is_empty() {
        app.say(
            NoticeKind::Info,
            "no other channel of this customer is known",
        );
        return;
    }
    let picker = Picker::new("go on by another channel", items);
    app.overlays.push(Overlay::Picker(picker));
}

fn is_here(draft: &Draft, way: &Way) -> bool {
    let there = way.conversation.as_ref().map(|one| one.id);
    if there.is_some() && there == draft.conversation {
        return true;
    }
    let to = draft.recipients.to.first();
    draft.channel == way.channel
        && way.account.as_ref() == Some(&draft.account)
        && to.is_some_and(|to| to.address == way.to.address)
}

fn words(way: &Way, now: Timestamp) -> (String, String) {
    let allows = match way.allows {
        Allows::Free => String::new(),
        Allows::Until(at) => format!("{} left to answer", coarse(at.since(now))),
        Allows::Template if way.conversation.is_some() => "window closed: template only".to_owned(),
        Allows::Template => "template only".to_owned(),
        Allows::Waits => "only once the customer has written there".to_owned(),
        Allows::OptedOut => "opted out".to_owned(),
        Allows::Nobody => "no account carries it".to_owned(),
    };
    let by = way.account.as_ref().map(|account| format!("by {account}"));
    let place = match &way.conversation {
        Some(conversation) => Some(format!("#{}", conversation.id)),
        None if way.allows.takes_something() => Some("a new conversation".to_owned()),
        None => None,
    };
    let more = [allows, place.unwrap_or_default(), by.unwrap_or_default()];
    let more: Vec<String> = more.into_iter().filter(|words| !words.is_empty()).collect();
    (
        format!("{} {}", way.channel, way.to.address),
        more.join(" · "),
    )
}

/// Moves the text there, once the mirror has done it.
pub fn go_by(app: &mut App, way: &Way) {
    if let Some(words) = way.refuses() {
        app.say(NoticeKind::Warning, format!("not moved: {words}"));
        return;
    }
    let (now, serial) = (
        app.now,
        app.composer.as_ref().map_or(0, |composer| composer.serial),
    );
    let Some(account) = way.account.clone() else {
        return;
    };
    let card = app.setup.card(&account, way.channel).cloned();
    let Some(composer) = &mut app.composer else {
        return;
    };
    composer.sync();
    let from = composer.draft.clone();
    let there = way.conversation.as_deref();
    let subject = match (card.as_ref().is_some_and(|card| card.subject), there) {
        (false, _) => String::new(),
        (true, Some(conversation)) => reply_subject(&conversation.subject),
        (true, None) => from.subject.clone(),
    };
    let to = Draft {
        id: None,
        conversation: there.map(|conversation| conversation.id),
        kind: if there.is_some() {
            DraftKind::Reply
        } else {
            DraftKind::New
        },
        account,
        channel: way.channel,
        from: None,
        recipients: Recipients {
            to: vec![way.to.clone()],
            ..Recipients::default()
        },
        subject,
        body: body(composer, card.as_ref().map_or("", |card| &card.signature)),
        base: there.and_then(|conversation| conversation.head),
        answers: None,
        template: None,
        proposal: None,
        updated_at: now,
        ..from.clone()
    };
    composer.moving = Some(Box::new((to.clone(), way.conversation.as_deref().cloned())));
    let (from, to) = (Box::new(from), Box::new(to));
    app.act(Waiting::Move(serial), Command::MoveDraft { from, to });
}

/// What was written, with the other account's signature in place of this one's; of a template the free text before it.
fn body(composer: &Composer, signature: &str) -> String {
    let text = match &composer.form {
        Some(form) => form.before().to_owned(),
        None => composer.draft.body.clone(),
    };
    let old = composer
        .card
        .as_ref()
        .map_or("", |card| card.signature.as_str());
    let mut text = match old {
        "" => text,
        old => text.replacen(&format!("\n\n-- \n{old}"), "", 1),
    };
    if !signature.is_empty() {
        text = format!("{}\n\n-- \n{signature}", text.trim_end());
    }
    text
}

/// The mirror moved it: the composer goes on there, and the conversation there is what is on the screen.
pub fn moved(app: &mut App, serial: u64, draft: Option<crate::model::DraftId>) {
    let theme = app.setup.theme.clone();
    let Some(composer) = app.composer.as_mut().filter(|one| one.serial == serial) else {
        return;
    };
    let Some(moving) = composer.moving.take() else {
        return;
    };
    let (to, conversation) = *moving;
    let before = format!(
        "{} to {}",
        composer.draft.channel,
        show_parties(&composer.draft.recipients.to)
    );
    let card = app.setup.card(&to.account, to.channel).cloned();
    // What was typed while it was being moved goes along.
    composer.sync();
    let text = body(composer, card.as_ref().map_or("", |card| &card.signature));
    let same = composer.form.is_none() && composer.draft.body == text;
    let to = Draft {
        id: draft,
        body: text,
        ..to
    };
    let mut fresh = Composer::new(to, conversation, card, &theme);
    fresh.serial = serial;
    fresh.moved = Some(before);
    // The steps of writing can still be taken back where the text is the same.
    if same {
        fresh.area = composer.area.clone();
    }
    fresh.unsaved = true;
    *composer = fresh;
    let target = composer.draft.conversation;
    if let Some(id) = target {
        app.preview(id);
        if let Some(open) = &mut app.open {
            // What is being answered stays in sight.
            open.all_channels = true;
        }
        app.refresh(Waiting::Messages(id, false));
    }
    save(app);
}

/// A move was taken back: what wrote there is closed, its text is in the mirror, and the conversation it came from is
/// what is on the screen.
pub fn moved_back(app: &mut App, moved: MovedBack) {
    let wrote = app
        .composer
        .take_if(|composer| composer.draft.id == Some(moved.gone));
    if wrote.is_some() {
        app.review = None;
    }
    if matches!(app.place, Place::Lists | Place::Search)
        && app.focus == Focus::Detail
        && app.composer.is_none()
        && let Some(id) = moved.to
    {
        app.preview(id);
    }
}

/// It stays where it was, and what was typed meanwhile is kept there.
pub fn not_moved(app: &mut App, serial: u64, words: &str) {
    if let Some(composer) = app.composer.as_mut().filter(|one| one.serial == serial) {
        composer.moving = None;
        composer.unsaved = true;
    }
    app.say(NoticeKind::Warning, format!("not moved: {words}"));
    save(app);
}
