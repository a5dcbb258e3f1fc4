//! Which inline styles and simple rules keep text from being seen.

use std::collections::HashSet;

/// Rules that are read of one document's style sheets.
const MAX_RULES: usize = 4000;

/// A colour, as far as it is known.
pub(super) type Rgb = [u8; 3];

/// What a list of declarations says about visibility.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// Not drawn at all, or too small to be seen.
    pub hidden: bool,
    /// Text colour.
    pub colour: Option<Rgb>,
    /// What is behind the text.
    pub background: Background,
}

/// What is behind a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Background {
    /// Nothing of its own.
    #[default]
    Inherited,
    /// An image, or a colour that is not understood.
    Unknown,
    /// This colour.
    Plain(Rgb),
}

impl Background {
    pub fn of(colour: Option<Rgb>) -> Self {
        colour.map_or(Self::Unknown, Self::Plain)
    }
}

impl Style {
    /// Reads `name: value; …`.
    pub fn read(declarations: &str) -> Self {
        let mut style = Self::default();
        let mut flat = false;
        let mut clipped = false;
        for declaration in declarations.split(';').take(200) {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            let name = name.trim().to_ascii_lowercase();
            let value = value.trim().to_ascii_lowercase();
            let value = value.trim_end_matches("!important").trim();
            match name.as_str() {
                "display" => style.hidden |= value == "none",
                "visibility" => style.hidden |= matches!(value, "hidden" | "collapse"),
                "mso-hide" => style.hidden |= value == "all",
                "opacity" => style.hidden |= value.parse::<f32>().is_ok_and(|v| v < 0.05),
                "font-size" => style.hidden |= length(value).is_some_and(|v| v <= 1.0),
                "text-indent" | "left" | "top" | "margin-left" => {
                    style.hidden |= length(value).is_some_and(|v| v <= -900.0);
                }
                "max-height" | "height" | "max-width" => {
                    flat |= length(value).is_some_and(|v| v <= 0.0);
                }
                "overflow" => clipped |= value == "hidden",
                "color" => style.colour = colour(value),
                "background-color" => style.background = Background::of(colour(value)),
                "background" => {
                    style.background = Background::of(value.split_whitespace().find_map(colour));
                }
                "background-image" => style.background = Background::Unknown,
                _ => {}
            }
        }
        style.hidden |= flat && clipped;
        style
    }
}

/// A length's number when its unit does not matter; percentages are none.
fn length(value: &str) -> Option<f32> {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if number.ends_with('%') {
        return (number == "0%").then_some(0.0);
    }
    let unit = &value[number.len()..];
    let number: f32 = number.trim().parse().ok()?;
    // `1em` is a full letter, `1px` is nothing to read.
    Some(match unit {
        "em" | "rem" | "ex" | "vw" | "vh" | "in" | "cm" | "pc" => number * 16.0,
        _ => number,
    })
}

/// `#rgb`, `#rrggbb`, `rgb(r, g, b)` and the names that mails hide text with.
pub(super) fn colour(value: &str) -> Option<Rgb> {
    let value = value.trim();
    if let Some(hex) = value.strip_prefix('#') {
        let n = u32::from_str_radix(hex, 16).ok()?;
        return match hex.len() {
            3 => {
                let part = |shift: u32| ((n >> shift) & 0xf) as u8 * 17;
                Some([part(8), part(4), part(0)])
            }
            6 => Some([(n >> 16) as u8, (n >> 8) as u8, n as u8]),
            _ => None,
        };
    }
    if let Some(list) = value.strip_prefix("rgb(").and_then(|v| v.strip_suffix(')')) {
        let mut parts = list.split([',', ' ']).filter(|p| !p.is_empty());
        let mut part = || parts.next()?.parse::<u8>().ok();
        return Some([part()?, part()?, part()?]);
    }
    match value {
        "white" => Some([255; 3]),
        "black" => Some([0; 3]),
        "snow" | "ghostwhite" | "whitesmoke" | "ivory" => Some([250; 3]),
        "red" => Some([255, 0, 0]),
        "blue" => Some([0, 0, 255]),
        "green" => Some([0, 128, 0]),
        _ => None,
    }
}

/// Too close to be told apart.
pub(super) fn same(a: Rgb, b: Rgb) -> bool {
    a.iter().zip(b).all(|(x, y)| x.abs_diff(y) <= 8)
}

