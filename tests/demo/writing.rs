//! Replies: held, taken back, sent, delivered, read, answered; notes; who cannot be written to.

use std::time::Duration;

use crate::desk::{SOMETIME, SOON, find, held, living, reply, says, still, write};

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_reply_is_held_taken_back_sent_read_and_answered() {
    let mut pty = living(120, 36);
    pty.keys("j").settle(Duration::from_millis(150));
    find(&mut pty, "channel:whatsapp still coming");
    reply(&mut pty, "He rings in ten minutes");
    pty.wait_until("a countdown", SOON, held);
    pty.wait_until("the reply with its state", SOON, |screen| {
        screen.contains("held 7s") || screen.contains("held 6s") || screen.contains("held 5s")
    });

    // Taken back: the same text is a draft again.
    pty.keys("u");
    says(&pty, "draft again");
    pty.wait_gone("undo with u (");
    pty.keys("r")
        .wait_for("C-s review")
        .wait_for("He rings in ten minutes");

    // Let go: sent, delivered, read, answered by the customer.
    pty.keys("<End> or so<C-s>").wait_for("this is what leaves");
    pty.keys("y").wait_gone("this is what leaves");
    pty.wait_until("delivered", SOMETIME, |screen| screen.contains("✓✓"));
    pty.wait_until("read", SOMETIME, |screen| {
        screen.contains("He rings in ten minutes or so") && screen.contains("✓✓ read")
    });
    pty.wait_until("the customer's answer", SOMETIME, |screen| {
        screen.contains("How long until he is here?")
    });
    pty.keys("go").wait_for(" Outbox");
    pty.wait_for("He rings in ten minutes or so");
    assert!(!pty.screen().contains("not known"), "{}", pty.screen());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_reply_is_written_on_every_size() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut pty = still(columns, rows);
        find(&mut pty, "channel:whatsapp still coming");
        reply(&mut pty, "at noon");
        pty.wait_until("a countdown", SOON, |screen| {
            screen.contains("undo with u (")
        });
        pty.keys("u");
        says(&pty, "draft again");
        pty.keys("r").wait_for("at noon");
        pty.keys("<Esc>").wait_gone("C-s review");
        // The draft is on the list of drafts, and Enter goes on with it.
        pty.keys("gd").wait_for("at noon");
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn the_last_look_can_be_left_in_every_way() {
    let mut pty = still(120, 36);
    find(&mut pty, "channel:email 4410 charged twice");
    write(&mut pty, "We refund one of the two");
    pty.keys("s").wait_for("subject");
    pty.keys(" (refund)<Enter>").wait_for("twice (refund)");
    pty.keys("c").keys("books@lindqvist.example<Enter>");
    pty.wait_for("books@lindqvist.example");
    pty.keys("l").wait_for("tomorrow");
    pty.keys("<Esc>").wait_gone("choose, or type");
    pty.keys("e");
    says(&pty, "C-s review");
    pty.keys("<C-s>").wait_for("this is what leaves");
    pty.keys("p");
    says(&pty, "the text is kept");
    pty.keys("r").wait_for("We refund one of the two");
    pty.keys("<C-s>").wait_for("this is what leaves");
    pty.keys("n").wait_for("Throw this text away?");
    pty.keys("y").wait_gone("Throw this text away?");
    pty.wait_gone("We refund one of the two");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_note_stays_here() {
    let mut pty = still(120, 36);
    find(&mut pty, "channel:whatsapp still coming");
    pty.keys("n").wait_for("note");
    says(&pty, "C-s");
    pty.keys("bring the long ladder<C-s>");
    pty.wait_until("the note", SOON, |screen| {
        screen.contains("bring the long ladder") && !screen.contains("C-s review")
    });
    pty.keys("go")
        .wait_for("Outbox")
        .settle(Duration::from_millis(300));
    assert!(!pty.screen().contains("long ladder"), "{}", pty.screen());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn who_opted_out_is_not_written_to() {
    let mut pty = still(120, 36);
    find(&mut pty, "channel:sms STOP");
    pty.keys("r");
    says(&pty, "opted out");
    pty.keys("t");
    says(&pty, "opted out");
    assert!(!pty.screen().contains("C-s review"), "{}", pty.screen());
    // A note to ourselves is fine.
    pty.keys("n");
    says(&pty, "C-s");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_canned_reply_is_filled_in() {
    let mut pty = still(120, 36);
    find(&mut pty, "channel:email 4410 charged twice");
    pty.keys("t")
        .wait_for("canned reply")
        .wait_for("invoice-copy");
    pty.keys("invoice-copy<Enter>").wait_gone("── canned reply");
    pty.wait_for("copy of the invoice");
    assert!(!pty.screen().contains("{{"), "{}", pty.screen());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn the_editor_takes_over_and_gives_the_text_back() {
    let home = tempfile::tempdir().unwrap();
    let editor = home.path().join("editor");
    std::fs::write(
        &editor,
        "#!/bin/sh\nprintf 'written elsewhere\\n' >> \"$1\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let launch = crate::support::pty::Launch::new(&["demo", "--seed", "7", "--speed", "0.01"])
        .size(120, 36)
        .env("VISUAL", editor.to_str().unwrap());
    let mut pty = crate::desk::open(launch);
    find(&mut pty, "channel:whatsapp still coming");
    pty.keys("r");
    says(&pty, "C-e editor");
    pty.keys("begun here<C-e>").wait_for("written elsewhere");
    pty.wait_for("begun here");
    says(&pty, "C-s review");
}
