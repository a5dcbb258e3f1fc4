//! An attachment that was too large to come along, fetched when somebody asks for it.

use super::large::ask;
use super::transfer::Decoder;
use super::{Reader, parse_key};
use crate::providers::{FileSink, ProviderError, Result};

/// Bytes asked for at a time.
const PIECE: usize = 1 << 20;
/// Bytes of an attachment as it is encoded in the message.
const LIMIT: usize = 140 << 20;

/// Where a part is: folder, `uidvalidity:uid`, section, transfer encoding; as text, parted by unit separators.
pub fn key(scope: &str, key: &str, section: &str, encoding: &str) -> String {
    format!("{scope}\u{1f}{key}\u{1f}{section}\u{1f}{encoding}")
}

/// Gives the bytes of a part, decoded, as they come.
pub async fn fetch(reader: &mut Reader, key: &str, into: &mut dyn FileSink) -> Result<()> {
    let gone = || ProviderError::Rejected {
        reason: "the message with this attachment is no longer on the server".to_owned(),
        permanent: true,
    };
    let mut words = key.split('\u{1f}');
    let (Some(scope), Some(place), Some(section), Some(encoding)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(ProviderError::Bug("an attachment has no place".to_owned()));
    };
    let is_section =
        !section.is_empty() && section.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !is_section {
        return Err(ProviderError::Bug(
            "an attachment has no section".to_owned(),
        ));
    }
    let (uidvalidity, uid) = parse_key(place).ok_or_else(gone)?;
    let folder = reader
        .folders
        .iter()
        .find(|folder| folder.name == scope)
        .cloned()
        .ok_or_else(gone)?;
    let selected = reader.session.examine(&folder.wire, None).await?;
    if selected.uidvalidity != uidvalidity {
        return Err(gone());
    }
    let mut decoder = Decoder::new(encoding);
    let mut size = 0;
    loop {
        let what = format!("BODY.PEEK[{section}]<{size}.{PIECE}>");
        let found = ask(&mut reader.session, uid, &what)
            .await?
            .ok_or_else(gone)?;
        let piece = found
            .sections
            .into_iter()
            .find(|(name, _)| name == section)
            .map(|(_, piece)| piece)
            .ok_or_else(gone)?;
        let last = piece.len() < PIECE;
        size += piece.len();
        decoder.take(&piece, into)?;
        if last {
            return decoder.finish(into);
        }
        if size > LIMIT {
            return Err(ProviderError::Rejected {
                reason: format!("the attachment has more than {} MB", LIMIT / 1_000_000),
                permanent: true,
            });
        }
    }
}
