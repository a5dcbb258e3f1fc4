//! The real program on our own Twilio: a customer writes, the desk answers, and it is killed where it hurts most.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::Value;
use support::fakes::twilio::Twilio;
use support::program::{self, Engine};
use support::wait::{PATIENCE, until};

const CUSTOMER: &str = "+12125550199";

struct Desk {
    dir: tempfile::TempDir,
    fake: Twilio,
}

impl Desk {
    fn new() -> Self {
        let (dir, fake) = (tempfile::tempdir().unwrap(), Twilio::start());
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n[desk.hold]\nseconds = 0\n[accounts.sms]\nprovider = \"twilio\"\n{}\n",
            dir.path().join("mirror").display(),
            fake.settings("poll_seconds = 1"),
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
        Engine::start(self.command(&["sync"]))
    }

    fn rows(&self) -> Vec<Value> {
        let (fine, said) = self.run(&["list", "--json"]);
        assert!(fine, "{said}");
        program::rows(&said)
    }

    fn shown(&self, conversation: &Value) -> String {
        self.run(&["show", &conversation.to_string(), "--json"]).1
    }

    /// The SID of the one thing that was sent.
    fn sent(&self) -> String {
        let sent = self.fake.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent[0]["sid"].as_str().unwrap().to_owned()
    }
}

fn times(shown: &str, body: &str) -> usize {
    shown.matches(&format!("\"body\":\"{body}\"")).count()
}

#[test]
fn a_customer_writes_the_desk_answers_and_the_state_comes_back() {
    let desk = Desk::new();
    let (fine, said) = desk.run(&["account", "test"]);
    assert!(fine, "{said}");
    desk.fake.customer_writes(CUSTOMER, "My heating is out");
    let _engine = desk.engine();
    let row = until("the conversation", PATIENCE, || desk.rows().pop());
    assert_eq!(row["channel"], "sms");
    let id = &row["id"];
    let (fine, said) = desk.run(&["reply", &id.to_string(), "-m", "On our way", "--wait"]);
    assert!(fine, "{said}");
    desk.fake.gets(&desk.sent(), "delivered", None);
    until("the state", PATIENCE, || {
        desk.shown(id).contains("\"delivered\"").then_some(())
    });
    desk.fake.customer_writes(CUSTOMER, "Thank you");
    until("the answer", PATIENCE, || {
        (times(&desk.shown(id), "Thank you") == 1).then_some(())
    });
    let shown = desk.shown(id);
    let both = (
        times(&shown, "On our way"),
        times(&shown, "My heating is out"),
    );
    assert_eq!(both, (1, 1), "{shown}");
}

#[test]
fn killed_after_the_send_was_taken_it_is_one_message() {
    let desk = Desk::new();
    desk.fake.customer_writes(CUSTOMER, "Hello");
    let engine = desk.engine();
    let row = until("the conversation", PATIENCE, || desk.rows().pop());
    let id = &row["id"];
    desk.fake.holds_answer();
    let (fine, said) = desk.run(&["reply", &id.to_string(), "-m", "On our way"]);
    assert!(fine, "{said}");
    until("the send", PATIENCE, || {
        (desk.fake.sent().len() == 1).then_some(())
    });
    drop(engine);
    // Delivered meanwhile, and listed to whoever looks first.
    desk.fake.gets(&desk.sent(), "delivered", None);
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
    assert_eq!(desk.rows().len(), 1);
    assert_eq!(desk.fake.sent().len(), 1, "it left once");
}
