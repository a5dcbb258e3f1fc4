//! Writing: beginning a text, typing, keeping it, reviewing and queueing it.

use super::action::Action;
use super::app::{App, Focus, Place, Waiting};
use super::effect::Effect;
use super::key::{Code, Key};
use super::msg::NoticeKind;
use super::overlays::{Confirm, Confirmed, Overlay, Picked, Picker, Prompt, Purpose};
use super::panes::composer::{Composer, Field, show_parties};
use super::panes::review::{self, Review};
use crate::model::approval::Proposal;
use crate::model::command::QueueDraft;
use crate::model::outgoing::{Recipients, content_hash};
use crate::model::{Command, Conversation, Draft, DraftKind, Party};
use crate::text::subject::{forward_subject, reply_subject};
use ratatui_textarea::{Input, Key as AreaKey};

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
        app.say(NoticeKind::Info, "the conversation is still being read");
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
    let card = app.setup.account(&draft.account).cloned();
    let composer = Composer::new(draft, conversation, card, &app.setup.theme);
    app.composer = Some(composer);
    app.focus = Focus::Detail;
    if app.place != Place::Approvals {
        app.place = Place::Lists;
    }
}

fn fresh(app: &App, conversation: &Conversation, kind: Kind) -> Draft {
    let open = app.open.as_ref();
    let inbound = open.and_then(|open| open.newest_inbound());
    let card = app.setup.account(&conversation.account);
    let mut recipients = Recipients::default();
    let customer = inbound
        .and_then(|message| message.reply_to.clone())
        .unwrap_or_else(|| Party {
            address: conversation.contact_address.clone(),
            name: (conversation.contact_name != conversation.contact_address)
                .then(|| conversation.contact_name.clone()),
        });
    match kind {
        Kind::Reply | Kind::ReplyAll => recipients.to.push(customer),
        Kind::Note | Kind::Forward => {}
    }
    if kind == Kind::ReplyAll
        && let (Some(message), Some(card)) = (inbound, card.filter(|card| card.copies))
    {
        let ours: Vec<_> = card
            .senders
            .iter()
            .map(|rule| rule.from.address.to_lowercase())
            .collect();
        for party in message.to.iter().chain(&message.cc) {
            let address = party.address.to_lowercase();
            let known = recipients
                .all()
                .any(|other| other.address.to_lowercase() == address);
            if !ours.contains(&address) && !known {
                recipients.cc.push(party.clone());
            }
        }
    }
    let has_subject = card.is_some_and(|card| card.subject);
    let mut body = String::new();
    if kind == Kind::Forward
        && let Some(message) = inbound
    {
        let head = format!(
            "{} · {}",
            conversation.contact_name,
            super::clock::when(message.at, app.now, &app.setup.tz)
        );
        body = format!("\n\n---------- {head} ----------\n{}\n", message.body);
    }
    if kind != Kind::Note
        && let Some(card) = card
        && !card.signature.is_empty()
    {
        body = format!("\n\n-- \n{}{body}", card.signature);
    }
    Draft {
        id: None,
        conversation: Some(conversation.id),
        kind: match kind {
            Kind::Reply | Kind::ReplyAll => DraftKind::Reply,
            Kind::Note => DraftKind::Note,
            Kind::Forward => DraftKind::Forward,
        },
        account: conversation.account.clone(),
        channel: conversation.channel,
        from: None,
        recipients,
        subject: match kind {
            Kind::Forward if has_subject => forward_subject(&conversation.subject),
            Kind::Reply | Kind::ReplyAll if has_subject => reply_subject(&conversation.subject),
            _ => String::new(),
        },
        body,
        attachments: Vec::new(),
        base: conversation.head,
        answers: inbound.map(|message| message.id),
        proposal: None,
        author: app.setup.me.clone(),
        updated_at: app.now,
    }
}

/// Takes the assistant's draft into the composer, as the agent's own.
pub fn edit_proposal(app: &mut App, proposal: &Proposal, conversation: &Conversation) {
    let draft = Draft {
        id: None,
        conversation: Some(proposal.conversation),
        kind: DraftKind::Approval,
        account: proposal.account.clone(),
        channel: proposal.channel,
        from: proposal.from.clone(),
        recipients: proposal.recipients.clone(),
        subject: proposal.subject.clone(),
        body: proposal.body.clone(),
        attachments: proposal.attachments.clone(),
        base: Some(proposal.base.head),
        answers: Some(proposal.base.last_inbound),
        proposal: Some(proposal.id),
        author: app.setup.me.clone(),
        updated_at: app.now,
    };
    app.preview(conversation.id);
    resume(app, draft, Some(conversation.clone()));
}

