//! A frame from the state. Changes nothing and waits for nothing.

mod footer;
mod header;

use super::app::{App, Focus, Place};
use super::layout::{SMALLEST, Width};
use super::overlays::{self, Overlay};
use super::paint::{self, Line};
use super::panes::conversation::Look;
use super::panes::{
    approvals, contact, drafts, health, list, outbox, pages, review, search, sidebar,
};
use super::theme::Role;
use super::{plain, writing};
use footer::status;
use header::header;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws everything; the terminal's cursor stands at the caret, if there is one.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let theme = &app.setup.theme;
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.style(Role::Text));
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let words = format!(
            "frontdesk needs {}x{}; this is {}x{}",
            SMALLEST.0, SMALLEST.1, area.width, area.height
        );
        paint::sentence(buffer, theme, area, Role::Text, &words);
        return;
    }
    let whole = Rect::new(0, 0, app.size.0, app.size.1);
    if area != whole {
        // The terminal has another size already, and word of it is on its way: what fits is shown until then.
        let mut drawn = Buffer::empty(whole);
        drawn.set_style(whole, theme.style(Role::Text));
        panes(app, &mut drawn);
        paint::copy(&drawn, buffer);
        return;
    }
    if let Some((x, y)) = panes(app, buffer) {
        frame.set_cursor_position((x, y));
    }
}

/// Draws everything for the size that the state is laid out for; returns where the caret is.
fn panes(app: &App, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let panes = app.frame();
    header(app, panes.header, buffer);
    let mut caret = body(app, buffer);
    let on_top = overlay(app, panes.body, buffer);
    if !app.overlays.is_empty() {
        caret = on_top;
    }
    status(app, panes.status, buffer);
    if app.setup.plain {
        plain::soften(buffer);
    }
    caret
}

fn list_look(app: &App) -> Look<'_> {
    Look {
        focused: app.focus == Focus::List,
        ..app.look()
    }
}

fn body(app: &App, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let (theme, plain) = (&app.setup.theme, app.setup.plain);
    let panes = app.frame();
    let entries = sidebar::entries(&app.counts);
    let cursor = (app.focus == Focus::Sidebar).then_some(app.sidebar);
    sidebar::draw(
        &entries,
        &app.here(),
        cursor,
        &app.look(),
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
        Place::Outbox => outbox::draw(&app.outbox, &list_look(app), whole, buffer),
        Place::Pages => pages::draw(&app.pages, &list_look(app), whole, buffer),
        Place::Drafts => drafts::draw(&app.drafts, &list_look(app), whole, buffer),
        Place::Health => health::draw(&app.health, &app.setup.warnings, &look, whole, buffer),
        Place::Lists => {
            list::draw(&app.list, &list_look(app), panes.list, buffer);
            caret = detail(app, buffer);
        }
        Place::Search => {
            if panes.list.width > 0 {
                caret = search::draw(&app.search, &list_look(app), panes.list, buffer);
            }
            let inner = detail(app, buffer);
            caret = caret.or(inner);
        }
        Place::Approvals => {
            if panes.list.width > 0 {
                approvals::draw_list(&app.approvals, &list_look(app), panes.list, buffer);
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

fn rule(app: &App, detail: Rect, list: Rect, buffer: &mut Buffer) {
    if list.width > 0 {
        paint::rule_left_of(buffer, &app.setup.theme, detail, app.setup.plain);
    }
}

fn detail(app: &App, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let panes = app.frame();
    let look = app.look();
    rule(app, panes.detail, panes.list, buffer);
    if panes.contact.width > 0
        && let Some(detail) = app.open.as_ref().and_then(|open| open.detail.as_ref())
    {
        let scrolls = panes.detail.width == 0 && app.focus == Focus::Detail;
        let down = (app.contact_down, scrolls);
        contact::draw(detail, &look, down, panes.contact, buffer);
        if panes.contact.x > panes.body.x {
            paint::rule_left_of(buffer, &app.setup.theme, panes.contact, app.setup.plain);
        }
    }
    if panes.detail.width == 0 {
        return None;
    }
    if let (Some(review), Some(composer)) = (&app.review, &app.composer) {
        let facts = writing::facts(app);
        review::draw(&composer.draft, review, &facts, &look, panes.detail, buffer);
        return None;
    }
    let (above, below) = app.conversation_area();
    let before = app.lingering.as_ref().map(|(before, _)| before);
    if let Some(open) = before
        .filter(|_| app.focus != Focus::Detail)
        .or(app.open.as_ref())
    {
        open.draw(&look, above, buffer);
    } else if app.width() != Width::Narrow {
        let words = Line::of(Role::Dim, "  Nothing is open.");
        paint::line(buffer, &app.setup.theme, paint::row(above, 1), &words);
    }
    match (&app.composer, below) {
        (Some(composer), Some(below)) => composer.draw(&look, below, buffer),
        _ => None,
    }
}

fn overlay(app: &App, body: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let (theme, plain) = (&app.setup.theme, app.setup.plain);
    if app.shows_which_key() {
        let following = app.setup.keymap.following(&app.scopes(), &app.keys);
        overlays::which_key::draw(&app.keys, &following, theme, body, plain, buffer);
    }
    let below = app.overlays.iter().rev().skip(1);
    for overlay in below {
        if let Overlay::SettingUp(setting_up) = overlay {
            setting_up.draw(&app.health.items, (theme, plain), body, buffer);
        }
    }
    let top = app.overlays.last()?;
    match top {
        Overlay::Help(help) => {
            help.draw(theme, body, plain, buffer);
            None
        }
        Overlay::Text(text) => {
            text.draw(theme, body, plain, buffer);
            None
        }
        Overlay::Preview(preview) => {
            preview.draw(theme, body, plain, buffer);
            None
        }
        Overlay::Confirm(confirm) => {
            let question = Line::of(Role::Warning, confirm.question.as_str());
            let rows = paint::wrapped(&question, usize::from(body.width.saturating_sub(2)).max(8));
            let high = u16::try_from(rows.len()).unwrap_or(u16::MAX);
            let inside = overlays::sheet(theme, body, high, "sure?", plain, buffer);
            for (at, row) in rows
                .into_iter()
                .take(usize::from(inside.height))
                .enumerate()
            {
                let mut line = Line::of(Role::Text, " ");
                line.0.extend(row.0);
                paint::line(buffer, theme, paint::row(inside, at), &line);
            }
            None
        }
        Overlay::Palette(palette) => Some(palette.draw(theme, body, plain, buffer)),
        Overlay::Picker(picker) => Some(picker.draw(theme, body, plain, buffer)),
        Overlay::Labels(labels) => Some(labels.draw(theme, body, plain, buffer)),
        Overlay::SettingUp(setting_up) => {
            setting_up.draw(&app.health.items, (theme, plain), body, buffer)
        }
        Overlay::Trial(trial) => {
            trial.draw((theme, plain), body, buffer);
            None
        }
        Overlay::Passphrase(asked) => asked.draw(theme, body, plain, buffer),
        Overlay::Prompt(prompt) => Some(prompt.draw(theme, body, plain, buffer)),
    }
}
