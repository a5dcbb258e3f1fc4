//! The demo's world from the customer's side.

use crate::suite::{OtherSide, Received};
use frontdesk::demo::script::Script;
use frontdesk::demo::{DemoAccount, World};
use frontdesk::model::{Channel, Clock, Party, SystemClock};
use frontdesk::providers::Provider;
use std::sync::{Arc, Mutex};

/// Customers who say something once and then only what the suite makes them say.
const CALM: &str = r#"
company = "Calm Ltd"
names = { en = ["Ana Duarte", "Jonas Chen"] }
openings = {}

[[story]]
id = "calm"
lang = "en"
channels = ["email", "sms", "whatsapp", "telegram"]
copies = 12
age = "5m"
subject = "A question"
turns = [
  { text = "Is anybody there?" },
  { by = "nina", gap = "1m", text = "We are.", state = "sent" },
  { gap = "1m", text = "Good." },
]
"#;

/// One channel of a calm world.
pub struct DemoSide {
    channel: Channel,
    customer: Party,
    world: Arc<Mutex<World>>,
}

impl DemoSide {
    pub fn new(channel: Channel) -> Self {
        let script = Script::parse(CALM).unwrap();
        let world = World::new(script, 7, 1_000.0, SystemClock.now());
        let thread = world
            .threads()
            .iter()
            .find(|thread| thread.channel == channel);
        let customer = thread.unwrap().person.address(channel);
        Self {
            channel,
            customer,
            world: Arc::new(Mutex::new(world)),
        }
    }
}

impl OtherSide for DemoSide {
    fn open(&self) -> Arc<dyn Provider> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Arc::new(DemoAccount::new(self.channel, &self.world, &clock))
    }

    fn customer(&self) -> Party {
        self.customer.clone()
    }

    fn customer_writes(&self, text: &str) {
        let mut world = self.world.lock().unwrap();
        let now = SystemClock.now();
        assert!(world.customer_says(self.channel, &self.customer.address, text, now));
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let world = self.world.lock().unwrap();
        let arrived = world.arrived().iter();
        arrived
            .filter(|one| one.channel == self.channel && one.text.contains(marker))
            .map(|one| Received {
                text: one.text.clone(),
                to: vec![one.address.clone()],
            })
            .collect()
    }
}
