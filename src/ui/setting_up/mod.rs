//! Setting up an account on the screen: choose a provider, read what to click, fill in, try, save, and see what comes.
//!
//! The guides are data; which provider it is, is never asked. Trying, logging in and saving are the runtime's.

mod draw;
mod form;
mod keys;
mod trial;
mod wish;

pub use trial::Trial;
pub use wish::{Filled, Filling, Saved, SetupNews};

use super::app::{App, Waiting};
use super::effect::Effect;
use super::msg::NoticeKind;
use super::overlays::Overlay;
use crate::model::guide::Guide;
use crate::model::query::{From, ListPage, ListQuery, Sort, View};
use crate::model::{AccountId, Query};
use form::Form;
pub(super) use keys::{key, paste, trial_key};
use std::collections::BTreeMap;
use trial::End;

/// Conversations shown of a new account.
const FIRST: u32 = 5;

/// An account that is being set up.
#[derive(Debug, Clone)]
pub struct SettingUp {
    guides: Vec<&'static Guide>,
    choice: usize,
    stage: Stage,
    /// What was typed, by provider: going back loses nothing.
    forms: BTreeMap<&'static str, Form>,
    /// What waits for the vault.
    waits: Option<Wish>,
    /// Names in use.
    taken: Vec<String>,
}

#[derive(Debug, Clone)]
enum Stage {
    Choose,
    /// What to do at the vendor, from this line on.
    Steps(usize),
    Fill,
    Try(Trial),
    Saved(Done),
}

/// What goes on once the vault is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Try,
    Save,
}

/// An account that is saved, and what came in first.
#[derive(Debug, Clone)]
struct Done {
    saved: Saved,
    shows_word: bool,
    /// The first line that is shown.
    down: usize,
    /// Who wrote what about.
    first: Vec<(String, String)>,
}

impl SettingUp {
    fn new(guides: Vec<&'static Guide>, taken: Vec<String>) -> Self {
        Self {
            guides,
            choice: 0,
            stage: Stage::Choose,
            forms: BTreeMap::new(),
            waits: None,
            taken,
        }
    }

    fn guide(&self) -> Option<&'static Guide> {
        self.guides.get(self.choice).copied()
    }

    fn form(&self) -> Option<&Form> {
        self.forms.get(self.guide()?.provider)
    }

    fn form_mut(&mut self) -> Option<&mut Form> {
        let guide = self.guide()?;
        let taken = self.taken.clone();
        let form = self.forms.entry(guide.provider);
        Some(form.or_insert_with(|| Form::new(guide, taken)))
    }

    /// Which keys there are, for the last line.
    pub(super) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        match &self.stage {
            Stage::Choose => vec![("Enter", "choose"), ("j k", "move"), ("Esc", "close")],
            Stage::Steps(_) => vec![("Enter", "go on"), ("j k", "scroll"), ("Esc", "back")],
            Stage::Fill if self.form().is_some_and(Form::chooses) => vec![
                ("Left Right", "change"),
                ("Enter", "next"),
                ("C-s", "try and save"),
                ("S-Tab", "previous"),
                ("Esc", "back"),
            ],
            Stage::Fill => {
                let mut hints = vec![
                    ("Enter", "next"),
                    ("C-s", "try and save"),
                    ("S-Tab", "previous"),
                ];
                if self.form().is_some_and(Form::has_more) {
                    hints.push(("C-o", "more settings"));
                }
                hints.push(("Esc", "back"));
                hints
            }
            Stage::Try(trial) => match trial.end {
                End::Runs if trial.page.is_some() => vec![
                    ("o", "open it here"),
                    ("y", "copy the address"),
                    ("Esc", "stop"),
                ],
                End::Runs => vec![("Esc", "stop")],
                // It is over in a moment, and takes no key.
                End::Saving => Vec::new(),
                _ => vec![
                    ("Enter", "change it"),
                    ("a", "again"),
                    ("s", "save all the same"),
                ],
            },
            Stage::Saved(done) => {
                let mut hints = vec![("Enter", "to its messages")];
                if done.saved.url.is_some() {
                    hints.push(("y", "copy the address"));
                }
                if done.saved.word.is_some() {
                    hints.extend([("w", "copy the word"), ("v", "show it")]);
                }
                hints.extend([("j k", "scroll"), ("Esc", "close")]);
                hints
            }
        }
    }
}

/// Begins, or goes on where it was left.
pub(super) fn begin(app: &mut App) {
    let guides = app.setup.guides.clone();
    if guides.is_empty() {
        app.say(NoticeKind::Info, "accounts cannot be added here");
        return;
    }
    let mut taken: Vec<String> = Vec::new();
    for card in &app.setup.accounts {
        taken.push(card.account.as_str().to_owned());
    }
    let kept = app.set_aside.take();
    let mut setting_up = kept.map_or_else(|| SettingUp::new(guides, taken.clone()), |kept| *kept);
    setting_up.taken = taken;
    app.overlays.push(Overlay::SettingUp(Box::new(setting_up)));
}

/// Tests an account that there is.
pub(super) fn test(app: &mut App, account: &str) {
    let run = next_run(app);
    let trial = Trial::new(account.to_owned(), run);
    app.overlays.push(Overlay::Trial(Box::new(trial)));
    app.effects.push(Effect::TestAccount {
        run,
        account: AccountId::new(account),
    });
}

fn next_run(app: &mut App) -> u64 {
    app.setup_runs += 1;
    app.setup_runs
}

