//! An open conversation: its messages as blocks of lines, of which only the visible ones are ever drawn.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use crate::model::approval::{Proposal, Verdict};
use crate::model::journal::Entry;
use crate::model::message::{Attachment, Author, Content, DeliveryState, ThreadedBy};
use crate::model::query::{ConversationDetail, MessagePage, OutboxRow};
use crate::model::{
    Conversation, ConversationId, Direction, Message, MessageId, MessageKind, OutboxState,
    Timestamp,
};
use crate::text::links;
use crate::text::wrap::WrapIndex;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Messages asked for at once.
pub const PAGE: u32 = 30;
/// Columns of the gutter before a message's text.
const GUTTER: usize = 2;

/// What the conversation pane shows.
#[derive(Debug, Clone)]
pub struct OpenConversation {
    /// Which.
    pub id: ConversationId,
    /// Its head, once read.
    pub detail: Option<ConversationDetail>,
    /// Messages, oldest first.
    pub messages: Vec<Message>,
    /// There are older ones.
    pub older: bool,
    /// Messages were read at least once.
    pub loaded: bool,
    /// It does not exist any more, or could not be read.
    pub error: Option<String>,
    /// Lines scrolled up from the end.
    pub up: usize,
    /// Quoted text is shown.
    pub unfolded: bool,
    /// The contact's other channels are shown in between.
    pub all_channels: bool,
    /// The raw form of a message instead of all.
    pub raw: Option<(MessageId, Option<String>)>,
    /// The newest message when the agent last looked: a line is drawn after it.
    pub seen_to: Option<MessageId>,
    blocks: Vec<Block>,
    lines: usize,
    width: u16,
    height: usize,
}

/// Some lines that belong together.
#[derive(Debug, Clone)]
enum Block {
    Lines(Vec<Line>),
    Text {
        index: WrapIndex,
        gutter: (Role, &'static str),
        role: Role,
    },
}

impl Block {
    fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Text { index, .. } => index.lines(),
        }
    }

    fn line(&self, at: usize) -> Line {
        match self {
            Self::Lines(lines) => lines.get(at).cloned().unwrap_or_default(),
            Self::Text {
                index,
                gutter,
                role,
            } => Line::of(gutter.0, gutter.1).and(*role, index.line(at).trim_end_matches('\n')),
        }
    }
}

/// What drawing and laying out need to know.
pub struct Look<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// The time.
    pub now: Timestamp,
    /// The agent's zone.
    pub tz: &'a TimeZone,
    /// The agent.
    pub me: &'a str,
    /// Words instead of symbols.
    pub plain: bool,
    /// The pane has the keys.
    pub focused: bool,
}

impl OpenConversation {
    /// A conversation that was not read yet.
    pub fn new(id: ConversationId) -> Self {
        Self {
            id,
            detail: None,
            messages: Vec::new(),
            older: false,
            loaded: false,
            error: None,
            up: 0,
            unfolded: false,
            all_channels: false,
            raw: None,
            seen_to: None,
            blocks: Vec::new(),
            lines: 0,
            width: 0,
            height: 0,
        }
    }

    /// The conversation, once read.
    pub fn conversation(&self) -> Option<&Conversation> {
        self.detail.as_ref().map(|detail| &detail.conversation)
    }

    /// The newest message that is not a note.
    pub fn newest(&self) -> Option<&Message> {
        self.messages
            .iter()
            .rev()
            .find(|message| message.direction != Direction::Note)
    }

    /// The newest message of the customer.
    pub fn newest_inbound(&self) -> Option<&Message> {
        self.messages
            .iter()
            .rev()
            .find(|message| message.direction == Direction::Inbound)
    }

