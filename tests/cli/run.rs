//! Exit codes, streams and refusals.

use super::Home;

#[test]
fn what_makes_no_sense_is_code_2_and_says_so_on_standard_error() {
    let home = Home::new();
    for (arguments, words) in [
        (&["nonsense"][..], "unrecognized subcommand"),
        (&["resolve"], "NUMBER"),
        (&["resolve", "x"], "is not a number such as 1042"),
        (&["list", "inbx"], "did you mean `inbox`"),
        (&["priority", "1", "hihg"], "did you mean `high`"),
        (&["reject", "1", "--reason", "tome"], "did you mean `tone`"),
        (&["snooze", "1", "--until", "soonish"], "write it like"),
        (
            &["snooze", "1", "--until", "reply", "--quiet"],
            "--quiet needs a time",
        ),
        (&["label", "1", "2"], "numbers first, then labels"),
        (&["label", "+x", "-y"], "numbers first, then labels"),
        (&["reply", "1", "-m", "  "], "the text is empty"),
        (&["reply", "1", "-m", "a\u{1b}[2J"], "control character"),
        (&["reply", "1", "--unless-reply", "-m", "x"], "--at"),
        (&["assign", "1"], "--to"),
        (&["backfill", "--since", "soon"], "no time in the past"),
        (
            &["--config", "/nonexistent.toml", "list"],
            "there is no file",
        ),
        (&["demo", "--speed=-1"], "0 to 1000"),
        (&[], "the screen needs a terminal"),
        (&["demo"], "the screen needs a terminal"),
        (&["init"], "nobody can be asked here"),
    ] {
        let run = home.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_done_is_code_1() {
    let home = Home::new();
    for (arguments, words) in [
        (&["sync", "--once"][..], "no account is configured"),
        (&["verify"], "no account is configured"),
        (&["account", "test"], "no account is configured"),
        (&["account", "test", "x"], "no account `x`"),
        (&["account", "remove", "x"], "no account `x`"),
        (
            &["escalate", "1", "--to", "raj", "--reason", "x"],
            "[[roster]]",
        ),
    ] {
        let run = home.run(arguments);
        assert_eq!(run.code, 1, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
        assert_eq!(run.out, "", "{arguments:?}");
    }
}

#[test]
fn with_json_a_refusal_is_one_line_of_json_on_standard_error() {
    let run = Home::new().run(&["--json", "verify"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let value: serde_json::Value = serde_json::from_str(run.err.trim()).unwrap();
    assert_eq!(value["error"], "refused");
    assert!(value["says"].as_str().unwrap().contains("no account"));
}

#[test]
fn hostile_arguments_are_cleaned_before_they_are_repeated() {
    let run = Home::new().run(&["account", "remove", "\u{1b}]0;owned\u{7}\u{202e}x"]);
    assert_eq!(run.code, 1);
    let bad = run
        .err
        .chars()
        .filter(|&c| c != '\n' && (c.is_control() || c == '\u{202e}'));
    assert_eq!(bad.count(), 0, "{:?}", run.err);
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let home = Home::new();
    let mut child = home
        .command(&["config", "default"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_wrong_configuration_is_told_and_does_not_stop_the_rest() {
    let home = Home::new();
    home.write_config("thme = \"x\"\n\n[accounts.a]\nprovider = \"email\"\n");
    let check = home.run(&["config", "check"]);
    assert_eq!(check.code, 1);
    assert!(
        check
            .out
            .contains("config.toml:1:1: error: unknown key `thme`"),
        "{}",
        check.out
    );
    assert!(
        check.out.contains("1 | thme = \"x\"\n  | ^^^^\n"),
        "{}",
        check.out
    );
    let json = home.run(&["config", "check", "--json"]).json();
    assert_eq!(json[0]["place"]["line"], 1);
    assert_eq!(json[1]["left_out"], "the account a");
    let list = home.run(&["account", "list"]);
    assert_eq!(list.code, 0, "{}", list.err);
    assert!(
        list.err.contains("config.toml:1:1: unknown key `thme`"),
        "{}",
        list.err
    );
}

#[test]
fn the_default_configuration_is_the_asset_and_is_fine() {
    let home = Home::new();
    let run = home.run(&["config", "default"]);
    assert!(
        run.out == include_str!("../../assets/config.toml"),
        "not in sync"
    );
    home.write_config(&run.out);
    assert_eq!(home.run(&["config", "check"]).code, 0);
    let path = home.run(&["config", "path"]);
    assert_eq!(path.out.trim(), home.config().to_str().unwrap());
}

#[test]
fn what_the_program_makes_is_private_under_any_umask() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let run = home.run(&[
        "account",
        "add",
        "support",
        "--address",
        "a@b.test",
        "--password-env",
        "P",
        "--no-test",
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.config()), 0o600);
    assert_eq!(mode(home.config().parent().unwrap()), 0o700);
}

#[test]
fn doctor_looks_around_and_finds_what_is_open_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let run = home.run(&["doctor", "--json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let found: Vec<String> = run.json().iter().map(|f| f["what"].to_string()).collect();
    for what in [
        "terminal",
        "locale",
        "clipboard",
        "notifications",
        "folders",
        "mirror",
    ] {
        assert!(found.contains(&format!("\"{what}\"")), "{what}: {found:?}");
    }
    home.write_config("me = \"nina\"\n");
    let dir = home.config();
    let dir = dir.parent().unwrap();
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = home.run(&["doctor"]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("chmod 700"), "{}", run.out);
}

#[test]
fn ctrl_c_is_code_130() {
    let home = Home::new();
    // A server that takes the connection and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    home.write_config(&format!(
        "[accounts.a]\nprovider = \"email\"\naddress = \"a@b.test\"\n\
         [accounts.a.imap]\nhost = \"127.0.0.1\"\nport = {port}\npassword = {{ env = \"P\" }}\n"
    ));
    let mut command = home.command(&["account", "test"]);
    let child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let connection = silent.accept().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    drop(connection);
}
