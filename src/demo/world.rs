//! What is true in the world at any time: every conversation's script, what is about to be said, and what became of
//! what the desk sent.

use super::cast::Person;
use super::script::{Fate, Script, Story, Turn};
use crate::model::event::{
    DeliveryUpdate, Event, Flags, NewAttachment, NewMessage, RemoteId, ThreadHints,
};
use crate::model::message::Content;
use crate::model::{Channel, DeliveryState, Direction, MessageKind, Party, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// Milliseconds of a customer's thinking before an answer, unless the script says otherwise.
const THINKING: i64 = 9_000;

/// One scripted conversation.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Its key at the provider.
    pub key: String,
    /// Where.
    pub channel: Channel,
    /// With whom.
    pub person: Person,
    /// By which story.
    pub story: usize,
    said: u32,
    answered: usize,
    attempts: u32,
    last_from_desk: Option<String>,
    last_mail: Option<String>,
}

/// Something that will happen.
#[derive(Debug, Clone)]
struct Coming {
    channel: Channel,
    event: Event,
}

/// How a send ends, decided at once; what follows comes as events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Taken.
    Taken,
    /// Not reachable this time.
    NotNow,
    /// Refused for good.
    Refused(String),
    /// The line dropped.
    Lost,
}

/// The world.
pub struct World {
    script: Script,
    threads: Vec<Thread>,
    past: BTreeMap<Channel, Vec<Event>>,
    coming: BTreeMap<(Timestamp, u64), Coming>,
    told: BTreeMap<Channel, Vec<Event>>,
    started: Timestamp,
    news: Arc<Notify>,
    sequence: u64,
    speed: f64,
    arrived: Vec<Arrived>,
}

/// Something that the desk sent and that reached a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Where.
    pub channel: Channel,
    /// At whom.
    pub address: String,
    /// Its reference.
    pub reference: String,
    /// Its text.
    pub text: String,
}

impl World {
    /// Sets the stage at `now`. `speed` is how fast the customers live, 1 being the script's own pace.
    pub fn new(script: Script, seed: u64, speed: f64, now: Timestamp) -> Self {
        let mut world = Self {
            script,
            threads: Vec::new(),
            past: BTreeMap::new(),
            coming: BTreeMap::new(),
            told: BTreeMap::new(),
            started: now,
            news: Arc::new(Notify::new()),
            sequence: 0,
            speed: speed.clamp(0.01, 1_000.0),
            arrived: Vec::new(),
        };
        let mut rng = fastrand::Rng::with_seed(seed);
        let stories = world.script.story.clone();
        let mut number = 0;
        for (index, story) in stories.iter().enumerate() {
            for copy in 0..story.copies {
                number += 1;
                world.enact(index, story, copy, number, now, &mut rng);
            }
        }
        for events in world.past.values_mut() {
            // Newest first, as a provider's first read gives them.
            events.sort_by_key(|event| std::cmp::Reverse(time_of(event)));
        }
        world
    }

    /// The scripted conversations.
    pub fn threads(&self) -> &[Thread] {
        &self.threads
    }

    /// The script.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// What was said on a channel before the demo began, newest first.
    pub fn past(&self, channel: Channel) -> &[Event] {
        self.past.get(&channel).map_or(&[], Vec::as_slice)
    }

    /// Everything that has come about on a channel from the start until `now`, in order. It only ever grows: whoever
    /// lost what was read reads it again.
    pub fn told(&mut self, channel: Channel, now: Timestamp) -> &[Event] {
        let due: Vec<_> = self
            .coming
            .range(..=(now, u64::MAX))
            .filter(|(_, coming)| coming.channel == channel)
            .map(|(key, _)| *key)
            .collect();
        let told = self.told.entry(channel).or_default();
        told.extend(
            due.into_iter()
                .filter_map(|key| self.coming.remove(&key))
                .map(|coming| coming.event),
        );
        told
    }

    /// When this world began: another one tells its story from the beginning.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Wakes whoever waits, each time when something new is going to happen.
    pub fn news(&self) -> Arc<Notify> {
        self.news.clone()
    }

    /// When something next comes about on a channel.
    pub fn next(&self, channel: Channel) -> Option<Timestamp> {
        self.coming
            .iter()
            .find(|(_, coming)| coming.channel == channel)
            .map(|((at, _), _)| *at)
    }

