//! What stands above the messages: with whom, where, what presses and who has it.

use super::super::super::paint::{self, Line};
use super::super::super::theme::Role;
use super::super::urgency;
use super::{Look, OpenConversation};
use crate::model::conversation::MostUrgent;
use crate::model::{Conversation, Priority, Status};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Panes of fewer rows have a title of one.
const ROOMY: u16 = 14;

/// Rows of the title in a pane of this height.
pub(super) fn rows(height: u16) -> u16 {
    if height < ROOMY { 1.min(height) } else { 2 }
}

impl OpenConversation {
    pub(super) fn draw_title(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        let top = paint::row(area, 0);
        let Some(c) = self.conversation() else {
            let words = Line::of(Role::Dim, format!(" #{}", self.id));
            paint::line(buffer, look.theme, top, &words);
            return;
        };
        let role = if look.focused {
            Role::Accent
        } else {
            Role::Text
        };
        let mut who = vec![Line::of(role, format!(" {}", c.contact_name))];
        if area.height <= 1 {
            let mut presses = Line::of(Role::Dim, " · ");
            presses.0.extend(urgency::most_urgent(c, look).0);
            who.push(presses);
        }
        who.push(Line::of(Role::Dim, format!(" · {}", c.channel)));
        if c.contact_address != c.contact_name {
            who.push(Line::of(Role::Dim, format!(" {}", c.contact_address)));
        }
        let mut known = self.detail.iter().flat_map(|d| &d.contact.identities);
        if let Some(warning) = known
            .find(|one| one.channel == c.channel && one.address == c.contact_address)
            .and_then(|one| one.warning.as_ref())
        {
            who.insert(1, Line::of(Role::Urgent, format!(" · {warning}")));
        }
        let mut end = Line::default();
        if self.up > 0 {
            end.push(Role::Warning, format!("{} lines below  ", self.up));
        }
        end.push(Role::Dim, format!("#{} ", c.id));
        let wide = paint::right(buffer, look.theme, top, &end);
        let room = Rect {
            width: top.width.saturating_sub(wide + 1),
            ..top
        };
        let who = paint::fitting(who, usize::from(room.width));
        paint::line(buffer, look.theme, room, &who);
        if area.height > 1 {
            let row = paint::row(area, 1);
            paint::line(buffer, look.theme, row, &state(c, look));
        }
    }
}

/// What presses, who has it, what it is about.
fn state(c: &Conversation, look: &Look<'_>) -> Line {
    let mut line = Line::of(Role::Dim, " ");
    line.0.extend(urgency::most_urgent(c, look).0);
    let mut fact = |role, words: String| {
        line.push(Role::Dim, " · ");
        line.push(role, words);
    };
    // Where it is not what presses most, the window is told all the same.
    let presses = matches!(c.most_urgent(), MostUrgent::Window(_));
    let open = matches!(c.status, Status::Open | Status::Snoozed) && !c.opted_out;
    if let (Some(closes), true) = (c.window_closes_at, open && !presses) {
        let left = closes.since(look.now);
        if left > 0 {
            fact(
                urgency::soon(left),
                format!("window {}", urgency::coarse(left)),
            );
        } else {
            fact(Role::Dim, "window closed".to_owned());
        }
    }
    if c.status == Status::Snoozed {
        fact(Role::Dim, "snoozed".to_owned());
    }
    match c.priority {
        Priority::Urgent => fact(Role::Urgent, "urgent".to_owned()),
        Priority::High => fact(Role::Warning, "high".to_owned()),
        Priority::Low => fact(Role::Dim, "low".to_owned()),
        Priority::Normal => {}
    }
    match c.assignee.as_deref() {
        Some(name) if name == look.me => fact(Role::Accent, "yours".to_owned()),
        Some(name) => fact(Role::Dim, format!("@{name}")),
        None => fact(Role::Dim, "nobody has it".to_owned()),
    }
    for label in &c.labels {
        fact(Role::Label, label.clone());
    }
    if c.muted {
        fact(Role::Dim, "muted".to_owned());
    }
    if c.paged {
        fact(Role::Urgent, "somebody is paged".to_owned());
    }
    if !c.subject.is_empty() {
        fact(Role::Text, c.subject.clone());
    }
    line
}
