//! What a file is by its first bytes, whatever it calls itself.

use super::filename::SafeFileName;
use infer::MatcherType;

/// So many bytes of a file's beginning tell its kind: formats that are zip files name themselves within these.
pub const NEEDED: usize = 8 << 10;

/// What kinds of files are one to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Image,
    /// Sound or film: containers hold either.
    Media,
    Text,
    Document,
    Archive,
    Program,
}

impl Family {
    fn words(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::Media => "sound or film",
            Self::Text => "text",
            Self::Document => "a document",
            Self::Archive => "an archive",
            Self::Program => "a program",
        }
    }
}

/// The MIME type of what begins with these bytes; none where that is no kind known by its bytes, as plain text is.
pub fn found(head: &[u8]) -> Option<&'static str> {
    let head = &head[..head.len().min(NEEDED)];
    let kind = infer::get(head)?;
    // Two letters make no program of a text.
    let text = head.len() > 2 && !head.contains(&0) && std::str::from_utf8(head).is_ok();
    if text && kind.matcher_type() == MatcherType::App {
        return None;
    }
    // Its own type is no kind, as far as anybody can tell.
    Some(kind.mime_type()).filter(|mime| *mime != "application/octet-stream")
}

/// Whether this type, as [`found`] gives it, is of something that runs.
pub fn is_program(found: &str) -> bool {
    family(found) == Some(Family::Program)
}

/// What the file is, in words, where its name or its claimed type says another thing: `a Windows program`. Kinds that
/// people take for one another without harm (a document that is a zip file, sound in a film's container) agree.
pub fn unlike(name: &str, claimed: &str, found: &str) -> Option<&'static str> {
    let is = family(found)?;
    let claims = family(claimed);
    let called = SafeFileName::from_untrusted(name);
    let ending = called.extension().and_then(|ending| by_ending(&ending));
    let agrees = match claims.or(ending) {
        Some(says) => agrees(says, is, claimed, found),
        // It claims nothing: only what runs is worth a word.
        None => is != Family::Program || called.is_executable(),
    };
    // A type that is true does not help who goes by the name.
    let named = is == Family::Program && ending.is_some() && !called.is_executable();
    (!agrees || named).then(|| words(found, is))
}

fn agrees(says: Family, is: Family, claimed: &str, found: &str) -> bool {
    match (says, is) {
        (Family::Document, Family::Document | Family::Archive) => {
            // The one document that many programs open unasked is exactly itself.
            let pdf = |mime: &str| plain(mime) == "application/pdf";
            !pdf(claimed) || pdf(found)
        }
        // Office files and programs' packages are archives.
        (Family::Archive, Family::Document | Family::Program) => is == Family::Document,
        (Family::Text, Family::Document) => found == "application/rtf",
        (Family::Image, Family::Text) => {
            plain(claimed).starts_with("image/svg") && found == "text/xml"
        }
        (says, is) => says == is,
    }
}

fn words(found: &str, family: Family) -> &'static str {
    match found {
        "application/vnd.microsoft.portable-executable" => "a Windows program",
        "application/x-executable" => "a Linux program",
        "application/x-mach-binary" => "a Mac program",
        "application/java" => "a Java program",
        "text/x-shellscript" => "a shell script",
        "text/html" => "a web page",
        "application/pdf" => "a PDF document",
        _ => family.words(),
    }
}

/// The type without its parameters, in lower case.
fn plain(mime: &str) -> String {
    let mime = mime.split(';').next().unwrap_or_default();
    mime.trim().to_ascii_lowercase()
}

/// None where a type says nothing, such as `application/octet-stream`.
fn family(mime: &str) -> Option<Family> {
    const PROGRAMS: [&str; 19] = [
        "portable-executable",
        "x-executable",
        "x-mach-binary",
        "x-msdownload",
        "x-dosexec",
        "x-msdos-program",
        "x-ms-installer",
        "x-msi",
        "x-elf",
        "x-sharedlib",
        "java-archive",
        "java-vm",
        "vnd.android",
        "vnd.debian",
        "x-rpm",
        "x-sh",
        "javascript",
        "x-python",
        "wasm",
    ];
    const ARCHIVES: [&str; 14] = [
        "zip", "x-tar", "x-7z", "rar", "x-bzip", "bzip3", "x-xz", "x-lz", "zstd", "compress",
        "x-cpio", "x-par2", "cab", "archive",
    ];
    const DOCUMENTS: [&str; 9] = [
        "pdf",
        "msword",
        "officedocument",
        "opendocument",
        "vnd.ms-",
        "rtf",
        "postscript",
        "epub",
        "ole-storage",
    ];
    let mime = plain(mime);
    let (top, sub) = mime.split_once('/')?;
    let is = |known: &[&str]| known.iter().any(|known| sub.contains(known));
    Some(match top {
        "image" => Family::Image,
        "audio" | "video" => Family::Media,
        "text" if sub == "x-shellscript" => Family::Program,
        "text" => Family::Text,
        "application" if sub == "java" || is(&PROGRAMS) => Family::Program,
        "application" if is(&DOCUMENTS) && sub != "vnd.ms-cab-compressed" => Family::Document,
        "application" if is(&ARCHIVES) => Family::Archive,
        "application" if sub == "ogg" => Family::Media,
        _ => return None,
    })
}

