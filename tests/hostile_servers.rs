//! Mail servers that lie, stumble and hang up. Whatever they do: no message is lost without a word, none is sent twice,
//! no secret is said in the clear, and the next connection works.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "hostile/fake.rs"]
mod fake;

use corpus::load;
use fake::{Act, Fake, Tls, say};
use frontdesk::model::outgoing::{OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Batch, Channel, Clock, Content, Direction, Event, NewMessage, OutboxId, Outgoing,
    Party, SystemClock,
};
use frontdesk::providers::email::EmailProvider;
use frontdesk::providers::{Provider, ProviderError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Nothing that a server says keeps a pull longer, however busy the machine is.
const ENDS: Duration = Duration::from_secs(45);
const SECRET: &str = "s3cret-of-the-desk";

/// A server of three messages that behaves; `odd` may answer a command otherwise. `TAG` stands for the tag.
fn imap(line: &str, odd: impl Fn(&str) -> Option<Act>) -> Act {
    let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
    let act = odd(command).unwrap_or_else(|| say(usual(command)));
    let mend = |bytes: Vec<u8>| -> Vec<u8> {
        let mark = b"TAG";
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some(at) = rest.windows(3).position(|window| window == mark) {
            out.extend_from_slice(&rest[..at]);
            out.extend_from_slice(tag.as_bytes());
            rest = &rest[at + 3..];
        }
        out.extend_from_slice(rest);
        out
    };
    match act {
        Act::Say(bytes) => Act::Say(mend(bytes)),
        Act::SayAndCut(bytes) => Act::SayAndCut(mend(bytes)),
        Act::SayAndEncrypt(bytes) => Act::SayAndEncrypt(mend(bytes)),
        other => other,
    }
}

fn raw(uid: u32) -> String {
    format!(
        "From: ann@cust.test\r\nMessage-ID: <m{uid}@cust.test>\r\nSubject: m{uid}\r\n\r\nhello\r\n"
    )
}

fn body(uid: u32) -> String {
    format!(
        "* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n{})\r\n",
        raw(uid).len(),
        raw(uid)
    )
}

fn meta(uid: u32) -> String {
    format!(
        "* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\" RFC822.SIZE {})\r\n",
        raw(uid).len()
    )
}

/// The UIDs of `1:3,5 ...` among the three that there are.
fn asked(set: &str) -> Vec<u32> {
    let set = set.split(' ').next().unwrap();
    (1..=3)
        .filter(|uid| {
            set.split(',').any(|piece| {
                let (low, high) = piece.split_once(':').unwrap_or((piece, piece));
                let low: u32 = low.parse().unwrap_or(u32::MAX);
                let high: u32 = high.parse().unwrap_or(u32::MAX);
                (low..=high).contains(uid)
            })
        })
        .collect()
}

fn usual(command: &str) -> String {
    let done = "TAG OK done\r\n";
    let upper = command.to_ascii_uppercase();
    if upper.starts_with("CAPABILITY") {
        return format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS\r\n{done}");
    }
    if upper.starts_with("LIST") {
        return format!("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\n{done}");
    }
    if let Some(rest) = upper.strip_prefix("STATUS ") {
        if rest.contains("SENT") {
            return format!("* STATUS Sent (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 9)\r\n{done}");
        }
        return format!("* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)\r\n{done}");
    }
    if upper.starts_with("EXAMINE") || upper.starts_with("SELECT") {
        if upper.contains("SENT") {
            return format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 9] x\r\n* OK [UIDNEXT 1] x\r\n{done}");
        }
        return format!("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n{done}");
    }
    if let Some(rest) = upper.strip_prefix("UID FETCH ") {
        let uids = asked(rest);
        let lines: String = if rest.contains("BODY.PEEK[]") {
            uids.into_iter().map(body).collect()
        } else if rest.contains("RFC822.SIZE") {
            uids.into_iter().map(meta).collect()
        } else {
            let flags = |uid| format!("* {uid} FETCH (UID {uid} FLAGS ())\r\n");
            uids.into_iter().map(flags).collect()
        };
        return format!("{lines}{done}");
    }
    if upper.starts_with("UID SEARCH") {
        return format!("* SEARCH 1 2 3\r\n{done}");
    }
    done.to_owned()
}

