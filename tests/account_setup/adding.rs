//! From an empty desk to the first messages without leaving the screen, and away again.

use crate::home::{Home, PHRASE};
use crate::support::fakes::ringcentral::{CLIENT, JWT, NUMBER, Ringcentral, SECRET};
use crate::support::fakes::telegram::{TOKEN, Telegram, USER};
use frontdesk::testing::Robot;

/// From the inbox to the filled form of an extension at the fake.
fn filled(robot: &Robot, fake: &Ringcentral, jwt: &str) {
    robot.sees("No account is set up yet.");
    robot.press(":account add<Enter>");
    robot.sees("RingCentral");
    robot.press("jjjjjj<Enter>");
    robot.sees("developers.ringcentral.com");
    robot.press("<Enter>").sees("A short name for this account");
    robot.press("<C-u>phone<Enter>");
    robot.press("12<Enter><S-Tab>");
    robot.sees("`12` is no number like +15550001111");
    robot.press("<C-u>");
    robot.paste(NUMBER);
    robot.press("<Enter><Enter>");
    robot.paste(CLIENT);
    robot.press("<Enter>");
    robot.paste(SECRET);
    robot.press("<Enter>");
    robot.paste(jwt);
    // Elsewhere than at the vendor: only who asks for more is asked.
    robot.misses("platform.devtest");
    robot.press("<C-o>").sees("platform.devtest");
    robot.paste(&fake.url);
    unseen(robot);
}

/// No secret of the suite is on the screen.
fn unseen(robot: &Robot) {
    let screen = robot.screen();
    for secret in [SECRET, JWT, PHRASE, "jwt-of-the-suite"] {
        assert!(!screen.contains(secret), "{screen}");
    }
}

#[test]
fn an_account_is_set_up_tested_saved_and_read_without_leaving_the_screen() {
    let fake = Ringcentral::start();
    fake.customer_writes("+12125550199", "where is my parcel?");
    let home = Home::with("");
    let robot = home.sit((120, 36));
    filled(&robot, &fake, JWT);
    robot.press("<Enter>");
    // There is no vault yet: it is made here, with a passphrase that is typed twice.
    robot.sees("New passphrase");
    robot.paste("short").press("<Enter>");
    robot.sees("at least 8 characters");
    robot.paste(PHRASE).press("<Enter>");
    robot.sees("The same again");
    robot.paste(PHRASE).press("<Enter>");
    robot.sees("phone is set up");
    unseen(&robot);
    // The engine takes it up by itself, and what came first is shown.
    robot.sees("where is my parcel?");
    robot.press("<Enter>");
    robot.sees_that("its messages", |screen| {
        screen.contains("where is my parcel?") && !screen.contains("is set up")
    });
    let config = home.config();
    assert!(config.contains("[accounts.phone]"), "{config}");
    assert!(config.contains("vault = \"phone-jwt\""), "{config}");
    for secret in [SECRET, JWT, PHRASE] {
        assert!(!config.contains(secret), "{config}");
    }
    // It is tested from the health pane, each thing by its words.
    robot.press("gh").sees("complete as of");
    robot.sees("calls used: light");
    robot.press("t").sees("Everything works.");
    robot.press("<Esc>");
    // And taken away, with its secrets.
    robot.press("X").sees("Take phone out of the configuration");
    robot.press("y").sees("its secrets are out of the vault");
    robot.sees("the new settings are in force");
    assert!(!home.config().contains("[accounts.phone]"));
    assert_eq!(home.entries(), Vec::<String>::new());
    robot.misses("1 ok");
    robot.press("gh").sees("No account is set up yet");
}

#[test]
fn a_bot_with_a_word_is_told_where_to_post_when_it_is_saved() {
    let fake = Telegram::start();
    let home = Home::with("[listen]\npublic_url = 'https://hooks.example.com'\n");
    let robot = home.sit((120, 36));
    robot.sees("No account is set up yet.");
    robot.press("g+").press("jjj<Enter>").sees("@BotFather");
    robot.press("<Enter>").sees("A short name for this account");
    robot.press("<C-u>bot<Enter>");
    robot.paste(USER).press("<Enter><Enter>");
    robot.paste(TOKEN);
    robot.press("<C-o>").sees("Bot API server");
    robot.paste(&fake.url).press("<Enter>");
    robot.paste("a-word-of-ours").press("<Enter>");
    robot.sees("New passphrase");
    robot.paste(PHRASE).press("<Enter>").sees("The same again");
    robot.paste(PHRASE).press("<Enter>");
    robot.sees("bot is set up");
    robot.sees("Telegram posts to https://hooks.example.com/hook/bot");
    let told = ("https://hooks.example.com/hook/bot", "a-word-of-ours");
    assert_eq!(fake.webhook(), Some((told.0.to_owned(), told.1.to_owned())));
}

#[test]
fn what_a_customer_writes_is_on_the_screen_within_a_second() {
    let fake = Ringcentral::start();
    let settings = fake.settings("");
    let home = Home::with(&format!(
        "[accounts.phone]\nprovider = 'ringcentral'\n{settings}\n"
    ));
    let robot = home.sit((120, 36));
    robot.sees("1 ok");
    // At its soonest: a busy machine may be late now and then, and must not be late each time.
    let soonest = (0..5)
        .map(|number| {
            let text = format!("parcel number {number} is missing");
            let began = std::time::Instant::now();
            fake.customer_writes("+12125550199", &text);
            robot.sees(&text);
            began.elapsed()
        })
        .min()
        .unwrap();
    assert!(soonest < std::time::Duration::from_secs(1), "{soonest:?}");
}

#[test]
fn a_login_that_fails_says_why_and_nothing_typed_is_lost() {
    let fake = Ringcentral::start();
    fake.revoke_jwt();
    let home = Home::with("");
    let robot = home.sit((120, 36));
    filled(&robot, &fake, JWT);
    robot.press("<Enter>").sees("Not everything works");
    unseen(&robot);
    assert!(!home.config().contains("[accounts"), "{}", home.config());
    robot.press("<Enter>").sees(CLIENT);
    // Back to the very beginning, and forth again.
    robot
        .press("<Esc>")
        .press("<Esc>")
        .press("<Enter>")
        .press("<Enter>");
    robot.sees(CLIENT).sees(NUMBER);
    // Leaving it and coming back keeps what may be seen.
    robot.press("<Esc>").press("<Esc>").press("<Esc>");
    robot.sees("No account is set up yet.");
    robot.press("g+").press("<Enter>").press("<Enter>");
    robot.sees(CLIENT).sees(NUMBER);
}

#[test]
fn a_form_that_is_not_filled_goes_nowhere() {
    let home = Home::with("");
    let robot = home.sit((120, 36));
    robot.press("g+").press("jjj<Enter><Enter>");
    robot.press("<C-s>").sees("this is needed");
    robot.press("acme_bot<Enter><Enter>");
    robot.paste("a b").press("<C-s>");
    robot.sees("a token has no spaces");
    robot
        .press("<C-u>")
        .press("<Esc>")
        .press("<Esc>")
        .press("<Esc>");
    robot.press(":account test nobody<Enter>");
    robot.sees("`nobody` is no account");
}
