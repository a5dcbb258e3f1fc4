//! A mailbox on Dovecot and its customer, who writes through Postfix.

use crate::suite::{OtherSide, Received};
use crate::support::imap_client::ImapClient;
use crate::support::mail::Mail;
use crate::support::servers::{Imap, Servers, User, required};
use crate::support::smtp_client::deliver;
use frontdesk::model::{Party, SystemClock};
use frontdesk::providers::Provider;
use frontdesk::providers::email::EmailProvider;
use mail_parser::MessageParser;
use std::sync::Arc;
use std::time::Duration;

/// One account of its own on one kind of Dovecot.
pub struct MailSide {
    servers: &'static Servers,
    which: Imap,
    desk: User,
    customer: User,
}

impl MailSide {
    pub fn new(which: Imap) -> Option<Self> {
        let servers = required()?;
        let (desk, customer) = (User::fresh_at_desk(), User::fresh_customer());
        Some(Self {
            servers,
            which,
            desk,
            customer,
        })
    }
}

impl OtherSide for MailSide {
    fn open(&self) -> Arc<dyn Provider> {
        let text = format!(
            "address = \"{}\"\npoll_seconds = 1\n[imap]\nhost = \"localhost\"\nport = {}\nca_file = \"{}\"\n\
             password = \"{}\"\n[[smtp]]\nhost = \"localhost\"\nport = {}\n",
            self.desk.address,
            self.servers.imaps(self.which),
            self.servers.ca().display(),
            self.desk.password,
            self.servers.smtps(),
        );
        Arc::new(EmailProvider::new(
            toml::from_str(&text).unwrap(),
            Arc::new(SystemClock),
        ))
    }

    fn customer(&self) -> Party {
        Party::new(self.customer.address.as_str())
    }

    fn customer_writes(&self, text: &str) {
        let (from, to) = (&self.customer.address, &self.desk.address);
        tokio::task::block_in_place(|| {
            deliver(
                self.servers.mx(),
                from,
                to,
                &Mail::new(from, to, "A question", text).to_string(),
            );
        });
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let all = tokio::task::block_in_place(|| {
            ImapClient::inbox(self.servers, &self.customer).fetch_all()
        });
        all.iter()
            .map(|raw| {
                let mail = MessageParser::default().parse(raw.as_bytes()).unwrap();
                let to = mail.to().into_iter().flat_map(|list| list.iter());
                Received {
                    text: mail.body_text(0).unwrap_or_default().into_owned(),
                    to: to
                        .filter_map(|one| one.address())
                        .map(str::to_owned)
                        .collect(),
                }
            })
            .filter(|received| received.text.contains(marker))
            .collect()
    }

    fn soon(&self) -> Duration {
        match self.which {
            // It tells of nothing by itself, and is looked at every ten seconds.
            Imap::Lean => Duration::from_secs(45),
            _ => Duration::from_secs(30),
        }
    }
}
