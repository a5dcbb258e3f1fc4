//! The agent, the screen and other programs.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[
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
            field(
                "play",
                "[\"mpv\", \"--no-video\", \"{}\"]",
                "Plays voice notes and recordings (`p` among a conversation's attachments): {} is the file, else it is put at the end. No default.",
            ),
        ],
    },
];
