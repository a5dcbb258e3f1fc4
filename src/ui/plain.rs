//! `--plain`: no box drawing and no symbols on the screen, for screen readers and for slow or poor terminals.

use ratatui::buffer::Buffer;

/// Replaces what frontdesk itself draws with symbols; letters of every script stay.
pub fn soften(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell((x, y)) else {
                continue;
            };
            let plain = match cell.symbol() {
                "─" | "━" => "-",
                "│" | "┃" | "▌" => "|",
                "▸" | "›" => ">",
                "·" => "-",
                "…" | "⋯" => ".",
                "✓" => "v",
                "✗" => "x",
                "●" | "■" | "★" => "*",
                "☆" => "-",
                "▲" => "!",
                _ => continue,
            };
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.set_char(plain.chars().next().unwrap_or(' '));
            }
        }
    }
}
