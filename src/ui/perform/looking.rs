//! Looking at the open conversation: contact, files, raw form, why it is here.

use super::super::action::Action;
use super::super::ahead;
use super::super::app::{App, Focus, Waiting};
use super::super::effect::Effect;
use super::super::layout::Width;
use super::super::msg::NoticeKind;
use super::super::overlays::{Overlay, Picked, Picker, Purpose, TextBox};
use super::super::panes::conversation::OpenSource;
use super::super::panes::sidebar::Target;
use super::prompt;
use crate::model::message::Attachment;
use crate::model::query::SourceForm;
use crate::model::{Channel, Message, MessageId, Query, Transcript};
use crate::text::links;

pub(super) fn look_at(app: &mut App, action: Action) {
    use Action as A;
    if let Some(id) = app.subject() {
        app.preview(id);
    }
    if ahead::waits(app, action) {
        return;
    }
    let Some(open) = &mut app.open else {
        app.say(NoticeKind::Info, "there is no conversation here");
        return;
    };
    let newest = open.newest().cloned();
    match action {
        A::ContactPane => {
            app.contact = !app.contact;
            app.contact_down = 0;
            if app.contact && app.width() == Width::Narrow {
                app.focus = Focus::Detail;
            }
        }
        A::Fold if !open.has_quotes() => {
            app.say(NoticeKind::Info, "nothing is folded here");
        }
        A::Fold => open.unfolded = !open.unfolded,
        A::Timeline
            if !open.all_channels && open.detail.as_ref().is_some_and(|d| d.others.is_empty()) =>
        {
            app.say(
                NoticeKind::Info,
                "this contact has no other conversation; c shows who else it may be",
            );
        }
        A::Timeline => {
            open.up = 0;
            open.all_channels = !open.all_channels;
            open.messages.clear();
            let id = open.id;
            app.refresh(Waiting::Messages(id, false));
        }
        // Text, raw form, HTML where there is some, text again.
        A::RawView if open.source.is_some() => {
            let html = open.source.as_ref().and_then(OpenSource::html_next);
            match html {
                Some(message) => ask_source(app, message, SourceForm::Html),
                None => open.source = None,
            }
        }
        A::RawView => {
            let message = open
                .newest_inbound()
                .or(newest.as_ref())
                .map(|message| message.id);
            match message {
                Some(message) => ask_source(app, message, SourceForm::Raw),
                None => app.say(NoticeKind::Info, "there is no message yet"),
            }
        }
        A::Why => {
            let sentences = open.why();
            app.overlays.push(Overlay::Text(TextBox {
                title: "why is this here".to_owned(),
                sentences,
            }));
        }
        A::Copy => match newest {
            Some(message) => {
                app.effects.push(Effect::Copy(message.body));
                app.say(NoticeKind::Info, "copied");
            }
            None => app.say(NoticeKind::Info, "there is no message yet"),
        },
        A::CopyLink => {
            if let Some(address) = open.conversation().map(|c| c.contact_address.clone()) {
                app.effects.push(Effect::Copy(address));
                app.say(NoticeKind::Info, "address copied");
            }
        }
        A::Attachments => {
            let mut items = Vec::new();
            for message in open.messages.iter().rev() {
                for attachment in &message.attachments {
                    let size = crate::text::human::size(attachment.size);
                    if attachment.is_audio() {
                        items.push((
                            format!("play {}", attachment.name),
                            size.clone(),
                            Picked::PlayAttachment(attachment.id),
                        ));
                        if may_transcribe(message, attachment) {
                            items.push((
                                format!("transcribe {}", attachment.name),
                                "by machine".to_owned(),
                                Picked::Transcribe(attachment.id),
                            ));
                        }
                    }
                    items.push((
                        format!("look at {}", attachment.name),
                        size.clone(),
                        Picked::LookAt(attachment.id),
                    ));
                    items.push((
                        format!("save {}", attachment.name),
                        size.clone(),
                        Picked::SaveAttachment(attachment.id),
                    ));
                    items.push((
                        format!("open {}", attachment.name),
                        size,
                        Picked::OpenAttachment(attachment.id),
                    ));
                }
                for found in links::find(&message.body).into_iter().take(10) {
                    let link = &found.link;
                    if let Some(target) = link.target() {
                        items.push((
                            format!("open {}", link.label(60)),
                            String::new(),
                            Picked::OpenLink(target.to_owned()),
                        ));
                    } else if let Some(number) = link.number() {
                        items.push((
                            format!("copy {number}"),
                            "a number to call".to_owned(),
                            Picked::CopyNumber(number.to_owned()),
                        ));
                    }
                }
            }
            if items.is_empty() {
                app.say(NoticeKind::Info, "no attachment and no link here");
            } else {
                app.overlays
                    .push(Overlay::Picker(Picker::new("attachments and links", items)));
            }
        }
        A::Pipe => prompt(app, Purpose::Pipe, ""),
        A::AskDraft => {
            let id = open.id;
            prompt(app, Purpose::AskDraft(id), "");
        }
        A::Decide => {
            let proposal = open
                .detail
                .as_ref()
                .and_then(|detail| detail.proposal.as_ref())
                .map(|proposal| proposal.id);
            match proposal {
                Some(id) => {
                    app.go(Target::Approvals);
                    if let Some(at) = app
                        .approvals
                        .rows
                        .items
                        .iter()
                        .position(|(proposal, _)| proposal.id == id)
                    {
                        app.approvals.rows.cursor = at;
                    }
                }
                None => app.say(
                    NoticeKind::Info,
                    "no draft of the assistant waits here; C-r asks for one",
                ),
            }
        }
        _ => {}
    }
}

fn ask_source(app: &mut App, message: MessageId, form: SourceForm) {
    app.ask(
        Waiting::Source(message, form),
        Query::Source { message, form },
    );
}

/// Nobody has written down yet what is said in it.
fn may_transcribe(message: &Message, attachment: &Attachment) -> bool {
    let told = message.channel == Channel::Voice && !message.body.is_empty();
    !told && !matches!(attachment.transcript, Some(Transcript::Done { .. }))
}
