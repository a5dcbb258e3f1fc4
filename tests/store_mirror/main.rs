//! The mirror as its users see it: in by batches and commands, out by answers.

#[path = "../hostile/corpus.rs"]
mod corpus;

mod approvals;
mod hostile;
mod ingest;
mod looking;
mod outbox;
mod processes;
mod speed;
mod undo;
mod views;
mod world;
