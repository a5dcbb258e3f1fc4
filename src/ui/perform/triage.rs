//! What is done to conversations: the one under the cursor, or all that are marked.

use super::super::action::Action;
use super::super::app::{App, Place, Waiting};
use super::super::clock;
use super::super::msg::NoticeKind;
use super::super::overlays::{Overlay, Picked, Picker, TimeFor};
use super::deciding::is_new;
use super::moving::neighbour;
use super::paging;
use crate::model::{Command, Priority, Query, Status};

/// Does something to conversations and remembers it for `.`.
pub fn on_targets(app: &mut App, make: impl FnOnce(Vec<crate::model::ConversationId>) -> Command) {
    let ids = app.targets();
    if ids.is_empty() {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    }
    if came_unseen(app) {
        return;
    }
    let command = make(ids);
    app.last = Some(command.clone());
    app.list.marked.clear();
    app.list.range_from = None;
    let deciding = app.place == Place::Approvals && matches!(command, Command::Assign { .. });
    app.act(
        if deciding {
            Waiting::Reassign
        } else {
            Waiting::Act
        },
        command,
    );
}

/// In the queue of approvals nothing is done to what nobody can have seen yet, and that is said.
fn came_unseen(app: &mut App) -> bool {
    let unseen = is_new(app);
    if unseen {
        app.say(
            NoticeKind::Info,
            "not done: this draft has just come up; look at it first",
        );
    }
    unseen
}

pub(super) fn repeat(app: &mut App) {
    let Some(mut command) = app.last.clone() else {
        app.say(NoticeKind::Info, "nothing to repeat yet");
        return;
    };
    if came_unseen(app) {
        return;
    }
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
    let deciding = app.place == Place::Approvals && matches!(command, Command::Assign { .. });
    app.act(
        if deciding {
            Waiting::Reassign
        } else {
            Waiting::Act
        },
        command,
    );
}

pub(super) fn triage(app: &mut App, action: Action) {
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
            let items: Vec<_> =
                crate::desk::snooze::presets(app.now, &app.setup.tz, &app.setup.snooze)
                    .into_iter()
                    .map(|preset| {
                        let when = preset
                            .until
                            .map_or_else(String::new, |at| clock::when(at, app.now, &app.setup.tz));
                        (preset.name.to_owned(), when, Picked::Snooze(preset.until))
                    })
                    .collect();
            let title = "snooze until: choose, or type 2h, tue 9am";
            let picker = Picker::of_times(title, TimeFor::Snooze, items);
            app.overlays.push(Overlay::Picker(picker));
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
        A::Escalate => paging::whom(app),
        _ => {}
    }
}
