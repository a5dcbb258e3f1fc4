//! Turns tags and text into lines.

use super::entity::decode;
use super::style::{Background, Rgb, Sheet, Style, colour, same};
use super::token::{Tag, Token};
use super::{MAX_DEPTH, MAX_LINKS, MAX_OUTPUT};
use crate::text::links::Link;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Quote marks and list indents beyond this depth are not drawn.
const MAX_NESTING: usize = 8;
/// Bytes of a link's own words that are kept.
const MAX_LINK_TEXT: usize = 300;
/// Bytes of an address that are listed under the text; the link itself keeps them all.
const MAX_FOOTNOTE: usize = 2000;

/// What an element does to the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inline,
    Link,
    /// Begins and ends a line.
    Block,
    /// Begins and ends a paragraph.
    Paragraph,
    Quote,
    List {
        numbered: bool,
        next: u32,
    },
    Item,
    Row,
    Cell,
    Pre,
}

#[derive(Debug)]
struct Element {
    name: String,
    kind: Kind,
    hidden: bool,
    /// In the colour of its background.
    faint: bool,
    colour: Rgb,
    /// None when it is not known.
    background: Option<Rgb>,
}

/// An open `a` element: where it leads and the words so far.
#[derive(Debug)]
struct Anchor {
    href: String,
    text: String,
}

/// The text so far and what is open.
#[derive(Debug)]
pub(super) struct Layout {
    out: String,
    stack: Vec<Element>,
    /// Start tags that were not put on the stack because it was full.
    overflow: usize,
    /// Line ends to write before the next text: 0, 1 or 2.
    breaks: usize,
    space: bool,
    /// A list mark to write before the next text.
    mark: Option<String>,
    sheet: Sheet,
    anchor: Option<Anchor>,
    links: Vec<Link>,
    known: HashMap<String, usize>,
    /// Quote depth of the line that is being written.
    quoted: usize,
    hidden_text: bool,
    full: bool,
}

impl Layout {
    pub fn new() -> Self {
        Self {
            out: String::new(),
            stack: Vec::new(),
            overflow: 0,
            breaks: 0,
            space: false,
            mark: None,
            sheet: Sheet::default(),
            anchor: None,
            links: Vec::new(),
            known: HashMap::new(),
            quoted: 0,
            hidden_text: false,
            full: false,
        }
    }

    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Takes one piece; false when there is no room for more.
    pub fn add(&mut self, token: &Token<'_>) -> bool {
        match token {
            Token::Text(text) => self.text(&decode(text)),
            Token::Open(tag) => self.open(tag),
            Token::Close(name) => self.close(&name.to_ascii_lowercase()),
            Token::Raw { name, text } => {
                if name.eq_ignore_ascii_case("style") {
                    self.sheet.read(text);
                } else if name.eq_ignore_ascii_case("textarea") {
                    self.text(&decode(text));
                }
            }
        }
        !self.full
    }

    fn top(&self, test: impl Fn(Kind) -> bool) -> bool {
        self.stack.last().is_some_and(|e| test(e.kind))
    }

    fn depth(&self, test: impl Fn(Kind) -> bool) -> usize {
        self.stack
            .iter()
            .filter(|e| test(e.kind))
            .count()
            .min(MAX_NESTING)
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.to_ascii_lowercase();
        match name.as_str() {
            "br" => return self.line_break(),
            "hr" => {
                self.want(1);
                self.text("───");
                return self.want(1);
            }
            "img" => return self.image(tag),
            "area" | "base" | "col" | "embed" | "input" | "link" | "meta" | "param" | "source"
            | "track" | "wbr" => return,
            _ => {}
        }
        let kind = kind(&name);
        if (kind == Kind::Item && self.top(|k| k == Kind::Item))
            || (kind == Kind::Cell && self.top(|k| k == Kind::Cell))
            || (kind == Kind::Paragraph && self.stack.last().is_some_and(|e| e.name == "p"))
        {
            self.pop();
        }
        self.begin(kind);
        if self.stack.len() >= MAX_DEPTH {
            self.overflow += 1;
            return;
        }
        let element = self.element(name, kind, tag);
        if element.faint && !self.faint() && !element.hidden {
            self.open_mark("‹hidden: ");
        }
        self.stack.push(element);
        if kind == Kind::Link
            && self.anchor.is_none()
            && let Some(href) = tag.attribute("href")
        {
            self.anchor = Some(Anchor {
                href: decode(href).into_owned(),
                text: String::new(),
            });
        }
    }

