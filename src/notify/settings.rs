//! What an agent may set about notifications.

use serde::{Deserialize, Serialize};

use super::{NewsKind, QuietHours, Sequence};

/// The `[notify]` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifySettings {
    /// Where notifications go: `auto`, `desktop`, `terminal`, `bell`, `command` or `off`.
    /// `auto` means: over SSH the terminal's own notifications where it is known to have them,
    /// else the desktop's, else the bell.
    pub via: Via,
    /// The terminal's way, when it is not recognised: `osc9`, `osc777` or `osc99`.
    pub sequence: Option<Sequence>,
    /// The program for `via = "command"` and its arguments; `{title}`, `{body}` and `{kind}` are
    /// replaced. No shell is involved.
    pub command: Vec<String>,
    /// `unfocused`: only while another window has the focus. `always`: also while you look.
    pub when: When,
    /// Hours without notifications, such as `22:00-07:00` or `sat,sun 00:00-24:00`.
    pub quiet: Vec<QuietHours>,
    /// Whether pages are told in quiet hours and while you look, too.
    pub pages_always: bool,
    /// Show neither names nor text: for shared screens and lock screens.
    pub title_only: bool,
    /// After a notification, those of the next so many seconds are told together
    /// ("12 new messages"). 0 tells each by itself.
    pub group_seconds: u16,
    /// Which kinds of events are told.
    pub kinds: KindSwitches,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self {
            via: Via::Auto,
            sequence: None,
            command: Vec::new(),
            when: When::Unfocused,
            quiet: Vec::new(),
            pages_always: true,
            title_only: false,
            group_seconds: 10,
            kinds: KindSwitches::default(),
        }
    }
}

/// Where notifications go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// The best way from here.
    #[default]
    Auto,
    /// The desktop's notification service.
    Desktop,
    /// The terminal's own notifications.
    Terminal,
    /// The bell.
    Bell,
    /// A program.
    Command,
    /// Nowhere.
    Off,
}

/// When notifications are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// While the agent looks elsewhere.
    #[default]
    Unfocused,
    /// At any time.
    Always,
}

/// The `[notify.kinds]` part: which kinds of events are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KindSwitches {
    /// New messages in conversations assigned to you.
    pub mine: bool,
    /// New messages in conversations that nobody has.
    pub unassigned: bool,
    /// Notes that name you.
    pub mention: bool,
    /// Pages to you.
    pub page: bool,
    /// Drafts that wait for your approval.
    pub approval: bool,
    /// Replies that failed, or of which it is not known whether they were sent.
    pub send: bool,
    /// Accounts that no longer work.
    pub account: bool,
}

impl Default for KindSwitches {
    fn default() -> Self {
        Self {
            mine: true,
            unassigned: true,
            mention: true,
            page: true,
            approval: true,
            send: true,
            account: true,
        }
    }
}

impl KindSwitches {
    /// Whether this kind is told.
    pub const fn allows(&self, kind: NewsKind) -> bool {
        match kind {
            NewsKind::Mine => self.mine,
            NewsKind::Unassigned => self.unassigned,
            NewsKind::Mention => self.mention,
            NewsKind::Page => self.page,
            NewsKind::Approval => self.approval,
            NewsKind::FailedSend | NewsKind::UnknownSend => self.send,
            NewsKind::Account => self.account,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_there_and_back() {
        let text = r#"
            via = "command"
            sequence = "osc777"
            command = ["my-notify", "{title}"]
            when = "always"
            quiet = ["mon-fri 22:00-07:00"]
            title_only = true
            [kinds]
            unassigned = false
        "#;
        let settings: NotifySettings = toml::from_str(text).unwrap();
        assert_eq!(settings.via, Via::Command);
        assert!(!settings.kinds.unassigned && settings.kinds.mine);
        let again: NotifySettings = toml::from_str(&toml::to_string(&settings).unwrap()).unwrap();
        assert_eq!(again, settings);
        assert_eq!(
            toml::from_str::<NotifySettings>("").unwrap(),
            NotifySettings::default()
        );
        for wrong in [
            "vai = \"bell\"",
            "via = \"x\"",
            "quiet = [\"late\"]",
            "[kinds]\nmime = true",
        ] {
            assert!(toml::from_str::<NotifySettings>(wrong).is_err(), "{wrong}");
        }
    }
}
