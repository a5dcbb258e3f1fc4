//! What verbs are given: numbers, views, labels, names.

use super::context::Context;
use super::failure::{Done, Failure};
use crate::config::nearest;
use crate::model::query::{Sort, View};
use crate::model::{AccountId, Channel, ConversationId, Priority, RejectReason};

/// A number as shown, with or without its `#`.
pub fn number(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    match digits.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{text}` is not a number such as 1042 or #1042")),
    }
}

/// A word that may begin with a dash; what begins with two is an option that is none.
pub fn dashed_word(text: &str) -> Result<String, String> {
    if text.starts_with("--") {
        return Err(format!("there is no option `{text}` here"));
    }
    Ok(text.to_owned())
}

/// `PLACE=VALUE`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((place, value)) if !place.trim().is_empty() => {
            Ok((place.trim().to_owned(), value.to_owned()))
        }
        _ => Err(format!("`{text}` is not of the form PLACE=VALUE")),
    }
}

/// A conversation's number.
pub fn conversation(text: &str) -> Result<ConversationId, String> {
    number(text).map(ConversationId)
}

const VIEWS: [(&str, View); 8] = [
    ("inbox", View::Inbox),
    ("mine", View::Mine),
    ("unassigned", View::Unassigned),
    ("waiting", View::Waiting),
    ("snoozed", View::Snoozed),
    ("resolved", View::Resolved),
    ("spam", View::Spam),
    ("all", View::All),
];

/// A view: `inbox`, …, `channel:sms`, `account:support`, `label:vip`, `view:NAME`.
pub fn view(text: &str) -> Result<View, String> {
    if let Some((_, view)) = VIEWS.iter().find(|(name, _)| *name == text) {
        return Ok(view.clone());
    }
    match text.split_once(':') {
        Some(("channel", name)) => name.parse().map(View::Channel).map_err(|_| {
            let known = Channel::ALL.map(Channel::name);
            unknown("channel", name, &known)
        }),
        Some(("account", name)) => Ok(View::Account(AccountId::new(name))),
        Some(("label", name)) => Ok(View::Label(name.to_owned())),
        Some(("view", name)) => Ok(View::Saved(name.to_owned())),
        _ => {
            let mut known: Vec<&str> = VIEWS.iter().map(|(name, _)| *name).collect();
            known.extend(["channel:NAME", "account:NAME", "label:NAME", "view:NAME"]);
            Err(unknown("view", text, &known))
        }
    }
}

/// An order of lists.
pub fn sort(text: &str) -> Result<Sort, String> {
    by_name(
        "order",
        text,
        [
            ("closing", Sort::ClosingSoonest),
            ("newest", Sort::Newest),
            ("oldest", Sort::Oldest),
            ("priority", Sort::Priority),
        ],
    )
}

/// A priority.
pub fn priority(text: &str) -> Result<Priority, String> {
    by_name("priority", text, Priority::ALL.map(|p| (p.name(), p)))
}

/// A reason to turn a draft down.
pub fn reject_reason(text: &str) -> Result<RejectReason, String> {
    by_name("reason", text, RejectReason::ALL.map(|r| (r.name(), r)))
}

fn by_name<T, const N: usize>(what: &str, text: &str, known: [(&str, T); N]) -> Result<T, String> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let message = unknown(what, text, &names);
    known
        .into_iter()
        .find(|(name, _)| *name == text)
        .map(|(_, value)| value)
        .ok_or(message)
}

fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(text, known.iter().copied()) {
        Some(meant) => format!("there is no {what} `{text}`; did you mean `{meant}`? ({all})"),
        None => format!("there is no {what} `{text}`; there is {all}"),
    }
}

/// Somebody a conversation can be given to; `me` is me. Where no colleagues are configured, any name will do.
pub fn person(context: &Context, name: &str) -> Done<String> {
    let config = &context.config;
    if name == "me" {
        return Ok(config.me.clone());
    }
    let people = config.people();
    if people.len() == 1 || people.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(Failure::refused(unknown("colleague", name, &people)))
}

/// Labels to add and to remove, from `+vip`, `vip` and `-late`.
pub fn labels(words: &[String]) -> Result<(Vec<String>, Vec<String>), String> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for word in words {
        let (list, name) = match word.strip_prefix('-') {
            Some(name) => (&mut remove, name),
            None => (&mut add, word.strip_prefix('+').unwrap_or(word)),
        };
        if name.is_empty() || name.starts_with('-') || name.chars().any(char::is_whitespace) {
            return Err(format!("`{word}` is not a label; write +NAME or -NAME"));
        }
        list.push(name.to_owned());
    }
    Ok((add, remove))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_and_without_their_mark() {
        assert_eq!(number("1042"), Ok(1042));
        assert_eq!(number("#7"), Ok(7));
        for wrong in ["", "#", "0", "-3", "1.5", "x", "##1"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn views_and_their_slips() {
        assert_eq!(view("mine"), Ok(View::Mine));
        assert_eq!(view("channel:sms"), Ok(View::Channel(Channel::Sms)));
        assert_eq!(view("label:vip"), Ok(View::Label("vip".to_owned())));
        assert!(view("inbx").unwrap_err().contains("did you mean `inbox`"));
        assert!(view("channel:pigeon").unwrap_err().contains("whatsapp"));
    }

    #[test]
    fn label_words() {
        let words = ["+vip", "late", "-new"].map(str::to_owned);
        let (add, remove) = labels(&words).unwrap();
        assert_eq!(
            (add, remove),
            (vec!["vip".into(), "late".into()], vec!["new".into()])
        );
        for wrong in ["", "+", "-", "--x", "a b"] {
            assert!(labels(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
