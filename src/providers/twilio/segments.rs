//! In how many pieces an SMS leaves, which is what is paid for.

/// The basic GSM-7 alphabet beyond letters and digits of ASCII.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// What takes two places there.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Whether every character is in GSM-7; else the text leaves as UCS-2.
pub fn is_gsm(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || BASIC.contains(c) || EXTENDED.contains(c))
}

/// The pieces of a text: 160 places of GSM-7, 153 where there are several; 70 units of UCS-2, 67 where there are several.
/// Nothing that takes two places is cut.
pub fn segments(text: &str) -> usize {
    let gsm = is_gsm(text);
    let width = |c: char| match (gsm, EXTENDED.contains(c)) {
        (true, false) => 1,
        (true, true) => 2,
        (false, _) => c.len_utf16(),
    };
    let (one, part) = if gsm { (160, 153) } else { (70, 67) };
    if text.chars().map(width).sum::<usize>() <= one {
        return 1;
    }
    let (mut pieces, mut used) = (1, 0);
    for c in text.chars() {
        if used + width(c) > part {
            pieces += 1;
            used = 0;
        }
        used += width(c);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_counted_as_they_are_paid_for() {
        let table = [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // 152 places and one that takes two: it is not cut.
            (format!("{}€{}", "a".repeat(152), "a".repeat(152)), 3),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("ж".repeat(135), 3),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
            // 67 units hold 33 pairs.
            ("😀".repeat(67), 3),
            ("ção".to_owned(), 1),
        ];
        for (text, wanted) in table {
            assert_eq!(segments(&text), wanted, "{text}");
        }
        assert!(is_gsm("Olá".replace('á', "à").as_str()) && !is_gsm("ç"));
    }
}
