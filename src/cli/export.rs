//! `export`: the mirror's messages as JSON lines, mbox or CSV.

use super::context::{Context, run_async};
use super::desk::{Desk, mismatch};
use super::failure::{Done, Failure};
use super::print::diagnostic;
use super::{json, when};
use crate::model::message::Author;
use crate::model::{Answer, Channel, Conversation, Direction, Message, Query, Timestamp};
use crate::text::csv_cell::safe_cell;
use clap::{Args, ValueEnum};
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Messages fetched at a time.
const WINDOW: u32 = 500;

/// What, how, and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// jsonl: everything; mbox: mail as it came; csv: one row for each message.
    #[arg(long, value_enum, default_value = "jsonl")]
    pub format: Format,
    /// A new file, readable by you alone [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only messages since then: `90d`, `2026-01-01`.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only messages after this one, to go on where the last export ended.
    #[arg(long, value_name = "MESSAGE", value_parser = super::operands::number)]
    pub after: Option<i64>,
    /// Only this account.
    #[arg(long)]
    pub account: Option<String>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object per message and line.
    Jsonl,
    /// The raw mail, mboxrd.
    Mbox,
    /// A table; cells that a spreadsheet would run begin with an apostrophe.
    Csv,
}

pub fn run(args: &ExportArgs, context: &mut Context) -> Done {
    let since = match &args.since {
        None => None,
        Some(words) => Some(
            when::parse_past(words, Desk::now(), &context.config.timezone)
                .map_err(Failure::Usage)?,
        ),
    };
    let sink: Box<dyn Write + Send> = match &args.output {
        None => Box::new(std::io::stdout()),
        Some(path) => Box::new(
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(|error| match error.kind() {
                    std::io::ErrorKind::AlreadyExists => Failure::refused(format!(
                        "{} is there already; choose another name",
                        path.display()
                    )),
                    _ => Failure::Broken(
                        anyhow::Error::from(error).context(path.display().to_string()),
                    ),
                })?,
        ),
    };
    run_async(async {
        let desk = Desk::open(context)?;
        let mut writer = Writer::new(args.format, BufWriter::new(sink))?;
        let mut after = args.after;
        let (mut written, mut skipped, mut last) = (0u64, 0u64, None);
        loop {
            let window = desk.store.export(after, WINDOW).await?;
            let Some((_, newest)) = window.last() else {
                break;
            };
            after = Some(newest.id.0);
            for (conversation, message) in &window {
                if since.is_some_and(|since| message.at < since)
                    || args
                        .account
                        .as_ref()
                        .is_some_and(|name| message.account.as_str() != name)
                {
                    continue;
                }
                if writer.message(&desk, conversation, message).await? {
                    written += 1;
                    last = Some(message.id);
                } else {
                    skipped += 1;
                }
            }
        }
        writer.end()?;
        if skipped > 0 {
            diagnostic(&format!(
                "{skipped} message(s) are not mail or have no raw form and are left out; jsonl has them"
            ));
        }
        if let Some(path) = &args.output {
            let last = last.map_or(String::new(), |id| {
                format!("; go on later with --after {id}")
            });
            diagnostic(&format!("{written} message(s) in {}{last}", path.display()));
        }
        Ok(())
    })
}

type Sink = BufWriter<Box<dyn Write + Send>>;

enum Writer {
    Jsonl(Sink),
    Mbox(Sink),
    Csv(Box<csv::Writer<Sink>>),
}

const COLUMNS: [&str; 15] = [
    "message",
    "conversation",
    "account",
    "channel",
    "direction",
    "author",
    "address",
    "at",
    "subject",
    "body",
    "status",
    "assignee",
    "labels",
    "delivery",
    "transcript",
];

