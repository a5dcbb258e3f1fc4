//! What the health pane says of an account, and the remedy for each kind of error.

use crate::model::{AccountHealth, AccountId, AccountState, Channel, Timestamp};
use crate::providers::ProviderError;
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
        budget: None,
    }
}

/// Notes an error: state by its variant, words cleaned and capped, the remedy beside them.
pub fn failed(health: &mut AccountHealth, error: &ProviderError, retry_at: Timestamp) {
    health.state = match error {
        ProviderError::Auth(_) => AccountState::Broken,
        _ => AccountState::Retrying,
    };
    health.retry_at = Some(retry_at);
    let words = sanitize_line(&error.to_string()).text;
    health.error = Some(words.chars().take(LONGEST).collect());
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

fn remedy(error: &ProviderError, account: &AccountId) -> String {
    match error {
        ProviderError::Auth(_) => {
            format!("check the password or token, then run `frontdesk account test {account}`")
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
            failed(&mut health, &error, Timestamp(5));
            assert_eq!(health.state, state, "{error}");
            assert!(health.remedy.is_some());
        }
    }

    #[test]
    fn a_servers_words_cannot_act_on_the_terminal() {
        let mut health = health();
        let error = ProviderError::Transient(format!("\u{1b}]0;x\u{7}{}", "y".repeat(9_000)));
        failed(&mut health, &error, Timestamp(5));
        let words = health.error.unwrap_or_default();
        assert!(!words.chars().any(char::is_control));
        assert!(words.chars().count() <= LONGEST);
    }

    #[test]
    fn success_clears_the_error_and_proves() {
        let mut health = health();
        failed(&mut health, &ProviderError::Auth("no".into()), Timestamp(5));
        worked(&mut health, Timestamp(9), 70, true);
        assert_eq!((health.state, health.behind), (AccountState::Catching, 70));
        assert_eq!(health.last_proof, None);
        worked(&mut health, Timestamp(10), 0, false);
        assert_eq!(health.state, AccountState::Ok);
        assert_eq!(health.last_proof, Some(Timestamp(10)));
        assert_eq!(health.error, None);
    }
}
