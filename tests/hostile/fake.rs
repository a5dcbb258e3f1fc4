//! A mail server that says what a test wants it to say, over TLS with an authority of its own.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the server does on a line from the client.
#[derive(Debug, Clone)]
pub enum Act {
    /// Says this.
    Say(Vec<u8>),
    /// Says this, and hangs up.
    SayAndCut(Vec<u8>),
    /// Says this, and encrypts.
    SayAndEncrypt(Vec<u8>),
    /// Takes so many bytes, and hangs up.
    TakeAndCut(usize),
    /// Nothing at all.
    Wait,
}

/// Words as an act.
pub fn say(text: impl Into<String>) -> Act {
    Act::Say(text.into().into_bytes())
}

/// One connection's mind: gets each line and answers.
pub trait Mind: Send + 'static {
    fn line(&mut self, line: &str) -> Act;
}

impl<F: FnMut(&str) -> Act + Send + 'static> Mind for F {
    fn line(&mut self, line: &str) -> Act {
        self(line)
    }
}

/// How the server encrypts and by which certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte, with a good certificate.
    Good,
    /// On command, with a good certificate.
    Later,
    /// The certificate has expired.
    Expired,
    /// The certificate is another server's, whose common name lies.
    OtherName,
    /// The certificate signed itself.
    SelfSigned,
}

/// A running server.
pub struct Fake {
    pub port: u16,
    pub ca: PathBuf,
    /// Everything clients said, encrypted or not.
    pub heard: Arc<Mutex<String>>,
    /// What they said before TLS.
    pub heard_in_clear: Arc<Mutex<String>>,
    _dir: tempfile::TempDir,
}

impl Fake {
    /// Listens on loopback; each connection gets a mind of its own.
    pub async fn start<M: Mind>(
        tls: Tls,
        greeting: &str,
        mind: impl Fn() -> M + Send + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ca = dir.path().join("ca.pem");
        let acceptor = acceptor(tls, &ca);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let fake = Self {
            port: listener.local_addr().unwrap().port(),
            ca,
            heard: Arc::default(),
            heard_in_clear: Arc::default(),
            _dir: dir,
        };
        let (heard, clear) = (Arc::clone(&fake.heard), Arc::clone(&fake.heard_in_clear));
        let greeting = greeting.to_owned();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = Connection {
                    mind: mind(),
                    acceptor: acceptor.clone(),
                    heard: Arc::clone(&heard),
                    clear: Arc::clone(&clear),
                };
                let greeting = greeting.clone();
                tokio::spawn(async move {
                    if tls == Tls::Later {
                        connection.begin_in_clear(stream, greeting).await;
                    } else {
                        connection.begin(stream, greeting).await;
                    }
                });
            }
        });
        fake
    }
}

struct Connection<M> {
    mind: M,
    acceptor: TlsAcceptor,
    heard: Arc<Mutex<String>>,
    clear: Arc<Mutex<String>>,
}

impl<M: Mind> Connection<M> {
    async fn begin(mut self, stream: TcpStream, greeting: String) {
        if let Ok(mut stream) = self.acceptor.clone().accept(stream).await
            && stream.write_all(greeting.as_bytes()).await.is_ok()
        {
            self.talk(&mut stream, false).await;
        }
    }

    async fn begin_in_clear(mut self, mut stream: TcpStream, greeting: String) {
        if stream.write_all(greeting.as_bytes()).await.is_err()
            || !self.talk(&mut stream, true).await
        {
            return;
        }
        if let Ok(mut stream) = self.acceptor.clone().accept(stream).await {
            self.talk(&mut stream, false).await;
        }
    }

    /// True when TLS is to begin.
    async fn talk(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        clear: bool,
    ) -> bool {
        let mut line = Vec::new();
        loop {
            let Ok(byte) = stream.read_u8().await else {
                return false;
            };
            line.push(byte);
            if byte != b'\n' {
                continue;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            self.heard.lock().unwrap().push_str(&text);
            if clear {
                self.clear.lock().unwrap().push_str(&text);
            }
            let done = match self.mind.line(text.trim_end()) {
                Act::Say(bytes) => stream.write_all(&bytes).await.is_err(),
                Act::SayAndCut(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.flush().await;
                    true
                }
                Act::SayAndEncrypt(bytes) => {
                    return stream.write_all(&bytes).await.is_ok();
                }
                Act::TakeAndCut(count) => {
                    let _ = stream.write_all(b"354 go on\r\n").await;
                    let mut taken = vec![0; count];
                    let _ = stream.read_exact(&mut taken).await;
                    true
                }
                Act::Wait => false,
            };
            if done || stream.flush().await.is_err() {
                return false;
            }
        }
    }
}

fn acceptor(tls: Tls, ca: &std::path::Path) -> TlsAcceptor {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "the suites' authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(ca, authority.pem()).unwrap();
    let name = if tls == Tls::OtherName {
        "other.test"
    } else {
        "localhost"
    };
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if tls == Tls::OtherName {
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "localhost");
    }
    if tls == Tls::Expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = if tls == Tls::SelfSigned {
        params.self_signed(&key).unwrap()
    } else {
        params.signed_by(&key, &authority).unwrap()
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
