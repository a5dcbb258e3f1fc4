//! What tests of the screen stand on: a harness that presses keys, a small desk that answers, a text form of a frame;
//! and a robot at the keyboard of the product's own loop.
//!
//! Only built for tests (feature `testing`).

mod answers;
pub mod bench;
pub mod cards;
pub mod desk;
pub mod dump;
pub mod keys;
mod listing;
pub mod people;
pub mod robot;
pub mod terminal;
pub mod world;

pub use bench::Bench;
pub use desk::Desk;
pub use robot::{Ended, Robot};
pub use terminal::FakeTerminal;
pub use world::World;
