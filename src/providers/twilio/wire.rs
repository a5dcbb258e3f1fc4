//! Reading what Twilio says, field by field: one of the wrong kind costs that field, never the message.

use crate::model::{Channel, Timestamp};
use serde_json::Value;
use std::fmt::Write as _;

/// A text that is there and not empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A whole number, also one written as text.
pub(super) fn number(value: &Value, key: &str) -> Option<i64> {
    let value = value.get(key)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A SID: two letters and what Twilio puts behind them.
pub(super) fn sid<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    text(value, key).filter(|sid| is_sid(sid))
}

/// Whether it can be a SID, so that it may stand in a path.
pub(super) fn is_sid(text: &str) -> bool {
    (3..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A list, empty where it is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A moment as RFC 2822, which Twilio writes, or ISO 8601; one before 1970 is none.
pub(super) fn moment(value: &Value, key: &str) -> Option<Timestamp> {
    let said = text(value, key)?;
    let at = jiff::fmt::rfc2822::parse(said)
        .map(|at| at.timestamp())
        .or_else(|_| said.parse::<jiff::Timestamp>());
    Some(Timestamp(at.ok()?.as_millisecond())).filter(|at| at.0 > 0)
}

/// The channel of an address as Twilio writes it, and the address as the mirror has it.
pub(super) fn plain_address(text: &str) -> (Option<Channel>, String) {
    let text = text.trim();
    let (channel, rest) = match text.split_once(':') {
        Some(("whatsapp", rest)) => (Some(Channel::Whatsapp), rest),
        Some(("messenger", rest)) => (Some(Channel::Messenger), rest),
        Some(("sip" | "sips" | "client", _)) => (Some(Channel::Voice), text),
        // Rich messages (RCS) come and go between the same people as SMS.
        Some(("rcs", rest)) => (Some(Channel::Sms), rest),
        Some(_) => (None, text),
        None => (Some(Channel::Sms), text),
    };
    let plain = crate::text::phone::e164(rest, None).unwrap_or_else(|| rest.trim().to_owned());
    (channel, plain)
}

/// A short name for something that has none: of its bytes.
pub(super) fn fingerprint(value: &Value) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(value.to_string());
    hash.iter().take(12).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_read_or_left() {
        let at = |text: &str| moment(&json!({ "t": text }), "t").map(|at| at.0);
        let wanted = Some(1_767_225_600_000);
        assert_eq!(at("Thu, 01 Jan 2026 00:00:00 +0000"), wanted);
        assert_eq!(at("2026-01-01T00:00:00Z"), wanted);
        for bad in ["", "soon", "Thu, 99 Jan 2026 00:00:00 +0000", "-9999"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_lose_their_channel_and_their_spaces() {
        let table = [
            (
                "whatsapp:+15550001111",
                Some(Channel::Whatsapp),
                "+15550001111",
            ),
            ("+1 (212) 555-0111", Some(Channel::Sms), "+12125550111"),
            ("72975", Some(Channel::Sms), "72975"),
            (
                "sip:ana@example.com",
                Some(Channel::Voice),
                "sip:ana@example.com",
            ),
            ("new:+1", None, "new:+1"),
        ];
        for (said, channel, wanted) in table {
            assert_eq!(plain_address(said), (channel, wanted.to_owned()), "{said}");
        }
    }

    #[test]
    fn what_goes_into_a_path_is_a_sid() {
        for (text, fine) in [
            ("SM00000000000000000000000000000001", true),
            ("../Accounts", false),
            ("SM", false),
            ("SM1?x", false),
        ] {
            assert_eq!(is_sid(text), fine, "{text}");
        }
    }
}
