//! A bot at Telegram: long polls, which give again what was not confirmed before the engine died.

use super::Side;
use crate::support::fakes::telegram::Telegram;
use serde_json::json;

const CUSTOMER: i64 = 4_711;

pub struct Bot(pub Telegram);

impl Side for Bot {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn channel(&self) -> &'static str {
        "telegram"
    }

    fn writes(&self, text: &str) {
        self.0.customer_writes(CUSTOMER, text);
    }

    fn sends_file(&self, text: &str) -> bool {
        let photo = json!([{ "file_id": "p1", "file_unique_id": "u1", "width": 8, "height": 8, "file_size": 4 }]);
        self.0
            .says(CUSTOMER, json!({ "photo": photo, "caption": text }));
        true
    }

    fn got(&self) -> Vec<String> {
        let sent = self.0.sent().into_iter();
        sent.map(|one| one["text"].as_str().unwrap().to_owned())
            .collect()
    }

    fn holds_answer(&self) -> bool {
        self.0.holds_answer();
        true
    }
}
