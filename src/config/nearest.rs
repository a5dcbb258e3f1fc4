//! The word that was probably meant.

/// The known word nearest to `word`, if it is near enough to be a slip of the pen (letters swapped, left out,
/// doubled or hit beside).
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|&(steps, _)| steps <= limit)
        .min_by_key(|&(steps, _)| steps)
        .map(|(_, candidate)| candidate)
}

/// Edits between two words; swapping two neighbours is one edit (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().replace('-', "_").chars().collect();
    let b: Vec<char> = b.to_lowercase().replace('-', "_").chars().collect();
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (row[j - 1] + 1)
                .min(rows[i - 1][j] + 1)
                .min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["theme", "timezone", "mouse", "accounts", "history_days"];
        for (word, meant) in [
            ("thme", Some("theme")),
            ("htem", None),
            ("histroy_days", Some("history_days")),
            ("history-days", Some("history_days")),
            ("Mouse", Some("mouse")),
            ("account", Some("accounts")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
