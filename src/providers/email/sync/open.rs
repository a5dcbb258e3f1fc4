//! Staying in the folder where news comes: what is new there is read without asking a server to open it anew, which for
//! a large mailbox takes it longer than all the rest.
//!
//! Nothing depends on it. Only messages behind those that are known are read this way; whether that was all, and what
//! else changed, the next look at all folders tells.

use super::super::imap::{Folder, ImapError, Role};
use super::{BATCH, BYTES, Context, FolderState, Position, Reader, Work, windows};
use crate::model::Batch;

/// The folder that is open while nothing is to be read.
pub struct Open {
    folder: Folder,
    uidvalidity: u32,
}

/// The folder where news comes.
pub fn main(chosen: &[Folder]) -> Option<&Folder> {
    chosen
        .iter()
        .find(|folder| matches!(folder.role, Role::Inbox | Role::All))
        .or(chosen.first())
}

impl Open {
    /// This folder was just read to its end and is still open.
    pub fn left(folder: &Folder, state: &FolderState) -> Option<Self> {
        let lasts = state.uidvalidity > 0 && !state.unread;
        lasts.then(|| Self {
            folder: folder.clone(),
            uidvalidity: state.uidvalidity,
        })
    }

    /// Opens it; none where that is refused.
    pub async fn enter(reader: &mut Reader, folder: &Folder) -> Result<Option<Self>, ImapError> {
        match reader.session.examine(&folder.wire, None).await {
            Ok(selected) => Ok(Some(Self {
                folder: folder.clone(),
                uidvalidity: selected.uidvalidity,
            })),
            Err(error) if error.is_refusal() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What has come into it; none if nothing has.
    pub async fn news(
        self,
        reader: &mut Reader,
        context: &Context<'_>,
        before: &Position,
    ) -> Result<Option<Batch>, ImapError> {
        let state = before.folders.get(&self.folder.name).cloned();
        let Some(mut state) = state.filter(|state| {
            context.until.is_none()
                && reader.session.is_open(&self.folder.wire)
                && state.uidvalidity == self.uidvalidity
                && state.uidvalidity > 0
                && !state.unread
        }) else {
            return Ok(None);
        };
        if !reader.session.has_grown() {
            reader.session.run("NOOP").await?;
        }
        if !reader.session.has_grown() {
            return Ok(None);
        }
        let top = state.next.saturating_add(BATCH as u32 - 1);
        let read = windows::up(&mut reader.session, state.next, top, BATCH, BYTES.1).await?;
        // Higher ones may still come.
        let Some(highest) = read.metas.first().and_then(|meta| meta.uid) else {
            return Ok(None);
        };
        let found = read.metas.iter().filter_map(|meta| meta.uid).collect();
        let count = u32::try_from(read.metas.len()).unwrap_or(u32::MAX);
        let mut batch = Batch {
            more: true,
            ..Batch::default()
        };
        let mut work = Work {
            reader,
            context,
            folder: &self.folder,
            events: &mut batch.events,
        };
        work.messages(&state, read.metas).await?;
        state.next = highest.saturating_add(1);
        state.known = state.known.union(&found);
        state.exists = state.exists.saturating_add(count);
        batch.coverage.push(state.coverage(&self.folder.name));
        let mut position = before.clone();
        position.folders.insert(self.folder.name, state);
        batch.cursor = Some(position.write());
        Ok(Some(batch))
    }
}
