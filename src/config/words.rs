//! The parser's words, turned into words for people.

use super::nearest::nearest;

/// What is wrong, and what is allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) what: String,
    pub(super) help: Option<String>,
}

/// Says in plain words what serde or the TOML parser said. `secret` takes values out of the sentence; `also` are keys
/// that are known besides those that the message names.
pub(super) fn plain(message: &str, secret: bool, also: &[&str]) -> Words {
    let message = message.trim();
    if let Some((field, mut known)) = unknown(message, "unknown field") {
        known.splice(0..0, also.iter().map(|&key| key.to_owned()));
        return Words {
            what: format!("unknown key `{field}`"),
            help: choices(&field, &known, "known keys"),
        };
    }
    if let Some((value, known)) = unknown(message, "unknown variant") {
        return Words {
            what: format!("`{value}` is not possible here"),
            help: choices(&value, &known, "allowed"),
        };
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return Words {
            what: format!("{field} is missing"),
            help: None,
        };
    }
    for kind in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = message
            .strip_prefix(kind)
            .and_then(|rest| rest.split_once(", expected "))
        {
            let found = if secret { without_value(found) } else { found };
            return Words {
                what: format!("this is {}", article(found)),
                help: Some(format!("expected: {}", expectation(expected))),
            };
        }
    }
    let (what, help) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(format!("expected: {expected}"))),
        None => (message, None),
    };
    Words {
        what: what.replace('\n', "; "),
        help,
    }
}

/// The help for an unknown word: the nearest known one, and all of them.
pub(super) fn choices(word: &str, known: &[String], title: &str) -> Option<String> {
    if known.is_empty() {
        return None;
    }
    let all = known.join(", ");
    Some(match nearest(word, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`? {title}: {all}"),
        None => format!("{title}: {all}"),
    })
}

/// Takes apart "unknown field `x`, expected one of `a`, `b`".
fn unknown(message: &str, kind: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix(kind)?.trim_start();
    let (word, rest) = rest.strip_prefix('`')?.split_once('`')?;
    let known = rest
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    Some((word.to_owned(), known))
}

fn without_value(found: &str) -> &str {
    ["string", "integer", "floating point", "boolean"]
        .into_iter()
        .find(|kind| found.starts_with(kind))
        .unwrap_or(found)
}

fn article(found: &str) -> String {
    let found = found
        .replacen("map", "table", usize::from(found == "map"))
        .replacen("sequence", "list", usize::from(found == "sequence"))
        .replacen("floating point", "fraction", 1)
        .replacen("boolean", "yes-or-no value", 1);
    let an = found.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {found}", if an { "an" } else { "a" })
}

fn expectation(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i64" => "a whole number",
        "f64" | "f32" => "a number",
        "a sequence" => "a list such as [\"one\", \"two\"]",
        "a map" => "a table",
        other => other.strip_prefix("struct ").map_or(other, |_| "a table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_words() {
        for (message, secret, what, help) in [
            (
                "unknown field `thme`, expected one of `theme`, `mouse`",
                false,
                "unknown key `thme`",
                Some("did you mean `theme`? known keys: theme, mouse"),
            ),
            (
                "unknown variant `best`, expected `newest` or `oldest`",
                false,
                "`best` is not possible here",
                Some("allowed: newest, oldest"),
            ),
            ("missing field `host`", false, "`host` is missing", None),
            (
                "invalid type: string \"x\", expected u32",
                false,
                "this is a string \"x\"",
                Some("expected: a whole number, 0 or more"),
            ),
            (
                "invalid type: integer `1234`, expected a secret",
                true,
                "this is an integer",
                Some("expected: a secret"),
            ),
            (
                "invalid type: sequence, expected struct ImapSettings",
                false,
                "this is a list",
                Some("expected: a table"),
            ),
            (
                "invalid basic string, expected `\"`",
                false,
                "invalid basic string",
                Some("expected: `\"`"),
            ),
        ] {
            let words = plain(message, secret, &[]);
            assert_eq!(words.what, what);
            assert_eq!(words.help.as_deref(), help);
        }
    }
}
