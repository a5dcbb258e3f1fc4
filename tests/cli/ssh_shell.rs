//! The forced command: the verbs, and nothing but the verbs.

use super::{Home, Run, finish};

fn remote(home: &Home, line: &str) -> Run {
    let mut command = home.command(&["ssh-shell"]);
    command.env("SSH_ORIGINAL_COMMAND", line);
    finish(command)
}

#[test]
fn verbs_are_run_with_and_without_the_programs_name() {
    let home = Home::new();
    for line in [
        "resolve x",
        "frontdesk resolve x",
        "  frontdesk   resolve 'x' ",
    ] {
        let run = remote(&home, line);
        assert_eq!(run.code, 2, "{line}");
        assert!(
            run.err.contains("`x` is not a number"),
            "{line}: {}",
            run.err
        );
    }
}

#[test]
fn everything_else_is_refused() {
    let home = Home::new();
    for line in [
        "sh",
        "/bin/sh -c id",
        "demo",
        "init",
        "sync",
        "export",
        "export -o /tmp/x",
        "config default",
        "config path",
        "account list",
        "account add x --address a@b.test --password-command 'touch /tmp/x'",
        "doctor",
        "completions bash",
        "man",
        "ssh-shell",
        "frontdesk ssh-shell",
        "verify",
        "backfill --since 1d",
        "--config /tmp/evil.toml list",
        "list --config /tmp/evil.toml",
        "list --mirror /tmp",
        "list; id",
        "list && id",
        "list | cat",
        "list $(id)",
        "list `id`",
        "list > /tmp/x",
        "list 'open",
        "list \\",
        "scp -t /tmp",
        "/usr/lib/openssh/sftp-server",
    ] {
        let run = remote(&home, line);
        assert_eq!(run.code, 2, "{line}: {}{}", run.out, run.err);
        assert_eq!(run.out, "", "{line}");
        assert!(!run.err.contains("uid="), "{line}");
    }
}

#[test]
fn without_a_command_the_verbs_are_explained() {
    let home = Home::new();
    let run = remote(&home, "");
    assert_eq!(run.code, 0);
    for verb in ["reply", "approve", "ack", "escalate", "list"] {
        assert!(run.err.contains(verb), "{verb}");
    }
    for other in ["init", "export", "ssh-shell", "--config", "--mirror"] {
        assert!(!run.err.contains(other), "{other}");
    }
}

#[test]
fn a_hostile_command_is_not_repeated_raw() {
    let home = Home::new();
    for line in [
        "\u{1b}]0;x\u{7}",
        "list \u{9b}2J",
        "\u{202e}evil",
        "no\u{2028}such",
    ] {
        let run = remote(&home, line);
        assert_eq!(run.code, 2, "{line:?}");
        let bad = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{2028}'));
        assert!(!run.err.contains(bad), "{:?}", run.err);
    }
}

#[test]
fn no_verb_takes_a_file() {
    let mut hints = Vec::new();
    let verbs = frontdesk::cli::command();
    let home = Home::new();
    let help = remote(&home, "");
    for verb in verbs.get_subcommands() {
        let name = verb.get_name();
        if !help
            .err
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("{name} ")))
        {
            continue;
        }
        for argument in verb.get_arguments() {
            let values = argument.get_value_names().unwrap_or_default();
            if values
                .iter()
                .any(|value| matches!(value.as_str(), "FILE" | "DIR" | "COMMAND" | "PATH"))
            {
                hints.push(format!("{name} {}", argument.get_id()));
            }
        }
    }
    assert!(hints.is_empty(), "{hints:?}");
}
