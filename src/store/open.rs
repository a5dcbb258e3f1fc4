//! Opens the mirror's file: folder, permissions, file system, SQLite's version, settings, schema.

use super::error::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database's name in the mirror's folder.
pub(super) const FILE: &str = "mirror.db";
/// Marks the file as ours.
const APPLICATION: i64 = 0x6664_736b;
/// Below this, two connections that write and checkpoint may corrupt the file (fixed 2026-03-13).
const OLDEST_SQLITE: i32 = 3_051_003;
/// Statements kept ready per connection.
const STATEMENTS: usize = 256;

/// Every schema in order; the number of one is its place, from 1.
const SCHEMAS: [&str; 12] = [
    include_str!("schema/001_begin.sql"),
    include_str!("schema/002_follow.sql"),
    include_str!("schema/003_heard_and_facts.sql"),
    include_str!("schema/004_order_and_goes_to.sql"),
    include_str!("schema/005_templates.sql"),
    include_str!("schema/006_heard_waiting.sql"),
    include_str!("schema/007_people.sql"),
    include_str!("schema/008_transcripts.sql"),
    include_str!("schema/009_found.sql"),
    include_str!("schema/010_near.sql"),
    include_str!("schema/011_runs.sql"),
    include_str!("schema/012_words.sql"),
];

/// The schema since which addresses have their present form.
const WITH_PEOPLE: i64 = 7;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The one that writes.
    Write,
    /// One of those that only read.
    Read,
}

/// Makes the folder, checks where it is, and brings the file to the newest schema.
pub(super) fn prepare(dir: &Path, read_only: bool) -> Result<PathBuf, StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::OldSqlite(rusqlite::version().to_owned()));
    }
    if !read_only {
        make_dir(dir)?;
    }
    refuse_network(dir)?;
    let path = dir.join(FILE);
    if read_only {
        return Ok(path);
    }
    private(&path).map_err(|error| StoreError::io(&path, error))?;
    // Two processes that start together must not both make the file.
    let lock_path = dir.join("open.lock");
    let lock = private(&lock_path).map_err(|error| StoreError::io(&lock_path, error))?;
    lock.lock()
        .map_err(|error| StoreError::io(&lock_path, error))?;
    let mut connection = connect(&path, Use::Write)?;
    migrate(&mut connection, dir)?;
    drop(connection);
    drop(lock);
    Ok(path)
}

/// A connection with every setting that protects the file.
pub(super) fn connect(path: &Path, purpose: Use) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection)?;
    match purpose {
        Use::Write => {
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| {
                row.get::<_, String>(0)
            })?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "cache_size", -16_000)?;
            // Long before that a thread of its own has folded most of the log in.
            connection.pragma_update_and_check(None, "wal_autocheckpoint", 16_000, |_| Ok(()))?;
            connection
                .pragma_update_and_check(None, "journal_size_limit", 67_108_864, |_| Ok(()))?;
        }
        Use::Read => read_only(&connection)?,
    }
    Ok(connection)
}

/// A connection to a file that may not be written: on a read-only disk, or by wish.
///
/// A file whose log was folded in needs no shared memory: where that cannot be made, the file is read as one that
/// nobody changes, which is true where nobody can.
pub(super) fn connect_read_only(path: &Path) -> Result<Connection, StoreError> {
    let opened = open_read_only(path, false);
    let cannot = matches!(&opened, Err(StoreError::Sql(error)) if matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::SystemIoFailure)
    )) || matches!(&opened, Err(StoreError::ReadOnly));
    if !cannot || !path.exists() || is_writable(path) {
        return opened;
    }
    let log = path.with_file_name(format!("{FILE}-wal"));
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let dir = path.parent().unwrap_or(path);
        return Err(StoreError::LogLeft(dir.to_owned()));
    }
    open_read_only(path, true)
}

/// The folder and the file can be written.
pub(super) fn is_writable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    let may = |path: &Path| access(path, Access::WRITE_OK).is_ok();
    may(path) && path.parent().is_some_and(may)
}

