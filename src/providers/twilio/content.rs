//! Content templates: what WhatsApp approved beforehand.

use super::api::Api;
use super::wire::{list, sid, text};
use crate::model::template::{Place, TemplateStatus};
use crate::model::{Channel, Template};
use crate::providers::{ProviderError, Result};
use serde_json::Value;

/// Pages of templates that are read at most.
const PAGES: usize = 50;

/// All templates with what WhatsApp says of them.
pub(super) async fn templates(api: &Api) -> Result<Vec<Template>> {
    let mut url = api.content.at(["v1", "ContentAndApprovals"]);
    url.query_pairs_mut().append_pair("PageSize", "100");
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let said = api.get(url).await?;
        all.extend(list(&said, "contents").iter().filter_map(template));
        let Some(next) = text(&said["meta"], "next_page_url") else {
            break;
        };
        url = api.content.join_same_host(next).ok_or_else(|| {
            ProviderError::Transient("Twilio named a next page at another server".to_owned())
        })?;
    }
    Ok(all)
}

fn template(content: &Value) -> Option<Template> {
    let id = sid(content, "sid")?;
    let approval = &content["approval_requests"];
    let body = content["types"].as_object()?.values().find_map(body)?;
    let status = match text(approval, "status").unwrap_or("unsubmitted") {
        "approved" => TemplateStatus::Approved,
        other => TemplateStatus::Other(other.to_owned()),
    };
    Some(Template {
        id: id.to_owned(),
        name: text(content, "friendly_name").unwrap_or(id).to_owned(),
        language: text(content, "language").unwrap_or_default().to_owned(),
        channel: Channel::Whatsapp,
        category: text(approval, "category").unwrap_or_default().to_owned(),
        status,
        places: places(&body, &content["variables"]),
        body,
    })
}

/// What the customer sees of one type of content; its other parts are pictures and buttons.
fn body(content: &Value) -> Option<String> {
    let main = text(content, "body").or_else(|| text(content, "title"))?;
    let below = ["subtitle", "footer"]
        .iter()
        .filter_map(|key| text(content, key));
    let parts: Vec<&str> = std::iter::once(main).chain(below).collect();
    Some(parts.join("\n"))
}

/// The places of a body in the order in which they stand, with the vendor's examples; then those of pictures and buttons.
fn places(body: &str, variables: &Value) -> Vec<Place> {
    let mut names: Vec<String> = Vec::new();
    let standing = body
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(name, _)| name.trim().to_owned());
    let others = variables.as_object().into_iter().flat_map(|all| all.keys());
    for name in standing.chain(others.cloned()) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| Place {
            example: text(variables, &name).map(str::to_owned),
            name,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_has_its_text_its_places_and_what_whatsapp_says() {
        let read = template(&json!({
            "sid": "HX1", "friendly_name": "order_ready", "language": "en",
            "variables": { "1": "Ann", "2": "A-7", "3": "https://example.com/x.jpg" },
            "types": { "twilio/card": { "title": "Hi {{1}}, {{ 2 }} is ready", "subtitle": "Thanks" } },
            "approval_requests": { "status": "approved", "category": "UTILITY" },
        }))
        .unwrap();
        assert_eq!(read.body, "Hi {{1}}, {{ 2 }} is ready\nThanks");
        let names: Vec<&str> = read
            .places
            .iter()
            .map(|place| place.name.as_str())
            .collect();
        assert_eq!(names, ["1", "2", "3"]);
        assert_eq!(read.status, TemplateStatus::Approved);
        let pending = json!({
            "sid": "HX2", "types": { "twilio/text": { "body": "x" } },
            "approval_requests": { "status": "pending" },
        });
        let pending = template(&pending).unwrap();
        assert_eq!(pending.status, TemplateStatus::Other("pending".to_owned()));
        for bad in [
            json!(null),
            json!({"sid": "../x"}),
            json!({"sid": "HX3", "types": 7}),
        ] {
            assert_eq!(template(&bad), None, "{bad}");
        }
    }
}
