//! frontdesk: the agent inbox for the terminal.

pub mod assist;
pub mod cli;
pub mod config;
pub mod demo;
pub mod desk;
pub mod model;
pub mod notify;
pub mod outbox;
pub mod providers;
pub mod runtime;
pub mod secrets;
pub mod store;
pub mod sync;
pub mod term;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod ui;
