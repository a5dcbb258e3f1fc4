//! How Meta shows that a request is its own: HMAC-SHA256 with the app's secret over the raw bytes, and a word of ours in
//! the handshake. Meta signs the body as sent, non-ASCII escaped; made again from parsed JSON it would not match.

use crate::providers::webhook::{Answer, Heard, RawRequest, WebhookError};
use crate::secrets::{ExposeSecret, SecretString};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What requests are checked with.
#[derive(Debug)]
pub(super) struct Keys {
    /// The app's secret.
    pub app_secret: SecretString,
    /// The word that we told Meta; without one there is no handshake.
    pub verify_token: Option<SecretString>,
}

impl Keys {
    /// Checks a posted body.
    pub fn check(&self, request: &RawRequest<'_>) -> Result<(), WebhookError> {
        let given = request
            .header("x-hub-signature-256")
            .ok_or(WebhookError::Unsigned)?;
        let given = given.strip_prefix("sha256=").ok_or(WebhookError::Forged)?;
        let given = unhex(given).ok_or(WebhookError::Forged)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.app_secret.expose_secret().as_bytes())
            .map_err(|_| WebhookError::Unsupported)?;
        mac.update(request.body);
        mac.verify_slice(&given).map_err(|_| WebhookError::Forged)
    }

    /// Answers the handshake by which Meta asks whether this address is ours.
    pub fn handshake(&self, request: &RawRequest<'_>) -> Result<Heard, WebhookError> {
        let pairs = || url::form_urlencoded::parse(request.query.as_bytes());
        let only = |name: &str| {
            let mut found = pairs().filter(|(key, _)| key == name);
            match (found.next(), found.next()) {
                (Some((_, value)), None) => Some(value.into_owned()),
                _ => None,
            }
        };
        let token = self
            .verify_token
            .as_ref()
            .ok_or(WebhookError::Unsupported)?;
        let given = only("hub.verify_token").ok_or(WebhookError::Unsigned)?;
        if only("hub.mode").as_deref() != Some("subscribe")
            || !bool::from(given.as_bytes().ct_eq(token.expose_secret().as_bytes()))
        {
            return Err(WebhookError::Forged);
        }
        // What is sent back is the other side's; nothing but a plain word, so that no page can be made of it.
        let challenge = only("hub.challenge")
            .filter(|word| {
                (1..=128).contains(&word.len())
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            })
            .ok_or(WebhookError::Forged)?;
        Ok(Heard {
            answer: Answer {
                content_type: Some("text/plain"),
                headers: Vec::new(),
                body: challenge.into_bytes(),
            },
            ..Heard::default()
        })
    }
}

/// The 32 bytes of 64 hexadecimal digits; small letters only, as Meta writes them: one body has one signature.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut out = [0_u8; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let value = |digit: u8| {
            let digit = char::from(digit);
            digit.to_digit(16).filter(|_| !digit.is_ascii_uppercase())
        };
        *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
    }
    Some(out)
}

/// Hex of HMAC-SHA256 of the access token: proves that the app's own program asks.
pub(super) fn app_secret_proof(app_secret: &SecretString, token: &SecretString) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()).ok()?;
    mac.update(token.expose_secret().as_bytes());
    Some(crate::model::outgoing::hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn keys() -> Keys {
        Keys {
            app_secret: "frontdesk-test-secret".into(),
            verify_token: Some("T".into()),
        }
    }

    fn request<'a>(
        headers: &'a [(String, String)],
        query: &'a str,
        body: &'a [u8],
    ) -> RawRequest<'a> {
        RawRequest {
            method: "POST",
            url: "https://hooks.example/hook/wa",
            query,
            headers,
            body,
            now: Timestamp(0),
        }
    }

    #[test]
    fn signatures_over_the_raw_bytes() {
        let page: &[u8] =
            br#"{"object":"page","entry":[{"id":"1","time":1700000000000,"messaging":[]}]}"#;
        let good = "sha256=7850cfcbac72af689d86de9b0b5c0a1a2aa2afff937c8d0ac320c51ad9ba677f";
        let escaped: &[u8] = br#"{"t":"\u00e4\u00f6\u00e5"}"#;
        let over = "sha256=fe6c47eea319863a060722671a9d3372f0d924c5d5243bb673e95bb30cb915d2";
        let table: [(&[u8], &str, bool); 9] = [
            (page, good, true),
            (escaped, over, true),
            ("{\"t\":\"äöå\"}".as_bytes(), over, false),
            (page, over, false),
            (page, &good[..good.len() - 2], false),
            (page, "sha256=", false),
            (page, &good.replace("sha256", "sha1"), false),
            (page, &format!("{good}00"), false),
            (page, &good.replace('7', "z"), false),
        ];
        for (body, signature, wanted) in table {
            let headers = [("x-hub-signature-256".to_owned(), signature.to_owned())];
            let checked = keys().check(&request(&headers, "", body));
            assert_eq!(checked.is_ok(), wanted, "{signature}");
        }
        assert_eq!(
            keys().check(&request(&[], "", page)),
            Err(WebhookError::Unsigned)
        );
    }

    #[test]
    fn the_handshake_gives_back_a_plain_word_to_who_knows_ours() {
        let table = [
            (
                "hub.mode=subscribe&hub.challenge=123&hub.verify_token=T",
                true,
            ),
            (
                "hub.mode=subscribe&hub.challenge=123&hub.verify_token=t",
                false,
            ),
            ("hub.mode=subscribe&hub.challenge=123", false),
            (
                "hub.mode=subscribe&hub.challenge=<b>&hub.verify_token=T",
                false,
            ),
            (
                "hub.mode=subscribe&hub.challenge=&hub.verify_token=T",
                false,
            ),
            (
                "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=T",
                false,
            ),
            (
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=x&hub.verify_token=T",
                false,
            ),
        ];
        for (query, wanted) in table {
            let heard = keys().handshake(&request(&[], query, b""));
            assert_eq!(heard.is_ok(), wanted, "{query}");
            if let Ok(heard) = heard {
                assert_eq!(heard.answer.body, b"123");
            }
        }
        let without = Keys {
            verify_token: None,
            ..keys()
        };
        assert!(without.handshake(&request(&[], table[0].0, b"")).is_err());
    }

    #[test]
    fn the_proof_of_an_app() {
        assert_eq!(
            app_secret_proof(&"app-secret".into(), &"EAAtoken".into()).as_deref(),
            Some("9f9f0867bc3df2d00cecd6aa6fb78e65b64c050401bd6ec5b84d98503d443d34")
        );
    }
}
