//! The commented default configuration, made from one table of every key with its sample and its meaning.
//!
//! `assets/config.toml` and `frontdesk config default` are this text; tests hold the table against the types.

mod accounts;
mod audio;
mod desk;
mod news;
mod screen;
mod vault;

use std::fmt::Write;

/// One key.
pub struct Field {
    /// Its name.
    pub key: &'static str,
    /// A value as TOML; for keys with a default, the default.
    pub sample: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// One table of the file.
pub struct Section {
    /// Its header as written, empty for the top of the file.
    pub header: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys, in the order written.
    pub fields: &'static [Field],
}

const fn field(key: &'static str, sample: &'static str, doc: &'static str) -> Field {
    Field { key, sample, doc }
}

/// The whole file, table by table.
pub fn sections() -> impl Iterator<Item = &'static Section> {
    [
        screen::SECTIONS,
        accounts::SECTIONS,
        desk::SECTIONS,
        news::SECTIONS,
        audio::SECTIONS,
        vault::SECTIONS,
    ]
    .into_iter()
    .flatten()
}

const HEAD: &str = "\
# frontdesk's configuration. Every line is optional: take the `#` away to set a value.
# `frontdesk config check` says what is wrong, with line and column; a wrong part is left out, the rest still works.
# This text: `frontdesk config default`.
";

/// The file with every key commented out.
pub fn commented() -> String {
    let mut out = HEAD.to_owned();
    each(&mut out, "# ");
    out
}