/// Sends the form on its way.
fn go(app: &mut App, setting_up: &mut SettingUp, wish: Wish) {
    let run = next_run(app);
    let Some(filled) = setting_up.form_mut().and_then(Form::filled) else {
        setting_up.stage = Stage::Fill;
        return;
    };
    match wish {
        Wish::Try => {
            setting_up.stage = Stage::Try(Trial::new(filled.account.clone(), run));
            app.effects.push(Effect::TryAccount { run, filled });
        }
        Wish::Save => {
            if let Stage::Try(trial) = &mut setting_up.stage {
                trial.run = run;
                trial.end = End::Saving;
            }
            app.effects.push(Effect::SaveAccount { run, filled });
        }
    }
}

fn find(app: &mut App) -> Option<&mut SettingUp> {
    app.overlays
        .iter_mut()
        .rev()
        .find_map(|overlay| match overlay {
            Overlay::SettingUp(setting_up) => Some(&mut **setting_up),
            _ => None,
        })
}

/// Takes it out of the stack for a moment.
fn with(app: &mut App, act: impl FnOnce(&mut App, &mut SettingUp)) {
    let at = app
        .overlays
        .iter()
        .rposition(|overlay| matches!(overlay, Overlay::SettingUp(_)));
    let Some(at) = at else { return };
    let Overlay::SettingUp(mut setting_up) = app.overlays.remove(at) else {
        return;
    };
    act(app, &mut setting_up);
    let at = at.min(app.overlays.len());
    app.overlays.insert(at, Overlay::SettingUp(setting_up));
}

/// The vault was opened: what waited for it goes on.
pub(super) fn vault_opened(app: &mut App) {
    with(app, |app, setting_up| {
        if let Some(wish) = setting_up.waits.take() {
            go(app, setting_up, wish);
        }
    });
}

/// Nobody opened the vault: what waited for it does not go on.
pub(super) fn vault_left(app: &mut App) {
    if let Some(setting_up) = find(app)
        && setting_up.waits.take().is_some()
        && let Stage::Try(trial) = &mut setting_up.stage
    {
        let words = "Secrets are kept in the vault, and it was not opened; nothing was saved.";
        trial.end = End::Refused(words.to_owned());
    }
}

/// What is told of the try that is shown; anything older is dropped.
pub(super) fn told(app: &mut App, run: u64, news: SetupNews) {
    if let SetupNews::Removed(words) = news {
        app.say(NoticeKind::Info, words);
        return;
    }
    let mut shown = false;
    for overlay in &mut app.overlays {
        match overlay {
            Overlay::Trial(trial) if trial.run == run => {
                note(trial, &news);
                return;
            }
            Overlay::SettingUp(setting_up) => {
                shown |= matches!(&setting_up.stage, Stage::Try(trial) if trial.run == run);
            }
            _ => {}
        }
    }
    if !shown {
        return;
    }
    with(app, |app, setting_up| {
        let Stage::Try(trial) = &mut setting_up.stage else {
            return;
        };
        match news {
            SetupNews::NeedsVault { exists } => {
                let saves = trial.end == End::Saving;
                setting_up.waits = Some(if saves { Wish::Save } else { Wish::Try });
                if exists {
                    super::vault::ask(app);
                } else {
                    super::vault::ask_new(app);
                }
            }
            SetupNews::Saved(saved) => {
                // Nothing that was typed is needed any more.
                setting_up.forms.clear();
                setting_up.stage = Stage::Saved(Done {
                    saved: *saved,
                    shows_word: false,
                    down: 0,
                    first: Vec::new(),
                });
            }
            other => {
                note(trial, &other);
                if trial.passed() {
                    go(app, setting_up, Wish::Save);
                }
            }
        }
    });
    refresh(app);
}

fn note(trial: &mut Trial, news: &SetupNews) {
    match news {
        SetupNews::Tried(check) => {
            trial.page = None;
            trial.checks.push(check.clone());
        }
        SetupNews::Finished => {
            trial.page = None;
            trial.end = End::Over;
        }
        SetupNews::Refused(words) => {
            trial.page = None;
            trial.end = End::Refused(words.clone());
        }
        SetupNews::Page { address, code } => trial.page = Some((address.clone(), code.clone())),
        SetupNews::NeedsVault { .. } | SetupNews::Saved(_) | SetupNews::Removed(_) => {}
    }
}

/// Asks for the first messages of the account that was saved.
pub(super) fn refresh(app: &mut App) {
    let me = app.setup.me.clone();
    let Some(Stage::Saved(done)) = find(app).map(|setting_up| &setting_up.stage) else {
        return;
    };
    let query = ListQuery {
        view: View::Account(AccountId::new(&done.saved.account)),
        sort: Sort::Newest,
        from: From::Top,
        limit: FIRST,
        me,
        filter: String::new(),
    };
    if !app.is_waiting(&Waiting::FirstMessages) {
        app.ask(Waiting::FirstMessages, Query::List(query));
    }
    app.refresh(Waiting::Health);
}

/// The first messages of the account that was saved.
pub(super) fn first(app: &mut App, page: &ListPage) {
    if let Some(Stage::Saved(done)) = find(app).map(|setting_up| &mut setting_up.stage) {
        let rows = page.rows.iter();
        done.first = rows
            .map(|(_, row)| {
                let what = if row.subject.is_empty() {
                    &row.snippet
                } else {
                    &row.subject
                };
                (row.contact_name.clone(), what.clone())
            })
            .collect();
    }
}
