//! HTML mail as plain text.
//!
//! One pass over the bytes, no tree, nothing fetched. Text that a reader of the HTML would not see
//! is left out and told; links keep the host they really lead to. The result is clean for a screen
//! and not wrapped: the screen knows its width.

mod entity;
mod layout;
mod style;
mod token;

use super::links::Link;
use super::sanitize_block;
use layout::Layout;
use token::Tokens;

/// Bytes of a document that are read.
pub const MAX_INPUT: usize = 5 * 1024 * 1024;
/// Bytes of text that are made of one document.
pub const MAX_OUTPUT: usize = 1024 * 1024;
/// Open elements that are told apart; deeper ones only add their text.
pub const MAX_DEPTH: usize = 256;
/// Links that are kept of one document.
pub const MAX_LINKS: usize = 500;

/// A document as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Clean text, lines separated by `\n`; links are marked `[1]` and listed at the end.
    pub text: String,
    /// The links, in the order of their marks.
    pub links: Vec<Link>,
    /// The document was longer than the caps; its end is missing.
    pub truncated: bool,
    /// Some text was made not to be seen. Removed text is left out of `text`; text in the colour
    /// of its background is kept between `‹hidden:` and `›`.
    pub hidden_text: bool,
    /// Characters that the sanitiser removed or replaced.
    pub neutralised: usize,
}

/// Renders a document or a fragment. Time is linear in its bytes, whatever they are.
pub fn html_to_text(html: &str) -> Rendered {
    let cut = html.floor_char_boundary(MAX_INPUT);
    let mut layout = Layout::new();
    for token in Tokens::new(&html[..cut]) {
        if !layout.add(&token) {
            break;
        }
    }
    let truncated = cut < html.len() || layout.is_full();
    let (text, links, hidden_text) = layout.finish();
    let clean = sanitize_block(&text);
    Rendered {
        text: clean.text,
        links,
        truncated,
        hidden_text,
        neutralised: clean.hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn text(html: &str) -> String {
        html_to_text(html).text
    }

    #[test]
    fn layout_table() {
        for (html, want) in [
            ("plain", "plain"),
            ("a  b\n c", "a b c"),
            ("<p>one</p><p>two</p>", "one\n\ntwo"),
            ("one<br>two<br/>three", "one\ntwo\nthree"),
            ("<div>a</div><div>b</div>", "a\nb"),
            ("<div><div>a</div></div>b", "a\nb"),
            ("<b>bo</b><i>ld</i>", "bold"),
            ("<ul><li>a<li>b</ul>c", "• a\n• b\nc"),
            ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
            ("<ul><li>a<ul><li>b</ul></ul>", "• a\n  • b"),
            (
                "<p>On Monday:</p><blockquote>q<br>r<blockquote>s</blockquote></blockquote>t",
                "On Monday:\n\n> q\n> r\n>\n> > s\n\nt",
            ),
            ("<pre>a\n  b</pre>c", "a\n  b\nc"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a  b\nc",
            ),
            ("<h1>Title</h1>text<hr>more", "Title\n\ntext\n───\nmore"),
            ("<img alt='a logo' src=x> text", "[image: a logo] text"),
            ("<img src=x width=1 height=1>text", "text"),
            (
                "<title>no</title><style>p{}</style><script>x()</script>yes",
                "yes",
            ),
            ("caf&eacute; &#27;[31m", "café ␛[31m"),
            ("a&nbsp;&nbsp;&zwnj;b", "a b"),
            ("<textarea>t &amp; u</textarea>", "t & u"),
            ("<td width=999999999>x</td>", "x"),
            ("", ""),
        ] {
            assert_eq!(text(html), want, "{html:?}");
        }
    }

    #[test]
    fn hidden_text_is_left_out_and_told() {
        for (html, want) in [
            ("<span style='display:none'>secret</span>seen", "seen"),
            ("<span hidden>secret</span>seen", "seen"),
            ("<div style='font-size:0'>a<p>b</p></div>seen", "seen"),
            (
                "<style>.pre{display:none}</style><div class=pre>a</div>seen",
                "seen",
            ),
            (
                "<font color=white>white</font> seen",
                "‹hidden: white› seen",
            ),
        ] {
            let got = html_to_text(html);
            assert_eq!(got.text, want, "{html:?}");
            assert!(got.hidden_text, "{html:?}");
        }
        for html in [
            "<td bgcolor='#0000ff'><font color=white>button</font></td>",
            "<a style='background:url(x);color:#fff'>button</a>",
            "<span style='display:none'> </span>seen",
        ] {
            assert!(!html_to_text(html).hidden_text, "{html:?}");
        }
    }

    #[test]
    fn links_keep_their_real_host() {
        let got = html_to_text(
            "<a href='https://evil.example/x'>https://bank.example</a>, \
             <a href='https://ok.example/'>ok.example</a> and \
             <a href='https://evil.example/x'>again</a>",
        );
        assert_eq!(
            got.text,
            "https://bank.example [1], ok.example and again [1]\n\n\
             [1] https://evil.example/x (shows bank.example)"
        );
        assert!(!got.links[0].honest);
        assert!(got.links[1].honest);
        let script = html_to_text("<a href='javascript:alert(1)'>pay</a>");
        assert!(!script.links[0].openable());
        assert!(!script.text.contains("alert"), "{}", script.text);
    }

    #[test]
    fn bombs_are_read_in_linear_time() {
        for (name, html) in [
            ("deep", "<div>".repeat(500_000)),
            (
                "deep closed",
                "<div>".repeat(50_000) + &"</div>".repeat(50_000),
            ),
            ("attributes", format!("<a {}>x", "k=v ".repeat(500_000))),
            ("quotes", "<blockquote>x".repeat(100_000)),
            ("unclosed comments", "<!--x".repeat(300_000)),
            ("less-than", "<".repeat(1_000_000)),
            (
                "false closings",
                "<b>".repeat(200) + &"</i></u>".repeat(200_000),
            ),
            (
                "links",
                "<a href='https://e.example/?u=https://f.example'>x</a>".repeat(20_000),
            ),
            ("lists", "<ul><li>".repeat(100_000)),
            ("entities", "&amp;&#x41;&nosuch;".repeat(100_000)),
            ("raw", "<script></scrip></scrip".repeat(100_000)),
            ("styles", "<style>@a{@b{</style>".repeat(50_000)),
        ] {
            let start = Instant::now();
            let got = html_to_text(&html);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(10), "{name} took {took:?}");
            assert!(
                got.text.len() <= MAX_OUTPUT + 300_000,
                "{name}: {}",
                got.text.len()
            );
        }
    }

    proptest! {
        #[test]
        fn any_soup_is_clean(s in "(<(/)?(a|b|p|td|ul|li|pre|blockquote|br|style|table|x)( (href|style|hidden)=?('[a-z:/.;]{0,9}')?)?>|[a-z<>&;!\"'= ]{0,5}|<!--|-->|é|\u{1b}|\u{202e}|漢){0,40}") {
            let got = html_to_text(&s);
            prop_assert!(!got.text.contains(|c: char| c.is_control() && c != '\n'));
            prop_assert_eq!(sanitize_block(&got.text).text, got.text);
        }
    }
}
