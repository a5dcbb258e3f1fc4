//! The screen: state, what changes it, how it is drawn. It knows no store, no provider, no network and no wall clock.
//!
//! [`update`] is synchronous and total and returns [`Effect`]s as data; [`draw`] takes the state by reference and changes
//! nothing. What can be pressed is in one table ([`action`]); what lies over the panes is one stack ([`overlays`]).

pub mod action;
mod ahead;
mod answers;
mod app;
mod asking;
pub mod clock;
mod command_line;
mod draw;
mod effect;
mod hidden;
pub mod key;
pub mod keymap;
pub mod layout;
mod line_edit;
mod msg;
mod notice;
pub mod overlays;
mod paint;
pub mod panes;
mod perform;
mod plain;
mod preflight;
mod setting_up;
mod setup;
pub mod theme;
pub mod themes;
mod typed;
mod update;
mod vault;
mod writing;

pub use app::App;
pub use draw::draw;
pub use effect::{Effect, ReqId};
pub use hidden::Hidden;
pub use msg::{Change, EngineState, Msg, NoticeKind};
pub use setting_up::{Filled, Filling, Saved, SettingUp, SetupNews, Trial};
pub use setup::{AccountCard, Renewed, SenderRule, Setup};
pub use update::update;
pub use vault::VaultNews;
