//! Is everything set up? Each thing tried, with what to do about it.

use super::TelegramProvider;
use super::settings::Groups;
use super::wire::{name, number, text};
use crate::providers::http::Effect;
use crate::providers::{Check, Checks, Health, Result, Tell};
use serde_json::{Value, json};

impl TelegramProvider {
    pub(super) async fn look_around(&self, tell: Tell) -> Result<Health> {
        let me = self.ask("getMe").await;
        let mut checks = Checks::telling(tell);
        let me = match me {
            Ok(me) => me,
            Err(error) => {
                checks.push(check("bot", false, error.to_string()));
                return Ok(checks.health());
            }
        };
        let user = text(&me, "username").unwrap_or_default();
        let ours = self.settings.user();
        checks.push(if user.eq_ignore_ascii_case(ours) {
            let called = name(&me).unwrap_or_default();
            check("bot", true, format!("@{user} ({called})"))
        } else {
            let says = format!(
                "the token is that of @{user}, not of @{ours}; set `username` or use the other bot's token"
            );
            check("bot", false, says)
        });
        let sees_all = me["can_read_all_group_messages"] == true;
        let groups = match (self.settings.groups, sees_all) {
            (Groups::None, _) => "nothing is taken from groups",
            (Groups::Addressed, _) => "from groups, what names the bot or answers it",
            (Groups::All, true) => "from groups, everything",
            (Groups::All, false) => {
                "from groups, only what Telegram shows: turn Group Privacy off at @BotFather for everything"
            }
        };
        checks.push(check("groups", true, groups.to_owned()));
        checks.push(match self.ask("getWebhookInfo").await {
            Ok(info) => reader(&info),
            Err(error) => check("reading", false, error.to_string()),
        });
        Ok(checks.health())
    }

    async fn ask(&self, method: &str) -> Result<Value> {
        self.api()?.call(method, &json!({}), Effect::Read).await
    }
}

/// Whether messages wait for us or are sent to somebody else.
fn reader(info: &Value) -> Check {
    if text(info, "url").is_some() {
        let says = "a webhook is set for this bot, so another program gets its messages; stop that program and remove the webhook (deleteWebhook)";
        return check("reading", false, says.to_owned());
    }
    let waiting = number(info, "pending_update_count").unwrap_or(0);
    check(
        "reading",
        true,
        format!("long poll; {waiting} updates wait there"),
    )
}

fn check(name: &str, ok: bool, says: String) -> Check {
    Check {
        name: name.to_owned(),
        ok,
        says,
    }
}
