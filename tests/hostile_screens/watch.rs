//! What may not come out, and a terminal that tells what was done to it.

use crate::deeds::Deeds;
use frontdesk::term::ScreenBackend;
use ratatui::Terminal;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

/// Stops at a character that acts on a terminal or shows nothing; line ends where there are lines.
#[track_caller]
pub fn harmless(about: &str, text: &str, lines: bool) {
    let bad = text.chars().find(|&c| {
        let acts = c.is_control() && !(lines && c == '\n');
        let unseen = matches!(c as u32,
            0xad | 0x61c | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xfff0..=0xfffb | 0x115f | 0x1160 | 0x3164 | 0xe_0000..=0xe_0fff);
        acts || unseen
    });
    if let Some(bad) = bad {
        let at = text.find(bad).unwrap_or(0);
        let line = text[..at].lines().last().unwrap_or("");
        let around: String = text[at..].chars().take(30).collect();
        panic!("{about}: {bad:?} after {line:?}, before {around:?}");
    }
}

/// Sends a frame to a terminal by the product's own backend, on one that showed another frame before; gives the
/// terminal's rows.
#[track_caller]
pub fn on_a_terminal(about: &str, frame: &Buffer) -> Vec<String> {
    let area = frame.area;
    let mut screen =
        Terminal::new(ScreenBackend::detached(Size::new(area.width, area.height))).unwrap();
    screen
        .draw(|into| {
            let buffer = into.buffer_mut();
            *buffer = frame.clone();
        })
        .unwrap();
    let bytes = screen.backend_mut().take_bytes();
    let text = String::from_utf8(bytes.clone()).unwrap_or_else(|e| panic!("{about}: {e}"));
    only_ours(about, &text);
    let mut terminal =
        vt100::Parser::new_with_callbacks(area.height, area.width, 0, Deeds::default());
    terminal.process(&bytes);
    assert_eq!(terminal.callbacks().0, Vec::<String>::new(), "{about}");
    let state = terminal.screen();
    assert!(
        !(state.alternate_screen() || state.application_keypad() || state.bracketed_paste()),
        "{about}: a mode was switched"
    );
    state.rows(0, area.width).collect()
}

/// Colours, places, blanks and the cursor are ours to set; every other sequence is somebody else's.
#[track_caller]
fn only_ours(about: &str, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control()) {
        let tail = &rest[at..];
        let end = tail
            .strip_prefix("\u{1b}[")
            .and_then(|inner| inner.find(|c: char| ('@'..='~').contains(&c)));
        let Some(end) = end else {
            panic!("{about}: {:?}", tail.chars().take(20).collect::<String>());
        };
        let (parameters, last) = (&tail[2..2 + end], tail.as_bytes()[2 + end]);
        let cursor = matches!(parameters, "?25") && matches!(last, b'h' | b'l');
        let known = matches!(last, b'm' | b'H' | b'C' | b'K' | b'X')
            && parameters
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b';' || b == b':');
        assert!(
            cursor || known,
            "{about}: CSI {parameters}{}",
            char::from(last)
        );
        rest = &tail[3 + end..];
    }
}

/// Every cell of a frame, and the frame on a terminal.
#[track_caller]
pub fn frame(about: &str, frame: &Buffer) {
    for (at, cell) in frame.content().iter().enumerate() {
        let symbol = cell.symbol();
        if symbol.is_ascii() && !symbol.as_bytes()[0].is_ascii_control() {
            continue;
        }
        let (x, y) = frame.pos_of(at);
        harmless(&format!("{about}, column {x}, row {y}"), symbol, false);
        assert!(
            symbol.len() <= 66,
            "{about}, column {x}, row {y}: a cell of {} bytes after {:?}",
            symbol.len(),
            frame.content()[at - usize::from(x)..at]
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
        );
    }
    let shown = on_a_terminal(about, frame);
    // What stands left of the first doubtful width is where it was put.
    let width = usize::from(frame.area.width);
    for (row, line) in shown.iter().enumerate() {
        let cells = &frame.content()[row * width..(row + 1) * width];
        let sure = cells.iter().take_while(|cell| cell.symbol().is_ascii());
        let put: String = sure.map(ratatui::buffer::Cell::symbol).collect();
        let put = put.trim_end();
        assert!(
            line.starts_with(put),
            "{about}: row {row} is {line:?}, not {put:?}"
        );
    }
}
