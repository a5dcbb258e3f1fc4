//! What a message says, as text that a person can read, whatever it is made of.

use super::wire::{covered, list, name, number, text};
use crate::model::event::NewAttachment;
use crate::model::message::Content;
use serde_json::Value;
use std::fmt::Write as _;

/// Characters of a message that is answered, shown above the answer.
const QUOTED: usize = 120;

/// Keys that say who, where and when, not what.
const ABOUT: &str = "message_id message_thread_id from sender_chat sender_boost_count sender_business_bot sender_tag date \
    business_connection_id chat forward_origin is_topic_message is_automatic_forward reply_to_message external_reply quote \
    reply_to_story reply_to_checklist_task_id via_bot edit_date has_protected_content is_from_offline is_paid_post \
    media_group_id author_signature paid_star_count text entities link_preview_options effect_id caption caption_entities \
    show_caption_above_media has_media_spoiler reply_markup direct_messages_topic suggested_post_info";

/// Text, attachments and kind of one message.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) attachments: Vec<NewAttachment>,
    pub(super) content: Content,
}

/// Reads a message.
pub(super) fn said(message: &Value) -> Said {
    let mut lines = Vec::new();
    if let Some(origin) = message.get("forward_origin") {
        let who = ["sender_user", "sender_chat", "chat"]
            .iter()
            .find_map(|key| name(&origin[*key]))
            .or_else(|| text(origin, "sender_user_name").map(str::to_owned));
        lines.push(format!(
            "Forwarded from {}:",
            who.as_deref().unwrap_or("somebody")
        ));
    }
    lines.extend(quoted(message));
    let mut content = Content::Text;
    let attachments = files(message, &mut content);
    let things = things(message);
    let written = [("text", "entities"), ("caption", "caption_entities")];
    let written: Vec<String> = written
        .iter()
        .filter_map(|(key, marks)| Some(with_links(text(message, key)?, list(message, marks))))
        .collect();
    let nothing = attachments.is_empty() && things.is_empty() && written.is_empty();
    lines.extend(things);
    lines.extend(written);
    if nothing {
        let unknown: Vec<&str> = message
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys)
            .map(String::as_str)
            .filter(|key| !ABOUT.split_whitespace().any(|about| about == *key))
            .collect();
        let what = if unknown.is_empty() {
            "an empty message".to_owned()
        } else {
            unknown.join(", ").replace('_', " ")
        };
        lines.push(format!("[{what}]"));
        content = Content::Unsupported { what };
    }
    Said {
        text: lines.join("\n"),
        attachments,
        content,
    }
}

/// What it answers, as a quoted line.
fn quoted(message: &Value) -> Option<String> {
    let answered = text(&message["quote"], "text").or_else(|| {
        let answered = message.get("reply_to_message")?;
        text(answered, "text").or_else(|| text(answered, "caption"))
    })?;
    let line: String = answered.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(QUOTED).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    Some(format!("> {short}\n"))
}

/// The text with the targets of its links, which Telegram hides behind words.
fn with_links(whole: &str, marks: &[Value]) -> String {
    let mut links: Vec<(usize, usize, &str)> = marks
        .iter()
        .filter(|mark| mark["type"] == "text_link")
        .filter_map(|mark| {
            let (at, words) = covered(whole, mark)?;
            let url = text(mark, "url")?;
            (words.trim() != url).then_some((at, at + words.len(), url))
        })
        .collect();
    links.sort_unstable();
    let (mut out, mut done) = (String::new(), 0);
    for (from, to, url) in links {
        if from < done {
            continue;
        }
        out.push_str(&whole[done..to]);
        let _ = write!(out, " ({url})");
        done = to;
    }
    out.push_str(&whole[done..]);
    out
}