/// Classes and ids that a document's own style sheets hide on every screen.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    hidden: HashSet<String>,
    rules: usize,
}

impl Sheet {
    /// Reads a style sheet; rules for some screens only (`@media`) do not count.
    pub fn read(&mut self, css: &str) {
        let mut rest = css;
        while let Some(open) = rest.find('{') {
            if self.rules >= MAX_RULES {
                return;
            }
            self.rules += 1;
            let head = &rest[..open];
            let head = head.rsplit("*/").next().unwrap_or(head);
            let head = head.rsplit([';', '}']).next().unwrap_or(head).trim();
            let selectors = head.trim_start_matches("<!--").trim();
            let body = &rest[open + 1..];
            if selectors.starts_with('@') {
                rest = &body[block_end(body)..];
                continue;
            }
            let end = body.find('}').unwrap_or(body.len());
            if Style::read(&body[..end]).hidden {
                for selector in selectors.split(',') {
                    self.hide(selector.trim());
                }
            }
            rest = body.get(end + 1..).unwrap_or("");
        }
    }

    /// Only `.class`, `tag.class` and `#id`; anything longer depends on where it stands.
    fn hide(&mut self, selector: &str) {
        let simple = |s: &str| {
            !s.is_empty()
                && s.chars()
                    .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        };
        if let Some((tag, class)) = selector.split_once('.')
            && (tag.is_empty() || simple(tag))
            && simple(class)
        {
            self.hidden.insert(format!(".{class}"));
        } else if let Some(id) = selector.strip_prefix('#')
            && simple(id)
        {
            self.hidden.insert(format!("#{id}"));
        }
    }

    /// Is an element with these attributes hidden?
    pub fn hides(&self, class: Option<&str>, id: Option<&str>) -> bool {
        if self.hidden.is_empty() {
            return false;
        }
        let class = class.unwrap_or_default();
        class
            .split_ascii_whitespace()
            .take(32)
            .any(|c| self.hidden.contains(&format!(".{c}")))
            || id.is_some_and(|id| self.hidden.contains(&format!("#{id}")))
    }
}

/// Where a block that may hold blocks ends.
fn block_end(body: &str) -> usize {
    let mut depth = 1;
    for (at, b) in body.bytes().enumerate() {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_styles() {
        for (css, want) in [
            ("display:none", true),
            ("DISPLAY : NONE !important", true),
            ("visibility:hidden", true),
            ("font-size:0", true),
            ("font-size:0px;color:#fff", true),
            ("font-size:1px", true),
            ("font-size:1em", false),
            ("font-size:12px", false),
            ("opacity:0", true),
            ("opacity:1", false),
            ("max-height:0;overflow:hidden", true),
            ("overflow:hidden", false),
            ("text-indent:-9999px", true),
            ("margin-left:-10px", false),
            ("mso-hide:all", true),
            ("display:block", false),
            ("", false),
        ] {
            assert_eq!(Style::read(css).hidden, want, "{css:?}");
        }
    }

    #[test]
    fn colours() {
        for (text, want) in [
            ("#fff", Some([255, 255, 255])),
            ("#0A0b0c", Some([10, 11, 12])),
            ("rgb(1, 2,3)", Some([1, 2, 3])),
            ("white", Some([255, 255, 255])),
            ("chartreuse", None),
            ("#é", None),
        ] {
            assert_eq!(colour(text), want, "{text:?}");
        }
        assert_eq!(
            Style::read("background:url(x) #fff").background,
            Background::Plain([255; 3])
        );
        assert_eq!(
            Style::read("background:url(x)").background,
            Background::Unknown
        );
    }

    #[test]
    fn sheets() {
        let mut sheet = Sheet::default();
        sheet.read(
            "/* x */ .pre, #gone , td.cell{display:none} p .deep{display:none}
             @media (max-width:600px){.wide{display:none} .b{color:red}} .shown{color:red}
             @import url(x.css); .after{display:none !important}",
        );
        for (class, id, want) in [
            (Some("a pre"), None, true),
            (None, Some("gone"), true),
            (Some("cell"), None, true),
            (Some("after"), None, true),
            (Some("wide"), None, false),
            (Some("shown"), None, false),
            (Some("deep"), None, false),
        ] {
            assert_eq!(sheet.hides(class, id), want, "{class:?} {id:?}");
        }
    }
}
