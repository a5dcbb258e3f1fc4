//! `roster`: who can be paged, and who of the accounts' telephone systems could be.

use super::context::{Context, run_async};
use super::failure::Done;
use super::providers;
use crate::providers::Colleague;
use crate::runtime::colleagues::{self, is};
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

/// A `[[roster]]` entry, ready to paste.
fn entry(colleague: &Colleague) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let entry = colleagues::entry(colleague);
    let mut text = format!("[[roster]]\nname = {}\n", quoted(&entry.name));
    let more = [
        ("title", &entry.title),
        ("email", &entry.email),
        ("phone", &entry.phone),
    ];
    for (key, value) in more {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::name_is_fine;
    use crate::desk::RosterEntry;

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
