//! Choices below a line that narrows them: what palette and pickers have in common.

use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Rows of choices at most.
const MOST: usize = 12;

/// What is drawn.
pub(super) struct Choices<'a> {
    /// Above all.
    pub title: &'a str,
    /// What was typed.
    pub line: &'a LineEdit,
    /// Those that match.
    pub rows: &'a [Line],
    /// The one under the cursor.
    pub cursor: usize,
    /// Said in their place when there is none.
    pub none: &'a str,
}

/// Draws title, the line that is typed into and the choices; returns where the caret is.
pub(super) fn draw(
    list: &Choices<'_>,
    (theme, plain): (&Theme, bool),
    body: Rect,
    buffer: &mut Buffer,
) -> (u16, u16) {
    let (title, line, choices, cursor) = (list.title, list.line, list.rows, list.cursor);
    let rows = choices.len().clamp(1, MOST) + 1;
    let rows = u16::try_from(rows).unwrap_or(u16::MAX);
    let inside = super::sheet(theme, body, rows, title, plain, buffer);
    let top = paint::row(inside, 0);
    let used = paint::line(buffer, theme, top, &Line::of(Role::Dim, " find: "));
    let room = Rect {
        x: top.x + used,
        width: top.width.saturating_sub(used + 1),
        ..top
    };
    paint::line(buffer, theme, room, &Line::of(Role::Text, line.text()));
    let fit = usize::from(inside.height).saturating_sub(1).max(1);
    let first = (cursor / fit) * fit;
    for (at, choice) in choices.iter().enumerate().skip(first).take(fit) {
        let row = paint::row(inside, at - first + 1);
        let current = at == cursor;
        let over = current.then(|| theme.style(Role::Selection));
        if let Some(over) = over {
            paint::clear(buffer, row, over);
        }
        let (role, mark) = paint::mark(current, false, plain);
        let mut whole = Line::of(role, mark).and(Role::Text, " ");
        whole.0.extend(choice.0.iter().cloned());
        paint::styled(buffer, theme, row, &whole, over);
    }
    if choices.is_empty() {
        let words = Line::of(Role::Dim, format!("  {}", list.none));
        paint::line(buffer, theme, paint::row(inside, 1), &words);
    }
    let column = u16::try_from(line.column()).unwrap_or(u16::MAX);
    (room.x + column.min(room.width), inside.y)
}

/// Indices of the choices that match, best first; all in order when nothing was typed. Each choice has a name and more
/// words: whatever matches by its name comes before what matches only by more words.
pub fn rank<'a>(typed: &str, choices: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<usize> {
    let choices: Vec<_> = choices.collect();
    if typed.trim().is_empty() {
        return (0..choices.len()).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut chars = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut chars), &mut matcher);
    let whole: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let mut scored: Vec<(bool, u32, usize)> = Vec::new();
    for (index, (name, more)) in choices.iter().enumerate() {
        if let Some(score) = score(name) {
            scored.push((true, score, index));
        } else {
            // Letters strewn over a sentence say nothing: in more words, whole words count.
            let more = more.to_lowercase();
            if whole.iter().all(|word| more.contains(word.as_str())) {
                scored.push((false, 0, index));
            }
        }
    }
    scored.sort_by_key(|(name, score, index)| {
        std::cmp::Reverse((*name, *score, std::cmp::Reverse(*index)))
    });
    scored.into_iter().map(|(.., index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_descriptions_and_strewn_letters_never() {
        let all = [
            ("mute", "Keep it from coming back by itself"),
            ("inbox", "Open conversations"),
            ("back", "Go back to the inbox"),
        ];
        assert_eq!(rank("inb", all.into_iter()), [1, 2]);
        assert_eq!(rank("", all.into_iter()), [0, 1, 2]);
        assert_eq!(rank("zzz", all.into_iter()), Vec::<usize>::new());
    }
}