    fn element(&self, name: String, kind: Kind, tag: &Tag<'_>) -> Element {
        let parent = self.stack.last();
        let style = tag
            .attribute("style")
            .map(|s| Style::read(&decode(s)))
            .unwrap_or_default();
        let hidden = parent.is_some_and(|p| p.hidden)
            || style.hidden
            || tag.attribute("hidden").is_some()
            || self
                .sheet
                .hides(tag.attribute("class"), tag.attribute("id"));
        let own = |name: &str| {
            tag.attribute(name)
                .and_then(|v| colour(&v.to_ascii_lowercase()))
        };
        let ink = style
            .colour
            .or_else(|| (name == "font").then(|| own("color")).flatten());
        let inherited = parent.map_or(Some([255; 3]), |p| p.background);
        let background = match style.background {
            Background::Plain(known) => Some(known),
            Background::Unknown => None,
            Background::Inherited if tag.attribute("background").is_some() => None,
            Background::Inherited if tag.attribute("bgcolor").is_some() => own("bgcolor"),
            // A class may set what we do not read.
            Background::Inherited if ink.is_some() && tag.attribute("class").is_some() => None,
            Background::Inherited => inherited,
        };
        let ink = ink.unwrap_or_else(|| parent.map_or([0; 3], |p| p.colour));
        Element {
            name,
            kind,
            hidden,
            faint: background.is_some_and(|b| same(b, ink)),
            colour: ink,
            background,
        }
    }

    fn faint(&self) -> bool {
        self.stack.last().is_some_and(|e| e.faint)
    }

    fn hidden(&self) -> bool {
        self.stack.last().is_some_and(|e| e.hidden)
    }

    fn close(&mut self, name: &str) {
        match name {
            "br" => return self.line_break(),
            "p" if !self.stack.iter().any(|e| e.name == "p") => return self.want(2),
            _ => {}
        }
        if self.overflow > 0 {
            self.overflow -= 1;
            return self.end(kind(name));
        }
        if let Some(at) = self.stack.iter().rposition(|e| e.name == name) {
            while self.stack.len() > at {
                self.pop();
            }
        }
    }

    fn pop(&mut self) {
        let Some(element) = self.stack.pop() else {
            return;
        };
        if element.faint && !element.hidden && !self.faint() {
            self.close_mark("‹hidden: ", "›");
        }
        if element.kind == Kind::Link && !self.stack.iter().any(|e| e.kind == Kind::Link) {
            self.end_link();
        }
        self.end(element.kind);
    }

    /// What comes before an element.
    fn begin(&mut self, kind: Kind) {
        match kind {
            Kind::Inline | Kind::Link => {}
            Kind::Block | Kind::Row | Kind::Pre => self.want(1),
            Kind::Paragraph | Kind::Quote => self.want(2),
            Kind::List { .. } => {
                let nested = self.depth(|k| matches!(k, Kind::List { .. })) > 0;
                self.want(if nested {
                    1
                } else {
                    2 - usize::from(self.out.is_empty())
                });
            }
            Kind::Item => {
                self.want(1);
                self.mark = Some(self.item_mark());
            }
            Kind::Cell => {
                if self.breaks == 0 && !self.out.is_empty() && !self.out.ends_with('\n') {
                    self.space = false;
                    self.out.push_str("  ");
                }
            }
        }
    }

    /// What comes after it.
    fn end(&mut self, kind: Kind) {
        match kind {
            Kind::Inline | Kind::Link | Kind::Cell => {}
            Kind::Block | Kind::Row | Kind::Pre | Kind::Item | Kind::List { .. } => self.want(1),
            Kind::Paragraph | Kind::Quote => self.want(2),
        }
    }

    fn item_mark(&mut self) -> String {
        let depth = self.depth(|k| matches!(k, Kind::List { .. }));
        let indent = "  ".repeat(depth.saturating_sub(1));
        for element in self.stack.iter_mut().rev() {
            if let Kind::List { numbered, next } = &mut element.kind {
                let n = *next;
                *next = n.saturating_add(1);
                return if *numbered {
                    format!("{indent}{n}. ")
                } else {
                    format!("{indent}• ")
                };
            }
        }
        "• ".to_owned()
    }

    fn want(&mut self, breaks: usize) {
        self.space = false;
        if !self.out.is_empty() {
            self.breaks = self.breaks.max(breaks);
        }
    }

    fn line_break(&mut self) {
        if self.hidden() || self.out.is_empty() {
            return;
        }
        self.space = false;
        self.breaks = (self.breaks + 1).min(2);
    }

    fn image(&mut self, tag: &Tag<'_>) {
        let tiny = |name: &str| {
            tag.attribute(name).is_some_and(|v| {
                v.trim_end_matches("px")
                    .trim()
                    .parse::<u32>()
                    .is_ok_and(|n| n <= 2)
            })
        };
        let style = Style::read(&decode(tag.attribute("style").unwrap_or("")));
        if tiny("width") || tiny("height") || style.hidden {
            return;
        }
        match tag.attribute("alt").map(decode) {
            Some(alt) if !alt.trim().is_empty() => {
                let alt = alt.trim();
                let cut = alt.floor_char_boundary(MAX_LINK_TEXT);
                self.text(&format!("[image: {}]", &alt[..cut]));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.full {
            return;
        }
        if self.hidden() {
            self.hidden_text |= text.chars().any(char::is_alphanumeric);
            return;
        }
        if self.stack.iter().any(|e| e.kind == Kind::Pre) {
            return self.preformatted(text);
        }
        let mut words = text.split(is_space).peekable();
        while let Some(word) = words.next() {
            if !word.is_empty() {
                self.word(word);
            }
            if words.peek().is_some() {
                self.space = true;
            }
        }
    }

    fn preformatted(&mut self, text: &str) {
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.breaks += 1;
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.space = false;
                self.word(line);
            }
        }
        // Blank lines at the end belong to nobody.
        self.breaks = self.breaks.min(3);
    }

