//! The agents' work rules, pure: hours, promises, reply windows, snooze, rules, macros, opt-outs, the roster and pages,
//! and the checks before anything leaves.

pub mod channels;
pub mod escalation;
pub mod hours;
pub mod likeness;
pub mod macros;
pub mod off_roster;
pub mod optout;
pub mod policy;
pub mod preflight;
pub mod roster;
pub mod routing;
pub mod settings;
pub mod sla;
pub mod snooze;
pub mod windows;

pub use hours::BusinessHours;
pub use policy::Policy;
pub use preflight::{Preflight, Remark};
pub use roster::{RosterEntry, RosterPerson};
pub use settings::DeskSettings;
pub use windows::ReplyWindow;
