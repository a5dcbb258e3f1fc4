//! Where a vendor's interface is.

use serde::Deserialize;
use url::{Host, Url};

/// The address under which a vendor's interface is: `https`, or `http` on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(Url);

/// Why an address is none to send a token to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL.
    #[error("`{0}` is not a web address; write it like https://api.example.com")]
    NotUrl(String),
    /// A token would travel in the clear.
    #[error("`{0}` is not encrypted; use https (http is taken for this machine only)")]
    Clear(String),
    /// User, query or fragment do not belong there.
    #[error("`{0}` must be scheme, host, port and path only")]
    Extra(String),
}

impl BaseUrl {
    /// Checks an address.
    pub fn new(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text).map_err(|_| BaseUrlError::NotUrl(text.to_owned()))?;
        if url.cannot_be_a_base() || url.host().is_none() {
            return Err(BaseUrlError::NotUrl(text.to_owned()));
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(BaseUrlError::Extra(text.to_owned()));
        }
        let base = Self(url);
        match base.0.scheme() {
            "https" | "wss" => Ok(base),
            "http" | "ws" if base.is_loopback() => Ok(base),
            _ => Err(BaseUrlError::Clear(text.to_owned())),
        }
    }

    /// The same, and `http` to other machines too: what is sent there can be read on the way. Only for where a person
    /// said that this is known.
    pub fn new_in_the_clear(text: &str) -> Result<Self, BaseUrlError> {
        match (Self::new(text), Url::parse(text)) {
            (Err(BaseUrlError::Clear(_)), Ok(url)) if url.scheme() == "http" => Ok(Self(url)),
            (checked, _) => checked,
        }
    }

    /// What is sent there can be read on the way.
    pub fn is_in_the_clear(&self) -> bool {
        !self.is_loopback() && !matches!(self.0.scheme(), "https" | "wss")
    }

    /// On this machine: `localhost` or a loopback address.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The address of a resource: each part is one segment and is escaped, so that an id from outside stays in its place
    /// (`..` and `.` become part of no path: they are escaped twice over by being refused as segments).
    pub fn at<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            for part in parts {
                // `push` would drop these two and leave a path that means something else.
                segments.push(match part {
                    "." => "%2E",
                    ".." => "%2E%2E",
                    part => part,
                });
            }
        }
        url
    }

    /// A next-page address that a vendor gave, absolute or not, if it stays at the same host: a token goes nowhere else.
    pub fn join_same_host(&self, next: &str) -> Option<Url> {
        let url = self.0.join(next).ok()?;
        (url.scheme() == self.0.scheme()
            && url.host() == self.0.host()
            && url.port_or_known_default() == self.0.port_or_known_default())
        .then_some(url)
    }

    /// The address itself.
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BaseUrlError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_or_on_this_machine() {
        for good in [
            "https://api.example.com",
            "https://api.example.com/v1/",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:9",
        ] {
            assert!(BaseUrl::new(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "http://localhost.example.com",
            "ftp://api.example.com",
            "https://u:p@api.example.com",
            "https://api.example.com/?a=b",
            "https://api.example.com/#x",
            "api.example.com",
            "mailto:a@b",
            "",
        ] {
            assert!(BaseUrl::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_stay_in_their_place() {
        let base = BaseUrl::new("https://a.example/v1/").unwrap();
        let table = [
            (vec!["me", "messages"], "https://a.example/v1/me/messages"),
            (vec!["a/b?c#d"], "https://a.example/v1/a%2Fb%3Fc%23d"),
            (vec!["..", "x"], "https://a.example/v1/%252E%252E/x"),
            (vec![], "https://a.example/v1"),
        ];
        for (parts, whole) in table {
            assert_eq!(base.at(parts).as_str(), whole);
        }
    }

    #[test]
    fn the_next_page_is_at_the_same_host() {
        let base = BaseUrl::new("https://a.example/v1/").unwrap();
        assert!(base.join_same_host("/v1/x?page=2").is_some());
        assert!(base.join_same_host("https://a.example:443/v1/x").is_some());
        for bad in [
            "https://b.example/v1/x",
            "http://a.example/v1/x",
            "//b.example/x",
            "https://a.example:444/",
        ] {
            assert!(base.join_same_host(bad).is_none(), "{bad}");
        }
    }
}
