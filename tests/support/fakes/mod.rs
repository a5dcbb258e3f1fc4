//! Other sides of our own for vendors who have none: each keeps what a vendor would keep, on a loopback port.

pub mod meta_page;
pub mod meta_whatsapp;
pub mod ringcentral;
pub mod speech;
pub mod telegram;
pub mod twilio;
