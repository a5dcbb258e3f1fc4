//! Texts that vendors approved beforehand, as they were last read: the list opens at once, and whatever leaves is held
//! against it.

use super::Store;
use super::apply::invalid;
use super::error::StoreError;
use super::ingest::clean::{block, line};
use super::sql::{Json, Result, Sql, Word};
use super::writer::Tx;
use crate::model::command::Refusal;
use crate::model::{
    AccountId, Channel, Draft, Outgoing, Template, TemplateList, TemplateStatus, Timestamp,
};
use rusqlite::{Connection, params};

/// Templates kept of one account.
const MOST: usize = 2_000;

impl Store {
    /// Keeps what a reading of an account's templates brought: all of them, or why they could not be read. What fails
    /// leaves those that are known.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn put_templates(
        &self,
        account: &AccountId,
        read: std::result::Result<Vec<Template>, String>,
    ) -> std::result::Result<(), StoreError> {
        let account = account.clone();
        self.write(move |tx| {
            let (read_at, error) = match &read {
                Ok(templates) => {
                    replace(tx, &account, templates)?;
                    (Some(tx.now.0), None)
                }
                Err(error) => (None, Some(line(error))),
            };
            tx.run(
                "INSERT INTO template_reading(account, tried_at, read_at, error) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT(account) DO UPDATE SET tried_at = excluded.tried_at,
                   read_at = coalesce(excluded.read_at, read_at), error = excluded.error",
                params![account.as_str(), tx.now.0, read_at, error],
            )?;
            Ok(())
        })
        .await
    }

    /// When an account's templates were last asked for, and whether that worked; none when they never were.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn templates_asked(
        &self,
        account: &AccountId,
    ) -> std::result::Result<Option<(Timestamp, bool)>, StoreError> {
        let account = account.clone();
        self.read(move |connection| {
            connection.one(
                "SELECT tried_at, error IS NULL FROM template_reading WHERE account = ?1",
                [account.as_str()],
                |row| Ok((Timestamp(row.get(0)?), row.get(1)?)),
            )
        })
        .await
    }
}

fn replace(tx: &Tx<'_>, account: &AccountId, templates: &[Template]) -> Result<()> {
    tx.run(
        "DELETE FROM template WHERE account = ?1",
        [account.as_str()],
    )?;
    for template in templates.iter().filter_map(clean).take(MOST) {
        tx.run(
            "INSERT INTO template(account, id, language, channel, data) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT(account, id, language) DO NOTHING",
            params![
                account.as_str(),
                template.id,
                template.language,
                Word(template.channel),
                Json(&template)
            ],
        )?;
    }
    Ok(())
}

/// The template with nothing in it that a terminal could take amiss. What names it at the vendor must not change by
/// that: a template whose names do cannot be sent, and is left out.
fn clean(template: &Template) -> Option<Template> {
    let mut clean = template.clone();
    for place in &mut clean.places {
        place.example = place.example.as_deref().map(line);
    }
    clean.name = line(&template.name);
    clean.category = line(&template.category);
    clean.body = block(&template.body).0;
    if let TemplateStatus::Other(word) = &mut clean.status {
        *word = line(word);
    }
    let same = |text: &String| line(text) == *text && !text.is_empty();
    let named = same(&clean.id) && line(&clean.language) == clean.language;
    (named && clean.places.iter().all(|place| same(&place.name))).then_some(clean)
}

/// The templates of an account for a channel.
pub(super) fn listed(
    connection: &Connection,
    account: &AccountId,
    channel: Channel,
) -> Result<TemplateList> {
    let mut templates = connection.all(
        "SELECT data FROM template WHERE account = ?1 AND channel = ?2",
        params![account.as_str(), Word(channel)],
        |row| Ok(row.get::<_, Json<Template>>(0)?.0),
    )?;
    templates.sort_by(|a, b| {
        let key = |one: &Template| {
            let later = one.status != TemplateStatus::Approved;
            (later, one.name.clone(), one.language.clone())
        };
        key(a).cmp(&key(b))
    });
    let reading = connection.one(
        "SELECT read_at, error FROM template_reading WHERE account = ?1",
        [account.as_str()],
        |row| Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?)),
    )?;
    let (read_at, error) = reading.unwrap_or_default();
    Ok(TemplateList {
        templates,
        read_at: read_at.map(Timestamp),
        error,
    })
}

fn find(
    connection: &Connection,
    account: &AccountId,
    id: &str,
    language: &str,
) -> Result<Option<Template>> {
    connection.one(
        "SELECT data FROM template WHERE account = ?1 AND id = ?2 AND language = ?3",
        params![account.as_str(), id, language],
        |row| Ok(row.get::<_, Json<Template>>(0)?.0),
    )
}

/// Refuses a draft whose template is not what was seen, is not filled, or may not be used (any more).
pub(super) fn check(tx: &Tx<'_>, draft: &Draft) -> Result<()> {
    let Some(used) = &draft.template else {
        return Ok(());
    };
    if used.text() != draft.body {
        return Err(Refusal::HashMismatch.into());
    }
    if !draft.attachments.is_empty() {
        return Err(invalid("a template leaves without files; take them off"));
    }
    let seen = &used.template;
    if seen.channel != draft.channel {
        return Err(invalid(format!(
            "the template {} is for {}, not for {}",
            line(&seen.name),
            seen.channel,
            draft.channel
        )));
    }
    match find(tx, &draft.account, &seen.id, &seen.language)? {
        None => Err(invalid(format!(
            "the account has no template {} any more; pick another with t",
            line(&seen.name)
        ))),
        Some(now) if now.body != seen.body || !same_places(&now, seen) => Err(invalid(format!(
            "the template {} was changed since it was picked; pick it again with t",
            line(&seen.name)
        ))),
        Some(now) => now
            .refuses(&used.values)
            .map_or(Ok(()), |words| Err(invalid(words))),
    }
}

fn same_places(a: &Template, b: &Template) -> bool {
    let names = |template: &Template| -> Vec<String> {
        template
            .places
            .iter()
            .map(|place| place.name.clone())
            .collect()
    };
    names(a) == names(b)
}

/// Why a filled template that waits may not leave: it may not be used any more, or says something else by now.
pub(super) fn changed(tx: &Tx<'_>, out: &Outgoing) -> Result<Option<String>> {
    let Some(filled) = &out.template else {
        return Ok(None);
    };
    let name = line(&filled.id);
    Ok(
        match find(tx, &out.account, &filled.id, &filled.language)? {
            None => Some(format!("the account has no template {name} any more")),
            Some(now) if now.fill(&filled.values) != out.body => {
                Some(format!("the template {name} was changed since it was seen"))
            }
            Some(now) => now.refuses(&filled.values),
        },
    )
}
