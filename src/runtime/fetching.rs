//! Attachments whose bytes are still at their provider: fetched when somebody asks, kept from then on.

use super::engine::EngineAccount;
use crate::model::message::Attachment;
use crate::model::{AccountId, AttachmentId};
use crate::providers::Provider;
use crate::store::Store;
use crate::sync::fetch::fetch;
use crate::text::{SafeFileName, magic};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Gets attachments, from the mirror or else from their provider. It needs no engine: two processes that fetch the same
/// file keep the same bytes.
#[derive(Clone)]
pub struct Fetching {
    store: Store,
    providers: Arc<BTreeMap<AccountId, Arc<dyn Provider>>>,
}

impl Fetching {
    /// For these accounts.
    pub fn new(store: Store, accounts: &[EngineAccount]) -> Self {
        let providers = accounts
            .iter()
            .map(|account| (account.id.clone(), account.provider.clone()));
        Self::of(store, providers.collect())
    }

    /// For these providers.
    pub fn of(store: Store, providers: BTreeMap<AccountId, Arc<dyn Provider>>) -> Self {
        Self {
            store,
            providers: Arc::new(providers),
        }
    }

    /// An attachment and where its bytes are.
    ///
    /// # Errors
    /// In words: it cannot be had any more, or not now.
    pub async fn get(&self, id: AttachmentId) -> anyhow::Result<(Attachment, PathBuf)> {
        if let Some(found) = self.store.attachment(id).await? {
            return Ok(found);
        }
        let (account, key) = self.store.unfetched(id).await?.ok_or_else(|| {
            anyhow::anyhow!("its bytes came with no message, and nobody has them")
        })?;
        let provider = self.providers.get(&account).ok_or_else(|| {
            anyhow::anyhow!("the account {account} is not in use, and only it has the bytes")
        })?;
        fetch(&self.store, provider.as_ref(), id, &key).await?;
        self.store
            .attachment(id)
            .await?
            .ok_or_else(|| anyhow::anyhow!("it is gone from the mirror"))
    }

    /// An attachment as a file that a player knows by its ending: a copy in the mirror's folder, made once.
    ///
    /// # Errors
    /// As for [`Fetching::get`], or when it is no sound or the copy cannot be made.
    pub async fn playable(&self, id: AttachmentId) -> anyhow::Result<PathBuf> {
        let (attachment, source) = self.get(id).await?;
        if let Some(warning) = attachment.warning() {
            anyhow::bail!("{} {warning}", attachment.name);
        }
        anyhow::ensure!(
            attachment.is_audio(),
            "{} is no audio; open it instead",
            attachment.name
        );
        let dir = self.store.dir().join("opened");
        let name = SafeFileName::from_untrusted(&attachment.name);
        tokio::task::spawn_blocking(move || {
            DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
            let hash = source.file_name().unwrap_or_default().to_string_lossy();
            let place = dir.join(format!("{}-{name}", hash.get(..16).unwrap_or(&hash)));
            let size = |path: &Path| std::fs::symlink_metadata(path).map(|found| found.len());
            if size(&place).ok() == size(&source).ok() {
                return Ok(place);
            }
            copy_file(&source, &place)
        })
        .await?
    }

    /// Saves an attachment where `place` says for its safe name; nothing is overwritten. Gives where it is, and what is
    /// to be said of it where it is not what it claims.
    ///
    /// # Errors
    /// As for [`Fetching::get`], or when the file cannot be written.
    pub async fn save(
        &self,
        id: AttachmentId,
        place: impl FnOnce(&SafeFileName) -> PathBuf,
    ) -> anyhow::Result<(PathBuf, Option<String>)> {
        let (attachment, source) = self.get(id).await?;
        let target = place(&SafeFileName::from_untrusted(&attachment.name));
        let path = tokio::task::spawn_blocking(move || copy_file(&source, &target)).await??;
        Ok((path, attachment.warning()))
    }

    /// A private copy of an attachment for the program that opens such files.
    ///
    /// # Errors
    /// As for [`Fetching::save`]; what runs is not opened, whatever it calls itself.
    pub async fn openable(&self, id: AttachmentId) -> anyhow::Result<(PathBuf, Option<String>)> {
        let (attachment, _) = self.get(id).await?;
        let name = SafeFileName::from_untrusted(&attachment.name);
        let runs = attachment.found.as_deref().is_some_and(magic::is_program);
        if runs || name.is_executable() {
            let says = attachment.warning();
            let says = says.unwrap_or_else(|| "is a program".to_owned());
            anyhow::bail!("{name} {says}; save it if it is wanted");
        }
        let dir = self.store.dir().join("opened");
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        self.save(id, |name| dir.join(name)).await
    }
}

/// Copies without overwriting and without following links: `name`, `name (2)`, …
fn copy_file(source: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let mut bytes = File::open(source)?;
    let stem = target
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = target
        .extension()
        .map(|ending| format!(".{}", ending.to_string_lossy()))
        .unwrap_or_default();
    for number in 1..1_000 {
        let path = if number == 1 {
            target.to_path_buf()
        } else {
            target.with_file_name(format!("{stem} ({number}){ending}"))
        };
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
        {
            Ok(mut file) => {
                let copied = std::io::copy(&mut bytes, &mut file).and_then(|_| file.sync_all());
                if let Err(error) = copied {
                    // Half a file helps nobody.
                    let _ = std::fs::remove_file(&path);
                    return Err(error.into());
                }
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!("{} exists a thousand times over", target.display())
}
