//! What the suites stand on: real servers, clients for the other side of a conversation, and a
//! terminal to press keys in. Included with `mod support;`, so every suite compiles its own copy.
//!
//! Nothing here uses the product's code: a client that shared the product's parser would share its
//! mistakes.

// Each suite uses its own part of this module.
#![allow(dead_code, unused_imports)]
// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod fakes;
pub mod imap_client;
pub mod keys;
pub mod mail;
pub mod program;
pub mod pty;
pub mod serve;
pub mod servers;
pub mod small_server;
pub mod smtp_client;
pub mod smtp_trap;
pub mod spec;
pub mod tls;
pub mod wait;

/// Says that a suite is not tried, and what it needs, in words that the gate looks for.
pub fn left_out(suite: &str, needs: &str) {
    // Not `eprintln!`: the test runner keeps what a passing test prints with it to itself.
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("left out: {suite} ({needs})\n").as_bytes(),
    );
}
