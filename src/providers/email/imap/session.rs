//! One connection to an IMAP server: commands go out tagged, several at once if wanted, and every answer is read.
//!
//! A session has one owner and no task of its own. Whoever gives up waiting in the middle of a command leaves it
//! [broken](ImapSession::is_broken), and it must be thrown away; so must a session that gave any error but a refusal.

use super::error::ImapError;
use super::response::{self, Data, Response, Status, StatusLine};
use super::value::Piece;
use crate::providers::email::settings::{ImapSettings, TlsMode};
use crate::providers::email::tls::{Connector, tcp};
use crate::providers::email::wire::{READ, Wire};
use crate::providers::email::words::clean;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Longest line that is read; a search in a mailbox with a million messages needs eight.
const LINE_CAP: usize = 16 << 20;
/// Largest literal that is read.
pub const LITERAL_CAP: usize = (50 << 20) + 4096;
/// Most bytes that one batch of commands may bring.
const TOTAL_CAP: usize = 192 << 20;

/// How a command ended: its own answer, or the error of a refusal.
pub type Ended = Result<StatusLine, ImapError>;

/// Takes what comes before the end of a command.
pub type Sink<'a> = &'a mut (dyn FnMut(Data) + Send);

/// One connection.
pub struct ImapSession {
    wire: Wire,
    tags: u32,
    capabilities: Vec<String>,
    qresync: bool,
    left: usize,
    broken: bool,
    /// The mailbox that is open, by its name on the wire.
    pub(super) selected: Option<String>,
    /// Messages came into it since it was opened.
    pub(super) grown: bool,
}

impl ImapSession {
    /// Connects, encrypts and reads the greeting; nothing secret has been said yet.
    pub async fn open(settings: &ImapSettings) -> Result<Self, ImapError> {
        let connector = Connector::new(settings.ca_file.as_deref())
            .map_err(super::super::wire::WireError::from)?;
        let mut io = tcp(&settings.host, settings.port()).await?;
        if settings.tls == TlsMode::Implicit {
            io = connector.encrypt(&settings.host, io).await?;
        }
        let mut session = Self::over(Wire::new(io));
        session.greeting().await?;
        if settings.tls == TlsMode::Starttls {
            session = session.starttls(&connector, &settings.host).await?;
        }
        session.ask_capabilities().await?;
        Ok(session)
    }

    fn over(wire: Wire) -> Self {
        Self {
            wire,
            tags: 0,
            capabilities: Vec::new(),
            qresync: false,
            left: TOTAL_CAP,
            broken: false,
            selected: None,
            grown: false,
        }
    }

    async fn greeting(&mut self) -> Result<(), ImapError> {
        match self.response().await? {
            Response::Data(Data::Status(line)) => match line.status {
                Status::Ok => Ok(()),
                // Before TLS somebody in the middle could say so to keep us from encrypting; after it nobody logged in.
                Status::Preauth => Err(ImapError::Login(
                    "the server claims that nobody needs to log in; this is not trusted".to_owned(),
                )),
                _ => Err(ImapError::Bye(clean(&line.text))),
            },
            _ => Err(ImapError::Protocol("it did not greet".to_owned())),
        }
    }

    async fn starttls(mut self, connector: &Connector, host: &str) -> Result<Self, ImapError> {
        self.ask_capabilities().await?;
        if !self.has("STARTTLS") {
            return Err(ImapError::Login(format!(
                "{host} does not offer STARTTLS on this port; use tls = \"implicit\" with its TLS port"
            )));
        }
        self.run("STARTTLS").await?;
        // What came ahead of the handshake is dropped with the old stream, and what was promised before it is forgotten.
        let io = connector.encrypt(host, self.wire.into_io()).await?;
        Ok(Self::over(Wire::new(io)))
    }

    /// Can the server do this? (upper case)
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    /// Deletions are told by UID, and a mailbox can be opened with what changed since.
    pub fn has_qresync(&self) -> bool {
        self.qresync
    }

