//! Reading the file part by part: each wrong part is reported and left out, the others are taken.

use super::account::{Account, AccountCommon, COMMON_KEYS, ProviderName, ProviderSettings};
use super::load_audio::read_transcription;
use super::load_desk::{read_desk, read_roster};
use super::paths::Paths;
use super::problem::{Level, Problem};
use super::settings::Config;
use super::source::Source;
use super::words;
use crate::model::AccountId;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Every key at the top of the file.
pub(super) const TOP_KEYS: [&str; 21] = [
    "me",
    "host",
    "timezone",
    "theme",
    "mouse",
    "plain",
    "sort",
    "agents",
    "mirror",
    "knowledge",
    "keymap",
    "commands",
    "accounts",
    "desk",
    "roster",
    "notify",
    "assist",
    "listen",
    "transcription",
    "logins",
    "vault",
];

/// Reads the user's configuration file. A missing file is an empty one.
pub fn load(paths: &Paths) -> (Config, Vec<Problem>) {
    load_file(&paths.config_file(), paths)
}

/// Reads this file.
pub fn load_file(file: &Path, paths: &Paths) -> (Config, Vec<Problem>) {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let (config, mut problems) = load_text(&text, file, paths);
            problems.extend(open_to_others(file));
            (config, problems)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            (Config::defaults(paths), Vec::new())
        }
        Err(error) => {
            let what = match error.kind() {
                std::io::ErrorKind::InvalidData => "this file is not UTF-8 text".to_owned(),
                _ => format!("this file cannot be read: {error}"),
            };
            let mut problem = Problem::of_file(Level::Error, file, what);
            problem.left_out = Some("the whole configuration".to_owned());
            (Config::defaults(paths), vec![problem])
        }
    }
}

/// Reads the file again; the old configuration stays in force when anything in the new one is wrong.
pub fn reload(file: &Path, paths: &Paths) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    let (config, problems) = load_file(file, paths);
    if problems.iter().any(|problem| problem.level == Level::Error) {
        Err(problems)
    } else {
        Ok((config, problems))
    }
}

/// Reads text as if it stood in `file`.
pub fn load_text(text: &str, file: &Path, paths: &Paths) -> (Config, Vec<Problem>) {
    let mut config = Config::defaults(paths);
    let mut source = Source::new(file.to_owned(), text);
    let remaining = without_broken_blocks(text, &mut source);
    match DeTable::parse(&remaining) {
        Ok(table) => read_top(table, &mut config, &mut source),
        Err(error) => source.parser_error(&error, Some("the whole configuration".to_owned())),
    }
    source.problems.sort_by_key(|problem| {
        problem
            .place
            .as_ref()
            .map(|place| (place.line, place.column))
    });
    (config, source.problems)
}

/// A configuration that others may write to could start programs as us.
fn open_to_others(file: &Path) -> Option<Problem> {
    use std::os::unix::fs::MetadataExt;
    let mode = std::fs::metadata(file).ok()?.mode();
    (mode & 0o022 != 0).then(|| {
        let mut problem = Problem::of_file(
            Level::Warning,
            file,
            format!("others can change this file (mode {:04o})", mode & 0o7777),
        );
        problem.help = Some(format!("run `chmod 600 {}`", file.display()));
        problem
    })
}

/// Blanks out each `[table]` that does not parse, keeping every other line in its place, so that a broken header
/// can never lend its keys to the table before it.
pub(super) fn without_broken_blocks(text: &str, source: &mut Source<'_>) -> String {
    const AT_MOST: usize = 20;
    let mut rest = text.to_owned();
    for _ in 0..AT_MOST {
        let Err(error) = DeTable::parse(&rest) else {
            break;
        };
        let Some(span) = error.span() else {
            break;
        };
        let block = block_around(&rest, span.start);
        let header = text[block.clone()].lines().next().unwrap_or_default();
        let part = if header.trim_start().starts_with('[') {
            header
                .split('#')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        } else {
            "everything before the first [table]".to_owned()
        };
        source.parser_error(&error, Some(part));
        let blank: String = rest[block.clone()]
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect();
        rest.replace_range(block, &blank);
    }
    rest
}

/// From the last line at or before `at` that begins with `[` up to the next such line.
fn block_around(text: &str, at: usize) -> Range<usize> {
    let mut start = 0;
    let mut end = text.len();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') && offset > 0 {
            if offset <= at {
                start = offset;
            } else {
                end = offset;
                break;
            }
        }
        offset += line.len();
    }
    start..end
}

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

