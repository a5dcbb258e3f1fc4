//! Memory of a screen at which somebody works while messages come in for an hour.

use super::feed::Feed;
use super::proc::Cost;
use super::row::Row;
use super::screen::Desk;
use std::time::{Duration, Instant};

/// How long.
const HOUR: Duration = Duration::from_hours(1);
/// Messages a second: some thirty times what a busy desk gets.
const RATE: u32 = 100;
/// Between two looks at the memory, each after a few keys.
const LOOK: Duration = Duration::from_secs(10);
/// From here to a third of the hour is the beginning: by then what may fill has filled.
const WARM: Duration = Duration::from_mins(5);
/// What is pressed in turn: moves, opens, searches, switches.
const KEYS: [&[u8]; 8] = [
    b"j",
    b"\r",
    b"\x1b",
    b"gA",
    b"/refund\r",
    b"\x1b",
    b"gi",
    b"jj",
];

/// Measures for an hour.
///
/// # Errors
/// When the screen does not open or ends.
pub fn rows(desk: &Desk, feed: &Feed) -> anyhow::Result<Vec<Row>> {
    let (mut seat, _) = desk.open()?;
    feed.pour_at(RATE);
    let (began, told) = (Instant::now(), feed.told());
    let (mut most, mut early, mut late) = (0, Vec::new(), Vec::new());
    for (look, keys) in (1_u32..).zip(KEYS.iter().cycle()) {
        let passed = began.elapsed();
        if passed >= HOUR {
            break;
        }
        seat.keys(keys)?;
        while let Some(left) = (LOOK * look)
            .checked_sub(began.elapsed())
            .filter(|left| !left.is_zero())
        {
            seat.take(left)?;
        }
        let resident = Cost::of(seat.pid())?.resident;
        most = most.max(resident);
        if passed >= WARM && passed < HOUR / 3 {
            early.push(resident);
        } else if passed >= HOUR * 2 / 3 {
            late.push(resident);
        }
    }
    feed.pour(false);
    let came = feed.told() - told;
    let mean = |all: &[u64]| all.iter().sum::<u64>() as f64 / all.len().max(1) as f64 / 1e6;
    let (early, late) = (mean(&early), mean(&late));
    Ok(vec![
        Row::below(
            "resident memory in an hour of sync, at most",
            most as f64 / 1e6,
            80.0,
            "MB",
        )
        .note(format!(
            "{came} messages came in, while somebody worked at it"
        )),
        Row::below(
            "resident memory, last third of the hour over the first",
            late / early,
            1.05,
            "x",
        )
        .note(format!(
            "{early:.1} MB, without the first five minutes, and {late:.1} MB"
        )),
    ])
}
