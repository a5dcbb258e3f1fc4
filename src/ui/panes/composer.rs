//! Where a text is written. It says at all times who gets it, from which account, on which channel, how long it is and
//! what the window allows.

use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::setup::{AccountCard, SenderRule};
use super::super::theme::{Role, Theme};
use super::conversation::Look;
use super::template_form::TemplateForm;
use super::window;
use crate::model::{
    Channel, Conversation, Draft, DraftKind, MessageId, Party, TemplateList, Timestamp,
};
use crate::text::segments;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

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
    /// Tells it from others, so that a late result finds the right one.
    pub serial: u64,
    /// What an edited proposal was bound to when editing began.
    pub bound: Option<String>,
    /// Queue it as soon as the save on its way is done.
    pub queue_when_saved: bool,
    /// The text it was begun with, such as a signature.
    begun: Option<String>,
    /// The agent has seen what came in up to this message.
    pub seen_head: Option<MessageId>,
    /// The template that leaves instead of free text.
    pub form: Option<TemplateForm>,
    /// Where it goes on once the mirror has moved it, with the conversation there.
    pub moving: Option<Box<(Draft, Option<Conversation>)>>,
    /// Where it began, before it was moved: channel and recipients.
    pub moved: Option<String>,
    /// The templates that were offered last.
    pub offered: TemplateList,
}

impl Composer {
    /// A composer for a draft.
    pub fn new(
        draft: Draft,
        conversation: Option<Conversation>,
        card: Option<AccountCard>,
        theme: &Theme,
    ) -> Self {
        let body = crate::text::sanitize_block(&draft.body).text;
        let form = draft.template.as_deref().map(TemplateForm::new);
        let begun = draft.id.is_none().then(|| body.clone());
        let mut area = TextArea::new(body.split('\n').map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.set_cursor_line_style(Style::default());
        area.set_style(theme.style(Role::Text));
        // The terminal's own cursor stands at the caret, for input methods; no painted one beside it.
        area.set_cursor_style(theme.style(Role::Text));
        area.set_max_histories(500);
        let caret = begun.as_ref().map_or_else(|| end_of_own(&body), |_| (0, 0));
        area.move_cursor(CursorMove::Jump(caret.0, caret.1));
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
            serial: 0,
            bound: None,
            queue_when_saved: false,
            begun,
            seen_head: None,
            form,
            moving: None,
            moved: None,
            offered: TemplateList::default(),
        }
    }

    /// Brings the draft up to date with what was typed.
    pub fn sync(&mut self) {
        self.draft.body = self.text();
        self.draft.template = self.form.as_ref().map(|form| Box::new(form.draft()));
        if self.addressed() {
            self.draft.recipients.to = read_parties(self.to.text(), &self.draft.recipients.to);
            self.subject.text().clone_into(&mut self.draft.subject);
        }
    }