fn each(out: &mut String, mark: &str) {
    for section in sections() {
        let _ = writeln!(out, "\n## {}", section.doc);
        if !section.header.is_empty() {
            let _ = writeln!(out, "{mark}{}", section.header);
        }
        for Field { key, sample, doc } in section.fields {
            let _ = writeln!(out, "\n## {doc}\n{mark}{key} = {sample}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assist::settings::AssistSettings;
    use crate::config::account::{AccountCommon, COMMON_KEYS};
    use crate::config::load::TOP_KEYS;
    use crate::config::load_desk::DESK_KEYS;
    use crate::config::{Commands, Config, Paths, load_text};
    use crate::desk::macros::MacroSettings;
    use crate::desk::roster::RosterEntry;
    use crate::desk::routing::Rule;
    use crate::desk::settings::{
        DeskSettings, HoldSettings, HoursSettings, SlaSettings, SnoozeSettings,
    };
    use crate::notify::{KindSwitches, NotifySettings};
    use crate::providers::email::settings::{EmailSettings, ImapSettings, SmtpSettings};
    use crate::providers::meta::page::settings::{InstagramSettings, MessengerSettings};
    use crate::providers::meta::whatsapp::settings::WhatsappSettings;
    use crate::providers::ringcentral::settings::RingcentralSettings;
    use crate::providers::telegram::settings::TelegramSettings;
    use crate::providers::transcription::TranscriptionSettings;
    use crate::providers::twilio::settings::TwilioSettings;
    use crate::secrets::oauth::LoginSettings;
    use crate::secrets::vault::VaultSettings;
    use serde::de::DeserializeOwned;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    /// The keys a type takes, as its own deserializer tells when it meets an unknown one.
    fn keys_of<T: DeserializeOwned>() -> BTreeSet<String> {
        let Err(error) = toml::from_str::<T>("\"?\" = 1") else {
            panic!("takes unknown keys");
        };
        let keys = error.message().split('`').skip(3).step_by(2);
        keys.map(str::to_owned).collect()
    }

    fn documented(header: &str) -> BTreeSet<String> {
        let sections = sections().filter(|section| section.header == header);
        sections
            .flat_map(|section| section.fields)
            .map(|field| field.key.to_owned())
            .collect()
    }

    /// Tables and arrays of tables that have their own section.
    fn without(mut keys: BTreeSet<String>, own: &[&str]) -> BTreeSet<String> {
        keys.retain(|key| !own.contains(&key.as_str()));
        keys
    }

    #[test]
    fn every_key_of_the_types_is_documented_and_no_other() {
        let top = TOP_KEYS.iter().map(|&key| key.to_owned()).collect();
        assert_eq!(
            documented(""),
            without(
                top,
                &[
                    "commands",
                    "accounts",
                    "desk",
                    "roster",
                    "notify",
                    "assist",
                    "listen",
                    "transcription",
                    "logins",
                    "vault"
                ]
            )
        );
        let tables = sections()
            .filter_map(|section| {
                section
                    .header
                    .trim_matches(['[', ']'])
                    .strip_prefix("desk.")
            })
            .map(|table| table.split('.').next().unwrap_or(table).to_owned());
        assert_eq!(tables.collect::<BTreeSet<_>>(), keys_of::<DeskSettings>());
        assert_eq!(
            keys_of::<DeskSettings>(),
            DESK_KEYS.iter().map(|&key| key.to_owned()).collect()
        );
        assert_eq!(documented("[desk.hours]"), keys_of::<HoursSettings>());
        assert_eq!(documented("[desk.sla]"), keys_of::<SlaSettings>());
        assert_eq!(documented("[desk.hold]"), keys_of::<HoldSettings>());
        assert_eq!(documented("[desk.snooze]"), keys_of::<SnoozeSettings>());
        assert_eq!(
            documented("[desk.macros.\"wrong number\"]"),
            keys_of::<MacroSettings>()
        );
        assert_eq!(documented("[[desk.rules]]"), keys_of::<Rule>());
        assert_eq!(
            documented("[notify]"),
            without(keys_of::<NotifySettings>(), &["kinds"])
        );
        assert_eq!(documented("[assist]"), keys_of::<AssistSettings>());
        assert_eq!(documented("[notify.kinds]"), keys_of::<KindSwitches>());
        assert_eq!(documented("[[roster]]"), keys_of::<RosterEntry>());
        assert_eq!(documented("[logins.support]"), keys_of::<LoginSettings>());
        assert_eq!(documented("[vault]"), keys_of::<VaultSettings>());
        assert_eq!(
            documented("[transcription]"),
            keys_of::<TranscriptionSettings>()
        );
        assert_eq!(documented("[commands]"), keys_of::<Commands>());
        let mut account = without(keys_of::<EmailSettings>(), &["imap", "smtp"]);
        assert_eq!(
            keys_of::<AccountCommon>(),
            COMMON_KEYS.iter().map(|&key| key.to_owned()).collect()
        );
        account.extend(keys_of::<AccountCommon>());
        assert_eq!(documented("[accounts.support]"), account);
        assert_eq!(
            documented("[accounts.support.imap]"),
            keys_of::<ImapSettings>()
        );
        assert_eq!(
            documented("[[accounts.support.smtp]]"),
            keys_of::<SmtpSettings>()
        );
        // Each other provider has a table of its own, which names the provider besides.
        let mut others = BTreeMap::from([
            ("[accounts.whatsapp]", keys_of::<WhatsappSettings>()),
            ("[accounts.telegram]", keys_of::<TelegramSettings>()),
            ("[accounts.phone]", keys_of::<RingcentralSettings>()),
            ("[accounts.sms]", keys_of::<TwilioSettings>()),
            ("[accounts.messenger]", keys_of::<MessengerSettings>()),
            ("[accounts.instagram]", keys_of::<InstagramSettings>()),
        ]);
        for (header, keys) in &mut others {
            keys.insert("provider".to_owned());
            assert_eq!(documented(header), *keys, "{header}");
        }
    }

    #[test]
    fn the_file_is_without_fault_with_and_without_its_comments() {
        let paths = Paths::below(Path::new("/nowhere"));
        let mut bare = String::new();
        each(&mut bare, "");
        for text in [commented(), bare] {
            let (_, problems) = load_text(&text, Path::new("config.toml"), &paths);
            assert!(problems.is_empty(), "{}", problems[0]);
        }
    }

    #[test]
    fn comments_hide_everything() {
        let table: toml::Table = toml::from_str(&commented()).unwrap();
        assert!(table.is_empty());
        let paths = Paths::below(Path::new("/nowhere"));
        let (config, _) = load_text(&commented(), Path::new("config.toml"), &paths);
        assert!(config.accounts.is_empty());
        assert_eq!(config.theme, Config::defaults(&paths).theme);
    }

    #[test]
    fn the_asset_is_this_text() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/config.toml");
        if std::env::var_os("UPDATE_ASSETS").is_some() {
            std::fs::write(&path, commented()).unwrap();
        }
        let asset = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(asset == commented(), "run with UPDATE_ASSETS=1 to renew it");
    }
}
