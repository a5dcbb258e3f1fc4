//! Copying text, also from the far end of an SSH line.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::launch::Launcher;
use super::{Display, Probe};
use crate::text::osc::Multiplexer;
use crate::text::sanitize_block;

/// What terminals take in one OSC 52; hterm and older tmux stop at 100,000 bytes of base64.
const MOST_BY_TERMINAL: usize = 74_000;
const LIMIT: Duration = Duration::from_secs(2);

/// How a text was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// A program took it; its name.
    By(String),
    /// The terminal takes it: hand these bytes to [`Session::send`](super::Session::send).
    Terminal(Vec<u8>),
}

/// Why a text was not copied.
#[derive(Debug, thiserror::Error)]
pub enum ClipboardError {
    /// There is nothing to copy.
    #[error("there is nothing to copy")]
    Empty,
    /// No program took it and the terminal would cut it off.
    #[error(
        "the text is too long ({bytes} bytes) to be copied through the terminal; set a clipboard command, or save it to a file"
    )]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Program(Vec<String>),
    Terminal,
}

/// Copies `text`, cleaned and without line ends at its end, so that pasting it into a shell runs
/// nothing. The first way that works is taken: `configured`, OSC 52 when over SSH, the desktop's
/// clipboard program, OSC 52.
pub async fn copy(
    launcher: &Launcher,
    probe: &Probe,
    configured: Option<&[String]>,
    text: &str,
) -> Result<Copied, ClipboardError> {
    let text = sanitize_block(text).text;
    let text = text.trim_end_matches('\n');
    if text.is_empty() {
        return Err(ClipboardError::Empty);
    }
    for way in ways(probe, configured) {
        match way {
            Way::Program(argv) => {
                if launcher.filter(&argv, text.as_bytes(), LIMIT).await.is_ok() {
                    return Ok(Copied::By(argv.first().cloned().unwrap_or_default()));
                }
            }
            Way::Terminal if text.len() <= MOST_BY_TERMINAL => {
                return Ok(Copied::Terminal(osc52(text, probe.multiplexer)));
            }
            Way::Terminal => {}
        }
    }
    Err(ClipboardError::TooLong { bytes: text.len() })
}

fn ways(probe: &Probe, configured: Option<&[String]>) -> Vec<Way> {
    let program = |words: &[&str]| Way::Program(words.iter().map(|w| (*w).to_owned()).collect());
    let mut ways = Vec::new();
    if let Some(words) = configured.filter(|words| !words.is_empty()) {
        ways.push(Way::Program(words.to_vec()));
    }
    if probe.ssh {
        ways.push(Way::Terminal);
    }
    match probe.display {
        Display::Mac => ways.push(program(&["pbcopy"])),
        Display::Wayland => ways.push(program(&["wl-copy"])),
        Display::X11 => {
            ways.push(program(&["xclip", "-selection", "clipboard"]));
            ways.push(program(&["xsel", "--clipboard", "--input"]));
        }
        Display::None => {}
    }
    if !probe.ssh {
        ways.push(Way::Terminal);
    }
    ways
}

fn osc52(text: &str, multiplexer: Multiplexer) -> Vec<u8> {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).into_bytes();
    match multiplexer {
        Multiplexer::None => plain,
        // tmux takes the plain form when `set-clipboard` is on and passes the wrapped one on when
        // `allow-passthrough` is; both say the same.
        Multiplexer::Tmux => [multiplexer.passthrough(&plain), plain].concat(),
        Multiplexer::Screen => multiplexer.passthrough(&plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(vars: &'static [&'static str]) -> Probe {
        Probe::from_vars(&|name| vars.contains(&name).then(|| "1".to_owned()))
    }

    #[test]
    fn order_of_the_ways() {
        let words = ["mycopy".to_owned()];
        let names = |ways: Vec<Way>| -> Vec<String> {
            ways.into_iter()
                .map(|way| match way {
                    Way::Program(argv) => argv[0].clone(),
                    Way::Terminal => "OSC 52".to_owned(),
                })
                .collect()
        };
        let table: &[(&'static [&'static str], &[&str])] = &[
            (&[], &["mycopy", "OSC 52"]),
            (&["WAYLAND_DISPLAY"], &["mycopy", "wl-copy", "OSC 52"]),
            (&["DISPLAY"], &["mycopy", "xclip", "xsel", "OSC 52"]),
            (
                &["DISPLAY", "SSH_TTY"],
                &["mycopy", "OSC 52", "xclip", "xsel"],
            ),
        ];
        for (vars, expected) in table {
            assert_eq!(
                names(ways(&probe(vars), Some(&words))),
                *expected,
                "{vars:?}"
            );
        }
        assert_eq!(names(ways(&probe(&[]), None)), ["OSC 52"]);
    }

    #[tokio::test]
    async fn what_is_copied() {
        let launcher = Launcher::default();
        let text = "rm -rf ~\x1b[31m\u{202e}\r\n\n";
        let copied = copy(&launcher, &probe(&[]), None, text).await.unwrap();
        let Copied::Terminal(bytes) = copied else {
            panic!("{copied:?}")
        };
        let payload = bytes.strip_prefix(b"\x1b]52;c;").unwrap();
        let payload = STANDARD
            .decode(payload.strip_suffix(b"\x07").unwrap())
            .unwrap();
        assert!(
            !payload.iter().any(|b| *b < 0x20),
            "no control, no newline at the end"
        );
        assert!(payload.starts_with(b"rm -rf ~"));

        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let words = ["tee".to_owned(), out.to_string_lossy().into_owned()];
        let copied = copy(&launcher, &probe(&[]), Some(&words), "a\nb\n")
            .await
            .unwrap();
        assert_eq!(copied, Copied::By("tee".to_owned()));
        assert_eq!(std::fs::read(out).unwrap(), b"a\nb");

        let broken = ["/no/such/program".to_owned()];
        let copied = copy(&launcher, &probe(&[]), Some(&broken), "a")
            .await
            .unwrap();
        assert!(
            matches!(copied, Copied::Terminal(_)),
            "the next way is tried"
        );
        let long = "x".repeat(MOST_BY_TERMINAL + 1);
        let refused = copy(&launcher, &probe(&[]), None, &long).await;
        assert!(matches!(refused, Err(ClipboardError::TooLong { .. })));
        assert!(matches!(
            copy(&launcher, &probe(&[]), None, "\n").await,
            Err(ClipboardError::Empty)
        ));
    }

    #[test]
    fn tmux_gets_both_forms() {
        let bytes = osc52("hi", Multiplexer::Tmux);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\\x1b]52;c;aGk=\x07"
        );
    }
}
