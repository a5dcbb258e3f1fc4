//! How far each folder was read: the account's cursor, as JSON.

use crate::model::Cursor;
use crate::providers::email::imap::{Folder, MailboxStatus, UidSet};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// How far the account was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// By the folder's name.
    #[serde(default)]
    pub folders: BTreeMap<String, FolderState>,
}

/// How far one folder was read: everything from `low` to `next - 1`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FolderState {
    /// Generation of the UIDs.
    pub uidvalidity: u32,
    /// The UID after the highest one read.
    pub next: u32,
    /// Changes up to here are known for all that was read; 0 where changes are not counted.
    #[serde(default)]
    pub modseq: u64,
    /// Messages in the folder, as far as they are accounted for.
    #[serde(default)]
    pub exists: u32,
    /// The lowest UID read.
    pub low: u32,
    /// The lowest UID wanted.
    pub floor: u32,
    /// Messages between `floor` and `low`, about.
    #[serde(default)]
    pub left: u64,
    /// UIDs that were there when last looked.
    #[serde(default, serialize_with = "write_set", deserialize_with = "read_set")]
    pub known: UidSet,
    /// Messages newer than `next - 1` are known to be there.
    #[serde(default)]
    pub unread: bool,
    /// Where changes are not counted: flags of each window of UIDs, as a hash.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub windows: BTreeMap<u32, u64>,
    /// Which old window is looked at next.
    #[serde(default)]
    pub sweep: u32,
}

impl Position {
    /// The position in a cursor. One that cannot be read is none: everything is read again, and nothing comes twice.
    pub fn read(cursor: Option<&Cursor>) -> Self {
        cursor
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or_default()
    }

    /// The cursor of this position.
    pub fn write(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    /// Forgets folders that are not read any more.
    pub fn keep(&mut self, folders: &[Folder]) {
        self.folders
            .retain(|name, _| folders.iter().any(|folder| folder.name == *name));
    }

    /// Messages of a folder that are at the server and not yet read, about.
    pub fn behind(&self, name: &str, status: &MailboxStatus) -> u64 {
        let there = u64::from(status.messages.unwrap_or(0));
        match self.folders.get(name) {
            None => there,
            Some(state) => state.left + there.saturating_sub(u64::from(state.exists)),
        }
    }
}

fn write_set<S: Serializer>(set: &UidSet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(set)
}

fn read_set<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UidSet, D::Error> {
    let text = String::deserialize(deserializer)?;
    UidSet::parse(&text).ok_or_else(|| serde::de::Error::custom("not a set of UIDs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let mut position = Position::default();
        position.folders.insert(
            "Entwürfe".into(),
            FolderState {
                uidvalidity: 7,
                next: 100,
                modseq: u64::MAX >> 1,
                low: 51,
                floor: 1,
                known: UidSet::parse("51:70,99").unwrap(),
                ..FolderState::default()
            },
        );
        assert_eq!(Position::read(Some(&position.write())), position);
        assert_eq!(
            Position::read(Some(&Cursor("garbage".into()))),
            Position::default()
        );
    }
}
