//! What the screen wants done outside the mirror: clipboard, links, files, programs.

use super::fetching::Fetching;
use super::transcribing;
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{AttachmentId, MessageId, Query};
use crate::providers::transcription::TranscriptionSettings;
use crate::store::Store;
use crate::term::{Copied, Launcher, PlayError, Probe, copy, open_link, play};
use crate::text::SafeFileName;
use crate::ui::{Msg, NoticeKind, ReqId};
use std::path::PathBuf;
use tokio::sync::mpsc;

/// The largest file that can be attached, in bytes.
const LARGEST: u64 = 50 << 20;

/// Carries out what is not the mirror's.
#[derive(Clone)]
pub struct Hands {
    /// Starts programs without a shell.
    pub launcher: Launcher,
    /// What terminal this is.
    pub probe: Probe,
    /// The configured clipboard program.
    pub clipboard: Option<Vec<String>>,
    /// The configured opener.
    pub opener: Option<Vec<String>>,
    /// The configured player.
    pub player: Option<Vec<String>>,
    /// Whose audio may be written down.
    pub transcription: TranscriptionSettings,
    /// The mirror, for files.
    pub store: Store,
    /// Gets attachments.
    pub fetching: Fetching,
    /// Where answers go.
    pub answers: mpsc::UnboundedSender<Msg>,
    /// Where bytes for the terminal go.
    pub terminal: mpsc::UnboundedSender<Vec<u8>>,
}

impl Hands {
    fn say(&self, kind: NoticeKind, text: String) {
        let _ = self.answers.send(Msg::Notice { text, kind });
    }

    /// Puts text on the clipboard.
    pub fn copy(&self, text: String) {
        let hands = self.clone();
        tokio::spawn(async move {
            match copy(
                &hands.launcher,
                &hands.probe,
                hands.clipboard.as_deref(),
                &text,
            )
            .await
            {
                Ok(Copied::Terminal(bytes)) => _ = hands.terminal.send(bytes),
                Ok(Copied::By(_)) => {}
                Err(error) => hands.say(NoticeKind::Warning, format!("not copied: {error}")),
            }
        });
    }

    /// Opens a link.
    pub fn open(&self, link: String) {
        let hands = self.clone();
        tokio::spawn(async move {
            if let Err(error) = open_link(
                &hands.launcher,
                &hands.probe,
                hands.opener.as_deref(),
                &link,
            )
            .await
            {
                hands.say(NoticeKind::Warning, format!("not opened: {error}"));
            }
        });
    }

    /// Saves an attachment under its safe name; an existing file is never overwritten.
    pub fn save(&self, id: ReqId, attachment: AttachmentId, to: String) {
        let hands = self.clone();
        tokio::spawn(async move {
            let result = hands.save_now(attachment, &to).await;
            let (kind, text) = match &result {
                Ok((path, None)) => (NoticeKind::Info, format!("saved as {}", path.display())),
                Ok((path, Some(warning))) => (
                    NoticeKind::Warning,
                    format!("saved as {}: it {warning}", path.display()),
                ),
                Err(error) => (NoticeKind::Warning, format!("not saved: {error}")),
            };
            let _ = hands.answers.send(Msg::Done {
                id,
                result: Ok(crate::model::Outcome::default()),
            });
            hands.say(kind, text);
        });
    }

    async fn save_now(
        &self,
        attachment: AttachmentId,
        to: &str,
    ) -> anyhow::Result<(PathBuf, Option<String>)> {
        let place = |name: &SafeFileName| destination(to, &name.to_string());
        self.fetching.save(attachment, place).await
    }

    /// Opens an attachment with the configured opener, from a private copy.
    pub fn open_attachment(&self, attachment: AttachmentId) {
        let hands = self.clone();
        tokio::spawn(async move {
            let opened = async {
                let (path, warning) = hands.fetching.openable(attachment).await?;
                if let Some(warning) = warning {
                    hands.say(NoticeKind::Warning, format!("the file {warning}"));
                }
                let argv = hands
                    .opener
                    .clone()
                    .or_else(|| Some(vec!["xdg-open".to_owned()]));
                let mut argv = argv.unwrap_or_default();
                argv.push(path.to_string_lossy().into_owned());
                hands
                    .launcher
                    .detach(&argv, std::time::Duration::from_millis(500))
                    .await?;
                anyhow::Ok(())
            };
            if let Err(error) = opened.await {
                hands.say(NoticeKind::Warning, format!("not opened: {error}"));
            }
        });
    }

