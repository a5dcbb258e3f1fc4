//! What Twilio's error codes ask of us, in words.

/// The recipient told Twilio to stop.
pub(super) const OPTED_OUT: i64 = 21610;

/// What to do about a refusal or a failed delivery; `None` where Twilio's own words have to do.
pub(super) fn words(code: i64) -> Option<&'static str> {
    Some(match code {
        20003 => "Twilio refuses the login; copy Account SID and auth token (or API key) anew",
        20404 => "Twilio does not know it; check account_sid and the numbers",
        20429 | 63018 => "Twilio is asked too much at once; it is tried again later",
        21211 | 21217 | 21614 | 63024 => "this number cannot get messages; check it",
        21212 | 21606 | 21659 | 21660 | 63007 => {
            "the sender is none of this Twilio account's for this channel; check `numbers` and `whatsapp`"
        }
        21408 => {
            "this country is not allowed; switch it on at Messaging > Settings > Geo permissions"
        }
        21610 => "this person wrote STOP; nothing more may be sent until they write START",
        21611 | 30001 => "Twilio's queue for this sender is full; send it later",
        21617 => "the text is too long",
        21620 | 63019 | 63021 => "Twilio cannot fetch or send this file",
        30003 => "the phone is switched off or cannot be reached",
        30004 | 63032 => "the recipient or the carrier blocks these messages",
        30005 | 30006 => "the number is unknown or a landline",
        30007 => "the carrier held it to be spam",
        30034 => "the number is not registered for messages to the United States (A2P 10DLC)",
        63003 => "this number has no WhatsApp",
        63013 | 63049 => "WhatsApp's rules forbid it",
        63016 => "the 24 hours for free replies are over; send a template",
        _ => return None,
    })
}

/// Nothing was taken, and it may be asked again.
pub(super) fn later(code: i64) -> bool {
    matches!(code, 20429 | 21611 | 63018)
}