fn provider(fake: &Fake, tls: &str, smtp: bool) -> EmailProvider {
    let ca = fake.ca.display();
    let server = format!(
        "host = \"localhost\"\nport = {}\ntls = \"{tls}\"\nca_file = \"{ca}\"\npassword = \"{SECRET}\"\n",
        fake.port
    );
    // Where the server only sends, nothing listens where mail would be read.
    let text = if smtp {
        format!(
            "address = \"support@desk.test\"\nsent_copy = \"skip\"\n[imap]\nhost = \"localhost\"\nport = 9\npassword = \"x\"\n[[smtp]]\n{server}"
        )
    } else {
        format!("address = \"support@desk.test\"\n[imap]\n{server}")
    };
    EmailProvider::new(toml::from_str(&text).unwrap(), Arc::new(SystemClock))
}

async fn reads(
    odd: impl Fn(&str) -> Option<Act> + Clone + Send + 'static,
) -> (Fake, EmailProvider) {
    let fake = Fake::start(Tls::Good, "* OK hello\r\n", move || {
        let odd = odd.clone();
        move |line: &str| imap(line, &odd)
    })
    .await;
    let provider = provider(&fake, "implicit", false);
    (fake, provider)
}

fn messages(batch: &Batch) -> Vec<&NewMessage> {
    batch
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(&**message),
            _ => None,
        })
        .collect()
}

/// Once the odd answer was given, the server behaves.
fn once(
    act: impl Fn(&str) -> Option<Act> + Clone + Send + Sync + 'static,
) -> impl Fn(&str) -> Option<Act> + Clone + Send + 'static {
    let given = Arc::new(AtomicUsize::new(0));
    move |command| {
        let act = act(command)?;
        (given.fetch_add(1, Ordering::SeqCst) == 0).then_some(act)
    }
}

fn on(
    start: &'static str,
    act: Act,
) -> impl Fn(&str) -> Option<Act> + Clone + Send + Sync + 'static {
    move |command| command.starts_with(start).then(|| act.clone())
}

#[tokio::test]
async fn the_server_behaves_when_nothing_is_odd() {
    let (_fake, provider) = reads(|_: &str| None).await;
    let batch = provider.pull(None).await.unwrap();
    let subjects: Vec<&str> = messages(&batch)
        .iter()
        .map(|message| message.subject.as_str())
        .collect();
    assert_eq!(subjects, ["m3", "m2", "m1"]);
}

