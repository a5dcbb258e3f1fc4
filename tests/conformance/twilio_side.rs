//! An account on our own Twilio.

use crate::suite::{OtherSide, Received};
use crate::support::fakes::twilio::Twilio;
use frontdesk::model::{Party, SystemClock};
use frontdesk::providers::Provider;
use frontdesk::providers::twilio::TwilioProvider;
use std::sync::Arc;

const CUSTOMER: &str = "+12125550199";

/// One account and one customer, by SMS or by WhatsApp.
pub struct TwilioSide(Twilio, bool);

impl TwilioSide {
    pub fn sms() -> Self {
        Self(Twilio::start(), false)
    }

    pub fn whatsapp() -> Self {
        Self(Twilio::start(), true)
    }

    fn written(&self) -> String {
        let prefix = if self.1 { "whatsapp:" } else { "" };
        format!("{prefix}{CUSTOMER}")
    }
}

impl OtherSide for TwilioSide {
    fn open(&self) -> Arc<dyn Provider> {
        let mut settings = self.0.settings("");
        if self.1 {
            settings = settings.replace("numbers =", "whatsapp =");
        }
        Arc::new(TwilioProvider::new(
            toml::from_str(&settings).unwrap(),
            Arc::new(SystemClock),
        ))
    }

    fn customer(&self) -> Party {
        Party::new(CUSTOMER)
    }

    fn customer_writes(&self, text: &str) {
        self.0.customer_writes(&self.written(), text);
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let sent = self.0.sent().into_iter();
        sent.filter(|message| message["to"] == self.written())
            .map(|message| Received {
                text: message["body"].as_str().unwrap().to_owned(),
                to: vec![CUSTOMER.to_owned()],
            })
            .filter(|received| received.text.contains(marker))
            .collect()
    }
}
