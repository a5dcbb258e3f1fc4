//! Questions to a person at a terminal. Questions go to standard error, so that standard output stays data.

use super::failure::{Done, Failure};
use crate::text::sanitize_line;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write};

/// Refuses to ask where nobody can answer.
pub fn needs_person(instead: &str) -> Done {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "nobody can be asked here; {instead}"
    )))
}

/// Asks for a line; an empty answer is `default`.
pub fn line(question: &str, default: &str) -> Done<String> {
    let shown = if default.is_empty() {
        format!("{question}: ")
    } else {
        format!("{question} [{default}]: ")
    };
    let mut err = std::io::stderr().lock();
    write!(err, "{}", sanitize_line(&shown).text)?;
    err.flush()?;
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer)? == 0 {
        return Err(Failure::Interrupted);
    }
    let answer = answer.trim();
    Ok(if answer.is_empty() { default } else { answer }.to_owned())
}

/// Asks until `check` is content with the answer.
pub fn until<T>(
    question: &str,
    default: &str,
    check: impl Fn(&str) -> Result<T, String>,
) -> Done<T> {
    loop {
        match check(&line(question, default)?) {
            Ok(value) => return Ok(value),
            Err(why) => say(&why)?,
        }
    }
}

/// Asks for something that is not shown while it is typed.
pub fn hidden(question: &str) -> Done<SecretString> {
    loop {
        let typed = unseen(question)?;
        if !typed.trim().is_empty() {
            return Ok(SecretString::from(typed));
        }
    }
}

/// The same once; an empty answer is none.
pub fn hidden_or_none(question: &str) -> Done<Option<SecretString>> {
    let typed = unseen(question)?;
    Ok((!typed.is_empty()).then(|| SecretString::from(typed)))
}

/// Reads what is typed without showing it. Showing ends before the question is there: what is typed or pasted at once is
/// not shown either.
fn unseen(question: &str) -> Done<String> {
    let unseen = Unseen::begin();
    let mut err = std::io::stderr().lock();
    write!(
        err,
        "{}",
        sanitize_line(&format!("{question} (not shown): ")).text
    )?;
    err.flush()?;
    drop(err);
    let typed = rpassword::read_password()?;
    drop(unseen);
    Ok(typed)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Unseen {
    terminal: File,
    before: Termios,
}

impl Unseen {
    /// None where there is no terminal: then nothing is shown anyway.
    fn begin() -> Option<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
        let terminal = terminal.ok()?;
        let before = tcgetattr(&terminal).ok()?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &modes).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Asks for one of some letters; the first is the default.
pub fn choice(question: &str, letters: &str) -> Done<char> {
    until(question, &letters[..1], |answer| {
        let mut chars = answer.chars().map(|c| c.to_ascii_lowercase());
        match (chars.next(), chars.next()) {
            (Some(c), None) if letters.contains(c) => Ok(c),
            _ => Err(format!(
                "one of: {}",
                letters
                    .chars()
                    .map(String::from)
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        }
    })
}

/// Says something between questions.
pub fn say(text: &str) -> Done {
    writeln!(std::io::stderr().lock(), "{}", sanitize_line(text).text)?;
    Ok(())
}