#[tokio::test]
async fn a_refusal_is_no_empty_answer() {
    for start in ["UID FETCH", "EXAMINE", "LIST", "CAPABILITY"] {
        for answer in ["TAG NO not now\r\n", "TAG BAD what\r\n"] {
            let (_fake, provider) = reads(once(on(start, say(answer)))).await;
            let refused = provider.pull(None).await;
            assert!(
                matches!(refused, Err(ProviderError::Transient(_))),
                "{start}: {refused:?}"
            );
            assert_eq!(
                messages(&provider.pull(None).await.unwrap()).len(),
                3,
                "{start}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_unknown_is_passed_over_and_what_is_no_imap_ends_the_session() {
    let (_fake, provider) = reads(on(
        "UID FETCH",
        say("* XFOO (bar)\r\n* ESEARCH (TAG \"x\") UID\r\n* OK [X-NEWS 1] hello\r\n"),
    ))
    .await;
    // The command's own end is missing above, so the next line of the client never comes: the read gives up in time.
    let nothing = tokio::time::timeout(Duration::from_secs(2), provider.pull(None)).await;
    assert!(nothing.is_err());
    let odd = |command: &str| {
        command.starts_with("UID FETCH").then(|| {
            say(format!(
                "* XFOO (bar)\r\n* 4294967296 EXISTS\r\n{}",
                usual(command)
            ))
        })
    };
    let (_fake, provider) = reads(odd).await;
    assert_eq!(messages(&provider.pull(None).await.unwrap()).len(), 3);
    for garbage in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "* 1 FETCH (UID 1\r\n",
        "\r\n",
        "A9999 OK fake\r\n",
        "+ more\r\n",
    ] {
        let (_fake, provider) = reads(once(on("UID FETCH", say(garbage)))).await;
        let result = provider.pull(None).await;
        assert!(
            matches!(result, Err(ProviderError::Bug(_))),
            "{garbage:?}: {result:?}"
        );
        assert_eq!(
            messages(&provider.pull(None).await.unwrap()).len(),
            3,
            "{garbage:?}"
        );
    }
}

#[tokio::test]
async fn a_connection_cut_in_a_message_brings_nothing_and_loses_nothing() {
    let cut = format!(
        "{}* 3 FETCH (UID 3 BODY[] {{5000}}\r\nFrom: ann@cust.test\r\n",
        body(2)
    );
    let (_fake, provider) = reads(once(move |command: &str| {
        command
            .contains("BODY.PEEK[]")
            .then(|| Act::SayAndCut(cut.clone().into_bytes()))
    }))
    .await;
    let result = provider.pull(None).await;
    assert!(
        matches!(result, Err(ProviderError::Transient(_))),
        "{result:?}"
    );
    let batch = provider.pull(None).await.unwrap();
    assert_eq!(messages(&batch).len(), 3);
}

#[tokio::test]
async fn one_message_that_the_server_keeps_to_itself_does_not_hide_the_others() {
    for answer in [
        "TAG NO [SERVERBUG] this one is broken\r\n",
        "TAG OK done\r\n",
    ] {
        let (_fake, provider) = reads(move |command: &str| {
            let rest = command.strip_prefix("UID FETCH ")?;
            (rest.contains("BODY.PEEK[]") && asked(rest).contains(&2)).then(|| {
                let others: String = asked(rest)
                    .into_iter()
                    .filter(|uid| *uid != 2)
                    .map(body)
                    .collect();
                // A refusal takes the whole group with it.
                if answer.contains("NO") {
                    say(answer)
                } else {
                    say(format!("{others}{answer}"))
                }
            })
        })
        .await;
        let batch = provider.pull(None).await.unwrap();
        let got = messages(&batch);
        assert_eq!(got.len(), 3, "{answer}");
        let Content::Unreadable { reason } = &got[1].content else {
            panic!("{:?}", got[1]);
        };
        assert!(
            reason.contains("broken") || reason.contains("does not hand it over"),
            "{reason}"
        );
        assert!(got[0].subject == "m3" && got[2].subject == "m1");
    }
}

#[tokio::test]
async fn uids_are_believed_only_within_the_question() {
    // The last message comes for every question, and one comes twice.
    let odd = |command: &str| {
        let rest = command.strip_prefix("UID FETCH ")?;
        rest.contains("RFC822.SIZE").then(|| {
            let far = meta(3).replace("UID 3", "UID 4000000000");
            say(format!("{far}{}{}", meta(2), usual(command)))
        })
    };
    let (_fake, provider) = reads(odd).await;
    let batch = provider.pull(None).await.unwrap();
    assert_eq!(messages(&batch).len(), 3);
}

#[tokio::test]
async fn a_uidvalidity_that_is_missing_or_nothing_is_read_anew() {
    for word in ["", "* OK [UIDVALIDITY 0] x\r\n"] {
        let seen = Arc::new(AtomicUsize::new(3));
        let count = Arc::clone(&seen);
        let (_fake, provider) = reads(move |command: &str| {
            let exists = count.load(Ordering::SeqCst);
            if command.starts_with("STATUS \"INBOX\"") {
                return Some(say(format!(
                    "* STATUS INBOX (MESSAGES {exists} UIDNEXT 4)\r\nTAG OK x\r\n"
                )));
            }
            (command.starts_with("EXAMINE \"INBOX\"")).then(|| {
                say(format!(
                    "* {exists} EXISTS\r\n{word}* OK [UIDNEXT 4] x\r\nTAG OK done\r\n"
                ))
            })
        })
        .await;
        let first = provider.pull(None).await.unwrap();
        assert_eq!(messages(&first).len(), 3, "{word}");
        seen.store(2, Ordering::SeqCst);
        let again = provider.pull(first.cursor.clone()).await.unwrap();
        let mut batches = vec![again];
        while batches.last().unwrap().more {
            let cursor = batches.last().unwrap().cursor.clone();
            batches.push(provider.pull(cursor).await.unwrap());
            assert!(batches.len() < 10);
        }
        let reset = batches
            .iter()
            .flat_map(|batch| &batch.events)
            .any(|event| matches!(event, Event::ScopeReset { .. }));
        assert!(reset, "{word}");
    }
}

#[tokio::test]
async fn a_uidnext_that_goes_backwards_is_read_anew() {
    let back = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&back);
    let (_fake, provider) = reads(move |command: &str| {
        (told.load(Ordering::SeqCst) == 1 && command.starts_with("STATUS \"INBOX\""))
            .then(|| say("* STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 7)\r\nTAG OK x\r\n"))
    })
    .await;
    let first = provider.pull(None).await.unwrap();
    let sent = provider.pull(first.cursor).await.unwrap();
    assert!(!sent.more);
    back.store(1, Ordering::SeqCst);
    let again = provider.pull(sent.cursor).await.unwrap();
    assert!(matches!(again.events[0], Event::ScopeReset { .. }));
}

#[tokio::test]
async fn vast_numbers_cost_nothing() {
    // All UIDs there can be have vanished, and four milliards of messages exist.
    let (_fake, provider) = reads(|command: &str| {
        if command.starts_with("CAPABILITY") {
            return Some(say("* CAPABILITY IMAP4rev1 AUTH=PLAIN ENABLE QRESYNC CONDSTORE\r\nTAG OK x\r\n"));
        }
        if command.starts_with("ENABLE") {
            return Some(say("* ENABLED QRESYNC\r\nTAG OK x\r\n"));
        }
        if command.starts_with("STATUS \"INBOX\"") {
            return Some(say(
                "* STATUS INBOX (MESSAGES 4294967295 UIDNEXT 4294967295 UIDVALIDITY 7 HIGHESTMODSEQ 9)\r\nTAG OK x\r\n",
            ));
        }
        command.starts_with("EXAMINE \"INBOX\"").then(|| {
            say("* 4294967295 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4294967295] x\r\n* OK [HIGHESTMODSEQ 9] x\r\n* VANISHED (EARLIER) 1:4294967295\r\nTAG OK x\r\n")
        })
    })
    .await;
    let start = Instant::now();
    let mut cursor = None;
    for _ in 0..6 {
        let batch = provider.pull(cursor.clone()).await.unwrap();
        assert!(batch.events.len() < 10);
        cursor = batch.cursor.or(cursor);
    }
    assert!(start.elapsed() < ENDS);
}

#[tokio::test]
async fn every_imap_row_of_the_corpus_is_survived() {
    let harmless = [
        "srv-nil-envelope",
        "srv-uid-dup",
        "srv-uidvalidity-0",
        "srv-exists-4g",
        "srv-flag-names",
        "srv-line-64mb",
    ];
    let imap = load("16_mail_servers")
        .into_iter()
        .filter(|row| !row.id.contains("smtp") && !row.id.contains("tls"));
    for row in imap {
        let fine = harmless.contains(&row.id.as_str());
        let mut bytes = row.payload.clone();
        if fine && !bytes.ends_with(b"\r\n") {
            bytes.extend_from_slice(b"\r\n");
        }
        let (_fake, provider) = reads(once(move |command: &str| {
            let rest = command.strip_prefix("UID FETCH ")?;
            rest.contains("RFC822.SIZE").then(|| {
                let mut all = bytes.clone();
                all.extend_from_slice(usual(command).as_bytes());
                if fine {
                    Act::Say(all)
                } else {
                    Act::SayAndCut(all)
                }
            })
        }))
        .await;
        let start = Instant::now();
        let first = provider.pull(None).await;
        if fine {
            assert_eq!(messages(&first.unwrap()).len(), 3, "{}", row.id);
        } else {
            assert!(first.is_err(), "{}", row.id);
            let again = provider.pull(None).await.unwrap();
            assert_eq!(messages(&again).len(), 3, "{}", row.id);
        }
        assert!(start.elapsed() < ENDS, "{}", row.id);
    }
}

#[tokio::test]
async fn an_endless_line_ends() {
    let (_fake, provider) = reads(once(on("UID FETCH", Act::Say(vec![b'*'; 20 << 20])))).await;
    let result = provider.pull(None).await;
    assert!(
        matches!(result, Err(ProviderError::Transient(_))),
        "{result:?}"
    );
}

#[tokio::test]
async fn nothing_secret_is_said_in_the_clear() {
    let starttls = "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR\r\nTAG OK x\r\n";
    for (greeting, capability, answer, works) in [
        ("* OK hello\r\n", starttls, "TAG OK go\r\n", true),
        // What is put ahead of the handshake is not believed.
        (
            "* OK hello\r\n",
            starttls,
            "TAG OK go\r\nf1 OK [ALERT] inserted\r\n* CAPABILITY IMAP4rev1\r\n",
            true,
        ),
        ("* OK hello\r\n", starttls, "TAG NO not today\r\n", false),
        (
            "* OK hello\r\n",
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK x\r\n",
            "",
            false,
        ),
        ("* PREAUTH welcome\r\n", starttls, "TAG OK go\r\n", false),
        ("* BYE go away\r\n", starttls, "", false),
    ] {
        let fake = Fake::start(Tls::Later, greeting, move || {
            let mut encrypted = false;
            move |line: &str| {
                let was = encrypted;
                encrypted |= line.ends_with("STARTTLS") && answer.contains("OK");
                imap(line, |command| {
                    if was {
                        return None;
                    }
                    if command.starts_with("CAPABILITY") {
                        return Some(say(capability));
                    }
                    (command == "STARTTLS").then(|| {
                        if answer.contains("OK") {
                            Act::SayAndEncrypt(answer.into())
                        } else {
                            say(answer)
                        }
                    })
                })
            }
        })
        .await;
        let result = provider(&fake, "starttls", false).pull(None).await;
        assert_eq!(
            result.is_ok(),
            works,
            "{greeting}{capability}{answer}: {result:?}"
        );
        let clear = fake.heard_in_clear.lock().unwrap().clone();
        for word in ["AUTHENTICATE", "LOGIN", SECRET] {
            assert!(!clear.contains(word), "{clear}");
        }
    }
}

#[tokio::test]
async fn certificates_that_do_not_fit_are_refused_in_words() {
    for (tls, words) in [
        (Tls::Expired, "has expired"),
        (Tls::OtherName, "is not for localhost"),
        (Tls::SelfSigned, "unknown authority"),
    ] {
        let fake = Fake::start(tls, "* OK hello\r\n", || |line: &str| imap(line, |_| None)).await;
        let Err(ProviderError::Transient(said)) =
            provider(&fake, "implicit", false).pull(None).await
        else {
            panic!("{tls:?} was believed");
        };
        assert!(said.contains(words), "{tls:?}: {said}");
        assert_eq!(*fake.heard.lock().unwrap(), "", "{tls:?}");
    }
}

fn outgoing(body: &str) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("support"),
        channel: Channel::Email,
        conversation: None,
        kind: OutgoingKind::Page,
        from: None,
        recipients: Recipients {
            to: vec![Party::new("ann@cust.test")],
            ..Recipients::default()
        },
        subject: "x".into(),
        body: body.into(),
        attachments: Vec::new(),
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: "01.token@desk.test".into(),
        queued_at: SystemClock.now(),
        author: "alice".into(),
        template: None,
        proposal: None,
    }
}

