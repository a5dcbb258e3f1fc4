//! [`DisplayText`]: text that has been through the sanitiser, told apart by its type.

use super::sanitize::{sanitize_block, sanitize_line};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::ops::Deref;

/// Text that may be drawn. There is no way to build one but through the sanitiser.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DisplayText(String);

impl DisplayText {
    /// Cleans text for one row.
    pub fn line(raw: &str) -> Self {
        Self(sanitize_line(raw).text)
    }

    /// Cleans text of many lines.
    pub fn block(raw: &str) -> Self {
        Self(sanitize_block(raw).text)
    }

    /// The clean text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the clean text away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for DisplayText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for DisplayText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PartialEq<str> for DisplayText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for DisplayText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl From<DisplayText> for String {
    fn from(text: DisplayText) -> Self {
        text.0
    }
}

/// Reading cleans again: a stored form is as untrusted as any other.
impl<'de> Deserialize<'de> for DisplayText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|s| Self::block(&s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_in_cleans() {
        assert_eq!(DisplayText::line("a\u{1b}b"), "a␛b");
        let read: DisplayText = serde_json::from_str(r#""a\u001bb\r\nc""#).unwrap();
        assert_eq!(read, "a␛b\nc");
    }
}
