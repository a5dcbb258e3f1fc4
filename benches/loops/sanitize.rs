//! Foreign text made harmless, against a filter that only drops control characters.

use crate::texts::{KINDS, Kind};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use frontdesk::text::{sanitize_block, sanitize_line};

#[divan::bench(args = KINDS)]
fn block(bencher: Bencher, kind: Kind) {
    let text = kind.text();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| sanitize_block(black_box(&text)));
}

#[divan::bench(args = KINDS)]
fn lines(bencher: Bencher, kind: Kind) {
    let text = kind.text();
    let clean = || black_box(&text).lines().map(sanitize_line);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| clean().map(|line| line.text.len()).sum::<usize>());
}

#[divan::bench(args = KINDS)]
fn bare_filter(bencher: Bencher, kind: Kind) {
    let text = kind.text();
    let shown = |c: &char| *c == '\n' || !c.is_control();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| black_box(&text).chars().filter(shown).collect::<String>());
}
