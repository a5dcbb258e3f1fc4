//! A bot on our own Bot API.

use crate::suite::{OtherSide, Received};
use crate::support::fakes::telegram::{TOKEN, Telegram, USER};
use frontdesk::model::{Party, SystemClock};
use frontdesk::providers::Provider;
use frontdesk::providers::telegram::TelegramProvider;
use std::sync::Arc;

const CUSTOMER: i64 = 4_711;

/// One bot and one customer.
pub struct TelegramSide(Telegram);

impl TelegramSide {
    pub fn new() -> Self {
        Self(Telegram::start())
    }
}

impl OtherSide for TelegramSide {
    fn open(&self) -> Arc<dyn Provider> {
        let text = format!(
            "username = \"{USER}\"\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\nlong_poll_seconds = 2\n",
            self.0.url
        );
        Arc::new(TelegramProvider::new(
            toml::from_str(&text).unwrap(),
            Arc::new(SystemClock),
        ))
    }

    fn customer(&self) -> Party {
        Party::new(CUSTOMER.to_string())
    }

    fn customer_writes(&self, text: &str) {
        self.0.customer_writes(CUSTOMER, text);
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let sent = self.0.sent().into_iter();
        sent.map(|message| Received {
            text: message["text"].as_str().unwrap().to_owned(),
            to: vec![message["chat"]["id"].to_string()],
        })
        .filter(|received| received.text.contains(marker))
        .collect()
    }
}
