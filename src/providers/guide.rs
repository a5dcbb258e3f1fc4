//! How a person sets up an account: every provider's guide.

pub use crate::model::guide::{Answers, Field, Guide, Kind};

/// Every guide there is, in the order in which they are offered.
pub const ALL: [&Guide; 7] = [
    &super::email::guide::GUIDE,
    &super::meta::whatsapp::guide::GUIDE,
    &super::twilio::guide::GUIDE,
    &super::telegram::guide::GUIDE,
    &super::meta::page::guide::MESSENGER,
    &super::meta::page::guide::INSTAGRAM,
    &super::ringcentral::guide::GUIDE,
];

/// The guide of a provider.
pub fn named(provider: &str) -> Option<&'static Guide> {
    ALL.into_iter().find(|guide| guide.provider == provider)
}
