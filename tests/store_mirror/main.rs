//! The mirror as its users see it: in by batches and commands, out by answers.

mod approvals;
mod ingest;
mod outbox;
mod processes;
mod speed;
mod undo;
mod views;
mod world;
