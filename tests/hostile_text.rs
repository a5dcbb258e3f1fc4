//! The hostile corpus against the text rooms; `hostile/claims.txt` says which checks of which rows are these tests'.
// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "support/deeds.rs"]
mod deeds;
#[path = "hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;

use corpus::Row;
use deeds::Deeds;
use frontdesk::text::header::HeaderValue;
use frontdesk::text::html::{MAX_OUTPUT, html_to_text};
use frontdesk::text::query::{fts_exclude, fts_match, like_contains, parse};
use frontdesk::text::{
    WrapIndex, csv_cell, fold, links, markdown, preview, quote, sanitize_block, sanitize_line,
    subject, template, width,
};
use ledger::prove;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::{Duration, Instant};
use unicode_segmentation::UnicodeSegmentation;

/// Unoptimised code may take so much longer than the limit, which is meant for the product.
const SLACK: u32 = if cfg!(debug_assertions) { 15 } else { 1 };

fn within(limit: Duration, row: &Row, work: impl FnOnce()) {
    let start = processor_time();
    work();
    let took = processor_time().saturating_sub(start);
    assert!(
        took <= limit * SLACK,
        "{} took {took:?}, allowed {limit:?}",
        row.id
    );
}

/// What this thread has used of the processor, as others may use it meanwhile; where that is not told,
/// the time.
fn processor_time() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// Everything in these rooms that takes text from outside.
fn every_door(text: &str) -> Vec<String> {
    let mut out = vec![
        sanitize_line(text).text,
        sanitize_block(text).text,
        preview::snippet(text),
        subject::reply_subject(text),
        HeaderValue::cleaned(text).as_str().to_owned(),
        html_to_text(text).text,
    ];
    for found in links::find(text) {
        out.push(found.link.text.clone());
        out.push(found.link.href.clone());
        out.push(found.link.label(80));
    }
    out
}

fn assert_no_controls(row: &Row, text: &str, lines: bool) {
    for c in text.chars() {
        assert!(
            !c.is_control() || (lines && c == '\n'),
            "{}: {c:?} in {text:?}",
            row.id
        );
    }
}

fn assert_nothing_invisible(row: &Row, text: &str) {
    for c in text.chars() {
        let bad = matches!(c as u32,
            0xad | 0x61c | 0x200b | 0x200e | 0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xe_0000..=0xe_0fff | 0x2028 | 0x2029 | 0xfff0..=0xfffb | 0x115f | 0x1160 | 0x3164);
        assert!(!bad, "{}: {c:?} in {text:?}", row.id);
    }
}

/// Writes the cleaned text between two rows of a terminal: they stay, and nothing else happens.
fn assert_stays_in_its_row(row: &Row, text: &str) {
    let clean = sanitize_line(text).text;
    // Terminals disagree about the columns of clusters; half a row leaves room for that.
    let shown = width::clip(&clean, 40);
    let mut terminal = vt100::Parser::new_with_callbacks(5, 80, 0, Deeds::default());
    terminal.process(format!("\x1b[1;1Habove\x1b[3;1Hbelow\x1b[2;1H{shown}").as_bytes());
    let lines: Vec<String> = terminal.screen().rows(0, 80).collect();
    assert_eq!(lines[0], "above", "{}", row.id);
    assert_eq!(lines[2], "below", "{}", row.id);
    assert_eq!(lines[3..].concat(), "", "{}", row.id);
    assert_eq!(terminal.callbacks().0, Vec::<String>::new(), "{}", row.id);
    for (name, on) in [
        ("alternate screen", terminal.screen().alternate_screen()),
        ("application keypad", terminal.screen().application_keypad()),
        ("bracketed paste", terminal.screen().bracketed_paste()),
        ("hidden cursor", terminal.screen().hide_cursor()),
    ] {
        assert!(!on, "{}: {name}", row.id);
    }
    for column in 0..80 {
        if let Some(cell) = terminal.screen().cell(1, column) {
            assert_eq!(cell.fgcolor(), vt100::Color::Default, "{}", row.id);
            assert_eq!(cell.bgcolor(), vt100::Color::Default, "{}", row.id);
        }
    }
}

