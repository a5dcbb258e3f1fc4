//! What each action does.

use super::action::Action;
use super::app::{App, Focus, Place, Waiting};
use super::effect::Effect;
use super::msg::NoticeKind;
use super::overlays::help::Help;
use super::overlays::{
    Confirm, Confirmed, Overlay, Palette, Picked, Picker, Prompt, Purpose, TextBox,
};
use super::panes::list::Asked;
use super::panes::sidebar::{self, Target};
use super::{typed, writing};
use crate::model::command::Settled;
use crate::model::query::{Sort, View};
use crate::model::{Command, DraftKind, OutboxState, Priority, Query, RejectReason, Status};
use crate::text::links;

/// Does it, or says why it cannot be done here.
pub fn perform(app: &mut App, action: Action) {
    use Action as A;
    match action {
        A::Help => {
            let help = Help::new(&app.setup.keymap, &app.scopes());
            app.overlays.push(Overlay::Help(help));
        }
        A::CommandLine => app
            .overlays
            .push(Overlay::Prompt(Prompt::new(Purpose::Command))),
        A::Palette => {
            let palette = Palette::new(&app.setup.keymap, app.places());
            app.overlays.push(Overlay::Palette(palette));
        }
        A::Search => {
            app.place = Place::Search;
            app.focus = Focus::List;
            app.search.typing = true;
        }
        A::NextPane => next_pane(app, 1),
        A::PreviousPane => next_pane(app, -1),
        A::Undo => app.act(Waiting::Act, Command::Undo { id: None }),
        A::Repeat => repeat(app),
        A::Redraw => app.effects.extend([Effect::Redraw, Effect::SyncNow]),
        A::Suspend => app.effects.push(Effect::Suspend),
        A::Back => back(app),
        A::Quit => quit(app),
        A::GoInbox => app.go(Target::View(View::Inbox)),
        A::GoMine => app.go(Target::View(View::Mine)),
        A::GoUnassigned => app.go(Target::View(View::Unassigned)),
        A::GoWaiting => app.go(Target::View(View::Waiting)),
        A::GoSnoozed => app.go(Target::View(View::Snoozed)),
        A::GoResolved => app.go(Target::View(View::Resolved)),
        A::GoAll => app.go(Target::View(View::All)),
        A::GoApprovals => app.go(Target::Approvals),
        A::GoDrafts => app.go(Target::Drafts),
        A::GoOutbox => app.go(Target::Outbox),
        A::GoPages => app.go(Target::Pages),
        A::GoHealth => app.go(Target::Health),
        A::GoViews => app.focus = Focus::Sidebar,
        A::Down => step(app, 1),
        A::Up => step(app, -1),
        A::HalfDown => page(app, true),
        A::HalfUp => page(app, false),
        A::Top => edge(app, false),
        A::Bottom => edge(app, true),
        A::Open => open(app),
        A::Select | A::SelectRange => select(app, action == A::SelectRange),
        A::SelectQuery if app.place == Place::Lists => prompt(app, Purpose::SelectQuery, ""),
        A::Filter if app.place == Place::Lists => {
            let filter = app.list.filter.clone();
            prompt(app, Purpose::Filter, &filter);
        }
        A::SelectQuery | A::Filter => app.say(
            NoticeKind::Info,
            "only lists of conversations can be narrowed",
        ),
        A::Sort => {
            let at = Sort::ALL
                .iter()
                .position(|sort| *sort == app.list.sort)
                .unwrap_or(0);
            app.list.sort = Sort::ALL[(at + 1) % Sort::ALL.len()];
            app.list.cursor = 0;
            app.refresh(Waiting::List(Asked::Fresh));
        }
        A::SaveView => prompt(app, Purpose::ViewName, ""),
        A::NextConversation | A::PreviousConversation => {
            neighbour(app, action == A::NextConversation)
        }
        A::Resolve
        | A::ResolveNext
        | A::Snooze
        | A::Assign
        | A::Claim
        | A::Label
        | A::Priority
        | A::Macro
        | A::Mute
        | A::Spam
        | A::MarkUnread
        | A::Escalate => triage(app, action),
        A::Reply
        | A::ReplyAll
        | A::Note
        | A::Forward
        | A::Template
        | A::SendLater
        | A::DiscardDraft => begin(app, action),
        A::ContactPane
        | A::Attachments
        | A::RawView
        | A::Fold
        | A::Timeline
        | A::Pipe
        | A::Copy
        | A::CopyLink
        | A::Why
        | A::Decide
        | A::AskDraft => look_at(app, action),
        A::QueueReview => writing::review(app),
        A::Editor => writing::editor(app),
        A::Leave => writing::leave(app),
        A::Canned => app.ask(
            Waiting::Canned,
            Query::Canned {
                text: String::new(),
            },
        ),
        A::NextField => writing::next_field(app),
        A::ReviewQueue
        | A::ReviewEdit
        | A::ReviewTo
        | A::ReviewCc
        | A::ReviewBcc
        | A::ReviewSubject
        | A::ReviewAttach
        | A::ReviewDetach
        | A::ReviewLater
        | A::ReviewResolve
        | A::ReviewPostpone
        | A::ReviewDiscard => writing::review_action(app, action),
        A::Approve
        | A::EditProposal
        | A::Reject
        | A::Redraft
        | A::Diff
        | A::Evidence
        | A::Skip
        | A::ApproveMany
        | A::OpenConversation => {
            decide(app, action);
        }
        A::CancelSend
        | A::SendNow
        | A::RetrySend
        | A::WasSent
        | A::NotSent
        | A::DropUnknown
        | A::OpenSent => outbox(app, action),
        A::Acknowledge | A::ClosePage | A::Silence | A::OpenPaged => pages(app, action),
    }
}

