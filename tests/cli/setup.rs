//! Accounts: added, listed, removed, without losing what stands in the file.

use super::Home;

const ADD: [&str; 8] = [
    "account",
    "add",
    "support",
    "--address",
    "support@desk.example",
    "--password-env",
    "SUPPORT_PASSWORD",
    "--no-test",
];

#[test]
fn an_account_comes_and_goes() {
    let home = Home::new();
    home.write_config("# mine\nme = \"nina\" # that is me\n");
    let run = home.run(&ADD);
    assert_eq!(run.code, 0, "{}", run.err);
    let text = std::fs::read_to_string(home.config()).unwrap();
    insta::assert_snapshot!(text);
    assert_eq!(home.run(&["config", "check"]).code, 0);
    let listed = home.run(&["account", "list", "--json"]).json();
    assert_eq!(listed[0]["account"], "support");
    assert_eq!(listed[0]["server"], "imap.desk.example:993");
    assert_eq!(
        listed[0]["secret"],
        "the environment variable SUPPORT_PASSWORD"
    );
    let again = home.run(&ADD);
    assert_eq!(again.code, 1);
    assert!(
        again.err.contains("there is an account `support` already"),
        "{}",
        again.err
    );
    assert_eq!(home.run(&["account", "remove", "support"]).code, 0);
    let text = std::fs::read_to_string(home.config()).unwrap();
    assert_eq!(text.trim_end(), "# mine\nme = \"nina\" # that is me");
}

#[test]
fn an_account_that_fails_its_test_is_not_saved() {
    let home = Home::new();
    let mut arguments = ADD.to_vec();
    arguments.pop();
    // Nothing listens on port 1, and no name has to be looked up.
    arguments.extend(["--imap", "127.0.0.1:1", "--smtp", "127.0.0.1:1", "--json"]);
    let run = home.run(&arguments);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let checks = &run.json()[0];
    assert_eq!(checks["ok"], false);
    assert!(!home.config().exists());
}

#[test]
fn a_slip_in_an_option_is_explained() {
    let home = Home::new();
    let mut arguments = ADD.to_vec();
    arguments.extend(["--imap", "https://imap.desk.example"]);
    let run = home.run(&arguments);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("write HOST or HOST:PORT"), "{}", run.err);
}

#[test]
fn a_name_that_could_leave_the_folder_is_refused() {
    let home = Home::new();
    let mut arguments = ADD.to_vec();
    arguments[2] = "../evil";
    let run = home.run(&arguments);
    assert_ne!(run.code, 0);
    assert!(!home.config().exists(), "{}", run.err);
}