    /// Plays an attachment with the configured player, from the mirror's own copy.
    pub fn play(&self, attachment: AttachmentId) {
        let hands = self.clone();
        tokio::spawn(async move {
            let played = async {
                if hands.player.is_none() {
                    return Err(PlayError::NoPlayer.into());
                }
                let path = hands.fetching.playable(attachment).await?;
                play(&hands.launcher, hands.player.as_deref(), &path).await?;
                anyhow::Ok(())
            };
            if let Err(error) = played.await {
                hands.say(NoticeKind::Warning, format!("not played: {error}"));
            }
        });
    }

    /// Asks that an attachment be written down.
    pub fn transcribe(&self, attachment: AttachmentId) {
        let hands = self.clone();
        tokio::spawn(async move {
            match transcribing::ask(&hands.store, &hands.transcription, attachment).await {
                Ok(()) => hands.say(
                    NoticeKind::Info,
                    "it will be transcribed in a moment".to_owned(),
                ),
                Err(error) => hands.say(NoticeKind::Warning, format!("not transcribed: {error}")),
            }
        });
    }

    /// Takes a file into the mirror for sending.
    pub fn attach(&self, id: ReqId, path: String) {
        let hands = self.clone();
        tokio::spawn(async move {
            let result = hands
                .attach_now(&path)
                .await
                .map_err(|error| format!("not attached: {error}"));
            let _ = hands.answers.send(Msg::Attached { id, result });
        });
    }

    async fn attach_now(&self, path: &str) -> anyhow::Result<OutgoingAttachment> {
        let path = expand(path);
        let size = tokio::fs::metadata(&path).await?.len();
        anyhow::ensure!(
            size <= LARGEST,
            "the file has {size} bytes; at most {LARGEST} can be sent"
        );
        let mut file = self.store.make_file()?;
        let source = path.clone();
        let stored = tokio::task::spawn_blocking(move || {
            let mut source = std::fs::File::open(source)?;
            let mut piece = vec![0; 256 << 10];
            loop {
                let read = std::io::Read::read(&mut source, &mut piece)?;
                if read == 0 {
                    return anyhow::Ok(file.finish()?);
                }
                file.take(&piece[..read])?;
                // It may grow while it is read.
                anyhow::ensure!(file.size() <= LARGEST, "the file grows while it is read");
            }
        })
        .await??;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let name = SafeFileName::from_untrusted(&name);
        Ok(OutgoingAttachment {
            mime: mime_of(&name.to_string()).to_owned(),
            name: name.to_string(),
            size: stored.size,
            sha256: stored.sha256,
            path: stored.path,
        })
    }

    /// Gives a message's text to a program and shows the first line of what it says.
    pub fn pipe(&self, id: ReqId, message: MessageId, command: String) {
        let hands = self.clone();
        tokio::spawn(async move {
            let result = hands.pipe_now(message, &command).await;
            let _ = hands.answers.send(Msg::Done {
                id,
                result: Ok(crate::model::Outcome::default()),
            });
            match result {
                Ok(words) => hands.say(NoticeKind::Info, words),
                Err(error) => hands.say(NoticeKind::Warning, format!("not piped: {error}")),
            }
        });
    }

    async fn pipe_now(&self, message: MessageId, command: &str) -> anyhow::Result<String> {
        let argv = crate::term::split(command)?;
        let answer = self.store.answer(Query::Raw { message }).await?;
        let crate::model::Answer::Raw(Some(text)) = answer else {
            anyhow::bail!("no raw form of this message is kept");
        };
        let out = self
            .launcher
            .filter(&argv, &text, std::time::Duration::from_secs(30))
            .await?;
        let out = String::from_utf8_lossy(&out).into_owned();
        let first = out
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("done");
        Ok(crate::text::sanitize::sanitize_line(first).text)
    }
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// A directory gets the file under its safe name; anything else is the file itself.
fn destination(to: &str, name: &str) -> PathBuf {
    let to = to.trim();
    let place = if to.is_empty() {
        let home = std::env::var_os("HOME")
            .map(PathBuf::from)
            .unwrap_or_default();
        let downloads = home.join("Downloads");
        if downloads.is_dir() { downloads } else { home }
    } else {
        expand(to)
    };
    if place.is_dir() {
        place.join(name)
    } else {
        place
    }
}

fn mime_of(name: &str) -> &'static str {
    match name
        .rsplit('.')
        .next()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("txt" | "log" | "md") => "text/plain",
        Some("csv") => "text/csv",
        Some("html" | "htm") => "text/html",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("ogg" | "oga") => "audio/ogg",
        Some("mp3") => "audio/mpeg",
        Some("mp4") => "video/mp4",
        Some("zip") => "application/zip",
        Some("ics") => "text/calendar",
        _ => "application/octet-stream",
    }
}
