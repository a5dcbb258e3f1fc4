//! A page and an Instagram account against our own Graph API: what is asked is as Meta describes it, refusals say what to
//! do, nothing is lost or told twice, and the token is in no error.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use frontdesk::model::outgoing::{OutgoingAttachment, OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Batch, Channel, Clock, Content, Cursor, Direction, Event, NewMessage, OutboxId,
    Outgoing, Party, ProposalId, RemoteId, SystemClock,
};
use frontdesk::providers::meta::page::PageProvider;
use frontdesk::providers::{
    Provider, ProviderError, RawRequest, Reconciled, RemoteChange, TypingAt,
};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use std::sync::Arc;
use support::fakes::meta_page::{INSTAGRAM, MetaPage, PAGE, TOKEN, now, stamp};
use support::program::Program;
use support::spec::{Request, Spec};
use support::wait::{PATIENCE, until};

const ANA: &str = "4711001122";
const SECRET: &str = "frontdesk-test-secret";

fn messenger(fake: &MetaPage, more: &str) -> PageProvider {
    let text = fake.settings(more);
    PageProvider::messenger(toml::from_str(&text).unwrap(), Arc::new(SystemClock))
}

fn instagram(fake: &MetaPage, more: &str) -> PageProvider {
    let text = fake.settings(more);
    PageProvider::instagram(toml::from_str(&text).unwrap(), Arc::new(SystemClock))
}

fn outgoing(body: &str, files: Vec<OutgoingAttachment>) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("page"),
        channel: Channel::Messenger,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(ANA)],
            ..Recipients::default()
        },
        subject: String::new(),
        body: body.to_owned(),
        attachments: files,
        thread: Some(ANA.to_owned()),
        in_reply_to: None,
        references: Vec::new(),
        reference: "fd-01".to_owned(),
        queued_at: SystemClock.now(),
        author: "nina".to_owned(),
        template: None,
        proposal: None,
    }
}

fn file(folder: &std::path::Path, name: &str, mime: &str) -> OutgoingAttachment {
    let path = folder.join(name);
    std::fs::write(&path, b"bytes").unwrap();
    OutgoingAttachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: 5,
        sha256: String::new(),
        path,
    }
}

