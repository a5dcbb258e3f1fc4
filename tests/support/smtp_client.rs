//! The customer's mail program: hands messages to the MX, in the clear, without a login.

use super::mail::Mail;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A session with the MX.
pub struct SmtpClient {
    stream: BufReader<TcpStream>,
}

impl SmtpClient {
    /// Connects and greets.
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut client = Self {
            stream: BufReader::new(stream),
        };
        client.answer("the greeting").unwrap();
        client.say("EHLO mail.cust.test").unwrap();
        client
    }

    /// Hands the message over; `Err` is the refusal as the server said it.
    pub fn send(&mut self, from: &str, to: &[&str], message: &str) -> Result<(), String> {
        let sent = self.transaction(from, to, message);
        if sent.is_err() {
            self.say("RSET").unwrap();
        }
        sent
    }

    fn transaction(&mut self, from: &str, to: &[&str], message: &str) -> Result<(), String> {
        self.say(&format!("MAIL FROM:<{from}>"))?;
        for address in to {
            self.say(&format!("RCPT TO:<{address}>"))?;
        }
        self.say("DATA")?;
        let mut bytes = Vec::new();
        for line in message.lines() {
            // A line that starts with a dot would otherwise end the message.
            if line.starts_with('.') {
                bytes.push(b'.');
            }
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b".\r\n");
        self.stream.get_mut().write_all(&bytes).unwrap();
        self.answer("the message").map(drop)
    }

    fn say(&mut self, line: &str) -> Result<String, String> {
        self.stream
            .get_mut()
            .write_all(format!("{line}\r\n").as_bytes())
            .unwrap();
        self.answer(line)
    }

    fn answer(&mut self, to: &str) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).unwrap();
            assert!(read > 0, "the MX hung up after {to}");
            text.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        if matches!(text.as_bytes()[0], b'2' | b'3') {
            Ok(text)
        } else {
            Err(format!("{}: {to}", text.trim_end()))
        }
    }
}

/// Hands one message to the MX and panics when it is refused.
pub fn deliver(mx: u16, from: &str, to: &str, message: &str) {
    SmtpClient::connect(mx)
        .send(from, &[to], message)
        .unwrap_or_else(|refusal| panic!("{refusal}"));
}

/// A customer's mail to the desk, handed over; the mail as it went.
pub fn ask(port: u16, from: &str, to: &str, (subject, body): (&str, &str)) -> Mail {
    let mail = Mail::new(from, to, subject, body);
    deliver(port, from, to, &mail.to_string());
    mail
}
