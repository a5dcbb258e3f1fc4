//! A byte stream to a mail server: lines and counted bytes, each with a cap and a deadline.

use super::tls::TlsError;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

/// How long a TCP connection or a TLS handshake may take.
pub const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take to begin, and a line to end.
pub const READ: Duration = Duration::from_secs(30);
/// The slowest that counted bytes may come in, in bytes per second, after [`READ`] has passed.
const SLOWEST: u64 = 4 * 1024;

/// What can carry the stream.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Why a connection is of no more use.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WireError {
    /// The network said no.
    #[error("{0}")]
    Io(String),
    /// The other side hung up.
    #[error("the server closed the connection")]
    Closed,
    /// Nothing came in time.
    #[error("the server did not answer within {} seconds", .0.as_secs())]
    Slow(Duration),
    /// More than can be right.
    #[error("the server sent a line or a part longer than {0} bytes")]
    TooLong(usize),
    /// Encryption failed.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io(error.to_string()),
        }
    }
}

/// A connection. Waiting for it can be given up at any time: what was read stays in its buffer.
pub struct Wire {
    io: Box<dyn Io>,
    buffer: Vec<u8>,
    start: usize,
}

impl Wire {
    /// A connection over `io`.
    pub fn new(io: Box<dyn Io>) -> Self {
        Self {
            io,
            buffer: Vec::new(),
            start: 0,
        }
    }

    /// The stream itself. What was read ahead is thrown away: whoever put bytes before the handshake is not to be
    /// believed after it.
    pub fn into_io(self) -> Box<dyn Io> {
        self.io
    }

    /// Bytes that came and were not looked at yet.
    pub fn has_buffered(&self) -> bool {
        self.start < self.buffer.len()
    }

    /// Waits until something can be read.
    pub async fn readable(&mut self, within: Duration) -> Result<(), WireError> {
        if self.has_buffered() {
            return Ok(());
        }
        self.fill(Instant::now() + within, within).await
    }

    /// Has the other side said something, or hung up, that nobody asked for? Does not wait.
    pub async fn spoke(&mut self) -> bool {
        self.has_buffered()
            || tokio::time::timeout(Duration::ZERO, self.fill(Instant::now() + READ, READ))
                .await
                .is_ok()
    }

    /// The next line without its end, of at most `cap` bytes.
    pub async fn line(&mut self, cap: usize, within: Duration) -> Result<Vec<u8>, WireError> {
        let end = Instant::now() + within;
        let mut looked = 0;
        loop {
            let here = &self.buffer[self.start..];
            if let Some(at) = here[looked..].iter().position(|byte| *byte == b'\n') {
                let at = looked + at;
                let mut line = here[..at].to_vec();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                self.start += at + 1;
                return if line.len() > cap {
                    Err(WireError::TooLong(cap))
                } else {
                    Ok(line)
                };
            }
            looked = here.len();
            if looked > cap {
                return Err(WireError::TooLong(cap));
            }
            self.fill(end, within).await?;
        }
    }

    /// Exactly so many bytes. Memory grows with what really comes, not with what was announced.
    pub async fn exact(&mut self, count: usize) -> Result<Vec<u8>, WireError> {
        let within = READ + Duration::from_secs(count as u64 / SLOWEST);
        let end = Instant::now() + within;
        let ready = (self.buffer.len() - self.start).min(count);
        let mut out = Vec::with_capacity(count.min(256 * 1024));
        out.extend_from_slice(&self.buffer[self.start..self.start + ready]);
        self.start += ready;
        while out.len() < count {
            let mut rest = (&mut self.io).take((count - out.len()) as u64);
            let got = timeout_at(end, rest.read_buf(&mut out))
                .await
                .map_err(|_| WireError::Slow(within))??;
            if got == 0 {
                return Err(WireError::Closed);
            }
        }
        Ok(out)
    }

    async fn fill(&mut self, end: Instant, within: Duration) -> Result<(), WireError> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.reserve(16 * 1024);
        let got = timeout_at(end, self.io.read_buf(&mut self.buffer))
            .await
            .map_err(|_| WireError::Slow(within))??;
        if got == 0 {
            return Err(WireError::Closed);
        }
        Ok(())
    }

    /// Writes everything, and pushes it out.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let within = READ + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let all = async {
            self.io.write_all(bytes).await?;
            self.io.flush().await
        };
        tokio::time::timeout(within, all)
            .await
            .map_err(|_| WireError::Slow(within))??;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Wire, tokio::io::DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        (Wire::new(Box::new(ours)), theirs)
    }

    #[tokio::test]
    async fn lines_and_counted_bytes_mix() {
        let (mut wire, mut server) = pair();
        server
            .write_all(b"one\r\ntwo\nabcdefrest\r\n")
            .await
            .unwrap();
        assert_eq!(wire.line(10, READ).await.unwrap(), b"one");
        assert_eq!(wire.line(10, READ).await.unwrap(), b"two");
        assert_eq!(wire.exact(6).await.unwrap(), b"abcdef");
        assert_eq!(wire.line(10, READ).await.unwrap(), b"rest");
    }

    #[tokio::test]
    async fn an_endless_line_ends() {
        let (mut wire, mut server) = pair();
        server.write_all(&vec![b'x'; 5000]).await.unwrap();
        let error = wire.line(1000, READ).await.unwrap_err();
        assert!(matches!(error, WireError::TooLong(1000)), "{error}");
    }

    #[tokio::test]
    async fn silence_ends() {
        let (mut wire, _server) = pair();
        let error = wire
            .line(1000, Duration::from_millis(20))
            .await
            .unwrap_err();
        assert!(matches!(error, WireError::Slow(_)), "{error}");
    }

    #[tokio::test]
    async fn a_hang_up_in_the_middle_is_seen() {
        let (mut wire, mut server) = pair();
        server.write_all(b"abc").await.unwrap();
        drop(server);
        let error = wire.exact(10).await.unwrap_err();
        assert!(matches!(error, WireError::Closed), "{error}");
    }
}
