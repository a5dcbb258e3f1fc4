//! What kind of terminal this is, read from the environment alone: asking the terminal itself
//! costs a round trip and answers in the keyboard's place.

use super::Modes;
use crate::notify::{Place, Sequence};
use crate::text::osc::Multiplexer;
use crate::ui::themes::Depth;

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None, or none are wanted (`NO_COLOR`): use the mono theme.
    Mono,
    /// The sixteen that the user has chosen in the terminal.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bit.
    True,
}

impl From<ColorDepth> for Depth {
    fn from(colors: ColorDepth) -> Self {
        match colors {
            ColorDepth::Mono => Self::Mono,
            ColorDepth::Sixteen => Self::Sixteen,
            ColorDepth::Indexed => Self::Indexed,
            ColorDepth::True => Self::True,
        }
    }
}

/// The facts about a terminal that other parts decide by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// `TERM`; empty when not set.
    pub term: String,
    /// The terminal program as far as it says so, in lower case: `iterm.app`, `wezterm`, `kitty`.
    pub program: String,
    /// How many colours it shows.
    pub colors: ColorDepth,
    /// Whether the line goes over SSH.
    pub ssh: bool,
    /// What stands between us and the terminal.
    pub multiplexer: Multiplexer,
    /// Whether the locale writes UTF-8; without it, `--plain` is the better choice.
    pub utf8: bool,
    /// Whether there is a graphical desktop for a browser or a clipboard program.
    pub display: Display,
    /// Whether a D-Bus session is there to take notifications.
    pub session_bus: bool,
}

/// The desktop that programs started here would use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// None.
    None,
    /// Wayland.
    Wayland,
    /// X11.
    X11,
    /// macOS.
    Mac,
}

impl Probe {
    /// Reads the environment of this process.
    pub fn from_env() -> Self {
        let mut probe = Self::from_vars(&|name| std::env::var(name).ok());
        if !probe.session_bus && cfg!(target_os = "linux") {
            probe.session_bus = std::env::var_os("XDG_RUNTIME_DIR")
                .is_some_and(|dir| std::path::Path::new(&dir).join("bus").exists());
        }
        if cfg!(target_os = "macos") && !probe.ssh {
            probe.display = Display::Mac;
            probe.session_bus = true;
        }
        probe
    }

