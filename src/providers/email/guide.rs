//! Setting up a mail account.

use super::servers;
use crate::providers::guide::{Answers, Field, Guide, Kind};
use crate::secrets::oauth::Preset;

/// By a password that is typed.
pub const PASSWORD: &str = "password";
/// By a browser on this machine.
pub const BROWSER: &str = "browser";
/// By a code that is typed into a browser anywhere.
pub const CODE: &str = "code";

const WAYS: Kind = Kind::Choice(&[
    (PASSWORD, "a password, or an app password"),
    (BROWSER, "log in by a browser"),
    (CODE, "log in by a browser elsewhere, with a code"),
]);

/// The steps.
pub const GUIDE: Guide = Guide {
    provider: "email",
    title: "E-mail (IMAP and SMTP)",
    steps: &[
        "Have the address and its password at hand. Servers are proposed from the address; your provider's help pages name them under \"IMAP\".",
        "Many providers want an app password, which you make in the security settings of the account, and type instead of your own.",
        "Google and Microsoft log in by a browser: for that, register a program of your own there once; the next page says how.",
    ],
    fields: &[
        Field::needed("address", "Mail address", Kind::Mail),
        Field::optional("name", "The sender's display name", Kind::Text),
        Field::needed("imap", "IMAP server", Kind::Server).proposing(imap),
        Field::needed("smtp", "SMTP server", Kind::Server).proposing(smtp),
        Field::needed("user", "Login name", Kind::Text).proposing(user),
        Field::needed("way", "How to log in", WAYS)
            .proposing(way)
            .when(has_service),
        Field::needed("password", "Password", Kind::Secret).when(by_password),
        Field::needed("client_id", "Client id of your program there", Kind::Text).when(by_login),
        Field::needed(
            "client_secret",
            "Client secret of your program there",
            Kind::Secret,
        )
        .when(wants_client_secret),
        Field::optional(
            "ca_file",
            "A file with one more authority, for a server with a private certificate",
            Kind::Text,
        )
        .when(unknown_domain),
    ],
    after: &[],
    advice,
};

/// The service whose login by browser these servers take.
pub fn service(answers: &Answers) -> Option<&'static Preset> {
    let host = answers.get("imap");
    let host = host.strip_prefix("starttls:").unwrap_or(host);
    let host = host.split(':').next().unwrap_or_default();
    Preset::for_mail(answers.get("address")).or_else(|| Preset::for_mail(host))
}

fn imap(answers: &Answers) -> String {
    if answers.get("address").contains('@') {
        servers::propose(answers.get("address")).imap
    } else {
        String::new()
    }
}

fn smtp(answers: &Answers) -> String {
    if !answers.get("address").contains('@') {
        return String::new();
    }
    let proposed = servers::propose(answers.get("address"));
    if proposed.smtp_starttls {
        format!("starttls:{}", proposed.smtp)
    } else {
        proposed.smtp
    }
}

fn user(answers: &Answers) -> String {
    answers.get("address").to_owned()
}

fn way(answers: &Answers) -> String {
    // Microsoft takes no passwords from programs any more; Google takes app passwords.
    match service(answers) {
        Some(preset) if preset.name == "microsoft" => BROWSER.to_owned(),
        _ => PASSWORD.to_owned(),
    }
}

fn has_service(answers: &Answers) -> bool {
    service(answers).is_some()
}

fn by_login(answers: &Answers) -> bool {
    has_service(answers) && matches!(answers.get("way"), BROWSER | CODE)
}

fn by_password(answers: &Answers) -> bool {
    !by_login(answers)
}

fn wants_client_secret(answers: &Answers) -> bool {
    by_login(answers) && service(answers).is_some_and(|preset| preset.wants_secret)
}

fn unknown_domain(answers: &Answers) -> bool {
    !has_service(answers) && servers::propose(answers.get("address")).hint.is_none()
}

fn advice(answers: &Answers) -> Vec<&'static str> {
    let mut advice = Vec::new();
    if by_login(answers) {
        advice.extend(service(answers).into_iter().flat_map(|preset| preset.steps));
    } else {
        advice.extend(servers::propose(answers.get("address")).hint);
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(pairs: &[(&'static str, &str)]) -> Answers {
        let mut answers = Answers::default();
        for (key, text) in pairs {
            answers.put(key, text);
        }
        answers
    }

    fn asked(answers: &Answers) -> Vec<&'static str> {
        let fields = GUIDE.fields.iter();
        fields
            .filter(|field| (field.wanted)(answers))
            .map(|field| field.key)
            .collect()
    }

    #[test]
    fn only_what_a_way_needs_is_asked() {
        let plain = answered(&[("address", "a@desk.example"), ("imap", "imap.desk.example")]);
        assert!(asked(&plain).contains(&"password") && !asked(&plain).contains(&"way"));
        let google = answered(&[("address", "a@gmail.com"), ("way", PASSWORD)]);
        assert!(asked(&google).contains(&"way") && asked(&google).contains(&"password"));
        let browser = answered(&[("address", "a@gmail.com"), ("way", BROWSER)]);
        assert!(!asked(&browser).contains(&"password"));
        assert!(asked(&browser).contains(&"client_secret"));
        let office = answered(&[("address", "a@outlook.com")]);
        assert_eq!(way(&office), BROWSER);
        assert_eq!(smtp(&office), "starttls:smtp-mail.outlook.com");
    }
}
