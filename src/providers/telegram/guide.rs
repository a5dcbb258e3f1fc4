//! Setting up a bot at Telegram.

use crate::providers::guide::{Answers, Field, Guide, Kind};

fn own(_: &Answers) -> String {
    super::settings::BASE.to_owned()
}

/// The steps.
pub const GUIDE: Guide = Guide {
    provider: "telegram",
    title: "Telegram (Bot API)",
    steps: &[
        "In Telegram write /newbot to @BotFather (or /mybots for a bot that exists) and give it a name.",
        "Copy the token that it answers with; it looks like 123456789:AAE… and is the bot's password.",
        "For groups: @BotFather > /mybots > Bot Settings > Group Privacy decides whether the bot sees everything there.",
        "For a business account: @BotFather > Bot Settings > Business Mode on, then Telegram > Settings > Business > Chatbots names the bot.",
    ],
    fields: &[
        Field::needed("username", "The bot's user name (ends in bot)", Kind::Text),
        Field::optional("name", "Our name as customers know it", Kind::Text),
        Field::needed("token", "Token", Kind::Secret),
        Field::more("base_url", "Bot API server", Kind::Url).proposing(own),
        Field::more(
            "webhook_secret",
            "A word, only if Telegram shall post to `frontdesk listen` rather than be asked",
            Kind::Secret,
        ),
    ],
    after: &[
        "Customers must write first: give them https://t.me/ and the bot's user name.",
        "`frontdesk` or `frontdesk sync` reads it; nothing else may read the same bot.",
        "Only if you gave a word: run `frontdesk sync --listen` behind a tunnel or proxy that makes {url} reach this machine, and that `public_url` in [listen] names. Telegram is told address and word when the account is saved; later, or again, by `frontdesk account webhook {account}`.",
    ],
    advice: Guide::silent,
};
