//! Against servers that break off at each place.

use super::*;
use crate::model::Timestamp;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A server that reads a request's head, says this and closes.
fn says(answer: &'static [u8]) -> BaseUrl {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut head = [0_u8; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(answer);
        }
    });
    BaseUrl::new(&format!("http://127.0.0.1:{port}")).unwrap()
}

async fn exchange(base: &BaseUrl, effect: Effect, limit: usize) -> Result<Answer> {
    let http = Http::new(base).unwrap();
    let request = http.request(Method::POST, base.at(["secret-token"]));
    http.exchange(request.body("x"), effect, limit).await
}

#[tokio::test]
async fn where_nobody_listens_nothing_happened() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let base = BaseUrl::new(&format!("http://127.0.0.1:{port}")).unwrap();
    for effect in [Effect::Read, Effect::Write] {
        let error = exchange(&base, effect, 100).await.unwrap_err();
        assert!(matches!(error, ProviderError::Transient(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("secret-token"), "{error:?}");
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_open() {
    let table: [(&'static [u8], &str); 4] = [
        (b"", "Ambiguous"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
            "Ambiguous",
        ),
        (
            b"HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nhalf",
            "Ambiguous",
        ),
        (
            b"HTTP/1.1 400 No\r\ncontent-length: 9\r\n\r\nhalf",
            "Rejected",
        ),
    ];
    for (answer, variant) in table {
        let base = says(answer);
        let error = exchange(&base, Effect::Write, 100).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(variant), "{error:?}");
        assert!(!format!("{error:?}").contains("secret-token"), "{error:?}");
        let error = exchange(&base, Effect::Read, 100).await.unwrap_err();
        assert!(matches!(error, ProviderError::Transient(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_has_a_limit_and_a_redirect_is_not_followed() {
    let base = says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789");
    assert!(exchange(&base, Effect::Read, 8).await.is_err());
    assert_eq!(
        &exchange(&base, Effect::Read, 9).await.unwrap().body[..],
        b"123456789"
    );
    let base =
        says(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    let answer = exchange(&base, Effect::Write, 8).await.unwrap();
    assert_eq!(answer.status, 302);
}

#[test]
fn what_a_status_stands_for() {
    let answer = |status| Answer {
        status,
        headers: reqwest::header::HeaderMap::new(),
        body: Bytes::new(),
    };
    let table = [
        (401, Effect::Write, "Auth"),
        (429, Effect::Write, "RateLimited"),
        (503, Effect::Write, "Ambiguous"),
        (503, Effect::Read, "Transient"),
        (408, Effect::Write, "Ambiguous"),
        (404, Effect::Write, "Rejected"),
    ];
    for (status, effect, variant) in table {
        let failure = answer(status).failure(effect, "no", Timestamp(0));
        assert!(format!("{failure:?}").starts_with(variant), "{failure:?}");
    }
}
