//! Keeps a message: finds whether it is here, where it belongs, writes its rows.

use super::super::people::clues;
use super::super::sql::{Json, Result, Sql, Word, word};
use super::super::writer::Tx;
use super::super::{derived, journal, outbox};
use super::clean::{Raw, ReadyMessage, normalised};
use super::contact::{Person, person};
use super::place::{Named, Placing, all_named, place};
use super::{Ingest, after, early, second};
use crate::model::message::ThreadedBy;
use crate::model::{
    Actor, Author, Channel, Content, ConversationId, DeliveryState, Direction, MessageId,
    MessageKind, Party, Status, Timestamp,
};
use crate::store::facts::Arrival;
use crate::sync::merge::{ComesBack, comes_back, order_key, place_of};
use crate::text::MsgId;
use rusqlite::params;
use serde_json::json;

/// A new inbound message of the batch.
#[derive(Debug, Clone)]
pub(super) struct NewInbound {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub kind: MessageKind,
    pub began: bool,
    pub seen: bool,
}

/// The thread of what has no sender and cannot be read.
const UNREADABLE: &str = "\u{1}unreadable";

impl Ingest<'_> {
    /// Stores a message, or joins it with what is here.
    pub(super) fn message(&mut self, mut ready: ReadyMessage) -> Result<()> {
        if let Some(known) = second::known(self, &ready)? {
            self.done.duplicates += 1;
            return second::report(self, &known, &ready);
        }
        let at = order_key(
            ready.new.direction,
            ready.new.sent_at,
            ready.new.received_at,
            self.tx.now,
        );
        let named = all_named(self.tx, self.account, &ready.new.thread)?;
        let at = after::ours(self, &ready, &named, at)?;
        let (address, who) = self.other_side(&ready, at)?;
        let bounced = second::bounced(self, &ready)?;
        let (found, threaded_by) = match &bounced {
            Some(bounced) => (
                Some(bounced.conversation),
                ThreadedBy::OwnReference {
                    id: bounced.reference.clone(),
                },
            ),
            None => place(
                self.tx,
                &Placing {
                    account: self.account,
                    channel: ready.new.channel,
                    hints: &hints(&ready, &address),
                    address: &address,
                    base: &ready.base,
                    matter: &ready.matter,
                    at,
                    named: &named,
                },
            )?,
        };
        let (conversation, began) = match found {
            Some(id) => (id, false),
            None => (self.begin_conversation(&ready, &address, &who, at)?, true),
        };
        let at = after::in_chat(self, &ready, conversation, at)?;
        let message = self.insert(
            &mut ready,
            conversation,
            (&address, &who),
            at,
            &threaded_by,
            &named,
        )?;
        if let Some(bounced) = bounced {
            second::apply_bounce(self, &bounced, &ready, at)?;
        } else if let ThreadedBy::OwnReference { id } = &threaded_by {
            // Whoever answers it has it: whatever its row was believed to be, it left.
            outbox::proof(self.tx, self.account, id, Timestamp(0))?;
        }
        early::apply(self, message, &ready.new)?;
        if ready.new.direction == Direction::Inbound {
            super::desk::heed(self.tx, &ready, (conversation, &address), at)?;
        }
        if !began {
            let earlier = self.tx.exists(
                "SELECT 1 FROM conversation WHERE id = ?1 AND first_at > ?2",
                params![conversation.0, at.0],
            )?;
            if earlier {
                derived::name(self.tx, conversation)?;
            }
        }
        self.touched.insert(conversation);
        self.done.new += 1;
        self.done.unreadable += usize::from(matches!(ready.content, Content::Unreadable { .. }));
        if ready.new.direction == Direction::Inbound {
            self.inbound.push(NewInbound {
                conversation,
                message,
                kind: ready.new.kind,
                began,
                seen: ready.new.flags.seen,
            });
        }
        Ok(())
    }

    /// The address and person that a message is with: its sender, or for a copy of our own the first recipient who is
    /// not one of us.
    fn other_side(&self, ready: &ReadyMessage, at: Timestamp) -> Result<(String, Person)> {
        let channel = ready.new.channel;
        let (mut address, mut name) = if ready.new.direction == Direction::Inbound {
            (ready.address.clone(), ready.name.clone())
        } else {
            let to = self.customer(channel, &ready.people.to, &ready.people.cc);
            let address = to.map(|to| normalised(channel, &to.address));
            (
                address.unwrap_or_default(),
                to.and_then(|to| to.name.clone()),
            )
        };
        if address.is_empty() {
            address = format!("unknown sender on {}", self.account);
            name = Some("Unknown sender".to_owned());
        }
        let verified = ready.new.direction == Direction::Inbound && ready.new.from_verified;
        let who = person(self.tx, channel, &address, name.as_deref(), verified, at)?;
        if ready.new.direction == Direction::Inbound && !ready.mentioned.is_empty() {
            clues::wrote(self.tx, who.home.0, &ready.mentioned)?;
        }
        Ok((who.address.clone(), who))
    }

    /// The first who is not one of us, or else the first.
    fn customer<'p>(
        &self,
        channel: Channel,
        to: &'p [Party],
        cc: &'p [Party],
    ) -> Option<&'p Party> {
        let ours = |party: &Party| {
            let own = &self.info.own_addresses;
            own.iter()
                .any(|own| super::clean::same(channel, &own.address, &party.address))
        };
        to.iter()
            .chain(cc)
            .find(|party| !ours(party))
            .or_else(|| to.first())
    }

    fn begin_conversation(
        &self,
        ready: &ReadyMessage,
        address: &str,
        who: &Person,
        at: Timestamp,
    ) -> Result<ConversationId> {
        let status = if ready.new.flags.junk {
            Status::Spam
        } else {
            Status::Open
        };
        let new = &ready.new;
        let waits = new.direction == Direction::Inbound
            && new.kind == MessageKind::Normal
            && !new.flags.answered
            && !new.flags.junk;
        // As they are going to be: the indexes of lists are written once.
        let clocks = derived::begins(self.tx, &self.info, new.channel, at, waits, new.window_ms);
        self.tx.run(
            "INSERT INTO conversation(account, channel, contact, contact_name, contact_address, subject, base_subject,
               thread, status, first_at, last_at, opted_out, waiting_since, window_closes_at, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                self.account.as_str(),
                Word(ready.new.channel),
                who.contact.0,
                who.name,
                address,
                ready.subject,
                ready.matter,
                hints(ready, address).thread,
                Word(status),
                at.0,
                clocks.last,
                who.opted_out,
                clocks.waiting,
                clocks.window,
                clocks.due
            ],
        )?;
        Ok(ConversationId(self.tx.last_insert_rowid()))
    }

    fn insert(
        &mut self,
        ready: &mut ReadyMessage,
        conversation: ConversationId,
        (address, who): (&str, &Person),
        at: Timestamp,
        threaded_by: &ThreadedBy,
        named: &[Option<Named>],
    ) -> Result<MessageId> {
        let words = ready.words.take();
        let row = match &words {
            Some(_) => Some(self.index.row(self.tx, at)?),
            None => None,
        };
        let (tx, new) = (self.tx, &ready.new);
        let inbound = new.direction == Direction::Inbound;
        let author = if inbound {
            Author::Customer {
                contact: who.home,
                name: ready.name.clone().unwrap_or_else(|| who.name.clone()),
            }
        } else {
            Author::Agent {
                name: new
                    .from
                    .name
                    .as_deref()
                    .map(super::clean::line)
                    .unwrap_or_default(),
            }
        };
        let own_id = new
            .thread
            .message_id
            .as_deref()
            .filter(|id| MsgId::new(id).is_ok());
        let references: Vec<&String> = new
            .thread
            .references
            .iter()
            .filter(|id| MsgId::new(id).is_ok())
            .collect();
        let delivery = (!inbound).then_some(DeliveryState::Sent);
        let recipients: Vec<String> = ready
            .people
            .to
            .iter()
            .chain(&ready.people.cc)
            .map(|party| normalised(new.channel, &party.address))
            .collect();
        let has_people = !ready.people.to.is_empty()
            || !ready.people.cc.is_empty()
            || ready.people.reply_to.is_some()
            || ready.people.unvouched;
        tx.run(
            "INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, contact, who, author,
               subject, body, snippet, content, people, dedupe, message_id, refs, thread, delivery, delivery_at, hidden, seen,
               answered, flagged, attachments, fullness, window_ms, threaded_by, to_customer, address, place,
               fts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?32, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
               ?22, ?23, ?24, ?25, ?26, ?27, ?28,
               ?29 AND EXISTS (SELECT 1 FROM conversation WHERE id = ?1
                 AND (contact_address IN (SELECT value FROM json_each(?30)) OR ?31)), ?33, ?34, ?35)",
            params![
                conversation.0,
                self.account.as_str(),
                Word(new.channel),
                Word(new.direction),
                Word(new.kind),
                at.0,
                new.sent_at.0,
                inbound.then_some(who.home.0),
                ready.who,
                Json(&author),
                ready.subject,
                ready.body,
                Json(&ready.content),
                has_people.then_some(Json(&ready.people)),
                new.dedupe,
                own_id,
                (!references.is_empty()).then_some(Json(&references)),
                new.thread.thread,
                delivery.map(Word),
                delivery.map(|_| at.0),
                ready.hidden as i64,
                new.flags.seen || !inbound,
                new.flags.answered,
                new.flags.flagged,
                ready.attachments.len() as i64,
                second::packed(ready.fullness),
                new.window_ms,
                Json(threaded_by),
                !inbound,
                Json(&recipients),
                new.thread.thread_decides,
                ready.snippet,
                inbound.then_some(&address),
                place_of(&new.remote),
                row
            ],
        )?;
        let id = MessageId(tx.last_insert_rowid());
        remember_place(self, id, ready)?;
        remember_ids(self, id, ready, own_id, named)?;
        belongings(tx, id, ready)?;
        if let (Some(row), Some(mut words)) = (row, words) {
            if inbound {
                words.known_as(&who.name);
            }
            self.index.add(row, words);
        }
        if new.flags.answered && inbound {
            tx.run(
                "UPDATE conversation SET answered_at = max(answered_at, ?2) WHERE id = ?1",
                params![conversation.0, at.0],
            )?;
        }
        Ok(id)
    }
}

