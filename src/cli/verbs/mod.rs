//! The verbs, a file for each kind.

pub mod approvals;
pub mod assign;
pub mod contact;
pub mod label;
pub mod lists;
pub mod mark;
pub mod note;
pub mod outbox;
pub mod pages;
mod place;
pub mod reply;
mod reply_on;
pub mod search;
pub mod show;
pub mod snooze;
mod template_create;
pub mod templates;
mod text;
pub mod undo;
mod wait;

use super::context::Context;
use super::desk::Desk;
use super::failure::Done;
use crate::model::{Command, Outcome};

/// Does one thing and says what came of it.
async fn act(context: &mut Context, command: Command) -> Done {
    let desk = Desk::open(context)?;
    let outcome = desk.apply(command).await?;
    say(context, &outcome)
}

/// What an action did: its sentence and how to take it back, or the whole outcome as JSON.
fn say(context: &mut Context, outcome: &Outcome) -> Done {
    let out = &mut context.out;
    out.value(outcome)?;
    out.line(&outcome.says)?;
    if let (true, Some(entry), true) = (outcome.undoable, outcome.journal, out.is_terminal()) {
        out.line(&format!("take it back: frontdesk undo {entry}"))?;
    }
    Ok(())
}
