//! The messages themselves. Every message that is there comes out: whole, without its attachments where it is too
//! large, or as the fact that the server does not hand it over.

use super::large::Large;
use super::windows::merge;
use crate::model::Timestamp;
use crate::providers::email::dates::internal_date;
use crate::providers::email::imap::{Fetch, Folder, ImapError, ImapSession, UidSet};
use crate::providers::email::map::Arrived;
use std::collections::BTreeMap;

/// Messages that one command asks for.
const GROUP: usize = 64;
/// Bytes that one command asks for.
const GROUP_BYTES: u64 = 4 << 20;
/// Commands under way at a time.
const IN_FLIGHT: usize = 3;

/// Where the messages are.
pub struct Place<'a> {
    /// The folder, which is open.
    pub folder: &'a Folder,
    /// Its generation.
    pub uidvalidity: u32,
    /// The time now, for a message whose date cannot be read.
    pub now: Timestamp,
    /// Bytes above which a message comes without its attachments.
    pub limit: u64,
}

/// One message.
pub enum Fetched {
    /// As it is.
    Whole(Arrived),
    /// Its header, its text, and what else it is made of.
    Large(Box<Large>),
    /// The server does not hand it over, and says why.
    Refused(Arrived, String),
}

/// Fetches the messages, in the order of `metas`.
pub async fn fetch(
    session: &mut ImapSession,
    place: &Place<'_>,
    metas: Vec<Fetch>,
) -> Result<Vec<Fetched>, ImapError> {
    let small: Vec<&Fetch> = metas
        .iter()
        .filter(|meta| meta.size.unwrap_or(0) <= place.limit)
        .collect();
    let mut got = whole(session, &small).await?;
    let mut out = Vec::with_capacity(metas.len());
    for meta in metas {
        let Some(uid) = meta.uid else {
            continue;
        };
        if meta.size.unwrap_or(0) > place.limit {
            out.extend(super::large::fetch(session, place, &meta, uid).await?);
            continue;
        }
        match got.remove(&uid) {
            Some(Ok(raw)) => out.push(Fetched::Whole(arrived(place, &meta, uid, raw))),
            Some(Err(why)) => out.push(Fetched::Refused(
                arrived(place, &meta, uid, Vec::new()),
                why,
            )),
            // It went away while the others were fetched.
            None => {}
        }
    }
    Ok(out)
}

/// What is known of a message besides its bytes.
pub fn arrived(place: &Place<'_>, meta: &Fetch, uid: u32, raw: Vec<u8>) -> Arrived {
    Arrived {
        remote: super::remote(place.folder, place.uidvalidity, uid),
        role: place.folder.role,
        flags: meta.flags.unwrap_or_default(),
        received: meta
            .internal_date
            .as_deref()
            .and_then(internal_date)
            .unwrap_or(place.now),
        gmail_thread: meta.gmail_thread.clone(),
        gmail_sent: meta
            .gmail_labels
            .iter()
            .any(|label| label.eq_ignore_ascii_case("\\Sent")),
        raw,
    }
}

type Got = BTreeMap<u32, Result<Vec<u8>, String>>;

async fn whole(session: &mut ImapSession, metas: &[&Fetch]) -> Result<Got, ImapError> {
    let mut groups: Vec<UidSet> = Vec::new();
    let (mut group, mut bytes): (Vec<u32>, u64) = (Vec::new(), 0);
    for meta in metas {
        let size = meta.size.unwrap_or(0);
        if !group.is_empty() && (group.len() == GROUP || bytes + size > GROUP_BYTES) {
            groups.push(group.drain(..).collect());
            bytes = 0;
        }
        bytes += size;
        group.extend(meta.uid);
    }
    if !group.is_empty() {
        groups.push(group.into_iter().collect());
    }
    let wanted: UidSet = metas.iter().filter_map(|meta| meta.uid).collect();
    let asked: Vec<String> = groups.iter().map(body_of).collect();
    let (found, _) = session.fetch_each(&asked, IN_FLIGHT).await?;
    let mut got = collect(found, &wanted);
    // A refusal of one message takes its group with it, and a server may leave one out without a word: whoever is still
    // there and did not come is asked for alone, and then its absence is told, never passed over.
    let missing = wanted.difference(&got.keys().copied().collect());
    if missing.is_empty() {
        return Ok(got);
    }
    let there = session
        .search(&format!("UID {missing}"))
        .await?
        .intersection(&missing);
    for uid in there.iter() {
        let (found, ended) = session
            .fetch_each(&[body_of(&UidSet::range(uid, uid))], 1)
            .await?;
        let why = match ended.into_iter().next() {
            Some(Err(error)) => error.to_string(),
            _ => "the server lists the message but does not hand it over".to_owned(),
        };
        match collect(found, &UidSet::range(uid, uid)).remove(&uid) {
            Some(raw) => got.insert(uid, raw),
            None => got.insert(uid, Err(why)),
        };
    }
    Ok(got)
}

fn body_of(set: &UidSet) -> String {
    format!("{set} (UID BODY.PEEK[])")
}

fn collect(found: Vec<Fetch>, wanted: &UidSet) -> Got {
    let mut by_uid: BTreeMap<u32, Fetch> = BTreeMap::new();
    for fetch in found {
        if let Some(uid) = fetch.uid.filter(|uid| wanted.contains(*uid)) {
            merge(by_uid.entry(uid).or_default(), fetch);
        }
    }
    by_uid
        .into_iter()
        .filter_map(|(uid, fetch)| {
            let body = fetch
                .sections
                .into_iter()
                .find(|(section, _)| section.is_empty())?;
            Some((uid, Ok(body.1)))
        })
        .collect()
}
