//! The first page of a search, newest first, beside notmuch.

use super::super::row::{Row, Samples};
use super::super::seat::Launch;
use super::mails::Mails;
use crate::model::{Answer, Query, SystemClock};
use crate::store::{Options, Store};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Words that are looked for: of many mails, of some, of few.
const WORDS: [&str; 5] = ["refund", "delivery", "the", "lamp", "garantie"];
/// Times that each is looked for; one before them fills the caches.
const ROUNDS: usize = 5;
/// Results of a page.
const PAGE: u32 = 60;
/// The longest that all mails may take to be indexed.
const INDEXING: Duration = Duration::from_mins(15);
/// The longest that a search may take.
const SEARCHING: Duration = Duration::from_secs(30);

/// Measures in `place`.
///
/// # Errors
/// When our own mirror does not answer.
pub async fn rows(place: &Path, mails: &Mails, count: usize) -> anyhow::Result<Vec<Row>> {
    let config = place.join("notmuch-config");
    let folder = mails.maildir.parent().unwrap_or(&mails.maildir);
    std::fs::write(
        &config,
        format!(
            "[database]\npath={}\n[user]\nname=Nina\nprimary_email=nina@northwind.example\n[new]\ntags=inbox\n",
            folder.display()
        ),
    )?;
    let notmuch = |arguments: &[&str], most: Duration| {
        let mut command = Command::new("notmuch");
        command
            .args(arguments)
            .env("NOTMUCH_CONFIG", &config)
            // Indexing a hundred thousand mails in one piece is what it does fastest.
            .env("XAPIAN_FLUSH_THRESHOLD", "100000");
        super::super::apart(|| bounded(&mut command, most))
    };
    let left_out = |why: String| Ok(vec![Row::left_out("against notmuch", why)]);
    if let Err(error) = notmuch(&["new", "--quiet"], INDEXING) {
        return left_out(format!("it does not index the mails: {error:#}"));
    }
    let launch = Launch::frontdesk(&place.join("home"), &mails.mirror)?;
    let limit = PAGE.to_string();
    let command = |word: &str| {
        let mut command = Command::new(&launch.program);
        command
            .args(&launch.arguments)
            .args(["search", "--limit", &limit, word])
            .envs(launch.variables.iter().cloned());
        super::super::apart(|| bounded(&mut command, SEARCHING))
    };
    let store = Store::open(Options {
        dir: mails.mirror.clone(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })?;
    let mut times: [Samples; 3] = Default::default();
    for round in 0..=ROUNDS {
        for word in WORDS {
            let page = format!("--limit={PAGE}");
            let theirs = ["search", "--sort=newest-first", &page, word];
            let theirs = match notmuch(&theirs, SEARCHING) {
                Ok(theirs) => theirs,
                Err(error) => return left_out(format!("it does not find `{word}`: {error:#}")),
            };
            let of_command = command(word)?;
            let within = search(&store, word).await?;
            if round > 0 {
                let all = [theirs, of_command, within];
                times
                    .iter_mut()
                    .zip(all)
                    .for_each(|(kept, took)| kept.time(took));
            }
        }
    }
    let [theirs, of_command, within] = &times;
    let row = |figure: &str, ours: &Samples, note: &str| {
        Row::below(figure, ours.median(), theirs.median(), "ms")
            .against(format!("notmuch on the same {count} mails"))
            .note(format!(
                "{note}; p99 {:.1} against {:.1} ms",
                ours.quantile(0.99),
                theirs.quantile(0.99)
            ))
    };
    Ok(vec![
        row(
            "first page of a search, as a command",
            of_command,
            "both with the start of a process",
        ),
        row(
            "first page of a search, in the screen",
            within,
            "theirs with the start of its process",
        ),
    ])
}

/// What the screen asks when a search is sent off; how long the answer takes.
async fn search(store: &Store, word: &str) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let query = Query::Search {
        text: word.to_owned(),
        me: "nina".to_owned(),
        typing: false,
        before: None,
        limit: PAGE,
    };
    let answer = store.answer(query).await?;
    let took = began.elapsed();
    let found = matches!(answer, Answer::Search { hits, .. } if !hits.is_empty());
    anyhow::ensure!(found, "the mirror does not find `{word}`");
    Ok(took)
}

/// Runs a command to its end; how long until its output ended. One that takes longer than `most` is killed.
fn bounded(command: &mut Command, most: Duration) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let Some(mut output) = child.stdout.take() else {
        anyhow::bail!("there is no pipe");
    };
    let mut buffer = [0; 16_384];
    let took = loop {
        let left = most.saturating_sub(began.elapsed());
        let wait = Timespec {
            tv_sec: i64::try_from(left.as_secs())?,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        if poll(&mut [PollFd::new(&output, PollFlags::IN)], Some(&wait))? == 0 {
            child.kill()?;
            child.wait()?;
            anyhow::bail!("not done after {} s", most.as_secs());
        }
        if output.read(&mut buffer)? == 0 {
            break began.elapsed();
        }
    };
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "it ended with {status}");
    Ok(took)
}
