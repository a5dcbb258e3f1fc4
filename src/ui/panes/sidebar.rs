//! Views, channels, labels and saved searches, with kept counts.

use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use crate::model::query::{Counts, View};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Where a sidebar entry leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A list of conversations.
    View(View),
    /// The queue of approvals.
    Approvals,
    /// My unsent texts.
    Drafts,
    /// What leaves.
    Outbox,
    /// Pages.
    Pages,
    /// How the accounts are.
    Health,
    /// What was searched for; it has no entry.
    Search,
}

/// One entry: name, count, target; a heading has no target.
pub type Entry = (String, Option<u64>, Option<Target>);

/// The entries for these counts.
pub fn entries(counts: &Counts) -> Vec<Entry> {
    let entry = |name: &str, count: u64, target| {
        (name.to_owned(), (count > 0).then_some(count), Some(target))
    };
    let mut all = vec![
        entry("Inbox", counts.inbox, Target::View(View::Inbox)),
        entry("Mine", counts.mine, Target::View(View::Mine)),
        entry(
            "Unassigned",
            counts.unassigned,
            Target::View(View::Unassigned),
        ),
        entry("Waiting on us", counts.waiting, Target::View(View::Waiting)),
        entry("Approvals", counts.approvals, Target::Approvals),
        entry("Drafts", counts.drafts, Target::Drafts),
        entry(
            "Outbox",
            counts.held + counts.queued + counts.failed + counts.unknown,
            Target::Outbox,
        ),
        entry("Pages", counts.pages, Target::Pages),
        entry("Snoozed", counts.snoozed, Target::View(View::Snoozed)),
        entry("Resolved", 0, Target::View(View::Resolved)),
        entry("Spam", 0, Target::View(View::Spam)),
        entry("Health", 0, Target::Health),
    ];
    if !counts.channels.is_empty() {
        all.push(("Channels".to_owned(), None, None));
        for (channel, count) in &counts.channels {
            all.push(entry(
                channel.name(),
                *count,
                Target::View(View::Channel(*channel)),
            ));
        }
    }
    if !counts.saved.is_empty() {
        all.push(("Saved".to_owned(), None, None));
        for (name, _) in &counts.saved {
            all.push(entry(name, 0, Target::View(View::Saved(name.clone()))));
        }
    }
    if !counts.labels.is_empty() {
        all.push(("Labels".to_owned(), None, None));
        for (label, count) in &counts.labels {
            all.push(entry(
                label,
                *count,
                Target::View(View::Label(label.clone())),
            ));
        }
    }
    all
}

/// Draws the entries; `here` is the current place, `cursor` is shown when the sidebar has the keys.
pub fn draw(
    entries: &[Entry],
    here: &Target,
    cursor: Option<usize>,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    // Where there is room a blank row stands before each heading.
    let headings = entries.iter().filter(|entry| entry.2.is_none()).count();
    let fit = usize::from(area.height);
    let airy = entries.len() + headings <= fit;
    let first = cursor.map_or(0, |cursor| (cursor / fit) * fit);
    let mut y = 0;
    for (index, (name, count, target)) in entries.iter().enumerate().skip(first) {
        y += usize::from(airy && target.is_none());
        let row = paint::row(area, y);
        y += 1;
        if row.height == 0 {
            break;
        }
        let Some(target) = target else {
            let heading = Line::of(Role::Dim, format!(" {name}"));
            paint::line(buffer, look.theme, row, &heading);
            continue;
        };
        let over = (cursor == Some(index)).then(|| look.theme.style(Role::Selection));
        if let Some(over) = over {
            paint::clear(buffer, row, over);
        }
        let current = target == here;
        let (role, mark) = paint::mark(current, false, look.plain);
        let words = if current { Role::Accent } else { Role::Text };
        let line = Line::of(role, mark).and(words, format!(" {name}"));
        let hot = matches!(target, Target::Approvals | Target::Pages);
        let role = if hot { Role::Warning } else { Role::Dim };
        let count = count.map_or_else(Line::default, |count| Line::of(role, format!(" {count} ")));
        let wide = u16::try_from(count.width()).unwrap_or(0).min(row.width);
        let room = Rect {
            width: row.width - wide,
            ..row
        };
        paint::styled(buffer, look.theme, room, &line, over);
        let at = Rect {
            x: row.right() - wide,
            width: wide,
            ..row
        };
        paint::styled(buffer, look.theme, at, &count, over);
    }
}
