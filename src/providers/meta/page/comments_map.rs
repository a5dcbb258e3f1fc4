//! From comments, listed or posted, to facts.

use super::comments::author;
use super::map::{cannot_be_read, party};
use super::settings::{Page, Platform};
use super::wire::{fingerprint, id, moment, text};
use crate::model::event::Flags;
use crate::model::message::Content;
use crate::model::{Direction, Event, MessageKind, NewMessage, Party, RemoteId, Timestamp};
use serde_json::Value;

/// The feed of all comments.
pub(super) const SCOPE: &str = "comments";
/// Characters of a post that stand in the subject.
const TITLE: usize = 60;

/// What comments are below of.
#[derive(Debug, Default)]
pub(super) struct Post {
    title: String,
}

impl Post {
    pub(super) fn of(post: &Value) -> Self {
        let words = text(post, "message")
            .or_else(|| text(post, "caption"))
            .or_else(|| text(post, "ad_title"))
            .unwrap_or_default();
        let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut title: String = line.chars().take(TITLE).collect();
        if title.len() < line.len() {
            title.push('…');
        }
        Self { title }
    }

    fn subject(&self, what: &str) -> String {
        if self.title.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: {}", self.title)
        }
    }
}

/// When it was written.
pub(super) fn time(comment: &Value) -> Option<Timestamp> {
    moment(comment, "created_time").or_else(|| moment(comment, "timestamp"))
}

fn place(key: &str) -> RemoteId {
    RemoteId {
        scope: SCOPE.to_owned(),
        key: key.to_owned(),
    }
}

/// A comment or post with this id, answered in `thread`.
fn begin(key: &str, thread: &str, by: Option<Party>, page: &Page, at: Timestamp) -> NewMessage {
    let ours = by.as_ref().is_some_and(|by| page.is_own(&by.address));
    // Meta does not always tell who it was; the place then stands for the person.
    let from = by.unwrap_or_else(|| Party::named(format!("comment {thread}"), "Somebody"));
    let channel = page.platform.channel();
    let mut new = NewMessage::inbound(place(key), channel, from, at);
    new.from_verified = true;
    // Public answers have no window.
    new.window_ms = Some(i64::MAX);
    new.thread.thread = Some(thread.to_owned());
    new.thread.thread_decides = true;
    if ours {
        new.direction = Direction::Outbound;
        new.from = page.party();
        new.window_ms = None;
        new.own_reference = Some(key.to_owned());
        new.flags.seen = true;
    }
    new
}

fn files(comment: &Value) -> Option<String> {
    let file = &comment["attachment"];
    let link = [
        text(&file["media"]["image"], "src"),
        text(file, "url"),
        text(comment, "photo"),
        text(comment, "video"),
        text(comment, "link"),
    ];
    let kind = text(file, "type").unwrap_or("file").replace('_', " ");
    let link = link.into_iter().flatten().next()?;
    Some(format!("[{kind}: {link}]"))
}

fn say(new: &mut NewMessage, comment: &Value) {
    let words = text(comment, "message").or_else(|| text(comment, "text"));
    let lines: Vec<String> = words
        .map(str::to_owned)
        .into_iter()
        .chain(files(comment))
        .collect();
    new.text = lines.join("\n");
    if new.text.is_empty() {
        new.text = "[a comment without words]".to_owned();
        new.content = Content::Unsupported {
            what: "a comment without words".to_owned(),
        };
    }
    new.flags.junk = new.direction == Direction::Inbound
        && (comment["is_hidden"] == true || comment["hidden"] == true);
    new.raw = comment.to_string().into_bytes();
}

/// A comment of a listing.
pub(super) fn listed(comment: &Value, post: &Post, page: &Page, now: Timestamp) -> Event {
    let Some(key) = id(comment, "id") else {
        return unreadable(comment, page, "a comment without an id", now);
    };
    let parent = id(&comment["parent"], "id").or_else(|| id(comment, "parent_id"));
    let thread = format!("comment:{}", parent.as_ref().unwrap_or(&key));
    let at = time(comment).unwrap_or(now);
    let mut new = begin(&key, &thread, author(comment), page, at);
    new.subject = post.subject("Comment");
    say(&mut new, comment);
    Event::Message(Box::new(new))
}

/// What a visitor wrote on the page itself.
pub(super) fn visitor_post(post: &Value, page: &Page, now: Timestamp) -> Option<Event> {
    let by = party(&post["from"]).filter(|by| !page.is_own(&by.address))?;
    let key = id(post, "id")?;
    let at = time(post).unwrap_or(now);
    let mut new = begin(&key, &format!("comment:{key}"), Some(by), page, at);
    new.subject = "Post on our page".to_owned();
    say(&mut new, post);
    Some(Event::Message(Box::new(new)))
}

/// What a mention on another account's media says.
pub(super) fn mention(
    found: &Value,
    (media, comment): (&str, Option<&str>),
    page: &Page,
    now: Timestamp,
) -> Event {
    let thread = format!("mention:{media}:{}", comment.unwrap_or_default());
    let at = time(found).unwrap_or(now);
    // The event told no name, and under none it is kept.
    let mut new = begin(comment.unwrap_or(media), &thread, None, page, at);
    new.subject = "Mention".to_owned();
    say(&mut new, found);
    if let Some(caption) = text(found, "caption") {
        new.text = caption.to_owned();
        new.content = Content::Text;
    }
    let by = author(found).or_else(|| party(&found["owner"]));
    if let Some(name) = by.and_then(|by| by.name) {
        new.text = format!("@{name}: {}", new.text);
    }
    Event::Message(Box::new(new))
}

