//! A customer writes, an agent answers, and it goes on: every mail once, in the right conversation.

use crate::customer::Customer;
use crate::home::{Home, number};
use crate::support::imap_client::ImapClient;
use crate::support::mail::{Mail, unique};
use crate::support::servers::{User, required};
use crate::support::wait::{PATIENCE, until};
use std::time::Instant;

#[test]
fn a_customer_is_answered_exactly_once_and_the_talk_goes_on() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let desk = home.user("support");
    let customer = Customer::new(servers);
    let engine = home.synced();

    let subject = format!("Heating {}", unique());
    let began = Instant::now();
    let question = customer.writes(desk, &subject, "My heating is cold.\n\nAnn");
    let conversation = home.conversation(&subject);
    eprintln!(
        "measured: new mail in `list` {:?} after the MX took it",
        began.elapsed()
    );
    let id = number(&conversation);
    assert_eq!(conversation["status"], "open");
    assert_eq!(conversation["unread"], 1);
    assert_eq!(
        conversation["contact_address"],
        customer.user.address.to_lowercase()
    );
    assert_eq!(conversation["contact_name"], "Ann Customer");

    let began = Instant::now();
    home.reply(&id, "We come **tomorrow**.\n\n- bring the key\n\nNina");
    let letter = customer.gets("We come tomorrow");
    eprintln!(
        "measured: reply in the customer's mailbox {:?} after the verb began",
        began.elapsed()
    );
    assert_eq!(
        letter.from,
        ("Desk support".to_owned(), desk.address.clone())
    );
    assert_eq!(letter.to, std::slice::from_ref(&customer.user.address));
    assert_eq!(letter.subject, format!("Re: {subject}"));
    assert_eq!(letter.in_reply_to, std::slice::from_ref(&question));
    assert_eq!(letter.references, std::slice::from_ref(&question));
    assert_eq!(letter.parts, ["text/plain", "text/html"]);
    assert!(
        letter.text.contains("bring the key") && !letter.text.contains("**"),
        "{}",
        letter.text
    );
    assert!(
        letter.html.contains("<strong>tomorrow</strong>"),
        "{}",
        letter.html
    );
    assert!(!letter.raw.contains("\nBcc:"));

    customer.answers(&letter, desk, "Fine, I will be there.");
    let messages = home.messages_of(&id, 3);
    assert_eq!(
        messages.len(),
        3,
        "the copy in Sent is the row of the outbox"
    );
    let directions: Vec<_> = messages
        .iter()
        .map(|m| m["direction"].as_str().unwrap())
        .collect();
    assert_eq!(directions, ["inbound", "outbound", "inbound"]);
    assert_eq!(messages[1]["delivery"]["state"], "sent");
    assert_eq!(messages[2]["threaded_by"]["by"], "own_reference");

    // An answer to what was resolved brings it back.
    home.json(&["resolve", &id]);
    assert_eq!(home.show(&id)["conversation"]["status"], "resolved");
    customer.answers(&letter, desk, "One more thing.");
    home.messages_of(&id, 4);
    let shown = home.show(&id);
    assert_eq!(shown["conversation"]["status"], "open", "{shown}");
    assert_eq!(home.list("all").len(), 1);

    // The second answer refers to the whole talk, and resolves it.
    home.json(&["reply", &id, "--resolve", "-m", "That is included."]);
    let second = customer.gets("That is included");
    assert_eq!(second.references[0], question);
    assert!(second.references.contains(&letter.id), "{second:?}");
    assert_eq!(second.references.last(), second.in_reply_to.last());
    until("the answer to be sent", PATIENCE, || {
        (home.messages(&id)[4]["delivery"]["state"] == "sent").then_some(())
    });
    assert_eq!(home.show(&id)["conversation"]["status"], "resolved");

    assert_eq!(customer.letters().len(), 2, "one mail for each answer");
    let mut sent = ImapClient::inbox(servers, desk);
    assert_eq!(sent.select("Sent").exists, 2, "one copy for each answer");
    assert_eq!(home.run(&["verify"]).code, Some(0));
    engine.terminate();
}

