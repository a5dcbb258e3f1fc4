//! The last line: what the last action did, what can still be undone, and the keys that matter most here.

use super::super::action::{Action, Scope};
use super::super::ahead::Ahead;
use super::super::app::{App, Focus, Place};
use super::super::clock;
use super::super::key;
use super::super::msg::NoticeKind;
use super::super::notice::Notice;
use super::super::overlays::Overlay;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::super::writing;
use crate::model::DraftKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the line.
pub(super) fn status(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = &app.setup.theme;
    paint::clear(buffer, area, theme.style(Role::Status));
    let right = held(app);
    let room = area
        .width
        .saturating_sub(u16::try_from(right.width()).unwrap_or(0));
    // Over an overlay only what is about it: what could be undone below is not undone from there.
    let about_it = |notice: &Notice| {
        notice.kind != NoticeKind::Info || !notice.undoable && app.notices > app.notices_below
    };
    let shown = |notice: &&Notice| app.overlays.is_empty() || about_it(notice);
    let mut help = Line::default();
    let left = match app.notice.as_ref().filter(shown) {
        _ if app.ahead.is_some() => reading(app),
        Some(notice) => {
            let role = match notice.kind {
                NoticeKind::Info => Role::Text,
                NoticeKind::Warning => Role::Warning,
                NoticeKind::Error => Role::Urgent,
            };
            let line = Line::of(role, format!(" {}", notice.text));
            let mut undo = Line::default();
            if notice.undoable && right.0.is_empty() {
                undo.push(Role::Dim, " · ");
                // Where a text is written the letter is text.
                let types = app.scopes().first() == Some(&Scope::Composer);
                undo.push(Role::Key, if types { "Esc u" } else { "u" });
                undo.push(Role::Dim, " undoes it");
            }
            if app.overlays.is_empty() && app.composer.is_none() && right.0.is_empty() {
                help = hint(app, Action::Help).map_or_else(Line::default, |hint| piece(&hint));
            }
            if line.width() + undo.width() + help.width() > usize::from(room) {
                help = Line::default();
            }
            // However long the sentence is: that it can be taken back is to be read.
            let mut line = whole_words(line, usize::from(room).saturating_sub(undo.width()));
            line.0.extend(undo.0);
            line
        }
        None => fit(&hints(app), usize::from(room)),
    };
    let room = Rect {
        width: room,
        ..area
    };
    paint::line(buffer, theme, room, &left);
    paint::right(buffer, theme, area, &help);
    paint::right(buffer, theme, area, &right);
}

/// What was typed waits for an answer; said at once, because nothing else shows it.
fn reading(app: &App) -> Line {
    let count = app.ahead.as_ref().map_or(0, Ahead::count);
    let keys = if count == 1 { "key waits" } else { "keys wait" };
    Line::of(Role::Dim, format!(" reading … {count} {keys}  "))
        .and(Role::Key, "C-c")
        .and(Role::Dim, " drops them")
}

