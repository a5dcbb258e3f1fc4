//! From messages, actions and the assistant's draft to blocks of lines.

use super::super::super::clock;
use super::super::super::paint::{self, Line};
use super::super::super::theme::Role;
use super::blocks::{Block, Gutter, draft_gutter, gutter};
use super::{Look, OpenConversation, deeds, words};
use crate::model::approval::{Proposal, Verdict};
use crate::model::message::Content;
use crate::model::{Channel, Direction, Message, Transcript};

/// Bytes of a machine's transcript that are shown among the messages.
const TRANSCRIPT: usize = 8_000;

impl OpenConversation {
    /// All blocks in order; notes at which line each message begins.
    pub(super) fn lay_out_messages(&mut self, columns: usize, look: &Look<'_>) {
        let mut blocks = Vec::new();
        let mut starts = Vec::new();
        let (mut counted, mut lines) = (0, 0);
        let mut wraps = std::mem::take(&mut self.wraps);
        wraps.keep(&self.messages);
        if self.older {
            blocks.push(Block::Lines(vec![Line::of(
                Role::Dim,
                "  older messages are above: k, C-u or gg brings them",
            )]));
        }
        if self.all_channels
            && let Some(c) = self.conversation()
        {
            let words = format!(
                "all channels of {} · an answer goes to #{}, {} {} · T shows this one alone",
                c.contact_name, c.id, c.channel, c.contact_address
            );
            let rows = paint::wrapped(&Line::of(Role::Accent, words), columns);
            blocks.push(Block::Lines(rows));
        }
        let actions = self.detail.iter().flat_map(|detail| &detail.actions);
        let first = self.messages.first().map(|message| message.at);
        let mut actions = actions
            .filter(|entry| !self.older || first.is_none_or(|first| entry.at >= first))
            .peekable();
        let mut before: Option<&Message> = None;
        for message in &self.messages {
            while let Some(entry) = actions.next_if(|entry| entry.at < message.at) {
                blocks.extend(deeds::lines(entry, columns, look).map(Block::Lines));
            }
            if before.is_none_or(|before| !clock::same_day(before.at, message.at, look.tz)) {
                let day = clock::day(message.at, look.now, look.tz);
                blocks.push(Block::Lines(vec![words::divider(
                    &day, columns, look.plain,
                )]));
            }
            if self.seen_to.is_some() && before.map(|before| before.id) == self.seen_to {
                let since = |other: &&Message| {
                    other.direction == Direction::Inbound && other.id >= message.id
                };
                let new = self.messages.iter().filter(since).count();
                if new > 0 {
                    let line = words::divider(&format!("{new} new"), columns, look.plain);
                    blocks.push(Block::Lines(vec![line]));
                }
            }
            lines += blocks[counted..].iter().map(Block::len).sum::<usize>();
            counted = blocks.len();
            starts.push((message.id, lines));
            self.lay_out_head(message, columns, look, &mut blocks);
            wraps.body(message, columns, self.unfolded, look, &mut blocks);
            lay_out_tail(message, columns, look, &mut blocks);
            before = Some(message);
        }
        for entry in actions {
            blocks.extend(deeds::lines(entry, columns, look).map(Block::Lines));
        }
        let proposal = self
            .detail
            .as_ref()
            .and_then(|detail| detail.proposal.as_ref());
        if let Some(proposal) = proposal.filter(|_| self.shows_proposal) {
            lay_out_proposal(proposal, columns, look, &mut blocks);
        }
        self.wraps = wraps;
        self.starts = starts;
        self.blocks = blocks;
    }

    /// The address of this mail's sender was vouched for at other times, so that its absence says something.
    fn vouched_elsewhere(&self, message: &Message) -> bool {
        let Some(detail) = &self.detail else {
            return false;
        };
        let mut known = detail.contact.identities.iter();
        message.direction == Direction::Inbound
            && (known.any(|one| one.channel == message.channel && one.verified)
                || !detail.contact.merges.is_empty())
    }

