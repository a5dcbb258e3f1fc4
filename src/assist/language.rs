//! Which language a text is in, as gates and scoring compare it.

use crate::text::lang::guess;

/// A language that is none of those we can tell apart, but surely none in Latin script either.
pub const OTHER: &str = "und";

/// ISO 639-1 of the language of a text; [`OTHER`] for scripts that we do not tell apart; none when the text is too
/// short to say.
pub fn detect(text: &str) -> Option<&'static str> {
    guess(text).map(crate::text::lang::Lang::code).or_else(|| {
        let (mut latin, mut foreign) = (0, 0);
        for c in text.chars().filter(|c| c.is_alphabetic()).take(4_000) {
            if u32::from(c) < 0x250 {
                latin += 1;
            } else {
                foreign += 1;
            }
        }
        (foreign > latin).then_some(OTHER)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        for (text, want) in [
            ("My AC is not cooling, need urgent repair", Some("en")),
            ("¿Cuándo llega el técnico? Mi aire no funciona", Some("es")),
            ("मेरा AC ठंडा नहीं कर रहा है", Some("hi")),
            ("متى يصل الفني؟", Some("ar")),
            ("予約を変更したいです", Some("ja")),
            ("Кондиционер не работает", Some(OTHER)),
            ("12345 !!!", None),
            ("Zqwx", None),
            ("", None),
        ] {
            assert_eq!(detect(text), want, "{text}");
        }
    }
}