fn read_top(table: Spanned<DeTable<'_>>, config: &mut Config, source: &mut Source<'_>) {
    // Their hours are meant in the zone that the file may set further down.
    let (mut desk, mut roster, mut hearing) = (None, None, None);
    let mut named = Vec::new();
    for (key, value) in table.into_inner() {
        let span = key.span();
        let name = key.into_inner();
        match &*name {
            "me" => set_name(&mut config.me, value, source, "the setting me"),
            "host" => set_name(&mut config.host, value, source, "the setting host"),
            "timezone" => read_timezone(value, config, source),
            "theme" => set(&mut config.theme, value, source, "the setting theme"),
            "mouse" => set(&mut config.mouse, value, source, "the setting mouse"),
            "plain" => set(&mut config.plain, value, source, "the setting plain"),
            "sort" => set(&mut config.sort, value, source, "the setting sort"),
            "agents" => read_agents(value, config, source),
            "mirror" => set_path(&mut config.mirror, value, source, "the setting mirror"),
            "keymap" => set_path(&mut config.keymap, value, source, "the setting keymap"),
            "knowledge" => {
                let mut folders: Vec<PathBuf> = Vec::new();
                set(&mut folders, value, source, "the setting knowledge");
                if !folders.is_empty() {
                    config.knowledge = folders.iter().map(|path| expand(path)).collect();
                }
            }
            "commands" => set(&mut config.commands, value, source, "[commands]"),
            "accounts" => {
                // Also those that cannot be read: what names them is not wrong.
                if let DeValue::Table(all) = value.get_ref() {
                    named = all.keys().map(|key| key.get_ref().to_string()).collect();
                }
                read_accounts(value, config, source);
            }
            "notify" => set(&mut config.notify, value, source, "[notify]"),
            "listen" => set(&mut config.listen, value, source, "[listen]"),
            "transcription" => hearing = Some(value),
            "logins" => read_logins(value, config, source),
            "vault" => set(&mut config.vault, value, source, "[vault]"),
            "assist" => set(&mut config.assist, value, source, "[assist]"),
            "desk" => desk = Some(value),
            "roster" => roster = Some(value),
            unknown => unknown_key(unknown, span, &TOP_KEYS, source, None),
        }
    }
    if let Some(value) = desk {
        read_desk(value, config, source);
    }
    if let Some(value) = roster {
        read_roster(value, config, source);
    }
    if let Some(value) = hearing {
        read_transcription(value, &named, config, source);
    }
}

pub(super) fn unknown_key(
    name: &str,
    span: Range<usize>,
    known: &[&str],
    source: &mut Source<'_>,
    part: Option<String>,
) {
    let known: Vec<String> = known.iter().map(|&key| key.to_owned()).collect();
    let help = words::choices(name, &known, "known keys");
    source.note(
        Level::Error,
        span,
        format!("unknown key `{name}`"),
        help,
        part,
    );
}

/// Reads one value; when it is wrong the default stays and the problem is noted.
pub(super) fn read<T: DeserializeOwned>(
    value: Value<'_>,
    source: &mut Source<'_>,
    part: &str,
) -> Option<T> {
    read_besides(&[], value, source, part)
}

/// The same for a table of which keys were taken already: `also` is told as known where a key is not.
fn read_besides<T: DeserializeOwned>(
    also: &[&str],
    value: Value<'_>,
    source: &mut Source<'_>,
    part: &str,
) -> Option<T> {
    let span = value.span();
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(read) => Some(read),
        Err(error) => {
            let span = error.span().unwrap_or(span);
            source.serde_error(error.message(), Some(span), Some(part.to_owned()), also);
            None
        }
    }
}

fn set<T: DeserializeOwned>(target: &mut T, value: Value<'_>, source: &mut Source<'_>, part: &str) {
    if let Some(read) = read(value, source, part) {
        *target = read;
    }
}

fn set_path(target: &mut PathBuf, value: Value<'_>, source: &mut Source<'_>, part: &str) {
    if let Some(path) = read::<PathBuf>(value, source, part) {
        *target = expand(&path);
    }
}

