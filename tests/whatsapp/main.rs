//! WhatsApp through the real program: Meta's side is a fake on loopback that keeps what it was asked, posts are signed as
//! Meta signs them, and the engine with its listener is killed in between.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod desk;
#[path = "../support/wait.rs"]
mod wait;

use desk::{Desk, post};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wait::until;

/// Much is built and run on the machines that run this.
const LONG: Duration = wait::PATIENCE.saturating_mul(3);

fn message(id: &str, text: &str) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": "106"},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "15551234567"}],
        "messages": [{"from": "15551234567", "id": id, "timestamp": desk::seconds(), "type": "text", "text": {"body": text}}],
    }}]}]})
}

fn status(reference: &str, state: &str) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": "106"},
        "statuses": [{"id": "wamid.OUT", "status": state, "timestamp": desk::seconds(), "recipient_id": "15551234567",
            "biz_opaque_callback_data": reference}],
    }}]}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_writes_the_desk_answers_and_the_states_come_back() {
    let desk = Desk::new().await;
    let engine = desk.engine();
    assert_eq!(
        desk.get("hub.mode=subscribe&hub.challenge=123&hub.verify_token=our-word"),
        (200, "123".to_owned())
    );
    assert_eq!(
        desk.get("hub.mode=subscribe&hub.challenge=1&hub.verify_token=x")
            .0,
        401
    );
    assert_eq!(
        desk.signed(&message("wamid.A", "My AC is not cooling")).0,
        200
    );
    let row = until("the conversation", LONG, || desk.conversations().pop());
    assert_eq!(row["contact_name"], "Ana");
    assert!(row["window_closes_at"].is_i64(), "{row}");
    let id = row["id"].to_string();
    let sent = desk.run(&["reply", &id, "-m", "On our *way*.", "--wait"]);
    assert!(sent.0, "{}", sent.1);
    let asked = desk.sends().await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0]["to"], "15551234567");
    assert_eq!(asked[0]["text"]["body"], "On our *way*.");
    let reference = asked[0]["biz_opaque_callback_data"]
        .as_str()
        .unwrap()
        .to_owned();
    for state in ["delivered", "sent", "read"] {
        assert_eq!(desk.signed(&status(&reference, state)).0, 200);
    }
    until("the state `read`", LONG, || {
        desk.run(&["show", &id, "--json"])
            .1
            .contains("\"read\"")
            .then_some(())
    });
    engine.kill();
    assert_eq!(desk.sends().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_tells_again_is_one_row_and_what_is_forged_is_none() {
    let desk = Desk::new().await;
    let engine = desk.engine();
    let body = message("wamid.A", "first").to_string();
    assert_eq!(post(desk.port, &body, None).0, 401);
    assert_eq!(post(desk.port, &body, Some("sha256=00")).0, 401);
    let over_another = desk::signature(&message("wamid.B", "other").to_string());
    assert_eq!(post(desk.port, &body, Some(&over_another)).0, 401);
    // Killed as soon as it has said that it has it: then it has it.
    assert_eq!(desk.signed(&message("wamid.A", "first")).0, 200);
    engine.kill();
    // What was taken is on disk, and read by whoever runs next.
    let again = desk.engine();
    let known = until("what was taken", LONG, || {
        let known = desk.conversations().len();
        (known > 0).then_some(known)
    });
    assert_eq!(known, 1);
    for _ in 0..2 {
        assert_eq!(desk.signed(&message("wamid.A", "first")).0, 200);
    }
    assert_eq!(desk.signed(&message("wamid.C", "second")).0, 200);
    let shown = until("the second", LONG, || {
        let shown = desk.run(&["show", "1", "--json"]).1;
        shown.contains("\"body\":\"second\"").then_some(shown)
    });
    assert_eq!(shown.matches("\"body\":\"first\"").count(), 1, "{shown}");
    assert_eq!(shown.matches("\"body\":\"second\"").count(), 1, "{shown}");
    again.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_in_a_burst_outlives_kills_in_it() {
    let desk = Desk::new().await;
    let mut taken: Vec<String> = Vec::new();
    for round in 0..4_u64 {
        let engine = desk.engine();
        let gone = AtomicBool::new(false);
        let answered = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|customer| {
                    let (desk, gone) = (&desk, &gone);
                    scope.spawn(move || {
                        let mut taken = Vec::new();
                        for n in 0.. {
                            let id = format!("{round}-{customer}-{n}");
                            if desk.is_taken(&message(&format!("wamid.{id}"), &id)) {
                                taken.push(id);
                            }
                            if gone.load(Ordering::Relaxed) {
                                break;
                            }
                        }
                        taken
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(300 + 150 * round));
            engine.kill();
            gone.store(true, Ordering::Relaxed);
            all.into_iter()
                .flat_map(|one| one.join().unwrap())
                .collect::<Vec<_>>()
        });
        assert!(!answered.is_empty(), "round {round}");
        taken.extend(answered);
    }
    let engine = desk.engine();
    // What was stored and not answered may be there as well.
    until("all that was answered", LONG, || {
        let written = desk.written();
        let once = |id: &String| written.iter().filter(|body| *body == id).count() == 1;
        taken.iter().all(once).then_some(())
    });
    engine.kill();
    let written = desk.written();
    let each: BTreeSet<&String> = written.iter().collect();
    assert_eq!(each.len(), written.len(), "nothing is there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_in_words_and_not_tried_again() {
    let desk = Desk::new().await;
    desk.refuse(400, 131_047, "Re-engagement message").await;
    let engine = desk.engine();
    assert_eq!(desk.signed(&message("wamid.A", "hello")).0, 200);
    until("the conversation", LONG, || desk.conversations().pop());
    let sent = desk.run(&["reply", "1", "-m", "late", "--wait"]);
    assert!(!sent.0 && sent.1.contains("window is closed"), "{}", sent.1);
    assert_eq!(desk.sends().await.len(), 1);
    engine.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_an_account_says_what_it_found() {
    let desk = Desk::new().await;
    let (fine, said) = desk.run(&["account", "test"]);
    assert!(fine, "{said}");
    assert!(
        said.contains("Example Support") && said.contains("1 templates"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_listed_filled_and_leaves_as_it_was_shown() {
    let desk = Desk::new().await;
    let engine = desk.engine();
    let mut old = message("wamid.OLD", "Is it ready?");
    let two_days_ago = desk::seconds().parse::<u64>().unwrap() - 2 * 86_400;
    old["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] =
        two_days_ago.to_string().into();
    assert_eq!(desk.signed(&old).0, 200);
    let row = until("the conversation", LONG, || desk.conversations().pop());
    let id = row["id"].to_string();
    until("the templates", LONG, || {
        let listed = desk.run(&["templates", "wa"]);
        listed
            .1
            .contains("hello\ten_US\tutility\tapproved\tHi {{1}}")
            .then_some(())
    });
    let free = desk.run(&["reply", &id, "-m", "It is."]);
    assert!(!free.0 && free.1.contains("pick one with t"), "{}", free.1);
    let unfilled = desk.run(&["reply", &id, "--template", "hello"]);
    assert!(
        !unfilled.0 && unfilled.1.contains("1 has no value"),
        "{}",
        unfilled.1
    );
    let unknown = desk.run(&[
        "reply",
        &id,
        "--template",
        "hello",
        "--var",
        "1=Ana",
        "--var",
        "2=x",
    ]);
    assert!(
        !unknown.0 && unknown.1.contains("no place called 2"),
        "{}",
        unknown.1
    );
    assert!(desk.sends().await.is_empty());
    let sent = desk.run(&[
        "reply",
        &id,
        "--template",
        "hello",
        "--var",
        "1=Ana",
        "--wait",
    ]);
    assert!(sent.0 && sent.1.contains("Hi Ana"), "{}", sent.1);
    let asked = desk.sends().await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    let template = &asked[0]["template"];
    assert_eq!(template["name"], "hello");
    assert_eq!(template["language"]["code"], "en_US");
    assert_eq!(template["components"][0]["parameters"][0]["text"], "Ana");
    drop(engine);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_proposed_once_it_is_as_meta_wants_it() {
    let desk = Desk::new().await;
    let create = |body: &str| {
        let mut arguments = vec![
            "templates",
            "create",
            "wa",
            "--name",
            "order_ready",
            "--language",
            "en_US",
        ];
        arguments.extend([
            "--category",
            "utility",
            "--example",
            "1=Ana",
            "--body",
            body,
        ]);
        desk.run(&arguments)
    };
    let (fine, said) = create("Hi {{1}}");
    assert!(
        !fine && said.contains("neither at the beginning nor at the end"),
        "{said}"
    );
    let (fine, said) = create("Hi {{1}}, it is ready.");
    assert!(
        fine && said.contains("order_ready · en_US · utility is pending"),
        "{said}"
    );
    let (fine, said) = desk.run(&["templates", "wa", "--json"]);
    assert!(fine && said.contains("\"name\":\"hello\""), "{said}");
    let (fine, said) = desk.run(&["templates"]);
    assert!(!fine, "{said}");
}
