//! A small desk in memory: enough of the store's behaviour for keys to have consequences.

use super::desk::Desk;
use super::people;
use crate::model::command::{MovedBack, QueueDraft, Refusal};
use crate::model::journal::Entry;
use crate::model::outgoing::OutgoingKind;
use crate::model::query::{Canned, OutboxRow};
use crate::model::time::MINUTE;
use crate::model::{
    AccountHealth, AccountId, AccountState, Answer, Budget, Channel, Command, Conversation,
    ConversationId, Direction, Draft, DraftId, Escalation, Identity, JournalId, Message, MessageId,
    OutboxId, OutboxState, Outcome, Outgoing, Proposal, ProposalState, Query, Status, Timestamp,
};
use std::collections::BTreeMap;

/// When tests happen: Tuesday, 18 November 2025, 10:36 UTC.
pub const NOW: Timestamp = Timestamp(1_763_462_160_000);

/// The desk.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// All conversations.
    pub conversations: Vec<Conversation>,
    /// All messages, in order of time.
    pub messages: Vec<Message>,
    /// All drafts.
    pub drafts: Vec<Draft>,
    /// All proposals.
    pub proposals: Vec<Proposal>,
    /// The outbox.
    pub outbox: Vec<OutboxRow>,
    /// Pages.
    pub pages: Vec<Escalation>,
    /// The accounts.
    pub health: Vec<AccountHealth>,
    /// Canned replies.
    pub canned: Vec<Canned>,
    /// Further addresses, of whoever is looked at.
    pub identities: Vec<Identity>,
    /// Texts that the vendor approved.
    pub templates: crate::model::TemplateList,
    /// Actions shown in conversations.
    pub actions: Vec<Entry>,
    /// What files say, by name.
    pub files: BTreeMap<String, String>,
    /// The time at the desk.
    pub now: Timestamp,
    /// Refuses the next command with this.
    pub refuse: Option<Refusal>,
    before: Option<Box<World>>,
    next: i64,
}

impl World {
    /// A desk at which nobody has written.
    pub fn empty() -> Self {
        Self {
            now: NOW,
            next: 5_000,
            health: vec![
                account("support", Channel::Email, AccountState::Ok),
                account("whats", Channel::Whatsapp, AccountState::Ok),
            ],
            ..Self::default()
        }
    }

    /// The five customers of the mock.
    pub fn morning() -> Self {
        let mut world = Self::empty();
        people::move_in(&mut world);
        world.canned = vec![
            Canned {
                name: "sorry-late".to_owned(),
                body: "Hello {{first_name}}, we are sorry that we are late.".to_owned(),
                language: Some("en".to_owned()),
            },
            Canned {
                name: "thanks".to_owned(),
                body: "Thank you for writing.".to_owned(),
                language: None,
            },
        ];
        let mut phone = account("phone", Channel::Sms, AccountState::Retrying);
        phone.budgets = vec![
            Budget {
                group: "light".to_owned(),
                used: 3,
                limit: 50,
                resets_at: Some(NOW + MINUTE / 2),
                paused_until: None,
            },
            Budget {
                group: "heavy".to_owned(),
                used: 10,
                limit: 10,
                resets_at: Some(NOW + MINUTE),
                paused_until: Some(NOW + MINUTE),
            },
        ];
        phone.error = Some("the provider does not answer".to_owned());
        phone.remedy = Some("nothing to do; it is tried again by itself".to_owned());
        phone.retry_at = Some(NOW + 2 * MINUTE);
        phone.last_proof = Some(NOW - 4 * MINUTE);
        world.health.push(phone);
        world
    }

    /// The morning, with so many more customers who wait.
    pub fn busy(more: i64) -> Self {
        let mut world = Self::morning();
        for index in 0..more {
            let name = format!("Customer {index:04}");
            let mut one = people::conversation(
                10_000 + index,
                Channel::Email,
                &name,
                &format!("c{index}@example.com"),
            );
            one.subject = format!("Question {index}");
            one.waiting_since = Some(NOW - (index + 10) * MINUTE);
            let message = people::inbound(
                20_000 + index,
                &one,
                NOW - (index + 10) * MINUTE,
                "When will it come?",
            );
            world.add(one, vec![message]);
        }
        world
    }

    /// Adds a conversation with its messages; head, snippet and time follow from them.
    pub fn add(&mut self, mut conversation: Conversation, messages: Vec<Message>) {
        let public = messages
            .iter()
            .rev()
            .find(|message| message.direction != Direction::Note);
        if let Some(newest) = public {
            conversation.head = Some(newest.id);
            conversation.last_at = newest.at;
            let first = newest.body.lines().next().unwrap_or("");
            first.clone_into(&mut conversation.snippet);
        }
        self.conversations.push(conversation);
        self.messages.extend(messages);
    }

