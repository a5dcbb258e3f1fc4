//! The product's own loop, engine, mirror and effects, on a terminal in memory: a robot presses keys and waits until
//! nothing is left to do. Nothing here sleeps.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answering;
mod desk;
mod news;
mod paging;
mod settings;
mod terminal;
