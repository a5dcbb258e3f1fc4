//! Why an SMS was not delivered, in words.

/// The reason for people, with RingCentral's code for those who look it up.
pub(super) fn delivery(code: Option<&str>) -> String {
    let Some(code) = code else {
        return "it was not delivered; RingCentral does not say why".to_owned();
    };
    let number = code.rsplit('-').next().unwrap_or_default();
    let why = match number {
        "403" => "RingCentral stopped it: the content or the sender is not allowed",
        "410" => "the number cannot take SMS, or does not exist",
        "413" => "the customer opted out of messages from this number",
        "414" => "the number is not valid",
        "430" | "431" | "432" | "433" => {
            "the carrier took it for spam; check the number's registration"
        }
        "460" | "461" => "the sender's number is not registered for SMS",
        "104" | "199" | "400" | "500" | "501" | "503" | "504" => "the carrier could not deliver it",
        _ => "it was not delivered",
    };
    format!("{why} ({code})")
}

/// The code says that the customer wants no more.
pub(super) fn opted_out(code: &str) -> bool {
    code == "SMS-RC-413"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words() {
        for (code, wanted) in [
            (Some("SMS-UP-410"), "cannot take SMS"),
            (Some("SMS-RC-413"), "opted out"),
            (Some("SMS-CAR-431"), "spam"),
            (Some("odd"), "it was not delivered (odd)"),
            (None, "does not say why"),
        ] {
            assert!(delivery(code).contains(wanted), "{code:?}");
        }
        assert!(opted_out("SMS-RC-413") && !opted_out("SMS-UP-430"));
    }
}
