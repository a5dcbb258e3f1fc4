//! Pages: a person is paged, has it, and it is over.

use std::time::Duration;

use crate::desk::{SOMETIME, SOON, find, living, says, still};

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_conversation_is_escalated_acknowledged_and_closed() {
    let mut pty = living(120, 36);
    find(&mut pty, "channel:whatsapp still coming");
    pty.keys("^").wait_for("tom");
    pty.keys("tom<Enter>").settle(Duration::from_millis(200));
    // Without a reason nobody is woken.
    pty.keys("<Enter>").wait_for("say why in a few words");
    pty.keys("newborn in a hot flat<Enter>")
        .wait_gone("say why");
    pty.wait_until("two pages", SOON, |screen| screen.contains("pages 2"));
    pty.keys("gp")
        .wait_for(" Pages")
        .wait_for("newborn in a hot flat");
    pty.wait_for("gas smell");
    pty.keys("A");
    pty.wait_until("acknowledged by me", SOON, |screen| {
        screen.contains("by nina")
    });
    pty.keys("Z").settle(Duration::from_millis(200));
    pty.keys("<Enter>").wait_for("until");
    pty.keys("C");
    pty.wait_until("one page less", SOON, |screen| screen.contains("pages 1"));
    // The page itself left as a message.
    pty.keys("go").wait_for(" Outbox");
    pty.wait_until("the page on its way", SOMETIME, |screen| {
        screen.contains("tom")
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_page_leads_to_its_conversation() {
    let mut pty = still(80, 24);
    pty.keys("gp").wait_for("gas smell");
    pty.keys("<Enter>").wait_for("opened the windows");
    says(&pty, "r reply");
}
