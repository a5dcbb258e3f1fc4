use super::pkce::{challenge, random};
use super::settings::checked;
use super::*;

#[test]
fn the_documented_challenge() {
    // RFC 7636, appendix B.
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let (one, other) = (random().unwrap(), random().unwrap());
    assert_eq!(one.len(), 43);
    assert_ne!(one, other);
}

#[test]
fn a_mail_address_tells_its_service() {
    for (text, service) in [
        ("nina@gmail.com", Some("google")),
        ("Nina@GoogleMail.com", Some("google")),
        ("imap.gmail.com", Some("google")),
        ("nina@outlook.com", Some("microsoft")),
        ("outlook.office365.com", Some("microsoft")),
        ("nina@notgmail.com", None),
        ("gmail.com@evil.example", None),
        ("gmail.com.evil.example", None),
        ("", None),
    ] {
        assert_eq!(Preset::for_mail(text).map(|p| p.name), service, "{text}");
    }
}

#[test]
fn tokens_travel_encrypted_or_not_at_all() {
    for fine in [
        "https://a.example/token",
        "http://127.0.0.1:1/t",
        "http://localhost/t",
        "http://[::1]:9/t",
    ] {
        assert!(checked(fine).is_ok(), "{fine}");
    }
    for wrong in [
        "http://a.example/token",
        "http://127.0.0.1.evil.example/",
        "http://localhost@evil.example/",
        "https://u:p@a.example/",
        "ftp://a.example/",
        "javascript:alert(1)",
        "",
        "\u{1b}[2J",
    ] {
        let error = checked(wrong).unwrap_err().to_string();
        assert!(!error.contains('\u{1b}'));
    }
    for preset in &PRESETS {
        for url in [preset.auth_url, preset.token_url]
            .into_iter()
            .chain(preset.device_url)
        {
            assert_eq!(checked(url).unwrap().scheme(), "https");
        }
    }
}
