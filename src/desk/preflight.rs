//! What is checked before anything leaves: shown on the review screen, required before an approval is recorded.

use super::windows::ReplyWindow;
use crate::model::files::{FileRules, TextWithFiles};
use crate::model::outgoing::{OutgoingAttachment, Recipients};
use crate::model::time::DAY;
use crate::model::{AccountState, Channel, TemplateDraft, Timestamp, Verdict};
use crate::text::template;

/// The same text as the last one within this many milliseconds is remarked on.
pub const SAME_TEXT_WITHIN: i64 = DAY;

/// All that the checks look at. Nothing is fetched: the caller has it at hand.
#[derive(Debug, Clone, Copy)]
pub struct Preflight<'a> {
    /// On which channel.
    pub channel: Channel,
    /// To whom.
    pub recipients: &'a Recipients,
    /// Addresses known in this conversation; others are new and remarked on. None for a new conversation.
    pub known: Option<&'a [String]>,
    /// Addresses that opted out on this channel.
    pub opted_out: &'a [String],
    /// Subject.
    pub subject: &'a str,
    /// The channel has subjects.
    pub has_subject: bool,
    /// Text.
    pub body: &'a str,
    /// Longest text in characters.
    pub text_limit: Option<usize>,
    /// Files.
    pub attachments: &'a [OutgoingAttachment],
    /// Largest message with files, in bytes; 0 where none are taken.
    pub attachment_limit: u64,
    /// What files may go along with a text in one message.
    pub files: FileRules,
    /// The reply window.
    pub window: ReplyWindow,
    /// Where the window is closed, a template that the vendor approved may be sent.
    pub templates: bool,
    /// The template that leaves instead of free text; the text is what it says.
    pub template: Option<&'a TemplateDraft>,
    /// When it would leave, after the hold or as scheduled.
    pub leaves_at: Timestamp,
    /// The newest message that we sent here.
    pub last_outbound: Option<(&'a str, Timestamp)>,
    /// How the account is.
    pub account: Option<AccountState>,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The check's name (`window`, `too-long`), for scripts and tests.
    pub check: &'static str,
    /// Pass: how it will be. Warn: look at this. Block: it cannot go.
    pub verdict: Verdict,
    /// One sentence: what is wrong and what to do.
    pub says: String,
}

/// Runs every check; worst first. Empty means that nothing is to be said.
pub fn run(p: &Preflight<'_>) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = [
        recipients(p),
        opted_out(p),
        window(p),
        filled(p),
        empty(p),
        too_long(p),
        placeholder(p),
        files(p),
        caption(p),
        account(p),
        new_recipients(p),
        same_text(p),
        no_subject(p),
        forgotten_file(p),
    ]
    .into_iter()
    .flatten()
    .collect();
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.verdict));
    remarks
}

/// Nothing blocks.
pub fn may_go(remarks: &[Remark]) -> bool {
    remarks
        .iter()
        .all(|remark| remark.verdict != Verdict::Block)
}

fn warn(check: &'static str, says: impl Into<String>) -> Remark {
    Remark {
        check,
        verdict: Verdict::Warn,
        says: says.into(),
    }
}

fn block(check: &'static str, says: impl Into<String>) -> Remark {
    Remark {
        check,
        verdict: Verdict::Block,
        says: says.into(),
    }
}

fn recipients(p: &Preflight<'_>) -> Option<Remark> {
    if p.recipients
        .to
        .iter()
        .all(|to| to.address.trim().is_empty())
    {
        return Some(block(
            "no-recipient",
            "Nobody would get it; add a recipient.",
        ));
    }
    None
}

fn opted_out(p: &Preflight<'_>) -> Option<Remark> {
    let out = p.recipients.all().find(|party| {
        p.opted_out
            .iter()
            .any(|address| address.eq_ignore_ascii_case(&party.address))
    })?;
    Some(block(
        "opted-out",
        format!(
            "{} has opted out of {}; use another channel or take the address out.",
            out.address, p.channel
        ),
    ))
}

