//! Completeness: what is missing is found, and what is old can be fetched.

use crate::customer::Customer;
use crate::home::Home;
use crate::support::imap_client::ImapClient;
use crate::support::mail::{Mail, unique};
use crate::support::servers::required;
use crate::support::wait::{PATIENCE, until};

#[test]
fn verify_finds_what_is_missing() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support", "sales"]);
    let desk = home.user("support");
    let customer = Customer::new(servers);
    let first = Mail::new(
        &customer.user.address,
        &desk.address,
        &format!("First {}", unique()),
        "x",
    );
    ImapClient::inbox(servers, desk).append("INBOX", "", &first.to_string());
    let never = home.run(&["verify"]);
    assert_eq!(never.code, Some(1), "nothing was read yet: {never:?}");
    let never = home.run(&["verify", "--offline", "sales"]);
    assert_eq!(never.code, Some(1), "nothing was read yet: {never:?}");
    let engine = home.synced();
    for n in 0..4 {
        customer.writes(desk, &format!("Number {n} {}", unique()), "Hello.");
    }
    until("all five", PATIENCE, || {
        (home.list("all").len() == 5).then_some(())
    });
    let complete = home.run(&["verify"]);
    assert_eq!(complete.code, Some(0), "{complete:?}");
    assert!(
        complete
            .out
            .contains("support/INBOX: complete · 5 at the server"),
        "{}",
        complete.out
    );
    assert!(
        complete.out.contains("sales/INBOX: complete"),
        "{}",
        complete.out
    );
    assert!(complete.out.contains("journal: "), "{}", complete.out);

    engine.terminate();
    let missed = Mail::new(
        &customer.user.address,
        &desk.address,
        &format!("Missed {}", unique()),
        "x",
    );
    ImapClient::inbox(servers, desk).append("INBOX", "", &missed.to_string());
    let gap = home.run(&["verify", "--json"]);
    assert_eq!(gap.code, Some(1), "{gap:?}");
    let feeds = gap.json();
    let inbox = feeds
        .iter()
        .find(|feed| feed["account"] == "support" && feed["feed"] == "INBOX")
        .unwrap();
    assert_eq!(
        (&inbox["complete"], &inbox["missing_count"]),
        (&false.into(), &1.into()),
        "{inbox}"
    );
    assert_eq!(
        home.run(&["verify", "sales"]).code,
        Some(0),
        "the other account is whole"
    );

    let once = home.run(&["sync", "--once"]);
    assert_eq!(once.code, Some(0), "{once:?}");
    assert_eq!(home.run(&["verify"]).code, Some(0));
    assert_eq!(home.list("all").len(), 6);

    // What is removed at the server stays here, and is no gap.
    let mut server = ImapClient::inbox(servers, desk);
    let uid = server.search("ALL")[0];
    server.expunge(uid);
    assert_eq!(home.run(&["sync", "--once"]).code, Some(0));
    assert_eq!(home.run(&["verify"]).code, Some(0));
    assert_eq!(home.list("all").len(), 6);
}

#[test]
fn old_mail_comes_when_it_is_asked_for() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]).with("history_days = 30");
    let desk = home.user("support");
    let mut server = ImapClient::inbox(servers, desk);
    for days in [400, 60, 5] {
        let at = jiff::Zoned::now()
            .checked_sub(jiff::Span::new().days(days))
            .unwrap();
        let mail = Mail::new(
            "old@cust.test",
            &desk.address,
            &format!("{days} days ago"),
            "Hello.",
        )
        .header("Date", &jiff::fmt::rfc2822::to_string(&at).unwrap())
        .to_string();
        let received = at.strftime("%d-%b-%Y %H:%M:%S %z");
        server.run(&format!(
            "APPEND INBOX () \"{received}\" {{{}+}}\r\n{mail}",
            mail.len()
        ));
    }
    let subjects = || {
        let mut subjects: Vec<_> = home
            .list("all")
            .iter()
            .map(|row| row["subject"].as_str().unwrap().to_owned())
            .collect();
        subjects.sort();
        subjects
    };
    let once = home.run(&["sync", "--once"]);
    assert_eq!(once.code, Some(0), "{once:?}");
    assert_eq!(subjects(), ["5 days ago"]);
    let whole = home.run(&["verify"]);
    assert_eq!(
        whole.code,
        Some(0),
        "what is not wanted is not missing: {whole:?}"
    );

    let back = home.json(&["backfill", "--since", "90d"]);
    assert_eq!(back[0]["new"], 1, "{back:?}");
    assert_eq!(subjects(), ["5 days ago", "60 days ago"]);
    let back = home.json(&["backfill", "--since", "90d"]);
    assert_eq!(back[0]["new"], 0, "{back:?}");
    let back = home.json(&["backfill", "--since", "500d"]);
    assert_eq!(back[0]["new"], 1, "{back:?}");
    assert_eq!(subjects().len(), 3);
    assert_eq!(home.run(&["sync", "--once"]).code, Some(0));
    assert_eq!(home.run(&["verify"]).code, Some(0));
    assert_eq!(subjects().len(), 3);
}
