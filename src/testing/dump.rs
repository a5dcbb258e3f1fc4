//! A frame as text, for snapshots and for reading.

use crate::text::width;
use crate::ui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The text of a frame: one line a row, trailing blanks cut.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = width::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A theme in which every role has a colour of its own, so that a frame tells which role was used where.
#[allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    reason = "a theme made from the list of roles parses"
)]
pub fn theme() -> Theme {
    let mut toml = String::from("name = 'testing'\n[roles]\n");
    for (index, role) in Role::ALL.iter().enumerate() {
        let _ = match role {
            Role::Selection | Role::SelectionDim | Role::Marked | Role::Overlay => {
                writeln!(toml, "{} = {{ bg = '{}' }}", role.name(), 100 + index)
            }
            _ => writeln!(toml, "{} = {{ fg = '{}' }}", role.name(), 100 + index),
        };
    }
    Theme::parse(&toml, &|_| None).expect("a theme of all roles")
}

/// The roles of a frame drawn with [`theme`], as runs: `7:12 urgent` is "from row 7, column 12 on, urgent".
/// A run is written with its text, so that it can be read alone.
pub fn roles(buffer: &Buffer) -> String {
    use ratatui::style::Color;
    let of = |color: Color| match color {
        Color::Indexed(index) => usize::from(index)
            .checked_sub(100)
            .and_then(|index| Role::ALL.get(index))
            .map_or("?", |role| role.name()),
        _ => "",
    };
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut runs: Vec<(String, String)> = Vec::new();
        let mut skip = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &buffer[(x, y)];
            skip = width::width(cell.symbol()).saturating_sub(1);
            let mut role = of(cell.fg).to_owned();
            if !of(cell.bg).is_empty() {
                role = format!("{role}/{}", of(cell.bg));
            }
            match runs.last_mut() {
                Some((last, text)) if *last == role => text.push_str(cell.symbol()),
                _ => runs.push((role, cell.symbol().to_owned())),
            }
        }
        let line: Vec<_> = runs
            .iter()
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(role, text)| format!("[{role}] {}", text.trim()))
            .collect();
        let _ = writeln!(out, "{}", line.join("  "));
    }
    out
}

/// The colours and modifiers of a frame, for themes: every style with how many cells have it.
pub fn styles(buffer: &Buffer) -> String {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for cell in buffer.content() {
        if cell.symbol() == " " && !cell.modifier.contains(Modifier::REVERSED) {
            continue;
        }
        let style = format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier);
        *count.entry(style).or_default() += 1;
    }
    let mut out = String::new();
    for (style, cells) in count {
        let _ = writeln!(out, "{cells:>5} {style}");
    }
    out
}
