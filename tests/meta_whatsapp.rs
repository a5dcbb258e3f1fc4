//! What a WhatsApp account asks is as Meta's own description has it.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use frontdesk::model::outgoing::{OutgoingAttachment, OutgoingKind, Recipients};
use frontdesk::model::template_new::TemplateButton;
use frontdesk::model::{
    AccountId, Channel, Clock, FilledTemplate, NewTemplate, OutboxId, Outgoing, Party, RemoteId,
    SystemClock,
};
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::{Provider, RemoteChange, TypingAt};
use serde_json::{Value, json};
use std::sync::Arc;
use support::fakes::meta_whatsapp::{Asked, MetaWhatsapp};
use support::spec::{Request, Spec};

fn outgoing(body: &str, to: &str) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("wa"),
        channel: Channel::Whatsapp,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(to)],
            ..Recipients::default()
        },
        subject: String::new(),
        body: body.to_owned(),
        attachments: Vec::new(),
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: "fd-1".to_owned(),
        queued_at: SystemClock.now(),
        author: "nina".to_owned(),
        template: None,
        proposal: None,
    }
}

fn proposed() -> NewTemplate {
    NewTemplate {
        name: "order_ready".to_owned(),
        language: "en_US".to_owned(),
        category: "UTILITY".to_owned(),
        body: "Hi {{1}}, your order is ready.".to_owned(),
        examples: vec![("1".to_owned(), "Ana".to_owned())],
        footer: Some("Example Support".to_owned()),
        buttons: vec![TemplateButton {
            text: "Map".to_owned(),
            url: Some("https://example.com/map".to_owned()),
        }],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_as_meta_describes_it() {
    let fake = MetaWhatsapp::start();
    let settings = toml::from_str(&fake.settings()).unwrap();
    let number = WhatsappProvider::new(settings, Arc::new(SystemClock));
    let folder = tempfile::tempdir().unwrap();
    fake.customer_writes("15551234567", "Hello");
    assert!(number.probe().await.unwrap().ok());
    number.templates().await.unwrap();
    number.send(&outgoing("Hi", "+15551234567")).await.unwrap();
    let mut template = outgoing("Hi Ana", "+15551234567");
    template.template = Some(FilledTemplate {
        id: "hello".to_owned(),
        language: "en_US".to_owned(),
        values: vec![("1".to_owned(), "Ana".to_owned())],
    });
    number.send(&template).await.unwrap();
    let created = number.create_template(&proposed()).await.unwrap();
    assert_eq!(created.status.name(), "pending");
    let mut wrong = proposed();
    wrong.examples.clear();
    let before = fake.asked().len();
    assert!(number.create_template(&wrong).await.is_err());
    assert_eq!(fake.asked().len(), before, "nothing was asked");
    let with = |body: &str, name: &str, mime: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, b"bytes").unwrap();
        let mut out = outgoing(body, "+15551234567");
        out.attachments.push(OutgoingAttachment {
            name: name.to_owned(),
            mime: mime.to_owned(),
            size: 5,
            sha256: String::new(),
            path,
        });
        out
    };
    // A text with a file is one message: the file and its caption.
    let longest = "x".repeat(1_024);
    for (name, mime, kind, body) in [
        ("a.png", "image/png", "image", "See *it*"),
        ("b.pdf", "application/pdf", "document", longest.as_str()),
        ("c.ogg", "audio/ogg", "audio", ""),
    ] {
        let before = fake.sent().len();
        number.send(&with(body, name, mime)).await.unwrap();
        let sent = fake.sent();
        assert_eq!(sent.len(), before + 1, "{name}");
        let object = &sent[before][kind];
        assert_eq!(object["caption"].as_str().unwrap_or_default(), body);
        assert!(sent[before].get("text").is_none(), "{name}");
    }
    // What cannot be one message is none.
    let mut two = with("", "a.png", "image/png");
    two.attachments.extend(two.attachments.clone());
    let too_long = "x".repeat(1_025);
    let before = fake.asked().len();
    for out in [
        with("Listen", "c.ogg", "audio/ogg"),
        with(&too_long, "b.pdf", "application/pdf"),
        two,
    ] {
        assert!(number.send(&out).await.is_err());
    }
    assert_eq!(fake.asked().len(), before, "nothing was asked");
    let read = RemoteChange::Flags {
        remote: RemoteId {
            scope: String::new(),
            key: "wamid.IN1".to_owned(),
        },
        seen: Some(true),
        answered: None,
        flagged: None,
        junk: None,
    };
    number.push(&read).await.unwrap();
    let typing = TypingAt {
        thread: None,
        to: "+15551234567".to_owned(),
        newest: Some(RemoteId {
            scope: String::new(),
            key: "wamid.IN1".to_owned(),
        }),
    };
    number.typing(&typing).await.unwrap();
    let told = fake.asked().pop().unwrap();
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(told["typing_indicator"], json!({ "type": "text" }));
    assert_eq!(told["message_id"], "wamid.IN1");
    assert_eq!(fake.sent().len(), 5);
    let Some(spec) = Spec::load("whatsapp_cloud_v23.json", "meta_whatsapp") else {
        return;
    };
    let asked = fake.asked();
    assert!(asked.len() >= 12, "{}", asked.len());
    let wrong: Vec<String> = asked
        .into_iter()
        .flat_map(|asked| judge(&spec, asked))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a request by the description, without what the description has wrong itself.
fn judge(spec: &Spec, asked: Asked) -> Vec<String> {
    let path = asked.path.split('?').next().unwrap().to_owned();
    if path.ends_with("/messages") {
        return message(spec, &serde_json::from_slice(&asked.body).unwrap());
    }
    let request = Request {
        method: asked.method,
        path: asked.path,
        content_type: asked.content_type,
        body: asked.body,
    };
    let judged = spec.judge(&request).err().unwrap_or_default();
    // Every call of the Graph API takes these; the description has them for some. It is not asked which.
    let known = ["`appsecret_proof`", "`fields`", "`limit`"];
    judged
        .split("; ")
        .filter(|wrong| !wrong.is_empty() && !known.iter().any(|known| wrong.contains(known)))
        .map(str::to_owned)
        .collect()
}

/// The description puts what all messages have beside what each kind has, and closes both: nothing fits both. So the
/// halves are judged one by one.
fn message(spec: &Spec, body: &Value) -> Vec<String> {
    let (mut all, mut own, mut wrong) = (body.clone(), json!({}), Vec::new());
    let Some(kind) = body["type"].as_str() else {
        // Marks have no type.
        assert_eq!(body["status"], "read");
        return wrong;
    };
    for key in ["type", kind] {
        own[key] = all.as_object_mut().unwrap().remove(key).unwrap();
    }
    all["type"] = kind.into();
    let name = format!("{}{}Message", kind[..1].to_uppercase(), &kind[1..]);
    let own_part = json!({ "$ref": format!("#/components/schemas/{name}/allOf/1") });
    spec.value(&own_part, &own, kind, &mut wrong);
    let base = json!({ "$ref": "#/components/schemas/BaseMessageProperties" });
    spec.value(&base, &all, "message", &mut wrong);
    wrong
}
