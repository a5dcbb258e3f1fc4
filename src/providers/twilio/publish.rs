//! Putting a file where Twilio can fetch it: Twilio takes no uploads with a message, only addresses.

use super::api::refused;
use crate::model::outgoing::OutgoingAttachment;
use crate::providers::{ProviderError, Result};
use std::process::Stdio;
use std::time::Duration;
use url::Url;

const PATIENCE: Duration = Duration::from_mins(2);

/// Runs the configured command for a file; gives the address that it prints. Nothing was sent when this fails.
pub(super) async fn publish(argv: &[String], file: &OutgoingAttachment) -> Result<String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(refused(
            "Twilio fetches files by address, so none can be sent before publish_command is set",
        ));
    };
    let run = tokio::process::Command::new(program)
        .args(arguments)
        .arg(&file.path)
        .arg(&file.name)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, run)
        .await
        .map_err(|_| later("publish_command took too long; nothing was sent"))?
        .map_err(|error| refused(&format!("publish_command cannot be run: {error}")))?;
    if !output.status.success() {
        return Err(later("publish_command failed; nothing was sent"));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let address = said.trim();
    match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => {
            Ok(address.to_owned())
        }
        _ => Err(refused(
            "publish_command must print one web address and nothing else",
        )),
    }
}

fn later(words: &str) -> ProviderError {
    ProviderError::Transient(words.to_owned())
}
