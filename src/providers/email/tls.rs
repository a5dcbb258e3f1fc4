//! Connecting: name, TCP, TLS. Certificates are always checked; there is no key to go on anyway.

use super::wire::{CONNECT, Io, WireError};
use crate::providers::trust;
use crate::text::sanitize_line;
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Why no encrypted connection came about, in words for people.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// Makes encrypted connections that trust the public authorities and, where configured, one more.
#[derive(Clone)]
pub struct Connector(TlsConnector);

impl Connector {
    /// Trusts the public authorities and those in `ca_file`.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, TlsError> {
        let config = trust::client_config(ca_file).map_err(|error| TlsError(error.0))?;
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Encrypts a connection to `host`, whose certificate must carry that name.
    pub async fn encrypt(&self, host: &str, io: Box<dyn Io>) -> Result<Box<dyn Io>, WireError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| TlsError(format!("`{host}` is not a server's name")))?;
        let stream = timeout(CONNECT, self.0.connect(name, io))
            .await
            .map_err(|_| WireError::Slow(CONNECT))?
            .map_err(|error| explain(host, &error))?;
        Ok(Box::new(stream))
    }
}

/// Looks the name up; the first address is enough to know that it exists.
pub async fn look_up(host: &str, port: u16) -> Result<Vec<std::net::SocketAddr>, WireError> {
    let found = timeout(CONNECT, tokio::net::lookup_host((host, port)))
        .await
        .map_err(|_| WireError::Slow(CONNECT))?
        .map_err(|error| {
            WireError::Io(format!("the name {} was not found: {error}", shown(host)))
        })?;
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return Err(WireError::Io(format!(
            "the name {} has no address",
            shown(host)
        )));
    }
    Ok(found)
}

/// A name as it may be told: settings are typed, pasted and found by asking servers.
fn shown(host: &str) -> String {
    sanitize_line(host).text
}

/// A TCP connection, trying each address of the name.
pub async fn tcp(host: &str, port: u16) -> Result<Box<dyn Io>, WireError> {
    let addresses = look_up(host, port).await?;
    let stream = timeout(CONNECT, TcpStream::connect(addresses.as_slice()))
        .await
        .map_err(|_| WireError::Slow(CONNECT))?
        .map_err(|error| WireError::Io(format!("no connection to {host} port {port}: {error}")))?;
    stream.set_nodelay(true)?;
    Ok(Box::new(stream))
}

fn explain(host: &str, error: &std::io::Error) -> WireError {
    let Some(inner) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        return TlsError(format!("{host} broke off the TLS handshake: {error}")).into();
    };
    let why = match inner {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("the certificate of {host} has expired; its operator must renew it")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("the certificate of {host} is not valid yet; check this machine's clock")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the certificate presented is not for {host}; check the host name")
            }
            CertificateError::UnknownIssuer => format!(
                "the certificate of {host} was signed by an unknown authority; name it as ca_file if it is yours"
            ),
            other => format!("the certificate of {host} is not valid: {other}"),
        },
        rustls::Error::InvalidMessage(_) => {
            format!("{host} does not speak TLS on this port; try tls = \"starttls\"")
        }
        other => format!("no TLS with {host}: {other}"),
    };
    TlsError(why).into()
}