    /// A conversation by its number.
    pub fn get(&self, id: i64) -> Option<&Conversation> {
        self.conversations.iter().find(|one| one.id.0 == id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Conversation> {
        self.conversations.iter_mut().find(|one| one.id.0 == id)
    }

    /// The customer writes again.
    pub fn write(&mut self, id: i64, message: i64, body: &str) {
        let now = self.now;
        let Some(conversation) = self.get_mut(id) else {
            return;
        };
        conversation.head = Some(MessageId(message));
        conversation.unread += 1;
        conversation.last_at = now;
        body.clone_into(&mut conversation.snippet);
        let message = people::inbound(message, &conversation.clone(), now, body);
        self.messages.push(message);
    }

    fn fresh(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    fn save(&mut self, draft: &Draft) -> DraftId {
        let id = draft.id.unwrap_or_else(|| DraftId(self.fresh()));
        self.drafts.retain(|kept| kept.id != Some(id));
        self.drafts.push(Draft {
            id: Some(id),
            ..draft.clone()
        });
        if let Some(conversation) = draft.conversation.and_then(|id| self.get_mut(id.0)) {
            conversation.has_draft = true;
        }
        id
    }

    fn queue(&mut self, queued: &QueueDraft) -> Result<Outcome, Refusal> {
        let draft = &queued.draft;
        let head = draft
            .conversation
            .and_then(|id| self.get(id.0))
            .and_then(|conversation| conversation.head);
        if let (Some(base), Some(head)) = (draft.base, head)
            && base != head
            && queued.seen_head != Some(head)
        {
            return Err(Refusal::Moved { head, count: 1 });
        }
        let id = OutboxId(self.fresh());
        let due = self.now + queued.hold_ms;
        self.drafts.retain(|kept| kept.id != draft.id);
        if let Some(conversation) = draft.conversation.and_then(|id| self.get_mut(id.0)) {
            conversation.has_draft = false;
            conversation.unsent += 1;
        }
        self.outbox.push(OutboxRow {
            out: Outgoing {
                id,
                account: draft.account.clone(),
                channel: draft.channel,
                conversation: draft.conversation,
                kind: OutgoingKind::Reply,
                from: draft.from.clone(),
                recipients: draft.recipients.clone(),
                subject: draft.subject.clone(),
                body: draft.body.clone(),
                attachments: draft.attachments.clone(),
                thread: None,
                in_reply_to: None,
                references: Vec::new(),
                reference: queued.reference.clone(),
                queued_at: self.now,
                author: draft.author.clone(),
                template: draft.template.as_ref().map(|used| used.filled()),
                proposal: draft.proposal,
            },
            state: OutboxState::Held,
            since: self.now,
            due_at: Some(due),
            attempts: 0,
            reason: None,
            unless_reply: queued.unless_reply,
        });
        Ok(Outcome {
            says: "queued; it leaves in 10s".to_owned(),
            journal: Some(JournalId(id.0)),
            undoable: true,
            outbox: Some(id),
            held_until: Some(due),
            ..Outcome::default()
        })
    }

    fn each(&mut self, ids: &[ConversationId], change: impl Fn(&mut Conversation)) {
        for conversation in &mut self.conversations {
            if ids.contains(&conversation.id) {
                change(conversation);
            }
        }
    }

    fn carry_out(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let mut says = String::from("done");
        match command {
            Command::Resolve { ids } => {
                self.each(ids, |one| one.status = Status::Resolved);
                says = format!("resolved {}", ids.len());
            }
            Command::Reopen { ids } => self.each(ids, |one| one.status = Status::Open),
            Command::Snooze { ids, until, .. } => {
                self.each(ids, |one| {
                    one.status = Status::Snoozed;
                    one.snoozed_until = *until;
                });
                says = format!("snoozed {}", ids.len());
            }
            Command::Assign { ids, to } => {
                self.each(ids, |one| one.assignee.clone_from(to));
                says = format!("assigned to {}", to.as_deref().unwrap_or("nobody"));
            }
            Command::Label { ids, add, remove } => self.each(ids, |one| {
                one.labels.retain(|label| !remove.contains(label));
                one.labels.extend(add.iter().cloned());
                one.labels.sort();
                one.labels.dedup();
            }),
            Command::SetPriority { ids, priority } => {
                self.each(ids, |one| one.priority = *priority);
            }
            Command::Mute { ids, on } => self.each(ids, |one| one.muted = *on),
            Command::Spam { ids, on } => self.each(ids, |one| {
                one.status = if *on { Status::Spam } else { Status::Open };
            }),
            Command::Look { id } => self.each(&[*id], |one| one.unread = 0),
            Command::MarkRead { ids, read } => {
                self.each(ids, |one| one.unread = u32::from(!*read));
                says = format!(
                    "marked {} as {}",
                    ids.len(),
                    if *read { "read" } else { "unread" }
                );
            }
            Command::SaveDraft(draft) => {
                let draft = Some(self.save(draft));
                return Ok(Outcome {
                    draft,
                    ..Outcome::default()
                });
            }
            Command::MoveDraft { from, to } => {
                self.drafts.retain(|draft| draft.id != from.id);
                let draft = Some(self.save(to));
                return Ok(Outcome {
                    says: format!("goes on by {}", to.channel),
                    draft,
                    undoable: true,
                    ..Outcome::default()
                });
            }
            Command::DiscardDraft { id } => self.drafts.retain(|draft| draft.id != Some(*id)),
            Command::Note { conversation, body } => {
                let id = self.fresh();
                let now = self.now;
                if let Some(of) = self.get(conversation.0).cloned() {
                    self.messages.push(people::note(id, &of, now, "nina", body));
                }
                "note kept".clone_into(&mut says);
            }
            Command::Queue(queued) => return self.queue(queued),
            Command::Approve { id, hash, .. } => {
                let proposal = self.proposals.iter_mut().find(|one| one.id == *id);
                let Some(proposal) = proposal else {
                    return Err(Refusal::NotFound {
                        what: format!("proposal {id}"),
                    });
                };
                if proposal.bound_hash() != *hash {
                    return Err(Refusal::HashMismatch);
                }
                proposal.state = ProposalState::Approved;
                "approved; it leaves in 10s".clone_into(&mut says);
            }
            Command::Reject { id, .. } => {
                if let Some(proposal) = self.proposals.iter_mut().find(|one| one.id == *id) {
                    proposal.state = ProposalState::Rejected;
                }
                "rejected".clone_into(&mut says);
            }
            Command::Undo { .. } => {
                let Some(before) = self.before.take() else {
                    return Err(Refusal::Invalid("there is nothing to take back".to_owned()));
                };
                let was = std::mem::replace(self, *before);
                let known = |world: &Self, id| world.drafts.iter().any(|draft| draft.id == id);
                let gone = was.drafts.iter().find(|one| !known(self, one.id));
                let back = self.drafts.iter().find(|one| !known(&was, one.id));
                if let (Some(gone), Some(back)) = (gone.and_then(|one| one.id), back) {
                    return Ok(Outcome {
                        says: format!("goes by {} again", back.channel),
                        moved_back: Some(MovedBack {
                            gone,
                            to: back.conversation,
                        }),
                        ..Outcome::default()
                    });
                }
                "taken back".clone_into(&mut says);
            }
            _ => {}
        }
        Ok(Outcome {
            says,
            journal: Some(JournalId(1)),
            undoable: true,
            ..Outcome::default()
        })
    }
}

impl Desk for World {
    fn ask(&mut self, query: &Query) -> Result<Answer, String> {
        Ok(self.answer(query))
    }

    fn act(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        if let Some(refusal) = self.refuse.take() {
            return Err(refusal);
        }
        let typed = matches!(
            command,
            Command::SaveDraft(_) | Command::Look { .. } | Command::Undo { .. }
        );
        let before = (!typed).then(|| {
            Box::new(Self {
                before: None,
                ..self.clone()
            })
        });
        let result = self.carry_out(command);
        if result.is_ok() && before.is_some() {
            self.before = before;
        }
        result
    }
}

/// An account in a state.
pub fn account(name: &str, channel: Channel, state: AccountState) -> AccountHealth {
    AccountHealth {
        account: AccountId::new(name),
        provider: if channel == Channel::Email {
            "email"
        } else {
            "demo"
        }
        .to_owned(),
        channels: vec![channel],
        state,
        last_proof: Some(NOW - MINUTE / 2),
        last_event: Some(NOW - 5 * MINUTE),
        retry_at: None,
        error: None,
        remedy: None,
        behind: 0,
        gaps: Vec::new(),
        lag_ms: Some(2_000),
        past: None,
        budgets: Vec::new(),
    }
}
