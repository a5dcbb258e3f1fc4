//! `[desk]` and `[[roster]]`: each table, macro, rule and person on its own, so that one slip costs just that one.

use super::load::{Value, name_is_fine, read, unknown_key};
use super::problem::Level;
use super::settings::Config;
use super::source::Source;
use crate::desk::hours::BusinessHours;
use crate::desk::roster::{self, RosterEntry};
use crate::desk::settings::HoursSettings;
use toml::de::DeValue;

/// Every key of `[desk]`.
pub(super) const DESK_KEYS: [&str; 6] = ["hours", "sla", "hold", "snooze", "macros", "rules"];

pub(super) fn read_desk(value: Value<'_>, config: &mut Config, source: &mut Source<'_>) {
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else {
        source.note(
            Level::Error,
            span,
            "`desk` is a table",
            Some("write [desk.hours], [desk.sla], … and their keys below".to_owned()),
            Some("[desk]".to_owned()),
        );
        return;
    };
    let desk = &mut config.desk;
    for (key, value) in table {
        let span = key.span();
        match &*key.into_inner() {
            "hours" => {
                if let Some(hours) = read_hours(value, config.timezone.clone(), source) {
                    desk.hours = hours;
                }
            }
            "sla" => desk.sla = read(value, source, "[desk.sla]").unwrap_or_default(),
            "hold" => desk.hold = read(value, source, "[desk.hold]").unwrap_or_default(),
            "snooze" => desk.snooze = read(value, source, "[desk.snooze]").unwrap_or_default(),
            "macros" => {
                let DeValue::Table(macros) = value.into_inner() else {
                    source.note(
                        Level::Error,
                        span,
                        "`macros` is a table",
                        Some("write [desk.macros.NAME] with its `steps`".to_owned()),
                        Some("the macros".to_owned()),
                    );
                    continue;
                };
                for (name, value) in macros {
                    let name = name.into_inner().into_owned();
                    if let Some(read) = read(value, source, &format!("the macro {name}")) {
                        desk.macros.insert(name, read);
                    }
                }
            }
            "rules" => {
                desk.rules = each(value, source, "[[desk.rules]]", "the rule");
            }
            unknown => unknown_key(unknown, span, &DESK_KEYS, source, None),
        }
    }
}

fn read_hours(
    value: Value<'_>,
    zone: jiff::tz::TimeZone,
    source: &mut Source<'_>,
) -> Option<HoursSettings> {
    let span = value.span();
    let hours: HoursSettings = read(value, source, "[desk.hours]")?;
    match BusinessHours::new(&hours, zone) {
        Ok(_) => Some(hours),
        Err(error) => {
            let part = Some("[desk.hours]".to_owned());
            source.note(Level::Error, span, error.to_string(), None, part);
            None
        }
    }
}

pub(super) fn read_roster(value: Value<'_>, config: &mut Config, source: &mut Source<'_>) {
    for item in items_of(value, source, "[[roster]]") {
        let span = item.span();
        let Some(entry) = read::<RosterEntry>(item, source, "this person of the roster") else {
            continue;
        };
        let part = Some(format!("{} of the roster", entry.name));
        let alone = std::slice::from_ref(&entry);
        if !name_is_fine(&entry.name) {
            let what = format!("`{}` cannot be a name", entry.name);
            let help = Some(super::load::NAME_HELP.to_owned());
            source.note(Level::Error, span, what, help, part);
        } else if config.roster.iter().any(|other| other.name == entry.name) {
            let what = format!("the roster has `{}` already", entry.name);
            source.note(Level::Error, span, what, None, part);
        } else if let Err(error) = roster::people(alone, &config.timezone) {
            source.note(Level::Error, span, error.to_string(), None, part);
        } else {
            config.roster.push(entry);
        }
    }
}

fn each<T: serde::de::DeserializeOwned>(
    value: Value<'_>,
    source: &mut Source<'_>,
    header: &str,
    part: &str,
) -> Vec<T> {
    items_of(value, source, header)
        .into_iter()
        .enumerate()
        .filter_map(|(index, item)| read(item, source, &format!("{part} {}", index + 1)))
        .collect()
}

fn items_of<'i>(value: Value<'i>, source: &mut Source<'_>, header: &str) -> Vec<Value<'i>> {
    let span = value.span();
    if let DeValue::Array(items) = value.into_inner() {
        return items.into_iter().collect();
    }
    source.note(
        Level::Error,
        span,
        "this is a list of tables",
        Some(format!("write {header} once for each")),
        Some(header.to_owned()),
    );
    Vec::new()
}
