//! Whom the accounts know and the roster does not: asked for when somebody is to be paged, and kept for a while.

use crate::config::{name_is_fine, nearest};
use crate::desk::RosterEntry;
use crate::desk::off_roster::OffRoster;
use crate::model::AccountId;
use crate::model::command::Refusal;
use crate::providers::{Colleague, Provider};
use crate::text::sanitize_line;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So long an account may take to list its people.
const PATIENCE: Duration = Duration::from_secs(10);
/// So long a list that was read whole is good.
const GOOD_FOR: Duration = Duration::from_mins(10);

/// So many names are told to somebody who named nobody.
const NAMED: usize = 20;

/// People per account, and accounts whose people cannot be listed, in words.
type Told = (Vec<(AccountId, Vec<Colleague>)>, Vec<String>);

/// The people of the accounts in use.
#[derive(Clone, Default)]
pub struct Colleagues {
    kept: Arc<tokio::sync::Mutex<Option<(Instant, Told)>>>,
    /// As they were shown last: by these names they are paged.
    shown: Arc<Mutex<Vec<OffRoster>>>,
}

impl Colleagues {
    /// Those who are not on the roster, and what to say of accounts whose people cannot be listed.
    pub async fn beside(
        &self,
        roster: &[RosterEntry],
        providers: &BTreeMap<AccountId, Arc<dyn Provider>>,
    ) -> (Vec<OffRoster>, Vec<String>) {
        let mut kept = self.kept.lock().await;
        let fresh = kept.take().filter(|(at, _)| at.elapsed() < GOOD_FOR);
        let (at, told) = match fresh {
            Some(fresh) => fresh,
            None => (Instant::now(), ask(providers).await),
        };
        let people = off_roster(&told.0, roster);
        people.clone_into(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner));
        let problems = told.1.clone();
        // What could not be read is asked for again the next time.
        if problems.is_empty() {
            *kept = Some((at, told));
        }
        (people, problems)
    }

    /// Whoever is paged by this name: on the roster, or known to an account. The accounts are asked only when the roster
    /// does not have it; who was shown under the name is meant by it.
    ///
    /// # Errors
    /// Nobody has the name, which says what names there are, or there is no way to page them.
    pub async fn whom(
        &self,
        name: &str,
        roster: &[RosterEntry],
        providers: &BTreeMap<AccountId, Arc<dyn Provider>>,
    ) -> Result<RosterEntry, Refusal> {
        if let Some(entry) = roster.iter().find(|entry| entry.name == name) {
            return Ok(entry.clone());
        }
        let shown = self.shown_as(name);
        let person = if let Some(person) = shown {
            person
        } else {
            let (people, problems) = self.beside(roster, providers).await;
            let found = people.iter().find(|one| one.entry.name == name);
            let found = found.cloned();
            found.ok_or_else(|| Refusal::Invalid(nobody(name, roster, &people, &problems)))?
        };
        if person.can_be_paged() {
            Ok(person.entry)
        } else {
            let words = person.no_way();
            Err(Refusal::Invalid(words))
        }
    }

    fn shown_as(&self, name: &str) -> Option<OffRoster> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|one| one.entry.name == name).cloned()
    }
}

/// Nobody is called so: who was probably meant, who there is, and of which accounts that is not known.
fn nobody(name: &str, roster: &[RosterEntry], people: &[OffRoster], problems: &[String]) -> String {
    let known = people.iter().filter(|one| one.can_be_paged());
    let known = known.map(|one| &one.entry);
    let names = roster.iter().chain(known).map(|entry| entry.name.as_str());
    let names: Vec<&str> = names.collect();
    let mut words = format!("nobody called `{}` can be paged", sanitize_line(name).text);
    if names.is_empty() {
        words.push_str("; add [[roster]] entries to the configuration");
    } else {
        match nearest(name, names.iter().copied()) {
            Some(meant) => _ = write!(words, "; did you mean `{meant}`? There is "),
            None => words.push_str("; there is "),
        }
        words.push_str(&names[..names.len().min(NAMED)].join(", "));
        if names.len() > NAMED {
            let _ = write!(words, " and {} more", names.len() - NAMED);
        }
    }
    for problem in problems {
        let _ = write!(words, "; {problem}");
    }
    words
}

