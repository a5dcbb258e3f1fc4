//! One message in, effects out.

use super::action::{Action, Scope};
use super::app::{App, Focus, Place, Waiting};
use super::effect::Effect;
use super::key::{Code, Key};
use super::keymap::Found;
use super::msg::{Change, Msg, NoticeKind};
use super::panes::list::Asked;
use super::{ahead, answers, perform, typed, writing};
use crate::model::AccountState;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// Changes the state; total. What it wants done comes back as data.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let bare = app.overlays.is_empty();
    match msg {
        Msg::Key(event) => {
            if let Some(key) = Key::from_event(event) {
                // What was said has been read when the next key comes; what can be undone or is wrong stays a while.
                app.notice
                    .take_if(|notice| notice.kind == NoticeKind::Info && !notice.undoable);
                if !ahead::keeps(app, key) {
                    press_and_make_room(app, key);
                }
            }
        }
        Msg::Paste(text) => {
            // It may be a secret, which is left nowhere.
            let text = zeroize::Zeroizing::new(text);
            if !ahead::keeps_paste(app, &text) {
                typed::paste(app, &text);
            }
        }
        Msg::Mouse(event) => mouse(app, event),
        Msg::Resize(columns, rows) => {
            app.size = (columns, rows);
            app.follow_cursor();
        }
        Msg::Focus(_) => {}
        Msg::Answer { id, answer } => answers::answer(app, id, answer),
        Msg::Done { id, result } => answers::done(app, id, result),
        Msg::Edited { id, text } => answers::edited(app, id, text),
        Msg::Attached { id, result } => answers::attached(app, id, result),
        Msg::Changed(change) => changed(app, &change),
        Msg::Clock(now) => {
            app.now = now;
            if app
                .notice
                .as_ref()
                .is_some_and(|notice| notice.until <= now)
            {
                app.notice = None;
            }
        }
        Msg::People {
            id,
            people,
            problems,
        } => perform::people_came(app, id, &people, problems),
        Msg::Notice { text, kind } => app.say(kind, text),
        Msg::Engine(state) => app.engine = state,
        Msg::SettingUp { run, news } => super::setting_up::told(app, run, news),
        Msg::Vault(news) => super::vault::told(app, news),
        Msg::Renewed(renewed) => {
            // Half a key of the old table means nothing in the new one.
            app.keys.clear();
            app.setup.renew(*renewed);
            app.list.accounts = app.knows_accounts();
        }
    }
    app.resized();
    ahead::go_on(app);
    if bare && !app.overlays.is_empty() {
        app.notices_below = app.notices;
    }
    std::mem::take(&mut app.effects)
}

fn changed(app: &mut App, change: &Change) {
    if change.lists || change.health {
        super::setting_up::refresh(app);
    }
    if change.lists || change.outbox {
        app.refresh(Waiting::Counts);
        if app.place == Place::Lists {
            app.refresh(Waiting::List(Asked::Refresh));
        }
        let about = app.open.as_ref().is_some_and(|open| {
            change.conversations.is_empty() || change.conversations.contains(&open.id)
        });
        if about {
            app.reread();
        }
        match app.place {
            Place::Approvals => app.refresh(Waiting::Approvals),
            Place::Pages => app.refresh(Waiting::Pages),
            Place::Drafts => app.refresh(Waiting::Drafts),
            _ => {}
        }
    }
    if change.outbox && app.place == Place::Outbox {
        app.refresh(Waiting::Outbox);
    }
    if change.health
        || app
            .health
            .items
            .iter()
            .any(|health| health.state != AccountState::Ok)
    {
        app.refresh(Waiting::Health);
    }
}

/// A list or a line that opens shows its own keys, where the warning of before would stand; what it says itself stays.
fn press_and_make_room(app: &mut App, key: Key) {
    let (bare, said) = (app.overlays.is_empty(), app.notices);
    press(app, key);
    if bare && !app.overlays.is_empty() && said == app.notices {
        app.notice
            .take_if(|notice| notice.kind == NoticeKind::Warning);
    }
}

/// A key: to the overlay on top, to what is typed into, or through the keymap to an action.
pub(super) fn press(app: &mut App, key: Key) {
    if typed::overlay_key(app, key) || typed::search_key(app, key) {
        return;
    }
    let scopes = app.scopes();
    let types = scopes.first() == Some(&Scope::Composer);
    let mut keys = app.keys.clone();
    keys.push(key);
    match app.setup.keymap.find(&scopes, &keys) {
        Found::Action(action) if !types || in_text(action) => {
            app.keys.clear();
            perform::perform(app, action);
        }
        Found::Prefix if !types => {
            app.keys = keys;
            app.keys_since = app.now;
        }
        _ if types => {
            app.keys.clear();
            writing::type_key(app, key);
        }
        _ => {
            let known = app.keys.is_empty();
            app.keys.clear();
            if key != Key::plain(Code::Esc) {
                let hint = if known {
                    "? shows the keys of this place"
                } else {
                    "no such key"
                };
                app.no_such_key(&keys, hint);
            }
        }
    }
}

/// What a key may do while a text is written; all other keys are text.
fn in_text(action: Action) -> bool {
    action.row().scope == Scope::Composer
        || matches!(action, Action::Redraw | Action::Suspend | Action::Quit)
}

fn mouse(app: &mut App, event: MouseEvent) {
    let frame = app.frame();
    let at = ratatui::layout::Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
            let down = event.kind == MouseEventKind::ScrollDown;
            let before = app.focus;
            app.focus = if frame.detail.contains(at) {
                Focus::Detail
            } else {
                Focus::List
            };
            for _ in 0..3 {
                perform::perform(app, if down { Action::Down } else { Action::Up });
            }
            app.focus = before;
        }
        MouseEventKind::Down(MouseButton::Left)
            if frame.list.contains(at) && app.place == Place::Lists =>
        {
            writing::leave(app);
            app.focus = Focus::List;
            let row = usize::from(event.row.saturating_sub(frame.list.y + 1) / 2);
            let fit = usize::from(frame.list.height.saturating_sub(1) / 2).max(1);
            let first = (app.list.cursor / fit) * fit;
            if let Some(asked) = app.list.go(first + row) {
                app.refresh(Waiting::List(asked));
            }
            app.follow_cursor();
        }
        MouseEventKind::Down(MouseButton::Left) if frame.detail.contains(at) => {
            app.focus = Focus::Detail;
        }
        _ => {}
    }
}
