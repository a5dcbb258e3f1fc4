//! The servers of well-known mail providers, and a guess for all others.

/// What is proposed for an address.
#[derive(Debug, PartialEq, Eq)]
pub struct Servers {
    /// Where it is read.
    pub imap: String,
    /// Where it sends.
    pub smtp: String,
    /// The sending server only speaks STARTTLS.
    pub smtp_starttls: bool,
    /// What a person must know about logging in.
    pub hint: Option<&'static str>,
}

const APP_PASSWORD: &str = "this provider wants an app password: make one in its security settings and type that, not your own";
const OAUTH: &str = "this provider takes no passwords from programs; log in by a browser";
const BRIDGE: &str =
    "this provider needs its bridge program on this machine; give the bridge's host and port";

struct Known {
    domains: &'static [&'static str],
    imap: &'static str,
    smtp: &'static str,
    starttls: bool,
    hint: Option<&'static str>,
}

const fn known(
    domains: &'static [&'static str],
    imap: &'static str,
    smtp: &'static str,
    starttls: bool,
    hint: Option<&'static str>,
) -> Known {
    Known {
        domains,
        imap,
        smtp,
        starttls,
        hint,
    }
}

const KNOWN: &[Known] = &[
    known(
        &["gmail.com", "googlemail.com"],
        "imap.gmail.com",
        "smtp.gmail.com",
        false,
        Some(APP_PASSWORD),
    ),
    known(
        &["outlook.com", "hotmail.com", "live.com", "msn.com"],
        "outlook.office365.com",
        "smtp-mail.outlook.com",
        true,
        Some(OAUTH),
    ),
    known(
        &["yahoo.com", "ymail.com"],
        "imap.mail.yahoo.com",
        "smtp.mail.yahoo.com",
        false,
        Some(APP_PASSWORD),
    ),
    known(
        &["icloud.com", "me.com", "mac.com"],
        "imap.mail.me.com",
        "smtp.mail.me.com",
        true,
        Some(APP_PASSWORD),
    ),
    known(
        &["fastmail.com", "fastmail.fm"],
        "imap.fastmail.com",
        "smtp.fastmail.com",
        false,
        Some(APP_PASSWORD),
    ),
    known(
        &["aol.com"],
        "imap.aol.com",
        "smtp.aol.com",
        false,
        Some(APP_PASSWORD),
    ),
    known(
        &["zoho.com"],
        "imap.zoho.com",
        "smtp.zoho.com",
        false,
        Some(APP_PASSWORD),
    ),
    known(
        &["gmx.net", "gmx.de", "gmx.at", "gmx.ch"],
        "imap.gmx.net",
        "mail.gmx.net",
        false,
        None,
    ),
    known(&["gmx.com"], "imap.gmx.com", "mail.gmx.com", false, None),
    known(&["web.de"], "imap.web.de", "smtp.web.de", false, None),
    known(
        &["mailbox.org"],
        "imap.mailbox.org",
        "smtp.mailbox.org",
        false,
        None,
    ),
    known(
        &["posteo.de", "posteo.net"],
        "posteo.de",
        "posteo.de",
        false,
        None,
    ),
    known(
        &["t-online.de"],
        "secureimap.t-online.de",
        "securesmtp.t-online.de",
        false,
        None,
    ),
    known(
        &["yandex.com", "yandex.ru"],
        "imap.yandex.com",
        "smtp.yandex.com",
        false,
        Some(APP_PASSWORD),
    ),
    known(
        &["proton.me", "protonmail.com", "pm.me"],
        "127.0.0.1",
        "127.0.0.1",
        true,
        Some(BRIDGE),
    ),
];

/// The servers of an address's domain.
pub fn propose(address: &str) -> Servers {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let domain = domain.to_lowercase();
    match KNOWN
        .iter()
        .find(|known| known.domains.contains(&domain.as_str()))
    {
        Some(found) => Servers {
            imap: found.imap.to_owned(),
            smtp: found.smtp.to_owned(),
            smtp_starttls: found.starttls,
            hint: found.hint,
        },
        None => Servers {
            imap: format!("imap.{domain}"),
            smtp: format!("smtp.{domain}"),
            smtp_starttls: false,
            hint: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_domains_and_guesses() {
        assert_eq!(propose("a@Gmail.com").imap, "imap.gmail.com");
        assert!(propose("a@icloud.com").smtp_starttls);
        let guess = propose("support@desk.example");
        assert_eq!(
            (guess.imap.as_str(), guess.smtp.as_str()),
            ("imap.desk.example", "smtp.desk.example")
        );
    }

    #[test]
    fn no_domain_is_listed_twice() {
        let mut domains: Vec<&str> = KNOWN.iter().flat_map(|k| k.domains).copied().collect();
        let count = domains.len();
        domains.sort_unstable();
        domains.dedup();
        assert_eq!(domains.len(), count);
    }
}
