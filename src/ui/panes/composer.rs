//! Where a text is written. It says at all times who gets it, from which account, on which channel, how long it is and
//! what the window allows.

use super::super::clock;
use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::setup::AccountCard;
use super::super::theme::{Role, Theme};
use super::conversation::Look;
use crate::model::{Channel, Conversation, Draft, DraftKind, MessageId, Party};
use crate::text::segments;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use ratatui_textarea::{TextArea, WrapMode};

/// Which field is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The text.
    Body,
    /// Who gets it.
    To,
    /// The subject.
    Subject,
}

/// A text being written.
#[derive(Debug, Clone)]
pub struct Composer {
    /// The draft; its body is brought up to date by [`Composer::sync`].
    pub draft: Draft,
    /// The conversation it belongs to.
    pub conversation: Option<Conversation>,
    /// What the account can do.
    pub card: Option<AccountCard>,
    /// The editor of the text.
    pub area: TextArea<'static>,
    /// Recipients as typed.
    pub to: LineEdit,
    /// The subject as typed.
    pub subject: LineEdit,
    /// Which field is typed into.
    pub field: Field,
    /// Changed since the last save was asked for.
    pub unsaved: bool,
    /// A save is on its way.
    pub saving: bool,
    /// The agent has seen what came in up to this message.
    pub seen_head: Option<MessageId>,
}

impl Composer {
    /// A composer for a draft.
    pub fn new(
        draft: Draft,
        conversation: Option<Conversation>,
        card: Option<AccountCard>,
        theme: &Theme,
    ) -> Self {
        let mut area = TextArea::new(draft.body.split('\n').map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(Style::default());
        area.set_style(theme.style(Role::Text));
        // The terminal's own cursor stands at the caret, for input methods; no painted one beside it.
        area.set_cursor_style(theme.style(Role::Text));
        area.set_max_histories(500);
        area.move_cursor(ratatui_textarea::CursorMove::Top);
        let field = match draft.kind {
            DraftKind::Forward | DraftKind::New if draft.recipients.to.is_empty() => Field::To,
            _ => Field::Body,
        };
        Self {
            to: LineEdit::new(show_parties(&draft.recipients.to)),
            subject: LineEdit::new(draft.subject.as_str()),
            draft,
            conversation,
            card,
            area,
            field,
            unsaved: false,
            saving: false,
            seen_head: None,
        }
    }

    /// Brings the draft up to date with what was typed.
    pub fn sync(&mut self) {
        self.draft.body = self.area.lines().join("\n");
        if self.addressed() {
            self.draft.recipients.to = read_parties(self.to.text(), &self.draft.recipients.to);
            self.subject.text().clone_into(&mut self.draft.subject);
        }
    }

    /// Replaces the text.
    pub fn set_body(&mut self, body: &str, theme: &Theme) {
        let draft = Draft {
            body: body.to_owned(),
            ..self.draft.clone()
        };
        let fresh = Self::new(draft, None, None, theme);
        self.area = fresh.area;
        self.draft.body = body.to_owned();
        self.unsaved = true;
    }

    /// Recipients and subject can be typed here.
    pub fn addressed(&self) -> bool {
        matches!(self.draft.kind, DraftKind::Forward | DraftKind::New)
    }

    /// The next field.
    pub fn next_field(&mut self) {
        if !self.addressed() {
            return;
        }
        self.field = match self.field {
            Field::To => Field::Subject,
            Field::Subject => Field::Body,
            Field::Body => Field::To,
        };
    }

    /// There is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
            && self.draft.attachments.is_empty()
    }

    /// Rows of head above the text.
    fn head_rows(&self) -> u16 {
        if self.addressed() { 4 } else { 2 }
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
        if area.height < 4 || area.width < 8 {
            return None;
        }
        let note = self.draft.kind == DraftKind::Note;
        let edge = if note { Role::Note } else { Role::Draft };
        let title = match self.draft.kind {
            DraftKind::Note => " note among us, never sent".to_owned(),
            DraftKind::Reply => " reply".to_owned(),
            DraftKind::Approval => " the assistant's draft, edited by you".to_owned(),
            DraftKind::Forward => " forward".to_owned(),
            DraftKind::New => " new message".to_owned(),
        };
        let mark = if look.plain { "-" } else { "─" };
        let mut top = Line::of(edge, title);
        top.push(
            Role::Line,
            format!(" {}", mark.repeat(usize::from(area.width))),
        );
        paint::line(buffer, look.theme, paint::row(area, 0), &top);
        let state = if self.saving || self.unsaved {
            "saving"
        } else {
            "saved"
        };
        paint::right(
            buffer,
            look.theme,
            paint::row(area, 0),
            &Line::of(Role::Dim, format!(" {state} ")),
        );
        let mut caret = None;
        if self.addressed() {
            for (index, (name, edit, field)) in [
                ("to", &self.to, Field::To),
                ("subject", &self.subject, Field::Subject),
            ]
            .into_iter()
            .enumerate()
            {
                let row = paint::row(area, index + 1);
                let role = if self.field == field {
                    Role::Key
                } else {
                    Role::Dim
                };
                let used = paint::line(
                    buffer,
                    look.theme,
                    row,
                    &Line::of(role, format!(" {name:<8}")),
                );
                paint::line(
                    buffer,
                    look.theme,
                    Rect {
                        x: row.x + used,
                        width: row.width.saturating_sub(used),
                        ..row
                    },
                    &Line::of(Role::Text, edit.text()),
                );
                if self.field == field {
                    let column = u16::try_from(edit.column())
                        .unwrap_or(u16::MAX)
                        .min(row.width.saturating_sub(used + 1));
                    caret = Some((row.x + used + column, row.y));
                }
            }
        }
        let who = self.head_rows() - 1;
        paint::line(
            buffer,
            look.theme,
            paint::row(area, usize::from(who)),
            &self.who(look),
        );
        let bottom = area.height - 1;
        paint::line(
            buffer,
            look.theme,
            paint::row(area, usize::from(bottom)),
            &self.measure(),
        );
        let text = Rect {
            x: area.x + 1,
            y: area.y + self.head_rows(),
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(self.head_rows() + 1),
        };
        (&self.area).render(text, buffer);
        if self.field == Field::Body {
            let at = self.area.screen_cursor();
            let (down, right) = self.area.scroll_offset();
            let row = u16::try_from(at.row)
                .unwrap_or(u16::MAX)
                .saturating_sub(down)
                .min(text.height.saturating_sub(1));
            let column = u16::try_from(at.col)
                .unwrap_or(u16::MAX)
                .saturating_sub(right)
                .min(text.width.saturating_sub(1));
            caret = Some((text.x + column, text.y + row));
        }
        caret
    }