async fn all(provider: &PageProvider, mut cursor: Option<Cursor>) -> (Vec<NewMessage>, Cursor) {
    let mut found = Vec::new();
    loop {
        let Batch {
            events,
            cursor: next,
            more,
            ..
        } = provider.pull(cursor).await.unwrap();
        found.extend(events.into_iter().filter_map(|event| match event {
            Event::Message(new) => Some(*new),
            _ => None,
        }));
        cursor = next;
        if !more {
            return (found, cursor.unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_as_meta_describes_it() {
    let fake = MetaPage::messenger();
    let page = messenger(&fake, "human_agent = true");
    let folder = tempfile::tempdir().unwrap();
    for n in 0..12 {
        fake.customer_writes(&format!("55{n}"), "Hello");
    }
    all(&page, None).await;
    page.probe().await.unwrap();
    page.send(&outgoing("It is on its way", Vec::new()))
        .await
        .unwrap();
    let picture = file(folder.path(), "a.png", "image/png");
    let files = vec![picture.clone(), picture];
    page.send(&outgoing("", files)).await.unwrap();
    fake.a_day_passes();
    page.send(&outgoing("Is it well?", Vec::new()))
        .await
        .unwrap();
    page.inventory().await.unwrap();
    let read = RemoteChange::Flags {
        remote: RemoteId {
            scope: ANA.to_owned(),
            key: "m_1".to_owned(),
        },
        seen: Some(true),
        answered: None,
        flagged: None,
        junk: None,
    };
    page.push(&read).await.unwrap();
    let mut typing = TypingAt {
        thread: None,
        to: ANA.to_owned(),
        newest: Some(RemoteId {
            scope: ANA.to_owned(),
            key: "m_1".to_owned(),
        }),
    };
    let before = fake.asked().len();
    page.typing(&typing).await.unwrap();
    assert_eq!(fake.asked().len(), before + 1);
    typing.newest = None;
    page.typing(&typing).await.unwrap();
    assert_eq!(
        fake.asked().len(),
        before + 1,
        "without a message of theirs there is no chat"
    );
    let sent = fake.sent();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0]["messaging_type"], "RESPONSE");
    assert_eq!(sent[0]["message"]["metadata"], "fd-01");
    assert_eq!(sent[1]["message"]["attachments"][1]["type"], "image");
    assert_eq!(sent[2]["tag"], "HUMAN_AGENT");
    let Some(spec) = Spec::load("messenger_graph.json", "meta_page") else {
        return;
    };
    let mut judged = 0;
    for asked in fake.asked() {
        // Multipart uploads are documented for this call, and in no description.
        if asked.content_type.starts_with("multipart/") {
            continue;
        }
        let request = Request {
            method: asked.method,
            path: asked.path.clone(),
            content_type: asked.content_type,
            body: asked.body,
        };
        let wrong = spec.judge(&request).err().unwrap_or_default();
        // A tag is a word, as in every example; the description calls it an object.
        let wrong: Vec<&str> = wrong
            .split("; ")
            .filter(|wrong| !wrong.is_empty() && !wrong.contains("body.tag is not"))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", asked.path);
        judged += 1;
    }
    assert!(judged >= 8, "{judged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_is_read_whole_and_what_meta_no_longer_shows_is_named() {
    let fake = MetaPage::messenger();
    for n in 0..45_u64 {
        let parts = json!({ "message": format!("line {n}") });
        fake.says(ANA, n % 3 == 0, now() - 100_000 + n * 600, parts);
    }
    let (found, cursor) = all(&messenger(&fake, ""), None).await;
    assert_eq!(found.len(), 45);
    let shown = found.iter().filter(|new| new.content == Content::Text);
    assert_eq!(shown.count(), 20);
    for older in found.iter().filter(|new| new.content != Content::Text) {
        assert!(matches!(older.content, Content::Unsupported { .. }));
        assert!(older.flags.seen && older.window_ms == Some(0));
    }
    let ours = found
        .iter()
        .filter(|new| new.direction == Direction::Outbound)
        .count();
    assert!(ours > 0);
    // Nothing changed: one call, and nothing is told again.
    let before = fake.asked().len();
    let (again, cursor) = all(&messenger(&fake, ""), Some(cursor)).await;
    assert!(again.is_empty());
    assert_eq!(fake.asked().len(), before + 1);
    fake.customer_writes(ANA, "and now?");
    let (news, _) = all(&messenger(&fake, ""), Some(cursor)).await;
    assert!(news.iter().any(|new| new.text == "and now?"));
    assert!(news.len() < 5, "only what is new: {}", news.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_found_again_by_their_message() {
    let fake = MetaPage::messenger();
    let url = fake.file("lamp.jpg", b"a lamp");
    let parts = json!({ "message": "", "attachments": { "data": [
        { "id": "1", "mime_type": "image/jpeg", "name": "lamp.jpg", "size": 6, "image_data": { "url": url } },
        { "id": "2", "mime_type": "image/jpeg", "name": "x.jpg", "image_data": { "url": "https://evil.example/x" } },
        { "id": "3", "name": "gone.pdf", "file_url": format!("{}/cdn/gone.pdf", fake.url) },
    ] } });
    fake.says(ANA, false, now(), parts);
    let page = messenger(&fake, "");
    let (found, _) = all(&page, None).await;
    let keys: Vec<&str> = found[0]
        .attachments
        .iter()
        .map(|file| file.fetch.as_deref().unwrap())
        .collect();
    assert_eq!(page.fetch(keys[0]).await.unwrap(), b"a lamp");
    assert!(page.fetch(keys[1]).await.is_err(), "no host but Meta's");
    let gone = page.fetch(keys[2]).await.unwrap_err();
    assert!(matches!(
        gone,
        ProviderError::Rejected {
            permanent: true,
            ..
        }
    ));
    for wrong in ["", "m_1", "m_1#9", "m_1#x", "m_9#0"] {
        assert!(page.fetch(wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do_and_never_the_token() {
    let table = [
        (
            "conversations",
            json!({ "code": 190, "error_subcode": 463, "message": "expired" }),
            401,
            "Auth",
            "make a new one",
        ),
        (
            "conversations",
            json!({ "code": 10, "message": "permission" }),
            403,
            "Auth",
            "permission",
        ),
        (
            "conversations",
            json!({ "code": 32, "message": "slow" }),
            403,
            "RateLimited",
            "",
        ),
        (
            "conversations",
            json!({ "code": 2, "message": "?", "is_transient": true }),
            500,
            "Transient",
            "",
        ),
        (
            "messages",
            json!({ "code": 10, "error_subcode": 2_018_278, "message": "late" }),
            400,
            "Rejected",
            "window is closed",
        ),
        (
            "messages",
            json!({ "code": 551, "error_subcode": 1_545_041, "message": "unavailable" }),
            400,
            "Rejected",
            "unavailable",
        ),
        (
            "messages",
            json!({ "code": 613, "message": "slow" }),
            400,
            "RateLimited",
            "",
        ),
        (
            "messages",
            json!({ "code": 2, "message": "?" }),
            500,
            "Ambiguous",
            "",
        ),
    ];
    for (path, error, status, variant, says) in table {
        let fake = MetaPage::messenger();
        let page = messenger(&fake, "");
        fake.refuses(path, status, &error);
        let failed = if path == "messages" {
            page.send(&outgoing("Hello", Vec::new())).await.unwrap_err()
        } else {
            page.pull(None).await.unwrap_err()
        };
        let told = format!("{failed:?} {failed}");
        assert!(told.starts_with(variant) && told.contains(says), "{told}");
        assert!(!told.contains(TOKEN) && !told.contains("EAA"), "{told}");
        assert!(fake.sent().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_leave_is_refused_before_a_call() {
    let fake = MetaPage::messenger();
    let page = messenger(&fake, "");
    let folder = tempfile::tempdir().unwrap();
    let picture = file(folder.path(), "a.png", "image/png");
    let paper = file(folder.path(), "a.pdf", "application/pdf");
    let mut two = outgoing("Hello", Vec::new());
    two.recipients.cc = vec![Party::new("5")];
    let long = "x".repeat(2_001);
    for out in [
        outgoing("  ", Vec::new()),
        outgoing(&long, Vec::new()),
        outgoing("See", vec![picture.clone()]),
        outgoing("", vec![picture, paper]),
        two,
    ] {
        let error = page.send(&out).await.unwrap_err();
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
    }
    let wide = "ü".repeat(501);
    let gram = instagram(&MetaPage::instagram(), "");
    let error = gram.send(&outgoing(&wide, Vec::new())).await.unwrap_err();
    assert!(error.to_string().contains("1000 bytes"), "{error}");
    assert!(fake.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_human_agent_tag_is_for_people_only() {
    let fake = MetaPage::messenger();
    fake.a_day_passes();
    let tagged = messenger(&fake, "human_agent = true");
    tagged.send(&outgoing("By hand", Vec::new())).await.unwrap();
    let mut drafted = outgoing("By the assistant", Vec::new());
    drafted.proposal = Some(ProposalId(1));
    let error = tagged.send(&drafted).await.unwrap_err();
    assert!(error.to_string().contains("write the answer"), "{error}");
    let error = messenger(&fake, "")
        .send(&outgoing("Untagged", Vec::new()))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("window is closed"), "{error}");
    assert_eq!(fake.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_send_is_known_again() {
    let fake = MetaPage::messenger();
    let page = messenger(&fake, "");
    let out = outgoing("It is on its way", Vec::new());
    fake.refuses("messages", 500, &json!({ "code": 2, "message": "?" }));
    let error = page.send(&out).await.unwrap_err();
    assert!(matches!(error, ProviderError::Ambiguous(_)), "{error:?}");
    let looked = page.reconcile(&out).await.unwrap();
    // Nobody wrote yet, so what is listed is not known to be the conversation.
    assert_eq!(looked, Reconciled::CannotTell);
    fake.says(ANA, false, now() - 60, json!({ "message": "Where is it?" }));
    let looked = page.reconcile(&out).await.unwrap();
    assert!(matches!(looked, Reconciled::Unlisted { .. }), "{looked:?}");
    // What somebody else wrote there could be it.
    let other = fake.says(ANA, true, now(), json!({ "message": "By the app" }));
    let looked = page.reconcile(&out).await.unwrap();
    assert_eq!(looked, Reconciled::CannotTell);
    assert!(!other.is_empty());
    // It had been taken after all.
    let parts = json!({ "message": "It is on its way" });
    let mid = fake.says(ANA, true, now(), parts);
    let (found, _) = all(&page, None).await;
    let ours = found.iter().find(|one| one.text == "It is on its way");
    assert_eq!(ours.unwrap().own_reference.as_deref(), Some("fd-01"));
    let Reconciled::Found(receipt) = page.reconcile(&out).await.unwrap() else {
        panic!("not found");
    };
    assert_eq!(receipt.provider_id, Some(mid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_is_left_alone() {
    let fake = MetaPage::messenger();
    let page = messenger(&fake, "");
    fake.usage(r#"{"call_count":99,"total_time":25,"total_cputime":25}"#);
    page.pull(None).await.unwrap();
    let asked = fake.asked().len();
    let out = outgoing("Hello", Vec::new());
    let error = page.send(&out).await.unwrap_err();
    let ProviderError::RateLimited { retry_after } = error else {
        panic!("{error:?}");
    };
    assert!(retry_after.unwrap().as_secs() > 50);
    assert_eq!(fake.asked().len(), asked, "nothing was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn posted_and_listed_it_is_one_message() {
    let fake = MetaPage::instagram();
    let more = format!("app_secret = \"{SECRET}\"\nverify_token = \"word\"");
    let gram = instagram(&fake, &more);
    gram.unlock_webhook().await.unwrap();
    let mid = fake.customer_writes(ANA, "Is it there?");
    let body = json!({ "object": "instagram", "entry": [{ "id": INSTAGRAM, "time": 1, "messaging": [
        { "sender": { "id": ANA }, "recipient": { "id": INSTAGRAM }, "timestamp": now() * 1_000,
          "message": { "mid": mid, "text": "Is it there?" } },
    ] }] });
    let heard = posted(&gram, &body).unwrap();
    assert!(heard.pull, "a listing brings the name");
    let Event::Message(told) = &heard.events[0] else {
        panic!("{heard:?}");
    };
    let (found, _) = all(&gram, None).await;
    assert_eq!(found[0].dedupe, told.dedupe);
    assert_eq!(found[0].thread, told.thread);
    assert_eq!(found[0].from.name.as_deref(), Some("Ana Ramos"));
    let mut forged = body.to_string();
    forged.push(' ');
    let wrong = request(
        &gram,
        forged.as_bytes(),
        &signature(body.to_string().as_bytes()),
    );
    assert_eq!(wrong.unwrap_err().status(), 401);
    assert!(instagram(&fake, "").webhook(&raw(&[], b"{}")).is_err());
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let hex = frontdesk::model::outgoing::hex(&mac.finalize().into_bytes());
    format!("sha256={hex}")
}

fn raw<'a>(headers: &'a [(String, String)], body: &'a [u8]) -> RawRequest<'a> {
    RawRequest {
        method: "POST",
        url: "https://desk.example/hook/page",
        query: "",
        headers,
        body,
        now: SystemClock.now(),
    }
}

fn request(
    provider: &PageProvider,
    body: &[u8],
    signature: &str,
) -> Result<frontdesk::providers::Heard, frontdesk::providers::WebhookError> {
    let headers = [("x-hub-signature-256".to_owned(), signature.to_owned())];
    provider.webhook(&raw(&headers, body))
}

fn posted(
    provider: &PageProvider,
    body: &Value,
) -> Result<frontdesk::providers::Heard, frontdesk::providers::WebhookError> {
    let body = body.to_string();
    request(provider, body.as_bytes(), &signature(body.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_interface_is_asked_for_less() {
    let fake = MetaPage::messenger();
    fake.customer_writes(ANA, "Hello");
    let page = messenger(&fake, "");
    let unknown =
        json!({ "code": 100, "message": "(#100) Tried accessing nonexisting field (sticker)" });
    fake.refuses("conversations", 400, &unknown);
    let (found, cursor) = all(&page, None).await;
    assert_eq!(found[0].text, "Hello");
    all(&page, Some(cursor)).await;
    let asked = fake.asked();
    assert!(asked[0].path.contains("sticker") && asked[0].path.contains(PAGE));
    assert!(!asked[2].path.contains("sticker"), "it is not tried again");
}

fn comment(body: &str, thread: &str) -> Outgoing {
    let mut out = outgoing(body, Vec::new());
    out.thread = Some(thread.to_owned());
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_conversations_answered_in_public_or_in_private_and_hidden() {
    let fake = MetaPage::messenger();
    let from = json!({ "id": "77", "name": "Bob" });
    fake.comments(
        json!({ "id": "p_1", "message": "How much?", "from": from, "created_time": stamp(now()) }),
    );
    fake.comments(
        json!({ "id": "p_2", "message": "Ten", "from": { "id": PAGE }, "parent": { "id": "p_1" },
        "created_time": stamp(now()) }),
    );
    fake.comments(json!({ "id": "p_3", "message": "old", "from": from, "created_time": "2020-01-01T00:00:00+0000" }));
    let page = messenger(&fake, "comments = true");
    assert!(page.probe().await.unwrap().ok());
    let (found, cursor) = all(&page, None).await;
    let shown: Vec<_> = found
        .iter()
        .map(|new| {
            (
                new.text.as_str(),
                new.direction,
                new.thread.thread.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("How much?", Direction::Inbound, "comment:p_1"),
            ("Ten", Direction::Outbound, "comment:p_1"),
        ]
    );
    assert_eq!(found[0].subject, "Comment: Our new lamp");
    assert_eq!(found[0].from.name.as_deref(), Some("Bob"));
    assert_eq!(found[0].window_ms, Some(i64::MAX));
    page.send(&comment("Nine for you", "comment:p_1"))
        .await
        .unwrap();
    page.send(&comment("/private Your code is 5", "comment:p_1"))
        .await
        .unwrap();
    let wrong = page
        .send(&comment("/privat Your code", "comment:p_1"))
        .await;
    assert!(matches!(
        wrong,
        Err(ProviderError::Rejected {
            permanent: true,
            ..
        })
    ));
    let hide = RemoteChange::Flags {
        remote: found[0].remote.clone(),
        seen: None,
        answered: None,
        flagged: None,
        junk: Some(true),
    };
    page.push(&hide).await.unwrap();
    let sent = fake.sent();
    assert_eq!(sent.len(), 3, "{sent:?}");
    let public = (&sent[0]["comment"], &sent[0]["asked"]["message"]);
    assert_eq!(public, (&json!("p_1"), &json!("Nine for you")));
    assert_eq!(sent[1]["recipient"]["comment_id"], "p_1");
    assert_eq!(sent[1]["message"]["text"], "Your code is 5");
    assert_eq!(sent[2]["asked"], json!({ "is_hidden": true }));
    // What is refused below posts stops no message.
    fake.refuses("feed", 403, &json!({ "code": 10, "message": "permission" }));
    fake.customer_writes(ANA, "Hello");
    let (found, _) = all(&page, Some(cursor)).await;
    assert!(found.iter().any(|new| new.text == "Hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_is_told_by_its_id_and_read_by_a_look() {
    let fake = MetaPage::instagram();
    let more = format!("app_secret = \"{SECRET}\"\ncomments = true");
    let gram = instagram(&fake, &more);
    gram.unlock_webhook().await.unwrap();
    let body = json!({ "object": "instagram", "entry": [{ "id": INSTAGRAM, "time": now(), "changes": [
        { "field": "mentions", "value": { "media_id": "900", "comment_id": "178" } },
        { "field": "comments", "value": { "id": "179", "text": "Nice", "from": { "id": "77", "username": "bob" },
            "media": { "id": "5" } } },
    ] }] });
    let heard = posted(&gram, &body).unwrap();
    assert!(heard.pull && heard.events.len() == 2);
    let (found, _) = all(&gram, None).await;
    let mention = found.iter().find(|new| new.remote.key == "178").unwrap();
    assert_eq!(mention.text, "@bob: @example how much?");
    let Event::Message(told) = &heard.events[0] else {
        panic!("{heard:?}");
    };
    assert_eq!(
        (&told.dedupe, &told.thread),
        (&mention.dedupe, &mention.thread)
    );
    gram.send(&comment("Ten", "mention:900:178")).await.unwrap();
    gram.send(&comment("Thanks", "comment:179")).await.unwrap();
    let asked = fake.asked();
    let sent = &asked[asked.len() - 2..];
    assert!(
        sent[0]
            .path
            .starts_with(&format!("/v25.0/{INSTAGRAM}/mentions"))
    );
    assert!(sent[1].path.starts_with("/v25.0/179/replies"));
    if let Some(spec) = Spec::load("instagram_graph.json", "meta_page") {
        let request = Request {
            method: "POST".to_owned(),
            path: sent[0].path.split('?').next().unwrap().to_owned(),
            content_type: sent[0].content_type.clone(),
            body: sent[0].body.clone(),
        };
        spec.judge(&request).unwrap();
    }
}

#[test]
fn the_real_program_answers_a_page_and_hides_a_comment() {
    let fake = MetaPage::messenger();
    let account = format!(
        "provider = \"messenger\"\npage_id = \"{PAGE}\"\nbase_url = \"{}\"\ncalls_per_second = 50\n\
         poll_seconds = 1\ncomments = true",
        fake.url
    );
    let desk = Program::new(&account, TOKEN);
    let engine = desk.engine();
    fake.customer_writes(ANA, "Is the lamp in stock?");
    let (row, _) = desk.shows("Is the lamp in stock?");
    assert_eq!(row["contact_name"], "Ana Ramos");
    assert!(row["window_closes_at"].is_i64(), "{row}");
    let id = row["id"].to_string();
    desk.run(&["reply", &id, "-m", "It is, since Monday.", "--wait"]);
    drop(engine);
    // While nothing runs: a customer, and an agent in Meta's own inbox.
    fake.customer_writes(ANA, "Then send me two, please");
    fake.says(ANA, true, now(), json!({ "message": "Noted in the inbox" }));
    let from = json!({ "id": "77", "name": "Bob" });
    fake.comments(json!({ "id": "p_1", "message": "Buy gold at my place", "from": from, "created_time": stamp(now()) }));
    let _engine = desk.engine();
    let (_, shown) = desk.shows("Noted in the inbox");
    for text in ["Is the lamp", "since Monday", "send me two", "Noted"] {
        assert_eq!(shown.matches(text).count(), 1, "{text}: {shown}");
    }
    let (row, _) = desk.shows("Buy gold");
    assert!(
        row["window_closes_at"].is_null(),
        "public answers have no window: {row}"
    );
    let comment = row["id"].to_string();
    desk.run(&["reply", &comment, "-m", "/private Please stop", "--wait"]);
    desk.run(&["spam", &comment]);
    let sent = until("the comment is hidden", PATIENCE, || {
        let sent = fake.sent();
        (sent.len() >= 3).then_some(sent)
    });
    assert_eq!(sent[0]["message"]["text"], "It is, since Monday.");
    assert_eq!(sent[1]["recipient"]["comment_id"], "p_1");
    assert_eq!(sent[2]["asked"], json!({ "is_hidden": true }));
    assert_eq!(sent.len(), 3);
}
