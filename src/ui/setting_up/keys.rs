//! Keys and pasted text while an account is set up.

use super::super::action::{Action, Scope};
use super::super::app::App;
use super::super::effect::Effect;
use super::super::hidden::Hidden;
use super::super::key::{Code, Key};
use super::super::keymap::Found;
use super::super::msg::NoticeKind;
use super::super::overlays::Overlay;
use super::super::panes::sidebar::Target;
use super::super::perform::remove_account;
use super::trial::End;
use super::{SettingUp, Stage, Trial, Wish, go};
use crate::model::AccountId;
use crate::model::query::View;

/// What becomes of it after a key.
#[derive(PartialEq, Eq)]
enum After {
    Stays,
    /// The key means nothing there.
    Unknown,
    /// Closed; what was typed and may be seen is kept for the next time.
    Closes,
    /// Closed, and forgotten.
    Ends,
}

/// A key while an account is set up; the overlay is off the stack.
pub(crate) fn key(app: &mut App, mut setting_up: Box<SettingUp>, key: Key) {
    let back =
        key == Key::plain(Code::Esc) || key.ctrl && matches!(key.code, Code::Char('c' | 'g'));
    let after = match &mut setting_up.stage {
        Stage::Choose => choose(&mut setting_up, key, back),
        Stage::Steps(_) => steps(&mut setting_up, key, back),
        Stage::Fill => fill(app, &mut setting_up, key, back),
        Stage::Try(_) => try_out(app, &mut setting_up, key, back),
        Stage::Saved(_) => saved(app, &mut setting_up, key, back),
    };
    if after == After::Unknown {
        app.no_such_key(&[key], "Esc goes back");
    }
    match after {
        After::Stays | After::Unknown => {
            setting_up.settle(&app.health.items, app.frame().body, app.setup.plain);
            app.overlays.push(Overlay::SettingUp(setting_up));
        }
        After::Closes => {
            for form in setting_up.forms.values_mut() {
                form.wipe();
            }
            app.set_aside = Some(setting_up);
        }
        After::Ends => {}
    }
}

fn choose(setting_up: &mut SettingUp, key: Key, back: bool) -> After {
    let last = setting_up.guides.len().saturating_sub(1);
    match key.code {
        _ if back => return After::Closes,
        Code::Char('q') => return After::Closes,
        Code::Char('j') | Code::Down | Code::Tab => {
            setting_up.choice = (setting_up.choice + 1).min(last);
        }
        Code::Char('k') | Code::Up | Code::BackTab => {
            setting_up.choice = setting_up.choice.saturating_sub(1);
        }
        Code::Enter => {
            setting_up.form_mut();
            setting_up.stage = Stage::Steps(0);
        }
        _ => return After::Unknown,
    }
    After::Stays
}

fn steps(setting_up: &mut SettingUp, key: Key, back: bool) -> After {
    let Stage::Steps(down) = &mut setting_up.stage else {
        return After::Stays;
    };
    match key.code {
        _ if back => setting_up.stage = Stage::Choose,
        Code::Enter | Code::Tab => setting_up.stage = Stage::Fill,
        _ => return scroll(down, key),
    }
    After::Stays
}

fn scroll(down: &mut usize, key: Key) -> After {
    match key.code {
        Code::Char('j' | ' ') | Code::Down | Code::PageDown => *down += 1,
        Code::Char('k') | Code::Up | Code::PageUp => *down = down.saturating_sub(1),
        _ => return After::Unknown,
    }
    After::Stays
}

fn fill(app: &mut App, setting_up: &mut SettingUp, key: Key, back: bool) -> After {
    if back {
        setting_up.stage = Stage::Steps(0);
        return After::Stays;
    }
    let Some(form) = setting_up.form_mut() else {
        return After::Closes;
    };
    match (key.code, key.ctrl) {
        (Code::Char('s'), true) => go(app, setting_up, Wish::Try),
        (Code::Char('o'), true) => form.show_more(),
        (Code::Enter, _) => {
            if !form.step(true) {
                go(app, setting_up, Wish::Try);
            }
        }
        (Code::Tab | Code::Down, _) => _ = form.step(true),
        (Code::BackTab | Code::Up, _) => _ = form.step(false),
        _ => form.key(key),
    }
    After::Stays
}

