//! What comes back: answers, results, texts from the editor.

use super::ahead;
use super::app::{App, Focus, Place, Waiting};
use super::effect::ReqId;
use super::msg::NoticeKind;
use super::overlays::{Labels, Overlay, Preview};
use super::panes::composer::Composer;
use super::panes::conversation::OpenSource;
use super::writing;
use crate::model::command::Refusal;
use crate::model::outgoing::OutgoingAttachment;
use crate::model::query::SourceForm;
use crate::model::{Answer, Command, ConversationId, DraftKind, Outcome};
use std::collections::BTreeMap;

/// Takes an answer; late ones for something no longer shown are dropped.
pub fn answer(app: &mut App, id: ReqId, answer: Result<Answer, String>) {
    let Some(waiting) = app.waiting.remove(&id) else {
        return;
    };
    match answer {
        Ok(answer) => take(app, &waiting, answer),
        Err(error) => {
            failed(app, &waiting, error);
            ahead::give_up(app);
        }
    }
    if let Some(at) = app.stale.iter().position(|stale| *stale == waiting) {
        app.stale.remove(at);
        app.refresh(waiting);
    }
}

fn failed(app: &mut App, waiting: &Waiting, error: String) {
    let (loaded, slot) = match waiting {
        Waiting::List(_) => (&mut app.list.loaded, &mut app.list.error),
        Waiting::Search => (&mut app.search.hits.loaded, &mut app.search.hits.error),
        Waiting::Outbox => (&mut app.outbox.loaded, &mut app.outbox.error),
        Waiting::Approvals => (
            &mut app.approvals.rows.loaded,
            &mut app.approvals.rows.error,
        ),
        Waiting::Pages => (&mut app.pages.loaded, &mut app.pages.error),
        Waiting::Drafts => (&mut app.drafts.loaded, &mut app.drafts.error),
        Waiting::Health => (&mut app.health.loaded, &mut app.health.error),
        Waiting::Before(id) => {
            app.approvals.before = Some((*id, None));
            app.say(NoticeKind::Error, format!("cannot be read: {error}"));
            return;
        }
        Waiting::Detail(id) | Waiting::Messages(id, _) => {
            if let Some(open) = app.open.as_mut().filter(|open| open.id == *id) {
                open.error = Some(error);
            }
            return;
        }
        _ => {
            app.say(NoticeKind::Error, format!("cannot be read: {error}"));
            return;
        }
    };
    *loaded = true;
    *slot = Some(error);
}

