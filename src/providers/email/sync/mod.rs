//! Reading the folders: what is new, what changed, what went away, and what is still to be read of the past.
//!
//! One pull does one piece of work in one folder, so that a batch is small enough for one transaction and the newest
//! messages of every folder come before the old ones of any.

mod bodies;
mod cursor;
mod flags;
mod floor;
mod large;
mod open;
pub mod part;
mod structure;
mod transfer;
mod windows;

use super::imap::folders::choose;
use super::imap::select::{Known, Selected};
use super::imap::{Fetch, Folder, ImapError, ImapSession, MailboxStatus, UidSet};
use super::map::{Ours, message};
use super::settings::EmailSettings;
use crate::model::event::Flags;
use crate::model::{Batch, Coverage, Cursor, Event, NewMessage, RemoteId, Timestamp};
use cursor::{FolderState, Position};
use open::Open;
pub use open::main;
use std::time::{Duration, Instant};

/// Messages of a folder's very first batch: the list is of use at once.
const FIRST: usize = 50;
/// Messages of every other batch.
const BATCH: usize = 500;
/// How long the past of one folder is read on before all folders are looked at again.
const LOOK: Duration = Duration::from_secs(4);
/// Bytes of the first batch, and of the others.
const BYTES: (u64, u64) = (4 << 20, 24 << 20);

/// A connection with what was learnt over it.
pub struct Reader {
    /// The connection.
    pub session: ImapSession,
    /// Every mailbox.
    pub folders: Vec<Folder>,
    /// The folder whose past is being read.
    past: Option<Past>,
    /// The folder that was left open.
    open: Option<Open>,
    /// All folders were looked at before.
    looked: bool,
}

/// A folder whose past is being read. It stays open: opening one anew costs a server more than reading it, and asking
/// for all others each time, too.
struct Past {
    folder: Folder,
    uidvalidity: u32,
    since: Instant,
    /// What the others were like then.
    told: Vec<(Folder, MailboxStatus)>,
}

impl Reader {
    /// Looks around on a session that is logged in.
    pub async fn new(mut session: ImapSession) -> Result<Self, ImapError> {
        let folders = session.folders().await?;
        Ok(Self {
            session,
            folders,
            past: None,
            open: None,
            looked: false,
        })
    }

    /// The folders that are read.
    pub fn chosen(&self, settings: &EmailSettings) -> Vec<Folder> {
        choose(&self.folders, &settings.folders, self.is_gmail())
            .into_iter()
            .cloned()
            .collect()
    }

    /// Does the server have Gmail's labels?
    pub fn is_gmail(&self) -> bool {
        self.session.has("X-GM-EXT-1")
    }
}

/// What the reading depends on besides the connection.
pub struct Context<'a> {
    /// The account.
    pub settings: &'a EmailSettings,
    /// The account's idea of itself.
    pub ours: &'a Ours,
    /// The time now.
    pub now: Timestamp,
    /// Read back to here whatever the configuration says.
    pub until: Option<Timestamp>,
}

/// What a folder needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// Never read.
    First,
    /// Its UIDs are of another generation.
    Reset,
    /// Something happened in it.
    News,
    /// Old messages are missing.
    Older,
}

fn need(status: &MailboxStatus, state: Option<&FolderState>) -> Option<Need> {
    let Some(state) = state else {
        return Some(Need::First);
    };
    let same = |told: Option<u32>, known: u32| told.is_none_or(|told| told == known);
    if !same(status.uidvalidity, state.uidvalidity)
        || status.uidnext.is_some_and(|next| next < state.next)
    {
        return Some(Need::Reset);
    }
    let changed = status
        .modseq
        .is_some_and(|modseq| modseq > 0 && modseq != state.modseq);
    if !same(status.uidnext, state.next) || !same(status.messages, state.exists) || changed {
        return Some(Need::News);
    }
    (state.low > state.floor).then_some(Need::Older)
}

/// The UIDs of the mailbox that is open, without those below the configured limits of its history.
pub async fn wanted(
    reader: &mut Reader,
    context: &Context<'_>,
    selected: &Selected,
) -> Result<UidSet, ImapError> {
    let floor = floor::floor(&mut reader.session, context, selected).await?;
    let all = reader.session.search("ALL").await?;
    Ok(all.iter().filter(|uid| *uid >= floor.uid).collect())
}

