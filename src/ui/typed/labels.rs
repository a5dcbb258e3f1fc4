//! Keys for the label picker.

use super::super::app::App;
use super::super::key::{Code, Key};
use super::super::overlays::Labels;
use super::super::perform;
use crate::model::Command;

/// Takes a key; false when the picker is done.
pub fn key(app: &mut App, labels: &mut Labels, key: Key) -> bool {
    match (key.code, key.ctrl) {
        (Code::Enter, _) => {
            if !labels.is_changed() || !labels.line.text().trim().is_empty() {
                // Nothing was toggled since it was typed: the one under the cursor is meant.
                labels.toggle();
            }
            let (add, remove) = labels.changes();
            if !add.is_empty() || !remove.is_empty() {
                perform::on_targets(app, |ids| Command::Label { ids, add, remove });
            }
            return false;
        }
        (Code::Char(' '), false) => labels.toggle(),
        (Code::Down, _) | (Code::Char('n' | 'j'), true) => labels.step(1),
        (Code::Up, _) | (Code::Char('p' | 'k'), true) => labels.step(-1),
        _ => {
            if labels.line.key(key) {
                labels.cursor = 0;
            }
        }
    }
    true
}
