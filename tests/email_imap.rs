//! Reading mail from a real Dovecot: everything arrives once, nothing is lost, flags go both ways.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod email_account;
mod support;

use email_account::Table;
use frontdesk::model::{Direction, Event, MessageKind};
use frontdesk::providers::{Provider, ProviderError, RemoteChange};
use futures::StreamExt;
use std::time::Duration;
use support::imap_client::ImapClient;
use support::mail::Mail;
use support::servers::{Imap, User, required};
use support::smtp_client::deliver;
use support::wait::PATIENCE;

const ALL: [Imap; 3] = [Imap::Full, Imap::Condstore, Imap::Lean];

fn mail(to: &User, subject: &str) -> Mail {
    Mail::new("Ann <ann@cust.test>", &to.address, subject, "hello")
}

/// The blocking client of the other side must not hold up the product's own tasks.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_mx_delivers_arrives_with_all_it_says() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let message = mail(&desk, "=?utf-8?Q?Caf=C3=A9_order?=").answering("earlier@desk.test");
    deliver(
        servers.mx(),
        "ann@cust.test",
        &desk.address,
        &message.to_string(),
    );
    let mut other = ImapClient::inbox(servers, &desk);
    other.wait_for("ALL");
    let mut account = Table::new(servers, Imap::Full, &desk).open();
    account.pull().await;
    let row = account.row("Café order");
    let got = &row.message;
    assert_eq!(got.from.address, "ann@cust.test");
    assert_eq!(got.from.name.as_deref(), Some("Ann"));
    assert_eq!(got.to[0].address, desk.address);
    assert_eq!(got.text.trim(), "hello");
    assert_eq!(
        (got.direction, got.kind),
        (Direction::Inbound, MessageKind::Normal)
    );
    assert_eq!(got.thread.message_id.as_deref(), Some(message.id.as_str()));
    assert_eq!(got.thread.in_reply_to, ["earlier@desk.test"]);
    assert!(!got.from_verified);
    assert!(got.raw.windows(5).any(|window| window == b"hello"));
    account.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_followed_on_every_kind_of_server() {
    let Some(servers) = required() else {
        return;
    };
    for which in ALL {
        let desk = User::fresh_at_desk();
        let mut other = ImapClient::login(servers, Imap::Full, &desk);
        for n in 0..5 {
            other.append("INBOX", "", &mail(&desk, &format!("m{n}")).to_string());
        }
        other.append("Archive", "\\Seen", &mail(&desk, "archived").to_string());
        other.append("Junk", "", &mail(&desk, "spam").to_string());
        let table = Table::new(servers, which, &desk);
        let mut account = table.open();
        account.pull().await;
        assert_eq!(account.rows.len(), 7, "{which:?}");
        assert!(account.row("archived").flags.seen && account.row("spam").flags.junk);
        account.verify().await;

        // Nothing happened: nothing is told, and the cursor stays.
        let quiet = account.pull_once().await.unwrap();
        let told = (quiet.events.len(), quiet.more, quiet.behind);
        let after_sweep = account.pull_once().await.unwrap();
        if !matches!(which, Imap::Lean) {
            assert_eq!(told, (0, false, 0), "{which:?}");
        }
        assert_eq!(
            (after_sweep.events.len(), after_sweep.cursor),
            (0, None),
            "{which:?}"
        );

        other.select("INBOX");
        let uids = other.search("ALL");
        other.store(uids[0], "+FLAGS", "\\Seen \\Answered");
        other.store(uids[1], "+FLAGS", "\\Flagged");
        other.expunge(uids[2]);
        other.append("INBOX", "\\Seen", &mail(&desk, "later").to_string());
        let mut account = account.restarted(&table);
        account.pull().await;
        account.pull().await;
        let flags = |subject: &str| {
            let flags = account.row(subject).flags;
            (flags.seen, flags.answered, flags.flagged)
        };
        assert_eq!(flags("m0"), (true, true, false), "{which:?}");
        assert_eq!(flags("m1"), (false, false, true), "{which:?}");
        assert_eq!(flags("later"), (true, false, false), "{which:?}");
        assert!(account.row("m2").places.is_empty(), "{which:?}");
        account.verify().await;

        // Only a flag goes back.
        other.store(uids[0], "-FLAGS", "\\Seen");
        account.pull().await;
        account.pull().await;
        assert!(!account.row("m0").flags.seen, "{which:?}");
        // Only a message goes away.
        other.expunge(uids[3]);
        account.pull().await;
        assert!(account.row("m3").places.is_empty(), "{which:?}");
        account.verify().await;

        // All at once, while the folder is still open from the last look: what came is there first, the rest follows.
        for round in 0..2 {
            account.pull().await;
            account.pull().await;
            let (gone, subject) = (uids[round * 4], format!("while open {round}"));
            other.store(
                uids[1],
                if round == 0 { "-FLAGS" } else { "+FLAGS" },
                "\\Flagged",
            );
            other.expunge(gone);
            other.append("INBOX", "", &mail(&desk, &subject).to_string());
            let news = account.pull_once().await.unwrap();
            let came =
                |event: &Event| matches!(event, Event::Message(one) if one.subject == subject);
            assert!(news.events.iter().any(came), "{which:?}");
            assert!(news.more && news.events.len() == 1, "{which:?}");
            account.pull().await;
            account.pull().await;
            assert_eq!(account.row("m1").flags.flagged, round == 1, "{which:?}");
            let left = if round == 0 { "m0" } else { "m4" };
            assert!(account.row(left).places.is_empty(), "{which:?}");
            account.verify().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_set_here_are_set_there() {
    let Some(servers) = required() else {
        return;
    };
    for which in ALL {
        let desk = User::fresh_at_desk();
        let mut other = ImapClient::inbox(servers, &desk);
        let uid = other.append("INBOX", "", &mail(&desk, "one").to_string());
        let mut account = Table::new(servers, which, &desk).open();
        account.pull().await;
        let remote = account.row("one").places[0].clone();
        let change = |seen, answered, flagged, junk| RemoteChange::Flags {
            remote: remote.clone(),
            seen,
            answered,
            flagged,
            junk,
        };
        account
            .provider
            .push(&change(Some(true), Some(true), None, Some(true)))
            .await
            .unwrap();
        other.select("INBOX");
        assert_eq!(
            other.flags(uid),
            ["$Junk", "\\Answered", "\\Seen"],
            "{which:?}"
        );
        account
            .provider
            .push(&change(Some(false), None, Some(true), Some(false)))
            .await
            .unwrap();
        other.select("INBOX");
        assert_eq!(
            other.flags(uid),
            ["$NotJunk", "\\Answered", "\\Flagged"],
            "{which:?}"
        );
        account.pull().await;
        account.pull().await;
        let flags = account.row("one").flags;
        assert!(flags.flagged && flags.answered && !flags.seen && !flags.junk);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_uidvalidity_brings_no_message_twice() {
    let Some(servers) = required() else {
        return;
    };
    for which in ALL {
        let desk = User::fresh_at_desk();
        let mut other = ImapClient::login(servers, Imap::Full, &desk);
        for n in 0..3 {
            other.append("INBOX", "", &mail(&desk, &format!("m{n}")).to_string());
        }
        let table = Table::new(servers, which, &desk);
        let mut account = table.open();
        account.pull().await;
        let (before, uidvalidity) = (account.rows.len(), other.select("INBOX").uidvalidity);
        servers.set_uidvalidity(&desk, "INBOX", uidvalidity + 7);
        let mut account = account.restarted(&table);
        account.pull().await;
        assert_eq!(account.resets, ["INBOX"], "{which:?}");
        assert_eq!(account.rows.len(), before, "{which:?}");
        let generation = account
            .coverage
            .iter()
            .find(|known| known.feed == "INBOX")
            .unwrap()
            .generation;
        assert_eq!(generation, u64::from(uidvalidity + 7));
        account.verify().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_past_comes_newest_first_and_whole() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let mut other = ImapClient::inbox(servers, &desk);
    for n in 0..1200 {
        other.append("INBOX", "", &mail(&desk, &format!("m{n}")).to_string());
    }
    for uid in 100..160 {
        other.store(uid, "+FLAGS", "\\Deleted");
    }
    other.run("EXPUNGE");
    let mut account = Table::new(servers, Imap::Full, &desk).open();
    let first = account.pull_once().await.unwrap();
    assert!(first.more && first.behind == 1090, "{}", first.behind);
    assert_eq!(account.batches, [50]);
    assert!(account.subjects().contains(&"m1199") && !account.subjects().contains(&"m1149"));
    // News come before the rest of the past.
    other.append("INBOX", "", &mail(&desk, "fresh").to_string());
    account.pull().await;
    assert_eq!(account.rows.len(), 1141);
    let inbox = account
        .coverage
        .iter()
        .find(|known| known.feed == "INBOX")
        .unwrap();
    assert_eq!((inbox.low, inbox.high, inbox.floor), (1, 1201, 1));
    account.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_can_be_limited_and_asked_for_later() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let mut other = ImapClient::inbox(servers, &desk);
    for n in 0..30 {
        other.append("INBOX", "", &mail(&desk, &format!("m{n}")).to_string());
    }
    let mut account = Table::new(servers, Imap::Full, &desk)
        .head("history_messages = 10")
        .open();
    account.pull().await;
    assert_eq!(account.rows.len(), 10);
    assert!(account.subjects().contains(&"m20") && !account.subjects().contains(&"m19"));
    loop {
        let cursor = account.cursor.clone();
        let batch = account
            .provider
            .backfill(frontdesk::model::Timestamp(0), cursor)
            .await
            .unwrap();
        account.apply(&batch);
        if !batch.more {
            break;
        }
    }
    assert_eq!(account.rows.len(), 30);
    account.lacks_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_is_told_by_idle_and_by_notify() {
    let Some(servers) = required() else {
        return;
    };
    for (which, folder) in [
        (Imap::Full, "INBOX"),
        (Imap::Full, "Archive"),
        (Imap::Condstore, "INBOX"),
    ] {
        let desk = User::fresh_at_desk();
        let mut account = Table::new(servers, which, &desk).open();
        account.pull().await;
        let watching = Table::new(servers, which, &desk).open();
        let mut news = watching.provider.subscribe(None).unwrap();
        let first = news.next().await.unwrap().unwrap();
        assert!(first.events.is_empty());
        let client = {
            let (desk, folder) = (desk.clone(), folder.to_owned());
            aside(move || {
                let mut client = ImapClient::login(servers, Imap::Full, &desk);
                client.append(&folder, "", &mail(&desk, "hot").to_string());
                client
            })
            .await
        };
        tokio::time::timeout(PATIENCE, news.next())
            .await
            .unwrap_or_else(|_| panic!("{which:?} {folder}: no news"))
            .unwrap()
            .unwrap();
        account.pull().await;
        assert_eq!(account.subjects(), ["hot"], "{which:?} {folder}");
        drop(client);
        if matches!(which, Imap::Condstore) {
            continue;
        }
        // A server that goes away ends the stream with an error.
        servers.kick(&desk);
        let end = tokio::time::timeout(PATIENCE, async {
            loop {
                match news.next().await {
                    Some(Ok(_)) => {}
                    other => return other,
                }
            }
        })
        .await
        .unwrap();
        assert!(
            matches!(end, Some(Err(ProviderError::Transient(_)))),
            "{end:?}"
        );
        assert!(news.next().await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_starttls_open_the_account_too() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let ca = servers.ca().display();
    for auth in ["xoauth2", "oauthbearer"] {
        for (which, tls, port) in [
            (Imap::Full, "implicit", servers.imaps(Imap::Full)),
            (Imap::Lean, "starttls", servers.imap(Imap::Lean)),
        ] {
            let account = |token: String| {
                Table::new(servers, which, &desk).imap(&format!(
                    "port = {port}\ntls = \"{tls}\"\nauth = \"{auth}\"\nca_file = \"{ca}\"\npassword = \"{token}\""
                ))
            };
            account(servers.token(&desk, 600)).open().pull().await;
            let over = account(servers.token(&desk, -60)).open().pull_once().await;
            assert!(
                matches!(over, Err(ProviderError::Auth(_))),
                "{auth} {tls}: {over:?}"
            );
        }
    }
    Table::new(servers, Imap::Full, &desk)
        .imap(&format!(
            "port = {}\ntls = \"starttls\"\nca_file = \"{ca}\"\npassword = \"{}\"",
            servers.imap(Imap::Full),
            desk.password
        ))
        .open()
        .pull()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_words() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let ca = servers.ca().display();
    let port = servers.imaps(Imap::Full);
    let wrong = Table::new(servers, Imap::Full, &desk).imap(&format!(
        "port = {port}\nca_file = \"{ca}\"\npassword = \"wrong\""
    ));
    let Err(ProviderError::Auth(words)) = wrong.open().pull_once().await else {
        panic!("the password is wrong");
    };
    assert!(
        words.contains("does not take the login") && !words.contains("wrong"),
        "{words}"
    );
    let stranger =
        Table::new(servers, Imap::Full, &desk).imap(&format!("port = {port}\npassword = \"x\""));
    let Err(ProviderError::Transient(words)) = stranger.open().pull_once().await else {
        panic!("nobody signed for this server");
    };
    assert!(words.contains("unknown authority"), "{words}");
    let health = Table::new(servers, Imap::Full, &desk)
        .open()
        .provider
        .probe()
        .await
        .unwrap();
    assert!(health.ok(), "{health:#?}");
    assert!(
        health
            .checks
            .iter()
            .any(|check| check.says.contains("QRESYNC"))
    );
    let health = wrong.open().provider.probe().await.unwrap();
    let failed: Vec<&str> = health
        .checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(failed, ["IMAP login", "SMTP login at localhost"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_comes_with_its_text_and_without_its_files() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let mut other = ImapClient::inbox(servers, &desk);
    let file = "QUJD\r\n".repeat(300_000);
    let large = format!(
        "From: ann@cust.test\r\nTo: {}\r\nSubject: large\r\nMessage-ID: <large@cust.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9\r\n--b\r\nContent-Type: image/png\r\n\
         Content-Disposition: attachment; filename=photo.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{file}--b--\r\n",
        desk.address
    );
    other.append("INBOX", "", &large);
    other.append("INBOX", "", &mail(&desk, "small").to_string());
    let mut account = Table::new(servers, Imap::Full, &desk)
        .head("message_limit_mib = 1")
        .open();
    account.pull().await;
    let got = &account.row("large").message;
    assert_eq!(got.text.trim(), "café");
    assert_eq!(got.thread.message_id.as_deref(), Some("large@cust.test"));
    assert_eq!(got.attachments.len(), 1);
    let photo = &got.attachments[0];
    assert_eq!(
        (photo.name.as_str(), photo.mime.as_str()),
        ("photo.png", "image/png")
    );
    assert!(photo.data.is_none() && photo.size > 1_799_000);
    let key = photo.fetch.clone().unwrap();
    let bytes = account.provider.fetch(&key).await.unwrap();
    assert!(bytes == b"ABC".repeat(300_000), "{} bytes", bytes.len());
    for elsewhere in [
        key.replacen('\u{1f}', "\u{1f}9", 1),
        key.replacen("INBOX", "Nowhere", 1),
    ] {
        let refused = account.provider.fetch(&elsewhere).await;
        assert!(
            matches!(
                refused,
                Err(ProviderError::Rejected {
                    permanent: true,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
    assert_eq!(account.row("small").message.text.trim(), "hello");
    account.verify().await;
}

/// Everything between the product and the server is passed on until the line is cut: then nothing is, and nobody is
/// told, as when a router dies.
async fn line_that_dies(port: u16) -> (u16, tokio::sync::watch::Sender<bool>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let here = listener.local_addr().unwrap().port();
    let (cut, is_cut) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut is_cut = is_cut.clone();
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(("127.0.0.1", port))
                    .await
                    .unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = is_cut.wait_for(|cut| *cut) => {}
                }
                std::future::pending::<()>().await;
                drop((client, server));
            });
        }
    });
    (here, cut)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_vanishes_is_noticed_within_ninety_seconds() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let (port, cut) = line_that_dies(servers.imaps(Imap::Full)).await;
    let account = Table::new(servers, Imap::Full, &desk)
        .imap(&format!(
            "port = {port}\nca_file = \"{}\"\npassword = \"{}\"",
            servers.ca().display(),
            desk.password
        ))
        .open();
    let mut news = account.provider.subscribe(None).unwrap();
    news.next().await.unwrap().unwrap();
    // The stream waits for news while the line dies.
    let nothing = tokio::time::timeout(Duration::from_secs(2), news.next()).await;
    assert!(nothing.is_err());
    cut.send(true).unwrap();
    let start = std::time::Instant::now();
    let end = tokio::time::timeout(Duration::from_secs(90), news.next()).await;
    let end = end.unwrap_or_else(|_| panic!("not noticed after {:?}", start.elapsed()));
    assert!(
        matches!(end, Some(Err(ProviderError::Transient(_)))),
        "{end:?}"
    );
}
