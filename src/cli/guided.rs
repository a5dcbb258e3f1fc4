//! Accounts that are set up step by step from their provider's guide: what to click, what to copy, tested, then saved.

use super::account::{AddArgs, print};
use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::new_account::probe;
use super::{prompt, providers, unlock};
use crate::config::{edit, load_text};
use crate::providers::guide::{Field, Guide, Kind};
use crate::providers::{meta, ringcentral, telegram, twilio};
use crate::secrets::{ExposeSecret, SecretRef, SecretString};
use clap::builder::PossibleValuesParser;
use std::io::IsTerminal;
use toml_edit::{Array, Item, Table, Value, value};

/// Every guide there is.
const GUIDES: [&Guide; 6] = [
    &meta::whatsapp::guide::GUIDE,
    &telegram::guide::GUIDE,
    &ringcentral::guide::GUIDE,
    &twilio::guide::GUIDE,
    &meta::page::guide::MESSENGER,
    &meta::page::guide::INSTAGRAM,
];

/// The words for `--provider`.
pub fn names() -> PossibleValuesParser {
    let guided = GUIDES.iter().map(|guide| guide.provider);
    std::iter::once("email")
        .chain(guided)
        .collect::<Vec<_>>()
        .into()
}

/// The guide of a provider; mail has its own questions.
pub fn guide(provider: &str) -> Option<&'static Guide> {
    GUIDES.into_iter().find(|guide| guide.provider == provider)
}

/// One answer, and where a secret will be.
enum Answer {
    Plain(Value),
    Kept(SecretRef),
    Typed(SecretString),
}

/// Asks, tests and saves.
pub fn add(guide: &Guide, args: &AddArgs, context: &mut Context) -> Done {
    if context
        .config
        .accounts
        .iter()
        .any(|account| account.id.as_str() == args.name)
    {
        return Err(edit::EditError::Exists(args.name.clone()).into());
    }
    let answers = answers(guide, args)?;
    if !args.no_test {
        let health = run_async(tested(guide, &args.name, &answers, context))?;
        print(&args.name, &health, context)?;
        if !health.ok() {
            return Err(Failure::refused(
                "not saved, because the test failed; mend it, or add --no-test",
            ));
        }
    }
    let table = table(guide, &args.name, &answers, false);
    read_back(&args.name, table.clone(), context)?;
    if answers.iter().any(|(_, a)| matches!(a, Answer::Typed(_))) {
        unlock::before_writing(context)?;
    }
    for (field, answer) in &answers {
        if let Answer::Typed(secret) = answer {
            let entry = entry_name(&args.name, field);
            run_async(async { Ok(context.vault.put(&entry, secret).await?) })?;
        }
    }
    edit::add_account(&context.file, &args.name, table)?;
    context
        .out
        .value(&serde_json::json!({ "added": args.name, "provider": guide.provider }))?;
    let file = context.file.display().to_string();
    context
        .out
        .line(&format!("{} is saved in {file}", args.name))?;
    let url = context.config.listen.route(&args.name);
    for step in guide.after {
        context
            .out
            .line(&format!("next: {}", step.replace("{url}", &url)))?;
    }
    Ok(())
}

/// The answers given as options, then those of the person at the terminal.
fn answers(guide: &Guide, args: &AddArgs) -> Done<Vec<(Field, Answer)>> {
    let given = pairs(&args.answers)?;
    let places = pairs(&args.secrets)?;
    for (key, _) in given.iter().chain(&places) {
        if !guide.fields.iter().any(|field| field.key == *key) {
            let known: Vec<&str> = guide.fields.iter().map(|field| field.key).collect();
            return Err(Failure::Usage(format!(
                "{} has no `{key}`; there is {}",
                guide.provider,
                known.join(", ")
            )));
        }
    }
    let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let missing = |field: &&Field| {
        !given
            .iter()
            .chain(&places)
            .any(|(key, _)| *key == field.key)
    };
    if asks && guide.fields.iter().any(|field| missing(&field)) {
        prompt::say(guide.title)?;
        for (number, step) in guide.steps.iter().enumerate() {
            prompt::say(&format!("{}. {step}", number + 1))?;
        }
    }
    let mut answers = Vec::new();
    for field in guide.fields {
        let find = |list: &[(&str, &str)]| {
            let found = list.iter().find(|(key, _)| *key == field.key);
            found.map(|(_, value)| (*value).to_owned())
        };
        let answer = match (find(&given), find(&places)) {
            (_, Some(place)) => Answer::Kept(place_of(field.key, &place)?),
            (Some(_), None) if field.kind == Kind::Secret => {
                return Err(Failure::Usage(format!(
                    "`{0}` is a secret and would be seen by others; say --secret {0}=env:NAME",
                    field.key
                )));
            }
            (Some(text), None) => {
                field
                    .check(&text)
                    .map_err(|why| Failure::Usage(format!("{}: {why}", field.key)))?;
                Answer::Plain(as_toml(field, &text))
            }
            (None, None) if asks => match asked(field)? {
                Some(answer) => answer,
                None => continue,
            },
            (None, None) if field.optional => continue,
            (None, None) => {
                let how = match field.kind {
                    Kind::Secret => "--secret KEY=env:NAME",
                    _ => "--set KEY=VALUE",
                };
                let how = how.replace("KEY", field.key);
                return Err(Failure::Usage(format!(
                    "{} is missing; add {how}",
                    field.ask
                )));
            }
        };
        answers.push((*field, answer));
    }
    Ok(answers)
}

