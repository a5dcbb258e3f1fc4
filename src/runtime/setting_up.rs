//! Accounts that are set up, tested and taken away on the screen: the work behind it, beside the loop.

use super::accounts::provider_of;
use super::new_account::{
    Answer, ClientSecret, Guided, NewAccount, NewAccountError, NewLogin, Password, Site, remove,
    server,
};
use super::reload::Files;
use crate::model::guide::Answers;
use crate::model::{AccountId, Clock, SystemClock};
use crate::providers::email::guide as mail;
use crate::providers::{Health, Provider, Tell, guide};
use crate::secrets::oauth::{Redirect, login_by_device};
use crate::secrets::vault;
use crate::secrets::{ExposeSecret, SecretRef, SecretString};
use crate::text::sanitize::sanitize_line;
use crate::ui::{Filled, Filling, Hidden, Msg, Saved, SetupNews};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// The longest line of what a server said.
const LONGEST: usize = 500;

/// Does what the screen wants done for accounts, one try at a time.
pub(super) struct SettingUp {
    files: Option<Files>,
    screen: mpsc::UnboundedSender<Msg>,
    running: Option<(u64, AbortHandle)>,
    /// Where a pasted address goes, while a login waits for its browser.
    pasted: Option<mpsc::UnboundedSender<Hidden>>,
}

/// A new account of either sort.
enum Made {
    Guided(Box<Guided>),
    Mail(Box<NewAccount>, bool),
}

/// Tells the screen how one try goes on.
#[derive(Clone)]
struct Told {
    run: u64,
    screen: mpsc::UnboundedSender<Msg>,
}

impl Told {
    fn say(&self, news: SetupNews) {
        let run = self.run;
        let _ = self.screen.send(Msg::SettingUp { run, news });
    }

    /// Tells each thing tried as it comes, cleaned of what a server may have put in.
    fn checks(&self) -> Tell {
        let told = self.clone();
        Tell::by(move |check| {
            let clean =
                |text: &str| -> String { sanitize_line(text).text.chars().take(LONGEST).collect() };
            let mut check = check.clone();
            check.name = clean(&check.name);
            check.says = clean(&check.says);
            told.say(SetupNews::Tried(check));
        })
    }

    async fn probe(&self, provider: &dyn Provider) {
        self.ended(provider.probe_telling(self.checks()).await);
    }

    async fn probe_new(&self, provider: &dyn Provider) {
        self.ended(provider.probe_new(self.checks()).await);
    }

    fn ended(&self, tried: crate::providers::Result<Health>) {
        match tried {
            Ok(_) => self.say(SetupNews::Finished),
            Err(error) => {
                let words = sanitize_line(&error.to_string()).text;
                self.say(SetupNews::Refused(words.chars().take(LONGEST).collect()));
            }
        }
    }
}

impl SettingUp {
    /// For the configuration in these files; without any, accounts can only be tested.
    pub(super) fn new(files: Option<Files>, screen: mpsc::UnboundedSender<Msg>) -> Self {
        Self {
            files,
            screen,
            running: None,
            pasted: None,
        }
    }

    fn told(&self, run: u64) -> Told {
        let screen = self.screen.clone();
        Told { run, screen }
    }

    fn begin(&mut self, run: u64, work: impl Future<Output = ()> + Send + 'static) {
        self.stop(None);
        self.running = Some((run, tokio::spawn(work).abort_handle()));
    }

    /// Ends the try of this number, or whichever runs.
    pub(super) fn stop(&mut self, run: Option<u64>) {
        if let Some((number, task)) = &self.running
            && run.is_none_or(|run| run == *number)
        {
            task.abort();
            self.running = None;
            self.pasted = None;
        }
    }

    /// The address at which a browser elsewhere ended.
    pub(super) fn paste(&self, text: Hidden) {
        if let Some(pasted) = &self.pasted {
            let _ = pasted.send(text);
        }
    }

    /// Tests a running account.
    pub(super) fn test(
        &mut self,
        run: u64,
        account: &AccountId,
        providers: &BTreeMap<AccountId, Arc<dyn Provider>>,
    ) {
        let told = self.told(run);
        match providers.get(account).cloned() {
            Some(provider) => self.begin(run, async move { told.probe(provider.as_ref()).await }),
            None => told.say(SetupNews::Refused(format!(
                "{account} is not in use; see the configuration"
            ))),
        }
    }

