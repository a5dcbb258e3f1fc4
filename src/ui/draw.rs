//! A frame from the state. Changes nothing and waits for nothing.

use super::action::Action;
use super::app::{App, Focus, Place};
use super::layout::{SMALLEST, Width};
use super::msg::{EngineState, NoticeKind};
use super::overlays::{self, Overlay};
use super::paint::{self, Line};
use super::panes::{
    approvals, contact, drafts, health, list, outbox, pages, review, search, sidebar,
};
use super::theme::Role;
use super::{clock, plain, writing};
use crate::model::AccountState;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws everything; the terminal's cursor stands at the caret, if there is one.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let theme = &app.setup.theme;
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.style(Role::Text));
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let words = format!("frontdesk needs {}x{}", SMALLEST.0, SMALLEST.1);
        paint::line(
            buffer,
            theme,
            paint::row(area, 0),
            &Line::of(Role::Text, words),
        );
        return;
    }
    let panes = app.frame();
    header(app, panes.header, buffer);
    let mut caret = body(app, buffer);
    if let Some(on_top) = overlay(app, panes.body, buffer) {
        caret = on_top;
    }
    status(app, panes.status, buffer);
    if app.setup.plain {
        plain::soften(buffer);
    }
    if let Some((x, y)) = caret {
        frame.set_cursor_position((x, y));
    }
}

fn list_look(app: &App) -> list::Look<'_> {
    list::Look {
        theme: &app.setup.theme,
        now: app.now,
        tz: &app.setup.tz,
        focused: app.focus == Focus::List,
        plain: app.setup.plain,
        me: &app.setup.me,
    }
}

fn body(app: &App, buffer: &mut ratatui::buffer::Buffer) -> Option<(u16, u16)> {
    let (theme, plain) = (&app.setup.theme, app.setup.plain);
    let panes = app.frame();
    let entries = sidebar::entries(&app.counts);
    let cursor = (app.focus == Focus::Sidebar).then_some(app.sidebar);
    sidebar::draw(
        &entries,
        &app.here(),
        cursor,
        theme,
        plain,
        panes.sidebar,
        buffer,
    );
    if panes.sidebar.width > 0 && panes.sidebar.width < panes.body.width {
        paint::rule_left_of(buffer, theme, panes.list, plain);
    }
    let look = app.look();
    // Screens that are not two panes take the room of both.
    let wide = Rect {
        x: panes.list.x.min(panes.detail.x.max(panes.list.x)),
        width: panes
            .list
            .width
            .max(panes.body.right().saturating_sub(panes.list.x)),
        ..panes.body
    };
    let whole = if panes.list.width == 0 {
        panes.body
    } else {
        wide
    };
    let mut caret = None;
    match app.place {
        Place::Outbox => outbox::draw(&app.outbox, &look, whole, buffer),
        Place::Pages => pages::draw(&app.pages, &look, whole, buffer),
        Place::Drafts => drafts::draw(&app.drafts, &look, whole, buffer),
        Place::Health => health::draw(&app.health, &app.setup.warnings, &look, whole, buffer),
        Place::Lists => {
            list::draw(&app.list, &list_look(app), panes.list, buffer);
            caret = detail(app, buffer);
        }
        Place::Search => {
            if panes.list.width > 0 {
                caret = search::draw(&app.search, &look, panes.list, buffer);
            }
            let inner = detail(app, buffer);
            caret = caret.or(inner);
        }
        Place::Approvals => {
            if panes.list.width > 0 {
                let look = super::panes::conversation::Look {
                    focused: app.focus == Focus::List,
                    ..app.look()
                };
                approvals::draw_list(&app.approvals, &look, panes.list, buffer);
            }
            if panes.detail.width > 0 {
                rule(app, panes.detail, panes.list, buffer);
                if app.composer.is_some() {
                    caret = detail(app, buffer);
                } else {
                    approvals::draw_detail(
                        &app.approvals,
                        app.open.as_ref(),
                        &look,
                        panes.detail,
                        buffer,
                    );
                }
            }
        }
    }
    caret
}

fn rule(app: &App, detail: Rect, list: Rect, buffer: &mut ratatui::buffer::Buffer) {
    if list.width > 0 {
        paint::rule_left_of(buffer, &app.setup.theme, detail, app.setup.plain);
    }
}

