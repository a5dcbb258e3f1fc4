//! The screen as an agent meets it: how soon the list is there, how soon a key answers, what is written, what it costs.

use super::feed::Feed;
use super::proc::Cost;
use super::row::{Row, Samples};
use super::seat::{Launch, SIZE, Seat};
use crate::model::query::{From, ListQuery, Sort, View};
use crate::model::{Answer, Query, SystemClock};
use crate::store::{Options, Store};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Starts of each kind; the middle one counts.
const STARTS: usize = 11;
/// A screen that is silent for so long has said all that a key made it say.
const QUIET: Duration = Duration::from_millis(40);
/// The longest that a start may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long an engine has for its first round.
const START: Duration = Duration::from_secs(40);
/// How long nothing is done to see what that costs.
const IDLE: Duration = Duration::from_secs(62);
/// What an empty list says.
const NOTHING: [&str; 2] = ["Nothing waits", "No account is set up"];

/// A place where the program runs: its configuration and its mirror.
pub struct Desk {
    home: PathBuf,
    mirror: PathBuf,
    /// Names of the first rows of the list.
    first: Vec<String>,
}

impl Desk {
    /// A desk on `mirror` with a configuration of its own below `home`; with a `feed`, its account, too.
    ///
    /// # Errors
    /// When the mirror cannot be read or the folder not be written.
    pub async fn new(home: &Path, mirror: &Path, feed: Option<&Feed>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(home)?;
        let mut config = String::from("me = 'nina'\nagents = ['omar', 'lea']\n");
        if let Some(feed) = feed {
            let _ = write!(
                config,
                "[accounts.feed]\nprovider = 'telegram'\nusername = '{}'\ntoken = {{ command = ['echo', '{}'] }}\n\
                 base_url = '{}'\n",
                super::feed::USER,
                super::feed::TOKEN,
                feed.url()
            );
        }
        std::fs::write(home.join("config.toml"), config)?;
        Ok(Self {
            home: home.to_owned(),
            mirror: mirror.to_owned(),
            first: first_rows(mirror).await?,
        })
    }

    /// Opens the screen and waits until its list can be used; how long that took.
    ///
    /// # Errors
    /// When it is not there in time.
    pub fn open(&self) -> anyhow::Result<(Seat, Duration)> {
        let mut seat = Launch::frontdesk(&self.home, &self.mirror)?.start()?;
        let took = seat.wait_for(&self.first, PATIENCE)?;
        Ok((seat, took))
    }
}

