//! A command line as people write it, split into words without a shell.

/// Why a command line could not be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArgvError {
    /// Nothing but blanks.
    #[error("no command was given")]
    Empty,
    /// A quote that is never closed.
    #[error("the command has a {0} without its partner")]
    Unclosed(char),
    /// The last character is a backslash.
    #[error("the command ends in a backslash")]
    Dangling,
}

/// Splits at blanks; `'…'` keeps everything, `"…"` keeps blanks and understands `\"` and `\\`, a
/// backslash elsewhere keeps the next character. Nothing is expanded: no variables, no globs, no
/// `~`, no pipes.
pub fn split(command: &str) -> Result<Vec<String>, ArgvError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(ArgvError::Unclosed('\'')),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err(ArgvError::Unclosed('"')),
                        },
                        Some(c) => word.push(c),
                        None => return Err(ArgvError::Unclosed('"')),
                    }
                }
            }
            '\\' => match chars.next() {
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err(ArgvError::Dangling),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if words.is_empty() {
        return Err(ArgvError::Empty);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let table: &[(&str, &[&str])] = &[
            ("vi", &["vi"]),
            ("  code  --wait ", &["code", "--wait"]),
            ("'/opt/my editor/ed' -x", &["/opt/my editor/ed", "-x"]),
            (
                r#"emacs -nw --eval "(set \"x\" 1)""#,
                &["emacs", "-nw", "--eval", r#"(set "x" 1)"#],
            ),
            (r"a\ b c\'d", &["a b", "c'd"]),
            (r#"grep "a\d" ''"#, &["grep", r"a\d", ""]),
            ("x'y'\"z\"", &["xyz"]),
            (
                "$(rm -rf ~) | sh; `id`",
                &["$(rm", "-rf", "~)", "|", "sh;", "`id`"],
            ),
        ];
        for (line, expected) in table {
            assert_eq!(split(line).unwrap(), *expected, "{line}");
        }
        assert_eq!(split(" \t"), Err(ArgvError::Empty));
        assert_eq!(split("a 'b"), Err(ArgvError::Unclosed('\'')));
        assert_eq!(split("a \"b\\\""), Err(ArgvError::Unclosed('"')));
        assert_eq!(split("a\\"), Err(ArgvError::Dangling));
    }
}
