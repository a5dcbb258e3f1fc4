//! The customers of the small desk and what they wrote.

use super::world::{NOW, World};
use crate::model::approval::{Base, Evidence};
use crate::model::conversation::Status;
use crate::model::message::{Attachment, Author, Content, Delivery, DeliveryState, ThreadedBy};
use crate::model::time::{DAY, HOUR, MINUTE};
use crate::model::{
    AccountId, AttachmentId, Channel, Confidence, ContactId, Conversation, ConversationId,
    Direction, GateResult, Message, MessageId, MessageKind, Party, Priority, Proposal, ProposalId,
    ProposalState, Recipients, Timestamp, Verdict,
};

/// A conversation in which nothing presses.
pub fn conversation(id: i64, channel: Channel, name: &str, address: &str) -> Conversation {
    let account = match channel {
        Channel::Email => "support",
        Channel::Whatsapp => "whats",
        _ => "phone",
    };
    Conversation {
        id: ConversationId(id),
        account: AccountId::new(account),
        channel,
        contact: ContactId(id),
        contact_name: name.to_owned(),
        contact_address: address.to_owned(),
        subject: String::new(),
        status: Status::Open,
        priority: Priority::Normal,
        assignee: None,
        labels: Vec::new(),
        unread: 0,
        muted: false,
        flagged: false,
        snippet: String::new(),
        last_at: NOW,
        waiting_since: None,
        window_closes_at: None,
        due_at: None,
        snoozed_until: None,
        head: None,
        has_draft: false,
        proposals: 0,
        failures: 0,
        unsent: 0,
        paged: false,
        opted_out: false,
    }
}

/// A message from the customer.
pub fn inbound(id: i64, of: &Conversation, at: Timestamp, body: &str) -> Message {
    Message {
        id: MessageId(id),
        conversation: of.id,
        account: of.account.clone(),
        channel: of.channel,
        direction: Direction::Inbound,
        author: Author::Customer {
            contact: of.contact,
            name: of.contact_name.clone(),
        },
        at,
        subject: of.subject.clone(),
        body: body.to_owned(),
        content: Content::Text,
        kind: MessageKind::Normal,
        attachments: Vec::new(),
        delivery: None,
        outbox: None,
        to: Vec::new(),
        cc: Vec::new(),
        reply_to: None,
        unvouched: false,
        hidden: 0,
        seen: false,
        gone: false,
        threaded_by: ThreadedBy::First,
        reactions: Vec::new(),
        edited: false,
    }
}

/// A message from us, delivered so far.
pub fn outbound(
    id: i64,
    of: &Conversation,
    at: Timestamp,
    by: &str,
    body: &str,
    state: DeliveryState,
) -> Message {
    Message {
        direction: Direction::Outbound,
        author: Author::Agent {
            name: by.to_owned(),
        },
        delivery: Some(Delivery {
            state,
            at: at + MINUTE,
            detail: (state == DeliveryState::Failed).then(|| "mailbox full".to_owned()),
        }),
        ..inbound(id, of, at, body)
    }
}

/// A note.
pub fn note(id: i64, of: &Conversation, at: Timestamp, by: &str, body: &str) -> Message {
    Message {
        direction: Direction::Note,
        author: Author::Agent {
            name: by.to_owned(),
        },
        ..inbound(id, of, at, body)
    }
}

/// What the assistant proposes to Ana.
pub fn proposal(id: i64, of: &Conversation, head: MessageId, body: &str) -> Proposal {
    Proposal {
        id: ProposalId(id),
        conversation: of.id,
        account: of.account.clone(),
        channel: of.channel,
        proposer: "passages@1".to_owned(),
        created_at: NOW - 3 * MINUTE,
        base: Base {
            head,
            head_hash: "0".repeat(64),
            last_inbound: head,
            status: of.status,
            assignee: of.assignee.clone(),
        },
        from: None,
        recipients: Recipients {
            to: vec![Party::named(&of.contact_address, &of.contact_name)],
            ..Recipients::default()
        },
        subject: String::new(),
        body: body.to_owned(),
        attachments: Vec::new(),
        confidence: Confidence::High,
        score: 0.91,
        score_because: "both sentences are from one passage".to_owned(),
        topic: "arrival".to_owned(),
        language: "en".to_owned(),
        evidence: vec![Evidence {
            claim: "The technician is 20 minutes away.".to_owned(),
            source: "kb:arrival-times".to_owned(),
            quote: "Say the time that the tracker shows.".to_owned(),
            address: "knowledge/arrival-times.md".to_owned(),
            as_of: Some(NOW - 9 * DAY),
        }],
        unsupported: Vec::new(),
        promises: vec!["20 minutes".to_owned()],
        gates: vec![
            GateResult {
                gate: "numbers".to_owned(),
                verdict: Verdict::Warn,
                reason: "“20 minutes” is not in the evidence".to_owned(),
                version: 1,
            },
            GateResult {
                gate: "links".to_owned(),
                verdict: Verdict::Pass,
                reason: "no link".to_owned(),
                version: 1,
            },
        ],
        policy_version: 1,
        expires_at: Some(NOW + HOUR),
        due_at: of.due_at,
        window_closes_at: of.window_closes_at,
        state: ProposalState::Pending,
        decision: None,
        outbox: None,
        earlier: None,
    }
}

