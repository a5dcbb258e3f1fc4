//! Opening a mailbox, and the questions that are asked of an open one.

use super::error::ImapError;
use super::response::{Data, Fetch};
use super::session::{Ended, ImapSession, quote};
use super::uid_set::UidSet;

/// A mailbox as it was when it was opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selected {
    /// How many messages.
    pub exists: u32,
    /// The UID that the next message gets; 0 where the server does not tell.
    pub uidnext: u32,
    /// The generation of its UIDs; 0 where they do not last.
    pub uidvalidity: u32,
    /// When something last changed; 0 where changes are not counted.
    pub modseq: u64,
    /// What went away since the state that was given.
    pub vanished: UidSet,
    /// What changed since the state that was given.
    pub changed: Vec<Fetch>,
    /// Keywords of our own can be set.
    pub own_keywords: bool,
}

/// The state from which a mailbox is followed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Generation of the UIDs.
    pub uidvalidity: u32,
    /// Last change known.
    pub modseq: u64,
    /// Lowest and highest UID known.
    pub uids: (u32, u32),
}

impl ImapSession {
    /// Opens a mailbox without being able to change it; with `known`, and where the server can, with all that
    /// changed since.
    pub async fn examine(
        &mut self,
        wire: &str,
        known: Option<Known>,
    ) -> Result<Selected, ImapError> {
        let how = match known {
            Some(known) if self.has_qresync() && known.modseq > 0 => format!(
                " (QRESYNC ({} {} {}:{}))",
                known.uidvalidity, known.modseq, known.uids.0, known.uids.1
            ),
            _ if self.has_condstore() => " (CONDSTORE)".to_owned(),
            _ => String::new(),
        };
        self.open_mailbox(&format!("EXAMINE {}{how}", quote(wire)), wire)
            .await
    }

    /// Opens a mailbox to change it.
    pub async fn select(&mut self, wire: &str) -> Result<Selected, ImapError> {
        self.open_mailbox(&format!("SELECT {}", quote(wire)), wire)
            .await
    }

    /// Is this the mailbox that is open?
    pub fn is_open(&self, wire: &str) -> bool {
        self.selected.as_deref() == Some(wire)
    }

    /// Did the server tell of more messages since the mailbox was opened?
    pub fn has_grown(&self) -> bool {
        self.selected.is_some() && self.grown
    }

    /// Leaves the open mailbox without changing it. Of the mailbox that is open, a server tells what this session has
    /// seen of it; of all others, what is so.
    pub async fn leave(&mut self) -> Result<(), ImapError> {
        if self.selected.take().is_some() {
            // CLOSE removes deleted messages, but not from a mailbox that was opened with EXAMINE.
            let command = if self.has("UNSELECT") {
                "UNSELECT"
            } else {
                "CLOSE"
            };
            self.run(command).await?;
        }
        Ok(())
    }

    async fn open_mailbox(&mut self, command: &str, wire: &str) -> Result<Selected, ImapError> {
        let mut out = Selected::default();
        // With another mailbox open, what comes before [CLOSED] still belongs to that one.
        let mut ours = self.selected.take().is_none() || !self.has_qresync();
        self.run_into(command, &mut |data| match data {
            Data::Status(line) if line.code == "CLOSED" => {
                ours = true;
                out = Selected::default();
            }
            Data::Status(line) => match line.code.as_str() {
                "UIDVALIDITY" => out.uidvalidity = line.args.trim().parse().unwrap_or(0),
                "UIDNEXT" => out.uidnext = line.args.trim().parse().unwrap_or(0),
                "HIGHESTMODSEQ" => out.modseq = line.args.trim().parse().unwrap_or(0),
                "PERMANENTFLAGS" => out.own_keywords = line.args.contains("\\*"),
                _ => {}
            },
            Data::Exists(count) => out.exists = count,
            Data::Vanished {
                earlier: true,
                uids,
            } => out.vanished = out.vanished.union(&uids),
            Data::Fetch(fetch) if ours => out.changed.push(*fetch),
            _ => {}
        })
        .await?;
        (self.selected, self.grown) = (Some(wire.to_owned()), false);
        if !self.has_condstore() {
            // Some tell the count here even where no question about changes is answered.
            out.modseq = 0;
        }
        if out.uidnext == 0 {
            out.uidnext = self.highest_uid(out.exists).await?.saturating_add(1);
        }
        Ok(out)
    }

    /// For servers that do not tell UIDNEXT.
    async fn highest_uid(&mut self, exists: u32) -> Result<u32, ImapError> {
        if exists == 0 {
            return Ok(0);
        }
        let mut highest = 0;
        self.run_into("UID FETCH * (UID)", &mut |data| {
            if let Data::Fetch(fetch) = data {
                highest = highest.max(fetch.uid.unwrap_or(0));
            }
        })
        .await?;
        Ok(highest)
    }

    /// The UIDs in the open mailbox that answer the criteria.
    pub async fn search(&mut self, criteria: &str) -> Result<UidSet, ImapError> {
        let how = if self.has("ESEARCH") {
            "RETURN (ALL) "
        } else {
            ""
        };
        let mut found = UidSet::new();
        self.run_into(&format!("UID SEARCH {how}{criteria}"), &mut |data| {
            if let Data::Search(uids) = data {
                found = found.union(&uids);
            }
        })
        .await?;
        Ok(found)
    }

    /// Asks about messages of the open mailbox; each command is one FETCH without its first words, such as
    /// `1:5 (FLAGS)`. What the server tells of other messages is left out. A refusal of any is an error.
    pub async fn fetch(
        &mut self,
        asked: &[String],
        in_flight: usize,
    ) -> Result<Vec<Fetch>, ImapError> {
        let (found, ended) = self.fetch_each(asked, in_flight).await?;
        for end in ended {
            end?;
        }
        Ok(found)
    }

    /// As [`Self::fetch`], telling of each command how it ended.
    pub async fn fetch_each(
        &mut self,
        asked: &[String],
        in_flight: usize,
    ) -> Result<(Vec<Fetch>, Vec<Ended>), ImapError> {
        let commands: Vec<String> = asked
            .iter()
            .map(|what| format!("UID FETCH {what}"))
            .collect();
        let mut found: Vec<Fetch> = Vec::new();
        let ended = self
            .run_all(&commands, in_flight, &mut |data| {
                if let Data::Fetch(fetch) = data
                    && fetch.uid.is_some()
                {
                    found.push(*fetch);
                }
            })
            .await?;
        Ok((found, ended))
    }
}
