//! The mirror as its users see it: in by batches and commands, out by answers.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../hostile/corpus.rs"]
// The claims are the other suites'.
#[allow(dead_code)]
mod corpus;
#[path = "../hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;

mod approvals;
mod consent;
mod hostile;
mod ingest;
mod looking;
mod moving;
mod names;
mod news;
mod outbox;
mod people;
mod policy;
mod processes;
mod speed;
mod templates;
mod undo;
mod views;
mod world;
