//! What is new in a message, and what it repeats.

use std::ops::Range;

/// The parts of a text; byte ranges that do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What the sender wrote now.
    pub body: Range<usize>,
    /// The sender's signature: from the `-- ` line on; often empty.
    pub signature: Range<usize>,
    /// What is repeated from earlier messages, with the line that introduces it; often empty.
    pub quoted: Range<usize>,
}

impl Split {
    /// Is there anything to fold away?
    pub fn has_quote(&self) -> bool {
        !self.quoted.is_empty()
    }
}

/// Finds the quoted part of a text whose lines end in `\n`.
///
/// Nothing is folded when nothing new would remain, when new text stands between quoted lines, or
/// when the text is a forwarded message, which is new to us.
pub fn split_quote(text: &str) -> Split {
    let lines = lines(text);
    let whole = Split {
        body: 0..text.len(),
        signature: text.len()..text.len(),
        quoted: text.len()..text.len(),
    };
    if let Some(first) = first_repeated(text, &lines) {
        let at = lines[first].start;
        if !text[..at].trim().is_empty() {
            return with_signature(text, 0..at, at..text.len());
        }
    }
    // Quoted first, answered below.
    let quoted = |r: &Range<usize>| is_quoted(&text[r.clone()]);
    let blank = |r: &Range<usize>| text[r.clone()].trim().is_empty();
    let Some(last) = lines.iter().rposition(quoted) else {
        return with_signature(text, whole.body, whole.quoted);
    };
    let Some(first) = lines.iter().position(quoted) else {
        return whole;
    };
    let head = (0..first).rev().find(|&i| !blank(&lines[i]));
    let head_is_attribution = match head {
        None => true,
        Some(i) => attribution_start(text, &lines, i).is_some_and(|s| lines[..s].iter().all(blank)),
    };
    let solid = lines[first..=last].iter().all(|r| quoted(r) || blank(r));
    let after = lines[last].end;
    if head_is_attribution && solid && !text[after..].trim().is_empty() {
        return with_signature(text, after..text.len(), 0..after);
    }
    with_signature(text, whole.body, whole.quoted)
}

/// Every line of the new part behind `> `; without signature and without what was quoted before.
pub fn quote_for_reply(text: &str) -> String {
    let split = split_quote(text);
    let mut out = String::with_capacity(text.len() + 64);
    for line in text[split.body].trim_matches('\n').lines() {
        out.push('>');
        if !line.is_empty() && !line.starts_with('>') {
            out.push(' ');
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn with_signature(text: &str, body: Range<usize>, quoted: Range<usize>) -> Split {
    let mut at = body.start;
    for line in text[body.clone()].split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if (bare == "-- " || bare == "--") && !text[body.start..at].trim().is_empty() {
            return Split {
                body: body.start..at,
                signature: at..body.end,
                quoted,
            };
        }
        at += line.len();
    }
    Split {
        signature: body.end..body.end,
        body,
        quoted,
    }
}

/// The ranges of all lines, without their ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            start..start + line.trim_end_matches('\n').len()
        })
        .collect()
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// The line from which everything to the end is repeated.
fn first_repeated(text: &str, lines: &[Range<usize>]) -> Option<usize> {
    let line = |i: usize| text[lines[i].clone()].trim();
    let inked: Vec<usize> = (0..lines.len()).filter(|&i| !line(i).is_empty()).collect();
    // The last lines, if they are quoted, and what introduces them.
    let new = inked.iter().rposition(|&i| !is_quoted(line(i)));
    let tail = new.map_or(0, |n| n + 1);
    let mut first = inked.get(tail).copied();
    if let (Some(_), Some(new)) = (first, new) {
        first = attribution_start(text, lines, inked[new]).or(first);
    }
    for (n, &i) in inked.iter().enumerate() {
        if first.is_some_and(|f| i >= f) {
            break;
        }
        let next = inked.get(n + 1).map(|&next| line(next));
        if is_forward(line(i)) {
            return None;
        }
        // An introduction with an unmarked quotation below it; with marks, only the end counts.
        let unmarked = next.is_some_and(|n| !is_quoted(n)) && strong_attribution(line(i));
        if unmarked || is_separator(line(i), next) || is_header_block(text, &lines[i..]) {
            return Some(i);
        }
    }
    first
}

/// Where an introduction ends in line `end`, the line that it begins in: it may be wrapped.
fn attribution_start(text: &str, lines: &[Range<usize>], end: usize) -> Option<usize> {
    let mut found = None;
    for start in (end.saturating_sub(3)..=end).rev() {
        let line = text[lines[start].clone()].trim();
        if line.is_empty() {
            break;
        }
        let joined = &text[lines[start].start..lines[end].end];
        if joined.len() <= MAX_ATTRIBUTION && is_attribution(&joined.replace('\n', " ")) {
            found = Some(start);
            // The date stands at its beginning.
            if !line.starts_with('<') && line.bytes().any(|b| b.is_ascii_digit()) {
                break;
            }
        }
    }
    found
}

