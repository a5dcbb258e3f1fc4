//! File names that came from outside, made fit for a directory of ours.

use super::charclass::{Class, class};
use super::sanitize::sanitize_line;
use std::fmt;

/// Bytes of a name.
pub const MAX_BYTES: usize = 255;
/// Bytes of an extension, with its dot, that are kept when a name is cut.
const MAX_EXTENSION: usize = 20;
/// What a name becomes when nothing of it may stay.
const NAMELESS: &str = "attachment";

/// A name without directories, never hidden, never an option, never a device; 1 to 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SafeFileName(String);

impl SafeFileName {
    /// Makes a safe name of any text. Only what follows the last separator counts.
    pub fn from_untrusted(raw: &str) -> Self {
        let last = raw.trim_end_matches(['/', '\\']);
        let last = last.rsplit(['/', '\\']).next().unwrap_or(last);
        let mut name = String::with_capacity(last.len().min(MAX_BYTES));
        for c in last.chars() {
            match class(c) {
                Class::Drop | Class::Joiner | Class::Selector => {}
                Class::Control | Class::Separator | Class::Replace | Class::Blank => name.push('_'),
                // The shell's and other systems' own characters.
                _ if "<>:\"|?*".contains(c) => name.push('_'),
                // Lookalikes of separators and dots.
                _ if "⁄∕⧵⧸╱╲／＼".contains(c) => name.push('_'),
                _ if c.is_whitespace() => name.push(' '),
                _ => name.push(c),
            }
        }
        // A name is shown, too: what one cell cannot hold is not in it, and no mark is without a base.
        let shown = |name: &str| {
            let text = sanitize_line(name).text;
            text.replace(['\u{fffd}', '\u{25cc}'], "_")
        };
        // Other systems drop dots and blanks at the end; a leading one hides or is an option.
        let name = shown(&name);
        let name = name
            .trim_start_matches([' ', '.', '-', '~', '…', '․'])
            .trim_end_matches([' ', '.']);
        // A mark may have stood on what was taken away.
        let name = cut(&shown(name));
        if name.chars().all(|c| c == '_' || c == ' ') {
            return Self(NAMELESS.to_owned());
        }
        if is_reserved(&name) {
            return Self(cut(&format!("_{name}")));
        }
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name with a number before its extension, for a directory that has it already.
    #[must_use]
    pub fn numbered(&self, n: u32) -> Self {
        let (stem, extension) = split(&self.0);
        let tail = format!(" ({n}){extension}");
        let room = MAX_BYTES.saturating_sub(tail.len());
        let stem = &stem[..stem.floor_char_boundary(room)];
        Self(format!("{}{tail}", stem.trim_end()))
    }

    /// What is after the last dot, lower-cased; judged in the order of the bytes, whatever is drawn.
    pub fn extension(&self) -> Option<String> {
        let (_, extension) = split(&self.0);
        extension.strip_prefix('.').map(str::to_ascii_lowercase)
    }

    /// Would opening it run something on some system?
    pub fn is_executable(&self) -> bool {
        const RUNS: [&str; 32] = [
            "exe", "com", "bat", "cmd", "scr", "pif", "msi", "msp", "ps1", "vbs", "vbe", "js",
            "jse", "wsf", "wsh", "hta", "lnk", "jar", "sh", "bash", "zsh", "py", "pl", "rb",
            "desktop", "app", "command", "reg", "cpl", "dll", "appimage", "run",
        ];
        self.extension().is_some_and(|e| RUNS.contains(&e.as_str()))
    }
}

impl fmt::Display for SafeFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<std::path::Path> for SafeFileName {
    fn as_ref(&self) -> &std::path::Path {
        std::path::Path::new(&self.0)
    }
}

/// Stem and extension with its dot; a long "extension" is none.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at > 1 && name.len() - at <= MAX_EXTENSION => {
            name.split_at(at)
        }
        _ => (name, ""),
    }
}

/// At most [`MAX_BYTES`], keeping the extension.
fn cut(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let (stem, extension) = split(name);
    let stem = &stem[..stem.floor_char_boundary(MAX_BYTES - extension.len())];
    format!("{}{extension}", stem.trim_end_matches([' ', '.']))
}

/// Device names of other systems, with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let upper = stem.to_ascii_uppercase();
    matches!(
        upper.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || (upper.chars().count() == 4
        && (upper.starts_with("COM") || upper.starts_with("LPT"))
        && upper.ends_with(|c: char| c.is_ascii_digit() || "¹²³".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_cell_can_hold_each_of_its_characters() {
        use unicode_segmentation::UnicodeSegmentation;
        for heap in ["\u{301}", "\u{600}", "\u{335}\u{489}"] {
            let name = SafeFileName::from_untrusted(&format!("{heap}a{}b.txt", heap.repeat(200)));
            let widest = name.as_str().graphemes(true).map(str::len).max();
            assert!(
                widest.is_some_and(|bytes| bytes <= 64),
                "{heap:?}: {name:?}"
            );
        }
    }

    #[test]
    fn table() {
        for (input, want) in [
            ("invoice.pdf", "invoice.pdf"),
            (
                "../../../../home/agent/.ssh/authorized_keys",
                "authorized_keys",
            ),
            ("/etc/passwd", "passwd"),
            ("C:\\Windows\\cmd.exe", "cmd.exe"),
            ("C:cmd.exe", "C_cmd.exe"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("-\u{113ce}", "_\u{113ce}"),
            ("..", "attachment"),
            ("", "attachment"),
            ("///", "attachment"),
            ("a/", "a"),
            ("\0\u{1b}", "attachment"),
            ("invoice_\u{202e}fdp.exe", "invoice_fdp.exe"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1.log", "_com1.log"),
            ("common.log", "common.log"),
            ("a\r\nb.txt", "a__b.txt"),
            ("naïve 漢字.txt", "naïve 漢字.txt"),
            ("name. . ", "name"),
            ("a*?.txt", "a__.txt"),
            ("a／b.txt", "a_b.txt"),
            ("~/.netrc", "netrc"),
        ] {
            assert_eq!(
                SafeFileName::from_untrusted(input).as_str(),
                want,
                "{input:?}"
            );
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = SafeFileName::from_untrusted(&format!("{}.tar.gz", "é".repeat(400)));
        assert!(name.as_str().len() <= MAX_BYTES);
        assert_eq!(name.extension().as_deref(), Some("gz"));
        let again = name.numbered(12);
        assert!(again.as_str().len() <= MAX_BYTES);
        assert!(again.as_str().ends_with(" (12).gz"));
        assert_eq!(
            SafeFileName::from_untrusted("a.pdf").numbered(2).as_str(),
            "a (2).pdf"
        );
        assert!(SafeFileName::from_untrusted("invoice_\u{202e}fdp.exe").is_executable());
        assert!(!SafeFileName::from_untrusted("a.pdf").is_executable());
    }

    proptest! {
        #[test]
        fn always_safe(s in prop_oneof![any::<String>(), "[./\\\\ ~\\-a-cCON\0\u{202e}é]{0,300}"]) {
            let name = SafeFileName::from_untrusted(&s);
            let n = name.as_str();
            prop_assert!(!n.is_empty() && n.len() <= MAX_BYTES);
            prop_assert!(!n.contains(['/', '\\', '\0']));
            prop_assert!(!n.contains(char::is_control));
            prop_assert!(!n.starts_with(['.', '-', ' ']), "{n:?}");
            prop_assert!(!is_reserved(n));
            prop_assert_eq!(SafeFileName::from_untrusted(n), name.clone());
            prop_assert_eq!(std::path::Path::new(n).components().count(), 1);
        }
    }
}
