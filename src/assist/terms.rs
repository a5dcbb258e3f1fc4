//! Words, as search and scoring compare them, and sentences, as drafts are made of.

use crate::text::fold::fold;
use std::collections::BTreeSet;

/// Words that say nothing about the matter, folded as [`terms`] folds.
const STOP: &[&str] = &[
    // English
    "sorry",
    "bother",
    "good",
    "morning",
    "afternoon",
    "evening",
    "a",
    "an",
    "the",
    "and",
    "or",
    "but",
    "if",
    "of",
    "to",
    "in",
    "on",
    "at",
    "by",
    "for",
    "from",
    "with",
    "about",
    "is",
    "am",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "do",
    "does",
    "did",
    "have",
    "has",
    "had",
    "will",
    "would",
    "can",
    "could",
    "should",
    "may",
    "might",
    "must",
    "i",
    "me",
    "my",
    "we",
    "us",
    "our",
    "you",
    "your",
    "he",
    "she",
    "it",
    "its",
    "they",
    "them",
    "this",
    "that",
    "these",
    "those",
    "there",
    "here",
    "what",
    "which",
    "who",
    "whom",
    "how",
    "why",
    "so",
    "not",
    "no",
    "yes",
    "just",
    "very",
    "please",
    "hi",
    "hello",
    "hey",
    "dear",
    "regards",
    "still",
    "also",
    "any",
    "some",
    "all",
    "as",
    "than",
    "then",
    "too",
    "ok",
    "okay",
    "get",
    "got",
    "want",
    "need",
    "know",
    "tell",
    "thank",
    "thanks",
    "sir",
    "madam",
    "im",
    "ive",
    "dont",
    "cant",
    "pls",
    // Spanish
    "el",
    "la",
    "los",
    "las",
    "un",
    "una",
    "unos",
    "de",
    "del",
    "al",
    "y",
    "o",
    "que",
    "en",
    "con",
    "por",
    "para",
    "mi",
    "su",
    "tu",
    "se",
    "es",
    "esta",
    "son",
    "hola",
    "gracias",
    "favor",
    "le",
    "lo",
    "me",
    "muy",
    "mas",
    "como",
    "puedo",
    "puede",
    "quiero",
    "necesito",
    "usted",
    // Hindi
    "है",
    "हैं",
    "का",
    "की",
    "के",
    "को",
    "में",
    "से",
    "पर",
    "और",
    "या",
    "मेरा",
    "मेरी",
    "मुझे",
    "हम",
    "आप",
    "क्या",
    "कृपया",
    "नमस्ते",
    "हो",
    "रहा",
    "रही",
    "कर",
    "यह",
    // Arabic, as folded
    "من",
    "في",
    "علي",
    "الي",
    "عن",
    "هل",
    "ما",
    "انا",
    "هو",
    "هي",
    "مرحبا",
    "شكرا",
    "يا",
    "او",
];

/// Most terms that are read from one text.
const MOST: usize = 400;

/// The terms of a text: its [`words`] with common endings taken off. In order, with repetition; at most 400.
pub fn terms(text: &str) -> Vec<String> {
    words(text)
        .iter()
        .map(|word| stem(word))
        .filter(|stem| {
            stem.chars().count() > 1 || stem.chars().all(|c| c.is_ascii_digit() || is_cjk(c))
        })
        .collect()
}

/// The telling words of a text: folded, lower-cased, without stop words. Chinese and Japanese give pairs of characters.
/// In order, with repetition; at most 400.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text).to_lowercase();
    let mut out = Vec::new();
    let mut word = String::new();
    for c in folded.chars().chain([' ']) {
        if out.len() >= MOST {
            break;
        }
        match plain(c) {
            Some(c) => word.push(c),
            None if c == '\'' || c == '’' => {}
            None => take(&mut word, &mut out),
        }
    }
    out
}

/// The different terms of a text.
pub fn term_set(text: &str) -> BTreeSet<String> {
    terms(text).into_iter().collect()
}

/// The letter that stands for `c` in a term; none for what is no part of a word.
fn plain(c: char) -> Option<char> {
    Some(match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ة' => 'ه',
        'ى' => 'ي',
        // Virama and nukta join Devanagari letters; they are letters here.
        '\u{094d}' | '\u{093c}' => c,
        c if c.is_alphanumeric() => c,
        _ => return None,
    })
}

fn take(word: &mut String, out: &mut Vec<String>) {
    let taken = std::mem::take(word);
    let taken: String = taken
        .chars()
        .filter(|c| !matches!(u32::from(*c), 0x0640 | 0x064B..=0x0652 | 0x093C))
        .collect();
    if taken.is_empty() || taken.chars().count() > 40 || STOP.contains(&taken.as_str()) {
        return;
    }
    if taken.chars().any(is_cjk) {
        pairs(&taken, out);
    } else {
        out.push(taken);
    }
}

