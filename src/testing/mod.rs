//! What tests of the screen stand on: a harness that presses keys, a small desk that answers, a text form of a frame;
//! a robot at the keyboard of the product's own loop; and an account that a test plays.
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
pub mod played;
pub mod robot;
pub mod terminal;
pub mod world;

pub use bench::Bench;
pub use desk::Desk;
pub use played::{Played, Plays};
pub use robot::{Ended, Robot};
pub use terminal::FakeTerminal;
pub use world::World;