fn asked(field: &Field) -> Done<Option<Answer>> {
    let question = if field.optional {
        format!("{} (may be empty)", field.ask)
    } else {
        field.ask.to_owned()
    };
    if field.kind == Kind::Secret && !field.optional {
        loop {
            let secret = prompt::hidden(&question)?;
            match field.check(secret.expose_secret()) {
                Ok(()) => return Ok(Some(Answer::Typed(secret))),
                Err(why) => prompt::say(&why)?,
            }
        }
    }
    let text = prompt::until(&question, "", |answer| {
        field.check(answer).map(|()| answer.to_owned())
    })?;
    Ok((!text.is_empty()).then(|| match field.kind {
        Kind::Secret => Answer::Typed(SecretString::from(text)),
        _ => Answer::Plain(as_toml(field, &text)),
    }))
}

fn as_toml(field: &Field, text: &str) -> Value {
    match field.kind {
        Kind::Phones => Value::Array(text.split(',').map(str::trim).collect::<Array>()),
        _ => text.into(),
    }
}

fn pairs(list: &[String]) -> Done<Vec<(&str, &str)>> {
    list.iter()
        .map(|pair| {
            pair.split_once('=')
                .ok_or_else(|| Failure::Usage("write KEY=VALUE".to_owned()))
        })
        .collect()
}

/// Where a secret is, as it is written on the command line.
pub fn place_of(key: &str, place: &str) -> Done<SecretRef> {
    let wrong = || {
        Failure::Usage(format!(
            "{key}: say where it is, as vault:NAME, env:NAME, file:PATH or command:WORDS"
        ))
    };
    match place.split_once(':').ok_or_else(wrong)? {
        ("vault", name) if !name.is_empty() => Ok(SecretRef::Vault(name.to_owned())),
        ("env", name) if !name.is_empty() => Ok(SecretRef::Env(name.to_owned())),
        ("file", path) if !path.is_empty() => Ok(SecretRef::File(path.into())),
        ("command", words) => Ok(SecretRef::Command(
            crate::term::split(words).map_err(|error| Failure::Usage(error.to_string()))?,
        )),
        _ => Err(wrong()),
    }
}

fn entry_name(account: &str, field: &Field) -> String {
    format!("{account}-{}", field.key)
}

/// The account's table; with `typed`, secrets stand in it, for the test before saving.
fn table(guide: &Guide, name: &str, answers: &[(Field, Answer)], typed: bool) -> Table {
    let mut table = Table::new();
    table["provider"] = value(guide.provider);
    for (field, answer) in answers {
        let written = match answer {
            Answer::Plain(answer) => answer.clone(),
            Answer::Kept(place) => place.to_toml(),
            Answer::Typed(secret) if typed => SecretRef::Plain(secret.clone()).to_toml(),
            Answer::Typed(_) => SecretRef::Vault(entry_name(name, field)).to_toml(),
        };
        table[field.key] = Item::Value(written);
    }
    table
}

/// Reads the table as the program will.
fn read_back(name: &str, own: Table, context: &Context) -> Done<crate::config::Account> {
    let mut accounts = Table::new();
    accounts.set_implicit(true);
    accounts[name] = Item::Table(own);
    let mut document = toml_edit::DocumentMut::new();
    document["accounts"] = Item::Table(accounts);
    let (config, problems) = load_text(&document.to_string(), &context.file, &context.paths);
    match (config.accounts.into_iter().next(), problems.first()) {
        (Some(account), _) => Ok(account),
        (None, Some(problem)) => Err(Failure::Usage(problem.what.clone())),
        (None, None) => Err(Failure::Usage("the account is incomplete".to_owned())),
    }
}

async fn tested(
    guide: &Guide,
    name: &str,
    answers: &[(Field, Answer)],
    context: &Context,
) -> Done<crate::providers::Health> {
    let account = read_back(name, table(guide, name, answers, true), context)?;
    probe(providers::of(&account).as_ref()).await
}