async fn ask(providers: &BTreeMap<AccountId, Arc<dyn Provider>>) -> Told {
    let asked = providers.iter().map(|(account, provider)| async move {
        let told = tokio::time::timeout(PATIENCE, provider.people()).await;
        (account.clone(), told)
    });
    let mut told = Told::default();
    for (account, answer) in futures::future::join_all(asked).await {
        let says = match answer {
            Ok(Ok(people)) => {
                told.0.push((account, people));
                continue;
            }
            Ok(Err(error)) => sanitize_line(&error.to_string()).text,
            Err(_) => "it takes too long to answer".to_owned(),
        };
        told.1
            .push(format!("{account}: its people cannot be listed: {says}"));
    }
    told
}

/// Those who are not on the roster, each under a name of their own, in the order of the accounts.
pub fn off_roster(told: &[(AccountId, Vec<Colleague>)], roster: &[RosterEntry]) -> Vec<OffRoster> {
    let mut taken: Vec<String> = roster.iter().map(|entry| entry.name.clone()).collect();
    let mut people: Vec<OffRoster> = Vec::new();
    for (account, colleagues) in told {
        for colleague in colleagues {
            let mut entry = entry(colleague);
            let on_it = roster.iter().any(|known| is(known, colleague));
            if on_it || people.iter().any(|one| is_one(&one.entry, &entry)) {
                continue;
            }
            let name = entry.name.clone();
            let mut number = 2;
            while taken.contains(&entry.name) {
                entry.name = format!("{name}-{number}");
                number += 1;
            }
            taken.push(entry.name.clone());
            people.push(OffRoster {
                entry,
                account: sanitize_line(account.as_str()).text,
            });
        }
    }
    people
}

/// As it would stand on the roster, fit to be shown and written.
pub fn entry(colleague: &Colleague) -> RosterEntry {
    let clean = |text: &String| sanitize_line(text).text;
    let title = clean(&colleague.name);
    let words = title.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let name: String = words
        .join("-")
        .chars()
        .filter(|c| name_is_fine(&c.to_string()))
        .take(40)
        .collect();
    let phone = colleague.extension.as_ref().or(colleague.number.as_ref());
    RosterEntry {
        name: if name.is_empty() {
            "somebody".to_owned()
        } else {
            name
        },
        title: Some(title),
        email: colleague.email.as_ref().map(clean),
        phone: phone.map(clean),
        ..RosterEntry::default()
    }
}

/// It is the same person: by mail address, number or extension.
pub fn is(entry: &RosterEntry, colleague: &Colleague) -> bool {
    let mail = entry.email.as_ref().zip(colleague.email.as_ref());
    let phone = entry.phone.as_ref();
    mail.is_some_and(|(own, theirs)| own.eq_ignore_ascii_case(theirs))
        || phone.is_some_and(|phone| {
            [&colleague.number, &colleague.extension]
                .into_iter()
                .flatten()
                .any(|theirs| theirs == phone)
        })
}

