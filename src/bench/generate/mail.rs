//! A mail as it comes over the wire.

use super::dice::Dice;
use super::letter::Threading;
use super::people::{Person, Tongue};
use super::prose;
use super::world::{Place, World};
use crate::model::Channel;
use std::fmt::Write as _;

/// Bytes of the text of most mails, signatures and quotes not counted.
const TEXT: f64 = 330.0;
/// References that are kept, as most programs do.
const REFERENCES: u32 = 12;

/// What of a mail is told beside its bytes.
pub struct Mail {
    /// Header and body.
    pub bytes: Vec<u8>,
    /// Files that stay at the provider: name, type, size.
    pub files: Vec<(String, &'static str, u64)>,
}

/// The mail at a place.
pub fn mail(world: &World, at: Place) -> Mail {
    let mut dice = world.dice(10, at);
    let (customer, own) = (world.customer(at), world.own(at));
    let inbound = world.is_inbound(at);
    let party = customer.party(Channel::Email);
    let theirs = address(&customer.name, &party.address);
    let ours = address("Northwind", own);
    let (from, to) = if inbound {
        (&theirs, &ours)
    } else {
        (&ours, &theirs)
    };
    let threading = Threading::of(world, at);
    let mut head = String::with_capacity(1_024);
    if inbound {
        let passed = if dice.percent(85) { "pass" } else { "none" };
        let host = party
            .address
            .rsplit('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        let _ = write!(
            head,
            "Authentication-Results: {AUTHSERV}; dmarc={passed} header.from={host}\r\n\
             Received: from {host} by {AUTHSERV}; {}\r\n",
            date(at)
        );
    }
    let _ = write!(
        head,
        "From: {from}\r\nTo: {to}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\n",
        encoded(&threading.subject),
        date(at),
        threading.id
    );
    if let Some(parent) = threading.references.last() {
        let _ = write!(head, "In-Reply-To: <{parent}>\r\nReferences:");
        for id in &threading.references {
            let _ = write!(head, " <{id}>\r\n");
        }
    }
    head.push_str("MIME-Version: 1.0\r\n");
    let text = body(world, at, &mut dice, &customer, inbound);
    let bytes = whole(&mut dice, head, &text);
    Mail {
        bytes,
        files: files(&mut dice),
    }
}

/// The server whose judgement of senders counts.
pub const AUTHSERV: &str = "mx.northwind.example";

/// The ids of the messages before, oldest first.
pub fn earlier(at: Place) -> impl Iterator<Item = Place> {
    let first = at.number.saturating_sub(REFERENCES);
    (first..at.number).map(move |number| Place { number, ..at })
}

fn body(world: &World, at: Place, dice: &mut Dice, customer: &Person, inbound: bool) -> String {
    let tongue = customer.tongue;
    let long = dice.percent(3);
    let chars = if long {
        dice.between(5_000, 20_000) as usize
    } else {
        (TEXT * (dice.long_tail(8.0) - 0.4)) as usize + 40
    };
    let mut text = prose::text(dice, tongue, chars);
    let name = if inbound { &customer.name } else { "Nina" };
    let _ = write!(text, "\n\n-- \n{name}\n");
    if at.number > 0 && dice.percent(40) {
        let mut before = world.dice(
            11,
            Place {
                number: at.number - 1,
                ..at
            },
        );
        let quoted = prose::text(&mut before, tongue, 220);
        let _ = write!(text, "\nOn {}, somebody wrote:\n", date(at));
        for line in quoted.lines() {
            let _ = writeln!(text, "> {line}");
        }
    }
    text
}

fn whole(dice: &mut Dice, mut head: String, text: &str) -> Vec<u8> {
    let plain = text.replace('\n', "\r\n");
    let kind = dice.below(10);
    if kind < 6 {
        head.push_str(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        );
        head.push_str(&plain);
        return head.into_bytes();
    }
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace("\n\n", "</p>\r\n<p>")
        .replace('\n', "<br>\r\n");
    let html = format!("<html><body><p>{escaped}</p></body></html>\r\n");
    if kind == 6 {
        head.push_str(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        );
        head.push_str(&html);
        return head.into_bytes();
    }
    let mark = format!("b{:016x}", dice.between(0, i64::MAX));
    let _ = write!(
        head,
        "Content-Type: multipart/alternative; boundary={mark}\r\n\r\n\
         --{mark}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{plain}\r\n\
         --{mark}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}\r\n\
         --{mark}--\r\n"
    );
    head.into_bytes()
}

fn files(dice: &mut Dice) -> Vec<(String, &'static str, u64)> {
    if !dice.percent(9) {
        return Vec::new();
    }
    let count = 1 + dice.below(3);
    (0..count)
        .map(|at| {
            let (name, kind) = [
                ("photo", "image/jpeg"),
                ("invoice", "application/pdf"),
                ("order", "text/csv"),
            ][(at + dice.below(3)) % 3];
            let ending = kind.rsplit('/').next().unwrap_or_default();
            let number = dice.between(1, 10_000);
            let size = dice.between(20_000, 4_000_000).unsigned_abs();
            (format!("{name}-{number}.{ending}"), kind, size)
        })
        .collect()
}

/// A header's words, encoded where they must be.
fn encoded(text: &str) -> String {
    use base64::Engine as _;
    if text.is_ascii() {
        return text.to_owned();
    }
    // 45 bytes are 60 characters; a character is never cut.
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let cut = rest.floor_char_boundary(45);
        let (now, later) = rest.split_at(cut.max(1));
        if !out.is_empty() {
            out.push_str("\r\n ");
        }
        let packed = base64::engine::general_purpose::STANDARD.encode(now);
        let _ = write!(out, "=?utf-8?B?{packed}?=");
        rest = later;
    }
    out
}

fn address(name: &str, address: &str) -> String {
    if name.is_ascii() {
        format!("\"{name}\" <{address}>")
    } else {
        format!("{} <{address}>", encoded(name))
    }
}

fn date(at: Place) -> String {
    jiff::Timestamp::from_millisecond(at.when.0)
        .map(|when| when.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

/// The language of an automatic subject prefix.
pub fn prefix(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::German => "AW: ",
        _ => "Re: ",
    }
}
