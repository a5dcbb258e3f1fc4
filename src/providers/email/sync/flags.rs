//! Flags where the server does not count changes: looked at in windows, and told of where a window is not as it was.

use super::cursor::Position;
use super::{Reader, remote};
use crate::model::event::Flags;
use crate::model::{Batch, Event};
use crate::providers::email::imap::{Folder, ImapError, MailboxStatus, Role};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// UIDs of one window.
const WIDTH: u32 = 500;
/// Windows of the newest messages that are looked at each time; of the older ones, one each time in turn.
const NEWEST: u32 = 4;

/// Looks at the flags of the folders in which changes are not counted.
pub async fn sweep(
    reader: &mut Reader,
    folders: &[(&Folder, MailboxStatus)],
    position: &mut Position,
    batch: &mut Batch,
) -> Result<(), ImapError> {
    for (folder, _) in folders {
        let Some(state) = position.folders.get_mut(&folder.name) else {
            continue;
        };
        if state.modseq > 0 || state.known.is_empty() || state.uidvalidity == 0 {
            continue;
        }
        let selected = reader.session.examine(&folder.wire, None).await?;
        if selected.uidvalidity != state.uidvalidity {
            continue;
        }
        let top = (state.next - 1) / WIDTH;
        let bottom = state.low / WIDTH;
        let mut windows: Vec<u32> = (top.saturating_sub(NEWEST - 1).max(bottom)..=top).collect();
        if let Some(oldest) = windows.first().copied()
            && oldest > bottom
        {
            if state.sweep < bottom || state.sweep >= oldest {
                state.sweep = bottom;
            }
            windows.push(state.sweep);
            state.sweep += 1;
        }
        let asked: Vec<String> = windows
            .iter()
            .map(|window| {
                format!(
                    "{}:{} (UID FLAGS)",
                    (window * WIDTH).max(1),
                    window * WIDTH + WIDTH - 1
                )
            })
            .collect();
        let mut found: BTreeMap<u32, Vec<(u32, Flags)>> = BTreeMap::new();
        for fetch in reader.session.fetch(&asked, 3).await? {
            if let (Some(uid), Some(mut flags)) = (fetch.uid, fetch.flags)
                && state.known.contains(uid)
            {
                flags.junk |= folder.role == Role::Junk;
                found.entry(uid / WIDTH).or_default().push((uid, flags));
            }
        }
        for (window, mut rows) in found {
            rows.sort_by_key(|(uid, _)| *uid);
            let digest = digest(&rows);
            if state.windows.insert(window, digest) != Some(digest) {
                batch
                    .events
                    .extend(rows.into_iter().map(|(uid, flags)| Event::Flags {
                        remote: remote(folder, state.uidvalidity, uid),
                        flags,
                    }));
            }
        }
    }
    Ok(())
}

/// A hash that is the same in every run of one build; another build merely looks once more.
fn digest(rows: &[(u32, Flags)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (uid, flags) in rows {
        (
            uid,
            flags.seen,
            flags.answered,
            flags.flagged,
            flags.junk,
            flags.draft,
        )
            .hash(&mut hasher);
    }
    hasher.finish()
}
