//! The verbs on a mirror with a few conversations: what they print, as JSON and for people, and how they end.

use super::{Home, Run};
use frontdesk::model::event::{Batch, Event, NewMessage, RemoteId};
use frontdesk::model::{AccountId, Channel, Party, SystemClock, Timestamp};
use frontdesk::store::{AccountInfo, Options, Store};
use serde_json::Value;
use std::sync::Arc;

const CONFIG: &str = r#"
me = "mia"
agents = ["raj"]
[accounts.care]
provider = "email"
address = "care@desk.example"
hold_seconds = 600
[accounts.care.imap]
host = "127.0.0.1"
port = 1
password = { env = "NONE" }
[[accounts.care.smtp]]
host = "127.0.0.1"
port = 1
[[roster]]
name = "raj"
email = "raj@desk.example"
command = ["/bin/true", "{reason}"]
"#;

/// What a hostile customer calls himself and writes.
const EVIL: &str = "Eve\u{1b}]0;owned\u{7}\u{202e}\u{9b}2J =1+1";

pub fn message(key: &str, from: Party, subject: &str, text: &str, at: i64) -> Event {
    let remote = RemoteId {
        scope: "INBOX".to_owned(),
        key: format!("1:{key}"),
    };
    let mut message = NewMessage::inbound(remote, Channel::Email, from, Timestamp(at));
    message.subject = subject.to_owned();
    message.text = text.to_owned();
    message.thread.message_id = Some(format!("{key}@far.example"));
    message.raw = format!("Subject: {subject}\r\n\r\nFrom here\r\n{text}\r\n").into_bytes();
    Event::Message(Box::new(message))
}

/// A home with a mirror: #1 from Ana, #2 from somebody hostile.
pub fn desk() -> Home {
    let home = Home::new();
    home.write_config(CONFIG);
    let ana = Party::named("ana@far.example", "Ana Duarte");
    let eve = Party::named("eve@far.example", EVIL);
    ingest(
        &home,
        vec![
            message(
                "1",
                ana,
                "Invoice 4410",
                "It was charged twice.",
                1_790_000_000_000,
            ),
            message("2", eve, EVIL, EVIL, 1_790_000_060_000),
        ],
    );
    home
}

/// Puts facts into the home's mirror, as the engine does.
pub fn ingest(home: &Home, events: Vec<Event>) {
    let dir = home.dir.path().join(".local/share/frontdesk/mirror");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(Options {
            dir,
            clock: Arc::new(SystemClock),
            read_only: false,
        })
        .unwrap();
        let account = AccountId::new("care");
        let info = AccountInfo {
            provider: "email".to_owned(),
            channels: vec![Channel::Email],
            own_addresses: vec![Party::new("care@desk.example")],
            default_hold_ms: 600_000,
            reply_window_ms: None,
            sla_ms: None,
        };
        store.ensure_account(&account, info).await.unwrap();
        let batch = Batch {
            events,
            ..Batch::default()
        };
        store.ingest(&account, batch).await.unwrap();
    });
}

pub fn ok(home: &Home, arguments: &[&str]) -> Run {
    let run = home.run(arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
    run
}

pub fn refused(home: &Home, arguments: &[&str], words: &str) {
    let run = home.run(arguments);
    assert_eq!(run.code, 1, "{arguments:?}: {}{}", run.out, run.err);
    assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
}

pub fn json(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let mut with: Vec<&str> = arguments.to_vec();
    with.push("--json");
    ok(home, &with).json()
}

/// The fields of a JSON object, so that a script's field cannot vanish unseen.
fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn lists_for_scripts_and_for_people() {
    let home = desk();
    let listed = json(&home, &["list", "--sort", "oldest"]);
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["contact_name"], "Ana Duarte");
    insta::assert_snapshot!(fields(&listed[0]).join("\n"));
    let people = ok(&home, &["list", "--sort", "oldest"]).out;
    let first: Vec<&str> = people.lines().next().unwrap().split('\t').collect();
    assert_eq!(first[..3], ["#1", "email", "Ana Duarte"]);
    assert!(first[5].contains("Invoice 4410"), "{people}");
    assert_eq!(json(&home, &["list", "snoozed"]).len(), 0);
    assert_eq!(json(&home, &["list", "--filter", "invoice"]).len(), 1);
}

