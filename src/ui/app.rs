//! The state of the screen, and the questions that any part of it may ask.

use super::action::Scope;
use super::ahead::Ahead;
use super::effect::{Effect, ReqId};
use super::key::Key;
use super::layout::{self, Width};
use super::msg::{EngineState, NoticeKind};
use super::notice::Notice;
use super::overlays::Overlay;
use super::panes::approvals::{self, Approvals};
use super::panes::composer::Composer;
use super::panes::conversation::{self, OpenConversation};
use super::panes::list::{Asked, ConversationList};
use super::panes::review::Review;
use super::panes::rows::Rows;
use super::panes::search::Search;
use super::panes::sidebar::{self, Target};
use super::setting_up::SettingUp;
use super::setup::Setup;
use crate::model::query::{Counts, OutboxRow, SourceForm, View};
use crate::model::time::{MINUTE, SECOND};
use crate::model::{
    AccountHealth, Command, Conversation, ConversationId, Draft, Escalation, MessageId, ProposalId,
    Query, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// After so long a prefix shows what may follow, in milliseconds.
const WHICH_KEY_AFTER: i64 = 600;

/// Which of the main screens is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A list of conversations and one of them.
    Lists,
    /// The queue of approvals.
    Approvals,
    /// The outbox.
    Outbox,
    /// Pages.
    Pages,
    /// My unsent texts.
    Drafts,
    /// How the accounts are.
    Health,
    /// Search.
    Search,
}

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    Sidebar,
    List,
    Detail,
}

/// What an answer is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Waiting {
    Counts,
    List(Asked),
    Detail(ConversationId),
    Messages(ConversationId, bool),
    Search,
    Outbox,
    Approvals,
    /// The draft before this one.
    Before(ProposalId),
    Pages,
    Drafts,
    Health,
    Source(MessageId, SourceForm),
    Preview,
    /// What is to be marked in this view.
    Mark(View),
    Labels,
    Canned,
    /// Templates to choose from.
    Templates,
    /// The save of this composer.
    Save(u64),
    /// The last save of this composer, which was left.
    Leave(u64),
    /// Moving this composer's text to another channel.
    Move(u64),
    /// Queueing what this composer holds.
    Queue(u64),
    Decide,
    Act,
    /// Whom the accounts know, for a page about this conversation, or for a line that is typed.
    People(Option<ConversationId>),
    /// A page about this conversation; the line that asks for it, to be mended where it is refused.
    Page(ConversationId, String),
    /// Giving a conversation to somebody while its draft is being decided on.
    Reassign,
    /// This composer's text is in the editor.
    Edit(u64),
    /// A file for this composer.
    Attach(u64),
    Quiet,
    /// The newest conversations of an account that was just set up.
    FirstMessages,
}
/// The whole state.
#[derive(Debug)]
pub struct App {
    pub(super) setup: Setup,
    pub(super) now: Timestamp,
    pub(super) size: (u16, u16),
    pub(super) engine: EngineState,
    pub(super) place: Place,
    pub(super) focus: Focus,
    /// The screen to come back to when the conversation that was opened from it is left.
    pub(super) came_from: Option<Target>,
    pub(super) list: ConversationList,
    pub(super) open: Option<OpenConversation>,
    pub(super) composer: Option<Composer>,
    /// When and where the customer was last shown that somebody writes.
    pub(super) shown_typing: Option<(ConversationId, Timestamp)>,
    /// How many composers there were.
    pub(super) composers: u64,
    /// What the conversation pane showed before, and until when at most it stays while the next one is read.
    pub(super) lingering: Option<(OpenConversation, Timestamp)>,
    /// A composer that was left while its last save was on its way; it comes back if that fails.
    pub(super) leaving: Option<Composer>,
    /// Composers that were thrown away before their first save was answered.
    pub(super) abandoned: BTreeSet<u64>,
    pub(super) review: Option<Review>,
    pub(super) approvals: Approvals,
    pub(super) outbox: Rows<OutboxRow>,
    pub(super) pages: Rows<Escalation>,
    pub(super) drafts: Rows<(Draft, Option<Conversation>)>,
    pub(super) health: Rows<AccountHealth>,
    pub(super) search: Search,
    pub(super) counts: Counts,
    pub(super) sidebar: usize,
    pub(super) contact: bool,
    /// Lines of the contact that are scrolled away.
    pub(super) contact_down: usize,
    pub(super) overlays: Vec<Overlay>,
    pub(super) keys: Vec<Key>,
    pub(super) keys_since: Timestamp,
    pub(super) notice: Option<Notice>,
    /// How many there were.
    pub(super) notices: u64,
    /// How many there were when an overlay opened over the panes.
    pub(super) notices_below: u64,
    pub(super) last: Option<Command>,
    pub(super) waiting: BTreeMap<ReqId, Waiting>,
    /// Asked again once the answer on its way has come.
    pub(super) stale: Vec<Waiting>,
    /// Keys that were typed before what they are about was read.
    pub(super) ahead: Option<Ahead>,
    pub(super) next_id: u64,
    pub(super) effects: Vec<Effect>,
    /// By which names those can be paged whom the accounts know beside the roster; none before they were asked.
    pub(super) off_roster: Option<Vec<String>>,
    /// The vault is locked, and accounts need it.
    pub(super) vault_locked: bool,
    /// An account that was left half set up.
    pub(super) set_aside: Option<Box<SettingUp>>,
    /// How many accounts were tried, tested or saved.
    pub(super) setup_runs: u64,
}

