//! Phone numbers: one form for the mirror (E.164), one for people (national).

use phonenumber::{Mode, PhoneNumber, country};

/// The number in E.164 (`+15550001111`), or `None` where it is none: a short code, a sender's name, letters.
///
/// Spaces, dots, dashes and brackets are taken out. Without `+` the number is read as one of `region` (`US`, `PT`);
/// without a region it must have its country. A number in E.164 that no numbering plan knows is kept, since plans
/// change faster than programs, as long as it has 7 to 15 digits.
pub fn e164(text: &str, region: Option<&str>) -> Option<String> {
    let text = text.trim();
    // `+` alone is no number, and longer things are no number either: the parser is not asked about essays.
    if text.len() > 64 || text.chars().any(char::is_alphabetic) {
        return None;
    }
    let region: Option<country::Id> = region.and_then(|region| region.parse().ok());
    if let Ok(number) = phonenumber::parse(region, text)
        && (text.starts_with('+') || phonenumber::is_valid(&number))
        && !invented(&number, text)
    {
        let whole = number.format().mode(Mode::E164).to_string();
        return plain(&whole).then_some(whole);
    }
    let squeezed: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}'))
        .collect();
    plain(&squeezed).then_some(squeezed)
}

/// The number as people of its own country write it (`(212) 555-0111`); as it is where no plan knows it.
pub fn national(e164: &str) -> String {
    match phonenumber::parse(None, e164) {
        Ok(number) if phonenumber::is_valid(&number) => {
            number.format().mode(Mode::National).to_string()
        }
        _ => e164.to_owned(),
    }
}

/// Whether it is written in E.164: `+`, then 7 to 15 digits, none of them a leading zero.
pub fn plain(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// The parser added or left out digits of a number that was whole already.
fn invented(number: &PhoneNumber, text: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    text.starts_with('+')
        && digits(text).len() == text.len() - 1
        && digits(&number.format().mode(Mode::E164).to_string()) != digits(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_one_form() {
        let table = [
            ("+15550001111", None, Some("+15550001111")),
            ("+1 (212) 555-0111", None, Some("+12125550111")),
            ("(212) 555-0111", Some("US"), Some("+12125550111")),
            ("020 7183 8750", Some("GB"), Some("+442071838750")),
            ("+44 20 7183 8750", Some("US"), Some("+442071838750")),
            ("912 345 678", Some("PT"), Some("+351912345678")),
            ("(212) 555-0111", None, None),
            ("72975", Some("US"), None),
            ("MyBank", None, None),
            ("", None, None),
            ("+", None, None),
            ("+0123456789", None, None),
            ("+1234567890123456", None, None),
            ("anonymous", Some("US"), None),
        ];
        for (text, region, wanted) in table {
            assert_eq!(e164(text, region).as_deref(), wanted, "{text} {region:?}");
        }
    }

    #[test]
    fn people_see_the_form_of_the_country() {
        assert_eq!(national("+12125550111"), "(212) 555-0111");
        assert_eq!(national("72975"), "72975");
        assert_eq!(national("MyBank"), "MyBank");
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_out_stays_as_it_is(text in ".{0,40}") {
            if let Some(number) = e164(&text, Some("US")) {
                proptest::prop_assert!(plain(&number));
                proptest::prop_assert_eq!(e164(&number, None), Some(number.clone()));
            }
        }
    }
}