#[test]
fn two_accounts_do_not_mix() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support", "sales"]);
    let (support, sales) = (home.user("support"), home.user("sales"));
    let customer = Customer::new(servers);
    let _engine = home.synced();
    let subject = format!("Hello {}", unique());
    customer.writes(support, &subject, "to the support");
    customer.writes(sales, &subject, "to the sales");
    until("both", PATIENCE, || {
        (home.list("all").len() == 2).then_some(())
    });
    let only = |account: &str| {
        let rows = home.list(&format!("account:{account}"));
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["account"], account);
        number(&rows[0])
    };
    let (at_support, at_sales) = (only("support"), only("sales"));
    assert!(
        home.messages(&at_support)[0]["body"]
            .as_str()
            .unwrap()
            .contains("to the support")
    );

    home.reply(&at_sales, "From the sales people.");
    home.reply(&at_support, "From the support people.");
    let letters = [
        customer.gets("From the sales people"),
        customer.gets("From the support people"),
    ];
    assert_eq!(
        letters[0].from,
        ("Desk sales".to_owned(), sales.address.clone())
    );
    assert_eq!(
        letters[1].from,
        ("Desk support".to_owned(), support.address.clone())
    );

    // An answer that goes to the other account begins a conversation there: no account reads the other's mail.
    customer.answers(&letters[0], support, "Wrong address, sorry.");
    until("the stray answer", PATIENCE, || {
        let rows = home.list("account:support");
        let count: usize = rows
            .iter()
            .map(|row| home.messages(&number(row)).len())
            .sum();
        (count == 3).then_some(())
    });
    assert_eq!(home.messages(&at_sales).len(), 2);
    assert_eq!(home.list("account:sales").len(), 1);
}

#[test]
fn a_note_never_leaves() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let desk = home.user("support");
    let customer = Customer::new(servers);
    let _engine = home.synced();
    let subject = format!("Angry {}", unique());
    customer.writes(desk, &subject, "I am angry.");
    let id = number(&home.conversation(&subject));
    let secret = format!("secret{}", unique());
    home.json(&["note", &id, "-m", &format!("{secret}: she is always angry")]);
    home.reply(&id, "We are sorry.");
    let letter = customer.gets("We are sorry");
    home.reply(&id, "Really sorry.");
    let other = customer.gets("Really sorry");
    let kinds: Vec<_> = home
        .messages(&id)
        .iter()
        .map(|m| m["direction"].clone())
        .collect();
    assert_eq!(kinds, ["inbound", "note", "outbound", "outbound"]);
    assert!(!letter.raw.contains(&secret) && !other.raw.contains(&secret));
    // Neither the customer nor the server has it anywhere, in whatever encoding.
    let mut client = ImapClient::inbox(servers, desk);
    for folder in ["INBOX", "Sent"] {
        client.select(folder);
        assert_eq!(
            client.search(&format!("TEXT {secret}")),
            Vec::<u32>::new(),
            "{folder}"
        );
    }
    assert_eq!(customer.with(&secret).len(), 0);
    assert_eq!(customer.letters().len(), 2);
    assert!(
        home.json(&["outbox"])
            .iter()
            .all(|row| !row.to_string().contains(&secret))
    );
}

#[test]
fn a_bounce_belongs_to_the_answer_that_bounced() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let desk = home.user("support");
    let customer = Customer {
        servers,
        user: User::of("over@cust.test"),
    };
    let _engine = home.synced();
    let subject = format!("Full {}", unique());
    customer.sends(
        desk,
        &Mail::new(
            "over@cust.test",
            &desk.address,
            &subject,
            "My mailbox is always full.",
        ),
    );
    let id = number(&home.conversation(&subject));
    home.json(&[
        "reply",
        &id,
        "--resolve",
        "-m",
        "Then this will not reach you.",
    ]);
    let failed = until("the answer to be known as failed", PATIENCE, || {
        let messages = home.messages(&id);
        messages
            .into_iter()
            .find(|message| message["delivery"]["state"] == "failed")
    });
    assert_eq!(failed["direction"], "outbound");
    assert!(
        failed["delivery"]["detail"]
            .as_str()
            .unwrap()
            .contains("5.2.2"),
        "{failed}"
    );
    let rows = home.list("all");
    assert_eq!(
        rows.len(),
        1,
        "the report is no conversation of its own: {rows:?}"
    );
    assert_eq!(rows[0]["status"], "open", "somebody must know: {rows:?}");
    assert_eq!(home.run(&["verify"]).code, Some(0));
}
