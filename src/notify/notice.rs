//! What happened, and the words for it.

use crate::text::sanitize_line;
use crate::text::width::clip;

/// Columns of a title.
const TITLE: usize = 80;
/// Columns of the text below it.
const BODY: usize = 200;

/// The kinds of events that agents are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsKind {
    /// A message in a conversation assigned to this agent.
    Mine,
    /// A message in a conversation that nobody has.
    Unassigned,
    /// A colleague named this agent in a note.
    Mention,
    /// Somebody pages this agent.
    Page,
    /// A draft waits for this agent's approval.
    Approval,
    /// A reply could not be sent.
    FailedSend,
    /// It is not known whether a reply was sent.
    UnknownSend,
    /// An account no longer works.
    Account,
}

impl NewsKind {
    /// All of them, the most pressing first.
    pub const ALL: [Self; 8] = [
        Self::Page,
        Self::Account,
        Self::UnknownSend,
        Self::FailedSend,
        Self::Mention,
        Self::Approval,
        Self::Mine,
        Self::Unassigned,
    ];

    /// The word for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::Mention => "mention",
            Self::Page => "page",
            Self::Approval => "approval",
            Self::FailedSend => "failed-send",
            Self::UnknownSend => "unknown-send",
            Self::Account => "account",
        }
    }

    /// `n` of them in words; the two kinds of messages count as one.
    pub(super) fn count(self, n: usize) -> String {
        let (one, more) = match self {
            Self::Mine | Self::Unassigned => ("new message", "new messages"),
            Self::Mention => ("mention", "mentions"),
            Self::Page => ("page", "pages"),
            Self::Approval => ("draft to approve", "drafts to approve"),
            Self::FailedSend => ("reply not sent", "replies not sent"),
            Self::UnknownSend => ("reply perhaps sent", "replies perhaps sent"),
            Self::Account => ("account needs attention", "accounts need attention"),
        };
        format!("{n} {}", if n == 1 { one } else { more })
    }

    const fn without_names(self) -> &'static str {
        match self {
            Self::Mine | Self::Unassigned => "New message",
            Self::Mention => "You were mentioned",
            Self::Page => "You are paged",
            Self::Approval => "A draft waits for approval",
            Self::FailedSend => "A reply was not sent",
            Self::UnknownSend => "It is unclear whether a reply was sent",
            Self::Account => "An account needs attention",
        }
    }
}

/// Something an agent may want to know at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NewsKind,
    /// The customer, the colleague, or the account's name. As it came; cleaned here.
    pub who: String,
    /// The first line of the message, the reason of the page or the error. As it came.
    pub text: String,
}

/// What is shown: clean text of bounded length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The most pressing kind in it.
    pub kind: NewsKind,
    /// One line.
    pub title: String,
    /// One line below it; empty for none.
    pub body: String,
}

impl Notice {
    /// The words for this notice; with `title_only` neither names nor text are in it.
    pub(super) fn shown(&self, title_only: bool) -> Shown {
        let kind = self.kind;
        if title_only {
            return Shown {
                kind,
                title: kind.without_names().to_owned(),
                body: String::new(),
            };
        }
        let who = sanitize_line(&self.who).text;
        let title = match kind {
            NewsKind::Mine | NewsKind::Unassigned => format!("Message from {who}"),
            NewsKind::Mention => format!("Mentioned by {who}"),
            NewsKind::Page => format!("Page about {who}"),
            NewsKind::Approval => format!("Draft to approve for {who}"),
            NewsKind::FailedSend => format!("Not sent to {who}"),
            NewsKind::UnknownSend => format!("Unclear whether sent to {who}"),
            NewsKind::Account => format!("Account {who} needs attention"),
        };
        Shown {
            kind,
            title: clip(&title, TITLE).into_owned(),
            body: clip(&sanitize_line(&self.text).text, BODY).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_clean_and_short() {
        let notice = Notice {
            kind: NewsKind::Mine,
            who: "Ana\x1b]0;x\x07\u{202e}".to_owned(),
            text: "a\nb\u{9b}31m".repeat(200),
        };
        let shown = notice.shown(false);
        for text in [&shown.title, &shown.body] {
            assert!(
                !text.chars().any(|c| c.is_control() || c == '\u{202e}'),
                "{text:?}"
            );
        }
        assert!(shown.title.starts_with("Message from Ana"));
        assert!(crate::text::width::width(&shown.body) <= BODY);
        let shown = notice.shown(true);
        assert_eq!(
            (shown.title.as_str(), shown.body.as_str()),
            ("New message", "")
        );
    }

    #[test]
    fn counting_words() {
        assert_eq!(NewsKind::Mine.count(12), "12 new messages");
        assert_eq!(NewsKind::Approval.count(1), "1 draft to approve");
        let mut names: Vec<_> = NewsKind::ALL.iter().map(|k| k.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NewsKind::ALL.len());
    }
}
