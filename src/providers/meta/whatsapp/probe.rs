//! Is everything set up? Each thing tried, with what to do about it.

use super::WhatsappProvider;
use crate::providers::{Check, Checks, Health, ProviderError, Result, Tell};
use serde_json::Value;

impl WhatsappProvider {
    pub(super) async fn look_around(&self, tell: Tell) -> Result<Health> {
        let mut checks = Checks::telling(tell);
        let fields = "display_phone_number,verified_name,quality_rating,messaging_limit_tier";
        let number: Result<Value> = match self.graph() {
            Ok(graph) => {
                graph
                    .get(&[&self.settings.phone_number_id], &[("fields", fields)])
                    .await
            }
            Err(error) => Err(error),
        };
        let reached = number.is_ok();
        checks.push(said("number", number, |number| {
            let word = |key: &str| number[key].as_str().unwrap_or("unknown").to_owned();
            format!(
                "{} ({}), quality {}, limit {}",
                word("display_phone_number"),
                word("verified_name"),
                word("quality_rating").to_lowercase(),
                word("messaging_limit_tier"),
            )
        }));
        if reached {
            self.look_at_business(&mut checks).await;
        }
        checks.push(match (&self.settings.app_secret, &self.settings.verify_token) {
            (None, _) => wrong(
                "listener",
                "no `app_secret`: nothing that customers write can be taken; copy it from the app's basic settings",
            ),
            (Some(_), None) => wrong(
                "listener",
                "no `verify_token`: Meta cannot be given our address; choose a word and set it",
            ),
            (Some(_), Some(_)) => match self.unlocked().await {
                Ok(()) => Check {
                    name: "listener".to_owned(),
                    ok: true,
                    says: "`frontdesk listen` or `frontdesk sync --listen` takes what customers write".to_owned(),
                },
                Err(error) => wrong("listener", &error.to_string()),
            },
        });
        Ok(checks.health())
    }

    async fn unlocked(&self) -> Result<()> {
        use crate::providers::Provider;
        self.unlock_webhook().await
    }

    async fn look_at_business(&self, checks: &mut Checks) {
        let Some(account) = &self.settings.business_account_id else {
            checks.push(wrong(
                "templates",
                "no `business_account_id`: templates cannot be listed, so a closed window cannot be answered",
            ));
            return;
        };
        let Ok(graph) = self.graph() else { return };
        let apps: Result<Vec<Value>> = graph.all(&[account, "subscribed_apps"], &[]).await;
        checks.push(match apps {
            Ok(apps) if apps.is_empty() => wrong(
                "webhook",
                "no app is subscribed to this business account: nothing will be posted; subscribe the app to it",
            ),
            apps => said("webhook", apps, |apps| {
                format!("{} app(s) subscribed", apps.len())
            }),
        });
        let templates = self.approved_texts().await;
        checks.push(said("templates", templates, |templates| {
            format!("{} templates", templates.len())
        }));
    }
}

fn said<T>(name: &str, result: Result<T>, words: impl FnOnce(&T) -> String) -> Check {
    match result {
        Ok(value) => Check {
            name: name.to_owned(),
            ok: true,
            says: words(&value),
        },
        Err(error) => wrong(name, &remedy(&error)),
    }
}

fn remedy(error: &ProviderError) -> String {
    match error {
        ProviderError::Rejected { reason, .. } => {
            format!("{reason}; check the ids in the configuration")
        }
        error => error.to_string(),
    }
}

fn wrong(name: &str, says: &str) -> Check {
    Check {
        name: name.to_owned(),
        ok: false,
        says: says.to_owned(),
    }
}
