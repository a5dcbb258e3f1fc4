//! Keys and text for what is typed into: overlays and the search line.

mod labels;
mod pick;
mod submit;
mod times;

use super::app::{App, Place, Waiting};
use super::command_line;
use super::key::{Code, Key};
use super::line_edit::LineEdit;
use super::msg::NoticeKind;
use super::overlays::palette::Leads;
use super::overlays::{Confirmed, Overlay, Prompt, Purpose};
use super::panes::composer::Field;
use super::{Effect, perform, writing};
use crate::model::EscalationId;
use pick::pick;
use submit::submit;

/// Gives a key to the overlay on top; true when there is one.
pub fn overlay_key(app: &mut App, key: Key) -> bool {
    let Some(mut top) = app.overlays.pop() else {
        return false;
    };
    // These know themselves what leaving means.
    top = match top {
        Overlay::Passphrase(asked) => {
            super::vault::key(app, asked, key);
            return true;
        }
        Overlay::SettingUp(setting_up) => {
            super::setting_up::key(app, setting_up, key);
            return true;
        }
        Overlay::Trial(trial) => {
            super::setting_up::trial_key(app, trial, key);
            return true;
        }
        other => other,
    };
    let quits =
        key == Key::plain(Code::Esc) || key.ctrl && matches!(key.code, Code::Char('c' | 'g'));
    if quits {
        return true;
    }
    match &mut top {
        // Taken above.
        Overlay::Passphrase(_) | Overlay::SettingUp(_) | Overlay::Trial(_) => {}
        Overlay::Text(_) => return true,
        Overlay::Help(help) => {
            match key.code {
                Code::Char('j') | Code::Down => help.scroll(1),
                Code::Char('k') | Code::Up => help.scroll(-1),
                Code::PageDown | Code::Char(' ' | 'd') => help.scroll(10),
                Code::PageUp | Code::Char('u') => help.scroll(-10),
                _ => return true,
            }
            app.overlays.push(top);
        }
        Overlay::Preview(preview) => {
            match (key.code, key.ctrl) {
                (Code::Char('j') | Code::Down, _) => preview.scroll(1),
                (Code::Char('k') | Code::Up, _) => preview.scroll(-1),
                (Code::PageDown | Code::Char(' '), _) | (Code::Char('d'), true) => {
                    preview.scroll(10);
                }
                (Code::PageUp, _) | (Code::Char('u'), true) => preview.scroll(-10),
                (Code::Char('g') | Code::Home, false) => preview.down = 0,
                (Code::Char('G') | Code::End, false) => preview.scroll(isize::MAX),
                (Code::Char('s'), false) => {
                    let purpose = Purpose::Save(preview.attachment);
                    app.overlays.push(top);
                    perform::prompt(app, purpose, "");
                    return true;
                }
                (Code::Char('o'), false) => {
                    app.effects.push(Effect::OpenAttachment(preview.attachment));
                    return true;
                }
                (Code::Char('p'), false) if preview.audio => {
                    app.effects.push(Effect::PlayAttachment(preview.attachment));
                    app.overlays.push(top);
                    return true;
                }
                (Code::Char('q'), false) => return true,
                _ => app.no_such_key(&[key], "Esc closes this"),
            }
            app.overlays.push(top);
        }
        Overlay::Confirm(confirm) => match key.types() {
            Some('y') => match confirm.then.clone() {
                Confirmed::RemoveAccount(account) => {
                    app.effects.push(Effect::RemoveAccount(account));
                }
                Confirmed::Quit => app.effects.push(Effect::Quit),
                Confirmed::DiscardDraft => writing::discard(app),
            },
            Some('n' | 'q') => {}
            _ => {
                app.overlays.push(top);
                app.no_such_key(&[key], "y is yes, n is no");
            }
        },
        Overlay::Palette(palette) => {
            match (key.code, key.ctrl) {
                (Code::Enter, _) => {
                    if let Some(leads) = palette.current().cloned() {
                        match leads {
                            Leads::Action(action) => perform::perform(app, action),
                            Leads::Place(target) => app.go(target),
                        }
                    }
                    return true;
                }
                (Code::Down, _) | (Code::Char('n' | 'j'), true) => {
                    palette.cursor = (palette.cursor + 1).min(palette.count().saturating_sub(1));
                }
                (Code::Up, _) | (Code::Char('p' | 'k'), true) => {
                    palette.cursor = palette.cursor.saturating_sub(1);
                }
                _ => {
                    if palette.line.key(key) {
                        palette.cursor = 0;
                    }
                }
            }
            app.overlays.push(top);
        }
        Overlay::Picker(picker) => {
            match (key.code, key.ctrl) {
                (Code::Enter, _) => {
                    match picker.current().cloned() {
                        Some(picked) => pick(app, picked),
                        // A time that is not understood yet can be mended.
                        None if picker.time.is_some() => app.overlays.push(top),
                        None => {}
                    }
                    return true;
                }
                (Code::Down, _) | (Code::Char('n' | 'j'), true) => {
                    picker.cursor =
                        (picker.cursor + 1).min(picker.matching().len().saturating_sub(1));
                }
                (Code::Up, _) | (Code::Char('p' | 'k'), true) => {
                    picker.cursor = picker.cursor.saturating_sub(1);
                }
                _ => {
                    if picker.line.key(key) {
                        picker.cursor = 0;
                        times::read(app, picker);
                    }
                }
            }
            app.overlays.push(top);
        }
        Overlay::Labels(labels) => {
            if labels::key(app, labels, key) {
                app.overlays.push(top);
            }
        }
        Overlay::Prompt(prompt) => {
            if key.code == Code::Enter {
                let (purpose, text) = (prompt.purpose.clone(), prompt.line.text().to_owned());
                if let Err(error) = submit(app, &purpose, text.trim()) {
                    prompt.error = Some(error);
                    app.overlays.push(top);
                }
                return true;
            }
            if key.code == Code::Tab && prompt.purpose == Purpose::Command {
                command_line::complete(app, prompt);
            } else if prompt.line.key(key) {
                prompt.error = None;
                if prompt.purpose == Purpose::Command {
                    command_line::typed(app, prompt);
                }
            }
            app.overlays.push(top);
        }
    }
    true
}