/// Sends once by a server that behaves but for `odd`.
async fn sends(
    body: &str,
    greeting: &str,
    odd: impl Fn(&str) -> Option<Act> + Clone + Send + 'static,
) -> (Result<(), ProviderError>, String) {
    hands_over(&outgoing(body), greeting, odd).await
}

async fn hands_over(
    out: &Outgoing,
    greeting: &str,
    odd: impl Fn(&str) -> Option<Act> + Clone + Send + 'static,
) -> (Result<(), ProviderError>, String) {
    let fake = Fake::start(Tls::Good, greeting, move || {
        let odd = odd.clone();
        let mut in_message = false;
        move |line: &str| {
            if in_message {
                if line != "." {
                    return Act::Wait;
                }
                in_message = false;
            }
            if let Some(act) = odd(line) {
                return act;
            }
            match line.split(' ').next().unwrap_or_default() {
                "EHLO" => say("250-mx\r\n250-SIZE 99999999\r\n250 AUTH PLAIN\r\n"),
                "AUTH" => say("235 ok\r\n"),
                "DATA" => {
                    in_message = true;
                    say("354 go on\r\n")
                }
                _ => say("250 ok\r\n"),
            }
        }
    })
    .await;
    let provider = provider(&fake, "implicit", true);
    let result = provider.send(out).await.map(drop);
    let heard = fake.heard.lock().unwrap().clone();
    (result, heard)
}

