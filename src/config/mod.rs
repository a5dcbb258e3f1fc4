//! The typed configuration: one TOML file, read part by part.
//!
//! A part that is wrong is left out and reported as a [`Problem`] with file, line, column, a caret and what is
//! allowed; everything else still loads, so that a slip of the pen never keeps an agent from the inbox.

mod account;
pub mod default_file;
pub mod edit;
mod keymap;
mod load;
mod load_audio;
mod load_desk;
mod nearest;
mod paths;
mod problem;
mod settings;
mod source;
mod theme;
mod watch;
mod words;

pub use account::{Account, ProviderSettings};
pub use keymap::{keymap_from, load_keymap};
pub use load::{load, load_file, load_text, name_is_fine, reload};
pub use nearest::nearest;
pub use paths::{PathError, Paths, make_private_dir};
pub use problem::{Level, Place, Problem};
pub use settings::{Commands, Config};
pub use theme::OwnThemes;
pub use watch::Watch;
