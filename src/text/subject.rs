//! Subjects: what two of them have in common, and how an answer's is made.
//!
//! The base subject follows RFC 5256 2.1, with the reply and forward marks of more languages.

use super::sanitize_line;

/// Marks before an answer's subject, lower-cased.
const REPLY: [&str; 16] = [
    "re", "aw", "sv", "vs", "antw", "res", "odp", "ynt", "ref", "rif", "回复", "回覆", "答复",
    "答覆", "返信", "رد",
];
/// Marks before a forwarded subject, lower-cased.
const FORWARD: [&str; 12] = [
    "fw", "fwd", "wg", "tr", "rv", "enc", "vb", "doorst", "转发", "轉寄", "i", "転送",
];
/// Subjects that say nothing about the matter, lower-cased.
const GENERIC: [&str; 34] = [
    "hi",
    "hello",
    "hey",
    "help",
    "question",
    "test",
    "info",
    "information",
    "inquiry",
    "enquiry",
    "request",
    "support",
    "contact",
    "order",
    "invoice",
    "problem",
    "issue",
    "urgent",
    "feedback",
    "no subject",
    "(no subject)",
    "none",
    "(none)",
    "message",
    "hola",
    "consulta",
    "bonjour",
    "demande",
    "hallo",
    "anfrage",
    "frage",
    "olá",
    "お問い合わせ",
    "नमस्ते",
];

/// The subject without marks, blobs in brackets and `(fwd)`; spaces collapsed, case kept.
///
/// Compare two with [`same_subject`].
pub fn base_subject(subject: &str) -> String {
    let flat = flat(subject);
    let mut text = flat.as_str();
    loop {
        let before = text;
        text = strip_trailer(text);
        loop {
            let inner = text;
            text = strip_leader(text).unwrap_or(text);
            if let Some(rest) = strip_blob(text)
                && !rest.is_empty()
            {
                text = rest;
            }
            if text == inner {
                break;
            }
        }
        if let Some(rest) = strip_wrapper(text) {
            text = rest;
        }
        if text == before {
            return text.to_owned();
        }
    }
}

/// Do both name the same matter? Case is ignored, and generic subjects name none.
pub fn same_subject(a: &str, b: &str) -> bool {
    let (a, b) = (base_subject(a), base_subject(b));
    !is_generic(&a) && a.to_lowercase() == b.to_lowercase()
}

/// Too little to tell one matter from another: empty, a greeting, one or two characters.
pub fn is_generic(subject: &str) -> bool {
    let base = base_subject(subject).to_lowercase();
    let base = base.trim_matches(|c: char| c.is_ascii_punctuation() && c != '(' && c != ')');
    base.chars().count() < 3 || GENERIC.contains(&base)
}

/// A base subject as it is compared; empty when it says too little to tell one matter from another.
pub fn matter(base: &str) -> String {
    if is_generic(base) {
        return String::new();
    }
    base.to_lowercase()
}

/// `Re: ` once, whatever marks of answers came before; forward marks and tags in brackets stay.
pub fn reply_subject(subject: &str) -> String {
    marked("Re:", subject, &REPLY)
}

/// `Fwd: ` once.
pub fn forward_subject(subject: &str) -> String {
    marked("Fwd:", subject, &FORWARD)
}

fn marked(mark: &str, subject: &str, known: &[&str]) -> String {
    let flat = flat(subject);
    let mut text = flat.as_str();
    while let Some((found, rest)) = strip_mark(text) {
        if !known.contains(&found.as_str()) {
            break;
        }
        text = rest;
    }
    format!("{mark} {text}").trim_end().to_owned()
}

/// Clean, on one line, with single spaces.
fn flat(subject: &str) -> String {
    let spaced = subject.replace(|c: char| c.is_whitespace() || c.is_control(), " ");
    let clean = sanitize_line(&spaced).text;
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn strip_trailer(text: &str) -> &str {
    let text = text.trim_end();
    match text
        .len()
        .checked_sub(5)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((head, tail)) if tail.eq_ignore_ascii_case("(fwd)") => head.trim_end(),
        _ => text,
    }
}

