//! What the desk has already done when the curtain rises: notes, labels, assignments, snoozes, drafts, a page.

use super::world::World;
use crate::model::outgoing::Recipients;
use crate::model::time::HOUR;
use crate::model::{Actor, Channel, Command, Conversation, Draft, DraftKind, Party, Timestamp};

/// One thing the desk did.
pub enum Stage {
    /// A command of somebody.
    Command(Actor, Box<Command>),
    /// A page: about which conversation, to whom, why.
    Page(crate::model::ConversationId, String, String),
}

/// Everything the desk did, for the conversations that `find` knows by channel and address.
pub fn stage<'a>(
    world: &World,
    me: &str,
    now: Timestamp,
    find: impl Fn(Channel, &str) -> Option<&'a Conversation>,
) -> Vec<Stage> {
    let mut done = Vec::new();
    let mut act = |who: &str, command: Command| {
        done.push(Stage::Command(
            Actor::Agent(who.to_owned()),
            Box::new(command),
        ));
    };
    let mut pages = Vec::new();
    for thread in world.threads() {
        let at = &world.script().story[thread.story].at;
        let address = thread.person.address(thread.channel);
        let Some(conversation) = find(thread.channel, &address.address) else {
            continue;
        };
        let ids = vec![conversation.id];
        let who = at.assignee.as_deref().unwrap_or(me);
        if at.read {
            act(
                who,
                Command::Look {
                    id: conversation.id,
                },
            );
        }
        if let Some(to) = &at.assignee {
            act(
                to,
                Command::Assign {
                    ids: ids.clone(),
                    to: Some(to.clone()),
                },
            );
        }
        if !at.labels.is_empty() {
            let (add, remove) = (at.labels.clone(), Vec::new());
            act(
                who,
                Command::Label {
                    ids: ids.clone(),
                    add,
                    remove,
                },
            );
        }
        if let Some(priority) = at.priority {
            act(
                who,
                Command::SetPriority {
                    ids: ids.clone(),
                    priority,
                },
            );
        }
        if let Some(body) = &at.note {
            let (conversation, body) = (conversation.id, body.clone());
            act(who, Command::Note { conversation, body });
        }
        if let Some(body) = &at.draft {
            act(
                me,
                Command::SaveDraft(Box::new(draft(conversation, &address, body, me, now))),
            );
        }
        match at.status.as_deref() {
            Some("resolved") => act(who, Command::Resolve { ids }),
            Some("snoozed") => {
                let until = Some(now + (2 + conversation.id.0 % 40) * HOUR);
                act(
                    who,
                    Command::Snooze {
                        ids,
                        until,
                        wake_on_reply: true,
                    },
                );
            }
            Some("spam") => act(who, Command::Spam { ids, on: true }),
            _ => {}
        }
        if let Some((to, reason)) = &at.page {
            pages.push(Stage::Page(conversation.id, to.clone(), reason.clone()));
        }
    }
    done.extend(pages);
    done
}

fn draft(conversation: &Conversation, to: &Party, body: &str, me: &str, now: Timestamp) -> Draft {
    Draft {
        id: None,
        conversation: Some(conversation.id),
        kind: DraftKind::Reply,
        account: conversation.account.clone(),
        channel: conversation.channel,
        from: None,
        recipients: Recipients {
            to: vec![to.clone()],
            ..Recipients::default()
        },
        subject: if conversation.subject.is_empty() {
            String::new()
        } else {
            format!("Re: {}", conversation.subject)
        },
        body: body.to_owned(),
        attachments: Vec::new(),
        base: conversation.head,
        answers: conversation.head,
        template: None,
        proposal: None,
        author: me.to_owned(),
        updated_at: now,
    }
}