    /// Changes are counted.
    pub fn has_condstore(&self) -> bool {
        self.qresync || self.has("CONDSTORE") || self.has("QRESYNC")
    }

    /// Something went wrong in the middle; throw it away.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Asks what the server can do.
    pub async fn ask_capabilities(&mut self) -> Result<(), ImapError> {
        let mut told = None;
        self.run_into("CAPABILITY", &mut |data| {
            if let Data::Capability(list) = data {
                told = Some(list);
            }
        })
        .await?;
        self.capabilities =
            told.ok_or_else(|| ImapError::Protocol("it does not tell what it can do".to_owned()))?;
        Ok(())
    }

    /// After the login: asks again what the server can do, and switches on what this program wants.
    pub(super) async fn settle(&mut self) -> Result<(), ImapError> {
        self.ask_capabilities().await?;
        if self.has("ID") {
            // Some servers serve nobody who does not say what he is.
            let version = env!("CARGO_PKG_VERSION");
            let said = self
                .run(&format!(
                    "ID (\"name\" \"frontdesk\" \"version\" \"{version}\")"
                ))
                .await;
            if let Err(error) = said
                && !error.is_refusal()
            {
                return Err(error);
            }
        }
        if self.has("ENABLE") && self.has("QRESYNC") {
            let mut enabled = false;
            self.run_into("ENABLE QRESYNC", &mut |data| {
                if let Data::Enabled(list) = data {
                    enabled |= list.iter().any(|name| name == "QRESYNC");
                }
            })
            .await?;
            self.qresync = enabled;
        }
        Ok(())
    }

    /// Runs one command and drops what comes besides its end.
    pub async fn run(&mut self, command: &str) -> Ended {
        self.run_into(command, &mut |_| {}).await
    }

    /// Runs one command.
    pub async fn run_into(&mut self, command: &str, sink: Sink<'_>) -> Ended {
        let ended = self.run_all(&[command.to_owned()], 1, sink).await?;
        ended
            .into_iter()
            .next()
            .unwrap_or_else(|| Err(ImapError::Protocol("a command has no end".to_owned())))
    }

    /// Runs several commands, at most `in_flight` at a time without waiting for one another, and tells how each ended.
    pub async fn run_all(
        &mut self,
        commands: &[String],
        in_flight: usize,
        sink: Sink<'_>,
    ) -> Result<Vec<Ended>, ImapError> {
        self.begin()?;
        let mut ended: Vec<Option<Ended>> = commands.iter().map(|_| None).collect();
        let mut waiting: VecDeque<(String, usize)> = VecDeque::new();
        let mut next = 0;
        while next < commands.len() || !waiting.is_empty() {
            while next < commands.len() && waiting.len() < in_flight.max(1) {
                let tag = self.tag();
                let line = format!("{tag} {}\r\n", commands[next]);
                self.wire.write(line.as_bytes()).await?;
                waiting.push_back((tag, next));
                next += 1;
            }
            match self.response().await? {
                Response::Tagged(tag, line) => {
                    let at = waiting
                        .iter()
                        .position(|(known, _)| *known == tag)
                        .ok_or_else(|| unknown_tag(&tag))?;
                    if let Some((_, index)) = waiting.remove(at) {
                        ended[index] = Some(judge(&commands[index], line));
                    }
                }
                Response::Data(data) => sink(check(data)?),
                Response::Continue(_) => {
                    return Err(ImapError::Protocol("it asks for more unasked".to_owned()));
                }
            }
        }
        self.broken = false;
        Ok(ended.into_iter().flatten().collect())
    }

