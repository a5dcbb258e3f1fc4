//! Meta's channels: a WhatsApp number that only posts, and a page and an Instagram account that list and post.

use super::Side;
use crate::courier::{Courier, Post};
use crate::support::fakes::meta_page::{INSTAGRAM, MetaPage, PAGE, now};
use crate::support::fakes::meta_whatsapp::{MetaWhatsapp, SECRET};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use std::time::Duration;

const CUSTOMER: &str = "4711001122";

pub struct Number(MetaWhatsapp);

impl Number {
    pub fn new(fake: MetaWhatsapp, courier: Courier) -> Self {
        let posts = fake.clone();
        std::thread::spawn(move || {
            let mut brought = 0;
            loop {
                for (body, signature) in posts.posts().into_iter().skip(brought) {
                    brought += 1;
                    courier.bring(post("wa", body, signature));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        Self(fake)
    }
}

fn post(account: &'static str, body: Vec<u8>, signature: String) -> Post {
    Post {
        account,
        content_type: "application/json",
        sign: ("x-hub-signature-256", signature),
        body,
    }
}

impl Side for Number {
    fn name(&self) -> &'static str {
        "whatsapp"
    }

    fn channel(&self) -> &'static str {
        "whatsapp"
    }

    fn writes(&self, text: &str) {
        self.0.customer_writes("15551234567", text);
    }

    fn sends_file(&self, text: &str) -> bool {
        let image =
            json!({ "id": "777", "mime_type": "image/jpeg", "sha256": "x", "caption": text });
        self.0
            .says("15551234567", json!({ "type": "image", "image": image }));
        true
    }

    fn got(&self) -> Vec<String> {
        let sent = self.0.sent().into_iter();
        sent.map(|one| one["text"]["body"].as_str().unwrap().to_owned())
            .collect()
    }

    fn holds_answer(&self) -> bool {
        self.0.holds_answer();
        true
    }
}

pub struct Page {
    name: &'static str,
    fake: MetaPage,
    courier: Courier,
}

impl Page {
    pub fn new(name: &'static str, fake: MetaPage, courier: Courier) -> Self {
        Self {
            name,
            fake,
            courier,
        }
    }

    /// Posts a message of the list, as Meta does when it comes.
    fn post(&self, message: &Value) {
        let (account, object, own) = match self.name {
            "messenger" => ("page", "page", PAGE),
            _ => ("gram", "instagram", INSTAGRAM),
        };
        let body = json!({ "object": object, "entry": [{ "id": own, "time": now() * 1_000, "messaging": [
            { "sender": { "id": CUSTOMER }, "recipient": { "id": own }, "timestamp": now() * 1_000, "message": message },
        ] }] });
        let body = body.to_string().into_bytes();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(&body);
        let hex = frontdesk::model::outgoing::hex(&mac.finalize().into_bytes());
        self.courier
            .bring(post(account, body, format!("sha256={hex}")));
    }
}

impl Side for Page {
    fn name(&self) -> &'static str {
        self.name
    }

    fn channel(&self) -> &'static str {
        self.name
    }

    fn writes(&self, text: &str) {
        let mid = self.fake.customer_writes(CUSTOMER, text);
        self.post(&json!({ "mid": mid, "text": text }));
    }

    fn sends_file(&self, text: &str) -> bool {
        let url = self.fake.file("lamp.jpg", b"a lamp");
        let image = json!({ "id": "1", "mime_type": "image/jpeg", "name": "lamp.jpg", "image_data": { "url": url } });
        let parts = json!({ "message": text, "attachments": { "data": [image] } });
        let mid = self.fake.says(CUSTOMER, false, now(), parts);
        let file = json!({ "type": "image", "payload": { "url": url } });
        self.post(&json!({ "mid": mid, "text": text, "attachments": [file] }));
        true
    }

    fn got(&self) -> Vec<String> {
        let sent = self.fake.sent().into_iter();
        sent.map(|one| one["message"]["text"].as_str().unwrap().to_owned())
            .collect()
    }

    fn holds_answer(&self) -> bool {
        self.fake.holds_answer();
        true
    }
}
