//! SMS and voicemail at RingCentral: told by a socket, listed, and posted with a word.

use super::Side;
use crate::courier::{Courier, Post};
use crate::desk::WORD;
use crate::support::fakes::ringcentral::{NUMBER, Ringcentral, iso, now};
use serde_json::json;

const CUSTOMER: &str = "+12125550123";

pub struct Phone {
    fake: Ringcentral,
    courier: Courier,
}

impl Phone {
    pub fn new(fake: Ringcentral, courier: Courier) -> Self {
        Self { fake, courier }
    }
}

impl Side for Phone {
    fn name(&self) -> &'static str {
        "ringcentral"
    }

    fn channel(&self) -> &'static str {
        "sms"
    }

    fn writes(&self, text: &str) {
        let id = self.fake.customer_writes(CUSTOMER, text);
        let mut body = self.fake.record(id);
        body["id"] = id.to_string().into();
        let event = json!({ "uuid": id.to_string(), "body": body,
            "event": "/restapi/v1.0/account/1/extension/2/message-store/instant?type=SMS" });
        self.courier.bring(Post {
            account: "phone",
            content_type: "application/json",
            sign: ("verification-token", WORD.to_owned()),
            body: event.to_string().into_bytes(),
        });
    }

    fn sends_file(&self, text: &str) -> bool {
        self.fake.put(json!({ "type": "SMS", "direction": "Inbound", "readStatus": "Unread", "messageStatus": "Received",
            "availability": "Alive", "from": { "phoneNumber": CUSTOMER, "name": "Ana Costa" },
            "to": [{ "phoneNumber": NUMBER }], "subject": text, "conversation": { "id": "77" },
            "creationTime": iso(now()), "lastModifiedTime": iso(now()),
            "attachments": [{ "id": 9, "type": "MmsAttachment", "contentType": "image/png", "fileName": "lamp.png" }] }));
        true
    }

    fn got(&self) -> Vec<String> {
        let sent = self.fake.sent().into_iter();
        sent.map(|one| one["subject"].as_str().unwrap().to_owned())
            .collect()
    }

    fn holds_answer(&self) -> bool {
        self.fake.holds_answers();
        true
    }
}

/// A caller who speaks to the machine.
pub struct Voicemail(pub Ringcentral);

impl Side for Voicemail {
    fn name(&self) -> &'static str {
        "voicemail"
    }

    fn channel(&self) -> &'static str {
        "voice"
    }

    fn writes(&self, text: &str) {
        let id = self.0.voicemail("+12125550124", "InProgress");
        self.0.transcribed(id, text);
    }

    fn sends_file(&self, _: &str) -> bool {
        false
    }

    fn got(&self) -> Vec<String> {
        Vec::new()
    }

    fn takes_answers(&self) -> bool {
        false
    }
}
