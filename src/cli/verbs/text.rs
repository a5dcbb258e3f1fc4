//! The text of a reply or note: from `-m`, or from standard input when that is not a terminal.

use crate::cli::failure::{Done, Failure};
use std::io::{IsTerminal, Read};

/// A text longer than this is no message.
const LIMIT: u64 = 1 << 20;

/// The text, without blank lines at its end.
///
/// # Errors
/// When there is none, it is blank, or it is not UTF-8.
pub fn given(message: Option<&str>) -> Done<String> {
    let text = match message {
        Some("-") => read_stdin()?,
        Some(text) => text.to_owned(),
        None if std::io::stdin().is_terminal() => {
            return Err(Failure::Usage(
                "there is no text: add -m 'TEXT', or pipe it in".to_owned(),
            ));
        }
        None => read_stdin()?,
    };
    let text = text.replace("\r\n", "\n");
    let text = text.trim_end();
    if text.trim().is_empty() {
        return Err(Failure::Usage("the text is empty".to_owned()));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(Failure::Usage(
            "the text holds a control character; only line ends and tabs are taken".to_owned(),
        ));
    }
    Ok(text.to_owned())
}

fn read_stdin() -> Done<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::Usage("the text is longer than 1 MiB".to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| Failure::Usage("the text is not UTF-8".to_owned()))
}
