//! Meta's error object, by code: what surely happened and what a person should do.

use crate::model::Timestamp;
use crate::providers::ProviderError;
use crate::providers::http::{Answer, Effect, retry_after};
use serde::Deserialize;
use std::time::Duration;

/// `{"error": {…}}`.
#[derive(Debug, Deserialize)]
struct Body {
    error: Failure,
}

/// Meta's error object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    message: String,
    code: i64,
    error_subcode: i64,
    is_transient: bool,
    error_user_msg: Option<String>,
    error_data: Option<Data>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Data {
    details: Option<String>,
}

/// A send was refused because the customer wrote too long ago; nothing left.
pub(super) fn is_window_closed(answer: &Answer) -> bool {
    serde_json::from_slice::<Body>(&answer.body).is_ok_and(|Body { error }| {
        matches!(
            (error.code, error.error_subcode),
            (10, 2_018_278 | 2_534_022 | 2_018_065) | (131_047, _)
        )
    })
}

/// What an answer that is no success stands for.
pub(super) fn failure(answer: &Answer, effect: Effect, now: Timestamp) -> ProviderError {
    let Ok(Body { error }) = serde_json::from_slice::<Body>(&answer.body) else {
        return answer.failure(effect, "", now);
    };
    let details = error.error_data.and_then(|data| data.details);
    let words = [details, error.error_user_msg, Some(error.message)]
        .into_iter()
        .flatten()
        .find(|words| !words.trim().is_empty())
        .unwrap_or_default();
    let says = match error.error_subcode {
        0 => format!("{words} (code {})", error.code),
        sub => format!("{words} (code {}/{sub})", error.code),
    };
    let wait = answer
        .header("retry-after")
        .and_then(|value| retry_after(value, now))
        .or_else(|| regain_access(answer));
    match (error.code, error.error_subcode) {
        _ if is_window_closed(answer) => refused(
            "the reply window is closed: only an approved template or the human agent tag is taken",
            &says,
        ),
        (190, _) => ProviderError::Auth(format!(
            "the access token is no longer valid; make a new one and set it as `token`: {says}"
        )),
        (3 | 10 | 200..=299, 0) | (0, _) => ProviderError::Auth(format!(
            "the access token lacks a permission; add it to the app and make a new token: {says}"
        )),
        (
            4 | 17 | 32 | 613 | 80_001 | 80_002 | 80_006 | 80_007 | 80_008 | 130_429 | 131_056
            | 131_057 | 133_016,
            _,
        ) => ProviderError::RateLimited { retry_after: wait },
        // The number is held back because of what it sent: hours, and a person should look.
        (131_048 | 131_064, _) => ProviderError::RateLimited {
            retry_after: Some(wait.unwrap_or(Duration::from_hours(1))),
        },
        (1 | 2 | 99 | 131_000 | 131_016 | 133_004 | 135_000, _) => open(effect, says),
        _ if error.is_transient || answer.status >= 500 => open(effect, says),
        _ => ProviderError::Rejected {
            reason: says,
            permanent: true,
        },
    }
}

fn refused(why: &str, says: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: format!("{why}: {says}"),
        permanent: true,
    }
}

/// Meta's own trouble: whether a write happened is not said.
fn open(effect: Effect, says: String) -> ProviderError {
    match effect {
        Effect::Read => ProviderError::Transient(says),
        Effect::Write => ProviderError::Ambiguous(says),
    }
}

/// `estimated_time_to_regain_access` in minutes, of the header in which Meta tells how much of a budget is used.
fn regain_access(answer: &Answer) -> Option<Duration> {
    let usage = answer.header("x-business-use-case-usage")?;
    let usage: serde_json::Value = serde_json::from_str(usage).ok()?;
    let minutes = usage
        .as_object()?
        .values()
        .filter_map(serde_json::Value::as_array)
        .flatten()
        .filter_map(|row| row.get("estimated_time_to_regain_access")?.as_u64())
        .max()
        .filter(|minutes| *minutes > 0)?;
    Some(Duration::from_mins(minutes.min(60)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::header::{HeaderMap, HeaderValue};

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn what_a_code_stands_for() {
        let table = [
            (
                400,
                r#"{"code":190,"error_subcode":463,"message":"expired"}"#,
                "Auth",
            ),
            (403, r#"{"code":10,"message":"permission"}"#, "Auth"),
            (
                403,
                r#"{"code":10,"error_subcode":2018278,"message":"late"}"#,
                "Rejected",
            ),
            (
                400,
                r#"{"code":131047,"message":"Re-engagement","error_data":{"details":"24 h"}}"#,
                "Rejected",
            ),
            (400, r#"{"code":130429,"message":"slow"}"#, "RateLimited"),
            (429, r#"{"code":80008,"message":"slow"}"#, "RateLimited"),
            (500, r#"{"code":131000,"message":"?"}"#, "Ambiguous"),
            (
                500,
                r#"{"code":2,"message":"?","is_transient":true}"#,
                "Ambiguous",
            ),
            (
                400,
                r#"{"code":132001,"message":"no template"}"#,
                "Rejected",
            ),
            (400, r#"{"code":"x"}"#, "Rejected"),
        ];
        for (status, error, variant) in table {
            let answer = answer(status, &format!("{{\"error\":{error}}}"));
            let failure = failure(&answer, Effect::Write, Timestamp(0));
            assert!(format!("{failure:?}").starts_with(variant), "{failure:?}");
        }
        let html = failure(&answer(502, "<html>"), Effect::Read, Timestamp(0));
        assert!(matches!(html, ProviderError::Transient(_)), "{html:?}");
    }

    #[test]
    fn how_long_to_wait() {
        let mut answer = answer(400, r#"{"error":{"code":80008}}"#);
        answer.headers.insert(
            "x-business-use-case-usage",
            HeaderValue::from_static(
                r#"{"1":[{"type":"whatsapp","estimated_time_to_regain_access":7}]}"#,
            ),
        );
        let ProviderError::RateLimited { retry_after } =
            failure(&answer, Effect::Read, Timestamp(0))
        else {
            panic!("not a limit");
        };
        assert_eq!(retry_after, Some(Duration::from_mins(7)));
    }
}
