//! A mailbox set up on the screen against real Dovecot and Postfix: everything that people get wrong, then right.

use crate::home::{Home, PHRASE};
use crate::support::servers::{Imap, User, required};
use crate::support::smtp_client::ask;

#[test]
fn wrong_in_every_way_then_right() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let words = ("Invoice 4410", "Charged twice?");
    ask(servers.mx(), &ann.address, &desk.address, words);
    let home = Home::with("");
    let robot = home.sit((120, 40));
    robot.sees("No account is set up yet.");
    robot.press("g+<Enter><Enter>").sees("Mail address");
    robot
        .paste(&desk.address)
        .press("<Enter><C-u>care<Enter><Enter>");
    let (imap, smtp) = (servers.imaps(Imap::Full), servers.smtps());
    robot.paste(&format!("localhost:{imap}")).press("<Enter>");
    robot
        .paste(&format!("localhost:{smtp}"))
        .press("<Enter><Enter>");
    robot.paste("not-the-password").press("<Enter>");
    robot.sees("one more authority").press("<Enter>");
    // Nobody vouches for its certificate.
    robot.sees("Not everything works").sees("certificate");
    // With its authority, the password is wrong.
    robot.press("<Enter>").sees("one more authority");
    robot.paste(servers.ca().to_str().unwrap()).press("<Enter>");
    robot.sees("Not everything works").sees("login");
    robot.misses("certificate is");
    // Nobody listens there.
    robot.press("<Enter>").sees("one more authority");
    robot.press("<S-Tab><C-u>");
    robot.paste(&desk.password);
    robot.press("<S-Tab><S-Tab><S-Tab><C-u>");
    robot.paste("localhost:1").press("<C-s>");
    robot
        .sees("Connection refused")
        .sees("Not everything works");
    // No such host.
    robot.press("<Enter>").sees("IMAP server").press("<C-u>");
    robot.paste("imap.nowhere.invalid").press("<C-s>");
    robot
        .sees("imap.nowhere.invalid")
        .sees("Not everything works");
    assert!(!home.config().contains("[accounts"), "{}", home.config());
    // Right at last, and nothing has to be typed again.
    robot.press("<Enter>").sees("IMAP server").press("<C-u>");
    robot.paste(&format!("localhost:{imap}")).press("<C-s>");
    robot.sees("New passphrase");
    robot.paste(PHRASE).press("<Enter>");
    robot.sees("The same again").paste(PHRASE).press("<Enter>");
    robot.sees("care is set up").sees("Invoice 4410");
    let config = home.config();
    assert!(config.contains("[accounts.care]"), "{config}");
    for secret in [desk.password.as_str(), "not-the-password", PHRASE] {
        assert!(!config.contains(secret), "{config}");
        assert!(!robot.screen().contains(secret), "{}", robot.screen());
    }
    robot.press("<Enter>").sees("Invoice 4410");
    robot
        .press(":account test care<Enter>")
        .sees("Everything works.");
}
