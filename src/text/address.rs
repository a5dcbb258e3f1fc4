//! Mail addresses that may be written into an envelope or a header.

use super::charclass::{Class, class};
use super::header::{HeaderError, HeaderValue, check};
use std::fmt;

/// Bytes of a whole address (RFC 5321 4.5.3.1.3 less the brackets).
const MAX_ADDRESS: usize = 254;
/// Bytes before the `@`.
const MAX_LOCAL: usize = 64;

/// One mail address: `atom(.atom)*@host`, without quotes, comments, routes or lists.
///
/// A domain in other scripts is kept in its `xn--` form. The part before the `@` may hold letters of every script (RFC
/// 6531), but nothing invisible or reordering; such an address [needs a server](Self::is_international) that takes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes exactly one address; spaces around it are ignored.
    pub fn new(text: &str) -> Result<Self, HeaderError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(HeaderError::Empty);
        }
        check(text, MAX_ADDRESS)?;
        if text.contains([',', ';', '<', '>', '"', '(', ')', ' ']) {
            return Err(HeaderError::NotOneAddress);
        }
        if text.starts_with('-') {
            return Err(HeaderError::LeadingDash);
        }
        let (local, domain) = text.split_once('@').ok_or(HeaderError::NotAnAddress)?;
        if local.is_empty() || domain.is_empty() {
            return Err(HeaderError::NotAnAddress);
        }
        if domain.contains('@') {
            return Err(HeaderError::NotOneAddress);
        }
        if local.len() > MAX_LOCAL || !local.split('.').all(is_atom) {
            return Err(HeaderError::LocalPart);
        }
        let domain = host(domain).ok_or(HeaderError::Domain)?;
        let address = format!("{local}@{domain}");
        check(&address, MAX_ADDRESS)?;
        Ok(Self(address))
    }

    /// As it goes onto the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Lower-cased: the form by which addresses are compared.
    pub fn normalised(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The part before the `@` is not ASCII: only a server with SMTPUTF8 takes it.
    pub fn is_international(&self) -> bool {
        !self.0.is_ascii()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// RFC 5322 `atom`, which may hold no special character, with what RFC 6532 adds: letters of other scripts and the marks
/// on them. Spaces of other scripts are none.
fn is_atom(text: &str) -> bool {
    let begins = text
        .chars()
        .next()
        .is_some_and(|first| class(first) == Class::Keep);
    begins
        && text.chars().all(|letter| {
            if letter.is_ascii() {
                letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter)
            } else {
                !letter.is_whitespace() && matches!(class(letter), Class::Keep | Class::Mark)
            }
        })
}

/// A host name in ASCII; none for address literals and everything that is no name.
fn host(domain: &str) -> Option<String> {
    let ascii = if domain.is_ascii() {
        domain.to_owned()
    } else {
        match url::Host::parse(domain).ok()? {
            url::Host::Domain(name) => name,
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => return None,
        }
    };
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let last_is_number = ascii
        .rsplit('.')
        .next()
        .is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit()));
    (ascii.split('.').all(label) && !last_is_number).then_some(ascii)
}

/// A display name and an address; both safe for a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    /// Name to show, if any.
    pub name: Option<HeaderValue>,
    /// Address.
    pub address: EmailAddress,
}

impl Mailbox {
    /// Both as given; an empty name is no name.
    pub fn new(name: Option<&str>, address: &str) -> Result<Self, HeaderError> {
        let name = match name.map(str::trim) {
            Some(name) if !name.is_empty() => Some(HeaderValue::new(name)?),
            _ => None,
        };
        Ok(Self {
            name,
            address: EmailAddress::new(address)?,
        })
    }

    /// With a name that somebody else wrote: the name is cleaned, the address is still checked.
    pub fn with_untrusted_name(name: Option<&str>, address: &str) -> Result<Self, HeaderError> {
        let name = name
            .map(HeaderValue::cleaned)
            .filter(|n| !n.as_str().is_empty());
        Ok(Self {
            name,
            address: EmailAddress::new(address)?,
        })
    }
}

/// For people: `Ana Duarte <ana@example.org>`.
impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses() {
        for (input, want) in [
            ("ana@example.org", "ana@example.org"),
            (" Ana.B+tag@Example.org ", "Ana.B+tag@Example.org"),
            ("o'hara=x@mail.example", "o'hara=x@mail.example"),
            ("root@localhost", "root@localhost"),
            ("info@müller.example", "info@xn--mller-kva.example"),
            ("a-b@x_y.example", "a-b@x_y.example"),
            ("jörg@müller.example", "jörg@xn--mller-kva.example"),
            ("用户@例子.example", "用户@xn--fsqu00a.example"),
            ("हिन्दी.एक@c.example", "हिन्दी.एक@c.example"),
        ] {
            assert_eq!(EmailAddress::new(input).unwrap().as_str(), want);
        }
    }

    #[test]
    fn bad_addresses() {
        use HeaderError::{
            Control, Domain, Empty, LeadingDash, LocalPart, NotAnAddress, NotOneAddress,
        };
        for (input, want) in [
            ("", Empty),
            ("ana", NotAnAddress),
            ("@example.org", NotAnAddress),
            ("ana@", NotAnAddress),
            ("-oQ/tmp@b.example", LeadingDash),
            ("a@b.example,c@d.example", NotOneAddress),
            ("<a@b.example>,<x@evil.example>", NotOneAddress),
            ("Ana <a@b.example>", NotOneAddress),
            ("a@b@c.example", NotOneAddress),
            ("\"a b\"@c.example", NotOneAddress),
            ("a@b.example\r\nRCPT TO:<x@evil.example>", Control),
            ("a@b.example\0@evil.example", Control),
            ("a..b@c.example", LocalPart),
            ("a\u{200b}b@c.example", LocalPart),
            ("a\u{202e}b@c.example", LocalPart),
            ("a\u{a0}b@c.example", LocalPart),
            ("a\u{3000}b@c.example", LocalPart),
            ("\u{301}a@c.example", LocalPart),
            ("a\u{ff}\u{85}@c.example", Control),
            ("a\u{2028}@c.example", Control),
            ("a@[127.0.0.1]", Domain),
            ("a@127.0.0.1", Domain),
            ("a@-b.example", Domain),
            ("a@b..example", Domain),
            ("a@b.example/x", Domain),
        ] {
            assert_eq!(EmailAddress::new(input), Err(want), "{input:?}");
        }
        assert!(EmailAddress::new(&format!("{}@b.example", "a".repeat(65))).is_err());
        assert!(EmailAddress::new(&format!("{}@b.example", "ä".repeat(33))).is_err());
        assert!(EmailAddress::new(&format!("a@{}", "b.".repeat(200))).is_err());
    }

    #[test]
    fn some_need_a_server_that_takes_them() {
        for (input, needs) in [("jörg@c.example", true), ("info@müller.example", false)] {
            let address = EmailAddress::new(input).unwrap();
            assert_eq!(address.is_international(), needs, "{input}");
        }
    }

    #[test]
    fn mailboxes() {
        assert!(Mailbox::new(Some("A\r\nCc: e@x.example"), "a@b.example").is_err());
        let safe =
            Mailbox::with_untrusted_name(Some("A\r\nCc: e@x.example"), "a@b.example").unwrap();
        assert_eq!(safe.to_string(), "A Cc: e@x.example <a@b.example>");
        assert_eq!(
            Mailbox::new(Some(" "), "a@b.example").unwrap().to_string(),
            "a@b.example"
        );
    }
}
