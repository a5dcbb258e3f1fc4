//! `frontdesk demo` as a support agent meets it: the program in a pseudo-terminal, keys in, screens
//! out.
//!
//! The world is scripted and the same for the same seed, so the tests name its customers by what they
//! wrote; nothing here waits for an amount of time where it can wait for a change.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod approvals;
mod desk;
mod footers;
mod hostile;
mod leaving;
mod oncall;
mod sending;
mod sizes;
mod table;
mod triage;
mod writing;