/// A key in the composer that is no action.
pub fn type_key(app: &mut App, key: Key) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    let changed = match composer.field {
        Field::To => composer.to.key(key),
        Field::Subject => composer.subject.key(key),
        Field::Body => input(key).is_some_and(|input| composer.area.input(input)),
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
    save(app);
}

/// Keeps what was typed, unless a save is on its way already.
pub fn save(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    if !composer.unsaved || composer.saving {
        return;
    }
    composer.unsaved = false;
    composer.saving = true;
    let draft = Box::new(composer.draft.clone());
    app.act(Waiting::Save, Command::SaveDraft(draft));
}

/// Leaves the composer; the text is kept.
pub fn leave(app: &mut App) {
    let Some(mut composer) = app.composer.take() else {
        return;
    };
    composer.sync();
    app.review = None;
    if composer.is_empty() {
        if let Some(id) = composer.draft.id {
            app.act(Waiting::Quiet, Command::DiscardDraft { id });
        }
    } else {
        if composer.unsaved || composer.saving {
            let draft = Box::new(composer.draft.clone());
            app.act(Waiting::Quiet, Command::SaveDraft(draft));
        }
        app.say(
            NoticeKind::Info,
            "the text is kept; r goes on with it, g d lists all",
        );
    }
    if app.place == Place::Approvals {
        app.focus = Focus::List;
    }
    app.reread();
}

