//! The real program, killed between a file's way here and the words that are heard in it.

use crate::support::fakes::speech::{Says, Speech, TOKEN};
use crate::support::fakes::twilio::Twilio;
use crate::support::program::{self, Engine};
use crate::support::wait::{PATIENCE, until};
use serde_json::Value;
use std::process::Command;

const CUSTOMER: &str = "+12125550199";

struct Desk {
    dir: tempfile::TempDir,
    twilio: Twilio,
    speech: Speech,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (twilio, speech) = (Twilio::start(), Speech::start());
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n[accounts.sms]\nprovider = \"twilio\"\n{}\n[transcription]\n{}\n",
            dir.path().join("mirror").display(),
            twilio.settings("poll_seconds = 1"),
            speech.settings("[\"sms\"]"),
        );
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Self {
            dir,
            twilio,
            speech,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program::command(self.dir.path(), arguments);
        command.env("SPEECH_TOKEN", TOKEN);
        command
    }

    fn engine(&self) -> Engine {
        Engine::start(self.command(&["sync"]))
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }

    /// The one file of the one conversation, once it is there.
    fn file(&self) -> Option<Value> {
        let list = self.said(&["list", "--json"]);
        let row: Value = serde_json::from_str(list.lines().next()?).ok()?;
        let shown = self.said(&["show", &row["id"].to_string(), "--json"]);
        let lines = shown
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines.fold(None, |found, value: Value| {
            found.or_else(|| file_in(&value))
        })
    }

    /// How often the file was fetched.
    fn fetched(&self) -> usize {
        let asked = self.twilio.asked();
        let media = asked.iter().filter(|one| one.path.contains("/Media/"));
        media.count()
    }
}

/// The first attachment anywhere below.
fn file_in(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("attachments").and_then(Value::as_array);
            let own = own.and_then(|all| all.first().cloned());
            own.or_else(|| fields.values().find_map(file_in))
        }
        Value::Array(all) => all.iter().find_map(file_in),
        _ => None,
    }
}

#[test]
fn killed_before_it_is_heard_it_goes_on_with_what_is_here() {
    let desk = Desk::new();
    let message = desk.twilio.customer_writes(CUSTOMER, "");
    desk.twilio.file(&message, "audio/ogg", crate::SOUND);
    // The server has the file and does not answer: the words are lost with the process.
    desk.speech.next(Says::Silence);
    let engine = desk.engine();
    until("the file at the server", PATIENCE * 2, || {
        (desk.speech.asked().len() == 1).then_some(())
    });
    drop(engine);
    let file = desk.file().unwrap();
    assert_eq!(file["stored"], true, "what was fetched is on disk: {file}");
    assert!(
        file["sha256"].is_string() && file["transcript"].is_null(),
        "{file}"
    );
    assert_eq!(desk.fetched(), 1);

    // A new process hears what is here, and asks the vendor for nothing.
    desk.speech
        .always(Says::Text("My heating is broken".to_owned()));
    let engine = desk.engine();
    let words = until("the words", PATIENCE * 2, || {
        let file = desk.file()?;
        Some(file["transcript"]["text"].as_str()?.to_owned())
    });
    assert_eq!(words, "My heating is broken");
    drop(engine);

    // Known once, it is asked of nobody again, though every process looks anew.
    let engine = desk.engine();
    let second = desk.twilio.customer_writes("+12125550198", "");
    desk.twilio.file(&second, "audio/ogg", b"OggS another");
    until("the second file", PATIENCE * 2, || {
        (desk.speech.asked().len() >= 3).then_some(())
    });
    drop(engine);
    let asked = desk.speech.asked();
    let sounds: Vec<&[u8]> = asked.iter().map(|one| one.file.1.as_slice()).collect();
    assert_eq!(sounds, [crate::SOUND, crate::SOUND, b"OggS another"]);
    assert_eq!(desk.fetched(), 2, "each file came once");
}

#[test]
fn killed_while_the_server_is_away_it_is_not_fetched_again() {
    let desk = Desk::new();
    let message = desk.twilio.customer_writes(CUSTOMER, "");
    desk.twilio.file(&message, "audio/ogg", crate::SOUND);
    // No server to hear it: what was fetched waits for it, through any number of kills.
    for _ in 0..3 {
        desk.speech
            .next(Says::Status(503, &[("retry-after", "1")], String::new()));
    }
    for round in 1..=3 {
        let engine = desk.engine();
        until("one try more", PATIENCE * 2, || {
            (desk.speech.asked().len() >= round).then_some(())
        });
        drop(engine);
    }
    assert_eq!(desk.fetched(), 1, "it was fetched before it was tried");
    let engine = desk.engine();
    until("the words", PATIENCE * 3, || {
        let file = desk.file()?;
        file["transcript"]["text"].as_str().map(drop)
    });
    drop(engine);
    assert_eq!(desk.fetched(), 1);
    // Nothing half-made is left in the folder of files.
    let folder = desk.dir.path().join("mirror/files");
    let left: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
