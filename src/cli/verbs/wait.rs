//! Waiting for what is in the outbox.

use crate::cli::context::Context;
use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::print::diagnostic;
use crate::cli::shown;
use crate::model::{OutboxId, OutboxState};

/// Waits until the row has left, failed, or needs a person. Where no engine runs, this process sends it.
pub async fn until_done(desk: &Desk, row: OutboxId, context: &mut Context) -> Done {
    context.out.flush()?;
    let row = crate::runtime::send_wait(&context.config, &desk.store, row).await?;
    context.out.value(&row)?;
    context
        .out
        .line(&shown::outbox_row(&row, Desk::now()).join("  "))?;
    match row.state {
        OutboxState::Sent => Ok(()),
        // The row itself says what is the matter.
        _ => Err(Failure::Said),
    }
}

/// Tells that the outbox stands still, if it does.
pub fn say_if_nobody_sends(desk: &Desk) -> Done {
    if !desk.store.engine_lock().is_held()? {
        diagnostic(
            "no engine runs, so it waits in the outbox: `frontdesk` or `frontdesk sync` sends it, or add --wait",
        );
    }
    Ok(())
}
