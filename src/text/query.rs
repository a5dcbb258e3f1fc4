//! The search language: `from:ana label:billing is:open has:attachment before:2026-11-01
//! channel:whatsapp assignee:me "exact phrase" -word wor*`.
//!
//! Every input is a query: what is not understood is taken as words and remarked upon.

use super::filter::{FieldError, Filter};
use super::fold::fold;
use super::sanitize::sanitize_line;
use std::convert::Infallible;

/// Bytes of a query that are read.
pub const MAX_BYTES: usize = 1024;
/// Words and filters of a query that are read.
pub const MAX_TERMS: usize = 32;

/// One word or phrase to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// The words, folded as the index is; never empty.
    pub text: String,
    /// Was written in quotes.
    pub phrase: bool,
    /// Must not occur.
    pub negated: bool,
    /// Ends in `*`: the last word is the beginning of one.
    pub prefix: bool,
    /// The query ends within it: more of it may be typed.
    pub unfinished: bool,
}

/// A filter, or its opposite.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// What must hold.
    pub filter: Filter,
    /// Must not hold.
    pub negated: bool,
}

/// A query, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// What to look for in the text; all must hold.
    pub terms: Vec<Term>,
    /// What must hold besides; all must.
    pub filters: Vec<Condition>,
    /// What was not understood, as sentences for people.
    pub remarks: Vec<String>,
}

impl SearchQuery {
    /// Nothing to look for and nothing to hold.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.filters.is_empty()
    }
}

/// Reads a query. Never fails; see [`SearchQuery::remarks`].
pub fn parse(input: &str) -> SearchQuery {
    let mut query = SearchQuery::default();
    let cut = input.floor_char_boundary(MAX_BYTES);
    if cut < input.len() {
        query.remarks.push(format!(
            "The search is longer than {MAX_BYTES} bytes; the rest was left out."
        ));
    }
    let text = fold(&input[..cut]);
    let mut rest = text.as_ref();
    while let Some(piece) = next_piece(&mut rest) {
        if query.terms.len() + query.filters.len() == MAX_TERMS {
            query.remarks.push(format!(
                "Only the first {MAX_TERMS} words count; the rest was left out."
            ));
            break;
        }
        place(&piece, &mut query);
    }
    // They repeat what was typed or pasted, and are shown.
    for remark in &mut query.remarks {
        *remark = sanitize_line(remark).text;
    }
    query
}

/// One blank-separated piece, quotes taken apart.
struct Piece<'a> {
    /// As typed, without the leading dash.
    whole: &'a str,
    /// What is before the first colon, if that is outside quotes.
    key: Option<&'a str>,
    /// What is after it, without quotes.
    value: &'a str,
    quoted: bool,
    negated: bool,
    /// Nothing follows, not even a blank or a closing quote.
    last: bool,
}

fn next_piece<'a>(rest: &mut &'a str) -> Option<Piece<'a>> {
    *rest = rest.trim_start();
    if rest.is_empty() {
        return None;
    }
    let negated = rest.starts_with('-');
    let text = rest.strip_prefix('-').unwrap_or(rest);
    let stop = text
        .find(|c: char| c.is_whitespace() || c == '"')
        .unwrap_or(text.len());
    let head = &text[..stop];
    let (key, before_quote) = match head.split_once(':') {
        Some((key, value)) => (Some(key), value),
        None => (None, head),
    };
    if before_quote.is_empty()
        && let Some(quoted) = text[stop..].strip_prefix('"')
    {
        let end = quoted.find('"');
        let value = &quoted[..end.unwrap_or(quoted.len())];
        *rest = end.map_or("", |end| &quoted[end + 1..]);
        let whole = &text[..text.len() - rest.len()];
        return Some(Piece {
            whole,
            key,
            value,
            quoted: true,
            negated,
            last: end.is_none(),
        });
    }
    let stop = text.find(char::is_whitespace).unwrap_or(text.len());
    let whole = &text[..stop];
    let value = key.map_or(whole, |key| &whole[key.len() + 1..]);
    *rest = &text[stop..];
    Some(Piece {
        whole,
        key,
        value,
        quoted: false,
        negated,
        last: rest.is_empty(),
    })
}

/// Filters of other programs that people try, and any whose value is quoted.
fn looks_like_filter(piece: &Piece<'_>, key: &str) -> bool {
    const TRIED: [&str; 12] = [
        "subject", "to", "cc", "bcc", "body", "in", "tag", "status", "state", "date", "older",
        "newer",
    ];
    piece.quoted || TRIED.contains(&key.to_ascii_lowercase().as_str())
}

