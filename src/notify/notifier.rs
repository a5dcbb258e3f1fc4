//! The task that carries notifications, so that nobody else waits for them.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel};

use super::desktop::Desktop;
use super::policy::{Focus, Policy, Verdict};
use super::{Moment, Notice, NotifySettings, Place, Route, Shown, command, routes};
use crate::model::{Clock, Timestamp};

/// Notices that may wait while a sink is slow. More are dropped: by then nobody reads them one by
/// one.
const WAITING: usize = 1_024;
/// How long one sink may take.
const LIMIT: Duration = Duration::from_secs(2);

enum Order {
    Notice(Notice),
    Focus(Focus),
    Key,
    Settings(Box<(NotifySettings, TimeZone)>),
}

/// Takes notices and never keeps the caller waiting. Cheap to clone; the task ends with the last
/// one.
#[derive(Debug, Clone)]
pub struct Notifier {
    orders: Sender<Order>,
}

impl Notifier {
    /// Starts the task. The receiver yields bytes for the terminal (bell, OSC 9, 777, 99), complete
    /// and safe; whoever owns the tty writes them. `hidden` are the environment variables that a
    /// notification command must not see. Call it inside a tokio runtime.
    pub fn start(
        settings: NotifySettings,
        place: Place,
        hidden: Vec<String>,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
    ) -> (Self, UnboundedReceiver<Vec<u8>>) {
        let (orders, incoming) = channel(WAITING);
        let (terminal, bytes) = tokio::sync::mpsc::unbounded_channel();
        let task = Task {
            policy: Policy::new(settings.clone()),
            settings,
            place,
            hidden,
            clock,
            zone,
            terminal,
            desktop: Desktop::default(),
        };
        tokio::spawn(task.run(incoming));
        (Self { orders }, bytes)
    }

    /// Tells the agent, if the settings want it. Never waits and never fails.
    pub fn notify(&self, notice: Notice) {
        self.order(Order::Notice(notice));
    }

    /// The terminal gained or lost the focus.
    pub fn focus(&self, focus: Focus) {
        self.order(Order::Focus(focus));
    }

    /// The agent pressed a key.
    pub fn key(&self) {
        self.order(Order::Key);
    }

    /// Uses other settings from now on; quiet hours are meant in `zone`.
    pub fn set(&self, settings: NotifySettings, zone: TimeZone) {
        self.order(Order::Settings(Box::new((settings, zone))));
    }

    fn order(&self, order: Order) {
        // A full queue drops, see `WAITING`; a closed one belongs to a program that ends.
        let _ = self.orders.try_send(order);
    }
}

struct Task {
    policy: Policy,
    settings: NotifySettings,
    place: Place,
    hidden: Vec<String>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    terminal: UnboundedSender<Vec<u8>>,
    desktop: Desktop,
}

impl Task {
    async fn run(mut self, mut orders: Receiver<Order>) {
        loop {
            let wait = self.policy.due().map(|due| {
                let ms = due.since(self.clock.now());
                Duration::from_millis(u64::try_from(ms).unwrap_or(0))
            });
            let order = match wait {
                None => Some(orders.recv().await),
                Some(wait) => tokio::time::timeout(wait, orders.recv()).await.ok(),
            };
            let Some(order) = order else {
                if let Some(shown) = self.policy.flush(&self.moment()) {
                    self.deliver(&shown).await;
                }
                continue;
            };
            match order {
                None => return,
                Some(Order::Focus(focus)) => self.policy.focus(focus),
                Some(Order::Key) => self.policy.key(self.clock.now()),
                Some(Order::Settings(settings)) => {
                    (self.settings, self.zone) = *settings;
                    self.policy.set(self.settings.clone());
                }
                Some(Order::Notice(notice)) => {
                    let now = self.moment();
                    if let Verdict::Show(shown) = self.policy.decide(&notice, &now) {
                        self.deliver(&shown).await;
                    }
                }
            }
        }
    }

    fn moment(&self) -> Moment {
        moment(self.clock.now(), &self.zone)
    }

