//! Moving: rows, panes, pages, opening and going back.

use super::super::app::{App, Focus, Place, Waiting};
use super::super::effect::Effect;
use super::super::msg::{EngineState, NoticeKind};
use super::super::overlays::{Confirm, Confirmed, Overlay};
use super::super::panes::approvals;
use super::super::panes::contact;
use super::super::panes::conversation::OpenConversation;
use super::super::panes::list::Asked;
use super::super::panes::sidebar::{self, Target};
use super::super::writing;
use crate::model::query::View;
use crate::model::{Command, DraftKind};

pub(super) fn next_pane(app: &mut App, by: isize) {
    let frame = app.frame();
    let mut panes = Vec::new();
    if app.place == Place::Lists {
        panes.push(Focus::Sidebar);
    }
    panes.push(Focus::List);
    if frame.detail.width > 0 || (app.open.is_some() && app.place != Place::Outbox) {
        panes.push(Focus::Detail);
    }
    let at = panes
        .iter()
        .position(|pane| *pane == app.focus)
        .unwrap_or(0);
    let to = (isize::try_from(at).unwrap_or(0) + by)
        .rem_euclid(isize::try_from(panes.len()).unwrap_or(1));
    app.focus = panes
        .get(usize::try_from(to).unwrap_or(0))
        .copied()
        .unwrap_or(Focus::List);
    app.follow_cursor();
}

pub(super) fn back(app: &mut App, quits: bool) {
    if app.composer.is_some() {
        writing::leave(app);
    } else if app.contact {
        app.contact = false;
    } else if app.open.as_ref().is_some_and(|open| open.source.is_some()) {
        if let Some(open) = &mut app.open {
            open.source = None;
        }
    } else if let (Focus::Detail, Some(from)) = (app.focus, app.came_from.take()) {
        app.go(from);
    } else if app.focus != Focus::List {
        app.focus = Focus::List;
        app.follow_cursor();
    } else if !app.list.marked.is_empty() && app.place == Place::Lists {
        app.list.marked.clear();
        app.list.range_from = None;
    } else if app.place == Place::Search {
        app.go(Target::View(app.list.view.clone()));
    } else if app.place != Place::Lists
        || app.list.view != View::Inbox
        || !app.list.filter.is_empty()
    {
        app.go(Target::View(View::Inbox));
    } else if quits {
        quit(app);
    } else {
        app.say(NoticeKind::Info, "this is the top; q quits");
    }
}

pub(super) fn quit(app: &mut App) {
    writing::leave(app);
    let unsent = app.counts.held + app.counts.queued;
    let alone = !matches!(app.engine, EngineState::Attached(_));
    if unsent > 0 && alone {
        let question =
            format!("{unsent} not sent yet; frontdesk sends only while it runs. Quit? y n");
        app.overlays.push(Overlay::Confirm(Confirm {
            question,
            then: Confirmed::Quit,
        }));
    } else {
        app.effects.push(Effect::Quit);
    }
}

pub(super) fn step(app: &mut App, by: isize) {
    match (app.place, app.focus) {
        (Place::Lists, Focus::Sidebar) => {
            let entries = sidebar::entries(&app.counts);
            let mut at = app.sidebar;
            loop {
                let next = at
                    .saturating_add_signed(by)
                    .min(entries.len().saturating_sub(1));
                if next == at {
                    return;
                }
                at = next;
                if entries.get(at).is_some_and(|(.., target)| target.is_some()) {
                    break;
                }
            }
            app.sidebar = at;
        }
        (Place::Lists, Focus::List) => {
            if let Some(asked) = app.list.step(by) {
                app.refresh(Waiting::List(asked));
            }
            app.follow_cursor();
        }
        (Place::Approvals, Focus::List) => {
            if app.approvals.rows.step(by) {
                app.approvals.down = 0;
            }
            app.follow_cursor();
        }
        (Place::Search, Focus::List) => {
            app.search.hits.step(by);
            app.follow_cursor();
        }
        (Place::Outbox, _) => _ = app.outbox.step(by),
        (Place::Pages, _) => _ = app.pages.step(by),
        (Place::Drafts, _) => _ = app.drafts.step(by),
        (Place::Health, _) => _ = app.health.step(by),
        (_, _) => scroll(app, -by),
    }
}

/// Scrolls the open conversation, or the contact where that has its room; up is positive.
pub(super) fn scroll(app: &mut App, up: isize) {
    let panes = app.frame();
    if panes.detail.width == 0 && panes.contact.width > 0 {
        let detail = app.open.as_ref().and_then(|open| open.detail.as_ref());
        let most = detail.map_or(0, |detail| {
            contact::most_down(detail, &app.look(), panes.contact)
        });
        app.contact_down = app.contact_down.saturating_add_signed(-up).min(most);
        return;
    }
    let Some(open) = &mut app.open else { return };
    if open.scroll(up) {
        let id = open.id;
        app.refresh(Waiting::Messages(id, true));
    }
}