fn assert_bounded_cells(row: &Row, text: &str) {
    for grapheme in sanitize_line(text).text.graphemes(true) {
        assert!(grapheme.len() <= 64, "{}: {} bytes", row.id, grapheme.len());
        let marks = grapheme
            .chars()
            .filter(|&c| unicode_width::UnicodeWidthChar::width(c) == Some(0))
            .count();
        assert!(marks <= 8, "{}: {marks} marks", row.id);
    }
}

/// Our columns are the screen's columns, at every width.
fn assert_columns_agree(row: &Row, text: &str) {
    let clean = sanitize_line(text).text;
    let area = Rect::new(0, 0, 400, 1);
    let (end, _) = Buffer::empty(area).set_stringn(0, 0, &clean, 400, Style::default());
    assert_eq!(
        usize::from(end),
        width::width(&clean).min(400),
        "{}",
        row.id
    );
    for cols in [2, 3, 40, 79, 80] {
        let index = WrapIndex::new(clean.as_str(), cols);
        for line in 0..index.lines() {
            assert!(
                width::width(index.line(line)) <= cols,
                "{} at {cols}",
                row.id
            );
        }
        assert_eq!(width::width(&width::pad(&clean, cols)), cols, "{}", row.id);
    }
}

/// What opening a conversation with this text costs.
fn open_it(text: &str) {
    let clean = sanitize_block(text).text;
    let split = quote::split_quote(&clean);
    let _ = preview::snippet(&clean);
    let _ = links::find(&clean);
    let index = WrapIndex::new(&clean[split.body], 80);
    assert!(index.visible(0, 50).all(|line| width::width(line) <= 80));
    let last = index.lines().saturating_sub(1);
    assert!(index.visible(last, 1).count() == 1);
}

#[test]
fn terminal() {
    prove("hostile_text::terminal", "01_terminal", |row, check| {
        let text = row.text();
        match check {
            "no_ctrl" => {
                for out in every_door(&text) {
                    assert_no_controls(row, &out, true);
                    assert_nothing_invisible(row, &out);
                }
                assert_no_controls(row, &sanitize_line(&text).text, false);
            }
            "row_isolated" | "no_tty_reply" | "title_unchanged" | "clipboard_unchanged" => {
                assert_stays_in_its_row(row, &text);
            }
            "nothing_hidden" => {
                let clean = sanitize_line(&text);
                assert!(clean.hidden > 0, "{}", row.id);
                for word in text.split(|c: char| !c.is_ascii_alphabetic()) {
                    assert!(clean.text.contains(word), "{}: {word}", row.id);
                }
            }
            _ => return false,
        }
        true
    });
}

#[test]
fn unicode() {
    prove("hostile_text::unicode", "02_unicode", |row, check| {
        let text = row.text();
        match check {
            "no_bidi" => {
                for out in every_door(&text) {
                    assert_nothing_invisible(row, &out);
                }
                let clean = sanitize_line(&text);
                assert!(
                    clean.hidden > 0 || clean.text == text,
                    "{} changed without being counted",
                    row.id
                );
            }
            "row_isolated" => {
                assert_stays_in_its_row(row, &text);
                assert!(
                    !sanitize_line(&text)
                        .text
                        .contains(['\n', '\u{2028}', '\u{2029}'])
                );
            }
            "readable" if row.id == "uni-private-use" => {
                assert_eq!(sanitize_line(&text).text, "\u{fffd}\u{fffd}\u{fffd}");
            }
            "readable" => {
                let clean = sanitize_line(&text);
                assert_eq!((clean.text, clean.hidden), (text.clone(), 0), "{}", row.id);
            }
            "width_ok" => assert_columns_agree(row, &text),
            "bounded_cell" => assert_bounded_cells(row, &text),
            "nothing_hidden" => {
                let clean = sanitize_line(&text);
                assert!(
                    clean.hidden > 0 && clean.text.trim().is_empty(),
                    "{}",
                    row.id
                );
                assert_eq!(preview::snippet(&text), "", "{}", row.id);
            }
            "ai_input_clean" => {
                let clean = sanitize_block(&text).text;
                assert_eq!(clean, "😀", "{}", row.id);
            }
            "no_panic" => {
                for out in every_door(&text) {
                    assert_no_controls(row, &out, true);
                }
                let _ = markdown::to_html(&text);
                let _ = markdown::to_plain(&text);
                let _ = parse(&text);
            }
            "search_fold" => {
                let index = Index::of(&text);
                let words: &[&str] = match row.id.as_str() {
                    "uni-nfc-nfd" => &["amelie", "Amélie", "Ame\u{301}lie"],
                    "uni-fullwidth" => &["admin", "ADMIN pay", "ｐａｙ"],
                    other => panic!("no words for {other}"),
                };
                for word in words {
                    assert_eq!(index.run(word), Ok(1), "{}: {word}", row.id);
                }
            }
            "time_300ms" => {
                let limit = Duration::from_millis(300);
                within(limit, row, || open_it(&text));
                within(limit, row, || {
                    drop(markdown::to_html(&quote::quote_for_reply(&text)));
                });
            }
            _ => return false,
        }
        true
    });
}