    /// Decides from variables as `var` gives them; an empty one counts as not set.
    pub fn from_vars(var: &dyn Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| var(name).filter(|value| !value.is_empty());
        let is_set = |name: &str| get(name).is_some();
        let term = get("TERM").unwrap_or_default();
        let multiplexer = if is_set("TMUX") || term.starts_with("tmux") {
            Multiplexer::Tmux
        } else if is_set("STY") || term.starts_with("screen") {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        let program = program(&term, &get);
        let display = if is_set("WAYLAND_DISPLAY") {
            Display::Wayland
        } else if is_set("DISPLAY") {
            Display::X11
        } else {
            Display::None
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(get)
            .unwrap_or_default()
            .to_lowercase();
        Self {
            colors: colors(&term, &program, multiplexer, &get),
            ssh: is_set("SSH_CONNECTION") || is_set("SSH_TTY") || is_set("SSH_CLIENT"),
            utf8: locale.contains("utf-8") || locale.contains("utf8"),
            session_bus: is_set("DBUS_SESSION_BUS_ADDRESS"),
            term,
            program,
            multiplexer,
            display,
        }
    }

    /// The modes that suit this terminal.
    pub fn modes(&self, mouse: bool) -> Modes {
        // The Linux console and old hardware print what they do not know.
        let modern = !matches!(
            self.term.split('-').next(),
            Some("" | "dumb" | "linux" | "ansi" | "vt52" | "vt100" | "vt220" | "cons25")
        );
        Modes {
            mouse,
            focus: modern,
            synchronized: modern,
            title: modern,
        }
    }

    /// Where notifications can go from here.
    pub fn notification_place(&self) -> Place {
        let sequence = match self.program.as_str() {
            "kitty" => Some(Sequence::Osc99),
            "iterm.app" | "iterm2" | "wezterm" | "ghostty" => Some(Sequence::Osc9),
            "foot" | "rxvt" => Some(Sequence::Osc777),
            _ => None,
        };
        Place {
            ssh: self.ssh,
            session_bus: self.session_bus,
            sequence,
            multiplexer: self.multiplexer,
        }
    }
}

/// `TERM_PROGRAM` names the terminal locally; over SSH only `TERM` and iTerm2's `LC_TERMINAL`
/// arrive.
fn program(term: &str, get: &dyn Fn(&str) -> Option<String>) -> String {
    let named = ["LC_TERMINAL", "TERM_PROGRAM"]
        .into_iter()
        .filter_map(get)
        .map(|name| name.to_lowercase())
        .find(|name| name != "tmux" && name != "screen");
    if let Some(name) = named {
        return name;
    }
    if get("KITTY_WINDOW_ID").is_some() {
        return "kitty".to_owned();
    }
    for (part, name) in [
        ("kitty", "kitty"),
        ("ghostty", "ghostty"),
        ("wezterm", "wezterm"),
        ("foot", "foot"),
        ("rxvt", "rxvt"),
        ("alacritty", "alacritty"),
    ] {
        if term.contains(part) {
            return name.to_owned();
        }
    }
    String::new()
}

fn colors(
    term: &str,
    program: &str,
    multiplexer: Multiplexer,
    get: &dyn Fn(&str) -> Option<String>,
) -> ColorDepth {
    if get("NO_COLOR").is_some() || term.is_empty() || term == "dumb" || term.starts_with("vt") {
        return ColorDepth::Mono;
    }
    // GNU screen of the releases still in use cuts 24-bit colours into nonsense.
    let indexed = term.contains("256color");
    if multiplexer == Multiplexer::Screen {
        return if indexed {
            ColorDepth::Indexed
        } else {
            ColorDepth::Sixteen
        };
    }
    let said = get("COLORTERM").is_some_and(|c| c == "truecolor" || c == "24bit");
    let known = [
        "kitty",
        "ghostty",
        "wezterm",
        "foot",
        "alacritty",
        "iterm.app",
        "iterm2",
    ];
    // Behind tmux the program's abilities are tmux's.
    let known = multiplexer == Multiplexer::None && known.contains(&program);
    if said || known || term.ends_with("-direct") {
        ColorDepth::True
    } else if indexed {
        ColorDepth::Indexed
    } else {
        ColorDepth::Sixteen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(vars: &[(&str, &str)]) -> Probe {
        Probe::from_vars(&|name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colors_by_environment() {
        let table: &[(&[(&str, &str)], ColorDepth)] = &[
            (&[], ColorDepth::Mono),
            (&[("TERM", "xterm")], ColorDepth::Sixteen),
            (&[("TERM", "xterm-256color")], ColorDepth::Indexed),
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
                ColorDepth::True,
            ),
            (
                &[
                    ("TERM", "xterm-256color"),
                    ("COLORTERM", "truecolor"),
                    ("NO_COLOR", "1"),
                ],
                ColorDepth::Mono,
            ),
            (
                &[
                    ("TERM", "xterm-256color"),
                    ("COLORTERM", "truecolor"),
                    ("NO_COLOR", ""),
                ],
                ColorDepth::True,
            ),
            (&[("TERM", "xterm-kitty")], ColorDepth::True),
            (
                &[
                    ("TERM", "tmux-256color"),
                    ("TMUX", "x"),
                    ("LC_TERMINAL", "iTerm2"),
                ],
                ColorDepth::Indexed,
            ),
            (
                &[
                    ("TERM", "screen-256color"),
                    ("STY", "1"),
                    ("COLORTERM", "truecolor"),
                ],
                ColorDepth::Indexed,
            ),
            (&[("TERM", "linux")], ColorDepth::Sixteen),
            (&[("TERM", "vt100")], ColorDepth::Mono),
        ];
        for (vars, expected) in table {
            assert_eq!(probe(vars).colors, *expected, "{vars:?}");
        }
    }

    #[test]
    fn facts_by_environment() {
        let over_ssh = probe(&[
            ("TERM", "tmux-256color"),
            ("TMUX", "/tmp/tmux-1000/default,1,0"),
            ("TERM_PROGRAM", "tmux"),
            ("LC_TERMINAL", "iTerm2"),
            ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22"),
            ("LANG", "C"),
            ("LC_CTYPE", "en_US.UTF-8"),
        ]);
        assert!(over_ssh.ssh && over_ssh.utf8);
        assert_eq!(over_ssh.multiplexer, Multiplexer::Tmux);
        assert_eq!(over_ssh.notification_place().sequence, Some(Sequence::Osc9));
        assert_eq!(over_ssh.display, Display::None);
        let plain = probe(&[("TERM", "linux"), ("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]);
        assert!(!plain.utf8 && !plain.ssh);
        assert_eq!(plain.notification_place().sequence, None);
        assert!(!plain.modes(false).synchronized);
        assert!(probe(&[("TERM", "xterm")]).modes(true).mouse);
    }
}
