//! In which language a customer writes: a guess from script and small words.

use std::fmt;

/// Bytes of a text that are looked at.
const LOOK: usize = 4096;
/// Small words that must be found before a Latin text counts as anything.
const ENOUGH: usize = 2;

/// A language that can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Spanish.
    Es,
    /// Hindi.
    Hi,
    /// Arabic.
    Ar,
    /// Japanese.
    Ja,
    /// Portuguese.
    Pt,
    /// French.
    Fr,
    /// German.
    De,
}

impl Lang {
    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Hi => "hi",
            Self::Ar => "ar",
            Self::Ja => "ja",
            Self::Pt => "pt",
            Self::Fr => "fr",
            Self::De => "de",
        }
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Spanish",
            Self::Hi => "Hindi",
            Self::Ar => "Arabic",
            Self::Ja => "Japanese",
            Self::Pt => "Portuguese",
            Self::Fr => "French",
            Self::De => "German",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Small words of the languages in Latin script.
const WORDS: [(Lang, &[&str]); 5] = [
    (
        Lang::En,
        &[
            "the", "and", "is", "you", "my", "to", "of", "for", "have", "not", "with", "this",
            "please", "can", "are", "was", "it", "your", "when", "hello", "thanks", "i", "what",
            "still", "we", "hi", "need", "been",
        ],
    ),
    (
        Lang::Es,
        &[
            "el", "la", "los", "las", "y", "que", "es", "mi", "en", "por", "para", "no", "con",
            "una", "un", "pero", "hola", "gracias", "cuando", "favor", "está", "su", "del", "muy",
            "cómo", "usted", "pedido",
        ],
    ),
    (
        Lang::Pt,
        &[
            "o", "os", "as", "e", "que", "é", "meu", "minha", "em", "por", "para", "não", "com",
            "uma", "um", "mas", "olá", "obrigado", "obrigada", "quando", "está", "você", "do",
            "da", "muito", "ainda", "pedido",
        ],
    ),
    (
        Lang::Fr,
        &[
            "le", "la", "les", "et", "que", "est", "mon", "ma", "en", "pour", "pas", "avec", "une",
            "un", "mais", "bonjour", "merci", "quand", "je", "vous", "des", "du", "ne", "votre",
            "ce", "suis", "ai",
        ],
    ),
    (
        Lang::De,
        &[
            "der", "die", "das", "und", "ist", "ich", "sie", "mein", "meine", "in", "für", "nicht",
            "mit", "ein", "eine", "aber", "hallo", "danke", "bitte", "wann", "es", "zu", "den",
            "auf", "wir", "noch", "haben",
        ],
    ),
];

/// The language of a text, or none when it is too short or of another one.
pub fn guess(text: &str) -> Option<Lang> {
    let text = &text[..text.floor_char_boundary(LOOK)];
    match by_script(text) {
        Script::Latin => by_words(text),
        Script::Of(lang) => Some(lang),
        Script::Other => None,
    }
}

/// What most letters of a text are.
enum Script {
    Latin,
    Of(Lang),
    Other,
}

fn by_script(text: &str) -> Script {
    let (mut latin, mut other, mut hi, mut ar, mut kana, mut han) = (0, 0, 0, 0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        match c as u32 {
            0x41..=0x24f | 0x1e00..=0x1eff => latin += 1,
            0x900..=0x97f => hi += 1,
            0x600..=0x6ff | 0x750..=0x77f | 0xfb50..=0xfdff | 0xfe70..=0xfeff => ar += 1,
            0x3041..=0x30ff | 0xff66..=0xff9f => kana += 1,
            0x4e00..=0x9fff | 0x3400..=0x4dbf => han += 1,
            _ => other += 1,
        }
    }
    // A CJK character is about a word, so it outweighs letters of a brand name.
    let cjk = 3 * (kana + han);
    let all = latin + other + hi + ar + cjk;
    if latin * 2 >= all {
        return Script::Latin;
    }
    let mut found = None;
    for (count, lang) in [
        (hi, Some(Lang::Hi)),
        // Persian and Urdu letters tell them from Arabic.
        (
            ar,
            (!text.contains(['پ', 'چ', 'ژ', 'گ', 'ک', 'ی', 'ے', 'ٹ'])).then_some(Lang::Ar),
        ),
        // Without kana it is rather Chinese.
        (cjk, (kana > 0).then_some(Lang::Ja)),
    ] {
        if count * 2 > all {
            found = lang;
        }
    }
    found.map_or(Script::Other, Script::Of)
}

fn by_words(text: &str) -> Option<Lang> {
    let lower = text.to_lowercase();
    let mut scores = [0usize; WORDS.len()];
    for word in lower.split(|c: char| !c.is_alphabetic()) {
        for (score, (_, words)) in scores.iter_mut().zip(WORDS) {
            *score += usize::from(words.contains(&word));
        }
    }
    // Letters that only one of them writes.
    for (at, marks) in [(1, "ñ¿¡"), (2, "ãõ"), (3, "œ"), (4, "ßäöü")] {
        scores[at] += usize::from(lower.contains(|c| marks.contains(c)));
    }
    let best = *scores.iter().max()?;
    let mut leaders = (0..WORDS.len()).filter(|&i| scores[i] == best);
    match (leaders.next(), leaders.next()) {
        (Some(first), None) if best >= ENOUGH => Some(WORDS[first].0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (text, want) in [
            ("My AC is not cooling, need urgent repair", Some(Lang::En)),
            ("are you still coming??", Some(Lang::En)),
            ("¿Cuándo llega mi pedido? Gracias", Some(Lang::Es)),
            (
                "Hola, no me llega el paquete y necesito ayuda",
                Some(Lang::Es),
            ),
            ("Olá, meu pedido ainda não chegou", Some(Lang::Pt)),
            ("Bonjour, je n'ai pas reçu mon colis", Some(Lang::Fr)),
            (
                "Wann kommt mein Paket? Ich warte schon lange",
                Some(Lang::De),
            ),
            ("मेरा ऑर्डर कब आएगा?", Some(Lang::Hi)),
            ("متى يصل طلبي؟", Some(Lang::Ar)),
            ("注文はいつ届きますか？", Some(Lang::Ja)),
            ("iPhone の注文はいつ届きますか", Some(Lang::Ja)),
            ("请问订单何时送达", None),
            ("می‌خواهم چک کنم", None),
            ("Где мой заказ?", None),
            ("STOP", None),
            ("ok 👍", None),
            ("", None),
        ] {
            assert_eq!(guess(text), want, "{text:?}");
        }
    }
}