fn window(p: &Preflight<'_>) -> Option<Remark> {
    if p.template.is_some() {
        return None;
    }
    match p.window {
        ReplyWindow::Unopened => Some(block(
            "window",
            "The customer has not written here yet: only an approved template can be sent; pick one with t (C-t while writing).",
        )),
        ReplyWindow::Closed { .. } if p.templates => Some(block(
            "window",
            "The reply window has closed: only an approved template can be sent; pick one with t (C-t while writing).",
        )),
        ReplyWindow::Closed { .. } => Some(block(
            "window",
            "The reply window has closed; wait for the customer to write, or use another channel.",
        )),
        window if !window.takes(p.leaves_at) => Some(block(
            "window",
            if p.templates {
                "The reply window closes before this would leave; send it sooner, or pick a template with t."
            } else {
                "The reply window closes before this would leave; send it sooner."
            },
        )),
        _ => None,
    }
}

/// What keeps a template from leaving.
fn filled(p: &Preflight<'_>) -> Option<Remark> {
    let used = p.template?;
    if !p.templates || used.template.channel != p.channel {
        return Some(block(
            "template",
            format!(
                "{} takes no templates here; put it away with C-t.",
                p.channel
            ),
        ));
    }
    let words = used.template.refuses(&used.values)?;
    let mut first = words.chars();
    let upper = first.next().map(|c| c.to_uppercase().to_string());
    Some(block(
        "template",
        format!("{}{}.", upper.unwrap_or_default(), first.as_str()),
    ))
}

fn empty(p: &Preflight<'_>) -> Option<Remark> {
    if p.body.trim().is_empty() {
        return if p.attachments.is_empty() {
            Some(block("empty", "There is no text; write something first."))
        } else {
            Some(warn("empty", "There is no text, only files."))
        };
    }
    None
}

fn too_long(p: &Preflight<'_>) -> Option<Remark> {
    let limit = p.text_limit?;
    let long = p.body.chars().count();
    if long <= limit {
        return None;
    }
    Some(block(
        "too-long",
        format!(
            "The text has {long} characters and {} takes {limit}; shorten it by {}.",
            p.channel,
            long - limit
        ),
    ))
}

/// A variable that was not filled in: `{{contact.first_name}}`.
fn placeholder(p: &Preflight<'_>) -> Option<Remark> {
    // Of a template, what is missing is told by name.
    if p.template.is_some() {
        return None;
    }
    let name = [p.subject, p.body]
        .into_iter()
        .find_map(|text| template::names(text).into_iter().next())?;
    Some(block(
        "placeholder",
        format!("`{{{{{name}}}}}` was not filled in; replace it."),
    ))
}

fn files(p: &Preflight<'_>) -> Option<Remark> {
    if p.attachments.is_empty() {
        return None;
    }
    if p.template.is_some() {
        return Some(block(
            "attachments",
            "A template leaves without files; take them off.",
        ));
    }
    if p.attachment_limit == 0 {
        return Some(block(
            "attachments",
            format!("{} takes no files here; take them out.", p.channel),
        ));
    }
    let bytes: u64 = p.attachments.iter().map(|file| file.size).sum();
    // Mail writes files in base64 with line ends: four bytes for three, and some.
    let size = if p.channel == Channel::Email {
        bytes.saturating_mul(137) / 100
    } else {
        bytes
    };
    if size > p.attachment_limit {
        let mb = |bytes: u64| bytes as f64 / 1_000_000.0;
        return Some(block(
            "attachments",
            format!(
                "The files make {:.1} MB and {} takes {:.1} MB; take some out.",
                mb(size),
                p.channel,
                mb(p.attachment_limit)
            ),
        ));
    }
    None
}

