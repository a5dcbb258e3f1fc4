//! What agents write (Markdown) as the two parts of a mail.
//!
//! Both are pure functions of the text: what was reviewed is what leaves.

use super::links::Link;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};
use std::fmt::Write as _;

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    Parser::new_ext(text, options)
}

/// A target that may stand in our mails: http, https or mailto, in ASCII.
fn allowed(target: &str) -> Option<String> {
    Link::new("", target).target().map(str::to_owned)
}

/// Markdown as HTML. Raw HTML in it is shown as text, links lead to http, https or mailto only,
/// images become links, and a line end is a line end.
pub fn to_html(text: &str) -> String {
    // Open links and images, and whether they are written as links.
    let mut open: Vec<bool> = Vec::new();
    let safe = events(text).filter_map(|event| {
        Some(match event {
            Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
            Event::SoftBreak => Event::HardBreak,
            Event::Start(
                Tag::Link {
                    link_type,
                    dest_url,
                    ..
                }
                | Tag::Image {
                    link_type,
                    dest_url,
                    ..
                },
            ) => {
                let target = link_target(link_type, &dest_url).and_then(|t| allowed(&t));
                // A link within a link is none.
                let target = target.filter(|_| !open.contains(&true));
                open.push(target.is_some());
                Event::Start(Tag::Link {
                    link_type: LinkType::Inline,
                    dest_url: CowStr::from(target?),
                    title: CowStr::Borrowed(""),
                    id: CowStr::Borrowed(""),
                })
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if !open.pop().unwrap_or(false) {
                    return None;
                }
                Event::End(TagEnd::Link)
            }
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => return None,
            other => other,
        })
    });
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, safe);
    out
}

fn link_target(kind: LinkType, target: &str) -> Option<String> {
    match kind {
        LinkType::Email => Some(format!("mailto:{target}")),
        _ => (!target.is_empty()).then(|| target.to_owned()),
    }
}

/// Markdown as plain text: marks of emphasis go, links show their target, lists and quotes keep
/// their marks.
pub fn to_plain(text: &str) -> String {
    let mut plain = Plain::default();
    for event in events(text) {
        plain.add(event);
    }
    plain.out.truncate(plain.out.trim_end().len());
    plain.out
}

#[derive(Default)]
struct Plain {
    out: String,
    /// What every line begins with: quote marks and indents.
    prefix: Vec<String>,
    /// The numbers of open lists; none for bullets.
    lists: Vec<Option<u64>>,
    links: Vec<(String, usize)>,
    first_cell: bool,
    /// A mark was just written: the next block begins on the same line.
    block_open: bool,
}

impl Plain {
    fn newline(&mut self) {
        self.out.push('\n');
        let prefix = self.prefix.concat();
        self.out.push_str(&prefix);
    }

