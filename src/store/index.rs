//! The full-text index over messages: what goes in, and how a query is brought to the same form.

use super::sql::{Result, Sql};
use super::writer::Tx;
use crate::model::{ConversationId, MessageId, Timestamp};
use crate::text::fold::fold;
use rusqlite::{Connection, OptionalExtension, params};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of the index per second of time.
pub(super) const PER_SECOND: i64 = 256;

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

    /// It is also found by the name under which its sender is known here, which the message need not tell: of a call,
    /// or of another address of the same person.
    pub fn known_as(&mut self, name: &str) {
        let name = words(name);
        if !self.who.contains(name.as_ref()) {
            self.who.push(' ');
            self.who.push_str(&name);
        }
    }
}

/// Messages that are to be indexed together.
///
/// The index gathers what is added in memory and writes it as one sorted run, but only as long as no other table is
/// written in between; so a batch adds all its words at its end.
#[derive(Default)]
pub(super) struct Gathered {
    /// By the row that the message names already.
    new: BTreeMap<i64, Words>,
    changed: BTreeSet<MessageId>,
    taken: Taken,
}

impl Gathered {
    /// A row for a new message of `at`, to be written with the message: a second call for that time gives the same one
    /// until it is.
    pub fn row(&mut self, tx: &Tx<'_>, at: Timestamp) -> Result<i64> {
        free_row(tx, at, &mut self.taken)
    }

    /// Adds a new message by its row.
    pub fn add(&mut self, row: i64, words: Words) {
        self.new.insert(row, words);
    }

    /// Says that a message's text has changed.
    pub fn changed(&mut self, id: MessageId) {
        self.changed.insert(id);
    }

    /// Writes all of it. What machines heard in a message's files is found like its text.
    pub fn write(mut self, tx: &Tx<'_>) -> Result<()> {
        if self.new.is_empty() && self.changed.is_empty() {
            return Ok(());
        }
        tx.indexed();
        let mut replaced = Vec::new();
        for id in std::mem::take(&mut self.changed) {
            let Some((at, known, words)) = read(tx, id)? else {
                continue;
            };
            let row = match known {
                Some(row) => row,
                None => take_row(tx, id, at, &mut self.taken)?,
            };
            if self.new.insert(row, words).is_none() && known.is_some() {
                replaced.push(row);
            }
        }
        for row in replaced {
            tx.run("DELETE FROM message_fts WHERE rowid = ?1", [row])?;
        }
        for (row, words) in self.new {
            tx.run(
                "INSERT INTO message_fts(rowid, subject, body, who) VALUES (?1, ?2, ?3, ?4)",
                params![row, words.subject, words.body, words.who],
            )?;
        }
        Ok(())
    }
}

/// More words that begin alike are not named one by one.
const ENDS: usize = 12;
/// Bytes of a word that is named; nobody types longer ones, but a customer may send them, and the index cuts the longest
/// in the middle of a letter.
const LONGEST: usize = 128;

/// The words of the index that begin so, or none where there are too many, or too long ones, to name.
pub(super) fn begun(connection: &Connection, part: &str) -> Result<Option<Vec<String>>> {
    // Asked for one by one: to go on to the next would walk all the places of this one.
    let mut next = connection
        .prepare_cached("SELECT term FROM message_word WHERE term >= ?1 AND term < ?2 LIMIT 1")?;
    let end = format!("{part}\u{10ffff}");
    let (mut from, mut found) = (part.to_owned(), Vec::new());
    while let Some(word) = next
        .query_row([&from, &end], |row| {
            Ok(row.get_ref(0)?.as_bytes()?.to_vec())
        })
        .optional()?
    {
        if found.len() == ENDS || word.len() > LONGEST {
            return Ok(None);
        }
        let Ok(word) = String::from_utf8(word) else {
            return Ok(None);
        };
        from = format!("{word}\0");
        found.push(word);
    }
    Ok(Some(found))
}

/// Of a conversation so many messages are found by a name that came later, the newest.
const RENAMED: i64 = 32;

/// The newest messages of a conversation, and which must be written anew when its contact is called otherwise: those
/// that tell no name, and with `?3` also those that tell another than `?2`.
pub(super) const CALLED_OTHERWISE: &str =
    "SELECT id, fts IS NOT NULL AND (who = address OR ?3 AND instr(who, ?2) = 0)
    FROM message WHERE conversation = ?1 AND direction = 'inbound' ORDER BY at DESC LIMIT ?4";

