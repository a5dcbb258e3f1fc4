//! What a choice does.

use super::super::app::{App, Focus, Waiting};
use super::super::effect::Effect;
use super::super::msg::NoticeKind;
use super::super::overlays::{Picked, Purpose};
use super::super::{perform, writing};
use crate::desk::macros::commands;
use crate::model::{Command, Query};

/// Does what was chosen.
pub fn pick(app: &mut App, picked: Picked) {
    match picked {
        Picked::Assignee(to) => perform::on_targets(app, |ids| Command::Assign { ids, to }),
        Picked::Priority(priority) => {
            perform::on_targets(app, |ids| Command::SetPriority { ids, priority });
        }
        Picked::Snooze(until) => perform::on_targets(app, |ids| Command::Snooze {
            ids,
            until,
            wake_on_reply: true,
        }),
        Picked::Canned(body) => writing::insert_canned(app, &body),
        Picked::Template(template) => writing::pick_template(app, *template),
        Picked::Way(way) => writing::go_by(app, &way),
        Picked::FreeText => writing::put_away(app),
        Picked::Macro(index) => run_macro(app, index),
        Picked::Person(command) => app.act(Waiting::Act, *command),
        Picked::Reject(id, reason) => perform::prompt(app, Purpose::RejectWords(id, reason), ""),
        Picked::Page(id, to) => perform::prompt(app, Purpose::EscalateReason(id, to), ""),
        Picked::NoWay(words) => app.say(NoticeKind::Warning, words),
        Picked::LookAt(attachment) => {
            app.ask(Waiting::Preview, Query::Preview { attachment });
        }
        Picked::OpenAttachment(id) => app.effects.push(Effect::OpenAttachment(id)),
        Picked::PlayAttachment(id) => app.effects.push(Effect::PlayAttachment(id)),
        Picked::Transcribe(id) => app.effects.push(Effect::Transcribe(id)),
        Picked::SaveAttachment(id) => perform::prompt(app, Purpose::Save(id), ""),
        Picked::OpenLink(target) => app.effects.push(Effect::Open(target)),
        Picked::CopyNumber(number) => {
            app.say(NoticeKind::Info, format!("{number} copied"));
            app.effects.push(Effect::Copy(number));
        }
        Picked::Later(at, unless_reply) => {
            if let Some(review) = &mut app.review {
                review.later = Some(at);
                review.unless_reply = unless_reply;
            }
        }
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
    match commands(&settings, &ids, &me, now, &tz, &app.setup.snooze) {
        Ok(commands) => {
            for command in commands {
                app.act(Waiting::Act, command);
            }
            app.list.marked.clear();
        }
        Err(error) => app.say(NoticeKind::Warning, format!("macro {name}: {error}")),
    }
}
