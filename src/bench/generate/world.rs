//! Who wrote when, and where: every conversation and the order of all messages, without a word of them.

use super::dice::Dice;
use super::people::{Person, person};
use crate::model::{
    AccountId, Channel, Party, Timestamp,
    time::{DAY, HOUR, MINUTE},
};
use crate::store::AccountInfo;

/// What a world is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How many messages.
    pub messages: usize,
    /// In how many conversations; at most as many as there are messages.
    pub conversations: usize,
    /// The same seed gives the same world.
    pub seed: u64,
    /// The newest message is not younger than this; the oldest is up to two years older.
    pub until: Timestamp,
}

/// How far back the world goes.
const SPAN: i64 = 730 * DAY;
/// Own mail addresses.
const MAIL_ACCOUNTS: [(&str, &str); 2] = [
    ("support", "support@northwind.example"),
    ("billing", "billing@northwind.example"),
];
/// The other accounts: name, channels, own address, reply window.
const CHAT_ACCOUNTS: [(&str, &[Channel], &str, Option<i64>); 5] = [
    ("shop", &[Channel::Whatsapp], "+4930555010", Some(24 * HOUR)),
    ("line", &[Channel::Sms, Channel::Voice], "+4930555020", None),
    ("bot", &[Channel::Telegram], "northwind_bot", None),
    (
        "page",
        &[Channel::Messenger],
        "1002003004005",
        Some(24 * HOUR),
    ),
    (
        "insta",
        &[Channel::Instagram],
        "1784100200300",
        Some(24 * HOUR),
    ),
];
/// Of a hundred conversations: by which account and channel.
const SHARES: [(u64, &str, Channel); 8] = [
    (42, "support", Channel::Email),
    (16, "billing", Channel::Email),
    (17, "shop", Channel::Whatsapp),
    (7, "line", Channel::Sms),
    (2, "line", Channel::Voice),
    (8, "bot", Channel::Telegram),
    (5, "page", Channel::Messenger),
    (3, "insta", Channel::Instagram),
];

/// What the mirror knows of the accounts.
pub fn accounts() -> Vec<(AccountId, AccountInfo)> {
    let mails = MAIL_ACCOUNTS.iter().map(|(name, address)| {
        let own = Party::named(*address, "Northwind");
        (*name, "email", vec![Channel::Email], own, None)
    });
    let chats = CHAT_ACCOUNTS.iter().map(|(name, channels, own, window)| {
        let provider = match channels[0] {
            Channel::Sms => "twilio",
            channel => channel.name(),
        };
        (
            *name,
            provider,
            channels.to_vec(),
            Party::new(*own),
            *window,
        )
    });
    mails
        .chain(chats)
        .map(|(name, provider, channels, own, reply_window_ms)| {
            let info = AccountInfo {
                provider: provider.to_owned(),
                channels,
                own_addresses: vec![own],
                default_hold_ms: 10_000,
                reply_window_ms,
                sla_ms: Some(8 * HOUR),
            };
            (AccountId::new(name), info)
        })
        .collect()
}

/// One conversation.
#[derive(Debug, Clone, Copy)]
struct Outline {
    share: u8,
    begins: Timestamp,
    messages: u32,
}

/// One message's place: its conversation, its number in it, and when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When.
    pub when: Timestamp,
    /// In which conversation.
    pub conversation: u32,
    /// The how many-th of it.
    pub number: u32,
}

/// All conversations.
pub struct World {
    /// What it was made from.
    pub shape: Shape,
    outlines: Vec<Outline>,
}

impl World {
    /// Lays out the conversations.
    pub fn new(shape: Shape) -> Self {
        let conversations = shape.conversations.clamp(1, shape.messages.max(1));
        let rest = shape.messages.max(1) - conversations;
        let weights: Vec<f64> = (0..conversations)
            .map(|at| Dice::new(shape.seed, 1, at as u64, 0).long_tail(60.0) - 0.9)
            .collect();
        let whole: f64 = weights.iter().sum();
        let mut outlines: Vec<Outline> = weights
            .iter()
            .enumerate()
            .map(|(at, weight)| Outline {
                messages: 1 + (weight / whole * rest as f64) as u32,
                ..outline(shape, at)
            })
            .collect();
        let given: usize = outlines
            .iter()
            .map(|outline| outline.messages as usize)
            .sum();
        let short = shape.messages.max(1).saturating_sub(given);
        for at in 0..short {
            outlines[at % conversations].messages += 1;
        }
        Self { shape, outlines }
    }

    /// How many conversations there are.
    pub fn conversations(&self) -> usize {
        self.outlines.len()
    }

    /// The time before everything.
    pub fn begins(&self) -> Timestamp {
        self.shape.until - SPAN
    }

