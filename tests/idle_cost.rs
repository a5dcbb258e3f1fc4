//! What accounts cost while nobody writes: the processor time of the real program with ten that poll at their defaults,
//! against the limit of one percent of a core; and how often its threads wake for a long poll that brings nothing.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fmt::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::fakes::meta_page::MetaPage;
use support::fakes::ringcentral::Ringcentral;
use support::fakes::telegram::{TOKEN, Telegram, USER};
use support::fakes::twilio::Twilio;
use support::wait::until;

/// Percent of a core.
const LIMIT: f64 = 1.0;
/// Longer than the longest default poll, so that every account polls in it.
const MEASURED: Duration = Duration::from_secs(32);

/// Wake-ups for one long poll that brings nothing, with all that happens beside it. At the default of 50 seconds, and
/// with a screen, it is to be one a second.
const WAKES: u64 = 22;
/// Long polls that are counted, and how long each is.
const POLLS: u64 = 4;
const POLL: Duration = Duration::from_secs(8);

struct Engine(Child);

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Engine {
    /// User and system time so far.
    fn time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        // The name in brackets may hold blanks.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// How often its threads waited for something, so far. Those that have ended are not counted.
    fn wakes(&self) -> u64 {
        let mut wakes = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.0.id())).unwrap() {
            let status = std::fs::read_to_string(thread.unwrap().path().join("status"));
            let status = status.unwrap_or_default();
            let count = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            wakes += count.map_or(0, |count| count.trim().parse::<u64>().unwrap());
        }
        wakes
    }
}

#[test]
fn a_long_poll_that_brings_nothing_wakes_little() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Telegram::start();
    let config = format!(
        "me = 'nina'\nmirror = '{}'\n[accounts.bot]\nprovider = 'telegram'\nusername = '{USER}'\n\
         token = {{ env = 'BOT' }}\nbase_url = '{}'\nlong_poll_seconds = {}\n",
        dir.path().join("mirror").display(),
        fake.url,
        POLL.as_secs()
    );
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command
        .arg("sync")
        .env("FRONTDESK_CONFIG", dir.path().join("config.toml"))
        .env("XDG_CONFIG_HOME", dir.path())
        .env("XDG_DATA_HOME", dir.path())
        .env("XDG_STATE_HOME", dir.path())
        .env("BOT", TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let engine = Engine(command.spawn().unwrap());
    // The first poll ends what is done but once.
    std::thread::sleep(POLL + POLL / 2);
    let before = engine.wakes();
    assert!(before > 0, "it runs");
    std::thread::sleep(POLL * u32::try_from(POLLS).unwrap());
    let wakes = (engine.wakes() - before) / POLLS;
    let says = format!("a long poll that brings nothing: {wakes} wake-ups, at most {WAKES}\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), says.as_bytes());
    assert!((1..=WAKES).contains(&wakes), "{says}");
}

#[test]
fn ten_polling_accounts_take_less_than_a_percent_of_a_core() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = format!(
        "me = 'nina'\nmirror = '{}'\n",
        dir.path().join("mirror").display()
    );
    let mut add = |name: &str, provider: &str, settings: &str| {
        let table = format!("[accounts.{name}]\nprovider = '{provider}'\n{settings}\n");
        config.write_str(&table).unwrap();
    };
    let telegrams = [Telegram::start(), Telegram::start()];
    for (at, fake) in telegrams.iter().enumerate() {
        let url = &fake.url;
        let settings =
            format!("username = '{USER}'\ntoken = {{ env = 'BOT' }}\nbase_url = '{url}'");
        add(&format!("telegram{at}"), "telegram", &settings);
    }
    for at in 0..2 {
        add(
            &format!("twilio{at}"),
            "twilio",
            &Twilio::start().settings(""),
        );
        add(
            &format!("phone{at}"),
            "ringcentral",
            &Ringcentral::start().settings(""),
        );
        // As fast as Meta allows, not as fast as the fake would.
        let slow = |settings: String| settings.replace("calls_per_second = 1000\n", "");
        add(
            &format!("page{at}"),
            "messenger",
            &slow(MetaPage::messenger().settings("")),
        );
        add(
            &format!("insta{at}"),
            "instagram",
            &slow(MetaPage::instagram().settings("")),
        );
    }
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env("FRONTDESK_CONFIG", dir.path().join("config.toml"))
            .env("XDG_CONFIG_HOME", dir.path())
            .env("XDG_DATA_HOME", dir.path())
            .env("XDG_STATE_HOME", dir.path())
            .env("BOT", TOKEN)
            .stdin(Stdio::null());
        command
    };
    let mut command = run(&["sync"]);
    let engine = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let engine = Engine(engine.unwrap());
    // Measured is the daily round, not the first read.
    until(
        "ten accounts proven complete",
        Duration::from_mins(1),
        || {
            let listed = run(&["account", "list", "--json"]).output().unwrap();
            let listed = String::from_utf8(listed.stdout).unwrap();
            (listed.matches("\"state\":\"ok\"").count() == 10).then_some(())
        },
    );
    let (before, began) = (engine.time(), Instant::now());
    std::thread::sleep(MEASURED);
    let used =
        engine.time().saturating_sub(before).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0;
    // Not `eprintln!`: the runner keeps what a passing test prints with it to itself.
    let says = format!("ten polling accounts: {used:.2} % of a core, at most {LIMIT} %\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), says.as_bytes());
    assert!(used <= LIMIT, "{says}");
}