/// What was seen as one message must be one: how a text and its files go together, or that they cannot.
fn caption(p: &Preflight<'_>) -> Option<Remark> {
    let (count, rules) = (p.attachments.len(), p.files);
    if count == 0 || p.attachment_limit == 0 || p.template.is_some() {
        return None;
    }
    let pictures = p.attachments.iter().all(|f| f.mime.starts_with("image/"));
    if let Some(most) = rules.most(pictures).filter(|most| count > *most) {
        let files = if most == 1 { "one file" } else { "fewer files" };
        let says = format!(
            "{} takes {files} with a message, at most {most} of these; send the others after it.",
            p.channel
        );
        return Some(block("caption", says));
    }
    if p.body.trim().is_empty() {
        return None;
    }
    match rules.text {
        TextWithFiles::Together => None,
        TextWithFiles::Apart => Some(block(
            "caption",
            format!(
                "{} takes no text together with a file, and two messages would not be what you see; send the text before or after it.",
                p.channel
            ),
        )),
        TextWithFiles::Below { but, .. }
            if p.attachments.iter().any(|f| but.contains(&f.mime.as_str())) =>
        {
            let says = "A sound file has no text below it here; send the text before or after it.";
            Some(block("caption", says))
        }
        TextWithFiles::Below { limit, .. } => {
            let long = p.body.chars().count();
            Some(if long > limit {
                let says = format!(
                    "The text below a file may have {limit} characters and has {long}; shorten it, or send it before the file."
                );
                block("caption", says)
            } else {
                Remark {
                    check: "caption",
                    verdict: Verdict::Pass,
                    says: "one message: the text is the file's caption, below it".to_owned(),
                }
            })
        }
    }
}

fn account(p: &Preflight<'_>) -> Option<Remark> {
    match p.account? {
        AccountState::Broken => Some(warn(
            "account",
            "The account cannot log in; this waits in the outbox until it can.",
        )),
        AccountState::Locked => Some(warn(
            "account",
            "The vault is locked; this waits in the outbox until it is opened.",
        )),
        AccountState::Paused => Some(warn(
            "account",
            "The account is paused; this waits in the outbox until it is not.",
        )),
        _ => None,
    }
}

fn new_recipients(p: &Preflight<'_>) -> Option<Remark> {
    let known = p.known?;
    let new: Vec<&str> = p
        .recipients
        .all()
        .map(|party| party.address.as_str())
        .filter(|address| {
            !known
                .iter()
                .any(|known| known.eq_ignore_ascii_case(address))
        })
        .collect();
    match new.as_slice() {
        [] => None,
        [one] => Some(warn(
            "new-recipient",
            format!("{one} is new in this conversation."),
        )),
        [one, rest @ ..] => Some(warn(
            "new-recipient",
            format!(
                "{one} and {} more are new in this conversation.",
                rest.len()
            ),
        )),
    }
}

fn same_text(p: &Preflight<'_>) -> Option<Remark> {
    let (last, at) = p.last_outbound?;
    let same = last.split_whitespace().eq(p.body.split_whitespace());
    if same && !last.trim().is_empty() && p.leaves_at.since(at) < SAME_TEXT_WITHIN {
        return Some(warn(
            "same-text",
            "The customer got exactly this text already.",
        ));
    }
    None
}

fn no_subject(p: &Preflight<'_>) -> Option<Remark> {
    if p.has_subject && p.subject.trim().is_empty() {
        return Some(warn("no-subject", "There is no subject."));
    }
    None
}

/// Words that announce a file, by language.
const ANNOUNCES: [&str; 22] = [
    "attached",
    "attachment",
    "enclosed",
    "adjunto",
    "adjunta",
    "adjuntamos",
    "en anexo",
    "em anexo",
    "ci-joint",
    "pièce jointe",
    "im anhang",
    "angehängt",
    "beigefügt",
    "allegato",
    "bijlage",
    "bifogad",
    "संलग्न",
    "مرفق",
    "المرفق",
    "添付",
    "附件",
    "첨부",
];

fn forgotten_file(p: &Preflight<'_>) -> Option<Remark> {
    if !p.attachments.is_empty() || p.template.is_some() {
        return None;
    }
    // What is quoted was announced by somebody else.
    let own: String = p
        .body
        .lines()
        .filter(|line| !line.starts_with('>'))
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    if ANNOUNCES.iter().any(|word| own.contains(word)) {
        return Some(warn(
            "forgotten-file",
            "The text speaks of an attachment and there is none.",
        ));
    }
    None
}

#[cfg(test)]
#[path = "preflight_tests.rs"]
mod tests;
