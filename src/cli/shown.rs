//! How the mirror's things are put into words for people.

use crate::model::conversation::MostUrgent;
use crate::model::message::{Author, Content, Delivery, DeliveryState, Direction};
use crate::model::query::OutboxRow;
use crate::model::{
    Conversation, Escalation, Message, Party, Priority, Proposal, Timestamp, Transcript, Verdict,
};
use jiff::tz::TimeZone;

pub use crate::text::human::span;

/// A time in the agent's zone: `2026-11-20 10:31`.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| at.0.to_string(),
        |at| {
            at.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}

/// The clock that presses most.
pub fn clock(conversation: &Conversation, now: Timestamp) -> String {
    let until = |coming: &str, over: &str, at: Timestamp| {
        if at < now {
            format!("{over} {}", span(now.since(at)))
        } else {
            format!("{coming} {}", span(at.since(now)))
        }
    };
    match conversation.most_urgent() {
        MostUrgent::Window(at) => until("closes in", "closed since", at),
        MostUrgent::Due(at) => until("due in", "overdue", at),
        MostUrgent::Waiting(since) => format!("waits {}", span(now.since(since))),
        MostUrgent::Snoozed(at) => until("back in", "back since", at),
        MostUrgent::Last(at) => format!("{} ago", span(now.since(at))),
    }
}

/// One row of a list: number, channel, customer, clock, marks, what it is about.
pub fn conversation_row(conversation: &Conversation, now: Timestamp) -> Vec<String> {
    let about = if conversation.subject.is_empty() {
        conversation.snippet.clone()
    } else {
        format!("{}: {}", conversation.subject, conversation.snippet)
    };
    vec![
        format!("#{}", conversation.id),
        conversation.channel.name().to_owned(),
        conversation.contact_name.clone(),
        clock(conversation, now),
        marks(conversation),
        about,
    ]
}

/// Everything a list shows in symbols, as words.
pub fn marks(conversation: &Conversation) -> String {
    let mut marks = Vec::new();
    if conversation.priority != Priority::Normal {
        marks.push(conversation.priority.name().to_owned());
    }
    if conversation.unread > 0 {
        marks.push(format!("{} new", conversation.unread));
    }
    if conversation.proposals > 0 {
        marks.push("draft waits".to_owned());
    }
    if conversation.failures > 0 {
        marks.push("send failed".to_owned());
    }
    if conversation.paged {
        marks.push("paged".to_owned());
    }
    if conversation.opted_out {
        marks.push("opted out".to_owned());
    }
    if let Some(name) = &conversation.assignee {
        marks.push(format!("@{name}"));
    }
    marks.extend(conversation.labels.iter().map(|label| format!("+{label}")));
    marks.join(" ")
}

/// A message's first line: who, when, by what, and how far it got.
pub fn message_head(message: &Message, zone: &TimeZone) -> String {
    let who = match &message.author {
        Author::Customer { name, .. } => name.clone(),
        Author::Agent { name } if name.is_empty() => "us".to_owned(),
        Author::Agent { name } | Author::System { name } => name.clone(),
    };
    let mut words = vec![time(message.at, zone), who];
    if message.direction == Direction::Note {
        words.push("[note]".to_owned());
    }
    words.extend(content_words(&message.content));
    words.extend(message.delivery.as_ref().map(delivery_words));
    words.push(format!("(message {})", message.id));
    words.join("  ")
}

fn content_words(content: &Content) -> Option<String> {
    Some(match content {
        Content::Text | Content::Html => return None,
        Content::Voice { millis } => format!("[voice {}]", span(i64::from(*millis))),
        Content::Call { millis: 0 } => "[missed call]".to_owned(),
        Content::Call { millis } => format!("[call {}]", span(i64::from(*millis))),
        Content::Review { stars } => format!("[review {stars} of 5]"),
        Content::Unsupported { what } => format!("[unsupported: {what}]"),
        Content::Unreadable { reason } => format!("[unreadable: {reason}]"),
    })
}

