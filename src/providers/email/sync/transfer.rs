//! Undoes a part's transfer encoding piece by piece.

use crate::providers::{FileSink, Result};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Base64,
    QuotedPrintable,
    /// As it comes.
    Plain,
}

/// Takes a part as it is encoded and gives the bytes on. What claims an encoding that its beginning does not have stays
/// as it came; what is odd later on is left out.
pub struct Decoder {
    encoding: Encoding,
    /// What cannot be decoded before more comes: a few bytes.
    rest: Vec<u8>,
    begun: bool,
}

impl Decoder {
    /// For a `Content-Transfer-Encoding` as it was claimed.
    pub fn new(encoding: &str) -> Self {
        let encoding = encoding.trim();
        let encoding = if encoding.eq_ignore_ascii_case("base64") {
            Encoding::Base64
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            Encoding::QuotedPrintable
        } else {
            Encoding::Plain
        };
        Self {
            encoding,
            rest: Vec::new(),
            begun: false,
        }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn take(&mut self, piece: &[u8], into: &mut dyn FileSink) -> Result<()> {
        if !self.begun {
            self.begun = true;
            let odd = |byte: &u8| !is_base64(*byte) && *byte != b'=' && !byte.is_ascii_whitespace();
            if self.encoding == Encoding::Base64 && piece.iter().any(odd) {
                self.encoding = Encoding::Plain;
            }
        }
        match self.encoding {
            Encoding::Plain => into.take(piece),
            Encoding::Base64 => self.base64(piece, into),
            Encoding::QuotedPrintable => self.quoted(piece, false, into),
        }
    }

    /// The end.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn finish(mut self, into: &mut dyn FileSink) -> Result<()> {
        match self.encoding {
            Encoding::Plain => Ok(()),
            Encoding::Base64 => flush(&mut self.rest, into),
            Encoding::QuotedPrintable => self.quoted(&[], true, into),
        }
    }

    fn base64(&mut self, piece: &[u8], into: &mut dyn FileSink) -> Result<()> {
        let mut groups = std::mem::take(&mut self.rest);
        for &byte in piece {
            if is_base64(byte) {
                groups.push(byte);
            } else if byte == b'=' {
                // Two encoded texts may follow one another: padding ends the first.
                flush(&mut groups, into)?;
            }
        }
        let whole = groups.len() - groups.len() % 4;
        self.rest = groups.split_off(whole);
        flush(&mut groups, into)
    }

    fn quoted(&mut self, piece: &[u8], end: bool, into: &mut dyn FileSink) -> Result<()> {
        let mut input = std::mem::take(&mut self.rest);
        input.extend_from_slice(piece);
        let mut out = Vec::with_capacity(input.len());
        let mut at = 0;
        while let Some(&byte) = input.get(at) {
            let (next, after) = (input.get(at + 1), input.get(at + 2));
            if byte != b'=' {
                out.push(byte);
                at += 1;
            } else if !end && after.is_none() && next != Some(&b'\n') {
                break;
            } else {
                let hex = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                at += match (next, after) {
                    (Some(b'\n'), _) => 2,
                    (Some(b'\r'), Some(b'\n')) => 3,
                    _ => {
                        let byte = hex(next).zip(hex(after));
                        let byte = byte.map(|(high, low)| (high * 16 + low) as u8);
                        out.push(byte.unwrap_or(b'='));
                        if byte.is_some() { 3 } else { 1 }
                    }
                };
            }
        }
        self.rest = input.split_off(at.min(input.len()));
        into.take(&out)
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Decodes what there is, and leaves nothing. One letter alone says nothing.
fn flush(groups: &mut Vec<u8>, into: &mut dyn FileSink) -> Result<()> {
    if groups.len() % 4 == 1 {
        groups.pop();
    }
    let bytes = BASE64.decode(&*groups).unwrap_or_default();
    groups.clear();
    if bytes.is_empty() {
        return Ok(());
    }
    into.take(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(pieces: &[&[u8]], encoding: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut decoder = Decoder::new(encoding);
        for piece in pieces {
            decoder.take(piece, &mut out).unwrap();
        }
        decoder.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn transfer_encodings() {
        let table: &[(&[u8], &str, &[u8])] = &[
            (b"aGVs\r\nbG8=\r\n", "BASE64", b"hello"),
            (b"aGVsbG8", "base64", b"hello"),
            (b"aGVsbG8=aGVsbG8=", "base64", b"hellohello"),
            (b"no base64!", "base64", b"no base64!"),
            (b"", "base64", b""),
            (b"caf=E9=\r\n!", "quoted-printable", b"caf\xe9!"),
            (b"a=\nb=", "quoted-printable", b"ab="),
            (b"1=2=zz", "quoted-printable", b"1=2=zz"),
            (b"plain", "7bit", b"plain"),
            (b"\x00\xff", "binary", b"\x00\xff"),
            (b"plain", "x-odd\r\nEvil: 1", b"plain"),
        ];
        for (bytes, encoding, wanted) in table {
            assert_eq!(&decoded(&[bytes], encoding), wanted, "{encoding}");
        }
    }

    fn quoted(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut wire, byte| {
            use std::fmt::Write;
            write!(wire, "={byte:02X}").unwrap();
            wire
        })
    }

    proptest! {
        #[test]
        fn where_it_is_cut_changes_nothing(bytes in any::<Vec<u8>>(), cut in any::<prop::sample::Index>()) {
            let wire = base64::engine::general_purpose::STANDARD.encode(&bytes);
            let (a, b) = wire.as_bytes().split_at(cut.index(wire.len() + 1));
            prop_assert_eq!(decoded(&[a, b], "base64"), bytes.clone());
            let wire = quoted(&bytes);
            let (a, b) = wire.as_bytes().split_at(cut.index(wire.len() + 1));
            prop_assert_eq!(decoded(&[a, b], "quoted-printable"), bytes);
        }
    }
}
