//! How many SMS a text costs.
//!
//! 3GPP TS 23.038: the 7-bit alphabet takes 160 units in one message and 153 in each of several;
//! anything beyond it takes UTF-16 units, 70 in one and 67 in each of several. A pair (an escaped
//! character, a surrogate pair) is not torn apart between two messages.

/// How a text travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The 7-bit alphabet.
    Gsm7,
    /// UTF-16.
    Ucs2,
}

/// What a text costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentCount {
    /// How it travels.
    pub encoding: Encoding,
    /// Septets or UTF-16 units of the text.
    pub units: usize,
    /// Messages it is sent as; an empty text takes one.
    pub segments: usize,
    /// Units that fit before the next message begins.
    pub room: usize,
}

/// Counts the messages of a text.
pub fn count(text: &str) -> SegmentCount {
    let (encoding, single, multi) = if text.chars().all(|c| septets(c).is_some()) {
        (Encoding::Gsm7, 160, 153)
    } else {
        (Encoding::Ucs2, 70, 67)
    };
    let cost = |c: char| match encoding {
        Encoding::Gsm7 => septets(c).unwrap_or(2),
        Encoding::Ucs2 => c.len_utf16(),
    };
    let units: usize = text.chars().map(cost).sum();
    if units <= single {
        return SegmentCount {
            encoding,
            units,
            segments: 1,
            room: single - units,
        };
    }
    let (mut segments, mut used) = (1, 0);
    for c in text.chars() {
        let n = cost(c);
        if used + n > multi {
            segments += 1;
            used = 0;
        }
        used += n;
    }
    SegmentCount {
        encoding,
        units,
        segments,
        room: multi - used,
    }
}

/// The characters that force a text out of the 7-bit alphabet, each once, at most `max`.
pub fn costly(text: &str, max: usize) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|&c| septets(c).is_none()) {
        if found.len() == max {
            break;
        }
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

/// Septets of a character, or none when the alphabet does not have it.
fn septets(c: char) -> Option<usize> {
    match c {
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}' => Some(2),
        '\n' | '\r' => Some(1),
        '`' => None,
        ' '..='~' => Some(1),
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | 'Φ' | 'Γ'
        | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡' | 'Ä'
        | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        use Encoding::{Gsm7, Ucs2};
        for (text, encoding, units, segments) in [
            (String::new(), Gsm7, 0, 1),
            ("a".repeat(160), Gsm7, 160, 1),
            ("a".repeat(161), Gsm7, 161, 2),
            ("a".repeat(306), Gsm7, 306, 2),
            ("a".repeat(307), Gsm7, 307, 3),
            ("€".repeat(80), Gsm7, 160, 1),
            ("€".repeat(81), Gsm7, 162, 2),
            // An escaped character is not torn: 76 pairs in each message.
            ("€".repeat(153), Gsm7, 306, 3),
            ("ñ".repeat(160), Gsm7, 160, 1),
            ("`".to_owned(), Ucs2, 1, 1),
            ("ç".repeat(70), Ucs2, 70, 1),
            ("ç".repeat(71), Ucs2, 71, 2),
            ("नमस्ते".to_owned(), Ucs2, 6, 1),
            ("😀".repeat(35), Ucs2, 70, 1),
            ("😀".repeat(67), Ucs2, 134, 3),
        ] {
            let got = count(&text);
            assert_eq!(
                (got.encoding, got.units, got.segments),
                (encoding, units, segments),
                "{text}"
            );
        }
        assert_eq!(count("abc").room, 157);
    }

    #[test]
    fn says_what_costs() {
        assert_eq!(costly("it’s a “test” ’", 9), ['’', '“', '”']);
        assert!(costly("plain", 9).is_empty());
    }
}
