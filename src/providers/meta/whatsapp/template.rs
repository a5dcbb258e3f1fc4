//! Texts that Meta approved: listed, shown as the customer will see them, and filled.

use super::WhatsappProvider;
use crate::model::{Channel, FilledTemplate, Place, Template, TemplateStatus};
use crate::providers::{ProviderError, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    language: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    components: Vec<Value>,
}

impl WhatsappProvider {
    pub(super) async fn approved_texts(&self) -> Result<Vec<Template>> {
        let Some(account) = &self.settings.business_account_id else {
            return Err(ProviderError::Unsupported(
                "listing templates without `business_account_id`",
            ));
        };
        let fields = "id,name,status,category,language,components";
        let listed: Vec<Listed> = self
            .graph()?
            .all(
                &[account, "message_templates"],
                &[("fields", fields), ("limit", "100")],
            )
            .await?;
        Ok(listed.into_iter().map(template).collect())
    }
}

fn template(listed: Listed) -> Template {
    let (mut body, mut places) = (Vec::new(), Vec::new());
    // What Meta wants with a send and nobody is asked for.
    let mut unfilled = None;
    for part in &listed.components {
        let text = part["text"].as_str().unwrap_or_default();
        match part["type"]
            .as_str()
            .unwrap_or_default()
            .to_uppercase()
            .as_str()
        {
            "HEADER"
                if part["format"]
                    .as_str()
                    .is_none_or(|format| format == "TEXT") =>
            {
                body.push(text.replace("{{", "{{header "));
                places.extend(
                    names(text)
                        .map(|name| place(format!("header {name}"), part, name, "header_text")),
                );
            }
            "HEADER" => {
                let format = part["format"].as_str().unwrap_or("file").to_lowercase();
                if matches!(format.as_str(), "image" | "video" | "document") {
                    let name = format!("{format} link");
                    body.push(format!("[{format}: {{{{{name}}}}}]"));
                    places.push(Place {
                        name,
                        example: None,
                    });
                } else {
                    body.push(format!("[{format}]"));
                    unfilled = Some(format!("with a {format} above it"));
                }
            }
            "BODY" => {
                body.push(text.to_owned());
                places.extend(
                    names(text).map(|name| place(name.to_owned(), part, name, "body_text")),
                );
            }
            "FOOTER" => body.push(text.to_owned()),
            "BUTTONS" => {
                for (index, button) in part["buttons"].as_array().into_iter().flatten().enumerate()
                {
                    let label = button["text"].as_str().unwrap_or_default();
                    let url = button["url"].as_str().unwrap_or_default();
                    if url.contains("{{") {
                        let name = format!("button {index}");
                        body.push(format!(
                            "[{label}: {}]",
                            url.replace("{{1}}", &format!("{{{{{name}}}}}"))
                        ));
                        places.push(Place {
                            name,
                            example: None,
                        });
                    } else {
                        let kind = button["type"].as_str().unwrap_or_default().to_lowercase();
                        if matches!(kind.as_str(), "otp" | "copy_code") {
                            unfilled = Some("with a code to copy".to_owned());
                        }
                        body.push(format!("[{label}]"));
                    }
                }
            }
            _ => {}
        }
    }
    Template {
        id: listed.name.clone(),
        name: listed.name,
        language: listed.language,
        channel: Channel::Whatsapp,
        category: listed.category,
        status: match unfilled {
            Some(what) => TemplateStatus::Other(format!("{what}, which cannot be filled here")),
            None => TemplateStatus::read(&listed.status),
        },
        body: body.join("\n"),
        places,
    }
}

/// The names of the places of a text, each once, in order.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut seen = Vec::new();
    text.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
        .filter(move |name| {
            let new = !seen.contains(&(*name).to_owned());
            seen.push((*name).to_owned());
            new
        })
}

fn place(name: String, part: &Value, of: &str, key: &str) -> Place {
    let examples = &part["example"][key];
    // `[["Ann", "7"]]` for the body, `["Ann"]` for the header.
    let row = examples
        .get(0)
        .filter(|row| row.is_array())
        .unwrap_or(examples);
    let number: Option<usize> = of.parse().ok();
    let named = part["example"][format!("{key}_named_params")].as_array();
    let named = named.into_iter().flatten();
    let by_name = named
        .filter(|one| one["param_name"] == of)
        .find_map(|one| one["example"].as_str());
    let example = number
        .and_then(|number| row.get(number.checked_sub(1)?))
        .and_then(Value::as_str)
        .or(by_name)
        .map(str::to_owned);
    Place { name, example }
}

