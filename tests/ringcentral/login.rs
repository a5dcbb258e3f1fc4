//! Tokens run out, are revoked, and are asked for by many at once.

use crate::support::fakes::ringcentral::{JWT, Ringcentral, SECRET};
use crate::{CUSTOMER, open, outgoing};
use frontdesk::providers::{Provider, ProviderError};
use futures::future::join_all;

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_replaced_and_what_was_asked_is_done_once() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    phone.pull(None).await.unwrap();
    assert_eq!(fake.logins(), ["jwt"]);
    fake.revoke_access();
    phone.send(&outgoing("Hello", Vec::new())).await.unwrap();
    assert_eq!(fake.logins(), ["jwt", "refresh"]);
    assert_eq!(fake.sent().len(), 1);
    // The refresh token is gone as well: the credential makes a new session.
    fake.revoke_access();
    fake.revoke_refresh();
    phone.send(&outgoing("Again", Vec::new())).await.unwrap();
    assert_eq!(fake.logins(), ["jwt", "refresh", "refresh!", "jwt"]);
    assert_eq!(fake.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_log_in_once() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let pulls = join_all((0..12).map(|_| phone.pull(None))).await;
    assert!(pulls.iter().all(Result::is_ok), "{pulls:?}");
    assert_eq!(fake.logins(), ["jwt"]);
    fake.revoke_access();
    let pulls = join_all((0..12).map(|_| phone.pull(None))).await;
    assert!(pulls.iter().all(Result::is_ok), "{pulls:?}");
    assert_eq!(fake.logins(), ["jwt", "refresh"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_take_no_token_from_each_other() {
    let fake = Ringcentral::start();
    let (one, two) = (open(&fake, ""), open(&fake, ""));
    for round in 0..2 {
        let (a, b) = futures::join!(one.pull(None), two.pull(None));
        assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
        let (wrote, answered) = (format!("a{round}"), format!("b{round}"));
        let (first, second) = (
            outgoing(&wrote, Vec::new()),
            outgoing(&answered, Vec::new()),
        );
        let (a, b) = futures::join!(one.send(&first), two.send(&second));
        assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
        fake.revoke_access();
    }
    assert_eq!(fake.sent().len(), 4);
    // Each logs in for itself and refreshes its own.
    let logins = fake.logins();
    assert_eq!(logins.iter().filter(|how| *how == "jwt").count(), 2);
    assert!(logins.iter().all(|how| !how.ends_with('!')), "{logins:?}");
    assert_eq!(logins.len(), 4, "{logins:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_refresh_tokens_shows_its_credential_again() {
    let fake = Ringcentral::start();
    fake.without_refresh();
    let phone = open(&fake, "");
    phone.pull(None).await.unwrap();
    fake.revoke_access();
    fake.customer_writes(CUSTOMER, "Hello");
    let batch = phone.pull(None).await.unwrap();
    assert!(!batch.events.is_empty());
    assert_eq!(fake.logins(), ["jwt", "jwt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_says_what_to_do_and_is_not_hammered() {
    let fake = Ringcentral::start();
    fake.revoke_jwt();
    let phone = open(&fake, "");
    for _ in 0..4 {
        let error = phone.pull(None).await.unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, ProviderError::Auth(_)), "{told}");
        assert!(told.contains("make another"), "{told}");
        assert!(!told.contains(JWT) && !told.contains(SECRET), "{told}");
    }
    assert_eq!(fake.logins(), ["jwt!"]);
    let other = fake.settings("").replace(SECRET, "another");
    let other = frontdesk::providers::ringcentral::RingcentralProvider::new(
        toml::from_str(&other).unwrap(),
        std::sync::Arc::new(frontdesk::model::SystemClock),
    );
    let told = other.pull(None).await.unwrap_err().to_string();
    assert!(told.contains("client id and secret"), "{told}");
    // A send that could not even log in surely did not leave.
    let error = other
        .send(&outgoing("Hello", Vec::new()))
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Auth(_)), "{error:?}");
    assert!(fake.sent().is_empty());
}
