//! Judges requests by a vendor's own OpenAPI description, which lies outside the repository.
//!
//! ```ignore
//! let Some(spec) = Spec::load("twilio_api_v2010.json", "twilio_requests") else { return };
//! let wrong: Vec<String> = recorded.iter().filter_map(|r| spec.judge(r).err()).collect();
//! assert!(wrong.is_empty(), "{}", wrong.join("\n"));
//! ```
//!
//! The folder is named by `FRONTDESK_SPECS`; without it `load` says `left out: NAME (needs FRONTDESK_SPECS…)` and gives
//! `None`. A [`Request`] has method, path with query, content type and body; JSON, forms (`a[b]=c` too) and multipart
//! bodies are read. Checked: the operation exists, needed query and body fields are there, nothing unknown where the
//! description closes the door, types, enums, lengths, `anyOf`/`oneOf`/`allOf`, `$ref`, `nullable` (3.0) and type lists (3.1).

mod body;
mod schema;

use serde_json::{Map, Value};
use std::path::PathBuf;

/// A request as it was recorded.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// With the query, as it stood in the request line.
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// A vendor's description.
pub struct Spec {
    root: Value,
}

impl Spec {
    /// The description in `file`, or `None` with a word about the suite that is left out.
    pub fn load(file: &str, suite: &str) -> Option<Self> {
        let Some(folder) = std::env::var_os("FRONTDESK_SPECS") else {
            crate::support::left_out(
                suite,
                "needs FRONTDESK_SPECS, the folder with vendors' OpenAPI descriptions",
            );
            return None;
        };
        let path = PathBuf::from(folder).join(file);
        let text =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let root = serde_json::from_slice(&text).unwrap();
        Some(Self { root })
    }

    /// For descriptions that stand in a test.
    pub fn new(root: Value) -> Self {
        Self { root }
    }

    /// Whether the vendor's description allows it; else a sentence with the place.
    pub fn judge(&self, request: &Request) -> Result<(), String> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let at = format!("{} {path}", request.method);
        let (item, named) = self
            .item(path, &request.method)
            .ok_or_else(|| format!("{at}: the description has no such operation"))?;
        let operation = &item[request.method.to_lowercase().as_str()];
        let mut parameters: Vec<&Value> = Vec::new();
        for list in [&operation["parameters"], &item["parameters"]] {
            for parameter in list.as_array().into_iter().flatten() {
                let parameter = self.deref(parameter);
                let twice = parameters
                    .iter()
                    .any(|one| one["name"] == parameter["name"] && one["in"] == parameter["in"]);
                if !twice {
                    parameters.push(parameter);
                }
            }
        }
        let mut wrong = Vec::new();
        let pairs = body::pairs(query);
        for (name, value) in &named {
            if let Some(schema) = schema_of(&parameters, "path", name) {
                self.value(schema, &self.coerced(schema, value), name, &mut wrong);
            }
        }
        for (name, value) in &pairs {
            match schema_of(&parameters, "query", name) {
                Some(schema) => self.value(schema, &self.coerced(schema, value), name, &mut wrong),
                None => wrong.push(format!(
                    "the query has `{name}`, which the description does not know"
                )),
            }
        }
        for parameter in &parameters {
            let name = parameter["name"].as_str().unwrap_or_default();
            let needed = parameter["in"] == "query" && parameter["required"] == true;
            if needed && !pairs.iter().any(|(key, _)| key == name) {
                wrong.push(format!("the query lacks `{name}`"));
            }
        }
        self.body(self.deref(&operation["requestBody"]), request, &mut wrong);
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("{at}: {}", wrong.join("; ")))
        }
    }

    /// The path's entry with this method, the one with the fewest placeholders first, and what they stand for.
    fn item(&self, path: &str, method: &str) -> Option<(&Value, Vec<(String, String)>)> {
        let paths = self.root["paths"].as_object()?;
        paths
            .iter()
            .filter(|(_, item)| item.get(method.to_lowercase()).is_some())
            .filter_map(|(template, item)| Some((item, fits(template, path)?)))
            .min_by_key(|(_, named)| named.len())
    }

    fn body(&self, described: &Value, request: &Request, wrong: &mut Vec<String>) {
        if request.body.is_empty() {
            if described["required"] == true {
                wrong.push("the body is missing".to_owned());
            }
            return;
        }
        let essence = request
            .content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        let Some(schema) = described["content"]
            .get(essence)
            .map(|media| &media["schema"])
        else {
            wrong.push(format!("the operation takes no body of type `{essence}`"));
            return;
        };
        let value = match essence {
            "application/x-www-form-urlencoded" => {
                let text = String::from_utf8_lossy(&request.body).into_owned();
                self.shaped(schema, &body::nested(&body::pairs(&text)))
            }
            "multipart/form-data" => match body::multipart(&request.content_type, &request.body) {
                Ok(pairs) => self.shaped(schema, &body::nested(&pairs)),
                Err(why) => return wrong.push(why),
            },
            _ => match serde_json::from_slice(&request.body) {
                Ok(value) => value,
                Err(error) => return wrong.push(format!("the body is no JSON: {error}")),
            },
        };
        self.value(schema, &value, "body", wrong);
    }

    /// Texts of a form as the types that are described.
    fn shaped(&self, schema: &Value, value: &Value) -> Value {
        let schema = self.deref(schema);
        match value {
            Value::Object(fields) => {
                let shaped = fields.iter().map(|(key, value)| {
                    let of = &schema["properties"][key];
                    (key.clone(), self.shaped(of, value))
                });
                Value::Object(shaped.collect::<Map<_, _>>())
            }
            Value::Array(items) => {
                if schema::types(schema).contains(&"array") {
                    let items = items.iter();
                    items
                        .map(|item| self.shaped(&schema["items"], item))
                        .collect()
                } else {
                    items
                        .last()
                        .map_or(Value::Null, |item| self.shaped(schema, item))
                }
            }
            Value::String(text) => self.coerced(schema, text),
            other => other.clone(),
        }
    }

    /// A text as what is described, where it can be that.
    fn coerced(&self, schema: &Value, text: &str) -> Value {
        let schema = self.deref(schema);
        let alternatives = ["anyOf", "oneOf", "allOf"]
            .iter()
            .flat_map(|key| schema[*key].as_array().into_iter().flatten());
        for one in alternatives {
            let value = self.coerced(one, text);
            if !value.is_string() {
                return value;
            }
        }
        let types = schema::types(schema);
        let read = || serde_json::from_str::<Value>(text).ok();
        let fits = |value: &Value| types.iter().any(|name| schema::is(value, name));
        let parsed = ["integer", "number", "boolean", "object", "array"]
            .iter()
            .any(|name| types.contains(name));
        match read().filter(|value| parsed && fits(value)) {
            Some(value) => value,
            None if types.contains(&"array") => {
                let items = text
                    .split(',')
                    .map(|one| self.coerced(&schema["items"], one));
                items.collect()
            }
            None => text.into(),
        }
    }
}

