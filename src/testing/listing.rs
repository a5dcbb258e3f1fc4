//! Which conversations a list of the small desk holds, and in which order.

use crate::model::query::{Sort, View};
use crate::model::{Conversation, Status};

/// Whether a conversation is in a view of `me`.
pub(super) fn belongs(one: &Conversation, view: &View, me: &str) -> bool {
    let open = one.status == Status::Open;
    match view {
        View::Inbox => open,
        View::Mine => open && one.assignee.as_deref() == Some(me),
        View::Unassigned => open && one.assignee.is_none(),
        View::Waiting => open && one.waiting_since.is_some(),
        View::Snoozed => one.status == Status::Snoozed,
        View::Resolved => one.status == Status::Resolved,
        View::Spam => one.status == Status::Spam,
        View::All => one.status != Status::Spam,
        View::Channel(channel) => open && one.channel == *channel,
        View::Account(account) => open && one.account == *account,
        View::Label(label) => open && one.labels.contains(label),
        View::Saved(_) => false,
    }
}

/// Smaller comes first, as in the store.
pub(super) fn sort_key(one: &Conversation, sort: Sort) -> i64 {
    const LATER: i64 = 1 << 60;
    match sort {
        Sort::ClosingSoonest => match (one.waiting_since, one.window_closes_at, one.due_at) {
            (Some(_), Some(window), due) => window.0.min(due.map_or(i64::MAX, |due| due.0)),
            (Some(_), None, Some(due)) => due.0,
            (Some(since), None, None) => LATER / 2 + since.0,
            (None, _, _) => LATER - one.last_at.0,
        },
        Sort::Newest => -one.last_at.0,
        Sort::Oldest => one.last_at.0,
        Sort::Priority => -((one.priority as i64) << 50) - one.last_at.0,
    }
}
