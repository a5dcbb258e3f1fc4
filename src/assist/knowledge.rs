//! Reads files of knowledge (`*.md`): one passage per paragraph, with the headings above it.

use super::passage::{Passage, Source};
use crate::model::Timestamp;
use crate::text::{sanitize_block, sanitize_line};

/// Longest text of a passage, in characters; a longer paragraph is cut at a sentence.
const LONGEST: usize = 1_200;
/// A paragraph shorter than this joins the next one under the same heading.
const SHORT: usize = 60;
/// What stands between a passage's headings and the keywords of its file.
pub const KEYWORDS_AFTER: &str = " · ";

/// The passages of a file.
///
/// `file` is its name as shown (`arrival-times.md`); `changed` its time on disk. A head between `---` lines may say
/// `language`, `updated` (a date, which wins over `changed`) and `keywords`. Fenced code and HTML comments are left
/// out: an answer is prose.
pub fn split(file: &str, text: &str, changed: Option<Timestamp>) -> Vec<Passage> {
    let text = sanitize_block(text).text;
    let (head, body) = front_matter(&text);
    let name = file
        .rsplit('/')
        .next()
        .unwrap_or(file)
        .trim_end_matches(".md");
    let as_of = head
        .updated
        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|at| Timestamp(at.timestamp().as_millisecond()))
        .or(changed);

    let mut out: Vec<Passage> = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    let mut close = |paragraph: &mut String, headings: &[(usize, String)]| {
        let text = std::mem::take(paragraph);
        let text = without_comments(&text);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let anchor = headings
            .last()
            .map(|(_, title)| slug(title))
            .unwrap_or_default();
        let address = if anchor.is_empty() {
            file.to_owned()
        } else {
            format!("{file}#{anchor}")
        };
        if let Some(last) = out.last_mut()
            && last.address == address
            && (last.text.chars().count() < SHORT || text.chars().count() < SHORT)
            && last.text.chars().count() + text.chars().count() < LONGEST
        {
            last.text.push('\n');
            last.text.push_str(text);
            return;
        }
        let titles: Vec<&str> = headings.iter().map(|(_, title)| title.as_str()).collect();
        let mut heading = titles.join(" › ");
        if !head.keywords.is_empty() {
            heading.push_str(KEYWORDS_AFTER);
            heading.push_str(&head.keywords);
        }
        for piece in pieces(text) {
            out.push(Passage {
                source: Source::Knowledge,
                name: name.to_owned(),
                heading: heading.clone(),
                text: piece.to_owned(),
                address: address.clone(),
                as_of,
                language: head.language.clone(),
            });
        }
    };
    for line in body.lines() {
        if line.trim_start().starts_with("```") {
            close(&mut paragraph, &headings);
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        if let Some((level, title)) = heading(line) {
            close(&mut paragraph, &headings);
            headings.retain(|(above, _)| *above < level);
            headings.push((level, title));
        } else if line.trim().is_empty() {
            close(&mut paragraph, &headings);
        } else {
            if !paragraph.is_empty() {
                // A list item keeps its line; wrapped prose becomes one line.
                paragraph.push(if is_item(line) { '\n' } else { ' ' });
            }
            paragraph.push_str(line.trim());
        }
    }
    close(&mut paragraph, &headings);
    out
}

#[derive(Default)]
struct Head {
    language: Option<String>,
    updated: Option<jiff::civil::Date>,
    keywords: String,
}

fn front_matter(text: &str) -> (Head, &str) {
    let mut head = Head::default();
    let Some(rest) = text.strip_prefix("---\n") else {
        return (head, text);
    };
    let Some((lines, body)) = rest.split_once("\n---\n") else {
        return (head, text);
    };
    for line in lines.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match key.trim() {
            "language" => head.language = Some(value.to_lowercase()),
            "updated" => head.updated = value.parse().ok(),
            "keywords" => value.clone_into(&mut head.keywords),
            _ => {}
        }
    }
    (head, body)
}

fn heading(line: &str) -> Option<(usize, String)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let title = line.get(level..)?;
    ((1..=6).contains(&level) && title.starts_with(' '))
        .then(|| (level, sanitize_line(title.trim()).text))
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("- ")
        || line.starts_with("* ")
        || line.split_once(['.', ')']).is_some_and(|(number, _)| {
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        })
}

/// The anchor that Markdown viewers give a heading.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.to_lowercase().chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if (c.is_whitespace() || c == '-') && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Cuts what is too long, at ends of sentences where there are any.
fn pieces(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while rest.chars().count() > LONGEST {
        let limit = rest
            .char_indices()
            .nth(LONGEST)
            .map_or(rest.len(), |(at, _)| at);
        let cut = rest[..limit]
            .rfind([' ', '\n', '。', '।'])
            .filter(|at| *at > limit / 2)
            .map_or(limit, |at| rest.ceil_char_boundary(at + 1));
        out.push(rest[..cut].trim());
        rest = &rest[cut..];
    }
    out.push(rest.trim());
    out.retain(|piece| !piece.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paragraphs_with_their_headings() {
        let text = "---\nlanguage: en\nupdated: 2026-10-02\nkeywords: eta, late\n---\n# Arrival times\n\nIntro that is long enough to stand on its own, in a paragraph.\n\n## Same-day visits!\nFirst line\nof a paragraph <!-- not this --> that goes on for a good while, yes.\n\n- one item here\n- two\n\n```\ncode\n```\n# Other\nShort.\n";
        let found = split("kb/arrival-times.md", text, Some(Timestamp(5)));
        let rows: Vec<(&str, &str)> = found
            .iter()
            .map(|p| (p.address.as_str(), p.text.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                (
                    "kb/arrival-times.md#arrival-times",
                    "Intro that is long enough to stand on its own, in a paragraph."
                ),
                (
                    "kb/arrival-times.md#same-day-visits",
                    "First line of a paragraph  that goes on for a good while, yes.\n- one item here\n- two"
                ),
                ("kb/arrival-times.md#other", "Short."),
            ]
        );
        assert_eq!(
            found[1].heading,
            "Arrival times › Same-day visits! · eta, late"
        );
        assert_eq!(found[1].name, "arrival-times");
        assert_eq!(found[1].language.as_deref(), Some("en"));
        assert_eq!(found[0].as_of, Some(Timestamp(1_790_899_200_000)));
        assert_eq!(found[0].cited(), "kb:arrival-times");
    }

    #[test]
    fn plain_files_work_too() {
        let found = split("a.md", "Just text.", Some(Timestamp(5)));
        assert_eq!(
            (found[0].address.as_str(), found[0].as_of),
            ("a.md", Some(Timestamp(5)))
        );
        assert_eq!(split("a.md", "", None), []);
        assert_eq!(split("a.md", "---\nno end", None)[0].text, "--- no end");
    }

    proptest! {
        #[test]
        fn nothing_of_a_file_is_lost_or_endless(words in proptest::collection::vec("[a-zé漢]{1,12}", 0..600)) {
            let text = words.join(" ");
            let found = split("a.md", &text, None);
            let all: Vec<&str> = found.iter().flat_map(|p| p.text.split_whitespace()).collect();
            prop_assert_eq!(all.concat(), words.concat());
            prop_assert!(found.iter().all(|p| p.text.chars().count() <= LONGEST));
        }

        #[test]
        fn any_file_can_be_read(text in "\\PC{0,200}") {
            split("a.md", &text, None);
        }
    }
}
