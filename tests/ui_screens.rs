//! What is on the screen, at three sizes: 120x36 shows three panes, 80x24 two, 40x12 one.

use frontdesk::testing::desk::Broken;
use frontdesk::testing::world::World;
use frontdesk::testing::{Bench, cards};
use frontdesk::ui::{EngineState, Msg, Setup};

const WIDE: (u16, u16) = (120, 36);
const MEDIUM: (u16, u16) = (80, 24);
const NARROW: (u16, u16) = (40, 12);

fn morning(size: (u16, u16)) -> Bench<World> {
    let mut bench = Bench::new(cards::setup(size.0, size.1), World::morning());
    bench.tell(Msg::Engine(EngineState::Holder));
    bench
}

#[test]
fn the_inbox_shows_what_to_do_next_and_until_when() {
    insta::assert_snapshot!("inbox_wide", morning(WIDE).screen());
    insta::assert_snapshot!("inbox_medium", morning(MEDIUM).screen());
    insta::assert_snapshot!("inbox_narrow", morning(NARROW).screen());
}

#[test]
fn the_inbox_says_in_colour_what_it_says_in_words() {
    insta::assert_snapshot!("inbox_roles", morning(WIDE).roles());
}

#[test]
fn a_mail_with_quotes_links_and_files() {
    let mut bench = morning(WIDE);
    // Ana's window closes first, then Marco waits longest, then J. Chen.
    bench.press("jj<Enter>");
    insta::assert_snapshot!("mail_wide", bench.screen());
    bench.press("z");
    insta::assert_snapshot!("mail_unfolded", bench.screen());
    let mut bench = morning(NARROW);
    bench.press("jj<Enter>");
    insta::assert_snapshot!("mail_narrow", bench.screen());
}

#[test]
fn the_source_of_a_mail_and_its_files() {
    let mut world = World::morning();
    for message in &mut world.messages {
        message.content = frontdesk::model::Content::Html;
    }
    world.files.insert(
        "statement-nov.pdf".to_owned(),
        "date,amount\n2025-11-01,12.00\n2025-11-03,14.50".to_owned(),
    );
    let mut bench = Bench::new(cards::setup(MEDIUM.0, MEDIUM.1), world);
    bench.press("jj<Enter>vv");
    insta::assert_snapshot!("html_source_medium", bench.screen());
    bench.press("vo");
    insta::assert_snapshot!("picker_attachments", bench.screen());
    bench.press("look<Enter>");
    insta::assert_snapshot!("preview_medium", bench.screen());
    let mut bench = morning(NARROW);
    bench.press("jj<Enter>o").press("look<Enter>");
    insta::assert_snapshot!("preview_narrow", bench.screen());
}

#[test]
fn a_frame_of_another_size_than_was_told_shows_what_fits() {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    let bench = morning(WIDE);
    for (columns, rows) in [(80, 24), (39, 12), (200, 60), (119, 36)] {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("in memory");
        terminal
            .draw(|frame| frontdesk::ui::draw(&bench.app, frame))
            .expect("in memory");
    }
}

#[test]
fn the_contact_pane() {
    let mut bench = morning(WIDE);
    bench.press("<Enter>c");
    insta::assert_snapshot!("contact_wide", bench.screen());
}

#[test]
fn writing_an_answer() {
    let mut bench = morning(WIDE);
    bench
        .press("jj<Enter>r")
        .press("Thank you, we look into it.");
    insta::assert_snapshot!("composer_wide", bench.screen());
    bench.press("<C-s>");
    insta::assert_snapshot!("review_wide", bench.screen());
    bench.resize(80, 24);
    insta::assert_snapshot!("review_medium", bench.screen());
    bench.press("y");
    insta::assert_snapshot!("queued_wide", bench.screen());
}

#[test]
fn writing_on_a_small_screen() {
    let mut bench = morning(NARROW);
    bench.press("<Enter>r").press("On our way, ten minutes.");
    insta::assert_snapshot!("composer_narrow", bench.screen());
    bench.press("<C-s>");
    insta::assert_snapshot!("review_narrow", bench.screen());
}

#[test]
fn a_note_looks_like_nothing_a_customer_gets() {
    let mut bench = morning(MEDIUM);
    bench.press("<Enter>n").press("ask raj first");
    insta::assert_snapshot!("note_medium", bench.screen());
}

#[test]
fn approvals() {
    let mut bench = morning(WIDE);
    bench.press("ga");
    insta::assert_snapshot!("approvals_wide", bench.screen());
    bench.press("w");
    insta::assert_snapshot!("approvals_why", bench.screen());
    let mut bench = morning(NARROW);
    bench.press("ga<Enter>");
    insta::assert_snapshot!("approvals_narrow", bench.screen());
}

#[test]
fn a_draft_that_is_edited() {
    for (name, size) in [("wide", WIDE), ("medium", MEDIUM), ("narrow", NARROW)] {
        let mut bench = morning(size);
        bench.press("gae").press("Dear Ana. ");
        insta::assert_snapshot!(format!("approvals_edit_{name}"), bench.screen());
        bench.press("<C-s>");
        insta::assert_snapshot!(format!("approvals_edited_{name}"), bench.screen());
    }
}

