//! Setting up an account at Twilio.

use crate::providers::guide::{Answers, Field, Guide, Kind};

fn content(_: &Answers) -> String {
    super::settings::CONTENT.to_owned()
}

fn own(_: &Answers) -> String {
    super::settings::BASE.to_owned()
}

/// The steps.
pub const GUIDE: Guide = Guide {
    provider: "twilio",
    title: "Twilio (SMS, MMS, WhatsApp, calls)",
    steps: &[
        "At console.twilio.com the start page shows Account SID and Auth Token.",
        "Phone Numbers > Manage > Active numbers: the numbers for SMS and calls; in the United States they must be registered (A2P 10DLC, or toll-free verification).",
        "For WhatsApp: Messaging > Senders > WhatsApp senders shows the numbers; Content Template Builder has the templates.",
        "If the numbers are in a Messaging Service (Messaging > Services), copy its SID, MG…: it chooses the number and keeps opt-outs.",
        "Rather than by the auth token frontdesk can log in by an API key (Account > API keys & tokens): set `api_key_sid` and `api_secret` in the configuration.",
    ],
    fields: &[
        Field::needed("account_sid", "Account SID (AC…)", Kind::Text),
        Field::needed("auth_token", "Auth token", Kind::Secret),
        Field::optional(
            "numbers",
            "Our SMS numbers, the one that sends first (empty: none)",
            Kind::Phones,
        ),
        Field::optional(
            "whatsapp",
            "Our WhatsApp senders (empty: none)",
            Kind::Phones,
        ),
        Field::optional(
            "messaging_service",
            "Messaging Service SID, if there is one (MG…)",
            Kind::Text,
        ),
        Field::optional("name", "Our name as customers know it", Kind::Text),
        Field::more("base_url", "Server of the interface", Kind::Url).proposing(own),
        Field::more("content_url", "Server of the templates", Kind::Url).proposing(content),
    ],
    after: &[
        "`frontdesk` or `frontdesk sync` reads it; nothing has to reach this machine.",
        "With `frontdesk listen` behind a tunnel, messages come at once: paste {url} as the webhook (HTTP POST) for incoming messages and as the status callback.",
    ],
    advice: Guide::silent,
};
