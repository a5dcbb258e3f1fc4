//! What a message says and holds, in words, whether it was listed or posted.

use super::wire::{id, list, text};
use crate::model::NewAttachment;
use crate::model::message::Content;
use serde_json::Value;

/// Text, files and kind of a message.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) attachments: Vec<NewAttachment>,
    pub(super) unsupported: Option<String>,
}

impl Said {
    pub(super) fn content(&self) -> Content {
        match &self.unsupported {
            Some(what) => Content::Unsupported { what: what.clone() },
            None => Content::Text,
        }
    }

    fn line(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
    }
}

/// A message of a listing.
pub(super) fn listed(message: &Value) -> Said {
    let mid = id(message, "id").unwrap_or_default();
    let mut said = Said::default();
    story(&message["story"], &mut said);
    if let Some(words) = text(message, "message") {
        said.line(words);
    }
    for (index, file) in list(message, "attachments").iter().enumerate() {
        said.attachments.push(file_of_listing(file, &mid, index));
    }
    for share in list(message, "shares") {
        let words = [text(share, "name"), text(share, "description")];
        let link = text(share, "link");
        // A link in the text is listed a second time.
        if link.is_some_and(|link| said.text.contains(link)) {
            continue;
        }
        let words: Vec<&str> = words.into_iter().flatten().chain(link).collect();
        if !words.is_empty() {
            said.line(&format!("[shared: {}]", words.join(" ")));
        }
    }
    if message.get("sticker").is_some_and(|url| !url.is_null()) {
        if said.attachments.is_empty() {
            said.line("[sticker]");
        }
    } else if message["is_unsupported"] == true {
        unsupported(&mut said, "a kind of message that Meta does not hand out");
    } else if said.text.is_empty() && said.attachments.is_empty() {
        unsupported(&mut said, "an empty message");
    }
    said
}

fn unsupported(said: &mut Said, what: &str) {
    said.line(&format!("[{what}]"));
    said.unsupported = Some(what.to_owned());
}

fn file_of_listing(file: &Value, mid: &str, index: usize) -> NewAttachment {
    let mime = text(file, "mime_type").map(str::to_owned);
    let kind = if file.get("image_data").is_some() {
        "image"
    } else if file.get("video_data").is_some() {
        "video"
    } else {
        "file"
    };
    NewAttachment {
        name: text(file, "name").map_or_else(|| name_of(kind).to_owned(), str::to_owned),
        mime: mime.unwrap_or_else(|| mime_of(kind).to_owned()),
        size: file["size"].as_u64().unwrap_or(0),
        fetch: fetch_key(mid, index),
        ..NewAttachment::default()
    }
}

/// How a file is found again: addresses run out, the message stays.
fn fetch_key(mid: &str, index: usize) -> Option<String> {
    (!mid.is_empty()).then(|| format!("{mid}#{index}"))
}

/// The signed address of a file of a listed message.
pub(super) fn address_of(file: &Value) -> Option<&str> {
    text(&file["image_data"], "url")
        .or_else(|| text(&file["video_data"], "url"))
        .or_else(|| text(file, "file_url"))
        .or_else(|| text(&file["payload"], "url"))
}

/// The `message` of a posted event.
pub(super) fn posted(message: &Value) -> Said {
    let mid = id(message, "mid").unwrap_or_default();
    let mut said = Said::default();
    story(&message["reply_to"], &mut said);
    if let Some(words) = text(message, "text") {
        said.line(words);
    }
    if let Some(payload) = text(&message["quick_reply"], "payload")
        && said.text != payload
    {
        said.line(&format!("[pressed: {payload}]"));
    }
    if let Some(product) = text(&message["referral"]["product"], "id") {
        said.line(&format!("[about the product {product}]"));
    }
    if let Some(ad) = came_by(&message["referral"]) {
        said.line(&ad);
    }
    for (index, file) in list(message, "attachments").iter().enumerate() {
        posted_file(file, &mid, index, &mut said);
    }
    for command in list(message, "commands") {
        if let Some(name) = text(command, "name") {
            said.line(&format!("[command: {name}]"));
        }
    }
    if message["is_unsupported"] == true {
        unsupported(&mut said, "a kind of message that Meta does not hand out");
    } else if said.text.is_empty() && said.attachments.is_empty() {
        unsupported(&mut said, "an empty message");
    }
    said
}

