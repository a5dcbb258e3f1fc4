//! Is everything set up? Each thing tried, with what to do about it.

use super::TwilioProvider;
use super::content::templates;
use super::wire::{list, text};
use crate::model::TemplateStatus;
use crate::providers::{Check, Checks, Health, Result, Tell};

impl TwilioProvider {
    pub(super) async fn look_around(&self, tell: Tell) -> Result<Health> {
        let api = self.api()?;
        let mut checks = Checks::telling(tell);
        let sid = format!("{}.json", self.settings.account_sid.trim());
        match api.get(api.base.at(["2010-04-01", "Accounts", &sid])).await {
            Ok(account) => {
                let name = text(&account, "friendly_name").unwrap_or("the account");
                let status = text(&account, "status").unwrap_or("active");
                let says = match status {
                    "active" => name.to_owned(),
                    other => format!("{name} is {other}; see console.twilio.com"),
                };
                checks.push(check("login", status == "active", says));
            }
            Err(failure) => {
                checks.push(check("login", false, failure.error.to_string()));
                return Ok(checks.health());
            }
        }
        if self.feeds().is_empty() {
            let says = "nothing is read before `numbers`, `whatsapp` or `messaging_service` is set";
            checks.push(check("numbers", false, says.to_owned()));
        }
        for number in &self.ours.sms {
            checks.push(self.number(number).await?);
        }
        for feed in self.feeds() {
            let read = feed.page(api, feed.first(api, 1)).await;
            checks.push(match read {
                Ok(_) => check(feed.name(), true, "may be read".to_owned()),
                Err(failure) => check(feed.name(), false, failure.error.to_string()),
            });
        }
        if !self.ours.whatsapp.is_empty() {
            checks.push(match templates(api).await {
                Ok(all) => {
                    let usable = all
                        .iter()
                        .filter(|one| one.status == TemplateStatus::Approved);
                    let says = format!("{} of {} are approved", usable.count(), all.len());
                    check("templates", true, says)
                }
                Err(error) => check("templates", false, error.to_string()),
            });
        }
        Ok(checks.health())
    }

    /// A number of ours: Twilio must have it, and it may send SMS.
    async fn number(&self, number: &str) -> Result<Check> {
        let api = self.api()?;
        let name = format!("number {number}");
        let mut url = api.of_account(["IncomingPhoneNumbers.json"]);
        url.query_pairs_mut()
            .append_pair("PhoneNumber", number)
            .append_pair("PageSize", "20");
        let said = match api.get(url).await {
            Ok(said) => said,
            Err(failure) => return Ok(check(&name, false, failure.error.to_string())),
        };
        let found = list(&said, "incoming_phone_numbers")
            .iter()
            .find(|one| text(one, "phone_number") == Some(number));
        let Some(found) = found else {
            // Short codes are kept elsewhere.
            let short = !number.starts_with('+');
            let says = if short {
                "is no phone number of the account; fine for a short code"
            } else {
                "it is none of this account's numbers; set `numbers`"
            };
            return Ok(check(&name, short, says.to_owned()));
        };
        let can = |what: &str| found["capabilities"][what].as_bool().unwrap_or(false);
        Ok(match (can("sms"), can("mms")) {
            (true, true) => check(&name, true, "sends SMS and MMS".to_owned()),
            (true, false) => check(&name, true, "sends SMS, and no files".to_owned()),
            (false, _) => {
                let says = "it may not send SMS; choose another at Phone Numbers > Active numbers";
                check(&name, false, says.to_owned())
            }
        })
    }
}

fn check(name: &str, ok: bool, says: String) -> Check {
    Check {
        name: name.to_owned(),
        ok,
        says,
    }
}