fn try_out(app: &mut App, setting_up: &mut SettingUp, key: Key, back: bool) -> After {
    let Stage::Try(trial) = &mut setting_up.stage else {
        return After::Stays;
    };
    // What is being saved is saved in a moment, and cannot be half so.
    if trial.end == End::Saving {
        app.say(NoticeKind::Info, "it is being saved; one moment");
        return After::Stays;
    }
    let runs = trial.end == End::Runs;
    match key.code {
        _ if back => {
            if runs {
                app.effects.push(Effect::StopSetup { run: trial.run });
            }
            setting_up.stage = Stage::Fill;
        }
        Code::Char(what @ ('o' | 'y')) if runs => {
            let Some((address, _)) = trial.page.clone() else {
                return After::Unknown;
            };
            if what == 'o' {
                app.effects.push(Effect::Open(address));
            } else {
                app.effects.push(Effect::Copy(address));
                app.say(NoticeKind::Info, "the address is copied");
            }
        }
        _ if runs => return scroll(&mut trial.down, key),
        Code::Enter => setting_up.stage = Stage::Fill,
        Code::Char('a') => go(app, setting_up, Wish::Try),
        Code::Char('s') => go(app, setting_up, Wish::Save),
        _ => return After::Unknown,
    }
    After::Stays
}

fn saved(app: &mut App, setting_up: &mut SettingUp, key: Key, back: bool) -> After {
    let Stage::Saved(done) = &mut setting_up.stage else {
        return After::Stays;
    };
    match key.code {
        _ if back => return After::Ends,
        Code::Char('q') => return After::Ends,
        Code::Enter => {
            let account = AccountId::new(&done.saved.account);
            app.go(Target::View(View::Account(account)));
            return After::Ends;
        }
        Code::Char('y') => {
            let Some(url) = done.saved.url.clone() else {
                return After::Unknown;
            };
            app.effects.push(Effect::Copy(url));
            app.say(NoticeKind::Info, "the address is copied");
        }
        Code::Char('w') => {
            let Some(word) = done.saved.word.clone() else {
                return After::Unknown;
            };
            app.effects.push(Effect::CopyHidden(word));
        }
        Code::Char('v') if done.saved.word.is_some() => done.shows_word = !done.shows_word,
        _ => return scroll(&mut done.down, key),
    }
    After::Stays
}

/// A key while an account is tested; the overlay is off the stack.
pub(crate) fn trial_key(app: &mut App, trial: Box<Trial>, key: Key) {
    let closes = matches!(key.code, Code::Esc | Code::Enter | Code::Char('q'))
        || key.ctrl && matches!(key.code, Code::Char('c' | 'g'));
    if closes {
        if !trial.over() {
            app.effects.push(Effect::StopSetup { run: trial.run });
        }
        return;
    }
    // The keys of the screen below are about the account that is tested.
    let found = app.setup.keymap.find(&[Scope::Health], &[key]);
    match (found, trial.over()) {
        (Found::Action(Action::TestAccount), true) => super::test(app, &trial.account),
        _ if key == Key::char('a') && trial.over() => super::test(app, &trial.account),
        (Found::Action(Action::RemoveAccount), true) => {
            remove_account(app, AccountId::new(&trial.account));
        }
        (_, over) => {
            let hint = if over {
                "a tests again, Esc closes"
            } else {
                "the test still runs, Esc stops it"
            };
            app.overlays.push(Overlay::Trial(trial));
            app.no_such_key(&[key], hint);
        }
    }
}

/// Pasted text: for the field under the cursor, or the address at which a browser ended.
pub(crate) fn paste(setting_up: &mut SettingUp, text: &str) -> Option<Effect> {
    match &setting_up.stage {
        Stage::Fill => {
            setting_up.form_mut()?.paste(text);
            None
        }
        Stage::Try(trial) if trial.page.is_some() => Some(Effect::PasteToSetup {
            run: trial.run,
            text: Hidden::new(text.trim()),
        }),
        _ => None,
    }
}
