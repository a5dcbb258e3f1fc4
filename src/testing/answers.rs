//! What the small desk answers to the screen's questions.

use super::World;
use super::listing::{belongs, sort_key};
use super::world::NOW;
use crate::model::query::{
    ConversationDetail, Counts, From, Hit, Keyset, ListPage, ListQuery, MessagePage, Preview,
    Source, SourceForm, View,
};
use crate::model::{
    Answer, Channel, Contact, ContactId, Content, Conversation, ConversationId, Identity,
    IdentityId, OutboxState, Proposal, ProposalState, Query, Timestamp,
};

impl World {
    /// The answer to a question.
    pub(super) fn answer(&self, query: &Query) -> Answer {
        match query {
            Query::Counts { me } => Answer::Counts(self.counts(me)),
            Query::List(query) => Answer::List(self.list(query)),
            Query::Ids(query) => {
                let page = self.list(query);
                Answer::Ids {
                    ids: page.rows.iter().map(|(_, one)| one.id).collect(),
                    more: page.after,
                }
            }
            Query::Conversation { id, .. } => match self.detail(*id) {
                Some(detail) => Answer::Conversation(Box::new(detail)),
                None => Answer::NotFound,
            },
            Query::Messages {
                conversation,
                before,
                limit,
                ..
            } => {
                let mut all: Vec<_> = self
                    .messages
                    .iter()
                    .filter(|message| message.conversation == *conversation)
                    .filter(|message| before.is_none_or(|before| message.id < before))
                    .cloned()
                    .collect();
                let cut = all.len().saturating_sub(*limit as usize);
                Answer::Messages(MessagePage {
                    messages: all.split_off(cut),
                    older: cut > 0,
                })
            }
            Query::Search { text, me, .. } => self.search(text, me),
            Query::Outbox { .. } => Answer::Outbox(self.outbox.clone()),
            Query::Approvals { .. } => Answer::Approvals(
                self.pending()
                    .filter_map(|one| Some((one.clone(), self.get(one.conversation.0)?.clone())))
                    .collect(),
            ),
            Query::Proposal { id } => match self.proposals.iter().find(|one| one.id == *id) {
                Some(proposal) => {
                    let before = self.proposals.iter().filter(|one| {
                        one.conversation == proposal.conversation && one.id < proposal.id
                    });
                    Answer::Proposal {
                        proposal: Box::new(proposal.clone()),
                        before: before.max_by_key(|one| one.id).cloned().map(Box::new),
                    }
                }
                None => Answer::NotFound,
            },
            Query::Pages { .. } => Answer::Pages(self.pages.clone()),
            Query::Drafts { .. } => Answer::Drafts(
                self.drafts
                    .iter()
                    .map(|draft| {
                        let of = draft.conversation.and_then(|id| self.get(id.0));
                        (draft.clone(), of.cloned())
                    })
                    .collect(),
            ),
            Query::Templates { channel, .. } => {
                let mut list = self.templates.clone();
                list.templates.retain(|one| one.channel == *channel);
                Answer::Templates(list)
            }
            Query::Health => Answer::Health(self.health.clone()),
            Query::Journal { .. } => Answer::Journal(self.actions.clone()),
            Query::Raw { message } => Answer::Raw(
                self.messages
                    .iter()
                    .find(|one| one.id == *message)
                    .map(|one| format!("X-Raw: yes\n\n{}", one.body).into_bytes()),
            ),
            Query::Source { message, form } => {
                let found = self.messages.iter().find(|one| one.id == *message);
                Answer::Source(
                    found
                        .and_then(|one| match form {
                            SourceForm::Raw => Some(format!("X-Raw: yes\n\n{}", one.body)),
                            SourceForm::Html => (one.content == Content::Html).then(|| {
                                format!("<html><body>\n<p>{}</p>\n</body></html>", one.body)
                            }),
                        })
                        .map(|text| Source { text, cut: false }),
                )
            }
            Query::Preview { attachment } => {
                let mut all = self.messages.iter().flat_map(|one| &one.attachments);
                match all.find(|one| one.id == *attachment) {
                    Some(found) => {
                        let says = self.files.get(&found.name);
                        let words = if says.is_some() {
                            "as text"
                        } else {
                            "not a kind that is shown as text"
                        };
                        Answer::Preview(Box::new(Preview {
                            attachment: found.clone(),
                            text: says.cloned(),
                            cut: false,
                            says: words.to_owned(),
                        }))
                    }
                    None => Answer::NotFound,
                }
            }
            Query::Labels => {
                Answer::Labels(vec![("billing".to_owned(), 1), ("refund".to_owned(), 0)])
            }
            Query::Canned { text } => Answer::Canned(
                self.canned
                    .iter()
                    .filter(|canned| canned.name.contains(text.as_str()))
                    .cloned()
                    .collect(),
            ),
        }
    }

