//! The other side of a mailbox: what the customer sees in theirs, or a colleague's mail program
//! changing flags behind the product's back. Blocking, implicit TLS, and as small as it can be.

use std::io::{BufRead, BufReader, Read, Write};

use super::servers::{Imap, Servers, User};
use super::{tls, wait};

/// One untagged or tagged answer, its literals in place.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The line with each literal left out after its `{size}`.
    pub line: String,
    pub literals: Vec<Vec<u8>>,
}

/// What SELECT said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    pub exists: u32,
    pub uidvalidity: u32,
    pub uidnext: u32,
    pub highestmodseq: u64,
}

/// A session that is logged in.
pub struct ImapClient {
    stream: BufReader<tls::Stream>,
    tag: u32,
}

impl ImapClient {
    /// Connects to this Dovecot, and does not log in yet.
    pub fn connect(servers: &Servers, which: Imap) -> Self {
        let mut client = Self {
            stream: BufReader::new(tls::connect(servers, servers.imaps(which))),
            tag: 0,
        };
        client.read_answer();
        client
    }

    /// Logs in with a mechanism that needs one answer only; `Err` is the server's refusal.
    pub fn authenticate(&mut self, mechanism: &str, answer: &str) -> Result<(), String> {
        let tag = self.send_command(&format!("AUTHENTICATE {mechanism} {answer}"));
        let first = self.read_answer().line;
        if first.starts_with('+') {
            // The server explains its refusal and waits for leave to say NO.
            self.write(b"\r\n");
            return self.finish(&tag).map(drop);
        }
        match first.strip_prefix(&tag) {
            Some(result) if result.trim().starts_with("OK") => Ok(()),
            Some(result) => Err(result.to_owned()),
            None => self.finish(&tag).map(drop),
        }
    }

    /// Connects and logs in with the user's password.
    pub fn login(servers: &Servers, which: Imap, user: &User) -> Self {
        let mut client = Self::connect(servers, which);
        client.run(&format!("LOGIN {} {}", user.address, user.password));
        client
    }

    /// Opens the user's INBOX on the full server.
    pub fn inbox(servers: &Servers, user: &User) -> Self {
        let mut client = Self::login(servers, Imap::Full, user);
        client.select("INBOX");
        client
    }

    /// Runs a command and gives its untagged answers; panics unless the server says OK.
    pub fn run(&mut self, command: &str) -> Vec<Answer> {
        self.try_run(command)
            .unwrap_or_else(|refusal| panic!("{command}: {refusal}"))
    }

    /// Runs a command; `Err` is the server's NO or BAD line.
    pub fn try_run(&mut self, command: &str) -> Result<Vec<Answer>, String> {
        let tag = self.send_command(command);
        self.finish(&tag).map(|(answers, _)| answers)
    }

    fn send_command(&mut self, command: &str) -> String {
        self.tag += 1;
        let tag = format!("t{}", self.tag);
        self.write(format!("{tag} {command}\r\n").as_bytes());
        tag
    }

    fn write(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        stream.write_all(bytes).unwrap();
        stream.flush().unwrap();
    }

    fn finish(&mut self, tag: &str) -> Result<(Vec<Answer>, String), String> {
        let mut answers = Vec::new();
        loop {
            let answer = self.read_answer();
            let Some(result) = answer.line.strip_prefix(tag) else {
                answers.push(answer);
                continue;
            };
            let result = result.trim().to_owned();
            return if result.starts_with("OK") {
                Ok((answers, result))
            } else {
                Err(result)
            };
        }
    }

    fn read_answer(&mut self) -> Answer {
        let mut whole = String::new();
        let mut literals = Vec::new();
        loop {
            let mut line = Vec::new();
            self.stream.read_until(b'\n', &mut line).unwrap();
            assert!(!line.is_empty(), "the IMAP server hung up");
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            whole.push_str(line);
            let size = line
                .strip_suffix('}')
                .and_then(|start| start.rsplit_once('{'))
                .and_then(|(_, size)| size.parse::<usize>().ok());
            let Some(size) = size else {
                return Answer {
                    line: whole,
                    literals,
                };
            };
            let mut literal = vec![0; size];
            self.stream.read_exact(&mut literal).unwrap();
            literals.push(literal);
        }
    }