/// A sentence that is too long ends between two words.
fn whole_words(line: Line, columns: usize) -> Line {
    if line.width() <= columns {
        return line;
    }
    // One column for the blank before it, one for what says that there is more.
    let mut rows = paint::wrapped(&line, columns.saturating_sub(2)).into_iter();
    let mut first = Line::of(Role::Text, " ");
    first.0.extend(rows.next().unwrap_or_default().0);
    if let Some((_, text)) = first.0.last_mut() {
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    first
}

/// Held sends with the time in which they can be taken back.
fn held(app: &App) -> Line {
    let mut line = Line::default();
    if let Some(release) = app.counts.next_release
        && app.counts.held > 0
    {
        let left = release.since(app.now);
        if left > 0 {
            line.push(
                Role::Draft,
                format!(" held {}: undo with ", app.counts.held),
            );
            line.push(Role::Key, "u");
            line.push(Role::Draft, format!(" ({}) ", clock::span(left)));
        }
    }
    line
}

fn piece((keys, words): &(String, String)) -> Line {
    Line::of(Role::Key, format!(" {keys}")).and(Role::Dim, format!(" {words} "))
}

/// An action's keys and word; none when it has no key.
fn hint(app: &App, action: Action) -> Option<(String, String)> {
    // Where no account can be set up, nobody is invited to.
    if action == Action::AddAccount && app.setup.guides.is_empty() {
        return None;
    }
    let keys = app.setup.keymap.keys_of(action)?;
    let conversation = app.open.as_ref().and_then(|open| open.conversation());
    let card = conversation.and_then(|c| app.setup.card(&c.account, c.channel));
    let words = match action {
        // Where there are none of a vendor's, they are our own.
        Action::Template if !card.is_some_and(|card| card.templates) => "canned reply",
        _ => action.row().short,
    };
    Some((key::show(&keys), words.to_owned()))
}

/// As many hints as fit whole; the last one (help) always.
fn fit(hints: &[(String, String)], columns: usize) -> Line {
    let last = hints.last().map(piece).unwrap_or_default();
    let mut line = Line::default();
    let mut used = last.width();
    for hint in hints.iter().take(hints.len().saturating_sub(1)) {
        let next = piece(hint);
        if used + next.width() > columns {
            break;
        }
        used += next.width();
        line.0.extend(next.0);
    }
    line.0.extend(last.0);
    line
}

/// Keys and words of what is on top.
fn hints(app: &App) -> Vec<(String, String)> {
    let fixed = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(keys, words)| ((*keys).to_owned(), (*words).to_owned()))
            .collect()
    };
    match app.overlays.last() {
        Some(Overlay::Help(_)) => return fixed(&[("j k", "scroll"), ("Esc", "close")]),
        Some(Overlay::Preview(_)) => {
            return fixed(&[
                ("j k", "scroll"),
                ("s", "save"),
                ("o", "open"),
                ("Esc", "close"),
            ]);
        }
        Some(Overlay::Text(_)) => return fixed(&[("any key", "closes")]),
        Some(Overlay::Confirm(_)) => return fixed(&[("y", "yes"), ("n", "no")]),
        Some(Overlay::Palette(_) | Overlay::Picker(_)) => {
            return fixed(&[
                ("Enter", "choose"),
                ("Down Up", "move"),
                ("letters", "narrow"),
                ("Esc", "close"),
            ]);
        }
        Some(Overlay::Labels(_)) => {
            return fixed(&[
                ("Space", "on or off"),
                ("Enter", "apply"),
                ("Down Up", "move"),
                ("letters", "narrow, or a new label"),
                ("Esc", "leave all as it was"),
            ]);
        }
        Some(Overlay::SettingUp(setting_up)) => return fixed(&setting_up.hints()),
        Some(Overlay::Trial(trial)) => {
            let mut hints = fixed(&trial.hints());
            if trial.over() {
                let remove = hint(app, Action::RemoveAccount);
                hints.splice(1..1, remove);
            }
            return hints;
        }
        Some(Overlay::Passphrase(asked)) => {
            let words = if asked.makes() { "make it" } else { "open it" };
            return fixed(&[("Enter", words), ("Esc", "leave it")]);
        }
        Some(Overlay::Prompt(prompt)) => {
            let words = prompt.purpose.enter();
            return fixed(&[("Enter", words), ("Esc", "leave")]);
        }
        None => {}
    }
    if app.place == Place::Search && app.search.typing {
        return fixed(&[
            ("Enter", "open"),
            ("Down Up", "move"),
            ("Esc", "to the results"),
        ]);
    }
    if app.review.is_none()
        && app.focus == Focus::Detail
        && let Some(composer) = &app.composer
    {
        let note = composer.draft.kind == DraftKind::Note;
        let keep = if note {
            "keep the note"
        } else {
            "review and queue"
        };
        let templates = composer.card.as_ref().is_some_and(|card| card.templates);
        let canned = if templates && !note {
            "templates"
        } else {
            "canned reply"
        };
        let all = if composer.form.is_some() {
            vec![
                (Action::QueueReview, keep),
                (Action::NextField, "next place"),
                (Action::Canned, "another"),
                (Action::Leave, "leave"),
            ]
        } else {
            vec![
                (Action::QueueReview, keep),
                (Action::Editor, "editor"),
                (Action::Canned, canned),
                (Action::OtherChannel, "other channel"),
                (Action::Leave, "leave"),
            ]
        };
        let customer = matches!(composer.draft.kind, DraftKind::Reply | DraftKind::New);
        return all
            .into_iter()
            .filter(|(action, _)| customer || *action != Action::OtherChannel)
            .filter_map(|(action, words)| Some((hint(app, action)?.0, words.to_owned())))
            .collect();
    }
    actions(app)
        .iter()
        .filter(|action| leads_somewhere(app, **action))
        .filter_map(|action| hint(app, *action))
        .collect()
}

