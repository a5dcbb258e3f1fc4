//! Templates and canned replies: offering them, picking one, putting it away.

use super::super::app::{App, Waiting};
use super::super::clock;
use super::super::msg::NoticeKind;
use super::super::overlays::{Choice, Overlay, Picked, Picker};
use super::super::panes::composer::Composer;
use super::super::panes::template_form::TemplateForm;
use super::typed;
use crate::desk::windows::ReplyWindow;
use crate::model::query::Canned;
use crate::model::{DraftKind, Query, Template, TemplateDraft, TemplateList, TemplateStatus};

/// Asks for what can be put in: templates where the account has them, canned replies where free text is taken.
pub fn offer(app: &mut App) {
    let Some(composer) = &mut app.composer else {
        return;
    };
    composer.offered = TemplateList::default();
    let (account, channel) = (composer.draft.account.clone(), composer.draft.channel);
    if takes_templates(composer) {
        app.ask(Waiting::Templates, Query::Templates { account, channel });
    } else {
        ask_canned(app);
    }
}

fn takes_templates(composer: &Composer) -> bool {
    let customer = matches!(composer.draft.kind, DraftKind::Reply | DraftKind::New);
    customer && composer.card.as_ref().is_some_and(|card| card.templates)
}

fn ask_canned(app: &mut App) {
    let text = String::new();
    app.ask(Waiting::Canned, Query::Canned { text });
}

/// The account's templates are here. Where the window is closed they are all that can be sent.
pub fn templates_came(app: &mut App, list: TemplateList) {
    let now = app.now;
    let Some(composer) = &mut app.composer else {
        return;
    };
    composer.offered = list;
    if is_free(composer, now) {
        ask_canned(app);
    } else {
        choose(app, Vec::new());
    }
}

/// A free text would be taken now.
pub fn is_free(composer: &Composer, now: crate::model::Timestamp) -> bool {
    if !composer.draft.channel.takes_templates() {
        return true;
    }
    let closes = composer
        .conversation
        .as_ref()
        .and_then(|c| c.window_closes_at);
    matches!(ReplyWindow::at(closes, now), ReplyWindow::Open { .. })
}

/// Shows what can be put in.
pub fn choose(app: &mut App, canned: Vec<Canned>) {
    let Some(composer) = &app.composer else {
        return;
    };
    let free = is_free(composer, app.now);
    let templates = takes_templates(composer);
    let mut items: Vec<Choice> = Vec::new();
    if composer.form.is_some() && free {
        let more = "put the template away and write freely".to_owned();
        items.push(("no template".to_owned(), more, Picked::FreeText));
    }
    for one in canned {
        let first = one.body.lines().find(|line| !line.trim().is_empty());
        let first = first.unwrap_or("").to_owned();
        items.push((one.name, first, Picked::Canned(one.body)));
    }
    for one in &composer.offered.templates {
        let body = one.body.replace('\n', " ");
        let more = format!("{} · {body}", one.about());
        items.push((
            one.name.clone(),
            more,
            Picked::Template(Box::new(one.clone())),
        ));
    }
    if items.is_empty() && !templates {
        app.say(NoticeKind::Info, "there is no canned reply yet");
        return;
    }
    let title = match (templates, free) {
        (false, _) => "canned reply".to_owned(),
        (true, true) => "canned reply or template".to_owned(),
        (true, false) => "template: all that can be sent now".to_owned(),
    };
    let mut picker = Picker::new(&format!("{title}{}", as_of(app, &composer.offered)), items);
    if picker.items.is_empty() {
        picker.none = match &composer.offered.error {
            Some(error) => format!("the account's templates cannot be read: {error}"),
            None if composer.offered.read_at.is_some() => "the account has no template".to_owned(),
            None => "the account's templates have not been read yet".to_owned(),
        };
    }
    app.overlays.push(Overlay::Picker(picker));
}

/// How old the list is, where that matters.
fn as_of(app: &App, list: &TemplateList) -> String {
    match (list.read_at, &list.error) {
        (Some(at), Some(_)) => format!(
            " (as of {}; reading failed since)",
            clock::when(at, app.now, &app.setup.tz)
        ),
        _ => String::new(),
    }
}

/// Begins to fill a template in place of the free text, which is kept.
pub fn pick_template(app: &mut App, template: Template) {
    let me = app.setup.me.clone();
    let Some(composer) = &mut app.composer else {
        return;
    };
    if template.status != TemplateStatus::Approved {
        let words = format!(
            "{} cannot be used: it is {}",
            template.name,
            template.status.name()
        );
        app.say(NoticeKind::Warning, words);
        return;
    }
    if !composer.draft.attachments.is_empty() {
        app.say(
            NoticeKind::Warning,
            "a template leaves without files; take them off first",
        );
        return;
    }
    let contact = composer.conversation.as_ref().map_or_else(
        || {
            composer
                .draft
                .recipients
                .to
                .first()
                .and_then(|to| to.name.clone())
        },
        |c| (c.contact_name != c.contact_address).then(|| c.contact_name.clone()),
    );
    let mut used = TemplateDraft::new(template, contact.as_deref(), &me);
    used.before = match &composer.form {
        Some(form) => form.before().to_owned(),
        None if composer.is_empty() => String::new(),
        None => composer.area.lines().join("\n"),
    };
    composer.form = Some(TemplateForm::new(&used));
    typed(app);
}

/// Puts the template away; the text that was there before it comes back.
pub fn put_away(app: &mut App) {
    let theme = app.setup.theme.clone();
    let Some(composer) = &mut app.composer else {
        return;
    };
    if let Some(form) = composer.form.take() {
        composer.draft.template = None;
        composer.set_body(form.before(), &theme);
        typed(app);
    }
}
