//! The task that drafts: asks the mirror what wants an answer, drafts it, and hands the proposal back.
//!
//! It knows the mirror and the knowledge on disk, and nothing else: no provider, no network, no credential. When it is
//! slow or ends, the inbox works the same.
//!
//! Nobody waits for most drafts, so they are made at leisure: to what agents may come to soon ([`Store::wanting_draft`]),
//! one question to the mirror at a time, and with rests. What an agent asked for comes first.

use super::drafter::{DraftInput, draft};
use super::library::{Library, Shelves, fingerprint};
use super::passage::{Passage, Source};
use super::question::words_asked;
use super::scoring::search_text;
use super::settings::AssistSettings;
use crate::desk::BusinessHours;
use crate::model::{AccountId, Answer, Clock, Contact, ConversationId, Direction, Party, Query};
use crate::store::{self, Change, DraftJob, FoundPassage, PassageKind, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Jobs taken at once.
const BATCH: u32 = 8;
/// After a job the task rests so many times as long as it worked: hundreds of drafts after a first read take a fifth of
/// one core and of one of the mirror's readers.
const RESTS: u32 = 4;
/// It rests no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Passages asked of the mirror, and taken of those at hand.
const FOUND: u32 = 12;
/// A burst of changes is awaited for so long: customers write in pieces.
const SETTLE: Duration = Duration::from_millis(400);
/// How often the folders of knowledge are looked at.
const LOOK: Duration = Duration::from_mins(1);
/// The same while the past of an account is being read, which is not drafted to.
const CATCHING_UP: Duration = Duration::from_secs(5);
/// The wait after an error of the mirror.
const AFTER_ERROR: Duration = Duration::from_secs(30);
/// Conversations whose last draft is remembered, so that a redraft without instruction is another one.
const REMEMBERED: usize = 1_000;

/// The next change of what conversations hold.
async fn lists_changed(changes: &mut Receiver<Change>) -> Result<(), RecvError> {
    while !matches!(changes.recv().await?, change if change.lists || change.foreign) {}
    Ok(())
}

/// What the drafter must know of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountFacts {
    /// Longest text in characters.
    pub text_limit: Option<usize>,
}

/// Picks the sender identity for recipients on an account.
pub type SenderFor = Arc<dyn Fn(&AccountId, &[Party]) -> Option<Party> + Send + Sync>;

/// The drafter, ready to run.
#[derive(Clone)]
pub struct DrafterTask {
    /// The mirror.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// As configured.
    pub settings: Arc<AssistSettings>,
    /// When somebody is at the desk.
    pub hours: Arc<BusinessHours>,
    /// Where knowledge lies.
    pub shelves: Arc<Shelves>,
    /// By account.
    pub accounts: Arc<BTreeMap<AccountId, AccountFacts>>,
    /// Sender identities.
    pub sender: SenderFor,
}

impl DrafterTask {
    /// Drafts until the mirror is closed.
    pub async fn run(self) {
        let mut changes = self.store.changes();
        let mut seen = Vec::new();
        let mut library = Arc::new(Library::default());
        let mut used = BTreeMap::new();
        // Nothing but a change of the mirror or of the knowledge makes anything want a draft.
        let mut news = true;
        loop {
            if let Some((now, read)) = self.look(&seen).await {
                news = true;
                match self.keep(&read).await {
                    Ok(()) => {
                        for problem in &read.problems {
                            tracing::warn!("{problem}");
                        }
                        seen = now;
                        library = Arc::new(read);
                    }
                    Err(error) => self.rest(&error).await,
                }
            }
            let mut look = LOOK;
            if news {
                match self.drafted(&library, &mut used).await {
                    Ok(all) => news = !all,
                    Err(error) => self.rest(&error).await,
                }
                if news {
                    look = CATCHING_UP;
                }
            }
            // A change, or the time to look at the folders again. A listener that missed notices just looks.
            match tokio::time::timeout(look, lists_changed(&mut changes)).await {
                Ok(Err(RecvError::Closed)) => return,
                Ok(_) => {
                    tokio::time::sleep(SETTLE).await;
                    changes = changes.resubscribe();
                    news = true;
                }
                Err(_) => {}
            }
        }
    }

