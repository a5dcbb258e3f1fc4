//! Cuts HTML into tags and text, in one pass and without building a tree.

/// Attributes that are kept of one tag; the rest is read over.
const MAX_ATTRIBUTES: usize = 64;

/// One piece of a document. Text and values are as written, references not yet decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Text(&'a str),
    Open(Tag<'a>),
    Close(&'a str),
    /// What stood in an element that holds no markup: `style`, `script`, `title`, …
    Raw {
        name: &'a str,
        text: &'a str,
    },
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub name: &'a str,
    pub attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// Elements whose content is not markup.
const RAW: [&str; 8] = [
    "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes",
];

/// The pieces of a document, in order. Never fails, never goes back.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    raw: Option<&'a str>,
}

impl<'a> Tokens<'a> {
    pub fn new(html: &'a str) -> Self {
        Self {
            rest: html,
            raw: None,
        }
    }

    fn take(&mut self, len: usize) -> &'a str {
        let (head, rest) = self.rest.split_at(len);
        self.rest = rest;
        head
    }

    /// Up to and over `end`, or everything.
    fn skip_over(&mut self, end: &str) {
        let len = self
            .rest
            .find(end)
            .map_or(self.rest.len(), |at| at + end.len());
        self.take(len);
    }

    fn raw_text(&mut self, name: &'a str) -> Token<'a> {
        let bytes = self.rest.as_bytes();
        let mut from = 0;
        let end = loop {
            let Some(at) = self.rest[from..].find("</").map(|at| from + at) else {
                break bytes.len();
            };
            let after = &bytes[at + 2..];
            if after.len() >= name.len()
                && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            {
                break at;
            }
            from = at + 2;
        };
        Token::Raw {
            name,
            text: self.take(end),
        }
    }

    /// After `<!`, `<?` or `</` before something that is no name.
    fn skip_declaration(&mut self) {
        if let Some(comment) = self.rest.strip_prefix("<!--") {
            if comment.starts_with('>') || comment.starts_with("->") {
                return self.skip_over(">");
            }
            let end = [comment.find("-->"), comment.find("--!>")]
                .into_iter()
                .flatten()
                .min();
            match end {
                Some(at) => {
                    self.take("<!--".len() + at);
                    self.skip_over(">");
                }
                None => {
                    self.take(self.rest.len());
                }
            }
        } else {
            self.skip_over(">");
        }
    }

    /// `rest` begins with `<` or `</` and a letter. None when the tag never ends.
    fn tag(&mut self) -> Option<Token<'a>> {
        let closing = self.rest.starts_with("</");
        self.take(1 + usize::from(closing));
        let name_len = self
            .rest
            .find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
            .unwrap_or(self.rest.len());
        let name = self.take(name_len);
        let mut attributes = Vec::new();
        loop {
            let gap = self
                .rest
                .find(|c: char| !(c.is_ascii_whitespace() || c == '/'))
                .unwrap_or(self.rest.len());
            self.take(gap);
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with('>') {
                self.take(1);
                break;
            }
            let (key, value) = self.attribute();
            if attributes.len() < MAX_ATTRIBUTES {
                attributes.push((key, value));
            }
        }
        if closing {
            return Some(Token::Close(name));
        }
        if RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            self.raw = Some(name);
        }
        Some(Token::Open(Tag { name, attributes }))
    }

    fn attribute(&mut self) -> (&'a str, &'a str) {
        // A name is at least one character, even if that is `=`.
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let len = self.rest[first..]
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='))
            .map_or(self.rest.len(), |at| at + first);
        let key = self.take(len);
        let after = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(after) = after.strip_prefix('=') else {
            return (key, "");
        };
        self.rest = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        for quote in ['"', '\''] {
            if let Some(inner) = self.rest.strip_prefix(quote) {
                let end = inner.find(quote).unwrap_or(inner.len());
                self.rest = inner.get(end + 1..).unwrap_or("");
                return (key, &inner[..end]);
            }
        }
        let len = self
            .rest
            .find(|c: char| c.is_ascii_whitespace() || c == '>')
            .unwrap_or(self.rest.len());
        (key, self.take(len))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            return Some(self.raw_text(name));
        }
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let bytes = self.rest.as_bytes();
            if bytes[0] != b'<' {
                let len = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Token::Text(self.take(len)));
            }
            match (bytes.get(1), bytes.get(2)) {
                (Some(b), _) if b.is_ascii_alphabetic() => {}
                (Some(b'/'), Some(b)) if b.is_ascii_alphabetic() => {}
                (Some(b'!' | b'?' | b'/'), _) => {
                    self.skip_declaration();
                    continue;
                }
                _ => {
                    let len = self.rest[1..]
                        .find('<')
                        .map_or(self.rest.len(), |at| at + 1);
                    return Some(Token::Text(self.take(len)));
                }
            }
            if let Some(token) = self.tag() {
                return Some(token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(html: &str) -> String {
        Tokens::new(html)
            .map(|t| match t {
                Token::Text(t) => format!("T({t})"),
                Token::Close(n) => format!("C({n})"),
                Token::Raw { name, text } => format!("R({name}:{text})"),
                Token::Open(t) => {
                    let list: Vec<_> = t
                        .attributes
                        .iter()
                        .map(|(k, v)| format!(" {k}={v}"))
                        .collect();
                    format!("O({}{})", t.name, list.concat())
                }
            })
            .collect()
    }

    #[test]
    fn table() {
        for (html, want) in [
            ("a<b>c</b>", "T(a)O(b)T(c)C(b)"),
            (
                "<a href=\"x y\" b='c' d=e f>t",
                "O(a href=x y b=c d=e f=)T(t)",
            ),
            ("<br/><img src = x />", "O(br)O(img src=x)"),
            ("1 < 2 <3", "T(1 )T(< 2 )T(<3)"),
            (
                "<!-- <b> -->x<!doctype html>y<?xml?>z</ >w",
                "T(x)T(y)T(z)T(w)",
            ),
            ("<!-->a<!--->b<!--c--!>d<!--open", "T(a)T(b)T(d)"),
            ("<style>a<b></STYLE>c", "O(style)R(style:a<b>)C(STYLE)T(c)"),
            ("<script>never", "O(script)R(script:never)"),
            ("<a href=\"open", ""),
            ("<a =x=y>", "O(a =x=y)"),
            ("<![if !mso]>x<![endif]>", "T(x)"),
            ("", ""),
        ] {
            assert_eq!(show(html), want, "{html:?}");
        }
    }

    #[test]
    fn many_attributes_are_read_over() {
        let html = format!("<a {}>x", "k=v ".repeat(100_000));
        let Some(Token::Open(tag)) = Tokens::new(&html).next() else {
            panic!("no tag");
        };
        assert_eq!(tag.attributes.len(), MAX_ATTRIBUTES);
    }
}
