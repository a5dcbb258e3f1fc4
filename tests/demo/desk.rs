//! A running demo, and the few moves that every test makes in it.

use std::time::{Duration, Instant};

use crate::support::pty::{Launch, Pty};

/// How long a debug build on a very busy machine may take for what people see at once.
pub const SOON: Duration = Duration::from_mins(1);
/// How long for what the script brings after some seconds.
pub const SOMETIME: Duration = Duration::from_mins(2);

/// A demo in which customers live at the script's pace.
pub fn living(columns: u16, rows: u16) -> Pty {
    open(Launch::new(&["demo", "--seed", "7"]).size(columns, rows))
}

/// A demo in which nothing happens by itself.
pub fn still(columns: u16, rows: u16) -> Pty {
    open(Launch::new(&["demo", "--seed", "7", "--speed", "0.01"]).size(columns, rows))
}

/// A demo in which nothing happens by itself, with an editor that leaves every text as it is.
pub fn still_with_editor(columns: u16, rows: u16) -> Pty {
    let launch = Launch::new(&["demo", "--seed", "7", "--speed", "0.01"]);
    open(launch.size(columns, rows).env("VISUAL", "true"))
}

/// A demo as [`still_with_editor`], once the assistant has worked through what came before.
pub fn with_drafts() -> Pty {
    let pty = still_with_editor(120, 36);
    pty.wait_until("the assistant's drafts", SOMETIME, |screen| {
        screen.contains("approvals ")
    });
    pty
}

/// Does something with all of these in three demos at once: most of a demo's time is waiting.
pub fn side_by_side<T: Sync>(all: &[T], each: impl Fn(&[T]) + Sync) {
    std::thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(3).max(1)) {
            let each = &each;
            scope.spawn(move || each(part));
        }
    });
}

/// Starts it and waits until the desk is ready.
pub fn open(launch: Launch) -> Pty {
    let begun = Instant::now();
    let pty = launch.start();
    pty.wait_until("the inbox", SOON, has_rows);
    eprintln!("inbox after {} ms", begun.elapsed().as_millis());
    pty.wait_until("all accounts at work", SOON, |screen| {
        let header = screen.lines().next();
        header.is_some_and(|line| line.ends_with("12 ok"))
    });
    pty
}

/// The last line: the keys of this place, or what the last action did.
pub fn status(pty: &Pty) -> String {
    let rows = pty.look(|screen| usize::from(screen.size().0));
    let screen = pty.screen();
    screen.lines().nth(rows - 1).unwrap_or("").trim().to_owned()
}

/// Waits until the status line says this.
#[track_caller]
pub fn says(pty: &Pty, words: &str) {
    pty.wait_until(&format!("{words:?} in the status line"), SOON, |screen| {
        screen
            .lines()
            .last()
            .is_some_and(|line| line.contains(words))
    });
}

/// Searches, waits for hits, and opens the first.
#[track_caller]
pub fn find(pty: &mut Pty, query: &str) {
    pty.keys("/").wait_for(" /");
    // An earlier search may still stand there.
    pty.keys("<C-u>").keys(query);
    // In a narrow pane the beginning of the query is not to be seen.
    let end = &query[query.len().saturating_sub(12)..];
    pty.wait_until(&format!("hits for {query:?}"), SOON, |screen| {
        let mut lines = screen.lines().skip_while(|line| !line.contains(" /"));
        lines.next().is_some_and(|line| line.contains(end)) && lines.any(is_hit)
    });
    pty.settle(Duration::from_millis(200));
    pty.keys("<Enter>");
    opened(pty);
}

/// A row with the mark of the cursor and a channel.
pub fn is_hit(line: &str) -> bool {
    const TAGS: [&str; 12] = [
        "em", "sm", "wa", "ms", "ig", "tg", "sl", "dc", "vo", "rv", "wc", "x ",
    ];
    let at = |mark: &str| {
        TAGS.iter().any(|tag| {
            [' ', '!']
                .iter()
                .any(|flag| line.contains(&format!("{mark}{flag}{tag}")))
        })
    };
    at("▸") || at(">") || at("■")
}

/// Waits until the keys work in an open conversation.
#[track_caller]
pub fn opened(pty: &Pty) {
    pty.wait_until("an open conversation", SOON, |screen| {
        let keys = screen.lines().last().unwrap_or("");
        keys.contains("r reply") && !keys.contains("Enter open")
    });
    // Its messages come a moment after its keys.
    pty.settle(Duration::from_millis(250));
}

/// Writes a reply in the open conversation, as far as the last look at it.
#[track_caller]
pub fn write(pty: &mut Pty, text: &str) {
    pty.keys("r");
    says(pty, "C-s review");
    pty.keys(text).wait_for(text);
    pty.keys("<C-s>").wait_for("this is what leaves");
    if pty.look(|screen| screen.size().0) < 20 {
        // On a telephone the text is below the addresses.
        pty.keys("<C-d>");
    }
    pty.wait_for(text);
}

/// Writes a reply and queues it.
#[track_caller]
pub fn reply(pty: &mut Pty, text: &str) {
    write(pty, text);
    pty.keys("y").wait_gone("this is what leaves");
}

/// Something waits and can be taken back.
pub fn held(screen: &str) -> bool {
    let last = screen.lines().last();
    last.is_some_and(|line| line.contains("undo with u ("))
}

/// Back to the inbox from wherever: out of whatever is typed into or lies on top, then `g i`.
#[track_caller]
pub fn home(pty: &mut Pty) {
    for _ in 0..10 {
        pty.settle(Duration::from_millis(100));
        let typing = pty.look(|screen| !screen.hide_cursor());
        let screen = pty.screen();
        let keys = screen.lines().last().unwrap_or("");
        let on_top = ["Esc ", "any key", "y yes"]
            .iter()
            .any(|word| keys.contains(word));
        if !typing && !on_top && !screen.contains("this is what leaves") {
            break;
        }
        pty.keys("<Esc>");
    }
    pty.keys("gi").settle(Duration::from_millis(250));
    pty.wait_until("the inbox again", SOON, has_rows);
}

/// In the inbox of the same demo, or of a fresh one while what the last key did is still told: it could be
/// told again in the same words.
#[track_caller]
pub fn back(mut pty: Pty) -> Pty {
    home(&mut pty);
    if status(&pty).contains("? help") {
        return pty;
    }
    with_drafts()
}

/// The list shows conversations, with the cursor on one.
fn has_rows(screen: &str) -> bool {
    ["Inbox · ", "Inbox - "]
        .iter()
        .any(|title| screen.contains(title))
        && screen.lines().any(is_hit)
}

/// Presses keys and waits until anything on the screen is different: a letter, a colour, the cursor.
#[track_caller]
pub fn press_and_see(pty: &mut Pty, keys: &str, what: &str) {
    pty.settle(Duration::from_millis(120));
    let before = pty.look(seen);
    pty.keys(keys);
    crate::support::wait::until(&format!("an effect of {keys} ({what})"), SOON, || {
        (pty.look(seen) != before).then_some(())
    });
}

fn seen(screen: &vt100::Screen) -> (Vec<u8>, (u16, u16), bool) {
    (
        screen.contents_formatted(),
        screen.cursor_position(),
        screen.hide_cursor(),
    )
}
