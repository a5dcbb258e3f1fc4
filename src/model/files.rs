//! What files may go along with a text, where a vendor takes only some things in one message.

/// What one message of a channel takes. The default takes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileRules {
    /// Files in one message, at most.
    pub most: Option<usize>,
    /// The same where all of them are pictures.
    pub pictures: Option<usize>,
    /// What becomes of a text that goes with them.
    pub text: TextWithFiles,
}

/// What becomes of a text that goes with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextWithFiles {
    /// It stands in the message like any text.
    #[default]
    Together,
    /// It is the file's caption: one message, shown below the file.
    Below {
        /// Characters, at most.
        limit: usize,
        /// Types of files that have none.
        but: &'static [&'static str],
    },
    /// It would be a second message, so it is refused: what was seen as one must leave as one.
    Apart,
}

impl FileRules {
    /// How many files one message takes, by whether all are pictures.
    pub fn most(&self, pictures: bool) -> Option<usize> {
        if pictures {
            self.pictures.or(self.most)
        } else {
            self.most
        }
    }
}
