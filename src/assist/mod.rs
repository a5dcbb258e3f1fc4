//! Drafting: what the assistant proposes, the gates it must pass, and the life of a proposal.
//!
//! The drafter holds no credential, speaks to no network and chooses no recipient. Customer text is data to it.

pub mod machine;
