//! Dovecot and Postfix through the scripts of `tests/servers/`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use super::mail::unique;

/// The servers, up and answering.
pub struct Servers {
    env: HashMap<String, String>,
    scripts: PathBuf,
}

/// Which Dovecot: they share the mail and differ in what they offer.
#[derive(Clone, Copy, Debug)]
pub enum Imap {
    /// QRESYNC, IDLE, NOTIFY, MOVE, SPECIAL-USE.
    Full,
    /// CONDSTORE, no QRESYNC.
    Condstore,
    /// Neither, and no IDLE, MOVE or SPECIAL-USE.
    Lean,
    /// As `Full`; down until [`Servers::start_spare`], and a suite may stop it.
    Spare,
}

/// A mailbox and the password it opens with.
#[derive(Clone, Debug)]
pub struct User {
    pub address: String,
    pub password: String,
}

impl User {
    /// The user of this address; every local part of `desk.test` and `cust.test` has a mailbox,
    /// and its password is `pw-` and the local part.
    pub fn of(address: &str) -> Self {
        let (local, _) = address.split_once('@').unwrap();
        Self {
            address: address.to_owned(),
            password: format!("pw-{local}"),
        }
    }

    /// An agent's mailbox that no other test has used.
    pub fn fresh_at_desk() -> Self {
        Self::of(&format!("t-{}@desk.test", unique()))
    }

    /// A customer's mailbox that no other test has used.
    pub fn fresh_customer() -> Self {
        Self::of(&format!("t-{}@cust.test", unique()))
    }
}

/// The servers, started if they are not up; or `None` when this run leaves them out, after one line
/// that says so. A test that gets `None` returns.
pub fn required() -> Option<&'static Servers> {
    static SERVERS: OnceLock<Option<Servers>> = OnceLock::new();
    SERVERS
        .get_or_init(|| {
            if std::env::var_os("FRONTDESK_SERVERS").is_some_and(|value| value != "0") {
                return Some(Servers::start());
            }
            super::left_out(
                env!("CARGO_CRATE_NAME"),
                "needs Dovecot and Postfix; run .ci/run or FRONTDESK_SERVERS=1 cargo test",
            );
            None
        })
        .as_ref()
}

impl Servers {
    fn start() -> Self {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers");
        for name in ["dovecot.sh", "postfix.sh"] {
            succeeded(&run(&scripts.join(name), &["start"]), &[name, "start"]);
        }
        let dir = std::env::var_os("FRONTDESK_SERVERS_DIR").map_or_else(
            || PathBuf::from("/var/cache/frontdesk-servers"),
            PathBuf::from,
        );
        let text = std::fs::read_to_string(dir.join("servers.env")).unwrap();
        let env = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { env, scripts }
    }

    fn port(&self, name: &str) -> u16 {
        self.env[name].parse().unwrap()
    }

    /// The port with STARTTLS.
    pub fn imap(&self, which: Imap) -> u16 {
        self.port(&format!("IMAP_{which:?}").to_uppercase())
    }

    /// The port with implicit TLS.
    pub fn imaps(&self, which: Imap) -> u16 {
        self.port(&format!("IMAPS_{which:?}").to_uppercase())
    }

    /// Takes mail for both domains from anyone, in the clear.
    pub fn mx(&self) -> u16 {
        self.port("MX")
    }

    /// Submission with STARTTLS and login.
    pub fn submission(&self) -> u16 {
        self.port("SUBMISSION")
    }

    /// Submission with implicit TLS and login.
    pub fn smtps(&self) -> u16 {
        self.port("SMTPS")
    }

    /// The authority that signed the servers' certificate, as PEM.
    pub fn ca(&self) -> &Path {
        Path::new(&self.env["CA"])
    }

    /// The servers' certificate (`localhost`, `127.0.0.1`), as PEM.
    pub fn certificate(&self) -> &Path {
        Path::new(&self.env["CERT"])
    }

    /// The certificate's key, as PEM.
    pub fn key(&self) -> &Path {
        Path::new(&self.env["KEY"])
    }

    /// A bearer token for XOAUTH2 and OAUTHBEARER, good for `seconds` (negative: already over).
    pub fn token(&self, user: &User, seconds: i64) -> String {
        self.dovecot(&["token", &user.address, &seconds.to_string()])
            .trim()
            .to_owned()
    }

    /// Gives the mailbox another UIDVALIDITY, as a server does that was restored from a backup.
    pub fn set_uidvalidity(&self, user: &User, mailbox: &str, value: u32) {
        let value = value.to_string();
        self.dovecot(&[
            "admin",
            "mailbox",
            "update",
            "-u",
            &user.address,
            "--uid-validity",
            &value,
            mailbox,
        ]);
    }

    /// Throws every session of the user out, as a server does before maintenance.
    pub fn kick(&self, user: &User) {
        let arguments = ["admin", "kick", &user.address];
        let done = run(&self.scripts.join("dovecot.sh"), &arguments);
        // 68: there was no session.
        if done.status.code() != Some(68) {
            succeeded(&done, &arguments);
        }
    }

    /// Brings the spare instance up.
    pub fn start_spare(&self) {
        self.dovecot(&["start", "spare"]);
    }

    /// Takes the spare instance down, with every session on it.
    pub fn stop_spare(&self) {
        self.dovecot(&["stop", "spare"]);
    }

    fn dovecot(&self, arguments: &[&str]) -> String {
        let done = run(&self.scripts.join("dovecot.sh"), arguments);
        succeeded(&done, arguments)
    }
}

fn run(script: &Path, arguments: &[&str]) -> Output {
    Command::new(script).args(arguments).output().unwrap()
}

fn succeeded(done: &Output, arguments: &[&str]) -> String {
    assert!(
        done.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8_lossy(&done.stdout).into_owned()
}
