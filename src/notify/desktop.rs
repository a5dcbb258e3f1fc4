//! A notification by the desktop's own service.

use notify_rust::{Notification, Urgency};

use super::{NoticeKind, Shown};

/// Shows it. Blocks, possibly for long when the service hangs: call it on a thread that may wait.
pub(super) fn show(shown: &Shown) -> Result<(), String> {
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
    notification.urgency(if shown.kind == NoticeKind::Page {
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