impl Writer {
    fn new(format: Format, sink: Sink) -> Done<Self> {
        Ok(match format {
            Format::Jsonl => Self::Jsonl(sink),
            Format::Mbox => Self::Mbox(sink),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(sink);
                writer.write_record(COLUMNS).map_err(csv_failed)?;
                Self::Csv(Box::new(writer))
            }
        })
    }

    /// Writes one message; false when this format has no place for it.
    async fn message(
        &mut self,
        desk: &Desk,
        conversation: &Conversation,
        message: &Message,
    ) -> Done<bool> {
        match self {
            Self::Jsonl(sink) => {
                let value = serde_json::json!({ "conversation": conversation, "message": message });
                let text = json::line(&value).map_err(anyhow::Error::from)?;
                writeln!(sink, "{text}")?;
            }
            Self::Csv(writer) => {
                let cells = cells(conversation, message);
                let safe = cells.iter().map(|cell| safe_cell(cell));
                writer
                    .write_record(safe.map(std::borrow::Cow::into_owned))
                    .map_err(csv_failed)?;
            }
            Self::Mbox(sink) => {
                if message.channel != Channel::Email || message.direction == Direction::Note {
                    return Ok(false);
                }
                let query = Query::Raw {
                    message: message.id,
                };
                let Answer::Raw(raw) = desk.ask(query).await? else {
                    return Err(mismatch());
                };
                let Some(raw) = raw else {
                    return Ok(false);
                };
                mbox_message(sink, message.at, &raw)?;
            }
        }
        Ok(true)
    }

    fn end(self) -> Done {
        match self {
            Self::Jsonl(mut sink) | Self::Mbox(mut sink) => sink.flush()?,
            Self::Csv(mut writer) => writer.flush()?,
        }
        Ok(())
    }
}

fn csv_failed(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => Failure::Broken(anyhow::anyhow!("{other:?}")),
    }
}

fn cells(conversation: &Conversation, message: &Message) -> [String; 15] {
    let author = match &message.author {
        Author::Customer { name, .. } | Author::Agent { name } | Author::System { name } => name,
    };
    let direction = match message.direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
        Direction::Note => "note",
    };
    let delivery = message.delivery.as_ref().map_or(String::new(), |delivery| {
        serde_json::to_value(delivery.state)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    });
    [
        message.id.to_string(),
        message.conversation.to_string(),
        message.account.to_string(),
        message.channel.name().to_owned(),
        direction.to_owned(),
        author.clone(),
        conversation.contact_address.clone(),
        iso(message.at),
        message.subject.clone(),
        message.body.clone(),
        conversation.status.name().to_owned(),
        conversation.assignee.clone().unwrap_or_default(),
        conversation.labels.join(" "),
        delivery,
        transcripts(message),
    ]
}

/// What machines heard in a message's files.
fn transcripts(message: &Message) -> String {
    let files = message.attachments.iter();
    let heard: Vec<&str> = files
        .filter_map(|file| file.transcript.as_ref()?.text())
        .collect();
    heard.join("\n")
}

fn iso(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

/// mboxrd: a separator line, the message with `>` before every `From ` at a line's beginning, an empty line.
fn mbox_message(sink: &mut impl Write, at: Timestamp, raw: &[u8]) -> std::io::Result<()> {
    let date = jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or_default()
        .strftime("%a %b %e %H:%M:%S %Y")
        .to_string();
    writeln!(sink, "From frontdesk {date}")?;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let quotes = line.iter().take_while(|&&byte| byte == b'>').count();
        if line[quotes..].starts_with(b"From ") {
            sink.write_all(b">")?;
        }
        sink.write_all(line)?;
        sink.write_all(b"\n")?;
    }
    sink.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_message_cannot_pretend_to_be_two() {
        let mut out = Vec::new();
        let raw = b"Subject: x\r\n\r\nFrom here on\r\n>From there\r\nend";
        mbox_message(&mut out, Timestamp(0), raw).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "From frontdesk Thu Jan  1 00:00:00 1970\nSubject: x\n\n>From here on\n>>From there\nend\n\n"
        );
    }
}
