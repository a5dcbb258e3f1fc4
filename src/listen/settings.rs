//! Where the listener is and what it takes.

use crate::providers::http::BaseUrl;
use serde::Deserialize;
use std::net::SocketAddr;

/// The `[listen]` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListenSettings {
    /// Where vendors' requests arrive: by default only from this machine, so from a tunnel or a proxy on it.
    pub address: SocketAddr,
    /// Where health and metrics are asked; a loopback address.
    pub status: SocketAddr,
    /// The address that vendors were told, without a path of ours: `https://hooks.example.com`. Some sign it.
    pub public_url: Option<BaseUrl>,
    /// More names by which a proxy may ask for us, besides the public address and this machine's.
    pub hosts: Vec<String>,
    /// Connections at one time.
    pub connections: usize,
    /// Requests of one account in one second.
    pub requests_per_second: u32,
    /// Requests are kept as they came for so many days.
    pub keep_days: u16,
}

impl Default for ListenSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8477)),
            status: SocketAddr::from(([127, 0, 0, 1], 8478)),
            public_url: None,
            hosts: Vec::new(),
            connections: 64,
            requests_per_second: 10_000,
            keep_days: 14,
        }
    }
}

impl ListenSettings {
    /// The address of an account's route as a vendor is told it; with a public URL unset, the one on this machine.
    pub fn route(&self, account: &str) -> String {
        let base = match &self.public_url {
            Some(url) => url.as_url().as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.address),
        };
        format!("{base}/hook/{account}")
    }

    /// Whether a `Host` header names us. A page in a browser on this machine that resolves its own name to us does not.
    pub fn names_us(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let public = self
            .public_url
            .as_ref()
            .and_then(|url| url.as_url().host_str());
        [public, Some("localhost"), Some("127.0.0.1"), Some("[::1]")]
            .into_iter()
            .flatten()
            .chain(self.hosts.iter().map(String::as_str))
            .any(|known| known.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_name_us() {
        let settings = ListenSettings {
            public_url: BaseUrl::new("https://hooks.example.com/").ok(),
            hosts: vec!["proxy.internal".to_owned()],
            ..ListenSettings::default()
        };
        for good in [
            "hooks.example.com",
            "HOOKS.example.com:443",
            "127.0.0.1:8477",
            "[::1]:8477",
            "localhost",
            "proxy.internal",
        ] {
            assert!(settings.names_us(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "hooks.example.com.evil.example",
            "127.0.0.1.nip.example",
        ] {
            assert!(!settings.names_us(bad), "{bad}");
        }
        assert_eq!(settings.route("wa"), "https://hooks.example.com/hook/wa");
    }
}
