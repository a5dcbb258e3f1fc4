//! Comments as conversations: read with the posts they are below, answered in public or to the commenter alone, hidden.
//!
//! Where a comment is answered stands in its thread: `comment:ID` of the topmost comment or post, or
//! `mention:MEDIA:COMMENT` on somebody else's media. Marking the conversation as spam hides its comments.

use super::PageProvider;
use super::poll::OVERLAP;
use super::send::{refused, taken};
use super::settings::Platform;
use super::wire::{after, id, list, moment, text};
use super::{comments_map as map, map::party};
use crate::model::event::Event;
use crate::model::{Outgoing, Receipt, RemoteId};
use crate::providers::http::Effect;
use crate::providers::{ProviderError, Result};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::PoisonError;

/// Pages of comments below one post.
const PAGES: usize = 40;
/// Before an answer that only the commenter shall see.
const PRIVATE: &str = "/private";

/// It answers a comment, a post or a mention.
pub(super) fn is_comment(out: &Outgoing) -> bool {
    let thread = out.thread.as_deref().unwrap_or_default();
    thread.starts_with("comment:") || thread.starts_with("mention:")
}

/// Where comments are.
pub(super) fn is_place(remote: &RemoteId) -> bool {
    remote.scope == map::SCOPE
}

impl PageProvider {
    /// Comments below the newest 25 posts since `until`, and how far that was. What Meta refuses here stops no message.
    pub(super) async fn read_comments(&self, until: i64, events: &mut Vec<Event>) -> i64 {
        let read = self.posts(until).await;
        let (found, newest) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(%error, "comments cannot be read");
                return until;
            }
        };
        self.ours.settled().await;
        let mut found = found;
        self.ours.name(&mut found);
        events.extend(found);
        newest
    }

    async fn posts(&self, until: i64) -> Result<(Vec<Event>, i64)> {
        let graph = self.graph()?;
        let (edge, fields) = match self.page.platform {
            Platform::Messenger => (
                "feed",
                format!(
                    "id,message,created_time,from,comments.limit(50).filter(stream).order(reverse_chronological){{{}}}",
                    self.parts()
                ),
            ),
            Platform::Instagram => (
                "media",
                format!(
                    "id,caption,timestamp,comments.limit(50){{{}}}",
                    self.parts()
                ),
            ),
        };
        let node = match self.page.platform {
            Platform::Messenger => &self.page.node,
            Platform::Instagram => &self.page.own,
        };
        let query = [("fields", fields.as_str()), ("limit", "25")];
        let listing: Value = graph.get(&[node.as_str(), edge], &query).await?;
        let low = until.saturating_sub(OVERLAP);
        let (mut events, mut newest) = (Vec::new(), until);
        for post in list(&listing, "data") {
            let about = map::Post::of(post);
            if let Some(event) = map::visitor_post(post, &self.page, self.clock.now())
                && moment(post, "created_time").is_some_and(|at| at.0 >= low)
            {
                events.push(event);
            }
            for comment in self.below(post, low).await? {
                let at = map::time(&comment);
                if at.is_some_and(|at| at.0 < low) {
                    continue;
                }
                newest = newest.max(at.map_or(until, |at| at.0));
                events.push(map::listed(&comment, &about, &self.page, self.clock.now()));
            }
        }
        events.extend(self.mentions().await);
        Ok((events, newest))
    }

    fn parts(&self) -> &'static str {
        match self.page.platform {
            Platform::Messenger => "id,message,from,created_time,parent{id},is_hidden,attachment",
            Platform::Instagram => {
                "id,text,timestamp,username,from,parent_id,hidden,replies.limit(50){id,text,timestamp,username,from,parent_id,hidden}"
            }
        }
    }

    /// The comments below a post, replies too, as long as they are new.
    async fn below(&self, post: &Value, low: i64) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut listing = post["comments"].clone();
        for _ in 0..PAGES {
            let items = list(&listing, "data");
            let old = items
                .iter()
                .any(|item| map::time(item).is_some_and(|at| at.0 < low));
            for item in items {
                found.push(item.clone());
                found.extend(list(item, "replies").iter().cloned());
            }
            let next = after(&listing).map(str::to_owned).filter(|_| !old);
            let (Some(next), Some(post)) = (next, id(post, "id")) else {
                break;
            };
            let mut query = vec![("fields", self.parts()), ("limit", "50"), ("after", &next)];
            if self.page.platform == Platform::Messenger {
                query.extend([("filter", "stream"), ("order", "reverse_chronological")]);
            }
            listing = self
                .graph()?
                .get(&[post.as_str(), "comments"], &query)
                .await?;
        }
        Ok(found)
    }

    /// What mentions say that were posted to us by their ids alone.
    async fn mentions(&self) -> Vec<Event> {
        let waiting = {
            let mut mentions = self.mentions.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *mentions)
        };
        let mut events = Vec::new();
        for (media, comment) in waiting {
            let (key, fields) = match &comment {
                Some(comment) => (
                    "mentioned_comment",
                    format!("mentioned_comment.comment_id({comment}){{id,text,timestamp,from}}"),
                ),
                None => (
                    "mentioned_media",
                    format!("mentioned_media.media_id({media}){{id,caption,timestamp,username}}"),
                ),
            };
            let Ok(graph) = self.graph() else { break };
            let (parts, query) = ([self.page.own.as_str()], [("fields", fields.as_str())]);
            match graph.get::<Value>(&parts, &query).await {
                Ok(answer) => events.push(map::mention(
                    &answer[key],
                    (&media, comment.as_deref()),
                    &self.page,
                    self.clock.now(),
                )),
                Err(error) => tracing::warn!(%error, "a mention cannot be read"),
            }
        }
        events
    }

    /// Remembers which mentions were posted: an event brings their ids, a look their words.
    pub(super) fn remember_mentions(&self, events: &[Event]) -> bool {
        let mut mentions = self.mentions.lock().unwrap_or_else(PoisonError::into_inner);
        let before = mentions.len();
        for event in events {
            if let Event::Message(new) = event
                && let Some(place) = new.thread.thread.as_deref()
                && let Some((media, comment)) = place
                    .strip_prefix("mention:")
                    .and_then(|place| place.split_once(':'))
                && is_id(media)
                && (comment.is_empty() || is_id(comment))
                && mentions.len() < 1_000
            {
                let comment = Some(comment.to_owned()).filter(|comment| !comment.is_empty());
                mentions.push((media.to_owned(), comment));
            }
        }
        mentions.len() > before
    }

    /// Answers in public, or to the commenter alone where the text begins with `/private`.
    pub(super) async fn answer_comment(&self, out: &Outgoing) -> Result<Receipt> {
        if !out.attachments.is_empty() || out.template.is_some() {
            return Err(refused("comments are answered with text only"));
        }
        let thread = out.thread.as_deref().unwrap_or_default();
        let (private, words) = split(&out.body)?;
        self.check_text(words)?;
        let _sending = self.ours.begin().await;
        let place = thread.strip_prefix("comment:");
        let answer = if let (true, Some(comment)) = (private, place) {
            let body =
                json!({ "recipient": { "comment_id": comment }, "message": { "text": words } });
            self.post(&body).await?
        } else if private {
            return Err(refused(
                "somebody on another account's media cannot be answered in private",
            ));
        } else {
            let (parts, body) = self.public(thread, words)?;
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let graph = self.graph()?;
            let request = graph.request(Method::POST, &parts).await?.json(&body);
            graph.ask(request, Effect::Write).await?
        };
        if !answer.is_success() {
            return Err(self.graph()?.refused(&answer, Effect::Write).await);
        }
        let id = taken(&answer, if private { "message_id" } else { "id" })?;
        self.ours.sent(&id, &out.reference);
        Ok(self.receipt(id))
    }

    fn public(&self, thread: &str, words: &str) -> Result<(Vec<String>, Value)> {
        let body = json!({ "message": words });
        if let Some(comment) = thread.strip_prefix("comment:") {
            let edge = match self.page.platform {
                Platform::Messenger => "comments",
                Platform::Instagram => "replies",
            };
            return Ok((vec![comment.to_owned(), edge.to_owned()], body));
        }
        let place = thread.strip_prefix("mention:");
        let Some((media, comment)) = place.and_then(|place| place.split_once(':')) else {
            return Err(refused("this is no comment"));
        };
        let mut body = body;
        body["media_id"] = media.into();
        if !comment.is_empty() {
            body["comment_id"] = comment.into();
        }
        Ok((vec![self.page.own.clone(), "mentions".to_owned()], body))
    }

    /// Hides a comment from everybody but its author, or shows it again. Told twice, it is hidden once.
    pub(super) async fn hide_comment(&self, comment: &str, hidden: bool) -> Result<()> {
        let body = match self.page.platform {
            Platform::Messenger => json!({ "is_hidden": hidden }),
            Platform::Instagram => json!({ "hide": hidden }),
        };
        let graph = self.graph()?;
        let request = graph.request(Method::POST, &[comment]).await?.json(&body);
        match graph.finish(request, Effect::Read).await {
            // A permission for comments that is missing stops no message.
            Err(ProviderError::Auth(reason)) => Err(ProviderError::Rejected {
                reason,
                permanent: true,
            }),
            done => done.map(drop),
        }
    }
}

