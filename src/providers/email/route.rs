//! Which server sends a message, as whom, and why.

use super::settings::{EmailSettings, SmtpSettings};
use crate::model::Party;
use crate::providers::Sender;

/// The choice, with its reason in words for people.
#[derive(Debug)]
pub struct Route<'a> {
    /// The server.
    pub server: &'a SmtpSettings,
    /// The sender unless the message names another.
    pub sender: Party,
    /// Why this one.
    pub why: String,
}

/// Every sender identity, in the order in which [`route`] tries them.
pub fn senders(settings: &EmailSettings) -> Vec<Sender> {
    let name = |own: Option<&String>| {
        own.or(Some(&settings.name))
            .filter(|name| !name.is_empty())
            .cloned()
    };
    settings
        .smtp
        .iter()
        .map(|smtp| Sender {
            from: Party {
                address: smtp.from.as_ref().unwrap_or(&settings.address).clone(),
                name: name(smtp.from_name.as_ref()),
            },
            recipients: smtp.recipients.clone(),
            because: if smtp.recipients.is_empty() {
                format!("by {}", smtp.host)
            } else {
                format!("by {}, for {}", smtp.host, smtp.recipients.join(", "))
            },
        })
        .collect()
}

/// The first server whose `for` covers every recipient; else the first that is for everybody; else the first.
///
/// A message leaves by one server: two groups of recipients in one message go by the server that is for everybody.
pub fn route<'a>(settings: &'a EmailSettings, recipients: &[Party]) -> Option<Route<'a>> {
    let covers = |server: &&SmtpSettings| {
        !server.recipients.is_empty()
            && !recipients.is_empty()
            && recipients.iter().all(|party| {
                server
                    .recipients
                    .iter()
                    .any(|pattern| matches(pattern, &party.address))
            })
    };
    let (server, why) = if let Some(server) = settings.smtp.iter().find(covers) {
        let patterns = server.recipients.join(", ");
        (
            server,
            format!("by {}: every recipient is in {patterns}", server.host),
        )
    } else if let Some(server) = settings
        .smtp
        .iter()
        .find(|server| server.recipients.is_empty())
    {
        let why = if settings.smtp.len() == 1 {
            format!("by {}", server.host)
        } else {
            format!("by {}, which is for everybody else", server.host)
        };
        (server, why)
    } else {
        let server = settings.smtp.first()?;
        (
            server,
            format!(
                "by {}: no server is for these recipients, so the first one is taken",
                server.host
            ),
        )
    };
    let name = server.from_name.as_deref().unwrap_or(&settings.name);
    Some(Route {
        sender: Party {
            address: server
                .from
                .clone()
                .unwrap_or_else(|| settings.address.clone()),
            name: (!name.is_empty()).then(|| name.to_owned()),
        },
        server,
        why,
    })
}

/// `a@b.example` is one address, `b.example` a domain, `*.b.example` a domain and all below it, `*` everybody.
fn matches(pattern: &str, address: &str) -> bool {
    let (pattern, address) = (pattern.to_lowercase(), address.to_lowercase());
    let pattern = pattern.strip_prefix('@').unwrap_or(&pattern);
    if pattern == "*" {
        return true;
    }
    if pattern.contains('@') {
        return pattern == address;
    }
    let Some((_, domain)) = address.rsplit_once('@') else {
        return false;
    };
    match pattern.strip_prefix("*.") {
        Some(parent) => domain == parent || domain.ends_with(&format!(".{parent}")),
        None => domain == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, address, expect) in [
            ("desk.test", "a@Desk.test", true),
            ("desk.test", "a@x.desk.test", false),
            ("*.desk.test", "a@x.desk.test", true),
            ("*.desk.test", "a@desk.test", true),
            ("*.desk.test", "a@evildesk.test", false),
            ("@desk.test", "a@desk.test", true),
            ("boss@other.test", "boss@other.test", true),
            ("boss@other.test", "a@other.test", false),
            ("*", "a@b.test", true),
        ] {
            assert_eq!(matches(pattern, address), expect, "{pattern} {address}");
        }
    }

    #[test]
    fn staff_by_one_server_customers_by_the_other() {
        let settings: EmailSettings = toml::from_str(
            r#"
            address = "support@desk.test"
            name = "Desk"
            imap = { host = "h", password = { env = "P" } }
            [[smtp]]
            host = "inside.desk.test"
            from = "team@desk.test"
            for = ["desk.test"]
            [[smtp]]
            host = "outside.desk.test"
            "#,
        )
        .unwrap();
        let by = |addresses: &[&str]| {
            let parties: Vec<Party> = addresses
                .iter()
                .map(|address| Party::new(*address))
                .collect();
            let route = route(&settings, &parties).unwrap();
            (route.server.host.clone(), route.sender.address, route.why)
        };
        let (host, from, why) = by(&["bob@desk.test", "eve@desk.test"]);
        assert_eq!(
            (host.as_str(), from.as_str()),
            ("inside.desk.test", "team@desk.test")
        );
        assert!(why.contains("every recipient is in desk.test"), "{why}");
        let (host, from, why) = by(&["bob@desk.test", "ann@cust.test"]);
        assert_eq!(
            (host.as_str(), from.as_str()),
            ("outside.desk.test", "support@desk.test")
        );
        assert!(why.contains("everybody else"), "{why}");
    }
}
