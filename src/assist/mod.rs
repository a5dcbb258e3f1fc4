//! Drafting: what the assistant proposes, the gates it must pass, and the life of a proposal.
//!
//! The drafter holds no credential, speaks to no network and chooses no recipient. Customer text is data to it. A
//! proposal leaves only by a recorded approval ([`machine`]).
//!
//! Unasked it drafts to the newest conversations that wait for an answer and to those that are to be answered first, two
//! hundred of each; the rest follow as those are dealt with, and any can be asked for. It takes a fifth of a core at most.

mod answer;
pub mod canned;
pub mod compose;
pub mod drafter;
pub mod figures;
pub mod gates;
pub mod knowledge;
pub mod language;
pub mod library;
pub mod machine;
pub mod order;
pub mod passage;
mod question;
pub mod sample;
pub mod scoring;
pub mod settings;
pub mod terms;
pub mod variables;
pub mod worker;

pub use drafter::{DraftInput, Silence, draft};
pub use gates::POLICY_VERSION;
pub use passage::{Passage, Source};
pub use settings::AssistSettings;
