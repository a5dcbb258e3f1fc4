//! Whether two addresses may be one person's, how much speaks for it, and whether that is enough by itself. Pure: who is
//! asked about is found by the mirror's indexes.

use crate::model::{Channel, Clue, Strength};
use crate::text::identity::{kin, likeness};
use crate::text::phone;

/// One address as the mirror keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side<'a> {
    /// Where it is used.
    pub channel: Channel,
    /// Its normal form.
    pub address: &'a str,
    /// The name that came with it.
    pub name: Option<&'a str>,
    /// The provider vouches for it.
    pub verified: bool,
}

/// What two addresses by themselves say about being one person's. Addresses of one channel that are equal are one
/// identity already and never come here. Names that people gave themselves in chats say nothing.
pub fn clue(a: Side<'_>, b: Side<'_>) -> Option<Clue> {
    let alike = |side: Side<'_>| likeness(side.address);
    if let (Some(one), Some(other)) = (alike(a), alike(b))
        && one == other
    {
        return if a.address == b.address {
            (a.channel != b.channel).then_some(Clue::Same)
        } else if a.address.to_lowercase() == b.address.to_lowercase() {
            Some(Clue::OtherCase)
        } else {
            Some(Clue::Plus)
        };
    }
    let kin = |side: Side<'_>| kin(side.address, side.name.unwrap_or_default());
    let related = a.channel == Channel::Email && b.channel == Channel::Email;
    match (kin(a), kin(b)) {
        (Some(one), Some(other)) if related && one == other => Some(Clue::NameAndCompany),
        _ => None,
    }
}

/// How much a clue weighs between these two.
pub fn strength(clue: Clue) -> Strength {
    match clue {
        Clue::Same | Clue::OtherCase => Strength::Strong,
        Clue::Plus | Clue::Written | Clue::NameAndCompany => Strength::Weak,
    }
}

/// Whether it is certain: both providers vouch for the very same number or mailbox. Only then may two be merged without
/// anybody's decision.
pub fn certain(clue: Clue, a: Side<'_>, b: Side<'_>) -> bool {
    clue == Clue::Same && a.verified && b.verified && a.address == b.address
}

/// A clue in words for people.
pub fn words(clue: Clue, a: Side<'_>, b: Side<'_>) -> String {
    let what = if phone::plain(a.address) {
        "number"
    } else {
        "mail address"
    };
    match clue {
        Clue::Same => {
            let claimed: Vec<&str> = [a, b]
                .into_iter()
                .filter(|side| !side.verified)
                .map(|side| side.channel.name())
                .collect();
            let proof = if claimed.is_empty() {
                "both providers vouch for it".to_owned()
            } else {
                format!("only claimed on {}", claimed.join(" and "))
            };
            format!(
                "the same {what} on {} and {}; {proof}",
                a.channel.name(),
                b.channel.name()
            )
        }
        Clue::OtherCase => format!(
            "{} and {} differ only in capital letters",
            a.address, b.address
        ),
        Clue::Plus => format!(
            "{} and {} differ only in what follows the plus",
            a.address, b.address
        ),
        Clue::Written => format!(
            "one of {} and {} was written in a message of the other; anybody can write that",
            a.address, b.address
        ),
        Clue::NameAndCompany => format!(
            "the same name at the same company: {} and {}",
            a.address, b.address
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(channel: Channel, address: &'static str, verified: bool) -> Side<'static> {
        Side {
            channel,
            address,
            name: None,
            verified,
        }
    }

    #[test]
    fn what_speaks_for_one_person() {
        use Channel::{Email, Sms, Telegram, Whatsapp};
        for (a, b, wanted, alone) in [
            (
                side(Sms, "+15550001111", true),
                side(Whatsapp, "+15550001111", true),
                Some(Clue::Same),
                true,
            ),
            (
                side(Sms, "+15550001111", false),
                side(Whatsapp, "+15550001111", true),
                Some(Clue::Same),
                false,
            ),
            (
                side(Sms, "BANK", true),
                side(Whatsapp, "BANK", true),
                None,
                false,
            ),
            (
                side(Sms, "72975", true),
                side(Whatsapp, "72975", true),
                None,
                false,
            ),
            (
                side(Telegram, "7", true),
                side(Whatsapp, "7", true),
                None,
                false,
            ),
            (
                side(Email, "VIC@bank.example", true),
                side(Email, "vic@bank.example", true),
                Some(Clue::OtherCase),
                false,
            ),
            (
                side(Email, "vic+x@bank.example", true),
                side(Email, "vic@bank.example", true),
                Some(Clue::Plus),
                false,
            ),
            (
                side(Email, "vic@bank.example", true),
                side(Email, "vic@bonk.example", true),
                None,
                false,
            ),
        ] {
            let found = clue(a, b);
            assert_eq!(found, wanted, "{a:?} {b:?}");
            assert_eq!(clue(b, a), wanted, "the other way round");
            assert_eq!(
                found.is_some_and(|clue| certain(clue, a, b)),
                alone,
                "{a:?} {b:?}"
            );
        }
    }

    #[test]
    fn names_count_only_within_a_company_and_never_in_chats() {
        let named = |channel, address, name| Side {
            channel,
            address,
            name: Some(name),
            verified: true,
        };
        let a = named(Channel::Email, "v.moss@bank.example", "Vic Moss");
        let same = named(Channel::Email, "vic@bank.example", "vic moss");
        let public = named(Channel::Email, "vic.moss@gmail.com", "Vic Moss");
        let chat = named(Channel::Whatsapp, "+15550001111", "Vic Moss");
        assert_eq!(clue(a, same), Some(Clue::NameAndCompany));
        assert_eq!(clue(a, public), None);
        assert_eq!(clue(a, chat), None);
        assert!(!certain(Clue::NameAndCompany, a, same));
    }

    #[test]
    fn strengths_and_words() {
        assert_eq!(strength(Clue::Same), Strength::Strong);
        assert_eq!(strength(Clue::OtherCase), Strength::Strong);
        for weak in [Clue::Plus, Clue::Written, Clue::NameAndCompany] {
            assert_eq!(strength(weak), Strength::Weak);
        }
        let sms = side(Channel::Sms, "+15550001111", false);
        let chat = side(Channel::Whatsapp, "+15550001111", true);
        assert_eq!(
            words(Clue::Same, sms, chat),
            "the same number on sms and whatsapp; only claimed on sms"
        );
    }
}
