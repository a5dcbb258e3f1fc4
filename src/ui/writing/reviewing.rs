//! The last look: what is odd, who gets it, and queueing it.

use super::super::action::Action;
use super::super::app::{App, Waiting};
use super::super::clock;
use super::super::msg::NoticeKind;
use super::super::overlays::{
    Confirm, Confirmed, Overlay, Picked, Picker, Prompt, Purpose, TimeFor,
};
use super::super::panes::composer::show_parties;
use super::super::panes::review::{self, Facts, Review};
use super::super::preflight;
use super::super::theme::Role;
use super::{drop_draft, leave, save};
use crate::model::command::QueueDraft;
use crate::model::{Command, Direction, DraftKind, Party};

/// Milliseconds of hold where an account does not say.
const HOLD: i64 = 8_000;

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
    // The keys of the last look are to be seen.
    app.notice.take_if(|notice| notice.kind == NoticeKind::Info);
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
    // Numbers are given in the order of reading, not of writing: what stands after the base is what came later.
    let after: Vec<_> = match open.messages.iter().position(|message| message.id == base) {
        Some(at) => open.messages.iter().skip(at + 1).collect(),
        None => Vec::new(),
    };
    review.came_in = after
        .into_iter()
        .filter(|message| message.direction != Direction::Note)
        // Other channels may stand in between; what came in there moves nothing here.
        .filter(|message| message.conversation == open.id)
        .cloned()
        .collect();
    if let Some(newest) = review.came_in.last() {
        composer.seen_head = Some(newest.id);
    }
}

