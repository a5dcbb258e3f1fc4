//! Keys and text for what is typed into: overlays and the search line.

use super::app::{App, Focus, Place, Waiting};
use super::command_line;
use super::key::{Code, Key};
use super::msg::NoticeKind;
use super::overlays::palette::Leads;
use super::overlays::{Confirmed, Overlay, Picked, Prompt, Purpose};
use super::panes::composer::{Field, read_parties};
use super::panes::list::Asked;
use super::{Effect, perform, writing};
use crate::model::{Command, EscalationId, Timestamp};
use crate::text::when::parse_when;

/// Gives a key to the overlay on top; true when there is one.
pub fn overlay_key(app: &mut App, key: Key) -> bool {
    let Some(mut top) = app.overlays.pop() else {
        return false;
    };
    let quits =
        key == Key::plain(Code::Esc) || key.ctrl && matches!(key.code, Code::Char('c' | 'g'));
    if quits {
        return true;
    }
    match &mut top {
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
        Overlay::Confirm(confirm) => match key.types() {
            Some('y') => match confirm.then {
                Confirmed::Quit => app.effects.push(Effect::Quit),
                Confirmed::DiscardDraft => writing::discard(app),
            },
            Some('n' | 'q') => {}
            _ => app.overlays.push(top),
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
                    palette.cursor = palette.cursor.saturating_sub(1)
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
                    if let Some(picked) = picker.current().cloned() {
                        pick(app, picked);
                    }
                    return true;
                }
                (Code::Down, _) | (Code::Char('n' | 'j'), true) => {
                    picker.cursor =
                        (picker.cursor + 1).min(picker.matching().len().saturating_sub(1));
                }
                (Code::Up, _) | (Code::Char('p' | 'k'), true) => {
                    picker.cursor = picker.cursor.saturating_sub(1)
                }
                _ => {
                    if picker.line.key(key) {
                        picker.cursor = 0;
                    }
                }
            }
            app.overlays.push(top);
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
                    prompt.hints = command_line::hints(app, prompt.line.text());
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
            if app.search.hits.items.is_empty() {
                app.place = Place::Lists;
                app.follow_cursor();
            }
        }
        (Code::Enter, _) => {
            app.search.typing = false;
            app.refresh(Waiting::Search);
            app.follow_cursor();
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
            let mut line = super::line_edit::LineEdit::new(app.search.text.as_str());
            if line.key(key) {
                line.text().clone_into(&mut app.search.text);
                searched(app);
            }
        }
    }
    true
}

fn searched(app: &mut App) {
    app.search.hits.loaded = false;
    app.search.hits.cursor = 0;
    if app.search.text.trim().is_empty() {
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
        Some(Overlay::Picker(picker)) => picker.line.insert(text),
        Some(Overlay::Palette(palette)) => palette.line.insert(text),
        Some(_) => {}
        None if app.place == Place::Search && app.search.typing => {
            let mut line = super::line_edit::LineEdit::new(app.search.text.as_str());
            line.insert(text);
            line.text().clone_into(&mut app.search.text);
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
            match composer.field {
                Field::To => composer.to.insert(text),
                Field::Subject => composer.subject.insert(text),
                Field::Body => {
                    let clean = crate::text::sanitize::sanitize_block(text).text;
                    composer.area.insert_str(clean);
                }
            }
            writing::typed(app);
        }
    }
}

fn time(app: &App, text: &str) -> Result<Timestamp, String> {
    parse_when(text, app.now, &app.setup.tz).map_err(|error| error.to_string())
}

/// Asks how long a page keeps quiet.
pub fn prompt_silence(app: &mut App, id: EscalationId) {
    app.overlays
        .push(Overlay::Prompt(Prompt::with(Purpose::Silence(id), "30m")));
}