/// The object that sends a filled template.
pub(super) fn object(filled: &FilledTemplate) -> Value {
    let (mut header, mut body, mut buttons) = (Vec::new(), Vec::new(), Vec::new());
    let mut media = None;
    for (name, value) in &filled.values {
        if let Some(kind) = name.strip_suffix(" link") {
            media = Some(
                json!({ "type": "header", "parameters": [{ "type": kind, (kind): { "link": value } }] }),
            );
        } else if let Some(name) = name.strip_prefix("header ") {
            header.push((name, value));
        } else if let Some(index) = name.strip_prefix("button ") {
            buttons.push(json!({
                "type": "button",
                "sub_type": "url",
                "index": index,
                "parameters": [{ "type": "text", "text": value }],
            }));
        } else {
            body.push((name.as_str(), value));
        }
    }
    let mut components: Vec<Value> = media.into_iter().collect();
    for (kind, mut values) in [("header", header), ("body", body)] {
        if values.is_empty() {
            continue;
        }
        let numbered = values.iter().all(|(name, _)| name.parse::<u32>().is_ok());
        if numbered {
            values.sort_by_key(|(name, _)| name.parse::<u32>().unwrap_or(u32::MAX));
        }
        let parameters: Vec<Value> = values
            .into_iter()
            .map(|(name, value)| {
                let mut parameter = json!({ "type": "text", "text": value });
                if !numbered {
                    parameter["parameter_name"] = name.into();
                }
                parameter
            })
            .collect();
        components.push(json!({ "type": kind, "parameters": parameters }));
    }
    components.extend(buttons);
    json!({
        "name": filled.id,
        "language": { "policy": "deterministic", "code": filled.language },
        "components": components,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_shown_whole_and_its_places_are_named_apart() {
        let listed = serde_json::from_value(json!({
            "name": "order_ready", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
            "components": [
                {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["A-7"]}},
                {"type": "BODY", "text": "Hi {{1}}, pick it up {{2}}. {{1}}!", "example": {"body_text": [["Ann", "today"]]}},
                {"type": "FOOTER", "text": "Reply STOP"},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "OK"}, {"type": "URL", "text": "Map", "url": "https://x.example/{{1}}"}]},
            ],
        }))
        .unwrap();
        let template = template(listed);
        assert_eq!(
            template.body,
            "Order {{header 1}}\nHi {{1}}, pick it up {{2}}. {{1}}!\nReply STOP\n[OK]\n[Map: https://x.example/{{button 1}}]"
        );
        let names: Vec<_> = template
            .places
            .iter()
            .map(|p| (p.name.as_str(), p.example.as_deref()))
            .collect();
        assert_eq!(
            names,
            [
                ("header 1", Some("A-7")),
                ("1", Some("Ann")),
                ("2", Some("today")),
                ("button 1", None)
            ]
        );
        let filled = FilledTemplate {
            id: template.id.clone(),
            language: template.language.clone(),
            values: [
                ("2", "now"),
                ("button 1", "z"),
                ("1", "Bo"),
                ("header 1", "B-8"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        };
        assert_eq!(
            object(&filled),
            json!({"name": "order_ready", "language": {"policy": "deterministic", "code": "en_US"}, "components": [
                {"type": "header", "parameters": [{"type": "text", "text": "B-8"}]},
                {"type": "body", "parameters": [{"type": "text", "text": "Bo"}, {"type": "text", "text": "now"}]},
                {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "z"}]},
            ]})
        );
    }

    #[test]
    fn named_places_are_sent_by_name() {
        let filled = FilledTemplate {
            id: "t".to_owned(),
            language: "de".to_owned(),
            values: vec![("name".to_owned(), "Ann".to_owned())],
        };
        assert_eq!(
            object(&filled)["components"][0]["parameters"][0]["parameter_name"],
            "name"
        );
    }
}
