//! The commented default configuration, made from one table of every key with its sample and its meaning.
//!
//! `assets/config.toml` and `frontdesk config default` are this text; tests hold the table against the types.

use std::fmt::Write;

/// One key.
pub struct Field {
    /// Its name.
    pub key: &'static str,
    /// A value as TOML; for keys with a default, the default.
    pub sample: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// One table of the file.
pub struct Section {
    /// Its header as written, empty for the top of the file.
    pub header: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys, in the order written.
    pub fields: &'static [Field],
}

const fn field(key: &'static str, sample: &'static str, doc: &'static str) -> Field {
    Field { key, sample, doc }
}

/// The whole file, table by table.
pub const SECTIONS: &[Section] = &[
    Section {
        header: "",
        doc: "The agent and the screen.",
        fields: &[
            field(
                "me",
                "\"nina\"",
                "Your name among the agents. Default: your login name.",
            ),
            field(
                "agents",
                "[\"raj\", \"ana\"]",
                "Colleagues' names, offered by `assign`.",
            ),
            field(
                "host",
                "\"desk-1\"",
                "This machine's name, recorded with decisions. Default: the host name.",
            ),
            field(
                "timezone",
                "\"Europe/Lisbon\"",
                "The zone of times shown and typed. Default: the system's.",
            ),
            field(
                "theme",
                "\"auto\"",
                "A theme's name; `auto` follows the terminal. `:theme` shows them all.",
            ),
            field(
                "mouse",
                "false",
                "Take clicks and the wheel; the terminal's own selection then needs Shift.",
            ),
            field(
                "plain",
                "false",
                "One column, no lines, words instead of symbols; also --plain.",
            ),
            field(
                "sort",
                "\"closing_soonest\"",
                "How lists begin: closing_soonest, newest, oldest or priority.",
            ),
            field(
                "mirror",
                "\"~/.local/share/frontdesk/mirror\"",
                "Where messages are kept.",
            ),
            field(
                "knowledge",
                "[\"~/.config/frontdesk/knowledge\"]",
                "Folders whose *.md the drafter reads.",
            ),
            field(
                "keymap",
                "\"~/.config/frontdesk/keymap.toml\"",
                "Your key bindings, laid over the built-in ones.",
            ),
        ],
    },
    Section {
        header: "[commands]",
        doc: "Other programs, as lists of arguments; no shell is involved. Each has a sensible default.",
        fields: &[
            field(
                "editor",
                "\"vi\"",
                "Edits the file put at the end. Default: $VISUAL, $EDITOR, vi.",
            ),
            field(
                "clipboard",
                "[\"wl-copy\"]",
                "Takes copied text on standard input. Default: the terminal or a known program.",
            ),
            field(
                "opener",
                "[\"xdg-open\"]",
                "Opens the web address or file put at the end, after asking you.",
            ),
        ],
    },
    Section {
        header: "[accounts.support]",
        doc: "One table for each login; `support` is the name you see. `frontdesk init` writes one for you.",
        fields: &[
            field("provider", "\"email\"", "What speaks for it: email."),
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
                "{ file = \"~/.config/frontdesk/secrets/support\" }",
                "Where the password or token is: { env = \"NAME\" }, { command = [\"pass\", \"show\", \"x\"] } or { file = \"PATH\" } (mode 0600).",
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
                "{ file = \"~/.config/frontdesk/secrets/support\" }",
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
];

const HEAD: &str = "\
# frontdesk's configuration. Every line is optional: take the `#` away to set a value.
# `frontdesk config check` says what is wrong, with line and column; a wrong part is left out, the rest still works.
# This text: `frontdesk config default`.
";

/// The file with every key commented out.
pub fn commented() -> String {
    let mut out = HEAD.to_owned();
    each(&mut out, "# ");
    out
}

fn each(out: &mut String, mark: &str) {
    for section in SECTIONS {
        let _ = writeln!(out, "\n## {}", section.doc);
        if !section.header.is_empty() {
            let _ = writeln!(out, "{mark}{}", section.header);
        }
        for Field { key, sample, doc } in section.fields {
            let _ = writeln!(out, "\n## {doc}\n{mark}{key} = {sample}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assist::settings::AssistSettings;
    use crate::config::account::{AccountCommon, COMMON_KEYS};
    use crate::config::load::TOP_KEYS;
    use crate::config::load_desk::DESK_KEYS;
    use crate::config::{Commands, Config, Paths, load_text};
    use crate::desk::macros::MacroSettings;
    use crate::desk::roster::RosterEntry;
    use crate::desk::routing::Rule;
    use crate::desk::settings::{
        DeskSettings, HoldSettings, HoursSettings, SlaSettings, SnoozeSettings,
    };
    use crate::notify::{KindSwitches, NotifySettings};
    use crate::providers::email::settings::{EmailSettings, ImapSettings, SmtpSettings};
    use serde::de::DeserializeOwned;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The keys a type takes, as its own deserializer tells when it meets an unknown one.
    fn keys_of<T: DeserializeOwned>() -> BTreeSet<String> {
        let Err(error) = toml::from_str::<T>("\"?\" = 1") else {
            panic!("takes unknown keys");
        };
        let keys = error.message().split('`').skip(3).step_by(2);
        keys.map(str::to_owned).collect()
    }

    fn documented(header: &str) -> BTreeSet<String> {
        let sections = SECTIONS.iter().filter(|section| section.header == header);
        sections
            .flat_map(|section| section.fields)
            .map(|field| field.key.to_owned())
            .collect()
    }

    /// Tables and arrays of tables that have their own section.
    fn without(mut keys: BTreeSet<String>, own: &[&str]) -> BTreeSet<String> {
        keys.retain(|key| !own.contains(&key.as_str()));
        keys
    }

    #[test]
    fn every_key_of_the_types_is_documented_and_no_other() {
        let top = TOP_KEYS.iter().map(|&key| key.to_owned()).collect();
        assert_eq!(
            documented(""),
            without(
                top,
                &["commands", "accounts", "desk", "roster", "notify", "assist"]
            )
        );
        let tables = SECTIONS
            .iter()
            .filter_map(|section| {
                section
                    .header
                    .trim_matches(['[', ']'])
                    .strip_prefix("desk.")
            })
            .map(|table| table.split('.').next().unwrap_or(table).to_owned());
        assert_eq!(tables.collect::<BTreeSet<_>>(), keys_of::<DeskSettings>());
        assert_eq!(
            keys_of::<DeskSettings>(),
            DESK_KEYS.iter().map(|&key| key.to_owned()).collect()
        );
        assert_eq!(documented("[desk.hours]"), keys_of::<HoursSettings>());
        assert_eq!(documented("[desk.sla]"), keys_of::<SlaSettings>());
        assert_eq!(documented("[desk.hold]"), keys_of::<HoldSettings>());
        assert_eq!(documented("[desk.snooze]"), keys_of::<SnoozeSettings>());
        assert_eq!(
            documented("[desk.macros.\"wrong number\"]"),
            keys_of::<MacroSettings>()
        );
        assert_eq!(documented("[[desk.rules]]"), keys_of::<Rule>());
        assert_eq!(
            documented("[notify]"),
            without(keys_of::<NotifySettings>(), &["kinds"])
        );
        assert_eq!(documented("[assist]"), keys_of::<AssistSettings>());
        assert_eq!(documented("[notify.kinds]"), keys_of::<KindSwitches>());
        assert_eq!(documented("[[roster]]"), keys_of::<RosterEntry>());
        assert_eq!(documented("[commands]"), keys_of::<Commands>());
        let mut account = without(keys_of::<EmailSettings>(), &["imap", "smtp"]);
        assert_eq!(
            keys_of::<AccountCommon>(),
            COMMON_KEYS.iter().map(|&key| key.to_owned()).collect()
        );
        account.extend(keys_of::<AccountCommon>());
        assert_eq!(documented("[accounts.support]"), account);
        assert_eq!(
            documented("[accounts.support.imap]"),
            keys_of::<ImapSettings>()
        );
        assert_eq!(
            documented("[[accounts.support.smtp]]"),
            keys_of::<SmtpSettings>()
        );
    }

    #[test]
    fn the_file_is_without_fault_with_and_without_its_comments() {
        let paths = Paths::below(Path::new("/nowhere"));
        let mut bare = String::new();
        each(&mut bare, "");
        for text in [commented(), bare] {
            let (_, problems) = load_text(&text, Path::new("config.toml"), &paths);
            assert!(problems.is_empty(), "{}", problems[0]);
        }
    }

    #[test]
    fn comments_hide_everything() {
        let table: toml::Table = toml::from_str(&commented()).unwrap();
        assert!(table.is_empty());
        let paths = Paths::below(Path::new("/nowhere"));
        let (config, _) = load_text(&commented(), Path::new("config.toml"), &paths);
        assert!(config.accounts.is_empty());
        assert_eq!(config.theme, Config::defaults(&paths).theme);
    }

    #[test]
    fn the_asset_is_this_text() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/config.toml");
        if std::env::var_os("UPDATE_ASSETS").is_some() {
            std::fs::write(&path, commented()).unwrap();
        }
        let asset = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(asset == commented(), "run with UPDATE_ASSETS=1 to renew it");
    }
}
