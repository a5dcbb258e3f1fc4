//! What is kept: syncs by revision, pages by time, and what we send.

use super::{Asked, Kept, NUMBER, iso, millis, now, refusal, when};
use serde_json::{Value, json};

impl Kept {
    fn records(&self, messages: bool) -> Vec<(u64, Value)> {
        if messages {
            self.messages.values().cloned().collect()
        } else {
            self.calls.clone()
        }
    }

    pub(super) fn sync(&self, query: &[(String, String)], messages: bool) -> (u16, Value) {
        let word = |key: &str| {
            query
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        let mut records = self.records(messages);
        let mut older = false;
        if word("syncType") == Some("ISync") {
            let token = word("syncToken").and_then(|token| token.strip_prefix("rev-"));
            let Some(seen) = token.and_then(|token| token.parse::<u64>().ok()) else {
                return refusal(400, "CMN-101", "Parameter [syncToken] value is invalid");
            };
            if seen < self.forgotten {
                let code = if messages { "MSG-333" } else { "CLG-104" };
                return refusal(400, code, "Parameter [syncToken] is too old");
            }
            records.retain(|(revision, _)| *revision > seen);
        } else {
            let from = word("dateFrom").and_then(millis).unwrap_or(0);
            let count: usize = word("recordCount").unwrap_or("100").parse().unwrap();
            records.retain(|(_, record)| when(record) >= from);
            records.sort_by_key(|(_, record)| std::cmp::Reverse(when(record)));
            older = records.len() > count;
            records.truncate(count);
            if word("statusGroup") == Some("Missed") {
                records.retain(|(_, record)| record["result"] == "Missed");
            }
        }
        let records: Vec<Value> = records
            .into_iter()
            .map(|(_, record)| match record["availability"].as_str() {
                Some(gone @ ("Deleted" | "Purged")) => {
                    json!({ "id": record["id"], "availability": gone })
                }
                _ => record,
            })
            .collect();
        let mut info = json!({
            "syncType": word("syncType"), "syncToken": format!("rev-{}", self.revision), "syncTime": iso(now()),
        });
        if messages && word("syncType") == Some("FSync") {
            info["olderRecordsExist"] = older.into();
        }
        (
            200,
            json!({ "uri": "u", "records": records, "syncInfo": info }),
        )
    }

    pub(super) fn page(&self, query: &[(String, String)], messages: bool) -> Value {
        let word = |key: &str| {
            query
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        let number = |key: &str, or: usize| word(key).map_or(or, |value| value.parse().unwrap());
        let mut records: Vec<Value> = self
            .records(messages)
            .into_iter()
            .map(|(_, record)| record)
            .collect();
        let from = word("dateFrom").and_then(millis).unwrap_or(0);
        let to = word("dateTo").and_then(millis).unwrap_or(i64::MAX);
        records.retain(|record| (from..=to).contains(&when(record)));
        let wanted: Vec<&str> = query
            .iter()
            .filter(|(name, _)| name == "availability")
            .map(|(_, value)| value.as_str())
            .collect();
        records.retain(|record| match record["availability"].as_str() {
            Some(gone @ ("Deleted" | "Purged")) => wanted.contains(&gone),
            _ => true,
        });
        if let Some(direction) = word("direction") {
            records.retain(|record| record["direction"] == direction);
        }
        if let Some(kind) = word("messageType") {
            records.retain(|record| record["type"] == kind);
        }
        if let Some(phone) = word("phoneNumber") {
            records.retain(|record| {
                record["to"].to_string().contains(phone)
                    || record["from"].to_string().contains(phone)
            });
        }
        records.sort_by_key(|record| std::cmp::Reverse(when(record)));
        let (page, per) = (number("page", 1), number("perPage", 100));
        let (total, pages) = (records.len(), records.len().div_ceil(per));
        let shown: Vec<Value> = records
            .into_iter()
            .skip((page - 1) * per)
            .take(per)
            .collect();
        json!({ "records": shown, "navigation": {},
            "paging": { "page": page, "perPage": per, "totalPages": pages, "totalElements": total } })
    }

    pub(super) fn send(&mut self, asked: &Asked, body: &Value) -> (u16, Value, Option<i64>) {
        let mut files = 0;
        let body = if asked.content_type.starts_with("multipart/") {
            let text = String::from_utf8_lossy(&asked.body).into_owned();
            files = text.matches("name=\"attachment\"").count();
            let start = text.find("\r\n\r\n{").unwrap() + 4;
            let end = text[start..].find("\r\n--").unwrap();
            serde_json::from_str(&text[start..start + end]).unwrap()
        } else {
            body.clone()
        };
        if body["from"]["phoneNumber"] != NUMBER {
            let (status, said) =
                refusal(400, "MSG-304", "Phone number doesn't belong to extension");
            return (status, said, None);
        }
        self.last_id += 1;
        self.revision += 1;
        let (id, revision) = (self.last_id, self.revision);
        let attached: Vec<Value> = (1..=files)
            .map(|number| json!({ "id": number, "type": "MmsAttachment", "contentType": "image/png" }))
            .collect();
        let record = json!({
            "id": id, "type": "SMS", "direction": "Outbound", "readStatus": "Read", "availability": "Alive",
            "messageStatus": "Queued", "from": body["from"], "to": body["to"], "subject": body["text"],
            "creationTime": iso(now()), "lastModifiedTime": iso(now()), "attachments": attached,
            "conversationId": 77, "conversation": { "id": "77" },
        });
        self.messages.insert(id, (revision, record.clone()));
        self.sent.push(record.clone());
        (200, record, Some(id))
    }
}