    /// What is written so far: the text, or the template as it is filled.
    pub fn text(&self) -> String {
        match &self.form {
            Some(form) => form.text(),
            None => self.area.lines().join("\n"),
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
        body.clone_into(&mut self.draft.body);
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

    /// There is nothing in it that the agent wrote.
    pub fn is_empty(&self) -> bool {
        let text = self.text();
        let untouched = self.begun.as_ref().is_some_and(|begun| *begun == text);
        let addressed = self.addressed() && !self.to.text().trim().is_empty();
        (untouched || text.trim().is_empty()) && self.draft.attachments.is_empty() && !addressed
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
        if area.height < 4 || area.width < 8 {
            return None;
        }
        let note = self.draft.kind == DraftKind::Note;
        let edge = if note { Role::Note } else { Role::Draft };
        let title = match self.draft.kind {
            _ if self.form.is_some() => {
                let template = self.form.as_ref().map(TemplateForm::template);
                template.map_or_else(String::new, |one| {
                    format!(" template {} · {}", one.name, one.language)
                })
            }
            DraftKind::Note => " note among us, never sent".to_owned(),
            DraftKind::Reply => " reply".to_owned(),
            DraftKind::Approval => " the assistant's draft, edited by you".to_owned(),
            DraftKind::Forward => " forward".to_owned(),
            DraftKind::New => " new message".to_owned(),
        };
        let top = paint::row(area, 0);
        paint::rule(buffer, look.theme, top, look.plain);
        paint::line(
            buffer,
            look.theme,
            top,
            &Line::of(edge, format!("{title} ")),
        );
        let state = if self.is_empty() {
            ""
        } else if self.saving || self.unsaved {
            " saving "
        } else {
            " saved "
        };
        paint::right(buffer, look.theme, top, &Line::of(Role::Dim, state));
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
        let mut head = 1 + if self.addressed() { 2 } else { 0 };
        let columns = usize::from(area.width).saturating_sub(2).max(8);
        // A small pane keeps room for the text.
        let most = usize::from(area.height * 2 / 5).max(1);
        let who = self.who(look);
        let who = who.iter().flat_map(|line| paint::wrapped(line, columns));
        for line in who.take(most) {
            let row = paint::row(area, head);
            let room = Rect {
                x: row.x + 1.min(row.width),
                width: row.width.saturating_sub(1),
                ..row
            };
            paint::line(buffer, look.theme, room, &line);
            head += 1;
        }
        let bottom = usize::from(area.height - 1);
        paint::line(
            buffer,
            look.theme,
            paint::row(area, bottom),
            &self.measure(),
        );
        let head = u16::try_from(head).unwrap_or(0).min(area.height - 1);
        let text = Rect {
            x: area.x + 1,
            y: area.y + head,
            width: area.width.saturating_sub(2),
            height: area.height - head - 1,
        };
        if text.height == 0 {
            return caret;
        }
        if let Some(form) = &self.form {
            let place = form.draw(look, text, buffer);
            return if self.field == Field::Body {
                place
            } else {
                caret
            };
        }
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

    /// Who gets it, from which account and sender and why that one, and what the window allows.
    fn who(&self, look: &Look<'_>) -> Vec<Line> {
        if self.draft.kind == DraftKind::Note {
            let about = self
                .conversation
                .as_ref()
                .map_or_else(String::new, |c| format!(" on #{} {}", c.id, c.contact_name));
            return vec![Line::of(Role::Note, format!("only we see it{about}"))];
        }
        let recipients: Vec<_> = self.draft.recipients.all().collect();
        let c = self.conversation.as_ref();
        let mut line = Line::default();
        if c.is_some_and(|c| c.opted_out) {
            line.push(Role::Urgent, "opted out, cannot be sent · ");
        }
        if let Some((role, words)) = self.window(look.now)
            && self.form.is_none()
        {
            line.push(role, format!("{words} · "));
        }
        line.push(Role::Dim, "to ");
        if self.draft.recipients.to.is_empty() {
            line.push(Role::Warning, "nobody yet");
        } else {
            line.push(Role::Text, show_parties(&self.draft.recipients.to));
        }
        if !self.draft.recipients.cc.is_empty() {
            line.push(Role::Dim, " cc ");
            line.push(Role::Text, show_parties(&self.draft.recipients.cc));
        }
        if !self.draft.recipients.bcc.is_empty() {
            line.push(Role::Dim, " bcc ");
            line.push(Role::Text, show_parties(&self.draft.recipients.bcc));
        }
        line.push(Role::Dim, format!(" · {}", self.draft.channel));
        let card = self.card.as_ref();
        let mut from = Line::of(Role::Dim, "from ");
        match card.and_then(|card| card.sender_for(&recipients)) {
            Some(rule) => {
                from.push(Role::Text, rule.from.address.as_str());
                from.push(Role::Dim, because(card, rule));
            }
            None => from.push(Role::Dim, self.draft.account.to_string()),
        }
        vec![line, from]
    }

    /// What the channel's window allows now, and from when on only a template.
    pub fn window(&self, now: Timestamp) -> Option<(Role, String)> {
        let channel = self.draft.channel;
        match self.conversation.as_ref() {
            Some(c) => window::words(channel, c.window_closes_at, self.card.as_ref(), now),
            None if self.draft.kind == DraftKind::New => window::unopened(channel),
            None => None,
        }
    }

    /// How long it is, against the limit.
    fn measure(&self) -> Line {
        if let Some(form) = &self.form {
            let (role, words) = form.measure();
            return Line::of(role, format!(" {words}"));
        }
        let text = self.area.lines().join("\n");
        let text = text.trim_end();
        let count = text.chars().count();
        let mut line = Line::of(Role::Dim, " ");
        match (
            self.draft.channel,
            self.card.as_ref().and_then(|card| card.text_limit),
        ) {
            (Channel::Sms, limit) if self.draft.kind != DraftKind::Note => {
                let count_of = segments::count(text);
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
            (_, Some(limit)) if self.draft.kind != DraftKind::Note => {
                let role = if count > limit {
                    Role::Urgent
                } else {
                    Role::Dim
                };
                line.push(role, format!("{count} of {limit}"));
            }
            (_, _) => line.push(Role::Dim, format!("{count} characters")),
        }
        for attachment in &self.draft.attachments {
            line.push(Role::Link, format!("  [{}]", attachment.name));
        }
        line
    }
}

/// Why this sender, where there was a choice.
pub(super) fn because(card: Option<&AccountCard>, rule: &SenderRule) -> String {
    if card.is_some_and(|card| card.senders.len() > 1) {
        format!(" ({})", rule.because)
    } else {
        String::new()
    }
}

/// Row and column after what the agent wrote: before the signature, if there is one.
fn end_of_own(body: &str) -> (u16, u16) {
    let own = body.split('\n').take_while(|line| *line != "-- ");
    let last = own
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .last()
        .map_or((0, 0), |(row, line)| (row, line.chars().count()));
    let short = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    (short(last.0), short(last.1))
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
