//! Is everything set up? Each thing tried, with what to do about it.

use super::RingcentralProvider;
use super::rates::Group;
use super::socket::Line;
use super::wire::{list, party, text};
use crate::providers::settings::AccountSettings;
use crate::providers::{Check, Checks, Health, Result, Tell};
use serde_json::Value;

impl RingcentralProvider {
    pub(super) async fn look_around(&self, tell: Tell) -> Result<Health> {
        let api = self.api()?;
        let mut checks = Checks::telling(tell);
        let own = match api.get(Group::Light, api.own([]), &[]).await {
            Ok(own) => own,
            Err(failure) => {
                checks.push(check("login", false, failure.error.to_string()));
                return Ok(checks.health());
            }
        };
        checks.push(check("login", true, extension(&own)));
        let page = [("perPage", "100".to_owned())];
        let numbers = api
            .get(Group::Light, api.own(["phone-number"]), &page)
            .await;
        match numbers {
            Ok(said) => {
                for number in &self.numbers {
                    checks.push(sender(number, list(&said, "records")));
                }
            }
            Err(failure) => checks.push(check("numbers", false, failure.error.to_string())),
        }
        let one = [("perPage", "1".to_owned())];
        let mut reads = vec![("messages", Group::Light, "message-store")];
        if self.wants_calls() {
            reads.push(("calls", Group::Heavy, "call-log"));
        }
        for (name, group, part) in reads {
            let said = api.get(group, api.own([part]), &one).await;
            checks.push(match said {
                Ok(_) => check(name, true, "may be read".to_owned()),
                Err(failure) => check(name, false, failure.error.to_string()),
            });
        }
        // Nothing here needs the list: it helps to write the roster.
        let says = match self.extensions().await {
            Ok(people) => {
                let names = people.iter().take(50).map(|one| {
                    let number = one.extension.as_deref().unwrap_or_default();
                    format!("{number} {}", one.name).trim().to_owned()
                });
                names.collect::<Vec<_>>().join(", ")
            }
            Err(_) => "may not be listed by this user".to_owned(),
        };
        checks.push(check("extensions", true, says));
        checks.push(self.news().await?);
        Ok(checks.health())
    }
}

impl RingcentralProvider {
    /// Whether news comes by itself. Without, everything comes a little later: no reason to refuse the account.
    async fn news(&self) -> Result<Check> {
        let line = Line::open(self.api()?, None, self.wants_calls()).await;
        Ok(match line {
            Ok(_) => check("news", true, "comes at once, by a socket".to_owned()),
            Err(error) => {
                let every = self.settings.poll().as_secs();
                let says = format!("is read every {every} s, since there is no socket: {error}");
                check("news", true, says)
            }
        })
    }
}

/// A number of ours: it must be of this extension, and may send SMS.
fn sender(number: &str, records: &[Value]) -> Check {
    let name = format!("number {number}");
    let Some(found) = records
        .iter()
        .find(|one| party(one).is_some_and(|party| party.address == number))
    else {
        let has: Vec<&str> = records
            .iter()
            .filter_map(|one| text(one, "phoneNumber"))
            .collect();
        let says = format!(
            "it is none of this extension's ({}); set `numbers`",
            if has.is_empty() {
                "it has none".to_owned()
            } else {
                has.join(", ")
            }
        );
        return check(&name, false, says);
    };
    let can = |feature: &str| list(found, "features").iter().any(|one| one == feature);
    match (can("SmsSender"), can("MmsSender")) {
        (true, true) => check(&name, true, "sends SMS and MMS".to_owned()),
        (true, false) => check(&name, true, "sends SMS, and no files".to_owned()),
        (false, _) => {
            let says = "it may not send SMS; in the admin portal give the extension SMS, and register the number where the country asks for it";
            check(&name, false, says.to_owned())
        }
    }
}

fn extension(value: &Value) -> String {
    let number = text(value, "extensionNumber").unwrap_or("?");
    let name = text(value, "name").unwrap_or("without a name");
    format!("{number} {name}")
}

fn check(name: &str, ok: bool, says: String) -> Check {
    Check {
        name: name.to_owned(),
        ok,
        says: if says.is_empty() {
            "nothing".to_owned()
        } else {
            says
        },
    }
}