fn take(app: &mut App, waiting: &Waiting, answer: Answer) {
    match (waiting, answer) {
        (Waiting::Counts, Answer::Counts(counts)) => app.counts = counts,
        (Waiting::List(asked), Answer::List(page)) => {
            app.list.take(*asked, page);
            if app.place == Place::Lists && (app.open.is_none() || app.focus == Focus::List) {
                app.follow_cursor();
            }
        }
        (Waiting::Detail(id), Answer::Conversation(detail)) => {
            // What is being written is judged by the conversation as it is now.
            if let Some(composer) = &mut app.composer
                && composer.draft.conversation == Some(*id)
            {
                composer.conversation = Some(detail.conversation.clone());
            }
            app.list.learn(&detail.conversation);
            if let Some(open) = app.open.as_mut().filter(|open| open.id == *id) {
                open.detail = Some(*detail);
                open.error = None;
            }
        }
        (Waiting::Detail(id), Answer::NotFound) => {
            if let Some(open) = app.open.as_mut().filter(|open| open.id == *id) {
                open.error = Some(format!("there is no conversation #{id}"));
            }
        }
        (Waiting::Messages(id, older), Answer::Messages(page)) => {
            if let Some(open) = app.open.as_mut().filter(|open| open.id == *id) {
                if open.seen_to.is_none() && !*older {
                    let unread = open
                        .detail
                        .as_ref()
                        .map_or(0, |detail| detail.conversation.unread);
                    open.seen_to = (unread > 0)
                        .then(|| {
                            page.messages.iter().rev().find(|message| {
                                message.seen
                                    || message.direction != crate::model::Direction::Inbound
                            })
                        })
                        .flatten()
                        .map(|message| message.id);
                }
                open.take(page, *older);
                open.error = None;
                if open.seeks() {
                    app.refresh(Waiting::Messages(*id, true));
                }
            }
            writing::came_in(app);
        }
        (
            Waiting::Search,
            Answer::Search {
                hits,
                more,
                remarks,
            },
        ) => {
            app.search.hits.replace(hits, |hit| hit.message);
            if app.search.typing {
                app.search.hits.cursor = 0;
            }
            app.search.more = more;
            app.search.remarks = remarks;
            if app.place == Place::Search {
                app.follow_cursor();
            }
        }
        (Waiting::Outbox, Answer::Outbox(rows)) => app.outbox.replace(rows, |row| row.out.id),
        (Waiting::Approvals, Answer::Approvals(rows)) => {
            let skipped = app.approvals.skipped.clone();
            let mut rows = rows;
            rows.sort_by_key(|(proposal, _)| skipped.contains(&proposal.id));
            app.approvals
                .rows
                .replace(rows, |(proposal, _)| proposal.id);
            app.approvals.down = 0;
            app.follow_cursor();
        }
        (Waiting::Before(id), Answer::Proposal { before, .. }) => {
            app.approvals.before = Some((*id, before));
        }
        (Waiting::Before(id), Answer::NotFound) => app.approvals.before = Some((*id, None)),
        (Waiting::Pages, Answer::Pages(rows)) => app.pages.replace(rows, |page| page.id),
        (Waiting::Drafts, Answer::Drafts(rows)) => app.drafts.replace(rows, |(draft, _)| draft.id),
        (Waiting::FirstMessages, Answer::List(page)) => super::setting_up::first(app, &page),
        (Waiting::Health, Answer::Health(rows)) => {
            app.health.replace(rows, |health| health.account.clone());
        }
        (Waiting::Source(message, form), Answer::Source(found)) => {
            let Some(open) = app.open.as_mut() else {
                return;
            };
            let here = open.messages.iter().find(|one| one.id == *message);
            match (here, form, found) {
                (None, ..) => {}
                // A mail of text alone has no third form: the text is the next one.
                (_, SourceForm::Html, None) => {
                    open.source = None;
                    app.say(NoticeKind::Info, "it has no HTML; this is its text");
                }
                (Some(here), form, found) => {
                    open.source = Some(OpenSource::new(here, *form, found));
                    open.up = usize::MAX / 2;
                }
            }
        }
        // Whoever went on to something else meanwhile is not disturbed.
        (Waiting::Preview, Answer::Preview(found))
            if app.composer.is_none() && app.overlays.is_empty() =>
        {
            let columns = app.frame().body.width;
            let preview = Preview::new(*found, columns);
            app.overlays.push(Overlay::Preview(preview));
        }
        (Waiting::Preview, Answer::NotFound) => {
            app.say(NoticeKind::Warning, "that attachment is not there any more");
        }
        (Waiting::Labels, Answer::Labels(labels)) => {
            let (carried, all_known) = carried(app);
            app.overlays
                .push(Overlay::Labels(Labels::new(labels, &carried, all_known)));
        }
        (Waiting::Mark(view), Answer::Ids { ids, more }) if app.list.view == *view => {
            marked(app, ids, more);
        }
        (Waiting::Canned, Answer::Canned(canned)) => writing::choose(app, canned),
        (Waiting::Templates, Answer::Templates(list)) => writing::templates_came(app, list),
        _ => {}
    }
}

/// The labels of each conversation that an action is about, as far as they are on the screen; whether that is all.
fn carried(app: &App) -> (Vec<Vec<String>>, bool) {
    let targets = app.targets();
    let open = app.open.as_ref().and_then(|open| open.conversation());
    let listed = app.list.rows.iter().map(|row| &row.conversation);
    let known: BTreeMap<_, _> = listed.chain(open).map(|one| (one.id, one)).collect();
    let carried: Vec<_> = targets
        .iter()
        .filter_map(|id| known.get(id).map(|one| one.labels.clone()))
        .collect();
    let all = carried.len() == targets.len();
    (carried, all)
}

