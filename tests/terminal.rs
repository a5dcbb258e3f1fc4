//! The terminal driver of `support` itself: keys become the bytes a terminal sends.

mod support;

use support::keys::bytes_of;

#[test]
fn key_strings_become_bytes() {
    let table: [(&str, &[&[u8]]); 8] = [
        ("jé", &[b"j", "é".as_bytes()]),
        ("<Enter><Esc>", &[b"\r", b"\x1b"]),
        ("<C-s><C-[>", &[b"\x13", b"\x1b"]),
        ("<A-x>", &[b"\x1bx"]),
        ("<Up><PageDown>", &[b"\x1b[A", b"\x1b[6~"]),
        ("<lt>a>", &[b"<", b"a", b">"]),
        ("<none>", &[b"<", b"n", b"o", b"n", b"e", b">"]),
        ("a<", &[b"a", b"<"]),
    ];
    for (keys, bytes) in table {
        assert_eq!(bytes_of(keys), bytes, "{keys}");
    }
}