/// Opens a line to type into.
pub fn prompt(app: &mut App, purpose: Purpose, text: &str) {
    app.overlays
        .push(Overlay::Prompt(Prompt::with(purpose, text)));
}

/// Does something to conversations and remembers it for `.`.
pub fn on_targets(app: &mut App, make: impl FnOnce(Vec<crate::model::ConversationId>) -> Command) {
    let ids = app.targets();
    if ids.is_empty() {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    }
    let command = make(ids);
    app.last = Some(command.clone());
    app.list.marked.clear();
    app.list.range_from = None;
    app.act(Waiting::Act, command);
}

fn repeat(app: &mut App) {
    let Some(mut command) = app.last.clone() else {
        app.say(NoticeKind::Info, "nothing to repeat yet");
        return;
    };
    let targets = app.targets();
    match &mut command {
        Command::Resolve { ids }
        | Command::Reopen { ids }
        | Command::Snooze { ids, .. }
        | Command::Assign { ids, .. }
        | Command::Label { ids, .. }
        | Command::SetPriority { ids, .. }
        | Command::Mute { ids, .. }
        | Command::Spam { ids, .. }
        | Command::MarkRead { ids, .. } => *ids = targets,
        _ => return,
    }
    app.list.marked.clear();
    app.act(Waiting::Act, command);
}

