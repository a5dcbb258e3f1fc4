//! `roster`: who can be paged, and who of the accounts' telephone systems could be.

use super::context::{Context, run_async};
use super::failure::Done;
use super::providers;
use crate::config::name_is_fine;
use crate::desk::roster::RosterEntry;
use crate::providers::Colleague;
use crate::text::sanitize_line;
use clap::Args;
use std::fmt::Write;

/// Which accounts.
#[derive(Debug, Args)]
pub struct RosterArgs {
    /// Also list the people whom these accounts know; all accounts in use if none is named.
    #[arg(value_name = "ACCOUNT", num_args = 0.., long = "people")]
    pub people: Option<Vec<String>>,
}

pub fn run(args: &RosterArgs, context: &mut Context) -> Done {
    context.say_problems();
    let roster = context.config.roster.clone();
    for entry in &roster {
        context
            .out
            .value(&serde_json::json!({ "on_the_roster": entry }))?;
        let ways = [&entry.email, &entry.phone];
        let ways: Vec<&str> = ways.into_iter().flatten().map(String::as_str).collect();
        context
            .out
            .line(&format!("{}  {}", entry.name, ways.join(", ")))?;
    }
    if roster.is_empty() {
        context.out.line(
            "nobody is on the roster; `frontdesk roster --people` lists whom your accounts know",
        )?;
    }
    let Some(names) = &args.people else {
        return Ok(());
    };
    super::unlock::before_use(context)?;
    for (account, provider) in providers::chosen(names, context)? {
        let told = run_async(async { Ok(provider.people().await) })?;
        let people = match told {
            Ok(people) => people,
            Err(error) => {
                let says = sanitize_line(&error.to_string()).text;
                context
                    .out
                    .value(&serde_json::json!({ "account": account, "not_listed": says }))?;
                context.out.line(&format!(
                    "{account}: its people cannot be listed: {says}; the login may lack the permission to read accounts"
                ))?;
                continue;
            }
        };
        for colleague in people.iter().map(clean) {
            let known = roster.iter().any(|entry| is(entry, &colleague));
            context.out.value(&serde_json::json!({
                "account": account, "person": colleague, "on_the_roster": known,
            }))?;
            if !known {
                context
                    .out
                    .line(&format!("\n# {account}: not on the roster"))?;
                context.out.block(&entry(&colleague))?;
            }
        }
    }
    Ok(())
}

/// Fit to be shown and written.
fn clean(raw: &Colleague) -> Colleague {
    let line = |text: &String| sanitize_line(text).text;
    Colleague {
        name: line(&raw.name),
        extension: raw.extension.as_ref().map(line),
        number: raw.number.as_ref().map(line),
        email: raw.email.as_ref().map(line),
    }
}

/// It is the same person: by mail, number or extension.
fn is(entry: &RosterEntry, colleague: &Colleague) -> bool {
    let mail = entry.email.as_ref().zip(colleague.email.as_ref());
    let phone = entry.phone.as_ref();
    mail.is_some_and(|(own, theirs)| own.eq_ignore_ascii_case(theirs))
        || phone.is_some_and(|phone| {
            [&colleague.number, &colleague.extension]
                .into_iter()
                .flatten()
                .any(|theirs| theirs == phone)
        })
}

/// A `[[roster]]` entry, ready to paste.
fn entry(colleague: &Colleague) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let name: String = colleague
        .name
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-");
    let name: String = name
        .chars()
        .filter(|c| name_is_fine(&c.to_string()))
        .take(40)
        .collect();
    let mut text = format!(
        "[[roster]]\nname = {}\ntitle = {}\n",
        quoted(if name.is_empty() { "somebody" } else { &name }),
        quoted(&colleague.name)
    );
    if let Some(email) = &colleague.email {
        let _ = writeln!(text, "email = {}", quoted(email));
    }
    if let Some(phone) = colleague.extension.as_ref().or(colleague.number.as_ref()) {
        let _ = writeln!(text, "phone = {}", quoted(phone));
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_can_be_read_whoever_it_is() {
        for (name, expected) in [
            ("Omar Haddad", "omar-haddad"),
            ("x\"\nadmin = true\n[[roster]]", "xadmin"),
            ("👻", "somebody"),
        ] {
            let raw = Colleague {
                name: name.to_owned(),
                extension: Some("102".to_owned()),
                number: None,
                email: Some("o\"@example.com".to_owned()),
            };
            let written = entry(&clean(&raw));
            let table: toml::Table = written.parse().unwrap();
            let list = table["roster"].as_array().unwrap();
            let one: RosterEntry = list[0].clone().try_into().unwrap();
            assert!(one.name.starts_with(expected), "{written}");
            assert!(name_is_fine(&one.name), "{written}");
            assert_eq!((list.len(), one.phone.as_deref()), (1, Some("102")));
            assert!(is(&one, &clean(&raw)));
        }
    }
}
