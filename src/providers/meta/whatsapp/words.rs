//! What a WhatsApp message says, in words; its file, if it has one.

use super::wire::{Failure, Media};
use crate::model::NewAttachment;
use crate::model::message::Content;
use serde::Deserialize;
use serde_json::Value;

/// Text and file of a message.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub text: String,
    pub attachment: Option<NewAttachment>,
}

impl From<String> for Made {
    fn from(text: String) -> Self {
        Self {
            text,
            attachment: None,
        }
    }
}

/// What a message of this type is made of.
pub(super) fn of(raw: &Value, kind: &str, errors: &[Failure]) -> (Content, Made) {
    let part = &raw[kind];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let made: Made = match kind {
        "text" => text(&part["body"]).into(),
        "image" | "video" | "audio" | "document" | "sticker" => return media(part, kind),
        "location" => location(part).into(),
        "contacts" => contacts(part).into(),
        "button" => text(&part["text"]).into(),
        "interactive" => interactive(part).into(),
        "order" => order(part).into(),
        "system" => text(&part["body"]).into(),
        kind => {
            let why = errors.first().map_or("", |error| error.title.as_str());
            let what = if kind.is_empty() { "unknown" } else { kind };
            let content = Content::Unsupported {
                what: what.to_owned(),
            };
            return (content, why.to_owned().into());
        }
    };
    if made.text.is_empty() && made.attachment.is_none() {
        let what = kind.to_owned();
        return (Content::Unsupported { what }, made);
    }
    (Content::Text, made)
}

fn media(part: &Value, kind: &str) -> (Content, Made) {
    let Ok(media) = Media::deserialize(part) else {
        let what = kind.to_owned();
        return (Content::Unsupported { what }, Made::default());
    };
    let mime = media
        .mime_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let ending = mime.rsplit('/').next().unwrap_or("bin");
    let attachment = NewAttachment {
        name: media.filename.unwrap_or_else(|| format!("{kind}.{ending}")),
        mime,
        fetch: (!media.id.is_empty()).then_some(media.id),
        ..NewAttachment::default()
    };
    let made = Made {
        text: media.caption.unwrap_or_default(),
        attachment: Some(attachment),
    };
    let content = if media.voice {
        // Its length is only in the file.
        Content::Voice { millis: 0 }
    } else {
        Content::Text
    };
    (content, made)
}

fn location(part: &Value) -> String {
    let (Some(latitude), Some(longitude)) = (part["latitude"].as_f64(), part["longitude"].as_f64())
    else {
        return String::new();
    };
    let mut lines: Vec<String> = [&part["name"], &part["address"]]
        .into_iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect();
    lines.push(format!("location {latitude:.6}, {longitude:.6}"));
    lines.join("\n")
}

fn contacts(part: &Value) -> String {
    let cards = part.as_array().into_iter().flatten().map(|card| {
        let name = card["name"]["formatted_name"].as_str().unwrap_or("no name");
        let phones = card["phones"].as_array().into_iter().flatten();
        let phones: Vec<&str> = phones.filter_map(|phone| phone["phone"].as_str()).collect();
        format!("contact: {name} {}", phones.join(", "))
    });
    cards.collect::<Vec<_>>().join("\n")
}

fn interactive(part: &Value) -> String {
    let kind = part["type"].as_str().unwrap_or_default();
    let reply = &part[kind];
    match kind {
        "button_reply" | "list_reply" => {
            let title = reply["title"].as_str().unwrap_or_default();
            match reply["description"].as_str() {
                Some(description) => format!("{title}\n{description}"),
                None => title.to_owned(),
            }
        }
        "nfm_reply" => {
            let body = reply["body"].as_str().unwrap_or("form");
            let filled = reply["response_json"].as_str().unwrap_or_default();
            format!("{body}\n{filled}")
        }
        "call_permission_reply" => {
            format!(
                "calls: {}",
                reply["response"].as_str().unwrap_or("answered")
            )
        }
        _ => String::new(),
    }
}

fn order(part: &Value) -> String {
    let items = part["product_items"].as_array().into_iter().flatten();
    let mut lines: Vec<String> = part["text"]
        .as_str()
        .map(str::to_owned)
        .into_iter()
        .collect();
    lines.extend(items.map(|item| {
        let number = |value: &Value| match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => "?".to_owned(),
        };
        format!(
            "{} x {} at {} {}",
            number(&item["quantity"]),
            item["product_retailer_id"].as_str().unwrap_or("item"),
            number(&item["item_price"]),
            item["currency"].as_str().unwrap_or_default(),
        )
    }));
    lines.join("\n")
}