    /// Tries a new account; a login by browser is made first.
    pub(super) fn try_out(&mut self, run: u64, filled: Filled) {
        let (told, files) = (self.told(run), self.files.clone());
        let (paste, pasted) = mpsc::unbounded_channel();
        self.begin(run, async move {
            if let Err(error) = tried(&told, files, filled, pasted).await {
                told.say(SetupNews::Refused(error.to_string()));
            }
        });
        self.pasted = Some(paste);
    }

    /// Saves a new account.
    pub(super) fn save(&mut self, run: u64, filled: Filled) {
        let (told, files) = (self.told(run), self.files.clone());
        // Not to be stopped half way.
        self.stop(None);
        tokio::spawn(async move {
            if let Err(error) = saved(&told, files, filled).await {
                told.say(SetupNews::Refused(format!("not saved: {error}")));
            }
        });
    }

    /// Takes an account away.
    pub(super) fn remove(&self, account: AccountId) {
        let (told, files) = (self.told(0), self.files.clone());
        tokio::spawn(async move {
            let done = async {
                let site = site(files).await?;
                remove(&site, account.as_str()).await
            };
            let words = match done.await {
                Ok(removed) => removed.words(account.as_str()),
                Err(error) => format!("{account} was not removed: {error}"),
            };
            told.say(SetupNews::Removed(words));
        });
    }
}

/// The configuration as it is now.
async fn site(files: Option<Files>) -> Result<Site, NewAccountError> {
    let wrong = |words: &str| NewAccountError::Wrong(words.to_owned());
    let files = files.ok_or_else(|| wrong("this desk has no configuration"))?;
    let vault = vault::current().ok_or_else(|| wrong("there is no vault here"))?;
    let read = tokio::task::spawn_blocking(move || {
        let (config, _) = crate::config::load_file(&files.config, &files.paths);
        Site {
            file: files.config,
            paths: files.paths,
            config,
            vault,
        }
    });
    read.await
        .map_err(|_| wrong("the configuration cannot be read"))
}

/// Whether the vault can take secrets; else the screen is told to ask.
async fn vault_ready(told: &Told, site: &Site) -> bool {
    if site.vault.exists() && site.vault.available().await {
        return true;
    }
    let exists = site.vault.exists();
    told.say(SetupNews::NeedsVault { exists });
    false
}

