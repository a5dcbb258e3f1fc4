//! What one character may do on a screen: the table behind the sanitiser.

use unicode_width::UnicodeWidthChar;

/// How the sanitiser treats a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// An ordinary visible character or space.
    Keep,
    /// Zero columns wide, drawn onto the character before it.
    Mark,
    /// ZWJ or ZWNJ: part of emoji families, Hindi and Persian; a hiding place elsewhere.
    Joiner,
    /// The text or emoji presentation selector (VS15, VS16).
    Selector,
    /// Invisible or reordering: removed and counted.
    Drop,
    /// Without an agreed meaning: shown as U+FFFD and counted.
    Replace,
    /// C0 or DEL: shown as its control picture and counted.
    Control,
    /// U+2028 or U+2029: a line end.
    Separator,
    /// Looks like a space but is none: becomes a space and is counted.
    Blank,
}

/// The class of any character; ASCII is answered without a table.
pub(crate) fn class(c: char) -> Class {
    let u = c as u32;
    match u {
        0x00..=0x1f | 0x7f => Class::Control,
        0x20..=0x7e => Class::Keep,
        0x80..=0x9f => Class::Replace,
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul and Khmer fillers,
        // Mongolian selectors, zero-width space, direction marks and overrides, invisible
        // operators, text and supplementary selectors, byte order mark, annotations, shorthand,
        // musical and hieroglyph format controls, tags.
        0x00ad
        | 0x034f
        | 0x061c
        | 0x115f..=0x1160
        | 0x17b4..=0x17b5
        | 0x180b..=0x180f
        | 0x200b
        | 0x200e..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x206f
        | 0x3164
        | 0xfe00..=0xfe0d
        | 0xfeff
        | 0xffa0
        | 0xfff0..=0xfffb
        | 0x1_3430..=0x1_343f
        | 0x1_bca0..=0x1_bca3
        | 0x1_d173..=0x1_d17a
        | 0xe_0000..=0xe_0fff => Class::Drop,
        0x200c | 0x200d => Class::Joiner,
        0xfe0e | 0xfe0f => Class::Selector,
        0x2028 | 0x2029 => Class::Separator,
        0x2800 => Class::Blank,
        // Private use, object replacement, noncharacters.
        0xe000..=0xf8ff | 0xfffc | 0xfdd0..=0xfdef => Class::Replace,
        0xf_0000.. => Class::Replace,
        _ if u & 0xfffe == 0xfffe => Class::Replace,
        _ if is_lone(c) => Class::Keep,
        _ if c.width() == Some(0) => Class::Mark,
        _ => Class::Keep,
    }
}

/// True for characters that always begin a grapheme of their own after another of their kind
/// and take no part in clusters except as the base of marks: the cheap majority of real text.
pub(crate) fn is_lone(c: char) -> bool {
    matches!(c as u32,
        0x20..=0x7e
        | 0xa1..=0xa8 | 0xaa..=0xac | 0xaf..=0x2ff
        | 0x370..=0x482 | 0x48a..=0x52f
        | 0x5d0..=0x5ea
        | 0x620..=0x64a
        | 0x3041..=0x3096 | 0x30a1..=0x30fa
        | 0x4e00..=0x9fff)
}

/// Columns of a [`is_lone`] character.
pub(crate) fn lone_width(c: char) -> usize {
    if (c as u32) >= 0x3041 { 2 } else { 1 }
}

/// May a joiner follow this base? Latin, Greek and Cyrillic never need one, so there it can only hide.
pub(crate) fn takes_joiner(base: char) -> bool {
    let u = base as u32;
    u >= 0x590 && !(0x1e00..0x2000).contains(&u)
}

/// May a presentation selector follow this base? Keycap bases and anything beyond ASCII.
pub(crate) fn takes_selector(base: char) -> bool {
    !base.is_ascii() || base.is_ascii_digit() || base == '#' || base == '*'
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_segmentation::UnicodeSegmentation;

    #[test]
    fn lone_characters_are_what_the_segmenter_and_the_width_table_say() {
        for c in (0x20u32..0x1_0000)
            .filter_map(char::from_u32)
            .filter(|&c| is_lone(c))
        {
            assert_eq!(c.width(), Some(lone_width(c)), "{c:?}");
            assert_eq!(class(c), Class::Keep, "{c:?}");
            let pair: String = ['a', c, c, '漢'].iter().collect();
            assert_eq!(
                pair.graphemes(true).count(),
                4,
                "{c:?} joins its neighbours"
            );
        }
    }

    #[test]
    fn every_invisible_character_has_a_rule() {
        for c in (0u32..0x11_0000).filter_map(char::from_u32) {
            if c.is_control() {
                assert!(matches!(class(c), Class::Control | Class::Replace), "{c:?}");
            }
        }
        for (c, want) in [
            ('\u{202e}', Class::Drop),
            ('\u{e0041}', Class::Drop),
            ('\u{200d}', Class::Joiner),
            ('\u{fe0f}', Class::Selector),
            ('\u{301}', Class::Mark),
            ('\u{e0b0}', Class::Replace),
            ('\u{1fffe}', Class::Replace),
            ('\u{2800}', Class::Blank),
            ('é', Class::Keep),
            ('م', Class::Keep),
        ] {
            assert_eq!(class(c), want, "{c:?}");
        }
    }
}
