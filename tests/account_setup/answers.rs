//! No key of the health screen, and of what opens from it, is swallowed: it does something, or the last line says why
//! not.

use frontdesk::testing::{Bench, World, cards};
use frontdesk::ui::action::{Scope, TABLE};
use frontdesk::ui::{Effect, Msg, SetupNews};

type Make = fn() -> Bench<World>;

fn health() -> Bench<World> {
    let mut bench = Bench::new(cards::setup(80, 24), World::morning());
    bench.press("gh");
    bench
}

/// A test of the first account, and the number of its run.
fn testing() -> (Bench<World>, u64) {
    let mut bench = health();
    bench.press("t");
    match bench.effects().as_slice() {
        [Effect::TestAccount { run, .. }] => (bench, *run),
        other => panic!("{other:?}"),
    }
}

fn tested() -> Bench<World> {
    let (mut bench, run) = testing();
    let news = SetupNews::Refused("nobody answers".to_owned());
    bench.tell(Msg::SettingUp { run, news });
    bench
}

/// Every key that is bound anywhere, one press each.
fn single_keys() -> impl Iterator<Item = &'static str> {
    let keys = TABLE.iter().flat_map(|row| row.keys.iter().copied());
    keys.filter(|keys| !keys.contains(' '))
}

fn pressed(keys: &str) -> String {
    if keys.chars().count() > 1 {
        format!("<{keys}>")
    } else {
        keys.to_owned()
    }
}

#[test]
fn every_key_does_something_or_says_why_not() {
    let places: [(&str, Make); 5] = [
        ("health", health),
        ("a test that runs", || testing().0),
        ("a test that is over", tested),
        ("a question", || {
            let mut bench = health();
            bench.press("X");
            bench
        }),
        ("no account", || {
            let mut bench = Bench::new(cards::setup(80, 24), World::default());
            bench.press("gh");
            bench
        }),
    ];
    // At the top of a list that fits there is nothing to scroll to.
    let moves = [
        "Up", "k", "Home", "C-u", "PageUp", "Down", "j", "End", "G", "C-d", "PageDown", "Tab",
        "S-Tab", "[", "]",
    ];
    for (place, make) in places {
        for keys in single_keys().filter(|keys| !moves.contains(keys)) {
            let mut bench = make();
            bench.effects();
            let before = bench.screen();
            bench.press(&pressed(keys));
            assert!(
                bench.screen() != before || !bench.effects().is_empty() || !bench.done.is_empty(),
                "{keys} in {place} is swallowed:\n{before}"
            );
        }
    }
}

#[test]
fn a_test_that_is_over_leads_on_to_taking_the_account_out() {
    let mut bench = tested();
    let status = bench.status();
    for offered in ["a again", "X remove", "Esc close"] {
        assert!(status.contains(offered), "{status}");
    }
    bench.press("X");
    let screen = bench.screen();
    assert!(screen.contains("Take support out"), "{screen}");
    assert!(screen.contains("messages stay"), "{screen}");
    bench.press("y");
    assert!(
        matches!(bench.effects().as_slice(), [Effect::RemoveAccount(account)] if account.as_str() == "support")
    );
}

#[test]
fn a_test_that_runs_is_stopped_before_anything_else() {
    let (mut bench, run) = testing();
    assert_eq!(bench.status().trim(), "Esc stop");
    for keys in ["X", "a", "t"] {
        bench.press(keys);
        let status = bench.status();
        assert!(
            status.contains("still runs, Esc stops it"),
            "{keys}: {status}"
        );
    }
    assert!(bench.effects().is_empty());
    bench.press("<Esc>");
    assert_eq!(bench.effects(), vec![Effect::StopSetup { run }]);
}

#[test]
fn the_keys_that_the_last_line_offers_in_health_are_of_its_scope() {
    let status = health().status();
    for row in TABLE.iter().filter(|row| row.scope == Scope::Health) {
        assert!(status.contains(row.short), "{}: {status}", row.name);
    }
}
