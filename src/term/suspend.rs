//! Ctrl-Z, and the time in which the terminal belongs to another program.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustix::process::{Signal, getpgrp, getpid, getsid, kill_current_process_group, kill_process};

use super::{EventSource, Session, TermError};

/// How many programs the terminal is lent to (an editor, a pager): one or none.
static LENT: AtomicU32 = AtomicU32::new(0);
/// Whether the next SIGTSTP is the one that [`Session::suspend`] sent to the job itself.
static OWN_STOP: AtomicBool = AtomicBool::new(false);

/// What became of a wish to suspend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspended {
    /// The process was stopped and is running again.
    Resumed,
    /// Nothing was done: no shell waits that could continue the process, so it would hang for
    /// ever (`ssh host -t frontdesk`, `tmux new frontdesk`).
    NoShell,
}

/// While this lives the terminal belongs to a child: keys such as Ctrl-C pressed there are not
/// ours.
struct Lent;

impl Lent {
    fn begin() -> Self {
        LENT.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        LENT.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether the terminal is lent to a child now.
pub(super) fn is_lent() -> bool {
    LENT.load(Ordering::SeqCst) > 0
}

/// Whether the SIGTSTP that just arrived is an echo of our own, which has done its work. Asked
/// once per signal.
pub(super) fn was_own_stop() -> bool {
    OWN_STOP.swap(false, Ordering::SeqCst)
}

/// Whether a shell with job control is there to continue a stopped process. The session leader's
/// own process group has none: the system itself refuses SIGTSTP there.
fn has_shell() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops this process until somebody continues it; `false` when nobody could.
pub(super) fn stop_process() -> bool {
    has_shell() && kill_process(getpid(), Signal::STOP).is_ok()
}

impl Session {
    /// Gives the terminal to another program for as long as `work` runs, and takes it again. The
    /// next frame is drawn whole.
    ///
    /// `events` is dropped first, so that every key reaches the other program; a new source comes
    /// back. On an error the terminal could not be taken again: the result of `work` is lost and
    /// the program should end.
    pub async fn lend<T>(
        &mut self,
        events: EventSource,
        work: impl Future<Output = T>,
    ) -> Result<(T, EventSource), TermError> {
        drop(events);
        self.leave();
        let lent = Lent::begin();
        let result = work.await;
        drop(lent);
        self.reenter()?;
        Ok((result, EventSource::start()?))
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does, and takes the terminal again
    /// when the shell continues it. The next frame is drawn whole. Drop the
    /// [`EventSource`](super::EventSource) before and start a new one afterwards.
    ///
    /// Returns at once with [`Suspended::NoShell`], the screen untouched, where stopping would
    /// mean hanging.
    pub fn suspend(&mut self) -> Result<Suspended, TermError> {
        if !has_shell() {
            return Ok(Suspended::NoShell);
        }
        let entered = self.is_entered();
        self.leave();
        // Others of the same job (a wrapper script) stop as well, or the shell would keep waiting
        // for them. Our own handler has to let this one pass, however late the watcher sees it;
        // the stop that counts for us comes after.
        OWN_STOP.store(true, Ordering::SeqCst);
        let stopped = kill_current_process_group(Signal::TSTP)
            .and_then(|()| kill_process(getpid(), Signal::STOP));
        if entered {
            self.reenter()?;
        }
        stopped.map_err(|e| TermError::io("suspend the program", e))?;
        Ok(Suspended::Resumed)
    }
}
