//! What each action does.

mod available;
mod beginning;
mod deciding;
mod looking;
mod moving;
mod paging;
mod people;
mod shipping;
mod triage;

pub use available::unavailable;
pub use deciding::{approve_many, is_new};
pub use moving::{enter, open};
pub use paging::{ask_names, not_paged, page_person, people_came};
pub use triage::on_targets;

use super::action::Action;
use super::ahead;
use super::app::{App, Focus, Place, Waiting};
use super::effect::Effect;
use super::msg::NoticeKind;
use super::overlays::help::Help;
use super::overlays::{Confirm, Confirmed, Overlay, Palette, Prompt, Purpose};
use super::panes::list::Asked;
use super::panes::sidebar::Target;
use super::writing;
use crate::model::query::{Sort, View};
use crate::model::{AccountId, Command};
use beginning::begin;
use deciding::decide;
use looking::look_at;
use moving::{back, edge, neighbour, next_pane, page, quit, select, step};
use shipping::{outbox, pages};
use triage::{repeat, triage};

/// Does it, or says why it cannot be done here.
pub fn perform(app: &mut App, action: Action) {
    use Action as A;
    if ahead::waits(app, action) {
        return;
    }
    if let Some(reason) = unavailable(app, action) {
        app.say(
            NoticeKind::Info,
            format!("{}: {reason}", action.row().short),
        );
        return;
    }
    match action {
        A::Help => {
            let help = Help::new(&app.setup.keymap, &app.scopes());
            app.overlays.push(Overlay::Help(help));
        }
        A::CommandLine => app
            .overlays
            .push(Overlay::Prompt(Prompt::new(Purpose::Command))),
        A::Palette => {
            let palette = Palette::new(&app.setup.keymap, app.places(), |action| {
                unavailable(app, action)
            });
            app.overlays.push(Overlay::Palette(palette));
        }
        A::Search => {
            app.place = Place::Search;
            app.focus = Focus::List;
            app.search.typing = true;
            app.search.earlier = !app.search.text.text().is_empty();
        }
        A::NextPane => next_pane(app, 1),
        A::PreviousPane => next_pane(app, -1),
        A::Undo => app.act(Waiting::Act, Command::Undo { id: None }),
        A::Repeat => repeat(app),
        A::Redraw => {
            app.effects.extend([Effect::Redraw, Effect::SyncNow]);
            app.read_again();
        }
        A::Suspend => app.effects.push(Effect::Suspend),
        A::Back => back(app, true),
        A::Escape => back(app, false),
        A::Quit => quit(app),
        A::GoInbox => app.go(Target::View(View::Inbox)),
        A::GoMine => app.go(Target::View(View::Mine)),
        A::GoUnassigned => app.go(Target::View(View::Unassigned)),
        A::GoWaiting => app.go(Target::View(View::Waiting)),
        A::GoSnoozed => app.go(Target::View(View::Snoozed)),
        A::GoResolved => app.go(Target::View(View::Resolved)),
        A::GoAll => app.go(Target::View(View::All)),
        A::GoApprovals => app.go(Target::Approvals),
        A::GoDrafts => app.go(Target::Drafts),
        A::GoOutbox => app.go(Target::Outbox),
        A::GoPages => app.go(Target::Pages),
        A::GoHealth => app.go(Target::Health),
        A::AddAccount => super::setting_up::begin(app),
        A::TestAccount | A::RemoveAccount => about_account(app, action),
        A::VaultUnlock => super::vault::ask(app),
        A::VaultLock => app.effects.push(Effect::Lock),
        A::GoViews => app.focus = Focus::Sidebar,
        A::Down => step(app, 1),
        A::Up => step(app, -1),
        A::HalfDown => page(app, true),
        A::HalfUp => page(app, false),
        A::Top => edge(app, false),
        A::Bottom => edge(app, true),
        A::Open => open(app),
        A::Select | A::SelectRange => select(app, action == A::SelectRange),
        A::SelectQuery => prompt(app, Purpose::SelectQuery, ""),
        A::Filter => {
            let filter = app.list.filter.clone();
            prompt(app, Purpose::Filter, &filter);
        }
        A::Sort => {
            let at = Sort::ALL
                .iter()
                .position(|sort| *sort == app.list.sort)
                .unwrap_or(0);
            app.list.sort = Sort::ALL[(at + 1) % Sort::ALL.len()];
            app.list.cursor = 0;
            app.refresh(Waiting::List(Asked::Fresh));
        }
        A::SaveView => prompt(app, Purpose::ViewName, ""),
        A::NextConversation | A::PreviousConversation => {
            neighbour(app, action == A::NextConversation);
        }
        A::Resolve
        | A::ResolveNext
        | A::Snooze
        | A::Assign
        | A::Claim
        | A::Label
        | A::Priority
        | A::Macro
        | A::Mute
        | A::Spam
        | A::MarkUnread
        | A::Escalate => triage(app, action),
        A::Reply
        | A::ReplyAll
        | A::Note
        | A::Forward
        | A::Template
        | A::SendLater
        | A::DiscardDraft => begin(app, action),
        A::MergeContact | A::RefuseMerge | A::SplitContact => people::decide(app, action),
        A::ContactPane
        | A::Attachments
        | A::RawView
        | A::Fold
        | A::Timeline
        | A::Pipe
        | A::Copy
        | A::CopyLink
        | A::Why
        | A::Decide
        | A::AskDraft => look_at(app, action),
        A::QueueReview => writing::review(app),
        A::Editor => writing::editor(app),
        A::Leave => writing::leave(app),
        A::Canned => writing::offer(app),
        A::OtherChannel => writing::choose_way(app),
        A::NextField => writing::next_field(app),
        A::ReviewQueue
        | A::ReviewEdit
        | A::ReviewTo
        | A::ReviewCc
        | A::ReviewBcc
        | A::ReviewSubject
        | A::ReviewAttach
        | A::ReviewDetach
        | A::ReviewChannel
        | A::ReviewLater
        | A::ReviewResolve
        | A::ReviewPostpone
        | A::ReviewDown
        | A::ReviewUp
        | A::ReviewDiscard => writing::review_action(app, action),
        A::Approve
        | A::EditProposal
        | A::Reject
        | A::Redraft
        | A::Diff
        | A::Evidence
        | A::Skip
        | A::ApproveMany
        | A::OpenConversation => {
            decide(app, action);
        }
        A::CancelSend
        | A::SendNow
        | A::RetrySend
        | A::WasSent
        | A::NotSent
        | A::DropUnknown
        | A::OpenSent => outbox(app, action),
        A::Acknowledge | A::ClosePage | A::Silence | A::OpenPaged => pages(app, action),
    }
}

/// Tests or removes the account under the cursor.
fn about_account(app: &mut App, action: Action) {
    let Some(account) = app.health.current().map(|health| health.account.clone()) else {
        app.say(NoticeKind::Info, "there is no account here");
        return;
    };
    if action == Action::TestAccount {
        super::setting_up::test(app, account.as_str());
    } else {
        remove_account(app, account);
    }
}

/// Asks before an account is taken away.
pub fn remove_account(app: &mut App, account: AccountId) {
    let question = format!(
        "Take {account} out of the configuration, and its secrets out of the vault? Its messages stay. y / n"
    );
    let then = Confirmed::RemoveAccount(account);
    app.overlays
        .push(Overlay::Confirm(Confirm { question, then }));
}

/// Opens a line to type into.
pub fn prompt(app: &mut App, purpose: Purpose, text: &str) {
    app.overlays
        .push(Overlay::Prompt(Prompt::with(purpose, text)));
}