    /// Takes messages: the newest window, or older ones.
    pub fn take(&mut self, page: MessagePage, older: bool) {
        self.older = page.older;
        if older {
            let mut messages = page.messages;
            messages.append(&mut self.messages);
            self.messages = messages;
        } else {
            // Older ones that were read before stay, so that the place in the text is kept.
            let first = page.messages.first().map(|message| message.id);
            let mut kept: Vec<_> = self.messages.drain(..).collect();
            if let Some(first) = first {
                let cut = kept
                    .iter()
                    .position(|message| message.id == first)
                    .unwrap_or(0);
                kept.truncate(cut);
                self.older = if kept.is_empty() { self.older } else { true };
            }
            kept.extend(page.messages);
            self.messages = kept;
        }
        self.loaded = true;
    }

    /// Scrolls by lines, up being positive. True when older messages should be asked for.
    pub fn scroll(&mut self, up: isize) -> bool {
        let most = self.lines.saturating_sub(self.height);
        self.up = self.up.saturating_add_signed(up).min(most);
        self.older && self.up == most
    }

    /// To the very end, or to the first line that is here.
    pub fn scroll_to(&mut self, end: bool) -> bool {
        self.up = if end {
            0
        } else {
            self.lines.saturating_sub(self.height)
        };
        !end && self.older
    }

    /// A page of lines.
    pub fn page(&self) -> isize {
        isize::try_from(self.height.saturating_sub(2).max(1)).unwrap_or(1)
    }

    /// Lays the messages out for a pane of this size.
    pub fn lay_out(&mut self, width: u16, height: u16, look: &Look<'_>) {
        let before = self.lines;
        let grew_at_end = self.up > 0;
        self.width = width;
        self.height = usize::from(height);
        self.blocks.clear();
        let columns = usize::from(width).saturating_sub(GUTTER + 1).max(8);
        if let Some((_, raw)) = &self.raw {
            let text = raw
                .clone()
                .unwrap_or_else(|| "No raw form of this message is kept.".to_owned());
            let title = Line::of(Role::Warning, "raw form · v shows the text again");
            self.blocks.push(Block::Lines(vec![title, Line::default()]));
            self.blocks.push(Block::Text {
                index: WrapIndex::new(text, columns),
                gutter: (Role::Customer, "  "),
                role: Role::Text,
            });
        } else {
            self.lay_out_messages(columns, look);
        }
        self.lines = self.blocks.iter().map(Block::len).sum();
        if grew_at_end && before > 0 && self.lines > before {
            // What the agent reads stays where it is while something comes in below.
            self.up += self.lines - before;
        }
        self.up = self.up.min(self.lines.saturating_sub(self.height));
    }

    fn lay_out_messages(&mut self, columns: usize, look: &Look<'_>) {
        let mut blocks = Vec::new();
        if self.older {
            blocks.push(Block::Lines(vec![Line::of(
                Role::Dim,
                "  older messages above: k or C-u",
            )]));
        }
        let mut actions = self
            .detail
            .iter()
            .flat_map(|detail| &detail.actions)
            .peekable();
        let mut last: Option<Timestamp> = None;
        for message in &self.messages {
            while let Some(entry) = actions.next_if(|entry| entry.at < message.at) {
                blocks.push(Block::Lines(vec![action_line(entry, look)]));
            }
            if last.is_none_or(|last| !clock::same_day(last, message.at, look.tz)) {
                blocks.push(Block::Lines(vec![divider(
                    &clock::day(message.at, look.now, look.tz),
                    columns,
                    look.plain,
                )]));
            }
            last = Some(message.at);
            self.lay_out_message(message, columns, look, &mut blocks);
            if self.seen_to == Some(message.id)
                && self.messages.last().map(|last| last.id) != self.seen_to
            {
                let new = self
                    .messages
                    .iter()
                    .filter(|other| other.at > message.at && other.direction == Direction::Inbound)
                    .count();
                if new > 0 {
                    blocks.push(Block::Lines(vec![divider(
                        &format!("{new} new"),
                        columns,
                        look.plain,
                    )]));
                }
            }
        }
        for entry in actions {
            blocks.push(Block::Lines(vec![action_line(entry, look)]));
        }
        if let Some(proposal) = self
            .detail
            .as_ref()
            .and_then(|detail| detail.proposal.as_ref())
        {
            lay_out_proposal(proposal, columns, look, &mut blocks);
        }
        self.blocks = blocks;
    }

