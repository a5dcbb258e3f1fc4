//! A notification by the agent's own program.

use std::io;
use std::process::Stdio;

use tokio::process::Command;

use super::Shown;

/// Runs `argv` with the placeholders filled, without a shell and without the variables `hidden`.
/// Fails when it cannot be started or ends with an error; it dies with the future.
pub(super) async fn run(argv: &[String], hidden: &[String], shown: &Shown) -> io::Result<()> {
    let mut words = argv.iter();
    let program = words.next().ok_or(io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(words.map(|word| fill(word, shown)));
    for name in hidden {
        command.env_remove(name);
    }
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .status()
        .await?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{program} ended with {status}")))
    }
}

/// Each placeholder once, from left to right: a customer's `{body}` in a title stays as it is.
fn fill(word: &str, shown: &Shown) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let known = [
            ("{title}", shown.title.as_str()),
            ("{body}", shown.body.as_str()),
            ("{kind}", shown.kind.name()),
        ];
        if let Some((name, value)) = known.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(value);
            rest = &rest[name.len()..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    // A text from outside must not be taken for an option.
    if out.starts_with('-') && !word.starts_with('-') {
        out.insert(0, ' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::NewsKind;

    #[test]
    fn placeholders() {
        let shown = Shown {
            kind: NewsKind::Mine,
            title: "{body}".to_owned(),
            body: "--exec=x".to_owned(),
        };
        let table = [
            ("plain", "plain"),
            ("{title}", "{body}"),
            ("{body}", " --exec=x"),
            ("--text={body}", "--text=--exec=x"),
            ("{kind}/{nothing}/{", "mine/{nothing}/{"),
        ];
        for (word, expected) in table {
            assert_eq!(fill(word, &shown), expected);
        }
    }
}
