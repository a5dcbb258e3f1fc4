//! What is posted, signed and forged; and the same message by post and by poll.

use crate::support::fakes::twilio::{ACCOUNT, TOKEN, Twilio};
use crate::{CUSTOMER, all, messages, open};
use base64::Engine;
use frontdesk::model::{Channel, Clock, DeliveryState, Event, SystemClock};
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::providers::{Heard, Provider, RawRequest, WebhookError};
use hmac::{Hmac, Mac};
use std::collections::BTreeMap;

const URL: &str = "https://desk.example/hook/sms";

fn post(
    desk: &TwilioProvider,
    params: &[(&str, &str)],
    token: &str,
) -> Result<Heard, WebhookError> {
    let sorted: BTreeMap<&str, &str> = params.iter().copied().collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(URL.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signed = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let headers = [("x-twilio-signature".to_owned(), signed)];
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(params);
    desk.webhook(&RawRequest {
        method: "POST",
        url: URL,
        query: "",
        headers: &headers,
        body: body.finish().as_bytes(),
        now: SystemClock.now(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_and_a_poll_tell_of_one_message() {
    let fake = Twilio::start();
    let desk = open(&fake, "whatsapp = [\"+12125550100\"]\n");
    assert!(desk.listens());
    let written = format!("whatsapp:{CUSTOMER}");
    let message = fake.customer_writes(&written, "STOP");
    let file = fake.file(&message, "image/jpeg", b"JPEG");
    let address = format!(
        "https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{message}/Media/{file}"
    );
    let params = [
        ("MessageSid", message.as_str()),
        ("SmsStatus", "received"),
        ("AccountSid", ACCOUNT),
        ("From", written.as_str()),
        ("To", "whatsapp:+12125550100"),
        ("Body", "STOP"),
        ("NumMedia", "1"),
        ("MediaUrl0", address.as_str()),
        ("MediaContentType0", "image/jpeg"),
        ("ProfileName", "Ana"),
        ("OptOutType", "STOP"),
    ];
    assert_eq!(post(&desk, &params, TOKEN), Err(WebhookError::Unsupported));
    desk.unlock_webhook().await.unwrap();
    assert_eq!(post(&desk, &params, "another"), Err(WebhookError::Forged));
    let heard = post(&desk, &params, TOKEN).unwrap();
    let Event::Message(posted) = &heard.events[0] else {
        panic!("{heard:?}");
    };
    let batch = all(&desk, None).await;
    let polled = messages(&batch)[0];
    assert_eq!(posted.remote, polled.remote);
    assert_eq!(posted.dedupe, polled.dedupe);
    assert_eq!(posted.thread, polled.thread);
    assert_eq!(posted.attachments, polled.attachments);
    assert_eq!(posted.from.name.as_deref(), Some("Ana"));
    assert!(matches!(
        heard.events[1],
        Event::Consent {
            opted_out: true,
            channel: Channel::Whatsapp,
            ..
        }
    ));
    let state = post(
        &desk,
        &[
            ("MessageSid", "SM7"),
            ("MessageStatus", "read"),
            ("AccountSid", ACCOUNT),
            ("To", written.as_str()),
        ],
        TOKEN,
    );
    assert!(matches!(
        &state.unwrap().events[..],
        [Event::Delivery(update)] if update.state == DeliveryState::Read && update.reference == "SM7"
    ));
    assert!(matches!(
        post(&desk, &[], TOKEN),
        Err(WebhookError::Malformed(_))
    ));
    assert!(post(&desk, &[("CallSid", "CA1")], TOKEN).unwrap().pull);
}
