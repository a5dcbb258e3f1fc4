//! Several processes on one mirror, crashes, and what a mirror refuses to be.

use crate::world::*;
use frontdesk::model::query::View;
use frontdesk::model::{Command, Timestamp};
use frontdesk::store::{Change, Options, Store, StoreError};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// Says to a copy of this test binary what to do instead of testing.
const ROLE: &str = "FRONTDESK_TEST_ROLE";
const DIR: &str = "FRONTDESK_TEST_DIR";

/// A second process on the same mirror.
fn process(role: &str, world: &World) -> Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "processes::other_process",
            "--nocapture",
            "--include-ignored",
        ])
        .env(ROLE, role)
        .env(DIR, world.dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Not a test of its own: what the second process does.
#[tokio::test]
async fn other_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let dir = std::path::PathBuf::from(std::env::var(DIR).unwrap());
    let clock = frontdesk::model::time::ManualClock::at(Timestamp(START));
    let store = open(&dir, &clock);
    match role.as_str() {
        "resolve" => {
            let me = frontdesk::model::Actor::Agent("ken".to_owned());
            let ids = vec![frontdesk::model::ConversationId(1)];
            store.apply(&me, Command::Resolve { ids }).await.unwrap();
        }
        "hold" => {
            let _guard = store.engine_lock().wait().await.unwrap();
            std::fs::write(dir.join("held"), b"").unwrap();
            std::thread::sleep(Duration::from_mins(1));
        }
        "claim" => {
            let mut mine = String::new();
            while let Some(claimed) = store.outbox_claim(Timestamp(i64::MAX), None).await.unwrap() {
                mine.push_str(&claimed.row.out.id.to_string());
                mine.push('\n');
            }
            std::fs::write(dir.join(format!("claimed-{}", std::process::id())), mine).unwrap();
        }
        "write" => {
            let me = frontdesk::model::Actor::Agent("ken".to_owned());
            for n in 0.. {
                let note = Command::Note {
                    conversation: frontdesk::model::ConversationId(1),
                    body: n.to_string(),
                };
                store.apply(&me, note).await.unwrap();
                // Written down elsewhere only after it was acknowledged.
                std::fs::write(dir.join("acknowledged"), n.to_string()).unwrap();
            }
        }
        other => panic!("no role {other}"),
    }
}

