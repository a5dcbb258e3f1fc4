//! Requests, judged by the vendor's description.

use crate::support::fakes::ringcentral::{Ringcentral, iso, now};
use crate::support::spec::{Request, Spec};
use crate::{CUSTOMER, all, file, open, outgoing};
use frontdesk::model::{RemoteId, Timestamp};
use frontdesk::providers::{Provider, RemoteChange};
use serde_json::json;

/// The message of a multipart request: RingCentral reads it from the first part, its description has it as fields.
fn first_part(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    let start = text.find("\r\n\r\n").unwrap() + 4;
    let end = start + text[start..].find("\r\n--").unwrap();
    text.as_bytes()[start..end].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_as_ringcentral_describes_it() {
    let fake = Ringcentral::start();
    let folder = tempfile::tempdir().unwrap();
    let phone = open(&fake, "calls = \"all\"\n");
    for number in 0..300 {
        let at = now() - 3_600_000 + number * 1_000;
        fake.customer_writes_at(CUSTOMER, &format!("Text {number}"), at);
    }
    let heard = fake.voicemail(CUSTOMER, "InProgress");
    fake.transcribed(heard, "Please call me back.");
    fake.call(json!({
        "id": "c1", "direction": "Inbound", "result": "Accepted", "startTime": iso(now()), "duration": 30,
        "type": "Voice", "from": { "phoneNumber": CUSTOMER }, "to": { "phoneNumber": "+12125550100" },
        "recording": { "id": "77", "contentUri": "https://elsewhere.example/77" },
    }));
    fake.file("recording/77", b"ID3 talk");
    let first = all(&phone, None).await;
    phone.pull(first.cursor).await.unwrap();
    phone
        .backfill(Timestamp(now() - 86_400_000), None)
        .await
        .unwrap();
    phone.inventory().await.unwrap();
    phone.probe().await.unwrap();
    let sent = phone.send(&outgoing("Hello", Vec::new())).await.unwrap();
    phone
        .reconcile(&outgoing("Hello", Vec::new()))
        .await
        .unwrap();
    let picture = file(folder.path(), "a.png", "image/png");
    phone
        .send(&outgoing("See this", vec![picture]))
        .await
        .unwrap();
    phone.fetch(&format!("message/{heard}/5")).await.unwrap();
    assert_eq!(phone.fetch("recording/77").await.unwrap(), b"ID3 talk");
    let read = RemoteChange::Flags {
        remote: RemoteId {
            scope: "messages".to_owned(),
            key: sent.provider_id.unwrap(),
        },
        seen: Some(true),
        answered: None,
        flagged: None,
        junk: None,
    };
    phone.push(&read).await.unwrap();
    let asked = fake.asked();
    let kinds: std::collections::BTreeSet<String> = asked
        .iter()
        .map(|one| {
            let path = one.path.split('?').next().unwrap();
            let words = path
                .split('/')
                .filter(|part| part.bytes().all(|b| !b.is_ascii_digit()));
            format!("{} {}", one.method, words.collect::<Vec<_>>().join("/"))
        })
        .collect();
    assert!(kinds.len() >= 13, "{kinds:?}");
    let Some(spec) = Spec::load("ringcentral.json", "ringcentral") else {
        return;
    };
    let wrong: Vec<String> = asked
        .into_iter()
        // The description leaves the login out.
        .filter(|one| !one.path.starts_with("/restapi/oauth/"))
        .filter_map(|one| {
            let multipart = one.content_type.starts_with("multipart/");
            let (path, content_type, body) = if multipart {
                let path = one.path.replace("/mms", "/sms");
                (path, "application/json".to_owned(), first_part(&one.body))
            } else {
                (one.path, one.content_type, one.body)
            };
            let request = Request {
                method: one.method,
                path,
                content_type,
                body,
            };
            spec.judge(&request).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