    fn lay_out_head(
        &self,
        message: &Message,
        columns: usize,
        look: &Look<'_>,
        blocks: &mut Vec<Block>,
    ) {
        let gutter = gutter(message.direction, look.plain);
        let name = words::author(&message.author, look);
        let name = match message.direction {
            Direction::Note => format!("note · {name}"),
            Direction::Inbound | Direction::Outbound => name,
        };
        let mut head = Line::of(gutter.0, gutter.1)
            .and(gutter.0, name)
            .and(Role::Dim, format!("  {}", clock::time(message.at, look.tz)));
        if self.all_channels
            || self
                .conversation()
                .is_some_and(|c| c.channel != message.channel)
        {
            head.push(Role::Dim, format!(" · {}", message.channel));
        }
        if self
            .conversation()
            .is_some_and(|c| c.id != message.conversation)
        {
            head.push(Role::Link, format!(" #{}", message.conversation));
        }
        if message.unvouched && self.vouched_elsewhere(message) {
            head.push(Role::Urgent, " · sender not verified");
        }
        if message.edited {
            head.push(Role::Dim, " · edited");
        }
        if message.gone {
            head.push(Role::Warning, " · deleted at the provider");
        }
        if let Some((role, word)) = words::kind(message.kind) {
            head.push(Role::Dim, " · ");
            head.push(role, word);
        }
        let row = message.outbox.and_then(|id| {
            let mut unsent = self.detail.iter().flat_map(|detail| &detail.unsent);
            unsent.find(|row| row.out.id == id)
        });
        let state = words::delivery(message, row, look);
        if !state.0.is_empty() {
            head.push(Role::Dim, "  ");
            head.0.extend(state.0);
        }
        if self.reveal == Some(message.id) {
            head.push(Role::Text, "  ");
            head.push(Role::Match, "found");
        }
        let mut lines = vec![Line::default()];
        let mut heads = paint::wrapped(&head, columns + 2).into_iter();
        lines.extend(heads.next());
        lines.extend(heads.map(|line| {
            let mut whole = Line::of(gutter.0, gutter.1);
            whole.0.extend(line.0);
            whole
        }));
        let mut add =
            |role, words: String| lines.push(Line::of(gutter.0, gutter.1).and(role, words));
        let first = self.messages.first().map(|first| first.id);
        if first == Some(message.id) && !message.subject.is_empty() {
            add(Role::Accent, message.subject.clone());
        }
        if message.direction != Direction::Note && !message.cc.is_empty() {
            let all: Vec<_> = message
                .cc
                .iter()
                .map(|party| party.address.as_str())
                .collect();
            add(Role::Dim, format!("Cc {}", all.join(", ")));
        }
        if let Some(reply_to) = &message.reply_to {
            add(
                Role::Warning,
                format!("wants answers at {}", reply_to.address),
            );
        }
        blocks.push(Block::Lines(lines));
        if let Some((role, words)) = content(message, look.plain) {
            blocks.push(Block::sentence(gutter, role, &words, columns));
        }
    }
}

/// What a message is made of, where that is not just text.
fn content(message: &Message, plain: bool) -> Option<(Role, String)> {
    Some(match &message.content {
        Content::Text | Content::Html => return None,
        Content::Voice { millis } => {
            let mut made = message
                .attachments
                .iter()
                .filter_map(|file| file.transcript.as_ref());
            let what = match made.next() {
                _ if !message.body.is_empty() => "transcript",
                Some(Transcript::Done { .. }) => "transcript (machine)",
                Some(Transcript::Waiting { .. }) => "not transcribed yet",
                Some(Transcript::Failed { .. }) => "not transcribed",
                None => "no transcript",
            };
            let length = clock::span(i64::from(*millis));
            (Role::Dim, format!("voice note {length} · {what}"))
        }
        Content::Call { millis: 0 } => (Role::Warning, "missed call".to_owned()),
        Content::Call { millis } => {
            let length = clock::span(i64::from(*millis));
            (Role::Dim, format!("call of {length}"))
        }
        Content::Review { stars } => {
            let stars = usize::from(*stars).min(5);
            let shown = if plain {
                String::new()
            } else {
                format!("{}{} ", "★".repeat(stars), "☆".repeat(5 - stars))
            };
            (Role::Warning, format!("{shown}{stars} of 5 stars"))
        }
        Content::Unsupported { what } => (
            Role::Warning,
            format!(
                "a kind of message that frontdesk does not know ({what}); v shows its raw form"
            ),
        ),
        Content::Unreadable { reason } => (
            Role::Warning,
            format!("could not be read ({reason}); v shows its raw form"),
        ),
    })
}

