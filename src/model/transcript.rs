//! What a machine heard in an audio file.

use serde::{Deserialize, Serialize};

/// How far the transcript of one audio file is. A vendor's own transcript is not one of these: it is the text of its
/// message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Transcript {
    /// It will be made, or tried again.
    Waiting {
        /// Why the last try failed, cleaned; empty before the first.
        says: String,
    },
    /// It is made.
    Done {
        /// What was heard, cleaned, lines separated by `\n`; empty where nobody speaks. A machine wrote it down: words
        /// may be wrong, and they are a stranger's all the same.
        text: String,
    },
    /// It could not be made, and is not tried again unless somebody asks.
    Failed {
        /// Why, cleaned.
        says: String,
    },
}

impl Transcript {
    /// What was heard, if it is known and if it is anything.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Done { text } if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}