    /// Runs a command that ends in counted bytes.
    pub async fn run_literal(&mut self, command: &str, bytes: &[u8]) -> Ended {
        self.begin()?;
        let tag = self.tag();
        let at_once = self.has("LITERAL+") || (self.has("LITERAL-") && bytes.len() <= 4096);
        let plus = if at_once { "+" } else { "" };
        let line = format!("{tag} {command} {{{}{plus}}}\r\n", bytes.len());
        self.wire.write(line.as_bytes()).await?;
        if !at_once {
            // Anything may be said before the server wants the bytes; only a refusal ends it.
            if let Some(line) = self.until_asked(&tag).await? {
                self.broken = false;
                return judge(command, line);
            }
        }
        self.wire.write(bytes).await?;
        self.wire.write(b"\r\n").await?;
        let line = self.until_ended(&tag).await?;
        self.broken = false;
        judge(command, line)
    }

    /// Runs a command that asks back: each challenge is answered by `answer`, a line without its end.
    pub(super) async fn run_dialog(
        &mut self,
        command: &str,
        mut answer: impl FnMut(&str) -> String + Send,
    ) -> Ended {
        self.begin()?;
        let tag = self.tag();
        self.wire
            .write(format!("{tag} {command}\r\n").as_bytes())
            .await?;
        loop {
            match self.response().await? {
                Response::Continue(challenge) => {
                    let line = format!("{}\r\n", answer(&challenge));
                    self.wire.write(line.as_bytes()).await?;
                }
                Response::Tagged(ended, line) if ended == tag => {
                    self.broken = false;
                    return judge(command, line);
                }
                Response::Tagged(ended, _) => return Err(unknown_tag(&ended)),
                Response::Data(data) => {
                    check(data)?;
                }
            }
        }
    }

    /// Waits with IDLE until something happens, but not longer than `cycle`; gives what happened.
    pub async fn idle(&mut self, cycle: Duration) -> Result<Vec<Data>, ImapError> {
        self.begin()?;
        let end = Instant::now() + cycle;
        let tag = self.tag();
        self.wire
            .write(format!("{tag} IDLE\r\n").as_bytes())
            .await?;
        let mut news = Vec::new();
        loop {
            match self.response().await? {
                Response::Continue(_) => break,
                Response::Data(data) => news.push(check(data)?),
                Response::Tagged(ended, line) if ended == tag => {
                    self.broken = false;
                    return judge("IDLE", line).map(|_| news);
                }
                Response::Tagged(ended, _) => return Err(unknown_tag(&ended)),
            }
        }
        self.wait_for_news(end, &mut news).await?;
        self.wire.write(b"DONE\r\n").await?;
        loop {
            match self.response().await? {
                Response::Data(data) => news.push(check(data)?),
                Response::Tagged(ended, line) if ended == tag => {
                    self.broken = false;
                    return judge("IDLE", line).map(|_| news);
                }
                _ => return Err(ImapError::Protocol("it does not end IDLE".to_owned())),
            }
        }
    }

