//! What agents did: resolved, assigned, labelled, snoozed, noted, and left unfinished. All by their ordinary commands.

use super::dice::Dice;
use super::people::Tongue;
use super::prose;
use super::world::World;
use crate::model::query::{From, Keyset, ListQuery, Sort, View};
use crate::model::{
    Actor, Answer, Command, Conversation, ConversationId, Draft, DraftKind, Party, Priority, Query,
    Recipients, Status, Timestamp,
    time::{DAY, HOUR},
};
use crate::store::Store;
use std::collections::BTreeMap;

/// Conversations in one command.
const TOGETHER: usize = 1_000;
/// Conversations asked for at once.
const PAGE: u32 = 500;
/// Commands under way at once, which share their commits.
const AT_ONCE: usize = 200;
/// Who works here.
pub const AGENTS: [&str; 6] = ["nina", "omar", "lea", "kofi", "mei", "tomas"];
const LABELS: [&str; 10] = [
    "billing", "delivery", "refund", "bug", "question", "vip", "warranty", "returns", "praise",
    "legal",
];
/// Drafts that lie around at the end.
const DRAFTS: usize = 40;

/// Puts conversations in order whose newest message is from `since` to `now`.
pub async fn put_in_order(
    store: &Store,
    world: &World,
    now: Timestamp,
    since: Timestamp,
) -> anyhow::Result<()> {
    let mut work = Work::default();
    let mut from = From::Top;
    loop {
        let rows = page(store, from).await?;
        let Some((last, _)) = rows.last() else { break };
        from = From::After(*last);
        let mut older = false;
        for (_, conversation) in &rows {
            older |= conversation.last_at < since;
            if !older {
                work.plan(world, conversation, now);
            }
        }
        if older {
            break;
        }
    }
    work.carry_out(store).await
}

async fn page(store: &Store, from: From) -> anyhow::Result<Vec<(Keyset, Conversation)>> {
    let query = Query::List(ListQuery {
        view: View::All,
        sort: Sort::Newest,
        from,
        limit: PAGE,
        me: AGENTS[0].to_owned(),
        filter: String::new(),
    });
    match store.answer(query).await? {
        Answer::List(page) => Ok(page.rows),
        _ => Ok(Vec::new()),
    }
}

/// Verbs with the conversations that they are for.
#[derive(Default)]
struct Work {
    resolved: BTreeMap<&'static str, Vec<ConversationId>>,
    assigned: BTreeMap<&'static str, Vec<ConversationId>>,
    labelled: BTreeMap<&'static str, Vec<ConversationId>>,
    raised: BTreeMap<&'static str, (Priority, Vec<ConversationId>)>,
    snoozed: BTreeMap<i64, Vec<ConversationId>>,
    notes: Vec<(ConversationId, String)>,
}

impl Work {
    fn plan(&mut self, world: &World, conversation: &Conversation, now: Timestamp) {
        let id = conversation.id;
        let seed = world.shape.seed;
        let mut dice = Dice::new(seed, 20, id.0.unsigned_abs(), now.0.unsigned_abs());
        let age = now.since(conversation.last_at);
        if conversation.assignee.is_none() && dice.percent(if age > DAY { 70 } else { 35 }) {
            let to = dice.often(&AGENTS).unwrap_or(AGENTS[0]);
            self.assigned.entry(to).or_default().push(id);
        }
        if conversation.labels.is_empty() && dice.percent(45) {
            for _ in 0..=dice.below(2) {
                let label = dice.often(&LABELS).unwrap_or(LABELS[0]);
                self.labelled.entry(label).or_default().push(id);
            }
        }
        if dice.percent(4) {
            let priority = dice.any(&[&Priority::Low, &Priority::High, &Priority::Urgent]);
            if let Some(priority) = priority {
                let entry = self.raised.entry(priority.name());
                entry.or_insert((*priority, Vec::new())).1.push(id);
            }
        }
        if dice.percent(2) {
            let text = prose::text(&mut dice, Tongue::English, 90);
            self.notes.push((id, text));
        }
        if conversation.status != Status::Open {
            return;
        }
        // Young ones are still being worked on.
        let done = match age {
            ..DAY => 15,
            DAY..604_800_000 => 55,
            _ => 93,
        };
        if dice.percent(done) {
            let by = dice.often(&AGENTS).unwrap_or(AGENTS[0]);
            self.resolved.entry(by).or_default().push(id);
        } else if dice.percent(12) {
            let until = world.shape.until.0 + dice.between(1, 30) * DAY + 9 * HOUR;
            self.snoozed.entry(until).or_default().push(id);
        }
    }

