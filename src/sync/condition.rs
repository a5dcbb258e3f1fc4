//! What the health pane says of an account, and the remedy for each kind of error.

use crate::model::time::SECOND;
use crate::model::{AccountHealth, AccountId, AccountState, Budget, Channel, PastError, Timestamp};
use crate::providers::{ProviderError, Spent};
use crate::text::sanitize::sanitize_line;

/// The longest error text kept, in characters.
const LONGEST: usize = 500;

/// The health of an account that has not been tried.
pub fn starting(account: &AccountId, provider: &str, channels: Vec<Channel>) -> AccountHealth {
    AccountHealth {
        account: account.clone(),
        provider: provider.to_owned(),
        channels,
        state: AccountState::Starting,
        last_proof: None,
        last_event: None,
        retry_at: None,
        error: None,
        remedy: None,
        behind: 0,
        gaps: Vec::new(),
        lag_ms: None,
        past: None,
        budgets: Vec::new(),
    }
}

/// Notes an error: state by its variant, words cleaned and capped, the remedy beside them.
pub fn failed(
    health: &mut AccountHealth,
    error: &ProviderError,
    now: Timestamp,
    retry_at: Timestamp,
) {
    health.state = match error {
        ProviderError::Auth(_) => AccountState::Broken,
        ProviderError::Locked(_) => AccountState::Locked,
        _ => AccountState::Retrying,
    };
    health.retry_at = Some(retry_at);
    let words = sanitize_line(&error.to_string()).text;
    let words: String = words.chars().take(LONGEST).collect();
    health.past = Some(PastError {
        at: now,
        error: words.clone(),
    });
    health.error = Some(words);
    health.remedy = Some(remedy(error, &health.account));
}

/// Notes that everything up to `at` is in the mirror, or that a backlog of `behind` is still coming.
pub fn worked(health: &mut AccountHealth, at: Timestamp, behind: u64, more: bool) {
    health.state = if more {
        AccountState::Catching
    } else {
        AccountState::Ok
    };
    health.behind = if more { behind } else { 0 };
    health.retry_at = None;
    health.error = None;
    health.remedy = None;
    if !more {
        health.last_proof = Some(at);
    }
}

/// Notes how far what came just now was behind.
pub fn came(health: &mut AccountHealth, received_at: Timestamp, now: Timestamp) {
    health.last_event = Some(now);
    health.lag_ms = Some(now.since(received_at).max(0));
}

/// Notes what is used of the provider's allowance. Small steps change nothing, so that calls alone write nothing.
pub fn spent(health: &mut AccountHealth, spent: &[Spent], now: Timestamp) {
    let told: Vec<Budget> = spent.iter().map(|one| budget(one, now)).collect();
    let same = told.len() == health.budgets.len()
        && told
            .iter()
            .zip(&health.budgets)
            .all(|(new, old)| same_step(new, old, now));
    if !same {
        health.budgets = told;
    }
}

fn budget(spent: &Spent, now: Timestamp) -> Budget {
    let after = |wait: std::time::Duration| {
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 4);
        Timestamp(now.0.saturating_add(wait))
    };
    Budget {
        group: sanitize_line(&spent.group).text,
        used: spent.used,
        limit: spent.limit,
        resets_at: spent.resets_in.map(after),
        paused_until: spent.paused_for.map(after),
    }
}

/// Nothing that somebody would see differs: the same tenth is used, and a pause ends about then.
fn same_step(new: &Budget, old: &Budget, now: Timestamp) -> bool {
    let tenth = |one: &Budget| match one.limit {
        0 => one.used,
        limit => (one.used_at(now) * 10).div_ceil(limit),
    };
    let pauses = match (new.paused_at(now), old.paused_at(now)) {
        (None, None) => true,
        (Some(new), Some(old)) => new.since(old).abs() < 2 * SECOND,
        _ => false,
    };
    new.group == old.group && new.limit == old.limit && tenth(new) == tenth(old) && pauses
}

/// Whether it must be told at once; times and counts alone may wait a few seconds.
pub fn differs(new: &AccountHealth, old: &AccountHealth) -> bool {
    let kept = |one: &AccountHealth| AccountHealth {
        last_proof: None,
        last_event: None,
        lag_ms: None,
        budgets: Vec::new(),
        // How much is still to come changes with each piece of a first read.
        behind: one.behind.min(1),
        ..one.clone()
    };
    let pauses = |one: &AccountHealth| -> Vec<bool> {
        one.budgets
            .iter()
            .map(|budget| budget.paused_until.is_some())
            .collect()
    };
    kept(new) != kept(old) || pauses(new) != pauses(old)
}

