//! What the program can do, measured: a mirror of the size of a busy desk, and a table of figures against limits.
//!
//! [`generate`] writes the mirror; it is made by the ordinary way in, so that a measurement on it is one of the real
//! thing. Only the command line knows this room.

pub mod generate;
pub mod run;