/// Reads on from `since`.
pub async fn pull(
    reader: &mut Reader,
    context: &Context<'_>,
    since: Option<&Cursor>,
) -> Result<Batch, ImapError> {
    let before = Position::read(since);
    let mut position = before.clone();
    let chosen = reader.chosen(context.settings);
    position.keep(&chosen);
    if let Some(batch) = on(reader, context, &before).await? {
        return Ok(batch);
    }
    if let Some(open) = reader.open.take()
        && let Some(batch) = open.news(reader, context, &before).await?
    {
        return Ok(batch);
    }
    if context.until.is_some() {
        floor::lower(reader, context, &chosen, &mut position).await?;
    }
    reader.session.leave().await?;
    let borrowed: Vec<&Folder> = chosen.iter().collect();
    let statuses = reader.session.statuses(&borrowed).await?;
    let told: Vec<(&Folder, MailboxStatus)> = chosen
        .iter()
        .zip(statuses)
        .filter_map(|(folder, status)| Some((folder, status?)))
        .collect();
    let mut work: Vec<(Need, &Folder)> = told
        .iter()
        .filter_map(|(folder, status)| {
            need(status, position.folders.get(&folder.name)).map(|need| (need, *folder))
        })
        .collect();
    work.sort_by_key(|(need, _)| *need);
    let mut batch = Batch::default();
    if let Some((need, folder)) = work.first().copied() {
        let state = position.folders.remove(&folder.name);
        let state = step(reader, context, folder, need, state, &mut batch).await?;
        batch.coverage.push(state.coverage(&folder.name));
        let past = state.low > state.floor && state.uidvalidity > 0;
        batch.more = work.len() > 1 || past || state.unread;
        if past && !state.unread && work.len() == 1 && context.until.is_none() {
            reader.past = Some(Past {
                folder: folder.clone(),
                uidvalidity: state.uidvalidity,
                since: Instant::now(),
                told: told
                    .iter()
                    .map(|(folder, status)| ((*folder).clone(), status.clone()))
                    .collect(),
            });
        }
        if !batch.more && main(&chosen).is_some_and(|main| main.name == folder.name) {
            reader.open = Open::left(folder, &state);
        }
        position.folders.insert(folder.name.clone(), state);
    } else {
        flags::sweep(reader, &told, &mut position, &mut batch).await?;
        // Whoever looks a second time waits for news.
        if reader.looked
            && let Some(main) = main(&chosen)
        {
            reader.open = Open::enter(reader, main).await?;
        }
        reader.looked = true;
    }
    batch.behind = told
        .iter()
        .map(|(folder, status)| position.behind(&folder.name, status))
        .sum();
    if position != before {
        batch.cursor = Some(position.write());
    }
    Ok(batch)
}

/// Reads on in the past of the folder that is open, unless all folders are to be looked at.
async fn on(
    reader: &mut Reader,
    context: &Context<'_>,
    before: &Position,
) -> Result<Option<Batch>, ImapError> {
    let Some(past) = reader.past.take() else {
        return Ok(None);
    };
    let state = before.folders.get(&past.folder.name).cloned();
    let Some(state) = state.filter(|state| {
        context.until.is_none()
            && past.since.elapsed() < LOOK
            && reader.session.is_open(&past.folder.wire)
            && state.uidvalidity == past.uidvalidity
            && state.low > state.floor
            && !state.unread
    }) else {
        return Ok(None);
    };
    let mut batch = Batch::default();
    let mut work = Work {
        reader,
        context,
        folder: &past.folder,
        events: &mut batch.events,
    };
    let state = work.on(state).await?;
    batch.coverage.push(state.coverage(&past.folder.name));
    // Whether anything else has come, the next look tells.
    batch.more = true;
    let mut position = before.clone();
    position.folders.insert(past.folder.name.clone(), state);
    batch.behind = past
        .told
        .iter()
        .map(|(folder, status)| position.behind(&folder.name, status))
        .sum();
    batch.cursor = Some(position.write());
    reader.past = Some(past);
    Ok(Some(batch))
}

async fn step(
    reader: &mut Reader,
    context: &Context<'_>,
    folder: &Folder,
    need: Need,
    state: Option<FolderState>,
    batch: &mut Batch,
) -> Result<FolderState, ImapError> {
    let mut work = Work {
        reader,
        context,
        folder,
        events: &mut batch.events,
    };
    match (need, state) {
        (Need::News, Some(state)) => work.news(state).await,
        (Need::Older, Some(state)) => work.older(state).await,
        (need, _) => work.first(need == Need::Reset).await,
    }
}

