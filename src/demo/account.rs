//! One channel of the demo as an account: a [`Provider`] like any other.

use super::world::{Ending, World, desk, reports_delivery, window};
use crate::model::{
    Batch, Channel, Clock, Coverage, Cursor, Outgoing, Party, Receipt, Template, Timestamp,
};
use crate::providers::{
    Capabilities, Check, Colleague, Health, Inventory, Provider, ProviderError, Reconciled,
    RemoteChange, Result,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Items a pull brings at most.
const PAGE: usize = 200;

/// A channel of the scripted world.
#[derive(Clone)]
pub struct DemoAccount {
    channel: Channel,
    company: String,
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
}

impl DemoAccount {
    /// The account of `channel` in `world`.
    pub fn new(channel: Channel, world: &Arc<Mutex<World>>, clock: &Arc<dyn Clock>) -> Self {
        let company = lock(world).script().company.clone();
        Self {
            channel,
            company,
            world: world.clone(),
            clock: clock.clone(),
        }
    }

    fn read(&self, since: Option<&Cursor>) -> Batch {
        let mut world = lock(&self.world);
        let place = Place::of(since, world.started());
        let past = world.past(self.channel);
        let total = past.len();
        let page = past.get(place.past..).unwrap_or(&[]);
        let mut events: Vec<_> = page.iter().take(PAGE).cloned().collect();
        let read = place.past + events.len();
        let more = read < total;
        let mut told = place.told;
        if !more {
            let all = world.told(self.channel, self.clock.now());
            events.extend(all.get(told..).unwrap_or(&[]).iter().cloned());
            told = all.len();
        }
        Batch {
            events,
            cursor: Some(Cursor(format!("{read}:{}:{told}", world.started().0))),
            coverage: (total > 0)
                .then(|| Coverage {
                    feed: self.channel.name().to_owned(),
                    generation: 1,
                    low: (total - read + 1) as u64,
                    high: total as u64,
                    floor: 1,
                })
                .into_iter()
                .collect(),
            more,
            behind: (total - read) as u64,
        }
    }
}

/// How far a channel was read: of what was said before the start, and of what came about since in this world.
struct Place {
    past: usize,
    told: usize,
}

impl Place {
    fn of(cursor: Option<&Cursor>, started: Timestamp) -> Self {
        let mut numbers = cursor
            .map_or("", |cursor| cursor.0.as_str())
            .split(':')
            .map(|number| number.parse::<i64>().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let (past, world, told) = (next(), next(), next());
        let told = if world == started.0 { told } else { 0 };
        Self {
            past: usize::try_from(past).unwrap_or(0),
            told: usize::try_from(told).unwrap_or(0),
        }
    }
}

fn lock(world: &Mutex<World>) -> std::sync::MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider for DemoAccount {
    fn name(&self) -> &'static str {
        "demo"
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<Colleague>>> {
        // The telephone system of the invented company knows two more.
        let person = |name: &str, extension: &str, email: Option<&str>| Colleague {
            name: name.to_owned(),
            extension: Some(extension.to_owned()),
            number: None,
            email: email.map(str::to_owned),
        };
        let people = match self.channel {
            Channel::Voice => vec![
                person("Signe Holm", "104", Some("signe.holm@lindqvist.example")),
                person("Workshop", "200", None),
            ],
            _ => Vec::new(),
        };
        Box::pin(async move { Ok(people) })
    }

    fn capabilities(&self) -> Capabilities {
        let seconds = |on: bool, n| {
            if on {
                Duration::from_secs(n)
            } else {
                Duration::ZERO
            }
        };
        let mail = self.channel == Channel::Email;
        Capabilities {
            channels: vec![self.channel],
            text_limit: match self.channel {
                Channel::Email => None,
                Channel::Sms => Some(1_600),
                Channel::X => Some(10_000),
                Channel::Messenger | Channel::Discord => Some(2_000),
                Channel::Instagram => Some(1_000),
                _ => Some(4_096),
            },
            subject: mail,
            copies: mail,
            rich_text: mail,
            attachment_limit: if self.channel == Channel::Sms {
                5 << 20
            } else {
                25 << 20
            },
            reply_window: window(self.channel)
                .map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0))),
            delivered: reports_delivery(self.channel),
            read: reports_delivery(self.channel) && self.channel != Channel::Sms,
            idempotent_for: None,
            look_up: self.channel != Channel::Telegram,
            push: true,
            hold: seconds(mail, 15).max(Duration::from_secs(8)),
        }
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async move { Ok(self.read(since.as_ref())) }.boxed()
    }

    fn subscribe(&self, _: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        let news = lock(&self.world).news();
        let wait = async move |news: Arc<Notify>| {
            loop {
                // Listening begins before looking: what is said in between wakes it.
                let told = news.clone().notified_owned();
                tokio::pin!(told);
                told.as_mut().enable();
                let next = lock(&self.world).next(self.channel);
                let now = self.clock.now();
                let timer = async {
                    match next {
                        Some(at) => {
                            let ms = u64::try_from(at.since(now)).unwrap_or(0);
                            tokio::time::sleep(Duration::from_millis(ms)).await;
                        }
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = timer => return Some((Ok(Batch::default()), news)),
                    () = told => {}
                }
            }
        };
        Some(stream::unfold(news, wait).boxed())
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        async move {
            tokio::time::sleep(Duration::from_millis(350)).await;
            if let Some(filled) = &out.template {
                super::templates::check(filled, &out.body)?;
            }
            let to = out
                .recipients
                .to
                .first()
                .map_or("", |party| party.address.as_str());
            let now = self.clock.now();
            let ending = lock(&self.world).send(self.channel, to, &out.reference, &out.body, now);
            match ending {
                Ending::Taken => Ok(Receipt {
                    provider_id: Some(out.reference.clone()),
                    at: now,
                    detail: None,
                    refused: Vec::new(),
                }),
                Ending::NotNow => Err(ProviderError::Transient(
                    "the carrier does not answer".to_owned(),
                )),
                Ending::Refused(reason) => Err(ProviderError::Rejected {
                    reason,
                    permanent: true,
                }),
                Ending::Lost => Err(ProviderError::Ambiguous(
                    "the line dropped after the message was handed over".to_owned(),
                )),
            }
        }
        .boxed()
    }

    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        async move {
            let world = lock(&self.world);
            let arrived = world
                .arrived()
                .iter()
                .any(|one| one.reference == out.reference);
            // Of what was lost on the way nobody here knows whether it arrived.
            Ok(if arrived && self.capabilities().look_up {
                Reconciled::Found(Receipt {
                    provider_id: Some(out.reference.clone()),
                    at: self.clock.now(),
                    detail: None,
                    refused: Vec::new(),
                })
            } else {
                Reconciled::CannotTell
            })
        }
        .boxed()
    }

    fn push<'a>(&'a self, _: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        async move {
            let mut world = lock(&self.world);
            let mut all = world.past(self.channel).to_vec();
            all.extend_from_slice(world.told(self.channel, self.clock.now()));
            let mut feeds: std::collections::BTreeMap<String, Vec<String>> =
                std::collections::BTreeMap::new();
            for event in all {
                if let crate::model::Event::Message(message) = event {
                    feeds
                        .entry(message.remote.scope.clone())
                        .or_default()
                        .push(message.remote.key.clone());
                }
            }
            Ok(feeds
                .into_iter()
                .map(|(scope, keys)| Inventory { scope, keys })
                .collect())
        }
        .boxed()
    }

    fn backfill(&self, _: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.pull(since)
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        async {
            Ok(Health {
                checks: vec![Check {
                    name: "script".to_owned(),
                    ok: true,
                    says: "the world is scripted; there is no login".to_owned(),
                }],
            })
        }
        .boxed()
    }

    fn own_addresses(&self) -> Vec<Party> {
        vec![desk(self.channel, &self.company)]
    }

    fn sender_for(&self, _: &[Party]) -> Option<(Party, String)> {
        Some((
            desk(self.channel, &self.company),
            "the only sender of this account".to_owned(),
        ))
    }

    fn template_channels(&self) -> Vec<Channel> {
        super::templates::channels(self.channel)
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>>> {
        async { Ok(super::templates::templates()) }.boxed()
    }

    fn new_reference(&self) -> String {
        if self.channel == Channel::Email {
            format!(
                "{}@lindqvist.example",
                ulid::Ulid::new().to_string().to_lowercase()
            )
        } else {
            ulid::Ulid::new().to_string()
        }
    }
}