#[tokio::test]
async fn an_address_beyond_ascii_leaves_only_by_a_server_that_takes_it() {
    let mut out = outgoing("hi");
    out.recipients.to = vec![Party::named("jörg@müller.test", "Jörg")];
    let takes = |line: &str| {
        line.starts_with("EHLO")
            .then(|| say("250-mx\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n"))
    };
    let (result, heard) = hands_over(&out, "220 mx\r\n", takes).await;
    assert!(result.is_ok(), "{result:?}");
    for wanted in [
        "MAIL FROM:<support@desk.test> BODY=8BITMIME SMTPUTF8\r\n",
        "RCPT TO:<jörg@xn--mller-kva.test>\r\n",
        "<jörg@xn--mller-kva.test>\r\n",
    ] {
        assert!(heard.contains(wanted), "{wanted} is not in {heard}");
    }
    let (result, heard) = hands_over(&out, "220 mx\r\n", |_| None).await;
    let Err(ProviderError::Rejected {
        reason,
        permanent: true,
    }) = result
    else {
        panic!("{result:?}");
    };
    assert!(
        reason.contains("jörg@xn--mller-kva.test") && reason.contains("SMTPUTF8"),
        "{reason}"
    );
    assert!(!heard.contains("MAIL"), "{heard}");
    // Whom every server takes is not asked for.
    let (result, heard) = sends("hi", "220 mx\r\n", takes).await;
    assert!(result.is_ok(), "{result:?}");
    assert!(!heard.contains("SMTPUTF8"), "{heard}");
}

