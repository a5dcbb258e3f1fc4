//! Keys typed before what they are about has been read.
//!
//! Over a slow line people type ahead: `Enter r`, and the first words of the reply. The first key that needs what is
//! still on its way waits for it, and all that is typed after it waits in the same order, so that no letter of a reply is
//! lost or pressed as a command. When what was waited for turns out not to be there, the rest is dropped and said so.

use super::action::{Action, Scope};
use super::app::{App, Focus, Place, Waiting};
use super::key::{Code, Key};
use super::msg::NoticeKind;
use super::overlays::{Overlay, Purpose};
use super::{perform, typed, update};
use crate::model::Timestamp;
use crate::model::time::SECOND;
use std::collections::VecDeque;

/// So long keys wait at most, in milliseconds.
const LONGEST: i64 = 15 * SECOND;
/// So many keys wait at most.
const MOST: usize = 2_000;

/// What waits.
#[derive(Debug)]
pub(super) struct Ahead {
    /// What the first key is for, where that is known already.
    first: Option<Action>,
    typed: VecDeque<Typed>,
    since: Timestamp,
}

#[derive(Debug)]
enum Typed {
    Key(Key),
    Paste(String),
}

impl Ahead {
    /// When waiting ends at the latest.
    pub(super) fn until(&self) -> Timestamp {
        self.since + LONGEST
    }

    /// How many keys wait, the first one with them.
    pub(super) fn count(&self) -> usize {
        self.typed.len() + usize::from(self.first.is_some())
    }
}

/// Keeps a key that must wait; false when it can be pressed now.
pub(super) fn keeps(app: &mut App, key: Key) -> bool {
    if let Some(ahead) = &mut app.ahead {
        if key.ctrl && key.code == Code::Char('c') {
            dropped(app, "");
        } else if ahead.typed.len() < MOST {
            ahead.typed.push_back(Typed::Key(key));
        }
        return true;
    }
    if waits_for_more(app) || enter_waits(app, key) {
        wait(app, None, Typed::Key(key));
        return true;
    }
    false
}

/// Keeps pasted text that must wait; false when it can be taken now.
pub(super) fn keeps_paste(app: &mut App, text: &str) -> bool {
    if let Some(ahead) = &mut app.ahead {
        ahead.typed.push_back(Typed::Paste(text.to_owned()));
        return true;
    }
    if waits_for_more(app) {
        wait(app, None, Typed::Paste(text.to_owned()));
        return true;
    }
    false
}

fn wait(app: &mut App, first: Option<Action>, typed: Typed) {
    app.ahead = Some(Ahead {
        first,
        typed: VecDeque::from([typed]),
        since: app.now,
    });
}

/// Lets an action wait when what it is about is still being read; false when it can be done now.
pub(super) fn waits(app: &mut App, action: Action) -> bool {
    if !missing(app, action) {
        return false;
    }
    app.ahead = Some(Ahead {
        first: Some(action),
        typed: VecDeque::new(),
        since: app.now,
    });
    true
}

/// Goes on with what waited, as far as what it is about is here.
pub(super) fn go_on(app: &mut App) {
    while let Some(ahead) = &app.ahead {
        let ready = match (ahead.first, ahead.typed.front()) {
            (Some(action), _) => !missing(app, action),
            (None, Some(Typed::Key(key))) => !waits_for_more(app) && !enter_waits(app, *key),
            (None, _) => !waits_for_more(app),
        };
        if !ready {
            if app.now >= ahead.until() {
                let picker = |waiting: &Waiting| {
                    matches!(
                        waiting,
                        Waiting::Labels | Waiting::Canned | Waiting::Templates
                    )
                };
                app.waiting.retain(|_, waiting| !picker(waiting));
                dropped(app, "it takes too long to read; ");
            }
            return;
        }
        let Some(Ahead { first, typed, .. }) = app.ahead.take() else {
            return;
        };
        press(app, first, typed);
    }
}

/// Forgets what waited, because what it was typed for will not come.
pub(super) fn give_up(app: &mut App) {
    if app
        .ahead
        .as_ref()
        .is_some_and(|ahead| ahead.first.is_none())
    {
        dropped(app, "");
    }
}

fn press(app: &mut App, first: Option<Action>, mut typed: VecDeque<Typed>) {
    if let Some(action) = first {
        perform::perform(app, action);
        app.resized();
        if app.ahead.is_none() && failed(app, action) {
            if !typed.is_empty() {
                let why = app.notice.take().map(|notice| notice.text);
                let why = why.map_or_else(String::new, |why| format!("{why}; "));
                let words = format!("{why}what was typed after it is dropped");
                app.say(NoticeKind::Warning, words);
            }
            return;
        }
    }
    loop {
        if let Some(ahead) = &mut app.ahead {
            // It waits again, for the next thing.
            ahead.typed.append(&mut typed);
            return;
        }
        if decides_unseen(app) && !typed.is_empty() {
            let words = format!("{} dropped: look at the draft first", keys(typed.len()));
            app.say(NoticeKind::Warning, words);
            return;
        }
        match typed.pop_front() {
            Some(Typed::Key(key)) => update::press(app, key),
            Some(Typed::Paste(text)) => typed::paste(app, &text),
            None => return,
        }
        app.resized();
    }
}

