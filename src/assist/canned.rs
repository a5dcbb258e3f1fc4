//! Canned replies: whole answers with variables, found by their intent words.

use super::passage::{Passage, Source};
use crate::model::Timestamp;
use crate::model::query::Canned;
use serde::{Deserialize, Serialize};

/// A file of canned replies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedFile {
    /// The replies.
    #[serde(default)]
    pub canned: Vec<CannedReply>,
}

/// One canned reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedReply {
    /// Its name, unique among them.
    pub name: String,
    /// ISO 639-1.
    #[serde(default)]
    pub language: Option<String>,
    /// What customers write when this is the answer.
    #[serde(default)]
    pub intent: Vec<String>,
    /// The text, with `{{variables}}`.
    pub body: String,
}

/// A file of canned replies that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CannedError {
    /// It is not the TOML that is wanted.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// Two have one name.
    #[error("two canned replies are called `{0}`; rename one")]
    Twice(String),
    /// A variable that does not exist.
    #[error(
        "the canned reply `{name}` uses `{{{{{variable}}}}}`, which does not exist; there are {known}"
    )]
    Variable {
        /// Which reply.
        name: String,
        /// Which variable.
        variable: String,
        /// Those that exist.
        known: String,
    },
}

/// Reads a file of canned replies.
pub fn read(text: &str) -> Result<Vec<CannedReply>, CannedError> {
    let file: CannedFile = toml::from_str(text)?;
    for (place, reply) in file.canned.iter().enumerate() {
        if file.canned[..place]
            .iter()
            .any(|other| other.name == reply.name)
        {
            return Err(CannedError::Twice(reply.name.clone()));
        }
        if let Err(unknown) = super::variables::names(&reply.body) {
            return Err(CannedError::Variable {
                name: reply.name.clone(),
                variable: unknown.0,
                known: super::variables::NAMES.join(", "),
            });
        }
    }
    Ok(file.canned)
}

impl CannedReply {
    /// As the drafter finds it. `file` is the name of the file as shown.
    pub fn passage(&self, file: &str, changed: Option<Timestamp>) -> Passage {
        Passage {
            source: Source::Canned,
            name: self.name.clone(),
            heading: self.intent.join(" · "),
            text: self.body.trim().to_owned(),
            address: format!("{file}#{}", self.name),
            as_of: changed,
            language: self.language.clone(),
        }
    }

    /// As the composer offers it.
    pub fn offered(&self) -> Canned {
        Canned {
            name: self.name.clone(),
            body: self.body.trim().to_owned(),
            language: self.language.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let good = read("[[canned]]\nname = \"a\"\nintent = [\"x y\", \"z\"]\nbody = \"Hi {{contact.first_name}}\"").unwrap();
        assert_eq!(good[0].passage("canned.toml", None).heading, "x y · z");
        assert_eq!(
            good[0].passage("canned.toml", None).address,
            "canned.toml#a"
        );
        for (text, says) in [
            (
                "[[canned]]\nname = \"a\"\nbody = \"{{secrets.key}}\"",
                "secrets.key",
            ),
            (
                "[[canned]]\nname = \"a\"\nbody = \"\"\n[[canned]]\nname = \"a\"\nbody = \"\"",
                "two canned replies",
            ),
            ("[[canned]]\nname = \"a\"\nbdy = \"\"", "bdy"),
        ] {
            assert!(read(text).unwrap_err().to_string().contains(says));
        }
    }
}
