//! Which language a text is in: by script, and for Latin script by its commonest words.

/// Common words by language; none is in two lists.
const WORDS: [(&str, &[&str]); 5] = [
    (
        "en",
        &[
            "the", "is", "and", "you", "my", "to", "of", "it", "what", "when", "how", "can",
            "please", "not", "for", "have", "your", "this", "with", "are", "was", "will", "hello",
            "hi", "thanks", "i", "need", "do", "want", "where", "still", "why", "has", "been",
            "there", "we", "our",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "que", "mi", "está", "por", "con", "para", "cuándo",
            "cuando", "cómo", "puede", "hola", "gracias", "quiero", "necesito", "una", "del", "su",
            "no", "es", "y", "puedo", "cita", "favor", "usted", "muy", "qué", "dónde", "tengo",
        ],
    ),
    (
        "fr",
        &[
            "le", "les", "est", "vous", "je", "pas", "une", "des", "pour", "avec", "bonjour",
            "merci", "quand", "mon", "votre", "dans", "et", "et", "où", "nous", "ne", "ce",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ich", "nicht", "ist", "mein", "wann", "bitte", "sie",
            "hallo", "danke", "ein", "eine", "mit", "auf", "für", "wie", "kann", "wir", "noch",
        ],
    ),
    (
        "pt",
        &[
            "não", "você", "obrigado", "obrigada", "meu", "minha", "olá", "os", "uma", "com",
            "está", "quando", "um", "é", "ao", "pela", "pelo", "vocês",
        ],
    ),
];

/// ISO 639-1 of the language that most of the text is in; none when it does not say.
pub fn detect(text: &str) -> Option<&'static str> {
    let mut scripts = [0_usize; 8];
    let (latin, rest) = (0, 1..);
    for c in text.chars().filter(|c| c.is_alphabetic()).take(4_000) {
        scripts[script(c)] += 1;
    }
    let letters: usize = scripts.iter().sum();
    if letters == 0 {
        return None;
    }
    let names = ["", "hi", "ar", "ja", "zh", "ko", "ru", "he"];
    // A few kana make Japanese of any number of Han characters; foreign names in Latin script do not count against.
    let foreign = rest
        .take(7)
        .filter(|&place| scripts[place] * 3 >= letters)
        .max_by_key(|&place| scripts[place]);
    if let Some(place) = foreign {
        return Some(if names[place] == "zh" && scripts[3] > 0 {
            "ja"
        } else {
            names[place]
        });
    }
    (scripts[latin] > 0).then(|| latin_language(text)).flatten()
}

fn script(c: char) -> usize {
    match u32::from(c) {
        0x0900..=0x097F => 1,
        0x0600..=0x06FF | 0x0750..=0x077F | 0xFB50..=0xFDFF | 0xFE70..=0xFEFF => 2,
        0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9D => 3,
        0x3400..=0x9FFF | 0xF900..=0xFAFF => 4,
        0x1100..=0x11FF | 0xAC00..=0xD7AF => 5,
        0x0400..=0x04FF => 6,
        0x0590..=0x05FF => 7,
        _ => 0,
    }
}

/// The language most of whose common words occur; none when two are level or none occurs.
fn latin_language(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let mut counts = [0_usize; WORDS.len()];
    for word in lower
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .take(800)
    {
        for (count, (_, words)) in counts.iter_mut().zip(WORDS) {
            *count += usize::from(words.contains(&word));
        }
    }
    let best = *counts.iter().max()?;
    let mut level = counts
        .iter()
        .zip(WORDS)
        .filter(|(count, _)| **count == best && best > 0);
    let (_, (name, _)) = level.next()?;
    level.next().is_none().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        for (text, want) in [
            ("My AC is not cooling, need urgent repair", Some("en")),
            ("¿Cuándo llega el técnico? Mi aire no funciona", Some("es")),
            ("Bonjour, quand est-ce que vous venez ?", Some("fr")),
            ("Wann kommt der Techniker? Ich warte noch", Some("de")),
            ("Olá, vocês podem vir? Não funciona", Some("pt")),
            ("मेरा AC ठंडा नहीं कर रहा है", Some("hi")),
            ("متى يصل الفني؟", Some("ar")),
            ("予約を変更したいです", Some("ja")),
            ("空调不制冷，请尽快来修", Some("zh")),
            ("Кондиционер не работает", Some("ru")),
            ("12345 !!!", None),
            ("Zqwx", None),
            ("", None),
        ] {
            assert_eq!(detect(text), want, "{text}");
        }
    }
}
