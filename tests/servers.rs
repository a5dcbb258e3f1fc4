//! What the other suites take for granted about Dovecot and Postfix, and about the clients in
//! `support`: when this fails, look here before looking at the product.

mod support;

use support::imap_client::ImapClient;
use support::mail::{Mail, unique};
use support::servers::{Imap, User, required};
use support::smtp_client::{SmtpClient, deliver};
use support::smtp_trap::{SmtpTrap, Trap};
use support::tls;

#[test]
fn mail_for_the_desk_arrives_through_the_mx() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, customer) = (User::fresh_at_desk(), User::fresh_customer());
    let mail = Mail::new(&customer.address, &desk.address, "hello", "one\n.two");
    deliver(
        servers.mx(),
        &customer.address,
        &desk.address,
        &mail.to_string(),
    );
    let mut inbox = ImapClient::inbox(servers, &desk);
    let uids = inbox.wait_for(&format!("HEADER Message-ID {}", mail.id));
    assert_eq!(uids.len(), 1);
    let stored = inbox.fetch(uids[0]);
    assert!(stored.ends_with("one\r\n.two\r\n"), "{stored}");
    assert_eq!(inbox.flags(uids[0]), Vec::<String>::new());
}

#[test]
fn a_mailbox_can_be_changed_from_the_other_side() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let mut client = ImapClient::inbox(servers, &desk);
    let mail = Mail::new("a@cust.test", &desk.address, "kept", "").to_string();
    let first = client.append("INBOX", "\\Seen", &mail);
    let second = client.append("INBOX", "", &mail);
    assert_eq!(client.search("ALL"), [first, second]);
    client.store(second, "+FLAGS", "\\Answered $Label");
    assert_eq!(client.flags(second), ["$Label", "\\Answered"]);
    client.expunge(first);
    client.move_to(second, "Archive");
    assert_eq!(client.select("INBOX").exists, 0);
    assert_eq!(client.select("Archive").exists, 1);
    assert_eq!(client.fetch_all(), [mail]);
}

#[test]
fn a_mailbox_can_get_another_uidvalidity() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let before = ImapClient::login(servers, Imap::Full, &desk).select("INBOX");
    assert!(before.uidvalidity > 0 && before.uidnext == 1);
    servers.set_uidvalidity(&desk, "INBOX", before.uidvalidity + 7);
    let after = ImapClient::login(servers, Imap::Full, &desk).select("INBOX");
    assert_eq!(after.uidvalidity, before.uidvalidity + 7);
}

#[test]
fn the_servers_differ_in_what_they_offer() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let offers = |which| {
        let mut client = ImapClient::login(servers, which, &desk);
        let line = client.run("CAPABILITY")[0].line.clone();
        [
            "QRESYNC",
            "CONDSTORE",
            "IDLE",
            "NOTIFY",
            "MOVE",
            "SPECIAL-USE",
            "UIDPLUS",
        ]
        .into_iter()
        .filter(|name| line.split(' ').any(|word| word == *name))
        .collect::<Vec<_>>()
    };
    let all = [
        "QRESYNC",
        "CONDSTORE",
        "IDLE",
        "NOTIFY",
        "MOVE",
        "SPECIAL-USE",
        "UIDPLUS",
    ];
    assert_eq!(offers(Imap::Full), all);
    assert_eq!(
        offers(Imap::Condstore),
        ["CONDSTORE", "IDLE", "MOVE", "SPECIAL-USE", "UIDPLUS"]
    );
    assert_eq!(offers(Imap::Lean), ["UIDPLUS"]);
    servers.start_spare();
    assert_eq!(offers(Imap::Spare), all);
    servers.stop_spare();
}

#[test]
fn a_bearer_token_opens_only_its_own_mailbox_and_only_in_its_time() {
    let Some(servers) = required() else {
        return;
    };
    let (nina, raj) = (User::fresh_at_desk(), User::fresh_at_desk());
    let opens = |user: &User, token: &str| {
        let answer = format!("user={}\x01auth=Bearer {token}\x01\x01", user.address);
        let answer = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, answer);
        ImapClient::connect(servers, Imap::Full).authenticate("XOAUTH2", &answer)
    };
    assert_eq!(opens(&nina, &servers.token(&nina, 60)), Ok(()));
    assert!(opens(&nina, &servers.token(&nina, -60)).is_err());
    assert!(opens(&nina, &servers.token(&raj, 60)).is_err());
}

#[test]
fn the_mx_refuses_what_it_should() {
    let Some(servers) = required() else {
        return;
    };
    let mut mx = SmtpClient::connect(servers.mx());
    let mail = Mail::new("a@desk.test", "b@cust.test", "x", "");
    let mut refusal = |to: &str, mail: &str| {
        let refusal = mx.send("support@desk.test", &[to], mail).unwrap_err();
        refusal[..9].to_owned()
    };
    assert_eq!(refusal("nobody@cust.test", &mail.to_string()), "550 5.1.1");
    assert_eq!(refusal("busy@cust.test", &mail.to_string()), "451 4.3.0");
    assert_eq!(refusal("a@example.com", &mail.to_string()), "554 5.7.1");
    let mail = mail.header("X-Refuse", "yes").to_string();
    assert_eq!(refusal("customer1@cust.test", &mail), "550 5.7.1");
}

#[test]
fn a_full_mailbox_gives_a_bounce() {
    let Some(servers) = required() else {
        return;
    };
    let desk = User::fresh_at_desk();
    let mail = Mail::new(&desk.address, "over@cust.test", "too much", "");
    deliver(
        servers.mx(),
        &desk.address,
        "over@cust.test",
        &mail.to_string(),
    );
    let mut inbox = ImapClient::inbox(servers, &desk);
    let uids = inbox.wait_for("FROM MAILER-DAEMON");
    let bounce = inbox.fetch(uids[0]);
    assert!(bounce.contains("report-type=delivery-status"), "{bounce}");
    assert!(bounce.contains("Status: 5.2.2"), "{bounce}");
    assert!(bounce.contains(&mail.id), "{bounce}");
}

#[test]
fn the_trap_delivers_and_says_nothing() {
    let Some(servers) = required() else {
        return;
    };
    let customer = User::fresh_customer();
    let trap = SmtpTrap::start(servers, Trap::DeliverThenCut);
    let subject = unique();
    let talk = format!(
        "EHLO x\r\nMAIL FROM:<support@desk.test>\r\nRCPT TO:<{}>\r\nDATA\r\nSubject: {subject}\r\n\r\nhi\r\n.\r\n",
        customer.address
    );
    let heard = tls::say_all(tls::connect(servers, trap.port()), &talk);
    assert!(heard.ends_with("354 go on\r\n"), "{heard}");
    assert_eq!(trap.seen().len(), 1);
    let mut inbox = ImapClient::inbox(servers, &customer);
    assert_eq!(inbox.wait_for(&format!("SUBJECT {subject}")).len(), 1);
}
