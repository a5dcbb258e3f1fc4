//! Colours by what they mean. A theme is a TOML file; it may inherit another and change only some roles.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal),* $(,)?) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $role),* }

        impl Role {
            /// All roles.
            pub const ALL: &'static [Self] = &[$(Self::$role),*];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$role => $name),* }
            }
        }
    };
}

roles! {
    /// Ordinary text; its background is the screen's.
    Text = "text",
    /// Less important text: times, tags, hints.
    Dim = "dim",
    /// Titles, the current place.
    Accent = "accent",
    /// The row under the cursor, in the pane that has the keys.
    Selection = "selection",
    /// The row under the cursor in another pane.
    SelectionDim = "selection-dim",
    /// Marked rows of a bulk selection.
    Marked = "marked",
    /// Thin lines between panes and days.
    Line = "line",
    /// A conversation with something unread.
    Unread = "unread",
    /// Something closes or falls due very soon, or is broken.
    Urgent = "urgent",
    /// Needs a look.
    Warning = "warning",
    /// Works, done.
    Good = "good",
    /// What the customer wrote: author and gutter.
    Customer = "customer",
    /// What we wrote: author and gutter.
    Agent = "agent",
    /// A note among us: unmistakably different.
    Note = "note",
    /// A draft, ours or the assistant's.
    Draft = "draft",
    /// Quoted text.
    Quote = "quote",
    /// A link's text.
    Link = "link",
    /// What a search matched.
    Match = "match",
    /// Labels.
    Label = "label",
    /// A key in footers and help.
    Key = "key",
    /// The header line.
    Header = "header",
    /// The status line.
    Status = "status",
    /// Pop-ups.
    Overlay = "overlay",
}

/// A role's look as written: `"red bold"`, `{ fg = "#88c0d0", bg = "black", bold = true }`.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
    strike: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    inherits: Option<String>,
    #[serde(default)]
    dark: Option<bool>,
    #[serde(default)]
    roles: BTreeMap<String, Look>,
}

/// A theme, resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    name: String,
    dark: bool,
    styles: BTreeMap<Role, Style>,
}

/// What is wrong with a theme.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// Not TOML, or a key that themes do not have.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A role that does not exist.
    #[error("there is no role `{0}`; the roles are listed by `frontdesk config themes`")]
    Role(String),
    /// A colour that does not exist.
    #[error(
        "`{0}` is not a colour; write a name such as `blue`, a number from 0 to 255 or `#rrggbb`"
    )]
    Colour(String),
    /// The inherited theme does not exist.
    #[error("there is no theme `{0}` to inherit from")]
    Inherits(String),
    /// Themes inherit one another in a circle.
    #[error("themes inherit one another in a circle")]
    Circle,
}

/// The deepest chain of inheritance.
const DEEPEST: usize = 8;

impl Theme {
    /// Reads a theme; `load` gives the text of an inherited one by name.
    ///
    /// # Errors
    /// Says what is wrong; the caller keeps the theme it has.
    pub fn parse(text: &str, load: &dyn Fn(&str) -> Option<String>) -> Result<Self, ThemeError> {
        Self::parse_at(text, load, 0)
    }

    fn parse_at(
        text: &str,
        load: &dyn Fn(&str) -> Option<String>,
        depth: usize,
    ) -> Result<Self, ThemeError> {
        if depth > DEEPEST {
            return Err(ThemeError::Circle);
        }
        let file: File = toml::from_str(text)?;
        let mut theme = match &file.inherits {
            Some(parent) => {
                let text = load(parent).ok_or_else(|| ThemeError::Inherits(parent.clone()))?;
                Self::parse_at(&text, load, depth + 1)?
            }
            None => Self {
                name: String::new(),
                dark: true,
                styles: BTreeMap::new(),
            },
        };
        if let Some(name) = file.name {
            theme.name = name;
        }
        if let Some(dark) = file.dark {
            theme.dark = dark;
        }
        for (name, look) in file.roles {
            let role = Role::ALL
                .iter()
                .find(|role| role.name() == name)
                .ok_or(ThemeError::Role(name))?;
            theme.styles.insert(*role, look.style()?);
        }
        Ok(theme)
    }

    /// The style of a role; plain where the theme says nothing.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    /// Every role is said.
    pub fn is_complete(&self) -> bool {
        Role::ALL.iter().all(|role| self.styles.contains_key(role))
    }

    /// The same theme with every style changed by `change`.
    #[must_use]
    pub fn map_styles(mut self, change: impl Fn(Style) -> Style) -> Self {
        for style in self.styles.values_mut() {
            *style = change(*style);
        }
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Made for a dark background.
    pub fn is_dark(&self) -> bool {
        self.dark
    }
}

impl Look {
    fn style(&self) -> Result<Style, ThemeError> {
        let mut style = Style::new();
        if let Some(fg) = &self.fg {
            style = style.fg(colour(fg)?);
        }
        if let Some(bg) = &self.bg {
            style = style.bg(colour(bg)?);
        }
        for (on, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
            (self.strike, Modifier::CROSSED_OUT),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        Ok(style)
    }
}

fn colour(name: &str) -> Result<Color, ThemeError> {
    name.parse()
        .map_err(|_| ThemeError::Colour(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_child_changes_only_what_it_says() {
        let parent =
            "name = 'a'\n[roles]\ntext = { fg = 'white' }\ndim = { fg = '#808080', dim = true }";
        let child = "name = 'b'\ninherits = 'a'\n[roles]\ntext = { fg = 'black', bg = 'white' }";
        let theme =
            Theme::parse(child, &|name| (name == "a").then(|| parent.to_owned())).expect("parses");
        assert_eq!(theme.name(), "b");
        assert_eq!(
            theme.style(Role::Text),
            Style::new().fg(Color::Black).bg(Color::White)
        );
        assert!(theme.style(Role::Dim).add_modifier.contains(Modifier::DIM));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, says) in [
            ("[roles]\nmood = { fg = 'red' }", "no role `mood`"),
            ("[roles]\ntext = { fg = 'reddish' }", "not a colour"),
            ("inherits = 'x'", "no theme `x`"),
            ("[roles]\ntext = { blink = true }", "unknown field"),
        ] {
            let error = Theme::parse(text, &none).expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
        }
        let circle = |_: &str| Some("inherits = 'x'".to_owned());
        assert!(matches!(
            Theme::parse("inherits = 'x'", &circle),
            Err(ThemeError::Circle)
        ));
    }
}
