use super::*;
use crate::model::approval::Base;
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{AccountId, Channel, Confidence, ConversationId, Party, ProposalId};
use proptest::prelude::*;

/// One column per state of [`STATES`] (P proposed, B blocked, ? pending, A approved, E edited, R rejected, I ignored,
/// D redraft asked, S superseded, X expired, W withdrawn), one row per event of [`Event::ALL`]; `.` is refused.
const TABLE: &str = "
    #                  P B ? A E R I D S X W
    gates-pass         ? . . . . . . . . . .
    gates-warn         ? . . . . . . . . . .
    gates-block        B . . . . . . . . . .
    approve            . . A . . . . . . . .
    approve-edited     . . E . . . . . . . .
    reject             . R R . . . . . . . .
    ask-redraft        . D D . . . D . D D .
    ignore             . I I . . . . . . . .
    taken-back         . . . ? ? . . . . . .
    rejection-taken-back . . . . . P . . . . .
    new-inbound        S S S A E R I D S X W
    public-reply       W W W A E R I D S X W
    resolved           S S S A E R I D S X W
    reassigned         S S S A E R I D S X W
    status-changed     S S S A E R I D S X W
    recipients-changed S S S A E R I D S X W
    source-edited      S S S A E R I D S X W
    contact-merged     S S S A E R I D S X W
    window-closed      S S S A E R I D S X W
    expire             X X X A E R I D S X W
    withdraw           W W W A E R I D S X W
";

fn letter(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Proposed => "P",
        ProposalState::Blocked => "B",
        ProposalState::Pending => "?",
        ProposalState::Approved => "A",
        ProposalState::Edited => "E",
        ProposalState::Rejected => "R",
        ProposalState::Ignored => "I",
        ProposalState::RedraftAsked => "D",
        ProposalState::Superseded => "S",
        ProposalState::Expired => "X",
        ProposalState::Withdrawn => "W",
    }
}

#[test]
fn every_pair_is_in_the_table() {
    let rows: Vec<&str> = TABLE
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert_eq!(rows.len(), Event::ALL.len());
    for (row, event) in rows.iter().zip(Event::ALL) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        assert_eq!(cells[0], event.name());
        assert_eq!(cells.len(), STATES.len() + 1, "{row}");
        for (cell, state) in cells[1..].iter().zip(STATES) {
            let got = step(state, event).map_or(".", |next| letter(next.state));
            assert_eq!(got, *cell, "{state:?} + {event:?}");
        }
    }
}

#[test]
fn only_an_approval_of_a_pending_one_queues() {
    for state in STATES {
        for event in Event::ALL {
            if let Ok(next) = step(state, event) {
                let approves = matches!(event, Event::Approve | Event::ApproveEdited);
                assert_eq!(next.effect == Effect::Queue, approves);
                assert!(!approves || state == ProposalState::Pending);
            }
        }
    }
}

pub(in crate::assist) fn proposal() -> Proposal {
    Proposal {
        id: ProposalId(88),
        conversation: ConversationId(1042),
        account: AccountId::new("support"),
        channel: Channel::Email,
        proposer: "passages@1".to_owned(),
        created_at: Timestamp(10),
        base: Base {
            head: MessageId(7),
            head_hash: "h7".to_owned(),
            last_inbound: MessageId(7),
            status: Status::Open,
            assignee: Some("nina".to_owned()),
        },
        from: None,
        recipients: Recipients {
            to: vec![Party::new("ana@example.org")],
            ..Recipients::default()
        },
        subject: "Re: AC".to_owned(),
        body: "On our way.".to_owned(),
        attachments: Vec::new(),
        confidence: Confidence::Standard,
        score: 0.6,
        score_because: String::new(),
        topic: "arrival".to_owned(),
        language: "en".to_owned(),
        evidence: Vec::new(),
        unsupported: Vec::new(),
        promises: Vec::new(),
        gates: Vec::new(),
        policy_version: 1,
        expires_at: Some(Timestamp(1_000)),
        due_at: None,
        window_closes_at: None,
        state: ProposalState::Pending,
        decision: None,
        outbox: None,
        earlier: None,
    }
}

