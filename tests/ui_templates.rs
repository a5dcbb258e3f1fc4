//! Templates on the screen: offered, filled, seen whole, queued; and no free text where the window is closed.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frontdesk::model::command::QueueDraft;
use frontdesk::model::time::{DAY, HOUR};
use frontdesk::model::{Channel, Command, Place, Template, TemplateList, TemplateStatus};
use frontdesk::testing::world::NOW;
use frontdesk::testing::{Bench, World, cards};
use frontdesk::ui::Effect;

fn template(name: &str, language: &str, body: &str, places: &[&str]) -> Template {
    let place = |name: &&str| Place {
        name: (*name).to_owned(),
        example: (*name == "day").then(|| "Friday".to_owned()),
    };
    Template {
        id: name.to_owned(),
        name: name.to_owned(),
        language: language.to_owned(),
        channel: Channel::Whatsapp,
        category: "UTILITY".to_owned(),
        status: TemplateStatus::Approved,
        body: body.to_owned(),
        places: places.iter().map(place).collect(),
    }
}

/// Ana, whose window closed two hours ago unless it is `open`.
fn world(open: bool) -> World {
    let mut world = World::morning();
    let mut pending = template("offer", "en_US", "Now {{1}}", &["1"]);
    pending.status = TemplateStatus::Other("PENDING".to_owned());
    world.templates = TemplateList {
        templates: vec![
            template(
                "visit_confirmed",
                "en_US",
                "Hello {{first_name}}, the technician comes on {{day}}.\nExample Support",
                &["first_name", "day"],
            ),
            pending,
        ],
        read_at: Some(NOW),
        error: None,
    };
    if !open && let Some(ana) = world.get_mut(1042) {
        ana.window_closes_at = Some(NOW - 2 * HOUR);
    }
    world
}

fn bench(size: (u16, u16), world: World) -> Bench<World> {
    let mut bench = Bench::new(cards::setup(size.0, size.1), world);
    bench.press("<Enter>");
    bench
}

fn queued(bench: &Bench<World>) -> Vec<&QueueDraft> {
    let mut all = Vec::new();
    for command in &bench.done {
        if let Command::Queue(queued) = command {
            all.push(queued.as_ref());
        }
    }
    all
}