fn is_cjk(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF)
}

/// Pairs of neighbours that hold more than grammar (kana alone say little, unless they are katakana).
fn pairs(word: &str, out: &mut Vec<String>) {
    let letters: Vec<char> = word.chars().collect();
    if let [one] = letters[..] {
        out.push(one.to_string());
        return;
    }
    let telling = |c: &char| !matches!(u32::from(*c), 0x3040..=0x309F);
    for pair in letters.windows(2) {
        if pair.iter().all(telling) || (telling(&pair[0]) && u32::from(pair[0]) >= 0x3400) {
            out.push(pair.iter().collect());
        }
    }
}

/// Takes common endings off, the same for question and passage; no attempt at grammar.
fn stem(word: &str) -> String {
    let long = |n: usize| word.chars().count() > n;
    if word
        .chars()
        .any(|c| matches!(u32::from(c), 0x0600..=0x06FF))
    {
        return match word.strip_prefix("ال") {
            Some(rest) if rest.chars().count() > 2 => rest.to_owned(),
            _ => word.to_owned(),
        };
    }
    if !word.is_ascii() {
        return word.to_owned();
    }
    let mut out = word;
    for (ending, at_least) in [("ies", 4), ("ing", 5), ("ed", 4), ("es", 4), ("s", 3)] {
        if long(at_least)
            && !out.ends_with("ss")
            && let Some(rest) = out.strip_suffix(ending)
        {
            out = rest;
            break;
        }
    }
    if out.len() > 4 {
        out = out.strip_suffix(['e', 'a', 'o', 'y', 'i']).unwrap_or(out);
    }
    // "dripp" and "drip".
    let bytes = out.as_bytes();
    if let [.., a, b] = bytes
        && a == b
        && bytes.len() > 3
        && !b"slaeo".contains(b)
    {
        out = &out[..out.len() - 1];
    }
    out.to_owned()
}

/// The sentences of a text, trimmed, in order. Lines are sentences of their own.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let ends = match c {
                '。' | '！' | '？' | '।' | '؟' => true,
                '.' | '!' | '?' => chars.peek().is_none_or(|(next, space)| {
                    space.is_whitespace() && {
                        let after = line[*next..].trim_start().chars().next();
                        c != '.' || after.is_none_or(|c| !c.is_lowercase())
                    }
                }),
                _ => false,
            };
            if ends {
                let end = at + c.len_utf8();
                out.push(line[start..end].trim());
                start = end;
            }
        }
        out.push(line[start..].trim());
    }
    out.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    out
}

/// Asks something: by its mark or by a word that begins questions.
pub fn is_question(sentence: &str) -> bool {
    const BEGINS: [&str; 26] = [
        "what",
        "when",
        "where",
        "who",
        "why",
        "how",
        "can",
        "could",
        "do",
        "does",
        "is",
        "are",
        "will",
        "would",
        "cuándo",
        "cómo",
        "dónde",
        "qué",
        "puedo",
        "puede",
        "कब",
        "क्या",
        "कैसे",
        "متى",
        "هل",
        "كيف",
    ];
    if sentence.ends_with(['?', '？', '؟']) || sentence.ends_with("か。") {
        return true;
    }
    let first = sentence
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .to_lowercase();
    BEGINS.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_meet() {
        for (a, b) in [
            ("cooling", "cooled"),
            ("rescheduling", "reschedule"),
            ("invoices", "Invoice"),
            ("dripping", "drip"),
            ("técnico", "tecnicos"),
            ("المكيف", "مكيف"),
            ("ＡＣ", "ac"),
        ] {
            assert_eq!(terms(a), terms(b), "{a} {b}");
        }
        assert_eq!(terms("Is it the one that is with you?"), ["one"]);
        assert_eq!(terms("予約を変更したい"), ["予約", "約を", "変更", "更し"]);
        assert_eq!(terms("एसी ठंडा नहीं है"), ["एसी", "ठंडा", "नहीं"]);
        assert_eq!(terms(&"x1 ".repeat(10_000)).len(), 400);
    }

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(
            sentences("It costs 4.50. Come at 9! e.g. today. ok?\nNext line\n\n。"),
            [
                "It costs 4.50.",
                "Come at 9!",
                "e.g. today. ok?",
                "Next line"
            ]
        );
        assert_eq!(
            sentences("冷えない場合。お知らせください。"),
            ["冷えない場合。", "お知らせください。"]
        );
        assert!(is_question("Cuándo llega el técnico"));
        assert!(is_question("いつ来ますか。"));
        assert!(!is_question("My AC is broken."));
    }
}
