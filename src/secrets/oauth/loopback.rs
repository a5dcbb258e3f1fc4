//! The browser's way: it is sent to the service and comes back to a port of this machine (RFC 8252).

use super::http::{Said, tokens};
use super::pkce::{challenge, random};
use super::stored::Stored;
use super::{Client, OauthError};
use crate::secrets::vault::Vault;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use secrecy::ExposeSecret;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use zeroize::Zeroizing;

/// A request's head is no longer.
const HEAD: usize = 16 * 1024;
/// One request takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests that are heard at the same time.
const AT_ONCE: usize = 16;
/// A login takes no longer.
const WHOLE: Duration = Duration::from_mins(10);

/// A login under way.
pub struct Redirect {
    client: Client,
    listener: TcpListener,
    back_to: String,
    state: Zeroizing<String>,
    verifier: Zeroizing<String>,
}

impl Redirect {
    /// Takes a port on this machine.
    pub async fn begin(client: Client) -> Result<Self, OauthError> {
        let failed = |error: std::io::Error| OauthError::Loopback(error.to_string());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, client.port));
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self {
            back_to: format!("http://{}:{port}", client.host),
            client,
            listener,
            state: random().map_err(failed)?,
            verifier: random().map_err(failed)?,
        })
    }

    /// The address for the browser; `hint` is the mail address it is about, or empty.
    pub fn address(&self, hint: &str) -> Url {
        let mut url = self.client.auth_url.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", &self.back_to)
            .append_pair("scope", &self.client.scope)
            .append_pair("state", &self.state)
            .append_pair("code_challenge", &challenge(&self.verifier))
            .append_pair("code_challenge_method", "S256");
        for (key, value) in self.client.extra {
            query.append_pair(key, value);
        }
        if !hint.is_empty() {
            query.append_pair("login_hint", hint);
        }
        drop(query);
        url
    }

    /// Waits for the browser to come back. What does not carry this login's state is turned away, and waited on.
    pub async fn answer(&self) -> Result<Zeroizing<String>, OauthError> {
        tokio::time::timeout(WHOLE, async {
            // Browsers open connections ahead and say nothing on them: one must not hold up another.
            let mut asking = FuturesUnordered::new();
            loop {
                tokio::select! {
                    accepted = self.listener.accept(), if asking.len() < AT_ONCE => match accepted {
                        Ok((stream, _)) => {
                            asking.push(tokio::time::timeout(PATIENCE, self.heard(stream)));
                        }
                        Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                    },
                    Some(heard) = asking.next() => {
                        if let Ok(Some(answer)) = heard {
                            return answer;
                        }
                    }
                }
            }
        })
        .await
        .unwrap_or(Err(OauthError::TooLate))
    }

    /// The code in the address that the browser ended at, for a browser on another machine.
    pub fn pasted(&self, address: &str) -> Result<Zeroizing<String>, OauthError> {
        let url = Url::parse(address.trim()).map_err(|_| OauthError::NotForUs)?;
        self.code(&url).unwrap_or(Err(OauthError::NotForUs))
    }

    /// Changes the code for tokens, and puts them into the vault.
    pub async fn finish(self, vault: &Vault, code: &str) -> Result<(), OauthError> {
        let secret = self.client.secret.clone();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.back_to.as_str()),
            ("client_id", self.client.id.as_str()),
            ("code_verifier", self.verifier.as_str()),
        ];
        if let Some(secret) = &secret {
            form.push(("client_secret", secret.expose_secret()));
        }
        match tokens(&self.client.token_url, &form).await? {
            Said::Tokens(new) => {
                let stored = Stored::new(&self.client, &new)?;
                let _turn = vault.turn(&self.client.name).await?;
                stored.write(vault, &self.client.name).await
            }
            Said::Refused(refusal) => Err(OauthError::Refused(refusal.words)),
        }
    }

    /// What a request says; none if it is not for this login.
    async fn heard(&self, mut stream: TcpStream) -> Option<Result<Zeroizing<String>, OauthError>> {
        let mut head = Zeroizing::new(Vec::with_capacity(HEAD));
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            if head.len() >= HEAD || stream.read_buf(&mut *head).await.ok()? == 0 {
                return None;
            }
        }
        let found = self.asked(&head);
        let (status, words) = match &found {
            Some(Ok(_)) => ("200 OK", "You are logged in. This page can be closed."),
            Some(Err(_)) => (
                "200 OK",
                "The login was not allowed. This page can be closed.",
            ),
            None => ("404 Not Found", "Nothing is here."),
        };
        let page = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n\r\n{words}",
            words.len()
        );
        let _ = stream.write_all(page.as_bytes()).await;
        let _ = stream.shutdown().await;
        found
    }

    fn asked(&self, head: &[u8]) -> Option<Result<Zeroizing<String>, OauthError>> {
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let target = lines
            .next()?
            .strip_prefix("GET ")?
            .strip_suffix(" HTTP/1.1")?;
        // Another name for this machine could be a page's that wants to read what comes back.
        let host = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("host"))
            .map(|(_, host)| host.trim())?;
        if Some(host) != self.back_to.strip_prefix("http://") || !target.starts_with('/') {
            return None;
        }
        self.code(&Url::parse(&self.back_to).ok()?.join(target).ok()?)
    }

    /// The code that an address carries; none without this login's state.
    fn code(&self, url: &Url) -> Option<Result<Zeroizing<String>, OauthError>> {
        if url.path() != "/" {
            return None;
        }
        let one = |key: &str| {
            let mut values = url.query_pairs().filter(|(name, _)| name == key);
            let first = values.next().map(|(_, value)| value.into_owned());
            // Twice the same key is nothing that a service sends.
            values.next().is_none().then_some(first).flatten()
        };
        let state = Zeroizing::new(one("state")?);
        if !bool::from(state.as_bytes().ct_eq(self.state.as_bytes())) {
            return None;
        }
        if let Some(error) = one("error") {
            let words = crate::text::sanitize_line(&error).text;
            return Some(Err(OauthError::Denied(words.chars().take(60).collect())));
        }
        let code = one("code").filter(|code| !code.is_empty())?;
        Some(Ok(Zeroizing::new(code)))
    }
}
