//! A time typed into a picker: understood while it is typed, and shown with what it means.

use super::super::app::App;
use super::super::clock;
use super::super::overlays::{Picked, Picker, TimeFor};
use crate::text::when::parse_when;

/// Reads what is in the picker's line: a time becomes its first choice, unless it is the name of one.
pub fn read(app: &App, picker: &mut Picker) {
    picker.typed = None;
    let Some(time) = picker.time else { return };
    let text = picker.line.text().trim().to_owned();
    let is_name = |(name, ..): &(String, _, _)| name.eq_ignore_ascii_case(&text);
    if text.is_empty() || picker.items.iter().any(is_name) {
        return;
    }
    let (words, unless_reply) = match (time, text.split_once("unless")) {
        (TimeFor::Later, Some((when, _))) => (when.trim(), true),
        _ => (text.as_str(), false),
    };
    match parse_when(words, app.now, &app.setup.tz) {
        Ok(at) => {
            let tz = &app.setup.tz;
            let mut means = format!("{} {}", clock::day(at, app.now, tz), clock::time(at, tz));
            if unless_reply {
                means.push_str(", if no reply has come by then");
            }
            let picked = match time {
                TimeFor::Snooze => Picked::Snooze(Some(at)),
                TimeFor::Later => Picked::Later(at, unless_reply),
            };
            picker.typed = Some((words.to_owned(), means, picked));
        }
        Err(error) => picker.none = error.to_string(),
    }
}
