//! Gets a file from its provider into the mirror, piece by piece: no file is ever held whole.

use crate::model::AttachmentId;
use crate::providers::{FileSink, Provider, ProviderError};
use crate::store::{FileInMaking, Store, StoreError};

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Its provider did not give it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// It could not be kept.
    #[error(transparent)]
    Mirror(#[from] StoreError),
}

/// Fetches what `key` names and keeps it as the bytes of `id`; on disk when this returns.
///
/// # Errors
/// See [`FetchError`]; then nothing of it stays.
pub async fn fetch(
    store: &Store,
    provider: &dyn Provider,
    id: AttachmentId,
    key: &str,
) -> Result<(), FetchError> {
    let mut into = IntoMirror {
        file: store.make_file()?,
        failed: None,
    };
    let came = provider.fetch_into(key, &mut into).await;
    // A full disk is no fault of the provider's.
    if let Some(error) = into.failed {
        return Err(error.into());
    }
    came?;
    Ok(store.fetched(id, into.file).await?)
}

struct IntoMirror {
    file: FileInMaking,
    failed: Option<StoreError>,
}

impl FileSink for IntoMirror {
    fn take(&mut self, bytes: &[u8]) -> crate::providers::Result<()> {
        self.file.take(bytes).map_err(|error| {
            let says = error.to_string();
            self.failed = Some(error);
            ProviderError::Transient(says)
        })
    }
}
