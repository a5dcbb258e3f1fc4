//! The one door between what others wrote and a screen.
//!
//! Guarantees of the output: no C0, DEL or C1 byte (a block keeps `\n`), no character that
//! reorders, hides or tags, at most [`MAX_MARKS`] marks and [`MAX_GRAPHEME_BYTES`] bytes in a
//! grapheme, no mark without a base. Arabic, Hebrew, Hindi, Persian, Thai, CJK and emoji families
//! come through unchanged. Cleaning twice changes nothing.

use super::charclass::{Class, class, is_lone, takes_joiner, takes_selector};
use super::width;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Combining marks that one grapheme may carry.
pub const MAX_MARKS: usize = 8;
/// Bytes that one grapheme may take.
pub const MAX_GRAPHEME_BYTES: usize = 64;
/// Columns between tab stops in a block.
pub const TAB: usize = 8;

/// Below these a run of cluster characters cannot break the limits above, whatever its parts.
const SAFE_RUN_BYTES: usize = 28;
const MARKER: char = '\u{fffd}';
const DOTTED_CIRCLE: char = '\u{25cc}';

/// Clean text and how much of the original could not be shown as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The text that may be drawn.
    pub text: String,
    /// Characters that were removed or replaced by something visible.
    pub hidden: usize,
}

/// Cleans text for one row: line ends become visible pictures, a tab becomes one space.
pub fn sanitize_line(input: &str) -> Cleaned {
    clean(input, false)
}

/// Cleans text of many lines: every line end (CRLF, CR, U+2028, U+2029) becomes `\n`, tabs are
/// expanded to stops of [`TAB`] columns.
pub fn sanitize_block(input: &str) -> Cleaned {
    clean(input, true)
}

