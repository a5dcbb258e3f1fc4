//! What machines heard in audio files: which files are still to be heard, and what came of it.
//!
//! What is to do follows from the mirror: a file that a person's settings allow to be heard, and no word about it yet.
//! Nothing is queued besides, so nothing is lost when the program ends in between.

use super::Store;
use super::error::StoreError;
use super::files;
use super::index::Gathered;
use super::ingest::clean::{block, line};
use super::sql::{Json, Result, Sql};
use super::writer::Tx;
use super::{derived, journal};
use crate::model::{AccountId, Actor, AttachmentId, ConversationId, MessageId, Timestamp};
use crate::text::preview::snippet;
use rusqlite::{Row, params};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Characters of a transcript that are kept; an hour of fast speech has fewer.
const MOST: usize = 200_000;
/// Files told of at once.
const BATCH: u32 = 100;

/// Which files may be heard unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioWanted {
    /// Accounts that a person allowed.
    pub accounts: Vec<AccountId>,
    /// Files of messages that are older than this are heard when somebody asks, and only then.
    pub since: Timestamp,
    /// Only files after this one; those before it were looked at.
    pub after: AttachmentId,
}

/// A file to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioJob {
    /// Which.
    pub attachment: AttachmentId,
    /// Whose provider has it.
    pub account: AccountId,
    /// A safe name.
    pub name: String,
    /// MIME type as claimed.
    pub mime: String,
    /// Bytes, as far as they are known.
    pub size: u64,
    /// Where its bytes are, once they are here.
    pub path: Option<PathBuf>,
    /// How its provider gets it.
    pub fetch: Option<String>,
    /// When its message came.
    pub at: Timestamp,
    /// Tries that failed so far.
    pub tries: u32,
}

/// The columns that [`job`] reads, and where from.
const JOB: &str = "a.id, m.account, a.name, a.mime, a.size, a.sha256, a.fetch, m.at, coalesce(t.tries, 0) \
    FROM attachment a JOIN message m ON m.id = a.message JOIN conversation c ON c.id = m.conversation \
    LEFT JOIN transcript t ON t.message = a.message AND t.place = coalesce(a.fetch, a.sha256)";

/// A file that can be heard: sound, of a customer or of a call, and its bytes can be had. The text of a voicemail is what
/// its vendor heard in it, which is taken; that of a voice note is what was written along with it.
const AUDIO: &str = "lower(substr(a.mime, 1, 6)) = 'audio/' AND coalesce(a.fetch, a.sha256) IS NOT NULL \
    AND (m.direction = 'inbound' OR (m.direction = 'outbound' AND m.channel = 'voice')) \
    AND NOT (m.channel = 'voice' AND m.body <> '' AND json_extract(m.content, '$.kind') = 'voice')";

