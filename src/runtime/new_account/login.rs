//! A login for a new account: which service, and by which program's id.

use super::{NewAccountError, Site};
use crate::config::edit;
use crate::secrets::oauth::{Client, LoginSettings, Preset, Service, entry};
use crate::secrets::{SecretRef, SecretString};
use toml_edit::{Item, Table, value};

/// A login that is made together with its account, or one that is there.
#[derive(Debug)]
pub struct NewLogin {
    /// Its name in the configuration.
    pub name: String,
    /// Who is asked for tokens.
    pub settings: LoginSettings,
    /// As it is written into the file; none if it stands there already.
    fresh: Option<(&'static Preset, ClientSecret)>,
}

/// Where the program's secret comes from.
#[derive(Debug)]
pub enum ClientSecret {
    /// There is none.
    None,
    /// It is somewhere already.
    Kept(SecretRef),
    /// To be kept in the vault.
    Typed(SecretString),
}

impl NewLogin {
    /// One of the configuration.
    pub fn known(name: &str, settings: &LoginSettings) -> Self {
        Self {
            name: name.to_owned(),
            settings: settings.clone(),
            fresh: None,
        }
    }

    /// A new one at a service.
    pub fn fresh(
        account: &str,
        preset: &'static Preset,
        client_id: String,
        secret: ClientSecret,
    ) -> Self {
        let settings = LoginSettings {
            service: match preset.name {
                "google" => Service::Google,
                _ => Service::Microsoft,
            },
            client_id,
            client_secret: match &secret {
                ClientSecret::None => None,
                ClientSecret::Kept(place) => Some(place.clone()),
                ClientSecret::Typed(secret) => Some(SecretRef::Plain(secret.clone())),
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

    /// Ready to ask for tokens.
    ///
    /// # Errors
    /// When its settings or its secret cannot be used.
    pub async fn client(&self) -> Result<Client, NewAccountError> {
        Ok(Client::of(&self.name, &self.settings).await?)
    }

    /// Writes the login into the configuration, and its program's secret into the vault, which is open.
    ///
    /// # Errors
    /// When either cannot be written.
    pub async fn save(&self, site: &Site) -> Result<(), NewAccountError> {
        let Some((preset, secret)) = &self.fresh else {
            return Ok(());
        };
        let mut table = Table::new();
        table["service"] = value(preset.name);
        table["client_id"] = value(&self.settings.client_id);
        let place = match secret {
            ClientSecret::None => None,
            ClientSecret::Kept(place) => Some(place.clone()),
            ClientSecret::Typed(secret) => {
                let name = format!("{}-client", self.name);
                site.vault.put(&name, secret).await?;
                Some(SecretRef::Vault(name))
            }
        };
        if let Some(place) = place {
            table["client_secret"] = Item::Value(place.to_toml());
        }
        Ok(edit::set_login(&site.file, &self.name, table)?)
    }

    /// Forgets the tokens of an account that was not saved after all; a login that was there before keeps its own.
    pub async fn forget(&self, site: &Site) {
        if self.fresh.is_some() {
            // What stays behind is sealed, and replaced by the next login of that name.
            let _ = site.vault.remove(&entry(&self.name)).await;
        }
    }
}