    /// Drafts what can be drafted now; whether that was all.
    async fn drafted(
        &self,
        library: &Library,
        used: &mut BTreeMap<ConversationId, Vec<String>>,
    ) -> Result<bool, StoreError> {
        let catching_up = self.store.is_catching_up().await?;
        loop {
            if self.batch(library, used, true).await?.settled == 0 {
                return Ok(!catching_up);
            }
        }
    }

    async fn rest(&self, error: &StoreError) {
        tracing::warn!(%error, "the drafter rests");
        tokio::time::sleep(AFTER_ERROR).await;
    }

    /// The library, if anything on the shelves changed since `seen`.
    async fn look(&self, seen: &[Seen]) -> Option<(Vec<Seen>, Library)> {
        let shelves = self.shelves.clone();
        let seen = seen.to_vec();
        tokio::task::spawn_blocking(move || {
            // The sample changes nothing on disk; an empty shelf is read once, by its mark.
            let mut now = fingerprint(&shelves);
            now.push((std::path::PathBuf::new(), None, 0));
            (now != seen).then(|| (now, Library::read(&shelves)))
        })
        .await
        .ok()
        .flatten()
    }

    /// Gives the mirror all passages, for its search and for the composer's canned replies.
    async fn keep(&self, library: &Library) -> Result<(), StoreError> {
        for (kind, passages) in [
            (PassageKind::Knowledge, &library.knowledge),
            (PassageKind::Canned, &library.canned),
        ] {
            let rows = passages.iter().map(to_store).collect();
            self.store
                .put_passages(kind.name().to_owned(), kind, rows)
                .await?;
        }
        Ok(())
    }

    /// Drafts for everything that wants a draft, without a rest. Public for tests and tools that want one pass.
    ///
    /// # Errors
    /// When the mirror cannot be read or written.
    pub async fn pass(
        &self,
        library: &Library,
        used: &mut BTreeMap<ConversationId, Vec<String>>,
    ) -> Result<usize, StoreError> {
        let mut proposed = 0;
        loop {
            let batch = self.batch(library, used, false).await?;
            proposed += batch.proposed;
            if batch.settled == 0 {
                return Ok(proposed);
            }
        }
    }

    /// The next few. When none is settled there is nothing left, or only what changes under our hands: the next notice
    /// brings it back.
    async fn batch(
        &self,
        library: &Library,
        used: &mut BTreeMap<ConversationId, Vec<String>>,
        rests: bool,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch::default();
        for job in self.store.wanting_draft(BATCH).await? {
            let began = Instant::now();
            let done = self.job(&job, library, used).await?;
            batch.settled += usize::from(done != Done::Nothing);
            batch.proposed += usize::from(done == Done::Proposed);
            // Whoever asks for a draft waits for one job, not for the rest of these.
            if rests && job.instruction.is_none() {
                tokio::time::sleep(rest_after(began.elapsed())).await;
                if self.store.is_draft_asked_for().await? {
                    break;
                }
            }
        }
        Ok(batch)
    }

