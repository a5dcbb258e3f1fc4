//! Runs a loop on the thread that reads the terminal: it sleeps where keys come in.
//!
//! Between a key and its answer no other thread of ours has to wake up. On a processor that is busy with a first read
//! of a mailbox each waking may wait some milliseconds for its turn.

use super::tty::timespec;
use super::{TermError, Tty};
use rustix::event::{PollFd, PollFlags, poll};
use std::cell::{Cell, RefCell};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Where the system cannot even wait, it is asked again so much later.
const BREATH: Duration = Duration::from_millis(10);

/// What ends a sleep beside a waker. It counts once.
pub(super) struct Interest {
    pub tty: Arc<Tty>,
    pub winch: Arc<OwnedFd>,
    /// A pending sequence is no longer waited for.
    pub due: Option<Instant>,
}

thread_local! {
    /// Whether this thread attends a terminal.
    static ATTENDING: Cell<bool> = const { Cell::new(false) };
    /// What its next sleep ends with.
    static WANTED: RefCell<Option<Interest>> = const { RefCell::new(None) };
}

/// Whether this thread attends a terminal.
pub(super) fn is_attending() -> bool {
    ATTENDING.get()
}

/// The next sleep of this thread ends with this, too; or with nothing but a waker.
pub(super) fn want(interest: Option<Interest>) {
    // A thread that ends attends nothing.
    let _ = WANTED.try_with(|wanted| wanted.replace(interest));
}

struct Attending;

impl Attending {
    fn begin() -> Self {
        ATTENDING.set(true);
        Self
    }
}

impl Drop for Attending {
    fn drop(&mut self) {
        ATTENDING.set(false);
        WANTED.set(None);
    }
}

/// Runs `future` to its end on this thread, its tasks and clocks on the threads of `executor`. Within it an
/// [`EventSource`](super::EventSource) can be started.
///
/// # Errors
/// When there are no descriptors left to be woken by.
pub fn attend<F: Future>(executor: &Handle, future: F) -> Result<F::Output, TermError> {
    let (woken, wake) = io::pipe().map_err(|error| TermError::io("be waited for", error))?;
    rustix::io::ioctl_fionbio(&woken, true)
        .map_err(|error| TermError::io("be waited for", error))?;
    let bell = Arc::new(Bell {
        rung: AtomicBool::new(false),
        asleep: AtomicBool::new(false),
        wake,
    });
    let _inside = executor.enter();
    let _attending = Attending::begin();
    let waker = Waker::from(bell.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        // What was done before it rang is seen by what runs now.
        bell.rung.swap(false, Ordering::SeqCst);
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        bell.sleep(&woken, WANTED.take().as_ref());
    }
}

/// Wakes the thread.
struct Bell {
    rung: AtomicBool,
    asleep: AtomicBool,
    wake: PipeWriter,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        if self.asleep.swap(false, Ordering::SeqCst) {
            let _ = (&self.wake).write(&[0]);
        }
    }
}

impl Bell {
    /// Sleeps until it rings or what is wanted has come; it may also be for nothing.
    fn sleep(&self, mut woken: &PipeReader, wanted: Option<&Interest>) {
        self.asleep.store(true, Ordering::SeqCst);
        if !self.rung.load(Ordering::SeqCst) {
            let mut fds = vec![PollFd::from_borrowed_fd(woken.as_fd(), PollFlags::IN)];
            if let Some(wanted) = wanted {
                fds.push(PollFd::from_borrowed_fd(wanted.tty.input(), PollFlags::IN));
                fds.push(PollFd::from_borrowed_fd(
                    wanted.winch.as_fd(),
                    PollFlags::IN,
                ));
            }
            let limit = wanted
                .and_then(|wanted| wanted.due)
                .map(|due| timespec(due.saturating_duration_since(Instant::now())));
            match poll(&mut fds, limit.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => std::thread::sleep(BREATH),
            }
        }
        if !self.asleep.swap(false, Ordering::SeqCst) {
            // Somebody rang, or is just about to: what is left in the pipe only ends another sleep early.
            let _ = woken.read(&mut [0; 16]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executor() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    }

    #[test]
    fn tasks_and_clocks_of_the_executor_wake_the_thread() {
        let executor = executor();
        let this = std::thread::current().id();
        let sum = attend(executor.handle(), async {
            let mut sum = 0;
            for number in 0..1_000_u64 {
                sum += tokio::spawn(async move {
                    if number % 100 == 0 {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    number
                })
                .await
                .unwrap();
                assert_eq!(std::thread::current().id(), this);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            sum
        });
        assert_eq!(sum.unwrap(), 499_500);
        assert!(!is_attending());
    }

    #[test]
    fn what_is_woken_while_it_runs_is_run_again() {
        let mut times = 0;
        let future = std::future::poll_fn(|context| {
            times += 1;
            if times == 3 {
                return Poll::Ready(times);
            }
            context.waker().wake_by_ref();
            Poll::Pending
        });
        assert_eq!(attend(executor().handle(), future).unwrap(), 3);
    }

    #[test]
    fn a_thread_at_rest_does_not_run() {
        let times = std::cell::Cell::new(0);
        let slept = std::future::poll_fn(|_| {
            times.set(times.get() + 1);
            Poll::<()>::Pending
        });
        let executor = executor();
        let done = attend(executor.handle(), async {
            tokio::time::timeout(Duration::from_millis(200), slept).await
        });
        assert!(done.unwrap().is_err());
        assert!(times.get() <= 3, "{}", times.get());
    }
}