/// Takes a typed line.
///
/// # Errors
/// What is wrong with it, in words; the prompt stays.
fn submit(app: &mut App, purpose: &Purpose, text: &str) -> Result<(), String> {
    match purpose {
        Purpose::Command => return command_line::run(app, text),
        Purpose::Filter => {
            text.clone_into(&mut app.list.filter);
            app.list.cursor = 0;
            app.list.rows.clear();
            app.list.loaded = false;
            app.refresh(Waiting::List(Asked::Fresh));
        }
        Purpose::SelectQuery => {
            let needle = text.to_lowercase();
            let ids: Vec<_> = app
                .list
                .rows
                .iter()
                .map(|row| &row.conversation)
                .filter(|c| {
                    let hay = format!(
                        "{} {} {} {} {}",
                        c.contact_name,
                        c.contact_address,
                        c.subject,
                        c.snippet,
                        c.labels.join(" ")
                    );
                    hay.to_lowercase().contains(&needle)
                })
                .map(|c| c.id)
                .collect();
            let count = ids.len();
            app.list.marked.extend(ids);
            app.say(
                NoticeKind::Info,
                format!("{count} marked of the rows that are loaded"),
            );
        }
        Purpose::Labels => {
            let (mut add, mut remove) = (Vec::new(), Vec::new());
            for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
                match word.strip_prefix('-') {
                    Some(label) => remove.push(label.to_owned()),
                    None => add.push(word.trim_start_matches('+').to_owned()),
                }
            }
            perform::on_targets(app, |ids| Command::Label { ids, add, remove });
        }
        Purpose::Snooze => {
            let until = time(app, text)?;
            perform::on_targets(app, |ids| Command::Snooze {
                ids,
                until: Some(until),
                wake_on_reply: true,
            });
        }
        Purpose::RejectWords(id, reason) => {
            app.act(
                Waiting::Decide,
                Command::Reject {
                    id: *id,
                    reason: *reason,
                    words: text.to_owned(),
                },
            );
        }
        Purpose::Redraft(id) if text.is_empty() => {
            return Err(format!(
                "say in a few words what should be different in draft {id}"
            ));
        }
        Purpose::Redraft(id) => app.act(
            Waiting::Decide,
            Command::Redraft {
                id: *id,
                instruction: text.to_owned(),
            },
        ),
        Purpose::AskDraft(conversation) => {
            app.act(
                Waiting::Act,
                Command::AskDraft {
                    conversation: *conversation,
                    instruction: text.to_owned(),
                },
            );
        }
        Purpose::ApproveCount(count) => approve_many(app, *count, text)?,
        Purpose::EscalateReason(conversation, to) => {
            if text.is_empty() {
                return Err("say why in a few words; the person paged reads only that".to_owned());
            }
            let (conversation, to, reason) = (*conversation, to.clone(), text.to_owned());
            app.request(Waiting::Act, |id| Effect::Escalate {
                id,
                conversation,
                to,
                reason,
            });
        }
        Purpose::Silence(id) => {
            let until = time(app, text)?;
            app.act(Waiting::Act, Command::Silence { id: *id, until });
        }
        Purpose::To | Purpose::Cc | Purpose::Bcc => {
            if let Some(composer) = &mut app.composer {
                let recipients = &mut composer.draft.recipients;
                let list = match purpose {
                    Purpose::To => &mut recipients.to,
                    Purpose::Cc => &mut recipients.cc,
                    _ => &mut recipients.bcc,
                };
                *list = read_parties(text, list);
                composer.to = super::line_edit::LineEdit::new(
                    super::panes::composer::show_parties(&composer.draft.recipients.to),
                );
                composer.unsaved = true;
            }
            writing::save(app);
        }
        Purpose::Subject => {
            if let Some(composer) = &mut app.composer {
                text.clone_into(&mut composer.draft.subject);
                composer.subject = super::line_edit::LineEdit::new(text);
                composer.unsaved = true;
            }
            writing::save(app);
        }
        Purpose::Attach => {
            let path = text.to_owned();
            app.request(Waiting::Attach, |id| Effect::Attach { id, path });
        }
        Purpose::Later => {
            let (words, unless) = match text.split_once("unless") {
                Some((when, _)) => (when.trim(), true),
                None => (text, false),
            };
            let at = time(app, words)?;
            if let Some(review) = &mut app.review {
                review.later = Some(at);
                review.unless_reply = unless;
            }
        }
        Purpose::ViewName => {
            if text.is_empty() {
                return Err("a view needs a name".to_owned());
            }
            let query = if app.place == Place::Search {
                app.search.text.clone()
            } else {
                app.list.filter.clone()
            };
            if query.trim().is_empty() {
                return Err("filter the list or search first: the view keeps that".to_owned());
            }
            app.act(
                Waiting::Act,
                Command::SaveView {
                    name: text.to_owned(),
                    query,
                },
            );
        }
        Purpose::Pipe => {
            let message = app
                .open
                .as_ref()
                .and_then(|open| open.newest())
                .map(|message| message.id);
            let (Some(message), command) = (message, text.to_owned()) else {
                return Err("there is no message yet".to_owned());
            };
            app.request(Waiting::Act, |id| Effect::Pipe {
                id,
                message,
                command,
            });
        }
        Purpose::Save(attachment) => {
            let (attachment, to) = (*attachment, text.to_owned());
            app.request(Waiting::Act, |id| Effect::SaveAttachment {
                id,
                attachment,
                to,
            });
        }
        Purpose::Remark(conversation) => {
            app.act(
                Waiting::Act,
                Command::Remark {
                    conversation: *conversation,
                    text: text.to_owned(),
                },
            );
        }
    }
    Ok(())
}

