//! The configuration while the program runs: files are watched, read again off the loop, and a wrong one changes
//! nothing.

use super::accounts;
use super::engine::EngineAccount;
use super::setup;
use crate::config::{self, Commands, Config, Level, OwnThemes, Paths, Problem, Watch};
use crate::desk::{Policy, RosterEntry};
use crate::model::{AccountId, Clock};
use crate::notify::NotifySettings;
use crate::providers::transcription::TranscriptionSettings;
use crate::store::AccountInfo;
use crate::term::Probe;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Theme;
use crate::ui::themes::Depth;
use crate::ui::{NoticeKind, Renewed};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// An editor that replaces a file may leave none for a moment.
const GONE_FOR: Duration = Duration::from_millis(500);

/// What of `config.toml` is in force only after the next start: the way to it, and what it is called.
const AT_START: [(&[&str], &str); 11] = [
    (&["me"], "me"),
    (&["host"], "host"),
    (&["mouse"], "mouse"),
    (&["mirror"], "mirror"),
    (&["keymap"], "keymap"),
    (&["knowledge"], "knowledge"),
    (&["assist"], "assist"),
    (&["listen"], "listen"),
    (&["logins"], "logins"),
    (&["vault"], "vault"),
    (&["desk", "hours"], "the assistant's hours"),
];

/// The files of one configuration.
#[derive(Debug, Clone)]
pub struct Files {
    /// `config.toml`, wherever it is.
    pub config: PathBuf,
    /// The program's directories, from which defaults follow.
    pub paths: Paths,
}

/// What was asked for when the program was started, which no file overrules.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// One column, no box drawing.
    pub plain: bool,
    /// Theme by name.
    pub theme: Option<String>,
}

/// What changes in the running program.
pub struct Reloaded {
    /// For the screen.
    pub screen: Box<Renewed>,
    /// For the loop.
    pub desk: Option<DeskChange>,
    /// What the status line says.
    pub says: (NoticeKind, String),
}

/// Settings beyond the screen.
pub struct DeskChange {
    /// Who can be paged.
    pub roster: Vec<RosterEntry>,
    /// How the agent is told of news.
    pub notify: NotifySettings,
    /// The zone in which quiet hours are meant.
    pub zone: jiff::tz::TimeZone,
    /// Other programs.
    pub commands: Commands,
    /// Promises and rules.
    pub policy: Policy,
    /// What the mirror should know of accounts that run already.
    pub infos: Vec<(AccountId, AccountInfo)>,
    /// The accounts in use; those that did not change have the provider that runs.
    pub accounts: Vec<EngineAccount>,
    /// Whose audio is written down, and where.
    pub hearing: TranscriptionSettings,
}

/// The texts of all files: what did not change is not told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Texts {
    config: Option<String>,
    keymap: Option<String>,
    themes: OwnThemes,
}

/// Reads the files again when they change.
pub struct Reloader {
    files: Files,
    asked: Asked,
    depth: Depth,
    dumb: bool,
    clock: Arc<dyn Clock>,
    config: Config,
    keymap: Keymap,
    theme: Theme,
    texts: Texts,
    accounts: Vec<EngineAccount>,
    /// The file with which the program was started.
    started_with: toml::Table,
}

impl Reloader {
    /// What is in force at the start.
    pub fn new(
        files: Files,
        asked: Asked,
        probe: &Probe,
        clock: Arc<dyn Clock>,
        config: Config,
        accounts: Vec<EngineAccount>,
        (keymap, theme): (Keymap, Theme),
    ) -> Self {
        let texts = Texts::read(&files.config, &config.keymap);
        let started_with = texts.table();
        Self {
            files,
            asked,
            depth: probe.colors.into(),
            dumb: matches!(probe.term.as_str(), "" | "dumb"),
            clock,
            config,
            keymap,
            theme,
            texts,
            accounts,
            started_with,
        }
    }

    /// Watches until the receiver is dropped. Nothing comes where the system cannot watch.
    pub fn start(mut self) -> mpsc::Receiver<Reloaded> {
        let (tell, told) = mpsc::channel(1);
        let files = vec![self.files.config.clone(), self.config.keymap.clone()];
        let folders = vec![themes_folder(&self.config.keymap)];
        tokio::spawn(async move {
            let mut watch = match Watch::start(files, folders) {
                Ok(watch) => watch,
                Err(error) => {
                    tracing::warn!(%error, "the configuration is not watched");
                    return tell.closed().await;
                }
            };
            // First what was changed before anybody watched.
            loop {
                if self.texts.config.is_some() && !self.files.config.exists() {
                    tokio::time::sleep(GONE_FOR).await;
                }
                let read = tokio::task::spawn_blocking(move || {
                    let reloaded = self.read();
                    (self, reloaded)
                });
                let Ok((reloader, reloaded)) = read.await else {
                    return;
                };
                self = reloader;
                if let Some(reloaded) = reloaded
                    && tell.send(reloaded).await.is_err()
                {
                    return;
                }
                tokio::select! {
                    () = tell.closed() => return,
                    () = watch.changed() => {}
                }
            }
        });
        told
    }

