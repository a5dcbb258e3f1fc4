//! The generated mirror: the same for the same seed, exactly as large as asked, in several scripts, and just what the
//! ordinary way in makes of the same messages told in another order and in other portions.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frontdesk::bench::generate::{self, Shape};
use frontdesk::model::{Batch, Event, Timestamp, time::ManualClock};
use frontdesk::store::{Options, Store};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const SHAPE: Shape = Shape {
    messages: 2_000,
    conversations: 400,
    seed: 7,
    until: Timestamp(1_790_000_000_000),
};

async fn generated(dir: &Path) -> Connection {
    let written = generate::generate(dir, SHAPE, &mut |_| {}).await.unwrap();
    assert_eq!(written.messages, SHAPE.messages);
    assert_eq!(written.conversations, SHAPE.conversations);
    Connection::open(dir.join("mirror.db")).unwrap()
}

fn rows(mirror: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut asked = mirror.prepare(sql).unwrap();
    let columns = asked.column_count();
    asked
        .query_map([], |row| (0..columns).map(|at| row.get(at)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn number(mirror: &Connection, sql: &str) -> i64 {
    mirror.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_makes_one_mirror_of_the_size_that_was_asked_for() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (generated(one.path()).await, generated(two.path()).await);
    assert_eq!(
        number(
            &first,
            "SELECT count(*) FROM message WHERE direction <> 'note'"
        ),
        2_000
    );
    assert_eq!(number(&first, "SELECT count(*) FROM conversation"), 400);
    let tables: Vec<String> = rows(
        &first,
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    )
    .into_iter()
    .filter_map(|row| match row.into_iter().next() {
        Some(Value::Text(name)) => Some(name),
        _ => None,
    })
    .collect();
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        let all = match table.as_str() {
            // In how many runs the index lies is a matter of when there was time to merge them. What it says is not:
            // that is in `message_word`.
            "message_fts_data" | "message_fts_idx" => continue,
            "sqlite_stat1" => {
                "SELECT * FROM sqlite_stat1 WHERE tbl NOT LIKE 'message\\_fts\\_%' ESCAPE '\\'"
                    .to_owned()
            }
            _ => format!("SELECT * FROM \"{table}\""),
        };
        let (one, two) = (rows(&first, &all), rows(&second, &all));
        assert!(one == two, "{table} differs");
        assert!(
            table != "message_word" || one.len() > 10_000,
            "{}",
            one.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_looks_like_a_desk() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = generated(dir.path()).await;
    let some = |sql: &str, low: i64, high: i64| {
        let found = number(&mirror, sql);
        assert!((low..=high).contains(&found), "{found}: {sql}");
    };
    some("SELECT count(DISTINCT channel) FROM conversation", 7, 8);
    some("SELECT count(DISTINCT account) FROM conversation", 6, 7);
    some(
        "SELECT count(*) FROM conversation WHERE status = 'resolved'",
        300,
        395,
    );
    some(
        "SELECT count(*) FROM conversation WHERE status = 'open'",
        2,
        90,
    );
    some(
        "SELECT count(*) FROM conversation WHERE status = 'spam'",
        1,
        20,
    );
    some(
        "SELECT count(*) FROM conversation WHERE assignee IS NOT NULL",
        150,
        399,
    );
    some("SELECT count(*) FROM conversation_label", 100, 600);
    some(
        "SELECT count(*) FROM message WHERE direction = 'inbound' AND seen = 0",
        1,
        200,
    );
    some(
        "SELECT count(*) FROM message WHERE direction = 'note'",
        1,
        60,
    );
    some(
        "SELECT count(*) FROM attachment WHERE fetch IS NOT NULL AND sha256 IS NULL",
        30,
        400,
    );
    some(
        "SELECT count(*) FROM attachment WHERE sha256 IS NOT NULL",
        0,
        0,
    );
    some("SELECT max(length(body)) FROM message", 5_000, 40_000);
    some(
        "SELECT cast(avg(length(body)) AS INTEGER) FROM message",
        200,
        1_200,
    );
    some(
        "SELECT (max(at) - min(at)) / 86400000 FROM message WHERE direction <> 'note'",
        600,
        731,
    );
    some(
        "SELECT max(n) FROM (SELECT count(*) n FROM message GROUP BY conversation)",
        12,
        400,
    );
    some("SELECT count(*) FROM draft", 1, 40);
    for script in ["[а-я]", "[ا-ي]", "[一-龥]", "[ぁ-ん]", "[🙂👍🙏😡🎉📦💡]"]
    {
        some(
            &format!("SELECT count(*) FROM message WHERE body GLOB '*{script}*'"),
            3,
            1_000,
        );
    }
    // What was counted while it grew is what there is; every message is found.
    some(
        "SELECT count(*) FROM conversation c WHERE unread <>
           (SELECT count(*) FROM message m WHERE m.conversation = c.id AND seen = 0 AND direction = 'inbound')",
        0,
        0,
    );
    some("SELECT count(*) FROM message_fts", 2_000, 2_060);
    some("SELECT count(*) FROM message WHERE fts IS NULL", 0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_what_the_ordinary_way_in_makes_of_the_same_messages() {
    let (made, told) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let made = generated(made.path()).await;
    let store = Store::open(Options {
        dir: told.path().to_owned(),
        clock: Arc::new(ManualClock::at(SHAPE.until)),
        read_only: false,
    })
    .unwrap();
    for (account, info) in generate::accounts() {
        store.ensure_account(&account, info).await.unwrap();
    }
    let mut events: BTreeMap<_, Vec<Event>> = BTreeMap::new();
    for (account, message) in generate::events(SHAPE) {
        let waiting = events.entry(account).or_default();
        waiting.push(Event::Message(Box::new(message)));
    }
    for (account, mut events) in events {
        // As a first read does: the newest first, a few at a time.
        events.reverse();
        for some in events.chunks(7) {
            let batch = Batch {
                events: some.to_vec(),
                ..Batch::default()
            };
            store.ingest(&account, batch).await.unwrap();
        }
    }
    drop(store);
    let told = Connection::open(told.path().join("mirror.db")).unwrap();
    let schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    assert_eq!(rows(&made, schema), rows(&told, schema));
    // Row numbers follow the order of coming and so differ; the notes are the agents'.
    let alike = [
        "SELECT account, channel, direction, kind, at, sent_at, address, who, subject, snippet, content, people, dedupe,
           message_id, refs, thread, delivery, hidden, seen, flagged, attachments, fullness, body
         FROM message WHERE direction <> 'note' ORDER BY account, dedupe",
        "SELECT m.account, m.dedupe, f.dedupe FROM message m JOIN message f ON f.id = (SELECT id FROM message g
           WHERE g.conversation = m.conversation AND g.direction <> 'note' ORDER BY at, dedupe LIMIT 1)
         WHERE m.direction <> 'note' ORDER BY 1, 2",
        "SELECT account, channel, contact_name, contact_address, subject, base_subject, thread, unread, snippet,
           first_at, last_at, flagged FROM conversation ORDER BY account, contact_address, subject, first_at",
        "SELECT m.dedupe, a.name, a.mime, a.size, a.inline, a.fetch FROM attachment a JOIN message m ON m.id = a.message
         ORDER BY 1, 2, 6",
        "SELECT m.account, m.dedupe, r.bytes FROM raw r JOIN message m ON m.id = r.message ORDER BY 1, 2",
        "SELECT r.account, r.scope, r.key, m.dedupe FROM remote r JOIN message m ON m.id = r.message ORDER BY 1, 2, 3",
        "SELECT channel, address, name, verified FROM identity ORDER BY 1, 2",
    ];
    for sql in alike {
        let (one, two) = (rows(&made, sql), rows(&told, sql));
        assert!(one.len() > 50, "{sql}");
        let differ = one.iter().zip(&two).find(|(one, two)| one != two);
        assert!(
            one.len() == two.len() && differ.is_none(),
            "{sql}:\n{differ:?}"
        );
    }
    for word in ["refund", "delivery", "ка*", "退"] {
        let sql = format!(
            "SELECT count(*) FROM message m JOIN message_fts f ON f.rowid = m.fts
             WHERE message_fts MATCH '{word}' AND m.direction <> 'note'"
        );
        assert_eq!(number(&made, &sql), number(&told, &sql), "{word}");
        assert!(number(&made, &sql) > 0, "{word}");
    }
}