/// What a name's ending promises.
fn by_ending(ending: &str) -> Option<Family> {
    Some(match ending {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "bmp" | "tif" | "tiff" | "heic" | "svg" => {
            Family::Image
        }
        "mp3" | "ogg" | "oga" | "opus" | "wav" | "m4a" | "aac" | "amr" | "flac" | "mp4" | "mov"
        | "webm" | "avi" | "mkv" | "3gp" => Family::Media,
        "txt" | "md" | "csv" | "log" | "html" | "htm" | "xml" | "json" | "ics" | "vcf" => {
            Family::Text
        }
        "pdf" | "doc" | "docx" | "xls" | "xlsx" | "ppt" | "pptx" | "odt" | "ods" | "odp"
        | "rtf" | "ps" | "epub" => Family::Document,
        "zip" | "gz" | "tgz" | "tar" | "7z" | "rar" | "bz2" | "xz" | "zst" => Family::Archive,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PE: &[u8] = b"MZ\x90\x00";
    const ELF: &[u8] =
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0";
    const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0";

    #[test]
    fn what_is_not_what_it_claims() {
        let windows = Some("a Windows program");
        let table: &[(&str, &str, &[u8], Option<&str>)] = &[
            ("a.jpg", "image/jpeg", PE, windows),
            ("a.jpg", "image/png", ELF, Some("a Linux program")),
            ("a.png", "image/png", PNG, None),
            ("a.jpg", "image/jpeg", PNG, None),
            ("a.pdf", "application/octet-stream", PE, windows),
            ("a", "application/octet-stream", PE, windows),
            ("a", "", PE, windows),
            ("setup.exe", "application/octet-stream", PE, None),
            ("setup.exe", "application/x-msdownload", PE, None),
            ("photo.jpg", "application/x-msdownload", PE, windows),
            ("setup.exe", "IMAGE/PNG; name=x", PE, windows),
            ("a.png", "image/png", ZIP, Some("an archive")),
            (
                "a.docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                ZIP,
                None,
            ),
            ("a.pdf", "application/pdf", ZIP, Some("an archive")),
            ("a.pdf", "application/pdf", b"%PDF-1.7 ", None),
            ("a.zip", "application/x-zip-compressed", ZIP, None),
            ("a.zip", "application/zip", PE, windows),
            ("a.mp4", "video/mp4", OGG, None),
            ("a.ogg", "application/ogg", OGG, None),
            ("a.png", "image/png", OGG, Some("sound or film")),
            (
                "a.png",
                "image/png",
                b"<!DOCTYPE html><html>",
                Some("a web page"),
            ),
            (
                "a.svg",
                "image/svg+xml",
                b"<?xml version=\"1.0\"?><svg/>",
                None,
            ),
            (
                "a.txt",
                "text/plain",
                b"#!/bin/sh\nrm -rf x\n",
                Some("a shell script"),
            ),
            ("a.txt", "text/plain", b"MZ are my initials", None),
            ("a.txt", "text/plain", b"hello", None),
            ("a.bin", "application/octet-stream", PNG, None),
        ];
        for (name, claimed, bytes, wanted) in table {
            let is = found(bytes);
            let unlike = is.and_then(|is| unlike(name, claimed, is));
            assert_eq!(unlike, *wanted, "{name} {claimed} {is:?}");
        }
    }

    #[test]
    fn what_runs() {
        for bytes in [PE, ELF, b"#!/bin/sh\n"] {
            assert!(is_program(found(bytes).unwrap()), "{bytes:?}");
        }
        assert!(!is_program(found(PNG).unwrap()));
        assert_eq!(found(b""), None);
    }
}
