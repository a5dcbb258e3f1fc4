//! Files of mails over the size limit: listed at once, fetched when somebody asks.

use crate::customer::Customer;
use crate::home::{Home, number};
use crate::support::imap_client::ImapClient;
use crate::support::mail::unique;
use crate::support::servers::required;
use crate::support::smtp_client::deliver;
use serde_json::Value;

/// A photo of 900 kB under a name that wants to be elsewhere.
fn photo(from: &str, to: &str, subject: &str) -> String {
    let file = "QUJD\r\n".repeat(300_000);
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@cust.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the photo.\r\n\
         --b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"../../photo.png\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{file}--b--\r\n"
    )
}

/// The only file of a conversation.
fn file(home: &Home, subject: &str) -> Value {
    let id = number(&home.conversation(subject));
    home.messages(&id)[0]["attachments"][0].clone()
}

#[test]
fn a_file_of_a_large_mail_is_fetched_when_somebody_asks() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]).with("message_limit_mib = 1");
    let desk = home.user("support");
    let customer = Customer::new(servers);
    let engine = home.synced();
    let (first, second) = (format!("First{}", unique()), format!("Second{}", unique()));
    let from = &customer.user.address;
    for subject in [&first, &second] {
        let mail = photo(from, &desk.address, subject);
        deliver(servers.mx(), from, &desk.address, &mail);
    }
    let listed = file(&home, &first);
    assert_eq!(listed["stored"], false, "{listed}");
    assert_eq!(listed["mime"], "image/png");

    // Beside a running engine.
    let to = tempfile::tempdir().unwrap();
    let dir = to.path().to_str().unwrap();
    let save = |file: &Value| {
        let id = number(file);
        home.run(&["attachment", &id, "--to", dir, "--json"])
    };
    let run = save(&listed);
    assert_eq!(run.code, Some(0), "{run:?}");
    let saved = run.json()[0]["saved"].as_str().unwrap().to_owned();
    let saved = std::path::PathBuf::from(saved);
    assert_eq!(saved.parent(), Some(to.path()), "{saved:?}");
    assert!(std::fs::read(&saved).unwrap() == b"ABC".repeat(300_000));
    let here = file(&home, &first);
    assert_eq!(here["stored"], true, "{here}");
    assert_eq!(here["size"], 900_000);

    // The mails go from the server: what was fetched is kept, what was not is told to be gone.
    let listed = file(&home, &second);
    let mut inbox = ImapClient::inbox(servers, desk);
    for uid in inbox.search("ALL") {
        inbox.expunge(uid);
    }
    let again = save(&here);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_ne!(
        again.json()[0]["saved"].as_str(),
        saved.to_str(),
        "nothing is overwritten"
    );
    let gone = save(&listed);
    assert_eq!(gone.code, Some(1), "{gone:?}");
    assert!(gone.err.contains("no longer on the server"), "{gone:?}");
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 2);
    engine.terminate();
}