    /// Who gets it, from which account.
    fn who(&self, look: &Look<'_>) -> Line {
        if self.draft.kind == DraftKind::Note {
            let about = self
                .conversation
                .as_ref()
                .map_or_else(String::new, |c| format!(" on #{} {}", c.id, c.contact_name));
            return Line::of(Role::Note, format!(" only we see it{about}"));
        }
        let recipients: Vec<_> = self.draft.recipients.all().collect();
        let mut line =
            Line::of(Role::Dim, " to ").and(Role::Text, show_parties(&self.draft.recipients.to));
        if !self.draft.recipients.cc.is_empty() {
            line.push(Role::Dim, " cc ");
            line.push(Role::Text, show_parties(&self.draft.recipients.cc));
        }
        line.push(
            Role::Dim,
            format!(" · {} · from {}", self.draft.channel, self.draft.account),
        );
        if let Some(rule) = self
            .card
            .as_ref()
            .and_then(|card| card.sender_for(&recipients))
        {
            line.push(Role::Dim, format!(" <{}>", rule.from.address));
        }
        if let Some(closes) = self.conversation.as_ref().and_then(|c| c.window_closes_at) {
            let left = closes.since(look.now);
            if left > 0 {
                line.push(
                    Role::Warning,
                    format!(" · window {} left", clock::span(left)),
                );
            } else {
                line.push(Role::Urgent, " · the reply window is closed");
            }
        }
        if self.conversation.as_ref().is_some_and(|c| c.opted_out) {
            line.push(Role::Urgent, " · opted out, cannot be sent");
        }
        line
    }

    /// How long it is, against the limit.
    fn measure(&self) -> Line {
        let text = self.area.lines().join("\n");
        let count = text.chars().count();
        let mut line = Line::of(Role::Dim, " ");
        match (
            self.draft.channel,
            self.card.as_ref().and_then(|card| card.text_limit),
        ) {
            (Channel::Sms, limit) => {
                let count_of = segments::count(&text);
                let words = if count_of.segments == 1 {
                    "segment"
                } else {
                    "segments"
                };
                line.push(
                    Role::Dim,
                    format!("{count} characters · {} {words}", count_of.segments),
                );
                if limit.is_some_and(|limit| count > limit) {
                    line.push(Role::Urgent, " · too long");
                }
            }
            (_, Some(limit)) => {
                let role = if count > limit {
                    Role::Urgent
                } else {
                    Role::Dim
                };
                line.push(role, format!("{count} of {limit}"));
            }
            (_, None) => line.push(Role::Dim, format!("{count} characters")),
        }
        for attachment in &self.draft.attachments {
            line.push(Role::Link, format!("  [{}]", attachment.name));
        }
        let queue = if self.draft.kind == DraftKind::Note {
            "keep the note"
        } else {
            "review and queue"
        };
        line.push(Role::Key, "   C-s");
        line.push(Role::Dim, format!(" {queue}  "));
        line.push(Role::Key, "C-e");
        line.push(Role::Dim, " editor  ");
        line.push(Role::Key, "Esc");
        line.push(Role::Dim, " leave, text kept");
        line
    }
}

/// Recipients in one line.
pub fn show_parties(parties: &[Party]) -> String {
    let all: Vec<_> = parties
        .iter()
        .map(|party| match &party.name {
            Some(name) if !name.is_empty() && *name != party.address => {
                format!("{name} <{}>", party.address)
            }
            _ => party.address.clone(),
        })
        .collect();
    all.join(", ")
}

/// Recipients as typed: addresses separated by commas, names kept for addresses that had one.
pub fn read_parties(text: &str, known: &[Party]) -> Vec<Party> {
    text.split([',', ';'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            if let Some((name, rest)) = part.rsplit_once('<')
                && let Some(address) = rest.strip_suffix('>')
            {
                let name = name.trim().trim_matches('"');
                return Party {
                    address: address.trim().to_owned(),
                    name: (!name.is_empty()).then(|| name.to_owned()),
                };
            }
            known
                .iter()
                .find(|party| party.address == part)
                .cloned()
                .unwrap_or_else(|| Party::new(part))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_survive_being_shown_and_read() {
        let parties = vec![
            Party::named("a@x.example", "Ana"),
            Party::new("b@y.example"),
        ];
        assert_eq!(read_parties(&show_parties(&parties), &[]), parties);
        assert!(read_parties(" , ;", &[]).is_empty());
    }
}
