//! What may stand in a mail or HTTP header, told apart by its type.
//!
//! Mail libraries write what they are given: a decoded subject may hold a real line end, and the
//! text after it becomes a header of its own. Nothing but these types reaches a builder.

pub use super::address::{EmailAddress, Mailbox};
use super::charclass::{Class, class};
use std::fmt;
use thiserror::Error;

/// Bytes that a header's value may take; a line of a mail may have 998.
pub const MAX_VALUE: usize = 998;
/// Bytes that a message id may take.
pub const MAX_ID: usize = 900;

/// Why a value cannot stand in a header. The sentences are meant for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// CR, LF, NUL, another control, or a Unicode line end.
    #[error("The text holds a control character or line end; remove it.")]
    Control,
    /// Longer than the cap.
    #[error("The text is {len} bytes long; at most {max} are allowed here.")]
    TooLong {
        /// Its bytes.
        len: usize,
        /// The cap.
        max: usize,
    },
    /// Nothing in it.
    #[error("The text is empty; fill it in.")]
    Empty,
    /// Not a message id.
    #[error("The message id may hold only visible ASCII characters without < and >.")]
    MessageId,
    /// No `@`, or nothing on one side of it.
    #[error("The address must look like name@example.org.")]
    NotAnAddress,
    /// More than one address, or an address with a name around it.
    #[error("Give exactly one address, without brackets, names or commas.")]
    NotOneAddress,
    /// A mail program would take it for an option.
    #[error("The address must not begin with a dash.")]
    LeadingDash,
    /// Characters that the part before the `@` must not hold.
    #[error("The part before the @ holds a character that is not allowed.")]
    LocalPart,
    /// The part after the `@` is no host name.
    #[error("The part after the @ is not a valid domain name.")]
    Domain,
}

/// True for everything that a header's reader might take for a line end or a control.
pub(crate) fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

pub(crate) fn check(text: &str, max: usize) -> Result<(), HeaderError> {
    if text.len() > max {
        return Err(HeaderError::TooLong {
            len: text.len(),
            max,
        });
    }
    if text.chars().any(is_forbidden) {
        return Err(HeaderError::Control);
    }
    Ok(())
}

/// One line of text without controls, at most [`MAX_VALUE`] bytes. May be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// Takes the text as it is, or says why it cannot.
    pub fn new(text: &str) -> Result<Self, HeaderError> {
        check(text, MAX_VALUE)?;
        Ok(Self(text.to_owned()))
    }

    /// Makes any text fit: controls and line ends become one space, invisible and reordering
    /// characters go, the end is cut. For subjects that are built from customers' text.
    pub fn cleaned(text: &str) -> Self {
        let mut out = String::with_capacity(text.len().min(MAX_VALUE));
        let mut gap = false;
        for c in text.chars() {
            if is_forbidden(c) || c == ' ' {
                gap = true;
                continue;
            }
            if class(c) == Class::Drop {
                continue;
            }
            let space = usize::from(gap && !out.is_empty());
            if out.len() + space + c.len_utf8() > MAX_VALUE {
                break;
            }
            if space == 1 {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
        Self(out)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A message id without its brackets: visible ASCII, at most [`MAX_ID`] bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MsgId(String);

impl MsgId {
    /// Takes an id with or without brackets around it.
    pub fn new(text: &str) -> Result<Self, HeaderError> {
        let id = text
            .strip_prefix('<')
            .and_then(|t| t.strip_suffix('>'))
            .unwrap_or(text);
        if id.is_empty() {
            return Err(HeaderError::Empty);
        }
        check(id, MAX_ID)?;
        if !id
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>".contains(&b))
        {
            return Err(HeaderError::MessageId);
        }
        Ok(Self(id.to_owned()))
    }

    /// The ids of a References or In-Reply-To value, oldest first; what is no id is left out.
    pub fn list(text: &str) -> Vec<Self> {
        text.split(|c: char| c.is_whitespace() || is_forbidden(c) || c == ',')
            .flat_map(|word| word.split_inclusive('>'))
            .filter_map(|word| Self::new(word).ok())
            .collect()
    }

    /// Without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With brackets, as on the wire.
    pub fn bracketed(&self) -> String {
        format!("<{}>", self.0)
    }
}

impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values() {
        assert_eq!(HeaderValue::new("Re: hello").unwrap().as_str(), "Re: hello");
        for bad in [
            "a\r\nBcc: x",
            "a\nb",
            "a\0b",
            "a\u{1b}b",
            "a\u{85}b",
            "a\u{2028}b",
        ] {
            assert_eq!(HeaderValue::new(bad), Err(HeaderError::Control), "{bad:?}");
        }
        assert!(matches!(
            HeaderValue::new(&"x".repeat(999)),
            Err(HeaderError::TooLong { .. })
        ));
    }

    #[test]
    fn cleaned_values() {
        for (input, want) in [
            ("hello\r\nBcc: evil@x.example", "hello Bcc: evil@x.example"),
            ("  a\t\tb  ", "a b"),
            ("\0\0", ""),
            ("invoice_\u{202e}fdp.exe", "invoice_fdp.exe"),
            ("नमस्ते", "नमस्ते"),
            ("Hi\u{2028}Bcc: x", "Hi Bcc: x"),
        ] {
            assert_eq!(HeaderValue::cleaned(input).as_str(), want, "{input:?}");
        }
        assert_eq!(HeaderValue::cleaned(&"é".repeat(900)).as_str().len(), 998);
    }

    #[test]
    fn ids() {
        assert_eq!(MsgId::new("<a@b>").unwrap().as_str(), "a@b");
        assert_eq!(MsgId::new("a@b").unwrap().bracketed(), "<a@b>");
        for bad in [
            "",
            "<>",
            "<a@b>\r\nX: y",
            "a b",
            "<<a>>",
            "a>b",
            "ä@b",
            "a@b> <c@d",
        ] {
            assert!(MsgId::new(bad).is_err(), "{bad:?}");
        }
        let ids: Vec<_> = MsgId::list("<a@b> <c@d><e@f>\r\n junk\0 <g h>")
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect();
        assert_eq!(ids, ["a@b", "c@d", "e@f", "junk"]);
    }

    proptest! {
        #[test]
        fn cleaned_is_always_acceptable(s in any::<String>()) {
            let once = HeaderValue::cleaned(&s);
            prop_assert!(HeaderValue::new(once.as_str()).is_ok());
            prop_assert_eq!(HeaderValue::cleaned(once.as_str()), once);
        }
    }
}
