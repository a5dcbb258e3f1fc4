//! The one table of actions. Dispatch, footer, which-key, palette, `?`, `frontdesk keys`, the README's key table and the
//! man page all read it.

use super::key::{Key, parse_sequence};

/// Where keys are pressed. An action of an outer scope works in the inner ones unless they use its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everywhere but where text is typed.
    Anywhere,
    /// A list of conversations, and an open conversation.
    List,
    /// An open conversation.
    Conversation,
    /// The queue of approvals.
    Approvals,
    /// The outbox.
    Outbox,
    /// Pages.
    Pages,
    /// How the accounts are.
    Health,
    /// Where a text is written.
    Composer,
    /// The last look before something is queued.
    Review,
}

impl Scope {
    /// All, in the order of the help screen.
    pub const ALL: [Self; 9] = [
        Self::Anywhere,
        Self::List,
        Self::Conversation,
        Self::Composer,
        Self::Review,
        Self::Approvals,
        Self::Outbox,
        Self::Pages,
        Self::Health,
    ];

    /// Its name in keymaps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anywhere => "anywhere",
            Self::List => "list",
            Self::Conversation => "conversation",
            Self::Approvals => "approvals",
            Self::Outbox => "outbox",
            Self::Pages => "pages",
            Self::Health => "health",
            Self::Composer => "composer",
            Self::Review => "review",
        }
    }
}

macro_rules! actions {
    ($($variant:ident, $name:literal, $scope:ident, [$($keys:literal),*], $short:literal, $long:literal;)*) => {
        /// Something a key can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $(#[doc = $long] $variant),* }

        /// Every action, in the order of the help screen.
        pub const TABLE: &[Row] = &[$(Row {
            action: Action::$variant,
            name: $name,
            scope: Scope::$scope,
            keys: &[$($keys),*],
            short: $short,
            long: $long,
        }),*];
    };
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The action.
    pub action: Action,
    /// Its name in keymaps and the palette.
    pub name: &'static str,
    /// Where its keys work.
    pub scope: Scope,
    /// Preset keys, as sequences.
    pub keys: &'static [&'static str],
    /// A word or two for the footer.
    pub short: &'static str,
    /// A sentence for help.
    pub long: &'static str,
}

