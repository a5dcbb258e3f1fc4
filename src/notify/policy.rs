//! Whether and what to tell. Pure: the time and the focus are handed in.

use super::{Moment, NewsKind, Notice, NotifySettings, Shown, Via, When};
use crate::model::Timestamp;
use crate::model::time::{MINUTE, SECOND};

/// How long after the last key a terminal that never reports its focus counts as looked at.
const STILL_THERE: i64 = MINUTE;

/// Whether the agent looks at the screen, as far as the terminal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// It has not said anything yet, and may never.
    #[default]
    Unknown,
    /// The window has the focus.
    Here,
    /// Another window has it.
    Elsewhere,
}

/// Why nothing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Notifications are off.
    Off,
    /// This kind is off.
    Kind,
    /// Quiet hours.
    Quiet,
    /// The agent sees it on the screen.
    Looking,
}

/// What to do about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Show this now.
    Show(Shown),
    /// Kept for the group that is shown at [`Policy::due`].
    Held,
    /// Show nothing.
    Silent(Silence),
}

/// Decides about notices one after the other.
#[derive(Debug)]
pub struct Policy {
    settings: NotifySettings,
    focus: Focus,
    last_key: Option<Timestamp>,
    window: Option<Window>,
}

/// The time after a notification in which others are collected.
#[derive(Debug)]
struct Window {
    until: Timestamp,
    held: Vec<(NewsKind, usize)>,
    /// The only one so far, told by itself when it stays alone.
    alone: Option<Notice>,
}

impl Policy {
    /// A policy for these settings.
    pub const fn new(settings: NotifySettings) -> Self {
        Self {
            settings,
            focus: Focus::Unknown,
            last_key: None,
            window: None,
        }
    }

    /// Takes new settings; what is held stays held.
    pub fn set(&mut self, settings: NotifySettings) {
        self.settings = settings;
    }

    /// The terminal told about its focus.
    pub const fn focus(&mut self, focus: Focus) {
        self.focus = focus;
    }

    /// The agent pressed a key.
    pub const fn key(&mut self, at: Timestamp) {
        self.last_key = Some(at);
    }

    /// Decides about one notice.
    pub fn decide(&mut self, notice: &Notice, now: &Moment) -> Verdict {
        if let Some(silence) = self.silence(notice.kind, now) {
            return Verdict::Silent(silence);
        }
        // A page is never made to wait for company.
        if notice.kind == NewsKind::Page {
            return Verdict::Show(notice.shown(self.settings.title_only));
        }
        if let Some(window) = &mut self.window {
            window.alone = window.held.is_empty().then(|| notice.clone());
            match window
                .held
                .iter_mut()
                .find(|(kind, _)| same(*kind, notice.kind))
            {
                Some((_, n)) => *n += 1,
                None => window.held.push((notice.kind, 1)),
            }
            return Verdict::Held;
        }
        self.open_window(now);
        Verdict::Show(notice.shown(self.settings.title_only))
    }

    /// When [`Policy::flush`] wants to be called, if at all.
    pub fn due(&self) -> Option<Timestamp> {
        self.window.as_ref().map(|window| window.until)
    }

    /// What was held, if its time has come and the agent still looks elsewhere.
    pub fn flush(&mut self, now: &Moment) -> Option<Shown> {
        let window = self.window.take_if(|window| window.until <= now.at)?;
        let mut held = window.held;
        held.retain(|(kind, _)| self.silence(*kind, now).is_none());
        let (first, _) = *held
            .iter()
            .min_by_key(|(kind, _)| NewsKind::ALL.iter().position(|k| k == kind))?;
        self.open_window(now);
        if let Some(notice) = window.alone {
            return Some(notice.shown(self.settings.title_only));
        }
        held.sort_by_key(|(kind, _)| NewsKind::ALL.iter().position(|k| k == kind));
        let counts: Vec<String> = held.iter().map(|(kind, n)| kind.count(*n)).collect();
        Some(Shown {
            kind: first,
            title: counts.join(", "),
            body: String::new(),
        })
    }

    fn open_window(&mut self, now: &Moment) {
        let seconds = i64::from(self.settings.group_seconds);
        self.window = (seconds > 0).then(|| Window {
            until: now.at + seconds * SECOND,
            held: Vec::new(),
            alone: None,
        });
    }

    fn silence(&self, kind: NewsKind, now: &Moment) -> Option<Silence> {
        if self.settings.via == Via::Off {
            return Some(Silence::Off);
        }
        if !self.settings.kinds.allows(kind) {
            return Some(Silence::Kind);
        }
        if kind == NewsKind::Page && self.settings.pages_always {
            return None;
        }
        if self.settings.quiet.iter().any(|hours| hours.covers(now)) {
            return Some(Silence::Quiet);
        }
        (self.settings.when == When::Unfocused && self.is_looking(now.at))
            .then_some(Silence::Looking)
    }

    fn is_looking(&self, now: Timestamp) -> bool {
        match self.focus {
            Focus::Here => true,
            Focus::Elsewhere => false,
            Focus::Unknown => self
                .last_key
                .is_some_and(|key| now.since(key) < STILL_THERE),
        }
    }
}