fn remedy(error: &ProviderError, account: &AccountId) -> String {
    match error {
        ProviderError::Auth(_) => {
            format!("check the password or token, then run `frontdesk account test {account}`")
        }
        ProviderError::Locked(_) => {
            "open it: `:unlock` on the screen, or `frontdesk vault unlock`".to_owned()
        }
        ProviderError::RateLimited { .. } => "nothing to do; it goes on by itself".to_owned(),
        ProviderError::Transient(_) | ProviderError::Ambiguous(_) => {
            "check the network; it tries again by itself".to_owned()
        }
        ProviderError::Rejected { .. } => {
            format!("run `frontdesk account test {account}` to see which step is refused")
        }
        ProviderError::Unsupported(_) => "choose another way in the configuration".to_owned(),
        ProviderError::Bug(_) => {
            "it tries again by itself; if it stays, report it with the log file".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health() -> AccountHealth {
        starting(&AccountId::new("support"), "email", vec![Channel::Email])
    }

    #[test]
    fn only_a_refused_login_needs_a_person() {
        for (error, state) in [
            (ProviderError::Auth("no".into()), AccountState::Broken),
            (
                ProviderError::Transient("no".into()),
                AccountState::Retrying,
            ),
            (ProviderError::Bug("no".into()), AccountState::Retrying),
            (
                ProviderError::RateLimited { retry_after: None },
                AccountState::Retrying,
            ),
        ] {
            let mut health = health();
            failed(&mut health, &error, Timestamp(3), Timestamp(5));
            assert_eq!(health.state, state, "{error}");
            assert!(health.remedy.is_some());
        }
    }

    #[test]
    fn a_servers_words_cannot_act_on_the_terminal() {
        let mut health = health();
        let error = ProviderError::Transient(format!("\u{1b}]0;x\u{7}{}", "y".repeat(9_000)));
        failed(&mut health, &error, Timestamp(3), Timestamp(5));
        let words = health.error.unwrap_or_default();
        assert!(!words.chars().any(char::is_control));
        assert!(words.chars().count() <= LONGEST);
    }

    #[test]
    fn success_clears_the_error_and_proves() {
        let mut health = health();
        failed(
            &mut health,
            &ProviderError::Auth("no".into()),
            Timestamp(3),
            Timestamp(5),
        );
        worked(&mut health, Timestamp(9), 70, true);
        assert_eq!((health.state, health.behind), (AccountState::Catching, 70));
        assert_eq!(health.last_proof, None);
        worked(&mut health, Timestamp(10), 0, false);
        assert_eq!(health.state, AccountState::Ok);
        assert_eq!(health.last_proof, Some(Timestamp(10)));
        assert_eq!(health.error, None);
        assert_eq!(health.past.map(|past| past.at), Some(Timestamp(3)));
    }

    #[test]
    fn a_locked_vault_is_no_wrong_password() {
        let mut health = health();
        let error = ProviderError::Locked("the vault is locked".into());
        failed(&mut health, &error, Timestamp(3), Timestamp(5));
        assert_eq!(health.state, AccountState::Locked);
        let remedy = health.remedy.unwrap_or_default();
        assert!(
            remedy.contains("unlock") && !remedy.contains("password"),
            "{remedy}"
        );
    }

    #[test]
    fn only_steps_of_a_budget_are_news() {
        let told = |used, paused| Spent {
            group: "light".to_owned(),
            used,
            limit: 50,
            resets_in: Some(std::time::Duration::from_secs(40)),
            paused_for: paused,
        };
        let mut health = health();
        spent(&mut health, &[told(1, None)], Timestamp(0));
        let before = health.clone();
        spent(&mut health, &[told(4, None)], Timestamp(900));
        assert_eq!(health, before);
        spent(&mut health, &[told(9, None)], Timestamp(1_000));
        assert_eq!(health.budgets[0].used, 9);
        assert!(!differs(&health, &before), "it can wait a little");
        let pause = Some(std::time::Duration::from_mins(1));
        spent(&mut health, &[told(50, pause)], Timestamp(2_000));
        assert!(differs(&health, &before), "a pause is told at once");
        let paused = health.clone();
        spent(&mut health, &[told(50, pause)], Timestamp(2_500));
        assert_eq!(health, paused);
    }
}