#[tokio::test]
async fn each_phase_of_sending_ends_as_it_must() {
    let endless = load("16_mail_servers")
        .into_iter()
        .find(|row| row.id == "srv-smtp-multiline-endless")
        .unwrap()
        .payload;
    let large = "x".repeat(70) + "\n";
    let large = large.repeat(300_000);
    let cut = || Act::SayAndCut(Vec::new());
    let cases: Vec<(&str, &str, &str, Option<Act>, &str)> = vec![
        ("behaves", "hi", "", None, "sent"),
        (
            "cut before EHLO's answer",
            "hi",
            "EHLO",
            Some(cut()),
            "transient",
        ),
        (
            "endless answer",
            "hi",
            "EHLO",
            Some(Act::Say(endless)),
            "transient",
        ),
        (
            "no number",
            "hi",
            "EHLO",
            Some(say("hello\r\n")),
            "transient",
        ),
        (
            "wrong login",
            "hi",
            "AUTH",
            Some(say("535 5.7.8 no\r\n")),
            "auth",
        ),
        (
            "login not now",
            "hi",
            "AUTH",
            Some(say("454 4.7.0 later\r\n")),
            "transient",
        ),
        (
            "sender refused",
            "hi",
            "MAIL",
            Some(say("550 no\r\n")),
            "rejected",
        ),
        (
            "recipient later",
            "hi",
            "RCPT",
            Some(say("450 greylisted\r\n")),
            "transient",
        ),
        (
            "recipient refused",
            "hi",
            "RCPT",
            Some(say("550 nobody\r\n")),
            "rejected",
        ),
        (
            "closing down",
            "hi",
            "RCPT",
            Some(say("421 later\r\n")),
            "transient",
        ),
        ("cut at DATA", "hi", "DATA", Some(cut()), "transient"),
        (
            "cut in the message",
            &large,
            "DATA",
            Some(Act::TakeAndCut(100_000)),
            "transient",
        ),
        ("cut after the dot", "hi", ".", Some(cut()), "ambiguous"),
        (
            "nonsense after the dot",
            "hi",
            ".",
            Some(say("ok, I think\r\n")),
            "ambiguous",
        ),
        (
            "half an answer after the dot",
            "hi",
            ".",
            Some(Act::SayAndCut(b"250-2.0.0 qu".to_vec())),
            "ambiguous",
        ),
        (
            "refused after the dot",
            "hi",
            ".",
            Some(say("554 spam\r\n")),
            "rejected",
        ),
        (
            "later after the dot",
            "hi",
            ".",
            Some(say("451 full\r\n")),
            "transient",
        ),
    ];
    for (name, body, at, act, expect) in cases {
        let (result, _) = sends(body, "220 mx\r\n", move |line: &str| {
            act.clone()
                .filter(|_| !at.is_empty() && (line == at || line.starts_with(&format!("{at} "))))
        })
        .await;
        let got = match result {
            Ok(()) => "sent",
            Err(ProviderError::Transient(_)) => "transient",
            Err(ProviderError::Ambiguous(_)) => "ambiguous",
            Err(ProviderError::Auth(_)) => "auth",
            Err(ProviderError::Rejected {
                permanent: true, ..
            }) => "rejected",
            Err(other) => panic!("{name}: {other:?}"),
        };
        assert_eq!(got, expect, "{name}");
    }
    for greeting in ["421 later\r\n", "554 go away\r\n", "hello\r\n"] {
        assert!(
            sends("hi", greeting, |_: &str| None).await.0.is_err(),
            "{greeting}"
        );
    }
}

