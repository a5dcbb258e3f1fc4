//! What `--help` says, for every subcommand there is.

use super::Home;
use std::collections::VecDeque;

#[test]
fn every_subcommand_explains_itself() {
    let home = Home::new();
    let mut waiting = VecDeque::from([(Vec::<String>::new(), frontdesk::cli::command())]);
    let mut seen = 0;
    while let Some((path, command)) = waiting.pop_front() {
        for sub in command.get_subcommands() {
            let mut path = path.clone();
            path.push(sub.get_name().to_owned());
            waiting.push_back((path, sub.clone()));
        }
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let run = home.run(&arguments);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{path:?}");
        // One width for all, whatever terminal the tests run in.
        insta::assert_snapshot!(
            format!("help {}", path.join(" ")).trim().replace(' ', "-"),
            run.out
        );
        seen += 1;
    }
    assert!(seen > 40, "{seen} subcommands");
}

#[test]
fn the_version_is_the_crates() {
    let run = Home::new().run(&["--version"]);
    assert_eq!(
        run.out,
        concat!("frontdesk ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn completions_and_manual_are_made() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = home.run(&["completions", shell]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.contains("ssh-shell"), "{shell}");
    }
    for page in [&["man"][..], &["man", "reply"], &["man", "account", "add"]] {
        let run = home.run(page);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.contains(".TH"), "{page:?}");
        assert_eq!(run.out.contains(".SH KEYS"), page.len() == 1, "{page:?}");
    }
    assert_eq!(home.run(&["man", "nothing"]).code, 2);
}