impl Store {
    /// Files that may be heard unasked and of which nothing is known yet, newest first, and how far up all are told:
    /// nothing up to there need be looked at again.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn audio_unheard(
        &self,
        wanted: AudioWanted,
    ) -> std::result::Result<(Vec<AudioJob>, AttachmentId), StoreError> {
        let dir = self.dir().to_owned();
        self.read(move |connection| {
            let newest = connection.value::<i64>("SELECT max(id) FROM attachment", [])?;
            let accounts: Vec<&str> = wanted.accounts.iter().map(AccountId::as_str).collect();
            let sql = format!(
                "SELECT {JOB} WHERE a.id > ?1 AND {AUDIO} AND m.at >= ?2 AND c.status <> 'spam' AND t.message IS NULL
                   AND m.account IN (SELECT value FROM json_each(?3)) ORDER BY a.id DESC LIMIT {BATCH}"
            );
            let jobs = connection.all(
                &sql,
                params![wanted.after.0, wanted.since.0, Json(accounts)],
                |row| job(row, &dir),
            )?;
            let all = jobs.len() < BATCH as usize;
            let upto = if all { newest.unwrap_or(0) } else { wanted.after.0 };
            Ok((jobs, AttachmentId(upto)))
        })
        .await
    }

    /// Files whose time to be tried (again) has come, the longest waiting first, and when the next one's will come.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn audio_due(
        &self,
        now: Timestamp,
    ) -> std::result::Result<(Vec<AudioJob>, Option<Timestamp>), StoreError> {
        let dir = self.dir().to_owned();
        self.read(move |connection| {
            let sql = format!(
                "SELECT {JOB} WHERE t.due_at <= ?1 AND {AUDIO} ORDER BY t.due_at LIMIT {BATCH}"
            );
            let jobs = connection.all(&sql, [now.0], |row| job(row, &dir))?;
            let next: Option<i64> = connection.value(
                "SELECT min(due_at) FROM transcript WHERE due_at > ?1",
                [now.0],
            )?;
            Ok((jobs, next.map(Timestamp)))
        })
        .await
    }

    /// Keeps what was heard, cleaned: it is a stranger's words. Every file that was given to a server is in the journal.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn heard_audio(
        &self,
        id: AttachmentId,
        said: &str,
        server: &str,
    ) -> std::result::Result<(), StoreError> {
        let cut = said
            .char_indices()
            .nth(MOST)
            .map_or(said, |(end, _)| &said[..end]);
        let (text, _) = block(cut.trim());
        let server = line(server);
        self.write(move |tx| {
            let Some(place) = place(tx, id)? else {
                return Ok(());
            };
            let Place { message, at, conversation } = &place;
            tx.run(
                "INSERT INTO transcript(message, place, text) VALUES (?1, ?2, ?3)
                 ON CONFLICT(message, place) DO UPDATE SET text = excluded.text, says = NULL, due_at = NULL",
                params![message.0, at, text],
            )?;
            tx.run(
                "UPDATE message SET snippet = ?2 WHERE id = ?1 AND body = ''",
                params![message.0, snippet(&text)],
            )?;
            derived::refresh(tx, *conversation)?;
            // Now there are words to go by, where no draft waits for somebody yet.
            tx.run(
                "UPDATE conversation SET drafted_head = NULL WHERE id = ?1 AND head = ?2 AND proposals = 0",
                params![conversation.0, message.0],
            )?;
            let mut index = Gathered::default();
            index.changed(*message);
            index.write(tx)?;
            let detail = json!({ "attachment": id.0, "server": server });
            let actor = Actor::System("transcription".to_owned());
            journal::append(tx, &actor, "transcribe", Some(*conversation), &detail, None)?;
            tx.touched(*conversation);
            Ok(())
        })
        .await
    }

    /// Keeps why a file was not heard, and when to try again; with no such time it is given up until somebody asks.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn unheard_audio(
        &self,
        id: AttachmentId,
        says: &str,
        again: Option<Timestamp>,
    ) -> std::result::Result<(), StoreError> {
        let says = line(says);
        self.write(move |tx| {
            let Some(place) = place(tx, id)? else {
                return Ok(());
            };
            tx.run(
                "INSERT INTO transcript(message, place, says, tries, due_at) VALUES (?1, ?2, ?3, 1, ?4)
                 ON CONFLICT(message, place) DO UPDATE SET says = excluded.says, due_at = excluded.due_at,
                   tries = tries + 1 WHERE text IS NULL",
                params![place.message.0, place.at, says, again.map(|again| again.0)],
            )?;
            tx.touched(place.conversation);
            Ok(())
        })
        .await
    }

    /// Leaves a file for later without a try: its vendor may still tell what is said in it.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn hear_later(
        &self,
        id: AttachmentId,
        at: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |tx| {
            if let Some(place) = place(tx, id)? {
                tx.run(
                    "INSERT INTO transcript(message, place, due_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    params![place.message.0, place.at, at.0],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Asks that a file be heard, soon and from the first try on. False where it is no sound that can be had, or where
    /// it is known what is said in it.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn ask_transcript(&self, id: AttachmentId) -> std::result::Result<bool, StoreError> {
        self.write(move |tx| {
            let Some(place) = place(tx, id)? else {
                return Ok(false);
            };
            let asked = tx.run(
                "INSERT INTO transcript(message, place, due_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT(message, place) DO UPDATE SET due_at = excluded.due_at, tries = 0, says = NULL
                   WHERE text IS NULL",
                params![place.message.0, place.at, tx.now.0],
            )?;
            tx.touched(place.conversation);
            Ok(asked > 0)
        })
        .await
    }

    /// The account that a file came by, if it is sound of a customer or of a call.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn audio_account(
        &self,
        id: AttachmentId,
    ) -> std::result::Result<Option<AccountId>, StoreError> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT m.account FROM attachment a JOIN message m ON m.id = a.message WHERE a.id = ?1 AND {AUDIO}"
            );
            connection.one(&sql, [id.0], |row| {
                Ok(AccountId::new(row.get_ref(0)?.as_str()?))
            })
        })
        .await
    }
}

/// A file's place: what its transcript is kept by.
struct Place {
    message: MessageId,
    at: String,
    conversation: ConversationId,
}

fn place(tx: &Tx<'_>, id: AttachmentId) -> Result<Option<Place>> {
    let sql = format!(
        "SELECT a.message, coalesce(a.fetch, a.sha256), m.conversation
         FROM attachment a JOIN message m ON m.id = a.message WHERE a.id = ?1 AND {AUDIO}"
    );
    tx.one(&sql, [id.0], |row| {
        Ok(Place {
            message: MessageId(row.get(0)?),
            at: row.get(1)?,
            conversation: ConversationId(row.get(2)?),
        })
    })
}

fn job(row: &Row<'_>, dir: &Path) -> rusqlite::Result<AudioJob> {
    Ok(AudioJob {
        attachment: AttachmentId(row.get(0)?),
        account: AccountId::new(row.get_ref(1)?.as_str()?),
        name: row.get(2)?,
        mime: row.get(3)?,
        size: row.get::<_, i64>(4)?.unsigned_abs(),
        path: row
            .get::<_, Option<String>>(5)?
            .map(|sha256| files::path(dir, &sha256)),
        fetch: row.get(6)?,
        at: Timestamp(row.get(7)?),
        tries: row.get(8)?,
    })
}
