//! A few threads that read, each with its own connection that cannot write.

use super::error::StoreError;
use super::open::{self, Use};
use super::sql::Result;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Threads that read. A slow search leaves the others for lists.
const READERS: usize = 3;

type Job = Box<dyn FnOnce(std::result::Result<&Connection, StoreError>) + Send>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// The way to the reading threads.
pub(super) struct Readers {
    shared: Arc<(Mutex<Queue>, Condvar)>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts the threads; each opens its connection when it gets its first job.
    pub fn start(path: &Path, read_only: bool) -> std::result::Result<Self, StoreError> {
        let mut readers = Self {
            shared: Arc::default(),
            threads: Vec::new(),
        };
        for number in 0..READERS {
            let (shared, path): (_, PathBuf) = (readers.shared.clone(), path.to_owned());
            let thread = std::thread::Builder::new()
                .name(format!("mirror-reader-{number}"))
                .spawn(move || work(&shared, &path, read_only))
                .map_err(|error| StoreError::io("a thread", error))?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Runs `read` on one snapshot of the mirror.
    pub async fn read<T, F>(&self, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.read_and_tell(read, move |result| {
            // Nobody may be waiting any more.
            let _ = reply.send(result);
        });
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs `read` on one snapshot of the mirror, and `tell` with what it gave, on the thread that read: no other must
    /// wake up before the answer is where it is to be. `tell` must not wait.
    pub fn read_and_tell<T, F>(&self, read: F, tell: impl FnOnce(Result<T>) + Send + 'static)
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let job: Job = Box::new(move |connection| {
            tell(match connection {
                Ok(connection) => snapshot(connection, read),
                Err(error) => Err(error.into()),
            });
        });
        self.lock().jobs.push_back(job);
        self.shared.1.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the threads once what waits is answered.
    pub fn close(&mut self) {
        self.lock().closed = true;
        self.shared.1.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn snapshot<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    connection.execute_batch("BEGIN")?;
    let result = catch_unwind(AssertUnwindSafe(|| read(connection)));
    connection.execute_batch("ROLLBACK")?;
    result.unwrap_or_else(|_| {
        Err(StoreError::Damaged("a question could not be answered".to_owned()).into())
    })
}

fn work(shared: &(Mutex<Queue>, Condvar), path: &Path, read_only: bool) {
    let mut connection = None;
    loop {
        let job = {
            let mut queue = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if let Some(job) = queue.jobs.pop_front() {
                    break job;
                }
                if queue.closed {
                    return;
                }
                queue = shared.1.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        };
        if connection.is_none() {
            let opened = if read_only {
                open::connect_read_only(path)
            } else {
                open::connect(path, Use::Read)
            };
            match opened {
                Ok(opened) => connection = Some(opened),
                Err(error) => {
                    job(Err(error));
                    continue;
                }
            }
        }
        if let Some(connection) = &connection {
            job(Ok(connection));
        }
    }
}
