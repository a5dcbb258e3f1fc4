//! The customer's side of each channel.

pub mod bot;
pub mod mail;
pub mod meta;
pub mod phone;
pub mod text;

use serde_json::Value;

/// One customer on one channel.
pub trait Side {
    fn name(&self) -> &'static str;

    /// As a conversation tells it.
    fn channel(&self) -> &'static str;

    /// The customer writes; where the vendor posts, it is posted too.
    fn writes(&self, text: &str);

    /// The customer sends a file with these words; whether that is something they can.
    fn sends_file(&self, text: &str) -> bool;

    /// What the customer got, oldest first.
    fn got(&self) -> Vec<String>;

    /// The next answer is taken, and that is never said; `false` where the other side cannot do that.
    fn holds_answer(&self) -> bool {
        false
    }

    /// Whether a message of the mirror is this one of theirs.
    fn is(&self, _conversation: &Value, message: &Value, text: &str) -> bool {
        message["body"].as_str().unwrap().contains(text)
    }

    /// Whether one can answer here.
    fn takes_answers(&self) -> bool {
        true
    }
}
