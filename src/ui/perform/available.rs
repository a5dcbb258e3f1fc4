//! Whether an action can be done here, and if not, why.

use super::super::action::{Action, Scope};
use super::super::app::{App, Place};

/// Says why an action can do nothing here.
///
/// The keymap offers only what works where the agent is; palette and command line offer everything, and must not do by
/// name what no key would do: approve what is not on the screen, queue what was not reviewed.
pub fn unavailable(app: &App, action: Action) -> Option<&'static str> {
    use Action as A;
    let writing = app.composer.is_some();
    let always = matches!(
        action,
        A::Help | A::Redraw | A::Suspend | A::Quit | A::Back | A::Escape | A::Undo
    );
    match action.row().scope {
        Scope::Anywhere if writing && !always => Some("first leave the text with Esc; it is kept"),
        Scope::Anywhere => None,
        Scope::Composer if !writing => Some("nothing is being written; r begins a reply"),
        Scope::Composer if app.review.is_some() => Some("e goes back to the text"),
        Scope::Review if app.review.is_none() => Some("nothing is being reviewed"),
        Scope::Composer | Scope::Review => None,
        _ if writing => Some("first leave the text with Esc; it is kept"),
        Scope::Approvals if app.place != Place::Approvals => Some("that is for approvals: g a"),
        Scope::Outbox if app.place != Place::Outbox => Some("that is for the outbox: g o"),
        Scope::Pages if app.place != Place::Pages => Some("that is for pages: g p"),
        Scope::Health if app.place != Place::Health => Some("that is for health: g h"),
        Scope::Conversation if app.subject().is_none() => Some("there is no conversation here"),
        Scope::List if needs_list(action) && app.place != Place::Lists => {
            Some("that is for lists of conversations: g i")
        }
        _ => None,
    }
}

/// What only a list of conversations has.
fn needs_list(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::SelectRange | A::SelectQuery | A::Filter | A::Sort
    )
}
