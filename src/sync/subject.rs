//! The base subject of a mail (RFC 5256, section 2.1, with the prefixes that real mail adds).

use std::borrow::Cow;

/// Prefixes of answers and forwards, lower-cased: English, German, Scandinavian, Dutch, Romance, Slavic, Finnish,
/// Turkish, Chinese.
const LEADERS: [&str; 24] = [
    "re", "fw", "fwd", "aw", "wg", "sv", "vs", "antw", "rv", "res", "enc", "rif", "i", "r", "tr",
    "odp", "pd", "vl", "ynt", "ilt", "回复", "回覆", "转发", "轉寄",
];

/// Subjects that say nothing about the matter; lower-cased.
const GENERIC: [&str; 40] = [
    "",
    "(no subject)",
    "no subject",
    "hello",
    "hi",
    "hey",
    "help",
    "help me",
    "question",
    "quick question",
    "urgent",
    "important",
    "test",
    "support",
    "request",
    "info",
    "information",
    "inquiry",
    "enquiry",
    "contact",
    "message",
    "new message",
    "problem",
    "issue",
    "complaint",
    "feedback",
    "invoice",
    "order",
    "thanks",
    "thank you",
    "hola",
    "ayuda",
    "consulta",
    "pregunta",
    "bonjour",
    "hallo",
    "anfrage",
    "नमस्ते",
    "مرحبا",
    "お問い合わせ",
];

/// The subject without answer and forward marks, list tags and trailers; white space folded.
///
/// `Re: [list] AW: Fwd: Hello (fwd)` becomes `Hello`. Applied to its own result it changes nothing.
pub fn base(subject: &str) -> String {
    let folded: Vec<&str> = subject.split_whitespace().collect();
    let folded = folded.join(" ");
    let mut text: &str = &folded;
    loop {
        let before = text;
        text = trim_trailers(text);
        text = trim_leader(text);
        text = trim_blob(text);
        if let Some(inner) = unwrap_forward(text) {
            text = inner;
        }
        if text == before {
            return text.to_owned();
        }
    }
}

/// Too common to join two mails by: greetings, "help", a bare number, fewer than four letters.
pub fn is_generic(base: &str) -> bool {
    let lower: Cow<'_, str> = base.to_lowercase().into();
    let bare = lower
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_owned();
    GENERIC.contains(&bare.as_str())
        || GENERIC.contains(&lower.as_ref())
        || bare.chars().filter(|c| c.is_alphabetic()).count() < letters_needed(&bare)
}

/// Scripts that write a word in one or two signs need fewer.
fn letters_needed(text: &str) -> usize {
    if text.chars().any(|c| c >= '\u{2e80}') {
        2
    } else {
        4
    }
}

fn trim_trailers(mut text: &str) -> &str {
    loop {
        text = text.trim_end();
        let cut = text.len().saturating_sub("(fwd)".len());
        match text.get(cut..) {
            Some(end) if end.eq_ignore_ascii_case("(fwd)") => text = &text[..cut],
            _ => return text,
        }
    }
}

/// `[tag] Re[2]: rest` or `Re: rest` gives `rest`.
fn trim_leader(text: &str) -> &str {
    let text = text.trim_start();
    let mut rest = text;
    while let Some(after) = after_blob(rest) {
        rest = after.trim_start();
    }
    let Some(colon) = rest.find([':', '：']) else {
        return text;
    };
    let word = rest[..colon].trim_end();
    let word = match word.find(['[', '(']) {
        Some(open) if word.ends_with([']', ')']) => word[..open].trim_end(),
        _ => word,
    };
    if LEADERS.contains(&word.to_lowercase().as_str()) {
        let mut after = rest[colon..].chars();
        after.next();
        after.as_str().trim_start()
    } else {
        text
    }
}

/// Takes off a leading `[tag]` if something remains.
fn trim_blob(text: &str) -> &str {
    match after_blob(text) {
        Some(rest) if !rest.trim_start().is_empty() => rest.trim_start(),
        _ => text,
    }
}

fn after_blob(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find([']', '['])?;
    inner[end..].strip_prefix(']')
}

/// `[fwd: rest]` gives `rest`.
fn unwrap_forward(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let (word, rest) = inner.split_once(':')?;
    ["fwd", "fw"]
        .contains(&word.to_lowercase().as_str())
        .then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_come_off() {
        for (subject, want) in [
            ("Hello", "Hello"),
            ("Re: Hello", "Hello"),
            ("RE: re:  Hello\t world", "Hello world"),
            ("AW: Hello", "Hello"),
            ("SV: Antw: Hello", "Hello"),
            ("RE[2]: Hello", "Hello"),
            ("Re (3): Hello", "Hello"),
            ("[list] Re: Hello", "Hello"),
            ("Re: [list] Hello (fwd)", "Hello"),
            ("[fwd: Re: Hello]", "Hello"),
            ("回复：你好世界", "你好世界"),
            ("[alert]", "[alert]"),
            ("Invoice 4410: charged twice", "Invoice 4410: charged twice"),
            ("Re:", ""),
            ("", ""),
            ("[a][b] Re: [c] x", "x"),
        ] {
            assert_eq!(base(subject), want, "{subject}");
        }
    }

    #[test]
    fn common_subjects_join_nothing() {
        for subject in [
            "",
            "Hello",
            "HELP!!",
            "(no subject)",
            "hola",
            "12345",
            "#4410",
            "a b",
            "مرحبا",
            "ac?",
        ] {
            assert!(is_generic(subject), "{subject}");
        }
        for subject in [
            "Invoice 4410 charged twice",
            "AC not cooling",
            "エアコン修理",
            "空调",
        ] {
            assert!(!is_generic(subject), "{subject}");
        }
    }

    proptest! {
        #[test]
        fn base_is_a_fixed_point_and_never_longer(subject in "\\PC{0,80}") {
            let once = base(&subject);
            prop_assert_eq!(base(&once), once.clone());
            prop_assert!(once.len() <= subject.len());
        }

        #[test]
        fn marks_upon_marks(marks in proptest::collection::vec(prop_oneof!["Re: ", "Fwd: ", "\\[list\\] ", "AW: ", "RE\\[2\\]: "], 0..20)) {
            prop_assert_eq!(base(&format!("{}Boiler makes noise", marks.concat())), "Boiler makes noise");
        }
    }
}
