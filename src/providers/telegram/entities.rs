//! Markdown as text with entities. No parse mode is used: nothing in the text can be taken for markup there.

use crate::text::links::Link;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

/// Text and its formatting; offsets are UTF-16 units.
#[derive(Debug, Default)]
pub(super) struct Rich {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
    units: usize,
    open: Vec<(Value, usize)>,
    lists: Vec<Option<u64>>,
    /// What stands between what was written and what comes.
    gap: &'static str,
}

impl Rich {
    /// What the customer sees of an agent's Markdown. Raw HTML is text; links lead to the web or a mail only.
    pub(super) fn new(markdown: &str) -> Self {
        let mut rich = Self::default();
        for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
            rich.take(event);
        }
        if rich.text.is_empty() {
            // All of it was something that Markdown hides.
            rich.push(markdown.trim());
        }
        rich
    }

    /// Its length as Telegram counts.
    pub(super) fn units(&self) -> usize {
        self.units
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.units += text.encode_utf16().count();
    }

    /// Writes what is due between two blocks.
    fn part(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if !self.text.is_empty() {
            self.push(gap);
        }
    }

    fn write(&mut self, text: &str) {
        if !text.is_empty() {
            self.part();
            self.push(text);
        }
    }

    fn begin(&mut self, entity: Value) {
        self.part();
        self.open.push((entity, self.units));
    }

    fn end(&mut self) {
        let Some((mut entity, from)) = self.open.pop() else {
            return;
        };
        if entity.is_object() && self.units > from {
            entity["offset"] = from.into();
            entity["length"] = (self.units - from).into();
            self.entities.push(entity);
        }
    }

    fn block(&mut self) {
        self.gap = if self.lists.is_empty() { "\n\n" } else { "\n" };
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Strong) => self.begin(json!({ "type": "bold" })),
            Event::Start(Tag::Heading { .. }) => {
                self.block();
                self.begin(json!({ "type": "bold" }));
            }
            Event::Start(Tag::Emphasis) => self.begin(json!({ "type": "italic" })),
            Event::Start(Tag::Strikethrough) => self.begin(json!({ "type": "strikethrough" })),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.block();
                let mut entity = json!({ "type": "pre" });
                if let CodeBlockKind::Fenced(language) = &kind
                    && !language.is_empty()
                {
                    entity["language"] = language.as_ref().into();
                }
                self.begin(entity);
            }
            Event::Start(Tag::BlockQuote(_)) => {
                self.block();
                // They cannot stand in one another.
                let within = self
                    .open
                    .iter()
                    .any(|(entity, _)| entity["type"] == "blockquote");
                self.begin(if within {
                    Value::Null
                } else {
                    json!({ "type": "blockquote" })
                });
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let link = Link::new("", &dest_url);
                self.begin(match link.target() {
                    Some(url) => json!({ "type": "text_link", "url": url }),
                    None => Value::Null,
                });
            }
            Event::Start(Tag::List(first)) => {
                self.block();
                self.lists.push(first);
            }
            Event::Start(Tag::Item) => {
                self.block();
                self.part();
                for _ in 1..self.lists.len() {
                    self.push("  ");
                }
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}. ");
                        *number += 1;
                        mark
                    }
                    _ => "• ".to_owned(),
                };
                self.push(&mark);
            }
            Event::End(
                TagEnd::Strong
                | TagEnd::Emphasis
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image
                | TagEnd::Heading(_)
                | TagEnd::BlockQuote(_),
            ) => {
                self.end();
                if matches!(
                    event,
                    Event::End(TagEnd::Heading(_) | TagEnd::BlockQuote(_))
                ) {
                    self.block();
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if self.text.ends_with('\n') {
                    self.text.pop();
                    self.units -= 1;
                }
                self.end();
                self.block();
            }
            Event::End(TagEnd::Paragraph | TagEnd::HtmlBlock) => self.block(),
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
                self.block();
            }
            Event::Code(code) => {
                self.begin(json!({ "type": "code" }));
                self.push(&code);
                self.end();
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.write(&text),
            Event::SoftBreak | Event::HardBreak => self.push("\n"),
            Event::Rule => {
                self.block();
                self.write("———");
                self.block();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(markdown: &str) -> String {
        let rich = Rich::new(markdown);
        let units: Vec<u16> = rich.text.encode_utf16().collect();
        let marks: Vec<String> = rich
            .entities
            .iter()
            .map(|mark| {
                let from = mark["offset"].as_u64().unwrap() as usize;
                let to = from + mark["length"].as_u64().unwrap() as usize;
                let words = String::from_utf16(&units[from..to]).unwrap();
                let url = mark["url"].as_str().unwrap_or_default();
                format!("{}[{words}]{url}", mark["type"].as_str().unwrap())
            })
            .collect();
        format!("{:?} {}", rich.text, marks.join(" "))
    }

    #[test]
    fn formatting_is_marked_where_it_stands() {
        let table = [
            (
                "plain *not* <b>html</b>",
                r#""plain not <b>html</b>" italic[not]"#,
            ),
            ("😀 **bold**\nnext", r#""😀 bold\nnext" bold[bold]"#),
            ("a\n\nb", r#""a\n\nb" "#),
            ("- one\n- two\n\nend", r#""• one\n• two\n\nend" "#),
            ("3. c\n4. d", r#""3. c\n4. d" "#),
            ("`x < y` ok", r#""x < y ok" code[x < y]"#),
            ("```\ncode\n```\nafter", r#""code\n\nafter" pre[code]"#),
            (
                "[here](https://example.com/) go",
                r#""here go" text_link[here]https://example.com/"#,
            ),
            ("[here](javascript:alert)", r#""here" "#),
            ("> said\n\nme", r#""said\n\nme" blockquote[said]"#),
            ("[x]: https://example.com", r#""[x]: https://example.com" "#),
        ];
        for (markdown, wanted) in table {
            assert_eq!(shown(markdown), wanted, "{markdown}");
        }
    }
}
