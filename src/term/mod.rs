//! The real terminal: the one room that touches the tty.
//!
//! * [`Session`] enters and leaves the screen, draws frames and is the only writer to the tty.
//! * [`EventSource`] reads keys, pastes, mouse, focus and size changes; it can be dropped while an
//!   editor owns the terminal and started again afterwards.
//! * [`Watcher`] notices a hang-up and the process signals, and ends the process when nothing else
//!   does, so that a dropped SSH line never leaves a busy process behind.
//!
//! Nothing in here prints with `println!` or `eprintln!`: both panic on a terminal that is gone.

mod backend;
mod crash;
mod decode;
mod error;
mod events;
mod hangup;
mod modes;
mod port;
mod restore;
mod session;
mod suspend;
mod tty;

pub use backend::ScreenBackend;
pub use crash::install_crash_hook;
pub use decode::{Decoder, Pending};
pub use error::TermError;
pub use events::EventSource;
pub use hangup::{ProcessSignal, Watcher};
pub use modes::Modes;
pub use restore::Restorer;
pub use session::{Drawn, Session};
pub use suspend::{Lent, Suspended};
pub use tty::Tty;
