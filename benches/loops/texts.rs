//! What the loops get: prose of several scripts, the hostile corpus, and mails as they come over the wire.

use base64::Engine as _;
use frontdesk::bench::generate::{self, Shape};
use frontdesk::model::Timestamp;
use std::path::Path;

/// Bytes of a long text, about.
const LONG: usize = 64 * 1024;
/// What generated mails and mirrors are like: four thousand conversations.
pub const SHAPE: Shape = Shape {
    messages: 20_000,
    conversations: 4_000,
    seed: 5,
    until: Timestamp(1_790_000_000_000),
};

/// Kinds of text.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// English, nothing in it that must be changed.
    Clean,
    /// What the corpus holds against terminals.
    Hostile,
    /// Chinese and Japanese with some Latin between.
    Cjk,
}

pub const KINDS: [Kind; 3] = [Kind::Clean, Kind::Hostile, Kind::Cjk];

impl Kind {
    /// A long text of this kind, with line ends.
    pub fn text(self) -> String {
        match self {
            Self::Clean => repeated(|number| generate::line(number) + "\n"),
            Self::Hostile => {
                let rows = hostile();
                let row = |number: u64| rows[number as usize % rows.len()].clone() + "\n";
                repeated(row)
            }
            Self::Cjk => repeated(|number| {
                format!(
                    "您好，订单 A-{number:05} 的快递还没有收到，请问可以退款吗？荷物が届いていません。\n"
                )
            }),
        }
    }
}

fn repeated(line: impl Fn(u64) -> String) -> String {
    let mut text = String::new();
    for number in 0.. {
        if text.len() >= LONG {
            break;
        }
        text.push_str(&line(number));
    }
    text
}

/// Payloads of the corpus that aim at terminals, as text.
fn hostile() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/01_terminal.jsonl");
    let rows = std::fs::read_to_string(file).unwrap();
    let payload = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let payload = row["payload"].as_str().unwrap();
        let decoded = base64::engine::general_purpose::STANDARD.decode(payload);
        match row["enc"].as_str() {
            Some("b64") => Some(String::from_utf8_lossy(&decoded.unwrap()).into_owned()),
            Some("text") => Some(payload.to_owned()),
            _ => None,
        }
    };
    // One that is longer than all others together would be all that is measured.
    rows.lines()
        .filter_map(payload)
        .filter(|payload| payload.len() < 4_096)
        .collect()
}

/// Mails as they come over the wire: several scripts, plain text, HTML, both.
pub fn mails(count: usize) -> Vec<Vec<u8>> {
    let mails: Vec<_> = generate::mails(SHAPE, count)
        .map(|(_, _, bytes)| bytes)
        .collect();
    assert_eq!(mails.len(), count);
    mails
}