    fn word(&mut self, word: &str) {
        self.flush();
        if let Some(anchor) = &mut self.anchor
            && anchor.text.len() < MAX_LINK_TEXT
        {
            if !anchor.text.is_empty() && self.space {
                anchor.text.push(' ');
            }
            let cut = word.floor_char_boundary(MAX_LINK_TEXT);
            anchor.text.push_str(&word[..cut]);
        }
        if self.space && !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push_str(word);
        if self.out.len() > MAX_OUTPUT {
            self.out.truncate(self.out.floor_char_boundary(MAX_OUTPUT));
            self.full = true;
        }
    }

    /// Writes the line ends that were asked for, and what the new line begins with.
    fn flush(&mut self) {
        let fresh = self.out.is_empty();
        if self.breaks == 0 && !fresh {
            return;
        }
        let depth = self.depth(|k| k == Kind::Quote);
        let quote = "> ".repeat(depth);
        let between = "> ".repeat(depth.min(self.quoted));
        self.quoted = depth;
        for i in 0..self.breaks {
            if i > 0 {
                self.out.push_str(between.trim_end());
            }
            self.out.push('\n');
        }
        self.breaks = 0;
        self.out.push_str(&quote);
        if let Some(mark) = self.mark.take() {
            self.out.push_str(&mark);
        } else {
            let lists = self.depth(|k| matches!(k, Kind::List { .. }));
            if self.stack.iter().any(|e| e.kind == Kind::Item) {
                self.out.push_str(&"  ".repeat(lists));
            }
        }
    }

    fn open_mark(&mut self, mark: &str) {
        self.flush();
        if self.space && !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push_str(mark);
    }

    /// Ends a mark, or takes it back when there was nothing to mark.
    fn close_mark(&mut self, open: &str, close: &str) {
        if let Some(before) = self.out.strip_suffix(open) {
            self.out.truncate(before.len());
        } else {
            self.out.push_str(close);
            self.hidden_text = true;
        }
    }

    fn end_link(&mut self) {
        let Some(anchor) = self.anchor.take() else {
            return;
        };
        if self.hidden() || self.full {
            return;
        }
        let link = Link::new(&anchor.text, &anchor.href);
        if link.href.starts_with('#') || link.href.is_empty() {
            return;
        }
        let key = link.href.clone();
        let noted = link.needs_note();
        let at = match self.known.get(&key) {
            Some(&at) if !noted || !self.links[at].honest || link.honest => at,
            _ if self.links.len() >= MAX_LINKS => return,
            _ => {
                self.links.push(link);
                self.known.insert(key, self.links.len() - 1);
                self.links.len() - 1
            }
        };
        if noted && !anchor.text.is_empty() {
            let _ = write!(self.out, " [{}]", at + 1);
        }
    }

    /// The text with its list of links, the links, and whether something was hidden.
    pub fn finish(mut self) -> (String, Vec<Link>, bool) {
        while !self.stack.is_empty() {
            self.pop();
        }
        let mut out = self.out;
        let mut first = true;
        for (i, link) in self.links.iter().enumerate() {
            if !link.needs_note() || link.text.is_empty() {
                continue;
            }
            out.push_str(if first { "\n\n" } else { "\n" });
            first = false;
            let address = if link.openable() || link.number().is_some() {
                &link.href[..link.href.floor_char_boundary(MAX_FOOTNOTE)]
            } else {
                "(not opened)"
            };
            let _ = write!(out, "[{}] {address}", i + 1);
            if let Some(why) = &link.suspicious {
                let _ = write!(out, " ({why})");
            }
        }
        (out, self.links, self.hidden_text)
    }
}

/// Spaces, and what mails pad with.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '\u{a0}' | '\u{200b}' | '\u{feff}' | '\u{34f}')
}

fn kind(name: &str) -> Kind {
    match name {
        "a" => Kind::Link,
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Kind::Paragraph,
        "div" | "table" | "tbody" | "thead" | "tfoot" | "section" | "article" | "header"
        | "footer" | "main" | "aside" | "nav" | "form" | "fieldset" | "center" | "address"
        | "dl" | "dt" | "dd" | "figure" | "figcaption" | "details" | "summary" | "body"
        | "html" | "caption" | "option" | "select" => Kind::Block,
        "tr" => Kind::Row,
        "td" | "th" => Kind::Cell,
        "blockquote" => Kind::Quote,
        "ul" | "menu" | "dir" => Kind::List {
            numbered: false,
            next: 1,
        },
        "ol" => Kind::List {
            numbered: true,
            next: 1,
        },
        "li" => Kind::Item,
        "pre" | "listing" | "plaintext" => Kind::Pre,
        _ => Kind::Inline,
    }
}