fn dropped(app: &mut App, why: &str) {
    let Some(ahead) = app.ahead.take() else {
        return;
    };
    let words = format!("{why}{} dropped", keys(ahead.count()));
    app.say(NoticeKind::Warning, words);
}

fn keys(count: usize) -> String {
    match count {
        1 => "the key typed ahead is".to_owned(),
        count => format!("{count} keys typed ahead are"),
    }
}

/// A decision on a draft of the queue has begun, and nobody can have seen that draft yet: what else was typed for it must
/// not end it.
fn decides_unseen(app: &App) -> bool {
    (app.composer.is_some() || !app.overlays.is_empty()) && perform::is_new(app)
}

/// The action did not lead where the keys after it were meant to go.
fn failed(app: &App, action: Action) -> bool {
    let nothing = match app.place {
        Place::Health => app.health.items.is_empty(),
        _ => app.subject().is_none(),
    };
    nothing && app.composer.is_none() || writes(action) && app.composer.is_none()
}

fn writes(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Reply
            | A::ReplyAll
            | A::Note
            | A::Forward
            | A::Template
            | A::SendLater
            | A::EditProposal
    )
}

/// It is about the text that is kept, if there is one.
fn goes_on(action: Action) -> bool {
    writes(action) || action == Action::DiscardDraft
}

/// A list to choose from comes with an answer, and keys after its key are for it. What was queued leaves the screen once
/// the mirror has it, and keys after that are for what is seen then.
fn waits_for_more(app: &App) -> bool {
    let queueing = |waiting: &Waiting| matches!(waiting, Waiting::Queue(_));
    app.is_waiting(&Waiting::Labels)
        || app.is_waiting(&Waiting::Canned)
        || app.is_waiting(&Waiting::Templates)
        || app.waiting.values().any(queueing)
        || (app.composer.as_ref()).is_some_and(|composer| composer.queue_when_saved)
}

/// Enter in the command line and in the search is about rows.
fn enter_waits(app: &App, key: Key) -> bool {
    if key != Key::plain(Code::Enter) {
        return false;
    }
    match app.overlays.last() {
        Some(Overlay::Prompt(prompt)) => {
            prompt.purpose == Purpose::Command && app.subject().is_none() && reads_rows(app)
        }
        Some(_) => false,
        None => app.place == Place::Search && app.search.typing && reads_rows(app),
    }
}

/// What the action is about is still being read.
fn missing(app: &App, action: Action) -> bool {
    let scope = action.row().scope;
    if app.composer.is_some()
        || app.focus == Focus::Sidebar
        || !matches!(
            scope,
            Scope::List
                | Scope::Conversation
                | Scope::Approvals
                | Scope::Outbox
                | Scope::Pages
                | Scope::Health
        )
    {
        return false;
    }
    let Some(id) = app.subject() else {
        return reads_rows(app);
    };
    if app.place == Place::Drafts && action == Action::Open {
        return reads_rows(app);
    }
    let open = app.open.as_ref().filter(|open| open.id == id);
    (scope == Scope::Conversation || action == Action::EditProposal)
        && open.is_some_and(|open| {
            open.error.is_none()
                && (open.detail.is_none() && app.is_waiting(&Waiting::Detail(id))
                    || !open.loaded && app.is_waiting(&Waiting::Messages(id, false))
                    // A kept text is gone on with as it is now, never as it was read before.
                    || goes_on(action) && (app.is_acting() || app.is_waiting(&Waiting::Detail(id))))
        })
}

/// The rows of this place are being read for the first time.
fn reads_rows(app: &App) -> bool {
    match app.place {
        Place::Lists => {
            let reads = |waiting: &Waiting| matches!(waiting, Waiting::List(_));
            !app.list.loaded && app.waiting.values().any(reads)
        }
        Place::Search => app.is_waiting(&Waiting::Search),
        Place::Outbox => !app.outbox.loaded && app.is_waiting(&Waiting::Outbox),
        Place::Pages => !app.pages.loaded && app.is_waiting(&Waiting::Pages),
        Place::Drafts => app.is_acting() || app.is_waiting(&Waiting::Drafts),
        // What is typed ahead moves there and opens; nothing is decided blindly.
        Place::Approvals => !app.approvals.rows.loaded && app.is_waiting(&Waiting::Approvals),
        Place::Health => !app.health.loaded && app.is_waiting(&Waiting::Health),
    }
}