    async fn job(
        &self,
        job: &DraftJob,
        library: &Library,
        used: &mut BTreeMap<ConversationId, Vec<String>>,
    ) -> Result<Done, StoreError> {
        let id = job.conversation.id;
        let found = self.found(job, library).await?;
        let (contact, known_before) = self.contact(id).await?;
        let answered_here = job
            .messages
            .iter()
            .any(|message| message.direction == Direction::Outbound);
        let instruction = job.instruction.as_deref();
        let nothing_said = instruction.is_none_or(|words| words.trim().is_empty());
        let avoid: &[String] = match used.get(&id) {
            Some(addresses) if job.earlier.is_some() && nothing_said => addresses,
            _ => &[],
        };
        let account = &job.conversation.account;
        let from = (self.sender)(account, &job.reply.recipients.to);
        let now = self.clock.now();
        let input = DraftInput {
            conversation: &job.conversation,
            messages: &job.messages,
            found: &found,
            instruction,
            avoid,
            earlier: job.earlier,
            recipients: &job.reply.recipients,
            subject: &job.reply.subject,
            from: from.as_ref(),
            vip: contact.is_some_and(|contact| contact.vip),
            answered_before: answered_here || known_before,
            desk_open: self.hours.is_open(now),
            text_limit: self
                .accounts
                .get(account)
                .and_then(|facts| facts.text_limit),
            now,
            settings: &self.settings,
        };
        match draft(&input) {
            Ok(proposal) => {
                let addresses = proposal
                    .evidence
                    .iter()
                    .map(|evidence| evidence.address.clone())
                    .collect();
                let kept = self.store.propose(*proposal).await?;
                if kept.is_none() {
                    return Ok(Done::Nothing);
                }
                if used.len() >= REMEMBERED {
                    used.pop_first();
                }
                used.insert(id, addresses);
                Ok(Done::Proposed)
            }
            Err(silence) => {
                let Some(head) = job.reply.head.or(job.conversation.head) else {
                    return Ok(Done::Nothing);
                };
                self.store
                    .no_proposal(id, head, silence.to_string())
                    .await?;
                Ok(Done::Silent)
            }
        }
    }

    /// Passages from the mirror's index and from those at hand, each once.
    async fn found(&self, job: &DraftJob, library: &Library) -> Result<Vec<Passage>, StoreError> {
        let mut question = words_asked(&job.messages, &job.conversation.subject);
        if let Some(words) = &job.instruction {
            question.push('\n');
            question.push_str(words);
        }
        let words = search_text(&question);
        let mut found: Vec<Passage> = if words.is_empty() {
            Vec::new()
        } else {
            let found = self.store.find_passages(&words, FOUND).await?;
            found.into_iter().map(from_store).collect()
        };
        for passage in library.nearest(&question, FOUND as usize) {
            let known = found
                .iter()
                .any(|other| other.address == passage.address && other.text == passage.text);
            if !known {
                found.push(passage.clone());
            }
        }
        Ok(found)
    }

    /// The person, and whether we have answered them in another conversation.
    async fn contact(&self, id: ConversationId) -> Result<(Option<Contact>, bool), StoreError> {
        let query = Query::Conversation {
            id,
            me: String::new(),
        };
        match self.store.answer(query).await? {
            Answer::Conversation(detail) => {
                let before = detail
                    .others
                    .iter()
                    .any(|other| other.waiting_since.is_none());
                Ok((Some(detail.contact), before))
            }
            _ => Ok((None, false)),
        }
    }
}

/// A file, its time and its size.
type Seen = (std::path::PathBuf, Option<std::time::SystemTime>, u64);

/// What became of a few jobs.
#[derive(Debug, Default)]
struct Batch {
    /// Proposed, or found that there is nothing to say.
    settled: usize,
    proposed: usize,
}

fn rest_after(worked: Duration) -> Duration {
    (worked * RESTS).min(LONGEST_REST)
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Proposed,
    Silent,
    Nothing,
}

fn to_store(passage: &Passage) -> store::Passage {
    store::Passage {
        name: passage.name.clone(),
        heading: passage.heading.clone(),
        text: passage.text.clone(),
        address: passage.address.clone(),
        as_of: passage.as_of,
        language: passage.language.clone(),
    }
}

fn from_store(found: FoundPassage) -> Passage {
    let passage = found.passage;
    let source = match found.kind {
        PassageKind::Knowledge => Source::Knowledge,
        PassageKind::Canned => Source::Canned,
        PassageKind::PastAnswer => Source::PastAnswer,
    };
    let past = source == Source::PastAnswer;
    Passage {
        source,
        name: if past {
            passage.address.clone()
        } else {
            passage.name
        },
        heading: match found.question {
            Some(question) if past => question,
            _ => passage.heading,
        },
        text: passage.text,
        address: passage.address,
        as_of: passage.as_of,
        language: passage.language,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_rests_longer_than_it_works_but_not_for_ever() {
        for (worked, rest) in [(0, 0), (30, 120), (400, 1_600), (60_000, 2_000)] {
            let rest = Duration::from_millis(rest);
            assert_eq!(rest_after(Duration::from_millis(worked)), rest);
        }
    }
}