#[test]
fn t_offers_only_templates_where_the_window_is_closed_and_one_leaves_as_it_was_seen() {
    let mut bench = bench((120, 36), world(false));
    bench.press("t");
    let screen = bench.screen();
    assert!(
        screen.contains("template: all that can be sent now"),
        "{screen}"
    );
    assert!(
        screen.contains("visit_confirmed") && screen.contains("pending"),
        "{screen}"
    );
    assert!(!screen.contains("sorry-late"), "{screen}");
    bench.press("visit<Enter>");
    let screen = bench.screen();
    assert!(
        screen.contains("Hello Ana, the technician comes on {{day}}."),
        "{screen}"
    );
    assert!(screen.contains("1 of 2 places filled"), "{screen}");
    // The empty place is refused in words.
    bench.press("<C-s>y");
    assert!(queued(&bench).is_empty());
    let screen = bench.screen();
    assert!(screen.contains("Day has no value yet"), "{screen}");
    bench.press("e").press("Monday<C-s>");
    let screen = bench.screen();
    assert!(
        screen.contains("visit_confirmed · en_US · utility · approved"),
        "{screen}"
    );
    assert!(
        screen.contains("Hello Ana, the technician comes on Monday."),
        "{screen}"
    );
    bench.press("y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1);
    let draft = &queued[0].draft;
    assert_eq!(
        draft.body,
        "Hello Ana, the technician comes on Monday.\nExample Support"
    );
    assert_eq!(queued[0].hash, draft.content_hash());
    let filled = draft.template.as_ref().unwrap().filled();
    assert_eq!(filled.values[1], ("day".to_owned(), "Monday".to_owned()));
}

#[test]
fn a_free_text_is_refused_with_words_that_name_t() {
    let mut bench = bench((120, 36), world(false));
    bench.press("r");
    let screen = bench.screen();
    assert!(screen.contains("only a template (C-t)"), "{screen}");
    bench.press("It is ready<C-s>y");
    assert!(queued(&bench).is_empty());
    let screen = bench.screen();
    assert!(screen.contains("pick one with t"), "{screen}");
}

#[test]
fn a_template_by_choice_keeps_the_text_that_was_there() {
    let mut bench = bench((120, 36), world(true));
    bench.press("rhello there<C-t>");
    let screen = bench.screen();
    assert!(
        screen.contains("canned reply or template") && screen.contains("sorry-late"),
        "{screen}"
    );
    bench.press("visit<Enter>");
    assert!(
        bench.screen().contains("Hello Ana, the technician"),
        "{}",
        bench.screen()
    );
    // Left and gone on with, it is still a template.
    bench.press("<Esc>r");
    assert!(
        bench.screen().contains("1 of 2 places filled"),
        "{}",
        bench.screen()
    );
    bench.press("<C-t>no template<Enter>");
    let screen = bench.screen();
    assert!(
        screen.contains("hello there") && !screen.contains("places filled"),
        "{screen}"
    );
    bench.press("<C-s>y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1);
    assert_eq!(
        (queued[0].draft.body.as_str(), &queued[0].draft.template),
        ("hello there", &None)
    );
}

#[test]
fn what_is_not_approved_is_not_begun() {
    let mut bench = bench((120, 36), world(false));
    bench.press("toffer<Enter>");
    assert!(
        bench
            .screen()
            .contains("offer cannot be used: it is pending"),
        "{}",
        bench.screen()
    );
    assert!(!bench.screen().contains("places filled"));
}

#[test]
fn an_empty_list_says_why() {
    for (list, wanted) in [
        (TemplateList::default(), "have not been read yet"),
        (
            TemplateList {
                read_at: Some(NOW),
                ..TemplateList::default()
            },
            "the account has no template",
        ),
        (
            TemplateList {
                error: Some("login refused".to_owned()),
                ..TemplateList::default()
            },
            "cannot be read: login refused",
        ),
    ] {
        let mut world = world(false);
        world.templates = list;
        let mut bench = bench((80, 24), world);
        bench.press("t");
        assert!(bench.screen().contains(wanted), "{}", bench.screen());
    }
}

#[test]
fn keys_typed_ahead_of_the_list_are_for_it() {
    let mut bench = bench((120, 36), world(false));
    bench.hold();
    bench.press("tvisit<Enter>Monday");
    bench.answer();
    let screen = bench.screen();
    assert!(screen.contains("comes on Monday."), "{screen}");
}

#[test]
fn a_window_that_closes_before_the_hold_ends_is_refused() {
    let mut world = world(true);
    world.get_mut(1042).unwrap().window_closes_at = Some(NOW + 5_000);
    let mut bench = bench((120, 36), world);
    bench.press("rhello<C-s>y");
    assert!(queued(&bench).is_empty());
    let screen = bench.screen();
    assert!(
        screen.contains("closes before this would leave"),
        "{screen}"
    );
}

#[test]
fn the_window_is_told_where_it_matters() {
    let mut world = world(true);
    let ana = world.get_mut(1042).unwrap();
    (ana.waiting_since, ana.window_closes_at) = (None, Some(NOW + 3 * HOUR));
    let shown = |world: World| {
        let mut bench = Bench::new(cards::setup(120, 36), world);
        bench.press("\\Ana<Enter><Enter>");
        bench
    };
    let mut open = shown(world.clone());
    assert!(open.screen().contains("window 3h"), "{}", open.screen());
    open.press("r");
    let words = "3h for a free reply, then only a";
    assert!(open.screen().contains(words), "{}", open.screen());
    open.press("x<C-s>");
    assert!(open.screen().contains(words), "{}", open.screen());
    world.get_mut(1042).unwrap().window_closes_at = Some(NOW - 3 * DAY);
    let shut = shown(world);
    assert!(shut.screen().contains("window closed"), "{}", shut.screen());
}

#[test]
fn the_customer_sees_that_somebody_writes_only_where_that_is_wanted() {
    for wanted in [false, true] {
        let mut setup = cards::setup(120, 36);
        for card in &mut setup.accounts {
            card.typing = wanted;
        }
        let mut bench = Bench::new(setup, world(true));
        bench.press("<Enter>n");
        bench.press("a note<Esc>r");
        bench.effects();
        let told = |bench: &mut Bench<World>| {
            let all = bench.effects();
            all.iter()
                .filter(|one| matches!(one, Effect::Typing(_)))
                .count()
        };
        bench.press("hello");
        assert_eq!(
            told(&mut bench),
            usize::from(wanted),
            "once, however many keys"
        );
        bench.pass(19_000).press("x");
        assert_eq!(told(&mut bench), 0);
        bench.pass(2_000).press("y");
        assert_eq!(told(&mut bench), usize::from(wanted));
    }
}

#[test]
fn the_screens() {
    for (columns, rows) in [(120, 36), (80, 24), (40, 12)] {
        let mut bench = bench((columns, rows), world(false));
        bench.press("t");
        insta::assert_snapshot!(format!("templates_{columns}x{rows}"), bench.screen());
        bench.press("visit<Enter>Monday");
        insta::assert_snapshot!(format!("form_{columns}x{rows}"), bench.screen());
        bench.press("<C-s>");
        insta::assert_snapshot!(format!("review_{columns}x{rows}"), bench.screen());
    }
}
