//! Asking a login server: forms out, JSON in, nothing followed, nothing unbounded.

use super::OauthError;
use super::settings::on_this_machine;
use crate::text::sanitize_line;
use reqwest::{Client, redirect};
use rustls::{ClientConfig, RootCertStore};
use secrecy::SecretString;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// The longest answer that is read.
const LIMIT: usize = 256 * 1024;
/// The longest token.
const LONGEST: usize = 16 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// What a token's endpoint answers.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    access_token: Option<TokenText>,
    refresh_token: Option<TokenText>,
    expires_in: Option<serde_json::Value>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Text that is wiped when it is dropped, read without `secrecy`'s own feature.
struct TokenText(SecretString);

impl<'de> Deserialize<'de> for TokenText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// New tokens.
pub(super) struct Tokens {
    pub access: SecretString,
    /// The server may keep the old one in force by giving none.
    pub refresh: Option<SecretString>,
    /// Seconds from now.
    pub expires_in: u64,
}

/// The server's own `error`, with its cleaned explanation.
pub(super) struct Refusal {
    pub code: String,
    pub words: String,
}

/// What came back.
pub(super) enum Said {
    Tokens(Tokens),
    Refused(Refusal),
}

/// Asks for tokens.
pub(super) async fn tokens(url: &Url, form: &[(&str, &str)]) -> Result<Said, OauthError> {
    let (status, body) = post(url, form).await?;
    let answer: Answer = parse(&body).unwrap_or_default();
    if let Some(code) = &answer.error {
        return Ok(Said::Refused(refusal(code, answer.error_description)));
    }
    match (status, answer.access_token) {
        (200..=299, Some(access)) => Ok(Said::Tokens(Tokens {
            access: usable(access)?,
            refresh: answer.refresh_token.map(usable).transpose()?,
            expires_in: seconds(answer.expires_in.as_ref()),
        })),
        (200..=299, None) => Err(OauthError::Passing("it gives no token".to_owned())),
        (status, _) => Err(OauthError::Passing(format!("status {status}"))),
    }
}

/// Asks anything else of a login server.
pub(super) async fn ask<T: serde::de::DeserializeOwned>(
    url: &Url,
    form: &[(&str, &str)],
) -> Result<Result<T, Refusal>, OauthError> {
    let (status, body) = post(url, form).await?;
    if (200..300).contains(&status) {
        return parse(&body)
            .map(Ok)
            .ok_or_else(|| OauthError::Passing("its answer makes no sense".to_owned()));
    }
    let answer: Answer = parse(&body).unwrap_or_default();
    match &answer.error {
        Some(code) => Ok(Err(refusal(code, answer.error_description))),
        None => Err(OauthError::Passing(format!("status {status}"))),
    }
}

fn refusal(code: &str, description: Option<String>) -> Refusal {
    let cut = |text: &str, most| {
        sanitize_line(text)
            .text
            .chars()
            .take(most)
            .collect::<String>()
    };
    let code = cut(code, 60);
    let description = cut(&description.unwrap_or_default(), 200);
    let description = description.trim();
    Refusal {
        words: if description.is_empty() {
            code.clone()
        } else {
            format!("{code}: {description}")
        },
        code,
    }
}

/// What goes into a login's line can hold no space, control or quote.
fn usable(token: TokenText) -> Result<SecretString, OauthError> {
    use secrecy::ExposeSecret;
    let text = token.0.expose_secret();
    if (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
    {
        Ok(token.0)
    } else {
        Err(OauthError::Passing("it gives what is no token".to_owned()))
    }
}

/// Some servers write the number as a string; one that says nothing means the usual hour.
fn seconds(value: Option<&serde_json::Value>) -> u64 {
    let said = match value {
        Some(serde_json::Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
        None => None,
    };
    said.unwrap_or(3600).min(24 * 3600)
}

/// Some servers put control characters into strings, which JSON forbids; their errors are understood all the same.
fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok().or_else(|| {
        let tamed: Zeroizing<Vec<u8>> = Zeroizing::new(
            body.iter()
                .map(|&byte| if byte < 0x20 { b' ' } else { byte })
                .collect(),
        );
        serde_json::from_slice(&tamed).ok()
    })
}

async fn post(url: &Url, form: &[(&str, &str)]) -> Result<(u16, Zeroizing<Vec<u8>>), OauthError> {
    // No URL gets into the words, and the library's own words hold no form.
    let passing = |error: reqwest::Error| {
        let error = error.without_url();
        let mut words = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            words = inner.to_string();
            cause = inner.source();
        }
        OauthError::Passing(sanitize_line(&words).text)
    };
    let mut response = client(url)?
        .post(url.clone())
        .header("accept", "application/json")
        .form(form)
        .send()
        .await
        .map_err(passing)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(OauthError::Redirected(
            url.host_str().unwrap_or_default().to_owned(),
        ));
    }
    let mut body = Zeroizing::new(Vec::with_capacity(16 * 1024));
    while let Some(chunk) = response.chunk().await.map_err(passing)? {
        if body.len() + chunk.len() > LIMIT {
            return Err(OauthError::Passing("its answer has no end".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status.as_u16(), body))
}

fn client(url: &Url) -> Result<Client, OauthError> {
    let failed = |error: &dyn std::fmt::Display| OauthError::Passing(format!("no TLS: {error}"));
    let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(WHOLE);
    if on_this_machine(url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| failed(&error))
}