/// Marks what was found, and says how many that is.
fn marked(app: &mut App, ids: Vec<ConversationId>, more: bool) {
    let found = ids.len();
    app.list.marked.extend(ids);
    let all = app.list.marked.len();
    let words = match (found, more) {
        (0, _) => "nothing in this list matches".to_owned(),
        (_, true) => format!("{all} are marked, and more match: no action takes more at once"),
        (1, false) if all == 1 => "1 is marked; an action is about it".to_owned(),
        (_, false) => format!("{all} are marked; an action is about all of them, Esc marks none"),
    };
    app.say(NoticeKind::Info, words);
}

/// Takes the result of a command.
pub fn done(app: &mut App, id: ReqId, result: Result<Outcome, Refusal>) {
    let Some(waiting) = app.waiting.remove(&id) else {
        return;
    };
    match (&waiting, result) {
        (Waiting::Save(serial), result) => saved(app, *serial, result),
        (Waiting::Leave(serial), result) => left(app, *serial, result),
        (Waiting::Move(serial), Ok(outcome)) => {
            let draft = outcome.draft;
            acted(app, outcome);
            writing::moved(app, *serial, draft);
        }
        (Waiting::Move(serial), Err(refusal)) => {
            writing::not_moved(app, *serial, &refusal.to_string());
        }
        (Waiting::Queue(serial), result) => queued(app, *serial, result),
        (Waiting::Decide, result) => {
            app.refresh(Waiting::Approvals);
            match result {
                Ok(outcome) => acted(app, outcome),
                Err(refusal) => app.say(NoticeKind::Warning, format!("not done: {refusal}")),
            }
        }
        (Waiting::Reassign, Ok(mut outcome)) => {
            outcome
                .says
                .push_str("; its draft is out of date now (C-r asks for another)");
            acted(app, outcome);
        }
        (Waiting::Quiet, Ok(_)) => {}
        (Waiting::Page(about, line), Err(refusal)) => {
            super::perform::not_paged(app, *about, line, refusal.to_string());
        }
        (_, Ok(outcome)) => acted(app, outcome),
        (_, Err(refusal)) => app.say(NoticeKind::Warning, refusal.to_string()),
    }
    // What was typed is kept with every key; what else is done may change which texts there are.
    if !matches!(waiting, Waiting::Save(_)) {
        app.reread();
        if app.place == Place::Drafts {
            app.refresh(Waiting::Drafts);
        }
    }
}

fn composer(app: &mut App, serial: u64) -> Option<&mut Composer> {
    app.composer
        .as_mut()
        .filter(|composer| composer.serial == serial)
}

/// A draft was kept, or could not be.
fn saved(app: &mut App, serial: u64, result: Result<Outcome, Refusal>) {
    let failed = match result {
        Ok(outcome) => {
            if app.abandoned.remove(&serial) {
                if let Some(id) = outcome.draft {
                    app.act(Waiting::Quiet, Command::DiscardDraft { id });
                }
                return;
            }
            let Some(composer) = composer(app, serial) else {
                return;
            };
            composer.saving = false;
            composer.draft.id = outcome.draft.or(composer.draft.id);
            if std::mem::take(&mut composer.queue_when_saved) {
                writing::queue(app);
                return;
            }
            writing::save(app);
            return;
        }
        Err(refusal) => refusal,
    };
    app.abandoned.remove(&serial);
    if let Some(composer) = composer(app, serial) {
        composer.saving = false;
        composer.unsaved = true;
        let queueing = std::mem::take(&mut composer.queue_when_saved);
        if queueing {
            ahead::give_up(app);
        }
        let words = format!("not saved: {failed}; the text is still here");
        app.say(NoticeKind::Error, words);
    }
}

