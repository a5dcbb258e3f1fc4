//! The part about transcription: what it names must be accounts of this file.

use super::load::{Value, read};
use super::problem::Level;
use super::settings::Config;
use super::source::Source;
use super::words;
use crate::providers::transcription::TranscriptionSettings;
use std::ops::Range;
use toml::de::DeValue;

/// Reads `[transcription]`; a name that no account has is told, since its audio would silently never be written down.
pub(super) fn read_transcription(
    value: Value<'_>,
    accounts: &[String],
    config: &mut Config,
    source: &mut Source<'_>,
) {
    for (name, span) in named(&value) {
        if accounts.contains(&name) {
            continue;
        }
        let help = words::choices(&name, accounts, "accounts");
        source.note(
            Level::Warning,
            span,
            format!("there is no account `{name}`"),
            help.or_else(|| Some("no account is configured".to_owned())),
            None,
        );
    }
    let whole = value.span();
    if let Some(read) = read::<TranscriptionSettings>(value, source, "[transcription]") {
        if let Some(says) = read.warning() {
            source.note(Level::Warning, whole, says, None, None);
        }
        config.transcription = read;
    }
}

/// Every account that it names, and where.
fn named(value: &Value<'_>) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let DeValue::Table(table) = value.get_ref() else {
        return found;
    };
    for (key, inner) in table {
        match (&**key.get_ref(), inner.get_ref()) {
            ("accounts", DeValue::Array(items)) => {
                for item in items {
                    if let DeValue::String(name) = item.get_ref() {
                        found.push((name.to_string(), item.span()));
                    }
                }
            }
            ("languages", DeValue::Table(languages)) => {
                let keys = languages.keys();
                found.extend(keys.map(|key| (key.get_ref().to_string(), key.span())));
            }
            _ => {}
        }
    }
    found
}
