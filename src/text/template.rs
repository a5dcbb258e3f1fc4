//! Canned replies with variables: `Hello {{contact.first_name}}`.

use std::borrow::Cow;
use thiserror::Error;

/// A variable that has no value here; nothing is sent with a hole in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("The variable {{{{{0}}}}} has no value here; fill it in or remove it.")]
pub struct MissingVariable(pub String);

/// Where variables get their values.
pub trait Variables {
    /// The value of a variable, or none when there is none.
    fn value(&self, name: &str) -> Option<Cow<'_, str>>;
}

impl Variables for [(&str, &str)] {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| Cow::Borrowed(*v))
    }
}

impl<const N: usize> Variables for [(&str, &str); N] {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.as_slice().value(name)
    }
}

impl<S: std::hash::BuildHasher> Variables for std::collections::HashMap<String, String, S> {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(|v| Cow::Borrowed(v.as_str()))
    }
}

impl Variables for std::collections::BTreeMap<String, String> {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(|v| Cow::Borrowed(v.as_str()))
    }
}

/// Puts every value in once, as text: what a value holds is never looked at again.
///
/// An empty value counts as missing. Braces around anything that is no name stay as they are.
pub fn fill<V: Variables + ?Sized>(text: &str, values: &V) -> Result<String, MissingVariable> {
    let mut out = String::with_capacity(text.len() + 64);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Variable(name) => match values.value(name) {
                Some(value) if !value.trim().is_empty() => out.push_str(&value),
                _ => return Err(MissingVariable(name.to_owned())),
            },
        }
    }
    Ok(out)
}

/// As [`fill`], leaving missing variables as they are and naming each of them once.
pub fn fill_what_is_known<V: Variables + ?Sized>(text: &str, values: &V) -> (String, Vec<String>) {
    let mut out = String::with_capacity(text.len() + 64);
    let mut missing: Vec<String> = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Variable(name) => match values.value(name) {
                Some(value) if !value.trim().is_empty() => out.push_str(&value),
                _ => {
                    out.push_str("{{");
                    out.push_str(name);
                    out.push_str("}}");
                    if !missing.iter().any(|m| m == name) {
                        missing.push(name.to_owned());
                    }
                }
            },
        }
    }
    (out, missing)
}

/// The names that a template asks for, in order, each once.
pub fn names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces(text) {
        if let Piece::Variable(name) = piece
            && !names.iter().any(|n| n == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = variable(rest) {
            rest = after;
            return Some(Piece::Variable(name));
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let len = rest[first..].find("{{").map_or(rest.len(), |at| at + first);
        let (head, tail) = rest.split_at(len);
        rest = tail;
        Some(Piece::Text(head))
    })
}

/// `{{ name }}` at the start: letters, digits, `_`, `-` and dots, at most 64 bytes.
fn variable(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?;
    let window = &inner[..inner.floor_char_boundary(80)];
    let end = window.find("}}")?;
    let name = inner[..end].trim();
    let fine = !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    fine.then(|| (name, &inner[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [(&str, &str); 4] = [
        ("contact.first_name", "Ana"),
        ("evil", "{{secret}} {{contact.first_name}}"),
        ("secret", "hunter2"),
        ("empty", " "),
    ];

    #[test]
    fn table() {
        for (text, want) in [
            ("Hello {{contact.first_name}}!", Ok("Hello Ana!")),
            (
                "{{ contact.first_name }}{{contact.first_name}}",
                Ok("AnaAna"),
            ),
            ("{{evil}}", Ok("{{secret}} {{contact.first_name}}")),
            ("{{nobody}}", Err("nobody")),
            ("{{empty}}", Err("empty")),
            (
                "{{}} {{ a b }} {{7*7}} {x} }}",
                Ok("{{}} {{ a b }} {{7*7}} {x} }}"),
            ),
            ("{{{contact.first_name}}}", Ok("{Ana}")),
            ("{{unclosed", Ok("{{unclosed")),
            ("é{{漢}}", Ok("é{{漢}}")),
            ("", Ok("")),
        ] {
            let got = fill(text, &VALUES);
            let want = want
                .map(str::to_owned)
                .map_err(|name| MissingVariable(name.to_owned()));
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn missing_ones_are_named() {
        let (text, missing) =
            fill_what_is_known("{{a}} {{b}} {{a}} {{contact.first_name}}", &VALUES);
        assert_eq!(text, "{{a}} {{b}} {{a}} Ana");
        assert_eq!(missing, ["a", "b"]);
        assert_eq!(names("{{a}} {{ b }} {{a}}"), ["a", "b"]);
        assert_eq!(
            fill("{{a}}", &VALUES).unwrap_err().to_string(),
            "The variable {{a}} has no value here; fill it in or remove it."
        );
    }

    #[test]
    fn braces_are_read_in_linear_time() {
        let start = std::time::Instant::now();
        let text = "{{".repeat(500_000);
        assert_eq!(fill(&text, &VALUES).unwrap(), text);
        assert!(start.elapsed().as_secs() < 10);
    }
}