#[tokio::test]
async fn a_body_cannot_end_the_message() {
    let (result, heard) = sends(
        "a\n.\nMAIL FROM:<x@evil.test>\n.\r.\r\nQUIT",
        "220 mx\r\n",
        |_: &str| None,
    )
    .await;
    result.unwrap();
    let (_, data) = heard.split_once("DATA\r\n").unwrap();
    let (message, rest) = data.split_once("\r\n.\r\n").unwrap();
    assert!(
        message.ends_with("a\r\n..\r\nMAIL FROM:<x@evil.test>\r\n..\r\n..\r\nQUIT"),
        "{message}"
    );
    assert_eq!(rest, "QUIT\r\n");
}

#[tokio::test]
async fn submission_is_encrypted_before_the_login() {
    for (offer, answer, works) in [
        ("250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", true),
        (
            "250-mx\r\n250 STARTTLS\r\n",
            "220 go\r\n250-AUTH PLAIN\r\n235 inserted\r\n",
            true,
        ),
        ("250-mx\r\n250 AUTH PLAIN\r\n", "", false),
        ("250-mx\r\n250 STARTTLS\r\n", "454 not now\r\n", false),
    ] {
        let fake = Fake::start(Tls::Later, "220 mx\r\n", move || {
            let mut encrypted = false;
            let mut in_message = false;
            move |line: &str| {
                if in_message && line != "." {
                    return Act::Wait;
                }
                in_message = line == "DATA";
                match line.split(' ').next().unwrap_or_default() {
                    "STARTTLS" if answer.starts_with("220") => {
                        encrypted = true;
                        Act::SayAndEncrypt(answer.into())
                    }
                    "STARTTLS" => say(answer),
                    "EHLO" if !encrypted => say(offer),
                    "EHLO" => say("250-mx\r\n250 AUTH PLAIN\r\n"),
                    "AUTH" => say("235 ok\r\n"),
                    "DATA" => say("354 go\r\n"),
                    _ => say("250 ok\r\n"),
                }
            }
        })
        .await;
        let result = provider(&fake, "starttls", true)
            .send(&outgoing("hi"))
            .await;
        assert_eq!(result.is_ok(), works, "{offer}{answer}: {result:?}");
        let clear = fake.heard_in_clear.lock().unwrap().clone();
        assert!(
            !clear.contains("AUTH") && !clear.contains("MAIL"),
            "{clear}"
        );
    }
}

