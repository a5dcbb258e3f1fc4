//! What RingCentral refuses, in words that say what to do.

use crate::support::fakes::ringcentral::{JWT, Ringcentral, SECRET, error};
use crate::{open, outgoing};
use frontdesk::providers::{Provider, ProviderError};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_they_are() {
    let lacks = error(
        "CMN-401",
        "In order to call this API endpoint, application needs [SMS] permission",
    );
    let table = [
        ("message-sync", 503, json!({}), "Transient", "503"),
        ("message-sync", 403, lacks.clone(), "Rejected", "permission"),
        ("message-sync", 302, json!({}), "Rejected", "base_url"),
        ("message-sync", 200, json!("no"), "Transient", "list"),
        ("message-sync", 429, json!({}), "RateLimited", "60"),
        ("/sms", 502, json!({}), "Ambiguous", "502"),
        ("/sms", 408, json!({}), "Ambiguous", "408"),
        ("/sms", 403, lacks, "Rejected", "[SMS]"),
        (
            "/sms",
            400,
            error("MSG-304", "Phone number doesn't belong to extension"),
            "Rejected",
            "MSG-304",
        ),
        (
            "/sms",
            400,
            error("MSG-305", "Too many"),
            "RateLimited",
            "60",
        ),
        ("/oauth/token", 503, json!({}), "Transient", "503"),
        (
            "/oauth/token",
            400,
            json!({ "error": "unauthorized_client" }),
            "Auth",
            "JWT auth flow",
        ),
        ("/oauth/token", 200, json!({}), "Bug", "without a token"),
    ];
    for (part, status, body, variant, says) in table {
        let fake = Ringcentral::start();
        let phone = open(&fake, "calls = \"none\"\n");
        fake.refuses(part, status, &body);
        let told = if part == "/sms" {
            phone
                .send(&outgoing("Hello", Vec::new()))
                .await
                .unwrap_err()
        } else {
            phone.pull(None).await.unwrap_err()
        };
        let told = format!("{told:?}");
        assert!(
            told.starts_with(variant) && told.contains(says),
            "{part} {status}: {told}"
        );
        assert!(
            !told.contains(JWT) && !told.contains(SECRET) && !told.contains("access-"),
            "{told}"
        );
        assert!(fake.sent().is_empty(), "{part} {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hint_to_wait_is_obeyed() {
    let table = [
        ("7", 7),
        ("0", 1),
        ("1.5", 1),
        ("999999999", 3_600),
        ("-5", 60),
        ("soon", 60),
    ];
    for (hint, wanted) in table {
        let fake = Ringcentral::start();
        let phone = open(&fake, "");
        let headers = [("retry-after", hint), ("x-rate-limit-group", "medium")];
        fake.refuses_with(
            "/sms",
            429,
            &headers,
            &error("CMN-301", "Request rate exceeded"),
        );
        let error = phone
            .send(&outgoing("Hello", Vec::new()))
            .await
            .unwrap_err();
        let ProviderError::RateLimited { retry_after } = error else {
            panic!("{hint}: {error:?}");
        };
        assert_eq!(retry_after.unwrap().as_secs(), wanted, "{hint}");
        if wanted > 10 {
            // Nothing goes out during the penalty, since it would begin it anew.
            let before = fake.asked().len();
            let error = phone
                .send(&outgoing("Hello", Vec::new()))
                .await
                .unwrap_err();
            assert!(
                matches!(error, ProviderError::RateLimited { .. }),
                "{error:?}"
            );
            assert_eq!(fake.asked().len(), before);
            // Reading is another group.
            phone.pull(None).await.unwrap();
        }
    }
}