fn detail(app: &App, buffer: &mut ratatui::buffer::Buffer) -> Option<(u16, u16)> {
    let panes = app.frame();
    let look = app.look();
    rule(app, panes.detail, panes.list, buffer);
    if panes.contact.width > 0
        && let Some(detail) = app.open.as_ref().and_then(|open| open.detail.as_ref())
    {
        contact::draw(detail, &look, panes.contact, buffer);
        if panes.contact.width < panes.body.width {
            paint::rule_left_of(buffer, &app.setup.theme, panes.contact, app.setup.plain);
        }
    }
    if panes.detail.width == 0 {
        return None;
    }
    if let (Some(review), Some(composer)) = (&app.review, &app.composer) {
        let facts = review::Facts {
            card: composer.card.as_ref(),
            warnings: writing::warnings(app),
        };
        review::draw(&composer.draft, review, &facts, &look, panes.detail, buffer);
        return None;
    }
    let (above, below) = app.conversation_area();
    if let Some(open) = &app.open {
        open.draw(&look, above, buffer);
    } else if app.width() != Width::Narrow {
        let words = Line::of(Role::Dim, "  Enter opens a conversation · ? shows all keys");
        paint::line(buffer, &app.setup.theme, paint::row(above, 2), &words);
    }
    match (&app.composer, below) {
        (Some(composer), Some(below)) => composer.draw(&look, below, buffer),
        _ => None,
    }
}

fn overlay(
    app: &App,
    body: Rect,
    buffer: &mut ratatui::buffer::Buffer,
) -> Option<Option<(u16, u16)>> {
    let (theme, plain) = (&app.setup.theme, app.setup.plain);
    if app.shows_which_key() {
        let following = app.setup.keymap.following(&app.scopes(), &app.keys);
        overlays::which_key::draw(&app.keys, &following, theme, body, plain, buffer);
    }
    let top = app.overlays.last()?;
    Some(match top {
        Overlay::Help(help) => {
            help.draw(theme, body, plain, buffer);
            None
        }
        Overlay::Text(text) => {
            text.draw(theme, body, plain, buffer);
            None
        }
        Overlay::Confirm(confirm) => {
            let inside = overlays::sheet(theme, body, 1, "sure?", plain, buffer);
            paint::line(
                buffer,
                theme,
                paint::row(inside, 0),
                &Line::of(Role::Warning, format!(" {}", confirm.question)),
            );
            None
        }
        Overlay::Palette(palette) => Some(palette.draw(theme, body, plain, buffer)),
        Overlay::Picker(picker) => Some(picker.draw(theme, body, plain, buffer)),
        Overlay::Prompt(prompt) => Some(prompt.draw(theme, body, plain, buffer)),
    })
}

fn header(app: &App, area: Rect, buffer: &mut ratatui::buffer::Buffer) {
    let theme = &app.setup.theme;
    paint::clear(buffer, area, theme.style(Role::Header));
    let mut left =
        Line::of(Role::Accent, " frontdesk").and(Role::Dim, format!("  {}", app.setup.me));
    if let Some(shift) = &app.setup.shift {
        left.push(Role::Dim, format!(" · {shift}"));
    }
    let counts = &app.counts;
    let mut middle = Line::default();
    let mut fact = |role, text: String| {
        middle.push(Role::Dim, if middle.0.is_empty() { "    " } else { " · " });
        middle.push(role, text);
    };
    if counts.approvals > 0 {
        fact(Role::Draft, format!("approvals {}", counts.approvals));
    }
    if counts.pages > 0 {
        fact(Role::Urgent, format!("pages {}", counts.pages));
    }
    if counts.unknown > 0 {
        fact(
            Role::Urgent,
            format!("{} not known if sent", counts.unknown),
        );
    }
    if counts.failed > 0 {
        fact(Role::Urgent, format!("{} not sent", counts.failed));
    }
    left.0.extend(middle.0);
    let right = accounts(app);
    let room = area
        .width
        .saturating_sub(u16::try_from(right.width() + 1).unwrap_or(0));
    paint::styled(
        buffer,
        theme,
        Rect {
            width: room,
            ..area
        },
        &left,
        None,
    );
    paint::right(buffer, theme, area, &right);
}