/// What stands below a message's text.
fn lay_out_tail(message: &Message, columns: usize, look: &Look<'_>, blocks: &mut Vec<Block>) {
    let gutter = gutter(message.direction, look.plain);
    for attachment in message.attachments.iter().filter(|one| !one.inline) {
        let words = words::attachment(attachment);
        blocks.push(Block::line_of(gutter, Role::Link, words));
        if let Some(warning) = attachment.warning() {
            blocks.push(Block::sentence(gutter, Role::Warning, &warning, columns));
        }
        if let Some(transcript) = &attachment.transcript
            && !told(message)
        {
            lay_out_transcript(transcript, gutter, columns, blocks);
        }
    }
    if message.hidden > 0 {
        let what = match message.hidden {
            1 => "character",
            _ => "characters",
        };
        let words = format!(
            "{} hidden {what} taken out; v shows the raw form",
            message.hidden
        );
        blocks.push(Block::sentence(gutter, Role::Warning, &words, columns));
    }
    if !message.reactions.is_empty() {
        let all: Vec<_> = message
            .reactions
            .iter()
            .map(|(who, emoji)| format!("{emoji} {who}"))
            .collect();
        blocks.push(Block::line_of(gutter, Role::Dim, all.join("  ")));
    }
}

/// The vendor told what is said in it: that is the text of a voicemail.
fn told(message: &Message) -> bool {
    message.channel == Channel::Voice && !message.body.is_empty()
}

/// What a machine heard, marked as that; or why there is nothing.
fn lay_out_transcript(
    transcript: &Transcript,
    gutter: Gutter,
    columns: usize,
    blocks: &mut Vec<Block>,
) {
    let mut say = |role, words: &str| blocks.push(Block::sentence(gutter, role, words, columns));
    match transcript {
        Transcript::Done { text } if text.is_empty() => {
            say(Role::Dim, "transcript (machine): nobody speaks");
        }
        Transcript::Done { text } => {
            say(Role::Dim, "transcript (machine):");
            let shown = text.floor_char_boundary(TRANSCRIPT);
            say(Role::Text, &text[..shown]);
            if shown < text.len() {
                say(
                    Role::Dim,
                    "it goes on; look at the file with o to read all of it",
                );
            }
        }
        Transcript::Waiting { says } if says.is_empty() => {
            say(Role::Dim, "waits to be transcribed");
        }
        Transcript::Waiting { says } => {
            say(
                Role::Warning,
                &format!("not transcribed yet, it will be tried again: {says}"),
            );
        }
        Transcript::Failed { says } => {
            say(
                Role::Warning,
                &format!("not transcribed: {says}; o lets you try again"),
            );
        }
    }
}

/// The pending draft of the assistant, framed by us.
fn lay_out_proposal(proposal: &Proposal, columns: usize, look: &Look<'_>, blocks: &mut Vec<Block>) {
    let gutter = draft_gutter(look.plain);
    let mut sources: Vec<&str> = Vec::new();
    for evidence in &proposal.evidence {
        if !sources.contains(&evidence.source.as_str()) {
            sources.push(&evidence.source);
        }
    }
    let words = format!("draft by the assistant · {}", proposal.confidence.name());
    let mut title = vec![
        Line::of(gutter.0, gutter.1).and(Role::Draft, words),
        Line::of(Role::Draft, " confidence"),
    ];
    if !sources.is_empty() {
        title.push(Line::of(Role::Dim, format!(" · {}", sources.join(", "))));
    }
    let title = paint::fitting(title, columns + 2);
    blocks.push(Block::Lines(vec![Line::default(), title]));
    blocks.push(Block::sentence(gutter, Role::Text, &proposal.body, columns));
    for gate in &proposal.gates {
        let role = match gate.verdict {
            Verdict::Pass => continue,
            Verdict::Warn => Role::Warning,
            Verdict::Block => Role::Urgent,
        };
        let words = format!("{}: {}", gate.gate, gate.reason);
        blocks.push(Block::sentence(gutter, role, &words, columns));
    }
    blocks.push(Block::Lines(vec![
        Line::of(gutter.0, gutter.1)
            .and(Role::Key, "D")
            .and(Role::Dim, " decide on it"),
    ]));
}
