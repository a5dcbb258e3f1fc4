//! A mail account of the product, read the way the engine reads it.

#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frontdesk::model::event::Flags;
use frontdesk::model::outgoing::{OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Batch, Channel, Clock, Coverage, Cursor, Event, NewMessage, OutboxId, Outgoing,
    Party, RemoteId, SystemClock,
};
use frontdesk::providers::email::EmailProvider;
use frontdesk::providers::email::settings::EmailSettings;
use frontdesk::providers::{Provider, ProviderError};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::support::servers::{Imap, Servers, User};

/// The configuration of an account as its table, to be completed by a test.
pub struct Table {
    head: String,
    imap: String,
    smtp: String,
}

impl Table {
    /// The user on this Dovecot over implicit TLS, sending by Postfix.
    pub fn new(servers: &Servers, which: Imap, user: &User) -> Self {
        let ca = servers.ca().display();
        Self {
            head: format!("address = \"{}\"\nname = \"The desk\"\n", user.address),
            imap: format!(
                "[imap]\nhost = \"localhost\"\nport = {}\nca_file = \"{ca}\"\npassword = \"{}\"\n",
                servers.imaps(which),
                user.password
            ),
            smtp: format!(
                "[[smtp]]\nhost = \"localhost\"\nport = {}\n",
                servers.smtps()
            ),
        }
    }

    /// Adds lines about the account.
    pub fn head(mut self, lines: &str) -> Self {
        writeln!(self.head, "{lines}").unwrap();
        self
    }

    /// Replaces what is said of the server that is read.
    pub fn imap(mut self, lines: &str) -> Self {
        self.imap = format!("[imap]\nhost = \"localhost\"\n{lines}\n");
        self
    }

    /// Replaces what is said of the servers that send.
    pub fn smtp(mut self, tables: &str) -> Self {
        self.smtp = tables.to_owned();
        self
    }

    pub fn settings(&self) -> EmailSettings {
        let text = format!("{}{}{}", self.head, self.imap, self.smtp);
        toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The account.
    pub fn open(&self) -> Account {
        Account::new(EmailProvider::new(self.settings(), Arc::new(SystemClock)))
    }
}

/// A message as the mirror would have it.
#[derive(Debug, Clone)]
pub struct Row {
    pub message: NewMessage,
    pub flags: Flags,
    pub places: Vec<RemoteId>,
}

/// The product's account with the simplest of mirrors.
pub struct Account {
    pub provider: EmailProvider,
    pub cursor: Option<Cursor>,
    pub rows: BTreeMap<String, Row>,
    pub coverage: Vec<Coverage>,
    pub resets: Vec<String>,
    pub batches: Vec<usize>,
}

impl Account {
    pub fn new(provider: EmailProvider) -> Self {
        Self {
            provider,
            cursor: None,
            rows: BTreeMap::new(),
            coverage: Vec::new(),
            resets: Vec::new(),
            batches: Vec::new(),
        }
    }

    /// The same mirror, read by a program that was just started.
    pub fn restarted(mut self, table: &Table) -> Self {
        self.provider = EmailProvider::new(table.settings(), Arc::new(SystemClock));
        self
    }

    /// One batch.
    pub async fn pull_once(&mut self) -> Result<Batch, ProviderError> {
        let batch = self.provider.pull(self.cursor.clone()).await?;
        self.apply(&batch);
        Ok(batch)
    }

    /// Batches until there is no more.
    pub async fn pull(&mut self) {
        for _ in 0..1000 {
            if !self.pull_once().await.unwrap().more {
                return;
            }
        }
        panic!("there is always more");
    }

    pub fn apply(&mut self, batch: &Batch) {
        let mut messages = 0;
        for event in &batch.events {
            match event {
                Event::Message(message) => {
                    messages += 1;
                    let row = self
                        .rows
                        .entry(message.dedupe.clone())
                        .or_insert_with(|| Row {
                            message: (**message).clone(),
                            flags: message.flags,
                            places: Vec::new(),
                        });
                    row.flags = message.flags;
                    if !row.places.contains(&message.remote) {
                        row.places.push(message.remote.clone());
                    }
                }
                Event::Flags { remote, flags } => {
                    for row in self.at(remote) {
                        row.flags = *flags;
                    }
                }
                Event::Gone { remote } => {
                    for row in self.at(remote) {
                        row.places.retain(|place| place != remote);
                    }
                }
                Event::ScopeReset { scope } => {
                    self.resets.push(scope.clone());
                    for row in self.rows.values_mut() {
                        row.places.retain(|place| place.scope != *scope);
                    }
                }
                other => panic!("mail does not tell of {other:?}"),
            }
        }
        self.batches.push(messages);
        for coverage in &batch.coverage {
            self.coverage.retain(|known| known.feed != coverage.feed);
            self.coverage.push(coverage.clone());
        }
        if batch.cursor.is_some() {
            self.cursor.clone_from(&batch.cursor);
        }
    }

    fn at(&mut self, remote: &RemoteId) -> impl Iterator<Item = &mut Row> {
        self.rows
            .values_mut()
            .filter(move |row| row.places.contains(remote))
    }

    /// The message with this subject.
    pub fn row(&self, subject: &str) -> &Row {
        let mut found = self
            .rows
            .values()
            .filter(|row| row.message.subject == subject);
        let row = found
            .next()
            .unwrap_or_else(|| panic!("no message `{subject}` among {:?}", self.subjects()));
        assert!(found.next().is_none(), "`{subject}` is there twice");
        row
    }

    pub fn subjects(&self) -> Vec<&str> {
        self.rows
            .values()
            .map(|row| row.message.subject.as_str())
            .collect()
    }

    /// Everything there is at the server is in the mirror, and the other way round.
    pub async fn verify(&self) {
        assert_eq!(self.here(), self.wanted().await);
    }

    /// Everything that is wanted of the server is in the mirror, which may hold older mail besides.
    pub async fn lacks_nothing(&self) {
        let here = self.here();
        for place in self.wanted().await {
            assert!(here.contains(&place), "{place:?} is missing");
        }
    }

    async fn wanted(&self) -> Vec<(String, String)> {
        let inventory = self.provider.inventory().await.unwrap();
        let mut wanted: Vec<(String, String)> = inventory
            .into_iter()
            .flat_map(|feed| {
                let scope = feed.scope;
                feed.keys.into_iter().map(move |key| (scope.clone(), key))
            })
            .collect();
        wanted.sort();
        wanted
    }

    fn here(&self) -> Vec<(String, String)> {
        let places = self.rows.values().flat_map(|row| &row.places);
        let mut here: Vec<_> = places
            .map(|place| (place.scope.clone(), place.key.clone()))
            .collect();
        here.sort();
        here
    }
}

/// Something to be sent now.
pub fn outgoing(provider: &EmailProvider, to: &str, subject: &str, body: &str) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("support"),
        channel: Channel::Email,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(to)],
            ..Recipients::default()
        },
        subject: subject.to_owned(),
        body: body.to_owned(),
        attachments: Vec::new(),
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: provider.new_reference(),
        queued_at: SystemClock.now(),
        author: "alice".to_owned(),
        template: None,
        proposal: None,
    }
}