fn approve_many(app: &mut App, count: usize, text: &str) -> Result<(), String> {
    if text.parse() != Ok(count) {
        return Err(format!("type {count} to approve them, Esc to leave them"));
    }
    let marked: Vec<_> = app
        .approvals
        .rows
        .items
        .iter()
        .map(|(proposal, _)| proposal)
        .filter(|proposal| app.approvals.marked.contains(&proposal.id))
        .cloned()
        .collect();
    let profile = |proposal: &crate::model::Proposal| -> Vec<(String, crate::model::Verdict)> {
        proposal
            .gates
            .iter()
            .map(|gate| (gate.gate.clone(), gate.verdict))
            .collect()
    };
    let risky = marked.iter().any(|proposal| {
        proposal.worst() != crate::model::Verdict::Pass
            || proposal.confidence == crate::model::Confidence::Low
    });
    let alike = marked
        .windows(2)
        .all(|pair| profile(&pair[0]) == profile(&pair[1]));
    let unread = marked
        .iter()
        .filter(|proposal| !app.approvals.seen.contains(&proposal.id))
        .count();
    if risky || !alike {
        return Err("only drafts of the same kind, with the same gates and none of them warning, go together".to_owned());
    }
    if unread > 0 {
        return Err(format!(
            "{unread} of them were not on the screen in full; look at them first"
        ));
    }
    for proposal in marked {
        let hold_ms = app
            .setup
            .account(&proposal.account)
            .map_or(8_000, |card| card.hold_ms);
        app.act(
            Waiting::Decide,
            Command::Approve {
                id: proposal.id,
                hash: proposal.bound_hash(),
                hold_ms,
            },
        );
    }
    app.approvals.marked.clear();
    Ok(())
}

fn pick(app: &mut App, picked: Picked) {
    match picked {
        Picked::Assignee(to) => perform::on_targets(app, |ids| Command::Assign { ids, to }),
        Picked::Priority(priority) => {
            perform::on_targets(app, |ids| Command::SetPriority { ids, priority })
        }
        Picked::Snooze(until) => perform::on_targets(app, |ids| Command::Snooze {
            ids,
            until,
            wake_on_reply: true,
        }),
        Picked::SnoozeOther => perform::prompt(app, Purpose::Snooze, ""),
        Picked::Canned(body) => writing::insert_canned(app, &body),
        Picked::Macro(index) => run_macro(app, index),
        Picked::Reject(id, reason) => perform::prompt(app, Purpose::RejectWords(id, reason), ""),
        Picked::Page(id, to) => perform::prompt(app, Purpose::EscalateReason(id, to), ""),
        Picked::Label(label, add) => {
            let (add, remove) = if add {
                (vec![label], Vec::new())
            } else {
                (Vec::new(), vec![label])
            };
            perform::on_targets(app, |ids| Command::Label { ids, add, remove });
        }
        Picked::LabelOther => perform::prompt(app, Purpose::Labels, "+"),
        Picked::OpenAttachment(id) => app.effects.push(Effect::OpenAttachment(id)),
        Picked::SaveAttachment(id) => perform::prompt(app, Purpose::Save(id), ""),
        Picked::OpenLink(target) => app.effects.push(Effect::Open(target)),
        Picked::Later(at) => {
            if let Some(review) = &mut app.review {
                review.later = Some(at);
            }
        }
        Picked::LaterOther => perform::prompt(app, Purpose::Later, ""),
    }
    if app.focus == Focus::Sidebar {
        app.focus = Focus::List;
    }
}

fn run_macro(app: &mut App, index: usize) {
    let Some((name, settings)) = app.setup.macros.get(index).cloned() else {
        return;
    };
    let ids = app.targets();
    let (me, now, tz) = (app.setup.me.clone(), app.now, app.setup.tz.clone());
    match crate::desk::macros::commands(&settings, &ids, &me, now, &tz, &app.setup.snooze) {
        Ok(commands) => {
            for command in commands {
                app.act(Waiting::Act, command);
            }
            app.list.marked.clear();
        }
        Err(error) => app.say(NoticeKind::Warning, format!("macro {name}: {error}")),
    }
}
