//! Is everything set up? Each thing tried, with what to do about it.

use super::PageProvider;
use super::settings::Platform;
use super::wire::{list, text};
use crate::providers::{Check, Checks, Health, Provider, Result, Tell};
use serde_json::Value;

impl PageProvider {
    pub(super) async fn look_around(&self, tell: Tell) -> Result<Health> {
        let mut checks = Checks::telling(tell);
        let (name, fields) = match self.page.platform {
            Platform::Messenger => ("page", "id,name"),
            Platform::Instagram => ("account", "id,username,name"),
        };
        let about = self.about(&self.page.own, fields).await;
        let reached = about.is_ok();
        checks.push(match about {
            Ok(about) => {
                let called = text(&about, "name").or_else(|| text(&about, "username"));
                good(name, called.unwrap_or("reached").to_owned())
            }
            Err(error) => wrong(
                name,
                &format!("{error}; check the ids and the token in the configuration"),
            ),
        });
        if reached {
            let listed = self.first_conversation().await;
            checks.push(match listed {
                Ok(listing) if list(&listing, "data").is_empty() => {
                    good("messages", "nobody wrote yet".to_owned())
                }
                Ok(_) => good("messages", "conversations can be read".to_owned()),
                Err(error) => wrong(
                    "messages",
                    &format!("{error}; give the token the permissions for messages, and allow access to messages in the app's settings"),
                ),
            });
        }
        if reached && self.page.comments {
            checks.push(match self.newest_post().await {
                Ok(_) => good("comments", "posts and their comments can be read".to_owned()),
                Err(error) => wrong(
                    "comments",
                    &format!("{error}; give the token the permissions for comments, or set `comments = false`"),
                ),
            });
        }
        checks.push(match (&self.page.app_secret, &self.page.verify_token) {
            (None, _) => good(
                "listener",
                "no `app_secret`: it is polled; states such as read are not told".to_owned(),
            ),
            (Some(_), None) => wrong(
                "listener",
                "no `verify_token`: Meta cannot be given our address; choose a word and set it",
            ),
            (Some(_), Some(_)) => match self.unlock_webhook().await {
                Ok(()) => good(
                    "listener",
                    "`frontdesk listen` or `frontdesk sync --listen` takes what Meta posts"
                        .to_owned(),
                ),
                Err(error) => wrong("listener", &error.to_string()),
            },
        });
        Ok(checks.health())
    }

    async fn about(&self, id: &str, fields: &str) -> Result<Value> {
        self.graph()?.get(&[id], &[("fields", fields)]).await
    }

    async fn newest_post(&self) -> Result<Value> {
        let (node, edge) = match self.page.platform {
            Platform::Messenger => (&self.page.node, "feed"),
            Platform::Instagram => (&self.page.own, "media"),
        };
        let query = [("fields", "id,comments.limit(1){id}"), ("limit", "1")];
        self.graph()?.get(&[node.as_str(), edge], &query).await
    }

    async fn first_conversation(&self) -> Result<Value> {
        let parts = [self.page.node.as_str(), "conversations"];
        let query = [("platform", self.page.platform.word()), ("limit", "1")];
        self.graph()?.get(&parts, &query).await
    }
}

fn good(name: &str, says: String) -> Check {
    Check {
        name: name.to_owned(),
        ok: true,
        says,
    }
}

fn wrong(name: &str, says: &str) -> Check {
    Check {
        name: name.to_owned(),
        ok: false,
        says: says.to_owned(),
    }
}
