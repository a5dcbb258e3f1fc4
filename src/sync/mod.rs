//! The room `sync`.
