//! SMS, WhatsApp and calls at Twilio: listed, and posted with a signature.

use super::Side;
use crate::courier::{Courier, Post};
use crate::desk::PUBLIC;
use crate::support::fakes::twilio::{ACCOUNT, NUMBER, TOKEN, Twilio, now, rfc2822};
use base64::Engine;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CUSTOMER: &str = "+12125550199";

pub struct Text {
    name: &'static str,
    customer: String,
    fake: Twilio,
    courier: Courier,
}

impl Text {
    pub fn new(name: &'static str, fake: Twilio, courier: Courier) -> Self {
        let channel = if name == "sms" { "" } else { "whatsapp:" };
        Self {
            name,
            customer: format!("{channel}{CUSTOMER}"),
            fake,
            courier,
        }
    }

    /// Posts a message of the list, as Twilio does when it comes.
    fn post(&self, message: &str, text: &str, file: Option<&str>) {
        let own = self.customer.replace(CUSTOMER, NUMBER);
        let mut form = BTreeMap::from([
            ("MessageSid", message.to_owned()),
            ("SmsStatus", "received".to_owned()),
            ("AccountSid", ACCOUNT.to_owned()),
            ("From", self.customer.clone()),
            ("To", own),
            ("Body", text.to_owned()),
            ("NumMedia", usize::from(file.is_some()).to_string()),
        ]);
        if let Some(file) = file {
            let address = format!(
                "https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{message}/Media/{file}"
            );
            form.insert("MediaUrl0", address);
            form.insert("MediaContentType0", "image/jpeg".to_owned());
        }
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
        mac.update(format!("{PUBLIC}/hook/text").as_bytes());
        for (name, value) in &form {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        let signed = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&form);
        self.courier.bring(Post {
            account: "text",
            content_type: "application/x-www-form-urlencoded",
            sign: ("x-twilio-signature", signed),
            body: body.finish().into_bytes(),
        });
    }
}

impl Side for Text {
    fn name(&self) -> &'static str {
        self.name
    }

    fn channel(&self) -> &'static str {
        if self.name == "sms" {
            "sms"
        } else {
            "whatsapp"
        }
    }

    fn writes(&self, text: &str) {
        let message = self.fake.customer_writes(&self.customer, text);
        self.post(&message, text, None);
    }

    fn sends_file(&self, text: &str) -> bool {
        let message = self.fake.customer_writes(&self.customer, text);
        let file = self.fake.file(&message, "image/jpeg", b"JPEG");
        self.post(&message, text, Some(&file));
        true
    }

    fn got(&self) -> Vec<String> {
        let sent = self.fake.sent().into_iter();
        sent.filter(|one| one["to"] == self.customer.as_str())
            .map(|one| one["body"].as_str().unwrap().to_owned())
            .collect()
    }

    fn holds_answer(&self) -> bool {
        // One number for both: the next send is whichever is first.
        if self.name == "sms" {
            self.fake.holds_answer();
        }
        self.name == "sms"
    }
}

/// The number that calls where others would write this.
fn caller(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(1).collect();
    format!("+1212555017{digits}")
}

/// A caller whom nobody answers.
pub struct Calls(pub Twilio);

impl Side for Calls {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn channel(&self) -> &'static str {
        "voice"
    }

    /// A call has no text: each is made from a number of its own.
    fn writes(&self, text: &str) {
        let (from, at) = (caller(text), rfc2822(now()));
        self.0.call(json!({ "sid": format!("CA{:0>32}", &from[1..]), "from": from, "to": NUMBER, "direction": "inbound",
            "status": "no-answer", "duration": "0", "start_time": at }));
    }

    fn is(&self, row: &Value, _: &Value, text: &str) -> bool {
        row["contact_address"] == caller(text)
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
