//! What a response means.

use super::uid_set::UidSet;
use super::value::{Malformed, Piece, Value, words};
use crate::model::event::Flags;

/// How a command ended, or how the server says it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok,
    /// Refused.
    No,
    /// Not understood.
    Bad,
    /// Good-bye.
    Bye,
    /// Logged in already.
    Preauth,
}

/// A status with its code in brackets and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLine {
    /// Which.
    pub status: Status,
    /// The code's name in upper case, empty where there is none.
    pub code: String,
    /// What follows the name inside the brackets.
    pub args: String,
    /// Words for people, hostile.
    pub text: String,
}

/// One response.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// The end of a command.
    Tagged(String, StatusLine),
    /// Go on.
    Continue(String),
    /// Anything else.
    Data(Data),
}

/// A response that is not the end of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// OK, NO, BAD, BYE or PREAUTH.
    Status(StatusLine),
    /// What the server can do, in upper case.
    Capability(Vec<String>),
    /// What was switched on, in upper case.
    Enabled(Vec<String>),
    /// How many messages are in the selected mailbox.
    Exists(u32),
    /// A message went away; its sequence number.
    Expunge(u32),
    /// Messages went away.
    Vanished {
        /// Before now, as the answer to a question.
        earlier: bool,
        /// Which.
        uids: UidSet,
    },
    /// About one message.
    Fetch(Box<Fetch>),
    /// UIDs that match; of an old or a new search.
    Search(UidSet),
    /// A mailbox.
    List {
        /// `\Sent`, `\Noselect` and so on, lower-cased.
        attributes: Vec<String>,
        /// Its name on the wire.
        name: Vec<u8>,
    },
    /// Numbers of a mailbox that is not selected.
    Mailbox(Box<MailboxStatus>),
    /// What this program has no use for.
    Other,
}

/// Numbers of a mailbox; `None` where the server did not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Its name on the wire.
    pub name: Vec<u8>,
    /// How many messages.
    pub messages: Option<u32>,
    /// The UID that the next message gets.
    pub uidnext: Option<u32>,
    /// Which generation the UIDs are of.
    pub uidvalidity: Option<u32>,
    /// When something last changed; 0 where changes are not counted.
    pub modseq: Option<u64>,
}

/// What was told of one message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fetch {
    /// Its number in the mailbox now.
    pub seq: u32,
    /// Its UID.
    pub uid: Option<u32>,
    /// Its flags.
    pub flags: Option<Flags>,
    /// When it came, in the server's words.
    pub internal_date: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// When it last changed.
    pub modseq: Option<u64>,
    /// Gmail's thread.
    pub gmail_thread: Option<String>,
    /// Gmail's labels.
    pub gmail_labels: Vec<String>,
    /// Bodies that were asked for: section and bytes.
    pub sections: Vec<(String, Vec<u8>)>,
    /// What it is made of.
    pub structure: Option<Value>,
}

/// Reads a response from its pieces.
pub fn read(pieces: Vec<Piece>) -> Result<Response, Malformed> {
    let Some(Piece::Line(first)) = pieces.first() else {
        return Err(Malformed("a response begins with a literal"));
    };
    if let Some(rest) = first.strip_prefix(b"+") {
        let text = rest.strip_prefix(b" ").unwrap_or(rest);
        return Ok(Response::Continue(
            String::from_utf8_lossy(text).into_owned(),
        ));
    }
    let (tag, rest) = split_word(first);
    if tag.is_empty() || !tag.iter().all(u8::is_ascii_graphic) {
        return Err(Malformed("a line is not IMAP"));
    }
    if let Some(line) = status_line(rest) {
        return Ok(if tag == b"*" {
            Response::Data(Data::Status(line))
        } else {
            Response::Tagged(String::from_utf8_lossy(tag).into_owned(), line)
        });
    }
    if tag != b"*" {
        return Err(Malformed("a line is not IMAP"));
    }
    data(pieces).map(Response::Data)
}

fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b' ') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &[]),
    }
}

/// Statuses are read from the line itself: their text is for people and keeps to no grammar.
fn status_line(line: &[u8]) -> Option<StatusLine> {
    let (word, rest) = split_word(line);
    let status = match word.to_ascii_uppercase().as_slice() {
        b"OK" => Status::Ok,
        b"NO" => Status::No,
        b"BAD" => Status::Bad,
        b"BYE" => Status::Bye,
        b"PREAUTH" => Status::Preauth,
        _ => return None,
    };
    let rest = String::from_utf8_lossy(rest);
    let (inside, text) = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map_or(("", rest.as_ref()), |(inside, text)| (inside, text));
    let (code, args) = inside.split_once(' ').unwrap_or((inside, ""));
    Some(StatusLine {
        status,
        code: code.to_ascii_uppercase(),
        args: args.to_owned(),
        text: text.trim().to_owned(),
    })
}

