//! Whom to page: the roster at once, and whom the accounts know as soon as that is read.

use super::super::app::{App, Waiting};
use super::super::command_line;
use super::super::effect::{Effect, ReqId};
use super::super::msg::NoticeKind;
use super::super::overlays::{Choice, Overlay, Picked, Picker, Prompt, Purpose};
use crate::desk::off_roster::OffRoster;
use crate::model::ConversationId;

const TITLE: &str = "page";

/// Opens the list to choose from.
pub(super) fn whom(app: &mut App) {
    let Some(id) = app.subject() else { return };
    let roster = app.setup.roster.iter();
    let items = roster
        .map(|name| {
            let picked = Picked::Page(id, name.clone());
            (name.clone(), "on the roster".to_owned(), picked)
        })
        .collect();
    let mut picker = Picker::new(
        &format!("{TITLE} · reading whom your accounts know …"),
        items,
    );
    "nobody yet".clone_into(&mut picker.none);
    app.overlays.push(Overlay::Picker(picker));
    // Only the newest list is filled.
    app.waiting
        .retain(|_, waiting| !matches!(waiting, Waiting::People(_)));
    app.request(Waiting::People(Some(id)), |id| Effect::People { id });
}

/// Asks for the names that a typed line may have, once they are needed.
pub fn ask_names(app: &mut App) {
    let asked = |waiting: &Waiting| matches!(waiting, Waiting::People(_));
    if app.off_roster.is_none() && !app.waiting.values().any(asked) {
        app.request(Waiting::People(None), |id| Effect::People { id });
    }
}

/// Pages somebody by name. Who that is, the runtime knows; a refusal leads back to the line.
pub fn page_person(app: &mut App, conversation: ConversationId, to: &str, reason: &str) {
    let mut known = app
        .setup
        .roster
        .iter()
        .chain(app.off_roster.iter().flatten());
    if !known.any(|name| name == to) {
        let words = format!("asking your accounts who {to} is …");
        app.say(NoticeKind::Info, words);
    }
    let line = format!("escalate {to} {reason}");
    let (to, reason) = (to.to_owned(), reason.to_owned());
    app.request(Waiting::Page(conversation, line), |id| Effect::Escalate {
        id,
        conversation,
        to,
        reason,
    });
}

/// Nobody was paged: what was typed can be mended.
pub fn not_paged(app: &mut App, about: ConversationId, line: &str, why: String) {
    let here = app.subject() == Some(about);
    if here && app.overlays.is_empty() && app.composer.is_none() {
        let mut prompt = Prompt::with(Purpose::Command, line);
        prompt.error = Some(why);
        app.overlays.push(Overlay::Prompt(prompt));
    } else {
        app.say(NoticeKind::Warning, why);
    }
}

/// Takes whom the accounts know. The cursor stays on the person it is on.
pub fn people_came(app: &mut App, id: ReqId, people: &[OffRoster], problems: Vec<String>) {
    let Some(Waiting::People(about)) = app.waiting.remove(&id) else {
        return;
    };
    let reachable = people.iter().filter(|one| one.can_be_paged());
    let names = reachable.map(|one| one.entry.name.clone());
    app.off_roster = Some(names.collect());
    let Some(conversation) = about else {
        command_line::renew_hints(app);
        return;
    };
    let Some(picker) = open_picker(app, conversation) else {
        return;
    };
    TITLE.clone_into(&mut picker.title);
    "nothing matches".clone_into(&mut picker.none);
    let before = picker.current().cloned();
    let more = people.iter().map(|person| choice(conversation, person));
    picker.items.extend(more);
    let found = picker
        .matching()
        .iter()
        .position(|(_, _, picked)| Some(picked) == before.as_ref());
    picker.cursor = found.unwrap_or(0);
    let empty = picker.items.is_empty();
    if let Some(problem) = problems.into_iter().next() {
        app.say(NoticeKind::Warning, problem);
    } else if empty {
        app.say(
            NoticeKind::Warning,
            "nobody is on the roster; [[roster]] in the configuration names people",
        );
    }
    if empty {
        app.overlays.pop();
    }
}

/// The list on top of everything, if it is still the one that was asked for.
fn open_picker(app: &mut App, about: ConversationId) -> Option<&mut Picker> {
    let Some(Overlay::Picker(picker)) = app.overlays.last_mut() else {
        return None;
    };
    let here = picker.title.starts_with(TITLE)
        && picker
            .items
            .iter()
            .all(|(_, _, picked)| matches!(picked, Picked::Page(id, _) if *id == about));
    here.then_some(picker)
}

fn choice(conversation: ConversationId, person: &OffRoster) -> Choice {
    let (name, words) = (person.entry.name.clone(), person.words());
    let picked = if person.can_be_paged() {
        Picked::Page(conversation, name.clone())
    } else {
        Picked::NoWay(person.no_way())
    };
    (name, words, picked)
}
