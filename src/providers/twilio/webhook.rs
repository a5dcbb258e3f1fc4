//! What Twilio posts to us: messages and how far ours got, as forms, signed with the auth token over the address that was
//! called and every parameter.

use super::TwilioProvider;
use super::map;
use super::wire::{is_sid, number, plain_address, sid, text};
use crate::model::{Event, Timestamp};
use crate::providers::webhook::Answer;
use crate::providers::{Heard, ProviderError, RawRequest, Result, WebhookError};
use crate::secrets::{ExposeSecret, SecretString};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

type Pairs = Vec<(String, String)>;

/// Names the hash of a body that is no form.
const HASH: &str = "bodySHA256";
/// Parameters of a request: Twilio sends some forty.
const FIELDS: usize = 1_000;

impl TwilioProvider {
    pub(super) async fn unlock(&self) -> Result<()> {
        let Some(secret) = &self.settings.auth_token else {
            return Ok(());
        };
        let token = secret.resolve().await.map_err(ProviderError::from)?;
        if token.expose_secret().trim().is_empty() {
            return Err(ProviderError::Auth("the auth token is empty".to_owned()));
        }
        // Set before: the same token.
        let _ = self.token.set(token);
        Ok(())
    }

    pub(super) fn hear(
        &self,
        request: &RawRequest<'_>,
    ) -> std::result::Result<Heard, WebhookError> {
        let token = self.token.get().ok_or(WebhookError::Unsupported)?;
        genuine(request, token)?;
        self.read_again(request)
    }

    /// The facts of a request whose signature was right.
    pub(super) fn read_again(
        &self,
        request: &RawRequest<'_>,
    ) -> std::result::Result<Heard, WebhookError> {
        let pairs = parameters(request)?;
        if twice(&pairs) {
            let says = "a parameter came with two values".to_owned();
            return Err(WebhookError::Malformed(says));
        }
        let said = Value::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().into()))
                .collect::<Map<_, _>>(),
        );
        if blank(&said) {
            let says = "a number came without its +".to_owned();
            return Err(WebhookError::Malformed(says));
        }
        let events = if let Some(key) = sid(&said, "MessageSid").or_else(|| sid(&said, "SmsSid")) {
            if text(&said, "AccountSid").is_some_and(|of| of != self.settings.account_sid.trim()) {
                let says = "it is of another Twilio account; check account_sid".to_owned();
                return Err(WebhookError::Malformed(says));
            }
            self.said(&said, key, request.now)
        } else if sid(&said, "CallSid").is_some() {
            // Calls are listed once they are over.
            Vec::new()
        } else {
            let says = "it names neither a message nor a call".to_owned();
            return Err(WebhookError::Malformed(says));
        };
        let mut events = events;
        self.own(&mut events);
        Ok(Heard {
            pull: events.is_empty(),
            events,
            answer: Answer {
                content_type: Some("text/xml"),
                headers: Vec::new(),
                body: b"<Response/>".to_vec(),
            },
        })
    }

    /// The facts of what was posted about a message.
    fn said(&self, said: &Value, key: &str, now: Timestamp) -> Vec<Event> {
        let status = text(said, "MessageStatus").or_else(|| text(said, "SmsStatus"));
        let inbound = status.is_none_or(|status| matches!(status, "received" | "receiving"));
        if !inbound {
            let update = json!({
                "status": status,
                "error_code": number(said, "ErrorCode"),
                "error_message": text(said, "ChannelStatusMessage"),
                "to": text(said, "To"),
            });
            return map::delivery(&update, key, now);
        }
        let record = listed(said, key);
        if !self.ours.takes(&record) {
            return Vec::new();
        }
        let mut events = map::record(&record, &self.ours, now);
        for event in &mut events {
            if let Event::Message(new) = event {
                new.raw = said.to_string().into_bytes();
            }
        }
        let stop = match text(said, "OptOutType") {
            Some("STOP") => Some(true),
            Some("START") => Some(false),
            _ => None,
        };
        if let (Some(opted_out), Some((Some(channel), address))) =
            (stop, text(said, "From").map(plain_address))
        {
            events.push(Event::Consent {
                address,
                channel,
                opted_out,
                at: now,
            });
        }
        events
    }
}