/// A full-text index as the mirror has it, with one row.
struct Index(rusqlite::Connection);

impl Index {
    fn of(text: &str) -> Self {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE VIRTUAL TABLE t USING fts5(subject, body, tokenize='unicode61 remove_diacritics 2')",
        )
        .unwrap();
        db.execute(
            "INSERT INTO t VALUES ('', ?1)",
            [fold::fold(&sanitize_block(text).text)],
        )
        .unwrap();
        Self(db)
    }

    /// How many rows an input finds, finished and while it is typed.
    fn run(&self, input: &str) -> Result<i64, rusqlite::Error> {
        let query = parse(input);
        let mut found = 0;
        for matching in [
            fts_exclude(&query),
            fts_match(&query, true),
            fts_match(&query, false),
        ]
        .into_iter()
        .flatten()
        {
            found = self.0.query_row(
                "SELECT count(*) FROM t WHERE t MATCH ?1",
                [matching],
                |row| row.get(0),
            )?;
        }
        Ok(found)
    }
}

#[test]
fn search() {
    let index = Index::of("an invoice of 50% off_");
    prove("hostile_text::search", "07_search", |row, check| {
        let text = row.text();
        match check {
            "no_sql_error" => {
                index
                    .run(&text)
                    .unwrap_or_else(|e| panic!("{}: {e}", row.id));
                let pattern = like_contains(&text);
                let like = "SELECT count(*) FROM t WHERE body LIKE ?1 ESCAPE '\\'";
                let found: i64 = index
                    .0
                    .query_row(like, [&pattern], |row| row.get(0))
                    .unwrap_or_else(|e| panic!("{}: {e}", row.id));
                let literal = "an invoice of 50% off_".contains(&text.replace('\0', ""));
                assert_eq!(
                    found == 1,
                    literal,
                    "{}: a wildcard was not escaped",
                    row.id
                );
            }
            "no_panic" => {
                // Typed letter by letter.
                for (at, _) in text.char_indices().take(300) {
                    index
                        .run(&text[..at])
                        .unwrap_or_else(|e| panic!("{}: {e}", row.id));
                }
                for remark in parse(&text).remarks {
                    assert_no_controls(row, &remark, false);
                }
            }
            "time_100ms" => within(Duration::from_millis(100), row, || {
                let _ = index.run(&text);
            }),
            _ => return false,
        }
        true
    });
}

