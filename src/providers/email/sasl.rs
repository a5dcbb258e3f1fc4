//! The messages by which mail servers are told who we are; the same for IMAP and SMTP.

use super::words::clean;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The answer that ends RFC 7628's error dialogue: one byte 0x01.
pub const END_OF_ERROR: &str = "AQ==";

/// RFC 4616.
pub fn plain(user: &str, password: &str) -> String {
    STANDARD.encode(format!("\0{user}\0{password}"))
}

/// Google's and Microsoft's scheme.
pub fn xoauth2(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}

/// RFC 7628.
pub fn oauthbearer(user: &str, host: &str, port: u16, token: &str) -> String {
    // In the authorisation identity `=` and `,` have a meaning (RFC 5801).
    let user = user.replace('=', "=3D").replace(',', "=2C");
    STANDARD.encode(format!(
        "n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
    ))
}

/// A text in base64, as AUTH LOGIN wants it.
pub fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

/// What the server explains in an error challenge, cleaned; empty when it is not base64.
pub fn explanation(challenge: &str) -> String {
    STANDARD
        .decode(challenge.trim())
        .map(|bytes| clean(&String::from_utf8_lossy(&bytes)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_vectors() {
        assert_eq!(
            xoauth2(
                "someuser@example.com",
                "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
            ),
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
        // RFC 7628 section 4.1.
        assert_eq!(
            oauthbearer(
                "user@example.com",
                "server.example.com",
                143,
                "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg=="
            ),
            "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2c9PQEB"
        );
        assert_eq!(
            plain("tim", "tanstaaftanstaaf"),
            "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"
        );
    }

    #[test]
    fn an_explanation_is_cleaned() {
        assert_eq!(
            explanation("eyJzdGF0dXMiOiI0MDEifQ=="),
            "{\"status\":\"401\"}"
        );
        assert_eq!(explanation("not base64!"), "");
    }
}