fn is_id(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// Whether it is for the commenter alone, and the words. What looks like another command is refused rather than shown to
/// everybody.
fn split(body: &str) -> Result<(bool, &str)> {
    let words = body.trim();
    let (private, words) = match words.strip_prefix(PRIVATE) {
        Some(rest) if rest.starts_with(char::is_whitespace) => (true, rest.trim()),
        _ if words.starts_with('/') => {
            return Err(refused(
                "an answer that begins with / is shown to nobody; begin with `/private ` to answer the commenter alone",
            ));
        }
        _ => (false, words),
    };
    if words.is_empty() {
        return Err(refused("the text is empty"));
    }
    Ok((private, words))
}

/// The name of whoever wrote it, where Meta tells.
pub(super) fn author(value: &Value) -> Option<crate::model::Party> {
    party(&value["from"]).or_else(|| {
        let user = text(value, "username")?;
        Some(crate::model::Party::named(user, user))
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn what_is_private_is_never_shown_to_everybody() {
        assert_eq!(split(" Thanks! ").unwrap(), (false, "Thanks!"));
        assert_eq!(split("/private Your order").unwrap(), (true, "Your order"));
        assert_eq!(split("/private\nYour order").unwrap(), (true, "Your order"));
        for wrong in [
            "",
            "/private",
            "/private  ",
            "/privat Your order",
            "/privateYour",
            "/hide",
        ] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