    async fn carry_out(self, store: &Store) -> anyhow::Result<()> {
        let mut commands: Vec<(&str, Command)> = Vec::new();
        for (to, ids) in self.assigned {
            let to = Some(to.to_owned());
            commands.extend(each(&ids, |ids| Command::Assign {
                ids,
                to: to.clone(),
            }));
        }
        for (label, ids) in self.labelled {
            let add = vec![label.to_owned()];
            commands.extend(each(&ids, |ids| Command::Label {
                ids,
                add: add.clone(),
                remove: Vec::new(),
            }));
        }
        for (priority, ids) in self.raised.into_values() {
            commands.extend(each(&ids, |ids| Command::SetPriority { ids, priority }));
        }
        for (conversation, body) in self.notes {
            commands.push((AGENTS[1], Command::Note { conversation, body }));
        }
        for (until, ids) in self.snoozed {
            let until = Some(Timestamp(until));
            commands.extend(each(&ids, |ids| Command::Snooze {
                ids,
                until,
                wake_on_reply: true,
            }));
        }
        for (by, ids) in self.resolved {
            let done = each(&ids, |ids| Command::Resolve { ids });
            commands.extend(done.map(|(_, command)| (by, command)));
        }
        act(store, commands).await
    }
}

fn each<'a>(
    ids: &'a [ConversationId],
    command: impl Fn(Vec<ConversationId>) -> Command + 'a,
) -> impl Iterator<Item = (&'static str, Command)> + 'a {
    ids.chunks(TOGETHER)
        .map(move |ids| (AGENTS[0], command(ids.to_vec())))
}

async fn act(store: &Store, commands: Vec<(&str, Command)>) -> anyhow::Result<()> {
    let mut commands = commands.into_iter();
    loop {
        let some: Vec<_> = commands.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        let done = some.into_iter().map(|(by, command)| async move {
            store.apply(&Actor::Agent(by.to_owned()), command).await
        });
        futures::future::try_join_all(done).await?;
    }
}

/// Texts that agents have begun, and searches that they keep.
pub async fn leave_unfinished(store: &Store, world: &World) -> anyhow::Result<()> {
    let mut commands = Vec::new();
    let rows = page(store, From::Top).await?;
    let open = rows.iter().filter(|(_, one)| one.status == Status::Open);
    for (at, (_, conversation)) in open.take(DRAFTS).enumerate() {
        let mut dice = Dice::new(world.shape.seed, 21, at as u64, 0);
        let by = AGENTS[at % AGENTS.len()];
        let body = prose::text(&mut dice, Tongue::English, 160);
        let draft = reply(conversation, by, body);
        commands.push((by, Command::SaveDraft(Box::new(draft))));
    }
    for (name, query) in [
        ("refunds", "refund is:open"),
        ("vip waiting", "label:vip is:waiting"),
    ] {
        let (name, query) = (name.to_owned(), query.to_owned());
        commands.push((AGENTS[0], Command::SaveView { name, query }));
    }
    act(store, commands).await
}

fn reply(conversation: &Conversation, author: &str, body: String) -> Draft {
    Draft {
        id: None,
        conversation: Some(conversation.id),
        kind: DraftKind::Reply,
        account: conversation.account.clone(),
        channel: conversation.channel,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(conversation.contact_address.clone())],
            ..Recipients::default()
        },
        subject: conversation.subject.clone(),
        body,
        attachments: Vec::new(),
        base: conversation.head,
        answers: None,
        template: None,
        proposal: None,
        author: author.to_owned(),
        updated_at: conversation.last_at,
    }
}
