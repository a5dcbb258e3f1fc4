//! The durable queue of everything that will leave: a pure machine, and the worker that walks it.

pub mod machine;
pub mod worker;