/// A change as it is posted.
pub(super) fn posted(change: &Value, page: &Page, at: Timestamp) -> Vec<Event> {
    let value = &change["value"];
    let field = text(change, "field").unwrap_or("a change");
    match (page.platform, field) {
        (Platform::Messenger, "feed") => feed(value, page, at),
        (Platform::Instagram, "comments" | "live_comments") => {
            let Some(key) = id(value, "id").or_else(|| id(value, "comment_id")) else {
                return vec![unreadable(change, page, "a comment without an id", at)];
            };
            let parent = id(value, "parent_id").unwrap_or_else(|| key.clone());
            let mut new = begin(&key, &format!("comment:{parent}"), author(value), page, at);
            new.subject = Post::of(&value["media"]).subject("Comment");
            say(&mut new, value);
            vec![Event::Message(Box::new(new))]
        }
        (Platform::Instagram, "mentions") => {
            let Some(media) = id(value, "media_id") else {
                return vec![unreadable(change, page, "a mention without an id", at)];
            };
            let comment = id(value, "comment_id");
            let thread = format!("mention:{media}:{}", comment.as_deref().unwrap_or_default());
            let key = comment.unwrap_or(media);
            let mut new = begin(&key, &thread, None, page, at);
            new.subject = "Mention".to_owned();
            new.text = "[mentioned us on another account's media]".to_owned();
            new.raw = change.to_string().into_bytes();
            vec![Event::Message(Box::new(new))]
        }
        _ => vec![notice(change, field, page, at)],
    }
}

/// What happened on the page: comments and visitors' posts, edits, and what was taken away or hidden.
fn feed(value: &Value, page: &Page, at: Timestamp) -> Vec<Event> {
    let item = text(value, "item").unwrap_or_default();
    let verb = text(value, "verb").unwrap_or("add");
    let comment = id(value, "comment_id");
    let post = id(value, "post_id");
    let Some(key) = comment.clone().or_else(|| post.clone()) else {
        return vec![notice(value, "feed", page, at)];
    };
    let by = party(&value["from"]);
    if matches!(item, "reaction" | "like") {
        let Some(by) = by else { return Vec::new() };
        let kind = text(value, "reaction_type").unwrap_or("like");
        return vec![Event::Reaction {
            remote: place(&key),
            by,
            emoji: if verb == "remove" { "" } else { emoji(kind) }.to_owned(),
        }];
    }
    match verb {
        "remove" => {
            return vec![Event::Gone {
                remote: place(&key),
            }];
        }
        "hide" | "unhide" => {
            let flags = Flags {
                seen: true,
                junk: verb == "hide",
                ..Flags::default()
            };
            return vec![Event::Flags {
                remote: place(&key),
                flags,
            }];
        }
        _ => {}
    }
    let ours = by.as_ref().is_some_and(|by| page.is_own(&by.address));
    if comment.is_none() && ours {
        // Our own posts are no conversation.
        return Vec::new();
    }
    let parent = id(value, "parent_id").filter(|parent| Some(parent) != post.as_ref());
    let thread = format!("comment:{}", parent.as_ref().unwrap_or(&key));
    let written = time(value).unwrap_or(at);
    let mut new = begin(&key, &thread, by, page, written);
    new.subject = if comment.is_some() {
        Post::of(&value["post"]).subject("Comment")
    } else {
        "Post on our page".to_owned()
    };
    say(&mut new, value);
    let edited = matches!(verb, "edited" | "edit").then(|| Event::Edited {
        remote: place(&key),
        text: new.text.clone(),
        at,
    });
    let mut events = vec![Event::Message(Box::new(new))];
    events.extend(edited);
    events
}

fn emoji(kind: &str) -> &'static str {
    match kind {
        "love" => "❤",
        "haha" => "😆",
        "wow" => "😮",
        "sad" => "😢",
        "angry" | "anger" => "😠",
        "care" => "🤗",
        _ => "👍",
    }
}

/// A change that is neither a message nor a comment: kept, so that it is seen.
fn notice(change: &Value, what: &str, page: &Page, at: Timestamp) -> Event {
    let mut new = begin(
        &fingerprint(change),
        "notices",
        Some(Party::new("")),
        page,
        at,
    );
    new.text = format!("[{}]", what.replace('_', " "));
    new.content = Content::Unsupported {
        what: what.replace('_', " "),
    };
    new.kind = MessageKind::AutoReply;
    new.raw = change.to_string().into_bytes();
    Event::Message(Box::new(new))
}

fn unreadable(item: &Value, page: &Page, why: &str, at: Timestamp) -> Event {
    let mut new = begin(
        &fingerprint(item),
        "notices",
        Some(Party::new("")),
        page,
        at,
    );
    cannot_be_read(&mut new, item, why);
    Event::Message(Box::new(new))
}
