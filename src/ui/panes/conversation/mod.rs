//! An open conversation: its messages as blocks of lines, of which only the visible ones are ever drawn.

mod blocks;
mod deeds;
mod layout;
mod source;
mod title;
mod words;

pub use source::OpenSource;
pub use words::outbox_words;

use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use crate::model::query::{ConversationDetail, MessagePage};
use crate::model::{Conversation, ConversationId, Direction, Message, MessageId, Timestamp};
use crate::text::links;
use blocks::{Block, Wraps};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Messages asked for at once.
pub const PAGE: u32 = 30;
/// Messages asked for at once while one that was found is looked for.
pub const SEEKING: u32 = 300;
/// Columns that text does not take: the gutter, and one at either side.
const GUTTER: usize = 4;

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
    /// Some message has a file or a link.
    pub openable: bool,
    /// Quoted text is shown.
    pub unfolded: bool,
    /// The contact's other channels are shown in between.
    pub all_channels: bool,
    /// The assistant's draft is shown below the messages.
    pub shows_proposal: bool,
    /// The source of a message instead of all.
    pub source: Option<OpenSource>,
    /// The newest message when the agent last looked: a line is drawn after it.
    pub seen_to: Option<MessageId>,
    /// A message that was found by a search and is shown.
    pub reveal: Option<MessageId>,
    revealed: bool,
    blocks: Vec<Block>,
    wraps: Wraps,
    starts: Vec<(MessageId, usize)>,
    lines: usize,
    height: usize,
}

/// What drawing and laying out need to know.
#[derive(Clone, Copy)]
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
    /// Some message repeats an earlier one, which is folded unless wanted.
    pub fn has_quotes(&self) -> bool {
        let quotes = |body: &str| !crate::text::quote::split_quote(body).quoted.is_empty();
        self.messages.iter().any(|message| quotes(&message.body))
    }

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
            openable: false,
            unfolded: false,
            all_channels: false,
            shows_proposal: true,
            source: None,
            seen_to: None,
            reveal: None,
            revealed: false,
            blocks: Vec::new(),
            wraps: Wraps::default(),
            starts: Vec::new(),
            lines: 0,
            height: 0,
        }
    }

    /// All of it was read, or could not be.
    pub fn is_read(&self) -> bool {
        self.error.is_some() || (self.loaded && self.detail.is_some())
    }

    /// The conversation, once read.
    pub fn conversation(&self) -> Option<&Conversation> {
        self.detail.as_ref().map(|detail| &detail.conversation)
    }

    /// The newest message that is not a note.
    pub fn newest(&self) -> Option<&Message> {
        let mut newest = self.own();
        newest.find(|message| message.direction != Direction::Note)
    }

    /// The newest message of the customer.
    pub fn newest_inbound(&self) -> Option<&Message> {
        let mut newest = self.own();
        newest.find(|message| message.direction == Direction::Inbound)
    }

    /// The messages of this conversation, newest first: those of others are only shown in between.
    fn own(&self) -> impl Iterator<Item = &Message> {
        let here = self.conversation().map_or(self.id, |own| own.id);
        let own = move |message: &&Message| !self.all_channels || message.conversation == here;
        self.messages.iter().rev().filter(own)
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
            let mut kept = std::mem::take(&mut self.messages);
            let cut = kept
                .iter()
                .position(|message| Some(message.id) == first)
                .unwrap_or(0);
            kept.truncate(cut);
            self.older |= !kept.is_empty();
            kept.extend(page.messages);
            self.messages = kept;
        }
        let leads = |one: &Message| !one.attachments.is_empty() || links::any(&one.body);
        self.openable = self.messages.iter().any(leads);
        self.loaded = true;
    }

    /// A message that was found and is further back than what was read: older ones are wanted.
    pub fn seeks(&self) -> bool {
        self.older
            && self
                .reveal
                .is_some_and(|wanted| self.messages.iter().all(|message| message.id != wanted))
    }

    /// Shows a message, once it is here.
    pub fn show_message(&mut self, id: MessageId) {
        self.reveal = Some(id);
        self.revealed = false;
    }

    /// Scrolls by lines, up being positive. True when older messages should be asked for.
    pub fn scroll(&mut self, up: isize) -> bool {
        let most = self.most_up();
        self.up = self.up.saturating_add_signed(up).min(most);
        self.older && self.up == most
    }

    /// To the very end, or to the first line that is here. True when older messages should be asked for.
    pub fn scroll_to(&mut self, end: bool) -> bool {
        self.up = if end { 0 } else { self.most_up() };
        !end && self.older
    }

    /// A page of lines.
    pub fn page(&self) -> isize {
        isize::try_from(self.height.saturating_sub(2).max(1)).unwrap_or(1)
    }

    fn most_up(&self) -> usize {
        self.lines.saturating_sub(self.height)
    }

    /// Lays the messages out for a pane of this size.
    pub fn lay_out(&mut self, width: u16, height: u16, look: &Look<'_>) {
        let before = self.lines;
        let was_up = self.up > 0;
        self.height = usize::from(height.saturating_sub(title::rows(height)));
        let columns = usize::from(width).saturating_sub(GUTTER).max(8);
        if let Some(source) = &mut self.source {
            self.blocks = source.blocks(columns, look.plain);
            self.starts.clear();
        } else {
            self.lay_out_messages(columns, look);
        }
        self.lines = self.blocks.iter().map(Block::len).sum();
        if was_up && before > 0 && self.lines > before {
            // What the agent reads stays where it is while something comes in below.
            self.up += self.lines - before;
        }
        if let (Some(wanted), false) = (self.reveal, self.revealed)
            && let Some((_, start)) = self.starts.iter().find(|(id, _)| *id == wanted)
        {
            self.up = self.lines.saturating_sub(start + self.height);
            self.revealed = true;
        }
        self.up = self.up.min(self.most_up());
    }

    /// Why the newest message is here, in sentences.
    pub fn why(&self) -> Vec<String> {
        match self.newest_inbound().or_else(|| self.newest()) {
            Some(message) => words::why(message, self.detail.as_ref()),
            None => vec!["There is no message yet.".to_owned()],
        }
    }

    /// Draws title and visible lines.
    pub fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        if area.width == 0 || area.height == 0 {
            return;
        }
        let rows = title::rows(area.height);
        self.draw_title(
            look,
            Rect {
                height: rows,
                ..area
            },
            buffer,
        );
        let body = Rect {
            x: area.x + 1,
            y: area.y + rows,
            width: area.width.saturating_sub(1),
            height: area.height - rows,
        };
        if let Some(error) = &self.error {
            let words = format!("This conversation cannot be shown: {error}");
            paint::sentence(buffer, look.theme, body, Role::Urgent, &words);
            return;
        }
        if !self.loaded {
            paint::line(buffer, look.theme, body, &Line::of(Role::Dim, "reading …"));
            return;
        }
        if self.messages.is_empty() {
            let words = "No message is here yet.";
            paint::sentence(buffer, look.theme, body, Role::Dim, words);
        }
        let first = self.most_up().saturating_sub(self.up);
        let mut at = 0;
        let mut y = 0;
        for block in &self.blocks {
            let end = at + block.len();
            while at.max(first + y) < end && y < usize::from(body.height) {
                let line = block.line(first + y - at);
                paint::line(buffer, look.theme, paint::row(body, y), &line);
                y += 1;
            }
            at = end;
            if y >= usize::from(body.height) {
                break;
            }
        }
    }
}