/// Puts the five customers of the mock into the world.
pub fn move_in(world: &mut World) {
    ana(world);
    chen(world);
    marco(world);
    stop(world);
    olu(world);
}

fn ana(world: &mut World) {
    let mut ana = conversation(1042, Channel::Whatsapp, "Ana Duarte", "+919876543210");
    ana.window_closes_at = Some(NOW + 38 * MINUTE);
    ana.waiting_since = Some(NOW - 5 * MINUTE);
    ana.priority = Priority::Urgent;
    ana.unread = 2;
    ana.proposals = 1;
    let mut voice = inbound(
        1,
        &ana,
        NOW - 34 * MINUTE,
        "My AC is not cooling, need urgent repair in Madhapur.",
    );
    voice.content = Content::Voice { millis: 21_000 };
    let mut are_you = inbound(4, &ana, NOW - 5 * MINUTE, "are you still coming??");
    are_you.reactions = vec![("raj".to_owned(), "👀".to_owned())];
    let messages = vec![
        voice,
        note(2, &ana, NOW - 31 * MINUTE, "raj", "technician free after 3"),
        outbound(
            3,
            &ana,
            NOW - 30 * MINUTE,
            "nina",
            "On our way.",
            DeliveryState::Read,
        ),
        are_you,
    ];
    let draft = proposal(
        88,
        &ana,
        MessageId(4),
        "Hi Ana, yes. The technician is 20 minutes away and will call you from the gate.",
    );
    world.add(ana, messages);
    world.proposals.push(draft);
}

fn chen(world: &mut World) {
    let mut chen = conversation(811, Channel::Email, "J. Chen", "j.chen@acme.example");
    "Re: Invoice 4410 charged twice".clone_into(&mut chen.subject);
    chen.waiting_since = Some(NOW - 130 * MINUTE);
    chen.labels = vec!["billing".to_owned()];
    chen.unread = 1;
    let mut first = outbound(
        11,
        &chen,
        NOW - DAY,
        "raj",
        "Hello,\n\nwe have looked at invoice 4410 and see **one** payment.\n\nRaj",
        DeliveryState::Sent,
    );
    "Invoice 4410 charged twice".clone_into(&mut first.subject);
    let mut second = inbound(
        12,
        &chen,
        NOW - 130 * MINUTE,
        "Hello Raj,\n\nplease see the attached statement, or http://paypal.example.evil.example/login for the scan.\n\nJ. Chen\n\nOn Mon, 17 Nov 2025, Shop wrote:\n> Hello,\n> we have looked at invoice 4410\n> and see one payment.",
    );
    second.content = Content::Html;
    second.cc = vec![Party::named("books@acme.example", "Acme Books")];
    second.reply_to = Some(Party::new("billing@acme-pay.example"));
    second.hidden = 3;
    second.threaded_by = ThreadedBy::OwnReference {
        id: "a1@shop.example".to_owned(),
    };
    second.attachments = vec![Attachment {
        id: AttachmentId(5),
        name: "statement-nov.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        found: None,
        is: None,
        size: 182_400,
        inline: false,
        stored: true,
        sha256: None,
        transcript: None,
    }];
    world.add(chen, vec![first, second]);
}

fn marco(world: &mut World) {
    let mut marco = conversation(903, Channel::Review, "Marco P.", "review-77");
    marco.flagged = true;
    marco.waiting_since = Some(NOW - DAY);
    let mut review = inbound(21, &marco, NOW - DAY, "cold food, late chef");
    review.content = Content::Review { stars: 1 };
    world.add(marco, vec![review]);
}

fn stop(world: &mut World) {
    let mut stop = conversation(77, Channel::Sms, "+1 916 740 8768", "+19167408768");
    stop.waiting_since = Some(NOW - 4 * MINUTE);
    stop.opted_out = true;
    let message = inbound(31, &stop, NOW - 4 * MINUTE, "STOP");
    world.add(stop, vec![message]);
}

fn olu(world: &mut World) {
    let mut olu = conversation(500, Channel::Telegram, "Olu", "tg:5551");
    olu.assignee = Some("nina".to_owned());
    let first = inbound(41, &olu, NOW - 3 * HOUR, "can I move to Sat?");
    let failed = outbound(
        42,
        &olu,
        NOW - 2 * HOUR,
        "nina",
        "Saturday at 10?",
        DeliveryState::Failed,
    );
    olu.failures = 1;
    world.add(olu, vec![first, failed]);
}
