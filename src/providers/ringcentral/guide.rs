//! Setting up an extension at RingCentral.

use crate::providers::guide::{Answers, Field, Guide, Kind};

fn own(_: &Answers) -> String {
    super::settings::BASE.to_owned()
}

/// The steps.
pub const GUIDE: Guide = Guide {
    provider: "ringcentral",
    title: "RingCentral (SMS, voicemail, calls)",
    steps: &[
        "At developers.ringcentral.com > Apps make a REST API app with JWT auth flow, private to your account.",
        "Give it the permissions Read Accounts, Read Messages, Edit Messages, SMS, Read Call Log, Read Call Recording, WebSocket Subscriptions.",
        "The app's page shows client id and client secret (those of Production, once it is there).",
        "At developers.ringcentral.com, your name > Credentials, make a JWT as the user of the extension whose messages are read; allow this app to use it.",
        "In the admin portal, Phone System > Phone Numbers, see which of the extension's numbers may send SMS; in the United States they must be registered (TCR).",
    ],
    fields: &[
        Field::needed(
            "numbers",
            "The extension's SMS numbers, the one that sends first",
            Kind::Phones,
        ),
        Field::optional("name", "Our name as customers know it", Kind::Text),
        Field::needed("client_id", "Client id", Kind::Text),
        Field::needed("client_secret", "Client secret", Kind::Secret),
        Field::needed("jwt", "JWT credential", Kind::Secret),
        Field::more(
            "base_url",
            "Server; https://platform.devtest.ringcentral.com is the sandbox",
            Kind::Url,
        )
        .proposing(own),
    ],
    after: &[
        "News comes over a socket that frontdesk opens; nothing has to reach this machine.",
        "Only if RingCentral shall post to {url} besides: set `verification_token`, run `frontdesk listen`, and make a WebHook subscription with that address and word.",
    ],
    advice: Guide::silent,
};
