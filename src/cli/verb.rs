//! The verbs: what an agent does on one line, from a script, or over SSH from a phone. `ssh-shell` allows just these,
//! so none of them may read a file that the caller names, start a program, or take another configuration.

use super::context::{Context, run_async};
use super::failure::Done;
use super::verbs::{
    approvals, assign, contact, label, lists, mark, note, outbox, pages, reply, search, show,
    snooze, templates, undo,
};
use clap::Subcommand;

/// One verb with its operands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List conversations.
    List(lists::ListArgs),
    /// Show a conversation with its messages.
    Show(show::ShowArgs),
    /// Search subjects, texts, people and notes.
    Search(search::SearchArgs),
    /// Answer the customer.
    Reply(reply::ReplyArgs),
    /// List the texts that a vendor approved beforehand, or propose another.
    Templates(templates::TemplatesArgs),
    /// Write a note among ourselves; it can never leave.
    Note(note::NoteArgs),
    /// List drafts that wait for a decision.
    Approvals(approvals::ApprovalsArgs),
    /// Let a draft go out exactly as shown.
    Approve(approvals::ApproveArgs),
    /// Turn a draft down.
    Reject(approvals::RejectArgs),
    /// Done with these conversations.
    Resolve(mark::IdsArgs),
    /// Open these conversations again.
    Reopen(mark::IdsArgs),
    /// Hide conversations until a time.
    Snooze(snooze::SnoozeArgs),
    /// Give conversations to somebody.
    Assign(assign::AssignArgs),
    /// Add and remove labels: `label 1042 +vip -late`.
    Label(label::LabelArgs),
    /// Set the priority: `priority 1042 high`.
    Priority(mark::PriorityArgs),
    /// Who is one person: show, suggest, merge, refuse, split.
    Contact(contact::ContactArgs),
    /// Keep conversations from coming back by themselves.
    Mute(mark::SwitchArgs),
    /// Judge conversations as spam.
    Spam(mark::SwitchArgs),
    /// Page somebody about a conversation.
    Escalate(pages::EscalateArgs),
    /// List pages.
    Pages(pages::PagesArgs),
    /// Take a page: I have it.
    Ack(pages::PageArgs),
    /// Close a page: it is over.
    Close(pages::PageArgs),
    /// List what will leave, has failed, or needs a person.
    Outbox(outbox::OutboxArgs),
    /// Take back what has not left.
    Cancel(outbox::RowArgs),
    /// Try again what failed.
    Retry(outbox::RowArgs),
    /// Say what became of a send of unknown outcome.
    Settle(outbox::SettleArgs),
    /// Take back your last action, or the one with this number.
    Undo(undo::UndoArgs),
}

impl Verb {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Done {
        if let Self::Escalate(args) = &self {
            pages::before_escalating(args, context)?;
        }
        run_async(async {
            match self {
                Self::List(args) => lists::run(&args, context).await,
                Self::Show(args) => show::run(&args, context).await,
                Self::Search(args) => search::run(&args, context).await,
                Self::Reply(args) => reply::run(args, context).await,
                Self::Templates(args) => templates::run(&args, context).await,
                Self::Note(args) => note::run(args, context).await,
                Self::Approvals(args) => approvals::list(&args, context).await,
                Self::Approve(args) => approvals::approve(&args, context).await,
                Self::Reject(args) => approvals::reject(args, context).await,
                Self::Resolve(args) => mark::resolve(args, context).await,
                Self::Reopen(args) => mark::reopen(args, context).await,
                Self::Snooze(args) => snooze::run(args, context).await,
                Self::Assign(args) => assign::run(args, context).await,
                Self::Label(args) => label::run(&args, context).await,
                Self::Priority(args) => mark::priority(args, context).await,
                Self::Contact(args) => contact::run(args, context).await,
                Self::Mute(args) => mark::mute(args, context).await,
                Self::Spam(args) => mark::spam(args, context).await,
                Self::Escalate(args) => pages::escalate(args, context).await,
                Self::Pages(args) => pages::list(&args, context).await,
                Self::Ack(args) => pages::acknowledge(&args, context).await,
                Self::Close(args) => pages::close(&args, context).await,
                Self::Outbox(args) => outbox::list(&args, context).await,
                Self::Cancel(args) => outbox::cancel(&args, context).await,
                Self::Retry(args) => outbox::retry(&args, context).await,
                Self::Settle(args) => outbox::settle(&args, context).await,
                Self::Undo(args) => undo::run(&args, context).await,
            }
        })
    }
}