/// Bytes that an introduction takes at most.
const MAX_ATTRIBUTION: usize = 500;

/// Words for "wrote", lower-cased.
const WROTE: [&str; 22] = [
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "escribió",
    "escreveu",
    "ha scritto",
    "schreef",
    "skrev",
    "написал",
    "пишет",
    "写道",
    "寫道",
    "書きました",
    "كتب",
    "ने लिखा",
    "लिखा",
    "kirjoitti",
    "napsal",
    "napisał",
    "yazdı",
    "작성",
];

/// `On 20 Nov 2026, Ana <ana@example.org> wrote:` in the languages that mail programs speak.
fn is_attribution(line: &str) -> bool {
    let line = line.trim();
    if line.len() > MAX_ATTRIBUTION || !line.ends_with([':', '：']) || is_quoted(line) {
        return false;
    }
    let digits = line.bytes().any(|b| b.is_ascii_digit());
    let lower = line.to_lowercase();
    (digits || line.contains('@')) && WROTE.iter().any(|w| lower.contains(w))
        || digits && (line.ends_with(">:") || line.ends_with(">："))
}

/// One that cannot be an ordinary sentence: it names an address or a time of day.
fn strong_attribution(line: &str) -> bool {
    let time = line.as_bytes().windows(4).any(|w| {
        w[0].is_ascii_digit()
            && matches!(w[1], b':' | b'.')
            && w[2].is_ascii_digit()
            && w[3].is_ascii_digit()
    });
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    is_attribution(line) && (line.contains('@') || (time && digits >= 6))
}

const FORWARDED: [&str; 10] = [
    "forward",
    "weitergeleitet",
    "transféré",
    "reenviado",
    "encaminhad",
    "inoltrat",
    "doorgestuurd",
    "vidaresänd",
    "转发",
    "転送",
];

/// `---------- Forwarded message ---------`
fn is_forward(line: &str) -> bool {
    is_dashed(line) && {
        let lower = line.to_lowercase();
        FORWARDED.iter().any(|w| lower.contains(w))
    }
}

/// Words between dashes.
fn is_dashed(line: &str) -> bool {
    line.len() < 200
        && line.starts_with("---")
        && line.ends_with("---")
        && line.chars().any(char::is_alphabetic)
}

/// `-----Original Message-----`, or a long rule right above a header block.
fn is_separator(line: &str, next: Option<&str>) -> bool {
    let rule = line.len() >= 10 && line.bytes().all(|b| b == b'_');
    is_dashed(line) && !is_forward(line) && next.is_some()
        || rule && next.is_some_and(|n| label(n).is_some_and(|l| FROM.contains(&l.as_str())))
}

const FROM: [&str; 17] = [
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "от",
    "od",
    "发件人",
    "寄件者",
    "差出人",
    "من",
    "प्रेषक",
    "kimden",
    "lähettäjä",
    "보낸 사람",
];
const OTHERS: [&str; 45] = [
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "envoyé",
    "à",
    "objet",
    "enviado",
    "enviado el",
    "enviada em",
    "fecha",
    "para",
    "asunto",
    "assunto",
    "data",
    "inviato",
    "a",
    "oggetto",
    "verzonden",
    "aan",
    "onderwerp",
    "skickat",
    "till",
    "ämne",
    "sendt",
    "til",
    "emne",
    "отправлено",
    "дата",
    "кому",
    "тема",
    "发送时间",
    "收件人",
    "主题",
    "送信日時",
    "宛先",
    "件名",
    "إلى",
    "الموضوع",
    "विषय",
];

/// The word before the first colon of a line, lower-cased, without the stars of bold text.
fn label(line: &str) -> Option<String> {
    let line = line.trim_start_matches('*');
    let at = line.find([':', '：'])?;
    (at < 40).then(|| line[..at].trim_matches(['*', ' ', '\u{a0}']).to_lowercase())
}

