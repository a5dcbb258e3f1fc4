//! The message as it goes over the wire: every line ends in CR LF and nothing inside can end the message.

/// Doubles the dot at the beginning of a line (RFC 5321 section 4.5.2), and makes every lone CR or LF a whole line end:
/// servers that disagree on what ends a line are how one message is made two.
pub fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 2);
    let mut line_start = true;
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' && bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                out.extend_from_slice(b"\r\n");
                line_start = true;
            }
            _ => {
                if line_start && byte == b'.' {
                    out.push(b'.');
                }
                out.push(byte);
                line_start = false;
            }
        }
    }
    if !line_start {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_ends_the_message() {
        for (message, wire) in [
            ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n"),
            ("line\n.\nMAIL FROM:<x>", "line\r\n..\r\nMAIL FROM:<x>\r\n"),
            (".\r\n.\r\n..", "..\r\n..\r\n...\r\n"),
            ("a\r.\rb\r\n", "a\r\n..\r\nb\r\n"),
            ("a\n\r\n.x", "a\r\n\r\n..x\r\n"),
            ("", ""),
        ] {
            assert_eq!(stuffed(message.as_bytes()), wire.as_bytes(), "{message:?}");
        }
    }
}
