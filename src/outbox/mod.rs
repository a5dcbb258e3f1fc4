//! The room `outbox`.
