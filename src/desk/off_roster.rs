//! People whom an account's telephone system knows and the roster does not: they can be paged, too.

use super::roster::RosterEntry;

/// One of them. All of it is cleaned and fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffRoster {
    /// As it would stand on the roster; its name is nobody else's, there or here.
    pub entry: RosterEntry,
    /// The account that knows this person.
    pub account: String,
}

impl OffRoster {
    /// There is a way to page this person: a mail address. A number alone is none, because no provider rings for us.
    pub fn can_be_paged(&self) -> bool {
        self.entry.email.is_some()
    }

    /// Why they cannot be paged, and what would help.
    pub fn no_way(&self) -> String {
        let name = &self.entry.name;
        format!("no mail address is known of {name}; a [[roster]] entry can give one")
    }

    /// Who knows them, the name to show, the extension or number: `of phone · Omar Haddad · 102`.
    pub fn words(&self) -> String {
        let title = self.entry.title.clone().unwrap_or_default();
        let phone = self.entry.phone.clone().unwrap_or_default();
        let known = format!("of {}", self.account);
        let unreachable = if self.can_be_paged() {
            ""
        } else {
            "no mail address"
        };
        let words = [known.as_str(), unreachable, &title, &phone];
        let words: Vec<&str> = words
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect();
        words.join(" · ")
    }
}
