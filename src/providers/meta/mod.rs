//! Meta's Graph API: what WhatsApp, Messenger and Instagram have in common, and a folder for each.

mod failure;
mod graph;
mod signature;
pub mod whatsapp;