actions! {
    Help, "help", Anywhere, ["?"], "help", "Show all keys of this place";
    CommandLine, "command", Anywhere, [":"], "command", "Type a command";
    Palette, "palette", Anywhere, ["C-k"], "palette", "Find any action or view by name";
    Search, "search", Anywhere, ["/"], "search", "Search all messages, newest first";
    NextPane, "pane.next", Anywhere, ["Tab"], "next pane", "Go to the next pane";
    PreviousPane, "pane.previous", Anywhere, ["S-Tab"], "previous pane", "Go to the previous pane";
    Undo, "undo", Anywhere, ["u"], "undo", "Take back the last action, or a reply that is still held";
    Repeat, "repeat", Anywhere, ["."], "repeat", "Do the last action again on what is selected now";
    Redraw, "redraw", Anywhere, ["C-l"], "redraw", "Paint the screen again and read all feeds now";
    Suspend, "suspend", Anywhere, ["C-z"], "suspend", "Stop the program; `fg` brings it back";
    Back, "back", Anywhere, ["q"], "back", "Go back; from the top, quit";
    Escape, "escape", Anywhere, ["Esc"], "back", "Go back; at the top nothing happens";
    Quit, "quit", Anywhere, ["C-c"], "quit", "Quit; asks if something unsent would be left";
    GoInbox, "go.inbox", Anywhere, ["g i"], "inbox", "Open conversations";
    GoMine, "go.mine", Anywhere, ["g m"], "mine", "Open conversations that are mine";
    GoUnassigned, "go.unassigned", Anywhere, ["g u"], "unassigned", "Open conversations that nobody has";
    GoWaiting, "go.waiting", Anywhere, ["g w"], "waiting", "Open conversations in which the customer waits";
    GoApprovals, "go.approvals", Anywhere, ["g a"], "approvals", "Drafts of the assistant that await a decision";
    GoDrafts, "go.drafts", Anywhere, ["g d"], "drafts", "My unsent texts";
    GoOutbox, "go.outbox", Anywhere, ["g o"], "outbox", "What will leave, what left, what failed";
    GoSnoozed, "go.snoozed", Anywhere, ["g s"], "snoozed", "Snoozed conversations";
    GoResolved, "go.resolved", Anywhere, ["g r"], "resolved", "Resolved conversations";
    GoAll, "go.all", Anywhere, ["g A"], "all", "All conversations but spam";
    GoPages, "go.pages", Anywhere, ["g p"], "pages", "Pages to people on call";
    GoHealth, "go.health", Anywhere, ["g h"], "health", "How the accounts are";
    GoViews, "go.views", Anywhere, ["g v"], "views", "The list of views, channels and saved searches";

    AddAccount, "account.add", Anywhere, ["g +"], "new account", "Set up an account, step by step";
    VaultUnlock, "vault.unlock", Anywhere, ["g K"], "unlock", "Open the vault with its passphrase";
    VaultLock, "vault.lock", Anywhere, ["g L"], "lock", "Lock the vault until somebody opens it";

    Down, "list.down", List, ["j", "Down"], "down", "One row down, or one line in an open conversation";
    Up, "list.up", List, ["k", "Up"], "up", "One row up, or one line in an open conversation";
    Top, "list.top", List, ["g g", "Home"], "top", "To the first row";
    Bottom, "list.bottom", List, ["G", "End"], "bottom", "To the last row";
    HalfDown, "list.half-down", List, ["C-d", "PageDown"], "page down", "Half a screen down";
    HalfUp, "list.half-up", List, ["C-u", "PageUp"], "page up", "Half a screen up";
    Open, "open", List, ["Enter"], "open", "Open what is under the cursor";
    Select, "select", List, ["Space"], "select", "Mark the row for a bulk action and go on";
    SelectRange, "select.range", List, ["V"], "range", "Mark from here to where V is pressed again";
    SelectQuery, "select.query", List, ["*"], "select by query", "Mark all of this list that match a search, or all";
    Filter, "filter", List, ["\\"], "filter", "Narrow this list; empty shows all again";
    Resolve, "resolve", List, ["e"], "resolve", "Mark as resolved; a new message reopens it";
    ResolveNext, "resolve.next", List, ["E"], "resolve, next", "Mark as resolved and open the next one";
    Snooze, "snooze", List, ["b"], "snooze", "Hide until a time or until the customer writes";
    Assign, "assign", List, ["a"], "assign", "Give it to somebody";
    Claim, "claim", List, ["i"], "claim", "Make it mine";
    Label, "label", List, ["L"], "labels", "Put labels on and take them off, several at once";
    Priority, "priority", List, ["P"], "priority", "Set the urgency";
    Macro, "macro", List, ["M"], "macro", "Run a list of actions by name";
    Mute, "mute", List, ["m"], "mute", "Keep it from coming back by itself, or no longer";
    Spam, "spam", List, ["!"], "spam", "Mark as spam, or no longer";
    MarkUnread, "unread", List, ["U"], "unread", "Mark as unread, or as read";
    NextConversation, "conversation.next", List, ["]"], "next", "The next conversation";
    PreviousConversation, "conversation.previous", List, ["["], "previous", "The previous conversation";
    Sort, "sort", List, ["S"], "sort", "Sort this list another way";
    SaveView, "view.save", List, ["g S"], "save view", "Keep the filter or search as a view";
    Escalate, "escalate", List, ["^"], "escalate", "Page a person and give it to them";

    Reply, "reply", Conversation, ["r"], "reply", "Answer the customer";
    ReplyAll, "reply.all", Conversation, ["R"], "reply all", "Answer everybody in To and Cc";
    Note, "note", Conversation, ["n"], "note", "Write a note; it can never leave";
    Forward, "forward", Conversation, ["f"], "forward", "Pass the newest message on to somebody else";
    Template, "template", Conversation, ["t"], "templates", "Begin a reply from a template or a canned text";
    SendLater, "send.later", Conversation, ["s"], "send later", "Send the draft at a time, also only if no reply comes";
    ContactPane, "contact", Conversation, ["c"], "contact", "Show who the customer is";
    MergeContact, "contact.merge", Conversation, ["+"], "merge", "The suggested contact is the same person";
    RefuseMerge, "contact.refuse", Conversation, ["-"], "not the same", "The suggested contact is somebody else; it is not suggested again";
    SplitContact, "contact.split", Conversation, ["%"], "split", "Take a merge of contacts apart";
    Attachments, "attachments", Conversation, ["o"], "attachments", "Look at, save or open attachments and links";
    RawView, "raw", Conversation, ["v"], "raw, HTML", "Show the raw form, then the HTML source, then the text";
    Fold, "fold", Conversation, ["z"], "quotes", "Unfold quoted text, or fold it again";
    Timeline, "timeline", Conversation, ["T"], "all channels", "Show the customer's other channels in between";
    Pipe, "pipe", Conversation, ["|"], "pipe", "Give the newest message to a program";
    Copy, "copy", Conversation, ["y y"], "copy", "Copy the newest message";
    CopyLink, "copy.address", Conversation, ["y a"], "copy address", "Copy the customer's address";
    Why, "why", Conversation, ["W"], "why here", "Tell why the newest message is in this conversation";
    Decide, "decide", Conversation, ["D"], "the draft", "Decide on the assistant's draft here";
    AskDraft, "draft.ask", Conversation, ["C-r"], "ask for a draft", "Ask the assistant for a draft";
    DiscardDraft, "draft.discard", Conversation, ["X"], "discard draft", "Throw the unsent reply away";

    QueueReview, "composer.review", Composer, ["C-s"], "review and queue", "Look at it as the customer will get it, then queue it";
    Editor, "composer.editor", Composer, ["C-e"], "editor", "Write it in $EDITOR";
    Leave, "composer.leave", Composer, ["Esc"], "leave, draft kept", "Leave; the text is kept";
    Canned, "composer.canned", Composer, ["C-t"], "templates", "Put in a canned reply, or fill a template";
    OtherChannel, "composer.channel", Composer, ["C-o"], "other channel", "Go on by another channel of the customer";
    NextField, "composer.field", Composer, ["Tab"], "next field", "To the next field";

    ReviewQueue, "review.queue", Review, ["y"], "queue", "Queue it; it is held for a moment and can be undone";
    ReviewEdit, "review.edit", Review, ["e", "Esc"], "edit", "Go on writing";
    ReviewTo, "review.to", Review, ["t"], "to", "Change who gets it";
    ReviewCc, "review.cc", Review, ["c"], "cc", "Change who gets a copy";
    ReviewBcc, "review.bcc", Review, ["b"], "bcc", "Change who gets a hidden copy";
    ReviewSubject, "review.subject", Review, ["s"], "subject", "Change the subject";
    ReviewAttach, "review.attach", Review, ["A"], "attach", "Attach a file";
    ReviewDetach, "review.detach", Review, ["x"], "detach", "Take the last file off";
    ReviewChannel, "review.channel", Review, ["o"], "other channel", "Go on by another channel of the customer";
    ReviewLater, "review.later", Review, ["l"], "later", "Send at a time";
    ReviewResolve, "review.resolve", Review, ["r"], "and resolve", "Resolve the conversation when it is queued, or not";
    ReviewDown, "review.down", Review, ["C-d", "j", "Down", "PageDown"], "read on", "Half a screen down";
    ReviewUp, "review.up", Review, ["C-u", "k", "Up", "PageUp"], "read back", "Half a screen up";
    ReviewPostpone, "review.postpone", Review, ["p"], "postpone", "Keep it as a draft";
    ReviewDiscard, "review.discard", Review, ["n"], "discard", "Throw it away; asks first";

    Approve, "approvals.approve", Approvals, ["y"], "approve", "Send it exactly as shown, after the hold";
    EditProposal, "approvals.edit", Approvals, ["e"], "edit", "Change it, then approve";
    Reject, "approvals.reject", Approvals, ["x"], "reject", "Turn it down with a reason";
    Redraft, "approvals.redraft", Approvals, ["R"], "redraft", "Ask for another one with an instruction";
    Diff, "approvals.diff", Approvals, ["d"], "diff", "Show what changed against the draft before";
    Evidence, "approvals.why", Approvals, ["w"], "why", "Show the evidence behind each claim, and the gates";
    Skip, "approvals.skip", Approvals, ["s"], "skip", "Leave it for now and look at the next one";
    ApproveMany, "approvals.approve-marked", Approvals, ["Y"], "approve marked", "Approve the marked ones; asks for their number";
    OpenConversation, "approvals.open", Approvals, ["Enter"], "conversation", "Open its conversation";

    CancelSend, "outbox.cancel", Outbox, ["x"], "take back", "Take back what has not left; the text becomes a draft again";
    SendNow, "outbox.now", Outbox, ["s"], "send now", "Send without waiting for the hold or the time";
    RetrySend, "outbox.retry", Outbox, ["r"], "retry", "Try again what failed";
    WasSent, "outbox.was-sent", Outbox, ["y"], "it arrived", "Unknown outcome: the customer has it";
    NotSent, "outbox.not-sent", Outbox, ["n"], "send again", "Unknown outcome: the customer does not have it; send it";
    DropUnknown, "outbox.drop", Outbox, ["d"], "drop", "Unknown outcome: leave it";
    OpenSent, "outbox.open", Outbox, ["Enter"], "conversation", "Open its conversation";

    Acknowledge, "pages.acknowledge", Pages, ["A"], "acknowledge", "I have it";
    ClosePage, "pages.close", Pages, ["C"], "close", "It is over";
    Silence, "pages.silence", Pages, ["Z"], "silence", "Keep quiet for a while";
    OpenPaged, "pages.open", Pages, ["Enter"], "conversation", "Open its conversation";

    TestAccount, "account.test", Health, ["t"], "test", "Log in to the account and look around, changing nothing";
    RemoveAccount, "account.remove", Health, ["X"], "remove", "Take the account out of the configuration; asks first";
}

