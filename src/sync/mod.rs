//! One supervised task per account: pull, subscribe, merge, keep the coverage.

pub mod merge;
