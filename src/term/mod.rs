//! The real terminal: the one room that touches the tty.
//!
//! * [`Session`] enters and leaves the screen, draws frames and is the only writer to the tty.
//! * [`attend`] runs the screen's loop on the thread that reads the terminal.
//! * [`EventSource`] reads keys, pastes, mouse, focus and size changes; it can be dropped while an
//!   editor owns the terminal and started again afterwards.
//! * [`Terminal`] is all of that as the screen's loop uses it; [`Console`] is the real one.
//! * [`Watcher`] notices a hang-up and the process signals, and ends the process when nothing else
//!   does, so that a dropped SSH line never leaves a busy process behind.
//!
//! * [`Probe`] says what kind of terminal it is; [`edit`], [`copy`], [`open_link`] and
//!   [`Launcher::filter`] hand text to other programs, by argument list and without a shell.
//!
//! Customer links are never written as terminal hyperlinks: the agent opens them from our own list,
//! where the real host is shown.
//!
//! Nothing in here prints with `println!` or `eprintln!`: both panic on a terminal that is gone.

mod argv;
mod attend;
mod backend;
mod clipboard;
mod crash;
mod decode;
mod editor;
mod encode;
mod error;
mod events;
mod hangup;
mod launch;
mod modes;
mod open;
mod play;
mod port;
mod probe;
mod restore;
mod session;
mod suspend;
mod terminal;
mod tty;

pub use argv::{ArgvError, split};
pub use attend::attend;
pub use backend::ScreenBackend;
pub use clipboard::{ClipboardError, Copied, copy};
pub use crash::install_crash_hook;
pub use decode::{Decoder, Pending};
pub use editor::{Edited, EditorError, edit, edit_dir, editor_command};
pub use error::TermError;
pub use events::EventSource;
pub use hangup::{ProcessSignal, Watcher};
pub use launch::{LaunchError, Launcher};
pub use modes::Modes;
pub use open::{OpenError, open_link, safe_link};
pub use play::{PlayError, play};
pub use probe::{ColorDepth, Display, Probe};
pub use restore::Restorer;
pub use session::{Drawn, Session};
pub use suspend::Suspended;
pub use terminal::{Console, Doing, Heard, Rest, Terminal};
pub use tty::Tty;