    /// Tries one way after the other until one works.
    async fn deliver(&self, shown: &Shown) {
        for route in routes(&self.settings, &self.place) {
            let done = match &route {
                Route::Bell => self.terminal.send(b"\x07".to_vec()).is_ok(),
                Route::Terminal(sequence) => {
                    let bytes = sequence.bytes(shown, self.place.multiplexer);
                    self.terminal.send(bytes).is_ok()
                }
                Route::Command(argv) => {
                    let run = command::run(argv, &self.hidden, shown);
                    matches!(tokio::time::timeout(LIMIT, run).await, Ok(Ok(())))
                }
                Route::Desktop => self.desktop.show(shown, LIMIT).await,
            };
            if done {
                return;
            }
            tracing::debug!(?route, "a notification did not get through this way");
        }
    }
}

/// A time on the agent's wall.
fn moment(at: Timestamp, zone: &TimeZone) -> Moment {
    let local = jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or_default()
        .to_zoned(zone.clone());
    let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
    Moment {
        at,
        weekday: local.weekday().to_monday_zero_offset().unsigned_abs(),
        minute: minute.unsigned_abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SystemClock, time::ManualClock};
    use crate::notify::{NewsKind, QuietHours, Sequence, Via};

    fn notice(who: &str) -> Notice {
        Notice {
            kind: NewsKind::Mine,
            who: who.to_owned(),
            text: "hello".to_owned(),
        }
    }

    #[test]
    fn wall_time() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap_or(TimeZone::UTC);
        // 2024-01-01 (a Monday) 20:00 UTC is Tuesday 01:30 in Kolkata.
        let moment = moment(Timestamp(1_704_139_200_000), &zone);
        assert_eq!((moment.weekday, moment.minute), (1, 90));
        let quiet: QuietHours = "mon 22:00-07:00".parse().unwrap();
        assert!(quiet.covers(&moment));
    }

    #[tokio::test]
    async fn terminal_bytes_come_back_and_bursts_are_grouped() {
        let settings = NotifySettings {
            group_seconds: 1,
            ..NotifySettings::default()
        };
        let place = Place {
            ssh: true,
            sequence: Some(Sequence::Osc9),
            ..Place::default()
        };
        let (notifier, mut bytes) = Notifier::start(
            settings,
            place,
            Vec::new(),
            Arc::new(SystemClock),
            TimeZone::UTC,
        );
        notifier.focus(Focus::Elsewhere);
        for _ in 0..5 {
            notifier.notify(notice("Ana"));
        }
        let first = bytes.recv().await.unwrap();
        assert_eq!(first, b"\x1b]9;frontdesk: Message from Ana: hello\x07");
        let second = bytes.recv().await.unwrap();
        assert_eq!(second, b"\x1b]9;frontdesk: 4 new messages\x07");
        notifier.focus(Focus::Here);
        notifier.notify(notice("Ana"));
        drop(notifier);
        assert_eq!(
            bytes.recv().await,
            None,
            "nothing more, and the task has ended"
        );
    }

    #[tokio::test]
    async fn a_command_that_hangs_or_fails_ends_in_the_bell() {
        let clock = Arc::new(ManualClock::default());
        for command in [&["sleep", "60"][..], &["false"], &["/no/such/program"]] {
            let settings = NotifySettings {
                via: Via::Command,
                command: command.iter().map(|w| (*w).to_owned()).collect(),
                ..NotifySettings::default()
            };
            let (notifier, mut bytes) = Notifier::start(
                settings,
                Place::default(),
                Vec::new(),
                clock.clone(),
                TimeZone::UTC,
            );
            notifier.focus(Focus::Elsewhere);
            let start = std::time::Instant::now();
            notifier.notify(notice("Ana"));
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "the caller never waits"
            );
            assert_eq!(bytes.recv().await.unwrap(), b"\x07", "{command:?}");
            assert!(start.elapsed() < Duration::from_secs(50), "it was given up");
        }
    }

    #[tokio::test]
    async fn a_command_gets_the_words() {
        let dir = tempfile::tempdir().unwrap();
        let made = dir.path().join("Message from Ana");
        let settings = NotifySettings {
            via: Via::Command,
            command: vec![
                "touch".to_owned(),
                format!("{}/{{title}}", dir.path().display()),
            ],
            ..NotifySettings::default()
        };
        let (notifier, mut bytes) = Notifier::start(
            settings,
            Place::default(),
            Vec::new(),
            Arc::new(SystemClock),
            TimeZone::UTC,
        );
        notifier.notify(notice("Ana"));
        drop(notifier);
        assert_eq!(bytes.recv().await, None, "no bell: the command worked");
        assert!(made.exists());
    }
}
