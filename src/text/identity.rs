//! The one form in which an address is kept and compared, and what is suspicious about it.
//!
//! Two addresses are one identity only when these forms are equal. What merely looks alike has another form: letters of
//! another script, hidden characters, digits of another script, another case before the `@`.

use super::charclass::{Class, class};
use super::phone;
use super::sanitize_line;

/// Bytes of an address; the rest is cut.
const MAX: usize = 998;
/// Stands where a character was that cannot be shown.
const HIDDEN: char = '\u{fffd}';

/// Mail services that anybody can have an address at: having one says nothing about a company.
const PUBLIC: [&str; 24] = [
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
];

/// Without line ends and controls; a hidden character leaves a mark, so that its address is not that of another.
pub fn clean(raw: &str) -> String {
    let cut = &raw[..raw.floor_char_boundary(MAX)];
    let cut = cut.trim_matches(|c: char| matches!(c, ' ' | '\t' | '\r' | '\n'));
    let marked: String = cut
        .chars()
        .map(|c| match class(c) {
            Class::Keep | Class::Mark => c,
            _ if c.is_ascii_graphic() || c == ' ' => c,
            _ => HIDDEN,
        })
        .collect();
    sanitize_line(&marked).text
}

/// A mail address: the domain in small letters, in ASCII (`xn--…`) and without the dot of the root; what is before the
/// `@` as it is. A route before the address (`@a,@b:`) and brackets are left out. The domain is what follows the last
/// `@`.
pub fn mail(raw: &str) -> String {
    settled(raw, peeled)
}

/// The form of a form is the form: what was around one may have been around another, and a mark may have stood on what
/// is left out.
fn settled(raw: &str, form: impl Fn(&str) -> String) -> String {
    let mut settled = clean(raw);
    // Each round leaves something out, nearly always nothing in the first.
    for _ in 0..MAX {
        let next = clean(&form(&settled));
        if next == settled {
            break;
        }
        settled = next;
    }
    settled
}

fn peeled(text: &str) -> String {
    let mut text = text.trim_matches(|c| matches!(c, '<' | '>' | ' '));
    while text.starts_with('@')
        && let Some((_, behind)) = text.split_once(':')
    {
        text = behind;
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return text.to_lowercase();
    };
    let domain = domain.trim_end_matches('.');
    let domain = if domain.is_ascii() {
        domain.to_ascii_lowercase()
    } else {
        // What is no name of a host is kept to be seen.
        idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase())
    };
    format!("{local}@{domain}")
}

/// A number: E.164 where the provider wrote it with `+` and digits of ASCII; everything else (short codes, names of
/// senders, numbers without their country, extensions) is a class of its own, as it was written without blanks.
pub fn phone(raw: &str) -> String {
    settled(raw, |clean| {
        let squeezed: String = clean
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.'))
            .collect();
        if squeezed.is_empty() {
            clean.to_owned()
        } else {
            squeezed
        }
    })
}

/// By what a normal form is looked up among others: the number if it is one; the mailbox in small letters and without
/// what follows a plus. None where nothing is alike but the same.
pub fn likeness(normal: &str) -> Option<String> {
    if phone::plain(normal) {
        return Some(normal.to_owned());
    }
    let (local, domain) = normal.rsplit_once('@')?;
    let mailbox = local.split('+').next().unwrap_or(local);
    let sound = !mailbox.is_empty() && !domain.is_empty() && !normal.contains([HIDDEN, '"', ' ']);
    sound.then(|| format!("{}@{domain}", mailbox.to_lowercase()))
}

/// Name and company of a mail address, by which colleagues' second addresses are found. None for one name alone, and at
/// services where anybody can have an address.
pub fn kin(normal: &str, name: &str) -> Option<String> {
    let (_, domain) = normal.rsplit_once('@')?;
    let name: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    let known = name.len() > 1 && !PUBLIC.contains(&domain) && domain.contains('.');
    known.then(|| format!("{}@{domain}", name.join(" ")))
}

