//! A page or Instagram account on our own Graph API.

use crate::suite::{OtherSide, Received};
use crate::support::fakes::meta_page::MetaPage;
use frontdesk::model::{Party, SystemClock};
use frontdesk::providers::Provider;
use frontdesk::providers::meta::page::PageProvider;
use std::sync::Arc;

const CUSTOMER: &str = "4711001122";

/// One account and one customer.
pub struct PageSide {
    fake: MetaPage,
    instagram: bool,
}

impl PageSide {
    pub fn messenger() -> Self {
        Self {
            fake: MetaPage::messenger(),
            instagram: false,
        }
    }

    pub fn instagram() -> Self {
        Self {
            fake: MetaPage::instagram(),
            instagram: true,
        }
    }
}

impl OtherSide for PageSide {
    fn open(&self) -> Arc<dyn Provider> {
        let text = self.fake.settings("");
        let clock = Arc::new(SystemClock);
        Arc::new(if self.instagram {
            PageProvider::instagram(toml::from_str(&text).unwrap(), clock)
        } else {
            PageProvider::messenger(toml::from_str(&text).unwrap(), clock)
        })
    }

    fn customer(&self) -> Party {
        Party::new(CUSTOMER)
    }

    fn customer_writes(&self, text: &str) {
        self.fake.customer_writes(CUSTOMER, text);
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let sent = self.fake.sent().into_iter();
        sent.filter_map(|body| {
            Some(Received {
                text: body["message"]["text"].as_str()?.to_owned(),
                to: vec![body["recipient"]["id"].as_str()?.to_owned()],
            })
        })
        .filter(|received| received.text.contains(marker))
        .collect()
    }
}
