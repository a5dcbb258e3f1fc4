//! The services whose addresses are known: data, each of it a setting, too.

/// One service.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its word in the configuration.
    pub name: &'static str,
    /// Where the browser goes.
    pub auth_url: &'static str,
    /// Where tokens are had.
    pub token_url: &'static str,
    /// Where a code for another machine's browser is had; none if the service gives none for mail.
    pub device_url: Option<&'static str>,
    /// What is asked for: reading and sending mail, and a login that lasts.
    pub scopes: &'static [&'static str],
    /// What else is said in the address for the browser.
    pub extra: &'static [(&'static str, &'static str)],
    /// The name of this machine that the service takes in the address to come back to.
    pub host: &'static str,
    /// How a client id is had.
    pub steps: &'static [&'static str],
    /// A program of this kind has a client secret that is no secret, but must be said.
    pub wants_secret: bool,
    /// Mail addresses and servers that belong to it.
    pub domains: &'static [&'static str],
}

/// Every service there is.
pub const PRESETS: [Preset; 2] = [
    Preset {
        name: "google",
        auth_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        // Google's codes for other devices do not reach mail.
        device_url: None,
        scopes: &["https://mail.google.com/"],
        // Without both, Google gives what renews the login to nobody, or only the first time.
        extra: &[("access_type", "offline"), ("prompt", "consent")],
        host: "127.0.0.1",
        steps: &[
            "at console.cloud.google.com make a project, and in it enable the Gmail API",
            "under Google Auth Platform, set up the consent screen; add your address as a test user, or publish the app",
            "under Clients, create one of the type Desktop app; copy its client id and client secret",
        ],
        wants_secret: true,
        domains: &["gmail.com", "googlemail.com"],
    },
    Preset {
        name: "microsoft",
        auth_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        device_url: Some("https://login.microsoftonline.com/common/oauth2/v2.0/devicecode"),
        scopes: &[
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ],
        extra: &[("prompt", "select_account")],
        host: "localhost",
        steps: &[
            "at entra.microsoft.com, under App registrations, register an app for the accounts you have",
            "under Authentication, add the platform Mobile and desktop with http://localhost, and allow public client flows",
            "copy the Application (client) ID; no secret is needed",
        ],
        wants_secret: false,
        domains: &[
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "office365.com",
        ],
    },
];

/// Every service, after the one that a suite put before them.
fn all() -> impl Iterator<Item = &'static Preset> {
    #[cfg(any(test, feature = "testing"))]
    let first = FIRST.get();
    #[cfg(not(any(test, feature = "testing")))]
    let first: Option<&'static Preset> = None;
    first.into_iter().chain(&PRESETS)
}

#[cfg(any(test, feature = "testing"))]
static FIRST: std::sync::OnceLock<Preset> = std::sync::OnceLock::new();

impl Preset {
    /// For suites: a service of their own that is asked instead of the one of that name, for the whole process.
    #[cfg(any(test, feature = "testing"))]
    pub fn instead(self) {
        let _ = FIRST.set(self);
    }

    /// The service of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        all().find(|preset| preset.name == name)
    }

    /// The service that a mail address or a server's name belongs to.
    pub fn for_mail(address_or_host: &str) -> Option<&'static Self> {
        let text = address_or_host.to_ascii_lowercase();
        let domain = text
            .rsplit_once('@')
            .map_or(text.as_str(), |(_, domain)| domain);
        all().find(|preset| {
            preset.domains.iter().any(|known| {
                domain == *known
                    || domain
                        .strip_suffix(known)
                        .is_some_and(|rest| rest.ends_with('.'))
            })
        })
    }
}