/// What is suspicious about the domain of a mail address, in a few words: letters of another script that may pretend to
/// be another domain. None for domains of plain letters.
pub fn warning(normal: &str) -> Option<String> {
    let (_, domain) = normal.rsplit_once('@')?;
    let foreign = |label: &str| label.starts_with("xn--") || !label.is_ascii();
    if !domain.split('.').any(foreign) {
        return None;
    }
    let (letters, _) = idna::domain_to_unicode(domain);
    let letters = sanitize_line(&letters).text;
    let mixed = letters.split('.').find_map(mixed);
    let like = skeleton(&letters).filter(|plain| *plain != letters);
    Some(match (mixed, like) {
        (_, Some(like)) => format!("written {letters}, which only looks like {like}"),
        (Some((a, b)), None) => format!("written {letters}, of {a} and {b} letters"),
        (None, None) => format!("written {letters}, of letters that are not Latin or have marks"),
    })
}

/// Two scripts of one label that do not belong together.
fn mixed(label: &str) -> Option<(&'static str, &'static str)> {
    let mut scripts = label.chars().filter_map(script);
    let first = scripts.next()?;
    scripts
        .find(|other| *other != first)
        .map(|other| (first, other))
}

fn script(c: char) -> Option<&'static str> {
    Some(match u32::from(c) {
        0x41..=0x5a | 0x61..=0x7a | 0xc0..=0x24f | 0x1e00..=0x1eff => "Latin",
        0x370..=0x3ff | 0x1f00..=0x1fff => "Greek",
        0x400..=0x52f => "Cyrillic",
        0x530..=0x58f => "Armenian",
        0x590..=0x5ff => "Hebrew",
        0x600..=0x6ff => "Arabic",
        0x900..=0xdff => "Indic",
        0x13a0..=0x13ff => "Cherokee",
        0x2e80..=0xd7ff | 0xf900..=0xfaff | 0x20000..=0x3ffff => "East Asian",
        _ => return None,
    })
}

/// With every letter that looks like one of a to z as that letter; none if others remain.
fn skeleton(text: &str) -> Option<String> {
    text.chars()
        .map(|c| match c {
            '!'..='~' => Some(c),
            'а' | 'α' | 'ɑ' => Some('a'),
            'Ь' | 'ь' => Some('b'),
            'с' | 'ϲ' => Some('c'),
            'ԁ' => Some('d'),
            'е' | 'ҽ' => Some('e'),
            'ɡ' => Some('g'),
            'һ' => Some('h'),
            'і' | 'ι' | 'ı' => Some('i'),
            'ј' => Some('j'),
            'к' | 'κ' => Some('k'),
            'ӏ' => Some('l'),
            'м' => Some('m'),
            'п' | 'ո' => Some('n'),
            'о' | 'ο' | 'օ' => Some('o'),
            'р' | 'ρ' => Some('p'),
            'ԛ' => Some('q'),
            'г' => Some('r'),
            'ѕ' => Some('s'),
            'т' | 'τ' => Some('t'),
            'υ' | 'ս' => Some('u'),
            'ν' | 'ѵ' => Some('v'),
            'ԝ' | 'ω' => Some('w'),
            'х' | 'χ' => Some('x'),
            'у' | 'γ' => Some('y'),
            _ => None,
        })
        .collect()
}

