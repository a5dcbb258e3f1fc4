//! A login for a new account: which service, by which program's id, asked at the terminal.

use super::context::Context;
use super::failure::{Done, Failure};
use super::prompt;
use crate::runtime::new_account::{ClientSecret, NewLogin, place_of};
use crate::secrets::oauth::Preset;
use std::io::IsTerminal;

/// By the words of `account add`: a login of the configuration by its name, or a service with a program's id.
pub fn given(
    account: &str,
    word: &str,
    client_id: Option<&str>,
    client_secret: Option<&str>,
    context: &Context,
) -> Done<NewLogin> {
    if let Some(settings) = context.config.logins.get(word) {
        return Ok(NewLogin::known(word, settings));
    }
    let Some(preset) = Preset::named(word) else {
        return Err(Failure::Usage(format!(
            "`{word}` is neither google nor microsoft nor a table [logins.{word}]"
        )));
    };
    let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let client_id = match client_id {
        Some(id) => id.to_owned(),
        None if asks => return asked(account, preset),
        None => {
            return Err(Failure::Usage(
                "the program's id is missing; add --client-id ID".to_owned(),
            ));
        }
    };
    let secret = match client_secret {
        Some(place) => ClientSecret::Kept(place_of("client_secret", place)?),
        None if preset.wants_secret => {
            return Err(Failure::Usage(
                "the program's secret is missing; add --client-secret env:NAME".to_owned(),
            ));
        }
        None => ClientSecret::None,
    };
    Ok(NewLogin::fresh(account, preset, client_id, secret))
}

/// By what a person answers, who is told what to click before.
pub fn asked(account: &str, preset: &'static Preset) -> Done<NewLogin> {
    prompt::say("frontdesk has no id of its own at this service; register one, once:")?;
    for (number, step) in preset.steps.iter().enumerate() {
        prompt::say(&format!("{}. {step}", number + 1))?;
    }
    let client_id = prompt::until("Client id", "", |text| {
        let fine = !text.is_empty() && !text.contains(char::is_whitespace);
        fine.then(|| text.to_owned())
            .ok_or_else(|| "a client id has no spaces".to_owned())
    })?;
    let secret = if preset.wants_secret {
        ClientSecret::Typed(prompt::hidden("Client secret")?)
    } else {
        ClientSecret::None
    };
    Ok(NewLogin::fresh(account, preset, client_id, secret))
}
