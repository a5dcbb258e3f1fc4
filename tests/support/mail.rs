//! Messages as a customer's program would write them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Letters and digits that no other call, in this run or another, has given.
pub fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let micros = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_micros();
    format!("{micros:x}{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A message under construction; [`Mail::to_string`] gives its bytes with CRLF line ends.
pub struct Mail {
    /// Without the angle brackets.
    pub id: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Mail {
    /// A plain message with a date of now and a Message-ID of its own.
    pub fn new(from: &str, to: &str, subject: &str, body: &str) -> Self {
        let id = format!("{}@mail.cust.test", unique());
        let date = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).unwrap();
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            headers: vec![
                header("From", from),
                header("To", to),
                header("Subject", subject),
                header("Date", &date),
                header("Message-ID", &format!("<{id}>")),
                header("MIME-Version", "1.0"),
                header("Content-Type", "text/plain; charset=utf-8"),
            ],
            id,
            body: body.to_owned(),
        }
    }

    /// Adds a header, or replaces the one of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Makes it an answer to the message with this id, as mail programs do it.
    #[must_use]
    pub fn answering(self, id: &str) -> Self {
        self.header("In-Reply-To", &format!("<{id}>"))
            .header("References", &format!("<{id}>"))
    }
}

impl std::fmt::Display for Mail {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, value) in &self.headers {
            write!(out, "{name}: {value}\r\n")?;
        }
        write!(out, "\r\n")?;
        for line in self.body.lines() {
            write!(out, "{line}\r\n")?;
        }
        Ok(())
    }
}
