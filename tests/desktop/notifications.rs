//! Notifications by the desktop's service.

use crate::{desktop, is_elsewhere, on_a_mute_bus, on_an_empty_bus, without_a_bus};
use frontdesk::model::SystemClock;
use frontdesk::notify::{NewsKind, Notice, Notifier, NotifySettings, Place, Via, When};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;

/// The service has one log, and one set of habits.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const BELL: &[u8] = b"\x07";

fn start(title_only: bool) -> (Notifier, UnboundedReceiver<Vec<u8>>) {
    let settings = NotifySettings {
        via: Via::Desktop,
        when: When::Always,
        title_only,
        group_seconds: 0,
        ..NotifySettings::default()
    };
    let place = Place {
        session_bus: true,
        ..Place::default()
    };
    let clock = Arc::new(SystemClock);
    Notifier::start(settings, place, Vec::new(), clock, TimeZone::UTC)
}

fn notice(kind: NewsKind, who: &str, text: &str) -> Notice {
    Notice {
        kind,
        who: who.to_owned(),
        text: text.to_owned(),
    }
}

/// A customer who would like to run the desktop.
fn hostile() -> Notice {
    notice(
        NewsKind::Mine,
        "Ana\x1b]0;x\x07 <b>Boss</b>\u{202e}",
        "<img src=\"http://x.example/1.png\"> & <a href=\"x\">click</a>\x1b[31m\nnext",
    )
}

struct Service {
    folder: PathBuf,
    seen: usize,
}

impl Service {
    fn new(folder: &Path) -> Self {
        let mut service = Self {
            folder: folder.to_owned(),
            seen: 0,
        };
        service.seen = service.lines().len();
        service
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.join("shown")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn set(&self, name: &str, value: &str) {
        std::fs::write(self.folder.join(name), value).unwrap();
    }

    /// The next notification that the service was asked to show.
    async fn next(&mut self) -> serde_json::Value {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(line) = self.lines().get(self.seen) {
                self.seen += 1;
                return serde_json::from_str(line).unwrap();
            }
            assert!(Instant::now() < end, "nothing was shown");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn hostile_words_arrive_as_words() {
    let Some(folder) = desktop() else { return };
    let _alone = ALONE.lock().await;
    let mut service = Service::new(&folder);
    service.set("capabilities", "body");
    let (notifier, _bytes) = start(false);
    notifier.notify(hostile());
    let shown = service.next().await;
    assert_eq!(shown["application"], "frontdesk");
    let (title, body) = (
        shown["title"].as_str().unwrap(),
        shown["body"].as_str().unwrap(),
    );
    assert!(title.starts_with("Message from Ana"), "{title}");
    assert!(body.contains("& <a href=\"x\">click</a>"), "{body}");
    for text in [title, body] {
        let bad = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!text.contains(bad), "{text:?}");
    }
    assert_eq!(shown["urgency"], 1);

    // A service that takes the body for HTML gets none.
    service.set("capabilities", "body body-markup body-hyperlinks");
    notifier.notify(hostile());
    let shown = service.next().await;
    let body = shown["body"].as_str().unwrap();
    assert!(body.starts_with("&lt;img src="), "{body}");
    assert!(!body.contains(['<', '>']), "{body}");
}

#[tokio::test]
async fn a_shared_screen_shows_neither_names_nor_text() {
    let Some(folder) = desktop() else { return };
    let _alone = ALONE.lock().await;
    let mut service = Service::new(&folder);
    let (notifier, _bytes) = start(true);
    notifier.notify(hostile());
    let shown = service.next().await;
    assert_eq!(
        (&shown["title"], &shown["body"]),
        (&"New message".into(), &"".into())
    );
    notifier.notify(notice(NewsKind::Page, "raj", "the boiler"));
    let shown = service.next().await;
    assert_eq!(shown["title"], "You are paged");
    assert_eq!(shown["urgency"], 2, "a page stays until it is seen");
}

#[tokio::test]
async fn a_service_that_hangs_keeps_nobody_waiting() {
    let Some(folder) = desktop() else { return };
    let _alone = ALONE.lock().await;
    let mut service = Service::new(&folder);
    service.set("slow", "5");
    let (notifier, mut bytes) = start(false);
    let asked = Instant::now();
    for n in 0..5 {
        notifier.notify(notice(NewsKind::Mine, &format!("Ana {n}"), "hello"));
    }
    assert!(
        asked.elapsed() < Duration::from_millis(50),
        "the loop never waits"
    );
    // The first gives up after two seconds, the others at once; the bell rings for each.
    for _ in 0..5 {
        assert_eq!(bytes.recv().await.unwrap(), BELL);
    }
    let took = asked.elapsed();
    assert!(
        took > Duration::from_secs(1) && took < Duration::from_secs(4),
        "{took:?}"
    );
    service.set("slow", "0");
    // Once the service lets go, it is used again.
    let late = service.next().await;
    assert_eq!(late["title"], "Message from Ana 0");
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        notifier.notify(notice(NewsKind::Mine, "Ben", "hello"));
        tokio::select! {
            shown = service.next() => break assert_eq!(shown["title"], "Message from Ben"),
            _ = bytes.recv() => assert!(Instant::now() < end, "the service is not used again"),
        }
    }
}

#[tokio::test]
async fn without_a_service_the_bell_rings() {
    if is_elsewhere() {
        let (notifier, mut bytes) = start(false);
        notifier.notify(hostile());
        assert_eq!(bytes.recv().await.unwrap(), BELL);
        return;
    }
    if desktop().is_some() {
        without_a_bus("notifications::without_a_service_the_bell_rings");
        on_an_empty_bus("notifications::without_a_service_the_bell_rings");
        on_a_mute_bus("notifications::without_a_service_the_bell_rings");
    }
}
