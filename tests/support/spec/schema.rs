//! One value against one schema.

use super::Spec;
use serde_json::Value;

/// The types that a schema allows; none for any.
pub fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is of a type.
pub fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        _ => true,
    }
}

impl Spec {
    /// Follows `$ref` to its end.
    pub fn deref<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        for _ in 0..32 {
            let Some(to) = schema["$ref"].as_str() else {
                return schema;
            };
            let pointer = to.trim_start_matches('#');
            schema = self
                .root
                .pointer(pointer)
                .unwrap_or_else(|| panic!("the description names {to}, which it does not have"));
        }
        panic!("a $ref that leads to itself")
    }

    /// Writes down all that is wrong with `value`, which stands at `place`.
    pub fn value(&self, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
        let schema = self.deref(schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| is(value, name)) {
            wrong.push(format!("{place} is not of type {}", types.join(" or ")));
            return;
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(value)
        {
            wrong.push(format!("{place} is none of the values that are described"));
        }
        if let Some(only) = schema.get("const")
            && only != value
        {
            wrong.push(format!("{place} is not {only}"));
        }
        let length = value.as_str().map(|text| text.chars().count() as u64);
        for (count, low, high) in [
            (length, "minLength", "maxLength"),
            (
                value.as_array().map(|list| list.len() as u64),
                "minItems",
                "maxItems",
            ),
        ] {
            let Some(count) = count else { continue };
            if schema[low].as_u64().is_some_and(|low| count < low)
                || schema[high].as_u64().is_some_and(|high| count > high)
            {
                wrong.push(format!("{place} has a length of {count}"));
            }
        }
        if let Some(number) = value.as_f64()
            && (schema["minimum"].as_f64().is_some_and(|low| number < low)
                || schema["maximum"].as_f64().is_some_and(|high| number > high))
        {
            wrong.push(format!("{place} is out of its range"));
        }
        self.alternatives(schema, value, place, wrong);
        if let Some(items) = value.as_array()
            && schema["items"].is_object()
        {
            for (index, item) in items.iter().enumerate() {
                self.value(&schema["items"], item, &format!("{place}[{index}]"), wrong);
            }
        }
        self.fields(schema, value, place, wrong);
    }

    fn alternatives(&self, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
        for all in schema["allOf"].as_array().into_iter().flatten() {
            self.value(all, value, place, wrong);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(list) = schema[key].as_array() else {
                continue;
            };
            let fits = |one: &Value| {
                let mut found = Vec::new();
                self.value(one, value, place, &mut found);
                found.is_empty()
            };
            // Vendors' `oneOf` are often not exclusive; one that fits is enough.
            if !list.iter().any(fits) {
                wrong.push(format!("{place} fits none of {} descriptions", list.len()));
            }
        }
    }

    fn fields(&self, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
        let Some(fields) = value.as_object() else {
            return;
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            if !fields.contains_key(name) {
                wrong.push(format!("{place} lacks `{name}`"));
            }
        }
        for (name, field) in fields {
            let inner = format!("{place}.{name}");
            match (
                schema["properties"].get(name),
                &schema["additionalProperties"],
            ) {
                (Some(of), _) => self.value(of, field, &inner, wrong),
                (None, Value::Bool(false)) => {
                    wrong.push(format!(
                        "{place} has `{name}`, which the description does not know"
                    ));
                }
                (None, more) if more.is_object() => self.value(more, field, &inner, wrong),
                (None, _) => {}
            }
        }
    }
}
