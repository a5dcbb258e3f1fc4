//! An account by its provider's guide.

use super::{NewAccountError, Site};
use crate::config::{Account, edit};
use crate::model::{Clock, SystemClock};
use crate::providers::guide::{Field, Guide, Kind};
use crate::runtime::accounts::provider_of;
use crate::secrets::{ExposeSecret, SecretRef, SecretString, random_word};
use crate::text::sanitize::sanitize_line;
use std::sync::Arc;
use toml_edit::{Array, Item, Table, Value, value};

/// One answer, and where a secret will be.
pub enum Answer {
    /// It stands in the file.
    Plain(Value),
    /// It is somewhere already.
    Kept(SecretRef),
    /// It was typed, or made, and will be in the vault.
    Typed(SecretString),
}

impl Answer {
    /// What was typed, as the file has it.
    pub fn plain(field: &Field, text: &str) -> Self {
        Self::Plain(match field.kind {
            Kind::Phones => Value::Array(text.split(',').map(str::trim).collect::<Array>()),
            _ => text.into(),
        })
    }
}

/// A new account by the answers to a guide.
pub struct Guided {
    guide: &'static Guide,
    name: String,
    answers: Vec<(Field, Answer)>,
}

impl Guided {
    /// By these answers. A word for a handshake that nobody chose is made.
    ///
    /// # Errors
    /// When the system gives no chance.
    pub fn new(
        guide: &'static Guide,
        name: &str,
        mut answers: Vec<(Field, Answer)>,
    ) -> Result<Self, NewAccountError> {
        let mut given = crate::model::guide::Answers::default();
        for (field, answer) in &answers {
            match answer {
                Answer::Plain(_) => given.put(field.key, "given"),
                Answer::Kept(_) | Answer::Typed(_) => given.put_hidden(field.key),
            }
        }
        for field in guide.fields {
            if field.kind == Kind::Word && (field.wanted)(&given) && !given.given(field.key) {
                let word = random_word().map_err(|e| NewAccountError::Wrong(e.to_string()))?;
                answers.push((*field, Answer::Typed(word)));
            }
        }
        Ok(Self {
            guide,
            name: name.to_owned(),
            answers,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Something goes into the vault.
    pub fn fills_vault(&self) -> bool {
        let mut answers = self.answers.iter();
        answers.any(|(_, answer)| matches!(answer, Answer::Typed(_)))
    }

    /// The word for the vendor's handshake, where it was typed or made.
    pub fn word(&self) -> Option<&SecretString> {
        self.answers
            .iter()
            .find_map(|(field, answer)| match answer {
                Answer::Typed(word) if field.kind == Kind::Word => Some(word),
                _ => None,
            })
    }

    /// Reads it back as the program will, with what was typed in it: for the test before saving.
    ///
    /// # Errors
    /// When it would not be taken.
    pub fn account(&self, site: &Site) -> Result<Account, NewAccountError> {
        site.read_back(&self.name, self.table(true))
    }

    /// Puts what was typed into the vault, which is open, then the account into the configuration.
    ///
    /// # Errors
    /// When either cannot be written; nothing stands in the configuration then.
    pub async fn save(&self, site: &Site) -> Result<(), NewAccountError> {
        site.is_new(&self.name)?;
        let table = self.table(false);
        site.read_back(&self.name, table.clone())?;
        for (field, answer) in &self.answers {
            if let Answer::Typed(secret) = answer {
                site.vault.put(&self.entry(field), secret).await?;
            }
        }
        edit::add_account(&site.file, &self.name, table)?;
        Ok(())
    }

    /// Once it is saved: has its vendor post to the public address of this desk, where the account is posted to and the
    /// vendor is told by a call. What is so from now on, or why not and what to do; nothing where there is nothing to
    /// tell, or no public address.
    pub async fn register(&self, site: &Site) -> Option<String> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (provider, _) = provider_of(&self.account(site).ok()?, &clock);
        if !provider.registers() || site.config.listen.public_url.is_none() {
            return None;
        }
        let url = site.config.listen.route(&self.name);
        Some(match provider.register(Some(&url)).await {
            Ok(said) => said,
            Err(error) => {
                let error = sanitize_line(&error.to_string()).text;
                let name = &self.name;
                format!(
                    "{name} is not posted to yet ({error}); run `frontdesk account webhook {name}`"
                )
            }
        })
    }

    /// What is left to do. The word is shown where `shows` says so, else named.
    pub fn after(&self, site: &Site, shows: bool) -> Vec<String> {
        let url = site.config.listen.route(&self.name);
        let word = match self.word() {
            Some(word) if shows => word.expose_secret().to_owned(),
            _ => "the word that you chose".to_owned(),
        };
        let steps = self.guide.after.iter();
        steps
            .map(|step| {
                step.replace("{url}", &url)
                    .replace("{word}", &word)
                    .replace("{account}", &self.name)
            })
            .collect()
    }

    /// The address for the vendor's requests, where it has some.
    pub fn url(&self, site: &Site) -> Option<String> {
        let mut steps = self.guide.after.iter();
        steps
            .any(|step| step.contains("{url}"))
            .then(|| site.config.listen.route(&self.name))
    }

    fn entry(&self, field: &Field) -> String {
        format!("{}-{}", self.name, field.key)
    }

    fn table(&self, typed: bool) -> Table {
        let mut table = Table::new();
        table["provider"] = value(self.guide.provider);
        for (field, answer) in &self.answers {
            let written = match answer {
                Answer::Plain(answer) => answer.clone(),
                Answer::Kept(place) => place.to_toml(),
                Answer::Typed(secret) if typed => SecretRef::Plain(secret.clone()).to_toml(),
                Answer::Typed(_) => SecretRef::Vault(self.entry(field)).to_toml(),
            };
            table[field.key] = Item::Value(written);
        }
        table
    }
}

/// Where a secret is, as it is written on the command line.
///
/// # Errors
/// What it should look like.
pub fn place_of(key: &str, place: &str) -> Result<SecretRef, NewAccountError> {
    let wrong = || {
        NewAccountError::Wrong(format!(
            "{key}: say where it is, as vault:NAME, env:NAME, file:PATH or command:WORDS"
        ))
    };
    match place.split_once(':').ok_or_else(wrong)? {
        ("vault", name) if !name.is_empty() => Ok(SecretRef::Vault(name.to_owned())),
        ("env", name) if !name.is_empty() => Ok(SecretRef::Env(name.to_owned())),
        ("file", path) if !path.is_empty() => Ok(SecretRef::File(path.into())),
        ("command", words) => Ok(SecretRef::Command(
            crate::term::split(words).map_err(|error| NewAccountError::Wrong(error.to_string()))?,
        )),
        _ => Err(wrong()),
    }
}
