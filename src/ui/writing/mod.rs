//! Writing: beginning a text, typing, keeping it, reviewing and queueing it.

mod fresh;
mod moving;
mod reviewing;
mod templates;

pub use moving::{choose_way, go_by, moved, moved_back, not_moved};
pub use reviewing::{came_in, discard, facts, goes_beyond_approval, queue, review, review_action};
pub use templates::{choose, offer, pick_template, put_away, templates_came};

use super::app::{App, Focus, Place, Waiting};
use super::effect::Effect;
use super::key::{Code, Key};
use super::msg::NoticeKind;
use super::panes::composer::{Composer, Field};
use crate::model::{Command, Conversation, Draft, DraftKind, Proposal};
use fresh::{fresh, from_proposal};
use ratatui_textarea::{Input, Key as AreaKey};
use std::collections::BTreeMap;

/// Milliseconds until a customer is shown again that somebody writes.
const TYPING_AGAIN: i64 = 20_000;

/// What is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An answer to the customer.
    Reply,
    /// An answer to everybody.
    ReplyAll,
    /// A note among us.
    Note,
    /// The newest message passed on.
    Forward,
}

/// Begins a text about the open conversation, or goes on with the one that is kept.
pub fn begin(app: &mut App, kind: Kind) {
    let Some(open) = &app.open else { return };
    let Some(detail) = &open.detail else {
        let words = match &open.error {
            Some(error) => format!("the conversation cannot be read: {error}"),
            None => "the conversation is still being read".to_owned(),
        };
        app.say(NoticeKind::Info, words);
        return;
    };
    let conversation = detail.conversation.clone();
    if kind != Kind::Note && conversation.opted_out {
        let words = format!(
            "{} has opted out of {}; nothing can be sent there",
            conversation.contact_name, conversation.channel
        );
        app.say(NoticeKind::Warning, words);
        return;
    }
    let wanted = match kind {
        Kind::Reply | Kind::ReplyAll => DraftKind::Reply,
        Kind::Note => DraftKind::Note,
        Kind::Forward => DraftKind::Forward,
    };
    let kept = detail
        .drafts
        .iter()
        .find(|draft| draft.kind == wanted)
        .cloned();
    let draft = match kept {
        Some(kept) => kept,
        None => fresh(app, &conversation, kind),
    };
    resume(app, draft, Some(conversation));
}

/// Shows a draft in the composer.
pub fn resume(app: &mut App, draft: Draft, conversation: Option<Conversation>) {
    leave(app);
    app.notice = None;
    let card = app.setup.card(&draft.account, draft.channel).cloned();
    let mut composer = Composer::new(draft, conversation, card, &app.setup.theme);
    app.composers += 1;
    composer.serial = app.composers;
    app.composer = Some(composer);
    app.focus = Focus::Detail;
    app.beside_list();
    if app.frame().detail.width == 0 {
        app.contact = false;
    }
}

/// A key in the composer that is no action.
pub fn type_key(app: &mut App, key: Key) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    let changed = match (composer.field, &mut composer.form) {
        (Field::To, _) => composer.to.key(key),
        (Field::Subject, _) => composer.subject.key(key),
        (Field::Body, Some(form)) => form.key(key),
        (Field::Body, None) => input(key).is_some_and(|input| composer.area.input(input)),
    };
    if key.code == Code::Enter && composer.field != Field::Body {
        composer.next_field();
        return;
    }
    if changed {
        typed(app);
    }
}

fn input(key: Key) -> Option<Input> {
    let code = match key.code {
        Code::Char(c) => AreaKey::Char(c),
        Code::Enter => AreaKey::Enter,
        Code::Tab => AreaKey::Tab,
        Code::Backspace => AreaKey::Backspace,
        Code::Delete => AreaKey::Delete,
        Code::Up => AreaKey::Up,
        Code::Down => AreaKey::Down,
        Code::Left => AreaKey::Left,
        Code::Right => AreaKey::Right,
        Code::Home => AreaKey::Home,
        Code::End => AreaKey::End,
        Code::PageUp => AreaKey::PageUp,
        Code::PageDown => AreaKey::PageDown,
        Code::Esc | Code::BackTab | Code::Insert => return None,
    };
    Some(Input {
        key: code,
        ctrl: key.ctrl,
        alt: key.alt,
        shift: false,
    })
}

/// Something was typed: it is kept at once, one save at a time.
pub fn typed(app: &mut App) {
    let now = app.now;
    let Some(composer) = &mut app.composer else {
        return;
    };
    composer.sync();
    composer.unsaved = true;
    composer.draft.updated_at = now;
    show_typing(app);
    save(app);
}

