//! The inner loops of the core, each beside the least that could do a like job.
//!
//! `cargo bench --bench loops` runs all of them, `-- wrap` those of one file. A name that begins with `bare_` is the
//! peer: the library alone, or a loop that does only the obvious part and none of what makes the input harmless.

// A benchmark stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod frame;
mod html;
mod ingest;
mod list;
mod mime;
mod place;
mod query;
mod sanitize;
mod texts;
mod wrap;

fn main() {
    frame::tell_bytes();
    divan::main();
    place::remove();
}
