//! Links: where they really lead, and whether they say so.

use super::{sanitize_line, width};
use std::ops::Range;
use url::{Host, Url};

/// Bytes of an address that are read; a longer one is not opened.
const MAX_HREF: usize = 8 * 1024;
/// Links that are found in one text.
const MAX_FOUND: usize = 500;

/// A link as it is shown to people. All text in it is clean.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// What the reader sees.
    pub text: String,
    /// Where it leads, in ASCII; for what cannot be opened, the cleaned original.
    pub href: String,
    /// The host it leads to (foreign letters as `xn--…`), or the address of a mail or call.
    pub host: String,
    /// The text does not name another host than `host`.
    pub honest: bool,
    /// Why to look twice: the end of "this link …".
    pub suspicious: Option<String>,
}

impl Link {
    /// Judges a link by its words and its target. Never fails; see [`Link::openable`].
    pub fn new(text: &str, href: &str) -> Self {
        let text = sanitize_line(text.trim()).text;
        let href = href.trim_matches(|c: char| c.is_control() || c == ' ');
        if href.len() > MAX_HREF {
            let start = &href[..href.floor_char_boundary(200)];
            return Self::closed(text, start, "is too long to be opened");
        }
        let Ok(url) = Url::parse(href) else {
            return Self::closed(text, href, "leads to no complete address");
        };
        match url.scheme() {
            "http" | "https" => Self::web(text, href, &url),
            "mailto" => Self::mail(text, &url),
            "tel" => {
                let number: String = url
                    .path()
                    .chars()
                    .filter(|c| "+0123456789".contains(*c))
                    .collect();
                Self {
                    text,
                    href: format!("tel:{number}"),
                    host: number,
                    honest: true,
                    suspicious: None,
                }
            }
            scheme => {
                let why = format!("uses {scheme}:, which is never opened");
                Self::closed(text, href, &why)
            }
        }
    }

    fn closed(text: String, href: &str, why: &str) -> Self {
        Self {
            text,
            href: sanitize_line(href).text,
            host: String::new(),
            honest: false,
            suspicious: Some(why.to_owned()),
        }
    }

    fn web(text: String, raw: &str, url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        let shown = shown_host(&text);
        let honest = shown.as_deref().is_none_or(|shown| related(shown, &host));
        let mut bare = url.clone();
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        let why = match shown {
            Some(shown) if !honest => Some(format!("shows {shown}")),
            _ => doubt(raw, url, &host),
        };
        Self {
            text,
            href: String::from(bare),
            host,
            honest,
            suspicious: why,
        }
    }

    /// Keeps recipient, copy, subject and body; nothing else that a mail program might obey.
    fn mail(text: String, url: &Url) -> Self {
        let mut kept = Url::parse("mailto:").ok();
        let mut dropped = Vec::new();
        if let Some(kept) = &mut kept {
            kept.set_path(url.path());
            for (key, value) in url.query_pairs() {
                if ["to", "cc", "subject", "body"].contains(&key.to_ascii_lowercase().as_str()) {
                    let value = value.replace(|c: char| c.is_control() && c != '\n', " ");
                    kept.query_pairs_mut().append_pair(&key, &value);
                } else {
                    dropped.push(sanitize_line(&key).text);
                }
            }
        }
        let host = sanitize_line(url.path()).text;
        let honest = !text.contains('@') || text.eq_ignore_ascii_case(&host);
        let why = if !honest {
            Some("shows another address".to_owned())
        } else if !dropped.is_empty() {
            Some(format!("would also set {}", dropped.join(", ")))
        } else {
            None
        };
        Self {
            text,
            href: kept.map_or_else(String::new, |u| String::from(u).replace('+', "%20")),
            host,
            honest,
            suspicious: why,
        }
    }

    /// May be handed to a browser or mail program, once the agent agrees. A number to call is shown and copied, never
    /// opened: what a phone program does with it is not ours to say.
    pub fn openable(&self) -> bool {
        self.target().is_some()
    }

    /// What to open: http, https or mailto only, in ASCII, never an option.
    pub fn target(&self) -> Option<&str> {
        let known = ["http://", "https://", "mailto:"];
        let fine = known
            .iter()
            .any(|p| self.href.len() > p.len() && self.href.starts_with(p))
            && self.href.bytes().all(|b| b.is_ascii_graphic());
        fine.then_some(self.href.as_str())
    }

    /// The number, in digits with `+`, when it is one to call.
    pub fn number(&self) -> Option<&str> {
        let number = self.href.strip_prefix("tel:")?;
        (!number.is_empty()).then_some(number)
    }

    /// One line for a list: the real host first, whatever the words say.
    pub fn label(&self, cols: usize) -> String {
        let host = if self.host.is_empty() {
            "not opened"
        } else {
            &self.host
        };
        let why = self
            .suspicious
            .as_ref()
            .map(|w| format!(" (! {w})"))
            .unwrap_or_default();
        // The end of a host says whose it is.
        let host = width::clip_start(host, 48);
        width::clip(&format!("{host}{why}  {}", self.text), cols).into_owned()
    }

