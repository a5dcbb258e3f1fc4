//! A bot that is posted to, through the real program and its listener: told where by a verb, with the word that the
//! posts must show; polled and posted messages are one row, and going back to polling leaves no gap. The corpus's
//! requests arrive there as well.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
mod support;

use base64::Engine as _;
use corpus::{claim, load};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use support::fakes::telegram::{TOKEN, Telegram, USER, post_to};
use support::program::{Engine, Program};
use support::serve::free_port;
use support::spec::{Request, Spec};
use support::wait::{PATIENCE, until};

const CUSTOMER: i64 = 4_711;
const WORD: &str = "test_secret_do_not_use";
const LONG: Duration = PATIENCE.saturating_mul(3);

/// A desk with a bot and a listener.
struct Desk {
    program: Program,
    account: String,
    port: u16,
    more: String,
}

impl Desk {
    fn new(fake: &Telegram) -> Self {
        let account = format!(
            "provider = \"telegram\"\nusername = \"{USER}\"\nbase_url = \"{}\"\nlong_poll_seconds = 2\n",
            fake.url
        );
        let (port, status) = (free_port(), free_port());
        let more = format!(
            "[listen]\naddress = \"127.0.0.1:{port}\"\nstatus = \"127.0.0.1:{status}\"\n\
             public_url = \"http://127.0.0.1:{port}\"\n"
        );
        let program = Program::new(&account, TOKEN);
        let desk = Self {
            program,
            account,
            port,
            more,
        };
        desk.is_polled();
        desk
    }

    fn is_polled(&self) {
        self.program.configured(&self.account, &self.more);
    }

    fn is_posted_to(&self) {
        let account = format!("{}webhook_secret = \"{WORD}\"", self.account);
        self.program.configured(&account, &self.more);
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook/desk", self.port)
    }

