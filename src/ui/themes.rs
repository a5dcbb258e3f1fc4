//! The themes that come with the program, and which of them suits a terminal.

use super::theme::{Role, Theme, ThemeError};
use ratatui::style::{Color, Style};

/// Name and text of each, in the order in which they are offered.
const BUILT_IN: [(&str, &str); 8] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("night", include_str!("../../themes/night.toml")),
    ("ember", include_str!("../../themes/ember.toml")),
    ("day", include_str!("../../themes/day.toml")),
    ("paper", include_str!("../../themes/paper.toml")),
    ("contrast", include_str!("../../themes/contrast.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// The theme that is used when none is set: the terminal's own colours.
pub const DEFAULT: &str = "dark";

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None, or none are wanted.
    Mono,
    /// The terminal's own sixteen.
    Sixteen,
    /// 256.
    Indexed,
    /// 24 bit.
    True,
}

/// The names of the built-in themes.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The text of a built-in theme, for [`Theme::parse`] to inherit from and for people to copy.
pub fn text(name: &str) -> Option<&'static str> {
    BUILT_IN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// The theme `name` as a terminal of `depth` can show it. `own` gives the text of the user's own
/// themes by name; they come before built-in ones and may inherit them, also under the same name.
///
/// Without colours it is always `mono`. With sixteen, a theme in 24-bit colour gives way to `dark`
/// or `light`; with 256 its colours are rounded.
///
/// # Errors
/// The theme does not exist or is wrong; show the words and use [`built_in`].
pub fn load(
    name: &str,
    depth: Depth,
    own: &dyn Fn(&str) -> Option<String>,
) -> Result<Theme, ThemeError> {
    if depth == Depth::Mono {
        return built_in("mono");
    }
    let of_own = own(name);
    let theme = match &of_own {
        Some(own_text) => Theme::parse(own_text, &|parent| {
            let own_parent = (parent != name).then(|| own(parent)).flatten();
            own_parent.or_else(|| text(parent).map(str::to_owned))
        })?,
        None => built_in(name)?,
    };
    Ok(match depth {
        Depth::True => theme,
        Depth::Indexed => theme.map_styles(indexed),
        Depth::Sixteen | Depth::Mono if !uses_rgb(&theme) => theme,
        Depth::Sixteen | Depth::Mono => built_in(if theme.is_dark() { "dark" } else { "light" })?,
    })
}

/// A built-in theme by name.
///
/// # Errors
/// There is none of that name.
pub fn built_in(name: &str) -> Result<Theme, ThemeError> {
    let own = text(name).ok_or_else(|| ThemeError::Inherits(name.to_owned()))?;
    Theme::parse(own, &|parent| text(parent).map(str::to_owned))
}

fn uses_rgb(theme: &Theme) -> bool {
    Role::ALL.iter().any(|role| {
        let style = theme.style(*role);
        [style.fg, style.bg]
            .into_iter()
            .flatten()
            .any(|color| matches!(color, Color::Rgb(..)))
    })
}

fn indexed(mut style: Style) -> Style {
    style.fg = style.fg.map(nearest);
    style.bg = style.bg.map(nearest);
    style
}

/// The nearest of xterm's colour cube and grey ramp; the first sixteen are the user's and may be
/// anything.
fn nearest(color: Color) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let Color::Rgb(r, g, b) = color else {
        return color;
    };
    let step = |value: u8| {
        (0u8..6)
            .min_by_key(|i| STEPS[usize::from(*i)].abs_diff(value))
            .unwrap_or(0)
    };
    let cube = [step(r), step(g), step(b)];
    let cube_rgb = cube.map(|i| STEPS[usize::from(i)]);
    let grey = (0u8..24)
        .min_by_key(|i| distance([8 + 10 * i; 3], [r, g, b]))
        .unwrap_or(0);
    if distance([8 + 10 * grey; 3], [r, g, b]) < distance(cube_rgb, [r, g, b]) {
        return Color::Indexed(232 + grey);
    }
    Color::Indexed(16 + 36 * cube[0] + 6 * cube[1] + cube[2])
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| u32::from(a.abs_diff(b)).pow(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Modifier;

    fn luminance(color: Color) -> Option<f64> {
        let Color::Rgb(r, g, b) = color else {
            return None;
        };
        let linear = |value: u8| {
            let v = f64::from(value) / 255.0;
            if v <= 0.040_45 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        Some(0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b))
    }

    /// The contrast of WCAG 2; `None` where a colour is the terminal's own.
    fn contrast(a: Option<Color>, b: Option<Color>) -> Option<f64> {
        let (a, b) = (luminance(a?)?, luminance(b?)?);
        Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
    }

    #[test]
    fn all_parse_and_say_every_role() {
        for name in names() {
            let theme = built_in(name).unwrap();
            assert_eq!(theme.name(), name);
            assert!(theme.is_complete(), "{name}");
        }
        assert!(built_in(DEFAULT).is_ok());
        let kinds: Vec<bool> = names().map(|n| built_in(n).unwrap().is_dark()).collect();
        assert!(kinds.iter().filter(|dark| !**dark).count() >= 2);
        assert!(kinds.iter().filter(|dark| **dark).count() >= 2);
    }

    #[test]
    fn every_theme_file_is_built_in() {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/themes");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut known: Vec<String> = names().map(|name| format!("{name}.toml")).collect();
        known.sort();
        assert_eq!(files, known);
    }

    /// Wherever both colours are known: each role on its own ground, or on the screen's, and on
    /// each ground that a row may get (a selection that sets no ink leaves the roles their own).
    #[test]
    fn ink_is_readable_on_its_ground() {
        let mut pairs = 0;
        for name in names() {
            let theme = built_in(name).unwrap();
            let text = theme.style(Role::Text);
            let least = if name == "contrast" { 7.0 } else { 4.5 };
            for role in Role::ALL {
                let style = theme.style(*role);
                let ink = style.fg.or(text.fg);
                let rows = [Role::Selection, Role::SelectionDim, Role::Marked]
                    .map(|row| theme.style(row))
                    .into_iter()
                    .filter(|row| row.fg.is_none())
                    .map(|row| row.bg);
                let own_ground = style.bg.or(text.bg);
                let grounds =
                    std::iter::once(own_ground).chain(rows.filter(|_| style.bg.is_none()));
                for ground in grounds {
                    let Some(found) = contrast(ink, ground) else {
                        continue;
                    };
                    pairs += 1;
                    // Lines are no text; they only have to be seen.
                    let least = if *role == Role::Line { 1.8 } else { least };
                    assert!(
                        found >= least || (*role == Role::Line && ground != own_ground),
                        "{name}: {} has {found:.2} on {ground:?}",
                        role.name()
                    );
                }
            }
        }
        assert!(pairs > 200, "{pairs}");
    }

    /// What must not be mixed up differs in every theme by more than a hue that mono lacks.
    #[test]
    fn roles_that_matter_are_told_apart() {
        for name in names() {
            let theme = built_in(name).unwrap();
            let style = |role| theme.style(role);
            for (a, b) in [
                (Role::Note, Role::Text),
                (Role::Note, Role::Customer),
                (Role::Note, Role::Agent),
                (Role::Customer, Role::Agent),
                (Role::Draft, Role::Text),
                (Role::Unread, Role::Text),
                (Role::Urgent, Role::Text),
                (Role::Urgent, Role::Warning),
                (Role::Urgent, Role::Good),
                (Role::Selection, Role::SelectionDim),
                (Role::Selection, Role::Text),
                (Role::Marked, Role::Selection),
                (Role::Match, Role::Text),
            ] {
                assert_ne!(style(a), style(b), "{name}: {} {}", a.name(), b.name());
            }
        }
    }

    #[test]
    fn mono_has_no_colour() {
        let none = |_: &str| None;
        for name in names() {
            let theme = load(name, Depth::Mono, &none).unwrap();
            for role in Role::ALL {
                let style = theme.style(*role);
                assert_eq!((style.fg, style.bg), (None, None), "{}", role.name());
            }
            let urgent = theme.style(Role::Urgent).add_modifier;
            assert!(urgent.contains(Modifier::BOLD));
        }
    }

    #[test]
    fn fewer_colours() {
        let none = |_: &str| None;
        assert_eq!(load("night", Depth::Sixteen, &none).unwrap().name(), "dark");
        assert_eq!(
            load("paper", Depth::Sixteen, &none).unwrap().name(),
            "light"
        );
        assert_eq!(
            load("light", Depth::Sixteen, &none).unwrap().name(),
            "light"
        );
        assert_eq!(load("night", Depth::True, &none).unwrap().name(), "night");
        let rounded = load("night", Depth::Indexed, &none).unwrap();
        assert!(!uses_rgb(&rounded) && rounded.is_complete());
        assert!(load("no-such", Depth::True, &none).is_err());
        for (rgb, index) in [
            (Color::Rgb(0, 0, 0), 16),
            (Color::Rgb(255, 255, 255), 231),
            (Color::Rgb(128, 128, 128), 244),
            (Color::Rgb(255, 0, 0), 196),
            (Color::Rgb(20, 24, 31), 234),
        ] {
            assert_eq!(nearest(rgb), Color::Indexed(index), "{rgb:?}");
        }
    }

    #[test]
    fn own_themes_come_first_and_may_build_on_ours() {
        let own = |name: &str| {
            (name == "night")
                .then(|| "inherits = 'night'\n[roles]\ntext = { fg = '#ffffff' }".to_owned())
        };
        let theme = load("night", Depth::True, &own).unwrap();
        assert_eq!(theme.style(Role::Text).fg, Some(Color::Rgb(255, 255, 255)));
        assert!(theme.is_complete());
        assert!(load("day", Depth::True, &own).is_ok());
    }
}