impl Action {
    /// Its row of the table.
    pub fn row(self) -> &'static Row {
        // The table is made from the same list as the variants, in the same order.
        &TABLE[self as usize]
    }

    /// By its name in keymaps.
    pub fn by_name(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.action)
    }
}

impl Row {
    /// Its preset keys; the table's test holds that they all parse.
    pub fn sequences(&self) -> impl Iterator<Item = Vec<Key>> {
        self.keys
            .iter()
            .filter_map(|keys| parse_sequence(keys).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn rows_are_in_the_order_of_the_variants() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.action as usize, index);
            assert_eq!(row.action.row().name, row.name);
        }
    }

    #[test]
    fn names_and_keys_are_unique_where_they_work() {
        let mut names = BTreeSet::new();
        let mut keys: BTreeMap<(Scope, Vec<Key>), &str> = BTreeMap::new();
        for row in TABLE {
            assert!(names.insert(row.name), "{} twice", row.name);
            assert!(!row.keys.is_empty() && !row.short.is_empty() && !row.long.is_empty());
            assert_eq!(
                row.sequences().count(),
                row.keys.len(),
                "{}: a key does not parse",
                row.name
            );
            for sequence in row.sequences() {
                let before = keys.insert((row.scope, sequence.clone()), row.name);
                assert_eq!(before, None, "{} conflicts in {:?}", row.name, row.scope);
                assert!(
                    sequence.iter().all(|key| !key.alt),
                    "{} needs Alt",
                    row.name
                );
            }
        }
        // No sequence is the beginning of another in the same scope: it could never be finished.
        for (scope, sequence) in keys.keys() {
            for length in 1..sequence.len() {
                let head = sequence[..length].to_vec();
                assert!(
                    !keys.contains_key(&(*scope, head.clone())),
                    "{head:?} hides {sequence:?}"
                );
                assert!(!keys.contains_key(&(Scope::Anywhere, head)));
            }
        }
    }

    #[test]
    fn list_habits_cannot_send() {
        let approve = Action::Approve.row().keys;
        let list = [Action::Assign, Action::Resolve, Action::Claim, Action::Open];
        for action in list {
            assert!(action.row().keys.iter().all(|key| !approve.contains(key)));
        }
    }
}
