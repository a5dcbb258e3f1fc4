//! Whom to page: the roster at once, and whom the accounts know as soon as that is read.

use super::super::app::{App, Waiting};
use super::super::effect::{Effect, ReqId};
use super::super::msg::NoticeKind;
use super::super::overlays::{Choice, Overlay, Picked, Picker};
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
    app.request(Waiting::People(id), |id| Effect::People { id });
}

/// Takes whom the accounts know. The cursor stays on the person it is on.
pub fn people_came(app: &mut App, id: ReqId, people: &[OffRoster], problems: Vec<String>) {
    let Some(Waiting::People(conversation)) = app.waiting.remove(&id) else {
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
        Picked::NoWay(format!(
            "no mail address is known of {name}; a [[roster]] entry can give one"
        ))
    };
    (name, words, picked)
}
