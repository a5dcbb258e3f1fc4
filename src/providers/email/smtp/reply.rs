//! A server's answer: a number and lines of text.

use super::error::SmtpError;
use crate::providers::email::wire::{Wire, WireError};
use crate::providers::email::words::clean;
use std::fmt;
use std::time::Duration;

/// Longest line.
const LINE: usize = 4096;
/// Most lines of one answer.
const LINES: usize = 200;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The number: 2 done, 3 go on, 4 not now, 5 no.
    pub code: u16,
    /// Its lines, raw.
    pub lines: Vec<String>,
}

impl Reply {
    /// Trying again cannot help.
    pub fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// Its lines as one, cleaned.
    pub fn text(&self) -> String {
        clean(&self.lines.join(" "))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text())
    }
}

/// Reads one answer. All of it must come within the time, however slowly it is dripped.
pub async fn read(wire: &mut Wire, within: Duration) -> Result<Reply, SmtpError> {
    tokio::time::timeout(within, lines(wire, within))
        .await
        .map_err(|_| WireError::Slow(within))?
}

async fn lines(wire: &mut Wire, within: Duration) -> Result<Reply, SmtpError> {
    let mut lines = Vec::new();
    loop {
        let line = wire.line(LINE, within).await?;
        let (code, more, text) = parse(&line).ok_or_else(|| {
            SmtpError::Protocol("an answer does not begin with a number".to_owned())
        })?;
        lines.push(text);
        if !more {
            return Ok(Reply { code, lines });
        }
        if lines.len() == LINES {
            return Err(SmtpError::Protocol("an answer does not end".to_owned()));
        }
    }
}

fn parse(line: &[u8]) -> Option<(u16, bool, String)> {
    let digits = line.get(..3)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let more = match line.get(3) {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return None,
    };
    let text = String::from_utf8_lossy(line.get(4..).unwrap_or_default()).into_owned();
    Some((code, more, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_answer() {
        for (line, expect) in [
            ("250 ok", Some((250, false, "ok"))),
            ("250-SIZE 10", Some((250, true, "SIZE 10"))),
            ("250", Some((250, false, ""))),
            ("25", None),
            ("abc x", None),
            ("2500 x", None),
        ] {
            let read = parse(line.as_bytes());
            let read = read
                .as_ref()
                .map(|(code, more, text)| (*code, *more, text.as_str()));
            assert_eq!(read, expect, "{line}");
        }
    }
}
