//! What RingCentral posts to us: a handshake when the subscription is made, then events that carry the word it was made
//! with. There is no signature, so the word is all that proves who sent it; sources differ on the header's name.

use super::RingcentralProvider;
use super::news;
use crate::providers::webhook::Answer;
use crate::providers::{Heard, ProviderError, RawRequest, Result, WebhookError};
use crate::secrets::{ExposeSecret, SecretString};
use std::sync::atomic::Ordering;
use subtle::ConstantTimeEq;

/// Characters of a handshake's word: what fits an answer of a kilobyte.
const HANDSHAKE: usize = 512;

/// Whether a request is one of theirs.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// Wants its word back.
    Handshake(String),
    /// News.
    Event,
}

impl RingcentralProvider {
    pub(super) async fn unlock(&self) -> Result<()> {
        let Some(secret) = &self.settings.verification_token else {
            return Ok(());
        };
        let word = secret.resolve().await.map_err(ProviderError::from)?;
        if word.expose_secret().trim().is_empty() {
            return Err(ProviderError::Auth(
                "the verification token is empty".to_owned(),
            ));
        }
        // Set before: the same word.
        let _ = self.word.set(word);
        Ok(())
    }

    pub(super) fn hear(
        &self,
        request: &RawRequest<'_>,
    ) -> std::result::Result<Heard, WebhookError> {
        let word = self.word.get().ok_or(WebhookError::Unsupported)?;
        match kind(request, word)? {
            Kind::Handshake(token) => Ok(Heard {
                answer: Answer {
                    headers: vec![("validation-token", token)],
                    ..Answer::default()
                },
                ..Heard::default()
            }),
            Kind::Event => self.read_again(request),
        }
    }

    /// The facts of a request whose word was right.
    pub(super) fn read_again(
        &self,
        request: &RawRequest<'_>,
    ) -> std::result::Result<Heard, WebhookError> {
        let event = serde_json::from_slice(request.body)
            .ok()
            .filter(serde_json::Value::is_object)
            .ok_or_else(|| WebhookError::Malformed("the event is no JSON object".to_owned()))?;
        let news = news::read(&event, self.ours(), request.now);
        if news.call {
            self.calls_due.store(true, Ordering::Relaxed);
        }
        Ok(Heard {
            events: news.events,
            pull: news.pull,
            answer: Answer::default(),
        })
    }
}

fn kind(request: &RawRequest<'_>, word: &SecretString) -> std::result::Result<Kind, WebhookError> {
    let came = |name: &str| {
        let mut all = request.headers.iter();
        all.any(|(key, _)| key.eq_ignore_ascii_case(name))
    };
    if request.method != "POST" {
        return Err(WebhookError::Unsigned);
    }
    // An event has a body; only a handshake has none.
    let handshake = request.body.is_empty() && came("validation-token");
    let shown = if came("verification-token") {
        request.header("verification-token")
    } else if handshake {
        // It is made before anybody could know the word, and gets nothing but its own back.
        return match request.header("validation-token") {
            Some(token) if token.len() <= HANDSHAKE => Ok(Kind::Handshake(token.to_owned())),
            _ => Err(WebhookError::Unsigned),
        };
    } else {
        request.header("validation-token")
    };
    let shown = shown.ok_or(WebhookError::Unsigned)?;
    if !bool::from(shown.as_bytes().ct_eq(word.expose_secret().as_bytes())) {
        return Err(WebhookError::Forged);
    }
    match request.header("validation-token") {
        Some(token) if handshake && token.len() <= HANDSHAKE => {
            Ok(Kind::Handshake(token.to_owned()))
        }
        _ => Ok(Kind::Event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn only_the_word_opens_and_a_handshake_gets_its_own_back() {
        let (verify, validate) = ("verification-token", "validation-token");
        let long = "x".repeat(513);
        let event = || Ok(Kind::Event);
        let hands = |word: &str| Ok(Kind::Handshake(word.to_owned()));
        let table = [
            (vec![(verify, "word")], "{}", event()),
            (vec![(validate, "word")], "{}", event()),
            (vec![(verify, "word"), (validate, "x")], "{}", event()),
            (vec![(verify, "word"), (validate, "v")], "", hands("v")),
            (vec![(validate, "v")], "", hands("v")),
            (
                vec![(validate, long.as_str())],
                "",
                Err(WebhookError::Unsigned),
            ),
            (
                vec![(validate, "a"), (validate, "b")],
                "",
                Err(WebhookError::Unsigned),
            ),
            (
                vec![(verify, "wor"), (validate, "word")],
                "{}",
                Err(WebhookError::Forged),
            ),
            (vec![(verify, "words")], "{}", Err(WebhookError::Forged)),
            (vec![(verify, "")], "{}", Err(WebhookError::Forged)),
            (
                vec![(verify, "word"), (verify, "word")],
                "{}",
                Err(WebhookError::Unsigned),
            ),
            (vec![(validate, "v")], "{}", Err(WebhookError::Forged)),
            (vec![], "{}", Err(WebhookError::Unsigned)),
            (vec![], "", Err(WebhookError::Unsigned)),
        ];
        let word = SecretString::from("word".to_owned());
        for (headers, body, wanted) in table {
            let headers: Vec<(String, String)> = headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let mut request = RawRequest {
                method: "POST",
                url: "https://desk.example/hook/phone",
                query: "",
                headers: &headers,
                body: body.as_bytes(),
                now: Timestamp(1),
            };
            assert_eq!(kind(&request, &word), wanted, "{headers:?} {body}");
            request.method = "GET";
            assert_eq!(kind(&request, &word), Err(WebhookError::Unsigned));
        }
    }
}