/// The accounts in a few words: how many work, and the one that does not.
fn accounts(app: &App) -> Line {
    let all = &app.health.items;
    let good = all
        .iter()
        .filter(|health| health.state == AccountState::Ok)
        .count();
    let mut line = Line::default();
    match app.engine {
        EngineState::Attached(_) => line.push(Role::Dim, "attached  "),
        EngineState::ReadOnly => line.push(Role::Warning, "read only  "),
        EngineState::Starting | EngineState::Holder => {}
    }
    let (dot, warn) = if app.setup.plain {
        ("", "!")
    } else {
        ("● ", "▲ ")
    };
    if good > 0 {
        line.push(Role::Good, format!("{dot}{good} ok"));
    }
    if let Some(bad) = all
        .iter()
        .filter(|health| health.state != AccountState::Ok)
        .max_by_key(|health| health.state == AccountState::Broken)
    {
        let (role, word) = health::state_word(bad.state);
        let age = bad.last_proof.map_or_else(String::new, |at| {
            format!(" {}", clock::span(app.now.since(at)))
        });
        line.push(role, format!("  {warn}{} {word}{age}", bad.account));
    }
    line.push(Role::Dim, " ");
    line
}

fn status(app: &App, area: Rect, buffer: &mut ratatui::buffer::Buffer) {
    let theme = &app.setup.theme;
    paint::clear(buffer, area, theme.style(Role::Status));
    let mut right = Line::default();
    if let Some(release) = app.counts.next_release
        && app.counts.held > 0
    {
        let left = release.since(app.now);
        if left > 0 {
            right.push(Role::Draft, format!("held {}: undo with ", app.counts.held));
            right.push(Role::Key, "u");
            right.push(Role::Draft, format!(" ({}) ", clock::span(left)));
        }
    }
    let left = match &app.notice {
        Some(notice) => {
            let role = match notice.kind {
                NoticeKind::Info => Role::Text,
                NoticeKind::Warning => Role::Warning,
                NoticeKind::Error => Role::Urgent,
            };
            let mut line = Line::of(role, format!(" {}", notice.text));
            if notice.undoable && right.0.is_empty() {
                line.push(Role::Dim, " · ");
                line.push(Role::Key, "u");
                line.push(Role::Dim, " undoes it");
            }
            line
        }
        None => footer(app),
    };
    let room = area
        .width
        .saturating_sub(u16::try_from(right.width() + 1).unwrap_or(0));
    paint::styled(
        buffer,
        theme,
        Rect {
            width: room,
            ..area
        },
        &left,
        None,
    );
    paint::right(buffer, theme, area, &right);
}

/// The keys that matter most here; each is in the action table and does what it says.
fn footer(app: &App) -> Line {
    use Action as A;
    let actions: &[Action] = if app.review.is_some() {
        &[
            A::ReviewQueue,
            A::ReviewEdit,
            A::ReviewPostpone,
            A::ReviewDiscard,
        ]
    } else if app.composer.is_some() && app.focus == Focus::Detail {
        &[A::QueueReview, A::Editor, A::Canned, A::Leave]
    } else {
        match (app.place, app.focus) {
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
            (Place::Lists, Focus::Sidebar) => &[A::Down, A::Up, A::Open, A::Back, A::Help],
            (Place::Lists | Place::Search, Focus::List) => &[
                A::Down,
                A::Up,
                A::Open,
                A::Reply,
                A::Note,
                A::Resolve,
                A::Snooze,
                A::Assign,
                A::Search,
                A::Help,
            ],
            (Place::Search, Focus::Sidebar) => &[A::Open, A::Help],
            (Place::Approvals, _) => &[
                A::Approve,
                A::EditProposal,
                A::Reject,
                A::Redraft,
                A::Evidence,
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
            (Place::Health, _) => &[A::Down, A::Up, A::Back, A::Help],
        }
    };
    let mut line = Line::of(Role::Text, " ");
    for action in actions {
        if let Some(keys) = app.setup.keymap.keys_of(*action) {
            line.push(Role::Key, super::key::show(&keys));
            line.push(Role::Dim, format!(" {}  ", action.row().short));
        }
    }
    line
}
