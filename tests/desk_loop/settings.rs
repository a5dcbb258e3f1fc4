//! Files of the configuration that are changed while the program runs.

use crate::desk::nowhere;
use frontdesk::config::{Paths, load_file};
use frontdesk::runtime::{Files, ScreenOptions, run_screen_on};
use frontdesk::testing::Robot;
use std::path::{Path, PathBuf};

pub struct Home {
    pub dir: tempfile::TempDir,
}

impl Home {
    pub fn new(config: &str) -> Self {
        let home = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir_all(home.file("")).unwrap();
        home.write("config.toml", config);
        home
    }

    fn file(&self, name: &str) -> PathBuf {
        Paths::below(self.dir.path()).config_dir.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// As most editors do: another file, which then takes the name.
    fn replace(&self, name: &str, text: &str) {
        let beside = self.file(&format!("{name}~"));
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, self.file(name)).unwrap();
    }

    /// The product's screen on this configuration.
    pub fn sit(&self) -> Robot {
        let paths = Paths::below(self.dir.path());
        let files = Files {
            config: self.file("config.toml"),
            paths: paths.clone(),
        };
        let (config, problems) = load_file(&files.config, &paths);
        let options = ScreenOptions::default();
        let robot = Robot::start((100, 30), |terminal| {
            run_screen_on(config, problems, files, options, nowhere(), |_| {
                Ok(terminal)
            })
        });
        robot.sees("Inbox");
        robot
    }
}

const DONE: &str = "the new settings are in force";

#[test]
fn a_theme_is_put_on_at_once_and_a_wrong_one_is_not() {
    let home = Home::new("me = 'nina'\n");
    let robot = home.sit();
    home.replace("config.toml", "me = 'nina'\ntheme = 'mine'\n");
    robot.sees("there is no theme `mine`");
    assert!(!robot.styles().contains("Indexed(100)"));

    std::fs::create_dir(home.file("themes")).unwrap();
    home.write(
        "themes/mine.toml",
        "inherits = 'dark'\n[roles]\ntext = { fg = '100' }\n",
    );
    robot.sees(DONE);
    assert!(
        robot.styles().contains("Indexed(100)"),
        "{}",
        robot.styles()
    );

    home.write(
        "themes/mine.toml",
        "inherits = 'dark'\n[roles]\ntext = { fg = 'blu' }\n",
    );
    robot.sees("mine.toml:3:");
    assert!(robot.status().contains("old settings kept"));
    assert!(
        robot.styles().contains("Indexed(100)"),
        "{}",
        robot.styles()
    );
}

#[test]
fn keys_change_at_once_and_wrong_ones_do_not() {
    let home = Home::new("me = 'nina'\n");
    let robot = home.sit();
    let binds = |key: &str| format!("[[keys]]\nscope = 'anywhere'\non = '{key}'\nrun = 'help'\n");
    robot.press("Z");
    assert!(
        robot.status().contains("does nothing here"),
        "{}",
        robot.screen()
    );
    home.write("keymap.toml", &binds("Z"));
    robot.sees(DONE).press("Z");
    assert!(robot.screen().contains("Esc closes"), "{}", robot.screen());
    robot.press("<Esc>");
    home.replace(
        "keymap.toml",
        "[[keys]]\nscope = 'anywhere'\non = 'Z'\nrun = 'explode'\n",
    );
    robot.sees("keymap.toml:1:");
    robot.press("Z");
    assert!(robot.screen().contains("Esc closes"), "the old keys stay");
}

#[test]
fn a_wrong_file_keeps_everything_and_the_next_right_one_counts() {
    let home = Home::new("me = 'nina'\nplain = true\n");
    let robot = home.sit();
    let plain = robot.screen();
    home.write("config.toml", "me = 'nina'\nplain = false\nthme = 'x'\n");
    robot.sees("config.toml:3:1: unknown key `thme`");
    assert!(robot.status().contains("old settings kept"));
    let shown = |screen: &str| screen.lines().take(20).collect::<Vec<_>>().join("\n");
    assert_eq!(
        shown(&robot.screen()),
        shown(&plain),
        "not even the right part"
    );
    std::fs::remove_file(home.file("config.toml")).unwrap();
    robot.sees("config.toml: this file is gone");
    home.write("config.toml", "me = 'nina'\nplain = false\n");
    robot.sees(DONE);
    assert_ne!(shown(&robot.screen()), shown(&plain));
}

#[test]
fn what_needs_a_new_start_is_said() {
    let home = Home::new("me = 'nina'\n");
    let robot = home.sit();
    home.replace(
        "config.toml",
        "me = 'tom'\nagents = ['ana']\n[assist]\nenabled = false\n[desk.hours]\nmon = '09:00-17:00'\n",
    );
    robot.sees("restart frontdesk for: me, assist, the assistant's hours");
    assert!(robot.screen().contains("nina"), "{}", robot.screen());
    // The same file again is no news.
    let frames = robot.frames();
    let text = std::fs::read_to_string(home.file("config.toml")).unwrap();
    home.replace("config.toml", &text);
    home.replace("config.toml", "me = 'nina'\n");
    robot.sees_that("the settings of the start", |screen| {
        screen.contains(DONE) && !screen.contains("restart")
    });
    assert!(robot.frames() > frames);
}

/// Whoever keeps their files elsewhere and links them has them watched, too.
#[test]
fn a_linked_file_is_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("frontdesk.toml");
    std::fs::write(&real, "me = 'nina'\n").unwrap();
    let home = Home::new("");
    let link = home.file("config.toml");
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&real, Path::new(&link)).unwrap();
    let robot = home.sit();
    std::fs::write(&real, "me = 'nina'\ntheme = 'light'\n").unwrap();
    robot.sees(DONE);
}