    /// Starts a block: on a new line, after an empty one unless in a list.
    fn block(&mut self, gap: bool) {
        if self.out.is_empty() {
            let prefix = self.prefix.concat();
            self.out.push_str(&prefix);
            return;
        }
        if self.block_open {
            self.block_open = false;
            return;
        }
        if gap && self.lists.is_empty() {
            let prefix = self.prefix.concat();
            self.out.push('\n');
            self.out.push_str(prefix.trim_end());
        }
        self.newline();
    }

    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(t) | Event::Html(t) | Event::InlineHtml(t) | Event::Code(t) => {
                self.block_open = false;
                for (i, line) in t.split('\n').enumerate() {
                    if i > 0 {
                        self.newline();
                    }
                    self.out.push_str(line);
                }
            }
            Event::SoftBreak | Event::HardBreak => self.newline(),
            Event::Rule => {
                self.block(true);
                self.out.push_str("---");
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock | Tag::Table(_) => {
                self.block(true);
            }
            Tag::CodeBlock(_) => {
                self.block(true);
                self.prefix.push("    ".to_owned());
                self.out.push_str("    ");
            }
            Tag::BlockQuote(_) => {
                self.block(true);
                self.prefix.push("> ".to_owned());
                self.out.push_str("> ");
                self.block_open = true;
            }
            Tag::List(number) => {
                if self.lists.is_empty() {
                    self.block(true);
                    self.block_open = true;
                }
                self.lists.push(number);
            }
            Tag::Item => {
                self.block(false);
                let mark = match self.lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}. ", *n - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.out.push_str(&mark);
                self.prefix.push(" ".repeat(mark.len()));
                self.block_open = true;
            }
            Tag::TableRow => self.newline(),
            Tag::TableHead => self.first_cell = true,
            Tag::TableCell => {
                let gap = if std::mem::take(&mut self.first_cell) {
                    ""
                } else {
                    " | "
                };
                self.out.push_str(gap);
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            }
            | Tag::Image {
                link_type,
                dest_url,
                ..
            } => {
                self.block_open = false;
                let shown = match link_type {
                    LinkType::Autolink | LinkType::Email => String::new(),
                    _ => dest_url.to_string(),
                };
                self.links.push((shown, self.out.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                self.prefix.pop();
                self.out.truncate(self.out.trim_end().len());
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.prefix.pop();
                self.block_open = false;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.block_open = false;
            }
            TagEnd::TableHead | TagEnd::TableRow => self.first_cell = true,
            TagEnd::Link | TagEnd::Image => {
                if let Some((target, from)) = self.links.pop()
                    && !target.is_empty()
                    && self.out.get(from..).is_some_and(|shown| shown != target)
                {
                    let _ = write!(self.out, " ({target})");
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn html() {
        for (input, want) in [
            ("Hi *you*", "<p>Hi <em>you</em></p>\n"),
            ("a\nb", "<p>a<br />\nb</p>\n"),
            ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
            ("Hello <b>x</b>", "<p>Hello &lt;b&gt;x&lt;/b&gt;</p>\n"),
            (
                "[x](https://a.example/)",
                "<p><a href=\"https://a.example/\">x</a></p>\n",
            ),
            ("[x](javascript:alert(1))", "<p>x</p>\n"),
            ("[x](data:text/html,1)", "<p>x</p>\n"),
            (
                "![cat](https://a.example/c.png)",
                "<p><a href=\"https://a.example/c.png\">cat</a></p>\n",
            ),
            (
                "<a@b.example>",
                "<p><a href=\"mailto:a@b.example\">a@b.example</a></p>\n",
            ),
            (
                "[x](https://a.example/\"onx=\")",
                "<p><a href=\"https://a.example/%22onx=%22\">x</a></p>\n",
            ),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ] {
            let got = to_html(input);
            if want.ends_with('\n') {
                assert_eq!(got, want, "{input:?}");
            } else {
                assert!(got.contains(want), "{input:?}: {got}");
            }
        }
    }

    #[test]
    fn plain() {
        for (input, want) in [
            ("Hi *you* and **me**", "Hi you and me"),
            ("a\nb\n\nc", "a\nb\n\nc"),
            ("[x](https://a.example/)", "x (https://a.example/)"),
            ("<https://a.example/>", "https://a.example/"),
            ("- a\n- b\n\nc", "- a\n- b\n\nc"),
            ("3. a\n4. b", "3. a\n4. b"),
            ("- a\n  - b\n- c", "- a\n  - b\n- c"),
            ("> q\n> r\n\nt", "> q\n> r\n\nt"),
            ("# Title\n\ntext", "Title\n\ntext"),
            (
                "```\ncode\n  more\n```\nafter",
                "    code\n      more\n\nafter",
            ),
            ("a\n\n---\n\nb", "a\n\n---\n\nb"),
            ("| a | b |\n|---|---|\n| c | d |", "a | b\nc | d"),
            ("Dear <name>,", "Dear <name>,"),
            ("order #42 costs 5*3", "order #42 costs 5*3"),
        ] {
            assert_eq!(to_plain(input), want, "{input:?}");
        }
    }

    #[test]
    fn bombs() {
        let start = std::time::Instant::now();
        for piece in ["[", "(", "*", "> ", "- ", "![", "[x](", "`", "<"] {
            to_html(&piece.repeat(20_000));
            to_plain(&piece.repeat(20_000));
        }
        assert!(start.elapsed().as_secs() < 15, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn no_markup_gets_through(s in "(<[a-z/]{1,6}( onx='1')?>|\\[a\\]\\((javascript|data|https)://x\\)|<!--|-->|[a-z*_`>&\"\n -]{0,6}){0,20}") {
            let html = to_html(&s);
            for bad in ["<script", "<img", "href=\"javascript", "href=\"data", "<!--", "<x", " onx='1'>"] {
                prop_assert!(!html.contains(bad), "{html}");
            }
        }
    }
}
