//! The hostile corpus: what customers and servers send to harm whoever reads it. One row is one case.

#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod fake;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Read;
use std::path::Path;

/// One case.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Row {
    /// Its name.
    pub id: String,
    enc: String,
    payload: String,
    /// What must become of it, in words.
    pub expect: String,
    /// What is checked by machine.
    pub check: Vec<String>,
}

impl Row {
    /// The bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        match self.enc.as_str() {
            "text" => self.payload.clone().into_bytes(),
            "b64" => STANDARD.decode(&self.payload).unwrap(),
            "gzb64" => {
                let packed = STANDARD.decode(&self.payload).unwrap();
                let mut out = Vec::new();
                flate2::read::GzDecoder::new(packed.as_slice())
                    .read_to_end(&mut out)
                    .unwrap();
                out
            }
            other => panic!("{}: {other} is no encoding", self.id),
        }
    }
}

/// All cases of one file of `tests/hostile/`.
pub fn rows(file: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/hostile")
        .join(file);
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