/// What a machine heard in a file, marked as that; or why there is nothing.
pub fn transcript(transcript: &Transcript) -> String {
    match transcript {
        Transcript::Done { text } if text.is_empty() => {
            "transcript (machine): nobody speaks".to_owned()
        }
        Transcript::Done { text } => format!("transcript (machine):\n{text}"),
        Transcript::Waiting { says } if says.is_empty() => "waits to be transcribed".to_owned(),
        Transcript::Waiting { says } => {
            format!("not transcribed yet, it will be tried again: {says}")
        }
        Transcript::Failed { says } => format!("not transcribed: {says}"),
    }
}

fn delivery_words(delivery: &Delivery) -> String {
    let word = match delivery.state {
        DeliveryState::Pending => "not sent yet",
        DeliveryState::Unknown => "may have been sent",
        DeliveryState::Sent => "sent",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Read => "read",
        DeliveryState::Failed => "failed",
    };
    match &delivery.detail {
        Some(detail) => format!("{word}: {detail}"),
        None => word.to_owned(),
    }
}

/// A party with its name.
pub fn party(party: &Party) -> String {
    match &party.name {
        Some(name) => format!("{name} <{}>", party.address),
        None => party.address.clone(),
    }
}

/// Several parties.
pub fn parties(list: &[Party]) -> String {
    list.iter().map(party).collect::<Vec<_>>().join(", ")
}

/// One row of the outbox.
pub fn outbox_row(row: &OutboxRow, now: Timestamp) -> Vec<String> {
    let when = match row.due_at {
        Some(at) if at > now => format!("in {}", span(at.since(now))),
        Some(_) => "now".to_owned(),
        None => format!("since {}", span(now.since(row.since))),
    };
    let about = match (&row.reason, row.out.subject.is_empty()) {
        (Some(reason), _) => reason.clone(),
        (None, false) => row.out.subject.clone(),
        (None, true) => row.out.body.clone(),
    };
    vec![
        row.out.id.to_string(),
        row.state.name().to_owned(),
        when,
        row.out
            .conversation
            .map_or(String::new(), |id| format!("#{id}")),
        parties(&row.out.recipients.to),
        about,
    ]
}

/// A proposal with everything a decision needs.
pub fn proposal(proposal: &Proposal) -> String {
    let mut lines = vec![format!(
        "draft {} for #{} on {} · {} · confidence {}",
        proposal.id,
        proposal.conversation,
        proposal.channel,
        proposal.state.name(),
        proposal.confidence.name(),
    )];
    let recipients = &proposal.recipients;
    for (title, list) in [
        ("to", &recipients.to),
        ("cc", &recipients.cc),
        ("bcc", &recipients.bcc),
    ] {
        if !list.is_empty() {
            lines.push(format!("{title}: {}", parties(list)));
        }
    }
    if !proposal.subject.is_empty() {
        lines.push(format!("subject: {}", proposal.subject));
    }
    lines.push(indented(&proposal.body).trim_end().to_owned());
    let evidence = proposal.evidence.iter();
    lines.extend(evidence.map(|found| format!("evidence {}: {}", found.source, found.quote)));
    let unsupported = proposal.unsupported.iter();
    lines.extend(unsupported.map(|claim| format!("nothing supports: {claim}")));
    let gates = proposal.gates.iter();
    lines.extend(
        gates
            .filter(|gate| gate.verdict != Verdict::Pass)
            .map(|gate| format!("gate {}: {}", gate.gate, gate.reason)),
    );
    lines.join("\n")
}

/// Text behind our own gutter, so that what a customer wrote cannot pose as ours.
pub fn indented(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.push_str("    ");
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// One row of the pages.
pub fn page_row(page: &Escalation, now: Timestamp) -> Vec<String> {
    let state = match &page.acknowledged {
        Some((who, _)) => format!("{} by {who}", page.state.name()),
        None => page.state.name().to_owned(),
    };
    vec![
        page.id.to_string(),
        state,
        format!("{} ago", span(now.since(page.at))),
        format!("#{}", page.conversation),
        format!("{} -> {}", page.by, page.to),
        format!("{}: {}", page.about, page.reason),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_agents_zone() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        assert_eq!(time(Timestamp(0), &zone), "1970-01-01 05:30");
        assert_eq!(time(Timestamp(i64::MAX), &zone), i64::MAX.to_string());
    }
}
