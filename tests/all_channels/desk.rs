//! One desk with an account on every channel, and the processes that run on it.

use crate::courier::Courier;
use crate::customer::Customer;
use crate::sides::{self, Side};
use crate::support::fakes::meta_page::MetaPage;
use crate::support::fakes::meta_whatsapp::MetaWhatsapp;
use crate::support::fakes::ringcentral::Ringcentral;
use crate::support::fakes::telegram::Telegram;
use crate::support::fakes::twilio::Twilio;
use crate::support::fakes::{meta_whatsapp, telegram, twilio};
use crate::support::serve::free_port;
use crate::support::servers::{Imap, Servers, User};
use crate::support::smtp_trap::{SmtpTrap, Trap};
use crate::{PATIENCE, until};
use serde_json::Value;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The address that vendors were told.
pub const PUBLIC: &str = "https://desk.example";
/// What RingCentral says with every post.
pub const WORD: &str = "a-word-of-the-suite";

pub struct Desk {
    dir: tempfile::TempDir,
    port: u16,
    pub courier: Courier,
    _slow: SmtpTrap,
}

impl Desk {
    /// The desk, and the customer's side of each channel.
    pub fn new(servers: &'static Servers) -> (Self, Vec<Box<dyn Side>>) {
        let (dir, port, status) = (tempfile::tempdir().unwrap(), free_port(), free_port());
        let courier = Courier::to(port);
        let slow = SmtpTrap::start(servers, Trap::DeliverSlowly(Duration::from_millis(60)));
        let (fast_box, slow_box) = (User::fresh_at_desk(), User::fresh_at_desk());
        let mail = |name: &str, user: &User, submission: u16| {
            format!(
                "[accounts.{name}]\nprovider = \"email\"\naddress = \"{}\"\n[accounts.{name}.imap]\nhost = \"localhost\"\n\
                 port = {}\nca_file = \"{}\"\npassword = \"{}\"\n[[accounts.{name}.smtp]]\nhost = \"localhost\"\nport = {submission}\n",
                user.address,
                servers.imaps(Imap::Full),
                servers.ca().display(),
                user.password,
            )
        };
        let (text, phone, bot) = (Twilio::start(), Ringcentral::start(), Telegram::start());
        let (number, page, gram) = (
            MetaWhatsapp::start(),
            MetaPage::messenger(),
            MetaPage::instagram(),
        );
        let meta = format!(
            "poll_seconds = 1\napp_secret = \"{}\"\nverify_token = \"word\"\n",
            meta_whatsapp::SECRET
        );
        let config = format!(
            "me = \"nina\"\nmirror = \"{mirror}\"\n[desk.hold]\nseconds = 0\n\
             [listen]\naddress = \"127.0.0.1:{port}\"\nstatus = \"127.0.0.1:{status}\"\npublic_url = \"{PUBLIC}\"\n\
             {fast}{late}[accounts.text]\nprovider = \"twilio\"\n{text}\n[accounts.phone]\nprovider = \"ringcentral\"\n{phone}\n\
             [accounts.bot]\nprovider = \"telegram\"\nusername = \"{bot_name}\"\ntoken = \"{bot_token}\"\nbase_url = \"{bot}\"\n\
             [accounts.wa]\nprovider = \"whatsapp\"\n{number}[accounts.page]\nprovider = \"messenger\"\n{page}\n\
             [accounts.gram]\nprovider = \"instagram\"\n{gram}\n",
            mirror = dir.path().join("mirror").display(),
            fast = mail("mail", &fast_box, servers.smtps()),
            late = mail("slow", &slow_box, slow.port()),
            text = text.settings(&format!(
                "whatsapp = [\"{}\"]\npoll_seconds = 1\n",
                twilio::NUMBER
            )),
            phone = phone.settings(&format!(
                "poll_seconds = 5\nverification_token = \"{WORD}\"\n"
            )),
            bot_name = telegram::USER,
            bot_token = telegram::TOKEN,
            bot = bot.url,
            number = number.settings(),
            page = page.settings(&meta),
            gram = gram.settings(&meta),
        );
        let file = dir.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        let desk = Self {
            dir,
            port,
            courier,
            _slow: slow,
        };
        let post = || desk.courier.clone();
        let sides: Vec<Box<dyn Side>> = vec![
            Box::new(sides::mail::Mailbox::new(
                "mail",
                Customer::new(servers),
                fast_box,
            )),
            Box::new(sides::mail::Mailbox::new(
                "slow mail",
                Customer::new(servers),
                slow_box,
            )),
            Box::new(sides::text::Text::new("sms", text.clone(), post())),
            Box::new(sides::text::Text::new(
                "whatsapp by twilio",
                text.clone(),
                post(),
            )),
            Box::new(sides::text::Calls(text)),
            Box::new(sides::phone::Phone::new(phone.clone(), post())),
            Box::new(sides::phone::Voicemail(phone)),
            Box::new(sides::bot::Bot(bot)),
            Box::new(sides::meta::Number::new(number, post())),
            Box::new(sides::meta::Page::new("messenger", page, post())),
            Box::new(sides::meta::Page::new("instagram", gram, post())),
        ];
        (desk, sides)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env("FRONTDESK_CONFIG", self.dir.path().join("config.toml"))
            .env("XDG_CONFIG_HOME", self.dir.path())
            .env("XDG_DATA_HOME", self.dir.path())
            .env("XDG_STATE_HOME", self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// The engine with its listener, once it answers.
    pub fn engine(&self) -> Engine {
        let mut command = self.command(&["sync", "--listen"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let engine = Engine(child.unwrap());
        until("the listener", PATIENCE, || {
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        engine
    }

    /// Runs a verb that must succeed, and gives what it says to scripts.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let done = self
            .command(&[arguments, &["--json"]].concat())
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
        lines(&done.stdout)
    }

    /// What `verify` says of every feed, by the providers' own inventories. While an engine runs the echo of the last
    /// answer may still be on its way and is waited for; without one nothing would bring it.
    pub fn verified(&self) -> Vec<Value> {
        let end = Instant::now() + PATIENCE;
        loop {
            let done = self.command(&["verify", "--json"]).output().unwrap();
            if done.status.success() {
                let feeds = lines(&done.stdout).into_iter();
                return feeds.filter(|feed| feed["feed"].is_string()).collect();
            }
            assert!(Instant::now() < end, "never complete: {done:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn lines(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap().lines();
    text.map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Killed when dropped.
pub struct Engine(Child);

impl Engine {
    /// As a power cut would.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