/// The hints, with a thread of its own for what nobody is known to have sent and nobody can read.
fn hints(ready: &ReadyMessage, address: &str) -> crate::model::event::ThreadHints {
    let mut hints = ready.new.thread.clone();
    if matches!(ready.content, Content::Unreadable { .. }) && address.starts_with("unknown sender")
    {
        hints.thread = Some(UNREADABLE.to_owned());
        hints.thread_decides = true;
    }
    hints
}

/// Where it is at the provider.
pub(super) fn remember_place(
    ingest: &Ingest<'_>,
    id: MessageId,
    ready: &ReadyMessage,
) -> Result<()> {
    ingest.tx.run(
        "INSERT INTO remote(account, scope, key, message) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT(account, scope, key) DO UPDATE SET message = excluded.message",
        params![
            ingest.account.as_str(),
            ready.new.remote.scope,
            ready.new.remote.key,
            id.0
        ],
    )?;
    Ok(())
}

/// By which ids later messages find it, and which ids it names.
fn remember_ids(
    ingest: &Ingest<'_>,
    id: MessageId,
    ready: &ReadyMessage,
    own_id: Option<&str>,
    named: &[Option<Named>],
) -> Result<()> {
    let account = ingest.account.as_str();
    for own in own_id.into_iter().chain(ready.new.own_reference.as_deref()) {
        own_reference(ingest.tx, account, own, id)?;
    }
    if ready.new.thread.thread_decides {
        return Ok(());
    }
    let ids = crate::sync::merge::nearest_first(&ready.new.thread).into_iter();
    // One that is known already stays that of the first who named it.
    for (id_named, _) in ids.zip(named).filter(|(_, known)| known.is_none()) {
        ingest.tx.run(
            "INSERT INTO thread_ref(account, ref, message, own) VALUES (?1, ?2, ?3, 0)
             ON CONFLICT(account, ref) DO NOTHING",
            params![account, id_named, id.0],
        )?;
    }
    Ok(())
}