#[test]
fn a_draft_beside_the_one_that_was_rejected() {
    use frontdesk::model::approval::Decision;
    use frontdesk::model::{ProposalId, ProposalState, RejectReason};
    let mut world = World::morning();
    let mut before = world.proposals[0].clone();
    before.id = ProposalId(80);
    before.body = "Hi Ana, yes. We are sorry. The technician is 40 minutes away.".to_owned();
    before.state = ProposalState::Rejected;
    before.decision = Some(Decision {
        actor: "raj".to_owned(),
        at: before.created_at,
        host: "desk-3".to_owned(),
        verb: "reject".to_owned(),
        reason: Some(RejectReason::WrongFact),
        words: "it is 20".to_owned(),
    });
    world.proposals.push(before);
    let mut bench = Bench::new(cards::setup(WIDE.0, WIDE.1), world);
    bench.press("ga").press("d");
    insta::assert_snapshot!("approvals_diff", bench.screen());
    bench.press("d");
    assert!(!bench.screen().contains("no longer"), "{}", bench.screen());
    let mut bench = morning(WIDE);
    bench.press("ga").press("d");
    assert!(
        bench.screen().contains("no earlier draft"),
        "{}",
        bench.screen()
    );
}

#[test]
fn the_other_places() {
    for (keys, name) in [
        ("go", "outbox"),
        ("gp", "pages"),
        ("gd", "drafts"),
        ("gh", "health"),
    ] {
        let mut bench = morning(MEDIUM);
        bench.press(keys);
        insta::assert_snapshot!(format!("{name}_medium"), bench.screen());
    }
}

#[test]
fn search_while_typing() {
    let mut bench = morning(MEDIUM);
    bench.press("/").press("are");
    insta::assert_snapshot!("search_medium", bench.screen());
}

#[test]
fn pickers_into_which_something_is_typed() {
    let mut bench = morning(MEDIUM);
    bench.press("b").press("tue 9am");
    insta::assert_snapshot!("picker_snooze_typed", bench.screen());
    bench.press("<Esc>jjL<Space>").press("ref<Space>");
    insta::assert_snapshot!("picker_labels", bench.screen());
}

#[test]
fn what_lies_over_the_panes() {
    let mut bench = morning(MEDIUM);
    bench.press("g").pass(1_000);
    insta::assert_snapshot!("which_key", bench.screen());
    bench.press("<Esc>?");
    insta::assert_snapshot!("help", bench.screen());
    bench.press("<Esc>a");
    insta::assert_snapshot!("picker_assign", bench.screen());
    bench.press("<Esc>b");
    insta::assert_snapshot!("picker_snooze", bench.screen());
    bench.press("<Esc>:snoo");
    insta::assert_snapshot!("command_line", bench.screen());
    bench.press("<Esc><C-k>inb");
    insta::assert_snapshot!("palette", bench.screen());
}

#[test]
fn empty_loading_and_failing_have_their_own_words() {
    for size in [WIDE, NARROW] {
        let at = format!("{}x{}", size.0, size.1);
        let bench = Bench::new(cards::setup(size.0, size.1), World::empty());
        insta::assert_snapshot!(format!("empty_{at}"), bench.screen());
        let bench = Bench::silent(cards::setup(size.0, size.1), World::morning());
        insta::assert_snapshot!(format!("loading_{at}"), bench.screen());
        let bench = Bench::new(cards::setup(size.0, size.1), Broken);
        insta::assert_snapshot!(format!("failing_{at}"), bench.screen());
    }
}

#[test]
fn every_place_says_that_it_is_empty_loading_or_failing() {
    for keys in ["ga", "go", "gp", "gd", "gh", "gs", "gm"] {
        let mut world = World::empty();
        world.health.clear();
        let mut bench = Bench::new(cards::setup(80, 24), world);
        bench.press(keys);
        let empty = bench.screen();
        let mut bench = Bench::silent(cards::setup(80, 24), World::morning());
        bench.press(keys);
        let loading = bench.screen();
        let mut bench = Bench::new(cards::setup(80, 24), Broken);
        bench.press(keys);
        let failing = bench.screen();
        assert!(loading.contains("reading"), "{keys}\n{loading}");
        assert!(
            !empty.contains("reading") && empty != loading,
            "{keys}\n{empty}"
        );
        assert!(failing.contains("disk I/O error"), "{keys}\n{failing}");
    }
}

#[test]
fn offline_and_attached_are_said() {
    let mut bench = morning(MEDIUM);
    bench.tell(Msg::Engine(EngineState::Attached(Some(4711))));
    insta::assert_snapshot!("attached_medium", bench.screen());
}

#[test]
fn plain_draws_no_boxes_and_no_symbols() {
    let mut bench = Bench::new(
        Setup {
            plain: true,
            ..cards::setup(80, 24)
        },
        World::morning(),
    );
    insta::assert_snapshot!("plain_inbox", bench.screen());
    bench.press("<Enter>");
    insta::assert_snapshot!("plain_conversation", bench.screen());
    for keys in [
        "ga",
        "go",
        "gp",
        "gd",
        "gh",
        "gi",
        "?",
        "<Esc>a",
        "<Esc>jj<Enter>r",
        "x<C-s>",
    ] {
        bench.press(keys);
        let screen = bench.screen();
        let odd: Vec<char> = screen
            .chars()
            .filter(|c| matches!(c, '\u{2190}'..='\u{2bff}'))
            .collect();
        assert!(odd.is_empty(), "{keys}: {odd:?}\n{screen}");
    }
}

#[test]
fn too_small_a_screen_says_the_size_it_needs() {
    insta::assert_snapshot!("too_small", morning((24, 5)).screen());
}

#[test]
fn no_size_breaks_it() {
    for columns in [1, 2, 7, 20, 39, 40, 41, 79, 80, 119, 120, 300] {
        for rows in [1, 2, 3, 9, 10, 12, 24, 60] {
            let mut bench = morning((columns, rows));
            for keys in [
                "<Enter>",
                "c",
                "r",
                "x<C-s>",
                "<Esc><Esc>",
                "ga",
                "w",
                "?",
                "<Esc>/a",
                "<Esc>g",
            ] {
                bench.press(keys);
                bench.screen();
            }
        }
    }
}
