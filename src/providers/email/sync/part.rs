//! An attachment that was too large to come along, fetched when somebody asks for it.

use super::large::ask;
use super::{Reader, parse_key};
use crate::providers::{ProviderError, Result};

/// Bytes asked for at a time.
const PIECE: usize = 1 << 20;
/// Bytes of an attachment as it is encoded in the message.
const LIMIT: usize = 140 << 20;

/// Where a part is: folder, `uidvalidity:uid`, section, transfer encoding; as text, parted by unit separators.
pub fn key(scope: &str, key: &str, section: &str, encoding: &str) -> String {
    format!("{scope}\u{1f}{key}\u{1f}{section}\u{1f}{encoding}")
}

/// The bytes of a part, decoded.
pub async fn fetch(reader: &mut Reader, key: &str) -> Result<Vec<u8>> {
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
    let mut bytes = Vec::new();
    loop {
        let what = format!("BODY.PEEK[{section}]<{}.{PIECE}>", bytes.len());
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
        bytes.extend_from_slice(&piece);
        if last {
            return Ok(decoded(bytes, encoding));
        }
        if bytes.len() > LIMIT {
            return Err(ProviderError::Rejected {
                reason: format!("the attachment has more than {} MB", LIMIT / 1_000_000),
                permanent: true,
            });
        }
    }
}

/// Undoes the transfer encoding; what claims another than it has stays as it came.
fn decoded(bytes: Vec<u8>, encoding: &str) -> Vec<u8> {
    let known = ["base64", "quoted-printable"]
        .into_iter()
        .find(|known| encoding.trim().eq_ignore_ascii_case(known));
    let Some(known) = known else {
        return bytes;
    };
    let mut raw = format!(
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {known}\r\n\r\n"
    )
    .into_bytes();
    raw.extend_from_slice(&bytes);
    let parsed = mail_parser::MessageParser::default().parse(&raw);
    let part = parsed.as_ref().and_then(|parsed| parsed.parts.first());
    match part {
        Some(part) if !part.is_encoding_problem => part.contents().to_vec(),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfer_encodings() {
        let table: [(&[u8], &str, &[u8]); 5] = [
            (b"aGVs\r\nbG8=\r\n", "BASE64", b"hello"),
            (b"caf=E9=\r\n!", "quoted-printable", b"caf\xe9!"),
            (b"plain", "7bit", b"plain"),
            (b"\x00\xff", "binary", b"\x00\xff"),
            (b"plain", "x-odd\r\nEvil: 1", b"plain"),
        ];
        for (bytes, encoding, wanted) in table {
            assert_eq!(decoded(bytes.to_vec(), encoding), wanted, "{encoding}");
        }
    }
}
