//! Voice notes and recordings are written down by a server of the desk's choice: what is sent there, what comes of
//! every answer, and what happens when the engine dies in between. Twilio's side and the server are fakes on loopback.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// Each suite uses its own part of it.
#[allow(dead_code)]
#[path = "../hostile/corpus.rs"]
mod corpus;
mod program;
#[path = "../support/mod.rs"]
mod support;
mod world;

use frontdesk::model::{AttachmentId, Transcript};
use support::fakes::speech::{Says, TOKEN};
use world::World;

const SOUND: &[u8] = b"OggS not really";

fn done(text: &str) -> Transcript {
    Transcript::Done {
        text: text.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voice_note_is_heard_shown_and_found() {
    let world = World::new("").await;
    world.voice_note("audio/ogg", SOUND);
    world.says(Says::Text("My heating is broken, please call".to_owned()));
    world.read().await;
    let task = world.task();
    let file = world.settled().await;
    assert_eq!(
        file.transcript,
        Some(done("My heating is broken, please call"))
    );
    assert!(file.stored, "its bytes are kept from then on");
    let asked = world.speech.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].file, ("audio.ogg".to_owned(), SOUND.to_vec()));
    assert_eq!(asked[0].authorization, format!("Bearer {TOKEN}"));
    assert_eq!(asked[0].fields["model"], "tiny");
    assert_eq!(asked[0].fields["response_format"], "json");
    assert!(!asked[0].fields.contains_key("language"));
    let hit = world.found("heating").await;
    assert_eq!(hit.as_deref(), Some("My heating is broken, please call"));
    assert_eq!(world.found("boiler").await, None);
    assert_eq!(world.snippet().await, "My heating is broken, please call");
    assert_eq!(world.journalled().await, 1, "what left is in the journal");
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_person_allowed_leaves() {
    for more in [
        "accounts = []",
        "accounts = [\"other\"]",
        "history_days = 0",
    ] {
        let world = World::new(more).await;
        world.voice_note("audio/ogg", SOUND);
        world.read().await;
        let task = world.task();
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(world.file().await.transcript, None, "{more}");
        assert!(world.speech.asked().is_empty(), "{more}");
        task.abort();
    }
    // Pictures are no audio.
    let world = World::new("").await;
    world.voice_note("image/png", SOUND);
    world.read().await;
    let task = world.task();
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(world.speech.asked().is_empty());
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_does_not_is_said_in_words() {
    let status = |status, headers, body: &str| Says::Status(status, headers, body.to_owned());
    // What passes: heard at last.
    for says in [
        status(429, &[("retry-after", "1")], ""),
        status(500, &[], "<html>oops"),
        status(503, &[], ""),
    ] {
        let world = World::new("").await;
        world.voice_note("audio/ogg", SOUND);
        world.says(says.clone());
        world.says(Says::Text("at last".to_owned()));
        world.read().await;
        let task = world.task();
        let file = world.until_done().await;
        assert_eq!(file.transcript, Some(done("at last")), "{says:?}");
        assert_eq!(world.speech.asked().len(), 2, "{says:?}");
        task.abort();
    }
    // What does not.
    let openai = "{\"error\":{\"message\":\"Invalid file\\u001b[31m format\",\"type\":\"invalid_request_error\"}}";
    let table = [
        (status(400, &[], openai), "Invalid file"),
        (
            status(413, &[], ""),
            "too large for the transcription server",
        ),
        (status(200, &[], "nonsense"), "holds no text"),
        (status(200, &[], "{\"text\":[]}"), "holds no text"),
        (status(200, &[], "{}"), "holds no text"),
        (
            status(302, &[("location", "http://elsewhere.example/")], ""),
            "sends us elsewhere",
        ),
    ];
    for (says, words) in table {
        let world = World::new("").await;
        world.voice_note("audio/ogg", SOUND);
        world.says(says.clone());
        world.read().await;
        let task = world.task();
        let file = world.settled().await;
        let Some(Transcript::Failed { says: told }) = &file.transcript else {
            panic!("{says:?}: {:?}", file.transcript);
        };
        assert!(told.contains(words), "{says:?}: {told}");
        assert!(!told.chars().any(char::is_control), "{told:?}");
        assert_eq!(world.speech.asked().len(), 1, "{says:?} is not asked twice");
        // Asked by a person, it is tried again.
        world.says(Says::Text("now".to_owned()));
        assert!(world.store.ask_transcript(file.id).await.unwrap());
        assert_eq!(
            world.until_done().await.transcript,
            Some(done("now")),
            "{says:?}"
        );
        assert!(!world.store.ask_transcript(file.id).await.unwrap());
        task.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told_and_the_note_waits_for_another() {
    let world = World::new("").await;
    world.voice_note("audio/ogg", SOUND);
    world.says(Says::Status(
        401,
        &[],
        "{\"error\":{\"message\":\"bad key\"}}".to_owned(),
    ));
    world.read().await;
    let task = world.task();
    let file = world.told().await;
    let Some(Transcript::Waiting { says }) = &file.transcript else {
        panic!("{:?}", file.transcript);
    };
    assert!(
        says.contains("refused the token") && says.contains("[transcription]"),
        "{says}"
    );
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_stays_here() {
    let world = World::new("limit_mib = 1").await;
    world.voice_note("audio/ogg", &vec![b'x'; (1 << 20) + 1]);
    world.read().await;
    let task = world.task();
    let file = world.settled().await;
    let Some(Transcript::Failed { says }) = &file.transcript else {
        panic!("{:?}", file.transcript);
    };
    assert!(says.contains("sends at most"), "{says}");
    assert!(world.speech.asked().is_empty());
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let world = World::new("").await;
    world.voice_note("audio/ogg", SOUND);
    let huge = format!("{{\"text\":\"{}\"}}", "a".repeat(5 << 20));
    world.says(Says::Status(200, &[], huge));
    world.says(Says::Text("word ".repeat(100_000)));
    world.read().await;
    let task = world.task();
    let file = world.until_done().await;
    let text = file.transcript.as_ref().and_then(Transcript::text).unwrap();
    assert!(
        text.len() <= 200_000 && text.starts_with("word word"),
        "{}",
        text.len()
    );
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_silent_holds_up_nothing_and_is_given_up() {
    let world = World::new("timeout_seconds = 1").await;
    world.voice_note("audio/ogg", SOUND);
    world.says(Says::Silence);
    world.says(Says::Text("after the silence".to_owned()));
    world.read().await;
    let task = world.task();
    assert_eq!(
        world.until_done().await.transcript,
        Some(done("after the silence"))
    );
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_at_a_time_and_each_once() {
    let world = World::new("").await;
    for number in 0..5 {
        world.voice_note("audio/ogg", format!("sound {number}").as_bytes());
    }
    world.speech.always(Says::Text("said".to_owned()));
    world.read().await;
    let task = world.task();
    support::wait::until("all five", support::wait::PATIENCE, || {
        (world.speech.asked().len() == 5).then_some(())
    });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let asked = world.speech.asked();
    assert_eq!((asked.len(), world.speech.at_once()), (5, 1));
    assert_eq!(asked[0].file.1, b"sound 4", "the newest first");
    task.abort();
    // Another engine finds nothing to do.
    let task = world.task();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(world.speech.asked().len(), 5);
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_reach_nobody_as_they_came() {
    let rows = corpus::load("01_terminal");
    let world = World::new("").await;
    for row in &rows {
        world.voice_note("audio/ogg", row.id.as_bytes());
        world.says(Says::Text(row.text()));
    }
    world.read().await;
    let task = world.task();
    let files = world.all_settled(rows.len()).await;
    for file in &files {
        let Some(Transcript::Done { text }) = &file.transcript else {
            panic!("{:?}", file.transcript);
        };
        let bad = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!text.chars().any(bad), "{text:?}");
        assert_eq!(
            frontdesk::text::sanitize_block(text).text,
            *text,
            "it is clean already"
        );
    }
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_audio_can_be_asked_for() {
    let world = World::new("").await;
    world.voice_note("application/pdf", SOUND);
    world.read().await;
    let file = world.file().await;
    assert!(!world.store.ask_transcript(file.id).await.unwrap());
    assert!(!world.store.ask_transcript(AttachmentId(999)).await.unwrap());
    assert_eq!(world.store.audio_account(file.id).await.unwrap(), None);
}
