//! What ties an answer to the question: the verifier of RFC 7636 and the state.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::io::Read;
use zeroize::Zeroizing;

/// 32 bytes of the system's chance, as 43 letters that need no escaping.
pub(in crate::secrets) fn random() -> std::io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    std::fs::File::open("/dev/urandom")?.read_exact(&mut *bytes)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// The challenge of a verifier, by the method S256.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
