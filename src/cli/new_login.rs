//! A login for a new account: which service, by which program's id, and the first time through the browser.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::login::{Way, log_in};
use super::{guided, prompt, unlock};
use crate::config::edit;
use crate::secrets::oauth::{LoginSettings, Preset, Service, entry};
use crate::secrets::{SecretRef, SecretString};
use std::io::IsTerminal;
use toml_edit::{Item, Table, value};

/// A login that is made together with its account, or one that is there.
#[derive(Debug)]
pub struct NewLogin {
    /// Its name in the configuration.
    pub name: String,
    settings: LoginSettings,
    /// As it is written into the file; none if it stands there already.
    fresh: Option<(&'static Preset, Secret)>,
}

/// Where the program's secret comes from.
#[derive(Debug)]
enum Secret {
    None,
    Kept(SecretRef),
    /// To be kept in the vault.
    Typed(SecretString),
}

impl NewLogin {
    /// By the words of `account add`: a login of the configuration by its name, or a service with a program's id.
    pub fn given(
        account: &str,
        word: &str,
        client_id: Option<&str>,
        client_secret: Option<&str>,
        context: &Context,
    ) -> Done<Self> {
        if let Some(settings) = context.config.logins.get(word) {
            return Ok(Self {
                name: word.to_owned(),
                settings: settings.clone(),
                fresh: None,
            });
        }
        let Some(preset) = Preset::named(word) else {
            return Err(Failure::Usage(format!(
                "`{word}` is neither google nor microsoft nor a table [logins.{word}]"
            )));
        };
        let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let client_id = match client_id {
            Some(id) => id.to_owned(),
            None if asks => return Self::asked(account, preset),
            None => {
                return Err(Failure::Usage(
                    "the program's id is missing; add --client-id ID".to_owned(),
                ));
            }
        };
        let secret = match client_secret {
            Some(place) => Secret::Kept(guided::place_of("client_secret", place)?),
            None if preset.wants_secret => {
                return Err(Failure::Usage(
                    "the program's secret is missing; add --client-secret env:NAME".to_owned(),
                ));
            }
            None => Secret::None,
        };
        Ok(Self::fresh(account, preset, client_id, secret))
    }

    /// By what a person answers, who is told what to click before.
    pub fn asked(account: &str, preset: &'static Preset) -> Done<Self> {
        prompt::say("frontdesk has no id of its own at this service; register one, once:")?;
        for (number, step) in preset.steps.iter().enumerate() {
            prompt::say(&format!("{}. {step}", number + 1))?;
        }
        let client_id = prompt::until("Client id", "", |text| {
            let fine = !text.is_empty() && !text.contains(char::is_whitespace);
            fine.then(|| text.to_owned())
                .ok_or_else(|| "a client id has no spaces".to_owned())
        })?;
        let secret = if preset.wants_secret {
            Secret::Typed(prompt::hidden("Client secret")?)
        } else {
            Secret::None
        };
        Ok(Self::fresh(account, preset, client_id, secret))
    }

    fn fresh(account: &str, preset: &'static Preset, client_id: String, secret: Secret) -> Self {
        let settings = LoginSettings {
            service: match preset.name {
                "google" => Service::Google,
                _ => Service::Microsoft,
            },
            client_id,
            client_secret: match &secret {
                Secret::None => None,
                Secret::Kept(place) => Some(place.clone()),
                Secret::Typed(secret) => Some(SecretRef::Plain(secret.clone())),
            },
            auth_url: None,
            token_url: None,
            device_url: None,
            scopes: None,
            port: 0,
        };
        Self {
            name: account.to_owned(),
            settings,
            fresh: Some((preset, secret)),
        }
    }

    /// Logs in; the tokens are in the vault when this returns.
    pub fn log_in(&self, address: &str, context: &Context) -> Done {
        unlock::before_writing(context)?;
        let way = Way {
            device: false,
            browser: true,
        };
        log_in(&self.name, &self.settings, address, way, context)
    }

    /// Writes the login into the configuration, and its program's secret into the vault.
    pub fn save(&self, context: &Context) -> Done {
        let Some((preset, secret)) = &self.fresh else {
            return Ok(());
        };
        let mut table = Table::new();
        table["service"] = value(preset.name);
        table["client_id"] = value(&self.settings.client_id);
        let place = match secret {
            Secret::None => None,
            Secret::Kept(place) => Some(place.clone()),
            Secret::Typed(secret) => {
                let name = format!("{}-client", self.name);
                run_async(async { Ok(context.vault.put(&name, secret).await?) })?;
                Some(SecretRef::Vault(name))
            }
        };
        if let Some(place) = place {
            table["client_secret"] = Item::Value(place.to_toml());
        }
        Ok(edit::set_login(&context.file, &self.name, table)?)
    }

    /// Forgets the tokens of an account that was not saved after all; a login that was there before keeps its own.
    pub fn forget(&self, context: &Context) {
        if self.fresh.is_some() {
            // What stays behind is sealed, and replaced by the next login of that name.
            let _ = run_async(async { Ok(context.vault.remove(&entry(&self.name)).await?) });
        }
    }
}
