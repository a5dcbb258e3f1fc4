//! A submission server that misbehaves on purpose, for what a real one does only once a year: it
//! takes a message and hangs up before it says so.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::servers::Servers;
use super::smtp_client::SmtpClient;

/// What happens when the whole message has been handed over.
#[derive(Clone, Debug)]
pub enum Trap {
    /// The message is delivered, and the connection cut before the answer: the sender cannot know.
    DeliverThenCut,
    /// The message is thrown away and the connection cut: the sender cannot know either.
    DropThenCut,
    /// The connection is cut when the sender wants to begin the message: nothing was handed over.
    CutBeforeData,
    /// The message is thrown away with this answer, such as `451 4.3.0 later`.
    Answer(&'static str),
    /// The message is delivered and the sender is told so.
    Deliver,
    /// As `Deliver`, with this wait before each step.
    DeliverSlowly(Duration),
}

/// A running trap; it stays until the suite ends.
pub struct SmtpTrap {
    port: u16,
    next: Arc<Mutex<Trap>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl SmtpTrap {
    /// Listens on loopback with implicit TLS and the servers' certificate; any login is right.
    pub fn start(servers: &Servers, trap: Trap) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = tls(servers);
        let mx = servers.mx();
        let next = Arc::new(Mutex::new(trap));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (trap, messages) = (Arc::clone(&next), Arc::clone(&seen));
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (trap, messages) = (Arc::clone(&trap), Arc::clone(&messages));
                // A sender that goes away ends its session with an error; that is its business.
                std::thread::spawn(move || {
                    Session {
                        stream: BufReader::new(StreamOwned::new(session, socket)),
                        from: String::new(),
                        to: Vec::new(),
                    }
                    .run(mx, &trap, &messages)
                });
            }
        });
        Self { port, next, seen }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes what happens to the next message.
    pub fn set(&self, trap: Trap) {
        *self.next.lock().unwrap() = trap;
    }

    /// Every message that was handed over in full, whatever became of it.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn tls(servers: &Servers) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(servers.certificate())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(servers.key()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

struct Session {
    stream: BufReader<StreamOwned<ServerConnection, TcpStream>>,
    from: String,
    to: Vec<String>,
}

impl Session {
    fn run(
        mut self,
        mx: u16,
        trap: &Mutex<Trap>,
        messages: &Mutex<Vec<String>>,
    ) -> std::io::Result<()> {
        self.say("220 trap.desk.test ESMTP")?;
        loop {
            let Some(line) = self.line()? else {
                return Ok(());
            };
            let now = trap.lock().unwrap().clone();
            if let Trap::DeliverSlowly(wait) = now {
                std::thread::sleep(wait);
            }
            let verb = line.split([' ', ':']).next().unwrap_or_default();
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.say("250-trap.desk.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN XOAUTH2")?,
                "AUTH" => self.authenticate(&line)?,
                "MAIL" => {
                    self.from = address(&line);
                    self.to.clear();
                    self.say("250 2.1.0 ok")?;
                }
                "RCPT" => {
                    self.to.push(address(&line));
                    self.say("250 2.1.5 ok")?;
                }
                "DATA" => {
                    let trap = trap.lock().unwrap().clone();
                    if matches!(trap, Trap::CutBeforeData) {
                        return Ok(());
                    }
                    self.say("354 go on")?;
                    let Some(message) = self.message()? else {
                        return Ok(());
                    };
                    messages.lock().unwrap().push(message.clone());
                    match trap {
                        Trap::DeliverThenCut => {
                            self.deliver(mx, &message);
                            return Ok(());
                        }
                        Trap::DropThenCut | Trap::CutBeforeData => return Ok(()),
                        Trap::Answer(answer) => self.say(answer)?,
                        Trap::Deliver => {
                            self.deliver(mx, &message);
                            self.say("250 2.0.0 delivered")?;
                        }
                        Trap::DeliverSlowly(wait) => {
                            std::thread::sleep(wait);
                            self.deliver(mx, &message);
                            std::thread::sleep(wait);
                            self.say("250 2.0.0 delivered")?;
                        }
                    }
                }
                "QUIT" => return self.say("221 2.0.0 bye"),
                _ => self.say("250 2.0.0 ok")?,
            }
        }
    }

    fn authenticate(&mut self, line: &str) -> std::io::Result<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let asks = match (words.get(1).copied(), words.len()) {
            (Some("LOGIN"), 2) => 2,
            (Some("LOGIN"), _) | (_, 2) => 1,
            _ => 0,
        };
        for _ in 0..asks {
            self.say("334 ")?;
            self.line()?;
        }
        self.say("235 2.7.0 ok")
    }

    fn deliver(&self, mx: u16, message: &str) {
        let to: Vec<&str> = self.to.iter().map(String::as_str).collect();
        SmtpClient::connect(mx)
            .send(&self.from, &to, message)
            .unwrap_or_else(|refusal| panic!("{refusal}"));
    }

    /// The message without the dots that were added for the wire; `None` when the sender left.
    fn message(&mut self) -> std::io::Result<Option<String>> {
        let mut message = String::new();
        while let Some(line) = self.line()? {
            if line == "." {
                return Ok(Some(message));
            }
            message.push_str(line.strip_prefix('.').unwrap_or(&line));
            message.push_str("\r\n");
        }
        Ok(None)
    }

    fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn say(&mut self, line: &str) -> std::io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        stream.flush()
    }
}

fn address(line: &str) -> String {
    let inside = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}
