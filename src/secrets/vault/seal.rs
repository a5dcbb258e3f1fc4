//! Sealing and opening in the age format: with a passphrase, with an SSH key, with the vault's own key.

use super::VaultError;
use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient, scrypt, ssh, x25519};
use std::io::{Read, Write};
use std::path::Path;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The work (as a power of two) of a new vault's passphrase: about a second and 256 MiB.
pub const WORK: u8 = 18;

/// More than this is not done for any file: about four seconds and 1 GiB.
pub const MOST_WORK: u8 = 20;

/// The key that all secrets are sealed to. It is made by chance and never typed.
#[derive(Clone)]
pub struct Key(x25519::Identity);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A new one.
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// As text, for another process of the same user.
    pub fn to_text(&self) -> SecretString {
        self.0.to_string()
    }

    /// From its text.
    pub fn from_text(text: &str) -> Option<Self> {
        x25519::Identity::from_str(text.trim()).ok().map(Self)
    }

    /// Seals to this key.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        seal(&self.0.to_public(), plain)
    }

    /// Opens what was sealed to this key; `path` is for the error.
    pub fn open(&self, path: &Path, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        open(&self.0, sealed).map_err(|fault| match fault {
            Fault::NotFor => VaultError::OtherKey(path.to_owned()),
            other => other.damaged(path),
        })
    }

    /// Seals this key by a passphrase. `work` is a power of two.
    pub fn wrap_by_passphrase(
        &self,
        passphrase: &SecretString,
        work: u8,
    ) -> Result<Vec<u8>, String> {
        let mut recipient = scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(work.clamp(1, WORK));
        seal(&recipient, self.to_text().expose_secret().as_bytes())
    }

    /// The key that a passphrase opens.
    pub fn by_passphrase(
        path: &Path,
        sealed: &[u8],
        passphrase: &SecretString,
    ) -> Result<Self, VaultError> {
        let mut identity = scrypt::Identity::new(passphrase.clone());
        identity.set_max_work_factor(MOST_WORK);
        let text = open(&identity, sealed).map_err(|fault| match fault {
            Fault::Work(work) => VaultError::TooMuchWork {
                path: path.to_owned(),
                work,
            },
            Fault::Refused => VaultError::WrongPassphrase,
            other => other.damaged(path),
        })?;
        Self::read(path, &text)
    }

    /// Seals this key to the owner of an SSH key, given as a line of its `.pub` file.
    pub fn wrap_by_ssh(&self, path: &Path, public: &str) -> Result<Vec<u8>, VaultError> {
        let failed = |why: String| VaultError::Ssh {
            path: path.to_owned(),
            why,
        };
        let recipient = ssh::Recipient::from_str(public.trim()).map_err(|_| {
            failed("a line such as `ssh-ed25519 AAAA…` or `ssh-rsa AAAA…` is needed".to_owned())
        })?;
        seal(&recipient, self.to_text().expose_secret().as_bytes()).map_err(failed)
    }

    /// The key that a private SSH key opens.
    pub fn by_ssh(
        path: &Path,
        sealed: &[u8],
        private_path: &Path,
        private: &[u8],
    ) -> Result<Self, VaultError> {
        let failed = |why: &str| VaultError::Ssh {
            path: private_path.to_owned(),
            why: why.to_owned(),
        };
        let identity = ssh::Identity::from_buffer(private, None)
            .map_err(|_| failed("it is not a private SSH key"))?;
        if !matches!(identity, ssh::Identity::Unencrypted(_)) {
            return Err(failed(
                "it has a passphrase or a kind that age cannot use; ssh-agent cannot help: use the vault's passphrase",
            ));
        }
        let text = open(&identity, sealed).map_err(|fault| match fault {
            Fault::NotFor | Fault::Refused => failed("the vault is not sealed to it"),
            other => other.damaged(path),
        })?;
        Self::read(path, &text)
    }

    fn read(path: &Path, text: &[u8]) -> Result<Self, VaultError> {
        let key = std::str::from_utf8(text).ok().and_then(Self::from_text);
        key.ok_or_else(|| VaultError::Damaged {
            path: path.to_owned(),
            why: "it holds no key".to_owned(),
        })
    }
}

/// Why something cannot be opened.
enum Fault {
    /// The passphrase does not fit (or the file's own salt was changed).
    Refused,
    /// It is sealed to somebody else.
    NotFor,
    Work(u8),
    Broken(String),
}

impl Fault {
    fn damaged(self, path: &Path) -> VaultError {
        VaultError::Damaged {
            path: path.to_owned(),
            why: match self {
                Self::Broken(why) => why,
                _ => "its contents do not fit together".to_owned(),
            },
        }
    }
}

impl From<DecryptError> for Fault {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => Self::Refused,
            DecryptError::ExcessiveWork { required, .. } => Self::Work(required),
            DecryptError::NoMatchingKeys => Self::NotFor,
            DecryptError::InvalidMac => Self::Broken("its header was changed".to_owned()),
            DecryptError::UnknownFormat | DecryptError::InvalidHeader => {
                Self::Broken("it is not an age file".to_owned())
            }
            // An end before the header's, or a kind that this version does not know.
            _ => Self::Broken("its header is cut off or changed".to_owned()),
        }
    }
}

fn seal(recipient: &dyn Recipient, plain: &[u8]) -> Result<Vec<u8>, String> {
    let words = |error: &dyn std::fmt::Display| format!("sealing failed: {error}");
    let encryptor =
        Encryptor::with_recipients(std::iter::once(recipient)).map_err(|e| words(&e))?;
    let mut sealed = Vec::with_capacity(plain.len() + 512);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| words(&e))?;
    writer
        .write_all(plain)
        .and_then(|()| writer.finish().map(|_| ()))
        .map_err(|e| words(&e))?;
    Ok(sealed)
}

fn open(identity: &dyn Identity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    if sealed.is_empty() {
        return Err(Fault::Broken("it is empty".to_owned()));
    }
    let decryptor = Decryptor::new_buffered(sealed)?;
    let mut reader = decryptor.decrypt(std::iter::once(identity))?;
    // Room for everything at once: a buffer that grows leaves copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader
        .read_to_end(&mut plain)
        .map_err(|_| Fault::Broken("it is cut off or changed".to_owned()))?;
    Ok(plain)
}