#[tokio::test]
async fn gmail_is_read_by_all_mail_and_its_labels() {
    let (fake, provider) = reads(|command: &str| {
        if command.starts_with("CAPABILITY") {
            return Some(say("* CAPABILITY IMAP4rev1 AUTH=PLAIN SPECIAL-USE X-GM-EXT-1 CONDSTORE\r\nTAG OK x\r\n"));
        }
        if command.starts_with("LIST") {
            return Some(say(concat!(
                "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n",
                "* LIST (\\HasChildren \\Noselect) \"/\" \"[Gmail]\"\r\n",
                "* LIST (\\All \\HasNoChildren) \"/\" \"[Gmail]/All Mail\"\r\n",
                "* LIST (\\HasNoChildren \\Sent) \"/\" \"[Gmail]/Sent Mail\"\r\n",
                "TAG OK x\r\n"
            )));
        }
        if command.starts_with("STATUS") {
            return Some(say(
                "* STATUS \"[Gmail]/All Mail\" (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 7 HIGHESTMODSEQ 5)\r\nTAG OK x\r\n",
            ));
        }
        if command.starts_with("EXAMINE") {
            return Some(say(
                "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n* OK [HIGHESTMODSEQ 5] x\r\nTAG OK x\r\n",
            ));
        }
        let rest = command.strip_prefix("UID FETCH ")?;
        Some(if rest.contains("X-GM-LABELS") {
            say(concat!(
                "* 1 FETCH (X-GM-THRID 1278455344230334865 X-GM-LABELS (\"\\\\Inbox\") UID 1 RFC822.SIZE 60 FLAGS ())\r\n",
                "* 2 FETCH (X-GM-THRID 1278455344230334865 X-GM-LABELS (\"\\\\Sent\" Caf&AOk-) UID 2 RFC822.SIZE 60 FLAGS (\\Seen))\r\n",
                "TAG OK x\r\n"
            ))
        } else {
            let ours = "From: support@desk.test\r\nMessage-ID: <o@desk.test>\r\n\r\nhi\r\n";
            let body = |uid| format!("* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n{ours})\r\n", ours.len());
            let all: String = [1, 2].map(body).concat();
            say(format!("{all}TAG OK x\r\n"))
        })
    })
    .await;
    let batch = provider.pull(None).await.unwrap();
    let got = messages(&batch);
    let told: Vec<_> = got
        .iter()
        .map(|message| {
            (
                message.remote.scope.as_str(),
                message.direction,
                message.thread.thread.as_deref(),
            )
        })
        .collect();
    let thread = Some("1278455344230334865");
    assert_eq!(
        told,
        [
            ("[Gmail]/All Mail", Direction::Outbound, thread),
            // Whoever claims to be us and was not sent by us is a stranger.
            ("[Gmail]/All Mail", Direction::Inbound, thread),
        ]
    );
    assert!(!got[0].thread.thread_decides);
    let heard = fake.heard.lock().unwrap().clone();
    assert!(!heard.contains("EXAMINE \"INBOX\""), "{heard}");
}
