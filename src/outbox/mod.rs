//! The durable queue of everything that will leave.

pub mod machine;
