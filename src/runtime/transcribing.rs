//! Asking that an audio file be written down: of what may be asked, and for whose.

use crate::model::AttachmentId;
use crate::providers::transcription::TranscriptionSettings;
use crate::store::Store;

/// Asks that a file be written down, soon, by the process that runs the engine.
///
/// # Errors
/// In words: it is no audio, its account's audio stays here, or it is known what is said in it.
pub async fn ask(
    store: &Store,
    settings: &TranscriptionSettings,
    id: AttachmentId,
) -> anyhow::Result<()> {
    let account = store.audio_account(id).await?.ok_or_else(|| {
        anyhow::anyhow!("it is no audio of a customer, or its vendor has written it down already")
    })?;
    if let Some(words) = settings.refuses(&account) {
        anyhow::bail!(words);
    }
    let asked = store.ask_transcript(id).await?;
    anyhow::ensure!(asked, "it is transcribed already");
    Ok(())
}
