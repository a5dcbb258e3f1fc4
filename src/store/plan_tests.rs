//! Every list and window walks an index: nothing is sorted and no table is read from end to end.

use super::rows::MESSAGE;
use super::{bare_file, list};
use crate::model::query::{From, ListQuery, Sort, View};
use crate::model::{AccountId, Channel};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// The mirror's file with conversations of every sort, written past the store to be quick.
fn filled() -> (tempfile::TempDir, Connection) {
    let (dir, connection) = bare_file::fresh();
    connection
        .execute_batch(
            "BEGIN;
             INSERT INTO account(name, info) VALUES ('care', '{}');
             INSERT INTO contact(id, name, since) VALUES (1, 'a', 0);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
             INSERT INTO conversation(account, channel, contact, contact_name, contact_address, subject, status, priority,
               assignee, first_at, last_at, waiting_since)
             SELECT 'care', CASE i % 3 WHEN 0 THEN 'email' ELSE 'sms' END, 1, 'a', 'a', 's',
               CASE i % 5 WHEN 0 THEN 'resolved' WHEN 1 THEN 'snoozed' WHEN 2 THEN 'spam' ELSE 'open' END, i % 4,
               CASE i % 2 WHEN 0 THEN 'mia' END, i, i, CASE i % 7 WHEN 0 THEN i END FROM n;
             UPDATE conversation SET labels = '[\"x\"]' WHERE id % 9 = 0;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, who, author, subject, body,
               content, threaded_by)
             SELECT 1 + i % 4000, 'care', 'email', 'inbound', 'normal', i, i, '', '{}', '', '', '{}', '{}' FROM n;
             COMMIT;
             ANALYZE;",
        )
        .unwrap();
    (dir, connection)
}

fn plan(connection: &Connection, sql: &str, values: &[Value]) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let rows = statement
        .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// Fails on a sort, and on a walk over a table that no index narrows.
fn walks_an_index(connection: &Connection, sql: &str, values: &[Value]) {
    let plan = plan(connection, sql, values);
    for line in &plan {
        assert!(!line.contains("TEMP B-TREE"), "{sql}\n{plan:#?}");
        let scans = line.starts_with("SCAN")
            && !line.contains("USING INDEX")
            && !line.contains("USING COVERING");
        assert!(!scans, "{sql}\n{plan:#?}");
    }
}

#[test]
fn lists_walk_an_index_in_every_view_and_order() {
    let (_dir, connection) = filled();
    for analysed in [true, false] {
        if !analysed {
            connection
                .execute_batch("DELETE FROM sqlite_stat1; ANALYZE sqlite_schema")
                .unwrap();
        }
        for view in [
            View::Inbox,
            View::Mine,
            View::Unassigned,
            View::Waiting,
            View::Snoozed,
            View::Resolved,
            View::Spam,
            View::All,
            View::Channel(Channel::Email),
            View::Account(AccountId::new("care")),
            View::Label("x".to_owned()),
        ] {
            for sort in Sort::ALL {
                let query = ListQuery {
                    view: view.clone(),
                    sort,
                    from: From::Top,
                    limit: 50,
                    me: "mia".to_owned(),
                    filter: String::new(),
                };
                for (sql, values) in list::plans(&connection, &query).unwrap() {
                    walks_an_index(&connection, &sql, &values);
                }
            }
        }
    }
}

#[test]
fn what_is_asked_often_walks_an_index() {
    let (_dir, connection) = filled();
    let one = [Value::Integer(1)];
    for sql in [
        format!("SELECT {MESSAGE} FROM message m WHERE m.conversation = ?1 ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT 50"),
        format!(
            "SELECT {MESSAGE} FROM message m WHERE m.conversation = ?1
               AND (m.at, m.place, m.id) < (SELECT at, place, id FROM message WHERE id = 9) ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT 50"
        ),
        "SELECT at FROM message WHERE conversation = ?1 AND direction = 'inbound' AND kind = 'normal' AND at > 5
         ORDER BY at LIMIT 1"
            .to_owned(),
        "SELECT id FROM message WHERE conversation = ?1 AND direction <> 'note'
         ORDER BY at DESC, place DESC, id DESC LIMIT 1"
            .to_owned(),
        "SELECT max(at) FROM message WHERE conversation = ?1 AND direction = 'outbound' AND kind = 'normal'
           AND at BETWEEN 5 AND 9 AND outbox IS NOT NULL"
            .to_owned(),
        super::derived::FACTS.to_owned(),
        super::outbox::unknown(),
        super::past_answers::QUESTION.to_owned(),
        "SELECT count(*) FROM message WHERE conversation = ?1 AND seen = 0 AND direction = 'inbound'".to_owned(),
        "SELECT due_at FROM outbox WHERE state IN ('held', 'queued', 'retry') AND due_at < ?1 ORDER BY due_at LIMIT 1"
            .to_owned(),
        super::approvals::NEWEST_WAITING.to_owned(),
        super::approvals::FIRST_WAITING.to_owned(),
        "SELECT id FROM conversation WHERE status = 'snoozed' AND snoozed_until IS NOT NULL AND snoozed_until <= ?1
         ORDER BY snoozed_until LIMIT 5"
            .to_owned(),
    ] {
        walks_an_index(&connection, &sql, &one);
    }
    walks_an_index(&connection, super::past_answers::NEWEST_ROW, &[]);
    let renamed = [1, 0, 1, 32].map(Value::Integer);
    walks_an_index(&connection, super::index::CALLED_OTHERWISE, &renamed);
    let answer = [Value::Integer(1), Value::Integer(5)];
    walks_an_index(&connection, super::past_answers::ANSWER, &answer);
}