fn place(piece: &Piece<'_>, query: &mut SearchQuery) {
    if let Some(key) = piece.key {
        match Filter::read(key, piece.value) {
            Ok(filter) => {
                query.filters.push(Condition {
                    filter,
                    negated: piece.negated,
                });
                return;
            }
            // `10:30` and an address of the web are words; what looks like one of our filters is said not to be one.
            Err(FieldError::NoSuchField) if looks_like_filter(piece, key) => {
                query
                    .remarks
                    .push(format!("{key}: is not known; it is looked for as words"));
            }
            Err(FieldError::NoSuchField) => {}
            // Still being typed; nothing to complain about and nothing to look for.
            Err(FieldError::NoValue) => return,
            Err(FieldError::BadValue(remark)) => query.remarks.push(remark),
        }
    }
    let text = if piece.quoted && piece.key.is_none() {
        piece.value
    } else {
        piece.whole
    };
    let prefix = !piece.quoted && text.ends_with('*');
    let text = text.trim_end_matches('*');
    // Bare punctuation is no word in any index.
    if !text
        .chars()
        .any(|c| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace()))
    {
        return;
    }
    query.terms.push(Term {
        text: text.to_owned(),
        phrase: piece.quoted,
        negated: piece.negated,
        prefix,
        unfinished: piece.last && !prefix,
    });
}

/// The MATCH expression for FTS5, or none when no term must occur (see [`fts_exclude`]).
///
/// With `typing`, the term that the query ends in also finds words that begin with it. The result
/// is built from quoted strings only and is valid for every input.
pub fn fts_match(query: &SearchQuery, typing: bool) -> Option<String> {
    fts_match_among(query, typing, |_| Ok::<_, Infallible>(None)).unwrap_or_default()
}

/// The same, where an index can say by `words` which of its words begin so, or none if they are too many.
///
/// It is asked for lower-case ASCII only. To look for a few whole words at once is much cheaper than for all that begin
/// so, whose places FTS5 gathers and sorts before it gives the first.
///
/// # Errors
/// What `words` fails with.
pub fn fts_match_among<E>(
    query: &SearchQuery,
    typing: bool,
    mut words: impl FnMut(&str) -> Result<Option<Vec<String>>, E>,
) -> Result<Option<String>, E> {
    let mut out = String::new();
    for term in query.terms.iter().filter(|t| !t.negated) {
        if !out.is_empty() {
            out.push_str(" AND ");
        }
        if term.prefix || (typing && term.unfinished) {
            begun_into(&mut out, &term.text, &mut words)?;
        } else {
            quote_into(&mut out, &term.text);
        }
    }
    if out.is_empty() {
        return Ok(None);
    }
    for term in query.terms.iter().filter(|t| t.negated) {
        out.push_str(" NOT ");
        quote_into(&mut out, &term.text);
    }
    Ok(Some(out))
}

/// When all terms are negated: the MATCH expression of what must not be found.
///
/// FTS5 cannot say "everything but"; the caller takes the rows that do not match this.
pub fn fts_exclude(query: &SearchQuery) -> Option<String> {
    if query.terms.is_empty() || query.terms.iter().any(|t| !t.negated) {
        return None;
    }
    let mut out = String::new();
    for term in &query.terms {
        if !out.is_empty() {
            out.push_str(" OR ");
        }
        quote_into(&mut out, &term.text);
    }
    Some(out)
}

