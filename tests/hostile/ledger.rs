//! Who proves what for each row of the corpus. `claims.txt` is the one account: a test asks it which checks of which
//! rows are its own, proves exactly those, and the suite `hostile_local` fails where a check of a row is in no test's
//! account, or an account names a test that is not there.

use super::corpus::{Row, load};

/// One line of the account.
pub struct Claim {
    /// The file of the corpus.
    pub file: String,
    /// The check, or its beginning followed by `*`.
    pub check: String,
    /// `suite::test`.
    pub test: String,
    /// Just these rows; empty: each that has the check.
    pub rows: Vec<String>,
}

impl Claim {
    /// Is this check of this row claimed here?
    pub fn has(&self, row: &str, check: &str) -> bool {
        let named = self.rows.is_empty() || self.rows.iter().any(|one| one == row);
        let meant = match self.check.strip_suffix('*') {
            Some(start) => check.starts_with(start),
            None => self.check == check,
        };
        named && meant
    }
}

/// The whole account.
pub fn claims() -> Vec<Claim> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile/claims.txt");
    let text = std::fs::read_to_string(path).expect("the account is there");
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let mut next = || words.next().expect("file, check, test");
            Claim {
                file: next(),
                check: next(),
                test: next(),
                rows: words.collect(),
            }
        })
        .collect()
}

/// The rows of which this test proves something.
pub fn proven(test: &str, file: &str) -> Vec<Row> {
    let claims = claims();
    let own = |row: &Row| {
        let mut claims = claims
            .iter()
            .filter(|claim| claim.test == test && claim.file == file);
        claims.any(|claim| row.checks.iter().any(|check| claim.has(&row.id, check)))
    };
    let mut rows = load(file);
    rows.retain(own);
    assert!(!rows.is_empty(), "{test} claims nothing of {file}");
    rows
}

/// Runs `check` on what the account says that this test proves of a file. A check that the test does not know fails it.
pub fn prove(test: &str, file: &str, mut check: impl FnMut(&Row, &str) -> bool) {
    let own: Vec<Claim> = claims()
        .into_iter()
        .filter(|claim| claim.test == test && claim.file == file)
        .collect();
    let (mut rows, mut checks) = (0, 0);
    for row in load(file) {
        let before = checks;
        for name in &row.checks {
            if own.iter().any(|claim| claim.has(&row.id, name)) {
                assert!(
                    check(&row, name),
                    "{test} does not know {name} of {}",
                    row.id
                );
                checks += 1;
            }
        }
        rows += usize::from(checks > before);
    }
    assert!(checks > 0, "{test} claims nothing of {file}");
    println!("{file}: {test} proves {checks} checks of {rows} rows");
}
