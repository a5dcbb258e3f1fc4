//! Posts that the vendors' own libraries signed are taken by the listener of the real program, and forged ones are refused
//! whole: Twilio's helper library signs forms and JSON, the x-hub-signature package signs what Meta posts. RingCentral
//! signs nothing: it says the word of the subscription. Telegram is read by long polls and has no route.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use base64::Engine as _;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::fakes::meta_page::{MetaPage, PAGE};
use support::fakes::meta_whatsapp::{MetaWhatsapp, PHONE};
use support::fakes::ringcentral::{NUMBER as OUR_PHONE, Ringcentral, iso, now};
use support::fakes::twilio::{ACCOUNT, NUMBER, TOKEN, Twilio};
use support::serve::free_port;
use support::wait::{PATIENCE, until};

/// The address that vendors were told.
const PUBLIC: &str = "https://desk.example";
const SECRET: &str = "app-secret-of-the-number";
const OTHER: &str = "app-secret-of-the-page";
const WORD: &str = "A-word-of-the-suite";

fn folder() -> Option<PathBuf> {
    if std::env::var_os("FRONTDESK_SERVERS").is_none_or(|value| value == "0") {
        support::left_out(
            env!("CARGO_CRATE_NAME"),
            "needs npm; run .ci/run or FRONTDESK_SERVERS=1 cargo test",
        );
        return None;
    }
    let base = std::env::var_os("FRONTDESK_SERVERS_DIR").map_or_else(
        || PathBuf::from("/var/cache/frontdesk-servers"),
        PathBuf::from,
    );
    Some(base.join("signers"))
}

/// Has the vendors' libraries sign, or judge.
fn signed(folder: &PathBuf, asked: &[Value]) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/signers.sh");
    let mut child = Command::new(script)
        .arg("sign")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(json!(asked).to_string().as_bytes())
        .unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    assert!(
        done.status.success(),
        "signers.sh: was tests/servers/install.sh run?"
    );
    serde_json::from_slice(&done.stdout).unwrap()
}

struct Desk {
    dir: tempfile::TempDir,
    port: u16,
    engine: Option<Child>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(mut engine) = self.engine.take() {
            let _ = engine.kill();
            let _ = engine.wait();
        }
    }
}

