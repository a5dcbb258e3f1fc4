//! What an event tells, by socket or by post.

use super::map::{self, Ours};
use super::wire::{id, text};
use crate::model::{Event, Timestamp};
use serde_json::Value;

/// What an event tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct News {
    /// Facts that it brings whole.
    pub(super) events: Vec<Event>,
    /// Only a sync brings the rest.
    pub(super) pull: bool,
    /// It is about a call.
    pub(super) call: bool,
}

/// Reads `{event, body, …}`. What is not understood leads to a sync, which has all of it.
pub(super) fn read(event: &Value, ours: Ours<'_>, now: Timestamp) -> News {
    let filter = text(event, "event").unwrap_or_default();
    let filter = filter.split('?').next().unwrap_or_default();
    let body = &event["body"];
    if filter.contains("/telephony/sessions") || filter.ends_with("/presence") {
        return News {
            pull: true,
            call: true,
            ..News::default()
        };
    }
    let whole = filter.ends_with("/message-store/instant")
        || filter.ends_with("/voicemail")
        || filter.ends_with("/fax");
    // One that lacks its id or direction comes readable by the sync.
    if !whole || id(body, "id").is_none() || text(body, "direction").is_none() {
        return News {
            pull: true,
            ..News::default()
        };
    }
    News {
        events: map::record(body, None, ours, now),
        ..News::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_bring_messages_or_ask_for_a_sync() {
        let own = ["+12125550100".to_owned()];
        let sms = json!({ "id": "7", "type": "SMS", "direction": "Inbound", "subject": "hi",
            "from": { "phoneNumber": "+12125550199" }, "to": [{ "phoneNumber": "+12125550100" }] });
        let at = "/restapi/v1.0/account/1/extension/2";
        let table = [
            (
                "/message-store/instant?type=SMS",
                sms.clone(),
                (1, false, false),
            ),
            ("/voicemail", sms.clone(), (1, false, false)),
            (
                "/message-store/instant?type=SMS",
                json!(null),
                (0, true, false),
            ),
            (
                "/message-store/instant?type=SMS",
                json!({ "id": "7" }),
                (0, true, false),
            ),
            ("/message-store", json!({ "changes": [] }), (0, true, false)),
            (
                "/telephony/sessions?missedCall=true",
                json!({}),
                (0, true, true),
            ),
            ("/something-new", sms, (0, true, false)),
        ];
        for (filter, body, wanted) in table {
            let event = json!({ "event": format!("{at}{filter}"), "body": body });
            let news = read(&event, Ours { numbers: &own }, Timestamp(1));
            assert_eq!((news.events.len(), news.pull, news.call), wanted, "{event}");
        }
    }
}
