//! Every row of the corpus where agents meet it: taken into a mirror as a customer's message, drawn by every screen,
//! printed by every command, written by every export. No control, no turned direction and nothing invisible comes out.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, clippy::missing_panics_doc)]

#[path = "../hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "../support/deeds.rs"]
mod deeds;
#[path = "../hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;

mod commands;
mod desk;
mod files;
mod screens;
mod watch;
