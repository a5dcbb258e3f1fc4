//! What became of a send whose answer was lost: looked for among the messages of its recipient.

use super::PageProvider;
use super::map;
use super::ours::is_copy;
use super::poll::MESSAGES;
use super::wire::{after, id, list, moment};
use crate::model::time::MINUTE;
use crate::model::{Direction, Event, NewMessage, Outgoing};
use crate::providers::Result;
use serde_json::Value;
use std::time::Duration;

/// Listings lag by less.
pub(super) const SETTLES: Duration = Duration::from_mins(10);
/// Clocks that differ by so much change no proof that nothing was sent.
const DOUBT: i64 = 15 * MINUTE;

/// What the messages of a recipient show.
pub(super) enum Looked {
    /// It is there.
    Found(Box<NewMessage>),
    /// They reach back to before it was queued, and none could be it.
    Nothing,
    /// They prove nothing.
    Unclear,
}

impl PageProvider {
    /// What was sent, found among the messages of its recipient.
    pub(super) async fn look_for(&self, out: &Outgoing, to: &str) -> Result<Looked> {
        let graph = self.graph()?;
        let fields = format!(
            "id,participants,messages.limit({MESSAGES}){{{}}}",
            self.fields()
        );
        let query = [
            ("platform", self.page.platform.word()),
            ("user_id", to),
            ("fields", fields.as_str()),
        ];
        let parts = [self.page.node.as_str(), "conversations"];
        let listing: Value = graph.get(&parts, &query).await?;
        let now = self.clock.now();
        let items = list(&listing, "data");
        for item in items {
            let Some(chat) = map::chat(item, &self.page) else {
                continue;
            };
            let listed = map::messages(list(item, "messages"), &chat, &self.page, now);
            for event in listed {
                if let Event::Message(new) = event
                    && is_copy(&new, out)
                    && !self.ours.is_of_another(&new.remote.key, &out.reference)
                {
                    return Ok(Looked::Found(new));
                }
            }
        }
        let nothing = matches!(items, [one] if self.lacks(one, out, to));
        Ok(if nothing {
            Looked::Nothing
        } else {
            Looked::Unclear
        })
    }

    /// Whether this is the whole conversation since long before it was queued, with the customer's own messages, and
    /// nothing of ours in it but other known sends.
    fn lacks(&self, item: &Value, out: &Outgoing, to: &str) -> bool {
        let Some(chat) = map::chat(item, &self.page).filter(|chat| chat.customer.address == to)
        else {
            return false;
        };
        let low = out.queued_at.0 - DOUBT;
        let messages = list(item, "messages");
        let times: Option<Vec<i64>> = messages
            .iter()
            .map(|one| moment(one, "created_time").map(|at| at.0))
            .collect();
        let Some(times) = times else { return false };
        let whole = after(&item["messages"]).is_none() || times.iter().any(|at| *at < low);
        let theirs = messages.iter().any(|one| {
            let from = id(&one["from"], "id");
            from.is_some_and(|from| from == chat.customer.address)
        });
        let listed = map::messages(messages, &chat, &self.page, self.clock.now());
        let known = listed.iter().all(|event| match event {
            Event::Message(new) if new.sent_at.0 >= low => {
                let shown = new.direction == Direction::Inbound && new.window_ms != Some(0);
                shown || self.ours.is_of_another(&new.remote.key, &out.reference)
            }
            _ => true,
        });
        whole && theirs && known
    }
}
