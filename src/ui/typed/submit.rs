//! What a typed line does once Enter is pressed.

use super::super::app::{App, Place, Waiting};
use super::super::effect::Effect;
use super::super::line_edit::LineEdit;
use super::super::overlays::Purpose;
use super::super::panes::composer::{read_parties, show_parties};
use super::super::panes::list::Asked;
use super::super::{command_line, perform, writing};
use crate::model::{Command, Query, Timestamp};
use crate::text::when::parse_when;

fn time(app: &App, text: &str) -> Result<Timestamp, String> {
    parse_when(text, app.now, &app.setup.tz).map_err(|error| error.to_string())
}

/// Takes a typed line.
///
/// # Errors
/// What is wrong with it, in words; the prompt stays.
pub fn submit(app: &mut App, purpose: &Purpose, text: &str) -> Result<(), String> {
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
            let query = app.list.mark_query(text);
            let view = app.list.view.clone();
            app.ask(Waiting::Mark(view), Query::Ids(query));
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
        Purpose::ApproveCount(count) => perform::approve_many(app, *count, text)?,
        Purpose::EscalateReason(conversation, to) => {
            if text.is_empty() {
                return Err("say why in a few words; the person paged reads only that".to_owned());
            }
            perform::page_person(app, *conversation, to, text);
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
                composer.to = LineEdit::new(show_parties(&composer.draft.recipients.to));
                composer.unsaved = true;
            }
            writing::save(app);
        }
        Purpose::Subject => {
            if let Some(composer) = &mut app.composer {
                text.clone_into(&mut composer.draft.subject);
                composer.subject = LineEdit::new(text);
                composer.unsaved = true;
            }
            writing::save(app);
        }
        Purpose::Attach => {
            let path = text.to_owned();
            let serial = app.composers;
            app.request(Waiting::Attach(serial), |id| Effect::Attach { id, path });
        }
        Purpose::ViewName => {
            if text.is_empty() {
                return Err("a view needs a name".to_owned());
            }
            let query = if app.place == Place::Search {
                app.search.text.text().to_owned()
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
