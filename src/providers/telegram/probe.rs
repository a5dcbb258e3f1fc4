//! Is everything set up? Each thing tried, with what to do about it.

use super::TelegramProvider;
use super::api::WEBHOOK_SET;
use super::settings::Groups;
use super::wire::{moment, name, number, text};
use crate::model::Timestamp;
use crate::providers::http::Effect;
use crate::providers::{Check, Checks, Health, Result, Tell};
use crate::text::sanitize::sanitize_line;
use serde_json::{Value, json};

/// A failure so fresh, with updates that wait, is one of now: Telegram tries again within the hour.
const STILL_MS: i64 = 60 * 60 * 1_000;

impl TelegramProvider {
    pub(super) async fn look_around(&self, tell: Tell, new: bool) -> Result<Health> {
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
            Ok(info) if self.is_posted_to() => match self.unlock().await {
                Ok(()) if new => to_be_told(&info),
                Ok(()) => posted(&info, self.clock.now()),
                Err(error) => check("reading", false, error.to_string()),
            },
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
        return check("reading", false, WEBHOOK_SET.to_owned());
    }
    let waiting = number(info, "pending_update_count").unwrap_or(0);
    check(
        "reading",
        true,
        format!("long poll; {waiting} updates wait there"),
    )
}

/// What Telegram is told when the account is saved.
fn to_be_told(info: &Value) -> Check {
    let now = match text(info, "url") {
        Some(url) => format!("Telegram posts to {url} until then"),
        None => "Telegram posts nowhere yet".to_owned(),
    };
    let says = format!(
        "it is registered on save, where `public_url` in [listen] is set: Telegram is told where to post; {now}"
    );
    check("reading", true, sanitize_line(&says).text)
}

/// Whether Telegram posts somewhere, and gets its 200 there.
fn posted(info: &Value, now: Timestamp) -> Check {
    let Some(url) = text(info, "url") else {
        let says = "Telegram posts nowhere yet; run `frontdesk account webhook ACCOUNT`, or take `webhook_secret` out, so that it is polled";
        return check("reading", false, says.to_owned());
    };
    let waiting = number(info, "pending_update_count").unwrap_or(0);
    let mut says = format!("Telegram posts to {url}; {waiting} updates wait there");
    let failed = moment(info, "last_error_date");
    if let Some(failed) = failed {
        let why = text(info, "last_error_message").unwrap_or("no reason given");
        let ago = ((now.0 - failed.0) / 60_000).max(0);
        says = format!("{says}; {ago} minutes ago a post failed: {why}");
    }
    // What failed and is still not through fails now.
    let fails = waiting > 0 && failed.is_some_and(|failed| now.0 - failed.0 < STILL_MS);
    if fails {
        says.push_str("; is `frontdesk listen` running, and does that address reach it?");
    }
    check("reading", !fails, sanitize_line(&says).text)
}

fn check(name: &str, ok: bool, says: String) -> Check {
    Check {
        name: name.to_owned(),
        ok,
        says,
    }
}
