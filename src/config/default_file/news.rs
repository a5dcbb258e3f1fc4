//! The drafter, notifications and the listener.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        header: "[assist]",
        doc: "The drafter. It works offline, from your knowledge files; nothing leaves without an approval.",
        fields: &[
            field("enabled", "true", "Draft answers at all."),
            field("channels", "[]", "Only on these channels; on all if empty."),
            field(
                "company",
                "\"Example Ltd\"",
                "The company's name, for {{company.name}}.",
            ),
            field(
                "floor",
                "0.35",
                "Below this score, from 0 to 1, nothing is proposed.",
            ),
            field(
                "standard",
                "0.5",
                "From this score on the confidence is standard.",
            ),
            field("high", "0.75", "From this score on it is high."),
            field(
                "expires_hours",
                "24",
                "A draft is worthless after so many hours.",
            ),
            field(
                "links",
                "[\"example.com\"]",
                "Hosts, with all below them, that a draft may link to.",
            ),
            field(
                "refund_limit",
                "0",
                "Refunds above this amount are for people to speak of.",
            ),
            field(
                "block_words",
                "[\"lawyer\"]",
                "More words that leave the answer to a person.",
            ),
            field(
                "first_contact",
                "\"pass\"",
                "When nobody has answered this customer before: pass, warn or block.",
            ),
            field(
                "out_of_hours",
                "\"pass\"",
                "Outside the desk's hours: pass, warn or block.",
            ),
            field(
                "past_answers",
                "true",
                "Use what agents answered to others, without figures, links and names.",
            ),
        ],
    },
    Section {
        header: "[notify]",
        doc: "How you are told of news.",
        fields: &[
            field(
                "via",
                "\"auto\"",
                "auto, desktop, terminal, bell, command or off. auto: over SSH the terminal, else the desktop, else the bell.",
            ),
            field(
                "sequence",
                "\"osc777\"",
                "The terminal's way, when it is not recognised: osc9, osc777 or osc99.",
            ),
            field(
                "command",
                "[\"my-notify\", \"{title}\", \"{body}\"]",
                "The program for via = \"command\"; {title}, {body} and {kind} are filled in, no shell is involved.",
            ),
            field(
                "when",
                "\"unfocused\"",
                "unfocused: only while another window has the focus; or always.",
            ),
            field(
                "quiet",
                "[\"22:00-07:00\", \"sat,sun 00:00-24:00\"]",
                "Hours without notifications.",
            ),
            field(
                "pages_always",
                "true",
                "Tell of pages in quiet hours and while you look, too.",
            ),
            field(
                "title_only",
                "false",
                "Neither names nor text: for shared screens and lock screens.",
            ),
            field(
                "group_seconds",
                "10",
                "After a notification, those of the next so many seconds are told together; 0 tells each.",
            ),
        ],
    },
    Section {
        header: "[notify.kinds]",
        doc: "Of what you are told.",
        fields: &[
            field(
                "mine",
                "true",
                "New messages in conversations assigned to you.",
            ),
            field(
                "unassigned",
                "true",
                "New messages in conversations that nobody has.",
            ),
            field("mention", "true", "Notes that name you."),
            field("page", "true", "Pages to you."),
            field("approval", "true", "Drafts that wait for your approval."),
            field(
                "send",
                "true",
                "Replies that failed, or of which it is not known whether they were sent.",
            ),
            field("account", "true", "Accounts that no longer work."),
        ],
    },
    Section {
        header: "[listen]",
        doc: "The listener for vendors that post to us: `frontdesk listen`. Not needed by accounts that poll.",
        fields: &[
            field(
                "address",
                "\"127.0.0.1:8477\"",
                "Where requests arrive; point a tunnel or a proxy at it.",
            ),
            field(
                "status",
                "\"127.0.0.1:8478\"",
                "Where /health and /metrics are asked; this machine only.",
            ),
            field(
                "public_url",
                "\"https://hooks.example.com\"",
                "The address that vendors are told; some sign it.",
            ),
            field("hosts", "[]", "More names by which a proxy may ask for us."),
            field("connections", "64", "Connections at one time."),
            field(
                "requests_per_second",
                "10000",
                "Requests of one account in one second.",
            ),
            field(
                "keep_days",
                "14",
                "Requests are kept as they came for so many days.",
            ),
        ],
    },
];
