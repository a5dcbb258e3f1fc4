//! Notifications by the terminal itself: three sequences for three families of terminals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::Shown;
use crate::text::osc::{Multiplexer, osc};

/// A terminal's way to be told of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sequence {
    /// One line: iTerm2, WezTerm, Ghostty.
    Osc9,
    /// Title and text: rxvt-unicode, foot, WezTerm, Ghostty.
    Osc777,
    /// Title and text: kitty, foot.
    Osc99,
}

impl Sequence {
    /// The bytes that show `shown`, wrapped for what stands between.
    pub(super) fn bytes(self, shown: &Shown, multiplexer: Multiplexer) -> Vec<u8> {
        let Shown { title, body, .. } = shown;
        let bytes = match self {
            // The name first: a text that begins with a number is a command to some terminals.
            Self::Osc9 if body.is_empty() => osc(9, &[&format!("frontdesk: {title}")]),
            Self::Osc9 => osc(9, &[&format!("frontdesk: {title}: {body}")]),
            Self::Osc777 => osc(777, &["notify", title, body]),
            Self::Osc99 => {
                // `e=1`: the payload is base64. `d=0`: more of the same notification follows.
                let title = osc(
                    99,
                    &["i=frontdesk:e=1:d=0:p=title", &STANDARD.encode(title)],
                );
                let body = osc(99, &["i=frontdesk:e=1:d=1:p=body", &STANDARD.encode(body)]);
                return [
                    multiplexer.passthrough(&title),
                    multiplexer.passthrough(&body),
                ]
                .concat();
            }
        };
        multiplexer.passthrough(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::NewsKind;

    #[test]
    fn bytes_of_each() {
        let shown = Shown {
            kind: NewsKind::Mine,
            title: "4;a".to_owned(),
            body: "b;\x07\x1b]52;c;x".to_owned(),
        };
        let text = |sequence: Sequence, multiplexer| {
            String::from_utf8(sequence.bytes(&shown, multiplexer)).unwrap()
        };
        let nine = text(Sequence::Osc9, Multiplexer::None);
        assert!(nine.starts_with("\x1b]9;frontdesk: 4;a: b;"));
        assert_eq!(nine.matches('\x1b').count(), 1);
        assert_eq!(nine.matches('\x07').count(), 1);
        let seven = text(Sequence::Osc777, Multiplexer::None);
        assert!(seven.starts_with("\x1b]777;notify;4,a;b;"));
        let kitty = text(Sequence::Osc99, Multiplexer::None);
        assert!(kitty.starts_with("\x1b]99;i=frontdesk:e=1:d=0:p=title;NDth\x07\x1b]99;i="));
        assert!(text(Sequence::Osc9, Multiplexer::Tmux).starts_with("\x1bPtmux;\x1b\x1b]9;"));
    }
}
