//! The vault.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[Section {
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
}];
