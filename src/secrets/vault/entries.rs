//! What the vault holds: secrets by name, in JSON within the seal.

use super::VaultError;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

/// The longest secret, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;

/// The version of what is within the seal.
const VERSION: u32 = 1;

/// All secrets, by name.
#[derive(Default)]
pub(super) struct Entries(pub BTreeMap<String, SecretString>);

#[derive(Deserialize)]
struct Read {
    version: u32,
    secrets: BTreeMap<String, String>,
}

impl Entries {
    pub fn parse(path: &Path, plain: &[u8]) -> Result<Self, VaultError> {
        let damaged = |why: &str| VaultError::Damaged {
            path: path.to_owned(),
            why: why.to_owned(),
        };
        // The parser's own words could quote what it read.
        let read: Read =
            serde_json::from_slice(plain).map_err(|_| damaged("it holds no secrets"))?;
        if read.version != VERSION {
            return Err(damaged("a newer frontdesk wrote it"));
        }
        let secrets = read.secrets.into_iter();
        Ok(Self(
            secrets
                .map(|(name, secret)| (name, secret.into()))
                .collect(),
        ))
    }

    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        // An escape takes six bytes at most; a buffer that grows would leave copies behind.
        let room = |(name, secret): (&String, &SecretString)| {
            (name.len() + secret.expose_secret().len()) * 6 + 8
        };
        let room = self.0.iter().map(room).sum::<usize>() + 64;
        let mut out = Zeroizing::new(Vec::with_capacity(room));
        out.extend_from_slice(format!("{{\"version\":{VERSION},\"secrets\":{{").as_bytes());
        for (index, (name, secret)) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            // Strings into memory: neither can fail.
            let _ = serde_json::to_writer(&mut *out, name);
            out.push(b':');
            let _ = serde_json::to_writer(&mut *out, secret.expose_secret());
        }
        out.extend_from_slice(b"}}");
        out
    }
}

/// May a secret be called so?
pub(super) fn check_name(name: &str) -> Result<(), VaultError> {
    let fine = (1..=80).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':'));
    if fine {
        Ok(())
    } else {
        let shown: String = crate::text::sanitize_line(name).text;
        Err(VaultError::Name(shown.chars().take(80).collect()))
    }
}
