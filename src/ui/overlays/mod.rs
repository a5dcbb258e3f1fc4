//! What lies over the panes for a moment: one stack, one mechanism.

mod choices;
pub mod help;
pub mod labels;
pub mod palette;
pub mod passphrase;
pub mod picker;
pub mod preview;
pub mod prompt;
pub mod text;
pub mod which_key;

pub use labels::Labels;
pub use palette::Palette;
pub use passphrase::Passphrase;
pub use picker::{Choice, Picked, Picker, TimeFor};
pub use preview::Preview;
pub use prompt::{Prompt, Purpose};
pub use text::TextBox;

use super::paint::{self, Line};
use super::setting_up::{SettingUp, Trial};
use super::theme::{Role, Theme};
use crate::model::AccountId;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// One overlay.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// All keys of the place.
    Help(help::Help),
    /// Find any action or view by name.
    Palette(Palette),
    /// Choose from a list.
    Picker(Picker),
    /// Put labels on and take them off.
    Labels(Labels),
    /// Read an attachment.
    Preview(Preview),
    /// Type one line.
    Prompt(Prompt),
    /// Read some lines.
    Text(TextBox),
    /// Set up an account.
    SettingUp(Box<SettingUp>),
    /// See an account tested.
    Trial(Box<Trial>),
    /// Type the vault's passphrase.
    Passphrase(Passphrase),
    /// A yes or no.
    Confirm(Confirm),
}

/// A question before something that cannot be taken back.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The question.
    pub question: String,
    /// What a yes does.
    pub then: Confirmed,
}

/// What a yes does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// End the program although something unsent is left.
    Quit,
    /// Throw the draft away.
    DiscardDraft,
    /// Take an account out of the configuration.
    RemoveAccount(AccountId),
}

/// A box at the bottom of the body, over the panes; returns its inside.
pub fn sheet(
    theme: &Theme,
    body: Rect,
    rows: u16,
    title: &str,
    plain: bool,
    buffer: &mut Buffer,
) -> Rect {
    let height = rows.saturating_add(1).min(body.height);
    let area = Rect {
        y: body.bottom() - height,
        height,
        ..body
    };
    paint::clear(buffer, area, theme.style(Role::Overlay));
    let top = paint::row(area, 0);
    paint::rule(buffer, theme, top, plain);
    let title = Line::of(Role::Accent, format!(" {title} "));
    let at = Rect {
        x: top.x + 2.min(top.width),
        width: top.width.saturating_sub(2),
        ..top
    };
    paint::line(buffer, theme, at, &title);
    Rect {
        y: area.y + 1,
        height: height.saturating_sub(1),
        ..area
    }
}