/// Names that stand in the first rows of the inbox; what an empty one says where there are none.
async fn first_rows(mirror: &Path) -> anyhow::Result<Vec<String>> {
    let store = Store::open(Options {
        dir: mirror.to_owned(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })?;
    let query = Query::List(ListQuery {
        view: View::Inbox,
        sort: Sort::default(),
        from: From::Top,
        limit: 12,
        me: "nina".to_owned(),
        filter: String::new(),
    });
    let Answer::List(page) = store.answer(query).await? else {
        anyhow::bail!("the list was not answered");
    };
    let names = page.rows.into_iter().map(|(_, one)| one.contact_name);
    // Others may be drawn in pieces.
    let names: Vec<String> = names
        .filter(|name| name.is_ascii() && !name.is_empty())
        .collect();
    Ok(if names.is_empty() {
        NOTHING.map(str::to_owned).to_vec()
    } else {
        names
    })
}

/// Start to usable list on the mirror and on an empty one.
///
/// # Errors
/// When a screen does not open.
pub fn start(full: &Desk, empty: &Desk) -> anyhow::Result<Vec<Row>> {
    let (mut on_full, mut on_empty) = (Samples::default(), Samples::default());
    for _ in 0..STARTS {
        on_full.time(full.open()?.1);
        on_empty.time(empty.open()?.1);
    }
    let (full, empty) = (on_full.median(), on_empty.median());
    let spread = format!(
        "median of {STARTS} starts, {:.0} to {:.0} ms",
        on_full.quantile(0.0),
        on_full.quantile(1.0)
    );
    Ok(vec![
        Row::below("start to usable list", full, 100.0, "ms").note(spread),
        Row::below(
            "start, over that on an empty mirror",
            full / empty,
            1.5,
            "x",
        )
        .note(format!("empty: {empty:.1} ms")),
    ])
}

/// What was measured of one kind of key.
#[derive(Default)]
struct Kind {
    first: Samples,
    bytes: Samples,
    silent: usize,
}

impl Kind {
    fn press(&mut self, seat: &mut Seat, keys: &[u8]) -> anyhow::Result<()> {
        let pressed = seat.press(keys, QUIET)?;
        match pressed.first {
            Some(first) => {
                self.first.time(first);
                self.bytes.add(pressed.bytes as f64);
            }
            None => self.silent += 1,
        }
        Ok(())
    }

    fn rows(&self, name: &str) -> [Row; 2] {
        let note = format!(
            "{} keys, {} without an answer",
            self.first.count(),
            self.silent
        );
        [
            Row::below(
                &format!("key to bytes, {name}, p50"),
                self.first.median(),
                2.0,
                "ms",
            )
            .note(note),
            Row::below(
                &format!("key to bytes, {name}, p99"),
                self.first.quantile(0.99),
                8.0,
                "ms",
            )
            .note(format!("longest {:.1} ms", self.first.quantile(1.0))),
        ]
    }
}

/// Keys of every kind.
#[derive(Default)]
struct Keys {
    moving: Kind,
    staying: Kind,
    paging: Kind,
    opening: Kind,
    switching: Kind,
    typing: Kind,
}

impl Keys {
    fn press_all(&mut self, seat: &mut Seat, times: usize) -> anyhow::Result<()> {
        seat.settle(Duration::from_millis(400))?;
        seat.press(b"gA", Duration::from_millis(200))?;
        for _ in 0..10 * times {
            self.moving.press(seat, b"j")?;
        }
        for at in 0..4 * times {
            self.paging
                .press(seat, if at % 8 < 6 { b"\x04" } else { b"\x15" })?;
        }
        for _ in 0..4 * times {
            self.opening.press(seat, b"\r")?;
            seat.press(b"\x1b", Duration::from_millis(80))?;
            seat.press(b"j", QUIET)?;
        }
        for at in 0..4 * times {
            let to = [b"i", b"w", b"A", b"u", b"r", b"m"][at % 6];
            seat.press(b"g", QUIET)?;
            self.switching.press(seat, to)?;
        }
        // In the sidebar the preview stays as it is.
        seat.press(b"gi", Duration::from_millis(200))?;
        seat.press(b"gv", Duration::from_millis(200))?;
        for at in 0..4 * times {
            self.staying
                .press(seat, if at % 8 < 4 { b"j" } else { b"k" })?;
        }
        seat.press(b"\x1b", Duration::from_millis(100))?;
        seat.press(b"gi", Duration::from_millis(200))?;
        seat.press(b"\r", Duration::from_millis(200))?;
        seat.press(b"r", Duration::from_millis(300))?;
        let text = "Thank you for writing; we look into it and answer today. ";
        for letter in text.bytes().cycle().take(10 * times) {
            self.typing.press(seat, &[letter])?;
        }
        seat.press(b"\x1b", Duration::from_millis(200))?;
        Ok(())
    }
}

/// Key to bytes and bytes per key, and the memory after all that.
///
/// # Errors
/// When the screen does not open or ends.
pub fn keys(desk: &Desk, times: usize) -> anyhow::Result<Vec<Row>> {
    let (mut seat, _) = desk.open()?;
    let mut keys = Keys::default();
    keys.press_all(&mut seat, times)?;
    let mut rows = Vec::new();
    rows.extend(keys.moving.rows("moving"));
    rows.extend(keys.opening.rows("opening"));
    rows.extend(keys.switching.rows("switching view"));
    rows.extend(keys.typing.rows("typing"));
    let at = format!("median at {}x{}", SIZE.0, SIZE.1);
    rows.push(
        Row::below(
            "bytes per cursor move, preview stays",
            keys.staying.bytes.median(),
            400.0,
            "B",
        )
        .note(at.clone()),
    );
    let changes = &keys.moving.bytes;
    rows.push(
        Row::below(
            "bytes per cursor move, preview changes",
            changes.median(),
            2_500.0,
            "B",
        )
        .note(format!("{at}; p90 {:.0}", changes.quantile(0.9))),
    );
    let pages = &keys.paging.bytes;
    rows.push(
        Row::below("bytes per page", pages.median(), 4_000.0, "B")
            .note(format!("{at}; p90 {:.0}", pages.quantile(0.9))),
    );
    let cost = Cost::of(seat.pid())?;
    rows.push(
        Row::below("resident memory", cost.resident as f64 / 1e6, 80.0, "MB")
            .note("after all these keys"),
    );
    Ok(rows)
}

/// Key to bytes while the same program reads a feed that never ends.
///
/// # Errors
/// When the screen does not open or ends.
pub fn keys_in_sync(desk: &Desk, feed: &Feed, times: usize) -> anyhow::Result<Vec<Row>> {
    let (mut seat, _) = desk.open()?;
    seat.settle(Duration::from_millis(400))?;
    feed.pour(true);
    let before = (feed.told(), Instant::now());
    let mut keys = Keys::default();
    let pressed = keys.press_all(&mut seat, times);
    feed.pour(false);
    pressed?;
    let rate = (feed.told() - before.0) as f64 / before.1.elapsed().as_secs_f64();
    let mut rows = Vec::new();
    for (kind, name) in [
        (&keys.moving, "moving in a sync"),
        (&keys.opening, "opening in a sync"),
        (&keys.switching, "switching view in a sync"),
        (&keys.typing, "typing in a sync"),
    ] {
        let [middle, worst] = kind.rows(name);
        rows.push(middle.note(format!("{rate:.0} messages/s came in")));
        rows.push(worst);
    }
    Ok(rows)
}

/// What a minute without a key costs.
///
/// # Errors
/// When the screen does not open or ends.
pub fn idle(desk: &Desk) -> anyhow::Result<Vec<Row>> {
    let (mut seat, _) = desk.open()?;
    // What an engine brings up to date at its start is no idleness.
    let opened = Instant::now();
    while opened.elapsed() < START {
        seat.take(START.saturating_sub(opened.elapsed()))?;
    }
    let (before, began) = (Cost::of(seat.pid())?, Instant::now());
    let (mut at_minutes, mut between) = (0, 0);
    while began.elapsed() < IDLE {
        let read = seat.take(IDLE.saturating_sub(began.elapsed()))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        // A clock may change a moment after its minute.
        if read > 0 && now.as_millis() % 60_000 < 1_000 {
            at_minutes += read;
        } else {
            between += read;
        }
    }
    let (after, took) = (Cost::of(seat.pid())?, began.elapsed().as_secs_f64());
    let used = (after.cpu.saturating_sub(before.cpu)).as_secs_f64() / took * 100.0;
    let wakes = (after.wakes.saturating_sub(before.wakes)) as f64 / took;
    Ok(vec![
        Row::below(
            "bytes in an idle minute but at minute steps",
            f64::from(between as u32),
            1.0,
            "B",
        )
        .note(format!("{at_minutes} B at minute steps")),
        Row::below("processor time while idle", used, 0.1, "%"),
        Row::below("wake-ups while idle", wakes, 1.001, "/s"),
    ])
}
