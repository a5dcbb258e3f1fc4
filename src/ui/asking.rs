//! Asking the mirror and changing it: every request is noted with what its answer is for.

use super::app::{App, Place, Waiting};
use super::effect::{Effect, ReqId};
use super::panes::conversation::{self, OpenConversation};
use super::panes::list::Asked;
use crate::model::{Command, ConversationId, Query};

/// How long the conversation before is shown while the next one is read, in milliseconds.
const LINGERS: i64 = 150;

impl App {
    fn id(&mut self) -> ReqId {
        self.next_id += 1;
        ReqId(self.next_id)
    }

    /// Columns and rows for which everything is laid out.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Something was asked that has not been answered yet.
    pub fn awaits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Asks, noting what the answer is for.
    pub(super) fn ask(&mut self, waiting: Waiting, query: Query) {
        let id = self.id();
        self.waiting.insert(id, waiting);
        self.effects.push(Effect::Ask { id, query });
    }

    /// Does, noting what the result is for.
    pub(super) fn act(&mut self, waiting: Waiting, command: Command) {
        let id = self.id();
        self.waiting.insert(id, waiting);
        self.effects.push(Effect::Do { id, command });
    }

    /// Another request, made by `make` from its number.
    pub(super) fn request(&mut self, waiting: Waiting, make: impl FnOnce(ReqId) -> Effect) {
        let id = self.id();
        self.waiting.insert(id, waiting);
        self.effects.push(make(id));
    }

    /// An answer of this sort is on its way.
    pub(super) fn is_waiting(&self, of: &Waiting) -> bool {
        self.waiting.values().any(|waiting| waiting == of)
    }

    /// Something is being done, so what was read may not be what the mirror holds by now.
    pub(super) fn is_acting(&self) -> bool {
        use Waiting as W;
        self.waiting.values().any(|waiting| {
            matches!(
                waiting,
                W::Leave(_)
                    | W::Move(_)
                    | W::Queue(_)
                    | W::Decide
                    | W::Act
                    | W::Reassign
                    | W::Quiet
            )
        })
    }

    /// Asks for something of which one answer at a time is enough; a wish meanwhile is asked afterwards.
    pub(super) fn refresh(&mut self, what: Waiting) {
        if self.is_waiting(&what) {
            if !self.stale.contains(&what) {
                self.stale.push(what);
            }
            return;
        }
        let me = self.setup.me.clone();
        let query = match &what {
            Waiting::Counts => Query::Counts { me },
            Waiting::List(asked) => Query::List(self.list.query(*asked)),
            Waiting::Outbox => Query::Outbox { limit: 200 },
            Waiting::Approvals => Query::Approvals { limit: 200 },
            Waiting::Pages => Query::Pages { limit: 200 },
            Waiting::Drafts => Query::Drafts { me, limit: 200 },
            Waiting::Health => Query::Health,
            Waiting::Detail(id) => Query::Conversation { id: *id, me },
            Waiting::Messages(id, older) => {
                let open = self.open.as_ref();
                let before = open
                    .filter(|_| *older)
                    .and_then(|open| open.messages.first())
                    .map(|message| message.id);
                let all_channels = open.is_some_and(|open| open.all_channels);
                let seeking = *older && open.is_some_and(OpenConversation::seeks);
                Query::Messages {
                    conversation: *id,
                    before,
                    limit: if seeking {
                        conversation::SEEKING
                    } else {
                        conversation::PAGE
                    },
                    all_channels,
                }
            }
            Waiting::Search => Query::Search {
                text: self.search.text.text().to_owned(),
                me,
                typing: self.search.typing,
                before: None,
                limit: 60,
            },
            _ => return,
        };
        self.ask(what, query);
    }

    /// Asks for the list from its top and for the counts.
    ///
    /// Answers on their way are for a list that is no longer shown.
    pub(super) fn reload(&mut self) {
        let list = |waiting: &Waiting| matches!(waiting, Waiting::List(_));
        self.waiting.retain(|_, waiting| !list(waiting));
        self.stale.retain(|waiting| !list(waiting));
        self.refresh(Waiting::List(Asked::Fresh));
        self.refresh(Waiting::Counts);
    }

    /// Reads what is on the screen again.
    pub(super) fn read_again(&mut self) {
        self.refresh(Waiting::Counts);
        self.refresh(Waiting::Health);
        let what = match self.place {
            Place::Lists => Waiting::List(Asked::Refresh),
            Place::Approvals => Waiting::Approvals,
            Place::Outbox => Waiting::Outbox,
            Place::Pages => Waiting::Pages,
            Place::Drafts => Waiting::Drafts,
            Place::Search => Waiting::Search,
            Place::Health => Waiting::Health,
        };
        self.refresh(what);
        self.reread();
    }

    /// Shows a conversation in the detail pane, reading it.
    pub(super) fn preview(&mut self, id: ConversationId) {
        if self.open.as_ref().is_some_and(|open| open.id == id) {
            return;
        }
        let mut fresh = OpenConversation::new(id);
        if let Some(kept) = self.open.take() {
            fresh.unfolded = kept.unfolded;
            // Blanking the pane for the moment until the next one is read would only flicker.
            if kept.is_read() {
                self.lingering = Some((kept, self.now + LINGERS));
            }
        }
        self.open = Some(fresh);
        self.refresh(Waiting::Detail(id));
        self.refresh(Waiting::Messages(id, false));
    }

    /// Reads the open conversation again.
    pub(super) fn reread(&mut self) {
        if let Some(id) = self.open.as_ref().map(|open| open.id) {
            self.refresh(Waiting::Detail(id));
            self.refresh(Waiting::Messages(id, false));
        }
    }
}
