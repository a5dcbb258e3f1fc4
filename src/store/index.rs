//! The full-text index over messages: what goes in, and how a query is brought to the same form.

use super::sql::{Result, Sql};
use super::writer::Tx;
use crate::model::{MessageId, Timestamp};
use crate::text::fold::fold;
use rusqlite::params;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Rows of the index per second of time.
const PER_SECOND: i64 = 256;

/// The words of a message as the index holds them.
pub(super) struct Words {
    subject: String,
    body: String,
    who: String,
}

impl Words {
    /// Brings texts into the index's form; the costly part, to be done away from the writer's thread.
    pub fn new(subject: &str, body: &str, who: &str) -> Self {
        Self {
            subject: words(subject).into_owned(),
            body: words(body).into_owned(),
            who: words(who).into_owned(),
        }
    }
}

/// Messages that are to be indexed together.
///
/// The index gathers what is added in memory and writes it as one sorted run, but only as long as no other table is
/// written in between; so a batch adds all its words at its end.
#[derive(Default)]
pub(super) struct Gathered(BTreeMap<MessageId, Option<Words>>);

impl Gathered {
    /// Adds a new message.
    pub fn add(&mut self, id: MessageId, words: Words) {
        self.0.insert(id, Some(words));
    }

    /// Says that a message's text has changed.
    pub fn changed(&mut self, id: MessageId) {
        self.0.insert(id, None);
    }

    /// Writes all of it. What machines heard in a message's files is found like its text.
    pub fn write(self, tx: &Tx<'_>) -> Result<()> {
        let mut rows = Vec::with_capacity(self.0.len());
        let mut taken = Taken::default();
        for (id, words) in self.0 {
            let read = tx.one(
                "SELECT at, fts, subject, body, who,
                   (SELECT coalesce(group_concat(text, char(10)), '') FROM transcript WHERE message = ?1)
                 FROM message WHERE id = ?1",
                [id.0],
                |row| {
                    let words = match words {
                        Some(words) => words,
                        None => Words::new(
                            row.get_ref(2)?.as_str()?,
                            &format!("{}\n{}", row.get_ref(3)?.as_str()?, row.get_ref(5)?.as_str()?),
                            row.get_ref(4)?.as_str()?,
                        ),
                    };
                    Ok((Timestamp(row.get(0)?), row.get::<_, Option<i64>>(1)?, words))
                },
            )?;
            let Some((at, known, words)) = read else {
                continue;
            };
            let row = match known {
                Some(row) => row,
                None => take_row(tx, id, at, &mut taken)?,
            };
            rows.push((row, known.is_some(), words));
        }
        rows.sort_by_key(|(row, ..)| *row);
        for (row, known, words) in rows {
            if known {
                tx.run("DELETE FROM message_fts WHERE rowid = ?1", [row])?;
            }
            tx.run(
                "INSERT INTO message_fts(rowid, subject, body, who) VALUES (?1, ?2, ?3, ?4)",
                params![row, words.subject, words.body, words.who],
            )?;
        }
        Ok(())
    }
}

/// Adds one message.
///
/// Rows of the index are numbered by time, so that walking it backwards gives the newest first whatever the order in
/// which messages came: a first read of a mailbox brings the newest first.
pub(super) fn add(tx: &Tx<'_>, id: MessageId, subject: &str, body: &str, who: &str) -> Result<()> {
    let mut one = Gathered::default();
    one.add(id, Words::new(subject, body, who));
    one.write(tx)
}

/// Takes a message out.
pub(super) fn remove(tx: &Tx<'_>, id: MessageId) -> Result<()> {
    tx.run(
        "DELETE FROM message_fts WHERE rowid = (SELECT fts FROM message WHERE id = ?1)",
        [id.0],
    )?;
    tx.run("UPDATE message SET fts = NULL WHERE id = ?1", [id.0])?;
    Ok(())
}

fn take_row(tx: &Tx<'_>, id: MessageId, at: Timestamp, taken: &mut Taken) -> Result<i64> {
    let row = free_row(tx, at, taken)?;
    tx.run(
        "UPDATE message SET fts = ?2 WHERE id = ?1",
        params![id.0, row],
    )?;
    Ok(row)
}

/// Rows that are known to be taken, from the first to before the last.
type Taken = std::ops::Range<i64>;

/// The first free row at that second or after.
fn free_row(tx: &Tx<'_>, at: Timestamp, taken: &mut Taken) -> Result<i64> {
    let second = at.seconds().max(0) * PER_SECOND;
    if !taken.contains(&second) {
        *taken = second..second;
    }
    let mut first = taken.end;
    loop {
        let last: Option<i64> = tx.value(
            "SELECT max(fts) FROM message WHERE fts >= ?1 AND fts < ?2",
            params![first, first + PER_SECOND],
        )?;
        match last {
            None => return Ok(first),
            Some(last) if last + 1 < first + PER_SECOND => return Ok(last + 1),
            Some(_) => {
                first += PER_SECOND;
                // A second that is full stays full while a batch is written; the next of it need not look again.
                taken.end = first;
            }
        }
    }
}

/// Text as the index holds it: folded, and with blanks around each character of scripts that write none between
/// words, so that a phrase finds any part of a sentence. The tokenizer would take a whole sentence for one word.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    let folded = fold(text);
    if !folded.chars().any(unspaced) {
        return folded;
    }
    let mut out = String::with_capacity(folded.len() * 2);
    for c in folded.chars() {
        if unspaced(c) {
            out.push(' ');
            out.push(c);
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Han, kana and the scripts of Thailand, Laos, Burma and Cambodia.
fn unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_without_blanks_come_apart() {
        assert_eq!(words("plain text"), "plain text");
        assert_eq!(words("返金 ok"), " 返  金  ok");
        assert_eq!(words("\"返金\""), "\" 返  金 \"");
    }
}