/// Whether a name has two different values: which of them another reader takes nobody knows.
fn twice(pairs: &[(String, String)]) -> bool {
    sorted(pairs).windows(2).any(|pair| pair[0].0 == pair[1].0)
}

/// Whether an end is a number whose `+` was not escaped, so that it came as a blank: whose it is nobody knows.
fn blank(said: &Value) -> bool {
    ["From", "To"]
        .iter()
        .any(|end| text(said, end).is_some_and(|end| end.starts_with(' ') || end.contains(": ")))
}

/// A posted message in the form in which it is listed, so that both ways give the same.
fn listed(said: &Value, key: &str) -> Value {
    let count = number(said, "NumMedia").unwrap_or(0).clamp(0, 100);
    let files: Vec<Value> = (0..count)
        .filter_map(|index| {
            let address = Url::parse(text(said, &format!("MediaUrl{index}"))?).ok()?;
            let id = address
                .path_segments()?
                .next_back()
                .filter(|id| is_sid(id))?;
            let mime = text(said, &format!("MediaContentType{index}"));
            Some(json!({ "sid": id, "content_type": mime }))
        })
        .collect();
    json!({
        "sid": key,
        "direction": "inbound",
        "from": text(said, "From"),
        "to": text(said, "To"),
        "body": body(said),
        "num_media": count,
        "media_list": files,
        "messaging_service_sid": text(said, "MessagingServiceSid"),
        "profile_name": text(said, "ProfileName"),
        "message_type": text(said, "MessageType"),
    })
}

/// Its text; of a place, where it is.
fn body(said: &Value) -> String {
    let body = text(said, "Body").unwrap_or_default();
    let (Some(latitude), Some(longitude)) = (text(said, "Latitude"), text(said, "Longitude"))
    else {
        return body.to_owned();
    };
    let mut words: Vec<&str> = vec![body];
    words.extend(
        [text(said, "Label"), text(said, "Address")]
            .into_iter()
            .flatten(),
    );
    words.retain(|word| !word.is_empty());
    words.dedup();
    format!("[place] {} ({latitude}, {longitude})", words.join(", "))
}

/// Whether Twilio signed it.
fn genuine(
    request: &RawRequest<'_>,
    token: &SecretString,
) -> std::result::Result<(), WebhookError> {
    if !matches!(request.method, "POST" | "GET") {
        return Err(WebhookError::Unsigned);
    }
    let given = request
        .header("x-twilio-signature")
        .ok_or(WebhookError::Unsigned)?;
    let given = STANDARD
        .decode(given.trim())
        .map_err(|_| WebhookError::Forged)?;
    let form = form(request);
    if form.len() > FIELDS {
        return Err(WebhookError::Forged);
    }
    let query = query(request);
    let mut hashes = query.iter().filter(|(key, _)| key == HASH);
    let hash = match (hashes.next(), hashes.next()) {
        (None, _) => None,
        (Some((_, hash)), None) => Some(hash),
        _ => return Err(WebhookError::Forged),
    };
    // A body that is no form is signed by its hash, which is part of the address.
    let signed_form: Vec<(String, String)> = if hash.is_some() {
        Vec::new()
    } else {
        sorted(&form)
    };
    let mut fits = subtle::Choice::from(0);
    for url in spellings(request.url) {
        let mac = signature(token, &url, &signed_form).ok_or(WebhookError::Unsupported)?;
        fits |= mac.as_slice().ct_eq(&given);
    }
    if !bool::from(fits) {
        return Err(WebhookError::Forged);
    }
    let Some(hash) = hash else {
        return Ok(());
    };
    let found = crate::model::outgoing::hex(&Sha256::digest(request.body));
    if !bool::from(found.as_bytes().ct_eq(hash.to_ascii_lowercase().as_bytes())) {
        return Err(WebhookError::Forged);
    }
    Ok(())
}

fn form(request: &RawRequest<'_>) -> Pairs {
    let pairs = url::form_urlencoded::parse(request.body);
    pairs.into_owned().take(FIELDS + 1).collect()
}

fn query(request: &RawRequest<'_>) -> Pairs {
    let pairs = url::form_urlencoded::parse(request.query.as_bytes());
    pairs.into_owned().collect()
}

