//! The configuration as the program uses it: every value present, checked, and of its own type.

use super::account::Account;
use super::paths::Paths;
use crate::assist::settings::AssistSettings;
use crate::desk::roster::RosterEntry;
use crate::desk::settings::{DeskSettings, LONGEST_HOLD_SECONDS};
use crate::desk::{BusinessHours, Policy};
use crate::listen::ListenSettings;
use crate::model::time::SECOND;
use crate::model::{AccountId, Channel, query::Sort};
use crate::notify::NotifySettings;
use crate::providers::transcription::TranscriptionSettings;
use crate::secrets::oauth::LoginSettings;
use crate::secrets::vault::VaultSettings;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The whole configuration. Parts that the file does not set, or sets wrongly, have their defaults.
#[derive(Debug, Clone)]
pub struct Config {
    /// My name among the agents.
    pub me: String,
    /// This machine's name, recorded with decisions.
    pub host: String,
    /// The zone in which times are shown and typed.
    pub timezone: jiff::tz::TimeZone,
    /// The theme's name, or `auto`.
    pub theme: String,
    /// Take clicks and the wheel.
    pub mouse: bool,
    /// One column, no box drawing, words instead of symbols.
    pub plain: bool,
    /// The order in which lists begin.
    pub sort: Sort,
    /// The names that `assign` offers besides mine.
    pub agents: Vec<String>,
    /// Where the mirror is.
    pub mirror: PathBuf,
    /// Folders whose `*.md` the drafter reads.
    pub knowledge: Vec<PathBuf>,
    /// The user's key bindings; need not exist.
    pub keymap: PathBuf,
    /// Other programs.
    pub commands: Commands,
    /// The accounts, in the file's order.
    pub accounts: Vec<Account>,
    /// Hours, promises, hold, snooze, macros and rules.
    pub desk: DeskSettings,
    /// Who can be paged; every entry can be used.
    pub roster: Vec<RosterEntry>,
    /// How the agent is told of news.
    pub notify: NotifySettings,
    /// The drafter.
    pub assist: AssistSettings,
    /// The listener for vendors' requests.
    pub listen: ListenSettings,
    /// Where audio may be given for transcription, and whose.
    pub transcription: TranscriptionSettings,
    /// The logins by OAuth 2, by name.
    pub logins: BTreeMap<String, LoginSettings>,
    /// How the vault is opened and locked.
    pub vault: VaultSettings,
}

/// Other programs; none means "find one".
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Commands {
    /// Edits a text file, whose path is put at the end; written as in `$EDITOR`.
    pub editor: Option<String>,
    /// Takes what is copied on standard input.
    pub clipboard: Option<Vec<String>>,
    /// Opens the address or file that is put at the end.
    pub opener: Option<Vec<String>>,
    /// Plays an audio file, whose path takes the place of `{}`, or is put at the end.
    pub play: Option<Vec<String>>,
}

impl Config {
    /// What holds without any file.
    pub fn defaults(paths: &Paths) -> Self {
        Self {
            me: user_name(),
            host: host_name(),
            timezone: jiff::tz::TimeZone::system(),
            theme: "auto".to_owned(),
            mouse: false,
            plain: false,
            sort: Sort::default(),
            agents: Vec::new(),
            mirror: paths.mirror_dir(),
            knowledge: vec![paths.config_dir.join("knowledge")],
            keymap: paths.config_dir.join("keymap.toml"),
            commands: Commands::default(),
            accounts: Vec::new(),
            desk: DeskSettings::default(),
            roster: Vec::new(),
            notify: NotifySettings::default(),
            assist: AssistSettings::default(),
            listen: ListenSettings::default(),
            transcription: TranscriptionSettings::default(),
            logins: BTreeMap::new(),
            vault: VaultSettings::default(),
        }
    }

    /// The account of that name.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// How long a send of this account on this channel is held for undo, in milliseconds: as the account says, else as
    /// `[desk.hold]` says.
    pub fn hold_ms(&self, id: &AccountId, channel: Channel) -> i64 {
        match self
            .account(id)
            .and_then(|account| account.common.hold_seconds)
        {
            Some(seconds) => i64::from(u32::from(seconds).min(LONGEST_HOLD_SECONDS)) * SECOND,
            None => self.desk.hold.hold_ms(channel),
        }
    }

    /// The desk's promises and rules; hours that make no sense count as none, and the reader of the file has said so.
    pub fn policy(&self) -> Policy {
        let hours = BusinessHours::new(&self.desk.hours, self.timezone.clone())
            .unwrap_or_else(|_| BusinessHours::always(self.timezone.clone()));
        Policy::new(&self.desk, hours)
    }

    /// Accounts in use have secrets in the vault.
    pub fn needs_vault(&self) -> bool {
        self.accounts
            .iter()
            .filter(|account| account.common.enabled)
            .flat_map(|account| account.provider.own().secrets())
            .chain(self.transcription.secret())
            .any(crate::secrets::SecretRef::is_in_vault)
    }

    /// Everybody a conversation can be given to: me, the agents, the roster; each once.
    pub fn people(&self) -> Vec<&str> {
        let mut people = vec![self.me.as_str()];
        let others = self.agents.iter().map(String::as_str);
        for name in others.chain(self.roster.iter().map(|entry| entry.name.as_str())) {
            if !people.contains(&name) {
                people.push(name);
            }
        }
        people
    }
}

/// The login name, for a machine with one agent; `agent` if there is none.
fn user_name() -> String {
    ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| super::load::name_is_fine(name))
        .unwrap_or_else(|| "agent".to_owned())
}

fn host_name() -> String {
    let uname = rustix::system::uname();
    let name = uname.nodename().to_string_lossy();
    crate::text::sanitize_line(&name).text
}
