//! Every verb can be taken back, and only what it changed.

use crate::world::*;
use frontdesk::model::query::{From, ListQuery, Sort, View};
use frontdesk::model::time::DAY;
use frontdesk::model::{
    Actor, Answer, Command, Conversation, ConversationId, Priority, Query, Status, Timestamp,
};

async fn two() -> (World, Vec<ConversationId>) {
    let world = World::new().await;
    world.mail(mail(1, "a@b.example", "Lamp broke", "x")).await;
    world.mail(mail(2, "c@b.example", "Chair broke", "y")).await;
    let page = world.list(View::All).await;
    let ids = page.rows.iter().map(|(_, c)| c.id).collect();
    (world, ids)
}

async fn both(world: &World, ids: &[ConversationId]) -> Vec<Conversation> {
    let mut out = Vec::new();
    for id in ids {
        out.push(world.conversation(*id).await);
    }
    out
}

#[tokio::test]
async fn an_action_on_a_whole_list_is_taken_back_at_once() {
    let world = World::new().await;
    for n in 1..=60 {
        let (from, subject) = (format!("{n}@b.example"), format!("Matter {n}"));
        world.mail(mail(n, &from, &subject, "x")).await;
    }
    let ids = |filter: &str, limit| {
        Query::Ids(ListQuery {
            view: View::Inbox,
            sort: Sort::Newest,
            from: From::Top,
            limit,
            me: "mia".to_owned(),
            filter: filter.to_owned(),
        })
    };
    let found = |answer| match answer {
        Answer::Ids { ids, more } => (ids, more),
        other => panic!("{other:?}"),
    };
    let (some, more) = found(world.store.answer(ids("", 50)).await.unwrap());
    assert_eq!((some.len(), more), (50, true));
    let (one, _) = found(world.store.answer(ids("matter 17", 50)).await.unwrap());
    assert_eq!(one.len(), 1);
    let (all, more) = found(world.store.answer(ids("", 5_000)).await.unwrap());
    assert_eq!((all.len(), more), (60, false));
    let before = world.counts().await;
    world.ok(Command::Resolve { ids: all }).await;
    assert_eq!(world.counts().await.inbox, 0);
    world.undo().await;
    assert_eq!(world.counts().await, before);
}

#[tokio::test]
async fn each_verb_is_taken_back_whole() {
    let until = Some(Timestamp(START + DAY));
    for make in 0..9 {
        let (world, ids) = two().await;
        let labels = vec!["vip".to_owned()];
        world
            .ok(Command::Label {
                ids: vec![ids[0]],
                add: labels,
                remove: vec![],
            })
            .await;
        let before = both(&world, &ids).await;
        let counts = world.counts().await;
        let ids_ = ids.clone();
        let command = match make {
            0 => Command::Resolve { ids: ids_ },
            1 => Command::Snooze {
                ids: ids_,
                until,
                wake_on_reply: true,
            },
            2 => Command::Assign {
                ids: ids_,
                to: Some("ken".to_owned()),
            },
            3 => Command::Label {
                ids: ids_,
                add: vec!["billing".to_owned()],
                remove: vec!["vip".to_owned()],
            },
            4 => Command::SetPriority {
                ids: ids_,
                priority: Priority::Urgent,
            },
            5 => Command::Mute {
                ids: ids_,
                on: true,
            },
            6 => Command::Spam {
                ids: ids_,
                on: true,
            },
            7 => Command::Remark {
                conversation: ids[0],
                text: "likes tea".to_owned(),
            },
            _ => Command::Note {
                conversation: ids[0],
                body: "call back".to_owned(),
            },
        };
        let outcome = world.ok(command.clone()).await;
        assert!(outcome.undoable, "{command:?}");
        if make < 7 {
            assert_ne!(both(&world, &ids).await, before, "{command:?}");
            // Done again, it changes nothing and is not in the journal.
            let again = world.ok(command.clone()).await;
            assert_eq!(again.journal, None);
        }
        world.undo().await;
        assert_eq!(both(&world, &ids).await, before, "{command:?}");
        assert_eq!(world.counts().await, counts, "{command:?}");
        assert_eq!(world.messages(ids[0]).await.len(), 1);
        assert_eq!(world.detail(ids[0]).await.contact.remarks, "");
    }
}

#[tokio::test]
async fn marking_is_taken_back_and_looking_is_no_action() {
    let (world, ids) = two().await;
    world.ok(Command::Look { id: ids[0] }).await;
    let mark = |read| Command::MarkRead {
        ids: ids.clone(),
        read,
    };
    let unread = || async {
        let both = both(&world, &ids).await;
        both.iter().map(|one| one.unread).collect::<Vec<_>>()
    };
    assert_eq!(unread().await, [0, 1]);
    // Only the first is not unread yet, and only that is taken back.
    let outcome = world.ok(mark(false)).await;
    assert!(outcome.undoable && outcome.says.contains("unread"));
    assert_eq!(unread().await, [1, 1]);
    assert_eq!(world.ok(mark(false)).await.journal, None);
    world.undo().await;
    assert_eq!(unread().await, [0, 1]);
    world.ok(mark(true)).await;
    // Opening it is not what is taken back.
    world.ok(Command::Look { id: ids[1] }).await;
    world.undo().await;
    assert_eq!(unread().await, [0, 1]);
    let nothing = world.refused(Command::Undo { id: None }).await;
    assert_eq!(nothing.to_string(), "there is nothing to take back");
}

