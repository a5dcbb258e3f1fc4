//! The hostile corpus against the mirror: kept whole, shown clean, searched without an error.

use crate::corpus::load;
use crate::ledger::proven;
use crate::world::*;
use frontdesk::model::query::{From, ListQuery, Sort, View};
use frontdesk::model::{Answer, NewAttachment, Party, Query};

#[tokio::test]
async fn every_search_is_answered() {
    let world = World::new().await;
    world
        .mail(mail(
            1,
            "a@b.example",
            "Lamp broke",
            "refund AND NOT the * lamp (please)",
        ))
        .await;
    let rows = proven("store_mirror::every_search_is_answered", "07_search");
    assert!(rows.len() > 20);
    for row in rows {
        let text = row.text();
        for typing in [true, false] {
            let query = Query::Search {
                text: text.clone(),
                me: "mia".to_owned(),
                typing,
                before: None,
                limit: 10,
            };
            let answer = world.store.answer(query).await;
            assert!(
                matches!(answer, Ok(Answer::Search { .. })),
                "{}: {answer:?}",
                row.id
            );
        }
        let list = ListQuery {
            view: View::All,
            sort: Sort::ClosingSoonest,
            from: From::Top,
            limit: 10,
            me: text.clone(),
            filter: text.clone(),
        };
        let answer = world.store.answer(Query::List(list)).await;
        assert!(
            matches!(answer, Ok(Answer::List(_))),
            "{}: {answer:?}",
            row.id
        );
        let canned = world
            .store
            .answer(Query::Canned { text: text.clone() })
            .await;
        assert!(canned.is_ok(), "{}: {canned:?}", row.id);
        let found = world.store.find_passages(&text, 5).await;
        assert!(found.is_ok(), "{}: {found:?}", row.id);
    }
}

#[tokio::test]
async fn every_text_is_kept_whole_and_shown_clean() {
    let world = World::new().await;
    let mut n = 0;
    let test = "store_mirror::every_text_is_kept_whole_and_shown_clean";
    for file in ["01_terminal", "02_unicode"] {
        // What is claimed and what is not: all of it is kept.
        assert!(!proven(test, file).is_empty());
        for row in load(file) {
            n += 1;
            let text = row.text();
            let mut message = mail(n, "a@b.example", "", "");
            message.thread.thread = Some(format!("t{n}"));
            message.thread.thread_decides = true;
            message.from = Party::named(format!("{n}@b.example"), text.as_str());
            message.subject.clone_from(&text);
            message.text.clone_from(&text);
            message.to = vec![Party::named("care@desk.example", text.as_str())];
            message.attachments = vec![NewAttachment {
                name: text.clone(),
                mime: text.clone(),
                ..NewAttachment::default()
            }];
            message.raw.clone_from(&row.payload);
            let done = world.mail(message).await;
            let arrival = &done.arrivals[0];
            let shown = &world.messages(arrival.conversation).await[0];
            let conversation = world.conversation(arrival.conversation).await;
            let lines = [
                &arrival.contact_name,
                &arrival.subject,
                &arrival.snippet,
                &conversation.subject,
                &conversation.snippet,
                &conversation.contact_name,
                &shown.subject,
                &shown.attachments[0].name,
                &shown.attachments[0].mime,
                shown.to[0].name.as_ref().unwrap_or(&String::new()),
            ]
            .map(Clone::clone);
            for line in lines {
                clean(&row.id, &line);
                assert!(!line.contains('\n'), "{}", row.id);
            }
            clean(&row.id, &shown.body);
            let raw = world
                .store
                .answer(Query::Raw { message: shown.id })
                .await
                .unwrap();
            if !row.payload.is_empty() {
                assert_eq!(raw, Answer::Raw(Some(row.payload)), "{}", row.id);
            }
        }
    }
    assert!(n > 40);
}

fn clean(id: &str, text: &str) {
    let bad = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
    });
    assert_eq!(bad, None, "{id}");
}
