//! A line cut into words without a shell: quotes and backslashes group, nothing is expanded, nothing is run.

/// Cuts `line` into words as a POSIX shell would, minus every expansion, redirection and operator.
///
/// # Errors
/// An open quote, a backslash at the end, or a control character.
pub fn split(line: &str) -> Result<Vec<String>, String> {
    if line.chars().any(|c| c.is_control() && c != '\t' && c != '\n') {
        return Err("the command holds a control character".to_owned());
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err("a quote is not closed".to_owned()),
                        },
                        Some(c) => word.push(c),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
            }
            '\\' => match chars.next() {
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err("the command ends with a backslash".to_owned()),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_grouped_and_never_expanded() {
        for (line, words) in [
            ("", vec![]),
            ("  list   inbox ", vec!["list", "inbox"]),
            ("reply 12 -m 'it''s \"fine\"'", vec!["reply", "12", "-m", "its \"fine\""]),
            (r#"reply 12 -m "a \"b\" \\ \n""#, vec!["reply", "12", "-m", r#"a "b" \ \n"#]),
            (r"a\ b ''", vec!["a b", ""]),
            ("x; rm -rf / | y && $(z) `w` $HOME *", vec![
                "x;", "rm", "-rf", "/", "|", "y", "&&", "$(z)", "`w`", "$HOME", "*",
            ]),
            ("नमस्ते 'привет мир'", vec!["नमस्ते", "привет мир"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for line in ["'open", "\"open", "end\\", "a\u{1b}b", "a\0b"] {
            assert!(split(line).is_err(), "{line:?}");
        }
    }
}