    /// What reached customers so far, in order.
    pub fn arrived(&self) -> &[Arrived] {
        &self.arrived
    }

    /// The customer of a conversation says something of their own accord; false when there is no such conversation.
    pub fn customer_says(
        &mut self,
        channel: Channel,
        address: &str,
        text: &str,
        at: Timestamp,
    ) -> bool {
        let Some(index) = self.find(channel, address) else {
            return false;
        };
        let turn = Turn {
            text: text.to_owned(),
            ..Turn::default()
        };
        let event = self.say(index, &turn, at);
        self.schedule(channel, at, event);
        true
    }

    fn find(&self, channel: Channel, address: &str) -> Option<usize> {
        self.threads.iter().position(|thread| {
            thread.channel == channel && thread.person.address(channel).address == address
        })
    }

    /// The desk sends `text` to `address`; what follows is scheduled.
    pub fn send(
        &mut self,
        channel: Channel,
        address: &str,
        reference: &str,
        text: &str,
        now: Timestamp,
    ) -> Ending {
        let ending = self.decide(channel, address, reference, now);
        if ending == Ending::Taken {
            self.arrived.push(Arrived {
                channel,
                address: address.to_owned(),
                reference: reference.to_owned(),
                text: text.to_owned(),
            });
        }
        ending
    }

    fn decide(
        &mut self,
        channel: Channel,
        address: &str,
        reference: &str,
        now: Timestamp,
    ) -> Ending {
        let Some(index) = self.find(channel, address) else {
            // A page to one of us, or mail to somebody outside the script: it simply arrives.
            self.report(
                channel,
                reference,
                DeliveryState::Delivered,
                None,
                now + 1_500,
            );
            return Ending::Taken;
        };
        let story = self.script.story[self.threads[index].story].clone();
        self.threads[index].attempts += 1;
        match story.send {
            Fate::Flaky if !self.threads[index].attempts.is_multiple_of(3) => {
                return Ending::NotNow;
            }
            Fate::Refused => {
                return Ending::Refused("550 5.1.1 the mailbox does not exist".to_owned());
            }
            Fate::Unknown => return Ending::Lost,
            Fate::Bounces => {
                let why = Some("552 5.2.2 the mailbox is full".to_owned());
                self.report(
                    channel,
                    reference,
                    DeliveryState::Failed,
                    why,
                    now + self.paced(6_000),
                );
                return Ending::Taken;
            }
            Fate::Read | Fate::Delivered | Fate::Flaky => {}
        }
        if reports_delivery(channel) {
            self.report(
                channel,
                reference,
                DeliveryState::Delivered,
                None,
                now + self.paced(1_800),
            );
            if story.send == Fate::Read {
                self.report(
                    channel,
                    reference,
                    DeliveryState::Read,
                    None,
                    now + self.paced(4_500),
                );
            }
        }
        self.threads[index].last_mail = Some(reference.to_owned());
        self.threads[index].last_from_desk = Some(reference.to_owned());
        let answered = self.threads[index].answered;
        if let Some(turn) = story.replies.get(answered) {
            self.threads[index].answered += 1;
            let at = now + self.paced(turn.gap.map_or(THINKING, |gap| gap.0));
            let event = self.say(index, turn, at);
            self.schedule(channel, at, event);
            if turn.stop {
                let address = self.threads[index].person.address(channel).address;
                self.schedule(
                    channel,
                    at + 1,
                    Event::Consent {
                        address,
                        channel,
                        opted_out: true,
                        at,
                    },
                );
            }
        }
        Ending::Taken
    }

    fn report(
        &mut self,
        channel: Channel,
        reference: &str,
        state: DeliveryState,
        detail: Option<String>,
        at: Timestamp,
    ) {
        let update = DeliveryUpdate {
            reference: reference.to_owned(),
            state,
            at,
            detail,
        };
        self.schedule(channel, at, Event::Delivery(update));
    }

    fn paced(&self, ms: i64) -> i64 {
        (ms as f64 / self.speed) as i64
    }

