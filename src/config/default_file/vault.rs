//! Logins and the vault.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        header: "[logins.support]",
        doc: "A login by OAuth 2, for services that take no passwords; `frontdesk account login support` opens it, and { login = \"support\" } is its token.",
        fields: &[
            field(
                "service",
                "\"google\"",
                "google or microsoft, whose addresses are known, or other.",
            ),
            field(
                "client_id",
                "\"1234.apps.googleusercontent.com\"",
                "The program's id, as you registered it at the service.",
            ),
            field(
                "client_secret",
                "{ vault = \"support-client\" }",
                "Where the program's secret is, if the service gave one (Google does).",
            ),
            field(
                "auth_url",
                "\"https://login.example.com/authorize\"",
                "Where the browser goes. Default: the service's own, as with the two below.",
            ),
            field(
                "token_url",
                "\"https://login.example.com/token\"",
                "Where tokens are had.",
            ),
            field(
                "device_url",
                "\"https://login.example.com/device\"",
                "Where a code for another machine's browser is had.",
            ),
            field(
                "scopes",
                "[\"https://mail.google.com/\"]",
                "What is asked for. Default: reading and sending mail.",
            ),
            field(
                "port",
                "0",
                "The port of this machine that the browser comes back to; any free one if 0.",
            ),
        ],
    },
    Section {
        header: "[vault]",
        doc: "The vault for typed secrets and logins (`frontdesk vault`). It is opened by its passphrase, once per engine.",
        fields: &[
            field(
                "passphrase",
                "{ credential = \"frontdesk-vault\" }",
                "Where the passphrase is, for an engine that starts by itself: a systemd credential, { keyring = \"NAME\" } or { command = [\"…\"] }. Default: somebody types it.",
            ),
            field(
                "ssh_key",
                "\"~/.ssh/id_ed25519\"",
                "A private SSH key without a passphrase that opens it, too, after `frontdesk vault ssh-key add`.",
            ),
            field(
                "idle_minutes",
                "480",
                "Locked after so many minutes without a key press or a command, if somebody typed the passphrase; 0 for never.",
            ),
            field(
                "work_factor",
                "18",
                "The work of a new passphrase, as a power of two; less is for slow machines, more counts as 18.",
            ),
        ],
    },
];