/// `*blob refwd` at the start.
fn strip_leader(text: &str) -> Option<&str> {
    let mut at = text.trim_start();
    while let Some(rest) = strip_blob(at) {
        at = rest;
    }
    strip_mark(at).map(|(_, rest)| rest)
}

/// `[anything but brackets]` and spaces.
fn strip_blob(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find(['[', ']'])?;
    inner[end..].strip_prefix(']').map(str::trim_start)
}

/// `[fwd: …]` around everything.
fn strip_wrapper(text: &str) -> Option<&str> {
    let (head, rest) = text.split_at_checked(5)?;
    (head.eq_ignore_ascii_case("[fwd:")).then(|| rest.strip_suffix(']').map(str::trim))?
}

/// A mark with its counter and colon: `Re:`, `RE[2]:`, `Aw (3) :`, `Re^2:`, `回复：`.
fn strip_mark(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c: char| !c.is_alphabetic())?;
    let word = text[..end].to_lowercase();
    if !REPLY.contains(&word.as_str()) && !FORWARD.contains(&word.as_str()) {
        return None;
    }
    let mut rest = text[end..].trim_start();
    if let Some(after) = strip_blob(rest) {
        rest = after;
    } else if let Some(counter) = rest.strip_prefix(['(', '^', '*']) {
        let counter = counter.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = counter.strip_prefix(')').unwrap_or(counter).trim_start();
    }
    rest.strip_prefix([':', '：'])
        .map(|rest| (word, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bases() {
        for (input, want) in [
            ("Invoice 4410", "Invoice 4410"),
            ("Re: Invoice 4410", "Invoice 4410"),
            ("RE[2]: Invoice 4410", "Invoice 4410"),
            ("Re^3: Re(2): Invoice", "Invoice"),
            ("AW: WG: Rechnung", "Rechnung"),
            ("SV: VS: faktura", "faktura"),
            ("RV: TR: Antw: x y", "x y"),
            ("回复：订单", "订单"),
            ("Fwd: Re: [list] Re: topic (fwd)", "topic"),
            ("[Fwd: topic]", "topic"),
            ("[only]", "[only]"),
            ("[a] [b]", "[b]"),
            ("Re: [JIRA-12] broken", "broken"),
            ("Re:\t many   spaces ", "many spaces"),
            ("Re: Re: Re:", ""),
            ("Reply: no mark", "Reply: no mark"),
            ("re build the house", "re build the house"),
            ("a\r\nBcc: b", "a Bcc: b"),
            ("", ""),
        ] {
            assert_eq!(base_subject(input), want, "{input:?}");
        }
    }

    #[test]
    fn replies() {
        for (input, want) in [
            ("Invoice", "Re: Invoice"),
            ("Re: Invoice", "Re: Invoice"),
            ("AW: Re: RE[4]: Invoice", "Re: Invoice"),
            ("Fwd: Invoice", "Re: Fwd: Invoice"),
            ("Re: [JIRA-12] broken", "Re: [JIRA-12] broken"),
            ("", "Re:"),
            (
                "hello\r\nBcc: evil@x.example",
                "Re: hello Bcc: evil@x.example",
            ),
        ] {
            assert_eq!(reply_subject(input), want, "{input:?}");
        }
        assert_eq!(forward_subject("WG: Fwd: x"), "Fwd: x");
        assert_eq!(forward_subject("Re: x"), "Fwd: Re: x");
    }

    #[test]
    fn generic_ones_match_nothing() {
        for s in ["", "Re:", "Hello!", "RE: (no subject)", "?", "ok", "Hola"] {
            assert!(is_generic(s), "{s:?}");
        }
        assert!(!is_generic("Invoice 4410 charged twice"));
        assert!(same_subject("Re: Invoice 4410", "AW: INVOICE 4410"));
        assert!(!same_subject("Hello", "Re: hello"));
    }

    proptest! {
        #[test]
        fn stable(s in "(Re: |\\[x\\]|Fwd:|AW\\[3\\]: |[a-z]{1,4}| |\\(fwd\\)|é|：|回复){0,8}") {
            let base = base_subject(&s);
            prop_assert_eq!(base_subject(&base), base.clone());
            let reply = reply_subject(&s);
            prop_assert_eq!(reply_subject(&reply), reply.clone());
            prop_assert!(!reply.contains(char::is_control));
        }
    }
}