    fn listens(&self) -> Engine {
        let engine = self.program.engine_with(&["--listen"]);
        until("the listener", LONG, || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        engine
    }

    fn post(&self, headers: &[(&str, &str)], body: &str) -> u16 {
        post_to(&self.url(), headers, body).unwrap().0
    }
}

/// As Telegram describes its requests.
fn as_described(fake: &Telegram) {
    let Some(spec) = Spec::load("telegram_bot_api.json", "telegram_webhook") else {
        return;
    };
    let asked = fake.asked();
    for wanted in ["setWebhook", "deleteWebhook", "getWebhookInfo"] {
        assert!(
            asked.iter().any(|one| one.path.ends_with(wanted)),
            "{wanted}"
        );
    }
    for one in asked {
        let request = Request {
            method: "POST".to_owned(),
            path: one.path,
            content_type: one.content_type,
            body: one.body,
        };
        spec.judge(&request).unwrap();
    }
}

#[test]
fn polled_then_posted_to_then_polled_again() {
    let fake = Telegram::start();
    let desk = Desk::new(&fake);
    let engine = desk.program.engine();
    fake.customer_writes(CUSTOMER, "One");
    desk.program.shows("One");
    drop(engine);
    // Nothing is told to Telegram by itself, and nothing without a word.
    let (well, said) = desk.program.tries(&["account", "webhook", "desk"]);
    assert!(!well && said.contains("set `webhook_secret`"), "{said}");
    desk.is_posted_to();
    let (well, said) = desk.program.tries(&["account", "test"]);
    assert!(!well && said.contains("account webhook"), "{said}");
    assert!(said.contains(&desk.url()), "{said}");
    let engine = desk.listens();
    assert_eq!(fake.webhook(), None);
    fake.customer_writes(CUSTOMER, "Two");
    let two = fake.waiting().pop().unwrap();
    let said = desk.program.run(&["account", "webhook", "desk"]);
    assert!(said.contains(&desk.url()) && !said.contains(WORD), "{said}");
    assert_eq!(fake.webhook(), Some((desk.url(), WORD.to_owned())));
    desk.program.shows("Two");
    fake.presses(CUSTOMER, "yes");
    desk.program.shows("[pressed: yes]");
    let answered = until("the press is answered", LONG, || fake.calls_back().pop());
    assert_eq!(answered["method"], "answerCallbackQuery");
    let said = desk.program.run(&["account", "test"]);
    assert!(said.contains("Telegram posts to"), "{said}");
    // Posted again, as after an answer that was lost.
    assert_eq!(
        desk.post(
            &[("X-Telegram-Bot-Api-Secret-Token", WORD)],
            &two.to_string()
        ),
        200
    );
    // Who polls the same bot is told why it cannot.
    desk.is_polled();
    let (well, said) = desk.program.tries(&["account", "test"]);
    assert!(!well && said.contains("--remove"), "{said}");
    // A listener that is not there: the updates wait, and the test says so.
    desk.is_posted_to();
    drop(engine);
    fake.customer_writes(CUSTOMER, "Three");
    until("a failed post", LONG, || {
        let (well, said) = desk.program.tries(&["account", "test"]);
        (!well && said.contains("frontdesk listen")).then_some(())
    });
    // Back to polling: what waits is read, and what was both polled and posted is there once.
    let said = desk
        .program
        .run(&["account", "webhook", "desk", "--remove"]);
    assert!(said.contains("take `webhook_secret` out"), "{said}");
    assert_eq!(fake.webhook(), None);
    desk.is_polled();
    fake.tells_again(two);
    let _engine = desk.program.engine();
    let (_, shown) = desk.program.shows("Three");
    for text in ["One", "Two", "Three", "[pressed: yes]"] {
        assert_eq!(shown.matches(text).count(), 1, "{text}: {shown}");
    }
    let verified = desk.program.run(&["verify"]);
    assert!(!verified.contains("gap"), "{verified}");
    as_described(&fake);
}

#[test]
fn a_bot_with_a_word_is_set_up_in_one_go() {
    let fake = Telegram::start();
    let desk = Desk::new(&fake);
    let (user, base) = (format!("username={USER}"), format!("base_url={}", fake.url));
    let word = format!("webhook_secret=command:echo {WORD}");
    let add = |name: &str| {
        let words = ["account", "add", name, "--provider", "telegram"];
        let given = [
            "--set",
            &user,
            "--set",
            &base,
            "--secret",
            "token=env:TOKEN",
        ];
        let all = [&words[..], &given, &["--secret", &word]].concat();
        desk.program.tries(&all)
    };
    // No address that a vendor can reach: nothing is told, and what to do is.
    desk.program.configured(&desk.account, "");
    let (well, said) = add("one");
    assert!(well && said.contains("posts nowhere yet"), "{said}");
    assert!(said.contains("frontdesk account webhook one"), "{said}");
    assert_eq!(fake.webhook(), None);
    desk.is_polled();
    let (well, said) = add("two");
    let url = desk.url().replace("/desk", "/two");
    assert!(well && said.contains("registered on save"), "{said}");
    assert!(
        said.contains(&format!("Telegram posts to {url} from now on")),
        "{said}"
    );
    assert!(!said.contains(WORD), "{said}");
    assert_eq!(fake.webhook(), Some((url.clone(), WORD.to_owned())));
    let said = desk.program.run(&["account", "test", "two"]);
    assert!(said.contains(&url), "{said}");
    // Telegram does not take it: the account is saved, and what is left to do is said.
    let refusal =
        json!({ "ok": false, "error_code": 400, "description": "Bad Request: bad webhook" });
    fake.refuses("setWebhook", 400, refusal);
    let (well, said) = add("three");
    assert!(
        well && said.contains("three is not posted to yet"),
        "{said}"
    );
    assert!(
        said.contains("bad webhook") && said.contains("account webhook three"),
        "{said}"
    );
}

#[test]
fn without_the_word_nothing_is_believed() {
    let fake = Telegram::start();
    let desk = Desk::new(&fake);
    desk.is_posted_to();
    let _engine = desk.listens();
    let mut outcome = BTreeMap::new();
    for row in load("06_telegram") {
        let given: Value = serde_json::from_slice(&row.payload).unwrap();
        assert_eq!(given["secret"], WORD);
        let headers: Vec<(String, String)> =
            serde_json::from_value(given["headers"].clone()).unwrap();
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let body = base64::engine::general_purpose::STANDARD
            .decode(given["body_b64"].as_str().unwrap())
            .unwrap();
        let body = String::from_utf8(body).unwrap();
        // What is no JSON is refused in the same way, before anybody looks into it.
        let status = desk.post(&headers, &body);
        let broken = desk.post(&headers, "{");
        let rows = if status == 200 {
            desk.program.shows("hi");
            desk.program.conversations().len()
        } else {
            desk.program.conversations().len()
        };
        outcome.insert(row.id.clone(), (status, broken, rows));
    }
    claim("06_telegram", &[], |row, check| {
        let (status, broken, rows) = outcome[&row.id];
        match check {
            "accept" => assert_eq!((status, rows), (200, 1), "{}", row.id),
            "reject_401" => assert_eq!((status, rows), (401, 0), "{}", row.id),
            // Genuine and not readable is taken, so that it is not asked again.
            "no_body_parse_before_verify" => assert_eq!(broken, status, "{}", row.id),
            _ => return false,
        }
        true
    });
    let word = [("X-Telegram-Bot-Api-Secret-Token", WORD)];
    let other = json!({ "update_id": 2_000, "from_the_future": { "id": 1 } }).to_string();
    assert_eq!(desk.post(&[], &other), 401);
    assert_eq!(desk.post(&word, &other), 200);
    desk.program.shows("[from the future]");
}

#[test]
fn without_a_secret_there_is_no_route() {
    let fake = Telegram::start();
    let desk = Desk::new(&fake);
    let (well, said) = desk.program.tries(&["listen"]);
    assert!(
        !well && said.contains("no account can take requests"),
        "{said}"
    );
}

#[test]
fn accounts_come_and_go_while_the_listener_runs() {
    let fake = Telegram::start();
    let desk = Desk::new(&fake);
    desk.is_posted_to();
    for words in [["listen"].as_slice(), &["sync", "--listen"]] {
        let _running = desk.program.starts(words);
        let word = [("X-Telegram-Bot-Api-Secret-Token", WORD)];
        let at = |account: &str| {
            let url = format!("http://127.0.0.1:{}/hook/{account}", desk.port);
            let update = json!({ "update_id": 7, "from_the_future": { "id": 1 } });
            post_to(&url, &word, &update.to_string()).map_or(0, |(status, _)| status)
        };
        until("the first route", LONG, || {
            (at("desk") == 200).then_some(())
        });
        assert_eq!(at("two"), 404);
        // As the screen and `account add` write it.
        let account = format!("{}webhook_secret = \"{WORD}\"", desk.account);
        let second = format!(
            "[accounts.two]\n{account}\ntoken = {{ env = \"TOKEN\" }}\n{}",
            desk.more
        );
        desk.program.configured(&account, &second);
        until("the new route", LONG, || (at("two") == 200).then_some(()));
        assert_eq!(at("desk"), 200);
        desk.is_posted_to();
        until("the route is gone", LONG, || {
            (at("two") == 404).then_some(())
        });
        assert_eq!(at("desk"), 200);
    }
}
