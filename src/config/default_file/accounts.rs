//! Accounts and their servers.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        header: "[accounts.support]",
        doc: "One table for each login; `support` is the name you see. `frontdesk init` writes one for you.",
        fields: &[
            field(
                "provider",
                "\"email\"",
                "What speaks for it: email, or another of the tables below.",
            ),
            field(
                "enabled",
                "true",
                "false keeps it out of use; its conversations stay readable.",
            ),
            field(
                "hold_seconds",
                "10",
                "Seconds in which a send can be undone. Default: [desk.hold].",
            ),
            field(
                "typing",
                "false",
                "Show the customer that somebody writes, where the channel can (WhatsApp, Messenger, Instagram, Telegram). Off: it tells when you work, and on WhatsApp it marks their message as read.",
            ),
            field(
                "address",
                "\"support@example.com\"",
                "Its own address, and the sender.",
            ),
            field("name", "\"Example Support\"", "The sender's display name."),
            field(
                "aliases",
                "[\"help@example.com\"]",
                "Further addresses that are yours: never customers, never answered.",
            ),
            field(
                "folders",
                "[]",
                "Folders to read. Default: INBOX, Sent, Archive and Junk; at Gmail All Mail, Junk and Trash.",
            ),
            field(
                "sent_copy",
                "\"auto\"",
                "Put sent mail into Sent: auto, append or skip (the server does it).",
            ),
            field(
                "signature",
                "\"Example Support\\nwww.example.com\"",
                "Put under every reply, after `-- `.",
            ),
            field(
                "poll_seconds",
                "60",
                "Seconds between two looks where the server cannot tell of news.",
            ),
            field(
                "history_days",
                "0",
                "The first read goes back so many days; 0 for everything.",
            ),
            field(
                "history_messages",
                "0",
                "The first read takes so many messages of each folder; 0 for everything.",
            ),
            field(
                "message_limit_mib",
                "25",
                "Larger messages come without their attachments (at most 50).",
            ),
            field(
                "authserv_id",
                "\"mx.example.com\"",
                "Your receiving server's name in Authentication-Results; without it no sender counts as verified.",
            ),
        ],
    },
    Section {
        header: "[accounts.support.imap]",
        doc: "Where it is read.",
        fields: &[
            field(
                "host",
                "\"imap.example.com\"",
                "The server, as in its certificate.",
            ),
            field("port", "993", "Default: 993, or 143 with starttls."),
            field(
                "tls",
                "\"implicit\"",
                "implicit, or starttls if the server has nothing better.",
            ),
            field(
                "user",
                "\"support@example.com\"",
                "Login name. Default: the address.",
            ),
            field("auth", "\"password\"", "password, xoauth2 or oauthbearer."),
            field(
                "password",
                "{ vault = \"support\" }",
                "Where the password or token is: { vault = \"NAME\" }, { login = \"NAME\" } (a token), { env = \"NAME\" }, { command = [\"pass\", \"show\", \"x\"] }, { file = \"PATH\" } (mode 0600), { credential = \"NAME\" } (systemd) or { keyring = \"NAME\" } (in builds with it).",
            ),
            field(
                "ca_file",
                "\"/etc/ssl/private-ca.pem\"",
                "One more authority to trust, for private certificates.",
            ),
        ],
    },
    Section {
        header: "[[accounts.support.smtp]]",
        doc: "A server that sends; repeat the table for more. The first whose `for` covers all recipients is taken.",
        fields: &[
            field(
                "host",
                "\"smtp.example.com\"",
                "The server, as in its certificate.",
            ),
            field("port", "465", "Default: 465, or 587 with starttls."),
            field(
                "tls",
                "\"implicit\"",
                "implicit, or starttls if the server has nothing better.",
            ),
            field(
                "user",
                "\"support@example.com\"",
                "Login name. Default: the IMAP one.",
            ),
            field("auth", "\"password\"", "password, xoauth2 or oauthbearer."),
            field(
                "password",
                "{ vault = \"support\" }",
                "Default: the IMAP one.",
            ),
            field(
                "ca_file",
                "\"/etc/ssl/private-ca.pem\"",
                "One more authority to trust. Default: the IMAP one.",
            ),
            field(
                "from",
                "\"support@example.com\"",
                "The sender of mail by this server. Default: the account's address.",
            ),
            field(
                "from_name",
                "\"Example Support\"",
                "The sender's display name. Default: the account's.",
            ),
            field(
                "for",
                "[\"example.com\", \"*.example.com\"]",
                "Recipients this server is for. Default: everybody.",
            ),
        ],
    },
    Section {
        header: "[accounts.whatsapp]",
        doc: "A WhatsApp number at Meta; `frontdesk account add NAME --provider whatsapp` asks step by step.",
        fields: &[
            field("provider", "\"whatsapp\"", "WhatsApp by Meta's Cloud API."),
            field(
                "phone_number_id",
                "\"106540352242922\"",
                "The id of the number, as the app's API setup shows it.",
            ),
            field(
                "business_account_id",
                "\"102290129340398\"",
                "The id of the business account; needed for templates.",
            ),
            field(
                "name",
                "\"Example Support\"",
                "Our name as customers know it.",
            ),
            field(
                "token",
                "{ env = \"WHATSAPP_TOKEN\" }",
                "An access token of a system user.",
            ),
            field(
                "app_secret",
                "{ env = \"WHATSAPP_APP_SECRET\" }",
                "The app's secret; without it nothing that is posted to us is taken.",
            ),
            field(
                "verify_token",
                "{ env = \"WHATSAPP_VERIFY\" }",
                "The word that we tell Meta when we give it our address.",
            ),
            field(
                "base_url",
                "\"https://graph.facebook.com/v23.0\"",
                "The Graph API with its version.",
            ),
            field("calls_per_second", "20", "Calls in a second, at most."),
        ],
    },
    Section {
        header: "[accounts.telegram]",
        doc: "A Telegram bot; `frontdesk account add NAME --provider telegram` asks step by step.",
        fields: &[
            field("provider", "\"telegram\"", "The Bot API."),
            field("username", "\"example_bot\"", "The bot's user name."),
            field(
                "name",
                "\"Example Support\"",
                "Our name as customers know it.",
            ),
            field(
                "token",
                "{ env = \"TELEGRAM_TOKEN\" }",
                "The token that @BotFather gave.",
            ),
            field(
                "webhook_secret",
                "{ env = \"TELEGRAM_WORD\" }",
                "With a word, Telegram posts to the listener and is not polled; `frontdesk account webhook NAME` tells it where.",
            ),
            field(
                "groups",
                "\"addressed\"",
                "What is taken from groups: addressed (names the bot, answers it, is a command), all, none.",
            ),
            field(
                "long_poll_seconds",
                "50",
                "Seconds that a question for news stays open; at most 50.",
            ),
            field(
                "poll_seconds",
                "60",
                "Seconds between reads besides the long poll.",
            ),
            field(
                "base_url",
                "\"https://api.telegram.org\"",
                "The Bot API server.",
            ),
        ],
    },
    Section {
        header: "[accounts.phone]",
        doc: "A RingCentral extension; `frontdesk account add NAME --provider ringcentral` asks step by step.",
        fields: &[
            field("provider", "\"ringcentral\"", "SMS, voicemail and calls."),
            field(
                "numbers",
                "[\"+15550001111\"]",
                "The extension's numbers that may send SMS; new messages go from the first.",
            ),
            field(
                "name",
                "\"Example Support\"",
                "Our name as customers know it.",
            ),
            field("client_id", "\"aBcD1234\"", "The app's client id."),
            field(
                "client_secret",
                "{ env = \"RINGCENTRAL_SECRET\" }",
                "The app's client secret.",
            ),
            field(
                "jwt",
                "{ env = \"RINGCENTRAL_JWT\" }",
                "The JWT credential of the extension's user.",
            ),
            field(
                "calls",
                "\"missed\"",
                "Which calls are conversations: missed, all (with recordings), none.",
            ),
            field(
                "history_days",
                "90",
                "The first read goes back so many days; 0 for everything.",
            ),
            field(
                "verification_token",
                "{ env = \"RINGCENTRAL_VERIFY\" }",
                "Only for `frontdesk listen`: the word that the WebHook subscription was made with.",
            ),
            field(
                "poll_seconds",
                "60",
                "Seconds between reads besides the socket.",
            ),
            field(
                "base_url",
                "\"https://platform.ringcentral.com\"",
                "The interface; https://platform.devtest.ringcentral.com for the sandbox.",
            ),
            field(
                "media_url",
                "\"https://media.ringcentral.com\"",
                "Where files are.",
            ),
        ],
    },
    Section {
        header: "[accounts.sms]",
        doc: "A Twilio account; `frontdesk account add NAME --provider twilio` asks step by step.",
        fields: &[
            field("provider", "\"twilio\"", "SMS, MMS, WhatsApp and calls."),
            field(
                "account_sid",
                "\"AC0123456789abcdef\"",
                "The account's SID.",
            ),
            field(
                "auth_token",
                "{ env = \"TWILIO_TOKEN\" }",
                "The auth token; `frontdesk listen` checks with it what is posted.",
            ),
            field(
                "api_key_sid",
                "\"SK0123456789abcdef\"",
                "An API key to log in by instead.",
            ),
            field(
                "api_secret",
                "{ env = \"TWILIO_SECRET\" }",
                "The API key's secret.",
            ),
            field(
                "numbers",
                "[\"+15550001111\"]",
                "Our numbers for SMS and calls; new messages go from the first.",
            ),
            field("whatsapp", "[\"+15550001111\"]", "Our WhatsApp senders."),
            field(
                "messaging_service",
                "\"MG0123456789abcdef\"",
                "The Messaging Service that SMS leave by.",
            ),
            field(
                "name",
                "\"Example Support\"",
                "Our name as customers know it.",
            ),
            field(
                "calls",
                "\"missed\"",
                "Which calls are conversations: missed (and voicemail), all (with recordings), none.",
            ),
            field(
                "history_days",
                "90",
                "The first read goes back so many days; 0 for everything.",
            ),
            field(
                "publish_command",
                "[\"publish-file\"]",
                "For sending files, which Twilio fetches: gets a file's path and name, prints its web address.",
            ),
            field("poll_seconds", "10", "Seconds between reads."),
            field("base_url", "\"https://api.twilio.com\"", "The interface."),
            field(
                "content_url",
                "\"https://content.twilio.com\"",
                "Where templates are.",
            ),
        ],
    },
    Section {
        header: "[accounts.messenger]",
        doc: "A Facebook page's Messenger; `frontdesk account add NAME --provider messenger` asks step by step.",
        fields: &[
            field("provider", "\"messenger\"", "A Facebook page."),
            field("page_id", "\"102290129340398\"", "The page's id."),
            field("name", "\"Example\"", "The page's name as people know it."),
            field(
                "token",
                "{ env = \"PAGE_TOKEN\" }",
                "The page's access token.",
            ),
            field(
                "app_secret",
                "{ env = \"META_APP_SECRET\" }",
                "The app's secret; without it nothing that is posted to us is taken, and it is only polled.",
            ),
            field(
                "verify_token",
                "{ env = \"META_VERIFY\" }",
                "The word that we tell Meta when we give it our address.",
            ),
            field(
                "human_agent",
                "false",
                "The app may use the human agent tag: people may answer for 7 days instead of 24 hours.",
            ),
            field(
                "comments",
                "false",
                "Comments below the page's newest posts, and visitors' posts, are conversations.",
            ),
            field(
                "history_days",
                "30",
                "How far back the first read goes; 0 for everything that is listed.",
            ),
            field("poll_seconds", "20", "Seconds between two looks."),
            field(
                "base_url",
                "\"https://graph.facebook.com/v25.0\"",
                "The Graph API with its version.",
            ),
            field(
                "calls_per_second",
                "2",
                "Calls in a second, at most; Meta allows two for conversations.",
            ),
        ],
    },
    Section {
        header: "[accounts.instagram]",
        doc: "A professional Instagram account; `frontdesk account add NAME --provider instagram` asks step by step.",
        fields: &[
            field("provider", "\"instagram\"", "A professional account."),
            field(
                "account_id",
                "\"17841400000000000\"",
                "The id of the professional account.",
            ),
            field(
                "page_id",
                "\"102290129340398\"",
                "The page that it is linked to; absent for a login by Instagram itself.",
            ),
            field(
                "name",
                "\"example\"",
                "The account's name as people know it.",
            ),
            field(
                "token",
                "{ env = \"INSTAGRAM_TOKEN\" }",
                "The page's access token, or the account's for a login by Instagram.",
            ),
            field(
                "app_secret",
                "{ env = \"META_APP_SECRET\" }",
                "The app's secret; without it nothing that is posted to us is taken, and it is only polled.",
            ),
            field(
                "verify_token",
                "{ env = \"META_VERIFY\" }",
                "The word that we tell Meta when we give it our address.",
            ),
            field(
                "human_agent",
                "false",
                "The app may use the human agent tag: people may answer for 7 days instead of 24 hours.",
            ),
            field(
                "comments",
                "false",
                "Comments below the account's newest media and mentions of it are conversations.",
            ),
            field(
                "history_days",
                "30",
                "How far back the first read goes; 0 for everything that is listed.",
            ),
            field("poll_seconds", "20", "Seconds between two looks."),
            field(
                "base_url",
                "\"https://graph.facebook.com/v25.0\"",
                "The Graph API with its version.",
            ),
            field(
                "calls_per_second",
                "2",
                "Calls in a second, at most; Meta allows two for conversations.",
            ),
        ],
    },
];
