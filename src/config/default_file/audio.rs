//! The transcription of audio.

use super::{Section, field};

pub(super) const SECTIONS: &[Section] = &[Section {
    header: "[transcription]",
    doc: "Writing down voicemails, call recordings and voice notes by a server of your choice. Off until an address and accounts are set: audio of customers leaves this machine only by it, for the accounts named, and each file that left is in the journal. A server on this machine keeps it here. What a vendor wrote down itself is taken instead.",
    fields: &[
        field(
            "base_url",
            "\"http://127.0.0.1:8000/v1\"",
            "An OpenAI-compatible interface: POST {base_url}/audio/transcriptions. https, or http on this machine. Default: none.",
        ),
        field(
            "allow_http",
            "false",
            "http to another machine, such as one in your own network: everybody on the way can hear what customers said, and every start says so.",
        ),
        field("model", "\"whisper-1\"", "The model's name there."),
        field(
            "token",
            "{ vault = \"transcription\" }",
            "Where the token is, if the server wants one.",
        ),
        field(
            "accounts",
            "[\"phone\", \"whatsapp\"]",
            "The accounts whose audio may be sent there. Default: none.",
        ),
        field(
            "languages",
            "{ phone = \"en\" }",
            "The language spoken, by account, where it is always the same.",
        ),
        field("limit_mib", "25", "Larger files are not sent."),
        field(
            "history_days",
            "7",
            "Audio that came longer ago is sent only when you ask for it.",
        ),
        field(
            "timeout_seconds",
            "120",
            "The longest that the server may take for one file.",
        ),
    ],
}];