/// The parameters of a request: of its form, of its query, or of its JSON.
fn parameters(request: &RawRequest<'_>) -> std::result::Result<Pairs, WebhookError> {
    let query = query(request);
    if !query.iter().any(|(key, _)| key == HASH) {
        let get = request.method == "GET";
        return Ok(if get { query } else { form(request) });
    }
    let object: Map<String, Value> = serde_json::from_slice(request.body)
        .map_err(|_| WebhookError::Malformed("the body is no JSON object".to_owned()))?;
    let texts = object.into_iter().filter_map(|(key, value)| match value {
        Value::String(text) => Some((key, text)),
        Value::Number(number) => Some((key, number.to_string())),
        _ => None,
    });
    Ok(texts.collect())
}

/// The parameters in the order in which they are signed: by name, each name's different values once.
fn sorted(form: &[(String, String)]) -> Pairs {
    let mut sorted = form.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted
}

/// The address with and without its port: Twilio signs one or the other.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return all;
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let port = match scheme {
        "https" => "443",
        _ => "80",
    };
    match host.rsplit_once(':') {
        Some((name, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            all.push(format!("{scheme}://{name}{path}"));
        }
        _ => all.push(format!("{scheme}://{host}:{port}{path}")),
    }
    all
}

fn signature(token: &SecretString, url: &str, form: &[(String, String)]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.expose_secret().as_bytes()).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, body: &str, signed: &str) -> std::result::Result<Pairs, WebhookError> {
        let headers = [("x-twilio-signature".to_owned(), signed.to_owned())];
        let request = RawRequest {
            method: "POST",
            url,
            query: url.split_once('?').map_or("", |(_, query)| query),
            headers: &headers,
            body: body.as_bytes(),
            now: Timestamp(1),
        };
        genuine(&request, &SecretString::from("12345".to_owned()))?;
        parameters(&request)
    }

    /// Made by Twilio's own library.
    #[test]
    fn what_twilios_library_signs_is_taken() {
        let form = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
        let json = "{\"property\": \"value\", \"boolean\": true}";
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let table = [
            ("", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            (
                "",
                "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
                "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
            ),
            (hash, json, "a9nBmqA0ju/hNViExpshrM61xv4="),
        ];
        for (hash, body, signed) in table {
            let mut url = "https://mycompany.com/myapp.php?foo=1&bar=2".to_owned();
            if !hash.is_empty() {
                url = format!("{url}&bodySHA256={hash}");
            }
            assert!(check(&url, body, signed).is_ok(), "{url} {body}");
            let forged = check(&url, &body.replace('1', "2").replace('v', "w"), signed);
            assert_eq!(forged, Err(WebhookError::Forged));
            assert_eq!(
                check(&url.replace("foo", "fou"), body, signed),
                Err(WebhookError::Forged)
            );
        }
        // Signed for the address with its port, which we were told without.
        let with_port = "kvajT1Ptam85bY51eRf/AJRuM3w=";
        for port in ["", ":443"] {
            let url = format!("https://mycompany.com{port}/myapp.php?foo=1&bar=2");
            assert!(check(&url, form, with_port).is_ok(), "{port}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        let pairs = |form: &str| -> Pairs {
            url::form_urlencoded::parse(form.as_bytes())
                .into_owned()
                .collect()
        };
        for (form, wanted) in [
            ("A=1&B=2", false),
            ("A=1&A=1", false),
            ("A=1&B=2&A=2", true),
        ] {
            assert_eq!(twice(&pairs(form)), wanted, "{form}");
        }
        for (from, wanted) in [
            ("+15550002222", false),
            ("whatsapp:+15550002222", false),
            (" 15550002222", true),
            ("whatsapp: 15550002222", true),
        ] {
            assert_eq!(blank(&json!({ "From": from })), wanted, "{from}");
        }
    }

    #[test]
    fn nothing_unsigned_is_read() {
        for bad in ["", "x", "AAAA", "RSOYDt4T1cUTdK1PDd93/VVr8B8"] {
            let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
            assert_eq!(
                check(url, "MessageSid=SM1", bad),
                Err(WebhookError::Forged),
                "{bad}"
            );
        }
    }
}
