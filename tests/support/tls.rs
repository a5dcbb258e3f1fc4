//! A TLS connection that trusts the suites' own authority and nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::servers::Servers;

/// The stream of a connection.
pub type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Connects to a port of implicit TLS; reads give up after 30 seconds.
pub fn connect(servers: &Servers, port: u16) -> Stream {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(servers.ca()).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    StreamOwned::new(session, socket)
}

/// Sends everything at once and gives what was answered until the server hung up.
pub fn say_all(mut stream: Stream, talk: &str) -> String {
    stream.write_all(talk.as_bytes()).unwrap();
    stream.flush().unwrap();
    let mut heard = Vec::new();
    // A server that cuts the connection does so without the polite end of TLS.
    let _ = stream.read_to_end(&mut heard);
    String::from_utf8(heard).unwrap()
}
