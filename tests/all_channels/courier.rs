//! Brings vendors' posts to the listener: until it says that it has them, and then once more, as vendors do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// One request to an account's route.
#[derive(Debug, Clone)]
pub struct Post {
    pub account: &'static str,
    pub content_type: &'static str,
    /// Header and value by which it is known to be genuine.
    pub sign: (&'static str, String),
    pub body: Vec<u8>,
}

/// Where posts are handed over.
#[derive(Clone)]
pub struct Courier {
    posts: mpsc::Sender<Post>,
    waiting: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
}

impl Courier {
    /// Brings posts to this port.
    pub fn to(port: u16) -> Self {
        let (posts, given) = mpsc::channel::<Post>();
        let courier = Self {
            posts,
            waiting: Arc::default(),
            told: Arc::default(),
        };
        let (waiting, told) = (courier.waiting.clone(), courier.told.clone());
        std::thread::spawn(move || {
            for post in given {
                for _ in 0..2 {
                    while bring(port, &post) != Some(200) {
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    told.fetch_add(1, Ordering::SeqCst);
                }
                waiting.fetch_sub(1, Ordering::SeqCst);
            }
        });
        courier
    }

    pub fn bring(&self, post: Post) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.posts.send(post).unwrap();
    }

    /// Waits until everything was brought.
    pub fn idle(&self) {
        super::until("the posts", super::PATIENCE, || {
            (self.waiting.load(Ordering::SeqCst) == 0).then_some(())
        });
    }

    /// How often a post was taken.
    pub fn told(&self) -> usize {
        self.told.load(Ordering::SeqCst)
    }
}

/// The status of the answer, where there is one.
fn bring(port: u16, post: &Post) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let (name, value) = &post.sign;
    let head = format!(
        "POST /hook/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {}\r\ncontent-length: {}\r\n{name}: {value}\r\n\r\n",
        post.account,
        post.content_type,
        post.body.len(),
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&post.body).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}