/// This id is that of this message; the first message that says so keeps it.
pub(in super::super) fn own_reference(
    tx: &Tx<'_>,
    account: &str,
    reference: &str,
    id: MessageId,
) -> Result<()> {
    tx.run(
        "INSERT INTO thread_ref(account, ref, message, own) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT(account, ref) DO UPDATE SET message = excluded.message, own = 1 WHERE own = 0",
        params![account, reference, id.0],
    )?;
    Ok(())
}

/// Attachments and raw form.
pub(super) fn belongings(tx: &Tx<'_>, id: MessageId, ready: &ReadyMessage) -> Result<()> {
    for file in &ready.attachments {
        tx.run(
            "INSERT INTO attachment(message, name, mime, size, inline, content_id, sha256, fetch, found)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                id.0,
                file.name,
                file.mime,
                file.size.cast_signed(),
                file.inline,
                file.content_id,
                file.sha256,
                file.fetch,
                file.found
            ],
        )?;
    }
    let (bytes, sha256) = match &ready.raw {
        Raw::None => return Ok(()),
        Raw::Row(bytes) => (Some(bytes), None),
        Raw::File(sha256) => (None, Some(sha256)),
    };
    tx.run(
        "INSERT INTO raw(message, bytes, sha256) VALUES (?1, ?2, ?3)
         ON CONFLICT(message) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256",
        params![id.0, bytes, sha256],
    )?;
    Ok(())
}

