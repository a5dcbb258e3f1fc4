//! What comes back: answers, results, texts from the editor.

use super::app::{App, Place, Waiting};
use super::effect::ReqId;
use super::msg::NoticeKind;
use super::overlays::{Overlay, Picked, Picker};
use super::writing;
use crate::model::command::Refusal;
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{Answer, DraftKind, Outcome};

/// Takes an answer; late ones for something no longer shown are dropped.
pub fn answer(app: &mut App, id: ReqId, answer: Result<Answer, String>) {
    let Some(waiting) = app.waiting.remove(&id) else {
        return;
    };
    match answer {
        Ok(answer) => take(app, &waiting, answer),
        Err(error) => failed(app, &waiting, error),
    }
    if let Some(at) = app.stale.iter().position(|stale| *stale == waiting) {
        app.stale.remove(at);
        app.refresh(waiting);
    }
}

fn failed(app: &mut App, waiting: &Waiting, error: String) {
    match waiting {
        Waiting::List(_) => {
            app.list.loaded = true;
            app.list.error = Some(error);
        }
        Waiting::Search => {
            app.search.hits.loaded = true;
            app.search.error = Some(error);
        }
        Waiting::Detail(_) | Waiting::Messages(..) => {
            if let Some(open) = &mut app.open {
                open.error = Some(error);
            }
        }
        _ => app.say(
            NoticeKind::Error,
            format!("the mirror cannot be read: {error}"),
        ),
    }
}

fn take(app: &mut App, waiting: &Waiting, answer: Answer) {
    match (waiting, answer) {
        (Waiting::Counts, Answer::Counts(counts)) => app.counts = counts,
        (Waiting::List(asked), Answer::List(page)) => {
            app.list.take(*asked, page);
            if app.place == Place::Lists
                && (app.open.is_none() || app.focus == super::app::Focus::List)
            {
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
            app.search.error = None;
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
        (Waiting::Pages, Answer::Pages(rows)) => app.pages.replace(rows, |page| page.id),
        (Waiting::Drafts, Answer::Drafts(rows)) => app.drafts.replace(rows, |(draft, _)| draft.id),
        (Waiting::Health, Answer::Health(rows)) => {
            app.health.replace(rows, |health| health.account.clone())
        }
        (Waiting::Raw(message), Answer::Raw(bytes)) => {
            let text = bytes.map(|bytes| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                crate::text::sanitize::sanitize_block(&text).text
            });
            if let Some(open) = &mut app.open {
                open.raw = Some((*message, text));
                open.up = usize::MAX / 2;
            }
        }
        (Waiting::Labels, Answer::Labels(labels)) => {
            let current = app
                .list
                .current()
                .map(|c| c.labels.clone())
                .unwrap_or_default();
            let mut items: Vec<_> = labels
                .into_iter()
                .map(|(label, count)| {
                    let has = current.contains(&label);
                    let words = if has {
                        format!("take off {label}")
                    } else {
                        format!("add {label}")
                    };
                    (words, count.to_string(), Picked::Label(label, !has))
                })
                .collect();
            items.push((
                "other labels".to_owned(),
                "type them".to_owned(),
                Picked::LabelOther,
            ));
            app.overlays
                .push(Overlay::Picker(Picker::new("labels", items)));
        }
        (Waiting::Canned, Answer::Canned(canned)) => {
            if canned.is_empty() {
                app.say(NoticeKind::Info, "there is no canned reply yet");
                return;
            }
            let items = canned
                .into_iter()
                .map(|one| {
                    let first = one
                        .body
                        .lines()
                        .find(|line| !line.trim().is_empty())
                        .unwrap_or("")
                        .to_owned();
                    (one.name, first, Picked::Canned(one.body))
                })
                .collect();
            app.overlays
                .push(Overlay::Picker(Picker::new("canned reply", items)));
        }
        _ => {}
    }
}

/// Takes the result of a command.
pub fn done(app: &mut App, id: ReqId, result: Result<Outcome, Refusal>) {
    let Some(waiting) = app.waiting.remove(&id) else {
        return;
    };
    match (&waiting, result) {
        (Waiting::Save, Ok(outcome)) => {
            if let Some(composer) = &mut app.composer {
                composer.saving = false;
                composer.draft.id = outcome.draft.or(composer.draft.id);
            }
            writing::save(app);
        }
        (Waiting::Save, Err(refusal)) => {
            if let Some(composer) = &mut app.composer {
                composer.saving = false;
                composer.unsaved = true;
            }
            app.say(
                NoticeKind::Error,
                format!("not saved: {refusal}; the text is still here"),
            );
        }
        (Waiting::Queue, Ok(outcome)) => {
            let approval = app
                .composer
                .as_ref()
                .is_some_and(|composer| composer.draft.kind == DraftKind::Approval);
            let kept = app
                .composer
                .as_ref()
                .and_then(|composer| composer.draft.id)
                .filter(|_| approval);
            app.composer = None;
            app.review = None;
            if let Some(id) = kept {
                app.act(Waiting::Quiet, crate::model::Command::DiscardDraft { id });
            }
            if app.place == Place::Approvals {
                app.focus = super::app::Focus::List;
            }
            acted(app, outcome);
            app.reread();
        }
        (Waiting::Queue, Err(refusal)) => {
            let words = refusal.to_string();
            if let Refusal::Moved { head, .. } = &refusal {
                if let Some(composer) = &mut app.composer {
                    composer.seen_head = Some(*head);
                }
                app.reread();
            } else if let Some(review) = &mut app.review {
                review.refused = Some(words.clone());
            }
            app.say(NoticeKind::Warning, format!("not queued: {words}"));
        }
        (Waiting::Decide, result) => {
            app.refresh(Waiting::Approvals);
            match result {
                Ok(outcome) => acted(app, outcome),
                Err(refusal) => app.say(NoticeKind::Warning, format!("not done: {refusal}")),
            }
        }
        (Waiting::Quiet, Ok(_)) => {}
        (_, Ok(outcome)) => acted(app, outcome),
        (_, Err(refusal)) => app.say(NoticeKind::Warning, refusal.to_string()),
    }
}

fn acted(app: &mut App, outcome: Outcome) {
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

/// Takes the text from the editor.
pub fn edited(app: &mut App, id: ReqId, text: Result<Option<String>, String>) {
    if app.waiting.remove(&id).is_none() {
        return;
    }
    match text {
        Ok(Some(text)) => {
            let clean = crate::text::sanitize::sanitize_block(&text).text;
            let theme = app.setup.theme.clone();
            if let Some(composer) = &mut app.composer {
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
    if app.waiting.remove(&id).is_none() {
        return;
    }
    match result {
        Ok(file) => {
            app.say(NoticeKind::Info, format!("{} attached", file.name));
            if let Some(composer) = &mut app.composer {
                composer.draft.attachments.push(file);
                composer.unsaved = true;
            }
            writing::save(app);
        }
        Err(error) => app.say(NoticeKind::Warning, error),
    }
}