fn data(pieces: Vec<Piece>) -> Result<Data, Malformed> {
    let mut words = words(pieces)?.into_iter().skip(1);
    let Some(first) = words.next() else {
        return Err(Malformed("a line is empty"));
    };
    if let Some(number) = first.number::<u32>() {
        return Ok(match words.next() {
            Some(word) if word.is("EXISTS") => Data::Exists(number),
            Some(word) if word.is("EXPUNGE") => Data::Expunge(number),
            Some(word) if word.is("FETCH") => match words.next() {
                Some(Value::List(items)) => Data::Fetch(Box::new(fetch(number, items))),
                _ => return Err(Malformed("a FETCH has no items")),
            },
            _ => Data::Other,
        });
    }
    let name = first.atom().unwrap_or_default().to_ascii_uppercase();
    Ok(match name.as_str() {
        "CAPABILITY" => Data::Capability(upper(words)),
        "ENABLED" => Data::Enabled(upper(words)),
        "VANISHED" => vanished(&words.collect::<Vec<_>>())?,
        "SEARCH" => Data::Search(words.filter_map(|word| word.number()).collect()),
        "ESEARCH" => esearch(&words.collect::<Vec<_>>())?,
        "LIST" => list(words.collect())?,
        "STATUS" => status(words.collect())?,
        _ => Data::Other,
    })
}

fn upper(words: impl Iterator<Item = Value>) -> Vec<String> {
    words
        .filter_map(|word| word.atom().map(str::to_ascii_uppercase))
        .collect()
}

fn uids(word: Option<&Value>) -> Result<UidSet, Malformed> {
    word.and_then(Value::atom)
        .and_then(UidSet::parse)
        .ok_or(Malformed("a set of UIDs cannot be read"))
}

fn vanished(words: &[Value]) -> Result<Data, Malformed> {
    let earlier = words
        .first()
        .and_then(Value::list)
        .is_some_and(|list| list.iter().any(|word| word.is("EARLIER")));
    Ok(Data::Vanished {
        earlier,
        uids: uids(words.last())?,
    })
}

fn esearch(words: &[Value]) -> Result<Data, Malformed> {
    let mut found = UidSet::new();
    for pair in words.windows(2) {
        if pair[0].is("ALL") || pair[0].is("MIN") {
            found = found.union(&uids(pair.get(1))?);
        }
    }
    Ok(Data::Search(found))
}

fn list(words: Vec<Value>) -> Result<Data, Malformed> {
    let attributes = words
        .first()
        .and_then(Value::list)
        .ok_or(Malformed("a LIST has no attributes"))?
        .iter()
        .filter_map(|word| word.atom().map(str::to_ascii_lowercase))
        .collect();
    let name = words
        .into_iter()
        .nth(2)
        .and_then(Value::into_bytes)
        .ok_or(Malformed("a LIST has no name"))?;
    Ok(Data::List { attributes, name })
}

fn status(words: Vec<Value>) -> Result<Data, Malformed> {
    let mut words = words.into_iter();
    let (Some(name), Some(items)) = (words.next().and_then(Value::into_bytes), words.next()) else {
        return Err(Malformed("a STATUS has no numbers"));
    };
    let mut out = MailboxStatus {
        name,
        ..MailboxStatus::default()
    };
    for pair in items.list().unwrap_or_default().chunks_exact(2) {
        match pair[0]
            .atom()
            .unwrap_or_default()
            .to_ascii_uppercase()
            .as_str()
        {
            "MESSAGES" => out.messages = pair[1].number(),
            "UIDNEXT" => out.uidnext = pair[1].number(),
            "UIDVALIDITY" => out.uidvalidity = pair[1].number(),
            "HIGHESTMODSEQ" => out.modseq = pair[1].number(),
            _ => {}
        }
    }
    Ok(Data::Mailbox(Box::new(out)))
}