    /// All messages in the order of time.
    pub fn timeline(&self) -> Vec<Place> {
        let mut all = Vec::with_capacity(self.shape.messages);
        for (conversation, outline) in self.outlines.iter().enumerate() {
            let offsets = self.offsets(conversation, outline);
            let last = offsets.last().copied().unwrap_or_default();
            let begins = outline.begins.min(self.shape.until - last - MINUTE);
            all.extend(
                offsets
                    .into_iter()
                    .enumerate()
                    .map(|(number, offset)| Place {
                        when: begins + offset,
                        conversation: conversation as u32,
                        number: number as u32,
                    }),
            );
        }
        all.sort_unstable();
        all
    }

    /// When each message of a conversation comes, after its first.
    fn offsets(&self, conversation: usize, outline: &Outline) -> Vec<i64> {
        let mut dice = Dice::new(self.shape.seed, 2, conversation as u64, 0);
        let unit = if channel_of(outline) == Channel::Email {
            25 * MINUTE
        } else {
            2 * MINUTE
        };
        let room = SPAN / 2 / i64::from(outline.messages.max(1));
        let mut at = 0;
        (0..outline.messages)
            .map(|number| {
                if number > 0 {
                    let gap = (unit as f64 * dice.long_tail(400.0)) as i64;
                    at += gap.clamp(20_000, room) + dice.between(0, 20_000);
                }
                at
            })
            .collect()
    }

    fn outline(&self, at: Place) -> &Outline {
        &self.outlines[at.conversation as usize % self.outlines.len()]
    }

    /// By which account it came.
    pub fn account(&self, at: Place) -> AccountId {
        AccountId::new(SHARES[usize::from(self.outline(at).share) % SHARES.len()].1)
    }

    /// By which channel it came.
    pub fn channel(&self, at: Place) -> Channel {
        channel_of(self.outline(at))
    }

    /// Our own address where it came.
    pub fn own(&self, at: Place) -> &'static str {
        let name = SHARES[usize::from(self.outline(at).share) % SHARES.len()].1;
        let mails = MAIL_ACCOUNTS.iter().map(|(name, own)| (*name, *own));
        let chats = CHAT_ACCOUNTS.iter().map(|(name, _, own, _)| (*name, *own));
        mails
            .chain(chats)
            .find_map(|(known, own)| (known == name).then_some(own))
            .unwrap_or_default()
    }

    /// The customer. People write several mails; a chat with somebody is one conversation.
    pub fn customer(&self, at: Place) -> Person {
        let number = u64::from(at.conversation);
        if self.channel(at) == Channel::Email {
            let people = (self.outlines.len() as u64 / 3).max(1);
            let mut dice = Dice::new(self.shape.seed, 3, number, 0);
            // Some write again and again.
            let one = dice.below(people as usize) as u64;
            person(
                self.shape.seed,
                if dice.percent(20) { one / 50 } else { one },
            )
        } else {
            person(self.shape.seed, 0x1_0000_0000 + number)
        }
    }

    /// Who wrote it: true for the customer.
    pub fn is_inbound(&self, at: Place) -> bool {
        let mut dice = Dice::new(
            self.shape.seed,
            4,
            u64::from(at.conversation),
            u64::from(at.number),
        );
        if self.channel(at) == Channel::Voice {
            return true;
        }
        match at.number {
            0 => !dice.percent(3),
            number if number % 2 == 0 => dice.percent(75),
            _ => dice.percent(25),
        }
    }

    /// The dice for the words of a message.
    pub fn dice(&self, what: u64, at: Place) -> Dice {
        Dice::new(
            self.shape.seed,
            what,
            u64::from(at.conversation),
            u64::from(at.number),
        )
    }
}

fn channel_of(outline: &Outline) -> Channel {
    SHARES[usize::from(outline.share) % SHARES.len()].2
}

fn outline(shape: Shape, at: usize) -> Outline {
    let mut dice = Dice::new(shape.seed, 5, at as u64, 0);
    let mut drawn = dice.between(0, 100) as u64;
    let mut share = 0;
    for (place, (part, ..)) in SHARES.iter().enumerate() {
        if drawn < *part {
            share = place as u8;
            break;
        }
        drawn -= part;
    }
    // Busy hours, quiet nights, half as much on weekends.
    let mut day = dice.between(0, SPAN / DAY - 1);
    if day % 7 >= 5 && dice.percent(50) {
        day -= 3.min(day);
    }
    let hour = if dice.percent(85) {
        dice.between(7, 20)
    } else {
        dice.between(0, 24)
    };
    let begins = shape.until - SPAN + day * DAY + hour * HOUR + dice.between(0, HOUR);
    Outline {
        share,
        begins,
        messages: 0,
    }
}
