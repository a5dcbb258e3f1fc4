//! Meta's Graph API: what WhatsApp, Messenger and Instagram have in common, and a folder for each.

mod failure;
mod graph;
pub mod page;
mod signature;
mod usage;
pub mod whatsapp;
