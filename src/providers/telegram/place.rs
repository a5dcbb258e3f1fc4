//! Where a chat is: its id, a topic in it, and the business account on whose behalf it is held.

use std::fmt;

/// Written as `CHAT`, `CHAT/TOPIC` and either with `@BUSINESS` behind it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) chat: i64,
    pub(super) topic: Option<i64>,
    pub(super) business: Option<String>,
}

impl Place {
    /// Reads what [`Place`] writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (place, business) = match text.split_once('@') {
            Some((place, business)) if !business.is_empty() => (place, Some(business.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        let (chat, topic) = match place.split_once('/') {
            Some((chat, topic)) => (chat, Some(topic.parse().ok()?)),
            None => (place, None),
        };
        Some(Self {
            chat: chat.parse().ok()?,
            topic,
            business,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.chat)?;
        if let Some(topic) = self.topic {
            write!(f, "/{topic}")?;
        }
        match &self.business {
            Some(business) => write!(f, "@{business}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_again() {
        for text in ["5", "-100123", "-100123/7", "5@bc_1", "-5/7@bc"] {
            assert_eq!(Place::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "x", "5/", "5@", "5/x", "@a"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
