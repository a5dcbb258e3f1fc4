//! What a vendor posts to us, and what a provider makes of it.

use crate::model::{Event, Timestamp};

/// A request as it came, before anything was believed of it.
#[derive(Debug, Clone, Copy)]
pub struct RawRequest<'a> {
    /// Upper case.
    pub method: &'a str,
    /// The URL that the vendor was told, with its query as received: some vendors sign it. From the configuration,
    /// never from the `Host` header.
    pub url: &'a str,
    /// The query, without `?`, not decoded; empty where there is none.
    pub query: &'a str,
    /// Names in lower case, in the order in which they came; values that are not visible ASCII are left out.
    pub headers: &'a [(String, String)],
    /// Raw bytes; signatures are made over these.
    pub body: &'a [u8],
    /// When it came, for replay windows.
    pub now: Timestamp,
}

impl RawRequest<'_> {
    /// The only value of a header; `None` where it is missing or came twice, since then nobody knows which one another
    /// reader would take.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// What a genuine request said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heard {
    /// Facts; stored before the vendor gets its answer.
    pub events: Vec<Event>,
    /// There is news that only a pull brings.
    pub pull: bool,
    /// Body of the answer; most vendors want none.
    pub answer: Answer,
}

/// A request whose sender was checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Checked {
    /// Read as well, since its answer depends on what it says.
    Read(Heard),
    /// Its answer is an empty 200 whatever it says, so it is read once it is on disk.
    Later,
}

/// What the vendor gets back once the events are stored. The status is 200.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Content-Type, where there is a body.
    pub content_type: Option<&'static str>,
    /// Headers besides, as in RingCentral's handshake.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Why a request was not taken. None of it tells the sender more than a status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// This provider takes no requests. 404.
    #[error("this account takes no requests")]
    Unsupported,
    /// No signature where one is needed. 401.
    #[error("it is not signed")]
    Unsigned,
    /// The signature is not the vendor's. 401.
    #[error("its signature is wrong")]
    Forged,
    /// Signed, but too long ago or ahead of our clock: perhaps replayed. 401.
    #[error("it was signed {0} s away from our clock")]
    Stale(i64),
    /// Genuine and not readable. Its raw form is kept, so it is taken: 200. Asking again would bring the same.
    #[error("it cannot be read: {0}")]
    Malformed(String),
}

impl WebhookError {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unsupported => 404,
            Self::Unsigned | Self::Forged | Self::Stale(_) => 401,
            Self::Malformed(_) => 200,
        }
    }
}
