//! A desk to sit at, and the few moves that the tests make.

use frontdesk::model::{Answer, Query, SystemClock};
use frontdesk::runtime::{DemoOptions, open_mirror, run_demo_on};
use frontdesk::store::Store;
use frontdesk::term::Probe;
use frontdesk::testing::Robot;
use std::path::Path;
use std::sync::Arc;

/// The demo's desk on a mirror in `dir`, in which nothing happens by itself; its first frames are drawn.
pub fn sit(dir: &Path, size: (u16, u16)) -> Robot {
    sit_down(dir, size, false)
}

/// The same, with an assistant that writes drafts meanwhile.
pub fn sit_with_assistant(dir: &Path, size: (u16, u16)) -> Robot {
    sit_down(dir, size, true)
}

fn sit_down(dir: &Path, size: (u16, u16), assistant: bool) -> Robot {
    let options = DemoOptions {
        seed: 7,
        speed: 0.0,
        assistant,
        keep: Some(dir.to_owned()),
        plain: false,
        theme: None,
        mouse: false,
    };
    let robot = Robot::start(size, |terminal| {
        run_demo_on(options, nowhere(), |_| Ok(terminal))
    });
    // The page to a colleague that opens the story has left.
    robot.sees_that("all accounts at work and nothing on its way", |screen| {
        let header = screen.lines().next().unwrap_or("");
        header.ends_with("12 ok") && !header.contains("leaving")
    });
    robot
}

/// A terminal about which nothing is known: no desktop, no SSH, whatever this machine has.
pub fn nowhere() -> Probe {
    Probe::from_vars(&|name| (name == "TERM").then(|| "xterm-256color".to_owned()))
}

/// Searches and opens the first hit.
#[track_caller]
pub fn find(robot: &Robot, query: &str) {
    robot
        .press("/")
        .press("<C-u>")
        .press(query)
        .press("<Enter>");
    assert!(robot.status().contains("r reply"), "{}", robot.screen());
}

/// The mirror, beside the program.
pub fn mirror(dir: &Path) -> Store {
    let clock: Arc<dyn frontdesk::model::Clock> = Arc::new(SystemClock);
    open_mirror(dir, &clock).unwrap()
}

/// The texts in the outbox.
pub fn outbox(dir: &Path) -> Vec<(String, frontdesk::model::OutboxState)> {
    let store = mirror(dir);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answer = runtime.block_on(store.answer(Query::Outbox { limit: 500 }));
    let Answer::Outbox(rows) = answer.unwrap() else {
        panic!("not the outbox");
    };
    rows.into_iter()
        .map(|row| (row.out.body.clone(), row.state))
        .collect()
}
