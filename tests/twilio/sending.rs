//! Sending: refusals in words, unclear ends looked up, templates, files, opt-outs.

use crate::support::fakes::twilio::{Twilio, error};
use crate::{CUSTOMER, open, outgoing};
use frontdesk::model::outgoing::OutgoingAttachment;
use frontdesk::model::{Channel, Event, FilledTemplate};
use frontdesk::providers::{Provider, ProviderError, Reconciled};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do() {
    let fake = Twilio::start();
    let desk = open(&fake, "whatsapp = [\"+12125550100\"]\n");
    let hello = outgoing(Channel::Whatsapp, "Hello", Vec::new());
    let table = [
        (
            400,
            63016,
            "refused: the 24 hours for free replies are over; send a template",
        ),
        (400, 21211, "refused: this number cannot get messages"),
        (401, 20003, "login refused: Twilio refuses the login"),
        (429, 20429, "the provider asks to slow down"),
        (503, 0, "outcome not known"),
    ];
    for (status, code, wanted) in table {
        fake.refuses(
            "Messages.json",
            status,
            &error(status, code, "words of theirs"),
        );
        let refused = desk.send(&hello).await.unwrap_err().to_string();
        assert!(refused.starts_with(wanted), "{refused}");
        assert!(!refused.contains("token-of-the-suite"));
    }
    assert!(fake.sent().is_empty());
    let none = desk.reconcile(&hello).await.unwrap();
    assert!(matches!(none, Reconciled::Unlisted { .. }), "{none:?}");
    // What another program sent to the same customer could be it.
    let elsewhere = open(&fake, "whatsapp = [\"+12125550100\"]\n");
    let other = outgoing(Channel::Whatsapp, "Something else", Vec::new());
    elsewhere.send(&other).await.unwrap();
    let doubt = desk.reconcile(&hello).await.unwrap();
    assert_eq!(doubt, Reconciled::CannotTell);
    fake.does_but_answers("Messages.json", 502, &json!({}));
    let unclear = desk.send(&hello).await;
    assert!(
        matches!(unclear, Err(ProviderError::Ambiguous(_))),
        "{unclear:?}"
    );
    let found = desk.reconcile(&hello).await.unwrap();
    assert!(matches!(found, Reconciled::Found(_)), "{found:?}");
    assert_eq!(fake.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_stop_at_twilio_is_told_to_the_mirror() {
    let fake = Twilio::start();
    let desk = open(&fake, "");
    fake.stops(CUSTOMER);
    let refused = desk
        .send(&outgoing(Channel::Sms, "Hello", Vec::new()))
        .await;
    let Err(ProviderError::Rejected {
        reason,
        permanent: true,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("STOP"), "{reason}");
    let batch = desk.pull(None).await.unwrap();
    let told = batch.events.iter().any(|event| {
        matches!(event, Event::Consent { address, opted_out: true, channel: Channel::Sms, .. } if address == CUSTOMER)
    });
    assert!(told, "{:?}", batch.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_listed_and_filled() {
    let fake = Twilio::start();
    let desk = open(&fake, "whatsapp = [\"+12125550100\"]\n");
    fake.content(json!({
        "sid": "HX1", "friendly_name": "ready", "language": "en", "variables": { "1": "Ann" },
        "types": { "twilio/text": { "body": "Hi {{1}}" } },
        "approval_requests": { "status": "approved", "category": "UTILITY" },
    }));
    let all = desk.templates().await.unwrap();
    assert_eq!(all.len(), 1);
    let values = vec![("1".to_owned(), "Zoë".to_owned())];
    let mut out = outgoing(Channel::Whatsapp, &all[0].fill(&values), Vec::new());
    assert_eq!(out.body, "Hi Zoë");
    out.template = Some(FilledTemplate {
        id: all[0].id.clone(),
        language: all[0].language.clone(),
        values,
    });
    desk.send(&out).await.unwrap();
    let sent = fake.sent();
    assert_eq!(sent[0]["body"], "HX1 {\"1\":\"Zoë\"}");
    assert_eq!(sent[0]["to"], format!("whatsapp:{CUSTOMER}"));
    assert_eq!(sent[0]["from"], "whatsapp:+12125550100");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_leave_by_the_address_that_they_got() {
    let fake = Twilio::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, b"PNG").unwrap();
    let file = OutgoingAttachment {
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        size: 3,
        sha256: String::new(),
        path,
    };
    let out = outgoing(Channel::Sms, "See", vec![file]);
    let table = [
        ("", Some("publish_command")),
        ("publish_command = [\"false\"]\n", Some("nothing was sent")),
        (
            "publish_command = [\"echo\", \"not an address\"]\n",
            Some("one web address"),
        ),
        (
            "publish_command = [\"sh\", \"-c\", \"echo https://files.example/a.png\"]\n",
            None,
        ),
    ];
    for (more, wanted) in table {
        let done = open(&fake, more).send(&out).await;
        match wanted {
            Some(words) => assert!(done.unwrap_err().to_string().contains(words), "{more}"),
            None => drop(done.unwrap()),
        }
    }
    assert_eq!(fake.sent().len(), 1);
    let asked = fake.asked();
    let form = String::from_utf8_lossy(&asked.last().unwrap().body).into_owned();
    assert!(
        form.contains("MediaUrl=https%3A%2F%2Ffiles.example%2Fa.png"),
        "{form}"
    );
}
