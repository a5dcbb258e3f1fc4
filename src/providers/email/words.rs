//! A server's words, made fit to be repeated to people.

/// Longest text repeated, in characters.
const LONGEST: usize = 500;

/// The text on one line, without control characters, of at most 500 characters.
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut space = false;
    for letter in text.chars().take(4 * LONGEST) {
        if letter.is_control() || letter.is_whitespace() || invisible(letter) {
            space = !out.is_empty();
        } else {
            if space {
                out.push(' ');
                space = false;
            }
            out.push(letter);
        }
    }
    match out.char_indices().nth(LONGEST) {
        Some((at, _)) => {
            out.truncate(at);
            out.push('…');
            out
        }
        None => out,
    }
}

/// Marks that reorder or hide what stands beside them.
fn invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_gets_through() {
        assert_eq!(
            clean("no\x1b[2J such\r\n  user\u{202e}!"),
            "no [2J such user !"
        );
        assert_eq!(clean(&"x".repeat(9000)).chars().count(), 501);
    }
}
