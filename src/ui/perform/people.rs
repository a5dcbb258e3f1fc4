//! Deciding who is one person: merging what is suggested, refusing it, taking a merge apart.

use super::super::action::Action;
use super::super::ahead;
use super::super::app::{App, Focus, Waiting};
use super::super::layout::Width;
use super::super::msg::NoticeKind;
use super::super::overlays::{Choice, Overlay, Picked, Picker};
use crate::model::{Command, Contact, IdentityId, Merge, Suggestion};

/// Acts on the one thing that can be meant, or asks which. Nobody merges what is not on the screen: the first press
/// shows the contact.
pub(super) fn decide(app: &mut App, action: Action) {
    if let Some(id) = app.subject() {
        app.preview(id);
    }
    if ahead::waits(app, action) {
        return;
    }
    let detail = app.open.as_ref().and_then(|open| open.detail.as_ref());
    let Some(contact) = detail.map(|detail| detail.contact.clone()) else {
        app.say(NoticeKind::Info, "the contact is still being read");
        return;
    };
    let (title, none, items) = match action {
        Action::MergeContact => (
            "merge with",
            "nobody else looks like the same person",
            suggested(&contact, merge),
        ),
        Action::RefuseMerge => (
            "not the same person",
            "nobody is suggested here",
            suggested(&contact, refuse),
        ),
        _ => (
            "take apart",
            "this contact was not merged with another",
            contact.merges.iter().map(split).collect(),
        ),
    };
    if items.is_empty() {
        app.say(NoticeKind::Info, none);
    } else if !app.contact {
        app.contact = true;
        app.contact_down = 0;
        if app.width() == Width::Narrow {
            app.focus = Focus::Detail;
        }
        let words = format!("look at the contact first; the same key again: {title}");
        app.say(NoticeKind::Info, words);
    } else if let [(_, _, Picked::Person(command))] = items.as_slice() {
        app.act(Waiting::Act, command.as_ref().clone());
    } else {
        app.overlays
            .push(Overlay::Picker(Picker::new(title, items)));
    }
}

fn suggested(contact: &Contact, make: fn(&Contact, &Suggestion) -> Command) -> Vec<Choice> {
    let choice = |one: &Suggestion| {
        let about = one.identities.first().map_or_else(String::new, |first| {
            format!("{} {}", first.channel.tag(), first.address)
        });
        (
            format!("{} · {}", one.name, one.strength.name()),
            about,
            Picked::Person(Box::new(make(contact, one))),
        )
    };
    contact.suggestions.iter().map(choice).collect()
}

fn merge(contact: &Contact, other: &Suggestion) -> Command {
    let both = contact.identities.iter().chain(&other.identities);
    let seen: Vec<IdentityId> = both.map(|one| one.id).collect();
    Command::MergeContacts {
        a: contact.id,
        b: other.contact,
        seen,
    }
}

fn refuse(contact: &Contact, other: &Suggestion) -> Command {
    Command::RefuseMerge {
        a: contact.id,
        b: other.contact,
    }
}

fn split(merge: &Merge) -> Choice {
    (
        format!("{} and {}", merge.addresses.0, merge.addresses.1),
        format!("merged by {}", merge.by.name()),
        Picked::Person(Box::new(Command::SplitContact { merge: merge.id })),
    )
}