fn next_pane(app: &mut App, by: isize) {
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

fn back(app: &mut App) {
    if app.composer.is_some() {
        writing::leave(app);
    } else if app.contact {
        app.contact = false;
    } else if app.open.as_ref().is_some_and(|open| open.raw.is_some()) {
        if let Some(open) = &mut app.open {
            open.raw = None;
        }
    } else if app.focus != Focus::List {
        app.focus = Focus::List;
    } else if !app.list.marked.is_empty() && app.place == Place::Lists {
        app.list.marked.clear();
        app.list.range_from = None;
    } else if app.place != Place::Lists
        || app.list.view != View::Inbox
        || !app.list.filter.is_empty()
    {
        app.go(Target::View(View::Inbox));
    } else {
        quit(app);
    }
}

fn quit(app: &mut App) {
    writing::leave(app);
    let unsent = app.counts.held + app.counts.queued;
    let alone = !matches!(app.engine, super::EngineState::Attached(_));
    if unsent > 0 && alone {
        let question =
            format!("{unsent} not sent yet; they wait until frontdesk runs again. Quit? y n");
        app.overlays.push(Overlay::Confirm(Confirm {
            question,
            then: Confirmed::Quit,
        }));
    } else {
        app.effects.push(Effect::Quit);
    }
}

fn step(app: &mut App, by: isize) {
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

/// Scrolls the open conversation; up is positive.
fn scroll(app: &mut App, up: isize) {
    let Some(open) = &mut app.open else { return };
    if open.scroll(up) {
        let id = open.id;
        app.refresh(Waiting::Messages(id, true));
    }
}

fn page(app: &mut App, down: bool) {
    let sign = if down { 1 } else { -1 };
    if app.place == Place::Approvals && app.focus == Focus::List {
        app.approvals.down = app.approvals.down.saturating_add_signed(4 * sign);
        if let Some((proposal, _)) = app.approvals.current() {
            let most = super::panes::approvals::card(
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
        let by = app
            .open
            .as_ref()
            .map_or(1, super::panes::conversation::OpenConversation::page)
            / 2;
        scroll(app, -sign * by.max(1));
        return;
    }
    step(app, sign * app.list.half());
}

fn edge(app: &mut App, end: bool) {
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

fn open(app: &mut App) {
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
                return;
            };
            if let Some(id) = draft.conversation {
                app.preview(id);
            }
            writing::resume(app, draft, conversation);
        }
        (Place::Health, _) => {}
        _ => {
            let Some(id) = app.subject() else {
                app.say(NoticeKind::Info, "there is nothing to open");
                return;
            };
            enter(app, id);
        }
    }
}

/// Opens a conversation with the keys in it, and marks it as read.
pub fn enter(app: &mut App, id: crate::model::ConversationId) {
    if matches!(app.place, Place::Outbox | Place::Pages) {
        app.place = Place::Lists;
    }
    app.preview(id);
    app.focus = Focus::Detail;
    let unread = app
        .open
        .as_ref()
        .and_then(|open| open.conversation())
        .is_none_or(|c| c.unread > 0);
    if unread {
        app.act(
            Waiting::Quiet,
            Command::MarkRead {
                ids: vec![id],
                read: true,
            },
        );
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

fn select(app: &mut App, range: bool) {
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

fn neighbour(app: &mut App, next: bool) {
    let inside = app.focus == Focus::Detail;
    app.focus = Focus::List;
    step(app, if next { 1 } else { -1 });
    if inside && let Some(id) = app.subject() {
        enter(app, id);
    }
}

fn triage(app: &mut App, action: Action) {
    use Action as A;
    if app.targets().is_empty() {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    }
    let current = app
        .open
        .as_ref()
        .and_then(|open| open.conversation())
        .filter(|c| app.subject() == Some(c.id))
        .or(app.list.current())
        .cloned();
    let me = app.setup.me.clone();
    match action {
        A::Resolve | A::ResolveNext => {
            let done = current
                .as_ref()
                .is_some_and(|c| c.status == Status::Resolved)
                && app.list.marked.is_empty();
            on_targets(app, |ids| {
                if done {
                    Command::Reopen { ids }
                } else {
                    Command::Resolve { ids }
                }
            });
            if action == A::ResolveNext {
                neighbour(app, true);
            }
        }
        A::Claim => on_targets(app, |ids| Command::Assign { ids, to: Some(me) }),
        A::Mute => {
            let on = !current.is_some_and(|c| c.muted);
            on_targets(app, |ids| Command::Mute { ids, on });
        }
        A::Spam => {
            let on = current.is_none_or(|c| c.status != Status::Spam);
            on_targets(app, |ids| Command::Spam { ids, on });
        }
        A::MarkUnread => {
            let read = current.is_some_and(|c| c.unread > 0);
            on_targets(app, |ids| Command::MarkRead { ids, read });
        }
        A::Snooze => {
            let mut items: Vec<_> =
                crate::desk::snooze::presets(app.now, &app.setup.tz, &app.setup.snooze)
                    .into_iter()
                    .map(|preset| {
                        let when = preset.until.map_or_else(String::new, |at| {
                            super::clock::when(at, app.now, &app.setup.tz)
                        });
                        (preset.name.to_owned(), when, Picked::Snooze(preset.until))
                    })
                    .collect();
            items.push((
                "another time".to_owned(),
                "type it in words".to_owned(),
                Picked::SnoozeOther,
            ));
            app.overlays
                .push(Overlay::Picker(Picker::new("snooze until", items)));
        }
        A::Assign => {
            let mut items: Vec<_> = app
                .setup
                .agents
                .iter()
                .map(|name| {
                    let more = if *name == me { "you" } else { "" };
                    (
                        name.clone(),
                        more.to_owned(),
                        Picked::Assignee(Some(name.clone())),
                    )
                })
                .collect();
            items.push(("nobody".to_owned(), String::new(), Picked::Assignee(None)));
            app.overlays
                .push(Overlay::Picker(Picker::new("assign to", items)));
        }
        A::Priority => {
            let items = Priority::ALL
                .iter()
                .rev()
                .map(|priority| {
                    (
                        priority.name().to_owned(),
                        String::new(),
                        Picked::Priority(*priority),
                    )
                })
                .collect();
            app.overlays
                .push(Overlay::Picker(Picker::new("priority", items)));
        }
        A::Label => app.ask(Waiting::Labels, Query::Labels),
        A::Macro => {
            let items: Vec<_> = app
                .setup
                .macros
                .iter()
                .enumerate()
                .map(|(index, one)| {
                    (
                        one.0.clone(),
                        one.1.description.clone(),
                        Picked::Macro(index),
                    )
                })
                .collect();
            if items.is_empty() {
                app.say(
                    NoticeKind::Info,
                    "no macro is configured; [[macros]] in the configuration names them",
                );
            } else {
                app.overlays
                    .push(Overlay::Picker(Picker::new("macro", items)));
            }
        }
        A::Escalate => {
            let Some(id) = app.subject() else { return };
            let items: Vec<_> = app
                .setup
                .roster
                .iter()
                .map(|name| (name.clone(), String::new(), Picked::Page(id, name.clone())))
                .collect();
            if items.is_empty() {
                app.say(
                    NoticeKind::Info,
                    "nobody is on the roster; [[roster]] in the configuration names people",
                );
            } else {
                app.overlays
                    .push(Overlay::Picker(Picker::new("page", items)));
            }
        }
        _ => {}
    }
}

fn begin(app: &mut App, action: Action) {
    use Action as A;
    let Some(id) = app.subject() else {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    };
    app.preview(id);
    if matches!(app.place, Place::Outbox | Place::Pages | Place::Drafts) {
        app.place = Place::Lists;
    }
    match action {
        A::Reply => writing::begin(app, writing::Kind::Reply),
        A::ReplyAll => writing::begin(app, writing::Kind::ReplyAll),
        A::Note => writing::begin(app, writing::Kind::Note),
        A::Forward => writing::begin(app, writing::Kind::Forward),
        A::Template => {
            writing::begin(app, writing::Kind::Reply);
            if app.composer.is_some() {
                app.ask(
                    Waiting::Canned,
                    Query::Canned {
                        text: String::new(),
                    },
                );
            }
        }
        A::SendLater => {
            writing::begin(app, writing::Kind::Reply);
            if app.composer.is_some() {
                writing::review(app);
            }
            if app.review.is_some() {
                writing::review_action(app, Action::ReviewLater);
            }
        }
        A::DiscardDraft => {
            let kept = app
                .open
                .as_ref()
                .and_then(|open| open.detail.as_ref())
                .and_then(|detail| detail.drafts.first())
                .and_then(|draft| draft.id);
            match kept {
                Some(id) => app.act(Waiting::Act, Command::DiscardDraft { id }),
                None => app.say(NoticeKind::Info, "there is no unsent text here"),
            }
        }
        _ => {}
    }
}

fn look_at(app: &mut App, action: Action) {
    use Action as A;
    if app.open.is_none() || app.open.as_ref().map(|open| open.id) != app.subject() {
        if let Some(id) = app.subject() {
            app.preview(id);
        }
    }
    let Some(open) = &mut app.open else {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    };
    let newest = open.newest().cloned();
    match action {
        A::ContactPane => {
            app.contact = !app.contact;
            if app.contact && app.width() == super::layout::Width::Narrow {
                app.focus = Focus::Detail;
            }
        }
        A::Fold => open.unfolded = !open.unfolded,
        A::Timeline => {
            open.all_channels = !open.all_channels;
            open.messages.clear();
            let id = open.id;
            app.refresh(Waiting::Messages(id, false));
        }
        A::RawView if open.raw.is_some() => open.raw = None,
        A::RawView => {
            let message = open
                .newest_inbound()
                .or(newest.as_ref())
                .map(|message| message.id);
            match message {
                Some(message) => app.ask(Waiting::Raw(message), Query::Raw { message }),
                None => app.say(NoticeKind::Info, "there is no message yet"),
            }
        }
        A::Why => {
            let sentences = open.why();
            app.overlays.push(Overlay::Text(TextBox {
                title: "why is this here".to_owned(),
                sentences,
            }));
        }
        A::Copy => match newest {
            Some(message) => {
                app.effects.push(Effect::Copy(message.body));
                app.say(NoticeKind::Info, "copied");
            }
            None => app.say(NoticeKind::Info, "there is no message yet"),
        },
        A::CopyLink => {
            if let Some(address) = open.conversation().map(|c| c.contact_address.clone()) {
                app.effects.push(Effect::Copy(address));
                app.say(NoticeKind::Info, "address copied");
            }
        }
        A::Attachments => {
            let mut items = Vec::new();
            for message in open.messages.iter().rev() {
                for attachment in &message.attachments {
                    let size = crate::text::human::size(attachment.size);
                    items.push((
                        format!("save {}", attachment.name),
                        size.clone(),
                        Picked::SaveAttachment(attachment.id),
                    ));
                    items.push((
                        format!("open {}", attachment.name),
                        size,
                        Picked::OpenAttachment(attachment.id),
                    ));
                }
                for found in links::find(&message.body)
                    .into_iter()
                    .filter(|found| found.link.openable())
                    .take(10)
                {
                    if let Some(target) = found.link.target() {
                        items.push((
                            format!("open {}", found.link.label(60)),
                            String::new(),
                            Picked::OpenLink(target.to_owned()),
                        ));
                    }
                }
            }
            if items.is_empty() {
                app.say(NoticeKind::Info, "no attachment and no link here");
            } else {
                app.overlays
                    .push(Overlay::Picker(Picker::new("attachments and links", items)));
            }
        }
        A::Pipe => prompt(app, Purpose::Pipe, ""),
        A::AskDraft => {
            let id = open.id;
            prompt(app, Purpose::AskDraft(id), "");
        }
        A::Decide => {
            let proposal = open
                .detail
                .as_ref()
                .and_then(|detail| detail.proposal.as_ref())
                .map(|proposal| proposal.id);
            match proposal {
                Some(id) => {
                    app.go(Target::Approvals);
                    if let Some(at) = app
                        .approvals
                        .rows
                        .items
                        .iter()
                        .position(|(proposal, _)| proposal.id == id)
                    {
                        app.approvals.rows.cursor = at;
                    }
                }
                None => app.say(
                    NoticeKind::Info,
                    "no draft of the assistant waits here; C-r asks for one",
                ),
            }
        }
        _ => {}
    }
}

fn decide(app: &mut App, action: Action) {
    use Action as A;
    let Some((proposal, conversation)) = app.approvals.current().cloned() else {
        app.say(NoticeKind::Info, "no draft waits for a decision");
        return;
    };
    let card = app.setup.account(&proposal.account).cloned();
    let hold_ms = card.as_ref().map_or(8_000, |card| card.hold_ms);
    match action {
        A::Approve => {
            let area = app.frame().detail;
            let seen = area.width > 0
                && super::panes::approvals::is_seen(&app.approvals, &proposal, area, &app.look());
            if !seen {
                app.say(
                    NoticeKind::Warning,
                    "read it to the end first: C-d scrolls, Enter in a narrow screen shows it",
                );
                return;
            }
            app.act(
                Waiting::Decide,
                Command::Approve {
                    id: proposal.id,
                    hash: proposal.bound_hash(),
                    hold_ms,
                },
            );
        }
        A::EditProposal => writing::edit_proposal(app, &proposal, &conversation),
        A::Reject => {
            let items = RejectReason::ALL
                .iter()
                .map(|reason| {
                    (
                        reason.name().to_owned(),
                        String::new(),
                        Picked::Reject(proposal.id, *reason),
                    )
                })
                .collect();
            app.overlays
                .push(Overlay::Picker(Picker::new("reject because", items)));
        }
        A::Redraft => prompt(app, Purpose::Redraft(proposal.id), ""),
        A::Diff => {
            app.approvals.diff = !app.approvals.diff;
            if proposal.earlier.is_none() {
                app.say(
                    NoticeKind::Info,
                    "there is no earlier draft to compare with",
                );
            }
        }
        A::Evidence => app.approvals.why = !app.approvals.why,
        A::Skip => {
            app.approvals.skipped.insert(proposal.id);
            step(app, 1);
        }
        A::ApproveMany => {
            let count = app.approvals.marked.len();
            if count == 0 {
                app.say(
                    NoticeKind::Info,
                    "Space marks drafts; then Y approves them together",
                );
            } else {
                prompt(app, Purpose::ApproveCount(count), "");
            }
        }
        A::OpenConversation => {
            app.focus = if app.focus == Focus::Detail {
                Focus::List
            } else {
                Focus::Detail
            };
            app.preview(conversation.id);
        }
        _ => {}
    }
}

fn outbox(app: &mut App, action: Action) {
    use Action as A;
    let Some(row) = app.outbox.current() else {
        app.say(NoticeKind::Info, "the outbox is empty");
        return;
    };
    let (id, state, conversation) = (row.out.id, row.state, row.out.conversation);
    let unknown = state == OutboxState::Unknown;
    let command = match action {
        A::CancelSend if unknown => {
            return app.say(
                NoticeKind::Warning,
                "it may have left: y it arrived · n send again · d drop",
            );
        }
        A::CancelSend => Command::CancelSend { id },
        A::SendNow => Command::SendNow { id },
        A::RetrySend if unknown => {
            return app.say(
                NoticeKind::Warning,
                "it may have left: y it arrived · n send again · d drop",
            );
        }
        A::RetrySend => Command::RetrySend { id },
        A::WasSent | A::NotSent | A::DropUnknown if !unknown => {
            return app.say(
                NoticeKind::Info,
                format!("its outcome is known: {}", state.name()),
            );
        }
        A::WasSent => Command::SettleUnknown {
            id,
            as_: Settled::Sent,
        },
        A::NotSent => Command::SettleUnknown {
            id,
            as_: Settled::SendAgain,
        },
        A::DropUnknown => Command::SettleUnknown {
            id,
            as_: Settled::Drop,
        },
        _ => {
            if let Some(conversation) = conversation {
                enter(app, conversation);
            }
            return;
        }
    };
    app.act(Waiting::Act, command);
}

fn pages(app: &mut App, action: Action) {
    let Some(page) = app.pages.current() else {
        app.say(NoticeKind::Info, "nobody is paged");
        return;
    };
    let (id, conversation) = (page.id, page.conversation);
    match action {
        Action::Acknowledge => app.act(Waiting::Act, Command::Acknowledge { id }),
        Action::ClosePage => app.act(Waiting::Act, Command::CloseEscalation { id }),
        Action::Silence => typed::prompt_silence(app, id),
        _ => enter(app, conversation),
    }
}