/// Opens a conversation again when a customer's news says so.
pub(super) fn come_back(
    ingest: &Ingest<'_>,
    id: ConversationId,
    moved: derived::Moved,
) -> Result<()> {
    let news: Vec<&NewInbound> = ingest
        .inbound
        .iter()
        .filter(|new| new.conversation == id && moved.inbound)
        .collect();
    let verb = news
        .iter()
        .find_map(|new| match comes_back(moved.standing, new.kind) {
            ComesBack::Stays => None,
            ComesBack::Reopens => Some("reopen"),
            ComesBack::Wakes => Some("wake"),
        });
    let Some(verb) = verb else { return Ok(()) };
    ingest.tx.run(
        "UPDATE conversation SET status = 'open', snoozed_until = NULL, wake_on_reply = 0 WHERE id = ?1",
        [id.0],
    )?;
    journal::append(
        ingest.tx,
        &Actor::System("engine".to_owned()),
        verb,
        Some(id),
        &json!({ "was": word(&moved.standing.status), "because": "the customer wrote" }),
        None,
    )?;
    Ok(())
}

/// The new inbound messages that no agent has seen, where they are now.
pub(super) fn arrivals(ingest: &Ingest<'_>) -> Result<Vec<Arrival>> {
    let mut out = Vec::new();
    for new in ingest.inbound.iter().filter(|new| !new.seen) {
        let arrival = ingest.tx.one(
            "SELECT m.conversation, c.contact_name, m.channel, m.subject, m.snippet
             FROM message m JOIN conversation c ON c.id = m.conversation WHERE m.id = ?1 AND m.seen = 0",
            [new.message.0],
            |row| {
                Ok(Arrival {
                    conversation: ConversationId(row.get(0)?),
                    message: new.message,
                    contact_name: row.get(1)?,
                    channel: row.get::<_, Word<Channel>>(2)?.0,
                    subject: row.get(3)?,
                    snippet: row.get(4)?,
                    new_conversation: new.began,
                    kind: new.kind,
                })
            },
        )?;
        out.extend(arrival);
    }
    Ok(out)
}
