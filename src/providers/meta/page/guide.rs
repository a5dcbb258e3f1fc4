//! Setting up a page or an Instagram account at Meta.

use super::settings;
use crate::providers::guide::{Answers, Field, Guide, Kind};

/// Only the listener takes what Meta posts.
fn listens(answers: &Answers) -> bool {
    answers.given("app_secret")
}

fn facebook(_: &Answers) -> String {
    settings::FACEBOOK.to_owned()
}

fn either(answers: &Answers) -> String {
    let own = if answers.given("page_id") {
        settings::FACEBOOK
    } else {
        settings::INSTAGRAM
    };
    own.to_owned()
}

/// The steps for a page.
pub const MESSENGER: Guide = Guide {
    provider: "messenger",
    title: "Messenger (a Facebook page)",
    steps: &[
        "At developers.facebook.com open your app, or make one of type Business, and add the product Messenger.",
        "Messenger > API settings: connect the page and generate its token, with pages_messaging, pages_manage_metadata and pages_read_engagement (for comments pages_read_user_content and pages_manage_engagement besides).",
        "The page's id stands below its name there.",
        "App settings > Basic shows the app secret; it is needed for the listener only.",
    ],
    fields: &[
        Field::needed("page_id", "Page id", Kind::Number),
        Field::optional("name", "The page's name as customers know it", Kind::Text),
        Field::needed("token", "Page access token", Kind::Secret),
        Field::optional("app_secret", "App secret (for the listener)", Kind::Secret),
        Field::optional(
            "verify_token",
            "A word of your own choice for the handshake (empty: one is made)",
            Kind::Word,
        )
        .when(listens),
        Field::more("base_url", "Graph API with its version", Kind::Url).proposing(facebook),
    ],
    after: &[
        "The page is polled; nothing has to reach this machine.",
        "For states and at once: Messenger > API settings > Webhooks: callback URL {url}, verify token {word}; subscribe the page to messages, message_echoes, message_edits, messaging_postbacks, message_deliveries, message_reads, message_reactions and feed, and run `frontdesk sync --listen`.",
    ],
    advice: Guide::silent,
};

/// The steps for an Instagram account.
pub const INSTAGRAM: Guide = Guide {
    provider: "instagram",
    title: "Instagram (a professional account)",
    steps: &[
        "In the Instagram app: Settings > Messages > Connected tools: allow access to messages.",
        "At developers.facebook.com open your app and add the product Instagram; either log in by Instagram (leave the page id empty) or by the Facebook page that the account is linked to.",
        "Generate the token there, with instagram_business_manage_messages, or for a page instagram_manage_messages and pages_messaging (for comments instagram_manage_comments besides).",
        "The professional account's id stands beside its name, as a number of 17 digits.",
    ],
    fields: &[
        Field::needed("account_id", "Professional account id", Kind::Number),
        Field::optional(
            "page_id",
            "Id of the linked page (empty for a login by Instagram)",
            Kind::Number,
        ),
        Field::optional("name", "Our name as customers know it", Kind::Text),
        Field::needed("token", "Access token", Kind::Secret),
        Field::optional("app_secret", "App secret (for the listener)", Kind::Secret),
        Field::optional(
            "verify_token",
            "A word of your own choice for the handshake (empty: one is made)",
            Kind::Word,
        )
        .when(listens),
        Field::more("base_url", "Graph API with its version", Kind::Url).proposing(either),
    ],
    after: &[
        "The account is polled; nothing has to reach this machine.",
        "For states and at once: Instagram > Webhooks: callback URL {url}, verify token {word}; subscribe to messages, messaging_postbacks, messaging_seen, message_reactions, message_edit, comments and mentions, and run `frontdesk sync --listen`.",
    ],
    advice: Guide::silent,
};
