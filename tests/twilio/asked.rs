//! Requests, judged by the vendor's description.

use crate::support::fakes::twilio::{Twilio, now, rfc2822};
use crate::support::spec::{Request, Spec};
use crate::{CUSTOMER, all, open, outgoing};
use frontdesk::model::{Channel, FilledTemplate, Timestamp};
use frontdesk::providers::Provider;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_as_twilio_describes_it() {
    let fake = Twilio::start();
    let more = "whatsapp = [\"+12125550100\"]\ncalls = \"all\"\npublish_command = [\"sh\", \"-c\", \"echo https://files.example/a.png\"]\n";
    let desk = open(&fake, more);
    for number in 0..300 {
        let at = now() - 3_600_000 + number * 1_000;
        fake.customer_writes_at(CUSTOMER, &format!("Text {number}"), at);
    }
    let picture = fake.customer_writes(CUSTOMER, "Look");
    let file = fake.file(&picture, "image/png", b"PNG");
    fake.call(
        json!({ "sid": "CA00000000000000000000000000000001", "from": CUSTOMER, "to": "+12125550100", "direction": "inbound",
        "status": "completed", "start_time": rfc2822(now()), "duration": "30" }),
    );
    fake.recording(
        json!({ "sid": "RE1", "call_sid": "CA00000000000000000000000000000001", "status": "completed", "source": "RecordVerb",
            "duration": "12", "date_created": rfc2822(now()) }),
        b"ID3",
    );
    let first = all(&desk, None).await;
    desk.pull(first.cursor).await.unwrap();
    desk.backfill(Timestamp(now() - 86_400_000), None)
        .await
        .unwrap();
    desk.inventory().await.unwrap();
    desk.probe().await.unwrap();
    desk.templates().await.unwrap();
    let hello = outgoing(Channel::Sms, "Hello", Vec::new());
    desk.send(&hello).await.unwrap();
    desk.reconcile(&hello).await.unwrap();
    let mut ready = outgoing(Channel::Whatsapp, "Hi Ann", Vec::new());
    ready.template = Some(FilledTemplate {
        id: "HX00000000000000000000000000000001".to_owned(),
        language: "en".to_owned(),
        values: vec![("1".to_owned(), "Ann".to_owned())],
    });
    desk.send(&ready).await.unwrap();
    let bytes = desk.fetch(&format!("message/{picture}/{file}")).await;
    assert_eq!(bytes.unwrap(), b"PNG");
    assert_eq!(desk.fetch("recording/RE1").await.unwrap(), b"ID3");
    let asked = fake.asked();
    assert!(asked.iter().all(|one| one.authorized));
    assert!(asked.len() > 15, "{}", asked.len());
    let described = [
        ("twilio_api_v2010.json", "/2010-04-01/"),
        ("twilio_content_v1.json", "/v1/"),
    ];
    for (file, part) in described {
        let Some(spec) = Spec::load(file, "twilio") else {
            return;
        };
        let wrong: Vec<String> = asked
            .iter()
            .filter(|one| one.path.starts_with(part))
            // Files themselves are not described.
            .filter(|one| one.path.contains(".json") || part == "/v1/")
            .filter_map(|one| {
                let request = Request {
                    method: one.method.clone(),
                    path: one.path.clone(),
                    content_type: one.content_type.clone(),
                    body: one.body.clone(),
                };
                spec.judge(&request).err()
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
