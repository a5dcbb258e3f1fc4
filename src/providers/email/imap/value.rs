//! One response of the server as a tree of words: atoms, strings, lists.
//!
//! The grammar here is the frame of RFC 3501, not its contents: a response nobody asked for reads as well as any
//! other, and what it means is decided later.

/// Parentheses inside one another that are still followed.
const DEEPEST: usize = 64;

/// A word of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Anything without quotes, `NIL` included.
    Atom(Vec<u8>),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// Words in parentheses.
    List(Vec<Value>),
}

impl Value {
    /// An atom's letters.
    pub fn atom(&self) -> Option<&str> {
        match self {
            Self::Atom(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Is it this atom, in whichever case?
    pub fn is(&self, name: &str) -> bool {
        self.atom()
            .is_some_and(|atom| atom.eq_ignore_ascii_case(name))
    }

    /// The bytes of an atom or string; `None` for `NIL` and lists.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Atom(bytes) if bytes.eq_ignore_ascii_case(b"NIL") => None,
            Self::Atom(bytes) | Self::Text(bytes) => Some(bytes),
            Self::List(_) => None,
        }
    }

    /// The bytes, taken out.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Atom(bytes) if bytes.eq_ignore_ascii_case(b"NIL") => None,
            Self::Atom(bytes) | Self::Text(bytes) => Some(bytes),
            Self::List(_) => None,
        }
    }

    /// As text, whatever its bytes.
    pub fn text(&self) -> Option<String> {
        self.bytes()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// As a number.
    pub fn number<T: std::str::FromStr>(&self) -> Option<T> {
        std::str::from_utf8(self.bytes()?).ok()?.parse().ok()
    }

    /// The words of a list.
    pub fn list(&self) -> Option<&[Value]> {
        match self {
            Self::List(words) => Some(words),
            _ => None,
        }
    }
}

/// A piece of a response as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Up to the end of a line; `{n}` at the end is not in it.
    Line(Vec<u8>),
    /// The bytes announced by `{n}`.
    Literal(Vec<u8>),
}

/// The response is outside the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// Reads the words of a response from its pieces.
pub fn words(pieces: Vec<Piece>) -> Result<Vec<Value>, Malformed> {
    let mut stack: Vec<Vec<Value>> = vec![Vec::new()];
    for piece in pieces {
        match piece {
            Piece::Literal(bytes) => push(&mut stack, Value::Text(bytes)),
            Piece::Line(line) => read_line(&line, &mut stack)?,
        }
    }
    let words = stack.pop().unwrap_or_default();
    if stack.is_empty() {
        Ok(words)
    } else {
        Err(Malformed("a parenthesis is not closed"))
    }
}

fn push(stack: &mut [Vec<Value>], value: Value) {
    if let Some(top) = stack.last_mut() {
        top.push(value);
    }
}

fn read_line(line: &[u8], stack: &mut Vec<Vec<Value>>) -> Result<(), Malformed> {
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        match byte {
            b' ' => at += 1,
            b'(' => {
                if stack.len() > DEEPEST {
                    return Err(Malformed("parentheses are nested too deeply"));
                }
                stack.push(Vec::new());
                at += 1;
            }
            b')' => {
                let inner = stack.pop().unwrap_or_default();
                if stack.is_empty() {
                    return Err(Malformed("a parenthesis was never opened"));
                }
                push(stack, Value::List(inner));
                at += 1;
            }
            b'"' => {
                let (text, next) = quoted(line, at + 1)?;
                push(stack, Value::Text(text));
                at = next;
            }
            _ => {
                let end = atom_end(line, at)?;
                push(stack, Value::Atom(line[at..end].to_vec()));
                at = end;
            }
        }
    }
    Ok(())
}

fn quoted(line: &[u8], mut at: usize) -> Result<(Vec<u8>, usize), Malformed> {
    let mut text = Vec::new();
    loop {
        match line.get(at) {
            Some(b'"') => return Ok((text, at + 1)),
            Some(b'\\') => {
                let byte = line.get(at + 1).ok_or(Malformed("a quote is not closed"))?;
                text.push(*byte);
                at += 2;
            }
            Some(byte) => {
                text.push(*byte);
                at += 1;
            }
            None => return Err(Malformed("a quote is not closed")),
        }
    }
}

/// An atom ends at a space or parenthesis, except inside brackets: `BODY[HEADER.FIELDS (TO)]<0>` is one.
fn atom_end(line: &[u8], mut at: usize) -> Result<usize, Malformed> {
    let mut inside = false;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            b'"' if inside => {
                at = quoted(line, at + 1)?.1;
                continue;
            }
            b' ' | b'(' | b')' | b'"' if !inside => break,
            _ => {}
        }
        at += 1;
    }
    if inside {
        Err(Malformed("a bracket is not closed"))
    } else {
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<Vec<Value>, Malformed> {
        words(vec![Piece::Line(text.as_bytes().to_vec())])
    }

    fn atom(text: &str) -> Value {
        Value::Atom(text.as_bytes().to_vec())
    }

    #[test]
    fn words_of_all_kinds() {
        assert_eq!(
            line(r#"1 FETCH (FLAGS (\Seen $Junk) BODY[HEADER.FIELDS (TO "x y")]<0> "a\"b" NIL)"#),
            Ok(vec![
                atom("1"),
                atom("FETCH"),
                Value::List(vec![
                    atom("FLAGS"),
                    Value::List(vec![atom("\\Seen"), atom("$Junk")]),
                    atom(r#"BODY[HEADER.FIELDS (TO "x y")]<0>"#),
                    Value::Text(b"a\"b".to_vec()),
                    atom("NIL"),
                ]),
            ])
        );
    }

    #[test]
    fn a_literal_is_a_word_whatever_is_in_it() {
        let read = words(vec![
            Piece::Line(b"1 FETCH (BODY[] ".to_vec()),
            Piece::Literal(b"a) \"(\r\n".to_vec()),
            Piece::Line(b" UID 5)".to_vec()),
        ])
        .unwrap();
        let items = read[2].list().unwrap();
        assert_eq!(items[1], Value::Text(b"a) \"(\r\n".to_vec()));
        assert_eq!(items[3].number::<u32>(), Some(5));
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        for wrong in ["(", ")", "(()", "\"x", "\"x\\", "BODY[", "BODY[\"]"] {
            assert!(line(wrong).is_err(), "{wrong}");
        }
        assert!(line(&"(".repeat(100_000)).is_err());
        assert!(line(&format!("{}{}", "(".repeat(50), ")".repeat(50))).is_ok());
    }
}
