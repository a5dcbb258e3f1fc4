//! A notification by the desktop's own service.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use notify_rust::{Notification, Urgency};

use super::{NewsKind, Shown};

/// The desktop's service, and whether it hangs.
#[derive(Default)]
pub(super) struct Desktop {
    busy: Arc<AtomicBool>,
}

impl Desktop {
    /// Shows it; `false` when that failed or took longer than `limit`. A service that hangs holds
    /// one thread at most: until it lets go, this fails at once.
    pub(super) async fn show(&self, shown: &Shown, limit: Duration) -> bool {
        if self.busy.swap(true, Ordering::SeqCst) {
            return false;
        }
        let (busy, shown) = (Arc::clone(&self.busy), shown.clone());
        let (answer, answered) = tokio::sync::oneshot::channel();
        // A thread of its own: the runtime would wait for one of its blocking threads at the end.
        let thread = std::thread::Builder::new().name("desktop-notification".to_owned());
        let started = thread.spawn(move || {
            let result = show(&shown);
            busy.store(false, Ordering::SeqCst);
            // Nobody listens any more when it took too long.
            let _ = answer.send(result);
        });
        if started.is_err() {
            self.busy.store(false, Ordering::SeqCst);
            return false;
        }
        matches!(tokio::time::timeout(limit, answered).await, Ok(Ok(Ok(()))))
    }
}

/// Shows it. Blocks, possibly for long when the service hangs.
fn show(shown: &Shown) -> Result<(), String> {
    let mut notification = Notification::new();
    notification.appname("frontdesk").summary(&shown.title);
    if !shown.body.is_empty() {
        notification.body(&if renders_markup() {
            escape(&shown.body)
        } else {
            shown.body.clone()
        });
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    notification.urgency(if shown.kind == NewsKind::Page {
        Urgency::Critical
    } else {
        Urgency::Normal
    });
    notification.show().map(drop).map_err(|e| e.to_string())
}

/// Whether the service takes the body for HTML: a customer could put links and images into it.
#[cfg(all(unix, not(target_os = "macos")))]
fn renders_markup() -> bool {
    // When it does not say, it is safer to assume so.
    notify_rust::get_capabilities().map_or(true, |all| {
        all.iter().any(|one| one.starts_with("body-markup"))
    })
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn renders_markup() -> bool {
    false
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(
            escape("<img src=\"http://x\"> & <a href=x>y</a>"),
            "&lt;img src=\"http://x\"&gt; &amp; &lt;a href=x&gt;y&lt;/a&gt;"
        );
    }
}