pub(super) fn page(app: &mut App, down: bool) {
    let sign = if down { 1 } else { -1 };
    if app.place == Place::Approvals && app.focus == Focus::List {
        app.approvals.down = app.approvals.down.saturating_add_signed(4 * sign);
        if let Some((proposal, _)) = app.approvals.current() {
            let most = approvals::card(
                &app.approvals,
                proposal,
                usize::from(app.frame().detail.width),
                &app.look(),
            )
            .len();
            app.approvals.down = app.approvals.down.min(most);
        }
        return;
    }
    if app.focus == Focus::Detail {
        let by = app.open.as_ref().map_or(1, OpenConversation::page) / 2;
        scroll(app, -sign * by.max(1));
        return;
    }
    step(app, sign * app.list.half());
}

pub(super) fn edge(app: &mut App, end: bool) {
    let far = isize::MAX / 2;
    match (app.place, app.focus) {
        (Place::Lists, Focus::List) => {
            let beyond = if end { app.list.after } else { app.list.before };
            if beyond {
                app.refresh(Waiting::List(if end {
                    Asked::Bottom
                } else {
                    Asked::Fresh
                }));
                if !end {
                    app.list.cursor = 0;
                }
            } else if let Some(asked) = app.list.step(if end { far } else { -far }) {
                app.refresh(Waiting::List(asked));
            }
            app.follow_cursor();
        }
        (_, Focus::Detail) => {
            if let Some(open) = &mut app.open
                && open.scroll_to(end)
            {
                let id = open.id;
                app.refresh(Waiting::Messages(id, true));
            }
        }
        _ => step(app, if end { far } else { -far }),
    }
}

/// Opens what is under the cursor.
pub fn open(app: &mut App) {
    match (app.place, app.focus) {
        (Place::Lists, Focus::Sidebar) => {
            let target = sidebar::entries(&app.counts)
                .into_iter()
                .nth(app.sidebar)
                .and_then(|(.., target)| target);
            if let Some(target) = target {
                app.go(target);
            }
        }
        (Place::Drafts, _) => {
            let Some((draft, conversation)) = app.drafts.current().cloned() else {
                app.say(NoticeKind::Info, "there is no unsent text here");
                return;
            };
            if let Some(id) = draft.conversation {
                app.preview(id);
            }
            writing::resume(app, draft, conversation);
        }
        (Place::Health, _) => {
            let words = match app.health.current() {
                Some(_) => "all of this account is shown; t tests it",
                None => "there is no account here",
            };
            app.say(NoticeKind::Info, words);
        }
        _ => {
            let Some(id) = app.subject() else {
                app.say(NoticeKind::Info, "there is nothing to open");
                return;
            };
            enter(app, id);
            let hit = app.search.hits.current().map(|hit| hit.message);
            if let (Place::Search, Some(message)) = (app.place, hit) {
                app.reveal(message);
            }
        }
    }
}

/// Opens a conversation with the keys in it, and marks it as read.
pub fn enter(app: &mut App, id: crate::model::ConversationId) {
    app.beside_list();
    app.preview(id);
    app.focus = Focus::Detail;
    let unread = app
        .open
        .as_ref()
        .and_then(|open| open.conversation())
        .is_none_or(|c| c.unread > 0);
    if unread {
        app.act(Waiting::Quiet, Command::Look { id });
    }
    let kept = app
        .open
        .as_ref()
        .and_then(|open| open.detail.as_ref())
        .and_then(|detail| {
            let mine = detail
                .drafts
                .iter()
                .find(|draft| draft.kind == DraftKind::Reply)?;
            Some((mine.clone(), detail.conversation.clone()))
        });
    if kept.is_some() {
        app.say(
            NoticeKind::Info,
            "an unsent reply is kept here; r goes on with it",
        );
    }
}

pub(super) fn select(app: &mut App, range: bool) {
    match app.place {
        Place::Lists if range => {
            app.list.range_from = match app.list.range_from {
                Some(_) => None,
                None => Some(app.list.cursor),
            };
            if app.list.range_from.is_some() {
                app.list.mark();
            }
        }
        Place::Lists => {
            app.list.mark();
            step(app, 1);
        }
        Place::Approvals => {
            if let Some(id) = app.approvals.current().map(|(proposal, _)| proposal.id)
                && !app.approvals.marked.remove(&id)
            {
                app.approvals.marked.insert(id);
            }
            step(app, 1);
        }
        _ => app.say(NoticeKind::Info, "nothing can be marked here"),
    }
}

pub(super) fn neighbour(app: &mut App, next: bool) {
    let inside = app.focus == Focus::Detail;
    app.focus = Focus::List;
    step(app, if next { 1 } else { -1 });
    if inside && let Some(id) = app.subject() {
        enter(app, id);
    }
}