    /// Opens a mailbox.
    pub fn select(&mut self, mailbox: &str) -> Selected {
        let mut selected = Selected::default();
        for Answer { line, .. } in self.run(&format!("SELECT \"{mailbox}\"")) {
            if let Some(exists) = line
                .strip_prefix("* ")
                .and_then(|line| line.strip_suffix(" EXISTS"))
            {
                selected.exists = exists.parse().unwrap();
            }
            selected.uidvalidity = code(&line, "UIDVALIDITY").unwrap_or(selected.uidvalidity);
            selected.uidnext = code(&line, "UIDNEXT").unwrap_or(selected.uidnext);
            selected.highestmodseq = code(&line, "HIGHESTMODSEQ").unwrap_or(selected.highestmodseq);
        }
        selected
    }

    /// Puts a message into a mailbox with flags such as `\Seen`, and gives its UID there.
    pub fn append(&mut self, mailbox: &str, flags: &str, message: &str) -> u32 {
        let command = format!("APPEND \"{mailbox}\" ({flags}) {{{}+}}", message.len());
        let tag = self.send_command(&format!("{command}\r\n{message}"));
        let (_, result) = self
            .finish(&tag)
            .unwrap_or_else(|refusal| panic!("{command}: {refusal}"));
        let uid = result
            .split_once("APPENDUID")
            .and_then(|(_, rest)| rest.split([' ', ']']).nth(2));
        uid.unwrap().parse().unwrap()
    }

    /// UIDs in the open mailbox that answer the criteria, such as `ALL` or `UNSEEN`.
    pub fn search(&mut self, criteria: &str) -> Vec<u32> {
        let answers = self.run(&format!("UID SEARCH {criteria}"));
        let found = answers
            .iter()
            .find_map(|answer| answer.line.strip_prefix("* SEARCH"));
        found
            .unwrap()
            .split_whitespace()
            .map(|uid| uid.parse().unwrap())
            .collect()
    }

    /// Waits until something in the open mailbox answers the criteria.
    pub fn wait_for(&mut self, criteria: &str) -> Vec<u32> {
        wait::until(criteria, wait::PATIENCE, || {
            self.run("NOOP");
            Some(self.search(criteria)).filter(|found| !found.is_empty())
        })
    }

    /// The message as it is stored; the message is not marked as read.
    pub fn fetch(&mut self, uid: u32) -> String {
        let answers = self.run(&format!("UID FETCH {uid} (BODY.PEEK[])"));
        let body = answers
            .into_iter()
            .find_map(|mut answer| answer.literals.pop());
        String::from_utf8(body.unwrap_or_else(|| panic!("no message with UID {uid}"))).unwrap()
    }

    /// Every message of the open mailbox, oldest first.
    pub fn fetch_all(&mut self) -> Vec<String> {
        let uids = self.search("ALL");
        uids.into_iter().map(|uid| self.fetch(uid)).collect()
    }

    /// The flags of a message, sorted, without `\Recent`.
    pub fn flags(&mut self, uid: u32) -> Vec<String> {
        let answers = self.run(&format!("UID FETCH {uid} (FLAGS)"));
        let line = answers
            .iter()
            .find_map(|answer| answer.line.split_once("FLAGS ("))
            .unwrap_or_else(|| panic!("no message with UID {uid}"))
            .1;
        let (flags, _) = line.split_once(')').unwrap();
        let mut flags: Vec<String> = flags
            .split_whitespace()
            .filter(|flag| *flag != "\\Recent")
            .map(str::to_owned)
            .collect();
        flags.sort();
        flags
    }

    /// Changes flags: `change` is `+FLAGS`, `-FLAGS` or `FLAGS`.
    pub fn store(&mut self, uid: u32, change: &str, flags: &str) {
        self.run(&format!("UID STORE {uid} {change} ({flags})"));
    }

    /// Removes one message for good.
    pub fn expunge(&mut self, uid: u32) {
        self.store(uid, "+FLAGS", "\\Deleted");
        self.run(&format!("UID EXPUNGE {uid}"));
    }

    /// Moves a message of the open mailbox to another.
    pub fn move_to(&mut self, uid: u32, mailbox: &str) {
        self.run(&format!("UID MOVE {uid} \"{mailbox}\""));
    }
}

/// The number in a response code such as `[UIDNEXT 7]`.
fn code<T: std::str::FromStr>(line: &str, name: &str) -> Option<T> {
    let (_, rest) = line.split_once(&format!("[{name} "))?;
    rest.split(']').next()?.parse().ok()
}
