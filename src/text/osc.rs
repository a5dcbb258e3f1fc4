//! Terminal sequences that carry text, built so that the text cannot end them early.

use super::sanitize::sanitize_line;

/// What stands between the program and the terminal that people look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Multiplexer {
    /// Nothing.
    #[default]
    None,
    /// tmux; lets a wrapped sequence through when its `allow-passthrough` is on.
    Tmux,
    /// GNU screen.
    Screen,
}

/// GNU screen drops device control strings that are longer.
const SCREEN_PIECE: usize = 240;

impl Multiplexer {
    /// `sequence` as it has to be written to reach the terminal outside.
    pub fn passthrough(self, sequence: &[u8]) -> Vec<u8> {
        match self {
            Self::None => sequence.to_vec(),
            Self::Tmux => {
                let mut wrapped = b"\x1bPtmux;".to_vec();
                for &byte in sequence {
                    if byte == 0x1b {
                        wrapped.push(0x1b);
                    }
                    wrapped.push(byte);
                }
                wrapped.extend_from_slice(b"\x1b\\");
                wrapped
            }
            Self::Screen => sequence
                .chunks(SCREEN_PIECE)
                .flat_map(|piece| [b"\x1bP", piece, b"\x1b\\"].concat())
                .collect(),
        }
    }
}

/// An operating system command: `ESC ] number ; fields BEL`.
///
/// Every field goes through the sanitiser, so it holds no control character, and loses its
/// semicolons except in the last field, so that it stays the field it is.
pub fn osc(number: u16, fields: &[&str]) -> Vec<u8> {
    let mut sequence = format!("\x1b]{number}");
    for (i, field) in fields.iter().enumerate() {
        sequence.push(';');
        let clean = sanitize_line(field).text;
        if i + 1 == fields.len() {
            sequence.push_str(&clean);
        } else {
            sequence.push_str(&clean.replace(';', ","));
        }
    }
    // BEL, not ST: screen would take the ST of the inner sequence for the end of its own.
    sequence.push('\x07');
    sequence.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_the_sequence() {
        let sequence = osc(
            777,
            &["notify", "a;b\x07\x1b]52;c;x", "one;two\u{9c}\x1b\\rm\n"],
        );
        let text = String::from_utf8(sequence).unwrap();
        assert!(text.starts_with("\x1b]777;notify;a,b"));
        assert!(text.contains(";one;two"));
        let inside = &text[2..text.len() - 1];
        assert!(text.ends_with('\x07'));
        assert!(!inside.chars().any(char::is_control), "{text:?}");
    }

    #[test]
    fn passthrough() {
        let sequence = b"\x1b]9;hi\x07";
        assert_eq!(Multiplexer::None.passthrough(sequence), sequence);
        assert_eq!(
            Multiplexer::Tmux.passthrough(sequence),
            b"\x1bPtmux;\x1b\x1b]9;hi\x07\x1b\\"
        );
        assert_eq!(
            Multiplexer::Screen.passthrough(sequence),
            b"\x1bP\x1b]9;hi\x07\x1b\\"
        );
        let long = Multiplexer::Screen.passthrough(&[b'a'; 500]);
        assert_eq!(long.windows(2).filter(|w| w == b"\x1bP").count(), 3);
    }
}