/// A leading `~/` is the home directory.
fn expand(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), etcetera::home_dir()) {
        (Ok(rest), Ok(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// A name that fits into a list, a command line and a journal: letters, digits, `.`, `_`, `-`; at most 40.
pub fn name_is_fine(name: &str) -> bool {
    (1..=40).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

pub(super) const NAME_HELP: &str = "a name is up to 40 letters, digits, `.`, `_` or `-`";

fn set_name(target: &mut String, value: Value<'_>, source: &mut Source<'_>, part: &str) {
    let span = value.span();
    match read::<String>(value, source, part) {
        Some(name) if name_is_fine(&name) => *target = name,
        Some(name) => source.note(
            Level::Error,
            span,
            format!("`{name}` cannot be a name"),
            Some(NAME_HELP.to_owned()),
            Some(part.to_owned()),
        ),
        None => {}
    }
}

fn read_agents(value: Value<'_>, config: &mut Config, source: &mut Source<'_>) {
    let span = value.span();
    let Some(names) = read::<Vec<String>>(value, source, "the setting agents") else {
        return;
    };
    let (fine, wrong): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name_is_fine(name));
    for name in wrong {
        source.note(
            Level::Error,
            span.clone(),
            format!("`{name}` cannot be a name"),
            Some(NAME_HELP.to_owned()),
            Some(format!("the agent {name}")),
        );
    }
    config.agents = fine;
}

fn read_timezone(value: Value<'_>, config: &mut Config, source: &mut Source<'_>) {
    let span = value.span();
    let Some(name) = read::<String>(value, source, "the setting timezone") else {
        return;
    };
    match jiff::tz::TimeZone::get(&name) {
        Ok(zone) => config.timezone = zone,
        Err(_) => source.note(
            Level::Error,
            span,
            format!("there is no time zone `{name}`"),
            Some("a zone is named like Europe/Berlin, Asia/Kolkata or UTC".to_owned()),
            Some("the setting timezone".to_owned()),
        ),
    }
}

fn read_logins(value: Value<'_>, config: &mut Config, source: &mut Source<'_>) {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        source.note(
            Level::Error,
            span,
            "logins are tables",
            Some("write [logins.NAME] and the login's keys below it".to_owned()),
            Some("every login".to_owned()),
        );
        return;
    };
    for (key, value) in table {
        let part = format!("the login {}", key.get_ref());
        if !name_is_fine(key.get_ref()) {
            source.note(
                Level::Error,
                key.span(),
                format!("`{}` cannot be a login's name", key.get_ref()),
                Some(NAME_HELP.to_owned()),
                Some(part),
            );
        } else if let Some(login) = read(value, source, &part) {
            config.logins.insert(key.get_ref().to_string(), login);
        }
    }
}

fn read_accounts(value: Value<'_>, config: &mut Config, source: &mut Source<'_>) {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        source.note(
            Level::Error,
            span,
            "accounts are tables",
            Some("write [accounts.NAME] and the account's keys below it".to_owned()),
            Some("every account".to_owned()),
        );
        return;
    };
    for (key, value) in table {
        if let Some(account) = read_account(&key, value, source) {
            config.accounts.push(account);
        }
    }
}

fn read_account(
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: Value<'_>,
    source: &mut Source<'_>,
) -> Option<Account> {
    let name: &str = key.get_ref();
    let part = format!("the account {name}");
    if !name_is_fine(name) {
        source.note(
            Level::Error,
            key.span(),
            format!("`{name}` cannot be an account's name"),
            Some(NAME_HELP.to_owned()),
            Some(part),
        );
        return None;
    }
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        source.note(
            Level::Error,
            span,
            format!("`{name}` is not a table"),
            Some(format!(
                "write [accounts.{name}] and the account's keys below it"
            )),
            Some(part),
        );
        return None;
    };
    warn_of_plain_secrets(&table, source);
    let (common, own): (DeTable<'_>, DeTable<'_>) = table
        .into_iter()
        .partition(|(key, _)| COMMON_KEYS.contains(&&**key.get_ref()));
    // The span of the header: where something is missing, the caret stands there.
    let common = Spanned::new(span.clone(), DeValue::Table(common));
    let own = Spanned::new(span, DeValue::Table(own));
    let common: AccountCommon = read(common, source, &part)?;
    let provider = match common.provider {
        ProviderName::Email => {
            ProviderSettings::Email(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
        ProviderName::Whatsapp => {
            ProviderSettings::Whatsapp(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
        ProviderName::Telegram => {
            ProviderSettings::Telegram(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
        ProviderName::Ringcentral => {
            ProviderSettings::Ringcentral(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
        ProviderName::Twilio => {
            ProviderSettings::Twilio(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
        ProviderName::Messenger => {
            ProviderSettings::Messenger(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
        ProviderName::Instagram => {
            ProviderSettings::Instagram(Box::new(read_besides(&COMMON_KEYS, own, source, &part)?))
        }
    };
    Some(Account {
        id: AccountId::new(name),
        common,
        provider,
    })
}

fn warn_of_plain_secrets(table: &DeTable<'_>, source: &mut Source<'_>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::String(_) if is_secret_key(key.get_ref()) => source.note(
                Level::Warning,
                key.span(),
                format!("`{}` is plain text in this file", key.get_ref()),
                Some(
                    r#"better: { env = "NAME" }, { command = ["pass", "show", "x"] }, { file = "PATH" } or { keyring = "NAME" }"#
                        .to_owned(),
                ),
                None,
            ),
            DeValue::Table(inner) => warn_of_plain_secrets(inner, source),
            DeValue::Array(items) => {
                for item in items {
                    if let DeValue::Table(inner) = item.get_ref() {
                        warn_of_plain_secrets(inner, source);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_secret_key(key: &str) -> bool {
    ["password", "secret", "token", "api_key"]
        .iter()
        .any(|word| key == *word || key.ends_with(&format!("_{word}")))
}
