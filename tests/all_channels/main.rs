//! Every channel at once: Dovecot, Postfix and a fake of each vendor on one side, the real program with one configuration
//! on the other. A customer writes on all of them, by poll and by post and more than once; one-line verbs answer each; the
//! engine is killed again and again, also in the middle of sends. At the end every message is there once, and every answer
//! reached the customer once, with its exact text, or is shown as unknown and was not tried again.
//!
//! `--nocapture` shows what was covered.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod courier;
#[path = "../e2e_mail/customer.rs"]
#[allow(dead_code)]
mod customer;
mod desk;
mod sides;
#[path = "../support/mod.rs"]
mod support;

use desk::{Desk, Engine};
use serde_json::Value;
use sides::Side;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use support::servers::required;
use support::wait::{PATIENCE, until};

/// An answer that was queued.
struct Answer {
    text: String,
    row: i64,
}

/// One customer on one channel.
struct Talk {
    side: Box<dyn Side>,
    /// What the customer said; each is in the mirror once.
    said: Vec<String>,
    answers: Vec<Answer>,
    conversation: i64,
}

impl Talk {
    fn new(side: Box<dyn Side>) -> Self {
        Self {
            side,
            said: Vec::new(),
            answers: Vec::new(),
            conversation: 0,
        }
    }

    fn text(&self, kind: &str, number: usize) -> String {
        format!("{kind}{number} {}: às 10 h – ok? ✅", self.side.name())
    }

    fn customer_writes(&mut self) {
        let text = self.text("pedido", self.said.len());
        self.side.writes(&text);
        self.said.push(text);
    }

    fn customer_sends_a_file(&mut self) {
        let text = self.text("foto", self.said.len());
        if self.side.sends_file(&text) {
            self.said.push(text);
        }
    }

    fn desk_answers(&mut self, desk: &Desk) {
        if !self.side.takes_answers() {
            return;
        }
        let text = self.text("resposta", self.answers.len());
        let done = desk.json(&["reply", &self.conversation.to_string(), "-m", &text]);
        let row = done[0]["outbox"].as_i64().unwrap();
        self.answers.push(Answer { text, row });
    }
}

/// Everything in the mirror: conversation and message.
struct Mirror(Vec<(Value, Value)>);

impl Mirror {
    fn read(desk: &Desk) -> Self {
        let lines = desk.json(&["export"]).into_iter();
        Self(
            lines
                .map(|mut line| (line["conversation"].take(), line["message"].take()))
                .collect(),
        )
    }

    /// The conversation of a text, with the message, as often as there is one.
    fn with(&self, side: &dyn Side, text: &str, direction: &str) -> Vec<(&Value, &Value)> {
        let all = self.0.iter().map(|(row, one)| (row, one));
        all.filter(|(row, one)| one["direction"] == direction && side.is(row, one, text))
            .collect()
    }
}