fn posted_file(file: &Value, mid: &str, index: usize, said: &mut Said) {
    let kind = text(file, "type").unwrap_or("file");
    let payload = &file["payload"];
    let url = text(payload, "url").or_else(|| text(file, "url"));
    let title = text(payload, "title").or_else(|| text(file, "title"));
    match kind {
        "image" | "audio" | "video" | "file" => {
            let named = url.filter(|_| kind == "file").and_then(last_segment);
            said.attachments.push(NewAttachment {
                name: named.unwrap_or_else(|| name_of(kind).to_owned()),
                mime: mime_of(kind).to_owned(),
                fetch: fetch_key(mid, index),
                ..NewAttachment::default()
            });
        }
        "sticker" => said.line("[sticker]"),
        "template" => {
            let kind = text(payload, "template_type").unwrap_or("template");
            let words = text(payload, "text").or(title).unwrap_or_default();
            said.line(format!("[{}] {words}", kind.replace('_', " ")).trim());
        }
        "fallback"
        | "share"
        | "ig_post"
        | "ig_reel"
        | "reel"
        | "post"
        | "story_mention"
        | "ig_story"
        | "appointment_booking" => {
            let what = match kind {
                "fallback" | "share" => "shared".to_owned(),
                "story_mention" => "mentioned us in a story".to_owned(),
                other => other.replace("ig_", "").replace('_', " "),
            };
            let already = url.filter(|url| !said.text.contains(url));
            let words: Vec<&str> = title.into_iter().chain(already).collect();
            said.line(
                format!("[{what}: {}]", words.join(" "))
                    .replace(": ]", "]")
                    .as_str(),
            );
        }
        other => {
            let words: Vec<&str> = title.into_iter().chain(url).collect();
            said.line(&format!(
                "[{}] {}",
                other.replace('_', " "),
                words.join(" ")
            ));
            said.unsupported = Some(other.to_owned());
        }
    }
}

/// A story that is answered or that mentions us.
fn story(value: &Value, said: &mut Said) {
    let answered = value
        .get("reply_to")
        .or_else(|| value.get("story"))
        .and_then(|story| text(story, "link").or_else(|| text(story, "url")));
    if let Some(link) = answered {
        said.line(&format!("[about our story: {link}]"));
    } else if value.get("story").is_some() || value.get("reply_to").is_some() {
        said.line("[about our story]");
    }
    if let Some(mention) = value.get("mention") {
        let link = text(mention, "link").unwrap_or_default();
        said.line(
            format!("[mentioned us in a story {link}]")
                .replace(" ]", "]")
                .as_str(),
        );
    }
}

/// From where the customer came, where that is told.
pub(super) fn came_by(referral: &Value) -> Option<String> {
    let source = text(referral, "source")?;
    let title = text(&referral["ads_context_data"], "ad_title");
    let words = [title, text(referral, "ref"), text(referral, "ad_id")];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let source = source.to_lowercase().replace('_', " ");
    Some(format!("[came by {source}: {}]", words.join(" ")).replace(": ]", "]"))
}

fn name_of(kind: &str) -> &'static str {
    match kind {
        "image" => "image.jpg",
        "audio" => "audio.mp4",
        "video" => "video.mp4",
        _ => "file",
    }
}

fn mime_of(kind: &str) -> &'static str {
    match kind {
        "image" => "image/jpeg",
        "audio" => "audio/mp4",
        "video" => "video/mp4",
        _ => "application/octet-stream",
    }
}

fn last_segment(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let last = url.path_segments()?.next_back()?.to_owned();
    (!last.is_empty()).then_some(last)
}
