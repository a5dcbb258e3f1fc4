//! The headers in which Meta tells how much of a budget is used: obeyed before a call is refused, since calls that are
//! refused lengthen the refusal.

use crate::providers::http::Answer;
use serde_json::Value;
use std::time::Duration;

/// Percent of a budget from which calls are spread wider.
const NEAR: f64 = 80.0;
/// Percent from which nothing is asked for a while.
const SPENT: f64 = 95.0;

/// What an answer told of its budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usage {
    /// The most used of all budgets, in percent.
    pub(super) percent: u64,
    /// How long to make no call; none while there is enough left.
    pub(super) rest: Option<Duration>,
}

/// What an answer tells; none where it tells nothing.
pub(super) fn read(answer: &Answer) -> Option<Usage> {
    let header = |name: &str| {
        let value = serde_json::from_str::<Value>(answer.header(name)?);
        value.ok()
    };
    let app = header("x-app-usage");
    let cases = header("x-business-use-case-usage");
    let rows = cases
        .iter()
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::values)
        .filter_map(Value::as_array)
        .flatten();
    let (mut used, mut regain) = (0.0_f64, None);
    for row in app.iter().chain(rows) {
        for key in ["call_count", "total_time", "total_cputime"] {
            used = used.max(row[key].as_f64().unwrap_or(0.0));
        }
        regain = regain.max(row["estimated_time_to_regain_access"].as_u64());
    }
    app.as_ref().or(cases.as_ref())?;
    let regain = regain.filter(|minutes| *minutes > 0);
    let rest = match regain {
        Some(minutes) => Some(Duration::from_mins(minutes.min(60))),
        None if used >= SPENT => Some(Duration::from_mins(1)),
        None if used >= NEAR => Some(Duration::from_secs(5)),
        None => None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let percent = used.clamp(0.0, 100.0).round() as u64;
    Some(Usage { percent, rest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use reqwest::header::{HeaderMap, HeaderValue};

    #[test]
    fn a_budget_that_is_nearly_used_is_left_alone() {
        let table = [
            (
                "x-app-usage",
                r#"{"call_count":28,"total_time":25,"total_cputime":25}"#,
                None,
            ),
            ("x-app-usage", r#"{"call_count":81}"#, Some(5)),
            ("x-app-usage", r#"{"total_cputime":100}"#, Some(60)),
            ("x-app-usage", "nonsense", None),
            ("x-app-usage", r#"{"call_count":"x"}"#, None),
            (
                "x-business-use-case-usage",
                r#"{"1":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":19}]}"#,
                Some(19 * 60),
            ),
            (
                "x-business-use-case-usage",
                r#"{"1":[{"call_count":3}],"2":[{"total_time":85}]}"#,
                Some(5),
            ),
            ("x-business-use-case-usage", "[1]", None),
        ];
        for (name, value, wanted) in table {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            let answer = Answer {
                status: 200,
                headers,
                body: Bytes::new(),
            };
            assert_eq!(
                read(&answer).and_then(|usage| usage.rest),
                wanted.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
