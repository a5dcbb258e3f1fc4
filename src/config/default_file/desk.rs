//! The desk's rules and the roster.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        header: "[desk.hours]",
        doc: "When somebody is at the desk. No day set: always.",
        fields: &[
            field(
                "timezone",
                "\"Europe/Lisbon\"",
                "The zone these hours are meant in. Default: `timezone` above.",
            ),
            field(
                "mon",
                "\"09:00-12:30, 13:00-17:30\"",
                "Any number of spans; one may go past midnight.",
            ),
            field("tue", "\"09:00-17:30\"", "Tuesday."),
            field("wed", "\"09:00-17:30\"", "Wednesday."),
            field("thu", "\"09:00-17:30\"", "Thursday."),
            field("fri", "\"09:00-17:30\"", "Friday."),
            field("sat", "\"\"", "Saturday: nobody."),
            field("sun", "\"\"", "Sunday: nobody."),
            field(
                "holidays",
                "[\"2026-12-25\"]",
                "Days on which nobody is there.",
            ),
        ],
    },
    Section {
        header: "[desk.sla]",
        doc: "What you promise: minutes until an answer is due. The shortest that applies counts.",
        fields: &[
            field(
                "first_minutes",
                "60",
                "For the first message of a conversation.",
            ),
            field("next_minutes", "240", "For every later one."),
            field("channels", "{ whatsapp = 15, sms = 30 }", "By channel."),
            field(
                "priorities",
                "{ urgent = 10 }",
                "By priority: low, normal, high, urgent.",
            ),
            field("within_hours", "true", "Count only the desk's hours."),
        ],
    },
    Section {
        header: "[desk.hold]",
        doc: "How long a send can be undone.",
        fields: &[
            field("seconds", "10", "On every channel; at most 3600."),
            field("channels", "{ email = 30 }", "By channel."),
        ],
    },
    Section {
        header: "[desk.snooze]",
        doc: "When snoozed conversations come back.",
        fields: &[
            field(
                "morning",
                "\"09:00\"",
                "When a day begins: `tomorrow`, `monday`.",
            ),
            field("later_hours", "3", "Hours of `later today`."),
        ],
    },
    Section {
        header: "[desk.macros.\"wrong number\"]",
        doc: "Steps for `M`, run on what is selected. One table each; the name is what you pick.",
        fields: &[
            field("description", "\"Not for us\"", "A few words for the menu."),
            field(
                "steps",
                "[{ label = [\"wrong-number\"] }, { note = \"Not for us.\" }, { resolve = true }]",
                "resolve, assign, label, unlabel, priority, snooze, mute, spam, read or note; no step sends anything.",
            ),
        ],
    },
    Section {
        header: "[[desk.rules]]",
        doc: "What happens to new conversations by itself. All conditions set must hold; every rule that matches applies.",
        fields: &[
            field("name", "\"invoices\"", "Recorded with what the rule does."),
            field("channel", "[\"email\"]", "On one of these channels."),
            field("account", "[\"support\"]", "On one of these accounts."),
            field(
                "from",
                "[\"@example.com\"]",
                "The sender's address contains one of these.",
            ),
            field(
                "subject",
                "[\"invoice\", \"refund\"]",
                "The subject contains one of these.",
            ),
            field(
                "text",
                "[\"charged twice\"]",
                "The text contains one of these.",
            ),
            field("assign", "\"raj\"", "Give it to somebody."),
            field("label", "[\"billing\"]", "Add labels."),
            field("priority", "\"high\"", "Set the priority."),
        ],
    },
    Section {
        header: "[[roster]]",
        doc: "Who can be paged with `^` or `frontdesk escalate`. One table each.",
        fields: &[
            field("name", "\"raj\"", "The name by which one is paged."),
            field(
                "title",
                "\"Raj, technician\"",
                "The name to show, if another.",
            ),
            field("email", "\"raj@example.com\"", "Where pages are mailed to."),
            field(
                "account",
                "\"support\"",
                "By which account they are mailed. Default: the first that carries mail.",
            ),
            field(
                "phone",
                "\"+49 30 123456\"",
                "Shown, and given to the command.",
            ),
            field(
                "command",
                "[\"/usr/local/bin/call\", \"{phone}\", \"{reason}\"]",
                "A program that pages; {name}, {phone}, {about}, {reason} are filled in, no shell is involved.",
            ),
            field(
                "hours",
                "{ mon = \"09:00-17:00\", tue = \"09:00-17:00\" }",
                "When this person is on duty, like [desk.hours]. Default: always.",
            ),
        ],
    },
];
