//! The vault on the screen: asked for, refused, opened, locked; and what was typed is nowhere to be seen.

use crate::home::{Home, PHRASE};

/// An account whose token is in the vault, at a server where nobody is.
const SEALED: &str = "[accounts.bot]\nprovider = 'telegram'\nusername = 'acme_bot'\nbase_url = 'http://127.0.0.1:1'\ntoken = { vault = 'bot-token' }\n";

#[test]
fn the_passphrase_is_asked_for_on_the_screen_and_never_shown() {
    let home = Home::with(SEALED);
    home.sealed(&[("bot-token", "99:AAEtoken")]);
    let robot = home.sit((100, 30));
    robot.sees("the vault is locked").sees("Passphrase:");
    robot.press("wrong<Enter>");
    robot.sees("that is not the vault's passphrase");
    robot.hammer("correct");
    robot.sees("•••••••");
    assert!(!robot.screen().contains("correct"), "{}", robot.screen());
    robot.press("<C-u>");
    robot.paste(PHRASE);
    assert!(!robot.screen().contains("horse"), "{}", robot.screen());
    robot.press("<Enter>");
    robot.sees("the vault is open").misses("Passphrase:");
    // The account tries at once, with the token that it has now.
    robot.sees("bot retrying");
    assert!(home.vault.is_open());
}

#[test]
fn escape_leaves_it_locked_and_says_how_to_come_back() {
    let home = Home::with(SEALED);
    home.sealed(&[("bot-token", "99:AAEtoken")]);
    let robot = home.sit((100, 30));
    robot.sees("Passphrase:");
    robot.press("<Esc>");
    robot.sees("the vault stays locked; :unlock asks again");
    robot.sees("vault locked");
    robot.press("gh");
    robot.sees("open it: `:unlock` on the screen");
    assert!(!robot.screen().contains("password"), "{}", robot.screen());
    robot.press(":unlock<Enter>").sees("Passphrase:");
    robot.paste(PHRASE);
    robot
        .press("<Enter>")
        .sees("retrying")
        .misses("vault locked");
    robot.press(":lock<Enter>");
    robot.sees("the vault is locked; :unlock opens it");
    robot.sees("vault locked");
    assert!(!home.vault.is_open());
}

#[test]
fn a_desk_without_secrets_in_the_vault_is_asked_nothing() {
    let home = Home::with("");
    let robot = home.sit((100, 30));
    assert!(!robot.screen().contains("Passphrase"), "{}", robot.screen());
    robot.press(":lock<Enter>");
    robot.sees("there is no vault yet");
}
