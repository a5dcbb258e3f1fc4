//! Faults of the machine: a terminal that is gone without a word, that nobody reads, that is none; a disk that is full,
//! fails, cannot be written; a mirror that is damaged or held by others. The program ends or goes on, and says which.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, clippy::missing_panics_doc)]

mod disk;
mod home;
mod line;
#[path = "../support/mod.rs"]
mod support;