    /// Reads everything again; none when all texts are as they were. Blocks.
    fn read(&mut self) -> Option<Reloaded> {
        let texts = Texts::read(&self.files.config, &self.config.keymap);
        if texts == self.texts {
            return None;
        }
        let before = std::mem::replace(&mut self.texts, texts);
        let mut wrong: Vec<Problem> = Vec::new();
        let mut warnings: Vec<Problem> = Vec::new();
        let mut desk = None;
        if self.texts.config != before.config {
            match self.read_config(&before) {
                Ok((change, noted)) => {
                    desk = Some(change);
                    warnings = noted;
                }
                Err(problems) => wrong.extend(problems),
            }
        }
        if self.texts.keymap != before.keymap {
            let (keymap, problems) = config::load_keymap(&self.config.keymap);
            if problems.iter().any(|problem| problem.level == Level::Error) {
                wrong.extend(problems);
            } else {
                self.keymap = keymap;
            }
        }
        let name = self.asked.theme.as_ref().unwrap_or(&self.config.theme);
        match self.texts.themes.load(name, self.depth) {
            Ok(theme) => self.theme = theme,
            Err(problem) => wrong.push(*problem),
        }
        let says = match wrong.iter().find(|problem| problem.level == Level::Error) {
            Some(problem) => (
                NoticeKind::Warning,
                format!("old settings kept: {}", problem.line()),
            ),
            None => self.good_news(),
        };
        wrong.extend(warnings);
        Some(Reloaded {
            screen: Box::new(self.renewed(&wrong)),
            desk,
            says,
        })
    }

    fn read_config(&mut self, before: &Texts) -> Result<(DeskChange, Vec<Problem>), Vec<Problem>> {
        if self.texts.config.is_none() {
            let what = "this file is gone";
            return Err(vec![Problem::of_file(
                Level::Error,
                &self.files.config,
                what,
            )]);
        }
        let (mut config, problems) = config::reload(&self.files.config, &self.files.paths)?;
        // These stay as they were until the next start, so nothing may look as if they had changed.
        config.keymap = self.config.keymap.clone();
        config.mirror = self.config.mirror.clone();
        config.me = self.config.me.clone();
        self.config = config;
        let (old, new) = (before.config.clone(), self.texts.config.clone());
        let same = |account: &AccountId| same_account(old.as_deref(), new.as_deref(), account);
        self.accounts = accounts::renewed(&self.config, &self.clock, &self.accounts, same);
        let infos = self
            .accounts
            .iter()
            .filter(|account| account.reads)
            .map(|account| (account.id.clone(), account.info.clone()))
            .collect();
        let change = DeskChange {
            roster: self.config.roster.clone(),
            notify: self.config.notify.clone(),
            zone: self.config.timezone.clone(),
            commands: self.config.commands.clone(),
            policy: self.config.policy(),
            infos,
            accounts: self.accounts.clone(),
            hearing: self.config.transcription.clone(),
        };
        Ok((change, problems))
    }

    /// What is said when nothing is wrong.
    fn good_news(&self) -> (NoticeKind, String) {
        let now = self.texts.table();
        let later: Vec<&str> = AT_START
            .iter()
            .filter(|(path, _)| at(&self.started_with, path) != at(&now, path))
            .map(|(_, name)| *name)
            .collect();
        if later.is_empty() {
            (NoticeKind::Info, "the new settings are in force".to_owned())
        } else {
            let text = format!(
                "the new settings are in force; restart frontdesk for: {}",
                later.join(", ")
            );
            (NoticeKind::Warning, text)
        }
    }

    fn renewed(&self, problems: &[Problem]) -> Renewed {
        let config = &self.config;
        Renewed {
            tz: config.timezone.clone(),
            keymap: self.keymap.clone(),
            theme: self.theme.clone(),
            plain: self.asked.plain || config.plain || self.dumb,
            agents: config.people().into_iter().map(str::to_owned).collect(),
            roster: setup::roster(config),
            accounts: setup::cards(&self.accounts),
            snooze: config.desk.snooze.clone(),
            macros: setup::macros(config),
            warnings: problems.iter().map(Problem::line).collect(),
        }
    }
}

impl Texts {
    fn read(config: &Path, keymap: &Path) -> Self {
        Self {
            config: std::fs::read_to_string(config).ok(),
            keymap: std::fs::read_to_string(keymap).ok(),
            themes: OwnThemes::read(&themes_folder(keymap)),
        }
    }

    /// The file as a table; an empty one where it cannot be read as one.
    fn table(&self) -> toml::Table {
        let text = self.config.as_deref().unwrap_or("");
        text.parse().unwrap_or_default()
    }
}

/// Whether an account's table is the same in both texts of the file.
pub(super) fn same_account(before: Option<&str>, now: Option<&str>, account: &AccountId) -> bool {
    let table = |text: Option<&str>| -> toml::Table {
        let table = text.unwrap_or("").parse();
        table.unwrap_or_default()
    };
    let path = ["accounts", account.as_str()];
    at(&table(before), &path) == at(&table(now), &path)
}

/// Where the user's own themes are.
pub fn themes_folder(keymap: &Path) -> PathBuf {
    keymap.parent().unwrap_or(Path::new("")).join("themes")
}

fn at<'a>(table: &'a toml::Table, path: &[&str]) -> Option<&'a toml::Value> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    if rest.is_empty() {
        return Some(value);
    }
    at(value.as_table()?, rest)
}
