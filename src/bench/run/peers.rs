//! Other programs on the same mails, on the same terminal, in the same run.

use super::row::{Row, Samples};
use super::screen::Desk;
use super::seat::{Launch, Seat};
use crate::bench::generate::{self, Shape};
use crate::model::{Batch, Channel, Event, Query, SystemClock, Timestamp};
use crate::store::{Options, Store};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Mails that all programs get.
const MAILS: usize = 100_000;
/// Where they are from: rather more than half of its messages are mails.
const SHAPE: Shape = Shape {
    messages: 190_000,
    conversations: 38_000,
    seed: 3,
    until: Timestamp(1_790_000_000_000),
};
/// Starts of each program; the middle one counts, and the first only fills its caches.
const STARTS: usize = 3;
const PATIENCE: Duration = Duration::from_mins(3);
const QUIET: Duration = Duration::from_millis(40);
/// Keys pressed in each program.
const KEYS: usize = 60;
/// Words that are looked for.
const WORDS: [&str; 5] = ["refund", "delivery", "the", "lamp", "garantie"];

/// Measures in `scratch`.
///
/// # Errors
/// When the mails cannot be written or our own screen does not open.
pub async fn rows(scratch: &Path) -> anyhow::Result<Vec<Row>> {
    let names = ["neomutt", "aerc", "notmuch"];
    if !names.iter().any(|name| installed(name)) {
        let why = "no peer is installed; benches/peers.sh installs them";
        return Ok(vec![Row::left_out("peers on 100,000 mails", why)]);
    }
    let place = super::Scratch::new(scratch, "peers")?;
    let maildir = place.path().join("Mail/INBOX");
    let newest = write_maildir(&maildir)?;
    let mirror = place.path().join("mirror");
    fill(&mirror).await?;
    let desk = Desk::new(&place.path().join("home"), &mirror, None).await?;
    let ours = super::apart(|| time(|| desk.open()))?;
    let mut rows = Vec::new();
    for name in ["neomutt", "aerc"] {
        if !installed(name) {
            rows.push(Row::left_out(
                &format!("against {name}"),
                "not installed (benches/peers.sh)",
            ));
            continue;
        }
        let launch = peer(name, place.path(), &maildir)?;
        let theirs = super::apart(|| {
            time(|| {
                let mut seat = launch.start()?;
                let took = seat.wait_for(&newest, PATIENCE)?;
                Ok((seat, took))
            })
        });
        match theirs {
            Ok(theirs) => rows.extend(against(name, &ours, &theirs)),
            Err(error) => rows.push(Row::left_out(
                &format!("against {name}"),
                format!("{error:#}"),
            )),
        }
    }
    rows.push(search(place.path(), &maildir, &mirror).await?);
    Ok(rows)
}

/// Whether there is a program of that name.
pub fn installed(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}

/// What was measured of one program.
struct Times {
    start: f64,
    keys: Samples,
}

fn time(open: impl Fn() -> anyhow::Result<(Seat, Duration)>) -> anyhow::Result<Times> {
    open()?;
    let mut start = Samples::default();
    let mut keys = Samples::default();
    for _ in 0..STARTS {
        let (mut seat, took) = open()?;
        start.time(took);
        seat.settle(Duration::from_millis(500))?;
        for _ in 0..KEYS / STARTS {
            if let Some(first) = seat.press(b"j", QUIET)?.first {
                keys.time(first);
            }
        }
    }
    Ok(Times {
        start: start.median(),
        keys,
    })
}

fn against(name: &str, ours: &Times, theirs: &Times) -> [Row; 2] {
    let row = |figure: &str, ours: f64, theirs: f64, note: String| {
        Row::below(figure, ours, theirs, "ms")
            .against(format!("{name} on the same {MAILS} mails"))
            .note(note)
    };
    [
        row(
            "start to usable list",
            ours.start,
            theirs.start,
            String::new(),
        ),
        row(
            "key to bytes, p50",
            ours.keys.median(),
            theirs.keys.median(),
            format!(
                "p99 {:.1} against {:.1} ms",
                ours.keys.quantile(0.99),
                theirs.keys.quantile(0.99)
            ),
        ),
    ]
}

/// Writes the mails; senders of the newest that can be looked for on a screen.
fn write_maildir(maildir: &Path) -> anyhow::Result<Vec<String>> {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part))?;
    }
    for (number, (at, seen, bytes)) in generate::mails(SHAPE, MAILS).enumerate() {
        let flags = if seen { "S" } else { "" };
        let name = format!("cur/{}.{number}.bench:2,{flags}", at.seconds());
        fs::write(maildir.join(name), bytes)?;
    }
    let events = generate::events(SHAPE).filter(|(_, one)| one.channel == Channel::Email);
    let newest: Vec<_> = events.take(MAILS).collect();
    let names = newest
        .iter()
        .rev()
        .take(12)
        .map(|(_, mail)| mail.subject.clone());
    Ok(names
        .filter(|subject| subject.is_ascii())
        .map(|subject| subject.chars().take(16).collect())
        .collect())
}