fn current() -> Current<'static> {
    Current {
        head: Some(MessageId(7)),
        head_hash: "h7",
        last_inbound: Some(MessageId(7)),
        status: Status::Open,
        assignee: Some("nina"),
        recipients: None,
        policy_version: 1,
        window_closes_at: None,
        now: Timestamp(20),
    }
}

#[test]
fn an_approval_holds_only_for_what_was_seen() {
    type Change = fn(&mut Proposal);
    let seen = proposal().bound_hash();
    assert_eq!(check(&proposal(), &seen, &current()), Ok(()));

    let changes: [(&str, Change); 7] = [
        ("body", |p| p.body.push('!')),
        ("subject", |p| p.subject.push('!')),
        ("recipient", |p| {
            p.recipients.cc.push(Party::new("eve@example.org"));
        }),
        ("channel", |p| p.channel = Channel::Sms),
        ("head", |p| p.base.head = MessageId(8)),
        ("policy", |p| p.policy_version = 2),
        ("attachment", |p| {
            p.attachments.push(OutgoingAttachment {
                name: "a.pdf".to_owned(),
                mime: "application/pdf".to_owned(),
                size: 1,
                sha256: "00".to_owned(),
                path: "a.pdf".into(),
            });
        }),
    ];
    for (what, change) in changes {
        let mut other = proposal();
        change(&mut other);
        assert_eq!(check(&other, &seen, &current()), Err(Stale::Hash), "{what}");
    }
}

#[test]
fn the_conversation_must_be_what_it_was() {
    let proposal = proposal();
    let seen = proposal.bound_hash();
    let others = Recipients::default();
    let base = current();
    for (now, want) in [
        (
            Current {
                last_inbound: Some(MessageId(9)),
                head: Some(MessageId(9)),
                ..base
            },
            Event::NewInbound,
        ),
        (
            Current {
                head: Some(MessageId(9)),
                ..base
            },
            Event::PublicReply,
        ),
        (Current { head: None, ..base }, Event::PublicReply),
        (
            Current {
                head_hash: "other",
                ..base
            },
            Event::SourceEdited,
        ),
        (
            Current {
                status: Status::Resolved,
                ..base
            },
            Event::Resolved,
        ),
        (
            Current {
                status: Status::Spam,
                ..base
            },
            Event::StatusChanged,
        ),
        (
            Current {
                assignee: None,
                ..base
            },
            Event::Reassigned,
        ),
        (
            Current {
                recipients: Some(&others),
                ..base
            },
            Event::RecipientsChanged,
        ),
        (
            Current {
                window_closes_at: Some(Timestamp(20)),
                ..base
            },
            Event::WindowClosed,
        ),
        (
            Current {
                now: Timestamp(1_000),
                ..base
            },
            Event::Expire,
        ),
    ] {
        let stale = check(&proposal, &seen, &now).unwrap_err();
        assert_eq!(stale, Stale::Superseded(want));
        assert!(!stale.to_string().is_empty());
        assert!(want.is_fact());
    }
    let policy = Current {
        policy_version: 2,
        ..base
    };
    assert_eq!(check(&proposal, &seen, &policy), Err(Stale::Policy));
}

proptest! {
    /// In any history: a proposal queues again only after it was taken back, and never after a fact made it stale.
    #[test]
    fn one_proposal_one_send(events in proptest::collection::vec(0..Event::ALL.len(), 0..60)) {
        let mut state = ProposalState::Proposed;
        let mut out = 0;
        let mut stale = false;
        for index in events {
            let event = Event::ALL[index];
            if let Ok(next) = step(state, event) {
                if event.is_fact() && waits(state) { stale = true; }
                if event == Event::TakenBack { out -= 1; }
                if next.effect == Effect::Queue {
                    prop_assert!(!stale);
                    out += 1;
                }
                state = next.state;
            } else {
                prop_assert!(!event.is_fact());
            }
            prop_assert!((0..=1).contains(&out));
        }
    }

    /// Any change of any bound byte voids the approval.
    #[test]
    fn any_change_of_the_body_voids(body in "\\PC{0,40}", other in "\\PC{0,40}") {
        let mut seen = proposal();
        seen.body = body.clone();
        let hash = seen.bound_hash();
        let mut sent = proposal();
        sent.body = other.clone();
        prop_assert_eq!(check(&sent, &hash, &current()).is_ok(), body == other);
    }
}
