//! The parts of the screen that stay: each keeps what it shows and draws it, and knows nothing of the others.

pub mod approvals;
pub mod composer;
pub mod contact;
pub mod conversation;
pub mod drafts;
pub mod health;
pub mod list;
pub mod outbox;
pub mod pages;
pub mod review;
pub mod rows;
pub mod search;
pub mod sidebar;
pub mod template_form;
pub mod urgency;
pub mod window;
