//! Where the bytes of a file go as they come.

use super::{ProviderError, Result};

/// Takes a file's bytes as they come, so that no file is ever held whole.
pub trait FileSink: Send {
    /// The next bytes.
    ///
    /// # Errors
    /// When they cannot be kept: the fetch ends with this.
    fn take(&mut self, bytes: &[u8]) -> Result<()>;
}

impl FileSink for Vec<u8> {
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Holds a small file, and refuses one that is larger than allowed.
#[derive(Debug)]
pub struct AtMost {
    /// What came.
    pub bytes: Vec<u8>,
    /// How much may come.
    pub limit: usize,
}

impl FileSink for AtMost {
    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        if self.bytes.len() + bytes.len() > self.limit {
            let limit = self.limit;
            return Err(ProviderError::Transient(format!(
                "the answer is larger than {limit} bytes"
            )));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}
