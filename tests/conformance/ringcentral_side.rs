//! An extension on our own RingCentral.

use crate::suite::{OtherSide, Received};
use crate::support::fakes::ringcentral::Ringcentral;
use frontdesk::model::{Party, SystemClock};
use frontdesk::providers::Provider;
use frontdesk::providers::ringcentral::RingcentralProvider;
use std::sync::Arc;

const CUSTOMER: &str = "+12125550199";

/// One extension and one customer.
pub struct RingcentralSide(Ringcentral);

impl RingcentralSide {
    pub fn new() -> Self {
        Self(Ringcentral::start())
    }
}

impl OtherSide for RingcentralSide {
    fn open(&self) -> Arc<dyn Provider> {
        Arc::new(RingcentralProvider::new(
            toml::from_str(&self.0.settings("")).unwrap(),
            Arc::new(SystemClock),
        ))
    }

    fn customer(&self) -> Party {
        Party::new(CUSTOMER)
    }

    fn customer_writes(&self, text: &str) {
        self.0.customer_writes(CUSTOMER, text);
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let sent = self.0.sent().into_iter();
        sent.map(|message| Received {
            text: message["subject"].as_str().unwrap().to_owned(),
            to: message["to"]
                .as_array()
                .unwrap()
                .iter()
                .map(|to| to["phoneNumber"].as_str().unwrap().to_owned())
                .collect(),
        })
        .filter(|received| received.text.contains(marker))
        .collect()
    }
}
