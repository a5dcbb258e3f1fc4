//! The room `assist`.