/// Lets conversations be found by what their contacts are called now. Only the newest messages of each, so that nobody
/// waits for a contact with a hundred thousand.
pub(super) fn renamed(tx: &Tx<'_>, conversations: &BTreeMap<ConversationId, bool>) -> Result<()> {
    let mut index = Gathered::default();
    for (id, all) in conversations {
        let name = tx.value(
            "SELECT contact_name FROM conversation WHERE id = ?1",
            [id.0],
        )?;
        let name: String = name.unwrap_or_default();
        let messages: Vec<(i64, Option<bool>)> =
            tx.all(CALLED_OTHERWISE, params![id.0, name, all, RENAMED], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        for (message, anew) in messages {
            if anew == Some(true) {
                index.changed(MessageId(message));
            }
        }
    }
    index.write(tx)
}

/// A message's time, its row and its words as they are now.
fn read(tx: &Tx<'_>, id: MessageId) -> Result<Option<(Timestamp, Option<i64>, Words)>> {
    tx.one(
        "SELECT at, fts, subject, body, who,
           (SELECT coalesce(group_concat(text, char(10)), '') FROM transcript WHERE message = ?1),
           CASE direction WHEN 'inbound' THEN
             (SELECT contact_name FROM conversation WHERE id = message.conversation) END
         FROM message WHERE id = ?1",
        [id.0],
        |row| {
            let body = format!(
                "{}\n{}",
                row.get_ref(3)?.as_str()?,
                row.get_ref(5)?.as_str()?
            );
            let (subject, who) = (row.get_ref(2)?.as_str()?, row.get_ref(4)?.as_str()?);
            let mut words = Words::new(subject, &body, who);
            if let Some(name) = row.get_ref(6)?.as_str_or_null()? {
                words.known_as(name);
            }
            Ok((Timestamp(row.get(0)?), row.get(1)?, words))
        },
    )
}

/// Adds one message.
///
/// Rows of the index are numbered by time, so that walking it backwards gives the newest first whatever the order in
/// which messages came: a first read of a mailbox brings the newest first.
pub(super) fn add(tx: &Tx<'_>, id: MessageId, subject: &str, body: &str, who: &str) -> Result<()> {
    let at = tx.value("SELECT at FROM message WHERE id = ?1", [id.0])?;
    let Some(at) = at.map(Timestamp) else {
        return Ok(());
    };
    let mut one = Gathered::default();
    let row = take_row(tx, id, at, &mut one.taken)?;
    one.add(row, Words::new(subject, body, who));
    one.write(tx)
}

/// Takes a message out.
pub(super) fn remove(tx: &Tx<'_>, id: MessageId) -> Result<()> {
    tx.indexed();
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
    if folded.is_ascii() || !folded.chars().any(unspaced) {
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
    use super::super::bare_file;
    use super::*;

    #[test]
    fn sentences_without_blanks_come_apart() {
        assert_eq!(words("plain text"), "plain text");
        assert_eq!(words("返金 ok"), " 返  金  ok");
        assert_eq!(words("\"返金\""), "\" 返  金 \"");
    }

    #[test]
    fn the_words_that_begin_so_are_named_unless_they_are_many() {
        let (_dir, file) = bare_file::fresh();
        let many = (10..40).map(|number| format!("inter{number}"));
        for word in ["lamp", "Lampen", "lamps", "lam", "lan"]
            .map(String::from)
            .into_iter()
            .chain(many)
        {
            // In runs of their own, and one of them twice.
            for text in [format!("{word} again"), format!("again {word}")] {
                file.run("INSERT INTO message_fts(body) VALUES (?1)", [text])
                    .unwrap();
            }
        }
        let named = |part| begun(&file, part).unwrap();
        assert_eq!(named("lamp").unwrap(), ["lamp", "lampen", "lamps"]);
        assert_eq!(named("lampe").unwrap(), ["lampen"]);
        assert_eq!(named("inter1").unwrap().len(), 10);
        assert_eq!(named("lampx").unwrap(), [""; 0]);
        assert_eq!(named("inter"), None);
        // What the index keeps of this one ends within a letter.
        let endless = format!("hosta{}", "ж".repeat(20_000));
        file.run("INSERT INTO message_fts(body) VALUES (?1)", [endless])
            .unwrap();
        assert_eq!(named("host"), None);
    }
}