/// Whether two kinds are counted together.
fn same(a: NewsKind, b: NewsKind) -> bool {
    let message = |kind| matches!(kind, NewsKind::Mine | NewsKind::Unassigned);
    a == b || (message(a) && message(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(kind: NewsKind, who: &str) -> Notice {
        Notice {
            kind,
            who: who.to_owned(),
            text: "hello".to_owned(),
        }
    }

    /// Monday, so many seconds after noon.
    fn noon(seconds: i64) -> Moment {
        Moment {
            at: Timestamp(seconds * SECOND),
            weekday: 0,
            minute: 12 * 60 + (seconds / 60) as u16,
        }
    }

    fn policy(change: impl FnOnce(&mut NotifySettings)) -> Policy {
        let mut settings = NotifySettings::default();
        change(&mut settings);
        let mut policy = Policy::new(settings);
        policy.focus(Focus::Elsewhere);
        policy
    }

    #[test]
    fn when_to_be_silent() {
        use NewsKind::{Account, Mine, Page};
        type Change = fn(&mut NotifySettings);
        let quiet: Change = |s| s.quiet = vec!["11:00-13:00".parse().unwrap()];
        let strict: Change = |s| {
            s.quiet = vec!["11:00-13:00".parse().unwrap()];
            s.pages_always = false;
        };
        let table: [(&str, Change, Focus, NewsKind, Option<Silence>); 11] = [
            ("elsewhere", |_| {}, Focus::Elsewhere, Mine, None),
            ("looking", |_| {}, Focus::Here, Mine, Some(Silence::Looking)),
            ("looking, page", |_| {}, Focus::Here, Page, None),
            ("always", |s| s.when = When::Always, Focus::Here, Mine, None),
            (
                "off",
                |s| s.via = Via::Off,
                Focus::Elsewhere,
                Page,
                Some(Silence::Off),
            ),
            (
                "kind",
                |s| s.kinds.mine = false,
                Focus::Elsewhere,
                Mine,
                Some(Silence::Kind),
            ),
            (
                "other kind",
                |s| s.kinds.mine = false,
                Focus::Elsewhere,
                Account,
                None,
            ),
            ("quiet", quiet, Focus::Elsewhere, Mine, Some(Silence::Quiet)),
            ("quiet, page", quiet, Focus::Elsewhere, Page, None),
            (
                "strict, page",
                strict,
                Focus::Elsewhere,
                Page,
                Some(Silence::Quiet),
            ),
            ("never told of focus", |_| {}, Focus::Unknown, Mine, None),
        ];
        for (name, change, focus, kind, silence) in table {
            let mut policy = policy(change);
            policy.focus(focus);
            let verdict = policy.decide(&notice(kind, "Ana"), &noon(0));
            match silence {
                Some(silence) => assert_eq!(verdict, Verdict::Silent(silence), "{name}"),
                None => assert!(matches!(verdict, Verdict::Show(_)), "{name}: {verdict:?}"),
            }
        }
    }

    #[test]
    fn without_focus_reports_a_recent_key_means_looking() {
        let mut policy = policy(|_| {});
        policy.focus(Focus::Unknown);
        policy.key(Timestamp(0));
        let verdict = policy.decide(&notice(NewsKind::Mine, "Ana"), &noon(59));
        assert_eq!(verdict, Verdict::Silent(Silence::Looking));
        let verdict = policy.decide(&notice(NewsKind::Mine, "Ana"), &noon(60));
        assert!(matches!(verdict, Verdict::Show(_)));
    }

    #[test]
    fn bursts_are_told_together() {
        use NewsKind::{FailedSend, Mine, Page, Unassigned};
        let mut policy = policy(|_| {});
        let first = policy.decide(&notice(Mine, "Ana"), &noon(0));
        assert!(matches!(first, Verdict::Show(shown) if shown.title == "Message from Ana"));
        for n in 0..11 {
            let kind = if n % 2 == 0 { Mine } else { Unassigned };
            assert_eq!(policy.decide(&notice(kind, "Bo"), &noon(1)), Verdict::Held);
        }
        assert_eq!(
            policy.decide(&notice(FailedSend, "Bo"), &noon(2)),
            Verdict::Held
        );
        let page = policy.decide(&notice(Page, "Bo"), &noon(2));
        assert!(matches!(page, Verdict::Show(_)), "a page does not wait");
        assert_eq!(policy.due(), Some(Timestamp(10 * SECOND)));
        assert_eq!(policy.flush(&noon(9)), None);
        let together = policy.flush(&noon(10)).unwrap();
        assert_eq!(together.title, "1 reply not sent, 11 new messages");
        assert_eq!(together.kind, FailedSend);
        // And the next window is open.
        assert_eq!(policy.due(), Some(Timestamp(20 * SECOND)));
        assert_eq!(policy.flush(&noon(20)), None);
        assert_eq!(policy.due(), None);
        assert!(matches!(
            policy.decide(&notice(Mine, "Ana"), &noon(21)),
            Verdict::Show(_)
        ));
    }

    #[test]
    fn one_alone_keeps_its_words_and_coming_back_drops_them() {
        let mut policy = policy(|_| {});
        policy.decide(&notice(NewsKind::Mine, "Ana"), &noon(0));
        policy.decide(&notice(NewsKind::Mine, "Bo"), &noon(1));
        assert_eq!(policy.flush(&noon(10)).unwrap().title, "Message from Bo");
        policy.decide(&notice(NewsKind::Mine, "Cy"), &noon(11));
        policy.focus(Focus::Here);
        assert_eq!(policy.flush(&noon(20)), None);
        assert_eq!(policy.due(), None);
    }

    #[test]
    fn no_grouping_when_it_is_off() {
        let mut policy = policy(|s| {
            s.group_seconds = 0;
            s.title_only = true;
        });
        for _ in 0..3 {
            let verdict = policy.decide(&notice(NewsKind::Mine, "Ana"), &noon(0));
            assert!(matches!(verdict, Verdict::Show(shown) if shown.title == "New message"));
        }
    }
}