/// The same mails in a mirror.
async fn fill(mirror: &Path) -> anyhow::Result<()> {
    let store = Store::open(Options {
        dir: mirror.to_owned(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })?;
    for (account, info) in generate::accounts() {
        store.ensure_account(&account, info).await?;
    }
    let mut waiting = std::collections::BTreeMap::new();
    let mails = generate::events(SHAPE).filter(|(_, one)| one.channel == Channel::Email);
    for (account, mail) in mails.take(MAILS) {
        let events: &mut Vec<Event> = waiting.entry(account.clone()).or_default();
        events.push(Event::Message(Box::new(mail)));
        if events.len() >= 2_000 {
            ingest(&store, &account, std::mem::take(events)).await?;
        }
    }
    for (account, events) in waiting {
        ingest(&store, &account, events).await?;
    }
    Ok(())
}

async fn ingest(
    store: &Store,
    account: &crate::model::AccountId,
    events: Vec<Event>,
) -> anyhow::Result<()> {
    let batch = Batch {
        events,
        ..Batch::default()
    };
    store.ingest(account, batch).await?;
    Ok(())
}

fn peer(name: &str, place: &Path, maildir: &Path) -> anyhow::Result<Launch> {
    let home = place.join(name);
    fs::create_dir_all(home.join("aerc"))?;
    let mut arguments: Vec<OsString> = Vec::new();
    if name == "neomutt" {
        let rc = home.join("rc");
        let words = format!(
            "set folder='{}'\nset header_cache='{}'\nset sort=reverse-date\nset mbox_type=Maildir\nset realname=Nina\n\
             set from='nina@northwind.example'\nset index_format='%4C %Z %{{%b %d}} %-30.30L %s'\n",
            maildir.parent().unwrap_or(maildir).display(),
            home.join("cache").display()
        );
        fs::write(&rc, words)?;
        arguments = vec![
            "-n".into(),
            "-F".into(),
            rc.into(),
            "-R".into(),
            "-f".into(),
            maildir.into(),
        ];
    } else {
        use std::os::unix::fs::PermissionsExt as _;
        let accounts = home.join("aerc/accounts.conf");
        let folder = maildir.parent().unwrap_or(maildir);
        let words = format!(
            "[bench]\nsource = maildir://{}\ndefault = INBOX\nfrom = Nina <nina@northwind.example>\n",
            folder.display()
        );
        fs::write(&accounts, words)?;
        fs::set_permissions(&accounts, fs::Permissions::from_mode(0o600))?;
    }
    let home = home.into_os_string();
    Ok(Launch {
        program: PathBuf::from(name),
        arguments,
        variables: vec![
            ("HOME", home.clone()),
            ("XDG_CONFIG_HOME", home.clone()),
            ("XDG_DATA_HOME", home.clone()),
            ("XDG_CACHE_HOME", home.clone()),
            ("XDG_STATE_HOME", home.clone()),
            ("XDG_RUNTIME_DIR", home),
        ],
    })
}

/// The first page of a search, newest first.
async fn search(place: &Path, maildir: &Path, mirror: &Path) -> anyhow::Result<Row> {
    const FIGURE: &str = "first page of a search";
    if !installed("notmuch") {
        return Ok(Row::left_out(
            FIGURE,
            "notmuch is not installed (benches/peers.sh)",
        ));
    }
    let config = place.join("notmuch-config");
    let folder = maildir.parent().unwrap_or(maildir);
    fs::write(
        &config,
        format!(
            "[database]\npath={}\n[user]\nname=Nina\nprimary_email=nina@northwind.example\n[new]\ntags=inbox\n",
            folder.display()
        ),
    )?;
    let notmuch = |arguments: &[&str]| {
        let mut command = Command::new("notmuch");
        command.args(arguments).env("NOTMUCH_CONFIG", &config);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    let indexed = super::apart(|| notmuch(&["new", "--quiet"]))?;
    anyhow::ensure!(indexed.success(), "notmuch did not index the mails");
    let store = Store::open(Options {
        dir: mirror.to_owned(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })?;
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    for round in 0..4 {
        for word in WORDS {
            let began = Instant::now();
            super::apart(|| notmuch(&["search", "--sort=newest-first", "--limit=60", word]))?;
            let took = began.elapsed();
            let query = Query::Search {
                text: word.to_owned(),
                me: "nina".to_owned(),
                typing: false,
                before: None,
                limit: 60,
            };
            let began = Instant::now();
            store.answer(query).await?;
            // The first round fills the caches.
            if round > 0 {
                theirs.time(took);
                ours.time(began.elapsed());
            }
        }
    }
    Ok(Row::below(FIGURE, ours.median(), theirs.median(), "ms")
        .against(format!("notmuch on the same {MAILS} mails"))
        .note("theirs with the start of its process"))
}