async fn foreign(changes: &mut broadcast::Receiver<Change>) -> Duration {
    let began = Instant::now();
    let wait = async {
        loop {
            if changes.recv().await.unwrap().foreign {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .unwrap();
    began.elapsed()
}

#[tokio::test]
async fn commits_tell_what_changed() {
    let world = World::new().await;
    let mut changes = world.store.changes();
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let id = world.list(View::All).await.rows[0].1.id;
    let change = changes.recv().await.unwrap();
    assert_eq!(
        (change.conversations, change.lists, change.foreign),
        (vec![id], true, false)
    );
    world.reply(id, "hello").await;
    assert!(changes.recv().await.unwrap().outbox);
    // Our own commits are not taken for those of others.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(changes.try_recv().is_err());
}

#[tokio::test]
async fn another_opening_sees_it_within_a_second() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let other = open(world.dir.path(), &world.clock);
    let mut changes = other.changes();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let ids = vec![frontdesk::model::ConversationId(1)];
    world.ok(Command::Resolve { ids }).await;
    assert!(foreign(&mut changes).await < Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_is_seen_too() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let mut changes = world.store.changes();
    let mut other = process("resolve", &world);
    foreign(&mut changes).await;
    assert!(other.wait().unwrap().success());
    assert_eq!(world.list(View::Resolved).await.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_goes_to_the_next_when_its_holder_dies() {
    let world = World::new().await;
    let mut other = process("hold", &world);
    let held = world.dir.path().join("held");
    while !held.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let lock = world.store.engine_lock();
    assert!(lock.try_hold().await.unwrap().is_none());
    assert_eq!(lock.holder().await.unwrap().unwrap().pid, other.id());
    let waiting = tokio::spawn({
        let lock = lock.clone();
        async move { lock.wait().await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    other.kill().unwrap();
    let guard = tokio::time::timeout(Duration::from_mins(1), waiting)
        .await
        .unwrap()
        .unwrap();
    other.wait().unwrap();
    assert_eq!(
        lock.holder().await.unwrap().unwrap().pid,
        std::process::id()
    );
    assert!(
        lock.try_hold().await.unwrap().is_none(),
        "not twice, not even here"
    );
    drop(guard);
    assert!(lock.try_hold().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_is_claimed_twice() {
    let world = World::new().await;
    for n in 1..=40 {
        world
            .mail(mail(
                n,
                &format!("{n}@b.example"),
                &format!("Matter {n}"),
                "x",
            ))
            .await;
    }
    for (_, conversation) in world.list(View::All).await.rows {
        world.reply(conversation.id, "hello").await;
    }
    let others: Vec<Child> = (0..3).map(|_| process("claim", &world)).collect();
    let mut all: Vec<String> = Vec::new();
    for mut other in others {
        assert!(other.wait().unwrap().success());
        let path = world.dir.path().join(format!("claimed-{}", other.id()));
        all.extend(
            std::fs::read_to_string(path)
                .unwrap()
                .lines()
                .map(str::to_owned),
        );
    }
    assert_eq!(all.len(), 40);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    for _ in 0..5 {
        let acknowledged = world.dir.path().join("acknowledged");
        let _ = std::fs::remove_file(&acknowledged);
        let before = world.number("SELECT count(*) FROM message WHERE direction = 'note'");
        let mut other = process("write", &world);
        while !acknowledged.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        other.kill().unwrap();
        other.wait().unwrap();
        let last = std::fs::read_to_string(&acknowledged).unwrap();
        let last: i64 = last.parse().unwrap_or(0);
        let after = world.number("SELECT count(*) FROM message WHERE direction = 'note'");
        assert!(
            after - before > last,
            "{after} - {before} notes, {last} acknowledged"
        );
        assert_eq!(world.store.journal_verify().await.unwrap().broken_at, None);
    }
}

#[tokio::test]
async fn closed_and_opened_again_it_is_the_same() {
    let World {
        store,
        clock,
        account,
        me,
        dir,
    } = World::new().await;
    let world = World {
        store,
        clock,
        account,
        me,
        dir,
    };
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let me = world.me.clone();
    // Asked for and not waited for: done before the last handle is gone.
    let note = Command::Note {
        conversation: frontdesk::model::ConversationId(1),
        body: "n".to_owned(),
    };
    let pending = tokio::spawn({
        let store = world.store.clone();
        async move { store.apply(&me, note).await }
    });
    pending.await.unwrap().unwrap();
    let World {
        store, clock, dir, ..
    } = world;
    drop(store);
    assert!(
        !dir.path().join("mirror.db-wal").exists(),
        "the last one out folds the log in"
    );
    let store = open(dir.path(), &clock);
    assert_eq!(store.export(None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn only_the_owner_may_read() {
    let world = World::new().await;
    world.store.put_file(b"secret".to_vec()).await.unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut stack = vec![world.dir.path().to_owned()];
    let mut files = 0;
    while let Some(dir) = stack.pop() {
        assert_eq!(mode(&dir), 0o700, "{}", dir.display());
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path);
            } else {
                files += 1;
                assert_eq!(mode(&path), 0o600, "{}", path.display());
            }
        }
    }
    assert!(files >= 3);
}

fn try_open(dir: &std::path::Path, read_only: bool) -> Result<Store, StoreError> {
    Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(frontdesk::model::SystemClock),
        read_only,
    })
}

#[tokio::test]
async fn what_is_newer_or_not_ours_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(try_open(dir.path(), false).unwrap());
    let file = dir.path().join("mirror.db");
    let sql = rusqlite::Connection::open(&file).unwrap();
    sql.execute_batch("PRAGMA user_version = 9999").unwrap();
    for read_only in [false, true] {
        assert!(matches!(
            try_open(dir.path(), read_only),
            Err(StoreError::NewerSchema { found: 9_999, .. })
        ));
    }
    sql.execute_batch("PRAGMA user_version = 1; PRAGMA application_id = 7")
        .unwrap();
    assert!(matches!(
        try_open(dir.path(), false),
        Err(StoreError::Foreign(_))
    ));
}

#[tokio::test]
async fn read_only_reads_and_refuses() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let reader = try_open(world.dir.path(), true).unwrap();
    assert_eq!(reader.export(None, 10).await.unwrap().len(), 1);
    let ids = vec![frontdesk::model::ConversationId(1)];
    let refused = reader
        .apply(&world.me, Command::Resolve { ids })
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("reading only"), "{refused}");
    let empty = tempfile::tempdir().unwrap();
    assert!(try_open(empty.path(), true).is_err());
    assert!(!empty.path().join("mirror.db").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_committed_together() {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    let mut tasks = Vec::new();
    for n in 0..200 {
        let (store, me) = (world.store.clone(), world.me.clone());
        tasks.push(tokio::spawn(async move {
            // Every third is refused; the others of its group are not.
            let id = if n % 3 == 0 { 99 } else { 1 };
            let note = Command::Note {
                conversation: frontdesk::model::ConversationId(id),
                body: n.to_string(),
            };
            store.apply(&me, note).await.is_ok()
        }));
    }
    let mut ok = 0;
    for task in tasks {
        ok += usize::from(task.await.unwrap());
    }
    assert_eq!(ok, 133);
    assert_eq!(
        world.number("SELECT count(*) FROM message WHERE direction = 'note'"),
        133
    );
    assert_eq!(world.store.journal_verify().await.unwrap().entries, 133);
}

#[tokio::test]
async fn an_older_mirror_is_backed_up_then_brought_up() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mirror.db");
    let sql = rusqlite::Connection::open(&file).unwrap();
    sql.execute_batch(include_str!("../../src/store/schema/001_begin.sql"))
        .unwrap();
    sql.execute_batch(
        "INSERT INTO saved_view(name, query) VALUES ('old', 'is:open');
         PRAGMA application_id = 0x6664736b; PRAGMA user_version = 1; PRAGMA journal_mode = wal;",
    )
    .unwrap();
    drop(sql);
    let store = try_open(dir.path(), false).unwrap();
    let counts = frontdesk::model::Query::Counts {
        me: "mia".to_owned(),
    };
    match store.answer(counts).await.unwrap() {
        frontdesk::model::Answer::Counts(counts) => assert_eq!(counts.saved.len(), 1),
        other => panic!("{other:?}"),
    }
    let backup = dir.path().join("mirror.before-2.db");
    assert_eq!(
        std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let old = rusqlite::Connection::open(backup).unwrap();
    let version: i64 = old
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    let name: String = old
        .query_row("SELECT name FROM saved_view", [], |row| row.get(0))
        .unwrap();
    assert_eq!((version, name.as_str()), (1, "old"));
}

/// Names the place that was mounted for a copy of this test binary.
const MOUNTED: &str = "FRONTDESK_TEST_MOUNTED";

/// Runs one test of this binary again where `mount` (a line of shell with the folder in `$1`) was done for it alone, in a
/// namespace of its own, so that nothing is left behind. Where mounting is not allowed it says so.
fn again_where_mounted(test: &str, mount: &str, place: &std::path::Path) {
    let allowed = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", mount, "sh"])
        .arg(place)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !allowed {
        // Not `eprintln!`: the test runner keeps what a passing test prints with it to itself.
        let words =
            b"left out: store_mirror (needs to mount a file system: `unshare -rm` and `mount`)\n";
        let _ = std::io::Write::write_all(&mut std::io::stderr(), words);
        return;
    }
    let script = format!(r#"{mount} && exec "$2" --exact "$3" --nocapture"#);
    let output = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", &script, "sh"])
        .arg(place)
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(MOUNTED, place)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn where_nothing_can_be_written_it_is_read() {
    const MOUNT: &str = r#"mount --bind "$1" "$1" && mount -o remount,bind,ro "$1""#;
    if let Ok(place) = std::env::var(MOUNTED) {
        let dir = std::path::Path::new(&place).join("mirror");
        assert!(Store::is_read_only_place(&dir));
        let reader = try_open(&dir, true).unwrap();
        assert_eq!(reader.export(None, 10).await.unwrap().len(), 1);
        assert_eq!(reader.engine_lock().running().await.unwrap(), None);
        assert!(reader.engine_lock().holder().await.unwrap().is_some());
        let left = std::path::Path::new(&place).join("left");
        let error = try_open(&left, true).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::LogLeft(_)), "{error}");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let clock = frontdesk::model::time::ManualClock::at(Timestamp(START));
    let account = frontdesk::model::AccountId::new("care");
    let fill = async |store: &Store| {
        store.ensure_account(&account, info()).await.unwrap();
        let batch = frontdesk::model::Batch {
            events: vec![event(mail(1, "a@b.example", "Lamp broke", "x"))],
            ..frontdesk::model::Batch::default()
        };
        store.ingest(&account, batch).await.unwrap();
        drop(store.engine_lock().wait().await.unwrap());
    };
    let closed = open(&place.path().join("mirror"), &clock);
    fill(&closed).await;
    drop(closed);
    // One whose log was never folded in, and whose shared memory is gone.
    let from = tempfile::tempdir().unwrap();
    let unclosed = open(&from.path().join("left"), &clock);
    fill(&unclosed).await;
    std::fs::create_dir(place.path().join("left")).unwrap();
    for name in ["mirror.db", "mirror.db-wal"] {
        let source = from.path().join("left").join(name);
        std::fs::copy(source, place.path().join("left").join(name)).unwrap();
    }
    again_where_mounted(
        "processes::where_nothing_can_be_written_it_is_read",
        MOUNT,
        place.path(),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_holder_does_not_run_the_engine() {
    let world = World::new().await;
    let lock = world.store.engine_lock();
    assert_eq!(lock.running().await.unwrap(), None);
    let guard = lock.try_hold().await.unwrap().unwrap();
    assert_eq!(
        lock.running().await.unwrap().unwrap().pid,
        std::process::id()
    );
    drop(guard);
    assert_eq!(lock.running().await.unwrap(), None);
    assert!(lock.holder().await.unwrap().is_some(), "it is written down");
}

#[tokio::test]
async fn a_mirror_of_every_earlier_version_opens() {
    const SCHEMAS: [&str; 3] = [
        include_str!("../../src/store/schema/001_begin.sql"),
        include_str!("../../src/store/schema/002_follow.sql"),
        include_str!("../../src/store/schema/003_heard_and_facts.sql"),
    ];
    for version in 1..=SCHEMAS.len() {
        let dir = tempfile::tempdir().unwrap();
        let sql = rusqlite::Connection::open(dir.path().join("mirror.db")).unwrap();
        for schema in &SCHEMAS[..version] {
            sql.execute_batch(schema).unwrap();
        }
        sql.execute_batch(&format!(
            "PRAGMA application_id = 0x6664736b; PRAGMA user_version = {version}; PRAGMA journal_mode = wal;
             INSERT INTO account(name, info) VALUES ('old', '{{}}');
             INSERT INTO contact(id, name, since) VALUES (1, 'a', 0);
             INSERT INTO conversation(id, account, channel, contact, contact_name, contact_address, subject, status,
               first_at, last_at) VALUES (1, 'old', 'email', 1, 'a', 'a', 's', 'open', 1, 2);
             INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, who, author, subject, body,
               content, threaded_by)
             VALUES (1, 'old', 'email', 'inbound', 'normal', 1, 1, '', '{{\"Agent\": {{\"name\": \"x\"}}}}', '', 'one',
                 '\"Text\"', '\"Agent\"'),
               (1, 'old', 'email', 'inbound', 'normal', 1, 1, '', '{{\"Agent\": {{\"name\": \"x\"}}}}', '', 'two',
                 '\"Text\"', '\"Agent\"');"
        ))
        .unwrap();
        drop(sql);
        assert!(matches!(
            try_open(dir.path(), true).map(drop),
            Err(StoreError::OlderSchema { .. })
        ));
        drop(try_open(dir.path(), false).unwrap());
        let sql = rusqlite::Connection::open(dir.path().join("mirror.db")).unwrap();
        let bodies: String = sql
            .query_row(
                "SELECT group_concat(body ORDER BY at, place, id) FROM message",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(bodies, "one,two");
    }
}

#[tokio::test]
async fn a_full_disk_still_takes_what_an_agent_does() {
    let Ok(place) = std::env::var(MOUNTED) else {
        let place = tempfile::tempdir().unwrap();
        again_where_mounted(
            "processes::a_full_disk_still_takes_what_an_agent_does",
            r#"mount -t tmpfs -o size=6m none "$1""#,
            place.path(),
        );
        return;
    };
    let mut world = World::new().await;
    let dir = std::path::Path::new(&place).join("mirror");
    world.store = open(&dir, &world.clock);
    world
        .store
        .ensure_account(&world.account, info())
        .await
        .unwrap();
    let mut full = None;
    for n in 0..100 {
        let events = (0..50).map(|m| {
            let n = n * 50 + m;
            event(mail(
                n,
                &format!("{n}@b.example"),
                &format!("Matter {n}"),
                &"word ".repeat(300),
            ))
        });
        let batch = frontdesk::model::Batch {
            events: events.collect(),
            ..frontdesk::model::Batch::default()
        };
        if let Err(error) = world.store.ingest(&world.account, batch).await {
            full = Some(error);
            break;
        }
    }
    let full = full.expect("the file system is small");
    assert!(matches!(full, StoreError::Full), "{full}");
    // Reading works, and the second try of an agent's action finds the reserve.
    let id = world.list(View::All).await.rows[0].1.id;
    let mut tries = 0;
    loop {
        tries += 1;
        let note = Command::Note {
            conversation: id,
            body: "last words ".repeat(400),
        };
        match world.store.apply(&world.me, note).await {
            Ok(_) => break,
            Err(error) => assert!(tries < 4, "{error}"),
        }
    }
    assert_eq!(world.store.journal_verify().await.unwrap().broken_at, None);
}
