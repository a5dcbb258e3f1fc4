//! By which ways a person can be written to: the conversations there are, and those that could be begun, each with what
//! its window and the person's consent allow.

use super::windows::ReplyWindow;
use crate::model::{AccountId, Channel, Contact, Conversation, Party, Timestamp};

/// An account on one of its channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Which account.
    pub account: AccountId,
    /// On which channel.
    pub channel: Channel,
}

/// One way to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// On which channel.
    pub channel: Channel,
    /// To which address.
    pub to: Party,
    /// By which account; none when no account carries the channel.
    pub account: Option<AccountId>,
    /// The conversation there; none where one would be begun.
    pub conversation: Option<Box<Conversation>>,
    /// What is allowed there.
    pub allows: Allows,
}

/// What may be sent on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allows {
    /// Anything.
    Free,
    /// Anything until then.
    Until(Timestamp),
    /// Only a template that the vendor approved.
    Template,
    /// Nothing before the customer writes there.
    Waits,
    /// Nothing: the person asked for no more messages there.
    OptedOut,
    /// Nothing: no account carries it.
    Nobody,
}

impl Allows {
    /// A text can be moved there.
    pub fn takes_something(self) -> bool {
        matches!(self, Self::Free | Self::Until(_) | Self::Template)
    }
}

/// Texts can be written on it at all; a call or a public review is no place to move one to.
fn is_written(channel: Channel) -> bool {
    !matches!(channel, Channel::Voice | Channel::Review)
}

/// What may be sent to somebody who has not written on this channel of an account.
fn unopened(channel: Channel) -> Allows {
    match channel {
        Channel::Email | Channel::Sms => Allows::Free,
        _ if channel.takes_templates() => Allows::Template,
        _ => Allows::Waits,
    }
}

/// Every way to a person: of each address on an account the newest conversation, then addresses where none is yet.
/// `conversations` are the person's, newest first.
pub fn ways(
    contact: &Contact,
    conversations: &[&Conversation],
    carriers: &[Carrier],
    now: Timestamp,
) -> Vec<Way> {
    let opted_out = |channel: Channel, address: &str| {
        contact.identities.iter().any(|one| {
            one.channel == channel && one.opted_out && one.address.eq_ignore_ascii_case(address)
        })
    };
    let mut all: Vec<Way> = Vec::new();
    for conversation in conversations.iter().filter(|one| is_written(one.channel)) {
        let (channel, address) = (conversation.channel, &conversation.contact_address);
        let known = all.iter().any(|way| {
            way.channel == channel
                && way.to.address == *address
                && way.account.as_ref() == Some(&conversation.account)
        });
        if known {
            continue;
        }
        let carried = carriers
            .iter()
            .any(|one| one.channel == channel && one.account == conversation.account);
        let window = ReplyWindow::at(conversation.window_closes_at, now);
        let allows = match window {
            _ if !carried => Allows::Nobody,
            _ if conversation.opted_out || opted_out(channel, address) => Allows::OptedOut,
            ReplyWindow::Open { closes_at } => Allows::Until(closes_at),
            ReplyWindow::None => Allows::Free,
            ReplyWindow::Closed { .. } if channel.takes_templates() => Allows::Template,
            ReplyWindow::Closed { .. } | ReplyWindow::Unopened => Allows::Waits,
        };
        all.push(Way {
            channel,
            to: Party {
                address: address.clone(),
                name: (conversation.contact_name != *address)
                    .then(|| conversation.contact_name.clone()),
            },
            account: Some(conversation.account.clone()),
            conversation: Some(Box::new((*conversation).clone())),
            allows,
        });
    }
    for identity in contact
        .identities
        .iter()
        .filter(|one| is_written(one.channel))
    {
        let to = Party {
            address: identity.address.clone(),
            name: (contact.name != identity.address).then(|| contact.name.clone()),
        };
        let here =
            |way: &Way| way.channel == identity.channel && way.to.address == identity.address;
        if all
            .iter()
            .any(|way| here(way) && way.allows != Allows::Nobody)
        {
            continue;
        }
        let mut carried = carriers
            .iter()
            .filter(|one| one.channel == identity.channel)
            .peekable();
        if carried.peek().is_none() {
            if !all.iter().any(here) {
                all.push(Way {
                    channel: identity.channel,
                    to,
                    account: None,
                    conversation: None,
                    allows: Allows::Nobody,
                });
            }
            continue;
        }
        for carrier in carried {
            all.push(Way {
                channel: identity.channel,
                to: to.clone(),
                account: Some(carrier.account.clone()),
                conversation: None,
                allows: if identity.opted_out {
                    Allows::OptedOut
                } else {
                    unopened(identity.channel)
                },
            });
        }
    }
    all
}

