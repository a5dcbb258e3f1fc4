//! Key strings such as `jj<Enter>hello<C-s>`, as the bytes a terminal would send.

/// The bytes of each key, in order. Escape stands alone, so that the reader of the bytes can be
/// given time to see that nothing follows it.
///
/// Names in angle brackets: `Enter Esc Tab S-Tab BS Del Space Up Down Left Right Home End PageUp
/// PageDown`, `F1` to `F12`, `C-x` for Ctrl, `A-x` for Alt, and `lt` for a literal `<`. A `<` that
/// opens no name is itself.
pub fn bytes_of(keys: &str) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let named = rest
            .strip_prefix('<')
            .and_then(|tail| tail.split_once('>'))
            .and_then(|(name, tail)| Some((named(name)?, tail)));
        if let Some((bytes, tail)) = named {
            out.push(bytes);
            rest = tail;
        } else {
            out.push(first.to_string().into_bytes());
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn named(name: &str) -> Option<Vec<u8>> {
    let fixed: &[u8] = match name {
        "Enter" | "CR" => b"\r",
        "Esc" => b"\x1b",
        "Tab" => b"\t",
        "S-Tab" => b"\x1b[Z",
        "BS" | "Backspace" => b"\x7f",
        "Del" | "Delete" => b"\x1b[3~",
        "Space" => b" ",
        "lt" => b"<",
        "Up" => b"\x1b[A",
        "Down" => b"\x1b[B",
        "Right" => b"\x1b[C",
        "Left" => b"\x1b[D",
        "Home" => b"\x1b[H",
        "End" => b"\x1b[F",
        "PageUp" | "PgUp" => b"\x1b[5~",
        "PageDown" | "PgDn" => b"\x1b[6~",
        "F1" => b"\x1bOP",
        "F2" => b"\x1bOQ",
        "F3" => b"\x1bOR",
        "F4" => b"\x1bOS",
        "F5" => b"\x1b[15~",
        "F6" => b"\x1b[17~",
        "F7" => b"\x1b[18~",
        "F8" => b"\x1b[19~",
        "F9" => b"\x1b[20~",
        "F10" => b"\x1b[21~",
        "F11" => b"\x1b[23~",
        "F12" => b"\x1b[24~",
        _ => return modified(name),
    };
    Some(fixed.to_vec())
}

fn modified(name: &str) -> Option<Vec<u8>> {
    let (modifier, key) = name.split_once('-')?;
    let [key] = key.as_bytes() else { return None };
    match (modifier, key) {
        ("C", b'a'..=b'z' | b'@'..=b'_') => Some(vec![key & 0x1f]),
        ("A", _) => Some(vec![0x1b, *key]),
        _ => None,
    }
}