fn clean(input: &str, block: bool) -> Cleaned {
    let printable = |b: u8| (0x20..0x7f).contains(&b);
    if input.bytes().all(|b| printable(b) || (block && b == b'\n')) {
        return Cleaned {
            text: input.to_owned(),
            hidden: 0,
        };
    }
    let mut w = Writer::new(input.len());
    let mut i = 0;
    while let Some(rest) = input.get(i..).filter(|r| !r.is_empty()) {
        let plain = rest.bytes().take_while(|&b| printable(b)).count();
        if plain > 0 {
            w.plain(&rest[..plain]);
            i += plain;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        i += c.len_utf8();
        match class(c) {
            Class::Control if block && c == '\r' => {
                if rest.as_bytes().get(1) == Some(&b'\n') {
                    i += 1;
                }
                w.newline();
            }
            Class::Control if block && c == '\n' => w.newline(),
            Class::Control if c == '\t' => w.tab(block),
            Class::Control => w.visible(picture(c)),
            Class::Separator if block => w.newline(),
            Class::Separator => w.visible('\u{2424}'),
            Class::Keep => w.base(c),
            Class::Mark => w.mark(c),
            Class::Joiner => w.joiner(c),
            Class::Selector => w.selector(c),
            Class::Drop => w.hidden += 1,
            Class::Replace => w.visible(MARKER),
            Class::Blank => w.visible(' '),
        }
    }
    w.finish()
}

/// The visible stand-in of a C0 control or DEL.
fn picture(c: char) -> char {
    let u = c as u32;
    if u == 0x7f {
        '\u{2421}'
    } else {
        char::from_u32(0x2400 + u).unwrap_or(MARKER)
    }
}

/// Writes clean text. Every decision depends only on what was already written, which is why a
/// second pass finds nothing to change.
struct Writer {
    out: String,
    hidden: usize,
    /// The character that marks would be drawn on; none at the start of a line.
    base: Option<char>,
    /// The last character written is the base itself.
    bare: bool,
    /// The last character written is a joiner.
    joined: bool,
    /// Bytes and marks since the last character that surely begins a grapheme.
    run: (usize, usize),
    /// A grapheme may be over a limit: measure them exactly at the end.
    risky: bool,
    /// Where the text of the current tab column begins, and that column.
    tab_from: usize,
    column: usize,
}

impl Writer {
    fn new(len: usize) -> Self {
        Self {
            out: String::with_capacity(len + 16),
            hidden: 0,
            base: None,
            bare: false,
            joined: false,
            run: (0, 0),
            risky: false,
            tab_from: 0,
            column: 0,
        }
    }

    fn plain(&mut self, ascii: &str) {
        self.out.push_str(ascii);
        self.base = ascii.chars().next_back();
        self.bare = true;
        self.joined = false;
        self.run = (0, 0);
    }

    fn base(&mut self, c: char) {
        self.out.push(c);
        self.base = Some(c);
        self.bare = true;
        self.joined = false;
        if is_lone(c) {
            self.run = (0, 0);
        } else {
            self.grow(c.len_utf8(), 0);
        }
    }

    fn visible(&mut self, c: char) {
        self.hidden += 1;
        self.base(c);
    }

    fn mark(&mut self, c: char) {
        if self.base.is_none() {
            self.visible(DOTTED_CIRCLE);
        }
        self.out.push(c);
        self.bare = false;
        self.joined = false;
        self.grow(c.len_utf8(), 1);
    }

    fn joiner(&mut self, c: char) {
        if self.joined || !self.base.is_some_and(takes_joiner) {
            self.hidden += 1;
            return;
        }
        self.out.push(c);
        self.bare = false;
        self.joined = true;
        self.grow(c.len_utf8(), 0);
    }

    fn selector(&mut self, c: char) {
        if !self.bare || !self.base.is_some_and(takes_selector) {
            self.hidden += 1;
            return;
        }
        self.out.push(c);
        self.bare = false;
        self.grow(c.len_utf8(), 0);
    }

    fn grow(&mut self, bytes: usize, marks: usize) {
        self.run.0 += bytes;
        self.run.1 += marks;
        if self.run.0 > SAFE_RUN_BYTES || self.run.1 > MAX_MARKS / 2 {
            self.risky = true;
        }
    }

    /// A joiner at a line's end would reach into what we draw next.
    fn drop_dangling_joiner(&mut self) {
        if self.joined {
            self.out.pop();
            self.hidden += 1;
            self.joined = false;
        }
    }

    fn newline(&mut self) {
        self.drop_dangling_joiner();
        self.out.push('\n');
        self.base = None;
        self.bare = false;
        self.run = (0, 0);
        self.tab_from = self.out.len();
        self.column = 0;
    }

    fn tab(&mut self, block: bool) {
        if !block {
            self.plain(" ");
            return;
        }
        let here = self.column + self.out.get(self.tab_from..).map_or(0, width::width);
        let spaces = TAB - here % TAB;
        self.plain(&"        "[..spaces]);
        self.column = here + spaces;
        self.tab_from = self.out.len();
    }

    fn finish(mut self) -> Cleaned {
        self.drop_dangling_joiner();
        if self.risky {
            let (text, elided) = cap_graphemes(&self.out);
            return Cleaned {
                text,
                hidden: self.hidden + elided,
            };
        }
        Cleaned {
            text: self.out,
            hidden: self.hidden,
        }
    }
}

/// Cuts graphemes that are over a limit and puts U+FFFD where the rest was.
fn cap_graphemes(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let mut elided = 0;
    for g in text.graphemes(true) {
        if g.len() <= MAX_GRAPHEME_BYTES && g.chars().filter(|&c| is_mark(c)).count() <= MAX_MARKS {
            out.push_str(g);
            continue;
        }
        let (mut bytes, mut marks) = (0, 0);
        let room = MAX_GRAPHEME_BYTES - MARKER.len_utf8();
        for c in g.chars() {
            marks += usize::from(is_mark(c));
            if bytes + c.len_utf8() > room || marks > MAX_MARKS {
                break;
            }
            bytes += c.len_utf8();
        }
        out.push_str(&g[..bytes]);
        out.push(MARKER);
        elided += g[bytes..].chars().count();
    }
    (out, elided)
}

fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && c.width() == Some(0)
        && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_table() {
        for (input, want, hidden) in [
            ("plain", "plain", 0),
            ("\u{1b}[31mred", "␛[31mred", 1),
            ("a\x7fb", "a␡b", 1),
            ("a\u{9b}31m", "a\u{fffd}31m", 1),
            ("a\nb\r\nc", "a␊b␍␊c", 3),
            ("a\tb", "a b", 0),
            ("a\u{2028}b", "a␤b", 1),
            ("invoice_\u{202e}fdp.exe", "invoice_fdp.exe", 1),
            ("pay\u{200d}pal", "paypal", 1),
            ("e\u{301}", "e\u{301}", 0),
            ("\u{301}x", "◌\u{301}x", 1),
            ("می\u{200c}خواهم", "می\u{200c}خواهم", 0),
            ("क्\u{200d}ष", "क्\u{200d}ष", 0),
            (
                "👨\u{200d}👩\u{200d}👧\u{200d}👦 🇫🇷",
                "👨\u{200d}👩\u{200d}👧\u{200d}👦 🇫🇷",
                0,
            ),
            ("☎\u{fe0f}\u{fe0f}", "☎\u{fe0f}", 1),
            ("1\u{fe0f}\u{20e3}", "1\u{fe0f}\u{20e3}", 0),
            ("👩\u{200d}", "👩", 1),
            ("\u{e0b0}", "\u{fffd}", 1),
            ("\u{2800}\u{2800}", "  ", 2),
        ] {
            let got = sanitize_line(input);
            assert_eq!((got.text.as_str(), got.hidden), (want, hidden), "{input:?}");
        }
    }

    #[test]
    fn block_table() {
        for (input, want) in [
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("a\u{2029}b", "a\nb"),
            ("a\tb", "a       b"),
            ("漢\tb\n\tc", "漢      b\n        c"),
            ("\u{1b}[2J\n", "␛[2J\n"),
            ("👩\u{200d}\nx", "👩\nx"),
        ] {
            assert_eq!(sanitize_block(input).text, want, "{input:?}");
        }
    }

    #[test]
    fn a_pile_of_marks_is_cut_and_says_so() {
        let bomb = format!("H{}!", "\u{335}".repeat(5000));
        let got = sanitize_line(&bomb);
        assert_eq!(got.text, format!("H{}\u{fffd}!", "\u{335}".repeat(8)));
        assert_eq!(got.hidden, 4992);
    }

    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<char>().prop_map(String::from),
            "[ -~]{0,6}",
            prop::sample::select(vec![
                "\r\n",
                "\t",
                "\u{1b}[",
                "\u{200d}",
                "\u{200c}",
                "\u{fe0f}",
                "\u{fe0e}",
                "\u{301}",
                "\u{20dd}",
                "\u{600}",
                "\u{1100}",
                "\u{1161}",
                "\u{11a8}",
                "👩",
                "🇫",
                "क",
                "्",
                "ष",
                "\u{903}",
                "\u{202e}",
                "\u{e0061}",
                "م",
                "漢",
                "\u{0e33}",
                "\u{2028}",
                "🏽",
                "\u{e33}",
            ])
            .prop_flat_map(|s| (1usize..40).prop_map(move |n| s.repeat(n))),
        ];
        prop::collection::vec(part, 0..12).prop_map(|v| v.concat())
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(s in hostile()) {
            let once = sanitize_line(&s).text;
            let twice = sanitize_line(&once);
            prop_assert_eq!(&twice.text, &once);
            let block = sanitize_block(&s).text;
            prop_assert_eq!(&sanitize_block(&block).text, &block);
        }

        #[test]
        fn nothing_harmful_remains(s in hostile()) {
            for (text, newline) in [(sanitize_line(&s).text, false), (sanitize_block(&s).text, true)] {
                for c in text.chars() {
                    prop_assert!(!c.is_control() || (newline && c == '\n'), "{c:?}");
                    prop_assert!(!matches!(class(c), Class::Drop | Class::Replace | Class::Separator | Class::Blank));
                }
                for g in text.graphemes(true) {
                    prop_assert!(g.len() <= MAX_GRAPHEME_BYTES);
                    prop_assert!(g.chars().filter(|&c| is_mark(c)).count() <= MAX_MARKS);
                }
            }
        }
    }
}