    async fn wait_for_news(&mut self, end: Instant, news: &mut Vec<Data>) -> Result<(), ImapError> {
        while !news.iter().any(Data::is_news) {
            let left = end.saturating_duration_since(Instant::now());
            match self.wire.readable(left).await {
                Ok(()) => {}
                Err(super::super::wire::WireError::Slow(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            match self.response().await? {
                Response::Data(data) => news.push(check(data)?),
                _ => {
                    return Err(ImapError::Protocol(
                        "it answers what was not asked".to_owned(),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Says good-bye; nothing depends on its being heard.
    pub async fn logout(mut self) {
        let _ = self.run("LOGOUT").await;
    }

    fn begin(&mut self) -> Result<(), ImapError> {
        if self.broken {
            return Err(ImapError::Protocol("the session was given up".to_owned()));
        }
        self.broken = true;
        self.left = TOTAL_CAP;
        Ok(())
    }

    fn tag(&mut self) -> String {
        self.tags = self.tags.wrapping_add(1);
        format!("f{}", self.tags)
    }

    async fn until_asked(&mut self, tag: &str) -> Result<Option<StatusLine>, ImapError> {
        loop {
            match self.response().await? {
                Response::Continue(_) => return Ok(None),
                Response::Tagged(ended, line) if ended == tag => return Ok(Some(line)),
                Response::Tagged(ended, _) => return Err(unknown_tag(&ended)),
                Response::Data(data) => {
                    check(data)?;
                }
            }
        }
    }

    async fn until_ended(&mut self, tag: &str) -> Result<StatusLine, ImapError> {
        match self.until_asked(tag).await? {
            Some(line) => Ok(line),
            None => Err(ImapError::Protocol("it asks for more unasked".to_owned())),
        }
    }

    async fn response(&mut self) -> Result<Response, ImapError> {
        let mut pieces = Vec::new();
        loop {
            let line = self.wire.line(LINE_CAP, READ).await?;
            self.spend(line.len())?;
            let Some((text, count)) = announced(&line) else {
                pieces.push(Piece::Line(line));
                break;
            };
            if count > LITERAL_CAP {
                return Err(ImapError::Protocol(format!(
                    "it announces {count} bytes, more than this program takes"
                )));
            }
            self.spend(count)?;
            pieces.push(Piece::Line(line[..text].to_vec()));
            pieces.push(Piece::Literal(self.wire.exact(count).await?));
        }
        let response = response::read(pieces)?;
        self.grown |= matches!(response, Response::Data(Data::Exists(_)));
        Ok(response)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ImapError> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            ImapError::Protocol("it sends more than can have been asked for".to_owned())
        })?;
        Ok(())
    }
}

impl Data {
    /// Did something change in a mailbox?
    pub fn is_news(&self) -> bool {
        match self {
            Self::Exists(_)
            | Self::Expunge(_)
            | Self::Vanished { .. }
            | Self::Fetch(_)
            | Self::Mailbox(_) => true,
            Self::Status(line) => line.code == "NOTIFICATIONOVERFLOW",
            _ => false,
        }
    }
}

/// A good-bye ends everything, whatever was going on.
fn check(data: Data) -> Result<Data, ImapError> {
    match data {
        Data::Status(line) if line.status == Status::Bye => Err(ImapError::Bye(clean(&line.text))),
        data => Ok(data),
    }
}

fn judge(command: &str, line: StatusLine) -> Ended {
    match line.status {
        Status::Ok => Ok(line),
        _ => Err(ImapError::refused(command, &line)),
    }
}

fn unknown_tag(tag: &str) -> ImapError {
    ImapError::Protocol(format!(
        "it ends a command `{}` that was not given",
        clean(tag)
    ))
}

/// `{123}` at the end of a line: where the text ends, and how many bytes follow.
fn announced(line: &[u8]) -> Option<(usize, usize)> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let digits = &inner[open + 1..];
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Too large for a number is too large for us: the caller compares with its cap.
    let count = std::str::from_utf8(digits)
        .ok()?
        .parse()
        .unwrap_or(usize::MAX);
    let text = if open > 0 && line[open - 1] == b'~' {
        open - 1
    } else {
        open
    };
    Some((text, count))
}

/// The text in quotes, as mailbox names are written. Line ends cannot be in it.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text
        .chars()
        .filter(|letter| !matches!(letter, '\r' | '\n' | '\0'))
    {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements() {
        for (line, expect) in [
            ("* 1 FETCH (BODY[] {12}", Some((18, 12))),
            ("x ~{3}", Some((2, 3))),
            ("x {3+}", Some((2, 3))),
            ("x {-1}", None),
            ("x {}", None),
            ("x }", None),
            ("x {18446744073709551616}", Some((2, usize::MAX))),
            ("x {4294967295}", Some((2, 4_294_967_295))),
        ] {
            assert_eq!(announced(line.as_bytes()), expect, "{line}");
        }
    }

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(quote("a\"b\\c\r\nA1 DELETE x"), r#""a\"b\\cA1 DELETE x""#);
    }
}