#[test]
fn a_conversation_with_its_messages() {
    let home = desk();
    let shown = &json(&home, &["show", "#1"])[0];
    insta::assert_snapshot!(fields(shown).join("\n"));
    assert_eq!(
        shown["messages"]["messages"][0]["body"],
        "It was charged twice."
    );
    let people = ok(&home, &["show", "1"]).out;
    assert!(
        people.contains("#1 Ana Duarte · email ana@far.example"),
        "{people}"
    );
    assert!(people.contains("\n    It was charged twice."), "{people}");
    refused(&home, &["show", "99"], "there is no conversation #99");
}

#[test]
fn nothing_a_customer_wrote_acts_on_a_terminal() {
    let home = desk();
    let raw = json(&home, &["show", "2"])[0]["messages"]["messages"][0]["id"].to_string();
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["show", "2"],
        &["show", "2", "--json"],
        &["show", "2", "--raw", &raw, "--json"],
        &["search", "Eve"],
        &["search", "Eve", "--json"],
        &["export"],
        &["export", "--format", "csv"],
        &["resolve", "2"],
        &["undo"],
    ] {
        let run = ok(&home, arguments);
        let acts = |c: &char| {
            (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(
            run.out.chars().find(acts),
            None,
            "{arguments:?}: {:?}",
            run.out
        );
        assert_eq!(run.err.chars().find(acts), None, "{arguments:?}");
    }
}

#[test]
fn each_mark_is_made_told_and_taken_back() {
    let home = desk();
    for (verb, field, after) in [
        (&["resolve", "1"][..], "status", Value::from("resolved")),
        (
            &["snooze", "1", "--until", "2d"],
            "status",
            "snoozed".into(),
        ),
        (&["assign", "1", "--to", "raj"], "assignee", "raj".into()),
        (&["assign", "1", "--to", "me"], "assignee", "mia".into()),
        (&["priority", "1", "high"], "priority", "high".into()),
        (&["mute", "1"], "muted", true.into()),
        (&["spam", "1"], "status", "spam".into()),
        (
            &["label", "1", "+vip", "billing"],
            "labels",
            serde_json::json!(["billing", "vip"]),
        ),
    ] {
        let before = json(&home, &["show", "1"])[0]["conversation"][field].clone();
        let outcome = &json(&home, verb)[0];
        assert_eq!(outcome["undoable"], true, "{verb:?}: {outcome}");
        assert_eq!(
            json(&home, &["show", "1"])[0]["conversation"][field],
            after,
            "{verb:?}"
        );
        let entry = outcome["journal"].to_string();
        ok(&home, &["undo", &entry]);
        assert_eq!(
            json(&home, &["show", "1"])[0]["conversation"][field],
            before,
            "{verb:?}"
        );
    }
    insta::assert_snapshot!(fields(&json(&home, &["resolve", "1"])[0]).join("\n"));
    refused(&home, &["assign", "1", "--to", "rja"], "did you mean `raj`");
    refused(&home, &["resolve", "99"], "99");
}

#[test]
fn an_option_after_words_is_no_word() {
    let home = desk();
    for arguments in [
        &["search", "charged", "-nothing", "--json"][..],
        &["search", "charged", "--limit", "1", "--json"],
        &["search", "charged", "--json", "--limit=1"],
        &["--json", "search", "charged"],
    ] {
        let found = ok(&home, arguments).out;
        assert_eq!(found.lines().count(), 1, "{arguments:?}: {found}");
        assert!(found.starts_with('{'), "{arguments:?}: {found}");
    }
    let run = home.run(&["search", "charged", "--limti", "1"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("--limti"), "{}", run.err);
}

#[test]
fn labels_are_added_and_removed_never_replaced() {
    let home = desk();
    ok(&home, &["label", "1", "2", "+a", "+b"]);
    ok(&home, &["label", "1", "-a", "+c"]);
    let labels = |id: &str| json(&home, &["show", id])[0]["conversation"]["labels"].clone();
    assert_eq!(labels("1"), serde_json::json!(["b", "c"]));
    assert_eq!(labels("2"), serde_json::json!(["a", "b"]));
}

#[test]
fn a_note_stays_and_a_reply_is_held() {
    let home = desk();
    ok(&home, &["note", "1", "-m", "ring first"]);
    assert_eq!(json(&home, &["outbox"]).len(), 0, "a note never leaves");
    let run = ok(&home, &["reply", "1", "-m", "We are looking into it."]);
    assert!(
        run.out.contains("to Ana Duarte <ana@far.example>"),
        "{}",
        run.out
    );
    assert!(run.err.contains("no engine runs"), "{}", run.err);
    let row = &json(&home, &["outbox"])[0];
    assert_eq!(row["state"], "held");
    assert_eq!(row["out"]["body"], "We are looking into it.");
    assert_eq!(
        row["out"]["recipients"]["to"][0]["address"],
        "ana@far.example"
    );
    assert_eq!(row["out"]["in_reply_to"], "1@far.example");
    insta::assert_snapshot!(fields(row).join("\n"));
    ok(&home, &["cancel", &row["out"]["id"].to_string()]);
    let state = json(&home, &["outbox"])[0]["state"].clone();
    assert_eq!(state, "cancelled");
    refused(&home, &["cancel", "99"], "99");
}

#[test]
fn a_reply_comes_from_standard_input_too() {
    use std::io::Write;
    let home = desk();
    let mut command = home.command(&["reply", "1", "--json"]);
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all("Grüße\r\n\r\nMia\n\n".as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(json(&home, &["outbox"])[0]["out"]["body"], "Grüße\n\nMia");
}

#[test]
fn a_reply_to_what_has_moved_on_is_refused() {
    let home = desk();
    let shown = &json(&home, &["show", "1"])[0];
    let seen = shown["conversation"]["head"].to_string();
    let later = shown["conversation"]["head"].as_i64().unwrap() + 1;
    refused(
        &home,
        &["reply", "1", "-m", "x", "--seen", &later.to_string()],
        "is not in this conversation",
    );
    let ana = Party::new("ana@far.example");
    let mut more = message("3", ana, "Re: Invoice 4410", "Hello?", 1_790_000_120_000);
    if let Event::Message(message) = &mut more {
        message.thread.in_reply_to = vec!["1@far.example".to_owned()];
    }
    ingest(&home, vec![more]);
    refused(
        &home,
        &["reply", "1", "-m", "x", "--seen", &seen],
        "came in since you began to write",
    );
    assert_eq!(json(&home, &["outbox"]).len(), 0);
    ok(&home, &["reply", "1", "-m", "x"]);
}

#[test]
fn a_page_goes_out_and_is_acknowledged() {
    let home = desk();
    refused(
        &home,
        &["escalate", "1", "--to", "rja", "--reason", "x"],
        "did you mean `raj`",
    );
    ok(
        &home,
        &[
            "escalate",
            "1",
            "--to",
            "raj",
            "--reason",
            "angry \u{1F620}",
        ],
    );
    let page = &json(&home, &["pages"])[0];
    assert_eq!(page["state"], "open");
    let rows = json(&home, &["outbox"]);
    assert_eq!(rows.len(), 2, "by mail and by command: {rows:?}");
    let command = rows
        .iter()
        .find(|row| row["out"]["account"] == "page-command");
    let argv = command.unwrap()["out"]["body"].as_str().unwrap();
    assert_eq!(argv, "[\"/bin/true\",\"angry \u{1F620}\"]", "filled in");
    let id = page["id"].to_string();
    ok(&home, &["ack", &id]);
    assert_eq!(json(&home, &["pages"])[0]["state"], "acknowledged");
    ok(&home, &["close", &id]);
    refused(&home, &["ack", &id], "");
}

#[test]
fn nothing_waits_for_approval_and_a_number_from_nowhere_is_refused() {
    let home = desk();
    assert_eq!(json(&home, &["approvals"]).len(), 0);
    refused(&home, &["approve", "7", "--hash", "0123456789"], "7");
    refused(&home, &["reject", "7", "--reason", "tone"], "7");
}

#[test]
fn exports_in_each_form() {
    let home = desk();
    let lines = ok(&home, &["export"]).json();
    assert_eq!(lines.len(), 2);
    assert_eq!(fields(&lines[0]), ["conversation", "message"]);
    let mbox = ok(&home, &["export", "--format", "mbox"]).out;
    assert_eq!(mbox.matches("\nFrom frontdesk ").count() + 1, 2, "{mbox}");
    assert!(mbox.contains("\n>From here\n"), "{mbox}");
    let csv = ok(&home, &["export", "--format", "csv"]).out;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for row in reader.records() {
        for cell in &row.unwrap() {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell:?}"
            );
        }
    }
    let first = lines[0]["message"]["id"].to_string();
    assert_eq!(ok(&home, &["export", "--after", &first]).json().len(), 1);
    assert_eq!(
        ok(&home, &["export", "--since", "2030-01-01"]).json().len(),
        0
    );
    let file = home.dir.path().join("out.jsonl");
    let path = file.to_str().unwrap();
    ok(&home, &["export", "-o", path]);
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    refused(&home, &["export", "-o", path], "is there already");
}

#[test]
fn verify_without_the_server_tells_what_is_not_proven() {
    let home = desk();
    let run = home.run(&["verify", "--offline", "--json"]);
    assert_eq!(run.code, 1, "nothing was proven complete: {}", run.out);
    let journal = run.json().pop().unwrap();
    assert_eq!(journal["journal"]["broken_at"], Value::Null);
    assert!(run.err.contains("care"), "{}", run.err);
    let unreachable = home.run(&["verify"]);
    assert_eq!(unreachable.code, 1);
    assert!(unreachable.err.contains("care:"), "{}", unreachable.err);
}

#[test]
fn the_forced_command_acts_as_the_named_agent() {
    let home = desk();
    let mut command = home.command(&["ssh-shell", "--as", "raj"]);
    command.env("SSH_ORIGINAL_COMMAND", "assign 1 --to me --json");
    let run = super::finish(command);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(
        json(&home, &["show", "1"])[0]["conversation"]["assignee"],
        "raj"
    );
}

#[test]
fn a_reply_goes_by_another_channel_of_the_same_person() {
    let home = desk();
    home.write_config(&format!(
        "{CONFIG}[accounts.phone]\nprovider = \"twilio\"\naccount_sid = \"AC0123456789abcdef0123456789abcdef\"\n\
         auth_token = {{ env = \"NONE\" }}\nnumbers = [\"+15550000\"]\nhold_seconds = 600\n"
    ));
    let dir = home.dir.path().join(".local/share/frontdesk/mirror");
    let phone = |sql: &str| {
        let mirror = rusqlite::Connection::open(dir.join("mirror.db")).unwrap();
        assert_eq!(mirror.execute(sql, []).unwrap(), 1, "{sql}");
    };
    let reply = |on| ["reply", "1", "-m", "We ring you.", "--on", on];
    refused(
        &home,
        &reply("sms"),
        "Ana Duarte has no sms that is known here",
    );
    phone(
        "INSERT INTO identity(contact, home, channel, address, verified, opted_out, name_at)
         SELECT contact, contact, 'sms', '+15550100', 1, 0, 0 FROM conversation WHERE id = 1",
    );
    phone(
        "INSERT INTO account(name, info, window_ms, sla_ms) SELECT 'phone', json_set(info, '$.channels', json('[\"sms\"]')),
           NULL, NULL FROM account WHERE name = 'care'",
    );
    refused(&home, &reply("whatsapp"), "has no whatsapp");
    let run = ok(&home, &reply("sms"));
    assert!(
        run.out.contains("+15550100") && run.out.contains("by sms"),
        "{}",
        run.out
    );
    let row = &json(&home, &["outbox"])[0];
    assert_eq!(row["out"]["channel"], "sms");
    assert_eq!(row["out"]["account"], "phone");
    assert_eq!(row["out"]["kind"], "new");
    // In the conversation that is there now, by its address.
    let again = ["reply", "1", "-m", "At ten.", "--on", "+15550100"];
    ok(&home, &again);
    assert_eq!(json(&home, &["outbox"])[1]["out"]["kind"], "reply");
    let long = "x".repeat(1_700);
    refused(
        &home,
        &["reply", "1", "-m", &long, "--on", "sms"],
        "sms takes 1600",
    );
    phone("UPDATE identity SET opted_out = 1 WHERE channel = 'sms'");
    refused(&home, &reply("sms"), "has opted out of sms");
}
