//! Telling an agent who looks elsewhere that something waits.
//!
//! [`policy`] decides, purely, whether and what; [`routes`] decides where; the sinks
//! carry it. Nothing here is ever fatal and nothing keeps the screen waiting: a [`Notifier`] takes
//! notices without waiting, and each sink has two seconds.

mod command;
#[cfg(feature = "desktop")]
mod desktop;
#[cfg(not(feature = "desktop"))]
#[path = "no_desktop.rs"]
mod desktop;
mod notice;
mod notifier;
mod place;
pub mod policy;
mod quiet;
mod sequence;
mod settings;

pub use notice::{NewsKind, Notice, Shown};
pub use notifier::Notifier;
pub use place::{Place, Route, routes};
pub use policy::{Focus, Policy, Silence, Verdict};
pub use quiet::{Moment, QuietHours, QuietHoursError};
pub use sequence::Sequence;
pub use settings::{KindSwitches, NotifySettings, Via, When};