#[test]
fn templates() {
    prove("hostile_text::templates", "09_templates", |row, check| {
        let fields = row.fields();
        let name = &fields["customer.name"];
        let mut values: std::collections::BTreeMap<String, String> = [
            ("customer.name", name.as_str()),
            ("order.id", "4410"),
            ("secrets.imap_password", "hunter2"),
            ("env.HOME", "/home/nina"),
            ("a", "expanded"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into();
        let filled = template::fill(&fields["template"], &values).unwrap();
        match check {
            "no_template_eval" => {
                assert_eq!(filled, format!("Hello {name}, re order 4410"), "{}", row.id);
                values.remove("order.id");
                let missing = template::fill(&fields["template"], &values).unwrap_err();
                assert_eq!(missing.0, "order.id", "{}", row.id);
            }
            "no_secret_in_draft" => {
                assert!(!filled.contains("hunter2"), "{}", row.id);
                assert!(!filled.contains("/home/nina"), "{}", row.id);
            }
            _ => return false,
        }
        true
    });
}

#[test]
fn csv_export() {
    prove("hostile_text::csv_export", "11_csv_export", |row, check| {
        if check != "csv_safe" {
            return false;
        }
        let cell = &row.fields()["cell"];
        let safe = csv_cell::safe_cell(cell);
        let mut file = csv::WriterBuilder::new()
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(Vec::new());
        file.write_record(["before", &safe, "after"]).unwrap();
        let bytes = file.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(bytes.as_slice());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 1, "{}: more than one row", row.id);
        assert_eq!(records[0].len(), 3, "{}: a cell broke out", row.id);
        let read = &records[0][1];
        let number = read.parse::<f64>().is_ok();
        let first = read.trim_start().chars().next().unwrap_or('x');
        assert!(
            number || !"=+-@|\t\r＝＋－＠".contains(first),
            "{}: {read:?} may be computed",
            row.id
        );
        assert_eq!(
            csv_cell::original(read),
            cell,
            "{} does not come back",
            row.id
        );
        true
    });
}

/// What the agent is told of the links of a row: host, and a word of the warning.
fn expected_link(id: &str) -> Option<(&'static str, &'static str)> {
    Some(match id {
        "html-js-link" => ("", "javascript"),
        "html-data-link" => ("", "data"),
        "html-smb-link" | "html-dash-url" => ("", "no complete address"),
        "html-ms-office" => ("", "ms-word"),
        "html-mailto-bcc" => ("a@b.example", "bcc"),
        "html-homograph" | "html-punycode" => ("xn--80ak6aa92e.example", "аррӏе.example"),
        "html-bidi-url" => ("example.com", "hidden"),
        "html-long-sub" => ("", "evil.example"),
        "html-ip-dec" => ("127.0.0.1", "number"),
        "html-open-redirect" => ("bank.example", "evil.example"),
        _ => return None,
    })
}

#[test]
fn html() {
    prove("hostile_text::html", "13_html_links", |row, check| {
        let text = row.text();
        match check {
            "time_300ms" => within(Duration::from_millis(300), row, || {
                let got = html_to_text(&text);
                assert!(got.text.len() <= MAX_OUTPUT + 4096, "{}", row.id);
                open_it(&got.text);
            }),
            // Pure functions of the bytes; `architecture` holds the room to that. What is named
            // by the document without being asked for must not even be shown as a link.
            "no_net" => {
                let got = html_to_text(&text);
                let asked = text.contains("<a ");
                assert_eq!(!got.links.is_empty(), asked, "{}", row.id);
                assert!(asked || !got.text.contains("evil.example"), "{}", row.id);
            }
            "no_exec" => {
                let got = html_to_text(&text);
                assert_no_controls(row, &got.text, true);
                for link in &got.links {
                    let Some(target) = link.target() else {
                        continue;
                    };
                    let scheme = target.split(':').next().unwrap();
                    assert!(
                        ["http", "https", "mailto", "tel"].contains(&scheme),
                        "{}",
                        row.id
                    );
                    assert!(target.bytes().all(|b| b.is_ascii_graphic()), "{}", row.id);
                    assert!(!target.contains("bcc"), "{}", row.id);
                }
            }
            "links_honest" => {
                let got = html_to_text(&text);
                match expected_link(&row.id) {
                    Some((host, word)) => {
                        let [link] = got.links.as_slice() else {
                            panic!("{}: {:?}", row.id, got.links);
                        };
                        assert!(
                            host.is_empty() || link.host == host,
                            "{}: {}",
                            row.id,
                            link.host
                        );
                        let why = link.suspicious.as_deref().unwrap_or_default();
                        assert!(why.contains(word), "{}: {why}", row.id);
                        assert!(link.label(200).contains(word), "{}", row.id);
                        assert!(got.text.contains(word), "{}: {}", row.id, got.text);
                    }
                    None => assert!(got.links.is_empty(), "{}: {:?}", row.id, got.links),
                }
                match row.id.as_str() {
                    "html-hidden-text" => {
                        assert_eq!(got.text, "‹hidden: white›");
                        assert!(got.hidden_text);
                    }
                    "html-zero-font" => assert!(got.hidden_text && got.text.is_empty()),
                    "html-css-content" => assert!(!got.text.contains("APPROVED")),
                    "html-html-bomb-width" => assert_eq!(got.text, "x"),
                    "html-nested-50k" => assert!(!got.truncated),
                    "html-entity-bomb" => assert!(got.text.starts_with("&&&")),
                    "html-pre-mb" => assert!(got.text.len() >= 1_000_000),
                    _ => {}
                }
            }
            _ => return false,
        }
        true
    });
}
