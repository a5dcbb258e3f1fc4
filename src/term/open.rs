//! Opening a link in the agent's browser.

use std::time::Duration;

use url::Url;

use super::launch::{LaunchError, Launcher};
use super::{Display, Probe};

/// How long a browser that fails at once is watched.
const WATCH: Duration = Duration::from_secs(2);
/// The only fields of a `mailto:` link that are passed on; `attach` is how files get stolen.
const MAILTO_FIELDS: [&str; 4] = ["to", "cc", "subject", "body"];

/// Why a link was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is no link.
    #[error("this is not a link that can be opened")]
    NotALink,
    /// Its scheme could start something else than a browser.
    #[error("only http, https and mailto links are opened, not {0}")]
    Scheme(String),
    /// `https://bank.example@other.example/` goes to the second.
    #[error("the link hides its host behind a user name; it goes to {0}")]
    UserName(String),
    /// No browser can be shown.
    #[error(
        "there is no desktop here to open a link on; copy it instead, or set a command to open links with"
    )]
    NoDesktop,
    /// The program failed.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

/// The link as it may be handed to a program: it starts with its scheme, so it is never taken for
/// an option, and holds no blank or control character.
pub fn safe_link(link: &str) -> Result<String, OpenError> {
    let mut url = Url::parse(link.trim()).map_err(|_| OpenError::NotALink)?;
    match url.scheme() {
        "http" | "https" => {
            let host = url.host_str().ok_or(OpenError::NotALink)?.to_owned();
            if !url.username().is_empty() || url.password().is_some() {
                return Err(OpenError::UserName(host));
            }
        }
        "mailto" => {
            let kept: Vec<(String, String)> = url
                .query_pairs()
                .filter(|(name, _)| MAILTO_FIELDS.contains(&name.to_lowercase().as_str()))
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            url.set_query(None);
            if !kept.is_empty() {
                // Blanks as `%20`: mail programs take `+` for a plus.
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                let query = query.extend_pairs(kept).finish().replace('+', "%20");
                url.set_query(Some(&query));
            }
            url.set_fragment(None);
        }
        other => return Err(OpenError::Scheme(other.to_owned())),
    }
    Ok(url.into())
}

/// Opens `link` with `configured` (its words and then the link), else with the desktop's opener.
pub async fn open_link(
    launcher: &Launcher,
    probe: &Probe,
    configured: Option<&[String]>,
    link: &str,
) -> Result<(), OpenError> {
    let link = safe_link(link)?;
    let mut argv = match (configured, probe.display) {
        (Some(words), _) if !words.is_empty() => words.to_vec(),
        (_, Display::Mac) => vec!["open".to_owned()],
        (_, Display::Wayland | Display::X11) => vec!["xdg-open".to_owned()],
        // xdg-open would start a text browser on top of our screen.
        (_, Display::None) => return Err(OpenError::NoDesktop),
    };
    argv.push(link);
    Ok(launcher.detach(&argv, WATCH).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_links() {
        let table: &[(&str, &str)] = &[
            (
                "https://example.com/a b?x=1",
                "https://example.com/a%20b?x=1",
            ),
            ("HTTP://EXAMPLE.com", "http://example.com/"),
            (
                " https://example.com/\u{202e}x ",
                "https://example.com/%E2%80%AEx",
            ),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            (
                "mailto:a@b.example?subject=hi%20you&attach=/etc/passwd",
                "mailto:a@b.example?subject=hi%20you",
            ),
            ("mailto:a@b.example?Attachment=x#y", "mailto:a@b.example"),
        ];
        for (link, expected) in table {
            assert_eq!(safe_link(link).unwrap(), *expected, "{link}");
        }
        for link in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ssh://-oProxyCommand=id/",
            "--help",
            "data:text/html,x",
            "vscode://x",
            "https://",
            "",
            "example.com",
            "tel:+123",
            "https://bank.example@evil.example/",
        ] {
            assert!(safe_link(link).is_err(), "{link}");
        }
    }

    #[tokio::test]
    async fn the_opener_gets_the_link_as_one_word() {
        let dir = tempfile::tempdir().unwrap();
        let probe = Probe::from_vars(&|_| None);
        let out = dir.path().join("out");
        let words = ["cp", "--no-such-option"].map(str::to_owned);
        let failed = open_link(
            &Launcher::default(),
            &probe,
            Some(&words),
            "https://a.example",
        )
        .await;
        assert!(matches!(
            failed,
            Err(OpenError::Launch(LaunchError::Failed { .. }))
        ));
        let words = ["tee".to_owned(), out.to_string_lossy().into_owned()];
        // `tee OUT https://…`: the second file cannot exist, so the exit code is 1.
        let link = "https://a.example/x;id";
        assert!(
            open_link(&Launcher::default(), &probe, Some(&words), link)
                .await
                .is_err()
        );
        assert!(out.exists());
        let none = open_link(&Launcher::default(), &probe, None, link).await;
        assert!(matches!(none, Err(OpenError::NoDesktop)));
    }
}