/// One piece of work in one folder.
struct Work<'a> {
    reader: &'a mut Reader,
    context: &'a Context<'a>,
    folder: &'a Folder,
    events: &'a mut Vec<Event>,
}

impl Work<'_> {
    async fn first(&mut self, reset: bool) -> Result<FolderState, ImapError> {
        let selected = self.reader.session.examine(&self.folder.wire, None).await?;
        self.begin(&selected, reset).await
    }

    /// Starts a folder afresh with its newest messages.
    async fn begin(&mut self, selected: &Selected, reset: bool) -> Result<FolderState, ImapError> {
        if reset {
            self.events.push(Event::ScopeReset {
                scope: self.folder.name.clone(),
            });
        }
        let floor = floor::floor(&mut self.reader.session, self.context, selected).await?;
        let mut state = FolderState {
            uidvalidity: selected.uidvalidity,
            next: selected.uidnext,
            modseq: selected.modseq,
            exists: selected.exists,
            low: selected.uidnext,
            floor: floor.uid,
            ..FolderState::default()
        };
        let read = self.down(&state, FIRST, BYTES.0).await?;
        state.low = read.low;
        state.known = read.found.clone();
        state.left = floor.messages.saturating_sub(read.found.len());
        if state.uidvalidity == 0 {
            // UIDs that do not last prove nothing tomorrow: no history, and the newest again whenever something happens.
            state.floor = state.low;
        }
        state.settle();
        Ok(state)
    }

    async fn older(&mut self, state: FolderState) -> Result<FolderState, ImapError> {
        let selected = self.reader.session.examine(&self.folder.wire, None).await?;
        if selected.uidvalidity != state.uidvalidity {
            return self.begin(&selected, true).await;
        }
        self.on(state).await
    }

    /// The next piece of the past of the folder that is open.
    async fn on(&mut self, mut state: FolderState) -> Result<FolderState, ImapError> {
        let read = self.down(&state, BATCH, BYTES.1).await?;
        state.low = read.low;
        state.left = state.left.saturating_sub(read.found.len());
        state.known = state.known.union(&read.found);
        state.settle();
        Ok(state)
    }

    /// What changed since the state: gone ones, flags, new ones, in this order.
    async fn news(&mut self, mut state: FolderState) -> Result<FolderState, ImapError> {
        let known = (state.next > state.low).then_some(Known {
            uidvalidity: state.uidvalidity,
            modseq: state.modseq,
            uids: (state.low, state.next - 1),
        });
        let selected = self
            .reader
            .session
            .examine(&self.folder.wire, known)
            .await?;
        if selected.uidvalidity != state.uidvalidity
            || selected.uidvalidity == 0
            || selected.uidnext < state.next
        {
            return self.begin(&selected, true).await;
        }
        // A count that went backwards (a restored server) says nothing of what changed: everything is asked for.
        let backwards = selected.modseq > 0 && selected.modseq < state.modseq;
        let told =
            self.reader.session.has_qresync() && state.modseq > 0 && known.is_some() && !backwards;
        if backwards && known.is_some() {
            let asked = format!("{}:{} (UID FLAGS)", state.low, state.next - 1);
            let all = self.reader.session.fetch(&[asked], 1).await?;
            self.flags(&state, &all);
            self.missing(&mut state).await?;
        } else if told {
            self.gone(&mut state, &selected.vanished);
            self.flags(&state, &selected.changed);
        } else if known.is_some() && state.modseq > 0 && selected.modseq > state.modseq {
            let asked = format!(
                "{}:{} (UID FLAGS) (CHANGEDSINCE {})",
                state.low,
                state.next - 1,
                state.modseq
            );
            let changed = self.reader.session.fetch(&[asked], 1).await?;
            self.flags(&state, &changed);
        }
        let from = state.next;
        let read = windows::up(
            &mut self.reader.session,
            from,
            selected.uidnext - 1,
            BATCH,
            BYTES.1,
        )
        .await?;
        let complete = read.high + 1 >= selected.uidnext;
        let found: UidSet = read.metas.iter().filter_map(|meta| meta.uid).collect();
        self.messages(&state, read.metas).await?;
        state.next = read.high.saturating_add(1).min(selected.uidnext);
        state.known = state.known.union(&found);
        state.modseq = selected.modseq;
        state.unread = !complete;
        state.exists = state
            .exists
            .saturating_add(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if complete && !told && state.exists != selected.exists {
            self.missing(&mut state).await?;
        }
        if complete {
            state.exists = selected.exists;
        }
        state.settle();
        Ok(state)
    }

    /// For servers that do not tell what went away: asks what is there.
    async fn missing(&mut self, state: &mut FolderState) -> Result<(), ImapError> {
        if state.next <= state.low {
            return Ok(());
        }
        let criteria = format!("UID {}:{}", state.low, state.next - 1);
        let present = self.reader.session.search(&criteria).await?;
        let gone = state.known.difference(&present);
        self.gone(state, &gone);
        Ok(())
    }

    fn gone(&mut self, state: &mut FolderState, uids: &UidSet) {
        let gone = state.known.intersection(uids);
        for uid in gone.iter() {
            self.events.push(Event::Gone {
                remote: self.remote(state.uidvalidity, uid),
            });
        }
        state.known = state.known.difference(&gone);
    }

    fn flags(&mut self, state: &FolderState, changed: &[Fetch]) {
        for fetch in changed {
            if let (Some(uid), Some(flags)) = (fetch.uid, fetch.flags)
                && state.known.contains(uid)
            {
                self.events.push(Event::Flags {
                    remote: self.remote(state.uidvalidity, uid),
                    flags: self.told(flags),
                });
            }
        }
    }

    /// What lies in the spam folder is spam, whatever its keywords.
    fn told(&self, mut flags: Flags) -> Flags {
        flags.junk |= self.folder.role == super::imap::Role::Junk;
        flags
    }

    async fn down(
        &mut self,
        state: &FolderState,
        want: usize,
        bytes: u64,
    ) -> Result<Read, ImapError> {
        let read = windows::down(
            &mut self.reader.session,
            state.floor,
            state.low.saturating_sub(1),
            want,
            bytes,
        )
        .await?;
        let found = read.metas.iter().filter_map(|meta| meta.uid).collect();
        self.messages(state, read.metas).await?;
        Ok(Read {
            low: read.low,
            found,
        })
    }

    /// Fetches the messages themselves and tells of them, newest first.
    async fn messages(&mut self, state: &FolderState, metas: Vec<Fetch>) -> Result<(), ImapError> {
        let place = bodies::Place {
            folder: self.folder,
            uidvalidity: state.uidvalidity,
            now: self.context.now,
            limit: self.context.settings.message_limit(),
        };
        let fetched = bodies::fetch(&mut self.reader.session, &place, metas).await?;
        let ours = self.context.ours.clone();
        // Decoding megabytes is work for a thread that may be busy for a while.
        let read = tokio::task::spawn_blocking(move || {
            fetched
                .into_iter()
                .map(|fetched| match fetched {
                    bodies::Fetched::Whole(arrived) => message(arrived, &ours),
                    bodies::Fetched::Large(large) => large.message(&ours),
                    bodies::Fetched::Refused(arrived, why) => super::map::unreadable(arrived, &why),
                })
                .collect::<Vec<NewMessage>>()
        })
        .await
        .map_err(|error| ImapError::Protocol(format!("reading messages failed: {error}")))?;
        self.events.extend(
            read.into_iter()
                .map(|message| Event::Message(Box::new(message))),
        );
        Ok(())
    }

    fn remote(&self, uidvalidity: u32, uid: u32) -> RemoteId {
        remote(self.folder, uidvalidity, uid)
    }
}

/// What reading downwards gave.
struct Read {
    low: u32,
    found: UidSet,
}

/// Where a message is.
pub fn remote(folder: &Folder, uidvalidity: u32, uid: u32) -> RemoteId {
    RemoteId {
        scope: folder.name.clone(),
        key: format!("{uidvalidity}:{uid}"),
    }
}

/// The generation and the UID of a key.
pub fn parse_key(key: &str) -> Option<(u32, u32)> {
    let (uidvalidity, uid) = key.split_once(':')?;
    Some((uidvalidity.parse().ok()?, uid.parse().ok()?))
}

impl FolderState {
    /// Nothing is left of the past once the floor is reached.
    fn settle(&mut self) {
        if self.low <= self.floor {
            self.left = 0;
        }
    }

    /// What is proven of the folder; of an empty one, that there is nothing.
    fn coverage(&self, name: &str) -> Coverage {
        Coverage {
            feed: name.to_owned(),
            generation: u64::from(self.uidvalidity),
            low: u64::from(self.low.min(self.next).max(1)),
            high: u64::from(self.next.saturating_sub(1)),
            floor: u64::from(self.floor),
        }
    }
}