fn schema_of<'a>(parameters: &[&'a Value], place: &str, name: &str) -> Option<&'a Value> {
    let found = parameters
        .iter()
        .find(|one| one["in"] == place && one["name"] == name)?;
    Some(&found["schema"])
}

/// What the placeholders of `template` stand for in `path`.
fn fits(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut template, mut path, mut named) = (template, path, Vec::new());
    while let Some(open) = template.find('{') {
        path = path.strip_prefix(&template[..open])?;
        let close = template.find('}')?;
        let name = &template[open + 1..close];
        template = &template[close + 1..];
        let stop = template.split('{').next().unwrap_or_default();
        let end = if stop.is_empty() {
            path.len()
        } else {
            path.find(stop)?
        };
        if end == 0 || path[..end].contains('/') {
            return None;
        }
        named.push((name.to_owned(), body::decoded(&path[..end])));
        path = &path[end..];
    }
    (template == path).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec() -> Spec {
        Spec::new(json!({
            "paths": { "/bot{token}/{method}.json": { "post": {
                "parameters": [{ "in": "query", "name": "page", "required": true, "schema": { "type": "integer" } }],
                "requestBody": { "required": true, "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/Body" } },
                    "application/x-www-form-urlencoded": { "schema": { "$ref": "#/components/schemas/Body" } },
                    "multipart/form-data": { "schema": { "$ref": "#/components/schemas/Body" } },
                } } } } },
            "components": { "schemas": { "Body": {
                "type": "object", "required": ["to"], "additionalProperties": false,
                "properties": {
                    "to": { "anyOf": [{ "type": "integer" }, { "type": "string", "minLength": 2 }] },
                    "mode": { "type": "string", "enum": ["a", "b"], "nullable": true },
                    "list": { "type": "array", "items": { "type": "integer" } },
                } } } },
        }))
    }

    #[test]
    fn what_fits_passes_and_what_does_not_says_where() {
        let (json, form) = ("application/json", "application/x-www-form-urlencoded");
        let table = [
            (
                "/botx/y.json?page=1",
                json,
                r#"{"to":5,"mode":null,"list":[1]}"#,
                "",
            ),
            ("/botx/y.json?page=1", form, "to=ab&list[]=1&list[]=2", ""),
            ("/botx/y.json?page=1", json, r#"{"to":5.5}"#, "body.to"),
            ("/botx/y.json?page=1", json, r#"{"to":"x"}"#, "body.to"),
            ("/botx/y.json?page=1", json, "{}", "lacks `to`"),
            (
                "/botx/y.json?page=1",
                json,
                r#"{"to":5,"more":1}"#,
                "`more`",
            ),
            ("/botx/y.json?page=1", form, "to=5&mode=c", "body.mode"),
            ("/botx/y.json?page=x", json, r#"{"to":5}"#, "page"),
            (
                "/botx/y.json",
                json,
                r#"{"to":5}"#,
                "the query lacks `page`",
            ),
            ("/botx/y.json?page=1&z=1", json, r#"{"to":5}"#, "`z`"),
            ("/botx/y.json?page=1", "text/plain", "x", "text/plain"),
            ("/botx/y.json?page=1", json, "", "the body is missing"),
            ("/botx/y/z.json?page=1", json, "{}", "no such operation"),
            (
                "/botx/y.json?page=1",
                "multipart/form-data; boundary=B",
                "--B\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n5\r\n--B--\r\n",
                "",
            ),
        ];
        for (path, content_type, body, wanted) in table {
            let judged = spec().judge(&Request {
                method: "POST".to_owned(),
                path: path.to_owned(),
                content_type: content_type.to_owned(),
                body: body.as_bytes().to_vec(),
            });
            match (wanted, judged) {
                ("", judged) => assert_eq!(judged, Ok(()), "{path} {body}"),
                (wanted, Err(says)) => assert!(says.contains(wanted), "{says}"),
                (_, Ok(())) => panic!("{path} {body} passed"),
            }
        }
    }
}