/// The next field, or two spaces in the text.
pub fn next_field(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    if composer.addressed() {
        composer.next_field();
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
    let text = composer.draft.body.clone();
    app.request(Waiting::Edit, |id| Effect::Edit {
        id,
        text,
        suffix: ".md",
    });
}

/// The last look, or for a note: keeps it.
pub fn review(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    composer.sync();
    if composer.draft.kind == DraftKind::Note {
        let body = composer.draft.body.clone();
        let (Some(conversation), false) = (composer.draft.conversation, body.trim().is_empty())
        else {
            app.say(NoticeKind::Info, "the note is empty");
            return;
        };
        let kept = composer.draft.id;
        app.composer = None;
        app.act(Waiting::Act, Command::Note { conversation, body });
        if let Some(id) = kept {
            app.act(Waiting::Quiet, Command::DiscardDraft { id });
        }
        return;
    }
    save(app);
    app.review = Some(Review::default());
    came_in(app);
}

/// Puts what came in since writing began onto the review screen.
pub fn came_in(app: &mut App) {
    let (Some(composer), Some(review), Some(open)) =
        (&mut app.composer, &mut app.review, &app.open)
    else {
        return;
    };
    let Some(base) = composer.draft.base else {
        return;
    };
    if composer.draft.conversation != Some(open.id) {
        return;
    }
    review.came_in = open
        .messages
        .iter()
        .filter(|message| message.id > base && message.direction != crate::model::Direction::Note)
        .cloned()
        .collect();
    if let Some(newest) = review.came_in.iter().map(|message| message.id).max() {
        composer.seen_head = Some(newest);
    }
}

/// A key of the review screen.
pub fn review_action(app: &mut App, action: Action) {
    use Action as A;
    let Some(composer) = &mut app.composer else {
        app.review = None;
        return;
    };
    let recipients = composer.draft.recipients.clone();
    match action {
        A::ReviewQueue => queue(app),
        A::ReviewEdit => app.review = None,
        A::ReviewTo => open(app, Purpose::To, &show_parties(&recipients.to)),
        A::ReviewCc => open(app, Purpose::Cc, &show_parties(&recipients.cc)),
        A::ReviewBcc => open(app, Purpose::Bcc, &show_parties(&recipients.bcc)),
        A::ReviewSubject => {
            let subject = composer.draft.subject.clone();
            open(app, Purpose::Subject, &subject);
        }
        A::ReviewAttach => open(app, Purpose::Attach, ""),
        A::ReviewDetach => {
            composer.draft.attachments.pop();
            composer.unsaved = true;
            save(app);
        }
        A::ReviewLater => {
            let mut items: Vec<_> =
                crate::desk::snooze::presets(app.now, &app.setup.tz, &app.setup.snooze)
                    .into_iter()
                    .filter_map(|preset| {
                        let at = preset.until?;
                        Some((
                            preset.name.to_owned(),
                            super::clock::when(at, app.now, &app.setup.tz),
                            Picked::Later(at),
                        ))
                    })
                    .collect();
            items.push((
                "another time".to_owned(),
                "type it in words".to_owned(),
                Picked::LaterOther,
            ));
            app.overlays
                .push(Overlay::Picker(Picker::new("send", items)));
        }
        A::ReviewResolve => {
            if let Some(review) = &mut app.review {
                review.resolve = !review.resolve;
            }
        }
        A::ReviewPostpone => leave(app),
        A::ReviewDiscard => {
            let question = "Throw this text away? y n".to_owned();
            app.overlays.push(Overlay::Confirm(Confirm {
                question,
                then: Confirmed::DiscardDraft,
            }));
        }
        _ => {}
    }
}

fn open(app: &mut App, purpose: Purpose, text: &str) {
    app.overlays
        .push(Overlay::Prompt(Prompt::with(purpose, text)));
}

/// What is odd about the draft on the review screen.
pub fn warnings(app: &App) -> Vec<(super::theme::Role, String)> {
    let (Some(composer), Some(review)) = (&app.composer, &app.review) else {
        return Vec::new();
    };
    let reply_to = app
        .open
        .as_ref()
        .and_then(|open| open.newest_inbound())
        .and_then(|message| message.reply_to.as_ref());
    let conversation = composer.conversation.as_ref();
    review::warnings(
        &composer.draft,
        review,
        composer.card.as_ref(),
        reply_to.map(|party| party.address.as_str()),
        conversation.is_some_and(|c| c.opted_out),
        conversation.and_then(|c| c.window_closes_at),
        app.now,
    )
}

/// Throws the text away.
pub fn discard(app: &mut App) {
    app.review = None;
    if let Some(composer) = app.composer.take()
        && let Some(id) = composer.draft.id
    {
        app.act(Waiting::Act, Command::DiscardDraft { id });
    }
    app.reread();
}

fn queue(app: &mut App) {
    if app.is_waiting(&Waiting::Queue) {
        return;
    }
    if let Some((_, words)) = warnings(app).into_iter().find(|(role, words)| {
        *role == super::theme::Role::Urgent
            && app
                .review
                .as_ref()
                .and_then(|review| review.refused.as_ref())
                != Some(words)
    }) {
        app.say(NoticeKind::Warning, format!("not queued: {words}"));
        return;
    }
    let (Some(composer), Some(review)) = (&mut app.composer, &app.review) else {
        return;
    };
    let recipients: Vec<&Party> = composer.draft.recipients.all().collect();
    let from = composer
        .card
        .as_ref()
        .and_then(|card| card.sender_for(&recipients))
        .map(|rule| rule.from.clone());
    composer.draft.from = from;
    let draft = composer.draft.clone();
    let hold_ms = composer.card.as_ref().map_or(8_000, |card| card.hold_ms);
    let hash = content_hash(
        draft.account.as_str(),
        draft.channel,
        &draft.recipients,
        &draft.subject,
        &draft.body,
        draft
            .attachments
            .iter()
            .map(|attachment| attachment.sha256.as_str()),
    );
    if let (DraftKind::Approval, Some(id)) = (draft.kind, draft.proposal) {
        let bound = app
            .approvals
            .rows
            .items
            .iter()
            .find(|(proposal, _)| proposal.id == id)
            .map(|(proposal, _)| proposal.bound_hash());
        let Some(hash) = bound else {
            app.say(
                NoticeKind::Warning,
                "the assistant's draft is gone; Esc keeps your text as a reply of your own",
            );
            return;
        };
        let command = Command::ApproveEdited {
            id,
            hash,
            subject: draft.subject,
            body: draft.body,
            recipients: draft.recipients,
            hold_ms,
        };
        app.act(Waiting::Queue, command);
        return;
    }
    let seen_head = composer.seen_head;
    let queue = QueueDraft {
        draft,
        hash,
        hold_ms,
        not_before: review.later,
        unless_reply: review.unless_reply,
        resolve: review.resolve,
        seen_head,
        // The runtime fills it in: making one takes randomness.
        reference: String::new(),
    };
    app.act(Waiting::Queue, Command::Queue(Box::new(queue)));
}

/// Puts a canned reply into the text; a variable that has no value stops it.
pub fn insert_canned(app: &mut App, body: &str) {
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
    let vars: std::collections::BTreeMap<String, String> = [
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
            composer.area.insert_str(text);
            typed(app);
        }
        Err(missing) => app.say(NoticeKind::Warning, format!("not put in: {missing}")),
    }
}
