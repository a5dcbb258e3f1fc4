//! HTML of mails to text, against a loop that only leaves the tags out.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use frontdesk::bench::generate;
use frontdesk::text::html_to_text;
use std::fmt::Write as _;

/// Mails.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Paragraphs and links, as a person's program writes them.
    Letter,
    /// Nested tables, style on every cell and text nobody sees, as a shop's newsletter has.
    Newsletter,
    /// Two hundred elements deep, none closed.
    Deep,
}

const KINDS: [Kind; 3] = [Kind::Letter, Kind::Newsletter, Kind::Deep];

impl Kind {
    fn html(self) -> String {
        let mut html = String::from("<html><head><style>p { margin: 0 }</style></head><body>");
        for number in 0..200 {
            let line = generate::line(number);
            let _ = match self {
                Self::Letter => write!(
                    html,
                    "<p>{line} &amp; <a href=\"https://shop.example/o/{number}\">more</a><br>&nbsp;</p>\r\n"
                ),
                Self::Newsletter => write!(
                    html,
                    "<table width=\"600\"><tr><td style=\"padding: 8px; color: #333\"><table><tr><td>{line}</td>\
                     <td><img src=\"https://t.example/{number}.gif\" width=1 height=1></td></tr></table>\
                     <div style=\"display:none\">{line}</div></td></tr></table>\r\n"
                ),
                Self::Deep => write!(html, "<div><blockquote>{line}"),
            };
        }
        html
    }
}

#[divan::bench(args = KINDS)]
fn to_text(bencher: Bencher, kind: Kind) {
    let html = kind.html();
    bencher
        .counter(BytesCount::of_str(&html))
        .bench_local(|| html_to_text(black_box(&html)));
}

#[divan::bench(args = KINDS)]
fn bare_strip(bencher: Bencher, kind: Kind) {
    let html = kind.html();
    bencher
        .counter(BytesCount::of_str(&html))
        .bench_local(|| strip(black_box(&html)));
}

fn strip(html: &str) -> String {
    let parts = html.split('<');
    parts
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
        .collect()
}
