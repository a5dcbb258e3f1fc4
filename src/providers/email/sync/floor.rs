//! Where the past ends: the lowest UID that is wanted.

use super::cursor::Position;
use super::{Context, Reader};
use crate::model::Timestamp;
use crate::model::time::DAY;
use crate::providers::email::dates::search_date;
use crate::providers::email::imap::select::Selected;
use crate::providers::email::imap::{Data, Folder, ImapError, ImapSession};

/// Where the past ends in a folder.
pub struct Floor {
    /// The lowest UID wanted; at least 1.
    pub uid: u32,
    /// Messages from there on, about.
    pub messages: u64,
}

/// The floor of the mailbox that is open, by the configured limits.
pub async fn floor(
    session: &mut ImapSession,
    context: &Context<'_>,
    selected: &Selected,
) -> Result<Floor, ImapError> {
    let settings = context.settings;
    let mut floor = Floor {
        uid: 1,
        messages: u64::from(selected.exists),
    };
    if selected.exists == 0 {
        return Ok(floor);
    }
    let since = match context.until {
        Some(until) => Some(until),
        None if settings.history_days > 0 => {
            Some(context.now - i64::from(settings.history_days) * DAY)
        }
        None => None,
    };
    if let Some(since) = since {
        let found = session.search(&since_criteria(since)).await?;
        floor.uid = found.min().unwrap_or(selected.uidnext);
        floor.messages = found.len();
    }
    let most = settings.history_messages;
    if context.until.is_none() && most > 0 && selected.exists > most {
        let uid = uid_at(session, selected.exists - most + 1).await?;
        if uid > floor.uid {
            floor.uid = uid;
            floor.messages = u64::from(most);
        }
    }
    Ok(floor)
}

/// Lowers the floor of every folder to `context.until`; never raises one.
pub async fn lower(
    reader: &mut Reader,
    context: &Context<'_>,
    folders: &[Folder],
    position: &mut Position,
) -> Result<(), ImapError> {
    for folder in folders {
        let Some(state) = position.folders.get_mut(&folder.name) else {
            continue;
        };
        if state.floor <= 1 {
            continue;
        }
        let selected = reader.session.examine(&folder.wire, None).await?;
        if selected.uidvalidity != state.uidvalidity {
            continue;
        }
        let floor = floor(&mut reader.session, context, &selected).await?;
        if floor.uid < state.floor {
            state.floor = floor.uid;
            let above = state.known.len();
            state.left = floor.messages.saturating_sub(above);
        }
    }
    Ok(())
}

fn since_criteria(at: Timestamp) -> String {
    format!("SINCE {}", search_date(at))
}

/// The UID of the message with this number; the numbers are those of just after opening.
async fn uid_at(session: &mut ImapSession, number: u32) -> Result<u32, ImapError> {
    let mut uid = 1;
    session
        .run_into(&format!("FETCH {number} (UID)"), &mut |data| {
            if let Data::Fetch(fetch) = data
                && fetch.seq == number
            {
                uid = fetch.uid.unwrap_or(1);
            }
        })
        .await?;
    Ok(uid)
}
