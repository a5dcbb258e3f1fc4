//! The room `notify`.
