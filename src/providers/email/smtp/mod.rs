//! The client's half of SMTP submission, phase by phase.
//!
//! Written here because the phases are what matters: until the dot that ends the message has been written nothing can
//! have been sent, and from then until the answer nobody can know. A library that reports one error for both would make
//! the outbox send twice or lose mail.

mod dots;
mod error;
mod reply;

use super::sasl;
use super::settings::{AuthMethod, SmtpSettings, TlsMode};
use super::tls::{Connector, tcp};
use super::wire::{READ, Wire, WireError};
use crate::providers::ProviderError;
use crate::text::header::EmailAddress;
pub use error::SmtpError;
use reply::Reply;
use std::path::Path;
use std::time::Duration;

/// How long the server may take to say that it has the message: it may be checking or storing it.
const TAKE: Duration = Duration::from_mins(1);

/// What the server said when it took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its words, cleaned.
    pub words: String,
    /// Recipients it refused while taking the others, with its reason.
    pub refused: Vec<(String, String)>,
}

/// A session with a submission server.
pub struct SmtpClient {
    wire: Wire,
    extensions: Vec<String>,
}

impl SmtpClient {
    /// Connects, encrypts and greets; nothing secret has been said yet.
    pub async fn open(settings: &SmtpSettings, ca_file: Option<&Path>) -> Result<Self, SmtpError> {
        let connector = Connector::new(ca_file).map_err(WireError::from)?;
        let mut io = tcp(&settings.host, settings.port()).await?;
        if settings.tls == TlsMode::Implicit {
            io = connector.encrypt(&settings.host, io).await?;
        }
        let mut client = Self::over(Wire::new(io));
        client.expect("the connection", 2).await?;
        client.hello().await?;
        if settings.tls == TlsMode::Starttls {
            if client.words_of("STARTTLS").is_none() {
                return Err(SmtpError::Login(format!(
                    "{} does not offer STARTTLS on this port; use tls = \"implicit\" with its TLS port",
                    settings.host
                )));
            }
            client.say("STARTTLS").await?;
            client.expect("STARTTLS", 2).await?;
            // What came ahead of the handshake is dropped with the old stream; the greeting is repeated under TLS.
            let io = connector
                .encrypt(&settings.host, client.wire.into_io())
                .await?;
            client = Self::over(Wire::new(io));
            client.hello().await?;
        }
        Ok(client)
    }

    fn over(wire: Wire) -> Self {
        Self {
            wire,
            extensions: Vec::new(),
        }
    }

    async fn hello(&mut self) -> Result<(), SmtpError> {
        // The address of this machine is nobody's business; a submission server knows who we are by the login.
        self.say("EHLO [127.0.0.1]").await?;
        let reply = self.expect("EHLO", 2).await?;
        self.extensions = reply
            .lines
            .iter()
            .skip(1)
            .map(|line| line.to_ascii_uppercase())
            .collect();
        Ok(())
    }

    fn words_of(&self, extension: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| {
            let (name, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            (name == extension).then_some(rest)
        })
    }

    /// Logs in.
    pub async fn login(
        &mut self,
        method: AuthMethod,
        user: &str,
        secret: &str,
        host: &str,
        port: u16,
    ) -> Result<(), SmtpError> {
        let offered = self.words_of("AUTH").unwrap_or_default();
        let login_only = offered.split_whitespace().any(|word| word == "LOGIN")
            && !offered.split_whitespace().any(|word| word == "PLAIN");
        let reply = match method {
            AuthMethod::Password if login_only => {
                let mut reply = self.ask("AUTH LOGIN").await?;
                for part in [user, secret] {
                    if reply.code == 334 {
                        reply = self.ask(&sasl::encoded(part)).await?;
                    }
                }
                reply
            }
            AuthMethod::Password => {
                self.ask(&format!("AUTH PLAIN {}", sasl::plain(user, secret)))
                    .await?
            }
            AuthMethod::Xoauth2 => {
                let message = sasl::xoauth2(user, secret);
                self.bearer(&format!("AUTH XOAUTH2 {message}"), "").await?
            }
            AuthMethod::Oauthbearer => {
                let message = sasl::oauthbearer(user, host, port, secret);
                let command = format!("AUTH OAUTHBEARER {message}");
                self.bearer(&command, sasl::END_OF_ERROR).await?
            }
        };
        match reply.code {
            235 => Ok(()),
            400..=499 => Err(SmtpError::Refused {
                what: "the login",
                reply,
            }),
            _ => Err(SmtpError::Login(format!(
                "the sending server does not take the login of {user}: {reply}; check user and password in its table"
            ))),
        }
    }

    /// A challenge after the token is the server's explanation; it wants an answer before it refuses.
    async fn bearer(&mut self, command: &str, after_error: &str) -> Result<Reply, SmtpError> {
        let reply = self.ask(command).await?;
        if reply.code != 334 {
            return Ok(reply);
        }
        let told = sasl::explanation(&reply.text());
        let mut end = self.ask(after_error).await?;
        if !told.is_empty() {
            end.lines.push(told);
        }
        Ok(end)
    }

