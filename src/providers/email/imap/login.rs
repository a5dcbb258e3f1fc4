//! Logging in, always over an encrypted connection.

use super::error::ImapError;
use super::session::{Ended, ImapSession, quote};
use crate::providers::email::sasl;
use crate::providers::email::settings::AuthMethod;

impl ImapSession {
    /// Logs in and switches on what this program wants. `host` and `port` are part of RFC 7628's message.
    pub async fn login(
        &mut self,
        method: AuthMethod,
        user: &str,
        secret: &str,
        host: &str,
        port: u16,
    ) -> Result<(), ImapError> {
        let mut told = String::new();
        let ended = match method {
            AuthMethod::Password => self.with_password(user, secret).await,
            AuthMethod::Xoauth2 => {
                let message = sasl::xoauth2(user, secret);
                self.bearer("XOAUTH2", &message, "", &mut told).await
            }
            AuthMethod::Oauthbearer => {
                let message = sasl::oauthbearer(user, host, port, secret);
                self.bearer("OAUTHBEARER", &message, sasl::END_OF_ERROR, &mut told)
                    .await
            }
        };
        match ended {
            Ok(_) => {}
            Err(ImapError::Refused { code, text, .. }) => {
                return Err(refusal(user, &code, &text, &told));
            }
            Err(error) => return Err(error),
        }
        self.settle().await
    }

    async fn with_password(&mut self, user: &str, secret: &str) -> Ended {
        if self.has("AUTH=PLAIN") {
            let message = sasl::plain(user, secret);
            if self.has("SASL-IR") {
                return self
                    .run_dialog(&format!("AUTHENTICATE PLAIN {message}"), |_| "*".to_owned())
                    .await;
            }
            return self
                .run_dialog("AUTHENTICATE PLAIN", move |_| message.clone())
                .await;
        }
        if self.has("LOGINDISABLED") {
            return Err(ImapError::Login(
                "the server takes no password here; use auth = \"xoauth2\" or \"oauthbearer\""
                    .to_owned(),
            ));
        }
        let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !plain(user) {
            return Err(ImapError::Login(
                "the login name has characters that this server cannot take".to_owned(),
            ));
        }
        if plain(secret) {
            let command = format!("LOGIN {} {}", quote(user), quote(secret));
            return self.run(&command).await;
        }
        self.run_literal(&format!("LOGIN {}", quote(user)), secret.as_bytes())
            .await
    }

    /// One message with the token; a challenge after it is the server's explanation and must be answered before the
    /// refusal comes.
    async fn bearer(
        &mut self,
        name: &str,
        message: &str,
        after_error: &str,
        told: &mut String,
    ) -> Ended {
        let mut at_once = self.has("SASL-IR");
        let command = if at_once {
            format!("AUTHENTICATE {name} {message}")
        } else {
            format!("AUTHENTICATE {name}")
        };
        self.run_dialog(&command, |challenge| {
            if at_once {
                *told = sasl::explanation(challenge);
                after_error.to_owned()
            } else {
                at_once = true;
                message.to_owned()
            }
        })
        .await
    }
}

fn refusal(user: &str, code: &str, text: &str, told: &str) -> ImapError {
    // The server is not able to check now: that is no reason to ask a person for another password.
    if matches!(
        code,
        "UNAVAILABLE" | "SERVERBUG" | "INUSE" | "LIMIT" | "CONTACTADMIN"
    ) {
        return ImapError::Bye(format!("login is not possible now: {text}"));
    }
    let told = if told.is_empty() {
        String::new()
    } else {
        format!(" ({told})")
    };
    ImapError::Login(format!(
        "the server does not take the login of {user}: {text}{told}; check user and password in the account's table"
    ))
}
