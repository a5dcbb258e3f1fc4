//! The smallest HTTP server: every request is read whole and answered by a function, one on a line.

use std::io::{BufRead, BufReader, Read, Result};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Listens on loopback until the suite ends; gives its address, `http://127.0.0.1:…`. `answer` gets that address, the
/// request's first line and the line to write to; one who hangs up ends it with an error, which is theirs to do.
pub fn listen(
    answer: impl Fn(&str, &str, TcpStream) -> Result<()> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (own, answer) = (url.clone(), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (own, answer) = (own.clone(), answer.clone());
            std::thread::spawn(move || {
                let (first, stream) = request(stream)?;
                answer(&own, &first, stream)
            });
        }
    });
    url
}

/// Reads a request with its body; gives its first line.
fn request(stream: TcpStream) -> Result<(String, TcpStream)> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((first, reader.into_inner()))
}
