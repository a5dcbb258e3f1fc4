//! Other programs on the same mails, on the same terminal, in the same run.

mod mails;
mod notmuch;
mod program;

use super::row::{Row, Samples};
use super::screen::Desk;
use super::seat::Seat;
use mails::Mails;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

/// Starts of each program beside ours; the middle one counts. One before them fills its caches.
const STARTS: usize = 5;
/// Keys pressed after each start.
const KEYS: usize = 20;
/// The longest that a program may take to show its list, reading all mails for the first time.
const PATIENCE: Duration = Duration::from_mins(2);
const QUIET: Duration = Duration::from_millis(40);
/// Screens that show a list and go on filling it are given so long.
const REST: Duration = Duration::from_millis(700);

/// Measures in `scratch`, on so many mails, and tells each row as soon as it is there.
///
/// A program that is not installed, or does not get ready in time, is a row that says so.
///
/// # Errors
/// When the mails cannot be written or our own screen does not open.
pub async fn rows(
    scratch: &Path,
    count: usize,
    tell: &mut (dyn FnMut(Row) + Send),
) -> anyhow::Result<()> {
    let screens = ["neomutt", "aerc"];
    for name in screens.into_iter().chain(["notmuch"]) {
        if !installed(name) {
            tell(not_installed(name));
        }
    }
    if !screens
        .iter()
        .chain(&["notmuch"])
        .any(|name| installed(name))
    {
        return Ok(());
    }
    let place = super::Scratch::new(scratch, "peers")?;
    let mails = Mails::write(place.path(), count).await?;
    let desk = desk(&place.path().join("home"), &mails).await?;
    for name in screens.into_iter().filter(|name| installed(name)) {
        let launch = program::launch(name, place.path(), &mails.maildir)?;
        let open = || {
            let mut seat = launch.start()?;
            let took = seat.wait_for(&mails.newest, PATIENCE)?;
            Ok((seat, took))
        };
        match super::apart(|| beside(|| desk.open(), open))? {
            Ok([ours, theirs]) => against(name, count, &ours, &theirs)
                .into_iter()
                .for_each(&mut *tell),
            Err(why) => tell(Row::left_out(&format!("against {name}"), why)),
        }
    }
    if installed("notmuch") {
        notmuch::rows(place.path(), &mails, count)
            .await?
            .into_iter()
            .for_each(&mut *tell);
    }
    Ok(())
}

/// A desk that does what the others do: it drafts no answers to the mails of years that nobody has answered.
async fn desk(home: &Path, mails: &Mails) -> anyhow::Result<Desk> {
    let desk = Desk::new(home, &mails.mirror, None).await?;
    let mut config = OpenOptions::new()
        .append(true)
        .open(home.join("config.toml"))?;
    config.write_all(b"\n[assist]\nenabled = false\n")?;
    Ok(desk)
}

/// Whether there is a program of that name.
pub fn installed(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}

fn not_installed(name: &str) -> Row {
    Row::left_out(
        &format!("against {name}"),
        "not installed (benches/peers.sh)",
    )
}

/// What was measured of one program.
#[derive(Default)]
struct Times {
    start: Samples,
    keys: Samples,
    bytes: Samples,
}

impl Times {
    /// One start, and keys in it.
    fn add(&mut self, open: impl Fn() -> anyhow::Result<(Seat, Duration)>) -> anyhow::Result<()> {
        let (mut seat, took) = open()?;
        self.start.time(took);
        seat.settle(REST)?;
        for _ in 0..KEYS {
            let pressed = seat.press(b"j", QUIET)?;
            if let Some(first) = pressed.first {
                self.keys.time(first);
                self.bytes.add(pressed.bytes as f64);
            }
        }
        anyhow::ensure!(self.keys.count() > 0, "it answers no key");
        Ok(())
    }
}

/// Ours and theirs in turn, so that what else the machine does hits both; what is wrong with theirs, in words.
///
/// # Errors
/// When ours does not open.
fn beside(
    ours: impl Fn() -> anyhow::Result<(Seat, Duration)>,
    theirs: impl Fn() -> anyhow::Result<(Seat, Duration)>,
) -> anyhow::Result<Result<[Times; 2], String>> {
    let mut times = [Times::default(), Times::default()];
    ours()?;
    if let Err(error) = theirs() {
        return Ok(Err(one_line(&error)));
    }
    for _ in 0..STARTS {
        times[0].add(&ours)?;
        if let Err(error) = times[1].add(&theirs) {
            return Ok(Err(one_line(&error)));
        }
    }
    Ok(Ok(times))
}

/// What went wrong, without the empty part of a screen that goes with it.
fn one_line(error: &anyhow::Error) -> String {
    let words = format!("{error:#}");
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.take(4).collect::<Vec<_>>().join(" / ")
}

fn against(name: &str, count: usize, ours: &Times, theirs: &Times) -> [Row; 2] {
    let row = |figure: &str, of: fn(&Times) -> &Samples| {
        Row::below(figure, of(ours).median(), of(theirs).median(), "ms")
            .against(format!("{name} on the same {count} mails"))
    };
    let (keys, bytes) = (
        |times: &Times| times.keys.quantile(0.99),
        |times: &Times| times.bytes.median(),
    );
    [
        row("start to usable list", |times| &times.start).note(format!(
            "medians of {STARTS} starts in turn, without the drafter; ours {:.0} to {:.0} ms",
            ours.start.quantile(0.0),
            ours.start.quantile(1.0)
        )),
        row("key to bytes, p50", |times| &times.keys).note(format!(
            "p99 {:.1} against {:.1} ms; {:.0} against {:.0} bytes, ours with the preview",
            keys(ours),
            keys(theirs),
            bytes(ours),
            bytes(theirs)
        )),
    ]
}
