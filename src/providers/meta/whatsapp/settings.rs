//! What a WhatsApp account needs.

use crate::providers::http::{BaseUrl, BaseUrlError};
use crate::providers::settings::AccountSettings;
use crate::secrets::SecretRef;
use serde::Deserialize;
use std::time::Duration;

/// The keys of an account with `provider = "whatsapp"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatsappSettings {
    /// The id of the phone number (not the number), as the app's "API setup" shows it.
    pub phone_number_id: String,
    /// The id of the WhatsApp Business Account; needed for templates.
    #[serde(default)]
    pub business_account_id: Option<String>,
    /// Our number or name as people know it.
    #[serde(default)]
    pub name: String,
    /// An access token of a system user.
    pub token: SecretRef,
    /// The app's secret; without it nothing that is posted to us can be believed, so nothing is taken.
    #[serde(default)]
    pub app_secret: Option<SecretRef>,
    /// The word that we tell Meta when we give it our address.
    #[serde(default)]
    pub verify_token: Option<SecretRef>,
    /// The Graph API with its version; Meta's own if absent.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
    /// Calls in a second, at most.
    #[serde(default = "per_second")]
    pub calls_per_second: u32,
}

/// Meta's own.
pub(super) const BASE: &str = "https://graph.facebook.com/v23.0";

impl WhatsappSettings {
    /// Where the Graph API is.
    pub fn base(&self) -> Result<BaseUrl, BaseUrlError> {
        self.base_url.clone().map_or_else(|| BaseUrl::new(BASE), Ok)
    }
}

impl AccountSettings for WhatsappSettings {
    fn address(&self) -> &str {
        if self.name.is_empty() {
            &self.phone_number_id
        } else {
            &self.name
        }
    }

    fn server(&self) -> String {
        self.base_url
            .as_ref()
            .map_or(BASE, |url| url.as_url().as_str())
            .to_owned()
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        let others = [self.app_secret.as_ref(), self.verify_token.as_ref()];
        std::iter::once(&self.token)
            .chain(others.into_iter().flatten())
            .collect()
    }

    fn poll(&self) -> Duration {
        // Nothing can be asked for.
        Duration::from_hours(1)
    }
}

fn per_second() -> u32 {
    20
}