impl App {
    /// The screen at its start, and what it wants to know first.
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let mut app = Self {
            now: setup.now,
            size: setup.size,
            engine: EngineState::default(),
            place: Place::Lists,
            focus: Focus::List,
            came_from: None,
            list: ConversationList::new(&setup.me, setup.sort),
            open: None,
            composer: None,
            shown_typing: None,
            composers: 0,
            lingering: None,
            leaving: None,
            abandoned: BTreeSet::new(),
            review: None,
            approvals: Approvals::default(),
            outbox: Rows::default(),
            pages: Rows::default(),
            drafts: Rows::default(),
            health: Rows::default(),
            search: Search::default(),
            counts: Counts::default(),
            sidebar: 0,
            contact: false,
            contact_down: 0,
            overlays: Vec::new(),
            keys: Vec::new(),
            keys_since: setup.now,
            notice: None,
            notices: 0,
            notices_below: 0,
            last: None,
            waiting: BTreeMap::new(),
            stale: Vec::new(),
            ahead: None,
            next_id: 0,
            effects: Vec::new(),
            off_roster: None,
            vault_locked: false,
            set_aside: None,
            setup_runs: 0,
            setup,
        };
        app.list.accounts = app.knows_accounts();
        app.resized();
        app.reload();
        app.refresh(Waiting::Health);
        if let Some(first) = app.setup.warnings.first().cloned() {
            let more = app.setup.warnings.len() - 1;
            let more = if more > 0 {
                format!(" (and {more} more: g h)")
            } else {
                String::new()
            };
            app.say(NoticeKind::Warning, format!("configuration: {first}{more}"));
        }
        let effects = std::mem::take(&mut app.effects);
        (app, effects)
    }

    /// When something on the screen changes by time alone.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let mut wakes = vec![Timestamp((self.now.0 / MINUTE + 1) * MINUTE)];
        if let Some(release) = self.counts.next_release
            && release > self.now
            && release.since(self.now) < 2 * MINUTE
        {
            wakes.push(Timestamp((self.now.0 / SECOND + 1) * SECOND));
        }
        if !self.keys.is_empty() && !self.shows_which_key() {
            wakes.push(self.keys_since + WHICH_KEY_AFTER);
        }
        if let Some(notice) = &self.notice {
            wakes.push(notice.until);
        }
        if let Some(ahead) = &self.ahead {
            wakes.push(ahead.until());
        }
        if let Some((_, until)) = &self.lingering {
            wakes.push(*until);
        }
        wakes.into_iter().filter(|wake| *wake > self.now).min()
    }

    /// A prefix has waited long enough to show what may follow.
    pub(super) fn shows_which_key(&self) -> bool {
        !self.keys.is_empty() && self.now.since(self.keys_since) >= WHICH_KEY_AFTER
    }

    /// The scopes whose keys work now, innermost first.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let inner = if self.review.is_some() {
            vec![Scope::Review]
        } else if self.composer.is_some() && self.focus == Focus::Detail {
            vec![Scope::Composer]
        } else {
            match (self.place, self.focus) {
                (Place::Lists, Focus::Detail) => vec![Scope::Conversation, Scope::List],
                (Place::Lists, _) | (Place::Search, Focus::List) => {
                    vec![Scope::Conversation, Scope::List]
                }
                (Place::Search, _) => vec![Scope::Conversation, Scope::List],
                (Place::Approvals, Focus::Detail) => {
                    vec![Scope::Approvals, Scope::Conversation, Scope::List]
                }
                (Place::Approvals, _) => vec![Scope::Approvals, Scope::List],
                (Place::Outbox, _) => vec![Scope::Outbox, Scope::List],
                (Place::Pages, _) => vec![Scope::Pages, Scope::List],
                (Place::Health, _) => vec![Scope::Health, Scope::List],
                (Place::Drafts, _) => vec![Scope::List],
            }
        };
        inner.into_iter().chain([Scope::Anywhere]).collect()
    }

    /// Whether anything could ever come in. Where none can be set up, accounts are the demo's own.
    pub(super) fn knows_accounts(&self) -> bool {
        self.setup.guides.is_empty() || !self.setup.accounts.is_empty()
    }

    /// How many panes fit.
    pub(super) fn width(&self) -> Width {
        layout::width(self.size.0, self.setup.plain)
    }

    /// Where the panes are.
    pub(super) fn frame(&self) -> layout::Frame {
        let detail = self.focus == Focus::Detail || self.composer.is_some();
        let sidebar = self.focus == Focus::Sidebar;
        layout::divide(
            self.size,
            self.setup.plain,
            detail,
            sidebar,
            self.contact && self.open.is_some(),
        )
    }

    /// Where the conversation's text is; below it the composer, if there is one.
    pub(super) fn conversation_area(
        &self,
    ) -> (ratatui::layout::Rect, Option<ratatui::layout::Rect>) {
        let area = self.frame().detail;
        if self.composer.is_none() {
            return (self.above_proposal(area), None);
        }
        // The composer takes the lower half, all of it where that would be too little.
        let height = if area.height < 16 {
            area.height
        } else {
            (area.height / 2).max(9)
        };
        let top = ratatui::layout::Rect {
            height: area.height - height,
            ..area
        };
        (
            top,
            Some(ratatui::layout::Rect {
                y: top.bottom(),
                height,
                ..area
            }),
        )
    }

    /// What of this area is left above a draft that waits for a decision.
    fn above_proposal(&self, area: ratatui::layout::Rect) -> ratatui::layout::Rect {
        let current = (self.place == Place::Approvals).then(|| self.approvals.current());
        let Some((proposal, _)) = current.flatten() else {
            return area;
        };
        let width = usize::from(area.width);
        let card = super::panes::approvals::card(&self.approvals, proposal, width, &self.look());
        super::panes::approvals::divide(area, card.len() + 1).0
    }

    /// How conversations are drawn now.
    pub(super) fn look(&self) -> conversation::Look<'_> {
        conversation::Look {
            theme: &self.setup.theme,
            now: self.now,
            tz: &self.setup.tz,
            me: &self.setup.me,
            plain: self.setup.plain,
            focused: self.focus == Focus::Detail,
        }
    }

    /// Lays out what depends on sizes and contents.
    pub(super) fn resized(&mut self) {
        let frame = self.frame();
        let rows = usize::from(frame.list.height.max(frame.body.height).saturating_sub(1) / 2);
        self.list.fits(rows);
        let proposal = match self.place {
            Place::Approvals => self.approvals.current().map(|(proposal, _)| proposal.id),
            _ => None,
        };
        if self.approvals.shown.map(|(id, _)| id) != proposal {
            self.approvals.shown = proposal.map(|id| (id, self.now));
        }
        if let Some(Overlay::Preview(preview)) = self.overlays.last_mut() {
            preview.fits(frame.body.width);
        }
        self.note_seen();
        self.look_up_before(proposal);
        let (area, _) = self.conversation_area();
        let read = self.open.as_ref().is_none_or(OpenConversation::is_read);
        let now = self.now;
        self.lingering.take_if(|(_, until)| read || *until <= now);
        if let Some(mut open) = self.open.take() {
            // In the queue of approvals the draft has a card of its own.
            open.shows_proposal = self.place != Place::Approvals;
            open.lay_out(area.width, area.height, &self.look());
            self.open = Some(open);
        }
    }

    /// Asks for the draft before the one on the screen, once for each, while what changed is shown.
    fn look_up_before(&mut self, proposal: Option<ProposalId>) {
        let Some(id) = proposal.filter(|_| self.approvals.diff) else {
            return;
        };
        let known = self.approvals.before.as_ref();
        if known.is_none_or(|(of, _)| *of != id) && !self.is_waiting(&Waiting::Before(id)) {
            self.ask(Waiting::Before(id), Query::Proposal { id });
        }
    }

    /// Notes that the whole draft under the cursor was on the screen, which bulk approval asks for.
    fn note_seen(&mut self) {
        let area = self.frame().detail;
        let Some((id, since)) = self.approvals.shown else {
            return;
        };
        if area.width == 0 || self.approvals.seen.contains(&id) || self.now <= since {
            return;
        }
        let whole = self.approvals.current().is_some_and(|(proposal, _)| {
            approvals::is_seen(&self.approvals, proposal, area, &self.look())
        });
        if whole {
            self.approvals.seen.insert(id);
        }
    }

    /// The place in the sidebar's terms.
    pub(super) fn here(&self) -> Target {
        match self.place {
            Place::Lists => Target::View(self.list.view.clone()),
            Place::Search => Target::Search,
            Place::Approvals => Target::Approvals,
            Place::Outbox => Target::Outbox,
            Place::Pages => Target::Pages,
            Place::Drafts => Target::Drafts,
            Place::Health => Target::Health,
        }
    }

    /// The conversation that actions are about, if one is in view.
    pub(super) fn subject(&self) -> Option<ConversationId> {
        match self.place {
            Place::Lists if self.focus == Focus::Detail => self.open.as_ref().map(|open| open.id),
            Place::Lists => self.list.current().map(|conversation| conversation.id),
            Place::Search if self.focus == Focus::Detail => self.open.as_ref().map(|open| open.id),
            Place::Search => self.search.hits.current().map(|hit| hit.conversation.id),
            Place::Approvals => self
                .approvals
                .current()
                .map(|(_, conversation)| conversation.id),
            Place::Outbox => self.outbox.current().and_then(|row| row.out.conversation),
            Place::Pages => self.pages.current().map(|page| page.conversation),
            Place::Drafts => self
                .drafts
                .current()
                .and_then(|(draft, _)| draft.conversation),
            Place::Health => None,
        }
    }

    /// What a bulk action is about.
    pub(super) fn targets(&self) -> Vec<ConversationId> {
        if self.place == Place::Lists && !self.list.marked.is_empty() {
            return self.list.targets();
        }
        self.subject().into_iter().collect()
    }

    /// To the screen on which a conversation has a pane, remembering where the agent came from.
    pub(super) fn beside_list(&mut self) {
        if matches!(
            self.place,
            Place::Outbox | Place::Pages | Place::Drafts | Place::Health
        ) {
            self.came_from = Some(self.here());
            self.place = Place::Lists;
        }
    }

    /// Shows a message that was found, in the conversation that is open.
    pub(super) fn reveal(&mut self, message: MessageId) {
        let Some(open) = &mut self.open else { return };
        if open.reveal != Some(message) {
            open.show_message(message);
        }
        let id = open.id;
        if open.loaded && open.seeks() {
            self.refresh(Waiting::Messages(id, true));
        }
    }

    /// Keeps the preview on the row under the cursor, where there is a pane for it.
    pub(super) fn follow_cursor(&mut self) {
        if self.composer.is_some() {
            return;
        }
        let (id, found) = match self.place {
            Place::Lists => (self.list.current().map(|one| one.id), None),
            Place::Approvals => (self.approvals.current().map(|(_, one)| one.id), None),
            Place::Search => {
                let hit = self.search.hits.current();
                (
                    hit.map(|hit| hit.conversation.id),
                    hit.map(|hit| hit.message),
                )
            }
            _ => (None, None),
        };
        let narrow = self.width() == Width::Narrow;
        if narrow && self.focus != Focus::Detail && self.place != Place::Approvals {
            return;
        }
        match id {
            Some(id) => self.preview(id),
            None => self.open = None,
        }
        if let Some(message) = found {
            self.reveal(message);
        }
    }

    /// Goes to a place.
    pub(super) fn go(&mut self, target: Target) {
        self.review = None;
        self.focus = Focus::List;
        self.contact = false;
        self.came_from = None;
        self.notice
            .take_if(|notice| notice.kind == NoticeKind::Info);
        match target {
            Target::View(view) => {
                self.place = Place::Lists;
                if self.list.view != view || !self.list.filter.is_empty() {
                    self.list.show(view);
                    self.open = None;
                    self.reload();
                } else {
                    self.refresh(Waiting::List(Asked::Refresh));
                }
            }
            Target::Approvals => {
                self.place = Place::Approvals;
                self.refresh(Waiting::Approvals);
            }
            Target::Outbox => {
                self.place = Place::Outbox;
                self.refresh(Waiting::Outbox);
            }
            Target::Pages => {
                self.place = Place::Pages;
                self.refresh(Waiting::Pages);
            }
            Target::Drafts => {
                self.place = Place::Drafts;
                self.refresh(Waiting::Drafts);
            }
            Target::Health => {
                self.place = Place::Health;
                self.refresh(Waiting::Health);
            }
            Target::Search => self.place = Place::Search,
        }
        let entries = sidebar::entries(&self.counts);
        let here = self.here();
        if let Some(index) = entries
            .iter()
            .position(|(.., target)| target.as_ref() == Some(&here))
        {
            self.sidebar = index;
        }
        self.follow_cursor();
    }

    /// All places, for the palette.
    pub(super) fn places(&self) -> Vec<(String, Target)> {
        let mut places: Vec<_> = sidebar::entries(&self.counts)
            .into_iter()
            .filter_map(|(name, _, target)| Some((name, target?)))
            .collect();
        places.push(("All".to_owned(), Target::View(View::All)));
        places
    }
}
