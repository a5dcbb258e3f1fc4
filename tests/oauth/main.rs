//! Logins by OAuth 2 with the built binary, against a login server that is strict and servers that lie.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "../account_setup/home.rs"]
#[allow(dead_code)]
mod home;
mod screen;
mod server;
#[path = "../support/mod.rs"]
mod support;

use serde_json::json;
use server::Server;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use support::pty::{Launch, Pty};

/// The mail server is not there: reaching for it proves that a token was had.
const GOT_A_TOKEN: &str = "Connection refused";
const AGAIN: &str = "log in again: frontdesk account login support";

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    /// A vault that opens by itself, and an account that logs in at `url`.
    fn new(url: impl Fn(&str) -> String) -> Self {
        let home = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let phrase = home.path().join("phrase");
        std::fs::write(&phrase, "correct horse battery").unwrap();
        std::fs::set_permissions(&phrase, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let config = format!(
            r#"
[vault]
work_factor = 2
passphrase = {{ file = "{}" }}

[logins.support]
client_id = "desk-client"
client_secret = "no-secret-really"
auth_url = "{}"
token_url = "{}"
device_url = "{}"
scopes = ["mail", "offline"]

[accounts.support]
provider = "email"
address = "support@desk.test"
[accounts.support.imap]
host = "127.0.0.1"
port = 1
password = {{ login = "support" }}
[[accounts.support.smtp]]
host = "127.0.0.1"
port = 1
"#,
            phrase.display(),
            url("authorize"),
            url("token"),
            url("device"),
        );
        let path = home.path().join(".config/frontdesk/config.toml");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, config).unwrap();
        assert!(home.run(&["vault", "create"]).status.success());
        home
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn secrets(&self) -> PathBuf {
        self.path().join(".local/share/frontdesk/vault/secrets.age")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("USER", "nina")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn pty(&self, arguments: &[&str]) -> Pty {
        Launch::new(arguments)
            .home(self.path())
            .size(160, 40)
            .start()
    }

    /// A process with a mirror of its own that needs the token.
    fn needs_token(&self, number: usize) -> Child {
        let mirror = self.path().join(format!("mirror-{number}"));
        let mirror = mirror.to_str().unwrap();
        self.command(&["sync", "--once", "--mirror", mirror])
            .spawn()
            .unwrap()
    }

    fn said(&self) -> String {
        words(&self.needs_token(0).wait_with_output().unwrap())
    }

    fn logged_in(&self) {
        let login = self.run(&["account", "login", "support", "--device"]);
        assert!(login.status.success(), "{}", words(&login));
    }
}

fn words(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8_lossy(&both).into_owned();
    for secret in [
        "access-",
        "refresh-1",
        "refresh-2",
        "no-secret-really",
        "device-code",
    ] {
        assert!(!text.contains(secret), "{secret} is in: {text}");
    }
    text
}

/// Asks as a browser does, without following; gives status and `Location`.
fn browse(url: &str, host: Option<&str>) -> (u16, String) {
    let url = url::Url::parse(url).unwrap();
    let address = format!("127.0.0.1:{}", url.port().unwrap());
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    let query = url
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    let host = host.map_or(address, str::to_owned);
    write!(
        stream,
        "GET {}{query} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        url.path()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let location = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_default();
    (status, location.to_owned())
}

/// The address that the program shows for the browser.
fn shown(pty: &Pty) -> String {
    pty.wait_for("paste that page's address here");
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let line = raw.lines().find(|line| line.contains("/authorize?"));
    line.unwrap().trim().to_owned()
}

#[test]
fn a_browser_logs_in_and_nobody_else_gets_between() {
    let server = Server::start(&[3600]);
    let home = Home::new(|path| server.url(path));
    assert!(
        home.said()
            .contains("run `frontdesk account login support`")
    );
    let mut pty = home.pty(&["account", "login", "support", "--no-browser"]);
    let (status, back) = browse(&shown(&pty), None);
    assert_eq!(status, 303);
    let state = back.split_once("state=").unwrap().1;
    // A connection that says nothing holds nobody up.
    let _silent = std::net::TcpStream::connect((
        "127.0.0.1",
        url::Url::parse(&back).unwrap().port().unwrap(),
    ))
    .unwrap();
    // No state, another state, another name for this machine, another path: turned away, and still waited on.
    let forged = back.replace(state, &"A".repeat(43));
    let bare = back.split_once('&').unwrap().0.to_owned();
    let port = url::Url::parse(&back).unwrap().port().unwrap();
    for (url, host) in [
        (forged.as_str(), None),
        (&bare, None),
        (&back, Some("evil.example")),
        (&back.replace("/?", "/other?"), None),
        (
            &format!("http://127.0.0.1:{port}/?error=access_denied"),
            None,
        ),
    ] {
        assert_eq!(browse(url, host).0, 404, "{url}");
    }
    assert_eq!(browse(&back, None).0, 200);
    pty.wait_for("support is logged in");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert_eq!(server.memory().wrong, Vec::<String>::new());
    assert!(home.said().contains(GOT_A_TOKEN));
    assert_eq!(server.memory().refreshed, 0);
}

#[test]
fn an_address_can_be_pasted_from_a_browser_elsewhere() {
    let server = Server::start(&[3600]);
    let home = Home::new(|path| server.url(path));
    let mut pty = home.pty(&["account", "login", "support"]);
    let (_, back) = browse(&shown(&pty), None);
    pty.send(b"http://127.0.0.1/?code=x&state=y\r");
    pty.wait_for("is no answer to this login");
    pty.send(format!("{back}\r").as_bytes());
    pty.wait_for("support is logged in");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert!(home.said().contains(GOT_A_TOKEN));
}

#[test]
fn a_new_account_can_begin_with_a_login() {
    let server = Server::start(&[3600]);
    let home = Home::new(|path| server.url(path));
    let add = [
        "account",
        "add",
        "care",
        "--address",
        "support@desk.test",
        "--imap",
        "127.0.0.1:1",
        "--smtp",
        "127.0.0.1:1",
        "--no-test",
        "--login",
    ];
    for (more, words_said) in [
        (vec!["nowhere"], "neither google nor microsoft"),
        (vec!["google"], "add --client-id"),
        (vec!["google", "--client-id", "x"], "add --client-secret"),
    ] {
        let refused = home.run(&[add.as_slice(), &more].concat());
        assert_eq!(refused.status.code(), Some(2));
        assert!(words(&refused).contains(words_said), "{refused:?}");
    }
    let mut pty = home.pty(&[add.as_slice(), &["support"]].concat());
    let (_, back) = browse(&shown(&pty), None);
    assert_eq!(browse(&back, None).0, 200);
    pty.wait_for("care is saved in");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    let config =
        std::fs::read_to_string(home.path().join(".config/frontdesk/config.toml")).unwrap();
    let account = config.split("[accounts.care]").nth(1).unwrap();
    assert!(
        account.contains("password = { login = \"support\" }"),
        "{account}"
    );
    assert!(home.said().contains(GOT_A_TOKEN));
}

#[test]
fn a_refusal_in_the_browser_ends_the_login() {
    let server = Server::start(&[3600]);
    let home = Home::new(|path| server.url(path));
    let mut pty = home.pty(&["account", "login", "support"]);
    let (_, back) = browse(&shown(&pty), None);
    let mut denied = url::Url::parse(&back).unwrap();
    let state = back.split_once("state=").unwrap().1.to_owned();
    denied.set_query(Some(&format!("error=access_denied%1B[2J&state={state}")));
    assert_eq!(browse(denied.as_str(), None).0, 200);
    pty.wait_for("was not allowed (access_denied");
    assert_eq!(pty.wait_exit().exit_code(), 1);
}

#[test]
fn a_code_logs_in_without_a_browser() {
    let server = Server::start(&[3600]);
    server.memory().device = vec!["authorization_pending"];
    let home = Home::new(|path| server.url(path));
    let login = home.run(&["account", "login", "support", "--device"]);
    let said = words(&login);
    assert!(login.status.success(), "{said}");
    assert!(
        said.contains("WDJB-MJHT") && said.contains("/page"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'));
    assert!(home.said().contains(GOT_A_TOKEN));
    server.memory().device = vec!["access_denied"];
    let denied = home.run(&["account", "login", "support", "--device"]);
    assert!(words(&denied).contains("was not allowed"));
    // What was there before is still there.
    assert!(home.said().contains(GOT_A_TOKEN));
}

#[test]
fn processes_that_race_renew_once() {
    // The first token is over at once, the second lasts.
    let server = Server::start(&[1, 3600]);
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    let racing: Vec<Child> = (0..6).map(|number| home.needs_token(number)).collect();
    for child in racing {
        let said = words(&child.wait_with_output().unwrap());
        assert!(said.contains(GOT_A_TOKEN), "{said}");
    }
    let memory = server.memory();
    assert_eq!((memory.refreshed, memory.thefts), (1, 0));
}

#[test]
fn tokens_that_change_with_every_use_are_never_used_twice() {
    // Every token is over at once, so that each process must renew, one after the other.
    let server = Server::start(&[1]);
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    let racing: Vec<Child> = (0..5).map(|number| home.needs_token(number)).collect();
    for child in racing {
        let said = words(&child.wait_with_output().unwrap());
        assert!(said.contains(GOT_A_TOKEN), "{said}");
    }
    let memory = server.memory();
    assert_eq!((memory.refreshed, memory.thefts), (5, 0));
}

/// Waits until the server has done a renewal whose answer nobody gets, and kills who asked.
fn killed_before_the_answer(server: &Server, mut asking: Child) {
    let begun = std::time::Instant::now();
    while server.memory().refreshed == 0 {
        assert!(begun.elapsed().as_secs() < 60, "nobody renews");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    asking.kill().unwrap();
    asking.wait().unwrap();
}

#[test]
fn killed_between_a_renewal_and_the_vault_the_next_one_renews() {
    let server = Server::start(&[1]);
    server.memory().keeps = true;
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    server.memory().silent = true;
    let first = home.needs_token(1);
    let begun = std::time::Instant::now();
    while server.memory().asked < 2 && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // Another process waits for its turn: it must not wait for the dead one.
    let second = home.needs_token(2);
    killed_before_the_answer(&server, first);
    let said = words(&second.wait_with_output().unwrap());
    assert!(said.contains(GOT_A_TOKEN), "{said}");
    assert!(home.said().contains(GOT_A_TOKEN));
    assert_eq!(server.memory().refreshed, 2, "once lost, once kept");
}

#[test]
fn killed_with_a_token_that_is_good_once_the_login_says_that_it_is_over() {
    let server = Server::start(&[1]);
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    server.memory().silent = true;
    killed_before_the_answer(&server, home.needs_token(1));
    // The new token is in nobody's hands, and the old one is used up: a person must log in, and is told so.
    let said = home.said();
    assert!(said.contains(AGAIN), "{said}");
    let asked = server.memory().asked;
    assert!(home.said().contains(AGAIN));
    assert_eq!(server.memory().asked, asked, "it is not asked for ever");
    home.logged_in();
    assert!(home.said().contains(GOT_A_TOKEN));
}

#[test]
fn a_login_that_was_taken_back_says_so_and_is_not_asked_again() {
    let server = Server::start(&[1]);
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    let copy = std::fs::read(home.secrets()).unwrap();
    assert!(home.said().contains(GOT_A_TOKEN));
    // A restored backup holds a token that was used: the server takes it for a theft.
    std::fs::write(home.secrets(), copy).unwrap();
    let said = home.said();
    assert!(
        said.contains(AGAIN) && said.contains("invalid_grant"),
        "{said}"
    );
    assert_eq!(server.memory().thefts, 1);
    let asked = server.memory().asked;
    assert!(home.said().contains(AGAIN));
    assert_eq!(server.memory().asked, asked);
    home.logged_in();
    assert!(home.said().contains(GOT_A_TOKEN));
}

#[test]
fn trouble_that_passes_is_no_end_of_the_login() {
    let server = Server::start(&[1]);
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    server.memory().answers = vec![
        (503, json!("down for maintenance")),
        (400, json!({ "error": "temporarily_unavailable" })),
        (
            200,
            json!({ "access_token": "two words\r\n", "expires_in": 3600 }),
        ),
        (200, json!({ "token_type": "Bearer" })),
        (200, json!([])),
    ];
    for _ in 0..5 {
        let said = home.said();
        assert!(said.contains("it is tried again"), "{said}");
        assert!(!said.contains(AGAIN), "{said}");
    }
    server.memory().answers = vec![(401, json!({ "error": "invalid_client" }))];
    assert!(home.said().contains("check `client_id`"));
    assert!(home.said().contains(GOT_A_TOKEN));
}

/// A server that says these bytes to whoever asks; gives its port and how often it was asked.
fn says(bytes: Vec<u8>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
            let mut asked = [0_u8; 8192];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(&bytes);
        }
    });
    port
}

#[test]
fn servers_that_lie_get_nothing_and_do_nothing() {
    let mut seen = Vec::new();
    for row in corpus::load("16_login_servers") {
        let server = Server::start(&[1]);
        let home = Home::new(|path| server.url(path));
        home.logged_in();
        // The login was made with the true server; from now on this one answers in its place.
        let mut bytes = row.payload.clone();
        let evil = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        evil.set_nonblocking(true).unwrap();
        let to = format!("http://{}/", evil.local_addr().unwrap());
        if row.id == "srv-oauth-redirect" {
            let text = String::from_utf8(bytes).unwrap();
            bytes = format!(
                "{}\r\nContent-Length: 0\r\n\r\n",
                text.replace("https://evil.example/", &to)
            )
            .into_bytes();
        }
        let port = says(bytes);
        home.redirected(&server, port);
        let said = home.said();
        assert!(
            !said.contains('\u{1b}') && !said.contains("\\u001b"),
            "{said}"
        );
        match row.id.as_str() {
            "srv-oauth-redirect" => assert!(said.contains("which is not followed"), "{said}"),
            "srv-oauth-error-html" => assert!(said.contains(AGAIN), "{said}"),
            other => panic!("nobody checks {other}"),
        }
        let nobody = evil.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
        for check in &row.checks {
            assert!(["no_panic", "no_cred_leak"].contains(&check.as_str()));
        }
        seen.push(row.id);
    }
    assert_eq!(seen.len(), 2);
}

impl Home {
    /// From now on the login's tokens are asked for at another port: by logging in once more at a server that passes
    /// everything on but then is replaced, which is what a changed entry amounts to.
    fn redirected(&self, server: &Server, port: u16) {
        let text = self.entry();
        let changed = text.replace(
            &format!(":{}/token", server.port),
            &format!(":{port}/token"),
        );
        assert_ne!(text, changed);
        let mut add = self.command(&["vault", "add", "login:support"]);
        let mut add = add.stdin(Stdio::piped()).spawn().unwrap();
        add.stdin
            .take()
            .unwrap()
            .write_all(changed.as_bytes())
            .unwrap();
        assert!(add.wait().unwrap().success());
    }

    /// The login's entry, read by the library as another process would.
    fn entry(&self) -> String {
        use frontdesk::secrets::ExposeSecret;
        use frontdesk::secrets::vault::{Vault, VaultSettings};
        let vault = Vault::at(
            &self.path().join(".local/share/frontdesk/vault"),
            &self.path().join("run"),
            VaultSettings::default(),
        );
        vault.unlock(&"correct horse battery".into()).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let secret = runtime.block_on(vault.get("login:support")).unwrap();
        secret.expose_secret().to_owned()
    }
}

#[test]
fn a_token_that_mail_servers_refuse_is_renewed_before_its_time() {
    use frontdesk::secrets::ExposeSecret;
    use frontdesk::secrets::oauth::{access_token, refused};
    use frontdesk::secrets::vault::{Vault, VaultSettings};
    let server = Server::start(&[3600]);
    let home = Home::new(|path| server.url(path));
    home.logged_in();
    let vault = Vault::at(
        &home.path().join(".local/share/frontdesk/vault"),
        &home.path().join("run"),
        VaultSettings::default(),
    );
    vault.unlock(&"correct horse battery".into()).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let first = access_token(&vault, "support").await.unwrap();
        assert_eq!(
            access_token(&vault, "support")
                .await
                .unwrap()
                .expose_secret(),
            first.expose_secret()
        );
        refused(&vault, "support", &first).await.unwrap();
        let second = access_token(&vault, "support").await.unwrap();
        assert_ne!(second.expose_secret(), first.expose_secret());
        // Late news of the first one changes nothing.
        refused(&vault, "support", &first).await.unwrap();
        let third = access_token(&vault, "support").await.unwrap();
        assert_eq!(third.expose_secret(), second.expose_secret());
    });
    assert_eq!(server.memory().refreshed, 1);
}