    /// The words do not already say where it leads.
    pub fn needs_note(&self) -> bool {
        let plain = |s: &str| {
            let s = s.trim_end_matches('/').to_ascii_lowercase();
            ["https://", "http://", "mailto:", "tel:", "www."]
                .iter()
                .fold(s, |s, p| s.strip_prefix(p).map(str::to_owned).unwrap_or(s))
        };
        self.suspicious.is_some() || plain(&self.text) != plain(&self.href)
    }
}

/// Why an address deserves a second look.
fn doubt(raw: &str, url: &Url, host: &str) -> Option<String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some(format!("hides its host behind an @; it leads to {host}"));
    }
    if !matches!(url.host(), Some(Host::Domain(_))) {
        return Some(format!("leads to the bare number {host}"));
    }
    if host.split('.').any(|label| label.starts_with("xn--")) {
        let (unicode, _) = idna::domain_to_unicode(host);
        let unicode = sanitize_line(&unicode).text;
        return Some(format!("is written in other letters: {unicode}"));
    }
    if sanitize_line(raw).hidden > 0 {
        return Some("has hidden characters in its address".to_owned());
    }
    if host.len() > 60 || host.split('.').count() > 6 {
        return Some(format!("has a long host; it ends in {}", tail(host)));
    }
    inner_host(url).map(|inner| format!("passes on to {inner}"))
}

/// The last labels of a host, which say whose it is.
fn tail(host: &str) -> &str {
    let at = host.rmatch_indices('.').nth(2).map_or(0, |(at, _)| at + 1);
    &host[at..]
}

/// The host of an address within the query of another.
fn inner_host(url: &Url) -> Option<String> {
    url.query_pairs().take(32).find_map(|(_, value)| {
        let inner = Url::parse(value.trim()).ok()?;
        let host = inner.host_str()?;
        (matches!(inner.scheme(), "http" | "https") && !related(host, url.host_str()?))
            .then(|| host.to_owned())
    })
}

/// The host that a link's words name, if they name one.
fn shown_host(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|w| {
        w.contains("://") || w.to_ascii_lowercase().starts_with("www.") || looks_like_host(w)
    })?;
    let word = word.trim_matches(|c: char| "<>()[]\"'.,;:!?".contains(c));
    let full = if word.contains("://") {
        word.to_owned()
    } else {
        format!("https://{word}")
    };
    let url = Url::parse(&full).ok()?;
    matches!(url.host(), Some(Host::Domain(_))).then(|| url.host_str().map(str::to_owned))?
}

/// `bank.example/path`, but not `e.g.` or `v1.2`.
fn looks_like_host(word: &str) -> bool {
    let host = word.split(['/', '?', '#']).next().unwrap_or(word);
    let host = host.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
    let Some((name, top)) = host.rsplit_once('.') else {
        return false;
    };
    !host.contains('@')
        && name.len() > 1
        && top.chars().count() >= 2
        && top.chars().all(char::is_alphabetic)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '.')
}

/// The same host, or one within the other.
fn related(a: &str, b: &str) -> bool {
    let a = a.trim_start_matches("www.").to_ascii_lowercase();
    let b = b.trim_start_matches("www.").to_ascii_lowercase();
    a == b || a.ends_with(&format!(".{b}")) || b.ends_with(&format!(".{a}"))
}

/// A link in plain text and the bytes that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub range: Range<usize>,
    /// Where it leads.
    pub link: Link,
}

/// Finds `http://`, `https://`, `www.`, `mailto:` and `tel:` in plain text, at most 500 of them.
pub fn find(text: &str) -> Vec<Found> {
    each(text).take(MAX_FOUND).collect()
}

/// Whether [`find`] finds anything, looking no further than the first.
pub fn any(text: &str) -> bool {
    each(text).next().is_some()
}

fn each(text: &str) -> impl Iterator<Item = Found> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some((start, bare)) = next_start(text, from) {
            let end = start + address_len(&text[start..]);
            let shown = &text[start..end];
            from = end;
            let link = if bare {
                Link::new(shown, &format!("https://{shown}"))
            } else {
                Link::new(shown, shown)
            };
            if link.openable() || link.number().is_some() {
                let range = start..end;
                return Some(Found { range, link });
            }
        }
        None
    })
}

/// Where the next address begins, and whether its scheme is missing.
fn next_start(text: &str, mut from: usize) -> Option<(usize, bool)> {
    const STARTS: [(&str, bool); 5] = [
        ("https://", false),
        ("http://", false),
        ("mailto:", false),
        ("tel:", false),
        ("www.", true),
    ];
    let bytes = text.as_bytes();
    while from < bytes.len() {
        let at = from + bytes[from..].iter().position(|b| b"hHmMtTwW".contains(b))?;
        let fresh = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let hit = STARTS.iter().find(|(start, _)| {
            bytes[at..]
                .get(..start.len())
                .is_some_and(|b| b.eq_ignore_ascii_case(start.as_bytes()))
        });
        if let (true, Some((_, bare))) = (fresh, hit) {
            return Some((at, *bare));
        }
        from = at + 1;
    }
    None
}

