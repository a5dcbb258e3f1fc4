//! Beginning to write.

use super::super::action::Action;
use super::super::ahead;
use super::super::app::{App, Waiting};
use super::super::msg::NoticeKind;
use super::super::writing;
use crate::model::Command;

pub(super) fn begin(app: &mut App, action: Action) {
    use Action as A;
    let Some(id) = app.subject() else {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    };
    app.preview(id);
    if ahead::waits(app, action) {
        return;
    }
    app.beside_list();
    match action {
        A::Reply => writing::begin(app, writing::Kind::Reply),
        A::ReplyAll => writing::begin(app, writing::Kind::ReplyAll),
        A::Note => writing::begin(app, writing::Kind::Note),
        A::Forward => writing::begin(app, writing::Kind::Forward),
        A::Template => {
            writing::begin(app, writing::Kind::Reply);
            writing::offer(app);
        }
        A::SendLater => {
            writing::begin(app, writing::Kind::Reply);
            if app.composer.is_some() {
                writing::review(app);
            }
            if app.review.is_some() {
                writing::review_action(app, Action::ReviewLater);
            }
        }
        A::DiscardDraft => {
            let kept = app
                .open
                .as_ref()
                .and_then(|open| open.detail.as_ref())
                .and_then(|detail| detail.drafts.first())
                .and_then(|draft| draft.id);
            match kept {
                Some(id) => app.act(Waiting::Act, Command::DiscardDraft { id }),
                None => app.say(NoticeKind::Info, "there is no unsent text here"),
            }
        }
        _ => {}
    }
}