    /// Hands a message over. `Ok` when the server has taken it for at least one recipient.
    ///
    /// An error other than [`ProviderError::Ambiguous`] guarantees that it was not sent.
    pub async fn submit(
        &mut self,
        from: &EmailAddress,
        to: &[EmailAddress],
        message: &[u8],
    ) -> Result<Taken, ProviderError> {
        let message = dots::stuffed(message);
        let refused = self.envelope(from, to, message.len()).await?;
        self.say("DATA").await?;
        self.expect("the message", 3).await?;
        // The dot is not in here: a server that gets less than this has no message.
        self.wire.write(&message).await.map_err(SmtpError::Wire)?;
        if self.wire.spoke().await {
            let why = match self.reply(READ).await {
                Ok(reply) => reply.to_string(),
                Err(error) => error.to_string(),
            };
            return Err(ProviderError::Transient(format!(
                "the server broke off before the message was complete: {why}"
            )));
        }
        let open = |error: &dyn std::fmt::Display| {
            ProviderError::Ambiguous(format!(
                "the message was handed over, but the server did not confirm it: {error}"
            ))
        };
        self.wire
            .write(b".\r\n")
            .await
            .map_err(|error| open(&error))?;
        let reply = self.reply(TAKE).await.map_err(|error| open(&error))?;
        match reply.code {
            200..=299 => Ok(Taken {
                words: reply.text(),
                refused,
            }),
            400..=599 => Err(SmtpError::Refused {
                what: "the message",
                reply,
            }
            .into()),
            _ => Err(open(&reply)),
        }
    }

    async fn envelope(
        &mut self,
        from: &EmailAddress,
        to: &[EmailAddress],
        size: usize,
    ) -> Result<Vec<(String, String)>, ProviderError> {
        let mut mail = format!("MAIL FROM:<{from}>");
        if let Some(limit) = self.words_of("SIZE") {
            let limit: usize = limit.trim().parse().unwrap_or(0);
            if limit > 0 && size > limit {
                return Err(ProviderError::Rejected {
                    reason: format!(
                        "the message has {size} bytes and the server takes {limit}; send fewer or smaller attachments"
                    ),
                    permanent: true,
                });
            }
            mail = format!("{mail} SIZE={size}");
        }
        // The header names whom the envelope names, so one such address makes the whole message one.
        if let Some(address) = [from]
            .into_iter()
            .chain(to)
            .find(|address| address.is_international())
        {
            if self.words_of("SMTPUTF8").is_none() {
                return Err(ProviderError::Rejected {
                    reason: format!(
                        "the sending server takes no address with letters beyond ASCII before the @, as {address} has; \
                         ask for another address, or send by a server with SMTPUTF8"
                    ),
                    permanent: true,
                });
            }
            mail = format!("{mail} BODY=8BITMIME SMTPUTF8");
        }
        self.say(&mail).await?;
        self.expect("the sender", 2).await?;
        let mut refused = Vec::new();
        let mut permanent = true;
        for recipient in to {
            self.say(&format!("RCPT TO:<{recipient}>")).await?;
            let reply = self.reply(READ).await?;
            match reply.code {
                200..=299 => {}
                421 => {
                    let what = "the recipient";
                    return Err(SmtpError::Refused { what, reply }.into());
                }
                _ => {
                    permanent &= reply.is_permanent();
                    refused.push((recipient.to_string(), reply.to_string()));
                }
            }
        }
        if refused.len() < to.len() {
            return Ok(refused);
        }
        let reason = refused
            .iter()
            .map(|(address, why)| format!("{address}: {why}"))
            .collect::<Vec<_>>()
            .join("; ");
        Err(if permanent {
            ProviderError::Rejected {
                reason,
                permanent: true,
            }
        } else {
            ProviderError::Transient(reason)
        })
    }

    /// Says good-bye; nothing depends on its being heard.
    pub async fn quit(mut self) {
        if self.say("QUIT").await.is_ok() {
            let _ = self.reply(Duration::from_secs(2)).await;
        }
    }

    async fn ask(&mut self, line: &str) -> Result<Reply, SmtpError> {
        self.say(line).await?;
        self.reply(READ).await
    }

    async fn say(&mut self, line: &str) -> Result<(), SmtpError> {
        if line.contains(['\r', '\n', '\0']) {
            return Err(SmtpError::Protocol(
                "a command of ours would hold a line end".to_owned(),
            ));
        }
        Ok(self.wire.write(format!("{line}\r\n").as_bytes()).await?)
    }

    async fn expect(&mut self, what: &'static str, class: u16) -> Result<Reply, SmtpError> {
        let reply = self.reply(READ).await?;
        if reply.code / 100 == class {
            Ok(reply)
        } else {
            Err(SmtpError::Refused { what, reply })
        }
    }

    async fn reply(&mut self, within: Duration) -> Result<Reply, SmtpError> {
        reply::read(&mut self.wire, within).await
    }
}