/// Bytes of the address at the start of `text`: up to a blank or quote, without the sentence's
/// own punctuation and brackets.
fn address_len(text: &str) -> usize {
    let stop = |c: char| c.is_whitespace() || c.is_control() || "<>\"`«»“”「」，。、".contains(c);
    let mut len = text.find(stop).unwrap_or(text.len());
    let count = |c: char| text[..len].matches(c).count();
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    while let Some(c) = text[..len].chars().next_back() {
        match c {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '|' => {}
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            _ => break,
        }
        len -= c.len_utf8();
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judged() {
        for (text, href, host, honest, open) in [
            ("ok", "https://ok.example/a", "ok.example", true, true),
            (
                "https://bank.example",
                "https://evil.example/",
                "evil.example",
                false,
                true,
            ),
            (
                "www.bank.example",
                "https://bank.example/x",
                "bank.example",
                true,
                true,
            ),
            (
                "bank.example",
                "https://mail.bank.example",
                "mail.bank.example",
                true,
                true,
            ),
            (
                "your bank",
                "https://bank.example@evil.example/",
                "evil.example",
                true,
                true,
            ),
            ("x", "http://2130706433/", "127.0.0.1", true, true),
            (
                "apple",
                "https://аррӏе.example/",
                "xn--80ak6aa92e.example",
                true,
                true,
            ),
            ("x", "javascript:alert(1)", "", false, false),
            ("x", "java\nscript:alert(1)", "", false, false),
            ("x", "data:text/html,x", "", false, false),
            ("x", "\\\\evil.example\\share", "", false, false),
            ("x", "//evil.example/a", "", false, false),
            ("x", "--new-window=x", "", false, false),
            (
                "x",
                "ms-word:ofe|u|http://evil.example/a.docx",
                "",
                false,
                false,
            ),
            ("x", "file:///etc/passwd", "", false, false),
            ("call", "tel:+1 (555) 000-2222", "+15550002222", true, false),
            (
                "a@b.example",
                "mailto:a@b.example",
                "a@b.example",
                true,
                true,
            ),
            (
                "a@b.example",
                "mailto:c@d.example",
                "c@d.example",
                false,
                true,
            ),
        ] {
            let link = Link::new(text, href);
            assert_eq!(link.host, host, "{href:?}");
            assert_eq!(link.honest, honest, "{href:?}");
            assert_eq!(link.openable(), open, "{href:?}");
        }
    }

    #[test]
    fn doubts() {
        for (href, want) in [
            ("https://a:b@evil.example/", "evil.example"),
            ("http://2130706433/", "127.0.0.1"),
            ("https://аррӏе.example/", "аррӏе.example"),
            ("https://xn--80ak6aa92e.example/", "аррӏе.example"),
            ("https://example.com/\u{202e}moc.knab", "hidden"),
            (
                "https://bank.example/r?u=https://evil.example",
                "evil.example",
            ),
            ("javascript:alert(1)", "javascript"),
            (
                "mailto:a@b.example?bcc=evil@x.example&subject=a%0d%0aX:%20y",
                "bcc",
            ),
        ] {
            let link = Link::new("x", href);
            let why = link.suspicious.unwrap();
            assert!(why.contains(want), "{href:?}: {why}");
        }
        let long = format!(
            "https://bank.example.login.{}.evil.example/",
            "a".repeat(60)
        );
        let label = Link::new("x", &long).label(80);
        assert!(label.contains("evil.example"), "{label}");
        assert_eq!(Link::new("x", "https://ok.example/?a=1").suspicious, None);
        let mail = Link::new(
            "x",
            "mailto:a@b.example?bcc=e@x&subject=a%0d%0aX:%20y&attach=/etc/passwd",
        );
        assert_eq!(mail.href, "mailto:a@b.example?subject=a%20%0AX%3A%20y");
    }

    #[test]
    fn found_in_text() {
        for (text, want) in [
            ("see https://a.example/x.", vec!["https://a.example/x"]),
            ("(https://a.example/w_(b))", vec!["https://a.example/w_(b)"]),
            (
                "www.a.example, WWW.b.example",
                vec!["www.a.example", "WWW.b.example"],
            ),
            (
                "<https://a.example/?q=1&r=2>",
                vec!["https://a.example/?q=1&r=2"],
            ),
            (
                "mailto:a@b.example tel:+123",
                vec!["mailto:a@b.example", "tel:+123"],
            ),
            ("xhttps://no.example", vec![]),
            ("https:// nothing", vec![]),
            ("漢字https://a.example/漢。次", vec!["https://a.example/漢"]),
        ] {
            let got: Vec<_> = find(text).into_iter().map(|f| &text[f.range]).collect();
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn finding_is_linear() {
        let start = std::time::Instant::now();
        find(&"(".repeat(1_000_000));
        find(&"https://".repeat(200_000));
        find(&format!("https://a.example/{}", ")".repeat(500_000)));
        find(&"www.".repeat(300_000));
        assert!(start.elapsed().as_secs() < 10);
    }
}
