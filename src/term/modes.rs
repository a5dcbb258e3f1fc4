//! Which terminal modes the screen uses, and the bytes that turn them on and off again.

/// Aborts an escape sequence that was cut off in the middle, so that what follows is understood.
const CANCEL: &str = "\x18";
const ALTERNATE_ON: &str = "\x1b[?1049h";
const ALTERNATE_OFF: &str = "\x1b[?1049l";
const PASTE_ON: &str = "\x1b[?2004h";
const PASTE_OFF: &str = "\x1b[?2004l";
const FOCUS_ON: &str = "\x1b[?1004h";
const FOCUS_OFF: &str = "\x1b[?1004l";
/// Buttons and drags with SGR coordinates. Plain movement (1003) is left off: it would send a
/// packet per cell over a slow line.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
const CURSOR_OFF: &str = "\x1b[?25l";
const CURSOR_ON: &str = "\x1b[?25h";
const STYLE_RESET: &str = "\x1b[0m";
const TITLE_PUSH: &str = "\x1b[22;2t";
const TITLE_POP: &str = "\x1b[23;2t";
/// Starts and ends a frame that the terminal shows at once.
pub(super) const FRAME_START: &[u8] = b"\x1b[?2026h";
pub(super) const FRAME_END: &[u8] = b"\x1b[?2026l";

/// What the screen asks of the terminal beyond the alternate screen and bracketed paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    /// Report clicks, drags and the wheel. Takes away the terminal's own selection.
    pub mouse: bool,
    /// Report when the window gains or loses focus; notifications depend on it.
    pub focus: bool,
    /// Wrap each frame so that the terminal shows it whole.
    pub synchronized: bool,
    /// Keep the window title and put it back at the end.
    pub title: bool,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            mouse: false,
            focus: true,
            synchronized: true,
            title: true,
        }
    }
}

impl Modes {
    /// The bytes that take the screen.
    pub(super) fn enter(self) -> String {
        let mut bytes = String::new();
        if self.title {
            bytes.push_str(TITLE_PUSH);
        }
        bytes.push_str(ALTERNATE_ON);
        bytes.push_str(&self.again());
        bytes
    }

    /// The bytes that bring the modes back after someone else may have changed them, without
    /// leaving the alternate screen: entering it twice would lose the saved cursor.
    pub(super) fn again(self) -> String {
        let mut bytes = String::from(CURSOR_OFF);
        bytes.push_str(PASTE_ON);
        if self.focus {
            bytes.push_str(FOCUS_ON);
        }
        if self.mouse {
            bytes.push_str(MOUSE_ON);
        }
        bytes
    }

    /// The bytes that give the screen back, right even after a frame that was cut off.
    pub(super) fn leave(self) -> String {
        let mut bytes = String::from(CANCEL);
        if self.synchronized {
            bytes.push_str("\x1b[?2026l");
        }
        bytes.push_str(STYLE_RESET);
        if self.mouse {
            bytes.push_str(MOUSE_OFF);
        }
        if self.focus {
            bytes.push_str(FOCUS_OFF);
        }
        bytes.push_str(PASTE_OFF);
        bytes.push_str(CURSOR_ON);
        bytes.push_str(ALTERNATE_OFF);
        if self.title {
            bytes.push_str(TITLE_POP);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every private mode that is set on the way in is reset on the way out.
    #[test]
    fn enter_and_leave_are_symmetrical() {
        for bits in 0..16u8 {
            let modes = Modes {
                mouse: bits & 1 != 0,
                focus: bits & 2 != 0,
                synchronized: bits & 4 != 0,
                title: bits & 8 != 0,
            };
            let (enter, leave) = (modes.enter(), modes.leave());
            for part in enter.split("\x1b[?").skip(1) {
                let number = part.trim_end_matches(|c: char| !c.is_ascii_digit());
                let number: String = number.chars().take_while(char::is_ascii_digit).collect();
                // The cursor is the one mode that is off inside and on outside.
                let undo = if number == "25" { 'h' } else { 'l' };
                assert!(
                    leave.contains(&format!("\x1b[?{number}{undo}")),
                    "mode {number} is not undone in {leave:?}"
                );
            }
            assert_eq!(enter.contains("\x1b[22;2t"), leave.contains("\x1b[23;2t"));
        }
    }
}
