//! Columns of text for people, or fields separated by tabs for other programs.

use crate::text::sanitize_line;
use crate::text::width::{clip, pad, width};

/// The lines of a table; every cell is cleaned.
///
/// With `columns` (a terminal's width) cells are padded to their column, two spaces apart, and a line never gets
/// longer than the terminal: the last column is clipped. Without, cells are whole and separated by tabs.
pub fn lines(rows: &[Vec<String>], columns: Option<usize>) -> Vec<String> {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| sanitize_line(cell).text).collect())
        .collect();
    let Some(columns) = columns else {
        return rows.iter().map(|row| row.join("\t")).collect();
    };
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|index| {
            let cells = rows.iter().filter_map(|row| row.get(index));
            let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
            // One long name must not push everything else off the screen.
            widest.min((columns / 3).max(10))
        })
        .collect();
    rows.iter()
        .map(|row| {
            let last = row.len().saturating_sub(1);
            let mut line = String::new();
            for (index, cell) in row.iter().enumerate() {
                if index == last {
                    line.push_str(cell);
                } else if widths[index] > 0 {
                    line.push_str(&pad(&clip(cell, widths[index]), widths[index]));
                    line.push_str("  ");
                }
            }
            clip(line.trim_end(), columns).into_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|&cell| cell.to_owned()).collect()
    }

    #[test]
    fn a_terminal_gets_columns_and_a_pipe_gets_tabs() {
        let rows = [
            row(&["#1", "Ana", "hello\tthere\u{1b}[2J"]),
            row(&["#1042", "日本", "x"]),
        ];
        assert_eq!(
            lines(&rows, Some(30)),
            ["#1     Ana   hello there␛[2J", "#1042  日本  x"]
        );
        assert_eq!(lines(&rows, None)[1], "#1042\t日本\tx");
        assert_eq!(lines(&rows, None)[0].matches('\t').count(), 2);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let rows = [row(&[
            &"n".repeat(300),
            &"日".repeat(300),
            &"x".repeat(300),
        ])];
        for columns in [20, 33, 80] {
            let line = &lines(&rows, Some(columns))[0];
            assert!(
                crate::text::width::width(line) <= columns,
                "{columns}: {line}"
            );
        }
    }
}
