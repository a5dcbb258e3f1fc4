//! Bodies that are not JSON, as JSON.

use serde_json::{Map, Value};

/// The pairs of a query or form, decoded.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// One segment of a path, decoded.
pub fn decoded(segment: &str) -> String {
    let kept = segment.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(kept.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(key, _)| key.into_owned())
}

/// `a[b][]=c` as what it stands for; each leaf is a list of the values that came.
pub fn nested(pairs: &[(String, String)]) -> Value {
    let mut root = Value::Object(Map::new());
    for (key, value) in pairs {
        let mut at = &mut root;
        for part in key.split('[').map(|part| part.trim_end_matches(']')) {
            if part.is_empty() {
                continue;
            }
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at = &mut at[part];
        }
        match at {
            Value::Array(values) => values.push(value.as_str().into()),
            other => *other = vec![Value::from(value.as_str())].into(),
        }
    }
    root
}

/// The fields of a multipart body; a file counts as text.
pub fn multipart(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, String> {
    let boundary = content_type
        .split(';')
        .find_map(|part| part.trim().strip_prefix("boundary="))
        .ok_or("the multipart body names no boundary")?
        .trim_matches('"');
    let text = String::from_utf8_lossy(body).into_owned();
    let mut found = Vec::new();
    for part in text.split(&format!("--{boundary}")).skip(1) {
        if part.starts_with("--") {
            return Ok(found);
        }
        let (head, value) = part
            .split_once("\r\n\r\n")
            .ok_or("a part of the multipart body has no end of its head")?;
        let name = head
            .split([';', '\r'])
            .find_map(|field| field.trim().strip_prefix("name=\""))
            .and_then(|name| name.split('"').next())
            .ok_or("a part of the multipart body has no name")?;
        let value = value.strip_suffix("\r\n").unwrap_or(value);
        found.push((name.to_owned(), value.to_owned()));
    }
    Err("the multipart body does not end".to_owned())
}
