//! The source of a message and what its files say.

use crate::world::*;
use frontdesk::model::query::{Preview, Source, SourceForm, View};
use frontdesk::model::{Answer, AttachmentId, Channel, Content, Message, NewAttachment, Query};

const HTML: &str = "Subject: x\r\nContent-Type: text/html\r\n\r\n<p>hello\u{1b}[2J</p>\r\n";

fn file(name: &str, mime: &str, data: Option<&[u8]>) -> NewAttachment {
    NewAttachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: data.map_or(9, |data| data.len() as u64),
        inline: false,
        content_id: None,
        data: data.map(<[u8]>::to_vec),
        fetch: None,
    }
}

async fn only_message(world: &World) -> Message {
    let page = world.list(View::All).await;
    world.messages(page.rows[0].1.id).await.remove(0)
}

async fn source(world: &World, message: &Message, form: SourceForm) -> Option<Source> {
    let message = message.id;
    match world
        .store
        .answer(Query::Source { message, form })
        .await
        .unwrap()
    {
        Answer::Source(found) => found,
        other => panic!("{other:?}"),
    }
}

async fn preview(world: &World, attachment: AttachmentId) -> Preview {
    match world
        .store
        .answer(Query::Preview { attachment })
        .await
        .unwrap()
    {
        Answer::Preview(found) => *found,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_source_is_clean_in_both_forms_and_cut_when_long() {
    let world = World::new().await;
    let mut message = mail(1, "a@b.example", "x", "");
    message.raw = HTML.as_bytes().to_vec();
    world.mail(message).await;
    let message = only_message(&world).await;
    let raw = source(&world, &message, SourceForm::Raw).await.unwrap();
    assert!(raw.text.starts_with("Subject: x\nContent-Type") && !raw.cut);
    let html = source(&world, &message, SourceForm::Html).await.unwrap();
    assert!(html.text.starts_with("<p>hello") && !html.text.contains('\u{1b}'));

    let world = World::new().await;
    let mut message = mail(1, "a@b.example", "x", "");
    message.raw = format!("Subject: x\r\n\r\n{}", "a line\r\n".repeat(100_000)).into_bytes();
    world.mail(message).await;
    let message = only_message(&world).await;
    let raw = source(&world, &message, SourceForm::Raw).await.unwrap();
    assert!(raw.cut && raw.text.len() < 300_000, "{}", raw.text.len());
    assert_eq!(source(&world, &message, SourceForm::Html).await, None);
}

#[tokio::test]
async fn what_came_otherwise_than_by_mail_has_no_html() {
    let world = World::new().await;
    let mut message = mail(1, "+15550002222", "", "hi");
    message.channel = Channel::Sms;
    message.raw = HTML.as_bytes().to_vec();
    world.mail(message).await;
    let message = only_message(&world).await;
    assert_eq!(source(&world, &message, SourceForm::Html).await, None);
}

#[tokio::test]
async fn files_are_shown_as_far_as_they_are_text() {
    let world = World::new().await;
    let mut message = mail(1, "a@b.example", "x", "see files");
    message.attachments = vec![
        file("a.csv", "text/csv", Some(b"a,b\r\n1,\x1b[31m")),
        file("b.eml", "message/rfc822", Some(HTML.as_bytes())),
        file("c.pdf", "application/pdf", Some(b"%PDF-1.7")),
        file("d.txt", "text/plain", Some(b"\0\x01")),
        file("e.txt", "text/plain", None),
    ];
    world.mail(message).await;
    let files = only_message(&world).await.attachments;
    let mut says = Vec::new();
    for one in &files {
        let found = preview(&world, one.id).await;
        assert_eq!(found.attachment, *one);
        says.push((found.text, found.says));
    }
    let text = |at: usize| says[at].0.as_deref();
    assert_eq!(text(0), Some("a,b\n1,\u{241b}[31m"));
    assert!(text(1).is_some_and(|text| text.contains("Subject: x") && text.contains("hello")));
    for (at, why) in [(2, "not a kind"), (3, "no text"), (4, "not in the mirror")] {
        assert_eq!(text(at), None);
        assert!(says[at].1.contains(why), "{}", says[at].1);
    }
    let gone = Query::Preview {
        attachment: AttachmentId(99),
    };
    assert_eq!(world.store.answer(gone).await.unwrap(), Answer::NotFound);
}

#[tokio::test]
async fn a_voice_note_is_its_transcript() {
    let world = World::new().await;
    let mut message = mail(1, "a@b.example", "", "please call back");
    message.content = Content::Voice { millis: 21_000 };
    message.attachments = vec![file("note.ogg", "audio/ogg", Some(b"OggS"))];
    world.mail(message).await;
    let files = only_message(&world).await.attachments;
    let found = preview(&world, files[0].id).await;
    assert_eq!(found.text.as_deref(), Some("please call back"));
    assert_eq!(found.says, "its transcript");
}
