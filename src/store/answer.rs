//! Questions come in here; each is answered from one snapshot.

use super::error::StoreError;
use super::rows::{self, CONVERSATION};
use super::sql::{Result, Sql};
use super::{
    Store, accounts, approvals, counts, drafts, escalations, journal, list, messages, outbox,
    passages, people, preview, search, templates,
};
use crate::model::query::ConversationDetail;
use crate::model::{Answer, ConversationId, Query, Timestamp};
use rusqlite::{Connection, params};
use std::path::Path;

/// Other conversations of a contact that are told with one.
const OTHERS: u32 = 8;
/// Actions of a conversation that are told with it.
const ACTIONS: u32 = 40;

impl Store {
    /// Answers a question from one snapshot of the mirror.
    ///
    /// # Errors
    /// When the mirror cannot be read. That there is no such thing is an answer, not an error.
    pub async fn answer(&self, query: Query) -> std::result::Result<Answer, StoreError> {
        let (dir, now) = (self.dir().to_owned(), self.0.clock.now());
        self.read(move |connection| answer(connection, &dir, now, query))
            .await
    }

    /// Answers a question as [`Store::answer`] does, to `tell`, on the thread that read: for a screen, whose answers
    /// should not wait until an executor that is busy with what comes in has passed them on. `tell` must not wait.
    pub fn answer_to(
        &self,
        query: Query,
        tell: impl FnOnce(std::result::Result<Answer, StoreError>) + Send + 'static,
    ) {
        let (dir, now) = (self.dir().to_owned(), self.0.clock.now());
        self.0.readers.read_and_tell(
            move |connection| answer(connection, &dir, now, query),
            |result| tell(result.map_err(StoreError::from)),
        );
    }
}

fn answer(connection: &Connection, dir: &Path, now: Timestamp, query: Query) -> Result<Answer> {
    Ok(match query {
        Query::Counts { me } => Answer::Counts(counts::counts(connection, &me)?),
        Query::List(query) => Answer::List(list::page(connection, &query, now)?),
        Query::Ids(query) => list::ids(connection, &query, now)?,
        Query::Conversation { id, me } => match detail(connection, dir, id, &me)? {
            Some(detail) => Answer::Conversation(Box::new(detail)),
            None => Answer::NotFound,
        },
        Query::Messages {
            conversation,
            before,
            limit,
            all_channels,
        } => match messages::page(connection, conversation, before, limit, all_channels)? {
            Some(page) => Answer::Messages(page),
            None => Answer::NotFound,
        },
        Query::Search {
            text,
            me,
            typing,
            before,
            limit,
        } => search::search(connection, (&text, &me), typing, before, limit, now)?,
        Query::Outbox { limit } => Answer::Outbox(outbox::listed(connection, dir, limit)?),
        Query::Approvals { limit } => Answer::Approvals(approvals::waiting(connection, limit)?),
        Query::Proposal { id } => match approvals::with_before(connection, id)? {
            Some((proposal, before)) => Answer::Proposal {
                proposal: Box::new(proposal),
                before: before.map(Box::new),
            },
            None => Answer::NotFound,
        },
        Query::Pages { limit } => Answer::Pages(escalations::listed(connection, limit)?),
        Query::Drafts { me, limit } => Answer::Drafts(drafts::of(connection, &me, limit)?),
        Query::Health => Answer::Health(accounts::health(connection)?),
        Query::Journal {
            conversation,
            limit,
        } => Answer::Journal(journal::newest(connection, conversation, limit)?),
        Query::Raw { message } => Answer::Raw(messages::raw(connection, dir, message)?),
        Query::Source { message, form } => {
            Answer::Source(preview::source(connection, dir, message, form)?)
        }
        Query::Preview { attachment } => match preview::preview(connection, dir, attachment)? {
            Some(preview) => Answer::Preview(Box::new(preview)),
            None => Answer::NotFound,
        },
        Query::Labels => Answer::Labels(counts::labels(connection)?),
        Query::Templates { account, channel } => {
            Answer::Templates(templates::listed(connection, &account, channel)?)
        }
        Query::Canned { text } => Answer::Canned(passages::canned(connection, &text)?),
    })
}

fn detail(
    connection: &Connection,
    dir: &Path,
    id: ConversationId,
    me: &str,
) -> Result<Option<ConversationDetail>> {
    let Some(conversation) = rows::find_conversation(connection, id)? else {
        return Ok(None);
    };
    let id = conversation.id;
    let others = connection.all(
        &format!(
            "SELECT {CONVERSATION} FROM conversation c WHERE c.contact = ?1 AND c.id <> ?2
             ORDER BY c.last_at DESC LIMIT ?3"
        ),
        params![conversation.contact.0, id.0, OTHERS],
        rows::conversation,
    )?;
    let mut actions = journal::newest(connection, Some(id), ACTIONS)?;
    actions.reverse();
    Ok(Some(ConversationDetail {
        contact: people::read::contact(connection, conversation.contact)?,
        others,
        drafts: drafts::here(connection, id, me)?,
        proposal: approvals::in_conversation(connection, id)?,
        pages: escalations::here(connection, id)?,
        actions,
        unsent: outbox::in_conversation(connection, dir, id)?,
        account: conversation.account.clone(),
        conversation,
    }))
}