fn open_read_only(path: &Path, immutable: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if immutable {
        let mut uri = url::Url::from_file_path(std::path::absolute(path).unwrap_or_default())
            .map_err(|()| StoreError::io(path, std::io::ErrorKind::InvalidFilename))?;
        uri.set_query(Some("immutable=1"));
        Connection::open_with_flags(uri.as_str(), flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    set_up(&connection)?;
    read_only(&connection)?;
    let found = check_ours(&connection, path)?;
    let known = SCHEMAS.len() as i64;
    if found == 0 {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    if found < known {
        return Err(StoreError::OlderSchema { found, known });
    }
    Ok(connection)
}

fn set_up(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise a statement that might use a partial index is compiled anew for each value that it is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn read_only(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "query_only", true)?;
    // There are several that read, and the system keeps the file in memory besides.
    connection.pragma_update(None, "cache_size", -4_000)?;
    Ok(())
}

/// The file's schema, once it is known to be ours and not newer than this program.
fn check_ours(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (found, application) = (number("user_version")?, number("application_id")?);
    let known = SCHEMAS.len() as i64;
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application != APPLICATION {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    Ok(found)
}

/// Brings the file to the newest schema in one transaction: it has the old one or the new one, never half of each.
fn migrate(connection: &mut Connection, dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(FILE);
    let found = check_ours(connection, &path)?;
    let known = SCHEMAS.len() as i64;
    if found == known {
        return Ok(());
    }
    if found > 0 {
        back_up(connection, dir, found)?;
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for schema in SCHEMAS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(schema)?;
    }
    if (1..WITH_PEOPLE).contains(&found) {
        super::people::upgrade::upgrade(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// A copy of the file beside it, before a migration changes it.
fn back_up(connection: &Connection, dir: &Path, found: i64) -> Result<(), StoreError> {
    let target = dir.join(format!("mirror.before-{}.db", found + 1));
    if target.exists() {
        return Ok(());
    }
    let making = dir.join("mirror.backup.tmp");
    if making.exists() {
        fs::remove_file(&making).map_err(|error| StoreError::io(&making, error))?;
    }
    connection.execute("VACUUM INTO ?1", [making.to_string_lossy()])?;
    let finish = || -> std::io::Result<()> {
        fs::set_permissions(&making, fs::Permissions::from_mode(0o600))?;
        File::open(&making)?.sync_all()?;
        fs::rename(&making, &target)?;
        File::open(dir)?.sync_all()
    };
    finish().map_err(|error| StoreError::io(&target, error))
}

fn make_dir(dir: &Path) -> Result<(), StoreError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .and_then(|()| fs::set_permissions(dir, fs::Permissions::from_mode(0o700)))
        .map_err(|error| StoreError::io(dir, error))
}

/// Opens or makes a file that only its owner may read.
pub(super) fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// Two processes on one file rely on locks and shared memory, which network file systems do not give.
#[cfg(target_os = "linux")]
fn refuse_network(dir: &Path) -> Result<(), StoreError> {
    const KINDS: [(u64, &str); 8] = [
        (0x6969, "NFS"),
        (0x6573_5546, "a FUSE file system such as sshfs"),
        (0xff53_4d42, "a Windows share"),
        (0xfe53_4d42, "a Windows share"),
        (0x517b, "a Windows share"),
        (0x0102_1997, "a 9p share"),
        (0x5346_414f, "AFS"),
        (0x00c3_6400, "Ceph"),
    ];
    let found = rustix::fs::statfs(dir).map_err(|error| StoreError::io(dir, error))?;
    let magic = (found.f_type as u64) & 0xffff_ffff;
    match KINDS.iter().find(|(number, _)| *number == magic) {
        Some((_, kind)) => Err(StoreError::NetworkFiles {
            path: dir.to_owned(),
            kind,
        }),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn refuse_network(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
