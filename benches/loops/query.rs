//! What is typed into the search to a MATCH, against putting each word into quotes.

use divan::{Bencher, black_box};
use frontdesk::text::query::{fts_match, parse};

const QUERIES: [&str; 4] = [
    "refu",
    "refund lamp",
    "from:ana label:billing is:open before:2026-11-01 \"exact phrase\" -word wor*",
    "\"unclosed AND (NEAR* OR \"\" ^col:x -- '; 退款 ﬁne İstanbul",
];

#[divan::bench(args = QUERIES)]
fn to_match(bencher: Bencher, typed: &str) {
    bencher.bench_local(|| fts_match(&parse(black_box(typed)), true));
}

#[divan::bench(args = QUERIES)]
fn bare_quotes(bencher: Bencher, typed: &str) {
    let quoted = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
    bencher.bench_local(|| {
        let words = black_box(typed).split_whitespace();
        words.map(quoted).collect::<Vec<_>>().join(" ")
    });
}
