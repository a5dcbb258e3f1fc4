//! The scripted world behind `frontdesk demo`: customers on every channel who write, answer, go silent, get angry,
//! send STOP; sends that arrive, are read, fail for a while, fail for good or end unknown.
//!
//! `assets/demo/world.toml` is the script. The world is a provider like any other and goes through the same engine;
//! with the same seed it tells the same story.

pub mod account;
pub mod cast;
pub mod script;
pub mod stage;
mod templates;
pub mod world;

pub use account::DemoAccount;
pub use stage::Stage;
pub use world::World;
