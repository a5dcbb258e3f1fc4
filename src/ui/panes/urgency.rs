//! The most urgent clock of a conversation, in a word or two and in colour.

use super::super::clock;
use super::super::paint::Line;
use super::super::theme::Role;
use super::conversation::Look;
use crate::model::conversation::MostUrgent;
use crate::model::time::{HOUR, MINUTE};
use crate::model::{Conversation, Status};

/// What presses, and until when: `closes 38m`, `due 2h10`, `late 5m`, `wait 1d`.
pub fn most_urgent(c: &Conversation, look: &Look<'_>) -> Line {
    match c.status {
        Status::Resolved | Status::Spam => return Line::of(Role::Dim, c.status.name()),
        Status::Open | Status::Snoozed => {}
    }
    if c.opted_out {
        return Line::of(Role::Warning, "opted out");
    }
    let until = |at: crate::model::Timestamp| at.since(look.now);
    match c.most_urgent() {
        MostUrgent::Window(at) if until(at) <= 0 => Line::of(Role::Warning, "window closed"),
        MostUrgent::Window(at) => {
            Line::of(soon(until(at)), format!("closes {}", coarse(until(at))))
        }
        MostUrgent::Due(at) if until(at) <= 0 => {
            Line::of(Role::Urgent, format!("late {}", coarse(-until(at))))
        }
        MostUrgent::Due(at) => Line::of(soon(until(at)), format!("due {}", coarse(until(at)))),
        MostUrgent::Waiting(at) => {
            let waits = look.now.since(at);
            let role = if waits > 4 * HOUR {
                Role::Warning
            } else {
                Role::Dim
            };
            Line::of(role, format!("wait {}", coarse(waits)))
        }
        MostUrgent::Snoozed(at) => Line::of(
            Role::Dim,
            format!("until {}", clock::when(at, look.now, look.tz)),
        ),
        MostUrgent::Last(at) => Line::of(Role::Dim, clock::when(at, look.now, look.tz)),
    }
}

/// A span as it stands for a minute: the list is drawn anew once a minute, not once a second.
pub fn coarse(ms: i64) -> String {
    match ms {
        ..60_000 => "<1m".to_owned(),
        _ => clock::span(ms),
    }
}

/// How pressing it is that something happens in so many milliseconds.
pub fn soon(ms: i64) -> Role {
    if ms < 30 * MINUTE {
        Role::Urgent
    } else if ms < 2 * HOUR {
        Role::Warning
    } else {
        Role::Dim
    }
}
