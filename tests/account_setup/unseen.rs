//! What is typed hidden is in no log and in no debug output, whichever part of the program would print itself.

use crate::home::{Home, PHRASE};
use frontdesk::testing::{Bench, World, cards};
use frontdesk::ui::{Effect, Hidden, Msg, SetupNews, VaultNews};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

const TOKEN: &str = "99:AAEsecret-of-the-suite";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[test]
fn no_log_holds_what_was_typed() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // The program runs on threads of its own.
    let _ = tracing::subscriber::set_global_default(subscriber);
    tracing::info!("the log is open");
    let home = Home::with("");
    home.sealed(&[]);
    let robot = home.sit((100, 30));
    robot.press("g+").press("jjj<Enter><Enter>");
    robot.press("<Enter>acme_bot<Enter><Enter>");
    robot.paste(TOKEN);
    robot.sees("•••");
    robot.press(":unlock");
    robot.press("<Esc><Esc><Esc>");
    robot.press(":unlock<Enter>").sees("Passphrase:");
    robot.hammer("not the one<Enter>");
    robot.sees("that is not the vault's passphrase");
    robot
        .paste(PHRASE)
        .press("<Enter>")
        .sees("the vault is open");
    drop(robot);
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("the log is open"),
        "something is logged at all"
    );
    for secret in [
        TOKEN,
        "secret-of-the-suite",
        PHRASE,
        "battery",
        "not the one",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn neither_state_nor_wishes_tell_what_was_typed() {
    let mut bench = Bench::new(cards::setup(100, 30), World::morning());
    bench.press("g+jjj<Enter><Enter><Enter>acme_bot<Enter><Enter>");
    bench.tell(Msg::Paste(TOKEN.to_owned()));
    let state = format!("{:?}", bench.app);
    assert!(
        state.contains("acme_bot") && !state.contains("secret-of"),
        "{state}"
    );
    bench.press("<Enter>");
    let Some(Effect::TryAccount { run, filled }) = bench.effects.last().cloned() else {
        panic!("{:?}", bench.effects);
    };
    let wish = format!("{filled:?}");
    assert!(
        wish.contains("acme_bot") && !wish.contains("secret-of"),
        "{wish}"
    );
    let news = SetupNews::NeedsVault { exists: true };
    bench.tell(Msg::SettingUp { run, news });
    bench.tell(Msg::Paste(PHRASE.to_owned()));
    assert!(!bench.screen().contains("horse"), "{}", bench.screen());
    assert!(!format!("{:?}", bench.app).contains("horse"));
    bench.press("<Enter>");
    assert_eq!(
        bench.effects.last(),
        Some(&Effect::Unlock(Hidden::new(PHRASE)))
    );
    assert!(!format!("{:?}", bench.effects).contains("horse"));
    // Opened, what waited for it goes on.
    bench.tell(Msg::Vault(VaultNews::Open));
    assert!(matches!(
        bench.effects.last(),
        Some(Effect::TryAccount { .. })
    ));
}
