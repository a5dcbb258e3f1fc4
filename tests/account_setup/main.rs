//! Accounts that are set up, tested and taken away on the screen, and the vault on the screen: the product's own loop,
//! engine and mirror, with fakes of the vendors, on a terminal in memory.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adding;
mod answers;
mod headless;
mod home;
mod mail;
mod screens;
#[path = "../support/mod.rs"]
mod support;
mod unseen;
mod vault;
