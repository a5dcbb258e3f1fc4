//! The real program on our own RingCentral: a customer writes, the desk answers, and it is killed where it hurts most.

use crate::CUSTOMER;
use crate::support::fakes::ringcentral::{CLIENT, JWT, NUMBER, Ringcentral, SECRET};
use crate::support::program::{self, Engine};
use crate::support::serve::free_port;
use crate::support::wait::{PATIENCE, until};
use frontdesk::model::command::QueueDraft;
use frontdesk::model::outgoing::{Recipients, content_hash};
use frontdesk::model::{Actor, Channel, Clock, Command, Draft, DraftKind, Party, SystemClock};
use frontdesk::providers::Provider;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

struct Desk {
    dir: tempfile::TempDir,
    fake: Ringcentral,
}

impl Desk {
    fn new() -> Self {
        Self::with("", "")
    }

    /// With more for the configuration, and for the account.
    fn with(more: &str, account: &str) -> Self {
        let (dir, fake) = (tempfile::tempdir().unwrap(), Ringcentral::start());
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n{more}[desk.hold]\nseconds = 0\n[accounts.phone]\nprovider = \"ringcentral\"\n{}\n",
            dir.path().join("mirror").display(),
            fake.settings(&format!("poll_seconds = 5\n{account}")),
        );
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Self { dir, fake }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        program::command(self.dir.path(), arguments)
    }

    fn run(&self, arguments: &[&str]) -> (bool, String) {
        program::said(self.command(arguments))
    }

    fn engine(&self) -> Engine {
        self.engine_with(&["sync"])
    }

    fn engine_with(&self, arguments: &[&str]) -> Engine {
        Engine::start(self.command(arguments))
    }

    fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let (fine, said) = self.run(arguments);
        assert!(fine, "{said}");
        program::rows(&said)
    }

    fn shown(&self, conversation: &Value) -> String {
        self.run(&["show", &conversation.to_string(), "--json"]).1
    }
}

fn times(shown: &str, body: &str) -> usize {
    shown.matches(&format!("\"body\":\"{body}\"")).count()
}

#[test]
fn a_customer_writes_the_desk_answers_and_the_state_comes_back() {
    let desk = Desk::new();
    let (fine, said) = desk.run(&["account", "test"]);
    assert!(
        fine && said.contains("sends SMS and MMS") && said.contains("102 Omar"),
        "{said}"
    );
    desk.fake.customer_writes(CUSTOMER, "My heating is out");
    let _engine = desk.engine();
    let row = until("the conversation", PATIENCE, || {
        desk.rows(&["list", "--json"]).pop()
    });
    assert_eq!(
        (&row["contact_name"], &row["channel"]),
        (&"Ana Costa".into(), &"sms".into())
    );
    let id = &row["id"];
    let (fine, said) = desk.run(&["reply", &id.to_string(), "-m", "On our way", "--wait"]);
    assert!(fine, "{said}");
    let sent = desk.fake.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let key = sent[0]["id"].as_i64().unwrap();
    desk.fake
        .change(key, |record| record["messageStatus"] = "Delivered".into());
    until("the state", PATIENCE, || {
        desk.shown(id).contains("\"delivered\"").then_some(())
    });
    desk.fake.customer_writes(CUSTOMER, "Thank you");
    until("the answer", PATIENCE, || {
        (times(&desk.shown(id), "Thank you") == 1).then_some(())
    });
    let shown = desk.shown(id);
    assert_eq!(
        (
            times(&shown, "On our way"),
            times(&shown, "My heating is out")
        ),
        (1, 1),
        "{shown}"
    );
    let heard = desk.fake.voicemail(CUSTOMER, "InProgress");
    desk.fake.transcribed(heard, "Please call back");
    until("the voicemail", PATIENCE, || {
        let rows = desk.rows(&["list", "--json"]);
        let voice = rows.iter().find(|row| row["channel"] == "voice")?;
        (times(&desk.shown(&voice["id"]), "Please call back") == 1).then_some(())
    });
}

