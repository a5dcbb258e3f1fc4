//! What ten accounts that poll at their defaults cost while nobody writes: the processor time of the real program,
//! against the limit of one percent of a core.

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
