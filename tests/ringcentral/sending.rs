//! What leaves, once.

use crate::support::fakes::ringcentral::{NUMBER, Ringcentral};
use crate::{CUSTOMER, all, file, messages, open, outgoing};
use frontdesk::model::{Channel, Party};
use frontdesk::providers::{Provider, ProviderError, Reconciled};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn files_go_along_and_the_answer_leaves_from_the_number_written_to() {
    let fake = Ringcentral::start();
    let folder = tempfile::tempdir().unwrap();
    let second = format!("numbers = [\"+12125550122\", \"{NUMBER}\"]");
    let settings = fake
        .settings("")
        .replace(&format!("numbers = [\"{NUMBER}\"]"), &second);
    let phone = frontdesk::providers::ringcentral::RingcentralProvider::new(
        toml::from_str(&settings).unwrap(),
        std::sync::Arc::new(frontdesk::model::SystemClock),
    );
    let files = vec![
        file(folder.path(), "a.png", "image/png"),
        file(folder.path(), "b.pdf", "application/pdf"),
    ];
    let mut out = outgoing("Two files", files);
    out.thread = Some(format!("{NUMBER} {CUSTOMER}"));
    phone.send(&out).await.unwrap();
    let sent = fake.sent();
    assert_eq!(sent[0]["from"]["phoneNumber"], NUMBER);
    assert_eq!(sent[0]["attachments"].as_array().unwrap().len(), 2);
    // A number of somebody else's is none of ours.
    out.thread = Some(format!("+19995550000 {CUSTOMER}"));
    out.from = Some(Party::new(NUMBER));
    phone.send(&out).await.unwrap();
    assert_eq!(fake.sent()[1]["from"]["phoneNumber"], NUMBER);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_leave_is_refused_before_anything_is_asked() {
    let fake = Ringcentral::start();
    let folder = tempfile::tempdir().unwrap();
    let phone = open(&fake, "");
    let mut big = file(folder.path(), "big.png", "image/png");
    big.size = 1_500_001;
    let mut voice = outgoing("Hello", Vec::new());
    voice.channel = Channel::Voice;
    let to = |address: &str| {
        let mut out = outgoing("Hello", Vec::new());
        out.recipients.to = vec![Party::new(address)];
        out
    };
    let mut many = outgoing("Hello", Vec::new());
    many.recipients.to = (0..11)
        .map(|n| Party::new(format!("+121255502{n:02}")))
        .collect();
    let table = [
        (outgoing("", Vec::new()), "empty"),
        (outgoing(&"x".repeat(1_001), Vec::new()), "1000"),
        (outgoing(&"😀".repeat(501), Vec::new()), "1000"),
        (outgoing("Hello", vec![big]), "1.5 MB"),
        (voice, "SMS"),
        (to("hidden-c7"), "phone number"),
        (to("ext:101"), "phone number"),
        (many, "ten recipients"),
    ];
    for (out, says) in table {
        let error = phone.send(&out).await.unwrap_err();
        assert!(
            matches!(
                error,
                ProviderError::Rejected {
                    permanent: true,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.to_string().contains(says), "{error}");
    }
    assert!(fake.asked().is_empty());
    phone.send(&to("72975")).await.unwrap();
    phone
        .send(&outgoing(&"😀".repeat(500), Vec::new()))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_send_is_found_by_what_it_said() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let out = outgoing("On my way", Vec::new());
    fake.does_but_answers("/sms", 502, &json!({}));
    let error = phone.send(&out).await.unwrap_err();
    assert!(matches!(error, ProviderError::Ambiguous(_)), "{error:?}");
    let Reconciled::Found(receipt) = phone.reconcile(&out).await.unwrap() else {
        panic!("it was sent");
    };
    assert_eq!(
        fake.sent()[0]["id"].to_string(),
        receipt.provider_id.clone().unwrap()
    );
    // The same words to the same number by another row are another message.
    let mut again = outgoing("On my way", Vec::new());
    again.reference = "fd-other".to_owned();
    let unlisted = |found: Reconciled| matches!(found, Reconciled::Unlisted { .. });
    assert!(unlisted(phone.reconcile(&again).await.unwrap()));
    // Queued after it was sent: surely not that one, for whoever asks.
    again.queued_at = again.queued_at + 60_000;
    assert_eq!(
        open(&fake, "").reconcile(&again).await.unwrap(),
        Reconciled::CannotTell
    );
    for (status, body) in [(200, json!({})), (200, json!([1])), (500, json!(null))] {
        fake.does_but_answers("/sms", status, &body);
        let error = phone
            .send(&outgoing("Maybe", Vec::new()))
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Ambiguous(_)), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_message_is_known_even_before_its_receipt_is_stored() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let cursor = all(&phone, None).await.cursor;
    let out = outgoing("Hello", Vec::new());
    let (sent, read) = futures::join!(phone.send(&out), phone.pull(cursor.clone()));
    sent.unwrap();
    let mut found = messages(&read.unwrap()).len();
    let batch = phone.pull(cursor).await.unwrap();
    found += messages(&batch).len();
    assert!(found >= 1);
    for one in messages(&batch) {
        assert_eq!(one.own_reference.as_deref(), Some("fd-Hello"));
    }
    // Another process knows the id of the receipt.
    let other = all(&open(&fake, ""), None).await;
    let id = fake.sent()[0]["id"].to_string();
    assert_eq!(messages(&other)[0].own_reference, Some(id));
}
