//! Reads the hostile corpus and keeps account of who checks what.

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine;

/// One hostile input and what must hold for it.
pub struct Row {
    /// Its name.
    pub id: String,
    /// The bytes that came from outside.
    pub payload: Vec<u8>,
    /// The names of the checks.
    pub checks: Vec<String>,
}

impl Row {
    /// As text: what does not decode becomes U+FFFD, as everywhere in the program.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }

    /// For payloads that are JSON objects of strings.
    pub fn fields(&self) -> BTreeMap<String, String> {
        serde_json::from_slice(&self.payload).expect("the payload is a JSON object")
    }
}

/// All rows of one file of the corpus.
pub fn load(file: &str) -> Vec<Row> {
    let path = format!("{}/tests/hostile/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the corpus is there");
    text.lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).expect("a row is JSON");
            let word = |name: &str| row[name].as_str().expect("a row is complete").to_owned();
            let checks = row["check"].as_array().expect("a row has checks");
            Row {
                id: word("id"),
                payload: decode(&word("enc"), &word("payload")),
                checks: checks
                    .iter()
                    .map(|c| c.as_str().expect("a check is a word").to_owned())
                    .collect(),
            }
        })
        .collect()
}

fn decode(encoding: &str, payload: &str) -> Vec<u8> {
    let binary = || {
        base64::engine::general_purpose::STANDARD
            .decode(payload)
            .expect("the payload is base64")
    };
    match encoding {
        "text" => payload.as_bytes().to_vec(),
        "b64" => binary(),
        "gzb64" => {
            let mut out = Vec::new();
            flate2::read::GzDecoder::new(binary().as_slice())
                .read_to_end(&mut out)
                .expect("the payload is gzip");
            out
        }
        other => panic!("unknown encoding {other}"),
    }
}

/// Runs `check` on every check of every row of a file. It answers whether it knows the check; what
/// it does not know must be in `elsewhere`, with the suite that has it.
pub fn claim(file: &str, elsewhere: &[(&str, &str)], mut check: impl FnMut(&Row, &str) -> bool) {
    let rows = load(file);
    assert!(!rows.is_empty(), "{file} is empty");
    let (mut here, mut there, mut touched) = (0, BTreeMap::new(), 0);
    for row in &rows {
        assert!(!row.checks.is_empty(), "{} checks nothing", row.id);
        let before = here;
        for name in &row.checks {
            if check(row, name) {
                here += 1;
                continue;
            }
            let (_, whose) = elsewhere
                .iter()
                .find(|(known, _)| name.strip_prefix(known).is_some())
                .unwrap_or_else(|| panic!("nobody claims {name} of {}", row.id));
            *there.entry(*whose).or_insert(0) += 1;
        }
        touched += usize::from(here > before);
    }
    println!(
        "{file}: {} rows, {touched} claimed here with {here} checks; claimed elsewhere: {there:?}",
        rows.len()
    );
    assert_eq!(
        touched,
        rows.len(),
        "some rows of {file} are only claimed elsewhere"
    );
}