/// A block of `From: … Sent: … To: … Subject: …` as Outlook writes it.
fn is_header_block(text: &str, lines: &[Range<usize>]) -> bool {
    let line = |r: &Range<usize>| text[r.clone()].trim();
    let Some(first) = lines.first().and_then(|r| label(line(r))) else {
        return false;
    };
    FROM.contains(&first.as_str())
        && lines[1..]
            .iter()
            .take(8)
            .filter_map(|r| label(line(r)))
            .filter(|l| OTHERS.contains(&l.as_str()))
            .count()
            >= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> (&str, &str, &str) {
        let s = split_quote(text);
        (
            text[s.body].trim(),
            text[s.signature].trim(),
            text[s.quoted].trim(),
        )
    }

    #[test]
    fn trailing_quotes() {
        for intro in [
            "On Tue, 18 Nov 2026 at 10:02, Ana <ana@example.org> wrote:",
            "On Tue, 18 Nov 2026 at 10:02, Ana Duarte\n<ana@example.org>\nwrote:",
            "Am 18.11.2026 um 10:02 schrieb Ana:",
            "Le mar. 18 nov. 2026 à 10:02, Ana <a@b.example> a écrit :",
            "El mar, 18 nov 2026 a las 10:02, Ana (<a@b.example>) escribió:",
            "Em ter., 18 de nov. de 2026 às 10:02, Ana escreveu:",
            "2026年11月18日(火) 10:02 Ana <a@b.example>:",
            "Ana <a@b.example> 于2026年11月18日周二 10:02写道：",
            "मंगल, 18 नव॰ 2026 को 10:02 बजे को Ana <a@b.example> ने लिखा:",
            "في الثلاثاء، 18 نوفمبر 2026 في 10:02 كتب Ana:",
        ] {
            let text = format!("New text.\n\n{intro}\n> old\n>\n> older\n");
            let (body, _, quoted) = parts(&text);
            assert_eq!(body, "New text.", "{intro}");
            assert!(quoted.starts_with(intro), "{intro}: {quoted}");
        }
    }

    #[test]
    fn header_blocks() {
        for block in [
            "From: Ana <a@b.example>\nSent: Tuesday\nTo: Shop\nSubject: Invoice\n\nold",
            "________________________________\nVon: Ana\nGesendet: Dienstag\nAn: Shop\nBetreff: x\n\nalt",
            "-----Original Message-----\nFrom: Ana\n\nold",
            "*De :* Ana\n*Envoyé :* mardi\n*À :* Shop\n*Objet :* x\n\nvieux",
            "差出人: Ana\n送信日時: 2026\n宛先: Shop\n件名: x\n\nold",
        ] {
            let text = format!("Thanks!\n\n{block}\n");
            assert_eq!(parts(&text), ("Thanks!", "", block), "{block}");
        }
    }

    #[test]
    fn what_must_stay() {
        for text in [
            "no quote at all\n",
            "> only a quote\n",
            "> question one\nanswer one\n> question two\nanswer two\n",
            "---------- Forwarded message ---------\nFrom: x\nDate: y\nSubject: z\nTo: w\n\nbody\n",
            "FYI\n\n---------- Forwarded message ---------\nFrom: x\nDate: y\nTo: w\n\nbody\n",
            "You wrote 3 things:\nthis\nthat\n",
            "From: my house to yours: 3 km\n",
            "",
        ] {
            let s = split_quote(text);
            assert_eq!(s.body, 0..text.len(), "{text:?}");
            assert!(!s.has_quote());
        }
    }

    #[test]
    fn answered_below() {
        let text = "On 18 Nov 2026, Ana wrote:\n> old\n> older\n\nNew text.\n";
        assert_eq!(
            parts(text),
            (
                "New text.",
                "",
                "On 18 Nov 2026, Ana wrote:\n> old\n> older"
            )
        );
    }

    #[test]
    fn signatures() {
        assert_eq!(
            parts("Hello\n-- \nAna\nShop\n\nOn 18 Nov 2026, x@y.example wrote:\n> old\n"),
            (
                "Hello",
                "-- \nAna\nShop",
                "On 18 Nov 2026, x@y.example wrote:\n> old"
            )
        );
        assert_eq!(parts("-- \nAna\n"), ("-- \nAna", "", ""));
    }

    #[test]
    fn quoting() {
        let text = "Hello\n\n> deep  \nbye\n-- \nAna\n";
        assert_eq!(quote_for_reply(text), "> Hello\n>\n>> deep\n> bye\n");
    }

    #[test]
    fn long_texts_take_linear_time() {
        let start = std::time::Instant::now();
        for piece in [
            "> q\n",
            "On 1 x wrote:\n",
            "From: a\n",
            "a\n",
            "\n",
            "---x---\n",
        ] {
            split_quote(&piece.repeat(20_000));
        }
        assert!(start.elapsed().as_secs() < 8, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn the_parts_are_disjoint_and_complete(s in "(> |On 1\\.2\\.26 10:00 a@b wrote:|From: x|To: y|Subject: z|-- |---Original---|[a-zé ]{0,6}|\n){0,40}") {
            let p = split_quote(&s);
            let mut parts = [p.body.clone(), p.signature.clone(), p.quoted.clone()];
            parts.sort_by_key(|r| (r.start, r.end));
            let filled: usize = parts.iter().map(|r| s[r.clone()].len()).sum();
            prop_assert_eq!(filled, s.len());
            if !s.trim().is_empty() {
                prop_assert!(!s[p.body].trim().is_empty());
            }
        }
    }
}