/// The last save of a composer that was left: when it failed the text comes back.
fn left(app: &mut App, serial: u64, result: Result<Outcome, Refusal>) {
    let kept = app.leaving.take_if(|composer| composer.serial == serial);
    let (Err(refusal), Some(mut composer)) = (result, kept) else {
        return;
    };
    let words = format!("not saved: {refusal}; the text is still here");
    composer.saving = false;
    composer.unsaved = true;
    if app.composer.is_none() {
        if let Some(id) = composer.draft.conversation {
            app.preview(id);
        }
        app.composer = Some(composer);
        app.focus = Focus::Detail;
    }
    app.say(NoticeKind::Error, words);
}

/// What a composer held is in the outbox, or is not.
fn queued(app: &mut App, serial: u64, result: Result<Outcome, Refusal>) {
    match result {
        Ok(outcome) => {
            let done = app.composer.take_if(|composer| composer.serial == serial);
            if let Some(composer) = done {
                app.review = None;
                // An edited proposal leaves as an approval; the draft it was edited in has served.
                if composer.draft.kind == DraftKind::Approval {
                    writing::drop_draft(app, &composer);
                }
                if app.place == Place::Approvals {
                    app.focus = Focus::List;
                }
            }
            acted(app, outcome);
            app.reread();
            if app.place == Place::Approvals {
                app.refresh(Waiting::Approvals);
            }
        }
        Err(refusal) => {
            ahead::give_up(app);
            let words = refusal.to_string();
            if matches!(refusal, Refusal::Moved { .. }) {
                // What came in is shown first; that it was is noted where it is shown.
                app.reread();
            } else if become_own(app, serial, &refusal) {
                app.say(
                    NoticeKind::Warning,
                    format!("{refusal}; your text is now a reply of your own, y queues it"),
                );
                return;
            } else if let Some(review) = &mut app.review {
                review.refused = Some(words.clone());
            }
            app.say(NoticeKind::Warning, format!("not queued: {words}"));
        }
    }
}

fn acted(app: &mut App, outcome: Outcome) {
    if let Some(moved) = outcome.moved_back {
        writing::moved_back(app, moved);
    }
    if outcome.says.is_empty() {
        return;
    }
    app.say(NoticeKind::Info, outcome.says);
    if let Some(notice) = &mut app.notice {
        notice.undoable = outcome.undoable;
        if let Some(held) = outcome.held_until {
            notice.until = notice.until.min(held);
        }
    }
}

/// An edited proposal that can no longer be approved stays as the agent's own reply.
fn become_own(app: &mut App, serial: u64, refusal: &Refusal) -> bool {
    let gone = matches!(
        refusal,
        Refusal::NotPending { .. } | Refusal::AlreadyDecided { .. } | Refusal::NotFound { .. }
    );
    let Some(composer) = composer(app, serial) else {
        return false;
    };
    if !gone || composer.draft.kind != DraftKind::Approval {
        return false;
    }
    composer.draft.kind = DraftKind::Reply;
    composer.draft.proposal = None;
    composer.bound = None;
    composer.unsaved = true;
    writing::save(app);
    app.reread();
    true
}

/// Takes the text from the editor.
pub fn edited(app: &mut App, id: ReqId, text: Result<Option<String>, String>) {
    let Some(Waiting::Edit(serial)) = app.waiting.remove(&id) else {
        return;
    };
    match text {
        Ok(Some(text)) => {
            let clean = crate::text::sanitize_block(&text).text;
            let theme = app.setup.theme.clone();
            if let Some(composer) = composer(app, serial) {
                composer.set_body(clean.trim_end_matches('\n'), &theme);
            }
            writing::save(app);
        }
        Ok(None) => app.say(NoticeKind::Info, "left as it was"),
        Err(error) => app.say(NoticeKind::Warning, error),
    }
}

/// Takes a file for sending.
pub fn attached(app: &mut App, id: ReqId, result: Result<OutgoingAttachment, String>) {
    let Some(Waiting::Attach(serial)) = app.waiting.remove(&id) else {
        return;
    };
    match result {
        Ok(file) => {
            let words = format!("{} attached", file.name);
            if let Some(composer) = composer(app, serial) {
                composer.draft.attachments.push(file);
                composer.unsaved = true;
                app.say(NoticeKind::Info, words);
            }
            writing::save(app);
        }
        Err(error) => app.say(NoticeKind::Warning, error),
    }
}
