//! Proposing a template to Meta.

use super::WhatsappProvider;
use crate::model::{CreatedTemplate, NewTemplate, TemplateStatus};
use crate::providers::http::Effect;
use crate::providers::{ProviderError, Result};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Created {
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    category: String,
}

impl WhatsappProvider {
    pub(super) async fn propose(&self, new: &NewTemplate) -> Result<CreatedTemplate> {
        if let Some(reason) = new.refuses() {
            return Err(ProviderError::Rejected {
                reason,
                permanent: true,
            });
        }
        let Some(account) = &self.settings.business_account_id else {
            return Err(ProviderError::Unsupported(
                "creating templates without `business_account_id`",
            ));
        };
        let graph = self.graph()?;
        let parts = [account.as_str(), "message_templates"];
        let request = graph.request(Method::POST, &parts).await?;
        let request = request.json(&object(new));
        let created: Created = graph.finish(request, Effect::Write).await?.json()?;
        Ok(CreatedTemplate {
            id: created.id,
            status: TemplateStatus::read(&created.status),
            category: created.category,
        })
    }
}

/// The template as Meta's description has it.
fn object(new: &NewTemplate) -> Value {
    let mut body = json!({ "type": "BODY", "text": new.body.trim() });
    let places = new.places();
    let example = |place: &str| {
        let found = new.examples.iter().find(|(name, _)| name == place);
        found.map_or("", |(_, value)| value.as_str())
    };
    if new.is_named() {
        let named: Vec<Value> = places
            .iter()
            .map(|place| json!({ "param_name": place, "example": example(place) }))
            .collect();
        body["example"] = json!({ "body_text_named_params": named });
    } else if !places.is_empty() {
        let row: Vec<&str> = places.iter().map(|place| example(place)).collect();
        body["example"] = json!({ "body_text": [row] });
    }
    let mut components = vec![body];
    if let Some(footer) = &new.footer {
        components.push(json!({ "type": "FOOTER", "text": footer }));
    }
    if !new.buttons.is_empty() {
        let buttons: Vec<Value> = new
            .buttons
            .iter()
            .map(|button| match &button.url {
                Some(url) => json!({ "type": "URL", "text": button.text, "url": url }),
                None => json!({ "type": "QUICK_REPLY", "text": button.text }),
            })
            .collect();
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    let mut object = json!({
        "name": new.name,
        "language": new.language,
        "category": new.category,
        "components": components,
    });
    if new.is_named() {
        object["parameter_format"] = "NAMED".into();
    }
    object
}