    fn list(&self, query: &ListQuery) -> ListPage {
        let mut rows: Vec<(Keyset, Conversation)> = self
            .conversations
            .iter()
            .filter(|one| belongs(one, &query.view, &query.me))
            .filter(|one| {
                let text = format!("{} {} {}", one.contact_name, one.subject, one.snippet);
                text.to_lowercase().contains(&query.filter.to_lowercase())
            })
            .map(|one| {
                let key = sort_key(one, query.sort);
                (Keyset { key, id: one.id.0 }, one.clone())
            })
            .collect();
        rows.sort_by_key(|(keyset, _)| (keyset.key, keyset.id));
        let total = rows.len() as u64;
        let limit = query.limit as usize;
        let place = |at: Keyset| rows.partition_point(|(k, _)| (k.key, k.id) < (at.key, at.id));
        let past = |at: Keyset| rows.partition_point(|(k, _)| (k.key, k.id) <= (at.key, at.id));
        let (low, high) = match query.from {
            From::Top => (0, limit.min(rows.len())),
            From::Bottom => (rows.len().saturating_sub(limit), rows.len()),
            From::After(at) => (past(at), (past(at) + limit).min(rows.len())),
            From::Before(at) => (place(at).saturating_sub(limit), place(at)),
            From::At(at) => (place(at), (place(at) + limit).min(rows.len())),
        };
        ListPage {
            before: low > 0,
            after: high < rows.len(),
            total: Some(total),
            rows: rows.drain(low..high).collect(),
        }
    }

    fn counts(&self, me: &str) -> Counts {
        let of = |view: &View| {
            let all = self.conversations.iter();
            all.filter(|one| belongs(one, view, me)).count() as u64
        };
        let state = |wanted: OutboxState| {
            let all = self.outbox.iter();
            all.filter(|row| row.state == wanted).count() as u64
        };
        Counts {
            inbox: of(&View::Inbox),
            mine: of(&View::Mine),
            unassigned: of(&View::Unassigned),
            waiting: of(&View::Waiting),
            snoozed: of(&View::Snoozed),
            unread: 0,
            approvals: self.pending().count() as u64,
            pages: self.pages.len() as u64,
            drafts: self.drafts.len() as u64,
            held: state(OutboxState::Held),
            queued: state(OutboxState::Queued),
            failed: state(OutboxState::Failed),
            unknown: state(OutboxState::Unknown),
            channels: Channel::ALL
                .into_iter()
                .map(|channel| (channel, of(&View::Channel(channel))))
                .filter(|(_, count)| *count > 0)
                .collect(),
            labels: vec![("billing".to_owned(), of(&View::Label("billing".to_owned())))],
            saved: vec![("angry".to_owned(), "is:open label:angry".to_owned())],
            next_release: self
                .outbox
                .iter()
                .filter(|row| row.state == OutboxState::Held)
                .filter_map(|row| row.due_at)
                .min(),
        }
    }

    fn pending(&self) -> impl Iterator<Item = &Proposal> {
        let all = self.proposals.iter();
        all.filter(|proposal| proposal.state == ProposalState::Pending)
    }

    fn detail(&self, id: ConversationId) -> Option<ConversationDetail> {
        let conversation = self.get(id.0)?.clone();
        let others = self.conversations.iter();
        let mut contact = contact(&conversation);
        contact.identities.extend(self.identities.iter().cloned());
        Some(ConversationDetail {
            contact,
            others: others
                .filter(|one| one.contact == conversation.contact && one.id != id)
                .cloned()
                .collect(),
            drafts: self
                .drafts
                .iter()
                .filter(|draft| draft.conversation == Some(id))
                .cloned()
                .collect(),
            proposal: self
                .pending()
                .find(|proposal| proposal.conversation == id)
                .cloned(),
            pages: Vec::new(),
            actions: self
                .actions
                .iter()
                .filter(|entry| entry.conversation == Some(id))
                .cloned()
                .collect(),
            unsent: self
                .outbox
                .iter()
                .filter(|row| row.out.conversation == Some(id) && !row.state.is_done())
                .cloned()
                .collect(),
            account: conversation.account.clone(),
            conversation,
        })
    }

    /// Messages with this text; of the search language it knows `is:mine` alone.
    fn search(&self, text: &str, me: &str) -> Answer {
        let mine = text.contains("is:mine");
        let text = text.replace("is:mine", "");
        let text = text.trim();
        let mut hits: Vec<Hit> = self
            .messages
            .iter()
            .filter(|message| (mine || !text.is_empty()) && message.body.contains(text))
            .filter_map(|message| {
                let snippet = message.body.lines().find(|line| line.contains(text))?;
                let start = snippet.find(text)?;
                let conversation = self.get(message.conversation.0)?.clone();
                if mine && conversation.assignee.as_deref() != Some(me) {
                    return None;
                }
                Some(Hit {
                    message: message.id,
                    at: message.at,
                    conversation,
                    snippet: snippet.to_owned(),
                    marks: vec![(start, start + text.len())],
                })
            })
            .collect();
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.at));
        Answer::Search {
            hits,
            more: false,
            remarks: Vec::new(),
        }
    }
}

fn contact(of: &Conversation) -> Contact {
    Contact {
        id: ContactId(of.contact.0),
        name: of.contact_name.clone(),
        identities: vec![Identity {
            id: IdentityId(of.contact.0),
            channel: of.channel,
            address: of.contact_address.clone(),
            name: Some(of.contact_name.clone()),
            verified: of.channel != Channel::Email,
            opted_out: of.opted_out,
            warning: None,
        }],
        remarks: String::new(),
        vip: false,
        since: Timestamp(NOW.0 - 200 * 86_400_000),
        merges: Vec::new(),
        suggestions: Vec::new(),
    }
}