    fn lay_out_message(
        &self,
        message: &Message,
        columns: usize,
        look: &Look<'_>,
        blocks: &mut Vec<Block>,
    ) {
        let (role, gutter, name) = match (&message.direction, &message.author) {
            (Direction::Note, author) => (
                Role::Note,
                if look.plain { "n " } else { "▌ " },
                format!("note · {}", author_name(author, look)),
            ),
            (Direction::Inbound, author) => (
                Role::Customer,
                if look.plain { "< " } else { "│ " },
                author_name(author, look),
            ),
            (Direction::Outbound, author) => (
                Role::Agent,
                if look.plain { "> " } else { "│ " },
                author_name(author, look),
            ),
        };
        let mut head =
            Line::of(role, name).and(Role::Dim, format!("  {}", clock::time(message.at, look.tz)));
        if self.all_channels
            || self
                .conversation()
                .is_some_and(|c| c.channel != message.channel)
        {
            head.push(Role::Dim, format!(" · {}", message.channel));
        }
        if message.edited {
            head.push(Role::Dim, " · edited");
        }
        if message.gone {
            head.push(Role::Warning, " · deleted at the provider");
        }
        match message.kind {
            MessageKind::Normal => {}
            MessageKind::AutoReply => head.push(Role::Dim, " · automatic reply"),
            MessageKind::Bounce => head.push(Role::Urgent, " · delivery report"),
            MessageKind::ReadReceipt => head.push(Role::Dim, " · read receipt"),
            MessageKind::Bulk => head.push(Role::Dim, " · list mail"),
        }
        let state = self.delivery(message, look);
        if !state.0.is_empty() {
            head.push(Role::Dim, "  ");
            head.0.extend(state.0);
        }
        let mut lines = vec![Line::default(), head];
        if self
            .messages
            .first()
            .is_some_and(|first| first.id == message.id)
            && !message.subject.is_empty()
        {
            lines.push(Line::of(role, gutter).and(Role::Accent, message.subject.clone()));
        }
        self.lay_out_addresses(message, (role, gutter), &mut lines);
        match &message.content {
            Content::Voice { millis } => {
                let words = if message.body.is_empty() {
                    "no transcript"
                } else {
                    "transcript"
                };
                lines.push(Line::of(role, gutter).and(
                    Role::Text,
                    format!("voice note {} · {words}", clock::span(i64::from(*millis))),
                ));
            }
            Content::Call { millis: 0 } => {
                lines.push(Line::of(role, gutter).and(Role::Warning, "missed call"))
            }
            Content::Call { millis } => lines.push(Line::of(role, gutter).and(
                Role::Text,
                format!("call of {}", clock::span(i64::from(*millis))),
            )),
            Content::Review { stars } => {
                let stars = usize::from(*stars).min(5);
                lines.push(Line::of(role, gutter).and(
                    Role::Warning,
                    format!(
                        "{}{} {stars} of 5",
                        "★".repeat(stars),
                        "☆".repeat(5 - stars)
                    ),
                ));
            }
            Content::Unsupported { what } => lines.push(Line::of(role, gutter).and(
                Role::Warning,
                format!(
                    "a kind of message that frontdesk does not know ({what}); v shows its raw form"
                ),
            )),
            Content::Unreadable { reason } => lines.push(Line::of(role, gutter).and(
                Role::Warning,
                format!("could not be read ({reason}); v shows its raw form"),
            )),
            Content::Text | Content::Html => {}
        }
        blocks.push(Block::Lines(lines));
        self.lay_out_body(message, columns, (role, gutter), look, blocks);
        let mut after = Vec::new();
        for attachment in message
            .attachments
            .iter()
            .filter(|attachment| !attachment.inline)
        {
            after.push(Line::of(role, gutter).and(Role::Link, attachment_line(attachment)));
        }
        if message.hidden > 0 {
            let what = if message.hidden == 1 {
                "character"
            } else {
                "characters"
            };
            after.push(Line::of(role, gutter).and(
                Role::Warning,
                format!(
                    "{} hidden {what} taken out; v shows the raw form",
                    message.hidden
                ),
            ));
        }
        if !message.reactions.is_empty() {
            let all: Vec<_> = message
                .reactions
                .iter()
                .map(|(who, emoji)| format!("{emoji} {who}"))
                .collect();
            after.push(Line::of(role, gutter).and(Role::Dim, all.join("  ")));
        }
        if !after.is_empty() {
            blocks.push(Block::Lines(after));
        }
    }

