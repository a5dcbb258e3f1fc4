//! Whole screens of setting up an account, at three sizes.

use frontdesk::testing::{Bench, World, cards};
use frontdesk::ui::{Effect, Hidden, Msg, Saved, SetupNews, VaultNews};

const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (40, 12)];

/// The screen after these keys, at every size.
fn shown(name: &str, keys: &str, then: impl Fn(&mut Bench<World>)) {
    for (columns, rows) in SIZES {
        let mut bench = Bench::new(cards::setup(columns, rows), World::morning());
        bench.press(keys);
        then(&mut bench);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), bench.screen());
    }
}

fn run(bench: &Bench<World>) -> u64 {
    match bench.effects.last() {
        Some(Effect::TryAccount { run, .. } | Effect::SaveAccount { run, .. }) => *run,
        other => panic!("{other:?}"),
    }
}

const BOT: &str = "g+jjj<Enter><Enter><Enter>acme_bot<Enter><Enter>99:AAEx<Enter>";

#[test]
fn from_the_choice_to_the_first_messages() {
    shown("choose", "g+", |_| {});
    shown("steps", "g+jjj<Enter>", |_| {});
    shown(
        "fields",
        "g+<Enter><Enter>nina@gmail.com<Enter><Enter><Enter><Enter><Enter><Enter><Right>",
        |_| {},
    );
    shown("trying", BOT, |bench| {
        let run = run(bench);
        for (name, ok, says) in [
            ("bot", true, "@acme_bot (Acme)"),
            (
                "reading",
                false,
                "a webhook is set for this bot, so another program gets its messages",
            ),
        ] {
            let check = frontdesk::model::guide::Check {
                name: name.to_owned(),
                ok,
                says: says.to_owned(),
            };
            bench.tell(Msg::SettingUp {
                run,
                news: SetupNews::Tried(check),
            });
        }
        bench.tell(Msg::SettingUp {
            run,
            news: SetupNews::Finished,
        });
    });
    shown("browser", BOT, |bench| {
        let run = run(bench);
        let news = SetupNews::Page {
            address: "https://login.example/authorize?response_type=code&client_id=1234567890&redirect_uri=http%3A%2F%2F127.0.0.1%3A40001&state=abc".to_owned(),
            code: None,
        };
        bench.tell(Msg::SettingUp { run, news });
    });
    shown("vault", BOT, |bench| {
        let run = run(bench);
        bench.tell(Msg::SettingUp {
            run,
            news: SetupNews::NeedsVault { exists: false },
        });
        bench.press("correct");
    });
    shown("saved", BOT, |bench| {
        let run = run(bench);
        let saved = Saved {
            account: "support".to_owned(),
            file: "~/.config/frontdesk/config.toml".to_owned(),
            after: vec!["Paste the address and the word at the vendor.".to_owned()],
            url: Some("https://desk.example/hook/support".to_owned()),
            word: Some(Hidden::new("secret-word-of-the-suite")),
        };
        bench.tell(Msg::SettingUp {
            run,
            news: SetupNews::Saved(Box::new(saved)),
        });
        assert!(
            !bench.screen().contains("secret-word"),
            "{}",
            bench.screen()
        );
    });
    shown("locked", "", |bench| {
        bench.tell(Msg::Vault(VaultNews::Locked {
            ask: true,
            idle: false,
        }));
        bench.press("abc");
    });
}

#[test]
fn what_is_below_is_told_and_scrolling_ends_where_it_ends() {
    let mut bench = Bench::new(cards::setup(40, 12), World::morning());
    bench.press("g+jjj<Enter>");
    assert!(bench.screen().contains(" more lines"), "{}", bench.screen());
    bench.press(&"j".repeat(40));
    let end = bench.screen();
    assert!(!end.contains(" more lines"), "{end}");
    bench.press("k");
    assert_ne!(bench.screen(), end);
}

#[test]
fn what_is_typed_takes_the_place_of_what_is_proposed() {
    for (keys, wanted) in [
        ("care", "    care "),
        ("<Backspace>x", "    telegrax "),
        ("<C-u>desk", "    desk "),
    ] {
        let mut bench = Bench::new(cards::setup(80, 24), World::morning());
        bench.press("g+jjj<Enter><Enter>");
        assert!(
            bench.screen().contains("    telegram\n"),
            "{}",
            bench.screen()
        );
        bench.press(keys);
        let screen = bench.screen();
        let lines: Vec<_> = screen.lines().map(|line| format!("{line} ")).collect();
        assert!(
            lines.iter().any(|line| line.starts_with(wanted)),
            "{screen}"
        );
    }
}
