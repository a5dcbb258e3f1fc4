//! A source file as the rules see it: without comments, text in quotes, or tests.

use std::path::{Path, PathBuf};

/// One file below `src`.
pub struct Source {
    /// Below `src`, with slashes.
    pub path: String,
    pub lines: usize,
    /// Comments, tests and the insides of quotes blanked; line ends kept.
    code: String,
    /// Comments and tests blanked.
    with_quotes: String,
}

/// A path that the code names.
pub struct Use {
    pub line: usize,
    /// As it is after its group and its `self` or `super` have been worked out.
    pub path: String,
    /// The parts after `crate`, when it is one of ours.
    pub of_this_crate: Option<Vec<String>>,
}

/// Every file below `src`.
pub fn read_all() -> Vec<Source> {
    let mut found = Vec::new();
    read_folder(&root(), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read_folder(folder: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
            found.push(Source::new(name, &std::fs::read_to_string(&path).unwrap()));
        }
    }
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let (mut code, mut with_quotes) = blank(text);
        for range in tests_in(&code) {
            for blanked in [&mut code, &mut with_quotes] {
                let gap: String = blanked[range.clone()]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' })
                    .collect();
                // Quotes are of the same length in both, so one range serves both.
                blanked.replace_range(range.clone(), &gap);
            }
        }
        Self {
            path: path.to_owned(),
            lines: text.lines().count(),
            code,
            with_quotes,
        }
    }

    /// The room: the first folder, or the file's name.
    pub fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The module's path, such as `["ui", "panes", "list"]`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        if matches!(
            parts.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            parts.pop();
        }
        parts
    }

    /// Whether the whole file is tests, which may use whom they like.
    pub fn is_tests(&self) -> bool {
        self.module()
            .iter()
            .any(|name| name == "tests" || name.ends_with("_tests"))
    }

    /// `file:line` of each place where this word stands in the code.
    pub fn lines_with_word(&self, word: &str) -> Vec<String> {
        let code = &self.code;
        code.match_indices(word)
            .filter(|(at, _)| {
                let before = code[..*at].chars().next_back();
                let after = code[at + word.len()..].chars().next();
                !before.is_some_and(is_word)
                    && !(after.is_some_and(is_word) && !word.ends_with('!'))
            })
            .map(|(at, _)| format!("src/{}:{} {word}", self.path, line_of(code, at)))
            .collect()
    }

    /// `file:line` of each place where this text, quotes and all, stands outside comments.
    pub fn lines_with_text(&self, text: &str) -> Vec<String> {
        self.with_quotes
            .match_indices(text)
            .map(|(at, _)| {
                format!(
                    "src/{}:{} {text}",
                    self.path,
                    line_of(&self.with_quotes, at)
                )
            })
            .collect()
    }

    /// Every path of two parts or more, in `use` lines and in the code.
    pub fn uses(&self) -> Vec<Use> {
        let mut found = Vec::new();
        let mut rest = 0;
        while let Some((start, end)) = next_word(&self.code, rest) {
            rest = end;
            let line = line_of(&self.code, start);
            let mut paths = Vec::new();
            if &self.code[start..end] == "use" {
                let stop = self.code[end..]
                    .find(';')
                    .map_or(self.code.len(), |at| end + at);
                expand(&self.code[end..stop], &[], &mut paths);
                rest = stop;
            } else {
                let mut path = vec![self.code[start..end].to_owned()];
                while let Some(next) = next_part(&self.code, rest) {
                    path.push(self.code[next.0..next.1].to_owned());
                    rest = next.1;
                }
                if path.len() > 1 {
                    paths.push(path);
                }
            }
            found.extend(paths.into_iter().map(|path| self.resolve(line, &path)));
        }
        found
    }

    fn resolve(&self, line: usize, path: &[String]) -> Use {
        let mut parts = path;
        let mut base = match parts[0].as_str() {
            "crate" | "frontdesk" => Some(Vec::new()),
            "self" | "super" => Some(self.module()),
            _ => None,
        };
        if let Some(base) = &mut base {
            if parts[0] != "super" {
                parts = &parts[1..];
            }
            while parts.first().is_some_and(|part| part == "super") {
                base.pop();
                parts = &parts[1..];
            }
            base.extend_from_slice(parts);
            return Use {
                line,
                path: format!("crate::{}", base.join("::")),
                of_this_crate: Some(base.clone()),
            };
        }
        Use {
            line,
            path: path.join("::"),
            of_this_crate: None,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

fn next_word(code: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + code[from..].find(is_word)?;
    let length = code[start..].find(|c| !is_word(c));
    Some((start, length.map_or(code.len(), |length| start + length)))
}

/// The word after a `::` that follows at once.
fn next_part(code: &str, from: usize) -> Option<(usize, usize)> {
    let after = code[from..].strip_prefix("::")?;
    after
        .starts_with(is_word)
        .then(|| next_word(code, from + 2))
        .flatten()
}

/// `a::{b, c::d as e}` to `[a, b]` and `[a, c, d]`.
fn expand(tree: &str, before: &[String], found: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let head = tree.find('{').map_or(tree, |at| &tree[..at]);
    let head = head.split(" as ").next().unwrap_or_default();
    let mut path = before.to_vec();
    path.extend(
        head.split("::")
            .map(str::trim)
            .filter(|part| {
                !part.is_empty() && *part != "*" && !(*part == "self" && !before.is_empty())
            })
            .map(str::to_owned),
    );
    let Some(group) = tree
        .find('{')
        .and_then(|at| tree[at + 1..].strip_suffix('}'))
    else {
        if !path.is_empty() {
            found.push(path);
        }
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&group[start..at], &path, found);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !group[start..].trim().is_empty() {
        expand(&group[start..], &path, found);
    }
}

/// Where `#[cfg(test)]` items stand.
fn tests_in(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in code.match_indices("#[cfg(test)]") {
        if found.last().is_some_and(|last| last.contains(&at)) {
            continue;
        }
        let mut depth = 0;
        let end = code[at..].char_indices().find_map(|(offset, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0 && matches!(c, '}' | ';')).then_some(at + offset + 1)
        });
        found.push(at..end.unwrap_or(code.len()));
    }
    found
}

/// The text twice: without comments and the insides of quotes, and without comments only. Both have
/// the length of the original.
fn blank(text: &str) -> (String, String) {
    let bytes = text.as_bytes();
    let (mut code, mut with_quotes) = (bytes.to_vec(), bytes.to_vec());
    let erase = |out: &mut Vec<u8>, from: usize, to: usize| {
        for byte in &mut out[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    };
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let starts_word = !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if rest.starts_with(b"//") || rest.starts_with(b"/*") {
            let length = comment(rest);
            erase(&mut code, at, at + length);
            erase(&mut with_quotes, at, at + length);
            at += length;
        } else if let Some((open, length)) = quote(rest, starts_word) {
            erase(
                &mut code,
                at + open,
                (at + length).saturating_sub(1).max(at + open),
            );
            at += length;
        } else {
            at += 1;
        }
    }
    let whole = |bytes| String::from_utf8(bytes).unwrap();
    (whole(code), whole(with_quotes))
}

fn comment(rest: &[u8]) -> usize {
    let find = |needle: u8| rest.iter().position(|byte| *byte == needle);
    if rest[1] == b'/' {
        return find(b'\n').unwrap_or(rest.len());
    }
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Length of the opening and of the whole, when a string or character literal starts here.
fn quote(rest: &[u8], starts_word: bool) -> Option<(usize, usize)> {
    let prefix = rest
        .iter()
        .take_while(|byte| starts_word && matches!(byte, b'b' | b'c' | b'r'))
        .count();
    let raw = rest[..prefix].contains(&b'r');
    let hashes = rest[prefix..]
        .iter()
        .take_while(|byte| raw && **byte == b'#')
        .count();
    let open = prefix + hashes + 1;
    match rest.get(open - 1)? {
        b'"' if raw => {
            let mut close = vec![b'"'];
            close.resize(1 + hashes, b'#');
            let end = rest[open..]
                .windows(close.len())
                .position(|window| window == close)?;
            Some((open, open + end + close.len()))
        }
        b'"' => Some((open, open + closing(&rest[open..], b'"')?)),
        // A lifetime has no closing quote within the next character.
        b'\'' if !raw => {
            let inside = &rest[open..];
            let is_char = inside.first() == Some(&b'\\')
                || (1..=4).any(|length| {
                    inside.get(length) == Some(&b'\'')
                        && std::str::from_utf8(&inside[..length])
                            .is_ok_and(|text| text.chars().count() == 1)
                });
            if is_char {
                Some((open, open + closing(inside, b'\'')?))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Length up to and with the closing mark that no backslash escapes.
fn closing(rest: &[u8], mark: u8) -> Option<usize> {
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == mark => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

#[test]
fn code_is_told_from_comments_quotes_and_tests() {
    let text = "a::b; // c::d\n/* e /* f::g */ */ 'x'; '\\''; fn h<'i>(j: &'i str) { k::l(\"m::n\\\"\", r#\"o::\"p\"#) }\n\
                #[cfg(test)]\nmod tests { fn q() { r::s(); } }\nuse t::{u, v::{self, w as x}, y::*};";
    let source = Source::new("ui/z.rs", text);
    let found: Vec<String> = source.uses().into_iter().map(|used| used.path).collect();
    assert_eq!(found, ["a::b", "k::l", "t::u", "t::v", "t::v::w", "t::y"]);
    assert_eq!(source.uses().last().map(|used| used.line), Some(5));
    assert_eq!(source.lines_with_word("fn").len(), 1);
    assert_eq!(source.lines_with_text("k::l(\"m").len(), 1);
}