#[test]
fn killed_after_the_send_was_taken_it_is_one_message() {
    let desk = Desk::new();
    desk.fake.customer_writes(CUSTOMER, "Hello");
    let engine = desk.engine();
    let row = until("the conversation", PATIENCE, || {
        desk.rows(&["list", "--json"]).pop()
    });
    let id = &row["id"];
    desk.fake.holds_answers();
    let (fine, said) = desk.run(&["reply", &id.to_string(), "-m", "On our way"]);
    assert!(fine, "{said}");
    until("the send", PATIENCE, || {
        (desk.fake.sent().len() == 1).then_some(())
    });
    drop(engine);
    // Delivered meanwhile, and listed to whoever looks first.
    let key = desk.fake.sent()[0]["id"].as_i64().unwrap();
    desk.fake
        .change(key, |record| record["messageStatus"] = "Delivered".into());
    let _engine = desk.engine();
    until("the state", PATIENCE, || {
        let shown = desk.shown(id);
        let one = times(&shown, "On our way") == 1;
        (one && shown.contains("\"delivered\"")).then_some(())
    });
    // However often it reads on.
    desk.fake.customer_writes(CUSTOMER, "Thank you");
    until("the answer", PATIENCE, || {
        (times(&desk.shown(id), "Thank you") == 1).then_some(())
    });
    let shown = desk.shown(id);
    assert_eq!(times(&shown, "On our way"), 1, "{shown}");
    assert_eq!(desk.rows(&["list", "--json"]).len(), 1);
    assert_eq!(desk.fake.sent().len(), 1, "it left once");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_we_wrote_to_first_answers_in_that_conversation() {
    let fake = Ringcentral::start();
    let phone: std::sync::Arc<dyn Provider> = std::sync::Arc::new(crate::open(&fake, ""));
    let mirror = crate::mirror::Mirror::new(phone.as_ref()).await;
    mirror.catch_up(phone.as_ref()).await;
    let draft = Draft {
        id: None,
        conversation: None,
        kind: DraftKind::New,
        account: mirror.account.clone(),
        channel: Channel::Sms,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(CUSTOMER)],
            ..Recipients::default()
        },
        subject: String::new(),
        body: "Your appointment is at 10".to_owned(),
        attachments: Vec::new(),
        base: None,
        answers: None,
        template: None,
        proposal: None,
        author: "nina".to_owned(),
        updated_at: SystemClock.now(),
    };
    let hash = content_hash(
        draft.account.as_str(),
        draft.channel,
        &draft.recipients,
        "",
        &draft.body,
        std::iter::empty(),
    );
    let queue = QueueDraft {
        draft,
        hash,
        hold_ms: 0,
        not_before: None,
        unless_reply: false,
        resolve: false,
        seen_head: None,
        reference: phone.new_reference(),
    };
    let nina = Actor::Agent("nina".to_owned());
    let done = mirror
        .store
        .apply(&nina, Command::Queue(Box::new(queue)))
        .await
        .unwrap();
    mirror.send_due(&phone, done.outbox.unwrap()).await;
    mirror.catch_up(phone.as_ref()).await;
    fake.customer_writes(CUSTOMER, "Make it 11");
    mirror.catch_up(phone.as_ref()).await;
    let (ours, theirs) = (
        mirror.with("appointment").await,
        mirror.with("Make it").await,
    );
    assert_eq!((ours.len(), theirs.len()), (1, 1));
    assert_eq!(ours[0].conversation, theirs[0].conversation);
}

/// Posts, and gives the answer's head in lower case.
fn post(port: u16, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "POST /hook/phone HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.to_lowercase()
}

#[test]
fn what_is_posted_is_stored_before_the_answer_and_read_once() {
    let (port, status) = (free_port(), free_port());
    let listen =
        format!("[listen]\naddress = \"127.0.0.1:{port}\"\nstatus = \"127.0.0.1:{status}\"\n");
    let desk = Desk::with(&listen, "verification_token = \"a-word\"\n");
    let engine = desk.engine_with(&["sync", "--listen"]);
    until("the listener", PATIENCE, || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let answer = post(port, "validation-token: d7a1\r\n", "");
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(
        answer.contains("validation-token: d7a1\r\n") && answer.len() < 1_024,
        "{answer}"
    );
    let id = desk.fake.customer_writes(CUSTOMER, "Hello");
    let mut body = desk.fake.record(id);
    body["id"] = id.to_string().into();
    let event = json!({ "uuid": "u", "body": body,
        "event": "/restapi/v1.0/account/1/extension/2/message-store/instant?type=SMS" });
    let event = event.to_string();
    for headers in [
        "",
        "verification-token: a-wor\r\n",
        "validation-token: other\r\n",
    ] {
        assert!(
            post(port, headers, &event).starts_with("http/1.1 401"),
            "{headers}"
        );
    }
    let answer = post(port, "verification-token: a-word\r\n", &event);
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    // Killed at once: what was answered is on disk and read by whoever runs next.
    drop(engine);
    let _engine = desk.engine_with(&["sync", "--listen"]);
    until("the message", PATIENCE, || {
        (!desk.rows(&["list", "--json"]).is_empty()).then_some(())
    });
    assert_eq!(desk.rows(&["list", "--json"]).len(), 1);
    assert_eq!(times(&desk.shown(&1.into()), "Hello"), 1);
}

#[test]
fn an_account_is_added_tested_and_saved() {
    let desk = Desk::new();
    let server = format!("base_url={}", desk.fake.url);
    let number = format!("numbers={NUMBER}");
    let id = format!("client_id={CLIENT}");
    let add = |secret: &str| {
        let arguments = [
            "account",
            "add",
            "second",
            "--provider",
            "ringcentral",
            "--set",
            &number,
            "--set",
            &id,
            "--set",
            &server,
            "--secret",
            "client_secret=env:RC_SECRET",
            "--secret",
            "jwt=env:RC_JWT",
        ];
        let mut command = desk.command(&arguments);
        let output = command
            .env("RC_SECRET", secret)
            .env("RC_JWT", JWT)
            .output()
            .unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains(JWT) && !said.contains(SECRET), "{said}");
        (output.status.success(), said)
    };
    let (fine, said) = add("wrong");
    assert!(
        !fine && said.contains("client id and secret") && said.contains("not saved"),
        "{said}"
    );
    let (fine, said) = add(SECRET);
    assert!(fine && said.contains("second is saved"), "{said}");
    assert!(said.contains("/hook/second"), "{said}");
    let config = std::fs::read_to_string(desk.dir.path().join("config.toml")).unwrap();
    assert!(
        config.contains("[accounts.second]") && config.contains("RC_JWT"),
        "{config}"
    );
}
