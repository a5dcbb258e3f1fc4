//! Accounts that are set up step by step from their provider's guide: what to click, what to copy, tested, then saved.

use super::account::{AddArgs, print};
use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::new_account::probe_new;
use super::{prompt, providers, unlock};
use crate::providers::guide::{self, Field, Guide, Kind};
use crate::runtime::new_account::{Answer, Guided, place_of};
use crate::secrets::{ExposeSecret, SecretString};
use clap::builder::PossibleValuesParser;
use std::io::IsTerminal;

/// The words for `--provider`.
pub fn names() -> PossibleValuesParser {
    let all = guide::ALL.iter().map(|guide| guide.provider);
    all.collect::<Vec<_>>().into()
}

/// The guide of a provider; mail has its own questions.
pub fn guide(provider: &str) -> Option<&'static Guide> {
    guide::named(provider).filter(|guide| guide.provider != "email")
}

/// Asks, tests and saves.
pub fn add(guide: &'static Guide, args: &AddArgs, context: &mut Context) -> Done {
    let site = context.site();
    site.is_new(&args.name)?;
    let made = Guided::new(guide, &args.name, answers(guide, args)?)?;
    let account = made.account(&site)?;
    if !args.no_test {
        let health = run_async(probe_new(providers::of(&account).as_ref()))?;
        print(&args.name, &health, context)?;
        if !health.ok() {
            return Err(Failure::refused(
                "not saved, because the test failed; mend it, or add --no-test",
            ));
        }
    }
    if made.fills_vault() {
        unlock::before_writing(context)?;
    }
    run_async(async { Ok(made.save(&site).await?) })?;
    context
        .out
        .value(&serde_json::json!({ "added": args.name, "provider": guide.provider }))?;
    let file = context.file.display().to_string();
    context
        .out
        .line(&format!("{} is saved in {file}", args.name))?;
    // Who wants nothing tried now tells the vendor later.
    if !args.no_test
        && let Some(says) = run_async(async { Ok(made.register(&site).await) })?
    {
        context.out.line(&says)?;
    }
    for step in made.after(&site, true) {
        context.out.line(&format!("next: {step}"))?;
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
        !field.more
            && !given
                .iter()
                .chain(&places)
                .any(|(key, _)| *key == field.key)
    };
    if asks && guide.fields.iter().any(|field| missing(&field)) {
        prompt::say(guide.title)?;
        for (number, step) in guide.steps.iter().enumerate() {
            prompt::say(&format!("{}. {step}", number + 1))?;
        }
        let more: Vec<&str> = guide
            .fields
            .iter()
            .filter(|field| field.more)
            .map(|field| field.key)
            .collect();
        if !more.is_empty() {
            let keys = more.join(", ");
            prompt::say(&format!("Not asked, but set by --set or --secret: {keys}"))?;
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
            (Some(_), None) if field.kind.hidden() => {
                return Err(Failure::Usage(format!(
                    "`{0}` is a secret and would be seen by others; say --secret {0}=env:NAME",
                    field.key
                )));
            }
            (Some(text), None) => {
                field
                    .check(&text)
                    .map_err(|why| Failure::Usage(format!("{}: {why}", field.key)))?;
                Answer::plain(field, &text)
            }
            (None, None) if asks && !field.more => match asked(field)? {
                Some(answer) => answer,
                None => continue,
            },
            (None, None) if field.optional || field.kind == Kind::Word => continue,
            (None, None) => {
                let how = match field.kind {
                    Kind::Secret | Kind::Word => "--secret KEY=env:NAME",
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
    if field.kind.hidden() && !field.optional {
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
        Kind::Secret | Kind::Word => Answer::Typed(SecretString::from(text)),
        _ => Answer::plain(field, &text),
    }))
}

fn pairs(list: &[String]) -> Done<Vec<(&str, &str)>> {
    list.iter()
        .map(|pair| {
            pair.split_once('=')
                .ok_or_else(|| Failure::Usage("write KEY=VALUE".to_owned()))
        })
        .collect()
}
