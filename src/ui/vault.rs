//! The vault as the screen sees it: open or locked, and the passphrase while it is typed.

use super::app::App;
use super::effect::Effect;
use super::hidden::Hidden;
use super::key::{Code, Key};
use super::msg::NoticeKind;
use super::overlays::{Overlay, Passphrase};

/// What the runtime tells of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultNews {
    /// Its key is at hand.
    Open,
    /// It is locked, and accounts need it.
    Locked {
        /// Ask for the passphrase now.
        ask: bool,
        /// It was locked because nobody was here.
        idle: bool,
    },
    /// There is none: one can be made.
    Missing,
    /// It was not opened, and why.
    Refused(String),
}

/// Shows what was told.
pub(super) fn told(app: &mut App, news: VaultNews) {
    match news {
        VaultNews::Open => {
            let was = std::mem::replace(&mut app.vault_locked, false);
            let asked = app.overlays.iter().any(is_passphrase);
            app.overlays.retain(|overlay| !is_passphrase(overlay));
            if was || asked {
                app.say(NoticeKind::Info, "the vault is open");
            }
            super::setting_up::vault_opened(app);
        }
        VaultNews::Locked { ask, idle } => {
            app.vault_locked = true;
            let words = if idle {
                "the vault was locked because nobody was here; :unlock opens it"
            } else {
                "the vault is locked; :unlock opens it"
            };
            if ask {
                self::ask(app);
            } else {
                app.say(NoticeKind::Warning, words);
            }
        }
        VaultNews::Missing => {
            app.overlays.retain(|overlay| !is_passphrase(overlay));
            ask_new(app);
        }
        VaultNews::Refused(words) => {
            let asked = app
                .overlays
                .iter_mut()
                .rev()
                .find_map(|overlay| match overlay {
                    Overlay::Passphrase(asked) => Some(asked),
                    _ => None,
                });
            match asked {
                Some(asked) => asked.refused(words),
                None => app.say(NoticeKind::Warning, words),
            }
        }
    }
}

/// Asks for the passphrase, unless it is being asked for.
pub(super) fn ask(app: &mut App) {
    if !app.overlays.iter().any(is_passphrase) {
        app.overlays
            .push(Overlay::Passphrase(Passphrase::opening()));
    }
}

/// Asks for the passphrase of a vault that is to be made.
pub(super) fn ask_new(app: &mut App) {
    if !app.overlays.iter().any(is_passphrase) {
        app.overlays.push(Overlay::Passphrase(Passphrase::making()));
    }
}

fn is_passphrase(overlay: &Overlay) -> bool {
    matches!(overlay, Overlay::Passphrase(_))
}

/// A key while the passphrase is asked for; the overlay is off the stack.
pub(super) fn key(app: &mut App, mut asked: Passphrase, key: Key) {
    let leaves =
        key == Key::plain(Code::Esc) || key.ctrl && matches!(key.code, Code::Char('c' | 'g'));
    if leaves {
        let words = if asked.makes() {
            "no vault was made"
        } else {
            "the vault stays locked; :unlock asks again"
        };
        app.say(NoticeKind::Warning, words);
        super::setting_up::vault_left(app);
        return;
    }
    if key == Key::plain(Code::Enter) {
        if let Some(typed) = asked.enter() {
            let made = asked.makes();
            app.effects.push(if made {
                Effect::MakeVault(typed)
            } else {
                Effect::Unlock(typed)
            });
        }
    } else {
        asked.key(key);
    }
    app.overlays.push(Overlay::Passphrase(asked));
}

/// Pasted text, which may be a passphrase.
pub(super) fn paste(asked: &mut Passphrase, text: &str) {
    asked.insert(text);
}

/// What a key does to something that is not shown.
pub(super) fn edit(hidden: &mut Hidden, key: Key) {
    match (key.ctrl, key.code) {
        (true, Code::Char('u')) => hidden.clear(),
        (false, Code::Backspace) | (true, Code::Char('h')) => hidden.pop(),
        _ => {
            if let Some(c) = key.types() {
                hidden.insert(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
}
