//! What is read, answered and starred is so on both sides.

use crate::customer::Customer;
use crate::home::{Home, number};
use crate::support::imap_client::ImapClient;
use crate::support::mail::unique;
use crate::support::servers::required;
use crate::support::wait::{PATIENCE, until};
use frontdesk::model::{Actor, Command, ConversationId, SystemClock};
use frontdesk::store::{Options, Store};
use std::sync::Arc;

#[test]
fn flags_go_both_ways() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let desk = home.user("support");
    let customer = Customer::new(servers);
    let _engine = home.synced();
    let [first, second, third] = ["One", "Two", "Three"].map(|word| format!("{word} {}", unique()));
    for subject in [&first, &second, &third] {
        customer.writes(desk, subject, "Please look.");
    }
    let [read_here, read_there, answered] =
        [&first, &second, &third].map(|subject| number(&home.conversation(subject)));
    let mut server = ImapClient::inbox(servers, desk);
    let mut uid = |subject: &str| server.search(&format!("SUBJECT \"{subject}\""))[0];
    let uids = [uid(&first), uid(&second), uid(&third)];
    let mut wait_flags = |uid: u32, wanted: &[&str]| {
        until(&format!("{wanted:?} on {uid}"), PATIENCE, || {
            server.run("NOOP");
            (server.flags(uid) == wanted).then_some(())
        });
    };

    // Read here, by another process than the engine's: read there.
    mark_read(&home, &read_here);
    wait_flags(uids[0], &["\\Seen"]);
    assert_eq!(home.show(&read_here)["conversation"]["unread"], 0);

    // Answered here: answered there.
    home.reply(&answered, "Done.");
    customer.gets("Done.");
    wait_flags(uids[2], &["\\Answered", "\\Seen"]);

    // Read and starred there, by another mail program: here too.
    let mut other = ImapClient::inbox(servers, desk);
    other.store(uids[1], "+FLAGS", "\\Seen \\Flagged");
    until("read and starred here", PATIENCE, || {
        let shown = home.show(&read_there);
        let conversation = &shown["conversation"];
        (conversation["unread"] == 0 && conversation["flagged"] == true).then_some(())
    });
    // And taken back.
    other.store(uids[1], "-FLAGS", "\\Flagged");
    until("not starred here", PATIENCE, || {
        (home.show(&read_there)["conversation"]["flagged"] == false).then_some(())
    });
}

/// What the screen does when a conversation is opened.
fn mark_read(home: &Home, id: &str) {
    let options = Options {
        dir: home.mirror(),
        clock: Arc::new(SystemClock),
        read_only: false,
    };
    let store = Store::open(options).unwrap();
    let command = Command::MarkRead {
        ids: vec![ConversationId(id.parse().unwrap())],
        read: true,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime
        .block_on(store.apply(&Actor::Agent("nina".to_owned()), command))
        .unwrap();
}
