//! The only room that knows everyone: builds store, providers, engine and screen, and carries out effects.

pub mod accounts;
pub mod colleagues;
mod demo;
mod desk_link;
mod desk_loop;
mod engine;
mod escalate;
mod fetching;
mod follow;
mod hands;
mod headless;
mod holding;
mod listen;
pub mod new_account;
mod news;
mod pace;
mod reload;
mod screen;
mod sending;
mod setting_up;
mod setup;
pub mod transcribing;
mod typing;
mod vault;

pub use accounts::engine_accounts;
pub use demo::{DemoOptions, run_demo, run_demo_on};
pub use escalate::escalate;
pub use fetching::Fetching;
pub use headless::run_headless;
pub use listen::run_listener;
pub use reload::Files;
pub use screen::{ScreenOptions, run_screen, run_screen_on};
pub use sending::send_wait;

use anyhow::Context;
use std::path::Path;
use tokio::runtime::Runtime;

/// The executor: two threads are enough for a desk, and idle ones do not wake.
fn executor() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the program's threads cannot be started")
}

/// Opens the mirror in `dir`.
///
/// # Errors
/// Says what is wrong with the directory or the file and what to do.
pub fn open_mirror(
    dir: &Path,
    clock: &std::sync::Arc<dyn crate::model::Clock>,
) -> anyhow::Result<crate::store::Store> {
    let options = crate::store::Options {
        dir: dir.to_path_buf(),
        clock: clock.clone(),
        read_only: false,
    };
    crate::store::Store::open(options)
        .with_context(|| format!("the mirror in {} cannot be opened", dir.display()))
}
