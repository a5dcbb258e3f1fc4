//! The full-text index over messages: what goes in, and how a query is brought to the same form.

use super::sql::{Result, Sql};
use super::writer::Tx;
use crate::model::{MessageId, Timestamp};
use crate::text::fold::fold;
use rusqlite::params;
use std::borrow::Cow;

/// Rows of the index per second of time.
const PER_SECOND: i64 = 256;

/// Adds a message, or changes what is said of it.
///
/// Rows of the index are numbered by time, so that walking it backwards gives the newest first whatever the order in
/// which messages came: a first read of a mailbox brings the newest first.
pub(super) fn add(
    tx: &Tx<'_>,
    id: MessageId,
    at: Timestamp,
    subject: &str,
    body: &str,
    who: &str,
) -> Result<()> {
    let row = free_row(tx, at)?;
    tx.run(
        "INSERT INTO message_fts(rowid, subject, body, who) VALUES (?1, ?2, ?3, ?4)",
        params![row, words(subject), words(body), words(who)],
    )?;
    tx.run(
        "UPDATE message SET fts = ?2 WHERE id = ?1",
        params![id.0, row],
    )?;
    Ok(())
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

/// The first free row at that second or after.
fn free_row(tx: &Tx<'_>, at: Timestamp) -> Result<i64> {
    let mut first = at.seconds().max(0) * PER_SECOND;
    loop {
        let last: Option<i64> = tx.value(
            "SELECT max(fts) FROM message WHERE fts >= ?1 AND fts < ?2",
            params![first, first + PER_SECOND],
        )?;
        match last {
            None => return Ok(first),
            Some(last) if last + 1 < first + PER_SECOND => return Ok(last + 1),
            Some(_) => first += PER_SECOND,
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