#[tokio::test]
async fn what_others_changed_since_stays() {
    let (world, ids) = two().await;
    let first = world.ok(Command::Resolve { ids: ids.clone() }).await;
    let label = vec!["late".to_owned()];
    world
        .ok(Command::Label {
            ids: vec![ids[0]],
            add: label,
            remove: vec![],
        })
        .await;
    let ken = Actor::Agent("ken".to_owned());
    world
        .store
        .apply(
            &ken,
            Command::Spam {
                ids: vec![ids[1]],
                on: true,
            },
        )
        .await
        .unwrap();
    world.ok(Command::Undo { id: first.journal }).await;
    let both = both(&world, &ids).await;
    assert_eq!(both[0].status, Status::Open);
    assert_eq!(both[0].labels, ["late"]);
    assert_eq!(both[1].status, Status::Spam, "ken judged it since");
    // One's own newest is the label; ken's is ken's.
    world.undo().await;
    assert!(world.conversation(ids[0]).await.labels.is_empty());
    let nothing = world.refused(Command::Undo { id: None }).await;
    assert_eq!(nothing.to_string(), "there is nothing to take back");
}

#[tokio::test]
async fn drafts_and_views_come_back() {
    let (world, ids) = two().await;
    let draft = world.draft(ids[0], "half a sentence").await;
    let id = world
        .ok(Command::SaveDraft(Box::new(draft.clone())))
        .await
        .draft
        .unwrap();
    // Saved as it is typed: one row, no journal.
    for _ in 0..3 {
        let again = world.ok(Command::SaveDraft(Box::new(draft.clone()))).await;
        assert_eq!((again.draft, again.journal), (Some(id), None));
    }
    world.ok(Command::DiscardDraft { id }).await;
    assert!(!world.conversation(ids[0]).await.has_draft);
    // Another is begun meanwhile: neither is lost.
    let mut other = draft.clone();
    other.body = "another".to_owned();
    world.ok(Command::SaveDraft(Box::new(other))).await;
    world.undo().await;
    let drafts = world.detail(ids[0]).await.drafts;
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].body, "another\n\nhalf a sentence");
    let view = |query: &str| Command::SaveView {
        name: "late".to_owned(),
        query: query.to_owned(),
    };
    world.ok(view("is:waiting")).await;
    world.ok(view("is:unread")).await;
    world.undo().await;
    let saved = vec![("late".to_owned(), "is:waiting".to_owned())];
    assert_eq!(world.counts().await.saved, saved);
    world
        .ok(Command::DeleteView {
            name: "late".to_owned(),
        })
        .await;
    assert!(world.counts().await.saved.is_empty());
    world.undo().await;
    assert_eq!(world.counts().await.saved, saved);
    assert_eq!(
        world.list(View::Saved("late".to_owned())).await.rows.len(),
        2
    );
}

#[tokio::test]
async fn the_journal_is_a_chain() {
    let (world, ids) = two().await;
    world.ok(Command::Resolve { ids: ids.clone() }).await;
    world.undo().await;
    let report = world.store.journal_verify().await.unwrap();
    assert_eq!((report.entries, report.broken_at), (3, None));
    let query = Query::Journal {
        conversation: Some(ids[0]),
        limit: 10,
    };
    match world.store.answer(query).await.unwrap() {
        Answer::Journal(entries) => {
            let resolve = entries
                .iter()
                .find(|entry| entry.verb == "resolve")
                .unwrap();
            assert_eq!(
                resolve.detail["status"],
                serde_json::json!(["open", "resolved"])
            );
            assert!(!resolve.undoable);
        }
        other => panic!("{other:?}"),
    }
    // Somebody with the file in hand changes the past.
    let sql = world.sql();
    sql.execute_batch(
        "DROP TRIGGER journal_is_kept; UPDATE journal SET name = 'x', actor = '{\"kind\":\"agent\",\"name\":\"x\"}' WHERE id = 2",
    )
    .unwrap();
    let report = world.store.journal_verify().await.unwrap();
    assert_eq!(report.broken_at.map(|id| id.0), Some(2));
}

#[tokio::test]
async fn nonsense_is_refused() {
    let (world, ids) = two().await;
    let past = Some(Timestamp(START - 1));
    for command in [
        Command::Resolve {
            ids: vec![ConversationId(99)],
        },
        Command::Snooze {
            ids: ids.clone(),
            until: past,
            wake_on_reply: false,
        },
        Command::Label {
            ids: ids.clone(),
            add: vec![" ".to_owned()],
            remove: vec![],
        },
        Command::Note {
            conversation: ids[0],
            body: "  \n".to_owned(),
        },
        Command::DeleteView {
            name: "none".to_owned(),
        },
    ] {
        world.refused(command).await;
    }
    let all = [ids[0], ConversationId(99)];
    world.refused(Command::Resolve { ids: all.to_vec() }).await;
    assert_eq!(
        world.conversation(ids[0]).await.status,
        Status::Open,
        "all or none"
    );
}
