//! Setting up a WhatsApp number at Meta.

use crate::providers::guide::{Answers, Field, Guide, Kind};

fn own(_: &Answers) -> String {
    super::settings::BASE.to_owned()
}

/// The steps.
pub const GUIDE: Guide = Guide {
    provider: "whatsapp",
    title: "WhatsApp (Meta Cloud API)",
    steps: &[
        "At developers.facebook.com open your app, or make one of type Business, and add the product WhatsApp.",
        "WhatsApp > API Setup shows the phone number id and the business account id.",
        "At business.facebook.com > Users > System users make a token for the app with whatsapp_business_messaging and whatsapp_business_management; choose that it never expires.",
        "App settings > Basic shows the app secret.",
    ],
    fields: &[
        Field::needed("phone_number_id", "Phone number id", Kind::Number),
        Field::optional(
            "business_account_id",
            "Business account id (for templates)",
            Kind::Number,
        ),
        Field::optional("name", "Our name as customers know it", Kind::Text),
        Field::needed("token", "Access token", Kind::Secret),
        Field::needed("app_secret", "App secret", Kind::Secret),
        Field::needed(
            "verify_token",
            "A word of your own choice for the handshake (empty: one is made)",
            Kind::Word,
        ),
        Field::more("base_url", "Graph API with its version", Kind::Url).proposing(own),
    ],
    after: &[
        "WhatsApp > Configuration: callback URL {url}, verify token {word}; subscribe to `messages`.",
        "Run `frontdesk sync --listen` (or `frontdesk listen`) behind a tunnel or proxy that makes that URL reach this machine.",
    ],
    advice: Guide::silent,
};
