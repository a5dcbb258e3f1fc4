//! E-mail: IMAP and SMTP.
pub mod settings;
