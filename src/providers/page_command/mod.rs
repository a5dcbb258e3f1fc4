//! Pages by a command that the agent configured: an outbox row whose body is the argument vector in JSON and whose
//! subject is what is written to its standard input.

use super::{
    Capabilities, Health, Inventory, Provider, ProviderError, Reconciled, RemoteChange, Result,
};
use crate::model::{Batch, Clock, Cursor, Outgoing, Party, Receipt, SystemClock, Timestamp};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// The longest a page command may run.
const LIMIT: Duration = Duration::from_secs(30);
/// The account under which pages by command stand in the outbox.
pub const ACCOUNT: &str = "page-command";

/// Runs page commands.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageCommand;

async fn run(out: &Outgoing) -> Result<Receipt> {
    let argv: Vec<String> = serde_json::from_str(&out.body)
        .map_err(|error| ProviderError::Bug(format!("page command: {error}")))?;
    let Some((program, arguments)) = argv.split_first() else {
        return Err(refused("no page command is configured"));
    };
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| refused(&format!("`{program}` cannot be started: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input is still a page.
        let _ = stdin.write_all(out.subject.as_bytes()).await;
    }
    match tokio::time::timeout(LIMIT, child.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(Receipt {
            provider_id: None,
            at: SystemClock.now(),
            detail: None,
            refused: Vec::new(),
        }),
        Ok(Ok(status)) => Err(refused(&format!("`{program}` ended with {status}"))),
        Ok(Err(error)) => Err(ProviderError::Ambiguous(error.to_string())),
        Err(_) => Err(ProviderError::Ambiguous(format!(
            "`{program}` was still running after {} s",
            LIMIT.as_secs()
        ))),
    }
}

fn refused(reason: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: reason.to_owned(),
        permanent: true,
    }
}

impl Provider for PageCommand {
    fn name(&self) -> &'static str {
        "command"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: Vec::new(),
            text_limit: None,
            subject: true,
            copies: false,
            rich_text: false,
            attachment_limit: 0,
            reply_window: None,
            delivered: false,
            read: false,
            idempotent_for: None,
            look_up: false,
            push: false,
            hold: Duration::ZERO,
        }
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async move {
            Ok(Batch {
                cursor: since,
                ..Batch::default()
            })
        }
        .boxed()
    }

    fn subscribe(&self, _: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        None
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        run(out).boxed()
    }

    fn reconcile<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        async { Ok(Reconciled::CannotTell) }.boxed()
    }

    fn push<'a>(&'a self, _: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn backfill(&self, _: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.pull(since)
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        async { Ok(Health { checks: Vec::new() }) }.boxed()
    }

    fn own_addresses(&self) -> Vec<Party> {
        Vec::new()
    }

    fn sender_for(&self, _: &[Party]) -> Option<(Party, String)> {
        None
    }

    fn new_reference(&self) -> String {
        ulid::Ulid::new().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outgoing::{OutgoingKind, Recipients};
    use crate::model::{AccountId, Channel, OutboxId};

    fn page(argv: &[&str]) -> Outgoing {
        Outgoing {
            id: OutboxId(1),
            account: AccountId::new(ACCOUNT),
            channel: Channel::Email,
            conversation: None,
            kind: OutgoingKind::Page,
            from: None,
            recipients: Recipients::default(),
            subject: "the boiler is on fire".into(),
            body: serde_json::to_string(argv).expect("strings serialise"),
            attachments: Vec::new(),
            thread: None,
            in_reply_to: None,
            references: Vec::new(),
            reference: "r".into(),
            queued_at: Timestamp(0),
            author: "nina".into(),
            template: None,
            proposal: None,
        }
    }

    #[tokio::test]
    async fn the_exit_status_decides() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("page").to_string_lossy().into_owned();
        assert!(PageCommand.send(&page(&["tee", &file])).await.is_ok());
        assert_eq!(
            std::fs::read_to_string(&file).expect("written"),
            "the boiler is on fire"
        );
        for argv in [&["false"][..], &["/no/such/program"], &[]] {
            let error = PageCommand.send(&page(argv)).await.expect_err("refused");
            assert!(
                matches!(
                    error,
                    ProviderError::Rejected {
                        permanent: true,
                        ..
                    }
                ),
                "{error}"
            );
        }
    }
}