/// Shows the customer that somebody writes, where the account allows it, now and then and never for a note.
fn show_typing(app: &mut App) {
    let Some(composer) = &app.composer else {
        return;
    };
    let allowed = composer.card.as_ref().is_some_and(|card| card.typing);
    let reply = matches!(composer.draft.kind, DraftKind::Reply | DraftKind::Approval);
    let (Some(id), true) = (composer.draft.conversation, allowed && reply) else {
        return;
    };
    let told = app
        .shown_typing
        .is_some_and(|(of, at)| of == id && app.now.since(at) < TYPING_AGAIN);
    let out = composer.conversation.as_ref().is_some_and(|c| c.opted_out);
    if told || out || composer.is_empty() || !templates::is_free(composer, app.now) {
        return;
    }
    app.shown_typing = Some((id, app.now));
    app.effects.push(Effect::Typing(id));
}

/// Keeps what was typed, unless a save is on its way already.
pub fn save(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    if !composer.unsaved || composer.saving || composer.moving.is_some() {
        return;
    }
    composer.unsaved = false;
    composer.saving = true;
    let (serial, draft) = (composer.serial, Box::new(composer.draft.clone()));
    app.act(Waiting::Save(serial), Command::SaveDraft(draft));
}

/// Leaves the composer; the text is kept, and comes back if it could not be.
pub fn leave(app: &mut App) {
    let Some(mut composer) = app.composer.take() else {
        return;
    };
    composer.sync();
    app.review = None;
    if composer.is_empty() {
        drop_draft(app, &composer);
    } else {
        if composer.unsaved || composer.saving {
            let draft = Box::new(composer.draft.clone());
            app.act(Waiting::Leave(composer.serial), Command::SaveDraft(draft));
            app.leaving = Some(composer);
        }
        let words = match app.place {
            Place::Approvals => "the text is kept; e goes on with it, g d lists all",
            _ => "the text is kept; r goes on with it, g d lists all",
        };
        app.say(NoticeKind::Info, words);
    }
    if app.place == Place::Approvals {
        app.focus = Focus::List;
    }
    app.reread();
}

/// Throws a composer's draft away, also when its first save is still on its way.
pub(super) fn drop_draft(app: &mut App, composer: &Composer) {
    match composer.draft.id {
        Some(id) => app.act(Waiting::Quiet, Command::DiscardDraft { id }),
        None if composer.saving => _ = app.abandoned.insert(composer.serial),
        None => {}
    }
}

/// The next field, or two spaces in the text.
pub fn next_field(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    if composer.addressed() {
        composer.next_field();
    } else if let Some(form) = &mut composer.form {
        form.step(true);
    } else {
        composer.area.insert_str("  ");
        typed(app);
    }
}

/// Hands the text to the agent's editor.
pub fn editor(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    composer.sync();
    if composer.form.is_some() {
        let words = "a template's text is the vendor's; only its places are yours to fill";
        app.say(NoticeKind::Info, words);
        return;
    }
    let text = composer.draft.body.clone();
    let serial = composer.serial;
    app.request(Waiting::Edit(serial), |id| Effect::Edit {
        id,
        text,
        suffix: ".md",
    });
}

/// Puts a canned reply into the text; a variable that has no value stops it.
pub fn insert_canned(app: &mut App, body: &str) {
    put_away(app);
    let Some(composer) = &mut app.composer else {
        return;
    };
    let name = composer
        .conversation
        .as_ref()
        .map(|c| c.contact_name.clone())
        .unwrap_or_default();
    let first = name
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let vars: BTreeMap<String, String> = [
        ("contact.name", name),
        ("contact.first_name", first),
        ("agent.name", app.setup.me.clone()),
        (
            "conversation.id",
            composer
                .draft
                .conversation
                .map(|id| id.to_string())
                .unwrap_or_default(),
        ),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    match crate::text::template::fill(body, &vars) {
        Ok(text) => {
            composer
                .area
                .insert_str(crate::text::sanitize_block(&text).text);
            typed(app);
        }
        Err(missing) => app.say(NoticeKind::Warning, format!("not put in: {missing}")),
    }
}

/// Takes the assistant's draft into the composer, as the agent's own, or goes on with what was made of it before.
pub fn edit_proposal(app: &mut App, proposal: &Proposal, conversation: &Conversation) {
    app.preview(conversation.id);
    let open = app.open.as_ref();
    let Some(detail) = open.and_then(|open| open.detail.as_ref()) else {
        let words = match open.and_then(|open| open.error.as_ref()) {
            Some(error) => format!("the conversation cannot be read: {error}"),
            None => "the conversation is still being read".to_owned(),
        };
        app.say(NoticeKind::Info, words);
        return;
    };
    let mut drafts = detail.drafts.iter();
    let kept = drafts.find(|draft| draft.kind == DraftKind::Approval);
    let fresh = from_proposal(app, proposal);
    let draft = match kept {
        Some(kept) if kept.proposal == fresh.proposal => kept.clone(),
        // What was made of an earlier one has its only place here.
        Some(kept) if !kept.body.trim().is_empty() && kept.body != fresh.body => Draft {
            id: kept.id,
            body: format!("{}\n\n{}", fresh.body.trim_end(), kept.body),
            ..fresh
        },
        _ => fresh,
    };
    resume(app, draft, Some(conversation.clone()));
    if let Some(composer) = &mut app.composer {
        composer.bound = Some(proposal.bound_hash());
    }
}