fn fetch(seq: u32, items: Vec<Value>) -> Fetch {
    let mut out = Fetch {
        seq,
        ..Fetch::default()
    };
    let mut items = items.into_iter();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        let name = name.atom().unwrap_or_default().to_ascii_uppercase();
        match name.as_str() {
            "UID" => out.uid = value.number(),
            "FLAGS" => out.flags = Some(flags(&value)),
            "INTERNALDATE" => out.internal_date = value.text(),
            "RFC822.SIZE" => out.size = value.number(),
            "MODSEQ" => {
                out.modseq = value
                    .list()
                    .and_then(<[Value]>::first)
                    .and_then(Value::number);
            }
            "X-GM-THRID" => out.gmail_thread = value.text(),
            "X-GM-LABELS" => {
                out.gmail_labels = value
                    .list()
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Value::text)
                    .collect();
            }
            "BODYSTRUCTURE" => out.structure = Some(value),
            _ => {
                if let Some(section) = name
                    .strip_prefix("BODY[")
                    .and_then(|rest| rest.split_once(']'))
                {
                    out.sections
                        .push((section.0.to_owned(), value.into_bytes().unwrap_or_default()));
                }
            }
        }
    }
    out
}

fn flags(value: &Value) -> Flags {
    let mut flags = Flags::default();
    for flag in value.list().unwrap_or_default() {
        match flag
            .atom()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "\\seen" => flags.seen = true,
            "\\answered" => flags.answered = true,
            "\\flagged" => flags.flagged = true,
            "\\draft" => flags.draft = true,
            "$junk" | "junk" => flags.junk = true,
            _ => {}
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Response, Malformed> {
        read(vec![Piece::Line(text.as_bytes().to_vec())])
    }

    fn data_of(text: &str) -> Data {
        match one(text) {
            Ok(Response::Data(data)) => data,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn statuses_with_and_without_a_code() {
        let Ok(Response::Tagged(tag, line)) = one("A1 OK [APPENDUID 12 34] done (ok)") else {
            panic!("not tagged");
        };
        assert_eq!((tag.as_str(), line.code.as_str()), ("A1", "APPENDUID"));
        assert_eq!(
            (line.args.as_str(), line.text.as_str()),
            ("12 34", "done (ok)")
        );
        let Ok(Response::Tagged(_, line)) = one("A2 NO") else {
            panic!("not tagged");
        };
        assert_eq!((line.status, line.text.as_str()), (Status::No, ""));
    }

    #[test]
    fn what_is_unknown_is_no_error_and_what_is_not_imap_is() {
        assert_eq!(data_of("* XFOO bar (baz)"), Data::Other);
        assert_eq!(data_of("* 4294967296 EXISTS"), Data::Other);
        for wrong in [
            "",
            "HTTP/1.1 400 Bad Request",
            "* ",
            "* 1 FETCH",
            "\u{7}\u{7} OK",
        ] {
            assert!(one(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_rest() {
        assert_eq!(
            data_of("* VANISHED (EARLIER) 41,43:45"),
            Data::Vanished {
                earlier: true,
                uids: UidSet::parse("41,43:45").unwrap()
            }
        );
        assert_eq!(
            data_of("* ESEARCH (TAG \"A3\") UID ALL 2,10:15"),
            Data::Search(UidSet::parse("2,10:15").unwrap())
        );
        assert_eq!(
            data_of("* ESEARCH (TAG \"A3\") UID"),
            Data::Search(UidSet::new())
        );
        assert_eq!(
            data_of("* LIST (\\HasNoChildren \\Sent) \"/\" \"Gesendet &APw-ber\""),
            Data::List {
                attributes: vec!["\\hasnochildren".into(), "\\sent".into()],
                name: b"Gesendet &APw-ber".to_vec()
            }
        );
        let Data::Mailbox(status) =
            data_of("* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 77 HIGHESTMODSEQ 12)")
        else {
            panic!("not a status");
        };
        assert_eq!(
            (
                status.messages,
                status.uidnext,
                status.uidvalidity,
                status.modseq
            ),
            (Some(3), Some(9), Some(77), Some(12))
        );
        let Data::Fetch(fetch) = data_of(
            "* 2 FETCH (UID 5 FLAGS (\\SEEN $Junk) RFC822.SIZE 99 MODSEQ (7) X-GM-LABELS (\"\\\\Sent\" foo) BODY[1.2]<0> \"hi\")",
        ) else {
            panic!("not a fetch");
        };
        assert_eq!(
            (fetch.uid, fetch.size, fetch.modseq),
            (Some(5), Some(99), Some(7))
        );
        assert!(fetch.flags.unwrap().seen && fetch.flags.unwrap().junk);
        assert_eq!(fetch.gmail_labels, ["\\Sent", "foo"]);
        assert_eq!(fetch.sections, [("1.2".to_owned(), b"hi".to_vec())]);
    }
}