/// Numbers in E.164 and mailboxes that a text names in its last lines, as likenesses; at most `most`.
///
/// A number counts only when it begins with `+`. What a person writes is a claim, so little is taken.
pub fn mentioned(text: &str, most: usize) -> Vec<String> {
    let tail = text.lines().rev().take(12);
    let mut out: Vec<String> = Vec::new();
    for line in tail.filter(|line| line.len() <= 400 && line.contains(['+', '@'])) {
        let mut found: Vec<String> = Vec::new();
        for (at, _) in line.match_indices('+') {
            let digits: String = line[at + 1..]
                .chars()
                .take_while(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '.'))
                .collect();
            found.extend(Some(phone(&format!("+{digits}"))).filter(|number| phone::plain(number)));
        }
        for word in line.split(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':')
        }) {
            let word = word.trim_end_matches(['.', '!', '?']);
            if super::EmailAddress::new(word).is_ok() {
                found.extend(likeness(&mail(word)));
            }
        }
        for one in found {
            if out.len() < most && !out.contains(&one) {
                out.push(one);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_has_one_form() {
        for (raw, form) in [
            (" Ana@Example.ORG ", "Ana@example.org"),
            ("vic@bank.example.", "vic@bank.example"),
            ("vic@b\u{430}nk.example", "vic@xn--bnk-6cd.example"),
            ("vic@xn--bnk-6cd.example", "vic@xn--bnk-6cd.example"),
            (
                "\"vic@bank.example\"@Evil.example",
                "\"vic@bank.example\"@evil.example",
            ),
            (
                "<@bank.example:mallory@evil.example>",
                "mallory@evil.example",
            ),
            ("vic\u{200b}@bank.example", "vic\u{fffd}@bank.example"),
            ("v\u{131}c@bank.example", "v\u{131}c@bank.example"),
            ("Nobody", "nobody"),
        ] {
            assert_eq!(mail(raw), form);
            assert_eq!(mail(form), form, "twice");
        }
    }

    #[test]
    fn numbers_are_e164_or_a_class_of_their_own() {
        for (raw, form, number) in [
            ("+1 (555) 000-9999", "+15550009999", true),
            ("0015550009999", "0015550009999", false),
            ("15550009999", "15550009999", false),
            (
                "+1\u{ff15}\u{ff15}\u{ff15}0009999",
                "+1\u{ff15}\u{ff15}\u{ff15}0009999",
                false,
            ),
            ("+15550009999;ext=5", "+15550009999;ext=5", false),
            ("+1555000\u{200b}9999", "+1555000\u{fffd}9999", false),
            ("+15550009999#", "+15550009999#", false),
            ("BANK", "BANK", false),
            ("32665", "32665", false),
            ("+0", "+0", false),
            ("+999999999999999999", "+999999999999999999", false),
        ] {
            assert_eq!(phone(raw), form);
            assert_eq!(likeness(form).is_some(), number, "{form}");
        }
    }

    #[test]
    fn mailboxes_are_alike_in_other_case_and_with_a_plus() {
        assert_eq!(
            likeness("VIC@bank.example").as_deref(),
            Some("vic@bank.example")
        );
        assert_eq!(
            likeness("vic+x@bank.example").as_deref(),
            Some("vic@bank.example")
        );
        for none in [
            "\"vic@bank.example\"@evil.example",
            "+x@bank.example",
            "vic\u{fffd}@bank.example",
            "User_1",
        ] {
            assert_eq!(likeness(none), None, "{none}");
        }
        assert_eq!(
            kin("v@bank.example", "Vic  Moss").as_deref(),
            Some("vic moss@bank.example")
        );
        assert_eq!(kin("v@gmail.com", "Vic Moss"), None);
        assert_eq!(kin("v@bank.example", "Vic"), None);
    }

    #[test]
    fn lookalike_domains_are_told() {
        let says = |address: &str| warning(&mail(address)).unwrap_or_default();
        assert_eq!(
            says("vic@b\u{430}nk.example"),
            "written b\u{430}nk.example, which only looks like bank.example"
        );
        assert!(says("vic@xn--bnk-6cd.example").contains("looks like bank.example"));
        assert!(says("a@b\u{fc}cher.example").contains("b\u{fc}cher.example"));
        assert!(says("a@bank\u{43b}.example").contains("Latin and Cyrillic"));
        assert_eq!(warning("vic@bank.example"), None);
        assert_eq!(warning("+15550009999"), None);
    }

    #[test]
    fn texts_name_numbers_and_mailboxes() {
        let text = "Hello\n--\nVic Moss <vic@bank.example>\nTel. +1 555 000-9999, 2+2=4, +12";
        assert_eq!(mentioned(text, 4), ["+15550009999", "vic@bank.example"]);
        assert_eq!(mentioned(text, 1), ["+15550009999"]);
    }

    #[test]
    fn a_mark_that_stood_on_what_is_left_out_gets_a_base() {
        assert_eq!(phone("-\u{11100}"), "\u{25cc}\u{11100}");
        assert_eq!(mail("<\u{301}a@b.example>"), "\u{25cc}\u{301}a@b.example");
        for (around, inside) in [("<", "\0"), ("-", "\u{301}"), ("", "\u{202e}a\u{301}")] {
            let long = around.to_owned() + &inside.repeat(600);
            assert_eq!(mail(&mail(&long)), mail(&long));
            assert_eq!(phone(&phone(&long)), phone(&long));
        }
    }

    proptest::proptest! {
        #[test]
        fn the_form_of_a_form_is_the_form(text in ".{0,40}") {
            proptest::prop_assert_eq!(mail(&mail(&text)), mail(&text));
            proptest::prop_assert_eq!(phone(&phone(&text)), phone(&text));
            let _ = warning(&mail(&text));
            let _ = mentioned(&text, 3);
        }
    }
}
