//! Sending through a real Postfix, and through one that hangs up at the worst moment.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod email_account;
mod support;

use email_account::{Table, outgoing};
use frontdesk::model::outgoing::{OutgoingAttachment, hex};
use frontdesk::model::{Direction, MessageKind, Party};
use frontdesk::providers::{Provider, ProviderError, Reconciled};
use sha2::{Digest, Sha256};
use support::imap_client::ImapClient;
use support::mail::Mail;
use support::servers::{Imap, Servers, User, required};
use support::smtp_client::deliver;
use support::smtp_trap::{SmtpTrap, Trap};

fn headers(message: &str) -> &str {
    message.split_once("\r\n\r\n").unwrap().0
}

/// The table of an account that sends through the trap.
fn trapped(servers: &Servers, trap: &SmtpTrap, user: &User) -> Table {
    Table::new(servers, Imap::Full, user).smtp(&format!(
        "[[smtp]]\nhost = \"localhost\"\nport = {}\n",
        trap.port()
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_arrives_and_its_copy_comes_back_as_ours() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann, bob) = (
        User::fresh_at_desk(),
        User::fresh_customer(),
        User::fresh_customer(),
    );
    let mut account = Table::new(servers, Imap::Full, &desk).open();
    let mut out = outgoing(
        &account.provider,
        &ann.address,
        "Re: Café\r\nBcc: evil@x.test",
        "Hello **Ann**\n.\nbye\n\n-- \nThe desk, open 9 to 5",
    );
    out.recipients.bcc.push(Party::named(&bob.address, "Bob"));
    out.in_reply_to = Some("question@cust.test".into());
    out.references = vec!["first@cust.test".into(), "bad id\r\nX-Evil: 1".into()];
    let receipt = account.provider.send(&out).await.unwrap();
    assert!(receipt.refused.is_empty());
    assert!(receipt.detail.unwrap().contains("copy in Sent as "));

    let mut inbox = ImapClient::inbox(servers, &ann);
    let uid = inbox.wait_for("ALL")[0];
    let arrived = inbox.fetch(uid);
    let head = headers(&arrived);
    for wanted in [
        format!("Message-ID: <{}>", out.reference),
        "In-Reply-To: <question@cust.test>".into(),
        "References: <first@cust.test> <question@cust.test>".into(),
        format!("From: \"The desk\" <{}>", desk.address),
    ] {
        assert!(head.contains(&wanted), "{wanted} is not in\n{head}");
    }
    for unwanted in ["\nBcc:", "X-Evil", &bob.address] {
        assert!(!head.contains(unwanted), "{unwanted} is in\n{head}");
    }
    assert!(arrived.contains("Hello Ann\r\n.\r\nbye"), "{arrived}");
    assert!(
        arrived.contains("Hello <strong>Ann</strong><br"),
        "{arrived}"
    );
    assert!(
        arrived.contains("--=20\r\nThe desk, open 9 to 5"),
        "{arrived}"
    );
    ImapClient::inbox(servers, &bob).wait_for("ALL");

    let mut sent = ImapClient::login(servers, Imap::Full, &desk);
    sent.select("Sent");
    let copy = sent.fetch(1);
    assert!(
        headers(&copy).contains(&format!("Bcc: \"Bob\" <{}>", bob.address)),
        "{copy}"
    );
    assert_eq!(sent.flags(1), ["\\Seen"]);
    account.pull().await;
    let row = account.rows.values().next().unwrap();
    assert_eq!(row.message.direction, Direction::Outbound);
    assert_eq!(
        row.message.own_reference.as_deref(),
        Some(out.reference.as_str())
    );
    let found = account.provider.reconcile(&out).await.unwrap();
    assert!(matches!(found, Reconciled::Found(_)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_apart() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let account = Table::new(servers, Imap::Full, &desk).open();
    let to = |address: &str| outgoing(&account.provider, address, "x", "y");

    let mut both = to(&ann.address);
    both.recipients.cc.push(Party::new("nobody@cust.test"));
    let receipt = account.provider.send(&both).await.unwrap();
    assert_eq!(receipt.refused.len(), 1);
    assert_eq!(receipt.refused[0].0, "nobody@cust.test");
    assert!(receipt.refused[0].1.starts_with("550"), "{receipt:?}");

    let none = account.provider.send(&to("nobody@cust.test")).await;
    assert!(
        matches!(
            none,
            Err(ProviderError::Rejected {
                permanent: true,
                ..
            })
        ),
        "{none:?}"
    );
    let busy = account.provider.send(&to("busy@cust.test")).await;
    assert!(matches!(busy, Err(ProviderError::Transient(_))), "{busy:?}");
    for address in [
        "<a@b.example>,<x@evil.example>",
        "a@b.example\r\nRCPT TO:<x@evil.example>",
        "-oQ@b.example",
    ] {
        let bad = account.provider.send(&to(address)).await;
        assert!(
            matches!(
                bad,
                Err(ProviderError::Rejected {
                    permanent: true,
                    ..
                })
            ),
            "{bad:?}"
        );
    }
    let mut alias = to(&ann.address);
    alias.from = Some(Party::new("ceo@desk.test"));
    let bad = account.provider.send(&alias).await;
    assert!(
        matches!(
            bad,
            Err(ProviderError::Rejected {
                permanent: true,
                ..
            })
        ),
        "{bad:?}"
    );

    let mut huge = to(&ann.address);
    let dir = tempfile::tempdir().unwrap();
    huge.attachments
        .push(attachment(&dir, "big.bin", &vec![7_u8; 21 << 20]));
    let large = account.provider.send(&huge).await;
    let Err(ProviderError::Rejected {
        reason,
        permanent: true,
    }) = large
    else {
        panic!("{large:?}");
    };
    assert!(reason.contains("smaller attachments"), "{reason}");

    let smtp = format!(
        "[[smtp]]\nhost = \"localhost\"\nport = {}\npassword = \"wrong\"\n",
        servers.smtps()
    );
    let wrong = Table::new(servers, Imap::Full, &desk).smtp(&smtp).open();
    let refused = wrong.provider.send(&to(&ann.address)).await;
    assert!(
        matches!(refused, Err(ProviderError::Auth(_))),
        "{refused:?}"
    );
    let nowhere = Table::new(servers, Imap::Full, &desk)
        .smtp("[[smtp]]\nhost = \"localhost\"\nport = 9\n")
        .open();
    let refused = nowhere.provider.send(&to(&ann.address)).await;
    assert!(
        matches!(refused, Err(ProviderError::Transient(_))),
        "{refused:?}"
    );
}

fn attachment(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> OutgoingAttachment {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    OutgoingAttachment {
        name: name.to_owned(),
        mime: "application/octet-stream".to_owned(),
        size: bytes.len() as u64,
        sha256: hex(&Sha256::digest(bytes)),
        path,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_arrive_unchanged_or_not_at_all() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let account = Table::new(servers, Imap::Full, &desk).open();
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut out = outgoing(&account.provider, &ann.address, "files", "see below");
    out.attachments = vec![
        attachment(&dir, "Übersicht \"1\".bin", &bytes),
        OutgoingAttachment {
            mime: "text/plain".into(),
            ..attachment(&dir, "unix.txt", b"one\ntwo\r\nthree\r.\n")
        },
        OutgoingAttachment {
            mime: "message/rfc822".into(),
            ..attachment(&dir, "mail.eml", b"Subject: x\r\n\r\nhi\r\n")
        },
    ];
    account.provider.send(&out).await.unwrap();
    ImapClient::inbox(servers, &ann).wait_for("ALL");
    let mut theirs = Table::new(servers, Imap::Full, &ann).open();
    theirs.pull().await;
    let got = &theirs.row("files").message.attachments;
    let names: Vec<&str> = got.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["Übersicht \"1\".bin", "unix.txt", "mail.eml"]);
    assert_eq!(got[0].data.as_ref().unwrap(), &bytes);
    assert_eq!(got[1].data.as_deref(), Some(&b"one\ntwo\r\nthree\r.\n"[..]));
    assert_eq!(
        got[2].data.as_deref(),
        Some(&b"Subject: x\r\n\r\nhi\r\n"[..])
    );

    std::fs::write(&out.attachments[0].path, b"something else").unwrap();
    let changed = account.provider.send(&out).await;
    assert!(
        matches!(
            changed,
            Err(ProviderError::Rejected {
                permanent: true,
                ..
            })
        ),
        "{changed:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_names_what_it_is_about() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let mut account = Table::new(servers, Imap::Full, &desk).open();
    let out = outgoing(&account.provider, "over@cust.test", "too much", "y");
    account.provider.send(&out).await.unwrap();
    ImapClient::inbox(servers, &desk).wait_for("FROM MAILER-DAEMON");
    account.pull().await;
    let bounce = account
        .rows
        .values()
        .find(|row| row.message.kind == MessageKind::Bounce)
        .unwrap();
    let info = bounce.message.bounce.as_ref().unwrap();
    assert_eq!(
        info.original_message_id.as_deref(),
        Some(out.reference.as_str())
    );
    let recipient = &info.recipients[0];
    assert_eq!(
        (recipient.address.as_str(), recipient.action.as_str()),
        ("over@cust.test", "failed")
    );
    assert_eq!(recipient.status, "5.2.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn starttls_and_tokens_send_too() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    for (tls, port, auth) in [
        ("starttls", servers.submission(), "password"),
        ("implicit", servers.smtps(), "xoauth2"),
        ("starttls", servers.submission(), "oauthbearer"),
    ] {
        let send = async |seconds: i64| {
            let secret = if auth == "password" {
                desk.password.clone()
            } else {
                servers.token(&desk, seconds)
            };
            let account = Table::new(servers, Imap::Full, &desk)
                .smtp(&format!(
                    "[[smtp]]\nhost = \"localhost\"\nport = {port}\ntls = \"{tls}\"\nauth = \"{auth}\"\npassword = \"{secret}\"\n"
                ))
                .open();
            let out = outgoing(&account.provider, &ann.address, auth, "y");
            account.provider.send(&out).await
        };
        send(600)
            .await
            .unwrap_or_else(|error| panic!("{tls} {auth}: {error}"));
        if auth != "password" {
            let over = send(-60).await;
            assert!(
                matches!(over, Err(ProviderError::Auth(_))),
                "{auth}: {over:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postfix_takes_an_address_beyond_ascii() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let address = ann.address.replace('@', "+jörg.用户@");
    let mut account = Table::new(servers, Imap::Full, &desk).open();
    let out = outgoing(&account.provider, &address, "Grüße", "y");
    let receipt = account.provider.send(&out).await.unwrap();
    assert!(receipt.refused.is_empty(), "{receipt:?}");
    // The copy came back with its header as it was written.
    account.pull().await;
    let copy = &account.row("Grüße").message;
    assert_eq!(copy.direction, Direction::Outbound);
    assert_eq!(copy.to[0].address, address);
    let found = account.provider.reconcile(&out).await.unwrap();
    assert!(matches!(found, Reconciled::Found(_)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_know_is_said_so() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let trap = SmtpTrap::start(servers, Trap::DeliverThenCut);
    let account = trapped(servers, &trap, &desk).open();
    let out = outgoing(&account.provider, &ann.address, "delivered", "y");
    let open = account.provider.send(&out).await;
    assert!(matches!(open, Err(ProviderError::Ambiguous(_))), "{open:?}");
    // No copy was made, so its absence proves nothing.
    assert_eq!(
        account.provider.reconcile(&out).await.unwrap(),
        Reconciled::CannotTell
    );
    // An answer to it proves that it left.
    let answer =
        Mail::new(&ann.address, &desk.address, "Re: delivered", "thanks").answering(&out.reference);
    deliver(
        servers.mx(),
        &ann.address,
        &desk.address,
        &answer.to_string(),
    );
    ImapClient::inbox(servers, &desk).wait_for("ALL");
    let found = account.provider.reconcile(&out).await.unwrap();
    assert!(matches!(found, Reconciled::Found(_)), "{found:?}");

    for (next, expect) in [
        (Trap::DropThenCut, "ambiguous"),
        (Trap::CutBeforeData, "transient"),
        (Trap::Answer("451 4.3.0 later"), "transient"),
        (Trap::Answer("550 5.7.1 never"), "rejected"),
        (Trap::Answer("what?"), "ambiguous"),
        (Trap::Deliver, "sent"),
    ] {
        trap.set(next.clone());
        let out = outgoing(&account.provider, &ann.address, "again", "y");
        let result = match account.provider.send(&out).await {
            Ok(_) => "sent",
            Err(ProviderError::Ambiguous(_)) => "ambiguous",
            Err(ProviderError::Transient(_)) => "transient",
            Err(ProviderError::Rejected {
                permanent: true, ..
            }) => "rejected",
            Err(other) => panic!("{next:?}: {other:?}"),
        };
        assert_eq!(result, expect, "{next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_left_is_sent_even_without_its_copy() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    // Reading is impossible with this table, sending is not.
    let ca = servers.ca().display();
    let account = Table::new(servers, Imap::Full, &desk)
        .imap(&format!(
            "port = 9\nca_file = \"{ca}\"\npassword = \"{}\"",
            desk.password
        ))
        .open();
    let out = outgoing(&account.provider, &ann.address, "no copy", "y");
    let receipt = account.provider.send(&out).await.unwrap();
    assert!(receipt.detail.unwrap().contains("no copy in Sent"));
    let kept = Table::new(servers, Imap::Full, &desk)
        .head("sent_copy = \"skip\"")
        .open();
    let receipt = kept.provider.send(&out).await.unwrap();
    assert!(
        receipt
            .detail
            .unwrap()
            .contains("the server keeps the copy")
    );
}
