//! An account that logs in by a browser, set up on the screen.

use crate::browse;
use crate::home::{Home, PHRASE};
use crate::server::Server;
use frontdesk::secrets::oauth::Preset;

/// The address for the browser, as it stands on the screen in whole rows.
fn address(screen: &str) -> String {
    let edge = |c: char| c.is_whitespace() || "│┃|║".contains(c);
    let mut rows = screen
        .lines()
        .map(|row| row.trim_matches(edge))
        .skip_while(|row| !row.starts_with("http://"));
    rows.by_ref().take_while(|row| !row.is_empty()).collect()
}

#[test]
fn an_account_that_logs_in_by_a_browser_is_set_up_on_the_screen() {
    let server = Server::start(&[3600]);
    let text = |path: &str| -> &'static str { Box::leak(server.url(path).into_boxed_str()) };
    Preset {
        name: "google",
        auth_url: text("authorize"),
        token_url: text("token"),
        device_url: None,
        scopes: &["mail", "offline"],
        extra: &[],
        host: "127.0.0.1",
        steps: &["at the suite's own service, do as you are told"],
        wants_secret: true,
        domains: &["desk.test"],
    }
    .instead();
    let home = Home::with("");
    home.sealed(&[]);
    let robot = home.sit((120, 40));
    robot.sees("No account is set up yet.");
    robot.press("g+<Enter><Enter>").sees("Mail address");
    robot
        .paste("support@desk.test")
        .press("<Enter><Enter><Enter>");
    robot.paste("127.0.0.1:1").press("<Enter>");
    robot.paste("127.0.0.1:1").press("<Enter><Enter>");
    robot.sees("How to log in").press("<Right>");
    // What to do there first is said beside the way that was chosen.
    robot.sees("at the suite's own service").press("<Enter>");
    robot.paste("desk-client").press("<Enter>");
    robot.paste("no-secret-really").press("<Enter>");
    // The vault must take the tokens, so it is opened first.
    robot.sees("assphrase").paste(PHRASE).press("<Enter>");
    robot.sees("/authorize?").sees("waiting for the browser");
    assert!(!robot.screen().contains("no-secret-really"));
    // A browser on this machine.
    let (status, back) = browse(&address(&robot.screen()), None);
    assert_eq!(status, 303);
    let (status, _) = browse(&back, None);
    assert_eq!(status, 200);
    // The mail server is not there: that it was reached for proves that a token was had.
    robot
        .sees("Connection refused")
        .sees("Not everything works");
    assert!(!home.config().contains("[accounts"), "{}", home.config());
    robot.press("s").sees("support is set up");
    let config = home.config();
    assert!(config.contains("[accounts.support]"), "{config}");
    assert!(config.contains("login = \"support\""), "{config}");
    assert!(config.contains("[logins.support]"), "{config}");
    let entries = home.entries();
    assert!(
        entries.iter().any(|name| name == "support-client"),
        "{entries:?}"
    );
    let screen = robot.screen();
    for secret in ["no-secret-really", "refresh-", "access-", PHRASE] {
        assert!(!config.contains(secret), "{config}");
        assert!(!screen.contains(secret), "{screen}");
    }
    let memory = server.memory();
    assert_eq!(memory.wrong, Vec::<String>::new());
    assert_eq!((memory.asked, memory.thefts), (1, 0));
}