/// A key of the review screen.
pub fn review_action(app: &mut App, action: Action) {
    use Action as A;
    let Some(composer) = &mut app.composer else {
        app.review = None;
        return;
    };
    if composer.bound.is_some() && goes_beyond_approval(action) {
        app.say(
            NoticeKind::Warning,
            "an edited draft leaves after its hold, with the files it has",
        );
        return;
    }
    let recipients = composer.draft.recipients.clone();
    match action {
        A::ReviewQueue => queue(app),
        A::ReviewEdit => app.review = None,
        A::ReviewDown | A::ReviewUp => scroll(app, action == A::ReviewDown),
        A::ReviewTo => open(app, Purpose::To, &show_parties(&recipients.to)),
        A::ReviewCc => open(app, Purpose::Cc, &show_parties(&recipients.cc)),
        A::ReviewBcc => open(app, Purpose::Bcc, &show_parties(&recipients.bcc)),
        A::ReviewSubject => {
            let subject = composer.draft.subject.clone();
            open(app, Purpose::Subject, &subject);
        }
        A::ReviewAttach => open(app, Purpose::Attach, ""),
        A::ReviewDetach => {
            if composer.draft.attachments.pop().is_none() {
                app.say(NoticeKind::Info, "there is no file to take off");
                return;
            }
            composer.unsaved = true;
            save(app);
        }
        A::ReviewChannel => super::choose_way(app),
        A::ReviewLater => {
            let items: Vec<_> =
                crate::desk::snooze::presets(app.now, &app.setup.tz, &app.setup.snooze)
                    .into_iter()
                    .filter_map(|preset| {
                        let at = preset.until?;
                        Some((
                            preset.name.to_owned(),
                            clock::when(at, app.now, &app.setup.tz),
                            Picked::Later(at, false),
                        ))
                    })
                    .collect();
            let title = "send: choose, or type 2h, tue 9am; add “unless reply” for if none comes";
            let picker = Picker::of_times(title, TimeFor::Later, items);
            app.overlays.push(Overlay::Picker(picker));
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

/// What the approval of an edited draft does not say, so that it would be shown and not done.
pub fn goes_beyond_approval(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::ReviewAttach | A::ReviewDetach | A::ReviewLater | A::ReviewResolve
    )
}

fn open(app: &mut App, purpose: Purpose, text: &str) {
    app.overlays
        .push(Overlay::Prompt(Prompt::with(purpose, text)));
}

fn scroll(app: &mut App, down: bool) {
    let area = app.frame().detail;
    let (Some(composer), Some(review)) = (&app.composer, &app.review) else {
        return;
    };
    let most = review::most_down(&composer.draft, review, &facts(app), &app.look(), area);
    let step = usize::from(area.height / 2).max(1);
    let to = if down {
        (review.down + step).min(most)
    } else {
        review.down.min(most).saturating_sub(step)
    };
    if let Some(review) = &mut app.review {
        review.down = to;
    }
}

/// What is odd about the draft on the review screen.
fn warnings(app: &App) -> Vec<(Role, String)> {
    let (Some(composer), Some(review)) = (&app.composer, &app.review) else {
        return Vec::new();
    };
    let reply_to = app
        .open
        .as_ref()
        .and_then(|open| open.newest_inbound())
        .and_then(|message| message.reply_to.as_ref());
    let moved = composer.moved.as_ref().map(|before| {
        let plain = !composer.card.as_ref().is_some_and(|card| card.subject)
            && crate::text::markdown::to_plain(&composer.draft.body).trim()
                != composer.draft.body.trim();
        let to = show_parties(&composer.draft.recipients.to);
        let words = if plain {
            "; formatting leaves as it is typed"
        } else {
            ""
        };
        format!(
            "{to} by {} is new here: this began as {before}{words}",
            composer.draft.channel
        )
    });
    let conversation = composer.conversation.as_ref();
    let draft = &composer.draft;
    let soonest = preflight::after_hold(app, &draft.account, draft.channel);
    let at = review.later.map_or(soonest, |later| later.max(soonest));
    let mut all = review::warnings(
        &composer.draft,
        review,
        preflight::of_draft(app, &composer.draft, conversation, at),
        reply_to.map(|party| party.address.as_str()),
    );
    if let Some(words) = moved {
        all.push((Role::Warning, words));
    }
    all
}

/// What the review shows besides the draft.
pub fn facts(app: &App) -> Facts<'_> {
    Facts {
        card: app
            .composer
            .as_ref()
            .and_then(|composer| composer.card.as_ref()),
        window: app
            .composer
            .as_ref()
            .and_then(|composer| composer.window(app.now)),
        warnings: warnings(app),
    }
}

/// Throws the text away.
pub fn discard(app: &mut App) {
    app.review = None;
    if let Some(composer) = app.composer.take() {
        match composer.draft.id {
            Some(id) => app.act(Waiting::Act, Command::DiscardDraft { id }),
            None => drop_draft(app, &composer),
        }
    }
    app.reread();
}

/// Queues what was reviewed, once the last save is done; the outbox takes the draft's place.
pub fn queue(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    let serial = composer.serial;
    if composer.saving {
        composer.queue_when_saved = true;
        return;
    }
    if app.is_waiting(&Waiting::Queue(serial)) {
        return;
    }
    if let Some(refused) = app.review.as_mut().map(|review| &mut review.refused) {
        // It was read; whether it still holds is for the mirror to say.
        *refused = None;
    }
    let stop = warnings(app)
        .into_iter()
        .find(|(role, _)| *role == Role::Urgent);
    if let Some((_, words)) = stop {
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
    let hold_ms = composer.card.as_ref().map_or(HOLD, |card| card.hold_ms);
    if let (DraftKind::Approval, Some(id), Some(hash)) =
        (draft.kind, draft.proposal, composer.bound.clone())
    {
        let command = Command::ApproveEdited {
            id,
            hash,
            subject: draft.subject,
            body: draft.body,
            recipients: draft.recipients,
            hold_ms,
        };
        app.act(Waiting::Queue(serial), command);
        return;
    }
    let hash = draft.content_hash();
    let queue = QueueDraft {
        draft,
        hash,
        hold_ms,
        not_before: review.later,
        unless_reply: review.unless_reply,
        resolve: review.resolve,
        seen_head: composer.seen_head,
        // The runtime fills it in: making one takes randomness.
        reference: String::new(),
    };
    app.act(Waiting::Queue(serial), Command::Queue(Box::new(queue)));
}