    fn lay_out_addresses(
        &self,
        message: &Message,
        gutter: (Role, &'static str),
        lines: &mut Vec<Line>,
    ) {
        if message.direction == Direction::Note {
            return;
        }
        if !message.cc.is_empty() {
            let all: Vec<_> = message
                .cc
                .iter()
                .map(|party| party.address.as_str())
                .collect();
            lines.push(
                Line::of(gutter.0, gutter.1).and(Role::Dim, format!("Cc {}", all.join(", "))),
            );
        }
        if let Some(reply_to) = &message.reply_to {
            lines.push(Line::of(gutter.0, gutter.1).and(
                Role::Warning,
                format!("wants answers at {}", reply_to.address),
            ));
        }
    }

    fn lay_out_body(
        &self,
        message: &Message,
        columns: usize,
        gutter: (Role, &'static str),
        look: &Look<'_>,
        blocks: &mut Vec<Block>,
    ) {
        if message.body.is_empty() {
            return;
        }
        let split = crate::text::quote::split_quote(&message.body);
        let own = message
            .body
            .get(split.body.clone())
            .unwrap_or(&message.body)
            .trim_end();
        let role = if message.direction == Direction::Note {
            Role::Note
        } else {
            Role::Text
        };
        blocks.push(Block::Text {
            index: WrapIndex::new(own, columns),
            gutter,
            role,
        });
        let quoted = message
            .body
            .get(split.body.end..)
            .unwrap_or("")
            .trim_matches('\n');
        if !quoted.is_empty() {
            if self.unfolded {
                blocks.push(Block::Text {
                    index: WrapIndex::new(quoted, columns),
                    gutter,
                    role: Role::Quote,
                });
            } else {
                let count = quoted.lines().count();
                let mark = if look.plain { "..." } else { "⋯" };
                blocks.push(Block::Lines(vec![Line::of(gutter.0, gutter.1).and(
                    Role::Quote,
                    format!("{mark} {count} quoted lines, z unfolds"),
                )]));
            }
        }
        for found in links::find(own)
            .into_iter()
            .filter(|found| found.link.needs_note())
            .take(8)
        {
            blocks.push(Block::Lines(vec![
                Line::of(gutter.0, gutter.1).and(Role::Warning, found.link.label(columns)),
            ]));
        }
    }

    fn delivery(&self, message: &Message, look: &Look<'_>) -> Line {
        if let Some(row) = self.unsent(message) {
            return outbox_words(row, look.now);
        }
        let Some(delivery) = &message.delivery else {
            return Line::default();
        };
        let at = clock::time(delivery.at, look.tz);
        match delivery.state {
            DeliveryState::Pending => Line::of(Role::Draft, "in the outbox"),
            DeliveryState::Unknown => Line::of(Role::Urgent, "not known whether it was sent"),
            DeliveryState::Sent => Line::of(Role::Dim, if look.plain { "sent" } else { "✓ sent" }),
            DeliveryState::Delivered => Line::of(
                Role::Dim,
                if look.plain {
                    "delivered"
                } else {
                    "✓✓ delivered"
                },
            ),
            DeliveryState::Read => Line::of(
                Role::Good,
                format!("{}read {at}", if look.plain { "" } else { "✓✓ " }),
            ),
            DeliveryState::Failed => {
                let why = delivery
                    .detail
                    .clone()
                    .unwrap_or_else(|| "no reason given".to_owned());
                Line::of(Role::Urgent, format!("failed: {why}"))
            }
        }
    }

    fn unsent(&self, message: &Message) -> Option<&OutboxRow> {
        let id = message.outbox?;
        self.detail
            .as_ref()?
            .unsent
            .iter()
            .find(|row| row.out.id == id)
    }

    /// Why the newest message is here, in sentences.
    pub fn why(&self) -> Vec<String> {
        let Some(message) = self.newest_inbound().or_else(|| self.newest()) else {
            return vec!["There is no message yet.".to_owned()];
        };
        let here = match &message.threaded_by {
            ThreadedBy::OwnReference { id } => format!("It answers a message that we sent ({id})."),
            ThreadedBy::References { id } => {
                format!("Its References name a message of this conversation ({id}).")
            }
            ThreadedBy::Provider { id } => format!("The provider keeps it in this thread ({id})."),
            ThreadedBy::Subject { base } => format!(
                "Same sender, same mailbox, same subject (“{base}”), less than 30 days apart."
            ),
            ThreadedBy::First => "It is the first message of its conversation.".to_owned(),
            ThreadedBy::Agent => "An agent put it here.".to_owned(),
        };
        let mut all = vec![here];
        if let Some(detail) = &self.detail {
            for identity in &detail.contact.identities {
                let how = if identity.verified {
                    "the provider vouches for it"
                } else {
                    "claimed by the sender, not verified"
                };
                all.push(format!("{} {}: {how}.", identity.channel, identity.address));
            }
        }
        all
    }

    /// Draws title and visible lines.
    pub fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        if area.width == 0 || area.height == 0 {
            return;
        }
        self.draw_title(look, paint::row(area, 0), buffer);
        let body = Rect {
            y: area.y + 1,
            height: area.height - 1,
            x: area.x + 1,
            width: area.width.saturating_sub(1),
        };
        if let Some(error) = &self.error {
            let words = Line::of(Role::Urgent, error.clone());
            paint::line(buffer, look.theme, paint::row(body, 1), &words);
            return;
        }
        if !self.loaded {
            return;
        }
        let first = self
            .lines
            .saturating_sub(self.height)
            .saturating_sub(self.up);
        let mut at = 0;
        let mut y = 0;
        for block in &self.blocks {
            let end = at + block.len();
            while at.max(first + y) < end && y < usize::from(body.height) {
                let index = first + y - at;
                paint::line(buffer, look.theme, paint::row(body, y), &block.line(index));
                y += 1;
            }
            at = end;
            if y >= usize::from(body.height) {
                break;
            }
        }
    }

    fn draw_title(&self, look: &Look<'_>, row: Rect, buffer: &mut Buffer) {
        let Some(c) = self.conversation() else {
            paint::line(
                buffer,
                look.theme,
                row,
                &Line::of(Role::Dim, format!(" #{} reading …", self.id)),
            );
            return;
        };
        let role = if look.focused {
            Role::Accent
        } else {
            Role::Text
        };
        let mut title = Line::of(role, format!(" {}", c.contact_name));
        title.push(Role::Dim, format!(" · {}", c.channel));
        if c.contact_address != c.contact_name {
            title.push(Role::Dim, format!(" {}", c.contact_address));
        }
        let mut end = Line::default();
        if self.up > 0 {
            end.push(Role::Warning, format!("{} lines below  ", self.up));
        }
        end.push(Role::Dim, format!("#{} ", c.id));
        let room = row
            .width
            .saturating_sub(u16::try_from(end.width() + 1).unwrap_or(0));
        paint::line(buffer, look.theme, Rect { width: room, ..row }, &title);
        paint::right(buffer, look.theme, row, &end);
    }
}

fn author_name(author: &Author, look: &Look<'_>) -> String {
    match author {
        Author::Customer { name, .. } => name.clone(),
        Author::Agent { name } if name == look.me => "you".to_owned(),
        Author::Agent { name } if name.is_empty() => "us, from elsewhere".to_owned(),
        Author::Agent { name } | Author::System { name } => name.clone(),
    }
}

/// What the outbox says of a row, in words.
pub fn outbox_words(row: &OutboxRow, now: Timestamp) -> Line {
    let due = row.due_at.map_or(0, |due| due.since(now));
    let reason = row.reason.clone().unwrap_or_default();
    match row.state {
        OutboxState::Held => Line::of(Role::Draft, format!("held {}", clock::span(due))),
        OutboxState::Queued if due > 60_000 => {
            Line::of(Role::Draft, format!("leaves in {}", clock::span(due)))
        }
        OutboxState::Queued => Line::of(Role::Draft, "queued"),
        OutboxState::Sending => Line::of(Role::Draft, "sending"),
        OutboxState::Sent => Line::of(Role::Dim, "sent"),
        OutboxState::Retry => Line::of(
            Role::Warning,
            format!("try {} in {}: {reason}", row.attempts + 1, clock::span(due)),
        ),
        OutboxState::Failed => Line::of(Role::Urgent, format!("not sent: {reason}")),
        OutboxState::Unknown => Line::of(
            Role::Urgent,
            format!("not known whether it was sent: {reason}"),
        ),
        OutboxState::Cancelled => Line::of(Role::Dim, "taken back"),
        OutboxState::Attention => Line::of(Role::Urgent, format!("needs attention: {reason}")),
    }
}

fn attachment_line(attachment: &Attachment) -> String {
    let size = crate::text::human::size(attachment.size);
    let here = if attachment.stored {
        ""
    } else {
        ", not fetched"
    };
    format!("[{}] {size}{here}", attachment.name)
}

fn divider(words: &str, columns: usize, plain: bool) -> Line {
    let mark = if plain { "-" } else { "─" };
    let used = crate::text::width::width(words) + 4;
    Line::of(Role::Line, mark.repeat(2))
        .and(Role::Dim, format!(" {words} "))
        .and(
            Role::Line,
            mark.repeat(columns.saturating_sub(used).min(60)),
        )
}

fn action_line(entry: &Entry, look: &Look<'_>) -> Line {
    let who = entry.actor.name();
    let who = if who == look.me { "you" } else { who };
    let words = entry
        .detail
        .get("says")
        .and_then(serde_json::Value::as_str)
        .unwrap_or(&entry.verb);
    Line::of(
        Role::Dim,
        format!("  · {who}: {words}  {}", clock::time(entry.at, look.tz)),
    )
}

fn lay_out_proposal(proposal: &Proposal, columns: usize, look: &Look<'_>, blocks: &mut Vec<Block>) {
    let sources: Vec<_> = proposal
        .evidence
        .iter()
        .map(|evidence| evidence.source.as_str())
        .collect();
    let mut seen = Vec::new();
    for source in sources {
        if !seen.contains(&source) {
            seen.push(source);
        }
    }
    let title = Line::of(
        Role::Draft,
        format!("draft by the assistant · {} ", proposal.confidence.name()),
    )
    .and(Role::Dim, seen.join(", "));
    blocks.push(Block::Lines(vec![Line::default(), title]));
    let gutter = (Role::Draft, if look.plain { "d " } else { "┃ " });
    blocks.push(Block::Text {
        index: WrapIndex::new(proposal.body.as_str(), columns),
        gutter,
        role: Role::Text,
    });
    let mut after: Vec<Line> = proposal
        .gates
        .iter()
        .filter(|gate| gate.verdict != Verdict::Pass)
        .map(|gate| {
            let role = if gate.verdict == Verdict::Block {
                Role::Urgent
            } else {
                Role::Warning
            };
            Line::of(gutter.0, gutter.1).and(role, format!("{}: {}", gate.gate, gate.reason))
        })
        .collect();
    after.push(
        Line::of(gutter.0, gutter.1)
            .and(Role::Key, "D")
            .and(Role::Dim, " decides: approve, edit, reject, redraft, why"),
    );
    blocks.push(Block::Lines(after));
}
