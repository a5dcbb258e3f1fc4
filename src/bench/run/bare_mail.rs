//! The least that a first read of a mailbox must do: drain it over one connection, parse each mail, and write it with
//! its words to a file of the same durability. It threads nothing, knows nobody and decides nothing.

use super::dovecot::{Dovecot, USER};
use crate::providers::trust;
use anyhow::Context;
use mail_parser::MessageParser;
use rusqlite::{Connection, OpenFlags, params};
use rustls::pki_types::ServerName;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Messages of one transaction.
const BATCH: usize = 500;

/// The bare loop's file, with the very index that the mirror in `mirror` has.
fn file(at: &Path, mirror: &Path) -> anyhow::Result<Connection> {
    let index: String = Connection::open(mirror.join("mirror.db"))?.query_row(
        "SELECT sql FROM sqlite_schema WHERE name = 'message_fts'",
        [],
        |row| row.get(0),
    )?;
    let file = Connection::open(at.join("bare.db"))?;
    file.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    file.execute_batch(
        "CREATE TABLE message (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, subject TEXT NOT NULL, who TEXT NOT NULL,
           body TEXT NOT NULL);
         CREATE TABLE raw (message INTEGER PRIMARY KEY, bytes BLOB NOT NULL);",
    )?;
    file.execute_batch(&index)?;
    Ok(file)
}

/// Drains the mailbox into a new file in `at`: how many mails, and how long that took from connecting on.
///
/// # Errors
/// When the server or the disk does not play along.
pub fn drain(at: &Path, mirror: &Path, server: &Dovecot) -> anyhow::Result<(usize, Duration)> {
    let mut file = file(at, mirror)?;
    let began = Instant::now();
    let mut wire = connect(server)?;
    wire.get_mut().write_all(
        format!(
            "a LOGIN {USER} {USER}\r\nb EXAMINE INBOX\r\nc UID FETCH 1:* (FLAGS BODY.PEEK[])\r\n"
        )
        .as_bytes(),
    )?;
    let (mut waiting, mut mails) = (Vec::with_capacity(BATCH), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        anyhow::ensure!(
            wire.read_until(b'\n', &mut line)? > 0,
            "dovecot hung up on the bare loop"
        );
        if line.starts_with(b"c ") {
            break;
        }
        let Some(size) = literal(&line) else { continue };
        let mut raw = vec![0; size];
        wire.read_exact(&mut raw)?;
        waiting.push(raw);
        if waiting.len() == BATCH {
            mails += write(&mut file, &mut waiting)?;
        }
    }
    mails += write(&mut file, &mut waiting)?;
    Ok((mails, began.elapsed()))
}

type Wire = BufReader<rustls::StreamOwned<rustls::ClientConnection, TcpStream>>;

fn connect(server: &Dovecot) -> anyhow::Result<Wire> {
    let trusts = trust::client_config(Some(&server.authority()))?;
    let name = ServerName::try_from("127.0.0.1").context("the server's name")?;
    let stream = TcpStream::connect(("127.0.0.1", server.port))?;
    stream.set_nodelay(true)?;
    let session = rustls::ClientConnection::new(Arc::new(trusts), name)?;
    let stream = rustls::StreamOwned::new(session, stream);
    Ok(BufReader::with_capacity(256 * 1_024, stream))
}

fn literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\r\n")?.strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(line.get(open + 1..)?)
        .ok()?
        .parse()
        .ok()
}

/// Parses what waits and writes it in one transaction.
fn write(file: &mut Connection, waiting: &mut Vec<Vec<u8>>) -> anyhow::Result<usize> {
    let (parser, written) = (MessageParser::default(), waiting.len());
    let all = file.transaction()?;
    for raw in waiting.drain(..) {
        let mail = parser.parse(&raw).context("a mail cannot be read")?;
        let sender = mail.from().and_then(|from| from.first());
        let who = sender.map_or_else(String::new, |sender| {
            let (name, address) = (sender.name(), sender.address());
            format!(
                "{} {}",
                name.unwrap_or_default(),
                address.unwrap_or_default()
            )
        });
        let subject = mail.subject().unwrap_or_default();
        let body = mail.body_text(0).unwrap_or_default();
        let at = mail.date().map_or(0, mail_parser::DateTime::to_timestamp);
        all.prepare_cached("INSERT INTO message(at, subject, who, body) VALUES (?, ?, ?, ?)")?
            .execute(params![at, subject, who, body])?;
        let id = all.last_insert_rowid();
        all.prepare_cached("INSERT INTO raw(message, bytes) VALUES (?, ?)")?
            .execute(params![id, raw])?;
        all.prepare_cached(
            "INSERT INTO message_fts(rowid, subject, body, who) VALUES (?, ?, ?, ?)",
        )?
        .execute(params![id, subject, body, who])?;
    }
    all.commit()?;
    Ok(written)
}

/// Looks at a mirror that another process writes.
pub struct Onlooker(Connection);

impl Onlooker {
    /// Of the mirror in `dir`, which is there.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn of(dir: &Path) -> anyhow::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mirror = Connection::open_with_flags(dir.join("mirror.db"), flags)?;
        mirror.busy_timeout(Duration::from_secs(5))?;
        mirror.execute_batch("PRAGMA query_only = 1")?;
        Ok(Self(mirror))
    }

    /// The newest message's number: how many there are where none was ever taken away. They are on disk.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub fn messages(&self) -> anyhow::Result<usize> {
        let mut asked = self
            .0
            .prepare_cached("SELECT coalesce(max(id), 0) FROM message")?;
        Ok(asked.query_row([], |row| row.get::<_, u32>(0))? as usize)
    }

    /// Messages, and those of them that a search can find.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub fn counted(&self) -> anyhow::Result<(usize, usize)> {
        let (all, found) = self.0.query_row(
            "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM message_fts)",
            [],
            |row| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?)),
        )?;
        Ok((all as usize, found as usize))
    }

    /// Conversations in the list that a screen opens with, as far as `most`.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub fn listed(&self, most: u32) -> anyhow::Result<u32> {
        let mut asked = self.0.prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM conversation WHERE status = 'open' AND head IS NOT NULL
               ORDER BY k_closing LIMIT ?)",
        )?;
        Ok(asked.query_row([most], |row| row.get(0))?)
    }
}