impl Desk {
    /// The real program with its listener, on an account of each vendor that posts.
    fn start() -> Self {
        let (dir, port, status) = (tempfile::tempdir().unwrap(), free_port(), free_port());
        let (text, number, page, phone) = (
            Twilio::start(),
            MetaWhatsapp::start(),
            MetaPage::messenger(),
            Ringcentral::start(),
        );
        let config = format!(
            "me = \"nina\"\nmirror = \"{mirror}\"\n[listen]\naddress = \"127.0.0.1:{port}\"\n\
             status = \"127.0.0.1:{status}\"\npublic_url = \"{PUBLIC}\"\n\
             [accounts.text]\nprovider = \"twilio\"\n{text}\n[accounts.wa]\nprovider = \"whatsapp\"\n{number}\
             [accounts.page]\nprovider = \"messenger\"\n{page}\n[accounts.phone]\nprovider = \"ringcentral\"\n{phone}\n",
            mirror = dir.path().join("mirror").display(),
            text = text.settings(""),
            number = number
                .settings()
                .replace(support::fakes::meta_whatsapp::SECRET, SECRET),
            page = page.settings(&format!(
                "app_secret = \"{OTHER}\"\nverify_token = \"word\""
            )),
            phone = phone.settings(&format!("verification_token = \"{WORD}\"")),
        );
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        let mut desk = Self {
            dir,
            port,
            engine: None,
        };
        let mut command = desk.command(&["sync", "--listen"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        desk.engine = Some(child.unwrap());
        until("the listener", PATIENCE, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        desk
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env("FRONTDESK_CONFIG", self.dir.path().join("config.toml"))
            .env("XDG_CONFIG_HOME", self.dir.path())
            .env("XDG_DATA_HOME", self.dir.path())
            .env("XDG_STATE_HOME", self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// The texts of all messages.
    fn texts(&self) -> Vec<String> {
        let done = self.command(&["export"]).output().unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        let lines = out.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .map(|line: Value| line["message"]["body"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Posts, and gives the status of the answer.
    fn post(&self, route: &str, headers: &[(&str, &str)], body: &[u8]) -> u16 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        let mut head = format!(
            "POST /hook/{route} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &[*name, ": ", *value, "\r\n"].concat();
        }
        head += "\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// What anybody can make of a right value without the key.
fn spoiled(right: &str) -> Vec<(&'static str, String)> {
    let middle = right.len() / 2;
    let digit = if right.as_bytes()[middle] == b'0' {
        "1"
    } else {
        "0"
    };
    vec![
        ("empty", String::new()),
        ("one character changed", {
            let mut one = right.to_owned();
            one.replace_range(middle..=middle, digit);
            one
        }),
        ("cut by one", right[..right.len() - 1].to_owned()),
        ("cut in half", right[..middle].to_owned()),
        ("longer", format!("{right}0")),
        ("upper case", right.to_uppercase()),
        ("twice in one", format!("{right},{right}")),
        ("quoted", format!("\"{right}\"")),
    ]
}

/// One post, and which header shows that it is genuine.
struct Try<'a> {
    route: &'a str,
    header: &'static str,
    content_type: &'static str,
    right: &'a str,
    body: &'a [u8],
    /// Words of its text; with `FORGED` in their place it is another body.
    text: &'a str,
}

/// Tries everything that is not genuine, then what is.
fn only_the_genuine_is_taken(
    desk: &Desk,
    what: &Try<'_>,
    more: &[(&'static str, String)],
) -> usize {
    let Try {
        route,
        header,
        right,
        ..
    } = *what;
    let kind = ("content-type", what.content_type);
    let refused = |why: &str, headers: &[(&str, &str)], body: &[u8]| {
        assert_eq!(
            desk.post(route, headers, body),
            401,
            "{route}, {header}: {why}"
        );
    };
    let mut tried = 0;
    for (why, value) in spoiled(right).iter().chain(more) {
        refused(why, &[kind, (header, value)], what.body);
        tried += 1;
    }
    refused("missing", &[kind], what.body);
    for two in [[right, right], [right, "x"], ["x", right]] {
        refused(
            "twice",
            &[kind, (header, two[0]), (header, two[1])],
            what.body,
        );
    }
    refused("another header", &[kind, ("x-signature", right)], what.body);
    assert!(
        desk.texts().iter().all(|text| !text.contains(what.text)),
        "nothing was kept"
    );
    for _ in 0..2 {
        assert_eq!(
            desk.post(route, &[kind, (header, right)], what.body),
            200,
            "{route}: genuine"
        );
    }
    let kept = desk.texts();
    let found = kept.iter().filter(|text| text.contains(what.text));
    assert_eq!(found.count(), 1, "{route}: {kept:?}");
    tried + 5
}

/// A bit changed anywhere in the body.
fn no_other_body(desk: &Desk, what: &Try<'_>) -> usize {
    let places = [0, what.body.len() / 3, what.body.len() - 1];
    let mut bodies: Vec<Vec<u8>> = places
        .iter()
        .map(|place| {
            let mut body = what.body.to_vec();
            body[*place] ^= 1;
            body
        })
        .collect();
    bodies.push(what.body[..what.body.len() - 1].to_vec());
    bodies.push([what.body, b" "].concat());
    bodies.push(Vec::new());
    for body in &bodies {
        let headers = [
            ("content-type", what.content_type),
            (what.header, what.right),
        ];
        let status = desk.post(what.route, &headers, body);
        assert_eq!(
            status,
            401,
            "{}: {}",
            what.route,
            String::from_utf8_lossy(body)
        );
    }
    bodies.len()
}

fn form(text: &str) -> (Value, Vec<u8>) {
    let fields = [
        ("MessageSid", format!("SM{:032x}", text.len())),
        ("SmsStatus", "received".to_owned()),
        ("AccountSid", ACCOUNT.to_owned()),
        ("From", "+12125550199".to_owned()),
        ("To", NUMBER.to_owned()),
        ("Body", text.to_owned()),
        ("Empty", String::new()),
        ("NumMedia", "0".to_owned()),
    ];
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&fields);
    let params = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)));
    (Value::Object(params.collect()), body.finish().into_bytes())
}

#[test]
fn what_twilios_library_signs() {
    let Some(folder) = folder() else {
        return;
    };
    let desk = Desk::start();
    let url = format!("{PUBLIC}/hook/text");
    let (params, body) = form("Olá, às 10 h? ✅ & = + %20");
    let (other, _) = form("another text");
    let said = json!({ "MessageSid": format!("SM{:032x}", 9_999), "SmsStatus": "received", "AccountSid": ACCOUNT,
        "From": "+12125550199", "To": NUMBER, "Body": "as json ✅", "NumMedia": "0" })
    .to_string();
    let ask = |key: &str, url: &str, params: &Value| json!({ "kind": "form", "key": key, "url": url, "params": params });
    let got = signed(
        &folder,
        &[
            ask(TOKEN, &url, &params),
            ask("another token", &url, &params),
            ask(TOKEN, &format!("{PUBLIC}/hook/other"), &params),
            ask(TOKEN, &url.replace("https", "http"), &params),
            ask(
                TOKEN,
                &format!("http://127.0.0.1:{}/hook/text", desk.port),
                &params,
            ),
            ask(TOKEN, &url, &other),
            ask(TOKEN, &url, &json!({})),
            json!({ "kind": "json", "key": TOKEN, "url": url, "body": said }),
            json!({ "kind": "json", "key": "another token", "url": url, "body": said }),
        ],
    );
    let word = |at: usize| got[at]["signature"].as_str().unwrap().to_owned();
    let right = word(0);
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(&right)
        .unwrap();
    let mut more = vec![
        ("hex", frontdesk::model::outgoing::hex(&bytes)),
        ("with a scheme", format!("sha1={right}")),
        ("without padding", right.trim_end_matches('=').to_owned()),
    ];
    for (at, why) in [
        (1, "another key"),
        (2, "of another path"),
        (3, "of http"),
        (4, "of this machine's own address"),
        (5, "of another form"),
        (6, "of no parameters"),
    ] {
        more.push((why, word(at)));
    }
    let what = Try {
        route: "text",
        header: "x-twilio-signature",
        content_type: "application/x-www-form-urlencoded; charset=UTF-8",
        right: &right,
        body: &body,
        text: "às 10 h? ✅ & = + %20",
    };
    let mut tried = no_other_body(&desk, &what);
    // Their own check refuses what we refuse.
    let judged: Vec<Value> = more
        .iter()
        .chain(&spoiled(&right))
        .map(|(_, one)| json!({ "kind": "judgeForm", "key": TOKEN, "url": url, "params": params, "signature": one }))
        .collect();
    assert!(
        signed(&folder, &judged)
            .iter()
            .all(|verdict| verdict == false)
    );
    tried += only_the_genuine_is_taken(&desk, &what, &more);

    let hashed = got[7]["url"]
        .as_str()
        .unwrap()
        .strip_prefix(&format!("{PUBLIC}/hook/"))
        .unwrap()
        .to_owned();
    let right = word(7);
    let what = Try {
        route: &hashed,
        content_type: "application/json",
        right: &right,
        body: said.as_bytes(),
        text: "as json ✅",
        ..what
    };
    tried += no_other_body(&desk, &what);
    let sign = [
        ("content-type", "application/json"),
        ("x-twilio-signature", right.as_str()),
    ];
    for route in [
        "text".to_owned(),
        format!("{hashed}0"),
        hashed.replace("bodySHA256", "x"),
        format!("{hashed}&{}", &hashed[5..]),
    ] {
        assert_eq!(desk.post(&route, &sign, said.as_bytes()), 401, "{route}");
        tried += 1;
    }
    tried += only_the_genuine_is_taken(&desk, &what, &[("another key", word(8))]);
    eprintln!(
        "measured: Twilio's library: a form and a JSON body taken, {tried} forgeries refused"
    );
}

#[test]
fn what_meta_would_sign() {
    let Some(folder) = folder() else {
        return;
    };
    let desk = Desk::start();
    // Meta escapes what is not ASCII, and signs it so.
    let number = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "W", "changes": [{ "field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": { "display_phone_number": "15550001111", "phone_number_id": PHONE },
        "contacts": [{ "profile": { "name": "Ana" }, "wa_id": "15551234567" }],
        "messages": [{ "from": "15551234567", "id": "wamid.SIGNED", "timestamp": (now() / 1_000).to_string(), "type": "text",
            "text": { "body": "by the number ESCAPED" } }] } }] }] })
    .to_string()
    .replace("ESCAPED", "\\u00e0s 10");
    let page = json!({ "object": "page", "entry": [{ "id": PAGE, "time": now(), "messaging": [
        { "sender": { "id": "4711" }, "recipient": { "id": PAGE }, "timestamp": now(),
          "message": { "mid": "m_signed", "text": "by the page" } }] }] })
    .to_string();
    for (route, key, other, body, text) in [
        ("wa", SECRET, OTHER, &number, "by the number às 10"),
        ("page", OTHER, SECRET, &page, "by the page"),
    ] {
        let ask = |key: &str, algorithm: &str, body: &str| json!({ "kind": "hub", "key": key, "algorithm": algorithm, "body": body });
        let got = signed(
            &folder,
            &[
                ask(key, "sha256", body),
                ask(other, "sha256", body),
                ask(key, "sha1", body),
                ask(key, "sha512", body),
                ask(key, "sha256", "{}"),
                ask(
                    key,
                    "sha256",
                    &body.replace("\\u00e0", "à").replace("entry", "Entry"),
                ),
            ],
        );
        let word = |at: usize| got[at]["signature"].as_str().unwrap().to_owned();
        let right = word(0);
        let hex = right.strip_prefix("sha256=").unwrap();
        let bytes: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
            .collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        let more = [
            ("the key of another account", word(1)),
            ("SHA-1", word(2)),
            ("SHA-512", word(3)),
            ("of another body", word(4)),
            ("of the body written otherwise", word(5)),
            ("base64", format!("sha256={base64}")),
            ("base64 alone", base64),
            ("without its scheme", hex.to_owned()),
            (
                "hex in upper case",
                format!("sha256={}", hex.to_uppercase()),
            ),
            ("its scheme alone", "sha256=".to_owned()),
            ("another scheme", format!("sha1={hex}")),
        ];
        let judged: Vec<Value> = more
            .iter()
            .map(|(_, one)| json!({ "kind": "judgeHub", "key": key, "signature": one, "body": body }))
            .collect();
        assert!(
            signed(&folder, &judged)
                .iter()
                .all(|verdict| verdict == false)
        );
        let what = Try {
            route,
            header: "x-hub-signature-256",
            content_type: "application/json",
            right: &right,
            body: body.as_bytes(),
            text,
        };
        let sign = [("x-hub-signature-256", right.as_str())];
        let elsewhere = if route == "wa" { "page" } else { "wa" };
        assert_eq!(
            desk.post(elsewhere, &sign, body.as_bytes()),
            401,
            "signed for another account"
        );
        for place in ["nobody", "text", "phone"] {
            let status = desk.post(place, &sign, body.as_bytes());
            assert!(matches!(status, 401 | 404), "{place}: {status}");
        }
        let tried = no_other_body(&desk, &what) + only_the_genuine_is_taken(&desk, &what, &more);
        eprintln!(
            "measured: X-Hub-Signature-256 at /hook/{route}: taken, {tried} forgeries refused"
        );
    }
}

#[test]
fn what_ringcentral_says_with_a_post() {
    if folder().is_none() {
        return;
    }
    let desk = Desk::start();
    let event = json!({ "uuid": "u", "event": "/restapi/v1.0/account/1/extension/2/message-store/instant?type=SMS",
        "body": { "id": "9001", "type": "SMS", "direction": "Inbound", "subject": "by the word", "readStatus": "Unread",
            "messageStatus": "Received", "from": { "phoneNumber": "+12125550123" }, "to": [{ "phoneNumber": OUR_PHONE }],
            "creationTime": iso(now()), "lastModifiedTime": iso(now()) } })
    .to_string();
    let what = Try {
        route: "phone",
        header: "verification-token",
        content_type: "application/json",
        right: WORD,
        body: event.as_bytes(),
        text: "by the word",
    };
    let more = [
        ("in lower case", WORD.to_lowercase()),
        ("another's", "B-word-of-the-suite".to_owned()),
    ];
    let tried = only_the_genuine_is_taken(&desk, &what, &more);
    let shake = [
        ("validation-token", "v"),
        ("content-type", "application/json"),
    ];
    assert_eq!(
        desk.post("phone", &shake, event.as_bytes()),
        401,
        "a handshake brings no news"
    );
    eprintln!("measured: RingCentral's word: taken, {tried} forgeries refused");
}