/// Gives a key to the search line; true when it is typed into and took the key.
pub fn search_key(app: &mut App, key: Key) -> bool {
    if app.place != Place::Search || !app.search.typing {
        return false;
    }
    match (key.code, key.ctrl) {
        (Code::Esc, _) | (Code::Char('c' | 'g'), true) => {
            app.search.typing = false;
            app.search.earlier = false;
            if app.search.hits.items.is_empty() {
                app.place = Place::Lists;
                app.follow_cursor();
            }
        }
        (Code::Enter, _) => {
            if app.search.text.text().trim().is_empty() {
                app.say(
                    NoticeKind::Info,
                    "type what to look for; Esc leaves the search",
                );
            } else if app.search.hits.current().is_some() {
                app.search.typing = false;
                perform::open(app);
            } else {
                app.say(NoticeKind::Info, "nothing found; Esc leaves the search");
            }
        }
        (Code::Down, _) | (Code::Char('n'), true) => {
            app.search.hits.step(1);
            app.follow_cursor();
        }
        (Code::Up, _) | (Code::Char('p'), true) => {
            app.search.hits.step(-1);
            app.follow_cursor();
        }
        _ => {
            if std::mem::take(&mut app.search.earlier) && key.types().is_some() {
                app.search.text = LineEdit::default();
            }
            let before = app.search.text.text().to_owned();
            if app.search.text.key(key) && app.search.text.text() != before {
                searched(app);
            }
        }
    }
    true
}

fn searched(app: &mut App) {
    app.search.hits.loaded = false;
    app.search.hits.cursor = 0;
    if app.search.text.text().trim().is_empty() {
        app.search.hits.items.clear();
        app.search.remarks.clear();
    } else {
        app.refresh(Waiting::Search);
    }
}

/// Pasted text goes where text is typed, and only there: it never presses keys.
pub fn paste(app: &mut App, text: &str) {
    match app.overlays.last_mut() {
        Some(Overlay::Prompt(prompt)) => prompt.line.insert(text),
        Some(Overlay::Picker(_)) => {
            if let Some(Overlay::Picker(mut picker)) = app.overlays.pop() {
                picker.line.insert(text);
                picker.cursor = 0;
                times::read(app, &mut picker);
                app.overlays.push(Overlay::Picker(picker));
            }
        }
        Some(Overlay::SettingUp(setting_up)) => {
            let effect = super::setting_up::paste(setting_up, text);
            app.effects.extend(effect);
        }
        Some(Overlay::Passphrase(asked)) => super::vault::paste(asked, text),
        Some(Overlay::Palette(palette)) => palette.line.insert(text),
        Some(Overlay::Labels(labels)) => labels.line.insert(text),
        Some(_) => {}
        None if app.place == Place::Search && app.search.typing => {
            if std::mem::take(&mut app.search.earlier) {
                app.search.text = LineEdit::default();
            }
            app.search.text.insert(text);
            searched(app);
        }
        None => {
            let Some(composer) = app.composer.as_mut().filter(|_| app.review.is_none()) else {
                app.say(
                    NoticeKind::Info,
                    "pasted text was not taken: nothing is being written",
                );
                return;
            };
            match (composer.field, &mut composer.form) {
                (Field::To, _) => composer.to.insert(text),
                (Field::Subject, _) => composer.subject.insert(text),
                (Field::Body, Some(form)) => form.insert(text),
                (Field::Body, None) => {
                    let clean = crate::text::sanitize::sanitize_block(text).text;
                    composer.area.insert_str(clean);
                }
            }
            writing::typed(app);
        }
    }
}

/// Asks how long a page keeps quiet.
pub fn prompt_silence(app: &mut App, id: EscalationId) {
    app.overlays
        .push(Overlay::Prompt(Prompt::with(Purpose::Silence(id), "30m")));
}
