//! What the reply window of a channel allows, in words that stand for a minute.

use super::super::setup::AccountCard;
use super::super::theme::Role;
use super::urgency::{coarse, soon};
use crate::model::{Channel, Timestamp};

/// What may be sent, until when, and what after that; none where there is no window.
pub fn words(
    channel: Channel,
    closes_at: Option<Timestamp>,
    card: Option<&AccountCard>,
    now: Timestamp,
) -> Option<(Role, String)> {
    let templates = card.is_some_and(|card| card.templates) || channel.takes_templates();
    let left = closes_at?.since(now);
    if left <= 0 {
        let ago = coarse(-left);
        let words = if templates {
            format!("window closed {ago} ago: only a template (C-t)")
        } else {
            format!("window closed {ago} ago: wait until the customer writes")
        };
        return Some((Role::Urgent, words));
    }
    // Under a tag the window has two parts: anybody's reply, then what a person wrote.
    let tagged = card.and_then(|card| Some(card.window_ms? - card.tagged_after_ms?));
    let words = match tagged {
        Some(under_tag) if left > under_tag => format!(
            "{} to answer, then {} more under the human agent tag",
            coarse(left - under_tag),
            coarse(under_tag)
        ),
        Some(_) => format!(
            "24h are over: {} left under the human agent tag, for what a person writes",
            coarse(left)
        ),
        None if templates => format!("{} for a free reply, then only a template", coarse(left)),
        None => format!("{} left to answer", coarse(left)),
    };
    Some((soon(left), words))
}

/// That nobody has written there yet, where only a template may be the first message.
pub fn unopened(channel: Channel) -> Option<(Role, String)> {
    channel.takes_templates().then(|| {
        let words = format!("no word from the customer on {channel} yet: only a template (C-t)");
        (Role::Urgent, words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccountId;
    use crate::model::files::FileRules;
    use crate::model::time::{DAY, HOUR, MINUTE};

    fn card(channel: Channel, window: i64, tagged: Option<i64>) -> AccountCard {
        AccountCard {
            account: AccountId::new("a"),
            channel,
            subject: false,
            copies: false,
            text_limit: None,
            attachment_limit: 0,
            files: FileRules::default(),
            hold_ms: 0,
            senders: Vec::new(),
            signature: String::new(),
            templates: channel == Channel::Whatsapp,
            window_ms: Some(window),
            tagged_after_ms: tagged,
            typing: false,
        }
    }

    #[test]
    fn each_window_says_what_it_allows_and_what_comes_after() {
        let now = Timestamp(100 * DAY);
        let whatsapp = card(Channel::Whatsapp, DAY, None);
        let page = card(Channel::Messenger, DAY, None);
        let tagged = card(Channel::Messenger, 7 * DAY, Some(DAY));
        let says = |card: &AccountCard, left: i64| {
            words(card.channel, Some(now + left), Some(card), now)
                .map(|(_, words)| words)
                .unwrap()
        };
        for (card, left, wanted) in [
            (
                &whatsapp,
                38 * MINUTE,
                "38m for a free reply, then only a template",
            ),
            (
                &whatsapp,
                30_000,
                "<1m for a free reply, then only a template",
            ),
            (
                &whatsapp,
                -2 * HOUR,
                "window closed 2h ago: only a template (C-t)",
            ),
            (&page, HOUR, "1h left to answer"),
            (
                &page,
                0,
                "window closed <1m ago: wait until the customer writes",
            ),
            (
                &tagged,
                6 * DAY + HOUR,
                "1h to answer, then 6d more under the human agent tag",
            ),
            (
                &tagged,
                5 * DAY,
                "24h are over: 5d left under the human agent tag, for what a person writes",
            ),
        ] {
            assert_eq!(says(card, left), wanted);
        }
        assert_eq!(words(Channel::Email, None, None, now), None);
    }

    #[test]
    fn the_words_stand_for_a_minute() {
        let now = Timestamp(100 * DAY);
        let card = card(Channel::Whatsapp, DAY, None);
        let at = |ms: i64| words(Channel::Whatsapp, Some(now + ms), Some(&card), now);
        assert_eq!(at(38 * MINUTE), at(38 * MINUTE + 59_000));
        assert_eq!(at(1), at(59_999));
    }
}