/// Files, and what they make of the message.
fn files(message: &Value, content: &mut Content) -> Vec<NewAttachment> {
    let mut found = Vec::new();
    let mut add = |file: &Value, fallback: &str, mime: &str| {
        let Some(id) = text(file, "file_id") else {
            return;
        };
        found.push(NewAttachment {
            name: text(file, "file_name").unwrap_or(fallback).to_owned(),
            mime: text(file, "mime_type").unwrap_or(mime).to_owned(),
            size: number(file, "file_size")
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or(0),
            fetch: Some(id.to_owned()),
            ..NewAttachment::default()
        });
    };
    // Of a photo's sizes, the largest.
    let largest = list(message, "photo")
        .iter()
        .max_by_key(|size| number(size, "width").unwrap_or(0));
    if let Some(photo) = largest {
        add(photo, "photo.jpg", "image/jpeg");
    }
    if let Some(video) = message.get("animation") {
        // A document is sent along for programs that know no animations; it is the same file.
        add(video, "animation.mp4", "video/mp4");
    } else if let Some(file) = message.get("document") {
        add(file, "document", "application/octet-stream");
    }
    for (key, fallback, mime) in [
        ("video", "video.mp4", "video/mp4"),
        ("video_note", "video-note.mp4", "video/mp4"),
        ("audio", "audio.mp3", "audio/mpeg"),
        ("voice", "voice.ogg", "audio/ogg"),
    ] {
        if let Some(file) = message.get(key) {
            add(file, fallback, mime);
        }
    }
    if let Some(sticker) = message.get("sticker") {
        let moving = sticker["is_video"] == true;
        let drawn = sticker["is_animated"] == true;
        match (drawn, moving) {
            (true, _) => add(sticker, "sticker.tgs", "application/x-tgsticker"),
            (_, true) => add(sticker, "sticker.webm", "video/webm"),
            _ => add(sticker, "sticker.webp", "image/webp"),
        }
    }
    if let Some(voice) = message.get("voice") {
        let seconds = number(voice, "duration").unwrap_or(0).clamp(0, 86_400);
        *content = Content::Voice {
            millis: u32::try_from(seconds * 1_000).unwrap_or(0),
        };
    }
    found
}

/// Everything that is neither text nor a file, one line each.
fn things(message: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let word = |value: &Value, key: &str| text(value, key).unwrap_or_default().to_owned();
    if let Some(sticker) = message.get("sticker") {
        lines.push(format!("[sticker {}]", word(sticker, "emoji")).replace(" ]", "]"));
    }
    let venue = message.get("venue");
    let place = venue.map_or_else(|| message.get("location"), |venue| venue.get("location"));
    if let Some(place) = place {
        let at = |key: &str| place[key].as_f64().unwrap_or_default();
        let (north, east) = (at("latitude"), at("longitude"));
        let what = venue.map_or_else(
            || "Location".to_owned(),
            |venue| format!("{}, {}", word(venue, "title"), word(venue, "address")),
        );
        lines.push(format!(
            "{what}: {north}, {east} https://www.openstreetmap.org/?mlat={north}&mlon={east}"
        ));
    }
    if let Some(card) = message.get("contact") {
        let who = name(card).unwrap_or_default();
        lines.push(format!("Contact: {who} {}", word(card, "phone_number")));
    }
    if let Some(dice) = message.get("dice") {
        let value = number(dice, "value").unwrap_or(0);
        lines.push(format!("[{} {value}]", word(dice, "emoji")));
    }
    if let Some(poll) = message.get("poll") {
        lines.push(format!("Poll: {}", word(poll, "question")));
        let options = list(poll, "options").iter();
        lines.extend(options.map(|option| format!("- {}", word(option, "text"))));
    }
    for person in list(message, "new_chat_members") {
        lines.push(format!("[{} joined]", name(person).unwrap_or_default()));
    }
    if let Some(person) = message.get("left_chat_member") {
        lines.push(format!("[{} left]", name(person).unwrap_or_default()));
    }
    if let Some(title) = text(message, "new_chat_title") {
        lines.push(format!("[the group is now called {title}]"));
    }
    if let Some(to) = number(message, "migrate_to_chat_id") {
        lines.push(format!("[the group became the supergroup {to}]"));
    }
    lines
}