impl Way {
    /// Why nothing can be moved there, in a sentence; `None` when something can.
    pub fn refuses(&self) -> Option<String> {
        let (channel, address) = (self.channel, &self.to.address);
        match self.allows {
            Allows::OptedOut => Some(format!(
                "{address} has opted out of {channel}; nothing can be sent there"
            )),
            Allows::Nobody => Some(format!("no account carries {channel} to {address}")),
            Allows::Waits => Some(format!(
                "on {channel} nothing can be sent before {address} writes there"
            )),
            Allows::Free | Allows::Until(_) | Allows::Template => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::HOUR;
    use crate::model::{ContactId, Identity, IdentityId};

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn identity(channel: Channel, address: &str, opted_out: bool) -> Identity {
        Identity {
            id: IdentityId(1),
            channel,
            address: address.to_owned(),
            name: None,
            verified: true,
            opted_out,
            warning: None,
        }
    }

    fn conversation(channel: Channel, address: &str, closes: Option<Timestamp>) -> Conversation {
        Conversation {
            window_closes_at: closes,
            ..crate::testing::people::conversation(1, channel, "Ana", address)
        }
    }

    #[test]
    fn each_way_says_what_it_allows() {
        let contact = Contact {
            id: ContactId(1),
            name: "Ana".to_owned(),
            identities: vec![
                identity(Channel::Email, "ana@x.example", false),
                identity(Channel::Sms, "+15550001", true),
                identity(Channel::Whatsapp, "+15550001", false),
                identity(Channel::Whatsapp, "+15550002", false),
                identity(Channel::Telegram, "77", false),
                identity(Channel::Discord, "ana#1", false),
                identity(Channel::Voice, "+15550001", false),
            ],
            remarks: String::new(),
            vip: false,
            since: NOW,
            merges: Vec::new(),
            suggestions: Vec::new(),
        };
        let carriers: Vec<Carrier> = [
            ("support", Channel::Email),
            ("whats", Channel::Whatsapp),
            ("phone", Channel::Sms),
            ("phone", Channel::Voice),
            ("phone", Channel::Telegram),
        ]
        .into_iter()
        .map(|(account, channel)| Carrier {
            account: AccountId::new(account),
            channel,
        })
        .collect();
        let open = conversation(Channel::Whatsapp, "+15550001", Some(NOW + HOUR));
        let older = conversation(Channel::Whatsapp, "+15550001", Some(NOW - HOUR));
        let all = ways(&contact, &[&open, &older], &carriers, NOW);
        let seen: Vec<_> = all
            .iter()
            .map(|way| {
                (
                    way.channel,
                    way.to.address.as_str(),
                    way.allows,
                    way.conversation.is_some(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (
                    Channel::Whatsapp,
                    "+15550001",
                    Allows::Until(NOW + HOUR),
                    true
                ),
                (Channel::Email, "ana@x.example", Allows::Free, false),
                (Channel::Sms, "+15550001", Allows::OptedOut, false),
                (Channel::Whatsapp, "+15550002", Allows::Template, false),
                (Channel::Telegram, "77", Allows::Waits, false),
                (Channel::Discord, "ana#1", Allows::Nobody, false),
            ]
        );
        let refused: Vec<bool> = all.iter().map(|way| way.refuses().is_some()).collect();
        assert_eq!(refused, [false, false, true, false, true, true]);
        assert!(
            all.iter()
                .all(|way| way.refuses().is_none() == way.allows.takes_something())
        );
        let shut = ways(&contact, &[&older], &carriers, NOW);
        assert_eq!(shut[0].allows, Allows::Template);
    }
}
