//! The extensions of the account, for the roster.

use super::RingcentralProvider;
use super::rates::Group;
use super::wire::{list, text};
use crate::providers::{Colleague, Result};
use serde_json::Value;

/// Extensions on one page.
const PAGE: usize = 250;
/// Pages read: far more than one company has people to page.
const PAGES: usize = 40;

impl RingcentralProvider {
    /// Every user who is enabled, all pages.
    pub(super) async fn extensions(&self) -> Result<Vec<Colleague>> {
        let api = self.api()?;
        let mut found = Vec::new();
        for page in 1..=PAGES {
            let query = [
                ("type", "User".to_owned()),
                ("status", "Enabled".to_owned()),
                ("page", page.to_string()),
                ("perPage", PAGE.to_string()),
            ];
            let url = api.account(["extension"]);
            let said = api.get(Group::Medium, url, &query).await?;
            let records = list(&said, "records");
            found.extend(records.iter().filter_map(colleague));
            let last = said["paging"]["totalPages"].as_u64().unwrap_or(0);
            if records.is_empty() || page as u64 >= last {
                break;
            }
        }
        Ok(found)
    }
}

fn colleague(record: &Value) -> Option<Colleague> {
    let contact = &record["contact"];
    let said = |value: &Value, key: &str| {
        let text = text(value, key).map(str::trim).unwrap_or_default();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let whole = [said(contact, "firstName"), said(contact, "lastName")];
    let whole: Vec<String> = whole.into_iter().flatten().collect();
    let extension = said(record, "extensionNumber");
    let name = said(record, "name").or_else(|| (!whole.is_empty()).then(|| whole.join(" ")));
    Some(Colleague {
        name: name.or_else(|| extension.clone())?,
        number: said(contact, "businessPhone"),
        email: said(contact, "email"),
        extension,
    })
}