/// The pattern of `LIKE ? ESCAPE '\'` that finds `text` anywhere and takes nothing in it as a wildcard.
///
/// Only the first [`MAX_BYTES`] count: the database refuses very long patterns.
pub fn like_contains(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let mut out = String::with_capacity(text.len() + 2);
    out.push('%');
    for c in text.chars().filter(|&c| c != '\0') {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    out
}

/// What ends in a word that has only begun. Where of that word there is one letter yet, a phrase is looked for without
/// it, and a single word as it is.
fn begun_into<E>(
    out: &mut String,
    text: &str,
    words: &mut impl FnMut(&str) -> Result<Option<Vec<String>>, E>,
) -> Result<(), E> {
    let last = text
        .rfind(|c: char| c.is_whitespace() || c.is_ascii_punctuation())
        .map_or(0, |at| text.ceil_char_boundary(at + 1));
    let (before, begun) = text.split_at(last);
    if !long_enough(begun) && !begun.is_empty() {
        let whole = before.contains(char::is_alphanumeric);
        quote_into(out, if whole { before } else { text });
        return Ok(());
    }
    // Of shorter beginnings the index knows the places.
    let asked = begun.len() > 3 && begun.bytes().all(|c| c.is_ascii_alphanumeric());
    let ends = if asked {
        words(&begun.to_ascii_lowercase())?.filter(|ends| !ends.is_empty())
    } else {
        None
    };
    let Some(ends) = ends else {
        quote_into(out, text);
        out.push('*');
        return Ok(());
    };
    out.push('(');
    for (number, end) in ends.iter().enumerate() {
        if number > 0 {
            out.push_str(" OR ");
        }
        quote_into(out, &format!("{before}{end}"));
    }
    out.push(')');
    Ok(())
}

/// One letter begins too many words to be worth the wait, whatever marks it bears; in scripts that write no blanks
/// between words, one character is a word.
fn long_enough(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'));
    match (letters.next(), letters.next()) {
        (Some(only), None) => only >= '\u{2e80}',
        (first, _) => first.is_some(),
    }
}

fn quote_into(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars().filter(|&c| c != '\0') {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::filter::{Assignee, Day, Has, Is};
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn remarks_repeat_nothing_that_acts() {
        let mut seen = 0;
        for typed in [
            "ab\u{82}c:x",
            "a\u{1b}b:x",
            "a\u{202e}b:c",
            "in:\u{82}x",
            "before:\u{82}",
        ] {
            for remark in parse(typed).remarks {
                assert_eq!(remark, sanitize_line(&remark).text, "{typed:?}");
                seen += 1;
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn the_whole_language() {
        let q = parse(
            "from:ana label:\"needs call\" -is:resolved has:attachment before:2026-11-01 \
             channel:whatsapp assignee:me \"exact phrase\" -word inv* last",
        );
        assert_eq!(q.remarks, Vec::<String>::new());
        let filters: Vec<_> = q.filters.iter().map(|c| (&c.filter, c.negated)).collect();
        assert_eq!(
            filters,
            [
                (&Filter::From("ana".into()), false),
                (&Filter::Label("needs call".into()), false),
                (&Filter::Is(Is::Resolved), true),
                (&Filter::Has(Has::Attachment), false),
                (&Filter::Before(Day::On(date(2026, 11, 1))), false),
                (&Filter::Channel("whatsapp"), false),
                (&Filter::Assignee(Assignee::Me), false),
            ]
        );
        assert_eq!(
            fts_match(&q, true).unwrap(),
            "\"exact phrase\" AND \"inv\"* AND \"last\"* NOT \"word\""
        );
        assert_eq!(
            fts_match(&q, false).unwrap(),
            "\"exact phrase\" AND \"inv\"* AND \"last\" NOT \"word\""
        );
    }

    #[test]
    fn words_and_quotes() {
        for (input, want) in [
            ("", None),
            ("   ", None),
            ("\"", None),
            ("-", None),
            ("+ & *", None),
            ("AND", Some("\"AND\"*")),
            ("é", Some("\"é\"")),
            ("ж", Some("\"ж\"")),
            ("退", Some("\"退\"*")),
            ("a NEAR b ", Some("\"a\" AND \"NEAR\" AND \"b\"")),
            ("a\"b", Some("\"a\"\"\"")),
            ("\"half done", Some("\"half done\"*")),
            ("\"done\"", Some("\"done\"")),
            ("\"a\"b", Some("\"a\" AND \"b\"")),
            ("nosuch:a ", Some("\"nosuch:a\"")),
            ("from:", None),
            ("ann@customer.example ", Some("\"ann@customer.example\"")),
            ("a\0b ", Some("\"ab\"")),
            ("a\u{200b}b ", Some("\"ab\"")),
            ("ＡＢＣ\u{3000}d ", Some("\"ABC\" AND \"d\"")),
            ("-only", None),
        ] {
            assert_eq!(fts_match(&parse(input), true).as_deref(), want, "{input:?}");
        }
        assert_eq!(
            fts_exclude(&parse("-a -\"b c\"")).unwrap(),
            "\"a\" OR \"b c\""
        );
        assert_eq!(fts_exclude(&parse("a -b")), None);
        assert_eq!(like_contains("50%_\\"), "%50\\%\\_\\\\%");
    }

    #[test]
    fn what_has_begun_is_looked_for_by_the_words_that_there_are() {
        let known = |begun: &str| {
            let words = match begun {
                "lamp" => Some(vec!["lamp".to_owned(), "lamps".to_owned()]),
                "none" => Some(Vec::new()),
                _ => None,
            };
            Ok::<_, Infallible>(words)
        };
        for (input, want) in [
            ("broken Lamp", "\"broken\" AND (\"lamp\" OR \"lamps\")"),
            ("\"broken lamp", "(\"broken lamp\" OR \"broken lamps\")"),
            ("lamp* -old", "(\"lamp\" OR \"lamps\") NOT \"old\""),
            ("lamp ", "\"lamp\""),
            ("lam", "\"lam\"*"),
            ("lámp", "\"lámp\"*"),
            ("none", "\"none\"*"),
            ("interest", "\"interest\"*"),
        ] {
            let found = fts_match_among(&parse(input), true, known);
            assert_eq!(found.unwrap().unwrap(), want, "{input:?}");
        }
    }

    #[test]
    fn caps_and_remarks() {
        let many = parse(&"ab ".repeat(40));
        assert_eq!(many.terms.len(), MAX_TERMS);
        assert_eq!(many.remarks.len(), 1);
        let long = parse(&"é".repeat(4000));
        assert!(long.terms[0].text.len() <= MAX_BYTES);
        assert_eq!(long.remarks.len(), 1);
        let unknown = parse("subject:\"Old address\" words");
        assert!(
            unknown.remarks[0].starts_with("subject: is not known"),
            "{:?}",
            unknown.remarks
        );
        assert_eq!(
            parse("10:30 https://a.example").remarks,
            Vec::<String>::new()
        );
        let wrong = parse("is:lost paper");
        assert_eq!(wrong.terms.len(), 2);
        assert!(wrong.remarks[0].contains("is:lost"), "{:?}", wrong.remarks);
    }

    #[test]
    fn a_phrase_is_looked_for_without_the_one_letter_that_its_last_word_has() {
        for (typed, want) in [
            ("\"thanks f", "\"thanks \""),
            ("\"thanks fo", "\"thanks fo\"*"),
            ("\"thanks for the f", "\"thanks for the \""),
            ("\"thanks f\"", "\"thanks f\""),
            ("f", "\"f\""),
            ("\"o'b", "\"o'\""),
            ("\"請求 書", "\"請求 書\"*"),
        ] {
            let found = fts_match(&parse(typed), true);
            assert_eq!(found.as_deref(), Some(want), "{typed}");
        }
    }

    /// What the mirror does with the expressions, in small.
    fn index() -> rusqlite::Connection {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE VIRTUAL TABLE t USING fts5(subject, body, tokenize='unicode61 remove_diacritics 2');
             INSERT INTO t VALUES ('Invoice 4410', 'charged twice by Amélie');
             INSERT INTO t VALUES ('Cold food', 'late chef');",
        )
        .unwrap();
        db
    }

    fn run(db: &rusqlite::Connection, matching: &str) -> Result<Vec<i64>, rusqlite::Error> {
        db.prepare_cached("SELECT rowid FROM t WHERE t MATCH ?1")?
            .query_map([matching], |row| row.get(0))?
            .collect()
    }

    #[test]
    fn a_real_index_finds_it() {
        let db = index();
        for (input, want) in [
            ("invoice", vec![1]),
            ("invo", vec![1]),
            ("invo ", vec![]),
            ("Ame\u{301}lie ", vec![1]),
            ("\"charged twice\"", vec![1]),
            ("\"twice charged\"", vec![]),
            ("late -chef", vec![]),
            ("late -invoice", vec![2]),
            ("late - ", vec![2]),
        ] {
            let matching = fts_match(&parse(input), true).unwrap();
            assert_eq!(run(&db, &matching).unwrap(), want, "{input:?}");
        }
    }

    proptest! {
        #[test]
        fn never_errs(s in prop_oneof![any::<String>(), "[\"*^:(){}+\\-a-cNOTADREF \\\\\0\u{7}é漢]{0,60}"], typing: bool) {
            let db = index();
            let query = parse(&s);
            for matching in [fts_match(&query, typing), fts_exclude(&query)].into_iter().flatten() {
                prop_assert!(run(&db, &matching).is_ok(), "{s:?} -> {matching:?}");
            }
        }
    }
}
