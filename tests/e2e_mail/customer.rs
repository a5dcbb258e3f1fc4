//! The customer's side: a mailbox, a mail program, and what is really in the mailbox.

use crate::support::imap_client::ImapClient;
use crate::support::mail::Mail;
use crate::support::servers::{Servers, User};
use crate::support::smtp_client::deliver;
use crate::support::wait::{PATIENCE, until};
use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};

/// A customer with a mailbox that nobody else has.
pub struct Customer {
    pub servers: &'static Servers,
    pub user: User,
}

impl Customer {
    pub fn new(servers: &'static Servers) -> Self {
        Self {
            servers,
            user: User::fresh_customer(),
        }
    }

    /// Writes to an address of the desk, and gives the Message-ID.
    pub fn writes(&self, to: &User, subject: &str, body: &str) -> String {
        self.sends(
            to,
            &Mail::new(
                &format!("Ann Customer <{}>", self.user.address),
                &to.address,
                subject,
                body,
            ),
        )
    }

    /// Answers a mail from the desk as mail programs do, and gives the Message-ID.
    pub fn answers(&self, letter: &Letter, to: &User, body: &str) -> String {
        let quoted: String = letter
            .text
            .lines()
            .flat_map(|line| ["> ", line, "\n"])
            .collect();
        let mail = Mail::new(
            &format!("Ann Customer <{}>", self.user.address),
            &to.address,
            &letter.subject,
            &format!("{body}\n\nThe desk wrote:\n{quoted}"),
        );
        let talk: Vec<String> = letter
            .references
            .iter()
            .chain([&letter.id])
            .map(|id| format!("<{id}>"))
            .collect();
        self.sends(
            to,
            &mail
                .answering(&letter.id)
                .header("References", &talk.join(" ")),
        )
    }

    /// Hands a mail to the MX.
    pub fn sends(&self, to: &User, mail: &Mail) -> String {
        deliver(
            self.servers.mx(),
            &self.user.address,
            &to.address,
            &mail.to_string(),
        );
        mail.id.clone()
    }

    /// Everything in the mailbox, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        let all = ImapClient::inbox(self.servers, &self.user).fetch_all();
        all.iter().map(|raw| Letter::read(raw)).collect()
    }

    /// Everything whose text holds these words.
    pub fn with(&self, words: &str) -> Vec<Letter> {
        let mut letters = self.letters();
        letters.retain(|letter| letter.text.contains(words));
        letters
    }

    /// Waits for a letter whose text holds these words.
    pub fn gets(&self, words: &str) -> Letter {
        until(&format!("the customer to get `{words}`"), PATIENCE, || {
            self.with(words).pop()
        })
    }
}

/// A mail as a mail program shows it.
#[derive(Debug, Clone)]
pub struct Letter {
    pub id: String,
    pub from: (String, String),
    pub to: Vec<String>,
    pub subject: String,
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub text: String,
    pub html: String,
    /// Content types of the leaves, in their order.
    pub parts: Vec<String>,
    pub raw: String,
}

impl Letter {
    fn read(raw: &str) -> Self {
        let mail = MessageParser::default().parse(raw.as_bytes()).unwrap();
        let from = mail.from().and_then(Address::first).unwrap();
        let to = mail.to().into_iter().flat_map(Address::iter);
        let leaves = mail.parts.iter().filter(|part| !part.is_multipart());
        Self {
            id: mail.message_id().unwrap_or_default().to_owned(),
            from: (
                from.name().unwrap_or_default().to_owned(),
                from.address().unwrap().to_owned(),
            ),
            to: to
                .filter_map(|one| one.address())
                .map(str::to_owned)
                .collect(),
            subject: mail.subject().unwrap_or_default().to_owned(),
            in_reply_to: ids(mail.in_reply_to()),
            references: ids(mail.references()),
            text: text(&mail),
            html: mail.body_html(0).unwrap_or_default().into_owned(),
            parts: leaves
                .filter_map(|part| part.content_type())
                .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
                .collect(),
            raw: raw.to_owned(),
        }
    }
}

fn text(mail: &Message<'_>) -> String {
    mail.body_text(0).unwrap_or_default().replace("\r\n", "\n")
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list = value.as_text_list().unwrap_or_default();
    list.iter().map(|id| id.clone().into_owned()).collect()
}
