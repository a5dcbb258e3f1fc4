//! The program as a desk runs it, against real Dovecot and Postfix: `frontdesk sync` in one process, the verbs in
//! others, customers with mailboxes of their own.
//!
//! `--nocapture` shows the times measured.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attachments;
mod customer;
mod flags;
mod home;
mod kills;
mod ledger;
mod outbox;
mod processes;
#[path = "../support/mod.rs"]
mod support;
mod talk;