    fn schedule(&mut self, channel: Channel, at: Timestamp, event: Event) {
        self.sequence += 1;
        self.coming
            .insert((at, self.sequence), Coming { channel, event });
        self.news.notify_waiters();
    }

    fn enact(
        &mut self,
        story: usize,
        script: &Story,
        copy: u32,
        number: u32,
        now: Timestamp,
        rng: &mut fastrand::Rng,
    ) {
        let channel = script.channels[copy as usize % script.channels.len().max(1)];
        let drawn = Person::draw(&self.script, &script.lang, number, rng);
        let known = script.of.as_ref().and_then(|of| {
            let key = format!("{of}-{copy}");
            self.threads.iter().find(|thread| thread.key == key)
        });
        let person = known.map_or(drawn, |thread| thread.person.clone());
        let index = self.threads.len();
        self.threads.push(Thread {
            key: format!("{}-{copy}", script.id),
            channel,
            person,
            story,
            said: 0,
            answered: 0,
            attempts: 0,
            last_from_desk: None,
            last_mail: None,
        });
        let drawn = i64::from(copy) * rng.i64(13 * 60_000..47 * 60_000);
        let newest = now - script.age.map_or(3_600_000, |age| age.0) - drawn;
        let gaps: Vec<i64> = script
            .turns
            .iter()
            .map(|turn| turn.gap.map_or(300_000, |gap| gap.0))
            .collect();
        let mut at = newest - gaps.iter().skip(1).sum::<i64>();
        for (turn, gap) in script.turns.iter().zip(gaps.iter().skip(1).chain([&0])) {
            let mut turn = turn.clone();
            if copy > 0
                && self.threads[index].said == 0
                && let Some(opening) = self
                    .script
                    .openings
                    .get(&script.lang)
                    .and_then(|openings| rng.choice(openings))
            {
                turn.text = format!("{opening} {}", turn.text);
            }
            let event = self.say(index, &turn, at);
            let delivery = turn
                .by
                .is_some()
                .then(|| delivery(&event, turn.state.as_deref(), at))
                .flatten();
            self.past.entry(channel).or_default().push(event);
            if let Some(delivery) = delivery {
                self.past.entry(channel).or_default().push(delivery);
            }
            if turn.stop && turn.by.is_none() {
                let address = self.threads[index].person.address(channel).address;
                self.past.entry(channel).or_default().push(Event::Consent {
                    address,
                    channel,
                    opted_out: true,
                    at,
                });
            }
            at = at + *gap;
        }
        let mut at = now;
        for turn in &script.later {
            at = at
                + self.paced(
                    turn.gap.map_or(30_000, |gap| gap.0)
                        + i64::from(copy) * rng.i64(20_000..50_000),
                );
            let event = self.say(index, turn, at);
            self.schedule(channel, at, event);
        }
    }

