//! The outbox and pages: taking back, retrying, settling, acknowledging.

use super::super::action::Action;
use super::super::app::{App, Waiting};
use super::super::msg::NoticeKind;
use super::super::typed;
use super::moving::enter;
use crate::model::command::Settled;
use crate::model::{Command, OutboxState};

pub(super) fn outbox(app: &mut App, action: Action) {
    use Action as A;
    let Some(row) = app.outbox.current() else {
        app.say(NoticeKind::Info, "the outbox is empty");
        return;
    };
    let (id, state, conversation) = (row.out.id, row.state, row.out.conversation);
    let unknown = state == OutboxState::Unknown;
    let command = match action {
        A::CancelSend if unknown => {
            return app.say(
                NoticeKind::Warning,
                "it may have left: y it arrived · n send again · d drop",
            );
        }
        A::CancelSend => Command::CancelSend { id },
        A::SendNow => Command::SendNow { id },
        A::RetrySend if unknown => {
            return app.say(
                NoticeKind::Warning,
                "it may have left: y it arrived · n send again · d drop",
            );
        }
        A::RetrySend => Command::RetrySend { id },
        A::WasSent | A::NotSent | A::DropUnknown if !unknown => {
            return app.say(
                NoticeKind::Info,
                format!("its outcome is known: {}", state.name()),
            );
        }
        A::WasSent => Command::SettleUnknown {
            id,
            as_: Settled::Sent,
        },
        A::NotSent => Command::SettleUnknown {
            id,
            as_: Settled::SendAgain,
        },
        A::DropUnknown => Command::SettleUnknown {
            id,
            as_: Settled::Drop,
        },
        _ => {
            if let Some(conversation) = conversation {
                enter(app, conversation);
            }
            return;
        }
    };
    app.act(Waiting::Act, command);
}

pub(super) fn pages(app: &mut App, action: Action) {
    let Some(page) = app.pages.current() else {
        app.say(NoticeKind::Info, "nobody is paged");
        return;
    };
    let (id, conversation) = (page.id, page.conversation);
    match action {
        Action::Acknowledge => app.act(Waiting::Act, Command::Acknowledge { id }),
        Action::ClosePage => app.act(Waiting::Act, Command::CloseEscalation { id }),
        Action::Silence => typed::prompt_silence(app, id),
        _ => enter(app, conversation),
    }
}