async fn tried(
    told: &Told,
    files: Option<Files>,
    filled: Filled,
    pasted: mpsc::UnboundedReceiver<Hidden>,
) -> Result<(), NewAccountError> {
    let site = site(files).await?;
    site.is_new(&filled.account)?;
    let made = made(filled)?;
    let account = match &made {
        Made::Guided(guided) => guided.account(&site)?,
        Made::Mail(mail, by_code) => {
            if let Password::Login(login) = &mail.password {
                if !vault_ready(told, &site).await {
                    return Ok(());
                }
                log_in(told, &site, login, &mail.address, *by_code, pasted).await?;
            }
            mail.account(&site)?
        }
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (provider, _) = provider_of(&account, &clock);
    told.probe_new(provider.as_ref()).await;
    Ok(())
}

async fn log_in(
    told: &Told,
    site: &Site,
    login: &NewLogin,
    hint: &str,
    by_code: bool,
    mut pasted: mpsc::UnboundedReceiver<Hidden>,
) -> Result<(), NewAccountError> {
    let client = login.client().await?;
    if by_code {
        let show = |shown: &crate::secrets::oauth::DevicePrompt| {
            told.say(SetupNews::Page {
                address: sanitize_line(&shown.page).text,
                code: Some(sanitize_line(&shown.code).text),
            });
        };
        return Ok(login_by_device(&client, &site.vault, show).await?);
    }
    let redirect = Redirect::begin(client).await?;
    told.say(SetupNews::Page {
        address: redirect.address(hint).to_string(),
        code: None,
    });
    let elsewhere = async {
        loop {
            let Some(text) = pasted.recv().await else {
                return std::future::pending().await;
            };
            // What is no answer to this login is not taken; another can be pasted.
            if let Ok(code) = redirect.pasted(text.expose()) {
                return code;
            }
        }
    };
    let code = tokio::select! {
        code = redirect.answer() => code?,
        code = elsewhere => code,
    };
    Ok(redirect.finish(&site.vault, &code).await?)
}

async fn saved(told: &Told, files: Option<Files>, filled: Filled) -> Result<(), NewAccountError> {
    let site = site(files).await?;
    let made = made(filled)?;
    let (needs, name) = match &made {
        Made::Guided(guided) => (guided.fills_vault(), guided.name().to_owned()),
        Made::Mail(mail, _) => (mail.fills_vault(), mail.name.clone()),
    };
    if needs && !vault_ready(told, &site).await {
        return Ok(());
    }
    let mut shown = Saved {
        account: name,
        file: site.file.display().to_string(),
        after: Vec::new(),
        url: None,
        word: None,
    };
    match &made {
        Made::Guided(guided) => {
            guided.save(&site).await?;
            shown.after.extend(guided.register(&site).await);
            shown.after.extend(guided.after(&site, false));
            shown.url = guided.url(&site);
            let word = guided.word();
            shown.word = word.map(|word| Hidden::new(word.expose_secret()));
        }
        Made::Mail(mail, _) => mail.save(&site).await?,
    }
    told.say(SetupNews::Saved(Box::new(shown)));
    Ok(())
}

fn made(filled: Filled) -> Result<Made, NewAccountError> {
    let guide = guide::named(filled.provider)
        .ok_or_else(|| NewAccountError::Wrong("there is no such guide".to_owned()))?;
    if guide.provider == mail::GUIDE.provider {
        return mailbox(&filled);
    }
    let answers = filled
        .answers
        .into_iter()
        .filter_map(|(key, filling)| {
            let field = guide.field(key)?;
            let answer = match filling {
                Filling::Plain(text) => Answer::plain(field, &text),
                Filling::Hidden(secret) => Answer::Typed(SecretString::from(secret.expose())),
            };
            Some((*field, answer))
        })
        .collect();
    let guided = Guided::new(guide, &filled.account, answers)?;
    Ok(Made::Guided(Box::new(guided)))
}

fn mailbox(filled: &Filled) -> Result<Made, NewAccountError> {
    let mut plain = Answers::default();
    for (key, filling) in &filled.answers {
        match filling {
            Filling::Plain(text) => plain.put(key, text),
            Filling::Hidden(_) => plain.put_hidden(key),
        }
    }
    let secret = |wanted: &str| {
        let found = filled.answers.iter().find(|(key, _)| *key == wanted);
        match found {
            Some((_, Filling::Hidden(secret))) => Some(SecretString::from(secret.expose())),
            _ => None,
        }
    };
    let place = |key: &str| {
        let text = plain.get(key);
        match text.strip_prefix("starttls:") {
            Some(rest) => server(rest, true),
            None => server(text, false),
        }
    };
    let way = plain.get("way");
    let password = match (mail::service(&plain), way) {
        (Some(preset), mail::BROWSER | mail::CODE) => {
            let client = secret("client_secret").map_or(ClientSecret::None, ClientSecret::Typed);
            let id = plain.get("client_id").to_owned();
            let login = NewLogin::fresh(&filled.account, preset, id, client);
            Password::Login(Box::new(login))
        }
        _ => match secret("password") {
            Some(secret) => Password::Typed(secret),
            None => Password::Kept(SecretRef::Vault(filled.account.clone())),
        },
    };
    let by_code = way == mail::CODE;
    let ca_file = Some(plain.get("ca_file")).filter(|file| !file.is_empty());
    let account = NewAccount {
        name: filled.account.clone(),
        address: plain.get("address").to_owned(),
        display: plain.get("name").to_owned(),
        user: plain.get("user").to_owned(),
        auth: "password".to_owned(),
        imap: place("imap")?,
        smtp: Some(place("smtp")?),
        ca_file: ca_file.map(Into::into),
        password,
    };
    Ok(Made::Mail(Box::new(account), by_code))
}