    /// Puts a turn into the words of a provider.
    fn say(&mut self, index: usize, turn: &Turn, at: Timestamp) -> Event {
        let company = self.script.company.clone();
        let story = &self.script.story[self.threads[index].story];
        let vouched = story.vouched;
        let (subject, lang_subject) = (story.subject.clone(), !story.subject.is_empty());
        let thread = &mut self.threads[index];
        let channel = thread.channel;
        let customer = thread.person.address(channel);
        let remote = RemoteId {
            scope: thread.key.clone(),
            key: format!("{}-{}", thread.key, thread.said),
        };
        if let (Some(emoji), Some(target)) = (&turn.reaction, &thread.last_from_desk) {
            let remote = RemoteId {
                scope: String::new(),
                key: target.clone(),
            };
            return Event::Reaction {
                remote,
                by: customer,
                emoji: emoji.clone(),
            };
        }
        thread.said += 1;
        let mut message = NewMessage::inbound(remote, channel, customer.clone(), at);
        let text = turn.text.replace("{name}", thread.person.given());
        if channel == Channel::Email {
            let id = format!("{}.{}@mail.example", thread.key, thread.said);
            message.thread = ThreadHints {
                message_id: Some(id.clone()),
                in_reply_to: thread.last_mail.iter().cloned().collect(),
                references: thread.last_mail.iter().cloned().collect(),
                ..ThreadHints::default()
            };
            thread.last_mail = Some(id);
            message.to = vec![desk(channel, &company)];
        } else {
            message.thread = ThreadHints {
                thread: Some(thread.key.clone()),
                thread_decides: true,
                ..ThreadHints::default()
            };
        }
        // Whoever sends an SMS or calls may show any number; platforms vouch for theirs.
        let claims = matches!(channel, Channel::Email | Channel::Sms | Channel::Voice);
        message.from_verified = !claims || vouched;
        if lang_subject {
            message.subject = if thread.said > 1 {
                format!("Re: {subject}")
            } else {
                subject
            };
        }
        message.content = match (turn.voice, turn.missed, turn.stars) {
            (Some(length), _, _) => Content::Voice {
                millis: u32::try_from(length.0).unwrap_or(u32::MAX),
            },
            (_, true, _) => Content::Call { millis: 0 },
            (_, _, Some(stars)) => Content::Review { stars },
            _ => Content::Text,
        };
        if turn.automatic {
            message.kind = MessageKind::AutoReply;
        }
        message.window_ms = window(channel);
        message.raw = text.clone().into_bytes();
        message.attachments = turn.files.iter().map(|name| attachment(name)).collect();
        message.text = text;
        if let Some(agent) = &turn.by {
            message.direction = Direction::Outbound;
            message.from = Party::named(desk(channel, &company).address, agent.as_str());
            message.to = vec![customer];
            message.flags = Flags {
                seen: true,
                ..Flags::default()
            };
            message.own_reference = Some(message.remote.key.clone());
            thread.last_from_desk = Some(message.remote.key.clone());
        }
        Event::Message(Box::new(message))
    }
}

/// Our own address on a channel.
pub fn desk(channel: Channel, company: &str) -> Party {
    match channel {
        Channel::Email => Party::named("care@lindqvist.example", company),
        Channel::Sms | Channel::Voice | Channel::Whatsapp => Party::named("+12025550100", company),
        _ => Party::named(format!("lindqvist-{}", channel.name()), company),
    }
}

/// How long after the customer's last message free replies are taken, in milliseconds.
pub fn window(channel: Channel) -> Option<i64> {
    matches!(
        channel,
        Channel::Whatsapp | Channel::Messenger | Channel::Instagram
    )
    .then_some(24 * 3_600_000)
}

/// The channel tells of delivery and reading.
pub fn reports_delivery(channel: Channel) -> bool {
    !matches!(
        channel,
        Channel::Email | Channel::Review | Channel::Telegram | Channel::Discord | Channel::X
    )
}

fn delivery(event: &Event, state: Option<&str>, at: Timestamp) -> Option<Event> {
    let Event::Message(message) = event else {
        return None;
    };
    let state = match state {
        Some("read") => DeliveryState::Read,
        Some("delivered") => DeliveryState::Delivered,
        Some("failed") => DeliveryState::Failed,
        _ => return None,
    };
    let detail = (state == DeliveryState::Failed).then(|| "30003 unreachable handset".to_owned());
    Some(Event::Delivery(DeliveryUpdate {
        reference: message.remote.key.clone(),
        state,
        at: at + 45_000,
        detail,
    }))
}

fn attachment(name: &str) -> NewAttachment {
    let (mime, bytes): (&str, Vec<u8>) = match name.rsplit('.').next() {
        Some("txt") => ("text/plain", b"Model LH-240, bought 2023-05-02\n".to_vec()),
        Some("csv") => (
            "text/csv",
            b"date,amount\n2026-10-02,89.00\n2026-10-02,89.00\n".to_vec(),
        ),
        Some("pdf") => (
            "application/pdf",
            b"%PDF-1.4\n% made up for the demo\n".to_vec(),
        ),
        Some("jpg") => ("image/jpeg", vec![0xff, 0xd8, 0xff, 0xd9]),
        Some("ogg") => ("audio/ogg", b"OggS".to_vec()),
        _ => ("application/octet-stream", vec![0; 16]),
    };
    NewAttachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: bytes.len() as u64,
        data: Some(bytes),
        ..NewAttachment::default()
    }
}

fn time_of(event: &Event) -> Timestamp {
    match event {
        Event::Message(message) => message.received_at,
        Event::Delivery(update) => update.at,
        Event::Consent { at, .. } => *at,
        _ => Timestamp(0),
    }
}