/// Two accounts know the same person. Extensions say nothing here: every house has its 101.
fn is_one(one: &RosterEntry, other: &RosterEntry) -> bool {
    let mail = one.email.as_ref().zip(other.email.as_ref());
    mail.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::ProviderError;
    use crate::testing::{Played, Plays};
    use futures::future::BoxFuture;

    fn colleague(name: &str, extension: &str, email: Option<&str>) -> Colleague {
        Colleague {
            name: name.to_owned(),
            extension: Some(extension.to_owned()),
            number: None,
            email: email.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_made_of_anybody_can_be_read_back() {
        for (name, expected) in [
            ("Omar Haddad", "omar-haddad"),
            ("x\"\nadmin = true\n[[roster]]", "xadmin"),
            ("👻", "somebody"),
        ] {
            let raw = colleague(name, "102", Some("o\"@example.com"));
            let entry = entry(&raw);
            assert!(entry.name.starts_with(expected), "{entry:?}");
            assert!(name_is_fine(&entry.name), "{entry:?}");
            assert!(is(&entry, &raw));
        }
    }

    /// A telephone system; asked more often than it has answers it says that it is away.
    struct House(Mutex<Vec<Vec<Colleague>>>);

    impl Plays for House {
        fn people(&self) -> BoxFuture<'_, crate::providers::Result<Vec<Colleague>>> {
            let told = self.0.lock().unwrap().pop();
            let away = || ProviderError::Transient("it is away".to_owned());
            Box::pin(async move { told.ok_or_else(away) })
        }
    }

    fn house(told: Vec<Vec<Colleague>>) -> BTreeMap<AccountId, Arc<dyn Provider>> {
        let house: Arc<dyn Provider> = Arc::new(Played(House(Mutex::new(told))));
        BTreeMap::from([(AccountId::new("phone"), house)])
    }

    fn raj() -> Vec<RosterEntry> {
        vec![RosterEntry {
            name: "raj".to_owned(),
            email: Some("raj@acme.example".to_owned()),
            ..RosterEntry::default()
        }]
    }

    #[tokio::test]
    async fn a_name_is_found_on_the_roster_then_with_the_accounts() {
        let omar = colleague("Omar Haddad", "102", Some("o@acme.example"));
        let people = vec![omar, colleague("Workshop", "103", None)];
        let house = house(vec![people]);
        let all = Colleagues::default();
        let whom = async |name: &str| {
            let found = all.whom(name, &raj(), &house).await;
            found
                .map(|entry| entry.email)
                .map_err(|refusal| refusal.to_string())
        };
        let mail = |address: &str| Ok(Some(address.to_owned()));
        assert_eq!(whom("raj").await, mail("raj@acme.example"));
        assert_eq!(whom("omar-haddad").await, mail("o@acme.example"));
        let no_way = whom("workshop").await.unwrap_err();
        assert!(no_way.contains("no mail address is known"), "{no_way}");
        // Who cannot be paged is not named among those who can.
        let nobody = whom("omar-hadad").await.unwrap_err();
        assert_eq!(
            nobody,
            "nobody called `omar-hadad` can be paged; did you mean `omar-haddad`? There is raj, omar-haddad"
        );
    }

    #[tokio::test]
    async fn the_roster_needs_no_account_and_what_is_not_known_is_said() {
        let all = Colleagues::default();
        let away = house(Vec::new());
        assert!(all.whom("raj", &raj(), &away).await.is_ok());
        let said = all.whom("omar", &raj(), &away).await.unwrap_err();
        let said = said.to_string();
        assert!(said.contains("there is raj; phone: its people"), "{said}");
        let none = all.whom("omar\u{1b}[2J", &[], &BTreeMap::new()).await;
        let none = none.unwrap_err().to_string();
        assert!(none.contains("[[roster]]"), "{none}");
        assert!(!none.contains('\u{1b}'), "{none}");
    }

    #[tokio::test]
    async fn a_name_means_whom_it_was_shown_for() {
        let first = vec![colleague("Omar", "1", Some("one@acme.example"))];
        let later = vec![colleague("Omar", "2", Some("two@acme.example"))];
        let house = house(vec![later, first]);
        let all = Colleagues::default();
        all.beside(&[], &house).await;
        *all.kept.lock().await = None;
        let found = all.whom("omar", &[], &house).await.unwrap();
        assert_eq!(found.email.as_deref(), Some("one@acme.example"));
    }

    #[test]
    fn everybody_once_under_a_name_of_their_own() {
        let roster = vec![
            RosterEntry {
                name: "raj".to_owned(),
                email: Some("Raj@acme.example".to_owned()),
                ..RosterEntry::default()
            },
            RosterEntry {
                name: "omar".to_owned(),
                phone: Some("7".to_owned()),
                ..RosterEntry::default()
            },
        ];
        let told = [
            (
                AccountId::new("phone"),
                vec![
                    colleague("Raj P", "101", Some("raj@acme.example")),
                    colleague("Omar", "102", Some("o@acme.example")),
                    colleague("Omar", "7", None),
                    colleague("Ida\u{202e} L", "103", None),
                ],
            ),
            (
                AccountId::new("second"),
                vec![
                    colleague("Omar H", "102", Some("O@acme.example")),
                    colleague("Eve", "103", Some("eve@acme.example")),
                ],
            ),
        ];
        let people = off_roster(&told, &roster);
        let shown: Vec<_> = people
            .iter()
            .map(|one| (one.entry.name.as_str(), one.words()))
            .collect();
        assert_eq!(
            shown,
            [
                ("omar-2", "of phone · Omar · 102".to_owned()),
                (
                    "ida-l",
                    "of phone · no mail address · Ida L · 103".to_owned()
                ),
                ("eve", "of second · Eve · 103".to_owned()),
            ]
        );
    }
}