fn everything_is_read(desk: &Desk, talks: &[Talk]) -> Mirror {
    let mut last = String::new();
    let end = Instant::now() + PATIENCE;
    loop {
        let mirror = Mirror::read(desk);
        let missing = talks
            .iter()
            .flat_map(|talk| talk.said.iter().map(move |text| (talk, text)))
            .find(|(talk, text)| mirror.with(talk.side.as_ref(), text, "inbound").is_empty());
        match missing {
            None => return mirror,
            Some((_, text)) => last.clone_from(text),
        }
        assert!(Instant::now() < end, "never read: {last}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The state of every row of the outbox.
fn states(desk: &Desk) -> BTreeMap<i64, String> {
    let rows = desk.json(&["outbox", "--limit", "500"]);
    rows.iter()
        .map(|row| {
            let state = row["state"].as_str().unwrap().to_owned();
            (row["out"]["id"].as_i64().unwrap(), state)
        })
        .collect()
}

fn everything_has_left(desk: &Desk, talks: &[Talk]) -> BTreeMap<i64, String> {
    until("every answer to come to an end", PATIENCE, || {
        let states = states(desk);
        let over = |answer: &Answer| {
            ["sent", "unknown", "delivered", "read"].contains(&states[&answer.row].as_str())
        };
        let all = talks.iter().flat_map(|talk| &talk.answers).all(over);
        all.then_some(states)
    })
}

#[test]
fn a_customer_on_every_channel_and_an_engine_that_is_killed() {
    let Some(servers) = required() else {
        return;
    };
    let began = Instant::now();
    let (desk, sides) = Desk::new(servers);
    let mut talks: Vec<Talk> = sides.into_iter().map(Talk::new).collect();
    let mut kills: BTreeMap<&str, u32> = BTreeMap::new();
    let mut killed = |engine: Engine, moment: &'static str| {
        engine.kill();
        *kills.entry(moment).or_default() += 1;
    };

    // They wrote before anybody looked, and go on while the first read is made.
    talks.iter_mut().for_each(Talk::customer_writes);
    let mut engine = desk.engine();
    talks.iter_mut().for_each(Talk::customer_writes);
    killed(engine, "in the first read");
    engine = desk.engine();
    talks.iter_mut().for_each(Talk::customer_sends_a_file);
    let mirror = everything_is_read(&desk, &talks);
    for talk in &mut talks {
        let (row, _) = mirror.with(talk.side.as_ref(), &talk.said[0], "inbound")[0];
        talk.conversation = row["id"].as_i64().unwrap();
        assert_eq!(row["channel"], talk.side.channel(), "{row}");
    }

    // Undisturbed, once.
    for talk in &mut talks {
        talk.desk_answers(&desk);
    }
    for (row, state) in everything_has_left(&desk, &talks) {
        assert_ne!(state, "unknown", "row {row}, and nothing was disturbed");
    }

    // News at the moment of a kill, and while nobody is there.
    for pause in [0, 40] {
        talks.iter_mut().for_each(Talk::customer_writes);
        std::thread::sleep(Duration::from_millis(pause));
        killed(engine, "while customers write");
        talks.iter_mut().for_each(Talk::customer_writes);
        engine = desk.engine();
    }

    // Sends at the moment of a kill.
    for pause in [0, 60, 150, 400] {
        for talk in &mut talks {
            talk.desk_answers(&desk);
        }
        std::thread::sleep(Duration::from_millis(pause));
        killed(engine, "while answers leave");
        engine = desk.engine();
    }
    everything_has_left(&desk, &talks);

    // Each vendor took one and has not said so: the worst moment there is.
    let taken: Vec<usize> = talks.iter().map(|talk| talk.side.got().len()).collect();
    let mut held = Vec::new();
    for (index, talk) in talks.iter_mut().enumerate() {
        if talk.side.holds_answer() {
            talk.desk_answers(&desk);
            held.push(index);
        }
    }
    until("the held sends", PATIENCE, || {
        let there = |index: &usize| talks[*index].side.got().len() > taken[*index];
        held.iter().all(there).then_some(())
    });
    killed(engine, "after a send was taken, before it was said");
    engine = desk.engine();

    // It goes on as if nothing had been.
    for talk in &mut talks {
        talk.customer_writes();
        talk.desk_answers(&desk);
    }
    let mirror = everything_is_read(&desk, &talks);
    let states = everything_has_left(&desk, &talks);
    desk.courier.idle();

    let (mut messages, mut answers, mut unsure) = (0, 0, BTreeMap::<&str, u32>::new());
    for talk in &talks {
        let name = talk.side.name();
        for text in &talk.said {
            assert_eq!(
                mirror.with(talk.side.as_ref(), text, "inbound").len(),
                1,
                "{name}: {text}"
            );
            messages += 1;
        }
        let last = talk.answers.last().map(|answer| answer.text.clone());
        if let Some(text) = last {
            until("the last answer to arrive", PATIENCE, || {
                talk.side.got().contains(&text).then_some(())
            });
        }
        let got = talk.side.got();
        for answer in &talk.answers {
            let (state, text) = (&states[&answer.row], &answer.text);
            let copies = got.iter().filter(|one| *one == text).count();
            assert!(
                copies <= 1,
                "{name}: {text} arrived {copies} times: {state}"
            );
            if state == "unknown" {
                *unsure.entry(name).or_default() += 1;
            } else {
                assert_eq!(copies, 1, "{name}: {text} is {state}");
            }
            assert_eq!(
                mirror.with(talk.side.as_ref(), text, "outbound").len(),
                1,
                "{name}: {text}"
            );
            answers += 1;
        }
        let ours = talk.answers.iter().map(|answer| &answer.text);
        assert_eq!(
            got.len(),
            got.iter()
                .filter(|one| ours.clone().any(|text| text == *one))
                .count(),
            "{name}: {got:?}"
        );
    }
    // With the engine that brings it, and as the kill leaves it.
    let complete = || {
        for feed in desk.verified() {
            assert_eq!(feed["complete"], true, "{feed}");
        }
    };
    complete();
    engine.kill();
    complete();
    let names: Vec<&str> = talks.iter().map(|talk| talk.side.name()).collect();
    let kills: Vec<String> = kills
        .iter()
        .map(|(moment, count)| format!("{count} {moment}"))
        .collect();
    eprintln!(
        "measured: {} channels ({}); {messages} messages of customers, each once ({} posts were told, most twice); \
         {answers} answers, none twice, for a person to look at: {unsure:?}; kills: {}; {:?}",
        talks.len(),
        names.join(", "),
        desk.courier.told(),
        kills.join(", "),
        began.elapsed(),
    );
}