/// What there is at all: on the review screen of this channel, in a conversation to open.
fn leads_somewhere(app: &App, action: Action) -> bool {
    let reviewed = app.review.as_ref().and(app.composer.as_ref());
    let card = reviewed.and_then(|composer| composer.card.as_ref());
    let approves = reviewed.is_some_and(|composer| composer.bound.is_some());
    match action {
        _ if approves && writing::goes_beyond_approval(action) => false,
        Action::ReviewCc | Action::ReviewBcc => card.is_none_or(|card| card.copies),
        Action::ReviewSubject => card.is_none_or(|card| card.subject),
        Action::Attachments => app.open.as_ref().is_some_and(|open| open.openable),
        _ => true,
    }
}

/// The actions that matter most here, in that order.
fn actions(app: &App) -> &'static [Action] {
    use Action as A;
    if app.review.is_some() {
        return &[
            A::ReviewQueue,
            A::ReviewEdit,
            A::ReviewTo,
            A::ReviewAttach,
            A::ReviewLater,
            A::ReviewResolve,
            A::ReviewPostpone,
            A::ReviewDiscard,
            A::ReviewChannel,
            A::ReviewCc,
            A::ReviewBcc,
            A::ReviewSubject,
            A::Help,
        ];
    }
    match (app.place, app.focus) {
        (Place::Search, _) if app.open.is_none() => &[A::Search, A::Back, A::Help],
        (Place::Lists | Place::Search, Focus::Detail) => &[
            A::Reply,
            A::Note,
            A::Resolve,
            A::Snooze,
            A::Assign,
            A::Template,
            A::ContactPane,
            A::Attachments,
            A::Back,
            A::Help,
        ],
        // Nothing is here that a reply could be to.
        (Place::Lists, Focus::List) if app.list.loaded && app.subject().is_none() => {
            if app.knows_accounts() {
                &[A::GoViews, A::GoAll, A::Search, A::Filter, A::Help]
            } else {
                &[A::AddAccount, A::GoViews, A::Search, A::Help]
            }
        }
        (Place::Lists, Focus::Sidebar) => &[A::Down, A::Up, A::Open, A::Back, A::Help],
        (Place::Lists | Place::Search, Focus::List) => &[
            A::Open,
            A::Reply,
            A::Note,
            A::Resolve,
            A::Snooze,
            A::Assign,
            A::Claim,
            A::Label,
            A::Search,
            A::Filter,
            A::Help,
        ],
        (Place::Search, Focus::Sidebar) => &[A::Open, A::Help],
        // The draft itself is a pane away: nothing is approved from here.
        (Place::Approvals, Focus::List) if app.frame().detail.width == 0 => {
            &[A::OpenConversation, A::Reject, A::Skip, A::Back, A::Help]
        }
        (Place::Approvals, _) => &[
            A::Approve,
            A::EditProposal,
            A::Reject,
            A::Redraft,
            A::Evidence,
            A::Diff,
            A::Skip,
            A::OpenConversation,
            A::Help,
        ],
        (Place::Outbox, _) => &[
            A::CancelSend,
            A::SendNow,
            A::RetrySend,
            A::OpenSent,
            A::Back,
            A::Help,
        ],
        (Place::Pages, _) => &[
            A::Acknowledge,
            A::ClosePage,
            A::Silence,
            A::OpenPaged,
            A::Back,
            A::Help,
        ],
        (Place::Drafts, _) => &[A::Open, A::Back, A::Help],
        (Place::Health, _) => &[
            A::TestAccount,
            A::AddAccount,
            A::RemoveAccount,
            A::Redraw,
            A::Back,
            A::Help,
        ],
    }
}
