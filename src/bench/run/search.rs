//! Search while somebody types: the first page for every prefix of what people look for.

use super::row::{Row, Samples};
use crate::model::{Answer, Query, SystemClock};
use crate::store::{Options, Store};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Hits of a first page, as the screen asks for them.
const PAGE: u32 = 60;
/// What is typed: common words and rare ones, two at once, a phrase, other scripts, a name, filters.
const TYPED: [&str; 14] = [
    "refund",
    "delivery",
    "the",
    "Lieferung",
    "kaputt",
    "étagère",
    "спасибо",
    "退款",
    "請求書",
    "Petrova",
    "broken lamp",
    "\"thanks for\"",
    "from:ana refund",
    "is:open delivery",
];

/// Asks for each prefix as the screen does.
///
/// # Errors
/// When the mirror cannot be read.
pub async fn rows(mirror: &Path) -> anyhow::Result<Vec<Row>> {
    let store = Store::open(Options {
        dir: mirror.to_owned(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })?;
    let mut samples = Samples::default();
    let mut worst = (0.0, String::new());
    let mut found = 0;
    for round in 0..4 {
        for words in TYPED {
            for end in words.char_indices().map(|(at, c)| at + c.len_utf8()) {
                let text = words[..end].to_owned();
                let began = Instant::now();
                let query = Query::Search {
                    text: text.clone(),
                    me: "nina".to_owned(),
                    typing: true,
                    before: None,
                    limit: PAGE,
                };
                let Answer::Search { hits, .. } = store.answer(query).await? else {
                    anyhow::bail!("the search was not answered");
                };
                found += hits.len();
                let took = began.elapsed();
                // The first round fills the caches.
                if round > 0 {
                    samples.time(took);
                    let millis = took.as_secs_f64() * 1_000.0;
                    if millis > worst.0 {
                        worst = (millis, text);
                    }
                }
            }
        }
    }
    anyhow::ensure!(found > 0, "nothing was found at all");
    Ok(vec![
        Row::below(
            "search as you type, first page, p99",
            samples.quantile(0.99),
            16.0,
            "ms",
        )
        .note(format!(
            "p50 {:.2} ms; longest {:.1} ms for `{}`",
            samples.median(),
            worst.0,
            worst.1
        )),
    ])
}
