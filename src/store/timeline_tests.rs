//! The timeline of a customer over all channels costs what is shown, however much there is: measured in steps of
//! SQLite's machine, which no other load changes.

use super::{bare_file, messages};
use crate::model::{ConversationId, MessageId};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Contact 1 has `of_one` messages in `conversations` conversations that go on side by side, contact 2 has `others`.
fn filled(conversations: u32, of_one: u32, others: u32) -> (tempfile::TempDir, Connection) {
    let (dir, connection) = bare_file::fresh();
    connection
        .execute_batch(&format!(
            "BEGIN;
             INSERT INTO account(name, info) VALUES ('care', '{{}}');
             INSERT INTO contact(id, name, since) VALUES (1, 'a', 0), (2, 'b', 0);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {conversations} + 2000)
             INSERT INTO conversation(account, channel, contact, contact_name, contact_address, subject, status, priority,
               first_at, last_at)
             SELECT 'care', 'email', 1 + (i > {conversations}), 'a', 'a', 's', 'open', 1, 0, 0 FROM n;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {of_one})
             INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, who, author, subject, body,
               content, threaded_by, place)
             SELECT 1 + i % {conversations}, 'care', 'email', 'inbound', 'normal', i / 3, i, '',
               '{{\"kind\":\"system\",\"name\":\"\"}}', '', 'body', '{{\"kind\":\"text\"}}',
               '{{\"by\":\"agent\"}}', i FROM n;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {others})
             INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, who, author, subject, body,
               content, threaded_by, place)
             SELECT {conversations} + 1 + i % 2000, 'care', 'email', 'inbound', 'normal', i, i, '',
               '{{\"kind\":\"system\",\"name\":\"\"}}', '', 'body', '{{\"kind\":\"text\"}}',
               '{{\"by\":\"agent\"}}', i FROM n WHERE {others} > 0;
             COMMIT;"
        ))
        .unwrap();
    (dir, connection)
}

/// Steps that the first pages take, and the ids that they show, newest page first.
fn read(connection: &mut Connection, pages: usize) -> (u64, Vec<i64>) {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = steps.clone();
    let count = move || {
        counter.fetch_add(10, Ordering::Relaxed);
        false
    };
    connection.progress_handler(10, Some(count)).unwrap();
    let (mut all, mut before) = (Vec::new(), None);
    for _ in 0..pages {
        let page = messages::page(connection, ConversationId(1), before, 100, true);
        let page = page.unwrap().unwrap();
        assert_eq!((page.messages.len(), page.older), (100, true));
        before = page.messages.first().map(|message| message.id);
        all.splice(0..0, page.messages.iter().map(|message| message.id.0));
    }
    (steps.load(Ordering::Relaxed), all)
}

#[test]
fn a_page_costs_what_it_shows() {
    let (_small, mut small) = filled(4, 1_000, 0);
    let (_large, mut large) = filled(4, 100_000, 200_000);
    let ((few, _), (many, shown)) = (read(&mut small, 5), read(&mut large, 5));
    assert!(many < few * 3 / 2, "{few} {many}");
    let newest: Vec<i64> = (99_501..=100_000).collect();
    assert_eq!(shown, newest, "in order, and none is left out");
}

#[test]
fn no_conversation_is_left_out_where_there_are_many() {
    let (_dir, mut connection) = filled(500, 5_000, 0);
    let (steps, shown) = read(&mut connection, 3);
    assert!(steps < 500_000, "{steps}");
    assert_eq!(shown, (4_701..=5_000).collect::<Vec<i64>>());
    let last = messages::page(
        &connection,
        ConversationId(1),
        Some(MessageId(51)),
        100,
        true,
    );
    let last = last.unwrap().unwrap();
    assert_eq!((last.messages.len(), last.older), (50, false));
}
