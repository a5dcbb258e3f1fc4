//! The durable queue of everything that will leave: a pure machine, and the worker that walks it.

mod look_again;
pub mod machine;
pub mod worker;
