//! What Telegram posts to us: one update a request, with the word that the webhook was set with in a header. There is no
//! signature, so the word is all that proves who sent it.
//!
//! A bot is polled or posted to, never both: Telegram refuses `getUpdates` while a webhook is set.

use super::TelegramProvider;
use super::feed::Mark;
use super::map::{self, Ours};
use super::wire::{WANTED, text};
use crate::model::{Batch, Cursor};
use crate::providers::http::Effect;
use crate::providers::webhook::Answer;
use crate::providers::{Heard, ProviderError, RawRequest, Result, WebhookError};
use crate::secrets::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

/// Where the word stands.
const HEADER: &str = "x-telegram-bot-api-secret-token";
/// Characters of the word, at most.
const LONGEST: usize = 256;

impl TelegramProvider {
    /// Telegram posts here rather than being asked.
    pub(super) fn is_posted_to(&self) -> bool {
        self.settings.webhook_secret.is_some()
    }

    pub(super) async fn unlock(&self) -> Result<()> {
        let Some(secret) = &self.settings.webhook_secret else {
            return Ok(());
        };
        let word = secret.resolve().await.map_err(ProviderError::from)?;
        if !is_word(word.expose_secret()) {
            return Err(ProviderError::Auth(format!(
                "`webhook_secret` must be 1 to {LONGEST} letters, digits, `_` or `-`"
            )));
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
        check(request, word)?;
        self.read_again(request)
    }

    /// The facts of a request whose word was right.
    pub(super) fn read_again(
        &self,
        request: &RawRequest<'_>,
    ) -> std::result::Result<Heard, WebhookError> {
        let update: Value = serde_json::from_slice(request.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| WebhookError::Malformed("the update is no JSON object".to_owned()))?;
        let ours = Ours {
            user: self.settings.user(),
            id: self.api().ok().and_then(super::api::Api::known_id),
            groups: self.settings.groups,
        };
        Ok(Heard {
            events: map::update(&update, &ours, request.now),
            pull: false,
            answer: confirmation(&update),
        })
    }

    /// Nothing is asked for while Telegram posts. Where it was polled before, the numbers begin anew: those between are
    /// told to the listener, and a later poll must not take them for a gap.
    pub(super) fn posted_instead(since: Option<&Cursor>) -> Batch {
        Batch {
            cursor: Mark::anew(since),
            ..Batch::default()
        }
    }

    /// Has Telegram post to this address from now on.
    pub(super) async fn set_webhook(&self, url: &str) -> Result<String> {
        self.unlock().await?;
        let Some(word) = self.word.get() else {
            let words = "set `webhook_secret` in the account first: without it nothing that is posted could be believed";
            return Err(ProviderError::Rejected {
                reason: words.to_owned(),
                permanent: true,
            });
        };
        let body = json!({
            "url": url,
            "secret_token": word.expose_secret(),
            "allowed_updates": WANTED,
            // In the order in which they came.
            "max_connections": 1,
        });
        // Told twice, it is set once.
        self.api()?.call("setWebhook", &body, Effect::Read).await?;
        Ok(format!("Telegram posts to {url} from now on"))
    }

    /// Has Telegram post nowhere, so that the bot can be polled.
    pub(super) async fn delete_webhook(&self) -> Result<String> {
        let none = json!({});
        self.api()?
            .call("deleteWebhook", &none, Effect::Read)
            .await?;
        let then = if self.is_posted_to() {
            "; take `webhook_secret` out of the account, so that it is polled"
        } else {
            "; the bot is polled"
        };
        Ok(format!("Telegram posts nowhere from now on{then}"))
    }
}

/// Takes the waiting sign off a button that was pressed: the answer to a post may be a call.
fn confirmation(update: &Value) -> Answer {
    let Some(id) = text(&update["callback_query"], "id") else {
        return Answer::default();
    };
    let call = json!({ "method": "answerCallbackQuery", "callback_query_id": id });
    Answer {
        content_type: Some("application/json"),
        headers: Vec::new(),
        body: call.to_string().into_bytes(),
    }
}

fn check(request: &RawRequest<'_>, word: &SecretString) -> std::result::Result<(), WebhookError> {
    if request.method != "POST" {
        return Err(WebhookError::Unsigned);
    }
    let shown = request.header(HEADER).ok_or(WebhookError::Unsigned)?;
    if bool::from(shown.as_bytes().ct_eq(word.expose_secret().as_bytes())) {
        Ok(())
    } else {
        Err(WebhookError::Forged)
    }
}

/// What Telegram takes as a word.
fn is_word(word: &str) -> bool {
    (1..=LONGEST).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn only_the_word_opens() {
        let table = [
            (vec!["word"], Ok(())),
            (vec!["wor"], Err(WebhookError::Forged)),
            (vec!["words"], Err(WebhookError::Forged)),
            (vec![""], Err(WebhookError::Forged)),
            (vec!["word", "word"], Err(WebhookError::Unsigned)),
            (vec![], Err(WebhookError::Unsigned)),
        ];
        let word = SecretString::from("word".to_owned());
        for (shown, wanted) in table {
            let headers: Vec<(String, String)> = shown
                .iter()
                .map(|shown| (HEADER.to_owned(), (*shown).to_owned()))
                .collect();
            let mut request = RawRequest {
                method: "POST",
                url: "https://desk.example/hook/bot",
                query: "",
                headers: &headers,
                body: b"{}",
                now: Timestamp(1),
            };
            assert_eq!(check(&request, &word), wanted, "{shown:?}");
            request.method = "GET";
            assert_eq!(check(&request, &word), Err(WebhookError::Unsigned));
        }
    }

    #[test]
    fn what_telegram_takes_as_a_word() {
        for good in ["a", "A-b_9", &"x".repeat(256)] {
            assert!(is_word(good), "{good}");
        }
        for bad in ["", "a b", "ä", "a.b", &"x".repeat(257)] {
            assert!(!is_word(bad), "{bad}");
        }
    }
}
